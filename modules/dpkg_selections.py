"""Put packages on hold, and take them off it."""

from orchestra.runner.parts.dpkg import Dpkg
from orchestra.runner.parts.selections import SetSelection
from orchestra.runner.sdk import Failed, Str, option

NAMES = ("ansible.builtin.dpkg_selections", "ansible.legacy.dpkg_selections")
PARTS = ("dpkg", "selections")


class Options:
    name = option(Str, "The package.", required=True)
    selection = option(
        Str, "What dpkg is to do with it.", required=True, choices=("install", "hold", "deinstall", "purge")
    )


EXAMPLES = """
- name: Kubernetes is upgraded by hand only
  dpkg_selections:
    name: kubelet
    selection: hold
"""

RETURNS = {"before": "the selection before", "after": "the selection now"}


def plan(options, system):
    before = Dpkg(system).selection(options.name)
    if before is None:
        system.missed = True
        raise Failed("Failed to find package '{}' to perform selection '{}'.".format(options.name, options.selection))
    if before != options.selection:
        yield SetSelection(options.name, options.selection, before)
    return {"before": before, "after": options.selection}
