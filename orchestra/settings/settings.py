"""The one Settings object of a run: every setting with its type, default, places and purpose. Passed, never global.

Names in capitals are Ansible's own (``lookup('config', NAME)``); sections and keys are those of ansible.cfg. These
modules only declare; ``load`` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from orchestra.errors import OptionError, nearest
from orchestra.model.origin import Origin
from orchestra.model.record import record
from orchestra.settings.accepted import ACCEPTED
from orchestra.settings.showing import ShowSettings
from orchestra.settings.spec import Spec, specs_of


@record
class Settings(ShowSettings):
    """All settings, typed and complete."""

    # What the reader found out
    #: The file that was read, or an empty text.
    config_file: str = ""
    #: Where each value that is no default came from, by field name.
    sources: Mapping[str, Origin] = field(default_factory=dict)
    #: ``section.key`` of what the file holds and nobody here knows.
    unknown_keys: Mapping[str, Origin] = field(default_factory=dict)
    #: What the user should hear about the configuration itself.
    warnings: tuple[str, ...] = ()
    #: Everything the file holds, section by section, as text: for plugins with settings of their own.
    file_values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def source(self, field: str) -> str:
        """Where a field's value came from, in Ansible's words (a path, ``env: NAME``); empty for a default."""
        origin = self.sources.get(field)
        if origin is None:
            return ""
        name = origin.file.removeprefix("environment variable ")
        return origin.file if name == origin.file else f"env: {name}"

    def asks_beside_playbook(self, stage: str) -> bool:
        """Whether a vars plugin is asked about a playbook's folder; ``stage`` is what it says itself, if anything."""
        return stage in ("all", "task") if stage else self.run_vars_plugins == "demand"

    def get(self, name: str) -> Any:
        """A value by Ansible's name for it, as ``lookup('config', NAME)`` has it.

        Raises:
            OptionError: no such setting; says the nearest.
        """
        spec = SPECS_BY_NAME.get(name)
        if spec is not None:
            value = getattr(self, spec.field)
            return list(value) if isinstance(value, tuple) else value
        if name in ACCEPTED:
            section, _, key = ACCEPTED[name].partition(".")
            return self.file_values.get(section, {}).get(key)
        near = nearest(name, [*SPECS_BY_NAME, *ACCEPTED])
        raise OptionError(f"there is no setting {name!r}", hint=f"near: {', '.join(near)}" if near else "")


SPECS: Mapping[str, Spec] = specs_of(Settings)
SPECS_BY_NAME: Mapping[str, Spec] = {spec.name: spec for spec in SPECS.values()}
