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
assert "asyncssh.crypto.x509" not in sys.modules or sys.modules["asyncssh.crypto.x509"] is not None
"""
#: What asyncssh can do with X.509 certificates, imported with and without our shortcuts.
KINDS = """
import sys
if sys.argv[1] == "light":
    from orchestra.transport.lightimport import import_asyncssh
    import_asyncssh()
import asyncssh.public_key
print(asyncssh.public_key.get_x509_certificate_algs(), asyncssh.public_key._x509_available)
"""


def test_no_program_is_started() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_certificates_are_known_as_well_as_without_the_shortcut() -> None:
    said = [
        subprocess.run([sys.executable, "-c", KINDS, how], capture_output=True, text=True, check=True).stdout
        for how in ("light", "plain")
    ]
    assert said[0] == said[1] != ""
