"""Copy trees between the controller and a host with rsync."""

from orchestra.runner.sdk import Bool, Int, List, Path, Str, option

NAMES = ("ansible.posix.synchronize",)
CHECK_MODE = "rsync says what it would do, and does nothing."

EXAMPLES = """
- name: The site as it was built
  synchronize:
    src: build/
    dest: /srv/site/
    delete: true
    rsync_opts: ["--exclude=.git"]
"""

RETURNS = {"cmd": "the command line", "msg": "what rsync says it changed", "rc": "the exit status"}


class Options:
    src = option(Str, "From where; a slash at its end means what is in it.", required=True)
    dest = option(Str, "To where.", required=True)
    mode = option(Str, "push: to the host; pull: from it.", default="push", choices=("push", "pull"))
    archive = option(Bool, "Everything as it is: recursive, links, perms, times, owner, group.", default=True)
    checksum = option(Bool, "Compare contents, not times and sizes.", default=False)
    compress = option(Bool, "Compress on the way.", default=True)
    existing_only = option(Bool, "Only what is there already.", default=False)
    delete = option(Bool, "Remove what is not in the source; needs recursive.", default=False)
    dirs = option(Bool, "Folders without what is in them.", default=False)
    recursive = option(Bool, "Folders with what is in them; as archive where left out.")
    links = option(Bool, "Copy links as links; as archive where left out.")
    copy_links = option(Bool, "Copy what links lead to.", default=False)
    perms = option(Bool, "Keep modes; as archive where left out.")
    times = option(Bool, "Keep times; as archive where left out.")
    owner = option(Bool, "Keep owners; as archive where left out.")
    group = option(Bool, "Keep groups; as archive where left out.")
    partial = option(Bool, "Keep what was copied when it is interrupted.", default=False)
    delay_updates = option(Bool, "Put all files in place at the end.", default=True)
    rsync_path = option(Str, "rsync on the host; with become, it is run by sudo.")
    rsync_timeout = option(Int, "Seconds without any news until it fails; 0 waits.", default=0)
    rsync_opts = option(List, "More options for rsync.", elements=Str, default=[])
    link_dest = option(List, "Folders on the receiving side; what is the same there becomes a hard link.", elements=Str)
    dest_port = option(Int, "The port for ssh.")
    private_key = option(Path, "The private key for ssh.")
    set_remote_user = option(Bool, "Say as whom to log in, and do not leave it to ssh's configuration.", default=True)
    use_ssh_args = option(Bool, "Use ssh_args, ssh_common_args and ssh_extra_args too.", default=False)
    ssh_connection_multiplexing = option(Bool, "Let ssh use a connection that is open.", default=False)
    verify_host = option(Bool, "Only hosts whose key is known.", default=False)
