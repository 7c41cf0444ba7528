"""Runs under ansible-core's Python: reads variables and expressions as JSON, prints what ansible-core makes of them."""

import json
import sys

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template


def trust(value):
    """Everything here is the project's own text."""
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {key: trust(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trust(item) for item in value]
    return value


def answer(loader, variables, case):
    """The value of one case, or its error."""
    templar = Templar(loader=loader, variables=dict(variables))
    try:
        if "when" in case:
            return {"value": templar.evaluate_conditional(trust(case["when"]))}
        return {"value": templar.template(trust(case["expr"]))}
    except Exception as error:
        return {"error": str(error)}


def main():
    """Answer every case on a line of its own."""
    init_plugin_loader([])
    job = json.load(sys.stdin)
    loader = DataLoader()
    loader.set_basedir(".")
    variables = trust(job["vars"])
    for case in job["cases"]:
        sys.stdout.write(json.dumps(answer(loader, variables, case), default=str) + "\n")


if __name__ == "__main__":
    main()
