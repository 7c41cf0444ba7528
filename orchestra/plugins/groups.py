"""Action groups: names under ``group/`` in ``module_defaults`` that stand for many modules.

A collection lists its own in ``action_groups`` of its meta/runtime.yml; a group may extend others. The short names that
ansible-core itself has stand for groups of the collections that the modules went to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: Group without a collection -> the groups that it stands for; names are ansible-core's.
_BUILTIN: Mapping[str, tuple[str, ...]] = {
    "acme": ("community.crypto.acme",),
    "aws": ("amazon.aws.aws", "community.aws.aws"),
    "azure": ("azure.azcollection.azure",),
    "cpm": ("wti.remote.cpm",),
    "docker": ("community.general.docker", "community.docker.docker"),
    "gcp": ("google.cloud.gcp",),
    "k8s": (
        "community.kubernetes.k8s", "community.general.k8s", "community.kubevirt.k8s", "community.okd.k8s",
        "kubernetes.core.k8s",
    ),
    "os": ("openstack.cloud.os",),
    "ovirt": ("ovirt.ovirt.ovirt", "community.general.ovirt"),
    "vmware": ("community.vmware.vmware",),
}  # fmt: skip
_CORE = "ansible.builtin."


def members(group: str, groups_of: Callable[[str], Mapping[str, Any]]) -> frozenset[str]:
    """The full names of the modules in a group; ``groups_of`` gives a collection's ``action_groups``."""
    return frozenset(_walk(group, groups_of, set()))


def _walk(group: str, groups_of: Callable[[str], Mapping[str, Any]], seen: set[str]) -> Iterator[str]:
    if group in seen:
        return
    seen.add(group)
    collection, _, name = group.rpartition(".")
    if f"{collection}." in (".", _CORE):
        for other in _BUILTIN.get(name, ()):
            yield from _walk(other, groups_of, seen)
        return
    entries = groups_of(collection).get(name)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, str):
            yield entry if "." in entry else f"{collection}.{entry}"
        elif isinstance(entry, Mapping):
            for other in _extended(entry):
                yield from _walk(other if "." in other else f"{collection}.{other}", groups_of, seen)


def _extended(entry: Mapping[str, Any]) -> list[str]:
    metadata = entry.get("metadata")
    found = metadata.get("extend_group") if isinstance(metadata, Mapping) else None
    names = found if isinstance(found, list) else [found]
    return [name for name in names if isinstance(name, str)]
