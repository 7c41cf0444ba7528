"""Install, upgrade and remove packages with yum."""

from orchestra.runner.parts.dnf import DnfOptions, plan_dnf

NAMES = ("ansible.builtin.yum", "ansible.legacy.yum")
PARTS = ("dnf",)


class Options(DnfOptions):
    pass


EXAMPLES = """
- name: nginx, from another repository
  yum:
    name: nginx
    state: present
    enablerepo: epel
"""

RETURNS = {
    "results": "what yum said of each run; or the packages that were listed",
    "rc": "0",
    "msg": "why nothing was done",
    "failures": "packages that do not exist",
}


def plan(options, system):
    return (yield from plan_dnf(options, system))
