"""``--output dense`` and the live view, which leaves the same lines behind."""

from __future__ import annotations

import io
import itertools

import pytest

from orchestra.model.event import (
    HostStarted,
    Interrupted,
    ItemFinished,
    PlayStarted,
    RunFinished,
    RunStarted,
    TaskFinished,
    TaskStarted,
    Warned,
)
from orchestra.model.origin import Origin
from orchestra.model.outcome import HostTotals, Status
from orchestra.model.secret import Redactor
from orchestra.reporting.dense import DenseSink
from orchestra.reporting.live import LiveSink
from orchestra.reporting.options import OutputOptions
from orchestra.reporting.screen import Look, Screen
from orchestra.reporting.taskview import seconds

PLAY = PlayStarted("web", Origin("site.yml", 1, 3), ("web01", "web02", "web03"))


def _dense(paper, **options) -> DenseSink:
    ticks = itertools.count()
    return DenseSink(
        paper.screen.write_pieces,
        paper.screen.look,
        OutputOptions(**options),
        paper.redactor.mask_data,
        lambda: next(ticks) / 10,
        command=("orchestra", "play", "site.yml"),
    )


def _finish(failures=(), totals=None, **more) -> RunFinished:
    return RunFinished(2 if failures else 0, totals or {"web01": HostTotals(ok=1)}, tuple(failures), 61.0, **more)


def test_one_host_is_one(paper) -> None:
    _dense(paper)(PlayStarted("web", Origin("site.yml", 1, 3), ("web01",)))
    assert paper.text == "PLAY web · 1 host  site.yml:1\n"


def test_a_task_is_one_line_when_it_is_over(paper, task, outcome) -> None:
    sink = _dense(paper)
    sink(PLAY)
    sink(TaskStarted(task(), 3))
    for host in PLAY.hosts:
        sink(HostStarted(host, task()))
        sink(TaskFinished(outcome(host, Status.CHANGED if host == "web02" else Status.OK)))
    assert paper.text == "PLAY web · 3 hosts  site.yml:1\n"
    sink(_finish())
    assert paper.text.splitlines()[1] == " ~ deploy" + " " * 31 + "2 ok · 1 changed  0.6s"


def test_equal_differences_are_shown_once(paper, task, outcome) -> None:
    sink = _dense(paper)
    diff = ({"before": "worker 1024;\n", "after": "worker 4096;\n"},)
    for host in PLAY.hosts:
        sink(TaskFinished(outcome(host, Status.CHANGED, diff=diff)))
    sink(_finish())
    assert "     3 hosts, same diff: web[01-03]\n" in paper.text
    assert paper.text.count("+worker 4096;") == 1


def test_long_differences_are_capped(paper, outcome) -> None:
    sink = _dense(paper)
    diff = ({"before": "", "after": "".join(f"{n}\n" for n in range(100))},)
    sink(TaskFinished(outcome(status=Status.CHANGED, diff=diff)))
    sink(_finish())
    assert "       ... 79 more lines\n" in paper.text


def test_equal_messages_are_folded(paper, task, outcome) -> None:
    sink = _dense(paper)
    for host in PLAY.hosts:
        sink(TaskFinished(outcome(host, result={"msg": "hello"}, task=task(action="debug"))))
    sink(_finish())
    assert "     web[01-03]: hello\n" in paper.text


def test_failures_are_grouped_and_reported_at_the_end(paper, outcome) -> None:
    sink = _dense(paper)
    failed = [outcome(host, Status.FAILED, {"msg": "no space left"}) for host in PLAY.hosts]
    for one in failed:
        sink(TaskFinished(one))
    sink(_finish(failed, {host: HostTotals(failed=1) for host in PLAY.hosts}))
    assert "     ✗ web[01-03] failed: no space left\n" in paper.text
    ending = paper.text[paper.text.index("FAILED 3") :].splitlines()
    assert ending[0] == "FAILED 3  site.yml:3  deploy   web[01-03]"
    assert ending[1] == "  no space left"
    assert ending[-2] == "  retry: orchestra play site.yml --limit web01,web02,web03"
    assert ending[-1] == "3 hosts  0 ok  0 changed  3 failed  1m01s"


def test_ignored_failures_do_not_look_like_failures(paper, outcome) -> None:
    sink = _dense(paper)
    sink(TaskFinished(outcome(status=Status.FAILED, result={"msg": "no"}, ignored=True)))
    sink(_finish())
    assert "1 failed, ignored" in paper.text
    assert " ✔ deploy" in paper.text


def test_free_tasks_wait_for_the_play_s_end(paper, task, outcome) -> None:
    sink = _dense(paper)
    sink(PlayStarted("web", Origin("site.yml", 1), ("a", "b"), strategy="ansible.builtin.free"))
    first, second = task("first"), task("second", number=2)
    for event in (TaskStarted(first), TaskFinished(outcome("a", task=first)), TaskStarted(second)):
        sink(event)
    sink(TaskFinished(outcome("b", task=first)))
    sink(TaskFinished(outcome("a", task=second)))
    sink(_finish())
    assert [line.split()[1:4] for line in paper.text.splitlines()[1:3]] == [["first", "2", "ok"], ["second", "1", "ok"]]


def test_ascii_where_there_is_no_utf8(new_paper, outcome) -> None:
    paper = new_paper(Look(width=60, unicode=False))
    sink = _dense(paper)
    sink(PLAY)
    sink(TaskFinished(outcome(status=Status.FAILED, result={"msg": "no"})))
    sink(TaskFinished(outcome("web02")))
    sink(_finish())
    assert paper.text.isascii()
    assert "1 ok, 1 failed" in paper.text


def test_narrow_screens_cut_names(new_paper, outcome, task) -> None:
    paper = new_paper(Look(width=40))
    sink = _dense(paper)
    sink(TaskFinished(outcome(task=task("a very long name of a task that goes on"))))
    sink(_finish())
    assert " ✔ a very long name ...  1 ok" in paper.text


def test_warnings_once_and_details_at_v(paper, outcome) -> None:
    sink = _dense(paper, verbosity=1)
    sink(Warned("odd"))
    sink(TaskFinished(outcome(result={"warnings": ["odd", "new"], "rc": 0})))
    sink(_finish())
    assert paper.text.count("warning: odd") == 1
    assert "warning: new" in paper.text
    assert '     ok: web01 {"rc": 0}\n' in paper.text
    assert "web01 : ok=1 changed=0" in paper.text


def test_dull_tasks_can_be_hidden(paper, outcome, task) -> None:
    sink = _dense(paper, show_skipped=False, show_ok=False)
    sink(TaskFinished(outcome(task=task("fine"))))
    sink(TaskFinished(outcome(status=Status.SKIPPED, task=task("skipped", number=2))))
    sink(TaskFinished(outcome(status=Status.CHANGED, task=task("changed", number=3))))
    sink(_finish())
    assert "fine" not in paper.text
    assert "skipped" not in paper.text
    assert " ~ changed" in paper.text


def test_ad_hoc_output_is_folded(paper, outcome) -> None:
    sink = _dense(paper)
    sink(RunStarted("adhoc", (), False, 0))
    for host in PLAY.hosts:
        sink(TaskFinished(outcome(host, Status.CHANGED, {"stdout": "a\nb", "rc": 0})))
    sink(_finish())
    assert "     web[01-03]: \n       a\n       b\n" in paper.text


def test_pending_handlers_and_interruption(paper, outcome) -> None:
    sink = _dense(paper)
    sink(Interrupted((("web01", "deploy"),)))
    sink(_finish(pending_handlers={"web01": ("restart",), "web02": ("restart",)}))
    assert "INTERRUPTED\n  in flight: web01  deploy\n" in paper.text
    assert "PENDING HANDLER  restart   web[01-02]\n" in paper.text


@pytest.mark.parametrize(
    ("elapsed", "text"), [(0.04, "0.0s"), (9.94, "9.9s"), (41.2, "41s"), (185, "3m05s"), (7200, "2h00m")]
)
def test_seconds(elapsed: float, text: str) -> None:
    assert seconds(elapsed) == text


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def _live(redactor: Redactor) -> tuple[LiveSink, Terminal]:
    out = Terminal()
    screen = Screen(out, out, Look(width=80), redactor.mask)
    return LiveSink(screen, OutputOptions(), redactor.mask_data, itertools.count().__next__), out


def test_live_shows_progress_and_leaves_the_dense_lines(outcome, task) -> None:
    redactor = Redactor()
    redactor.add("hunter22")
    sink, out = _live(redactor)
    sink(PLAY)
    sink(TaskStarted(task("pay hunter22"), 3))
    sink(HostStarted("web01", task("pay hunter22")))
    sink._moving()
    frame = sink._moving().plain
    assert frame.startswith(" ▸ pay ********  0/3")
    assert "slowest: web01" in frame
    sink(TaskFinished(outcome(task=task("pay hunter22"), result={"msg": "\x1b[2J"})))
    sink(_finish())
    shown = out.getvalue()
    assert " ✔ pay ********" in shown
    assert "hunter22" not in shown
    assert "\x1b[2J" not in shown
    assert shown.endswith("1 host  1 ok  0 changed  0 failed  1m01s\n")


def test_live_shows_names_that_the_terminal_has_no_letters_for(task, outcome) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    sink = LiveSink(Screen(out, out, Look(unicode=False)), OutputOptions(), lambda value: value, lambda: 0.0)
    sink(PLAY)
    sink(TaskStarted(task("caf\xe9"), 1))
    assert sink._moving().plain.startswith(" > caf\\xe9")
    sink(TaskFinished(outcome(task=task("caf\xe9"), result={"msg": "\u65e5"})))
    sink(_finish())
    assert b"caf\\xe9" in out.buffer.getvalue()


def test_live_stays_away_while_suspended(task) -> None:
    sink, out = _live(Redactor())
    sink(PLAY)
    with sink.suspended():
        before = len(out.getvalue())
        sink(TaskStarted(task(), 1))
        assert sink._live is None
        assert len(out.getvalue()) == before
    sink(HostStarted("web01", task()))
    assert sink._live is not None
    sink.close()
    assert sink._live is None


def test_items_of_a_loop_bring_their_differences(paper, outcome) -> None:
    sink = _dense(paper)
    for label in ("a", "b"):
        diff = ({"before": "", "after": f"{label}\n"},)
        sink(ItemFinished(outcome(status=Status.CHANGED, label=label, diff=diff)))
    sink(TaskFinished(outcome(status=Status.CHANGED, looped=True)))
    sink(_finish())
    assert "+a" in paper.text
    assert "+b" in paper.text
    assert "1 changed" in paper.text
