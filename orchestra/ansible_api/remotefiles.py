"""Files and commands on the host, for action plugins: the part of ActionBase that needs no module."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from orchestra.ansible_api.errors import AnsibleActionFail, AnsibleError, AnsibleFileNotFound
from orchestra.ansible_api.files import DataLoader
from orchestra.ansible_api.remote import ConnectionView
from orchestra.model.bridge import Bridge


class RemoteFiles:
    """What is written goes as the user that the task becomes, so nobody else has to be able to read it."""

    _bridge: Bridge
    _connection: ConnectionView
    _loader: DataLoader

    def _low_level_execute_command(
        self,
        cmd: str,
        sudoable: bool = True,
        in_data: bytes | None = None,
        executable: str | bool | None = None,
        encoding_errors: str = "surrogate_then_replace",
        chdir: str | None = None,
    ) -> dict[str, Any]:
        """Run a line through the shell: rc, stdout, stdout_lines, stderr, stderr_lines."""
        line = f"cd {shlex.quote(chdir)} && {cmd}" if chdir else cmd
        if executable is not False:
            line = f"{executable or '/bin/sh'} -c {shlex.quote(line)}"
        status, output, errors = self._bridge.command(line, in_data or b"", become=sudoable)
        out, err = (text.decode("utf-8", "surrogateescape") for text in (output, errors))
        lines = {"stdout_lines": out.splitlines(), "stderr_lines": err.splitlines()}
        return {"rc": status, "stdout": out, "stderr": err, **lines}

    def _said(self, line: str) -> str:
        """What a command printed. Raises AnsibleError when it failed."""
        result = self._low_level_execute_command(line)
        if result["rc"]:
            raise AnsibleError(f"{line}: {str(result['stderr'] or result['stdout']).strip()} (rc={result['rc']})")
        return str(result["stdout"]).strip()

    # -- Folders for the time of a task

    def _make_tmp_path(self, remote_user: str | None = None) -> str:
        made = self._said('umask 077 && mktemp -d "${TMPDIR:-/tmp}/ansible-tmp-XXXXXXXXXX"')
        self._connection._shell.tmpdir = made
        return made

    def _remove_tmp_path(self, tmp_path: str | None, force: bool = False) -> None:
        if tmp_path and "ansible-tmp-" in tmp_path:
            self._low_level_execute_command(self._connection._shell.remove(tmp_path, recurse=True))
            if tmp_path == self._connection._shell.tmpdir:
                self._connection._shell.tmpdir = None

    def _early_needs_tmp_path(self) -> bool:
        return bool(getattr(self, "TRANSFERS_FILES", False))

    def cleanup(self, force: bool = False) -> None:
        """Remove what was made for the time of the task."""
        self._remove_tmp_path(self._connection._shell.tmpdir)

    # -- Files

    def _transfer_file(self, local_path: str, remote_path: str) -> str:
        self._connection.put_file(local_path, remote_path)
        return remote_path

    def _transfer_data(self, remote_path: str, data: Any) -> str:
        if isinstance(data, Mapping):
            data = json.dumps(data)
        self._connection.put_content(data if isinstance(data, bytes) else str(data).encode(), remote_path)
        return remote_path

    def _fixup_perms2(self, remote_paths: Iterable[str], remote_user: str | None = None, execute: bool = True) -> Any:
        paths = list(remote_paths)
        if execute and paths:
            self._remote_chmod(paths, "u+x", sudoable=True)
        return paths

    def _remote_chmod(self, paths: list[str], mode: str, sudoable: bool = False) -> dict[str, Any]:
        return self._low_level_execute_command(self._connection._shell.chmod(paths, mode), sudoable=sudoable)

    def _remote_chown(self, paths: list[str], user: str, sudoable: bool = False) -> dict[str, Any]:
        return self._low_level_execute_command(self._connection._shell.chown(paths, user), sudoable=sudoable)

    def _remote_chgrp(self, paths: list[str], group: str, sudoable: bool = False) -> dict[str, Any]:
        return self._low_level_execute_command(shlex.join(["chgrp", group, *paths]), sudoable=sudoable)

    def _remote_file_exists(self, path: str) -> bool:
        return not self._low_level_execute_command(self._connection._shell.exists(path))["rc"]

    def _remote_expand_user(self, path: str, sudoable: bool = True, pathsep: str | None = None) -> str:
        if not path.startswith("~"):
            return path
        head, slash, tail = path.partition("/")
        home = self._low_level_execute_command(self._connection._shell.expand_user(head), sudoable=sudoable)["stdout"]
        found = str(home).strip() or head
        return f"{found}/{tail}" if slash else found

    def _execute_remote_stat(
        self, path: str, all_vars: Any = None, follow: bool = False, tmp: Any = None, checksum: bool = True
    ) -> dict[str, Any]:
        """The ``stat`` of a path, with ``exists`` always there and ``checksum`` "1" where there is none."""
        args = {"path": path, "follow": follow, "get_checksum": checksum, "checksum_algorithm": "sha1"}
        found = self._bridge.module("ansible.builtin.stat", args)
        if found.get("failed"):
            raise AnsibleError(f"Failed to get information on remote file ({path}): {found.get('msg')}")
        stat: dict[str, Any] = dict(found["stat"])
        stat.setdefault("checksum", "1" if not stat.get("exists") else "")
        return stat

    def _remote_checksum(self, path: str, all_vars: Any = None, follow: bool = False) -> str:
        return str(self._execute_remote_stat(path, all_vars, follow)["checksum"])

    # -- Files of the controller

    def _find_needle(self, dirname: str, needle: str) -> str:
        found = self._loader.find(dirname, needle)
        if found is None:
            looked = "\n\t".join(self._bridge.searched(dirname, needle))
            raise AnsibleFileNotFound(f"Could not find or access '{needle}'\nSearched in:\n\t{looked}")
        return str(found)

    def _get_diff_data(
        self, destination: str, source: str, task_vars: Any, content: Any = None, source_file: bool = True
    ) -> dict[str, Any]:
        """Before and after of a file on the host, for ``diff``."""
        stat = self._execute_remote_stat(destination, task_vars, follow=True)
        before = self._said(f"cat {shlex.quote(destination)}") if stat.get("exists") and stat.get("isreg") else ""
        if source_file:
            try:
                with open(source, encoding="utf-8", errors="replace") as file:
                    after = file.read()
            except OSError as error:
                raise AnsibleActionFail(f"{source}: {error.strerror}") from error
        else:
            after = source
        header = os.path.abspath(source) if source_file else "dynamically generated"
        return {"before_header": destination, "before": before, "after": after, "after_header": header}

    def _get_remote_user(self) -> str:
        return self._bridge.way.user

    def _get_remote_addr(self, tvars: Any) -> str:
        return self._bridge.way.address

    def _is_become_unprivileged(self) -> bool:
        return self._bridge.way.become and self._bridge.way.become_user not in ("root", "toor")

    def _is_pipelining_enabled(self, module_style: str, wrap_async: bool = False) -> bool:
        return True

    def _compute_environment_string(self, raw_environment_out: Any = None) -> str:
        environment = dict(self._bridge.environment)
        if raw_environment_out is not None:
            raw_environment_out.update(environment)
        return self._connection._shell.env_prefix(**environment)
