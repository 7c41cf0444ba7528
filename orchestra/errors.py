"""Every error that Orchestra raises on purpose, in one tree.

::

    OrchestraError                 exit 1
    ├── UsageError                 exit 2   wrong command line
    ├── NoSuchPlaybook             exit 1   a playbook that is not there
    ├── SettingsError              exit 1   the configuration (file or environment) is wrong
    │   └── InvalidSetting         exit 1   a setting whose value is none of its kind
    ├── LanguageError              exit 4   project text that cannot be understood (YAML, keywords, vault, inventory)
    │   ├── ParseErrors            exit 4   several of them at once (1 when all are of the configuration or vaults)
    │   ├── FileMissing            exit 4   a file or role that is named and not there, or holds something else
    │   └── VaultError             exit 1   no or wrong vault password, damaged vault text
    │       └── NoVaultSecrets     exit 1   no vault password at all
    ├── TemplateError                       a template could not be rendered
    │   └── UndefinedVariable               ... because a variable is not set
    ├── OptionError                         a module's options are wrong
    ├── ModuleMissing                       a module of the Ansible world that is not here
    └── HostError                           something about one host
        ├── Unreachable                     before anything ran: refused, timed out, authentication, host key
        │   └── ReportedUnreachable         ... as an action of the project found
        ├── BecomeFailed                    privileges could not be had (wrong password, no sudo ...)
        ├── Lost                            the link died while a task ran: its effect is unknown
        └── TimedOut                        a deadline passed

An error can carry an Origin; ``render`` adds the source line with a caret. This module must not import a room.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Sequence

from orchestra.model.origin import Origin


class OrchestraError(Exception):
    """Something the user can mend. ``hint`` says how; ``origin`` says where."""

    exit_code = 1
    #: What was under way, for a task's result: ``msg`` begins with it. People have the place instead.
    during = ""

    def __init__(self, message: str, *, origin: Origin | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.origin = origin
        self.hint = hint

    def __str__(self) -> str:
        return self.message

    def render(self) -> str:
        """The whole text for a person: place, message, source line with a caret, what to do next."""
        head = f"{self.origin}: {self.message}" if self.origin else self.message
        parts = [head, excerpt(self.origin), f"  hint: {self.hint}" if self.hint else ""]
        return "\n".join(part for part in parts if part)


class UsageError(OrchestraError):
    """The command line is wrong."""

    exit_code = 2


class NoSuchPlaybook(OrchestraError):
    """A playbook that the command line names does not exist, or is no file."""


class SettingsError(OrchestraError):
    """A configuration file that cannot be read, or a setting whose value makes no sense."""


class InvalidSetting(SettingsError):
    """A setting's value is not of its kind. ``name`` is Ansible's name for it, ``text`` what was written."""

    def __init__(
        self, message: str, *, name: str, kind: str, text: str, origin: Origin | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, origin=origin, hint=hint)
        self.name = name
        self.kind = kind
        self.text = text


class LanguageError(OrchestraError):
    """Project text that cannot be understood."""

    exit_code = 4


class ParseErrors(LanguageError):
    """Several problems, reported at once; in the order of their places."""

    def __init__(self, problems: Iterable[OrchestraError]) -> None:
        self.problems: Sequence[OrchestraError] = tuple(_in_order(problems))
        if self.problems and all(isinstance(problem, SettingsError | VaultError) for problem in self.problems):
            self.exit_code = SettingsError.exit_code
        count = len(self.problems)
        first = self.problems[0] if self.problems else None
        super().__init__(
            first.message if first and count == 1 else f"{count} problems", origin=first.origin if first else None
        )

    def render(self) -> str:
        """All problems, one after the other."""
        return "\n".join(problem.render() for problem in self.problems)


def _in_order(problems: Iterable[OrchestraError]) -> list[OrchestraError]:
    """File after file as they first appear, each from its top to its end."""
    files: dict[str, int] = {}

    def position(problem: OrchestraError) -> tuple[int, int, int]:
        origin = problem.origin or Origin("")
        return files.setdefault(origin.file, len(files)), origin.line, origin.column

    return sorted(problems, key=position)


class FileMissing(LanguageError):
    """A file or role that is named and not there, or a file that is none of its kind.

    Where an include meets it while the run goes on, the hosts that asked fail: all other LanguageErrors end the run.
    ``reason`` is what their result says.
    """

    def __init__(self, message: str, *, reason: str = "", origin: Origin | None = None, hint: str = "") -> None:
        super().__init__(message, origin=origin, hint=hint)
        self.reason = reason or message


class VaultError(LanguageError):
    """A vault text that cannot be opened."""

    exit_code = 1


class NoVaultSecrets(VaultError):
    """A vault text, and no password at all was given."""


class TemplateError(OrchestraError):
    """A template could not be rendered."""


class UndefinedVariable(TemplateError):
    """A template names a variable that is not set."""


class OptionError(OrchestraError):
    """A module's options are wrong."""


class InvalidOptions(OptionError):
    """An action has no such options, or cannot do what a task asks for.

    The task's ``msg`` is this message and no word more, as playbooks look at it.
    """


class ModuleMissing(OrchestraError):
    """A module that exists in the Ansible world and not here."""


class HostError(OrchestraError):
    """Something about one host; the other hosts go on."""


class Unreachable(HostError):
    """The host could not be reached before anything ran on it."""


class ReportedUnreachable(Unreachable):
    """An action of the project says that its host is out of reach: the task's ``msg`` is its message, unchanged."""


class BecomeFailed(HostError):
    """The wanted user could not be become."""


class Lost(HostError):
    """The link died while a task ran; what it did is unknown."""


class TimedOut(HostError):
    """A deadline passed; ``seconds`` is how long it was."""

    def __init__(self, message: str, *, seconds: float = 0, origin: Origin | None = None, hint: str = "") -> None:
        super().__init__(message, origin=origin, hint=hint)
        self.seconds = seconds


def excerpt(origin: Origin | None) -> str:
    """The source line of ``origin`` with a caret below its column, or nothing when it cannot be read."""
    if origin is None or not origin.line:
        return ""
    if linecache.getline(origin.file, 1).startswith("$ANSIBLE_VAULT;"):
        return ""  # the line belongs to the decrypted text, which is nobody's business here
    line = linecache.getline(origin.file, origin.line).rstrip("\n")
    if not line.strip():
        return ""
    gutter = f"{origin.line:>5} | "
    shown = gutter + line.replace("\t", " ")
    if not origin.column:
        return shown
    return f"{shown}\n{' ' * (len(gutter) - 2)}| {' ' * (origin.column - 1)}^"


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The names most like ``name``, best first; for "did you mean"."""
    import difflib

    return difflib.get_close_matches(name, list(known), n=count, cutoff=0.6)
