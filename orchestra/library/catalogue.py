"""All modules there are, by every name they go by; and those of the Ansible world that are not here.

A module's file is loaded when somebody first needs its declaration; finding names reads no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol

from orchestra.errors import nearest
from orchestra.library.declaration import ModuleDeclaration, declared_names, read_declaration
from orchestra.library.locate import ModuleFile, actions_folder, collection_file, module_files, packaged_folder
from orchestra.model.record import record
from orchestra.runner.options import Problem, bind, declared

#: Collections whose modules we carry under their short names.
_COLLECTIONS = ("ansible.builtin", "ansible.legacy", "ansible.posix", "community.general")
#: How much alike two names are when one is the other misspelt (``sysctl``, ``syctl``), not just another word.
_MISSPELT = 0.8


@record
class OptionProblem:
    """Something wrong with a module's options: the option as written (empty for the whole), and what to do."""

    option: str
    message: str
    hint: str = ""
    #: There is no such option.
    unknown: bool = False


class Surroundings(Protocol):
    """Where a project's collections and shared code are; the plugins room knows."""

    def module(self, name: str) -> str | None:
        """The file of an installed collection's module by its full name."""

    def routed(self, kind: str, name: str) -> str:
        """The full name that a collection has moved a plugin to. Raises OrchestraError for one that is gone."""

    def action_group(self, name: str) -> frozenset[str]:
        """The full names of the modules in an action group."""

    def folders(self, kind: str) -> Sequence[str]:
        """Folders of a kind, such as module_utils."""

    def collection_roots(self) -> list[str]:
        """Folders that hold collections."""


class Library:
    """Finds modules: those of a project's folders first, then ours; beside them the controller's own actions."""

    def __init__(self, folders: Iterable[str] = (), surroundings: Surroundings | None = None) -> None:
        self.surroundings = surroundings
        self._late: dict[str, ModuleFile] = {}
        self._brought: set[str] = set()
        self._files: dict[str, ModuleFile] = {}
        for file in module_files([packaged_folder()], ours=True):
            self._files.setdefault(file.name, file)
        self._actions = {file.name: file for file in module_files([actions_folder()], ours=True, action=True)}
        self._files.update(self._actions)
        self._packaged = dict(self._files)
        for file in module_files(folders):
            self._files[file.name] = file
        self._found: dict[str, ModuleDeclaration | None] = {}
        self._groups: dict[str, frozenset[str]] = {}

    def add_folder(self, folder: str) -> None:
        """A ``library`` of a playbook or role: its modules win over ours and the settings'; the first folder wins."""
        for file in module_files([folder]):
            if file.name not in self._brought:
                self._brought.add(file.name)
                self._files[file.name] = file
        self._found.clear()

    def find(self, name: str) -> ModuleDeclaration | None:
        """The declaration behind a short or full name; None when there is none. Raises ModuleFileError."""
        if name not in self._found:
            file = self._file(name)
            found = read_declaration(file) if file is not None else None
            if found is not None and self._file(found.name) is not file:
                found = replace(found, name=name)  # another module has its short name
            self._found[name] = found
        return self._found[name]

    def action(self, name: str) -> ModuleDeclaration:
        """What the controller's own action of this short name accepts, whatever a project brings under its name."""
        key = f"action {name}"
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = read_declaration(self._actions[name])
        return found

    def _file(self, name: str) -> ModuleFile | None:
        if self.surroundings is not None and name.count(".") >= 2 and not name.startswith("ansible."):
            name = self.surroundings.routed("modules", name)
        return self._own_file(name) or self._collection_file(name)

    def _collection_file(self, name: str) -> ModuleFile | None:
        """A module of an installed collection; by its short name where it was part of Ansible before."""
        if self.surroundings is None or name.startswith(("ansible.builtin.", "ansible.legacy.")):
            return None
        if name not in self._late:
            for full in [name] if name.count(".") >= 2 else self._former.get(name, ()):
                path = self.surroundings.module(full)
                if path is not None:
                    self._late[name] = collection_file(full, path)
                    break
        return self._late.get(name)

    def _own_file(self, name: str) -> ModuleFile | None:
        short = short_of(name)
        files = self._packaged if name.startswith("ansible.builtin.") else self._files
        file = files.get(short)
        if file is None:
            return files.get(self._aliases.get(name, ""))
        if name == short or name.startswith(("ansible.builtin.", "ansible.legacy.")):
            return file
        for one in (file, self._packaged.get(short)):
            if one is not None and name in read_declaration(one).names:
                return one
        return None

    def knows(self, name: str) -> bool:
        """Whether a module of this name can run."""
        return self._file(name) is not None

    def lacks(self, name: str) -> bool:
        """Whether this is a module of the Ansible world that is not here.

        In collections that we know by name, what is nearly such a name is a mistake; in others nobody can tell.
        """
        if self.knows(name) or name in self._known:
            return not self.knows(name)
        collection, _, short = name.rpartition(".")
        if collection in _COLLECTIONS:
            from difflib import get_close_matches

            grows = collection not in ("ansible.builtin", "ansible.legacy")
            return grows and not get_close_matches(short, [*self._known, *self._files], 1, _MISSPELT)
        return "." in collection

    def is_of_strangers(self, name: str) -> bool:
        """Whether a name says a collection that is neither here nor one we know by name."""
        collection = name.rpartition(".")[0]
        return "." in collection and collection not in _COLLECTIONS and not (self.knows(name) or name in self._known)

    @cached_property
    def _aliases(self) -> dict[str, str]:
        """Names that our modules go by besides their file's: systemd_service, ansible.builtin.yum ..."""
        found: dict[str, str] = {}
        for file in self._files.values():
            if file.ours:
                for name in declared_names(file):
                    found.setdefault(name, file.name)
                    found.setdefault(short_of(name), file.name)
        return found

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset((*self._former, *(full for names in self._former.values() for full in names)))

    @cached_property
    def _former(self) -> dict[str, list[str]]:
        """Short name -> full names of the Ansible world."""
        from importlib import resources

        text = resources.files(__package__).joinpath("known_modules.txt").read_text(encoding="utf-8")
        found: dict[str, list[str]] = {}
        for line in map(str.strip, text.splitlines()):
            if line and not line.startswith("#"):
                found.setdefault(short_of(line), []).append(line)
        return found

    def names(self) -> list[str]:
        """Short names of all modules, sorted."""
        return sorted(self._files)

    def overrides(self, name: str) -> bool:
        """Whether a project brings a module of its own under a name that is ours."""
        file = self._files.get(short_of(name))
        return file is not None and not file.ours and not name.startswith("ansible.builtin.")

    def names_of(self, name: str) -> frozenset[str]:
        """Every name that means the same module as ``name``."""
        short = short_of(name)
        names = {name, short, *(f"{collection}.{short}" for collection in _COLLECTIONS[:2])}
        declaration = self.find(name)
        return frozenset(names if declaration is None else {*names, *declaration.names})

    def in_group(self, names: frozenset[str], group: str) -> bool:
        """Whether a module that goes by these names is in an action group."""
        if self.surroundings is None:
            return False
        if group not in self._groups:
            self._groups[group] = self.surroundings.action_group(group)
        return not names.isdisjoint(self._groups[group])

    def validate(self, declaration: ModuleDeclaration, options: Mapping[str, Any]) -> list[OptionProblem]:
        """Everything that is wrong with ``options``; the values are not changed."""
        return self.values(declaration, options)[1]

    def values(
        self, declaration: ModuleDeclaration, options: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[OptionProblem]]:
        """Every declared option with its value (or default), and everything that is wrong with ``options``."""
        bound, problems = bind(declaration.options_class, dict(options))
        if not problems and declaration.rules is not None:
            problems = list(declaration.rules(bound))
        if problems:
            return {}, [described(problem, declaration, options) for problem in problems]
        return {name: getattr(bound, attribute) for name, attribute in _attributes(declaration).items()}, []


def _attributes(declaration: ModuleDeclaration) -> Mapping[str, str]:
    """Option -> attribute of the Options class; they differ where the option's name is a word of Python."""
    declared(declaration.options_class)
    found: Mapping[str, str] = vars(declaration.options_class)["_attributes"]
    return found


def names_of_options(declaration: ModuleDeclaration) -> Mapping[str, str]:
    """Every name that an option may be written by, aliases too -> the option."""
    declared(declaration.options_class)
    found: Mapping[str, str] = vars(declaration.options_class)["_names"]
    return found


def described(problem: Problem, declaration: ModuleDeclaration, given: Mapping[str, Any]) -> OptionProblem:
    """A problem of ``given`` for people: which module, what is wrong, the nearest name or choice."""
    label = f"{declaration.name}: {problem.option!r} {problem.text}" if problem.option else problem.text
    if not problem.unknown:
        return OptionProblem(problem.option, label, _nearest_choice(problem, declaration, given))
    known = [name for name, option in declaration.options.items() if not option.help.startswith("Internal:")]
    close = nearest(problem.option, [name for name, option in names_of_options(declaration).items() if option in known])
    return OptionProblem(
        problem.option,
        label,
        f"did you mean {' or '.join(close)}?" if close else f"it takes {', '.join(sorted(known))}",
        unknown=True,
    )


def _nearest_choice(problem: Problem, declaration: ModuleDeclaration, given: Mapping[str, Any]) -> str:
    option = next((one for name, one in declaration.options.items() if problem.option in (name, *one.aliases)), None)
    if option is None or option.choices is None or option.secret or problem.option not in given:
        return ""
    value, known = given[problem.option], [str(choice) for choice in option.choices]
    wrong = [str(item) for item in (value if isinstance(value, list) else [value]) if str(item) not in known]
    close = nearest(wrong[0], known) if wrong else []
    return f"did you mean {' or '.join(close)}?" if close else ""


def short_of(name: str) -> str:
    """The last part of a module's full name."""
    return name.rpartition(".")[2]
