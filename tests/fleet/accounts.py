"""The people of a fleet host: who can log in, with which shell, how each becomes root, by which password."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """One login of the image; ``sudoers`` is the text of its sudoers.d file, empty for none."""

    name: str
    shell: str = "/bin/bash"
    sudoers: str = ""

    @property
    def password(self) -> str:
        return f"{self.name}-has-a-password"

    @property
    def home(self) -> str:
        return "/root" if self.name == "root" else f"/home/{self.name}"


ROOT = Account("root")
DEPLOY = Account("deploy", sudoers="deploy ALL=(ALL:ALL) NOPASSWD: ALL\n")
SECURE = Account("secure", sudoers="secure ALL=(ALL:ALL) ALL\n")
REQUIRETTY = Account("ttyonly", sudoers="Defaults:ttyonly requiretty\nttyonly ALL=(ALL:ALL) NOPASSWD: ALL\n")
PLAIN = Account("plain")
CSH = Account("cshuser", shell="/usr/bin/tcsh", sudoers="cshuser ALL=(ALL:ALL) NOPASSWD: ALL\n")
FISH = Account("fishuser", shell="/usr/bin/fish", sudoers="fishuser ALL=(ALL:ALL) NOPASSWD: ALL\n")

ACCOUNTS = (ROOT, DEPLOY, SECURE, REQUIRETTY, PLAIN, CSH, FISH)

#: doas(1)'s rules: deploy without a password, secure with its own.
DOAS = "permit nopass deploy as root\npermit secure as root\n"
