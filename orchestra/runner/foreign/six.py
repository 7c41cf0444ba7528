"""What is left to say between Python 2 and 3: the part of the library six that modules import from Ansible."""

import io
import operator
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PY2, PY3, PY34 = False, True, True
string_types = (str,)
integer_types = (int,)
class_types = (type,)
text_type = str
binary_type = bytes
unichr = chr
int2byte = operator.methodcaller("to_bytes", 1, "big")
StringIO = io.StringIO
BytesIO = io.BytesIO
MAXSIZE = (1 << 63) - 1
advance_iterator = next
get_method_function = operator.attrgetter("__func__")
get_method_self = operator.attrgetter("__self__")
create_bound_method = types.MethodType


def iteritems(d: "Any", **kw: "Any") -> "Any":
    """An iterator over the items."""
    return iter(d.items(**kw))


def iterkeys(d: "Any", **kw: "Any") -> "Any":
    """An iterator over the keys."""
    return iter(d.keys(**kw))


def itervalues(d: "Any", **kw: "Any") -> "Any":
    """An iterator over the values."""
    return iter(d.values(**kw))


viewkeys = operator.methodcaller("keys")
viewvalues = operator.methodcaller("values")
viewitems = operator.methodcaller("items")


def b(s: "str") -> "bytes":
    """A byte literal."""
    return s.encode("latin-1")


def u(s: "str") -> "str":
    """A text literal."""
    return s


def ensure_binary(s: "Any", encoding: "str" = "utf-8", errors: "str" = "strict") -> "bytes":
    """Bytes."""
    return s.encode(encoding, errors) if isinstance(s, str) else s


def ensure_text(s: "Any", encoding: "str" = "utf-8", errors: "str" = "strict") -> "str":
    """Text."""
    return s.decode(encoding, errors) if isinstance(s, bytes) else s


ensure_str = ensure_text


def reraise(tp: "Any", value: "Any", tb: "Any" = None) -> "None":
    """Raise an exception with its traceback."""
    raise (tp() if value is None else value).with_traceback(tb)


def raise_from(value: "BaseException", from_value: "Any") -> "None":
    """Raise with a cause."""
    raise value from from_value


def with_metaclass(meta: "Any", *bases: "Any") -> "Any":
    """A base class of this metaclass."""

    class Temporary(type):
        """Stands in until the real class is made."""

        def __new__(cls, name: "Any", this_bases: "Any", namespace: "Any") -> "Any":
            return meta(name, bases, namespace)

    return type.__new__(Temporary, "temporary_class", (), {})


def add_metaclass(metaclass: "Any") -> "Any":
    """A class decorator for a metaclass."""

    def wrapper(cls: "Any") -> "Any":
        namespace = {key: value for key, value in vars(cls).items() if key not in ("__dict__", "__weakref__")}
        return metaclass(cls.__name__, cls.__bases__, namespace)

    return wrapper


def python_2_unicode_compatible(klass: "Any") -> "Any":
    """The class as it is."""
    return klass
