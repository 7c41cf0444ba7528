"""What is said of a plugin's file that is none."""

from __future__ import annotations

from types import ModuleType

import pytest

from orchestra.plugins.faults import PluginFault, class_in


def test_a_file_without_the_class_of_its_kind() -> None:
    module = ModuleType("acme")
    with pytest.raises(PluginFault, match="the callback plugin 'acme' has no class CallbackModule") as caught:
        class_in(module, "CallbackModule", "callback", "acme", "/p/callback_plugins/acme.py")
    assert str(caught.value.origin) == "/p/callback_plugins/acme.py:1:1"
    module.__dict__["CallbackModule"] = dict
    assert class_in(module, "CallbackModule", "callback", "acme", "/p/callback_plugins/acme.py") is dict
