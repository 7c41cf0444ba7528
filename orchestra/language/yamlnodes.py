"""YAML text to PyYAML nodes with marks, by libyaml where it is there.

Exists apart because speed lives here: the C parser composes, and the one Python call it makes for each scalar
(``resolve``) is as short as it can be. Knows nothing of Origins, templates or vaults.
"""

from __future__ import annotations

import operator
from typing import Any, Protocol, cast

import yaml
from yaml.composer import Composer
from yaml.nodes import Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import Resolver
from yaml.scanner import Scanner

TAG = "tag:yaml.org,2002:"
STR = TAG + "str"
_SEQUENCE = TAG + "seq"
_MAPPING = TAG + "map"
#: First character of a plain scalar -> (tag, pattern) to try; YAML 1.1 as PyYAML (and so Ansible) reads it.
_IMPLICIT: dict[str, list[tuple[str, Any]]] = cast(Any, Resolver).yaml_implicit_resolvers


class _Source(Protocol):
    def get_single_node(self) -> Node | None: ...


class _Resolving:
    """Decides the tag of a value without one."""

    #: Path resolvers are not used, but called for each value: functions in C that do nothing cost a fifth of Python's.
    descend_resolver = staticmethod(operator.is_)
    ascend_resolver = staticmethod(bool)

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        """The tag of an untagged node; ``implicit[0]`` is true for a plain scalar."""
        if kind is ScalarNode:
            return implied_tag(value) if implicit[0] else STR
        return _SEQUENCE if kind is SequenceNode else _MAPPING


def implied_tag(value: str) -> str:
    """The tag that YAML 1.1 gives to the plain scalar ``value``."""
    for tag, pattern in _IMPLICIT.get(value[0] if value else "", ()):
        if pattern.match(value):
            return tag
    return STR


class _PythonComposer(_Resolving, Reader, Scanner, Parser, Composer):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


def _composer_class() -> type[_Resolving]:
    if not yaml.__with_libyaml__:
        return _PythonComposer
    from yaml.cyaml import CParser  # type: ignore[attr-defined]

    class CComposer(_Resolving, CParser):
        pass

    return CComposer


_COMPOSER: Any = _composer_class()


def compose(text: str) -> Node | None:
    """The only document of ``text`` as a node, or None when there is none.

    Raises:
        yaml.YAMLError: not YAML, or more than one document.
    """
    return cast(_Source, _COMPOSER(str(text))).get_single_node()  # libyaml refuses subclasses of str
