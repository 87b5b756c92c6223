"""Finished cells survive what ends a program, are counted once, and open quickly."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from model import store as store_module
from model.store import HEADER, Store, cell_key

COLUMNS = ("cost", "qaly")


def keys(first: int, last: int) -> list[bytes]:
    return [cell_key(b"test", str(i).encode()) for i in range(first, last)]


def rows(first: int, last: int) -> np.ndarray:
    return np.arange(2.0 * first, 2.0 * last).reshape(-1, 2)


def journals(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("journal-*.bin")) if path.stat().st_size]


def test_cells_are_found_again_before_and_after_compaction(tmp_path: Path) -> None:
    with Store(tmp_path, COLUMNS) as first:
        first.append(keys(0, 5), rows(0, 5))
        found, values = first.find(keys(3, 7))
        assert found.tolist() == [True, True, False, False]
        assert np.array_equal(values[:2], rows(3, 5))
        assert np.isnan(values[2:]).all()
        assert journals(tmp_path)
    assert not journals(tmp_path), "a run that ends well leaves its cells in Parquet"
    with Store(tmp_path, COLUMNS) as second:
        assert np.array_equal(second.find(keys(0, 5))[1], rows(0, 5))


def test_a_cell_is_counted_once(tmp_path: Path) -> None:
    with Store(tmp_path, COLUMNS) as first, Store(tmp_path, COLUMNS) as second:
        first.append(keys(0, 4), rows(0, 4))
        first.append(keys(2, 6), rows(2, 6))
        second.append(keys(0, 3), rows(0, 3))  # another program, the same cells
        assert len(first) == 6
    assert len(Store(tmp_path, COLUMNS)) == 6


def test_outcomes_are_read_for_the_cells_wanted_only_wherever_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large store opens by its keys; a few cells of a large file do not cost the reading of all."""
    monkeypatch.setattr(store_module, "ROW_GROUP", 4)
    for first in (0, 10):
        with Store(tmp_path, COLUMNS) as one:
            one.append(keys(first, first + 10), rows(first, first + 10))
    left = Store(tmp_path, COLUMNS)
    left.append(keys(20, 23), rows(20, 23))
    left._journal.close()  # the program died
    opened = Store(tmp_path, COLUMNS)
    read: list[int] = []
    true = store_module._outcomes
    monkeypatch.setattr(store_module, "_outcomes", lambda table: read.append(len(table)) or true(table))
    asked = [21, 9, 30, 12, 0, 22]
    found, values = opened.find([keys(i, i + 1)[0] for i in asked])
    assert found.tolist() == [True, True, False, True, True, True]
    assert np.array_equal(values[found], np.concatenate([rows(i, i + 1) for i in asked if i != 30]))
    assert sum(read) == 4 + 2 + 4, "three row groups out of six: the first and last of one file, the first of another"
    read.clear()
    opened.append(keys(0, 5), rows(0, 5))
    assert not read, "cells kept already need not be read to be left alone"


@pytest.mark.parametrize("damage", ["torn", "flipped", "rubbish"])
def test_a_torn_chunk_is_dropped_and_what_precedes_it_kept(tmp_path: Path, damage: str) -> None:
    first = Store(tmp_path, COLUMNS)
    first.append(keys(0, 3), rows(0, 3))
    first.append(keys(3, 6), rows(3, 6))
    (path,) = journals(tmp_path)
    content = bytearray(path.read_bytes())
    if damage == "torn":
        path.write_bytes(content[:-7])
    elif damage == "flipped":
        content[-3] ^= 1
        path.write_bytes(content)
    else:
        path.write_bytes(bytes(content[: HEADER.size]) + os.urandom(40))
    first._journal.close()  # the program died: nothing was compacted
    with Store(tmp_path, COLUMNS) as again:
        kept = 0 if damage == "rubbish" else 3
        assert len(again) == kept
        again.append(keys(0, 9), rows(0, 9))
    with Store(tmp_path, COLUMNS) as later:
        assert np.array_equal(later.find(keys(0, 9))[1], rows(0, 9))


def test_killed_outright_a_program_loses_at_most_the_chunk_it_was_writing(tmp_path: Path) -> None:
    program = """
        import os, sys
        import numpy as np
        from pathlib import Path
        from model.store import Store, cell_key
        store = Store(Path(sys.argv[1]), ("cost", "qaly"))
        for i in range(10_000):
            store.append([cell_key(b"test", str(i).encode())], np.array([[2.0 * i, 2.0 * i + 1.0]]))
            print(i, flush=True)
    """
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    done = [int(next(run.stdout)) for _ in range(20)]
    run.send_signal(signal.SIGKILL)
    done += [int(line) for line in run.stdout]
    run.wait()
    run.stdout.close()
    with Store(tmp_path, COLUMNS) as again:
        found, values = again.find(keys(0, len(done)))
        assert found.all(), "what was said to be finished is there"
        assert len(again) <= len(done) + 1
        assert np.array_equal(values, rows(0, len(done)))


def test_a_full_disk_is_told_and_leaves_what_was_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path, COLUMNS)
    store.append(keys(0, 3), rows(0, 3))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store_module.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            store.append(keys(3, 6), rows(3, 6))
    store.append(keys(6, 8), rows(6, 8))  # there is room again: the torn chunk does not hide this one
    store._journal.close()
    with Store(tmp_path, COLUMNS) as again:
        assert again.find(keys(0, 8))[0].tolist() == [True] * 3 + [False] * 3 + [True] * 2


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    with Store(tmp_path, COLUMNS) as store, pytest.raises(ValueError, match="not finite"):
        store.append(keys(0, 1), np.array([[1.0, np.nan]]))


def test_cells_of_other_outcomes_are_left_alone(tmp_path: Path) -> None:
    with Store(tmp_path, COLUMNS) as store:
        store.append(keys(0, 2), rows(0, 2))
    with Store(tmp_path, ("cost", "life_years")) as other:
        assert len(other) == 0
    assert len(Store(tmp_path, COLUMNS)) == 2


def test_any_part_changes_the_key() -> None:
    assert len({cell_key(b"ab", b"c"), cell_key(b"a", b"bc"), cell_key(b"ab", b"c", b""), cell_key(b"abc")}) == 4
