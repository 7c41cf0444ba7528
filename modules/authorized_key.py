"""Keep the public keys with which one may log in as a user."""

from orchestra.runner.sdk import Attributes, Bool, Failed, MakeDirectory, Path, Str, WriteFile, bind, option

NAMES = ("ansible.posix.authorized_key",)
TYPES = (
    "ssh-ed25519",
    "ssh-ed25519-cert-v01@openssh.com",
    "sk-ssh-ed25519@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ssh-rsa",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-dss",
    "ssh-dss-cert-v01@openssh.com",
)


class Options:
    user = option(Str, "Whose keys.", required=True)
    key = option(Str, "One or more public keys, a line each; or the URL of such.", required=True)
    path = option(Path, "The file, where it is not ~/.ssh/authorized_keys.")
    manage_dir = option(Bool, "Make the folder, and keep it the user's own.", default=True)
    state = option(Str, "Whether the keys are there.", default="present", choices=("present", "absent"))
    key_options = option(Str, "Options in front of the keys.")
    exclusive = option(Bool, "Remove all other keys.", default=False)
    comment = option(Str, "The comment behind the keys.")
    validate_certs = option(Bool, "For a URL: verify the server.", default=True)
    follow = option(Bool, "Write through a symbolic link.", default=False)


EXAMPLES = """
- name: The team's keys and no others
  authorized_key:
    user: deploy
    key: "{{ lookup('file', 'team.pub') }}"
    exclusive: true
"""

RETURNS = {"keyfile": "the file", "key": "the keys that were asked for"}


class Key:
    """A line with a key; the text says it all for others (comments, empty lines)."""

    def __init__(self, text, blob="", kind="", options="", comment=""):
        self.text = text
        self.blob = blob
        self.kind = kind
        self.options = options
        self.comment = comment

    def same(self, other):
        return (self.kind, split_options(self.options), self.comment) == (
            other.kind,
            split_options(other.options),
            other.comment,
        )

    def line(self):
        return " ".join(part for part in (self.options, self.kind, self.blob, self.comment) if part)


def plan(options, system):
    path, user = _place(options, system)
    wanted = _wanted(options, system)
    values = {name: getattr(options, name) for name in ("user", "key", "state", "key_options", "exclusive", "comment")}
    values.update(path=options.path, manage_dir=options.manage_dir, follow=options.follow, keyfile=path)
    there = system.exists(path)
    lines = [parse(line) for line in (system.read_text(path).splitlines() if there else [])]
    fresh = _without(lines, wanted) if options.state == "absent" else _with(lines, wanted, options.exclusive)
    if options.manage_dir and options.state == "present":
        yield from _folder(options, system, path, user)
    texts = [one.text for one in fresh]
    if texts != [one.text for one in lines] or (options.state == "present" and not there):
        content = "".join(text + "\n" for text in texts).encode("utf-8", "surrogateescape")
        attributes = Attributes() if there else Attributes(mode=0o600, owner=str(user.uid), group=str(user.gid))
        yield WriteFile(path, content, attributes, follow=options.follow)
    return values


def _place(options, system):
    user = system.user(options.user)
    if user is None:
        system.missed = True
        raise Failed("Failed to lookup user {}: there is no such user".format(options.user))
    return options.path or user.home.rstrip("/") + "/.ssh/authorized_keys", user


def _folder(options, system, path, user):
    """~/.ssh belongs to the user and to nobody else; a folder that was given is only made."""
    folder = path.rpartition("/")[0]
    if options.path is not None and system.exists(folder):
        return
    mode = None if system.exists(folder) else 0o700
    if mode is not None or options.path is None:
        yield MakeDirectory(folder, Attributes(mode=0o700, owner=str(user.uid), group=str(user.gid)))


def _wanted(options, system):
    text = _downloaded(options, system) if options.key.startswith(("http://", "https://")) else options.key
    keys = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key = parse(line.strip())
        if not key.blob:
            raise Failed("invalid key specified: {}".format(line.strip()))
        if options.key_options is not None:
            key.options = options.key_options
        if options.comment is not None:
            key.comment = options.comment
        key.text = key.line()
        keys.append(key)
    return keys


def _downloaded(options, system):
    from orchestra.runner.parts.downloads import RequestOptions, ask

    given = {"validate_certs": options.validate_certs}
    answer = ask(bind(RequestOptions, given)[0], system, options.key, timeout=30)
    if not answer.is_fine():
        raise Failed("error getting key from: {} ({})".format(options.key, answer.message or answer.summary()))
    return answer.read().decode("utf-8", "replace")


def _without(lines, wanted):
    blobs = {key.blob for key in wanted}
    return [line for line in lines if not (line.blob and line.blob in blobs)]


def _with(lines, wanted, exclusive):
    """The lines with every wanted key once: in its old place where it was there, else at the end."""
    by_blob = {key.blob: key for key in wanted}
    fresh, seen = [], set()
    for line in lines:
        key = by_blob.get(line.blob) if line.blob else None
        if key is None:
            if not exclusive:
                fresh.append(line)
        elif key.blob not in seen:
            seen.add(key.blob)
            fresh.append(line if line.same(key) else key)
    return fresh + [key for blob, key in by_blob.items() if blob not in seen]


def parse(line):
    """options type blob comment; a line that is none of that keeps its text only."""
    if line.lstrip().startswith("#") or not line.strip():
        return Key(line)
    words = _words(line)
    kinds = [index for index, word in enumerate(words) if word in TYPES]
    if not kinds or len(words) < kinds[0] + 2:
        return Key(line)
    at = kinds[0]
    return Key(line, words[at + 1], words[at], " ".join(words[:at]), " ".join(words[at + 2 :]))


def _words(line):
    """Words, where double quotes hold spaces together and a backslash keeps a quote from ending them."""
    words, word, quoted, escaped = [], "", False, False
    for letter in line:
        if letter == '"' and not escaped:
            quoted = not quoted
        escaped = letter == "\\" and not escaped
        if letter.isspace() and not quoted:
            if word:
                words.append(word)
            word = ""
        else:
            word += letter
    return words + [word] if word else words


def split_options(text):
    """The options in front of a key, as a list in their order; commas in quotes do not separate."""
    found, one, quoted, escaped = [], "", False, False
    for letter in text:
        if letter == '"' and not escaped:
            quoted = not quoted
        escaped = letter == "\\" and not escaped
        if letter == "," and not quoted:
            found.append(one.strip())
            one = ""
        else:
            one += letter
    return [part for part in found + [one.strip()] if part]
