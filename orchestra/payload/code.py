"""Code on its way to a host, as data; and who provides it."""

from __future__ import annotations

from typing import Protocol

from orchestra.errors import OrchestraError
from orchestra.model.record import record


@record
class Source:
    """One target file, ready to be sent: dotted name, the name for tracebacks, zlib-compressed text."""

    name: str
    file: str
    digest: str
    packed: bytes
    requires: tuple[str, ...]


@record
class ModuleCode:
    """A module and what must be on the host before it: `sources` in order, the module itself last."""

    name: str
    sources: tuple[Source, ...]
    #: Runs in a worker of its own: not ours, or in need of site-packages.
    fresh: bool = False
    site: bool = False


@record
class ForeignModule:
    """A module that is not written to our interface: to Ansible's, or a program that prints JSON."""

    path: str
    #: The name that its errors have.
    name: str
    #: The package it is of, for its relative imports: ansible_collections.<namespace>.<name>.plugins.modules.
    package: str = ""
    #: A program; with ``as_json`` it reads its arguments as JSON.
    program: bool = False
    as_json: bool = False
    #: Folders named module_utils, and folders that hold collections.
    shared: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()


class PayloadError(OrchestraError):
    """A target file is missing or is not Python."""


class Payloads(Protocol):
    """Provides code for hosts; `Builder` makes it, `KeptPayloads` remembers it between runs."""

    def bundle(self) -> bytes:
        """The runner's core, compressed; its length is in the bootstrap line."""

    def module(self, path: str, *, ours: bool = True) -> ModuleCode:
        """The code of a module file. Raises PayloadError."""

    def foreign(self, module: ForeignModule) -> ModuleCode:
        """The code of a module that is not written to our interface. Raises PayloadError."""

    def runner_file(self, name: str) -> tuple[Source, ...]:
        """A file of the runner outside the core, with what it needs."""

    def find(self, name: str) -> Source | None:
        """A file of the runner by its dotted name, or None."""

    def all_files(self) -> tuple[Source, ...]:
        """Every file of the runner proper."""
