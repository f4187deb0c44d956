"""Every cell of the notebooks runs, one after another, as plain Python; outputs that they show were written by Jupyter."""

import json
from pathlib import Path

import pytest

from emulant.storage.listing import listed

NOTEBOOKS = listed(Path(__file__).parents[2] / "docs/notebooks", "*.ipynb")


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_every_cell_runs(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    cells = [
        cell for cell in json.loads(file.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    ]
    assert len(cells) > 4
    for number, cell in enumerate(cells):
        exec(compile("".join(cell["source"]), f"{file.stem}, cell {number}", "exec"), names)
    assert names["verdict"].verdict in ("pass", "fail")


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_shows_what_its_cells_gave(file):
    cells = [
        cell for cell in json.loads(file.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    ]
    assert any(cell["outputs"] for cell in cells)
    assert not any(output["output_type"] == "error" for cell in cells for output in cell["outputs"])
