"""Wait until the host can be reached and runs a module again, after a reboot for instance.

The controller does the waiting: it connects anew until this module answers.
"""

from orchestra.runner.sdk import Int, option

NAMES = ("ansible.builtin.wait_for_connection", "ansible.legacy.wait_for_connection")

EXAMPLES = """
- name: The machine is back
  wait_for_connection:
    delay: 10
    timeout: 300
"""

RETURNS = {"elapsed": "seconds"}


class Options:
    timeout = option(Int, "Seconds until it counts as failed.", default=600)
    delay = option(Int, "Seconds before the first try.", default=0)
    sleep = option(Int, "Seconds between two tries.", default=1)
    connect_timeout = option(Int, "Seconds for one try.", default=5)


def plan(options, system):
    return {"elapsed": 0}
