"""Builds what is sent for a module of the Ansible world: its text, the shared code that it imports, our stand-ins.

Its text is not made small, because its line numbers are what its author knows. What it imports is found by reading it,
never by importing it.
"""

from __future__ import annotations

import ast
import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from orchestra.payload.code import ForeignModule, ModuleCode, PayloadError, Source

_SHARED = "ansible.module_utils."
_COLLECTIONS = "ansible_collections."
_ADAPTER = """from orchestra.runner.foreign.host import Options, perform
TEXTS = {texts!r}
def plan(options, system):
    return perform({name!r}, {package!r}, {file!r}, TEXTS, options, system)
"""
_PROGRAM = """from orchestra.runner.foreign.program import Options, perform
CONTENT = {content!r}
def plan(options, system):
    return perform({name!r}, CONTENT, {as_json!r}, options, system)
"""

Required = Callable[[Source], Iterator[Source]]


def build(module: ForeignModule, names: dict[str, str], required: Required) -> ModuleCode:
    """The code of one module; ``required`` gives the runner's files that a source asks for.

    Raises:
        PayloadError: it can not be read, or is not Python.
    """
    path = Path(module.path)
    if module.program:
        content = _read(path)
        text = _PROGRAM.format(content=content, name=module.name, as_json=module.as_json)
        needs: list[str] = ["foreign.program"]
    else:
        gathered = _Gathered(module, names)
        text = _ADAPTER.format(texts=gathered.texts, name=module.name, package=module.package, file=module.path)
        needs = ["foreign.host", *sorted(gathered.needs)]
    packed = zlib.compress(text.encode("utf-8", "surrogatepass"), 9)
    name = f"orchestra.modules.{path.stem}_{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    digest = hashlib.sha256(name.encode() + packed).hexdigest()
    source = Source(name, module.path, digest, packed, tuple(needs))
    return ModuleCode(name, (*required(source), source), fresh=True, site=True)


class _Gathered:
    """A module's text and those of the shared code that it needs, by dotted name; and which of our files it needs."""

    def __init__(self, module: ForeignModule, names: dict[str, str]) -> None:
        self._module = module
        self._names = names
        self.texts: dict[str, tuple[str, str]] = {}
        self.needs: set[str] = set()
        self._add("", Path(module.path), module.package)

    def _add(self, name: str, path: Path, package: str) -> None:
        try:
            text = _read(path).decode("utf-8")
            tree = ast.parse(text)
        except UnicodeDecodeError as error:
            raise PayloadError(f"{path} is not UTF-8 text") from error
        except SyntaxError as error:
            raise PayloadError(f"{path}:{error.lineno}: {error.msg}") from error
        self.texts[name] = (str(path), text)
        for wanted in _imported(tree, package):
            self._take(wanted)

    def _take(self, name: str) -> None:
        if name in self.texts or not name.startswith((_SHARED, _COLLECTIONS)):
            return
        found = self._find(name)
        if found is not None:
            parent = name.rpartition(".")[0]
            self._take(parent)
            self._add(name, found, name if found.name == "__init__.py" else parent)
        elif not self._names.get(name, "=").startswith("="):
            self.needs.add(f"foreign.{self._names[name]}")

    def _find(self, name: str) -> Path | None:
        if name.startswith(_SHARED):
            folders: Sequence[str] = self._module.shared
            inner = name[len(_SHARED) :]
        else:
            folders, inner = self._module.roots, name[len(_COLLECTIONS) :]
        below = inner.replace(".", "/")
        for folder in folders:
            for ending in (f"{below}.py", f"{below}/__init__.py"):
                if (Path(folder) / ending).is_file():
                    return Path(folder) / ending
        return None


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Every dotted name that a file imports, wherever it does; `from a import b` may mean a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join(filter(None, [*parts[: len(parts) - node.level + 1], base]))
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PayloadError(f"{path} can not be read: {error.strerror}") from error
