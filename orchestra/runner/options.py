"""What a module accepts, declared once: kinds, `option(...)`, and the coercion of what a user wrote.

The same text runs in three places: on the controller (validation where file and line are known, documentation) and on
the target (coercion right before `plan()`). So it must import nothing, run on Python 3.6, and know neither files nor
the wire. What a value that is not yet of its kind needs is in coerce.py, the rules between options are in rules.py.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Generic, TypeVar, overload

    T = TypeVar("T")

    class _Of(Generic[T]):
        """Gives a kind the Python type that its values have."""
else:

    class _Subscriptable(type):
        def __getitem__(cls, _):
            return cls

    class _Of(metaclass=_Subscriptable):
        __slots__ = ()

    T = None

    def overload(function):
        return function


class Kind(_Of[T]):
    """The type of an option: a name for the manual, and the Python type that needs no coercion."""

    def __init__(self, name: "str", plain: "type") -> "None":
        self.name = name
        self.plain = plain

    def coerce(self, value: "Any") -> "T":
        """The value as this kind; ValueError says what was expected."""
        if type(value) is self.plain or self.plain is object:
            return value  # type: ignore[no-any-return]
        from orchestra.runner.coerce import COERCE

        return COERCE[self.name](value)  # type: ignore[return-value]

    def __repr__(self) -> "str":
        return self.name


Str: "Kind[str]" = Kind("str", str)
Int: "Kind[int]" = Kind("int", int)
Float: "Kind[float]" = Kind("float", float)
Bool: "Kind[bool]" = Kind("bool", bool)
Path: "Kind[str]" = Kind("path", str)
Mode: "Kind[int | str]" = Kind("mode", int)
List: "Kind[list[Any]]" = Kind("list", list)
Dict: "Kind[dict[str, Any]]" = Kind("dict", dict)
Json: "Kind[str]" = Kind("json", str)
Bytes: "Kind[int]" = Kind("bytes", int)
Raw: "Kind[Any]" = Kind("raw", object)


class Option:
    """One declared option; made by `option(...)`, read by documentation, validation and `bind`."""

    __slots__ = ("aliases", "choices", "default", "elements", "help", "kind", "name", "options", "required", "secret")

    def __init__(self, kind: "Kind[Any]", help: "str", **more: "Any") -> "None":
        self.kind = kind
        self.help = help
        self.default = more.get("default")
        self.choices = more.get("choices")
        self.aliases = tuple(more.get("aliases") or ())
        self.required = more.get("required", False)
        self.secret = more.get("secret", False)
        self.elements = more.get("elements")
        self.options = more.get("options")
        self.name = more.get("name") or ""

    def coerce(self, value: "Any", expand: "Callable[[str], str] | None" = None) -> "Any":
        """The value as `plan()` sees it; ValueError says what was expected. `expand` resolves ~ and $VAR in paths."""
        result = self.kind.coerce(value)
        if self.kind is List and self.elements is not None:
            result = [self._one(self.elements, item, expand) for item in result]
        else:
            result = self._one(self.kind, result, expand)
        if self.choices is not None:
            result = self._choose(result)
        return result

    def _one(self, kind: "Kind[Any]", value: "Any", expand: "Callable[[str], str] | None") -> "Any":
        if value is None and kind is not self.kind:
            return None
        result = kind.coerce(value)
        if kind is Path and expand is not None:
            return expand(result)
        if kind is Dict and self.options is not None:
            return _bind_nested(self.options, result, expand)
        return result

    def _choose(self, result: "Any") -> "Any":
        wanted = result if isinstance(result, list) else [result]
        chosen = [self._match(item) for item in wanted]
        return chosen if isinstance(result, list) else chosen[0]

    def _match(self, item: "Any") -> "Any":
        if item in (self.choices or ()):
            return item
        from orchestra.runner.coerce import choose

        return choose(self.choices, item)


if TYPE_CHECKING:

    @overload
    def option(kind: Kind[T], help: str, *, required: bool, **more: Any) -> T: ...
    @overload
    def option(kind: Kind[T], help: str, *, default: T, **more: Any) -> T: ...  # noqa: F811
    @overload
    def option(kind: Kind[T], help: str, **more: Any) -> "T | None": ...  # noqa: F811


def option(kind: "Kind[Any]", help: "str", **more: "Any") -> "Any":
    """Declare an option.

    `default`, `choices` (a sequence), `aliases`, `required`, `secret` (never shown), `elements` (a kind, for List),
    `options` (an Options class for a Dict or for a List's Dict elements), `name` (where the option's name is not a
    Python name; a trailing underscore of the attribute is dropped anyway: `from_` declares `from`).
    """
    return Option(kind, help, **more)


def declared(options: "Any") -> "dict[str, Option]":
    """Every option of an Options class, its parents' last, by the name that users write."""
    cached = vars(options).get("_declared")  # type: dict[str, Option] | None
    if cached is not None:
        return cached
    found = {}  # type: dict[str, tuple[str, Option]]
    for cls in options.__mro__:
        for attribute, value in vars(cls).items():
            if isinstance(value, Option):
                value.name = value.name or attribute.rstrip("_")
                found.setdefault(value.name, (attribute, value))
    options._attributes = {name: attribute for name, (attribute, _) in found.items()}
    options._declared = {name: value for name, (_, value) in found.items()}
    options._names = {alias: name for name, (_, value) in found.items() for alias in (name,) + value.aliases}
    return declared(options)


class Problem:
    """Something wrong with what a user gave: the option's name as written ("" for the whole), and the sentence."""

    __slots__ = ("option", "text", "unknown")

    def __init__(self, option: "str", text: "str", unknown: "bool" = False) -> "None":
        self.option = option
        self.text = text
        self.unknown = unknown

    def __repr__(self) -> "str":
        return "{}: {}".format(self.option, self.text) if self.option else self.text


def bind(
    options: "type",
    given: "dict[str, Any]",
    expand: "Callable[[str], str] | None" = None,
    rules: "bool" = True,
) -> "tuple[Any, list[Problem]]":
    """An instance of `options` whose attributes are the coerced values, and every problem found (none: it is usable).

    A value of None counts as not given. `expand` is for the target, where ~ and variables have a meaning. `rules` is
    off where the controller has already held the rules between options against the same values.
    """
    bound = options()
    problems = list(_fill(bound, given, expand))
    if not problems and rules:
        from orchestra.runner.rules import broken_rules

        problems = list(broken_rules(options, bound))
    return bound, problems


def _fill(bound: "Any", given: "dict[str, Any]", expand: "Callable[[str], str] | None") -> "Iterator[Problem]":
    cls = type(bound)
    options = declared(cls)
    values = dict.fromkeys(options)
    written = {}
    others = bound._others = {}
    for key, value in given.items():
        name = cls._names.get(key)
        if name is None:
            others[key] = value
            if not getattr(cls, "ACCEPTS_ANY", False):
                yield Problem(key, "is not an option of this module", unknown=True)
        elif value is not None and (values[name] is None or key == name):
            values[name] = value
            written[name] = key
    bound._given = written
    for name, one in options.items():
        value = values[name]
        if value is None:
            if one.required:
                yield Problem(name, "is required")
            value = one.default
        if value is not None:
            try:
                value = one.coerce(value, expand)
            except ValueError as error:
                yield Problem(written.get(name, name), _shown(one, value, error))
        setattr(bound, cls._attributes[name], value)


def _shown(one: "Option", value: "Any", error: "ValueError") -> "str":
    return str(error) if one.secret else "{}, not {!r}".format(error, value)


def _bind_nested(options: "Any", value: "Any", expand: "Callable[[str], str] | None") -> "Any":
    bound, problems = bind(options, value, expand)
    if problems:
        raise ValueError("; ".join(repr(problem) for problem in problems))
    return {name: getattr(bound, attribute) for name, attribute in options._attributes.items()}


def given(bound: "Any", name: "str") -> "bool":
    """Whether the user wrote this option (rather than its default)."""
    return name in bound._given
