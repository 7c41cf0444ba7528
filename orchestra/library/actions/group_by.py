"""Put hosts into groups that are named after one of their values, for the rest of the run."""

from orchestra.runner.sdk import List, Str, option

NAMES = ("ansible.builtin.group_by", "ansible.legacy.group_by")
CHECK_MODE = "The groups are made all the same."

EXAMPLES = """
- name: A group for each distribution
  group_by:
    key: os_{{ ansible_distribution }}
    parents: by_os
"""

RETURNS = {"add_group": "the group", "parent_groups": "the groups above it"}


class Options:
    key = option(Str, "The group's name; blanks become dashes.", required=True)
    parents = option(List, "Groups that it is made below.", elements=Str, default=["all"])
