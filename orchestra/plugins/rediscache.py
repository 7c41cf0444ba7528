"""A cache in a Redis server, with the keys that community.general's plugin uses; needs the package ``redis``."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from typing import Any

from orchestra.ansible_api.cache import BaseCacheModule
from orchestra.ansible_api.errors import AnsibleError

DOCUMENTATION = """
options:
  _uri:
    required: true
    env: [{name: ANSIBLE_CACHE_PLUGIN_CONNECTION}]
    ini: [{section: defaults, key: fact_caching_connection}]
  _prefix:
    default: ansible_facts
    env: [{name: ANSIBLE_CACHE_PLUGIN_PREFIX}]
    ini: [{section: defaults, key: fact_caching_prefix}]
  _keyset_name:
    default: ansible_cache_keys
    env: [{name: ANSIBLE_CACHE_REDIS_KEYSET_NAME}]
    ini: [{section: defaults, key: fact_caching_redis_keyset_name}]
  _timeout:
    type: int
    default: 86400
    env: [{name: ANSIBLE_CACHE_PLUGIN_TIMEOUT}]
    ini: [{section: defaults, key: fact_caching_timeout}]
"""
#: ``[tls://]host:port[:database[:password]]``; an IPv6 address stands in brackets.
_ADDRESS = re.compile(
    r"(?P<tls>tls://)?(?P<host>\[[^\]]+\]|[^:]+):(?P<port>[0-9]+)(?::(?P<database>[0-9]+)(?::(?P<password>.*))?)?"
)


class Redis(BaseCacheModule):
    """``redis``. What expires is taken out of the set of keys when somebody asks for them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timeout = float(self.get_option("_timeout") or 0)
        self._prefix = str(self.get_option("_prefix") or "")
        self._keys_set = str(self.get_option("_keyset_name"))
        self._known: dict[str, Any] = {}
        self._server = _connect(str(self.get_option("_uri") or ""))

    def get(self, key: str) -> Any:
        """What is kept. Raises KeyError."""
        if key not in self._known:
            text = self._ask("get", self._prefix + key)
            if text is None:
                self.delete(key)
                raise KeyError(key)
            self._known[key] = json.loads(text)
        return self._known[key]

    def set(self, key: str, value: Any) -> None:
        """Keep something."""
        text = json.dumps(value, sort_keys=True, indent=4)
        self._ask("set", self._prefix + key, text, ex=int(self._timeout) or None)
        self._ask("zadd", self._keys_set, {key: time.time()})
        self._known[key] = value

    def keys(self) -> Sequence[str]:
        """Everything that is kept and has not expired."""
        if self._timeout > 0:
            self._ask("zremrangebyscore", self._keys_set, 0, time.time() - self._timeout)
        return [key.decode() for key in self._ask("zrange", self._keys_set, 0, -1)]

    def contains(self, key: str) -> bool:
        """Whether something is kept that has not expired."""
        return key in self._known or bool(self._ask("exists", self._prefix + key))

    def delete(self, key: str) -> None:
        """Forget something."""
        self._known.pop(key, None)
        self._ask("delete", self._prefix + key)
        self._ask("zrem", self._keys_set, key)

    def flush(self) -> None:
        """Forget everything."""
        for key in self.keys():
            self.delete(key)

    def _ask(self, command: str, *words: Any, **named: Any) -> Any:
        import redis

        try:
            return getattr(self._server, command)(*words, **named)
        except redis.exceptions.RedisError as error:
            raise AnsibleError(f"the cache 'redis' does not answer: {error}") from error


def _connect(address: str) -> Any:
    try:
        import redis
    except ImportError:
        raise AnsibleError("the cache 'redis' needs the Python package redis: pip install 'orchestra[redis]'") from None
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise AnsibleError(
            "the cache 'redis' needs the setting fact_caching_connection: host:port, host:port:database or "
            f"host:port:database:password, not {address.rpartition(':')[0] or address!r}"
        )
    return redis.Redis(
        host=match["host"].strip("[]"),
        port=int(match["port"]),
        db=int(match["database"] or 0),
        password=match["password"],
        ssl=bool(match["tls"]),
    )
