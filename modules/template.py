"""Render a Jinja2 template on the controller and put the result on the host."""

from orchestra.runner.parts.filecopy import CopyOptions, place_content
from orchestra.runner.sdk import Bool, Str, option

NAMES = ("ansible.builtin.template", "ansible.legacy.template")
PARTS = ("filecopy",)

EXAMPLES = """
- name: The web server's configuration, refused if it does not parse
  template:
    src: nginx.conf.j2
    dest: /etc/nginx/nginx.conf
    owner: root
    mode: "0644"
    validate: nginx -t -c %s
  notify: Reload nginx
"""

RETURNS = {
    "dest": "the path on the host",
    "checksum": "SHA-1 of the result",
    "md5sum": "MD5 of the result, where it was written",
    "backup_file": "the name of the backup, where one was made",
    "mode": "permissions, as '0644'",
    "owner": "name of the owner",
    "group": "name of the group",
    "uid": "number of the owner",
    "gid": "number of the group",
    "size": "bytes",
    "state": "what is there now",
}


class Options(CopyOptions):
    src = option(Str, "The template, on the controller.", required=True)
    newline_sequence = option(
        Str, "How lines end in the result.", default="\n", choices=("\n", "\r", "\r\n", "\\n", "\\r", "\\r\\n")
    )
    block_start_string = option(Str, "How a statement begins.", default="{%")
    block_end_string = option(Str, "How a statement ends.", default="%}")
    variable_start_string = option(Str, "How an expression begins.", default="{{")
    variable_end_string = option(Str, "How an expression ends.", default="}}")
    comment_start_string = option(Str, "How a comment begins.", default="{#")
    comment_end_string = option(Str, "How a comment ends.", default="#}")
    trim_blocks = option(Bool, "Drop the newline after a statement.", default=True)
    lstrip_blocks = option(Bool, "Drop blanks before a statement.", default=False)
    output_encoding = option(Str, "The result's encoding.", default="utf-8")


def plan(options, system):
    return (yield from place_content(options, system))
