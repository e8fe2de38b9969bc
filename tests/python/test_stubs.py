"""The stubs that ship with the package say what the built module has."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_stubs_are_current(tmp_path: Path) -> None:
    pytest.importorskip("pybind11_stubgen", reason="it is in the dev group of pyproject.toml")
    made = tmp_path / "_core.pyi"
    subprocess.run([ROOT / "scripts" / "stubs", sys.executable, made], check=True, timeout=120)
    kept = ROOT / "python" / "kafkascope" / "_core.pyi"
    difference = difflib.unified_diff(
        kept.read_text().splitlines(), made.read_text().splitlines(), "kept", "made", lineterm=""
    )
    assert list(difference) == [], f"run `scripts/stubs {sys.executable}`"
