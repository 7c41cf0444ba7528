"""Effects: the only things that change a machine. A module yields them; the runner asks, shows, applies, can undo.

`Effect` is the base that parts extend. Its public attributes are its constructor's parameters under the same names: so
an effect can be recorded (`record`) and made again from the record, which is how undo travels.
"""

import os

from orchestra.runner.system import Unpredicted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from orchestra.runner.system import System


class no:  # noqa: N801
    """The falsy answer with its reason: `undo_able = no("a package upgrade can not be taken back")`."""

    def __init__(self, reason: "str") -> "None":
        self.reason = reason

    def __bool__(self) -> "bool":
        return False

    def __repr__(self) -> "str":
        return "no({!r})".format(self.reason)


yes = True


class Result:
    """What an effect did, and what a plan may return instead of a dict.

    `changed`, and values as attributes. In check mode an effect that could not be predicted gives a result without
    values: reading one raises Unpredicted, `values()` is empty.
    """

    def __init__(self, changed: "bool | None" = None, **values: "Any") -> "None":
        self.changed = changed
        self.attributes_changed = False  # of a file effect: owner, mode or context were set
        self._values = values
        self._known = True

    def values(self) -> "dict[str, Any]":
        """The values that may be returned; empty when the effect was not run."""
        return dict(self._values)

    def get(self, name: "str", default: "Any" = None) -> "Any":
        """A value, or the default, also where nothing was run."""
        return self._values.get(name, default)

    def __getattr__(self, name: "str") -> "Any":
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            if self._known:
                raise AttributeError(name) from None
        raise Unpredicted("the result {!r} of something that was not run".format(name))

    @classmethod
    def not_run(cls, changed: "bool" = True) -> "Result":
        """The result of an effect that check mode did not run and can not foretell."""
        result = cls(changed)
        result._known = False
        return result


class NotRecorded(Exception):
    """Undo data would be too large, or secret: the effect goes on, and the reply says that it was not recorded."""


class Effect:
    """One change of the machine.

    Subclasses implement `needed`, `apply`, and as far as they declare it `diff`, `undo` and `predict`.
    """

    predicts = yes  # type: Any  # check mode can foresee what it leaves
    repeats = yes  # type: Any  # doing it twice finds nothing to do the second time
    undoes = yes  # type: Any  # `undo` gives effects that take it back

    def needed(self, system: "System") -> "bool":
        """Whether anything would change. Called once, before everything else; looks only."""
        return True

    def diff(self, system: "System") -> "Any":
        """Before and after as Ansible's diff dicts (one or a list), or None. Called when needed, before apply."""
        return None

    def undo(self, system: "System") -> "list[Effect]":
        """Effects that take this one back, in the order in which they must run. Called when needed, before apply."""
        return []

    def apply(self, system: "System") -> "Result":
        """Do it. OSError and Failed end the task."""
        raise AssertionError("an effect must say how it is applied")

    def predict(self, system: "System") -> "Result":
        """Tell the overlay what apply would leave (`system.foresee`), and give the result that apply would."""
        return Result(True)

    def otherwise(self, system: "System") -> "Result":
        """The result where nothing was needed."""
        return Result(False)

    def record(self) -> "dict[str, Any]":
        """The constructor's arguments by name."""
        return {name: value for name, value in vars(self).items() if name[0] != "_"}


def absolute(path: "str") -> "str":
    """A path that does not depend on a working directory."""
    return path if path.startswith("/") else os.path.abspath(path)


def flatten(found: "Any") -> "Iterator[Any]":
    """Diffs come as None, one dict or a list of them."""
    if isinstance(found, dict):
        yield found
    else:
        for one in found or ():
            yield from flatten(one)
