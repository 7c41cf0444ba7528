"""What ``orchestra doc -t`` shows of plugins, roles and keywords: the project's, collections' and those built in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from orchestra.cli import manualtext
from orchestra.cli.ourmanuals import ours
from orchestra.cli.request import read_settings
from orchestra.errors import LanguageError, UsageError, nearest
from orchestra.language import rolemanual
from orchestra.language.keywords import KEYWORDS, described
from orchestra.language.rolemanual import RoleManual
from orchestra.plugins import manual
from orchestra.plugins.manual import Manual
from orchestra.plugins.places import Found, PluginPlaces

KINDS = (*manual.KINDS, "role", "keyword")
_STAND_INS = ("ansible.builtin.", "ansible.legacy.")
_SNIPPETS = ("inventory", "lookup")


class Pages:
    """All that can be shown, as one command line asks for it."""

    def __init__(self, given: Mapping[str, Any], on_fault: Callable[[str], None]) -> None:
        """``on_fault`` hears of files that can not be read, where --no-fail-on-errors lets them pass."""
        self._settings = read_settings(given)
        self._given = given
        self._on_fault = on_fault if given["no_fail_on_errors"] else None
        self._folder = os.path.abspath(self._settings.playbook_dir or os.getcwd())
        self._places = PluginPlaces(self._settings)
        self._places.add(self._folder)
        self._places.add_root(os.path.join(self._folder, "collections"))

    def show(self, kind: str, names: Sequence[str]) -> str:
        """The text that the command prints. Raises UsageError, LanguageError."""
        if self._given["as_list"] or self._given["with_files"] or not names:
            return self._list(kind, names)
        if kind == "keyword":
            return self._keywords(names)
        if kind == "role":
            return self._roles(names)
        return self._plugins(kind, names)

    def everything(self, names: Sequence[str]) -> dict[str, Any]:
        """Every kind's pages as data: {kind: {name: page}}; ``names`` are collections, where only theirs are wanted."""
        found = {
            kind: {name: manualtext.plugin_data(page) for name, page in self._of_kind(kind, names)}
            for kind in manual.KINDS
        }
        return {**found, "role": {page.name: manualtext.role_data(page) for page in self._of_roles(names)}}

    # --- lists ---

    def _list(self, kind: str, names: Sequence[str]) -> str:
        as_json, with_files = self._given["as_json"], self._given["with_files"]
        if kind == "keyword":
            return "\n".join(f"{name}: {text}" for name, text in described().items() if name in names or not names)
        if kind == "role":
            return manualtext.listed(dict(self._entry_points(names)), as_json=as_json)
        pages = self._of_kind(kind, names)
        found = {name: (page.path or "built in") if with_files else page.summary for name, page in pages}
        return manualtext.listed(found, as_json=as_json)

    def _entry_points(self, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        for page in self._of_roles(names):
            for entry, spec in page.entries.items():
                yield f"{page.name}: {entry}", str(spec.get("short_description") or "UNDOCUMENTED")

    def _of_kind(self, kind: str, names: Sequence[str]) -> Iterator[tuple[str, Manual]]:
        wanted = self._collections(names)
        builtin, legacy = ("ansible.builtin" in names or not names), ("ansible.legacy" in names or not names)
        seen = set()
        for found in manual.of_project(self._places, kind) if legacy else ():
            if found.name not in seen and (page := self._read(found)) is not None:
                seen.add(found.name)
                yield found.name, page
        for name, page in ours(kind).items() if builtin else ():
            if name not in seen and not name.startswith("_"):
                yield name, page
        for collection in wanted:
            for found in manual.of_collection(self._places, kind, collection):
                if (page := self._read(found)) is not None:
                    yield found.name, page

    def _read(self, found: Found) -> Manual | None:
        """None for a file that can not be read and may be so, and for one that only holds code of several filters."""
        try:
            page = manual.manual_of(found)
        except LanguageError as error:
            if self._on_fault is None:
                raise
            self._on_fault(error.render())
            return None
        return page if page.doc or found.kind not in ("filter", "test") else None

    def _collections(self, names: Sequence[str]) -> list[str]:
        if not names:
            return manual.collections(self._places)
        wanted = [name for name in names if name + "." not in _STAND_INS]
        for name in wanted:
            if name.count(".") != 1:
                raise UsageError(f"Invalid collection name: {name}; expected namespace.collection")
            if self._places.collection(name) is None:
                raise UsageError(f"unable to locate collection {name}")
        return wanted

    # --- pages ---

    def _plugins(self, kind: str, names: Sequence[str]) -> str:
        pages = [self._plugin(kind, name) for name in names]
        if self._given["as_json"]:
            return manualtext.data_text({page.name: manualtext.plugin_data(page) for page in pages})
        if self._given["snippet"] and kind not in _SNIPPETS:
            raise UsageError(f"there is no snippet of a {kind} plugin; of {' and '.join(_SNIPPETS)} plugins there is")
        return "\n".join(map(manualtext.snippet if self._given["snippet"] else manualtext.plugin_text, pages))

    def _plugin(self, kind: str, name: str) -> Manual:
        short = next((name[len(prefix) :] for prefix in _STAND_INS if name.startswith(prefix)), name)
        builtin = ours(kind)
        for found in self._brought(kind, name):
            if found.name == short and (page := self._read(found)) is not None and page.doc:
                return page
        if short in builtin:
            return builtin[short]
        near = nearest(short, builtin)
        raise UsageError(
            f"{kind} {name} was not found, or has no documentation",
            hint=f"did you mean {' or '.join(near)}?" if near else f"'orchestra doc -t {kind} -l' lists what there is",
        )

    def _brought(self, kind: str, name: str) -> Iterator[Found]:
        """Where a plugin of that name may be: the project's own, or those of the collection that it names."""
        if name.startswith("ansible.builtin."):
            return iter(())
        if name.count(".") >= 2 and not name.startswith(_STAND_INS):
            return manual.of_collection(self._places, kind, ".".join(name.split(".")[:2]))
        return manual.of_project(self._places, kind)

    def _keywords(self, names: Sequence[str]) -> str:
        sentences = described()
        unknown = [name for name in names if name not in KEYWORDS]
        if unknown:
            near = nearest(unknown[0], KEYWORDS)
            hint = f"did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"Skipping invalid keyword {', '.join(map(repr, unknown))}", hint=hint)
        return "\n".join(manualtext.keyword_text(KEYWORDS[name], sentences[name]) for name in names)

    def _roles(self, names: Sequence[str]) -> str:
        known = dict(self._role_folders(()))
        missing = [name for name in names if name not in known]
        if missing:
            near = nearest(missing[0], known)
            hint = f"did you mean {' or '.join(near)}?" if near else "a role needs meta/argument_specs.yml"
            raise UsageError(
                f"there is no role {', '.join(map(repr, missing))} that specifies its arguments", hint=hint
            )
        pages = [page for name in names if (page := self._role(name, known[name])) is not None]
        entry = self._given["entry_point"] or ""
        if self._given["as_json"]:
            return manualtext.data_text({page.name: manualtext.role_data(page, entry) for page in pages})
        return "\n".join(manualtext.role_text(page, entry) for page in pages)

    def _of_roles(self, names: Sequence[str]) -> Iterator[RoleManual]:
        for name, path in self._role_folders(names):
            if (page := self._role(name, path)) is not None:
                yield page

    def _role(self, name: str, path: str) -> RoleManual | None:
        try:
            return rolemanual.manual_of(name, path)
        except LanguageError as error:
            if self._on_fault is None:
                raise
            self._on_fault(error.render())
            return None

    def _role_folders(self, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        asked = [part for one in self._given["roles_path"] for part in one.split(":")]
        if not names:
            folders = [*asked, os.path.join(self._folder, "roles"), *self._settings.roles_path, self._folder]
            yield from rolemanual.roles_in(map(os.path.expanduser, folders))
        for collection in self._collections(names):
            place = self._places.collection(collection)
            if place is not None:
                folder = os.path.join(os.path.dirname(place.plugins), "roles")
                yield from rolemanual.roles_in([folder], f"{collection}.")
