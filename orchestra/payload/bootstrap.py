"""The one command line that starts a runner on a host, through whatever login shell the user has there.

sh, bash, zsh, ksh, csh, tcsh and fish all pass a single-quoted word on unchanged as long as it holds no quote,
backslash, exclamation mark or newline; so the line is `exec /bin/sh -c '...'` without any of these. It tries one
interpreter after the other without a probe: one that does not start has not read its input, so the next one finds it
untouched.
"""

from __future__ import annotations

import secrets

from orchestra.errors import OptionError

INTERPRETERS = (
    "python3",
    *(f"python3.{minor}" for minor in range(14, 5, -1)),
    "/usr/libexec/platform-python",
    "python",
)
_UNSAFE = set("'\"\\!\n`$;&|<>(){}*?[]#^~%")
_OLD = 9  # the exit status of an interpreter that is older than 3.6


def new_nonce() -> str:
    """A word that no banner prints by chance."""
    return secrets.token_hex(8)


def command(nonce: str, size: int, interpreter: str = "") -> str:
    """The line that starts a runner which then reads its bundle of `size` bytes from its input.

    The runner says ``<nonce>:up``; where no interpreter works the shell says ``<nonce>:none`` and exits with 127.
    `interpreter` is ansible_python_interpreter, a path or a command with arguments; empty to look for one.

    Raises:
        OptionError: the interpreter holds characters that no login shell would pass on.
    """
    if _UNSAFE & set(interpreter):
        raise OptionError(f"the interpreter {interpreter!r} holds characters that a shell would take for its own")
    given = interpreter.strip()
    start = (
        f"import sys,io,zlib;sys.version_info<(3,6)and sys.exit({_OLD});"
        f"exec(zlib.decompress(io.BufferedReader(io.FileIO(0,closefd=False),1).read({size})))"
    )
    run = f'ORCHESTRA_LC_ALL=$LC_ALL LC_ALL=C.UTF-8 $p -I -S -c "{start}" {nonce}'
    end = f"echo {nonce}:none;exit 127"
    names = f'"{given}"' if given else " ".join(INTERPRETERS)
    loop = f"for p in {names};do command -v $p >/dev/null 2>&1||continue;{run};r=$?;"
    return f"exec /bin/sh -c '{loop}[ $r = 0 -o $r -gt 128 ]&&exit $r;done;{end}'"
