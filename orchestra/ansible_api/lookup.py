"""The base of lookups: ``ansible.plugins.lookup``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestra.ansible_api.base import AnsiblePlugin
from orchestra.ansible_api.display import Display
from orchestra.ansible_api.errors import AnsibleError, AnsibleFileNotFound
from orchestra.ansible_api.texts import listify_lookup_plugin_terms

__all__ = ["AnsibleError", "Display", "LookupBase", "display", "listify_lookup_plugin_terms"]

display = Display()


class LookupBase(AnsiblePlugin):
    """A lookup: ``run`` gets terms and variables and returns a list."""

    accept_args_markers = False
    accept_lazy_markers = False

    def __init__(self, loader: Any = None, templar: Any = None, **kwargs: Any) -> None:
        self._loader = loader
        self._templar = templar
        self._display = display
        self.declare({})

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> Any:
        """What a lookup overrides."""
        raise AnsibleError(f"the lookup '{self._load_name}' has no run()")

    def get_basedir(self, variables: Mapping[str, Any]) -> str:
        """The folder of the role, else of the playbook."""
        if "role_path" in variables:
            return str(variables["role_path"])
        return str(self._loader.get_basedir())

    def find_file_in_search_path(self, myvars: Any, subdir: str, needle: str, ignore_missing: bool = False) -> Any:
        """A file as the task would find it; None, with a warning, where it is not there.

        Raises:
            AnsibleFileNotFound: it is not there, and that matters.
        """
        found = self._loader.find(subdir, needle)
        if found is None and not ignore_missing:
            raise AnsibleFileNotFound(f"Unable to find '{needle}' in expected paths (use -vvvvv to see paths)")
        return found

    @staticmethod
    def _flatten(terms: Any) -> list[Any]:
        flat: list[Any] = []
        for term in terms:
            flat.extend(term if isinstance(term, (list, tuple)) else [term])
        return flat

    @staticmethod
    def _combine(a: Any, b: Any) -> list[Any]:
        return [LookupBase._flatten([x, y]) for x in a for y in b]

    @staticmethod
    def _flatten_hash_to_list(terms: Any) -> list[Any]:
        return [{"key": key, "value": value} for key, value in terms.items()]
