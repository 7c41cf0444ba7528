"""Builds what is sent to a host: the runner's bundle, and each module with the parts that it imports, by digest.

It reads target files as bytes and never imports them. What a module needs is what its import statements name, so
nothing can be forgotten. Everything is built once for a process and is the same for every host.
"""

from __future__ import annotations

import ast
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from orchestra.payload.code import ForeignModule, ModuleCode, PayloadError, Source
from orchestra.payload.minify import minify

#: The runner's own files that every host gets at once. The others travel when they are first needed: what a module's
#: imports and calls show is sent before it, and a worker asks for what they did not show.
CORE = ("boot", "wire", "main", "worker", "plan", "system", "effects", "options", "coerce", "sdk")
PREFIX = "orchestra.runner."
GLUE = "M=type(__builtins__)('orchestra.runner.boot');exec(S[M.__name__][1],M.__dict__);M.start(S)\n"


class Builder:
    """Builds and remembers; one for each process.

    Args:
        runner: the folder of the runner's sources.
    """

    def __init__(self, runner: Path | None = None) -> None:
        self._runner = runner or Path(__file__).resolve().parent.parent / "runner"
        self._own: dict[str, Source] = {}
        self._modules: dict[tuple[str, bool], ModuleCode] = {}
        self._foreign: dict[ForeignModule, ModuleCode] = {}
        self._bundle = b""
        self._homes = self._sdk_homes()
        self._looks = self._looking_methods()

    def bundle(self) -> bytes:
        """The runner's core as one zlib-compressed Python text; its length is in the bootstrap line."""
        if not self._bundle:
            texts = {PREFIX + name: (f"orchestra/runner/{name}.py", self._small(name)) for name in CORE}
            self._bundle = zlib.compress(f"S={texts!r}\n{GLUE}".encode(), 9)
        return self._bundle

    def module(self, path: str, *, ours: bool = True) -> ModuleCode:
        """The code of a module file. Raises PayloadError."""
        known = self._modules.get((path, ours))
        if known is None:
            known = self._modules[path, ours] = self._build_module(Path(path), ours)
        return known

    def foreign(self, module: ForeignModule) -> ModuleCode:
        """The code of a module that is not written to our interface. Raises PayloadError."""
        if module not in self._foreign:
            from orchestra.payload.foreign import build

            self._foreign[module] = build(module, self._stand_ins(), self._required)
        return self._foreign[module]

    def _stand_ins(self) -> dict[str, str]:
        """Names of Ansible's interface, and which files of the runner stand for them."""
        for node in _parse(self._runner, _read(self._runner / "foreign" / "names.py")).body:
            if isinstance(node, ast.Assign) and _assigns(node, "STAND_INS"):
                return dict(ast.literal_eval(node.value))
        return {}

    def own(self, name: str) -> ModuleCode:
        """A file of the runner that has a module's shape, such as `undo`."""
        source = self._part(name)
        return ModuleCode(source.name, (*self._required(source), source))

    def runner_file(self, name: str) -> tuple[Source, ...]:
        """A file of the runner outside the core (`job`, `undo`), with what it needs."""
        source = self._part(name)
        return (*self._required(source), source)

    def find(self, name: str) -> Source | None:
        """A file of the runner by its dotted name, or None."""
        short = name.removeprefix(PREFIX)
        path = self._runner / (short.replace(".", "/") + ".py")
        return self._part(short) if short != name and path.is_file() else None

    def all_files(self) -> tuple[Source, ...]:
        """Every file of the runner proper: for a background job, which can not ask for more."""
        names = [path.stem for path in sorted(self._runner.glob("*.py")) if path.stem not in (*CORE, "__init__")]
        return tuple(self._part(name) for name in names)

    def _build_module(self, path: Path, ours: bool) -> ModuleCode:
        text = _read(path)
        tree = _parse(path, text)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        name = f"orchestra.modules.{path.stem}" + ("" if ours else f"_{digest}")
        file = f"modules/{path.name}" if ours else str(path)
        source = self._source(name, file, text, tree)
        needs = any(isinstance(node, ast.Assign) and _assigns(node, "NEEDS") for node in tree.body)
        return ModuleCode(name, (*self._required(source), source), fresh=needs or not ours, site=needs or not ours)

    def _required(self, source: Source) -> Iterator[Source]:
        """What a source needs of the runner beyond the core, each once, innermost first. Files may need each other."""
        seen = {source.name.removeprefix(PREFIX)}
        yield from self._gather(source, seen)

    def _gather(self, source: Source, seen: set[str]) -> Iterator[Source]:
        for name in source.requires:
            if name not in seen and name not in CORE:
                seen.add(name)
                part = self._part(name)
                yield from self._gather(part, seen)
                yield part

    def _part(self, name: str) -> Source:
        known = self._own.get(name)
        if known is None:
            path = self._runner / (name.replace(".", "/") + ".py")
            text = _read(path)
            file = f"orchestra/runner/{name.replace('.', '/')}.py"
            tree = _parse(path, text)
            if "." not in name:  # what the runner's own functions import is rarely needed: a worker asks for it
                _forget_functions(tree)
            known = self._own[name] = self._source(PREFIX + name, file, text, tree)
        return known

    def _source(self, name: str, file: str, text: str, tree: ast.Module) -> Source:
        packed = zlib.compress(minify(text).encode(), 9)
        digest = hashlib.sha256(name.encode() + packed).hexdigest()
        return Source(name, file, digest, packed, tuple(dict.fromkeys(self._needs(tree))))

    def _needs(self, tree: ast.Module) -> Iterator[str]:
        """Runner files that a source needs: what it imports, where the SDK's names live, whose methods it calls."""
        yield from _requires(tree)
        for node in _live(tree):
            if isinstance(node, ast.ImportFrom) and node.module == PREFIX + "sdk":
                yield from (self._homes[alias.name] for alias in node.names if alias.name in self._homes)
            elif isinstance(node, ast.Attribute) and node.attr in self._looks:
                yield "looking"

    def _sdk_homes(self) -> dict[str, str]:
        """Where the names live that sdk.py imports when they are first asked for."""
        for node in _parse(self._runner / "sdk.py", _read(self._runner / "sdk.py")).body:
            if isinstance(node, ast.Assign) and _assigns(node, "_LATER"):
                return {name: home for home, names in ast.literal_eval(node.value).items() for name in names}
        return {}

    def _looking_methods(self) -> set[str]:
        """The methods of System that live in looking.py."""
        tree = _parse(self._runner / "looking.py", _read(self._runner / "looking.py"))
        return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}

    def _small(self, name: str) -> str:
        return minify(_read(self._runner / f"{name}.py"))


def _requires(tree: ast.Module) -> Iterator[str]:
    """Names below orchestra.runner that a file imports at run time, wherever the import stands, and its PARTS."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and _assigns(statement, "PARTS"):
            yield from (f"parts.{name}" for name in ast.literal_eval(statement.value))
    for node in _live(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PREFIX[:-1]):
            yield from _imported(node)
        elif isinstance(node, ast.Import):
            yield from (alias.name[len(PREFIX) :] for alias in node.names if alias.name.startswith(PREFIX))


def _imported(node: ast.ImportFrom) -> Iterator[str]:
    """`from orchestra.runner.parts import accounts` names a file by its alias, the usual form by the module."""
    inner = (node.module or "")[len(PREFIX) :]
    if inner in ("", "parts", "parts.facts", "foreign"):
        yield from (f"{inner}.{alias.name}".lstrip(".") for alias in node.names)
    else:
        yield inner


def _live(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node that can run on a host: nothing that is only there for type checkers."""
    skipped = {id(one) for node in ast.walk(tree) if _is_type_checking(node) for one in ast.walk(node)}
    yield from (node for node in ast.walk(tree) if id(node) not in skipped)


def _forget_functions(tree: ast.Module) -> None:
    """Leave only what runs when a file is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = []


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise PayloadError(f"{path} can not be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PayloadError(f"{path} is not UTF-8 text") from error


def _parse(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise PayloadError(f"{path}:{error.lineno}: {error.msg}") from error
