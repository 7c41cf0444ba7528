"""Permission bits by name: Ansible's `common.file`, and the file part of AnsibleModule."""

import os
import shutil
import stat

from orchestra.runner.attributes import Attributes, set_changes
from orchestra.runner.disk import back_up, beside, file_digest
from orchestra.runner.foreign.arguments import FILE_COMMON_ARGUMENTS
from orchestra.runner.foreign.finding import is_executable
from orchestra.runner.foreign.session import current
from orchestra.runner.foreign.text import to_text
from orchestra.runner.system import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

S_IRWU_RG_RO = 0o644
S_IRWXU_RXG_RXO = 0o755
S_IRWU_RWG_RWO = 0o666
_DEFAULT_PERM = 0o666
_PERM_BITS = 0o7777
_EXEC_PERM_BITS = 0o111
DEFAULT_PERM = _DEFAULT_PERM
PERM_BITS = _PERM_BITS
EXEC_PERM_BITS = _EXEC_PERM_BITS
_NAMES = Attributes.NAMES

__all__ = ["FILE_COMMON_ARGUMENTS", "Files", "get_file_arg_spec", "is_executable"]


def get_file_arg_spec() -> "dict[str, Any]":
    """The options that a module which writes a file takes."""
    return {name: dict(FILE_COMMON_ARGUMENTS[name]) for name in _NAMES}


class Files:
    """A part of AnsibleModule: attributes, digests, backups, replacing files."""

    params = {}  # type: dict[str, Any]
    check_mode = False

    def fail_json(self, msg: "str", **kwargs: "Any") -> "Any":
        """AnsibleModule's own."""

    # --- attributes ---

    def load_file_common_arguments(self, params: "dict[str, Any]", path: "Any" = None) -> "dict[str, Any]":
        """The options about a file's attributes, for set_fs_attributes_if_different."""
        path = path or params.get("path", params.get("dest"))
        if path is None:
            return {}
        path = os.path.expanduser(os.path.expandvars(to_text(path)))
        if params.get("follow") and os.path.islink(path):
            path = os.path.realpath(path)
        secontext = [params.get(name) for name in ("seuser", "serole", "setype")]
        if params.get("selevel") is not None:
            secontext.append(params["selevel"])
        found = {name: params.get(name) for name in ("mode", "owner", "group", "seuser", "serole", "setype", "selevel")}
        found.update(path=path, secontext=secontext, attributes=params.get("attributes"))
        return found

    def set_fs_attributes_if_different(
        self, file_args: "dict[str, Any]", changed: "bool", diff: "Any" = None, expand: "bool" = True
    ) -> "bool":
        """Give a path the attributes that were asked for; whether anything changed, now or before."""
        asked = {name: file_args.get(name) for name in _NAMES}
        return self._change(file_args["path"], asked, changed, diff, expand)

    set_file_attributes_if_different = set_fs_attributes_if_different
    set_directory_attributes_if_different = set_fs_attributes_if_different

    def set_mode_if_different(
        self, path: "str", mode: "Any", changed: "bool", diff: "Any" = None, expand: "bool" = True
    ) -> "bool":
        """Give a path these permissions."""
        return self._change(path, {"mode": mode}, changed, diff, expand)

    def set_owner_if_different(
        self, path: "str", owner: "Any", changed: "bool", diff: "Any" = None, expand: "bool" = True
    ) -> "bool":
        """Give a path this owner."""
        return self._change(path, {"owner": owner}, changed, diff, expand)

    def set_group_if_different(
        self, path: "str", group: "Any", changed: "bool", diff: "Any" = None, expand: "bool" = True
    ) -> "bool":
        """Give a path this group."""
        return self._change(path, {"group": group}, changed, diff, expand)

    def set_attributes_if_different(
        self, path: "str", attributes: "Any", changed: "bool", diff: "Any" = None, expand: "bool" = True
    ) -> "bool":
        """Give a path these chattr flags."""
        return self._change(path, {"attributes": attributes}, changed, diff, expand)

    def set_context_if_different(self, path: "str", context: "Any", changed: "bool", diff: "Any" = None) -> "bool":
        """Give a path this SELinux context, where there is SELinux."""
        asked = dict(zip(("seuser", "serole", "setype", "selevel"), context))
        return self._change(path, asked, changed, diff, True)

    def _change(self, path: "str", asked: "dict[str, Any]", changed: "bool", diff: "Any", expand: "bool") -> "bool":
        system = current().system
        path = to_text(path)
        if expand:
            path = os.path.expanduser(os.path.expandvars(path))
        asked = {name: value for name, value in asked.items() if value is not None}
        found = system.stat(path) if asked else None
        if found is None:
            return changed or (bool(asked) and self.check_mode)
        if isinstance(asked.get("mode"), str):
            asked["mode"] = _mode(asked["mode"])
        try:
            changes = Attributes(**asked).changes(system, path, found)
            if changes and not self.check_mode:
                set_changes(path, changes)
                self._set_flags(path, changes)
        except (Failed, OSError, ValueError, KeyError) as error:
            self.fail_json(path=path, msg=getattr(error, "msg", None) or str(error))
        if diff is not None:
            _tell(diff, changes)
        return changed or bool(changes)

    def _set_flags(self, path: "str", changes: "dict[str, Any]") -> "None":
        if "attributes" in changes:
            self.run_command(["chattr", changes["attributes"][1], path], check_rc=True)  # type: ignore[attr-defined]

    def is_special_selinux_path(self, path: "Any") -> "tuple[bool, Any]":
        """Whether a path's file system has no contexts of its own."""
        return False, None

    def selinux_enabled(self) -> "bool":
        """Whether SELinux is on."""
        return os.path.exists("/sys/fs/selinux/enforce")

    def selinux_mls_enabled(self) -> "bool":
        """Whether SELinux has levels."""
        try:
            with open("/sys/fs/selinux/mls") as file:
                return file.read().strip() == "1"
        except OSError:
            return False

    def check_file_absent_if_check_mode(self, file_path: "str") -> "bool":
        """Whether a path is missing that may be missing, in a check run."""
        return self.check_mode and not os.path.exists(file_path)

    def find_mount_point(self, path: "Any") -> "str":
        """Where the file system of a path is mounted."""
        at = os.path.realpath(os.path.expanduser(os.path.expandvars(to_text(path))))
        while not os.path.ismount(at):
            at = os.path.dirname(at)
        return str(at)

    def append_to_file(self, filename: "str", str: "str") -> "None":
        """Write a text at a file's end."""
        with open(os.path.expandvars(os.path.expanduser(filename)), "a") as file:
            file.write(str)

    def user_and_group(self, path: "Any", expand: "bool" = True) -> "tuple[int, int]":
        """Numbers of a path's owner and group."""
        found = os.lstat(os.path.expanduser(os.path.expandvars(to_text(path))) if expand else path)
        return found.st_uid, found.st_gid

    def get_file_attributes(self, path: "Any", include_version: "bool" = True) -> "dict[str, Any]":
        """What lsattr says of a path."""
        rc, out, _ = self.run_command(["lsattr", "-d", to_text(path)])  # type: ignore[attr-defined]
        flags = out.split()[0].replace("-", "").strip() if rc == 0 and out.split() else ""
        return {"attr_flags": flags, "version": None, "attributes": list(flags)} if rc == 0 else {}

    def add_path_info(self, kwargs: "dict[str, Any]") -> "dict[str, Any]":
        """Add what is known of kwargs['path'] or kwargs['dest'] to a result."""
        import grp
        import pwd

        path = kwargs.get("path", kwargs.get("dest"))
        found = current().system.stat(to_text(path)) if path is not None else None
        if found is None:
            if path is not None:
                kwargs["state"] = "absent"
            return kwargs
        kwargs.update(uid=found.uid, gid=found.gid, mode="0{:03o}".format(found.mode), size=found.size)
        for key, find, number in (("owner", pwd.getpwuid, found.uid), ("group", grp.getgrgid, found.gid)):
            try:
                kwargs[key] = find(number)[0]
            except KeyError:
                kwargs[key] = str(number)
        hard = found.kind == "file" and found.nlink > 1
        kwargs["state"] = "hard" if hard else found.kind
        return kwargs

    # --- content ---

    def digest_from_file(self, filename: "str", algorithm: "Any") -> "str | None":
        """A file's digest; None where there is no file."""
        import hashlib

        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json(msg="attempted to take checksum of directory: {}".format(filename))
        try:
            digest = algorithm if hasattr(algorithm, "hexdigest") else hashlib.new(algorithm)
        except ValueError:
            text = "Could not hash file '{}' with algorithm '{}'."
            return self.fail_json(msg=text.format(filename, algorithm))  # type: ignore[no-any-return]
        with open(filename, "rb") as file:
            for block in iter(lambda: file.read(1 << 16), b""):
                digest.update(block)
        return str(digest.hexdigest())

    def md5(self, filename: "str") -> "str | None":
        """A file's MD5 digest."""
        return self.digest_from_file(filename, "md5")

    def sha1(self, filename: "str") -> "str | None":
        """A file's SHA-1 digest."""
        return file_digest(filename) if os.path.isfile(filename) else self.digest_from_file(filename, "sha1")

    def sha256(self, filename: "str") -> "str | None":
        """A file's SHA-256 digest."""
        return self.digest_from_file(filename, "sha256")

    def is_executable(self, path: "str") -> "bool":
        """Whether anybody may execute it."""
        return is_executable(path)

    def backup_local(self, fn: "str") -> "str":
        """Keep a copy of a file beside it; the copy's path, or nothing where there is no file."""
        return back_up(current().system, fn) if os.path.exists(fn) else ""

    def cleanup(self, tmpfile: "str") -> "None":
        """Remove a file that may be there."""
        if os.path.exists(tmpfile):
            try:
                os.unlink(tmpfile)
            except OSError as error:
                self.warn("could not cleanup {}: {}".format(tmpfile, error))  # type: ignore[attr-defined]

    def preserved_copy(self, src: "str", dest: "str") -> "None":
        """Copy a file with its owner, mode and times."""
        shutil.copy2(src, dest)
        found = os.stat(src)
        if (found.st_uid, found.st_gid) != self.user_and_group(dest):
            os.chown(dest, found.st_uid, found.st_gid)

    def atomic_move(
        self, src: "str", dest: "str", unsafe_writes: "bool" = False, keep_dest_attrs: "bool" = True
    ) -> "None":
        """Put a file in another's place at once; what is there keeps its owner and mode."""
        src, dest = to_text(src), to_text(dest)
        try:
            before = os.stat(dest) if os.path.exists(dest) else None
            if os.path.islink(dest):
                dest = os.path.realpath(dest)
            between = beside(dest)
            shutil.move(src, between)
            try:
                _dress(between, before if keep_dest_attrs else None, before is None)
                os.rename(between, dest)
            except OSError:
                os.unlink(between)
                raise
        except OSError as error:
            if unsafe_writes and error.errno in (1, 13, 16, 18, 26):
                with open(src, "rb") as source, open(dest, "wb") as target:
                    shutil.copyfileobj(source, target)
                return
            self.fail_json(msg="Could not replace file: {} to {}: {}".format(src, dest, error))


def _dress(path: "str", before: "Any", new: "bool") -> "None":
    """The owner, mode and SELinux context of what was there before; the usual permissions where nothing was."""
    if before is not None:
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(path, before.st_uid, before.st_gid)
        os.chmod(path, stat.S_IMODE(before.st_mode))
    elif new:
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(path, _DEFAULT_PERM & ~umask)


def _mode(text: "str") -> "Any":
    try:
        return int(text, 8)
    except ValueError:
        return text


def _tell(diff: "dict[str, Any]", changes: "dict[str, Any]") -> "None":
    names = {"uid": "owner", "gid": "group"}
    for name, (now, new) in changes.items():
        if name == "mode":
            now, new = "0{:03o}".format(now), "0{:03o}".format(new)
        diff.setdefault("before", {})[names.get(name, name)] = now
        diff.setdefault("after", {})[names.get(name, name)] = new
