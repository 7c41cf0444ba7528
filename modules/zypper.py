"""Install, upgrade and remove packages with zypper."""

from orchestra.runner.parts.managers import ManagerOptions, plan_options

NAMES = ("community.general.zypper",)
PARTS = ("managers",)


class Options(ManagerOptions):
    pass


EXAMPLES = """
- name: An editor
  zypper:
    name: vim
    update_cache: true
"""

RETURNS = {"packages": "what was upgraded", "stdout": "what zypper said", "stderr": "its warnings"}


def plan(options, system):
    return (yield from plan_options("zypper", options, system))
