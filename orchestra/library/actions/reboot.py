"""Restart the machine and wait until it is back and takes commands."""

from orchestra.runner.sdk import Int, List, Str, option

NAMES = ("ansible.builtin.reboot", "ansible.legacy.reboot")
CHECK_MODE = "Nothing is restarted; the task counts as changed."

EXAMPLES = """
- name: Start with the new kernel
  reboot:
    reboot_timeout: 900
"""

RETURNS = {"rebooted": "whether it was restarted", "elapsed": "seconds that it took"}


class Options:
    pre_reboot_delay = option(
        Int,
        "Seconds before it goes down; full minutes where shutdown counts so.",
        default=0,
        aliases=("pre_reboot_delay_sec",),
    )
    post_reboot_delay = option(
        Int, "Seconds after which it is first asked.", default=0, aliases=("post_reboot_delay_sec",)
    )
    reboot_timeout = option(
        Int,
        "Seconds for the machine to come back, and as many for test_command.",
        default=600,
        aliases=("reboot_timeout_sec",),
    )
    connect_timeout = option(Int, "Seconds for one try to reach it.", aliases=("connect_timeout_sec",))
    test_command = option(Str, "It is back when this command succeeds.", default="whoami")
    msg = option(Str, "What users who are logged in are told.", default="Reboot initiated by Ansible")
    search_paths = option(
        List,
        "Where on the host the command is looked for.",
        elements=Str,
        default=["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"],
    )
    boot_time_command = option(Str, "Its output is another one after a restart; by default what the kernel says.")
    reboot_command = option(Str, "The command that restarts the machine, with its arguments; by default shutdown.")
