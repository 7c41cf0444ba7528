"""Install, upgrade and remove packages with dnf."""

from orchestra.runner.parts.dnf import DnfOptions, plan_dnf

NAMES = ("ansible.builtin.dnf", "ansible.legacy.dnf", "dnf5", "ansible.builtin.dnf5", "ansible.legacy.dnf5")
PARTS = ("dnf",)


class Options(DnfOptions):
    pass


EXAMPLES = """
- name: nginx, from another repository
  dnf:
    name: nginx
    state: present
    enablerepo: epel
"""

RETURNS = {
    "results": "what dnf said of each run; or the packages that were listed",
    "rc": "0",
    "msg": "why nothing was done",
    "failures": "packages that do not exist",
}


def plan(options, system):
    return (yield from plan_dnf(options, system))
