"""Values as ansible-core 2.19 writes them into caches: some carry their type and where they came from.

Both tools read what either wrote. Of ansible-core's notes a text's place is dropped. Whether a text was the project's
own, a template, counts for inventories alone: a fact that comes out of a cache is data.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any

from orchestra.model.origin import TemplateText
from orchestra.model.secret import Sealed, Secret
from orchestra.runner.foreign.text import plain

_TYPE = "__ansible_type"
_ENCRYPTED = "SourceWasEncrypted"
_TRUSTED = "TrustedAsTemplate"

_FROM_ISO: Mapping[str, Callable[[str], Any]] = {
    "AnsibleSerializableDate": datetime.date.fromisoformat,
    "AnsibleSerializableTime": datetime.time.fromisoformat,
    "AnsibleSerializableDateTime": datetime.datetime.fromisoformat,
}
_TO_TYPE = ((datetime.datetime, "DateTime"), (datetime.date, "Date"), (datetime.time, "Time"))


def encode(value: Any) -> str:
    """The text that both tools read; a secret keeps the mark that it is one."""
    return json.dumps(_marked(value), default=_as_data)


def _marked(value: Any) -> Any:
    if isinstance(value, Sealed):
        value = value.reveal()
    if isinstance(value, (Secret, TemplateText)):
        tag = _ENCRYPTED if isinstance(value, Secret) else _TRUSTED
        return {"value": str(value), "tags": [{_TYPE: tag}], _TYPE: "_AnsibleTaggedStr"}
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, (list, tuple)) else value


def untagged(value: Any, *, templates: bool = False) -> Any:
    """A value that was read from a cache, as plain data; what was encrypted is a Secret.

    With ``templates`` a text that was marked as the project's own is a template again.
    """
    if isinstance(value, list):
        return [untagged(item, templates=templates) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(_TYPE)
    if kind is None:
        return {key: untagged(item, templates=templates) for key, item in value.items()}
    if kind in _FROM_ISO:
        return _FROM_ISO[kind](value["iso8601"])
    found = untagged(value.get("value"), templates=templates)
    tags = {tag.get(_TYPE) for tag in value.get("tags", ())}
    if not isinstance(found, str) or not tags:
        return found
    if _ENCRYPTED in tags:
        return Secret(found)
    return TemplateText(found) if templates and _TRUSTED in tags else found


def _as_data(value: Any) -> Any:
    for kind, name in _TO_TYPE:
        if isinstance(value, kind):
            return {"iso8601": value.isoformat(), "fold": 0, _TYPE: f"AnsibleSerializable{name}"}
    return plain(value)
