"""Builds what is sent to a host: the runner's bundle, and each module with the parts that it imports, by digest.

It reads target files as bytes and never imports them. What a module needs is what its import statements name, so
nothing can be forgotten. Everything is built once for a process and is the same for every host.
"""

from __future__ import annotations

import ast
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestra.errors import OrchestraError
from orchestra.payload.minify import minify

#: The runner's own files that every host gets at once; other files below runner/ travel when first needed.
CORE = ("boot", "wire", "main", "worker", "plan", "system", "effects", "options", "process", "sdk")
CORE += ("coerce", "rules", "looking", "attributes", "disk", "files", "paths", "calls", "overlay", "foresight", "oldfork")
PREFIX = "orchestra.runner."
GLUE = "M=type(__builtins__)('orchestra.runner.boot');exec(S[M.__name__][1],M.__dict__);M.start(S)\n"


@dataclass(frozen=True, slots=True)
class Source:
    """One target file, ready to be sent: dotted name, the name for tracebacks, zlib-compressed text."""

    name: str
    file: str
    digest: str
    packed: bytes
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModuleCode:
    """A module and what must be on the host before it: `sources` in order, the module itself last."""

    name: str
    sources: tuple[Source, ...]
    #: Runs in a worker of its own: not ours, or in need of site-packages.
    fresh: bool = False
    site: bool = False


class PayloadError(OrchestraError):
    """A target file is missing or is not Python."""


class Builder:
    """Builds and remembers; one for each process.

    Args:
        runner: the folder of the runner's sources.
    """

    def __init__(self, runner: Path | None = None) -> None:
        self._runner = runner or Path(__file__).resolve().parent.parent / "runner"
        self._own: dict[str, Source] = {}
        self._modules: dict[tuple[str, bool], ModuleCode] = {}
        self._bundle = b""

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

    def own(self, name: str) -> ModuleCode:
        """A file of the runner that has a module's shape, such as `undo`."""
        source = self._part(name)
        return ModuleCode(source.name, (*self._required(source), source))

    def runner_file(self, name: str) -> tuple[Source, ...]:
        """A file of the runner outside the core (`job`, `undo`), with what it needs."""
        source = self._part(name)
        return (*self._required(source), source)

    def _build_module(self, path: Path, ours: bool) -> ModuleCode:
        text = _read(path)
        tree = _parse(path, text)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        name = f"orchestra.modules.{path.stem}" + ("" if ours else f"_{digest}")
        source = _source(name, f"modules/{path.name}" if ours else str(path), text, tree)
        needs = any(isinstance(node, ast.Assign) and _is_needs(node) for node in tree.body)
        return ModuleCode(name, (*self._required(source), source), fresh=needs or not ours, site=needs or not ours)

    def _required(self, source: Source) -> Iterator[Source]:
        """What a source imports from the runner beyond the core, each once, innermost first."""
        seen: dict[str, Source] = {}
        self._gather(source, seen)
        yield from seen.values()

    def _gather(self, source: Source, seen: dict[str, Source]) -> None:
        for name in source.requires:
            if name not in seen and name not in CORE:
                part = self._part(name)
                self._gather(part, seen)
                seen[name] = part

    def _part(self, name: str) -> Source:
        known = self._own.get(name)
        if known is None:
            path = self._runner / (name.replace(".", "/") + ".py")
            text = _read(path)
            file = f"orchestra/runner/{name.replace('.', '/')}.py"
            known = self._own[name] = _source(PREFIX + name, file, text, _parse(path, text))
        return known

    def _small(self, name: str) -> str:
        return minify(_read(self._runner / f"{name}.py"))


def _source(name: str, file: str, text: str, tree: ast.Module) -> Source:
    packed = zlib.compress(minify(text).encode(), 9)
    digest = hashlib.sha256(name.encode() + packed).hexdigest()
    return Source(name, file, digest, packed, tuple(dict.fromkeys(_requires(tree))))


def _requires(tree: ast.Module) -> Iterator[str]:
    """Names below orchestra.runner that a file imports at run time, wherever the import stands."""
    skipped = {id(one) for node in ast.walk(tree) if _is_type_checking(node) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PREFIX[:-1]):
            yield from _imported(node)
        elif isinstance(node, ast.Import):
            yield from (alias.name[len(PREFIX) :] for alias in node.names if alias.name.startswith(PREFIX))


def _imported(node: ast.ImportFrom) -> Iterator[str]:
    """`from orchestra.runner.parts import accounts` names a file by its alias, the usual form by the module."""
    inner = (node.module or "")[len(PREFIX) :]
    if inner in ("", "parts") or inner.endswith(".facts"):
        yield from (f"{inner}.{alias.name}".lstrip(".") for alias in node.names)
    else:
        yield inner


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _is_needs(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "NEEDS" for target in node.targets)


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
