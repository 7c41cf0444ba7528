"""Make user accounts, change and remove them."""

from orchestra.runner.parts.users import plan_user
from orchestra.runner.sdk import Bool, Float, Int, List, Path, Str, option

NAMES = ("ansible.builtin.user", "ansible.legacy.user")
PARTS = ("users",)


class Options:
    name = option(Str, "The account.", required=True, aliases=("user",))
    state = option(Str, "Whether it is there.", default="present", choices=("present", "absent"))
    uid = option(Int, "Its number.")
    non_unique = option(Bool, "The number may belong to another account as well.", default=False)
    group = option(Str, "Its primary group.")
    groups = option(List, "Its other groups; an empty list takes it out of all.", elements=Str)
    append = option(Bool, "Stay in groups that are not named.", default=False)
    comment = option(Str, "Its full name.")
    shell = option(Path, "Its login shell.")
    home = option(Path, "Its home folder.")
    skeleton = option(Str, "What a new home is filled with.")
    create_home = option(Bool, "Make the home where it is missing.", default=True, aliases=("createhome",))
    move_home = option(Bool, "With a new home: move the old one there.", default=False)
    system = option(Bool, "Make a system account.", default=False)
    password = option(Str, "The hash of its password.", secret=True)
    update_password = option(
        Str, "Set the password always, or only on a new account.", default="always", choices=("always", "on_create")
    )
    password_lock = option(Bool, "Whether the password is locked.")
    password_expire_max = option(Int, "Days after which a password must be changed.")
    password_expire_min = option(Int, "Days before which it can not be changed.")
    password_expire_warn = option(Int, "Days of warning before.")
    password_expire_account_disable = option(Int, "Days after that until the account is shut.")
    expires = option(Float, "When the account ends, in seconds since the epoch; negative for never.")
    generate_ssh_key = option(Bool, "Make an SSH key where there is none.", default=False)
    ssh_key_bits = option(Int, "Its size; the tool's own choice for 0.", default=0)
    ssh_key_type = option(Str, "Its type.", default="rsa")
    ssh_key_file = option(Path, "Its place, below the home.")
    ssh_key_comment = option(Str, "Its comment.")
    ssh_key_passphrase = option(Str, "Its pass phrase.", secret=True)
    force = option(Bool, "Remove an account in use; make a new key over an old one.", default=False)
    remove = option(Bool, "Remove the home and mail as well.", default=False)
    local = option(Bool, "Use the tools of libuser where the account may be in a directory service.", default=False)
    umask = option(Str, "For a new home.")
    seuser = option(Str, "Its SELinux user.")
    login_class = option(Str, "Accepted; has no meaning on Linux.")
    hidden = option(Bool, "Accepted; has no meaning on Linux.")
    profile = option(Str, "Accepted; has no meaning on Linux.")
    authorization = option(Str, "Accepted; has no meaning on Linux.")
    role = option(Str, "Accepted; has no meaning on Linux.")
    uid_min = option(Int, "The lowest number that a new account may get, instead of what /etc/login.defs says.")
    uid_max = option(Int, "The highest number that a new account may get, instead of what /etc/login.defs says.")


EXAMPLES = """
- name: An account for deployments
  user:
    name: deploy
    shell: /bin/bash
    groups: [www-data]
    append: true
    generate_ssh_key: true
    ssh_key_type: ed25519
"""

RETURNS = {
    "uid": "its number",
    "group": "the number of its primary group",
    "groups": "the groups that were asked for",
    "home": "its home",
    "shell": "its shell",
    "comment": "its full name",
    "ssh_key_file": "where its key is",
    "ssh_public_key": "the public key",
    "ssh_fingerprint": "the key's fingerprint",
}


def plan(options, system):
    return (yield from plan_user(options, system))
