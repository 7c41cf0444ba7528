"""Install, upgrade and remove packages with whatever the host has for it."""

from orchestra.runner.parts.facts.distribution import distribution
from orchestra.runner.parts.facts.software import pkg_mgr
from orchestra.runner.parts.facts.source import Source
from orchestra.runner.sdk import Failed, List, Str, bind, option

NAMES = ("ansible.builtin.package", "ansible.legacy.package")
PARTS = ("apt", "dnf", "managers", "facts.distribution", "facts.software", "facts.source")
PLAIN = ("update_cache", "purge")


class Options:
    name = option(
        List,
        "The packages, as their manager knows them; none for what needs none, as update_cache.",
        elements=Str,
        aliases=("pkg",),
    )
    state = option(Str, "present, latest, absent, or another state of the manager's.", default="present")
    use = option(Str, "The manager, or a module; else ansible_package_use says it, or it is found out.", default="auto")

    ACCEPTS_ANY = True  # the manager's own options


EXAMPLES = """
- name: An editor
  package:
    name: vim
    state: present
"""

RETURNS = {"changed": "and what the manager's own module returns"}


def plan(options, system):
    manager = options.use.rpartition(".")[2]
    if manager == "auto":
        manager = _manager(system)
    names = [name for name in options.name or () if name.strip()]
    if manager == "apt":
        from orchestra.runner.parts.apt import AptOptions, plan_apt

        return (yield from plan_apt(_bound(AptOptions, options, system), system))
    if manager in ("dnf", "dnf4", "dnf5", "yum", "yum4"):
        from orchestra.runner.parts.dnf import DnfOptions, plan_dnf

        return (yield from plan_dnf(_bound(DnfOptions, options, system), system))
    if manager in ("apk", "pacman", "zypper"):
        from orchestra.runner.parts.managers import plan_manager

        more = {name: options._others.get(name) for name in PLAIN}
        return (yield from plan_manager(manager, system, names, options.state, **more))
    raise Failed("the package manager {} is not handled here; use names one".format(manager))


def _manager(system):
    source = Source(environ=system.environ)
    found = distribution(source, {})
    return pkg_mgr(source, found)["pkg_mgr"]


def _bound(kind, options, system):
    """The manager's own options from ours and the rest that was given."""
    given = dict(options._others, state=options.state)
    if options.name is not None:
        given["name"] = options.name
    bound, problems = bind(kind, given, system.expand)
    if problems:
        raise Failed("; ".join(map(repr, problems)))
    return bound
