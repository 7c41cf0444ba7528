"""All that a module imports: option kinds, effects, results, failures. docs/writing-modules.md is the guide.

A module file has a docstring, `class Options`, `plan(options, system)`, and beside them plain constants that the
library reads: NAMES, EXAMPLES, RETURNS, FREE_FORM, NEEDS, PARTS, CHECK_MODE.
"""

from orchestra.runner.attributes import Attributes, FileOptions
from orchestra.runner.effects import Call, Effect, Result, no, yes
from orchestra.runner.files import (
    FileEffect,
    MakeDirectory,
    MakeLink,
    Move,
    NotRecorded,
    Remove,
    SetAttributes,
    Touch,
    WriteFile,
)
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
from orchestra.runner.overlay import NOTHING, UNKNOWN, Node, Unpredicted
from orchestra.runner.process import Command
from orchestra.runner.system import Attachment, Failed, Group, Ran, Stat, System, User

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
