"""The settings as text: what there is (for the manual), and what one run has and where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestra.settings.settings import SPECS, Settings
from orchestra.settings.spec import Spec


def as_markdown() -> str:
    """One table of all settings, for the manual."""
    rows = ["| Setting | In a file | Environment | Default | Meaning |", "|---|---|---|---|---|"]
    for spec in SPECS.values():
        cells = (spec.name, _places(spec), _variables(spec), f"`{_shown(spec.default)}`", spec.doc.replace("|", "\\|"))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def as_lines(settings: Settings, *, only_changed: bool = False) -> Iterator[str]:
    """``NAME(where from) = value``, as ansible-config dumps them."""
    for field, spec in sorted(SPECS.items(), key=lambda item: item[1].name):
        source = settings.sources.get(field)
        if source is not None or not only_changed:
            yield f"{spec.name}({source or 'default'}) = {_shown(getattr(settings, field))}"


def _places(spec: Spec) -> str:
    return ", ".join(f"`[{section}] {key}`" for section, _, key in (place.partition(".") for place in spec.places))


def _variables(spec: Spec) -> str:
    return ", ".join(f"`{name[1:]}`" if name.startswith("=") else f"`ORCHESTRA_{name}`" for name in spec.env)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
