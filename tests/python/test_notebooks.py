"""The notebooks run from top to bottom, and what they keep can be seen without running them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="it is in the dev group of pyproject.toml")

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def kinds(cell: Any) -> list[list[str]]:
    """The representations of each output."""
    return [sorted(output.get("data", {"stream": 1})) for output in cell.outputs]


def pictures(cell: Any) -> int:
    return sum(
        str(output.get("data", {}).get("text/html")).count("<img ") for output in cell.outputs
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_and_shows_what_it_keeps(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_text(path.read_text())
    script = ROOT / "scripts" / "notebooks"
    done = subprocess.run(
        [sys.executable, script, copy], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for kept, made in zip(code_cells(path), code_cells(copy), strict=True):
        again = "run `make notebooks`"
        assert (kept.source, kinds(kept)) == (made.source, kinds(made)), again
        assert pictures(kept) == pictures(made), again


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_kept_outputs_need_neither_scripts_nor_network(path: Path) -> None:
    assert path.stat().st_size < 300_000
    for cell in code_cells(path):
        assert cell.execution_count is None and not cell.metadata
        html = "".join(str(output.get("data", {}).get("text/html", "")) for output in cell.outputs)
        assert "<script" not in html and "<svg" not in html and 'src="http' not in html
