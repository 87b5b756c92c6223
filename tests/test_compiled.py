"""Compiled code is kept between runs and never reused once a source has changed."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import model.compiled
from model.compiled import FINGERPRINT, FOLDERS_KEPT, jit, open_folder

RULE = """
from model.compiled import jit

@jit
def effect(x):
    return x * {factor}
"""

MONTH = """
import sys
from model.compiled import FOLDER, jit
from model.rule import effect

@jit
def month(x):
    return effect(x) + 1

if __name__ == "__main__":
    numbers = [float(word) if "." in word else int(word) for word in sys.argv[1:]]
    answers = [month(number) for number in numbers]
    hits = sum(month.stats.cache_hits.values())
    print(*answers, "hits", hits, "kept" if FOLDER else "not kept")
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a repository of two compiled modules: `month` calls `rule.effect`, which multiplies by 10."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "__init__.py").touch()
    (tmp_path / "model" / "compiled.py").write_bytes(Path(model.compiled.__file__).read_bytes())
    (tmp_path / "model" / "month.py").write_text(MONTH)
    (tmp_path / "model" / "rule.py").write_text(RULE.format(factor=10))
    return tmp_path


def start(package: Path, *words: str, **options: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    return subprocess.Popen(
        [sys.executable, "-m", "model.month", *words],
        cwd=package,
        env=environment | options,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    answer, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return answer.strip()


def run(package: Path, *words: str, **options: str) -> str:
    return finish(start(package, *words, **options))


def twice() -> Callable[[float], float]:
    """Return a compiled function, new at each call."""

    @jit
    def double(x: float) -> float:
        return 2 * x

    return double


def test_an_edit_in_another_file_is_never_missed(package: Path) -> None:
    assert run(package, "2") == "21 hits 0 kept"
    assert run(package, "2") == "21 hits 1 kept"  # the code is kept: the next line is not true by default
    (package / "model" / "rule.py").write_text(RULE.format(factor=30))
    assert run(package, "2") == "61 hits 0 kept"
    (package / "model" / "rule.py").write_text(RULE.format(factor=10))
    together = start(package, "2"), start(package, "2", NUMBA_BOUNDSCHECK="1")
    assert [finish(process) for process in together] == ["21 hits 1 kept", "21 hits 0 kept"]


def test_processes_that_start_together_agree(package: Path) -> None:
    together = start(package, "2"), start(package, "2.5"), start(package, "2.5", "2")
    assert [finish(process).split(" hits")[0] for process in together] == ["21", "26.0", "26.0 21"]
    assert run(package, "2", "2.5") == "21 26.0 hits 2 kept"


def test_nothing_is_kept_where_the_folder_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("where the folder should be")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    assert open_folder("any") is None
    monkeypatch.setattr(model.compiled, "FOLDER", None)
    assert twice()(2.0) == 4.0


def test_nothing_is_kept_when_a_source_changes_during_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model.compiled, "FOLDER", tmp_path)
    monkeypatch.setattr(model.compiled, "fingerprint", lambda: "of other sources")
    assert twice()(2.0) == 4.0
    assert list(tmp_path.rglob("*.nbc")) == []
    monkeypatch.setattr(model.compiled, "fingerprint", lambda: FINGERPRINT)
    assert twice()(2.0) == 4.0
    assert len(list(tmp_path.rglob("*.nbc"))) == 1


def test_a_full_disk_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model.compiled, "FOLDER", tmp_path)

    def fail() -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model.compiled, "fingerprint", fail)
    assert twice()(2.0) == 4.0


def test_only_the_folders_used_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "of_someone_else").mkdir()
    for i in range(FOLDERS_KEPT + 3):
        (tmp_path / f"eclaircie-{i}").mkdir()
        os.utime(tmp_path / f"eclaircie-{i}", (i, i))
    open_folder("new")
    kept = {f"eclaircie-{i}" for i in range(4, FOLDERS_KEPT + 3)}
    assert {path.name for path in tmp_path.iterdir()} == kept | {"eclaircie-new", "of_someone_else"}


@pytest.mark.nojit
def test_a_division_by_zero_gives_infinity_when_compiled() -> None:
    @jit
    def ratio(x: float, y: float) -> float:
        return x / y

    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        with pytest.raises(ZeroDivisionError, match="division by zero"):
            ratio(1.0, 0.0)
    else:
        assert ratio(1.0, 0.0) == float("inf")
