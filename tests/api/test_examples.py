"""Every block of docs/api.md runs, and is as short as it says."""

import re
from pathlib import Path

import pytest

import emulant

PAGE = Path(__file__).parents[2] / "docs/api.md"
BLOCKS = re.findall(
    r"^## ([^\n]*)\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
LONGEST = 10


@pytest.mark.parametrize(("title", "code"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_an_example_runs(title, code, tmp_path, monkeypatch, capsys):
    assert sum(bool(line.strip()) for line in code.splitlines()) <= LONGEST
    monkeypatch.chdir(tmp_path)
    exec(compile(code, title, "exec"), {"emulant": emulant})
    assert capsys.readouterr().out or "assert" in code


def test_every_name_has_a_row():
    table = PAGE.read_text(encoding="utf-8").split("## ")[0]
    names = {name for name in emulant.__all__ if name[0].islower()}
    assert not {name for name in names if f"`{name}(" not in table}
