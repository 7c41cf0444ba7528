"""Caches of one file for each key, in JSON and in YAML; their files are those that ansible-core 2.19 writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestra.ansible_api.cache import BaseFileCacheModule

DOCUMENTATION = """
options:
  _uri:
    type: path
    env: [{name: ANSIBLE_CACHE_PLUGIN_CONNECTION}]
    ini: [{section: defaults, key: fact_caching_connection}]
  _prefix:
    env: [{name: ANSIBLE_CACHE_PLUGIN_PREFIX}]
    ini: [{section: defaults, key: fact_caching_prefix}]
  _timeout:
    type: int
    default: 86400
    env: [{name: ANSIBLE_CACHE_PLUGIN_TIMEOUT}]
    ini: [{section: defaults, key: fact_caching_timeout}]
"""


class JsonFiles(BaseFileCacheModule):
    """``jsonfile``."""

    def _load(self, filepath: str) -> Any:
        return json.loads(Path(filepath).read_text(encoding="utf-8"))

    def _dump(self, value: Any, filepath: str) -> None:
        Path(filepath).write_text(json.dumps(value), encoding="utf-8")


class YamlFiles(BaseFileCacheModule):
    """``yaml``, which is community.general's."""

    def _load(self, filepath: str) -> Any:
        import yaml

        try:
            return yaml.safe_load(Path(filepath).read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise ValueError(str(error)) from error

    def _dump(self, value: Any, filepath: str) -> None:
        import yaml

        text = yaml.safe_dump(value, default_flow_style=False, sort_keys=True)
        Path(filepath).write_text(text, encoding="utf-8")
