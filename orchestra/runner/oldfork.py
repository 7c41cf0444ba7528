"""Starts a program where Python has no posix_spawn yet: 3.6 and 3.7."""

import _signal  # type: ignore[import-not-found]
import os


def fork(
    where: "bytes",
    argv: "list[bytes]",
    env: "dict[bytes, bytes]",
    streams: "tuple[int, int, int]",
    signals: "tuple[int, ...]",
) -> "int":
    """What posix_spawn does, for Python 3.6 and 3.7; a failing exec tells its errno through a pipe."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            for number, fd in enumerate(streams):
                os.dup2(fd, number)
            for number in signals:
                _signal.signal(number, _signal.SIG_DFL)
            os.execve(where, argv, env)
        except OSError as error:
            os.write(tell, b"%d" % (error.errno or 2))
        finally:
            os._exit(127)
    os.close(tell)
    trouble = os.read(told, 16)
    os.close(told)
    if trouble:
        os.waitpid(pid, 0)
        raise OSError(int(trouble), os.strerror(int(trouble)), where)
    return pid
