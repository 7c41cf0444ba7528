"""A role's argument specification: where it stands, and the task that holds the role's variables against it.

It reads what the specification is for an entry point; judging values is the work of the task's action.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from orchestra.language.keywordreader import value_origin
from orchestra.language.maketask import inherited
from orchestra.language.project import Project, first_existing
from orchestra.language.scope import Scope
from orchestra.model.origin import Origin
from orchestra.model.play import RoleRef, Task

ACTION = "ansible.builtin.validate_argument_spec"
_SUFFIXES = (".yml", ".yaml", ".json")


def read_specs(project: Project, path: str, meta: Mapping[str, Any], origin: Origin | None) -> Mapping[str, Any]:
    """Entry point -> specification, of a role's folder; ``meta/argument_specs.*`` wins over what ``meta/main`` has."""
    file = first_existing([os.path.join(path, "meta", "argument_specs" + suffix) for suffix in _SUFFIXES])
    content = project.read(file, origin) if file else meta
    if content is not None and not isinstance(content, dict):
        project.problems.add(
            "argument_specs must be a mapping", Origin(str(file), 1, 1), "start with 'argument_specs:'"
        )
        return {}
    specs = (content or {}).get("argument_specs") or {}
    if isinstance(specs, dict):
        return specs
    project.problems.add(
        "'argument_specs' must be a mapping of entry points", value_origin(content or {}, "argument_specs"),
        "write the entry point's name, as in 'main:', and below it 'options:'",
    )  # fmt: skip
    return {}


def validation_step(
    project: Project, ref: RoleRef, specs: Mapping[str, Any], entry: str, scope: Scope, origin: Origin | None
) -> tuple[Task, ...]:
    """The task to put before those of the role; nothing where the entry point has no specification."""
    spec = specs.get(entry)
    if not spec:
        return ()
    if not isinstance(spec, dict) or not isinstance(spec.get("options") or {}, dict):
        project.problems.add(
            f"the argument specification of {entry!r} must be a mapping with 'options'", value_origin(specs, entry)
        )
        return ()
    name = f"Validating arguments against arg spec '{entry}'"
    if "short_description" in spec:
        name += f" - {spec['short_description']}"
    context = {"type": "role", "name": ref.short_name, "argument_spec_name": entry, "path": ref.path}
    args = {"argument_spec": spec.get("options") or {}, "provided_arguments": dict(ref.params)}
    inside = scope.enter({"tags": ["always"]})
    task = Task(
        name=name,
        action=ACTION,
        args={**args, "validate_args_context": context},
        origin=value_origin(specs, entry) or origin or Origin(ref.path),
        var_layers=inside.var_layers,
        param_layers=inside.param_layers,
        role=ref,
        **inherited(inside),
    )
    return (task,)
