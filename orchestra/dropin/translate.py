"""From the command line of one of Ansible's commands to the words of ours that do the same. Pure text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from orchestra.dropin import parsers
from orchestra.dropin.parsers import Read, read
from orchestra.errors import UsageError

#: Every name that a wrapper can have.
TOOLS = tuple(sorted((*parsers.TOOLS, "ansible-galaxy")))
#: Modules that an ad hoc command may run without options.
_NEEDS_WORDS = frozenset(
    prefix + name for prefix in ("", "ansible.builtin.", "ansible.legacy.")
    for name in ("command", "shell", "raw", "script", "win_command", "win_shell")
)  # fmt: skip


def translate(tool: str, words: Sequence[str]) -> list[str]:
    """The words for ``orchestra`` that do what ``tool`` does with ``words``.

    Raises:
        VersionAsked, SystemExit: see ``parsers.read``.
        UsageError: flags that contradict each other.
    """
    if tool == "ansible-galaxy":
        return ["galaxy", *words]
    found = read(tool, words)
    return _WAYS[tool](found)


def _adhoc(found: Read) -> list[str]:
    given = {word.partition("=")[0]: word.partition("=")[2] for word in found.flags}
    module = given.get("--module-name", "command")
    if module in _NEEDS_WORDS and not given.get("--args") and "--list-hosts" not in given:
        raise UsageError(f"No argument passed to {module} module")
    return ["run", *found.flags, *_OUTPUT, "--", *found.names]


def _inventory(found: Read) -> list[str]:
    asked = sum(word.startswith(("--list", "--host", "--graph")) for word in found.flags)
    if not asked:
        raise UsageError("No action selected, at least one of --host, --graph or --list needs to be specified.")
    if asked > 1:
        raise UsageError(
            "Conflicting options used, only one of --host, --graph or --list can be used at the same time."
        )
    return ["inventory", *found.flags, "--", *found.names]


def _vault(found: Read) -> list[str]:
    return ["vault", found.action, *found.flags, "--", *found.names]


def _config(found: Read) -> list[str]:
    return ["config", found.action, *found.flags, "--", *found.names]


_OUTPUT = ("--output", "ansible")


def _pull(found: Read) -> list[str]:
    given = {word.partition("=")[0]: word.partition("=")[2] for word in found.flags}
    if not given.get("--url"):
        raise UsageError("URL for repository not specified, use -h for help")
    return ["pull", *found.flags, *_OUTPUT, "--", *found.names]


_WAYS: Mapping[str, Callable[[Read], list[str]]] = {
    "ansible": _adhoc,
    "ansible-config": _config,
    "ansible-console": lambda found: ["console", *found.flags, "--", *found.names],
    "ansible-doc": lambda found: ["doc", *found.flags, "--", *found.names],
    "ansible-inventory": _inventory,
    "ansible-playbook": lambda found: ["play", *found.flags, *_OUTPUT, "--", *found.names],
    "ansible-pull": _pull,
    "ansible-vault": _vault,
}
