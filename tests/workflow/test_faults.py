"""Twenty faults of `make faults`: jobs and runs killed, disks full, files cut and changed; nothing may be lost."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.pipeline, pytest.mark.slow, pytest.mark.faults]

HARNESS = Path(__file__).parents[1] / "faults/run.py"
FAULTS = 20


def test_no_fault_changes_what_is_measured(tmp_path):
    command = [sys.executable, str(HARNESS), "--faults", str(FAULTS), "--keep", str(tmp_path / "faults")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2400, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    injected, survived, lost = map(
        int, re.search(r"(\d+) injected, (\d+) survived, (\d+) lost", done.stdout).groups()
    )
    assert injected >= FAULTS
    assert (survived, lost) == (injected, 0)
