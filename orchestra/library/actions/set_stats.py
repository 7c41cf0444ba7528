"""Numbers and texts to show at the end of the run (show_custom_stats)."""

from orchestra.runner.sdk import Dict, Raw, option

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
    per_host = option(Raw, "Yes: kept for each host rather than for the run. All but a yes is a no.", default=False)
    aggregate = option(Raw, "Yes: added to what is there; no: in its place. All but a yes is a no.", default=True)
