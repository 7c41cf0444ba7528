"""Find files, folders and links on the host, by name, age, size, mode or content."""

import os

from orchestra.runner.parts.pathstat import described, is_known
from orchestra.runner.sdk import Bool, Failed, Int, List, Mode, Path, Str, option

NAMES = ("ansible.builtin.find", "ansible.legacy.find")
PARTS = ("pathstat",)

EXAMPLES = """
- name: Logs that are older than four weeks
  find:
    paths: /var/log/app
    patterns: '*.log,*.log.gz'
    age: 4w
    recurse: true
  register: old

- name: Remove them
  file:
    path: "{{ item.path }}"
    state: absent
  loop: "{{ old.files }}"
"""

RETURNS = {
    "files": "a list of mappings as `stat` has them: path, mode, isdir, isreg, islnk, uid, gid, size, mtime ...",
    "matched": "how many were found",
    "examined": "how many were looked at",
    "skipped_paths": "paths that could not be searched, and why",
}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
BYTES = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


class Options:
    paths = option(List, "Where to search.", required=True, aliases=("name", "path"), elements=Path)
    patterns = option(
        List,
        "Globs, or regular expressions with use_regex, for the last part of a path.",
        aliases=("pattern",),
        elements=Str,
    )
    excludes = option(List, "The same for what is left out.", aliases=("exclude",), elements=Str)
    use_regex = option(Bool, "patterns and excludes are regular expressions.", default=False)
    contains = option(Str, "A regular expression that must match at the beginning of a line of the file.")
    read_whole_file = option(
        Bool, "`contains` is searched in the whole content instead of line by line.", default=False
    )
    encoding = option(Str, "The encoding for `contains`; that of the host if not given.")
    file_type = option(Str, "What to look for.", default="file", choices=("any", "directory", "file", "link"))
    recurse = option(Bool, "Go down into folders.", default=False)
    depth = option(Int, "How many levels, with recurse.")
    hidden = option(Bool, "Names that begin with a dot, too.", default=False)
    follow = option(Bool, "Go into folders that links lead to.", default=False)
    age = option(Str, "At least this old (2d; s m h d w), or with a minus at most this old.")
    age_stamp = option(Str, "Which time stamp is meant.", default="mtime", choices=("atime", "ctime", "mtime"))
    size = option(Str, "At least this large (10m; b k m g t), or with a minus at most this large.")
    mode = option(Mode, "These permissions.")
    exact_mode = option(Bool, "Exactly these; otherwise at least these.", default=True)
    limit = option(Int, "No more than so many.")
    get_checksum = option(Bool, "Tell each file's checksum.", default=False)
    checksum_algorithm = option(
        Str,
        "Which checksum.",
        default="sha1",
        choices=("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
        aliases=("checksum", "checksum_algo"),
    )


def plan(options, system):
    search = Search(options, system)
    for path in options.paths:
        search.under(path)
    message = "Not all paths examined, check warnings for details" if search.skipped else "All paths examined"
    if search.is_full():
        message = "Limit of matches reached"
    values = {"files": search.files, "matched": len(search.files), "examined": search.examined}
    return dict(values, skipped_paths=search.skipped, msg=message, changed=False)


class Undecodable(Exception):
    """A file is not in the encoding that was given; the search under its path ends there, as Ansible's does."""


class Search:
    """One search: what it looks for, and what it has found."""

    def __init__(self, options, system):
        self.options = options
        self.system = system
        self.files = []
        self.skipped = {}
        self.owners = {}
        self.examined = 0
        self.age = _measure("age", options.age, SECONDS, "s")
        self.size = _measure("size", options.size, BYTES, "b")
        self.wanted = _matcher(options.patterns, options.use_regex, True)
        self.unwanted = _matcher(options.excludes, options.use_regex, False)
        self.contains = _content_matcher(options)

    def under(self, path):
        """Look through one of the paths."""
        if not self.system.is_dir(path):
            self._skip(path, "'{}' is not a directory".format(path))
            return
        try:
            self._folder(path.rstrip("/") or "/", 1, {self.system.resolve(path)})
        except (Undecodable, LookupError) as error:
            self._skip(path, str(error))

    def is_full(self):
        """Whether as many were found as were asked for."""
        return bool(self.options.limit) and len(self.files) >= self.options.limit

    def _skip(self, path, why):
        self.skipped[path] = why
        self.system.warn("Skipped '{}' path due to this access issue: {}\n".format(path, why))

    def _folder(self, folder, depth, seen):
        options = self.options
        try:
            names = self.system.listdir(folder)
        except OSError as error:
            self._skip(folder, str(error))
            return
        if options.depth and depth > options.depth:  # looked at, as Ansible counts, and gone no deeper
            self.examined += len(names)
            return
        for name in names:
            path = os.path.join(folder, name)
            found = self.system.stat(path)
            if found is None:
                continue
            if self.is_full():
                return
            self.examined += 1
            if (options.hidden or not name.startswith(".")) and self._fits(path, name, found):
                self.files.append(self._described(path, found))
            if options.recurse:
                self._descend(path, found, depth + 1, seen)

    def _descend(self, path, found, depth, seen):
        if found.kind == "directory":
            self._folder(path, depth, seen)
        elif found.kind == "link" and self.options.follow and self.system.is_dir(path):
            target = self.system.resolve(path)
            if target not in seen:
                self._folder(path, depth, seen | {target})

    def _fits(self, path, name, found):
        options = self.options
        if options.file_type not in ("any", found.kind):
            return False
        if not self.wanted(name) or self.unwanted(name):
            return False
        if not self._old_enough(found) or not self._large_enough(found) or not self._permitted(found):
            return False
        return options.file_type not in ("file", "any") or self._has_content(path, found)

    def _old_enough(self, found):
        if self.age is None:
            return True
        age = self.system.now() - getattr(found, self.options.age_stamp)
        return age >= abs(self.age) if self.age >= 0 else age <= abs(self.age)

    def _large_enough(self, found):
        if self.size is None or found.kind != "file":
            return True
        return found.size >= abs(self.size) if self.size >= 0 else found.size <= abs(self.size)

    def _permitted(self, found):
        if self.options.mode is None:
            return True
        mode = self.options.mode
        if not isinstance(mode, int):
            mode = self._symbolic(mode)
        return found.mode == mode if self.options.exact_mode else bool(found.mode & mode)

    def _symbolic(self, mode):
        """What letters such as u=rw,g=r give where nothing is permitted yet."""
        from orchestra.runner.sdk import Attributes, Stat

        return Attributes(mode=mode).mode_over(Stat("file", 0), self.system.umask)

    def _has_content(self, path, found):
        if self.contains is None or found.kind != "file":
            return self.contains is None
        try:
            content = self.system.read_bytes(path)
        except OSError as error:
            self.system.warn("Failed to read {}: {}".format(path, error))
            return False
        return self.contains(self._decoded(path, content))

    def _decoded(self, path, content):
        """An encoding that was asked for must fit; without one whatever is no UTF-8 stays as it is."""
        encoding = self.options.encoding
        if not encoding:
            return content.decode("utf-8", "surrogateescape")
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            text = "Failed to read the file {} due to an encoding error. current encoding: {}"
            raise Undecodable(text.format(path, encoding)) from None

    def _described(self, path, found):
        info = described(self.system, os.path.normpath(path), found, self.owners)
        if self.options.get_checksum and found.kind == "file" and is_known(self.system, path):
            info["checksum"] = self.system.digest(path, self.options.checksum_algorithm)
        return info


def _measure(name, text, units, unit):
    """A number with a unit, as seconds or bytes."""
    if text is None:
        return None
    text = text.strip().lower()
    number, factor = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, units[unit])
    try:
        return int(number) * factor
    except ValueError:
        raise Failed(
            "failed to process {}: expected a number and one of {}, not {!r}".format(name, "".join(units), text)
        ) from None


def _matcher(patterns, use_regex, default):
    """A function from a name to whether one of the patterns fits."""
    if not patterns:
        return lambda name: default
    if use_regex:
        import re

        try:
            compiled = [re.compile(pattern) for pattern in patterns]
        except re.error as error:
            raise Failed("a pattern is not a valid regular expression: {}".format(error)) from None
        return lambda name: any(one.match(name) for one in compiled)
    from fnmatch import fnmatch

    return lambda name: any(fnmatch(name, pattern) for pattern in patterns)


def _content_matcher(options):
    """A function from a file's text to whether it contains what is asked; None where nothing is."""
    if options.contains is None:
        return None
    import re

    try:
        found = re.compile(options.contains)
    except re.error as error:
        raise Failed("contains is not a valid regular expression: {}".format(error)) from None
    if options.read_whole_file:
        return lambda text: bool(found.search(text))
    return lambda text: any(found.match(line) for line in text.splitlines(True))
