"""What a user's own options say to GNU tar, as far as it decides what becomes of what a folder holds already.

It knows words, not archives and no disk.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT = {
    "-C": "--directory",
    "-G": "--incremental",
    "-P": "--absolute-names",
    "-U": "--unlink-first",
    "-g": "--listed-incremental",
    "-k": "--keep-old-files",
    "-m": "--touch",
    "-o": "--no-same-owner",
}
# What is asked for here; tar takes any beginning of a name that is no other option's.
_ASKED = (
    "--absolute-names",
    "--backup",
    "--directory",
    "--incremental",
    "--keep-directory-symlink",
    "--keep-newer-files",
    "--keep-old-files",
    "--listed-incremental",
    "--no-overwrite-dir",
    "--no-same-owner",
    "--no-same-permissions",
    "--overwrite",
    "--recursive-unlink",
    "--skip-old-files",
    "--suffix",
    "--to-command",
    "--touch",
    "--unlink-first",
)
_SHORT_WITH_VALUE = "CFHIKLNTVXbfg"
_WITH_VALUE = frozenset(
    (
        "--directory",
        "--exclude",
        "--exclude-from",
        "--exclude-tag",
        "--files-from",
        "--listed-incremental",
        "--newer",
        "--newer-mtime",
        "--starting-file",
        "--strip-components",
        "--suffix",
        "--to-command",
        "--transform",
        "--use-compress-program",
        "--warning",
        "--xform",
    )
)
# What only an unpacking in the folder itself would understand; the one who moves the members does it instead.
_NOT_STAGED = ("--absolute-names", "--backup", "--directory", "--suffix")


class TarOptions:
    """Options taken apart. `folders`: where -C leads, in turn; `staged`: the words for tar in an empty folder."""

    def __init__(self, words: "list[str]") -> "None":
        self.folders = []  # type: list[str]
        self.staged = []  # type: list[str]
        self._values = {}  # type: dict[str, str | None]
        for name, value, said in _apart(words):
            self._values[name] = value
            if name == "--directory":
                self.folders.append(value or "")
            if name not in _NOT_STAGED:
                self.staged += said

    def has(self, *names: "str") -> "bool":
        """Whether one of these long names is given, in whatever form."""
        return any(name in self._values for name in names)

    def value(self, name: "str") -> "str | None":
        """What is given with the last of them."""
        return self._values.get(name)


def _apart(words: "list[str]") -> "Iterator[tuple[str, str | None, list[str]]]":
    """(long name, value, how it is said) of each; -kv is -k and -v."""
    left = list(words)
    while left:
        word = left.pop(0)
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            name = _meant(name)
            if name in _WITH_VALUE and not equals and left:
                value = left.pop(0)
                yield name, value, [word, value]
            else:
                yield name, value if equals else None, [word]
        elif word.startswith("-"):
            yield from _letters(word[1:], left)
        else:
            yield word, None, [word]


def _letters(letters: "str", left: "list[str]") -> "Iterator[tuple[str, str | None, list[str]]]":
    for place, letter in enumerate(letters, 1):
        word = "-" + letter
        if letter in _SHORT_WITH_VALUE:
            value = letters[place:] or (left.pop(0) if left else "")
            yield _SHORT.get(word, word), value, [word, value]
            return
        yield _SHORT.get(word, word), None, [word]


def _meant(name: "str") -> "str":
    if name in _ASKED or name in _WITH_VALUE:
        return name
    return next((one for one in _ASKED if len(name) > 2 and one.startswith(name)), name)


class Backups:
    """How tar's --backup names what it would replace; `control` and `suffix` as given, or as the environment says."""

    def __init__(self, control: "str", suffix: "str") -> "None":
        self._numbered = control in ("t", "numbered"[: len(control)])
        self._simple = control in ("never"[: max(len(control), 2)], "simple"[: len(control)])
        self._suffix = suffix if suffix and "/" not in suffix else "~"

    @classmethod
    def wanted(cls, options: "TarOptions", environ: "dict[str, str]") -> "Backups | None":
        """As the options say; None without any."""
        if not options.has("--backup", "--suffix"):
            return None
        control = options.value("--backup") or environ.get("VERSION_CONTROL") or "existing"
        if control in ("off", "none"[: max(len(control), 2)]):
            return None
        return cls(control, options.value("--suffix") or environ.get("SIMPLE_BACKUP_SUFFIX", ""))

    def name(self, path: "str", siblings: "list[str]") -> "str":
        """The name for what is at `path` among the names in its folder."""
        begin = path.rpartition("/")[2] + ".~"
        found = [one[len(begin) : -1] for one in siblings if one.startswith(begin) and one.endswith("~")]
        numbers = [int(one) for one in found if one.isdigit()]
        if self._numbered or (numbers and not self._simple):
            return "{}.~{}~".format(path, max(numbers, default=0) + 1)
        return path + self._suffix
