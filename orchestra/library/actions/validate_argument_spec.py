"""Hold variables against an argument specification, as a role's own is before its tasks run."""

from orchestra.runner.sdk import Dict, option

NAMES = ("ansible.builtin.validate_argument_spec", "ansible.legacy.validate_argument_spec")
CHECK_MODE = "The variables are judged all the same."

EXAMPLES = """
- name: What this part needs
  validate_argument_spec:
    argument_spec:
      port: {type: int, required: true}
      protocol: {type: str, choices: [tcp, udp], default: tcp}
    provided_arguments:
      port: "{{ service_port }}"
"""

RETURNS = {
    "argument_errors": "what is wrong, one text for each fault",
    "argument_spec_data": "the specification",
    "validate_args_context": "what was given as such",
}


class Options:
    argument_spec = option(Dict, "Name of an argument -> its type, choices, default ..., as in a role.", required=True)
    provided_arguments = option(Dict, "Values of arguments; they win over variables of the same name.", default={})
    validate_args_context = option(Dict, "What is validated, to be found in the result again.", default={})
