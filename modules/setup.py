"""Gather facts about a host: its distribution, hardware, network, users, and what its owner wrote into facts.d."""

from orchestra.runner.parts.facts.gather import gather, valid_names
from orchestra.runner.parts.facts.source import Source
from orchestra.runner.sdk import Failed, Int, List, Path, Str, option

NAMES = ("ansible.builtin.setup", "ansible.legacy.setup")
PARTS = (
    "facts.source",
    "facts.gather",
    "facts.machine",
    "facts.distribution",
    "facts.software",
    "facts.security",
    "facts.virtual",
    "facts.hardware",
    "facts.devices",
    "facts.mounts",
    "facts.netlink",
    "facts.network",
    "facts.local",
)


class Options:
    gather_subset = option(
        List,
        "Which facts: all, min, hardware, network, virtual, or one of the smaller sets; with ! in front, not those.",
        default=["all"],
        elements=Str,
    )
    gather_timeout = option(Int, "Seconds that a dead file server or name server may take.", default=10)
    filter = option(List, "Return only facts whose names match these shell patterns.", default=[], elements=Str)
    fact_path = option(Path, "The folder with the host's own facts (*.fact).", default="/etc/ansible/facts.d")


EXAMPLES = """
- name: Memory and nothing else
  setup:
    filter: ansible_*_mb

- name: The least, and the network
  setup:
    gather_subset: ['!all', network]
"""

RETURNS = {"ansible_facts": "the facts by name, each with ansible_ in front"}


def plan(options, system):
    source = Source(
        run=system.query,
        environ=system.environ,
        timeout=options.gather_timeout,
        warn=system.warn,
    )
    try:
        facts = gather(source, options.gather_subset, options.filter, options.fact_path)
    except ValueError as error:
        text = "Bad subset '{}' given to Ansible. gather_subset options allowed: all, min, {}"
        raise Failed(text.format(error, ", ".join(valid_names()))) from None
    return {"ansible_facts": facts}
