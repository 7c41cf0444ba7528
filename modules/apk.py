"""Install, upgrade and remove packages with apk."""

from orchestra.runner.parts.managers import ManagerOptions, plan_options

NAMES = ("community.general.apk",)
PARTS = ("managers",)


class Options(ManagerOptions):
    pass


EXAMPLES = """
- name: An editor
  apk:
    name: vim
    update_cache: true
"""

RETURNS = {"packages": "what was upgraded", "stdout": "what apk said", "stderr": "its warnings"}


def plan(options, system):
    return (yield from plan_options("apk", options, system))
