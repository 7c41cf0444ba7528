"""Where ``with_first_found`` looks depends on the action's name."""

import pytest

from orchestra.engine.loops import _lookup_options


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("include_vars", "vars"),
        ("show_var", "vars"),
        ("template", "templates"),
        ("my_template_x", "templates"),
        ("copy", "files"),
    ],
)
def test_first_found_looks_beside_what_the_action_is_for(action: str, kind: str) -> None:
    assert _lookup_options("first_found", action) == {"kind": kind}
    assert _lookup_options("items", action) == {}
