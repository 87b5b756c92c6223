"""The results kept with the program are those it gives today: made again, they are the same to the byte."""

import json
from pathlib import Path

import pytest

import run
from model.inputs import ROOT

KEPT = ROOT / "results" / "base_case"


@pytest.mark.slow
def test_the_base_case_can_be_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table and the data of every figure; the manifest alone knows of time and commit."""
    manifest = json.loads((KEPT / "manifest.json").read_text(encoding="utf-8"))
    command = manifest["command"][1:]
    command[command.index("--out") + 1] = str(tmp_path / "again")
    monkeypatch.chdir(ROOT)
    assert run.main(command) == 0
    found, kept = (
        {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*.csv"))}
        for folder in (tmp_path / "again", KEPT)
    )
    assert found.keys() == kept.keys()
    assert len(kept) > 15
    differ = [name for name in kept if found[name] != kept[name]]
    assert not differ, f"{differ} differ from results/base_case: `make results`, and say in CHANGELOG what moved"
