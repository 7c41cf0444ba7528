"""Descriptors: raised as far as allowed, and a sentence when they do not suffice."""

import subprocess
import sys

from orchestra.transport.limits import hosts_that_fit, too_many_hosts


def test_the_soft_limit_is_raised_to_what_is_allowed() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300));"
        "from orchestra.transport.limits import raise_descriptor_limit as r; print(r(), r(200));"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "300 300\n(300, 300)\n"


def test_how_many_hosts_fit() -> None:
    assert hosts_that_fit(1024) == 960
    assert hosts_that_fit(10) == 1
    assert too_many_hosts(900, 1024) == ""
    sentence = too_many_hosts(5000, 1024)
    assert "960 of the 5000 hosts" in sentence
    assert "ulimit -Hn 5064" in sentence
    assert "--forks" in sentence
