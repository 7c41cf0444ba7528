"""Install, upgrade and remove packages with pacman."""

from orchestra.runner.parts.managers import ManagerOptions, plan_options

NAMES = ("community.general.pacman",)
PARTS = ("managers",)


class Options(ManagerOptions):
    pass


EXAMPLES = """
- name: An editor
  pacman:
    name: vim
    update_cache: true
"""

RETURNS = {"packages": "what was upgraded", "stdout": "what pacman said", "stderr": "its warnings"}


def plan(options, system):
    return (yield from plan_options("pacman", options, system))
