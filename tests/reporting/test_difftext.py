"""Differences as unified text."""

from __future__ import annotations

import pytest

from orchestra.reporting.difftext import diff_pieces
from orchestra.reporting.options import OutputOptions


def _text(diff: dict, **options) -> str:
    return "".join(text for text, _ in diff_pieces([diff], OutputOptions(**options)))


def test_lines_headers_and_the_missing_newline() -> None:
    diff = {"before": "a\nb", "after": "a\nc\n", "before_header": "/etc/x", "after_header": "/etc/x"}
    assert _text(diff) == (
        "--- before: /etc/x\n+++ after: /etc/x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\n"
    )


def test_roles() -> None:
    roles = [role for _, role in diff_pieces([{"before": "a\n", "after": "b\n"}], OutputOptions())]
    assert roles == ["diff_remove", "diff_add", "diff_lines", "diff_remove", "diff_add", ""]


def test_mappings_are_laid_out() -> None:
    assert '-    "mode": "0644"\n+    "mode": "0600"\n' in _text(
        {"before": {"mode": "0644"}, "after": {"mode": "0600"}}
    )
    yaml = _text({"before": {"mode": "0644"}, "after": {"mode": "0600"}}, result_format="yaml")
    assert "-    mode: '0644'\n+    mode: '0600'\n" in yaml


def test_nothing_differs() -> None:
    assert diff_pieces([{"before": "a\n", "after": "a\n"}], OutputOptions()) == []


def test_none_is_an_empty_side() -> None:
    assert _text({"before": None, "after": "x\n"}).endswith("@@ -0,0 +1 @@\n+x\n\n")


def test_prepared_text_is_shown_as_it_is() -> None:
    assert _text({"prepared": "as I say\n"}) == "as I say\n"


@pytest.mark.parametrize(
    ("diff", "text"),
    [
        ({"dst_binary": 1}, "diff skipped: destination file appears to be binary\n"),
        ({"src_binary": 1}, "diff skipped: source file appears to be binary\n"),
        ({"dst_larger": 104448}, "diff skipped: destination file size is greater than 104448\n"),
        ({"src_larger": 7}, "diff skipped: source file size is greater than 7\n"),
    ],
)
def test_why_there_is_no_diff(diff: dict, text: str) -> None:
    assert _text(diff) == text


def test_context_lines() -> None:
    before = "".join(f"{number}\n" for number in range(9))
    after = before.replace("4", "four")
    assert _text({"before": before, "after": after}, diff_context=0).count("\n ") == 0
    assert _text({"before": before, "after": after}, diff_context=1).count("\n ") == 2
