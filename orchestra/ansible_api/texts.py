"""Small readers of text that plugins import from here and there: splitter, quoting, listify."""

from __future__ import annotations

import json
import re
from typing import Any

from orchestra.runner.foreign.text import plain

__all__ = [
    "AnsibleJSONDecoder",
    "AnsibleJSONEncoder",
    "is_quoted",
    "listify_lookup_plugin_terms",
    "parse_kv",
    "split_args",
    "unquote",
]


def parse_kv(args: Any, check_raw: bool = False) -> dict[str, str]:
    """The options in ``key=value`` words; other words are left out."""
    pairs = (word.partition("=") for word in split_args(args or ""))
    return {key: unquote(value) for key, equals, value in pairs if equals}


def split_args(args: str) -> list[str]:
    """Words, as a shell splits them but with their quotes kept."""
    return re.findall(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""", args)


def is_quoted(data: str) -> bool:
    """Whether a text stands in quotes."""
    return len(data) > 1 and data[0] == data[-1] and data[0] in "'\"" and data[-2] != "\\"


def unquote(data: str) -> str:
    """A text without its quotes."""
    return data[1:-1] if is_quoted(data) else data


def listify_lookup_plugin_terms(terms: Any, *args: Any, **kwargs: Any) -> list[Any]:
    """The terms as a list; they are rendered already."""
    if isinstance(terms, str):
        return [terms.strip()]
    return list(terms) if isinstance(terms, (list, tuple, set)) else [terms]


AnsibleJSONDecoder = json.JSONDecoder


class AnsibleJSONEncoder(json.JSONEncoder):
    """JSON of values that JSON has no word for."""

    def default(self, o: Any) -> Any:
        """What comes nearest."""
        return plain(o)
