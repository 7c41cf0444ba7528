"""Install, upgrade and remove packages with apt."""

from orchestra.runner.parts.apt import AptOptions, plan_apt

NAMES = ("ansible.builtin.apt", "ansible.legacy.apt")
PARTS = ("apt",)


class Options(AptOptions):
    pass


EXAMPLES = """
- name: nginx, with lists of packages that are at most an hour old
  apt:
    name: nginx
    cache_valid_time: 3600

- name: A version line
  apt:
    name: postgresql-15=15.*
    state: present

- name: Everything up to date, orphans gone
  apt:
    upgrade: dist
    update_cache: true
    autoremove: true
"""

RETURNS = {
    "cache_updated": "whether the lists of packages were fetched",
    "cache_update_time": "when they were, in seconds since the epoch",
    "stdout": "what apt-get said",
    "stderr": "its warnings",
}


def plan(options, system):
    return (yield from plan_apt(options, system))
