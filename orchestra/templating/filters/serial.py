"""Filters between data and text: JSON, YAML, base64."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, time
from functools import cache
from typing import Any

from orchestra.errors import TemplateError
from orchestra.model.secret import Secret
from orchestra.templating.filters.text import as_text
from orchestra.templating.finish import finish


def _json_default(value: Any) -> Any:
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, AbstractSet):
        return list(value)
    return finish(value)


def to_json(value: Any, **options: Any) -> str:
    """The value as JSON."""
    for ignored in ("vault_to_text", "preprocess_unsafe", "profile"):
        options.pop(ignored, None)
    return json.dumps(finish(value), default=_json_default, **options)


def to_nice_json(value: Any, indent: int = 4, sort_keys: bool = True, **options: Any) -> str:
    """The value as indented JSON with sorted keys."""
    options["separators"] = (",", ": ")
    return to_json(value, indent=indent, sort_keys=sort_keys, **options)


def from_json(text: Any, profile: str | None = None, **options: Any) -> Any:
    """The data that a JSON text holds."""
    try:
        return json.loads(text, **options)
    except ValueError as error:
        raise TemplateError(str(error), hint="this is no JSON") from None


@cache
def _dumper() -> Any:
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        """Writes our own kinds of text as what they are."""

    Dumper.add_multi_representer(str, lambda dumper, value: dumper.represent_str(str(value)))
    Dumper.add_multi_representer(Mapping, lambda dumper, value: dumper.represent_dict(value.items()))
    Dumper.add_representer(Secret, lambda dumper, value: dumper.represent_str(str(value)))
    return Dumper


def to_yaml(value: Any, *_args: Any, default_flow_style: bool | None = None, **options: Any) -> str:
    """The value as YAML, inner levels in flow style."""
    import yaml

    options = {"allow_unicode": True, **options}
    text: str = yaml.dump(finish(value), Dumper=_dumper(), default_flow_style=default_flow_style, **options)
    return text


def to_nice_yaml(value: Any, indent: int = 4, *_args: Any, default_flow_style: bool = False, **options: Any) -> str:
    """The value as YAML in block style."""
    return to_yaml(value, indent=indent, default_flow_style=default_flow_style, **options)


def _yaml_loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def from_yaml(text: Any) -> Any:
    """The data that a YAML text holds; anything but text as it is."""
    import yaml

    if not isinstance(text, str):
        return text
    try:
        return yaml.load(str(text), Loader=_yaml_loader())  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise TemplateError(str(error), hint="this is no YAML") from None


def from_yaml_all(text: Any) -> Any:
    """All documents of a YAML text."""
    import yaml

    if text is None:
        return []
    if not isinstance(text, str):
        return text
    try:
        return list(yaml.load_all(str(text), Loader=_yaml_loader()))
    except yaml.YAMLError as error:
        raise TemplateError(str(error), hint="this is no YAML") from None


def b64encode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """Base64 of a text."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    return encode(as_text(value).encode(encoding, "surrogateescape")).decode()


def b64decode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """The text that Base64 holds."""
    decode = base64.urlsafe_b64decode if urlsafe else base64.b64decode
    try:
        return decode(as_text(value).encode("utf-8", "surrogateescape")).decode(encoding, "surrogateescape")
    except ValueError as error:
        raise TemplateError(str(error), hint="this is no Base64") from None


FILTERS: dict[str, Callable[..., Any]] = {
    "to_json": to_json,
    "to_nice_json": to_nice_json,
    "from_json": from_json,
    "to_yaml": to_yaml,
    "to_nice_yaml": to_nice_yaml,
    "from_yaml": from_yaml,
    "from_yaml_all": from_yaml_all,
    "b64encode": b64encode,
    "b64decode": b64decode,
}
