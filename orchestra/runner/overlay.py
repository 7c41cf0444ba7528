"""What earlier tasks of a check run would have made, and how plans see through it.

An overlay maps (kind, key) to a predicted value: kind "path" holds `Node`s, other kinds ("user", "group", "package",
"unit", whatever a part invents) hold plain JSON data, None meaning "would be gone". UNKNOWN means that a command that
was not run may have touched it: reading it raises `Unpredicted`. It knows nothing of effects or of the wire.
"""

from orchestra.runner.system import NOTHING, UNKNOWN, Unpredicted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["NOTHING", "UNKNOWN", "Node", "Overlay", "Unpredicted"]

CONTENT_LIMIT = 256 * 1024


class Node:
    """A path as it would be: kind is file, directory, link, absent, or what `Stat.kind` can say besides."""

    __slots__ = ("content", "gid", "kind", "mode", "mtime", "size", "target", "uid")

    def __init__(self, kind: "str", **more: "Any") -> "None":
        self.kind = kind
        self.mode = more.get("mode", 0o755 if kind == "directory" else 0o777 if kind == "link" else 0o644)
        self.uid = more.get("uid", 0)
        self.gid = more.get("gid", 0)
        self.content = more.get("content")
        self.target = more.get("target")
        self.mtime = more.get("mtime", 0.0)
        self.size = more.get("size", len(self.content) if self.content is not None else 0)

    def state(self) -> "dict[str, Any]":
        """Every field by name; `Node(**node.state())` is an equal one."""
        return {name: getattr(self, name) for name in self.__slots__}

    def but(self, **more: "Any") -> "Node":
        """A copy with some fields changed."""
        fields = self.state()
        if "content" in more:
            del fields["size"]
        fields.update(more)
        return Node(**fields)

    def packed(self) -> "dict[str, Any]":
        """The same for JSON; a long content is left out, and is unknown to who unpacks it."""
        fields = self.state()
        content = fields["content"]
        if content is not None:
            fields["content"] = content.decode("latin-1") if len(content) <= CONTENT_LIMIT else None
        return fields

    @classmethod
    def unpack(cls, fields: "dict[str, Any]") -> "Node":
        """The node that `packed` described."""
        fields = dict(fields)
        if fields.get("content") is not None:
            fields["content"] = fields["content"].encode("latin-1")
        return cls(**fields)


class Overlay:
    """Predicted state, with the list of what was added since `take_news` was last called."""

    def __init__(self) -> "None":
        self.entries = {}  # type: dict[tuple[str, str], Any]
        self._news = []  # type: list[tuple[str, str]]
        self.doubtful = False  # a package or an unforeseeable command: what is missing now may exist then

    def __bool__(self) -> "bool":
        return bool(self.entries) or self.doubtful

    def get(self, kind: "str", key: "str") -> "Any":
        """The predicted value, UNKNOWN, or NOTHING where no task has touched it."""
        return self.entries.get((kind, key), NOTHING)

    def put(self, kind: "str", key: "str", value: "Any") -> "None":
        """Predict a value (None: absent; UNKNOWN: may be anything)."""
        self.entries[kind, key] = value
        self._news.append((kind, key))
        if kind in ("package", "command") or value is UNKNOWN:
            self.doubtful = True

    def below(self, folder: "str") -> "list[tuple[str, Node]]":
        """Predicted paths under a folder, at any depth."""
        prefix = folder.rstrip("/") + "/"
        return [(key, node) for (kind, key), node in self.entries.items() if kind == "path" and key.startswith(prefix)]

    def take_news(self) -> "list[Any]":
        """What was predicted since the last call, for JSON: [kind, key, state, value] rows."""
        rows = []  # type: list[list[Any]]
        for kind, key in dict.fromkeys(self._news):
            value = self.entries[kind, key]
            if value is UNKNOWN:
                rows.append([kind, key, "unknown", None])
            elif isinstance(value, Node):
                rows.append([kind, key, "node", value.packed()])
            else:
                rows.append([kind, key, "value", value])
        self._news = []
        return rows

    def add_news(self, rows: "list[Any]") -> "None":
        """Take over what another worker predicted (it is not reported again)."""
        for kind, key, state, value in rows:
            self.put(kind, key, UNKNOWN if state == "unknown" else Node.unpack(value) if state == "node" else value)
        self._news = []
