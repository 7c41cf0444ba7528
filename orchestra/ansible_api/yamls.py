"""YAML as plugins know it: ``ansible.parsing.yaml``. Values are plain, so its classes are those of Python."""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["AnsibleDumper", "AnsibleLoader", "AnsibleMapping", "AnsibleSequence", "AnsibleUnicode",
           "AnsibleVaultEncryptedUnicode"]  # fmt: skip

AnsibleMapping = dict
AnsibleSequence = list
AnsibleUnicode = str


class AnsibleVaultEncryptedUnicode(str):
    """Never made here: a vault's text is decrypted when it is read."""

    __slots__ = ()


class AnsibleDumper(yaml.SafeDumper):
    """Writes every kind of text, mapping and list as what it is."""

    def represent_data(self, data: Any) -> Any:
        """The node of a value; subclasses of the plain types count as these."""
        for kind in (str, bool, int, float):
            if isinstance(data, kind) and type(data) is not kind and type(data) is not bool:
                return super().represent_data(kind(data))
        if type(data) not in self.yaml_representers and hasattr(data, "items"):
            return super().represent_data(dict(data.items()))
        if type(data) not in self.yaml_representers and isinstance(data, (list, tuple, set)):
            return super().represent_data(list(data))
        return super().represent_data(data)


class AnsibleLoader(yaml.SafeLoader):
    """Reads plain values."""

    def __init__(self, stream: Any, file_name: Any = None, vault_secrets: Any = None) -> None:
        super().__init__(stream)
