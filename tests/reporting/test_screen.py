"""What leaves through a screen: clean, masked, coloured where wanted, encodable."""

from __future__ import annotations

import io

import pytest

from orchestra.reporting.screen import Look, Screen, clean, display_width, sgr


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("bell\x07 back\x08", "bell\\x07 back\\x08"),
        ("windows\r\nline, lone\rreturn", "windows\nline, lone\\x0dreturn"),
        ("c1 \x9b31m del \x7f", "c1 \\u009b31m del \\u007f"),
        ("reversed \u202etxt.exe", "reversed \\u202etxt.exe"),
        ("isolate \u2066x\u2069", "isolate \\u2066x\\u2069"),
        ("no utf-8: \udcff\udc80", "no utf-8: \\xff\\x80"),
        ("lone \ud800", "lone \\ud800"),
        ("Grüße ☃ 日本", "Grüße ☃ 日本"),
    ],
)
def test_clean(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("ü", 1), ("", 0)])
def test_display_width(text: str, columns: int) -> None:
    assert display_width(text) == columns


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("green", "0;32"),
        ("bright purple", "1;35"),
        ("dark gray", "1;30"),
        ("color12", "38;5;12"),
        ("rgb125", "38;5;69"),
        ("gray3", "38;5;235"),
        ("unheard of", "0"),
    ],
)
def test_sgr(name: str, code: str) -> None:
    assert sgr(name) == code


def test_banner_is_as_wide_as_the_screen(paper) -> None:
    paper.screen.banner("TASK [ünïcödé 日本語]")
    blank, line = paper.text.splitlines()
    assert blank == ""
    assert display_width(line) == 80
    assert line.startswith("TASK [ünïcödé 日本語] ***")


def test_banner_has_three_stars_at_least(paper) -> None:
    paper.screen.banner("x" * 100)
    assert paper.text.endswith("x ***\n")


def test_a_newline_at_the_end_is_the_end(paper) -> None:
    paper.screen.write("one\n")
    paper.screen.write("two")
    paper.screen.write("three\n\n")
    assert paper.text == "one\ntwo\nthree\n\n"


def test_secrets_are_masked_unless_raw(paper) -> None:
    paper.redactor.add("hunter22")
    paper.screen.write("password hunter22")
    paper.screen.write("password hunter22", raw=True)
    assert paper.text == "password ********\npassword hunter22\n"


def test_control_characters_stay_out_even_when_raw(paper) -> None:
    paper.screen.write("\x1b]0;title\x07", raw=True, role="ok")
    assert "\x1b" not in paper.text


def test_carriage_returns_stay_where_the_look_says_so(new_paper) -> None:
    paper = new_paper(Look(returns=True))
    paper.screen.write("Hello\r\nNew\rAnsible\nWorld\x1b[2J\x08")
    assert paper.text == "Hello\nNew\rAnsible\nWorld\\x1b[2J\\x08\n"


def test_each_line_is_coloured(new_paper) -> None:
    paper = new_paper(Look(colour=True))
    paper.screen.write("a\nb", "error")
    paper.screen.write_pieces([("x=1", "ok"), (" ", ""), ("y=0", "nonsense")])
    assert paper.text == "\x1b[0;31ma\x1b[0m\n\x1b[0;31mb\x1b[0m\n\x1b[0;32mx=1\x1b[0m y=0\n"


def test_colours_can_be_set(new_paper) -> None:
    paper = new_paper(Look(colour=True, colours={"ok": "bright blue"}))
    paper.screen.write("x", "ok")
    assert paper.text == "\x1b[1;34mx\x1b[0m\n"


def test_what_the_stream_cannot_encode_is_escaped() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1")
    Screen(stream, stream).write("ü ☃")
    stream.flush()
    assert raw.getvalue() == b"\xfc \\u2603\n"


def test_errors_go_to_the_second_stream(paper) -> None:
    paper.screen.write("bad", error=True)
    assert (paper.text, paper.errors) == ("", "bad\n")
