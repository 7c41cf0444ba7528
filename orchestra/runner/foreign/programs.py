"""How a foreign module runs programs: `run_command` and `get_bin_path` of AnsibleModule."""

import os
import re
import shlex
import subprocess

from orchestra.runner.foreign.finding import get_bin_path
from orchestra.runner.foreign.text import to_bytes, to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Programs:
    """A part of AnsibleModule."""

    run_command_environ_update = {}  # type: dict[str, str]
    no_log_values = set()  # type: set[str]

    def fail_json(self, msg: "str", **kwargs: "Any") -> "Any":
        """AnsibleModule's own."""

    def get_bin_path(self, arg: "str", required: "bool" = False, opt_dirs: "Any" = None) -> "str | None":
        """The path of a program; None, or a failed task where it is required."""
        try:
            return get_bin_path(arg, opt_dirs=opt_dirs)
        except ValueError as error:
            if required:
                self.fail_json(msg=to_text(error))
            return None

    def run_command(
        self,
        args: "Any",
        check_rc: "bool" = False,
        close_fds: "bool" = True,
        executable: "Any" = None,
        data: "Any" = None,
        binary_data: "bool" = False,
        path_prefix: "Any" = None,
        cwd: "Any" = None,
        use_unsafe_shell: "bool" = False,
        prompt_regex: "Any" = None,
        environ_update: "Any" = None,
        umask: "Any" = None,
        encoding: "Any" = "utf-8",
        errors: "str" = "surrogate_or_strict",
        expand_user_and_vars: "bool" = True,
        pass_fds: "Any" = None,
        before_communicate_callback: "Any" = None,
        ignore_invalid_cwd: "bool" = True,
        handle_exceptions: "bool" = True,
    ) -> "tuple[int, Any, Any]":
        """Run a program and return (rc, stdout, stderr); fails the task where it can not be run, or by `check_rc`."""
        shown = self._shown(args)
        start = {
            "args": self._words(args, use_unsafe_shell, expand_user_and_vars),
            "executable": executable if use_unsafe_shell else None,
            "shell": use_unsafe_shell,
            "close_fds": close_fds,
            "stdin": subprocess.DEVNULL if data is None and prompt_regex is None else subprocess.PIPE,
            "cwd": self._folder(cwd, ignore_invalid_cwd),
            "env": self._environment(environ_update, path_prefix),
            "pass_fds": pass_fds or (),
        }
        try:
            process = _start(start, umask)
            if before_communicate_callback is not None:
                before_communicate_callback(process)
            out, err = _communicate(process, data, binary_data, prompt_regex)
        except OSError as error:
            if not handle_exceptions:
                raise
            msg = "Error executing command: {}".format(error)
            return self.fail_json(rc=error.errno, stdout="", stderr="", msg=msg, cmd=shown)  # type: ignore
        if encoding is not None:
            out, err = to_text(out, encoding, errors), to_text(err, encoding, errors)
        if process.returncode != 0 and check_rc:
            msg = to_text(err).rstrip() or "Command failed"
            self.fail_json(cmd=shown, rc=process.returncode, stdout=to_text(out), stderr=to_text(err), msg=msg)
        return process.returncode, out, err

    def _environment(self, additions: "Any", path_prefix: "Any") -> "dict[str, str]":
        env = dict(os.environ)
        env.update({key: str(value) for key, value in self.run_command_environ_update.items()})
        env.update({key: str(value) for key, value in (additions or {}).items()})
        if path_prefix:
            env["PATH"] = "{}:{}".format(path_prefix, env.get("PATH", ""))
        return env

    def _words(self, args: "Any", shell: "bool", expand: "bool") -> "Any":
        if not isinstance(args, (list, str, bytes)):
            text = "Argument 'args' to run_command must be list or string"
            self.fail_json(rc=257, cmd=str(args), msg=text)
        if shell:
            return " ".join(shlex.quote(to_text(word)) for word in args) if isinstance(args, list) else to_text(args)
        words = [to_text(word) for word in args] if isinstance(args, list) else shlex.split(to_text(args))
        return [os.path.expanduser(os.path.expandvars(word)) for word in words] if expand else words

    def _folder(self, cwd: "Any", ignore_invalid: "bool") -> "Any":
        if not cwd:
            return None
        folder = os.path.abspath(os.path.expanduser(to_text(cwd)))
        if os.path.isdir(folder):
            return folder
        if not ignore_invalid:
            self.fail_json(msg="Provided cwd is not a valid directory: {}".format(cwd))
        return None

    def _shown(self, args: "Any") -> "str":
        """The command for a message, without secrets."""
        words = [to_text(word) for word in args] if isinstance(args, list) else to_text(args).split(" ")
        kept = []
        hide = False
        for word in words:
            kept.append("********" if hide else re.sub(r"^(--?[\w-]*pass(?:word|wd)?=).*", r"\1********", word))
            hide = bool(re.match(r"^--?[\w-]*pass(word|wd)?$", word))
        text = " ".join(map(shlex.quote, kept)) if isinstance(args, list) else " ".join(kept)
        for secret in self.no_log_values:
            text = text.replace(secret, "********")
        return text


def _start(how: "dict[str, Any]", umask: "Any") -> "Any":
    old = os.umask(umask) if umask is not None else None
    try:
        return subprocess.Popen(stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)
    finally:
        if old is not None:
            os.umask(old)


def _communicate(process: "Any", data: "Any", binary: "bool", prompt: "Any") -> "tuple[bytes, bytes]":
    if data is not None:
        data = to_bytes(data)
        if not binary:
            data += b"\n"
    if prompt is None:
        return process.communicate(data)  # type: ignore[no-any-return]
    return _until_prompt(process, data, prompt)


def _until_prompt(process: "Any", data: "Any", prompt: "Any") -> "tuple[bytes, bytes]":
    """Read until the end, or until the program asks for what nobody will answer: then its rc is 257."""
    import select

    if data is not None:
        process.stdin.write(data)
        process.stdin.flush()
    else:
        process.stdin.close()
    said = {process.stdout: b"", process.stderr: b""}  # type: dict[Any, bytes]
    open_ones = list(said)
    while open_ones:
        for pipe in select.select(open_ones, [], [])[0]:
            block = os.read(pipe.fileno(), 9000)
            said[pipe] += block
            if not block:
                open_ones.remove(pipe)
        if data is None and re.search(to_bytes(prompt), said[process.stdout]):
            process.kill()
            process.wait()
            process.returncode = 257
            return said[process.stdout], b"A prompt was encountered while running a command, but no input was specified"
    process.wait()
    return said[process.stdout], said[process.stderr]
