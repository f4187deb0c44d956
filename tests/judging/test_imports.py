"""Measuring and judging stay light: seconds of torch are not paid for nothing."""

import subprocess
import sys


def test_the_judge_never_imports_torch():
    code = "import sys, emulant.judging.judge, emulant.judging.measure, emulant.judging.forward; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "torch" not in modules.split() and "emulant.judging.judge" in modules.split()
