"""The value of ``omit``: an option given as this is left out, as if it had not been written."""

from __future__ import annotations

from typing import Final


class Omit:
    """The type of ``OMIT``; there is one instance."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<<Omit>>"

    def __copy__(self) -> Omit:
        return self

    def __deepcopy__(self, memo: object) -> Omit:
        return self

    def __reduce__(self) -> str:
        return "OMIT"


OMIT: Final = Omit()
