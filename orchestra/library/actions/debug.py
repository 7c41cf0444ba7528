"""Print a message, or the value of a variable or expression."""

from orchestra.runner.sdk import Int, Raw, option

NAMES = ("ansible.builtin.debug", "ansible.legacy.debug")
CHECK_MODE = "It prints all the same."

EXAMPLES = """
- name: Where are we
  debug:
    msg: "{{ inventory_hostname }} runs {{ ansible_distribution }}"

- name: All that the last task answered, at -vv and above
  debug:
    var: answer
    verbosity: 2
"""

RETURNS = {"msg": "the message; with var it stands under the name of what was asked for"}


class Options:
    MUTUALLY_EXCLUSIVE = (("msg", "var"),)
    msg = option(Raw, "A text, or any value. Without msg and var it is Hello world!")
    var = option(Raw, "The name of a variable, or an expression; without braces.")
    verbosity = option(Int, "Print only at so many -v or more.", default=0)
