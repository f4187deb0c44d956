"""A hundred damaged files of every format; `make faults` has thousands."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORMATS = 15


def test_damaged_files_are_refused_in_one_line_or_pass_the_checks():
    command = [sys.executable, "-m", "tests.mutations.run", "--files", "100"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    counts = re.findall(r"^(\S+) +100 +(\d+) +\d+ +\d+ +0$", result.stdout, re.MULTILINE)
    assert len(counts) == FORMATS and f"of each of {FORMATS} formats, 0 wrong" in result.stdout
    # Damage that is hardly ever seen would try nothing.
    assert all(int(refused) > 25 for _, refused in counts), result.stdout
