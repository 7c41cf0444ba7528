"""Users and groups: the effects that add, change and remove them with the tools of shadow-utils.

Check mode foretells the account, its groups and its home, so that later tasks may own files by it.
"""

from orchestra.runner.sdk import NOTHING, Command, Effect, Failed, Node, Result, no, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestra.runner.system import System


class AccountCommand(Command):
    """A program that changes accounts; `becomes` are the entries ([kind, name, fields or None]) that it leaves."""

    predicts = yes  # type: Any
    repeats = yes  # type: Any
    undoes = yes  # type: Any

    def __init__(self, argv: "list[str]", becomes: "Any" = (), back: "Any" = (), homes: "Any" = ()) -> "None":
        super().__init__(argv, touches=[], ok=None)
        self.becomes = [list(one) for one in becomes]
        self.back = [list(one) for one in back]
        self.homes = list(homes)

    def undo(self, system: "System") -> "Any":
        return [AccountCommand(argv) for argv in self.back]

    def apply(self, system: "System") -> "Any":
        result = super().apply(system)
        if result.rc != 0:
            said = result.stderr.strip() or result.stdout.strip() or "it ended with {}".format(result.rc)
            raise Failed(said, name=self.argv[-1], rc=result.rc, cmd=self.argv)
        return result

    def predict(self, system: "System") -> "Any":
        for kind, name, fields in self.becomes:
            foresee_account(system, kind, name, fields)
        for path, uid, gid in self.homes:
            system.foresee("path", path, Node("directory", mode=0o755, uid=uid, gid=gid))
        return Result(True)


class Deletion(AccountCommand):
    """userdel: what is lost with an account is not kept."""

    undoes = no("a removed account's password and files are not kept")  # type: Any


class SetPassword(Command):
    """Give an account a hashed password; it goes through a pipe and so never stands in a list of processes."""

    predicts = yes  # type: Any
    repeats = yes  # type: Any
    undoes = no("the old password is not kept")  # type: Any

    def __init__(self, name: "str", password: "str") -> "None":
        super().__init__(["chpasswd", "-e"], stdin="{}:{}\n".format(name, password), touches=[], ok=None)
        self.name = name
        self._password = password

    def apply(self, system: "System") -> "Any":
        result = super().apply(system)
        if result.rc != 0:
            raise Failed(
                "chpasswd refused the password of {}: {}".format(self.name, result.stderr.strip()), rc=result.rc
            )
        return Result(True)

    def predict(self, system: "System") -> "Any":
        system.foresee("password", self.name, self._password)
        return Result(True)


class MakeKey(Effect):
    """ssh-keygen for an account; the key and its public half belong to that account."""

    def __init__(self, argv: "list[str]", path: "str", uid: "int", gid: "int", passphrase: "str" = "") -> "None":
        self.argv = argv
        self.path = path
        self.uid = uid
        self.gid = gid
        self._passphrase = passphrase

    def undo(self, system: "System") -> "Any":
        from orchestra.runner.sdk import NotRecorded, Remove

        if system.exists(self.path):
            raise NotRecorded("the key that is replaced is not kept")
        return [Remove(self.path), Remove(self.path + ".pub")]

    def apply(self, system: "System") -> "Any":
        import os

        from orchestra.runner.process import communicate

        env = self._asked_through_a_program(system) if self._passphrase else None
        for path in (self.path, self.path + ".pub"):
            if os.path.lexists(path):
                os.unlink(path)
        rc, out, err = communicate(system, self.argv, env=env)
        if rc != 0:
            raise Failed("ssh-keygen: " + (err or out).decode("utf-8", "replace").strip(), rc=rc)
        for path in (self.path, self.path + ".pub"):
            if os.path.exists(path):
                os.chown(path, self.uid, self.gid)
        return Result(True)

    def _asked_through_a_program(self, system: "System") -> "dict[str, str]":
        """The pass phrase goes by the environment of our own child, not by its command line."""
        import os

        program = os.path.join(system.scratch(), "askpass")
        handle = os.open(program, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700)
        os.write(handle, b'#!/bin/sh\nprintf "%s\\n" "$ORCHESTRA_PASSPHRASE"\n')
        os.close(handle)
        return {
            "SSH_ASKPASS": program,
            "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": ":none",
            "ORCHESTRA_PASSPHRASE": self._passphrase,
        }

    def predict(self, system: "System") -> "Any":
        system.foresee("path", self.path, Node("file", mode=0o600, uid=self.uid, gid=self.gid))
        system.foresee("path", self.path + ".pub", Node("file", mode=0o644, uid=self.uid, gid=self.gid))
        return Result(True)


def foresee_account(system: "System", kind: "str", name: "str", fields: "dict[str, Any] | None") -> "None":
    """Predict a user or a group under its name and its number (where that is known)."""
    number = {"user": "uid", "group": "gid"}[kind]
    if fields is None:
        found = system.user(name) if kind == "user" else system.group(name)
        if found is not None:
            system.foresee(kind, str(getattr(found, number)), None)
        system.foresee(kind, name, None)
        return
    system.foresee(kind, name, fields)
    system.foresee(kind, str(fields[number]), fields)


def free_number(system: "System", kind: "str", is_system: "bool", limits: "Any" = None) -> "int":
    """A number that the tools would be likely to give: only for check mode's foresight."""
    entries = system.users() if kind == "user" else system.groups()  # type: Any
    taken = {entry.uid if kind == "user" else entry.gid for entry in entries}
    least, most = limits or ((101, 999) if is_system else (1000, 59999))
    numbers = range(most, least - 1, -1) if is_system else range(least, most + 1)
    find = system.user if kind == "user" else system.group
    for number in numbers:
        if number not in taken and find(number) is None:
            return number
    raise Failed("no number from {} to {} is free for a {}".format(least, most, kind))


class Shadow:
    """A line of /etc/shadow; empty where it can not be read or is not there."""

    FIELDS = ("password", "changed", "min", "max", "warn", "inactive", "expire")

    def __init__(self, system: "System", name: "str") -> "None":
        self.readable = True
        self.lacks = False  # there is no line of this account
        values = [""] * 7
        try:
            text = system.read_text("/etc/shadow")
        except OSError:
            text = ""
            self.readable = False
        self.lacks = self.readable
        for line in text.splitlines():
            if line.startswith(name + ":"):
                self.lacks = False
                values = (line.split(":")[1:] + [""] * 7)[:7]
        self.password, self.changed, self.min, self.max, self.warn, self.inactive, self.expire = values
        foretold = system.foreseen("password", name)
        if foretold is not NOTHING:
            self.password = foretold
