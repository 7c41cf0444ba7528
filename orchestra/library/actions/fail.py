"""Fail with a message, usually under a condition."""

from orchestra.runner.sdk import Str, option

NAMES = ("ansible.builtin.fail", "ansible.legacy.fail")
CHECK_MODE = "It fails all the same."

EXAMPLES = """
- name: Nothing older
  fail:
    msg: "{{ ansible_distribution_version }} is too old for this role"
  when: ansible_distribution_version is version('11', '<')
"""

RETURNS = {"msg": "the message"}


class Options:
    msg = option(Str, "What to say.", default="Failed as requested from task")
