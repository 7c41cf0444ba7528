"""Argument specs that modules of web interfaces share: Ansible's `module_utils.api`."""

import time
from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def rate_limit_argument_spec(spec: "Any" = None) -> "dict[str, Any]":
    """Options rate and rate_limit."""
    return dict({"rate": {"type": "int"}, "rate_limit": {"type": "int"}}, **(spec or {}))


def retry_argument_spec(spec: "Any" = None) -> "dict[str, Any]":
    """Options retries and retry_pause."""
    return dict({"retries": {"type": "int"}, "retry_pause": {"type": "float", "default": 1}}, **(spec or {}))


def basic_auth_argument_spec(spec: "Any" = None) -> "dict[str, Any]":
    """Options api_username, api_password, api_url and validate_certs."""
    found = {
        "api_username": {"type": "str"},
        "api_password": {"type": "str", "no_log": True},
        "api_url": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
    }  # type: dict[str, Any]
    return dict(found, **(spec or {}))


def retry(retries: "Any" = None, retry_pause: "float" = 1) -> "Any":
    """Call again while nothing comes back or an exception is raised."""

    def decorate(func: "Any") -> "Any":
        @wraps(func)
        def repeated(*args: "Any", **kwargs: "Any") -> "Any":
            for attempt in range(max(int(retries or 1), 1)):
                try:
                    found = func(*args, **kwargs)
                    if found:
                        return found
                except Exception:
                    if attempt + 1 >= int(retries or 1):
                        raise
                time.sleep(retry_pause)
            raise Exception("Retry limit exceeded: {}".format(retries))

        return repeated

    return decorate
