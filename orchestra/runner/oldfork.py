"""Starts a program where Python has no posix_spawn yet: 3.6 and 3.7. The C half of their subprocess module does it."""

import _posixsubprocess
import os


def fork(where: "bytes", argv: "list[bytes]", env: "dict[bytes, bytes]", streams: "tuple[int, int, int]") -> "int":
    """Start the program in a session of its own with these streams; its process id. OSError where it can not be."""
    told, tell = os.pipe()
    try:
        pairs = [key + b"=" + value for key, value in env.items()]
        stdin, stdout, stderr = streams
        ends = ((tell,), None, pairs, stdin, -1, -1, stdout, -1, stderr, told, tell)
        start = getattr(_posixsubprocess, "fork_exec")  # noqa: B009  its parameters differ from version to version
        pid = start(argv, [where], False, *ends, True, True, None)
    finally:
        os.close(tell)
    trouble = os.read(told, 4096)
    os.close(told)
    if trouble:
        os.waitpid(pid, 0)
        number = int(trouble.split(b":")[1], 16)  # "OSError:<errno in hexadecimal>:<what>"
        raise OSError(number, os.strerror(number), where)
    return int(pid)
