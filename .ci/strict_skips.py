"""A pytest plugin for CI: a skipped test counts as a failure unless ``.ci/skips`` excuses it with a reason.

Each session also appends its counts to $ORCHESTRA_TEST_SUMMARY; run as a program on that file, this prints the sum as
pytest would and exits with 1 if anything failed.
"""

import fnmatch
import json
import os
import sys
import time
from pathlib import Path

EXCUSES = Path(__file__).with_name("skips")
COUNTED = ("failed", "passed", "skipped", "xfailed", "error")


def excuses(text):
    """(glob, reason) of each line; a line without a reason is an error."""
    found = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            glob, tab, reason = line.partition("\t")
            if not (tab and reason.strip()):
                raise SystemExit(f"{EXCUSES}: no reason is given for {glob!r}")
            found.append((glob, reason.strip()))
    return found


def unexcused(nodeids, allowed):
    """The skipped tests that no glob excuses."""
    return [nodeid for nodeid in nodeids if not any(fnmatch.fnmatchcase(nodeid, glob) for glob, _ in allowed)]


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # with pytest-xdist only the controller sees everything
        config.pluginmanager.register(StrictSkips())


class StrictSkips:
    """Judges the skips of one session and notes its counts."""

    def __init__(self):
        self._begin = time.monotonic()

    def pytest_terminal_summary(self, terminalreporter, exitstatus):
        skipped = sorted({report.nodeid for report in terminalreporter.stats.get("skipped", [])})
        surprising = unexcused(skipped, excuses(EXCUSES.read_text(encoding="utf-8")))
        for nodeid in surprising:
            terminalreporter.write_line(f"skipped without an excuse in .ci/skips: {nodeid}", red=True)
        counts = {kind: len(terminalreporter.stats.get(kind, [])) for kind in COUNTED}
        counts.update(unexcused=len(surprising), exit=int(exitstatus), seconds=time.monotonic() - self._begin)
        if path := os.environ.get("ORCHESTRA_TEST_SUMMARY"):
            with open(path, "a", encoding="utf-8") as handle:
                handle.write(json.dumps(counts) + "\n")
        if surprising:
            terminalreporter._session.exitstatus = 1


def main(path):
    """Print the sum of all sessions; 1 if any failed or none ran."""
    sessions = [json.loads(line) for line in Path(path).read_text().splitlines()] if Path(path).exists() else []
    total = {kind: sum(session[kind] for session in sessions) for kind in (*COUNTED, "unexcused")}
    bad = not sessions or any(session["exit"] or session["unexcused"] for session in sessions)
    seconds = sum(session["seconds"] for session in sessions)
    words = ", ".join(f"{count} {kind}" for kind, count in total.items() if count) or "no tests ran"
    sys.stdout.write(f"{len(sessions)} pytest sessions, {'FAILED' if bad else 'all passed'}\n")
    sys.stdout.write(f" {words} in {seconds:.2f}s ".center(100, "=") + "\n")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
