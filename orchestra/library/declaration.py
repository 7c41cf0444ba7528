"""One module's declaration, read from its file: options, names, documentation. Nothing is executed on a host here."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from pathlib import Path
from types import ModuleType
from typing import Any

from orchestra.library.locate import ModuleFile, ModuleFileError, load_file
from orchestra.model.record import record
from orchestra.runner.options import Option, Problem, declared


@record
class ModuleDeclaration:
    """What a module says of itself."""

    name: str
    path: str
    #: False for a module that a project brought.
    ours: bool
    #: First sentence and whole text of its docstring.
    summary: str
    description: str
    options: Mapping[str, Option]
    #: The class that declares the options, for binding and rules.
    options_class: type
    #: Full names it goes by.
    names: tuple[str, ...] = ()
    #: The option that takes the words behind the module's name, if any.
    free_form: str = ""
    examples: str = ""
    returns: Mapping[str, str] = field(default_factory=dict)
    #: True for what the controller does itself.
    action: bool = False
    #: What check mode does, when it is more than predicting.
    check_mode: str = ""
    #: "plan" for our interface; "foreign" for Ansible's; "program" and "json" for programs that print JSON.
    kind: str = "plan"
    #: The package of a collection's module.
    package: str = ""
    #: The module's own rules, for what data can not say: bound options -> problems.
    rules: Callable[[Any], Iterable[Problem]] | None = None


class NoOptions:
    """For a module file without options."""


class AnyOptions:
    """For a module that is asked on the host what it takes."""

    ACCEPTS_ANY = True


def read_declaration(file: ModuleFile) -> ModuleDeclaration:
    """Load a module file and read what it declares.

    Raises:
        ModuleFileError: the file is not a module of ours.
    """
    kind = "plan" if file.ours else kind_of(file.path)
    if kind != "plan":
        return ModuleDeclaration(
            name=file.name,
            path=file.path,
            ours=False,
            summary="",
            description="",
            options={},
            options_class=AnyOptions,
            names=(file.full_name,) if file.full_name else (),
            kind=kind,
            package=file.package,
        )
    module = load_file(file.path)
    if not file.action and not callable(getattr(module, "plan", None)):
        raise ModuleFileError(f"{file.path} has no plan(options, system); it is not an Orchestra module")
    options: type = getattr(module, "Options", NoOptions)
    text = (module.__doc__ or "").strip()
    return ModuleDeclaration(
        name=file.name,
        path=file.path,
        ours=file.ours,
        action=file.action,
        summary=text.split("\n\n")[0].replace("\n", " "),
        description=text,
        options=declared(options),
        options_class=options,
        names=tuple(_constant(module, "NAMES", ())),
        free_form=_constant(module, "FREE_FORM", ""),
        examples=str(_constant(module, "EXAMPLES", "")).strip("\n"),
        returns=dict(_constant(module, "RETURNS", {})),
        check_mode=_constant(module, "CHECK_MODE", ""),
        rules=_constant(module, "problems", None),
    )


_PLAN = re.compile(rb"^def plan\(|^\s*(from|import) orchestra\b", re.MULTILINE)
_ANSIBLE = re.compile(rb"^\s*(from|import) ansible(_collections|\.)|^\s*from \.+(module_utils)?", re.MULTILINE)


def kind_of(path: str) -> str:
    """What a file of a project's ``library/`` is written to: plan, foreign, json or program; by its text."""
    content = Path(path).read_bytes()
    if b"\0" in content[:4096]:
        return "json"
    if path.endswith(".py") and _PLAN.search(content):
        return "plan"
    if path.endswith(".py") and _ANSIBLE.search(content):
        return "foreign"
    if b"WANT_JSON" in content:
        return "json"
    if content.startswith(b"#!"):
        python = b"python" in content.split(b"\n", 1)[0]
        return "foreign" if python and _ANSIBLE.search(content) else "program"
    return "plan"


def declared_names(file: ModuleFile) -> tuple[str, ...]:
    """The NAMES of a module file, without running it: looking for a name must not load every module."""
    tree = ast.parse(Path(file.path).read_bytes(), file.path)
    for node in tree.body:
        if isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["NAMES"]:
            return tuple(ast.literal_eval(node.value))
    return ()


def _constant(module: ModuleType, name: str, default: Any) -> Any:
    return getattr(module, name, default)
