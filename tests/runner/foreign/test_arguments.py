"""argument_spec, rule by rule; the sentences were written down from ansible-core's own answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runner.foreign.modules import HEAD, run_spec, run_text
from tests.runner.pipes import runner

GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("{'a': {}}", {"a": 5}, {"a": "5"}),
    ("{'a': {'type': 'int'}}", {"a": "5"}, {"a": 5}),
    ("{'a': {'type': 'float'}}", {"a": "1.5"}, {"a": 1.5}),
    ("{'a': {'type': 'bool'}}", {"a": "off"}, {"a": False}),
    ("{'a': {'type': 'list'}}", {"a": "x, y"}, {"a": ["x", "y"]}),
    ("{'a': {'type': 'list', 'elements': 'int'}}", {"a": 5}, {"a": [5]}),
    ("{'a': {'type': 'dict'}}", {"a": "x=1, y='2 3'"}, {"a": {"x": "1", "y": "2 3"}}),
    ("{'a': {'type': 'dict'}}", {"a": '{"x": 1}'}, {"a": {"x": 1}}),
    ("{'a': {'type': 'json'}}", {"a": {"x": 1}}, {"a": '{"x": 1}'}),
    ("{'a': {'type': 'bytes'}}", {"a": "1K"}, {"a": 1024}),
    ("{'a': {'type': 'raw'}}", {"a": [1]}, {"a": [1]}),
    ("{'a': {'type': int}}", {"a": "7"}, {"a": 7}),
    ("{'a': {'default': 'd'}, 'b': {}}", {}, {"a": "d", "b": None}),
    ("{'a': {'aliases': ['b']}}", {"b": "x"}, {"a": "x", "b": "x"}),
    ("{'a': {'choices': ['yes', 'no']}}", {"a": True}, {"a": "yes"}),
    ("{'a': {'type': 'dict', 'options': {'x': {'type': 'int'}, 'y': {'default': 1}}}}", {"a": {"x": "3"}},
     {"a": {"x": 3, "y": "1"}}),
    ("{'a': {'type': 'dict', 'apply_defaults': True, 'options': {'y': {'default': 1}}}}", {}, {"a": {"y": "1"}}),
    ("{'a': {'type': 'list', 'elements': 'dict', 'options': {'x': {}}}}", {"a": [{}]}, {"a": [{"x": None}]}),
]  # fmt: skip
BAD: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("{'a': {'type': 'int'}}", {"a": "x"}, {},
     "argument 'a' is of type str and we were unable to convert to int: \"'x'\" cannot be converted to an int"),
    ("{'a': {'type': 'int'}}", {"a": 3.5}, {},
     'argument \'a\' is of type float and we were unable to convert to int: "3.5" cannot be converted to an int'),
    ("{'a': {'type': 'float'}}", {"a": "z"}, {}, "argument 'a' is of type str and we were unable to convert to float: "
     "<class 'str'> cannot be converted to a float"),
    ("{'a': {'type': 'list', 'elements': 'int'}}", {"a": ["x"]}, {}, "Elements value for option 'a' is of type str and "
     "we were unable to convert to int: \"'x'\" cannot be converted to an int"),
    ("{'a': {'type': 'dict'}}", {"a": "zz"}, {}, "dictionary requested, could not parse JSON or key=value"),
    ("{'a': {'required': True}, 'b': {'required': True}}", {}, {}, "missing required arguments: a, b"),
    ("{'a': {'choices': ['x', 'y']}}", {"a": "z"}, {}, "value of a must be one of: x, y, got: z"),
    ("{'a': {'type': 'list', 'choices': ['x', 'y']}}", {"a": ["x", "z"]}, {},
     "value of a must be one or more of: x, y. Got no match for: z"),
    ("{'a': {}, 'b': {'aliases': ['c']}}", {"z": 1}, {},
     "Unsupported parameters for (probe) module: z. Supported parameters include: a, b (c)."),
    ("{'a': {'type': 'dict', 'options': {'x': {}}}}", {"a": {"q": 1}}, {},
     "Unsupported parameters for (probe) module: a.q. Supported parameters include: x."),
    ("{'a': {'type': 'dict', 'options': {'x': {'required': True}}}}", {"a": {}}, {},
     "missing required arguments: x found in a"),
    ("{'a': {}, 'b': {}}", {"a": 1, "b": 2}, {"mutually_exclusive": [["a", "b"]]},
     "parameters are mutually exclusive: a|b"),
    ("{'a': {}, 'b': {}}", {}, {"required_one_of": [["a", "b"]]}, "one of the following is required: a, b"),
    ("{'a': {}, 'b': {}}", {"a": 1}, {"required_together": [["a", "b"]]}, "parameters are required together: a, b"),
    ("{'a': {}, 'b': {}}", {"a": "x"}, {"required_if": [["a", "x", ["b"]]]},
     "a is x but all of the following are missing: b"),
    ("{'a': {}, 'b': {}, 'c': {}}", {"a": "x"}, {"required_if": [["a", "x", ["b", "c"], True]]},
     "a is x but any of the following are missing: b, c"),
    ("{'a': {}, 'b': {}}", {"a": "x"}, {"required_by": {"a": ["b"]}}, "missing parameter(s) required by 'a': b"),
]  # fmt: skip


async def test_what_is_accepted(tmp_path: Path) -> None:
    async with runner() as (client, _):
        for spec, options, expected in GOOD:
            result = await run_spec(client, tmp_path, spec, options)
            assert result.get("params") == expected, (spec, result)


async def test_what_is_refused(tmp_path: Path) -> None:
    async with runner() as (client, _):
        for spec, options, rules, message in BAD:
            result = await run_spec(client, tmp_path, spec, options, **rules)
            assert (result["failed"], result["msg"]) == (True, message), spec
            assert "exception" not in result, "a wrong option is nobody's crash"


async def test_environment_and_paths(tmp_path: Path) -> None:
    text = (
        HEAD + "from ansible.module_utils.basic import env_fallback\n"
        "spec = {'a': {'fallback': (env_fallback, ['NO_SUCH_NAME', 'TOLD'])}, 'p': {'type': 'path'}}\n"
        "m = AnsibleModule(argument_spec=spec)\nm.exit_json(**m.params)\n"
    )
    async with runner(environ={"HOME": "/home/x"}) as (client, _):
        result = await run_text(client, tmp_path, text, {"p": "~/$TOLD"}, environment={"TOLD": "word"})
    assert (result["a"], result["p"]) == ("word", "/home/x/word")


@pytest.mark.parametrize("given", [{"p": "hunter22"}, {"d": {"inner": "hunter22"}}])
async def test_secrets_do_not_leave(tmp_path: Path, given: dict[str, Any]) -> None:
    text = (
        HEAD + "spec = {'p': {'no_log': True}, 'd': {'type': 'dict', 'options': {'inner': {'no_log': True}}}}\n"
        "m = AnsibleModule(argument_spec=spec)\n"
        "m.exit_json(whole='hunter22', part='say hunter22!', deep=[{'hunter22': 'hunter22'}])\n"
    )
    async with runner() as (client, _):
        result = await run_text(client, tmp_path, text, given)
    assert "hunter22" not in str(result)
    assert (result["whole"], result["part"]) == ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "say ********!")
