"""Where facts are read from: files below a root, and programs where no file says it.

Facts describe the machine as it is, so nothing here looks through the overlay of a check run. A `Source` with another
root reads a recorded tree, which is how the tests know machines that they do not have. It knows no fact by name.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

BIN = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class Source:
    """Reads /proc, /sys, /etc and /dev below `root` ("" is the machine itself).

    `run(argv)` gives (rc, out, err) of a program that only looks; without it no program is there.
    """

    def __init__(
        self,
        root: "str" = "",
        run: "Callable[[list[str]], tuple[int, str, str]] | None" = None,
        environ: "dict[str, str] | None" = None,
        timeout: "float" = 10,
        warn: "Callable[[str], None] | None" = None,
    ) -> "None":
        self.root = root.rstrip("/")
        self.environ = dict(os.environ) if environ is None else environ
        self.timeout = timeout
        self._run = run
        self._warn = warn

    def warn(self, text: "str") -> "None":
        """Tell the user of something that could not be gathered."""
        if self._warn is not None:
            self._warn(text)

    def path(self, path: "str") -> "str":
        """Where a path of the described machine lies."""
        return self.root + path

    def read(self, path: "str", default: "Any" = None) -> "Any":
        """A file's text, stripped; the default where it is empty, missing, or not for us to read."""
        data = self.raw(path)
        text = data.decode("utf-8", "replace").strip() if data else ""
        return text or default

    def raw(self, path: "str") -> "bytes | None":
        """A file's bytes, or None. Opened without blocking, as some files of /sys and /proc would block."""
        try:
            handle = os.open(self.root + path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            blocks = []  # type: list[bytes]
            while True:
                block = os.read(handle, 65536)
                if not block:
                    return b"".join(blocks)
                blocks.append(block)
        except OSError:
            return None
        finally:
            os.close(handle)

    def lines(self, path: "str") -> "list[str]":
        """A file's lines; none where there is no such file."""
        text = self.read(path, "")  # type: str
        return text.splitlines()

    def exists(self, path: "str") -> "bool":
        """Whether the path leads to something."""
        return os.path.exists(self.root + path)

    def is_dir(self, path: "str") -> "bool":
        """Whether the path leads to a folder."""
        return os.path.isdir(self.root + path)

    def names(self, path: "str") -> "list[str]":
        """Names in a folder, as the system lists them; none where there is no such folder."""
        try:
            return os.listdir(self.root + path)
        except OSError:
            return []

    def link(self, path: "str") -> "str | None":
        """What a symbolic link says, or None."""
        try:
            return os.readlink(self.root + path)
        except OSError:
            return None

    def real(self, path: "str") -> "str":
        """The path with its links followed, as the described machine would name it."""
        found = os.path.realpath(self.root + path)
        root = os.path.realpath(self.root) if self.root else ""
        return found[len(root) :] if root and found.startswith(root + "/") else found

    def which(self, name: "str") -> "str | None":
        """A program's path, or None."""
        if self._run is None:
            return None
        for folder in self.environ.get("PATH", "").split(":") + list(BIN):
            path = folder + "/" + name
            if folder.startswith("/") and os.access(self.root + path, os.X_OK) and not self.is_dir(path):
                return path
        return None

    def output(self, argv: "list[str]") -> "str | None":
        """What a program prints; None where it fails or is not there."""
        program = self.which(argv[0])
        if program is None or self._run is None:
            return None
        rc, out, _ = self._run([program] + argv[1:])
        return out if rc == 0 else None

    def run(self, argv: "list[str]") -> "tuple[int, str, str]":
        """(rc, out, err) of a program given by its path."""
        return self._run(argv) if self._run is not None else (127, "", "")


def within(seconds: "float", work: "Callable[[], Any]", default: "Any") -> "Any":
    """What `work` returns, or the default if it takes longer: a dead file or name server blocks in the kernel."""
    import _thread

    done = _thread.allocate_lock()
    done.acquire()
    found = [default]

    def body() -> "None":
        try:
            found[0] = work()
        except OSError:
            found[0] = default
        finally:
            done.release()

    _thread.start_new_thread(body, ())
    done.acquire(True, seconds)
    return found[0]
