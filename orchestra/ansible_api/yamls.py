"""YAML as plugins know it: ``ansible.parsing.yaml``. Values are plain, so its classes are those of Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from orchestra.ansible_api.vaults import VaultLib

__all__ = ["AnsibleDumper", "AnsibleLoader", "AnsibleMapping", "AnsibleSequence", "AnsibleUnicode",
           "AnsibleVaultEncryptedUnicode"]  # fmt: skip

AnsibleMapping = dict
AnsibleSequence = list
AnsibleUnicode = str


class AnsibleVaultEncryptedUnicode(str):
    """A vault's text that was read without its password, as a program's own loader may."""

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
    """Reads plain values; a vault's is opened where there is a password, else its text stays as it is."""

    def __init__(
        self,
        stream: Any,
        file_name: Any = None,
        vault_secrets: Any = None,
        open_vault: Callable[[str], str] | None = None,
    ) -> None:
        """``open_vault`` opens what a run has the passwords for."""
        super().__init__(stream)
        self._vaults = VaultLib(vault_secrets)
        self._open_vault = open_vault

    def construct_vault(self, node: Any) -> str:
        """The clear text of ``!vault``. Raises AnsibleVaultError where no password opens it."""
        text = str(self.construct_scalar(node))
        if self._open_vault is not None:
            return self._open_vault(text)
        if not self._vaults.secrets:
            return AnsibleVaultEncryptedUnicode(text)
        return self._vaults.decrypt(text).decode()

    def construct_plain(self, node: Any) -> Any:
        """``!unsafe`` says of a value that it is no template, and nothing here is one."""
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        return self.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


for _tag in ("!vault", "!vault-encrypted"):
    AnsibleLoader.add_constructor(_tag, AnsibleLoader.construct_vault)
AnsibleLoader.add_constructor("!unsafe", AnsibleLoader.construct_plain)
