"""Make a temporary file or folder under a name that nobody else has."""

import os

from orchestra.runner.sdk import Effect, Failed, Node, Path, Remove, Result, Str, no, option

NAMES = ("ansible.builtin.tempfile", "ansible.legacy.tempfile")
EXAMPLES = """
- name: A place to unpack into
  tempfile:
    state: directory
    suffix: build
  register: workshop

- name: Leave nothing behind
  file:
    path: "{{ workshop.path }}"
    state: absent
  when: workshop.path is defined
"""

RETURNS = {"path": "the path that was made"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"


class Options:
    state = option(Str, "What to make.", default="file", choices=("directory", "file"))
    path = option(Path, "The folder to make it in; the system's own for temporary files if not given.")
    prefix = option(Str, "How its name begins.", default="ansible.")
    suffix = option(Str, "How its name ends.", default="")


def _refuse_paths(options):
    for name in ("prefix", "suffix"):
        value = getattr(options, name)
        if "/" in value or "\0" in value:
            raise Failed("{} must be a valid file name component, and {!r} is none".format(name, value))


class MakeTemporary(Effect):
    """A private file or folder; the name is drawn when the effect is made, so that check mode can tell it."""

    repeats = no("every run makes another one")

    def __init__(self, path, kind):
        self.path = path
        self.kind = kind

    def diff(self, system):
        before, after = {"path": self.path, "state": "absent"}, {"path": self.path, "state": self.kind}
        return {"before": before, "after": after}

    def undo(self, system):
        return [Remove(self.path)]

    def apply(self, system):
        if self.kind == "directory":
            os.mkdir(self.path, 0o700)
        else:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        return Result(True)

    def predict(self, system):
        mode = 0o700 if self.kind == "directory" else 0o600
        content = None if self.kind == "directory" else b""
        system.foresee("path", self.path, Node(self.kind, mode=mode, uid=system.euid(), content=content))
        return Result(True)


def plan(options, system):
    _refuse_paths(options)
    folder = options.path or system.environ.get("TMPDIR") or "/tmp"
    if not system.is_dir(folder):
        raise Failed("[Errno 2] No such file or directory: {!r}".format(folder))
    letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in os.urandom(8))
    path = os.path.join(folder, options.prefix + letters + options.suffix)
    yield MakeTemporary(path, options.state)
    return dict(system.path_info(path), path=path)
