"""One module's declaration, read from its file: options, names, documentation. Nothing is executed on a host here."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from orchestra.library.locate import ModuleFile, ModuleFileError, load_file
from orchestra.runner.options import Option, Problem, declared


@dataclass(frozen=True, slots=True)
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
    #: What check mode does, when it is more than predicting.
    check_mode: str = ""
    #: The module's own rules, for what data can not say: bound options -> problems.
    rules: Callable[[Any], Iterable[Problem]] | None = None


class NoOptions:
    """For a module file without options."""


def read_declaration(file: ModuleFile) -> ModuleDeclaration:
    """Load a module file and read what it declares.

    Raises:
        ModuleFileError: the file is not a module of ours.
    """
    module = load_file(file.path)
    if not callable(getattr(module, "plan", None)):
        raise ModuleFileError(f"{file.path} has no plan(options, system); it is not an Orchestra module")
    options: type = getattr(module, "Options", NoOptions)
    text = (module.__doc__ or "").strip()
    return ModuleDeclaration(
        name=file.name,
        path=file.path,
        ours=file.ours,
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


def declared_names(file: ModuleFile) -> tuple[str, ...]:
    """The NAMES of a module file, without running it: looking for a name must not load every module."""
    tree = ast.parse(Path(file.path).read_bytes(), file.path)
    for node in tree.body:
        if isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["NAMES"]:
            return tuple(ast.literal_eval(node.value))
    return ()


def _constant(module: ModuleType, name: str, default: Any) -> Any:
    return getattr(module, name, default)
