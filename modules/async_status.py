"""Ask after a background job, remove what it left, or end it."""

import os

from orchestra.runner.sdk import Failed, Path, Remove, Result, Str, WriteFile, option

NAMES = ("ansible.builtin.async_status", "ansible.legacy.async_status")


class Options:
    jid = option(Str, "The job, as `ansible_job_id` of the task that started it.", required=True)
    mode = option(
        Str,
        "Ask, or remove the job's state, or end the job and remove its state.",
        default="status",
        choices=("status", "cleanup", "stop"),
    )
    async_dir = option(Path, "Internal: where jobs keep their state.", default="~/.ansible_async", name="_async_dir")


EXAMPLES = """
- name: Wait for the job
  async_status:
    jid: "{{ started.ansible_job_id }}"
  register: job
  until: job is finished
  retries: 100
  delay: 10
"""

STOP_SECONDS = 6  # a watcher looks each second, and kills after three
PAUSE = 0.05

RETURNS = {
    "ansible_job_id": "the job",
    "finished": "1 when it has ended",
    "started": "1 when it was started",
    "results_file": "where its result is",
    "erased": "the file that cleanup removed",
}


def plan(options, system):
    path = os.path.join(options.async_dir, os.path.basename(options.jid))
    if not system.exists(path):
        raise Failed("could not find job", ansible_job_id=options.jid, started=1, finished=1)
    if options.mode == "cleanup":
        yield Remove(path)
        return Result(False, ansible_job_id=options.jid, erased=path)
    if options.mode == "stop":
        yield from _stop(path, system)
        return Result(True, ansible_job_id=options.jid, erased=path)
    state = _state(system.read_bytes(path))
    if state is None:
        state = {"started": 1, "finished": 0}
    elif "started" not in state:
        state.update(started=1, finished=1)
    state.setdefault("finished", 0)
    state.update(ansible_job_id=options.jid, results_file=path)
    return Result(bool(state.pop("changed", False)), **state)


def _stop(path, system):
    """Ask the job's watcher (runner/job.py); where none is left, only the files are."""
    wish = path + ".stop"
    yield WriteFile(wish, b"")
    end = system.now() + STOP_SECONDS
    while system.exists(path) and not (_state(system.read_bytes(path)) or {}).get("finished") and system.now() < end:
        system.sleep(PAUSE)
    yield Remove(wish)
    yield Remove(path)


def _state(content):
    """The job's result so far; None while it is being written."""
    import json

    try:
        found = json.loads(content.decode("utf-8", "replace"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
