"""Filters about text: regular expressions, quoting, comments, splitting."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

from orchestra.errors import TemplateError, nearest
from orchestra.templating.finish import text_of

_STYLES: dict[str, dict[str, str]] = {
    "plain": {"decoration": "# "},
    "erlang": {"decoration": "% "},
    "c": {"decoration": "// "},
    "cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
    "xml": {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}


def as_text(value: Any) -> str:
    """Text for whatever a filter is given where it works on text."""
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else text_of(value)


def _compiled(pattern: str, ignorecase: bool, multiline: bool) -> re.Pattern[str]:
    flags = (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise TemplateError(str(error), hint=f"'{pattern}' is not a regular expression") from None


def regex_replace(
    value: Any = "",
    pattern: str = "",
    replacement: str = "",
    ignorecase: bool = False,
    multiline: bool = False,
    count: int = 0,
    mandatory_count: int = 0,
) -> str:
    """The text with matches replaced."""
    text = as_text(value)
    changed, found = _compiled(pattern, ignorecase, multiline).subn(replacement, text, count=count)
    if mandatory_count and mandatory_count != found:
        raise TemplateError(f"'{pattern}' should match {mandatory_count} times, but matches {found} times in '{text}'")
    return changed


def regex_search(
    value: Any, regex: str, *groups: str, ignorecase: bool = False, multiline: bool = False, **unknown: Any
) -> Any:
    r"""The first match, or the groups of it that are asked for as ``\1`` or ``\g<name>``; none without a match."""
    wanted = [_group(name) for name in groups]
    found = _compiled(regex, ignorecase, multiline).search(as_text(value))
    if found is None:
        return None
    return [found.group(name) for name in wanted] if wanted else found.group()


def _group(name: str) -> str | int:
    named = re.fullmatch(r"\\g<(\S+)>", name)
    if named:
        return int(named[1]) if named[1].isdigit() else named[1]
    numbered = re.fullmatch(r"\\(\d+)", name)
    if numbered:
        return int(numbered[1])
    raise TemplateError(f"'{name}' is no group", hint=r"groups are written '\\1' or '\\g<name>'")


def regex_findall(value: Any, regex: str, multiline: bool = False, ignorecase: bool = False) -> list[Any]:
    """All matches, or their groups."""
    return _compiled(regex, ignorecase, multiline).findall(as_text(value))


def regex_escape(value: Any, re_type: str = "python") -> str:
    """The text with everything escaped that means something in a regular expression."""
    if re_type == "python":
        return re.escape(as_text(value))
    if re_type == "posix_basic":
        return re.sub(r"([].[^$*\\])", r"\\\1", as_text(value))
    if re_type == "posix_extended":
        raise TemplateError(f"Regex type ({re_type}) not yet implemented", hint="there are python and posix_basic")
    raise TemplateError(f"Invalid regex type ({re_type})", hint="there are python and posix_basic")


def quote(value: Any) -> str:
    """The text quoted for a POSIX shell."""
    return shlex.quote("" if value is None else as_text(value))


def comment(text: Any, style: str = "plain", **given: Any) -> str:
    """The text as a comment block, in a style that may be changed in each part."""
    if style not in _STYLES:
        close = nearest(style, _STYLES)
        raise TemplateError(f"Invalid style '{style}'.", hint=f"there are {', '.join(close or _STYLES)}")
    edge = str(given.get("decoration", _STYLES[style]["decoration"])).rstrip()
    defaults = {"newline": "\n", "beginning": "", "prefix": edge, "prefix_count": 1, "postfix": edge}
    parts: dict[str, Any] = {**defaults, "postfix_count": 1, "end": "", **_STYLES[style], **given}
    newline, decoration = parts["newline"], parts["decoration"]
    beginning = f"{parts['beginning']}{newline}" if parts["beginning"] else ""
    line = f"{parts['prefix']}{newline}" if parts["prefix"] != newline else newline
    prefix = line * int(parts["prefix_count"]) if parts["prefix"] else ""
    body = decoration + text.replace(newline, newline + decoration)
    body = body.replace(decoration + newline, decoration.rstrip() + newline)
    postfix = "".join(newline + parts["postfix"] for _ in range(int(parts["postfix_count"])))
    end = f"{newline}{parts['end']}" if parts["end"] else ""
    return f"{beginning}{prefix}{body}{postfix}{end}"


def split(value: Any, *args: Any, **kwargs: Any) -> list[str]:
    """The parts of a text between separators (white space by default)."""
    return str.split(value, *args, **kwargs)


def urldecode(value: Any) -> str:
    """The text with ``%xx`` and ``+`` resolved."""
    from urllib.parse import unquote_plus

    return unquote_plus(value)


def urlsplit(value: Any, query: str = "") -> Any:
    """The parts of a URL, or one of them."""
    from urllib.parse import urlsplit as split_url

    url = split_url(value)
    names = ("scheme", "netloc", "path", "query", "fragment", "username", "password", "hostname", "port")
    parts = {name: getattr(url, name) for name in names}
    if not query:
        return parts
    if query not in parts:
        raise TemplateError(f"unknown URL component: {query}", hint=f"it has {', '.join(names)}")
    return parts[query]


FILTERS: dict[str, Callable[..., Any]] = {
    "regex_replace": regex_replace,
    "regex_search": regex_search,
    "regex_findall": regex_findall,
    "regex_escape": regex_escape,
    "quote": quote,
    "comment": comment,
    "split": split,
    "urldecode": urldecode,
    "urlsplit": urlsplit,
}
