"""Whether an installed version is enough."""

import pytest

from orchestra.runner.parts.requirements import is_satisfied, name_of, normal

INSTALLED = {
    "requests": "2.31.0",
    "zope-interface": "6.0",
    "early": "1.0rc1",
    "late": "1.0.post1",
    "local": "2.1+cu118",
}


@pytest.mark.parametrize(
    "requirement",
    [
        "requests",
        "Requests==2.31",
        "requests>=2.31,<3",
        "requests~=2.30",
        "requests ~= 2.31.0",
        "requests==2.*",
        "requests!=2.30",
        "requests (>=2)",
        "zope.interface>=5",
        "ZOPE_Interface===6.0",
        "early<1.0",
        "early>1.0.dev3",
        "late>1.0",
        "local==2.1",
        "requests>2.9",
    ],
)
def test_enough(requirement: str) -> None:
    assert is_satisfied(requirement, INSTALLED)


@pytest.mark.parametrize(
    "requirement",
    [
        "flask",
        "requests==2.30",
        "requests<2.31",
        "requests~=2.32",
        "requests~=3.0",
        "requests!=2.31",
        "requests==3.*",
        "early>=1.0",
        "late<=1.0",
        "local==2.1+cpu",
        "requests[socks]",
        "requests; python_version < '3'",
        "git+https://example.org/requests",
        "/srv/requests-2.31.0-py3-none-any.whl",
        "requests @ https://example.org/x",
        "requests=>2",
    ],
)
def test_not_enough_or_only_pip_knows(requirement: str) -> None:
    assert not is_satisfied(requirement, INSTALLED)


def test_names() -> None:
    assert name_of("a.b[c]>=1") == "a.b"
    assert name_of("git+https://example.org/x.git") is None
    assert normal("A__b..C-_d") == "a-b-c-d"
