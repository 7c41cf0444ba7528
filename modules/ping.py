"""Say pong: proof that a host is reached, and can run modules."""

from orchestra.runner.sdk import Failed, Str, option

NAMES = ("ansible.builtin.ping", "ansible.legacy.ping")


class Options:
    data = option(Str, "What to send back; 'crash' fails on purpose.", default="pong")


EXAMPLES = """
- name: See whether every host answers
  ping:
"""

RETURNS = {"ping": "the data that was given"}


def plan(options, system):
    if options.data == "crash":
        raise Failed("Task failed: Module failed: boom")
    return {"ping": options.data}
