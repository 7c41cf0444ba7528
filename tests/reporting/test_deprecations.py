"""What a module's deprecations are shown as; the sentences are those that ansible-core printed for the same calls."""

import pytest

from orchestra.reporting.messages import _text

COLLECTION = {"resolved_name": "c.d", "type": None}
MODULE = {"resolved_name": "ansible.legacy.dep", "type": "module"}


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ({"msg": "one", "version": "3.0", "deprecator": MODULE},
         "one. This feature will be removed from module 'dep' in collection 'ansible.legacy' version 3.0."),
        ({"msg": "two", "date": "2030-01-01", "deprecator": COLLECTION},
         "two. This feature will be removed from collection 'c.d' in a release after 2030-01-01."),
        ({"msg": "don't!", "version": "3.0", "deprecator": MODULE},
         "don't! This feature will be removed from module 'dep' in collection 'ansible.legacy' version 3.0."),
        ({"msg": "three.", "version": None, "deprecator": MODULE},
         "three. This feature will be removed from module 'dep' in collection 'ansible.legacy' in a future release."),
        ({"msg": "alone"}, "alone"),
        ("text", "text"),
    ],
)  # fmt: skip
def test_when_and_from_what_it_goes(entry: object, shown: str) -> None:
    assert _text(entry) == shown
