"""Numbers and texts to show at the end of the run (show_custom_stats)."""

from orchestra.runner.sdk import Bool, Dict, option

NAMES = ("ansible.builtin.set_stats", "ansible.legacy.set_stats")
CHECK_MODE = "They are kept all the same."

EXAMPLES = """
- name: How many packages each host got
  set_stats:
    data:
      upgraded: "{{ result.packages | length }}"
    per_host: true
"""

RETURNS = {"ansible_stats": "data, per_host and aggregate"}


class Options:
    data = option(Dict, "Names and values.", required=True)
    per_host = option(Bool, "Kept for each host rather than for the run.", default=False)
    aggregate = option(Bool, "Add to what is there rather than replace it.", default=True)
