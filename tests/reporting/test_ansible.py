"""``--output ansible``, where a whole playbook beside ansible-playbook (tests/cases/output) would say too little."""

from __future__ import annotations

import pytest

from orchestra.model.event import RunFailed, RunFinished
from orchestra.model.outcome import HostTotals
from orchestra.reporting.ansible import AnsibleSink
from orchestra.reporting.options import OutputOptions


@pytest.mark.parametrize("broken_off", [False, True])
def test_no_recap_follows_a_fault_of_the_whole_run(paper, broken_off: bool) -> None:
    sink = AnsibleSink(paper.screen, OutputOptions(), paper.redactor.mask_data)
    if broken_off:
        sink(RunFailed("this is no YAML", None))
    sink(RunFinished(4, {"web01": HostTotals(ok=1)}))
    assert ("PLAY RECAP" in paper.text, "web01" in paper.text) == (not broken_off,) * 2
