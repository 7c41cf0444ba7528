"""Wait until the host can be reached and runs a module again, after a reboot for instance."""

from orchestra.runner.sdk import Float, option

NAMES = ("ansible.builtin.wait_for_connection", "ansible.legacy.wait_for_connection")
CHECK_MODE = "Nothing is waited for; the task is skipped."

EXAMPLES = """
- name: The machine is back
  wait_for_connection:
    delay: 10
    timeout: 300
"""

RETURNS = {"elapsed": "seconds"}


class Options:
    timeout = option(Float, "Seconds until it counts as failed.", default=600)
    delay = option(Float, "Seconds before the first try.", default=0)
    sleep = option(Float, "Seconds between two tries.", default=1)
    connect_timeout = option(Float, "Seconds for one try.", default=5)
