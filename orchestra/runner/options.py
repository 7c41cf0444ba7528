"""What a module accepts, declared once: kinds, `option(...)`, and the coercion of what a user wrote.

The same text runs in three places: on the controller (validation where file and line are known, documentation) and on
the target (coercion right before `plan()`). So it must import nothing, run on Python 3.6, and know neither files nor
the wire.
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


YES = ("yes", "on", "1", "true", "t", "y")
NO = ("no", "off", "0", "false", "f", "n")
_LETTERS = {"r": 4, "w": 2, "x": 1}


class Kind(_Of[T]):
    """The type of an option: a name for the manual and `coerce(value)`, which raises ValueError with the expectation."""

    def __init__(self, name: "str", coerce: "Callable[[Any], T]") -> "None":
        self.name = name
        self.coerce = coerce

    def __repr__(self) -> "str":
        return self.name


def _to_text(value: "Any") -> "str":
    return value if isinstance(value, str) else str(value)


def _to_bool(value: "Any") -> "bool":
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in YES or value == 1:
        return True
    if text in NO or value == 0:
        return False
    raise ValueError("expected a yes or a no")


def _to_int(value: "Any") -> "int":
    try:
        number = int(str(value).strip()) if isinstance(value, str) else int(value)
        if number == value or isinstance(value, str):
            return number
    except (TypeError, ValueError):
        pass
    raise ValueError("expected a whole number")


def _to_float(value: "Any") -> "float":
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError("expected a number") from None


def _to_list(value: "Any") -> "list[Any]":
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, (int, float)):
        return [str(value)]
    raise ValueError("expected a list")


def _to_dict(value: "Any") -> "dict[str, Any]":
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        return _dict_of_text(value.strip())
    raise ValueError("expected a mapping")


def _dict_of_text(text: "str") -> "dict[str, Any]":
    import json

    if text.startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            raise ValueError("expected a mapping; this is not valid JSON") from None
        return dict(found)
    pairs = [part.strip().partition("=") for part in text.replace(",", " ").split()]
    if not pairs or not all(equals for _, equals, _ in pairs):
        raise ValueError("expected a mapping, JSON or key=value pairs")
    return {key: value for key, _, value in pairs}


def _to_json(value: "Any") -> "str":
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value)


def _to_mode(value: "Any") -> "int | str":
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    try:
        return int(text, 8)
    except ValueError:
        pass
    if text == "preserve" or (text and all(_is_clause(clause) for clause in text.split(","))):
        return text
    raise ValueError("expected an octal mode such as '0644' or a symbolic one such as 'u=rw,g=r'")


def _is_clause(clause: "str") -> "bool":
    rest = clause.lstrip("ugoa")
    return bool(rest) and rest[0] in "+-=" and not rest.strip("+-=rwxXstugo")


def _to_bytes_count(value: "Any") -> "int":
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    text = str(value).strip().upper().rstrip("IB")
    scale = "KMGTPEZY".find(text[-1:]) + 1 if text[-1:] else 0
    try:
        return int(float(text[:-1] if scale else text) * 1024**scale)
    except ValueError:
        raise ValueError("expected a size such as 512, 10K or 1.5G") from None


Str: "Kind[str]" = Kind("str", _to_text)
Int: "Kind[int]" = Kind("int", _to_int)
Float: "Kind[float]" = Kind("float", _to_float)
Bool: "Kind[bool]" = Kind("bool", _to_bool)
Path: "Kind[str]" = Kind("path", _to_text)
Mode: "Kind[int | str]" = Kind("mode", _to_mode)
List: "Kind[list[Any]]" = Kind("list", _to_list)
Dict: "Kind[dict[str, Any]]" = Kind("dict", _to_dict)
Json: "Kind[str]" = Kind("json", _to_json)
Bytes: "Kind[int]" = Kind("bytes", _to_bytes_count)
Raw: "Kind[Any]" = Kind("raw", lambda value: value)


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
        """YAML reads `yes` as true and 2 as a number; a choice written either way is meant."""
        if item in self.choices:
            return item
        text = str(item).lower()
        same = YES if text == "true" else NO if text == "false" else (text,)
        for choice in self.choices:
            if str(choice) == str(item) or (item in ("True", "False") and str(choice).lower() in same):
                return choice
        raise ValueError("expected one of " + ", ".join(str(choice) for choice in self.choices))


if TYPE_CHECKING:

    @overload
    def option(kind: Kind[T], help: str, *, required: bool, **more: Any) -> T: ...
    @overload
    def option(kind: Kind[T], help: str, *, default: T, **more: Any) -> T: ...
    @overload
    def option(kind: Kind[T], help: str, **more: Any) -> "T | None": ...


def option(kind: "Kind[Any]", help: "str", **more: "Any") -> "Any":
    """Declare an option.

    `default`, `choices` (a sequence), `aliases`, `required`, `secret` (never shown), `elements` (a kind, for List),
    `options` (an Options class for a Dict or for a List's Dict elements), `name` (where the option's name is not a
    Python name; a trailing underscore of the attribute is dropped anyway: `from_` declares `from`).
    """
    return Option(kind, help, **more)


def declared(options: "type") -> "dict[str, Option]":
    """Every option of an Options class, its parents' last, by the name that users write."""
    cached = vars(options).get("_declared")
    if cached is not None:
        return cached
    found = {}
    for cls in options.__mro__:
        for attribute, value in vars(cls).items():
            if isinstance(value, Option):
                value.name = value.name or attribute.rstrip("_")
                found.setdefault(value.name, (attribute, value))
    options._attributes = {name: attribute for name, (attribute, _) in found.items()}
    options._declared = {name: value for name, (_, value) in found.items()}
    options._names = {alias: name for name, (_, value) in found.items() for alias in (name,) + value.aliases}
    return options._declared


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
    options: "type", given: "dict[str, Any]", expand: "Callable[[str], str] | None" = None
) -> "tuple[Any, list[Problem]]":
    """An instance of `options` whose attributes are the coerced values, and every problem found (none: it is usable).

    A value of None counts as not given. `expand` is for the target, where ~ and variables have a meaning.
    """
    bound = options()
    problems = list(_fill(bound, given, expand))
    if not problems:
        problems = list(broken_rules(options, bound))
    return bound, problems


def _fill(bound: "Any", given: "dict[str, Any]", expand: "Callable[[str], str] | None") -> "Iterator[Problem]":
    cls = type(bound)
    options = declared(cls)
    values = dict.fromkeys(options)
    written = {}
    for key, value in given.items():
        name = cls._names.get(key)
        if name is None:
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


def _bind_nested(options: "type", value: "Any", expand: "Callable[[str], str] | None") -> "Any":
    bound, problems = bind(options, value, expand)
    if problems:
        raise ValueError("; ".join(repr(problem) for problem in problems))
    return {name: getattr(bound, attribute) for name, attribute in options._attributes.items()}


def given(bound: "Any", name: "str") -> "bool":
    """Whether the user wrote this option (rather than its default)."""
    return name in bound._given


def _names(names: "Any") -> "str":
    return ", ".join(names)


def broken_rules(options: "type", bound: "Any") -> "Iterator[Problem]":
    """The rules between options: REQUIRED_ONE_OF, MUTUALLY_EXCLUSIVE, REQUIRED_TOGETHER, REQUIRED_IF, REQUIRED_BY."""

    def has(name):
        return name in bound._given

    def rules(kind):
        return getattr(options, kind, ())

    for names in rules("REQUIRED_ONE_OF"):
        if not any(map(has, names)):
            yield Problem("", "one of these is required: " + _names(names))
    for names in rules("MUTUALLY_EXCLUSIVE"):
        if sum(map(has, names)) > 1:
            yield Problem("", "these exclude each other: " + _names(filter(has, names)))
    for names in rules("REQUIRED_TOGETHER"):
        if any(map(has, names)) and not all(map(has, names)):
            yield Problem("", "these are required together: " + _names(names))
    for name, needed in rules("REQUIRED_BY"):
        missing = [one for one in needed if not has(one)]
        if has(name) and missing:
            yield Problem(name, "needs also: " + _names(missing))
    for rule in rules("REQUIRED_IF"):
        text = _required_if(bound, rule)
        if text:
            yield Problem("", text)


def _required_if(bound: "Any", rule: "Any") -> "str | None":
    """A rule is (option, value, names) or (option, value, names, True) where one of the names is enough."""
    name, value, names = rule[:3]
    attribute = type(bound)._attributes[name]
    if getattr(bound, attribute) != value:
        return None
    missing = [one for one in names if getattr(bound, type(bound)._attributes[one]) is None]
    any_will_do = len(rule) > 3 and rule[3]
    if not missing or (any_will_do and len(missing) < len(names)):
        return None
    text = "{} is {} but {} is missing: {}"
    return text.format(name, value, "one of these" if any_will_do else "this", _names(missing))
