"""YAML nodes to LocatedDict, LocatedList, TemplateText and plain values, each with its Origin.

Scalars mean what Ansible's loader makes of them (YAML 1.1: yes is true, 0755 is octal, dates are dates). All problems
of a document are collected. Must not know who asks or what the values are for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from yaml.constructor import ConstructorError, SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from orchestra.errors import LanguageError, nearest
from orchestra.language.yamlnodes import STR, TAG, implied_tag
from orchestra.model.origin import LocatedDict, LocatedList, Origin, ProjectText, TemplateText, UnsafeText
from orchestra.model.secret import Sealed, Secret

MERGE = TAG + "merge"
_NULL = TAG + "null"
_VAULT_TAGS = ("!vault", "!vault-encrypted")
_KNOWN_TAGS = ("!vault", "!unsafe", "!vault-encrypted", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary")
#: Columns are kept in the low bits of a packed place.
_COLUMN_BITS = 20

Warn = Callable[[str, Origin], None]


class Sealer(Protocol):
    """Makes the lazily opened value for an inline ``!vault`` text."""

    def seal(self, ciphertext: str, origin: Origin | None) -> Sealed:
        """A value that decrypts ``ciphertext`` at its first use."""


class PackedOrigins(Mapping[Any, Origin]):
    """Origins of one mapping's keys or values; an Origin is only made when somebody asks."""

    __slots__ = ("_file", "_places")

    def __init__(self, file: str, places: dict[Any, int]) -> None:
        self._file = file
        self._places = places

    def __getitem__(self, key: Any) -> Origin:
        place = self._places[key]
        return Origin(self._file, place >> _COLUMN_BITS, place & ((1 << _COLUMN_BITS) - 1))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def holds_template(text: str) -> bool:
    """Whether ``text`` holds the marks that make project text a template."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


def place_of(node: Node) -> int:
    """Line and column of a node, 1-based, packed into one number."""
    mark = node.start_mark
    return (mark.line + 1) << _COLUMN_BITS | (mark.column + 1)


class Builder:
    """Builds the value of one document. ``problems`` holds what was wrong with it afterwards."""

    def __init__(
        self,
        file: str,
        *,
        trusted: bool,
        json_scalars: bool,
        secret: Callable[[str], Secret] | None,
        sealer: Sealer,
        warn: Warn,
    ) -> None:
        self.problems: list[LanguageError] = []
        self._file = file
        self._trusted = trusted
        self._in_unsafe = False
        self._sealer = sealer
        self._warn = warn
        self._json_scalars = json_scalars
        self._secret = secret
        self._scalars = SafeConstructor()
        self._shared: dict[tuple[int, bool], Any] = {}
        self._open_nodes: set[int] = set()

    def build(self, node: Node) -> Any:
        """The value of ``node``."""
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        key = (id(node), self._trusted)
        if key in self._shared:
            return self._shared[key]
        if id(node) in self._open_nodes:
            return self._problem("an alias (*name) inside the value that it names never ends", node)
        self._open_nodes.add(id(node))
        value = self._shared[key] = self._collection(node)
        self._open_nodes.discard(id(node))
        return value

    def origin(self, node: Node) -> Origin:
        """Where ``node`` starts."""
        return Origin(self._file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _problem(self, message: str, node: Node, hint: str = "") -> None:
        self.problems.append(LanguageError(message, origin=self.origin(node), hint=hint))

    def _scalar(self, node: ScalarNode) -> Any:
        text: str = node.value
        tag = node.tag
        if self._json_scalars and not node.style:
            return json.loads(text)
        if tag == STR:
            if self._trusted and holds_template(text):
                return TemplateText(text, self.origin(node))
            if self._secret:
                return self._secret(text)
            if self._trusted:
                return ProjectText(text)
            return UnsafeText(text) if self._in_unsafe else text
        if tag == _NULL:
            return None
        if tag.startswith("!"):
            return self._local_tag(node)
        return self._typed_scalar(node)

    def _typed_scalar(self, node: ScalarNode) -> Any:
        kind = node.tag.removeprefix(TAG)
        if node.tag == MERGE or kind == "value" or kind == "python/unicode":
            return node.value
        make = SafeConstructor.yaml_constructors.get(node.tag)
        if make is None:
            return self._unknown_tag(node)
        try:
            return make(self._scalars, node)
        except (ConstructorError, ValueError, ArithmeticError, KeyError, IndexError) as error:
            reason = getattr(error, "problem", None) or str(error)
            return self._problem(
                f"{node.value!r} is no {_kind_name(kind)}: {reason}", node, "quote it to keep it as text"
            )

    def _collection(self, node: Node) -> Any:
        if node.tag.startswith("!"):
            return self._local_tag(node)
        kind = node.tag.removeprefix(TAG)
        if isinstance(node, MappingNode) and kind in ("map", "python/dict"):
            return self._mapping(node)
        if isinstance(node, SequenceNode) and kind == "seq":
            return self._sequence(node)
        if isinstance(node, MappingNode) and kind == "set":
            return set(self._mapping(node))
        if isinstance(node, SequenceNode) and kind in ("omap", "pairs"):
            return LocatedList(
                [pair for item in node.value for pair in self.build(item).items()], origin=self.origin(node)
            )
        return self._unknown_tag(node)

    def _sequence(self, node: SequenceNode) -> LocatedList:
        build = self.build
        return LocatedList(
            [build(item) for item in node.value],
            origin=self.origin(node),
            item_origins=tuple(map(self.origin, node.value)),
        )

    def _mapping(self, node: MappingNode) -> LocatedDict:
        items: dict[Any, Any] = {}
        keys: dict[Any, int] = {}
        values: dict[Any, int] = {}
        own: dict[Any, int] = {}
        self._merge_into(node, items, keys, values)
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                continue
            key = self._key(key_node, node)
            if key is None and key_node.tag != _NULL:
                continue
            place = place_of(key_node)
            if own.setdefault(key, place) != place:
                self._warn(f"Found duplicate mapping key {key!r}.", self.origin(key_node))
            items[key] = self.build(value_node)
            keys[key] = place
            values[key] = place_of(value_node)
        return LocatedDict(
            items,
            origin=self.origin(node),
            key_origins=PackedOrigins(self._file, keys),
            value_origins=PackedOrigins(self._file, values),
        )

    def _merge_into(
        self, node: MappingNode, items: dict[Any, Any], keys: dict[Any, int], values: dict[Any, int]
    ) -> None:
        """``<<``: what the node's own keys then override; of several, the first named wins."""
        for source in self._merged_nodes(node):
            merged = self.build(source)
            if not isinstance(merged, LocatedDict):
                continue
            items |= merged
            for origins, places in ((merged.key_origins, keys), (merged.value_origins, values)):
                if isinstance(origins, PackedOrigins):
                    places |= origins._places

    def _merged_nodes(self, node: MappingNode) -> list[Node]:
        found: list[Node] = []
        for key_node, value_node in node.value:
            if key_node.tag != MERGE:
                continue
            sources = list(reversed(value_node.value)) if isinstance(value_node, SequenceNode) else [value_node]
            for source in sources:
                if isinstance(source, MappingNode):
                    found.append(source)
                else:
                    self._problem("'<<' merges mappings, and this is none", source, "name an anchor: <<: *defaults")
        return found

    def _key(self, key_node: Node, parent: MappingNode) -> Any:
        """The value of a key, or None after noting a problem."""
        if not isinstance(key_node, ScalarNode):
            self._problem(*_explain_key(key_node, parent))
            return None
        if key_node.tag == STR:  # keys are never secrets
            templated = self._trusted and holds_template(key_node.value)
            return TemplateText(key_node.value, self.origin(key_node)) if templated else key_node.value
        key = self._scalar(key_node)
        return self._sealed_key(key_node) if isinstance(key, Sealed) else key

    def _sealed_key(self, node: Node) -> None:
        self._problem("a key can not be a vault value", node)

    def _local_tag(self, node: Node) -> Any:
        if node.tag == "!unsafe":
            return self._unsafe(node)
        if node.tag in _VAULT_TAGS:
            return self._vault(node)
        return self._unknown_tag(node)

    def _unsafe(self, node: Node) -> Any:
        before = (self._trusted, self._in_unsafe)
        self._trusted, self._in_unsafe = False, True
        try:
            return self._scalar(_untagged(node)) if isinstance(node, ScalarNode) else self._collection(_untagged(node))
        finally:
            self._trusted, self._in_unsafe = before

    def _vault(self, node: Node) -> Any:
        if not isinstance(node, ScalarNode):
            return self._problem(
                "!vault wants the text that `vault encrypt-string` printed", node, "write:  name: !vault |"
            )
        return self._sealer.seal(node.value, self.origin(node))

    def _unknown_tag(self, node: Node) -> None:
        name = node.tag.replace(TAG, "!!")
        guesses = nearest(name, _KNOWN_TAGS, 1)
        hint = (
            f"did you mean {guesses[0]}?"
            if guesses
            else f"known here are {', '.join(_KNOWN_TAGS[:2])}; quote a text that starts with '!'"
        )
        self._problem(f"unknown YAML tag {name!r}", node, hint)


def _untagged(node: Any) -> Any:
    if isinstance(node, ScalarNode):
        tag = implied_tag(node.value) if not node.style else STR
        return ScalarNode(tag, node.value, node.start_mark, node.end_mark, node.style)
    kind = "map" if isinstance(node, MappingNode) else "seq"
    return type(node)(TAG + kind, node.value, node.start_mark, node.end_mark, node.flow_style)


def _kind_name(kind: str) -> str:
    return {"int": "whole number", "float": "number", "bool": "truth value", "timestamp": "date"}.get(kind, kind)


def _explain_key(key_node: Node, parent: MappingNode) -> tuple[str, Node, str]:
    """The two ways people come to write a mapping or list as a key."""
    if isinstance(key_node, MappingNode) and parent.flow_style and key_node.flow_style:
        return (
            "a value that starts with '{{' must be quoted, or YAML takes it for a mapping (missing quotes)",
            parent,
            f'write:  "{{{{ {_inside(key_node)} }}}}"',
        )
    return "a key must be a text or a number, not a mapping or a list", key_node, "quote it if a text was meant"


def _inside(key_node: MappingNode) -> str:
    """What stood between the braces, where it was one plain text."""
    inner = key_node.value[0][0] if key_node.value else None
    return str(inner.value) if isinstance(inner, ScalarNode) else "variable"
