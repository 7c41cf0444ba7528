"""A word to the engine itself.

flush_handlers runs what was notified so far; clear_facts forgets a host's facts; clear_host_errors takes failed hosts
back in; end_play, end_batch, end_host and end_role stop early, without a failure; refresh_inventory reads the inventory
anew; reset_connection closes a host's connection, so that the next task logs in again; noop does nothing.
"""

from orchestra.runner.sdk import Str, option

NAMES = ("ansible.builtin.meta", "ansible.legacy.meta")
FREE_FORM = "free_form"
CHECK_MODE = "It does what it says all the same."

EXAMPLES = """
- name: What changed so far takes effect before we look
  meta: flush_handlers

- name: Nothing to do on machines without a disk of their own
  meta: end_host
  when: data_disk is undefined
"""


class Options:
    free_form = option(
        Str,
        "The word.",
        required=True,
        choices=(
            "flush_handlers",
            "clear_facts",
            "clear_host_errors",
            "end_batch",
            "end_host",
            "end_play",
            "end_role",
            "noop",
            "refresh_inventory",
            "reset_connection",
        ),
        aliases=("_raw_params",),
    )
