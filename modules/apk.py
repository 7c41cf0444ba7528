"""Install, upgrade and remove packages with apk."""

from orchestra.runner.parts.managers import plan_manager
from orchestra.runner.sdk import Bool, List, Str, option

NAMES = ("community.general.apk",)
PARTS = ("managers",)


class Options:
    name = option(List, "The packages; * for all.", elements=Str, aliases=("pkg", "package"))
    state = option(
        Str,
        "Whether they are there.",
        default="present",
        choices=("present", "installed", "latest", "absent", "removed"),
    )
    update_cache = option(
        Bool, "Fetch the lists of packages first.", default=False, aliases=("refresh", "update-cache")
    )
    upgrade = option(Bool, "Upgrade everything.", default=False)

    REQUIRED_ONE_OF = [("name", "update_cache", "upgrade")]


EXAMPLES = """
- name: An editor
  apk:
    name: vim
    update_cache: true
"""

RETURNS = {"packages": "what was upgraded", "stdout": "what apk said", "stderr": "its warnings"}


def plan(options, system):
    names = [name for name in options.name or () if name.strip()]
    more = {"update_cache": options.update_cache, "upgrade": options.upgrade}
    return (yield from plan_manager("apk", system, names, options.state, **more))
