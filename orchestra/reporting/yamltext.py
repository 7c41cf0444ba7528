"""Results as YAML for people: many-line text as blocks, no repeats of what ``stdout`` said already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

_OMITTED = "<omitted>"
#: The characters that end a line for YAML.
_BREAKS = "\n\x85\u2028\u2029"
#: Not compiled here: few runs show YAML, and the second costs 3 ms.
_SPACES_BEFORE_BREAK = f" +([{_BREAKS}])"
#: Characters that YAML allows in a block scalar.
_NOT_PLAIN = "[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffe]"


def dump_yaml(data: Any, *, indent: int | None = None, lossy: bool = True) -> str:
    """``data`` as YAML text; ``lossy`` trades exactness (tabs, trailing blanks, repeats) for readability."""
    import yaml

    if lossy and isinstance(data, dict):
        data = _without_repeats(data)
    text = yaml.dump(
        data,
        Dumper=_lossy_dumper() if lossy else _dumper(),
        allow_unicode=True,
        default_flow_style=False,
        indent=indent,
    )
    return str(text)


def _without_repeats(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out ``stdout_lines`` beside ``stdout``, and the same for ``stderr``."""
    shown = dict(data)
    for name in ("stdout", "stderr"):
        if name in shown and f"{name}_lines" in shown:
            shown[f"{name}_lines"] = _OMITTED
    return shown


@cache
def _dumper() -> type[yaml.SafeDumper]:
    import yaml

    class ResultDumper(yaml.SafeDumper):
        """Writes many-line text as a block, and what YAML does not know as its text."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

        def text_of(self, data: str) -> str:
            return data

        def represent_text(self, data: str) -> yaml.ScalarNode:
            style = "|" if any(mark in data for mark in _BREAKS) else None
            text = self.text_of(str(data)) if style else str(data)
            return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

        def represent_other(self, data: object) -> yaml.ScalarNode:
            return self.represent_text(str(data))

    ResultDumper.add_representer(str, ResultDumper.represent_text)
    ResultDumper.add_multi_representer(str, ResultDumper.represent_text)
    ResultDumper.add_multi_representer(dict, ResultDumper.represent_dict)
    ResultDumper.add_multi_representer(list, ResultDumper.represent_list)
    ResultDumper.add_multi_representer(object, ResultDumper.represent_other)
    return ResultDumper


@cache
def _lossy_dumper() -> type[yaml.SafeDumper]:
    base: Any = _dumper()

    class ReadableDumper(base):  # type: ignore[misc]
        """Bends text until YAML lets it be a block."""

        def text_of(self, data: str) -> str:
            return re.sub(_SPACES_BEFORE_BREAK, r"\1", re.sub(_NOT_PLAIN, "", data.rstrip().expandtabs()))

    kind: type[yaml.SafeDumper] = ReadableDumper
    return kind
