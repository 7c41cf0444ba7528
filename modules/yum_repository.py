"""Keep a repository of dnf or yum in a file of yum.repos.d."""

from orchestra.runner.sdk import Attributes, Bool, FileOptions, Int, List, Path, Problem, Remove, Str, WriteFile, option

NAMES = ("ansible.builtin.yum_repository", "ansible.legacy.yum_repository")


class Options(FileOptions):
    name = option(Str, "The repository's id.", required=True)
    description = option(Str, "Its name for people.")
    file = option(Str, "The file without .repo; the id where left out.")
    state = option(Str, "Whether it is there.", default="present", choices=("present", "absent"))
    reposdir = option(Path, "The folder.", default="/etc/yum.repos.d")
    baseurl = option(List, "Where it is.", elements=Str)
    metalink = option(Str, "Where a list of places is, as a metalink.")
    mirrorlist = option(Str, "Where a list of places is.")
    enabled = option(Bool, "Whether it is used.")
    gpgcheck = option(Bool, "Whether packages must be signed.")
    gpgkey = option(List, "Where its keys are.", elements=Str)
    repo_gpgcheck = option(Bool, "Whether metadata must be signed.")
    async_ = option(Bool, "Fetch in parallel.")
    bandwidth = option(Str, "What throttle is a share of.")
    cost = option(Str, "Price against other repositories.")
    countme = option(Bool, "Be counted.")
    deltarpm_percentage = option(Str, "When deltas are fetched.")
    enablegroups = option(Bool, "Whether its groups are used.")
    exclude = option(List, "Packages to leave out.", elements=Str, aliases=("excludepkgs",))
    failovermethod = option(Str, "How places are tried.", choices=("roundrobin", "priority"))
    gpgcakey = option(Str, "The key that signs keys.")
    http_caching = option(Str, "What is cached.", choices=("all", "packages", "none"))
    include = option(Str, "Another file.")
    includepkgs = option(List, "Only these packages.", elements=Str)
    ip_resolve = option(Str, "Which addresses.", choices=("4", "6", "IPv4", "IPv6", "whatever"))
    keepalive = option(Bool, "Keep connections.")
    keepcache = option(Str, "Keep packages.", choices=("0", "1"))
    metadata_expire = option(Str, "How long metadata lasts.")
    metadata_expire_filter = option(Str, "Which commands accept old metadata.")
    mirrorlist_expire = option(Str, "How long the list of places lasts.")
    module_hotfixes = option(Bool, "Its packages are above module streams.")
    password = option(Str, "For its server.", secret=True)
    priority = option(Str, "Against other repositories; lower goes first.")
    protect = option(Bool, "Its packages are not replaced.")
    proxy = option(Str, "The way to it.")
    proxy_password = option(Str, "For the proxy.", secret=True)
    proxy_username = option(Str, "For the proxy.")
    retries = option(Str, "How often it is tried.")
    s3_enabled = option(Bool, "It is in S3.")
    skip_if_unavailable = option(Bool, "Go on without it.")
    ssl_check_cert_permissions = option(Bool, "Certificates must be private.")
    sslcacert = option(Str, "Certificates to trust.", aliases=("ca_cert",))
    sslclientcert = option(Str, "Our certificate.", aliases=("client_cert",))
    sslclientkey = option(Str, "Our key.", aliases=("client_key",))
    sslverify = option(Bool, "Verify its server.", aliases=("validate_certs",))
    throttle = option(Str, "Greatest speed.")
    timeout = option(Int, "Seconds to wait for it.")
    ui_repoid_vars = option(Str, "Variables in its shown id.")
    username = option(Str, "For its server.")
    unsafe_writes = option(Bool, "Write in place where a rename can not be; else ANSIBLE_UNSAFE_WRITES says it.")


OURS = {"name", "file", "state", "reposdir", "description", "unsafe_writes"} | {
    name for name in vars(FileOptions) if not name.startswith("_")
}
SPACED = ("exclude", "includepkgs")

EXAMPLES = """
- name: EPEL
  yum_repository:
    name: epel
    description: Extra packages
    baseurl: https://download.fedoraproject.org/pub/epel/$releasever/$basearch/
    gpgkey: https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-9
"""

RETURNS = {"repo": "the repository's id", "state": "as asked"}


def problems(options):
    if options.state == "present":
        if options.description is None:
            yield Problem("description", "is required for state=present")
        if not any((options.baseurl, options.metalink, options.mirrorlist)):
            yield Problem("", "one of the following is required: baseurl, metalink, mirrorlist")


def plan(options, system):
    path = "{}/{}.repo".format(options.reposdir.rstrip("/"), options.file or options.name)
    text = system.read_text(path) if system.exists(path) else ""
    before, found, after = _parts(text, options.name)
    if options.state == "absent":
        fresh = before + after
    else:
        section = _section(options)
        fresh = text if _same(found, section) else _joined(before, section, after)
    if fresh.strip() or options.state == "present":
        content = fresh.encode("utf-8", "surrogateescape")
        attributes = Attributes.of(options)
        if attributes.mode is None and not text:
            attributes.mode = 0o644
        yield WriteFile(path, content, attributes, unsafe_writes=options.unsafe_writes)
    elif text:
        yield Remove(path)
    return {"repo": options.name, "state": options.state}


def _parts(text, name):
    """The text before a section, the section, and the text behind it."""
    lines = text.splitlines(True)
    starts = [index for index, line in enumerate(lines) if line.strip() == "[{}]".format(name)]
    if not starts:
        return text, "", ""
    end = next((index for index in range(starts[0] + 1, len(lines)) if lines[index].startswith("[")), len(lines))
    return "".join(lines[: starts[0]]), "".join(lines[starts[0] : end]), "".join(lines[end:])


def _joined(before, section, after):
    gap = "\n" if before.strip() and not before.endswith("\n\n") else ""
    return (
        before + ("" if not before or before.endswith("\n") else "\n") + gap + section + ("\n" + after if after else "")
    )


def _section(options):
    """The keys in the order of their names, as they always have been written."""
    keys = {"name": options.description}
    for name, attribute in type(options)._attributes.items():
        value = getattr(options, attribute)
        if name not in OURS and value is not None:
            keys[name] = _written(name, value)
    body = "".join("{} = {}\n".format(key, keys[key]) for key in sorted(keys))
    return "[{}]\n{}".format(options.name, body)


def _written(name, value):
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return " ".join(value) if name in SPACED else "\n       ".join(value)
    return str(value)


def _keys(section):
    """{key: value}; a line that begins with a space goes on with the value above."""
    found, last = {}, ""
    for line in section.splitlines()[1:]:
        if line[:1] in (" ", "\t") and last:
            found[last] += "\n" + line.strip()
        elif "=" in line and line[:1] not in "#;":
            last, _, value = line.partition("=")
            last = last.strip()
            found[last] = value.strip()
    return found


def _same(one, other):
    return _keys(one) == _keys(other)
