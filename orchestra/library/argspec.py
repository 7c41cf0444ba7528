"""Values against an argument specification of Ansible's form, for roles: the same rules that modules are held to."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any


def faults_of(spec: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with ``values``, in the order it was found; they are not changed."""
    from orchestra.runner.foreign.validator import ArgumentSpecValidator

    found: list[str] = ArgumentSpecValidator(dict(spec)).validate(deepcopy(dict(values))).error_messages
    return found
