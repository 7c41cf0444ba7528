"""Writes the last result of each host into a file of the host's name."""

from __future__ import annotations

import os
from typing import Any

from orchestra.ansible_api.callback import CallbackBase

DOCUMENTATION = """
options:
  directory: {type: path, default: ~/.ansible/tree, env: [{name: ANSIBLE_CALLBACK_TREE_DIR}],
              ini: [{section: callback_tree, key: directory}]}
"""


class CallbackModule(CallbackBase):
    """One file for each host."""

    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "ansible.builtin.tree"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task ended on a host."""
        folder = os.path.expanduser(str(self.get_option("directory")))
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, os.path.basename(result._host.get_name()))
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._dump_results(result._result))

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed on a host."""
        self.v2_runner_on_ok(result)

    v2_runner_on_unreachable = v2_runner_on_ok
