"""All that a module imports: option kinds, effects, results, failures. docs/writing-modules.md is the guide.

A module file has a docstring, `class Options`, `plan(options, system)`, and beside them plain constants that the
library reads: NAMES, EXAMPLES, RETURNS, FREE_FORM, NEEDS, PARTS, CHECK_MODE.
"""

import sys

from orchestra.runner.effects import Effect, NotRecorded, Result, no, yes
from orchestra.runner.options import (
    Bool,
    Bytes,
    Dict,
    Float,
    Int,
    Json,
    List,
    Mode,
    Path,
    Problem,
    Raw,
    Str,
    bind,
    given,
    option,
)
from orchestra.runner.system import NOTHING, UNKNOWN, Attachment, Failed, Ran, Stat, System, Unpredicted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orchestra.runner.attributes import Attributes, FileOptions
    from orchestra.runner.calls import Call
    from orchestra.runner.files import FileEffect, SetAttributes, WriteFile
    from orchestra.runner.looking import Group, User
    from orchestra.runner.overlay import Node
    from orchestra.runner.paths import MakeDirectory, MakeLink, Move, Remove, Touch
    from orchestra.runner.process import Command

# What is compiled only when a module first asks for it (Python 3.7 on), because a start pays for each kilobyte.
_LATER = {
    "attributes": ("Attributes", "FileOptions"),
    "files": ("FileEffect", "SetAttributes", "WriteFile"),
    "paths": ("MakeDirectory", "MakeLink", "Move", "Remove", "Touch"),
    "process": ("Command",),
    "calls": ("Call",),
    "looking": ("Group", "User"),
    "overlay": ("Node",),
}


def __getattr__(name: "str") -> "object":
    for home, names in _LATER.items():
        if name in names:
            home = "orchestra.runner." + home
            __import__(home)
            value = globals()[name] = getattr(sys.modules[home], name)
            return value
    raise AttributeError(name)


if sys.version_info < (3, 7):
    for _names in _LATER.values():
        for _name in _names:
            __getattr__(_name)

__all__ = [
    "NOTHING",
    "UNKNOWN",
    "Attachment",
    "Attributes",
    "Bool",
    "Bytes",
    "Call",
    "Command",
    "Dict",
    "Effect",
    "Failed",
    "FileEffect",
    "FileOptions",
    "Float",
    "Group",
    "Int",
    "Json",
    "List",
    "MakeDirectory",
    "MakeLink",
    "Mode",
    "Move",
    "Node",
    "NotRecorded",
    "Path",
    "Problem",
    "Ran",
    "Raw",
    "Remove",
    "Result",
    "SetAttributes",
    "Stat",
    "Str",
    "System",
    "Touch",
    "Unpredicted",
    "User",
    "WriteFile",
    "bind",
    "given",
    "no",
    "option",
    "yes",
]
