"""Whether an installed Python package meets a requirement such as `requests>=2.31,<3`: the plain part of PEP 440, 508.

What is not plain, an address, a path, an extra, a marker, is not judged here: pip is asked.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LETTERS = {
    "a": -3,
    "alpha": -3,
    "b": -2,
    "beta": -2,
    "c": -1,
    "rc": -1,
    "pre": -1,
    "dev": -4,
    "post": 1,
    "r": 1,
    "rev": 1,
}
_SIGNS = ("===", "==", "~=", "!=", "<=", ">=", "<", ">")


def normal(name: "str") -> "str":
    """Names are the same whatever their case and whether - _ or . stands between words."""
    text = name.strip().lower()
    for mark in "_.":
        text = text.replace(mark, "-")
    while "--" in text:
        text = text.replace("--", "-")
    return text


def name_of(requirement: "str") -> "str | None":
    """The package's name, or None where the requirement is an address or a path."""
    if "/" in requirement or "@" in requirement or requirement.endswith((".whl", ".gz", ".zip")):
        return None
    end = next((index for index, char in enumerate(requirement) if char in "[<>=!~; ("), len(requirement))
    return requirement[:end].strip() or None


def is_satisfied(requirement: "str", installed: "dict[str, str]") -> "bool":
    """Whether what is installed is enough; False also where only pip can tell."""
    name = name_of(requirement)
    if name is None or "[" in requirement or ";" in requirement:
        return False
    version = installed.get(normal(name))
    if version is None:
        return False
    rest = requirement[len(name) :].strip().strip("()")
    return all(_fits(version, clause.strip()) for clause in rest.split(",") if clause.strip())


def _fits(version: "str", clause: "str") -> "bool":
    sign = next((one for one in _SIGNS if clause.startswith(one)), None)
    if sign is None:
        return False
    wanted = clause[len(sign) :].strip()
    if sign == "===":
        return version == wanted
    if wanted.endswith(".*"):
        same = _release(version)[: len(_release(wanted[:-2]))] == _release(wanted[:-2])
        return same if sign == "==" else not same
    if sign == "~=":
        prefix = _release(wanted)[:-1]
        return _key(version) >= _key(wanted) and _release(version)[: len(prefix)] == prefix
    mine, other = _key(version.partition("+")[0] if "+" not in wanted else version), _key(wanted)
    if sign in ("==", "!="):
        return bool((mine == other) == (sign == "=="))
    if sign in ("<=", ">=") and mine == other:
        return True
    return bool(mine < other if sign[0] == "<" else mine > other)


def _pieces(version: "str") -> "list[str]":
    """1.0rc1 as 1, 0, rc, 1."""
    pieces, last = [], ""  # type: list[str], str
    for char in version.strip().lower().lstrip("v"):
        kind = "digit" if char.isdigit() else "alpha" if char.isalpha() else ""
        if kind and kind == last:
            pieces[-1] += char
        elif kind:
            pieces.append(char)
        last = kind
    return pieces


def _release(version: "str") -> "list[int]":
    numbers = []
    for piece in _pieces(version):
        if not piece.isdigit():
            break
        numbers.append(int(piece))
    return numbers


def _key(version: "str") -> "Any":
    """A tuple that sorts as PEP 440 says, epochs and local parts aside: 1.0.dev1 < 1.0a1 < 1.0rc1 < 1.0 < 1.0.post1."""
    numbers = _release(version)
    while numbers and numbers[-1] == 0:
        numbers.pop()
    after = _pieces(version)[len(_release(version)) :]
    rest = [_LETTERS.get(piece, 0) if not piece.isdigit() else int(piece) for piece in after]
    return (numbers, rest + [0])
