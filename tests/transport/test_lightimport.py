"""asyncssh is imported without starting programs, and works; the search it skips is put back."""

import subprocess
import sys

PROBE = """
import ctypes.util, subprocess, sys
before = ctypes.util.find_library
started = []
init = subprocess.Popen.__init__
def watch(self, *args, **more):
    started.append(args)
    init(self, *args, **more)
subprocess.Popen.__init__ = watch
from orchestra.transport.lightimport import import_asyncssh
import_asyncssh()
assert "asyncssh" in sys.modules
assert ctypes.util.find_library is before
assert not started, started
import asyncssh
asyncssh.generate_private_key("ssh-ed25519")
"""


def test_no_program_is_started() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
