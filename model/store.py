"""Finished cells: what one scenario came to at one set of parameter values, with one lot of people and luck.

A cell is computed once and kept. Its key is a hash of everything it depends on (inputs, scenario, values, people,
seed), so that probabilistic analysis, tornado and sweep share cells, and nothing is counted twice.

Finished chunks go to a journal: appended, synced to the disk, each with its length and checksum. Whatever ends
the program (Ctrl-C, kill -9, a full disk), the chunks before it are read back and a torn one is dropped. When a
run ends, its journal is compacted into a Parquet file, written beside and moved into place. Two programs may
share a folder: each writes its own journal, held by a lock. Opening a folder reads keys; outcomes are read for the
cells that are wanted.

    cells-<n>.parquet    key (16 bytes), then one float64 column an outcome and batch
    journal-<n>.bin      chunks: MAGIC, length, crc32 (8-byte little-endian integers), then an Arrow stream
"""

import contextlib
import hashlib
import io
import os
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Keys = NDArray[np.bytes_]  # (cell,) of 16 bytes

Bools = NDArray[np.bool_]

MAGIC = b"ECLCELL1"
HEADER = struct.Struct("<8sQQ")
KEY_BYTES = 16
ROW_GROUP = 16_384  # cells that Parquet reads at once


def cell_key(*parts: bytes) -> bytes:
    """Return the key of a cell: 16 bytes that change with any of the parts."""
    digest = hashlib.blake2b(digest_size=KEY_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def code() -> str:
    """Return a hash of all that a cell depends on but the frame: the files of the model, wherever this runs."""
    digest, here = hashlib.sha256(), Path(__file__).resolve().parent
    for path in sorted(path for kind in ("*.py", "*.toml", "*.csv") for path in here.rglob(kind)):
        digest.update(path.relative_to(here).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Store:
    """The finished cells of one folder, all of the same outcomes.

    folder : made if need be; None keeps the cells in memory only
    columns : names of the outcomes, one float64 a cell; a file with other columns is left alone
    """

    def __init__(self, folder: Path | None, columns: Sequence[str]) -> None:
        self.folder, self.columns = folder, tuple(columns)
        self.keys: Keys = np.empty(0, dtype=f"S{KEY_BYTES}")
        self._sources: list[Path | Floats] = []  # files, and outcomes (cell, outcome) of journals
        self._address: NDArray[np.int64] = np.empty((0, 2), np.int64)  # (cell, source and row)
        self._fresh: dict[bytes, Floats] = {}
        self._journal: Any = None
        self._number = 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._load(folder)

    def __len__(self) -> int:
        return len(self.keys) + len(self._fresh)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def has(self, keys: Sequence[bytes]) -> Bools:
        """Return which of these cells are finished, (cell,)."""
        found, _ = self._places(keys)
        return found | np.fromiter((key in self._fresh for key in keys), bool, len(keys))

    def find(self, keys: Sequence[bytes]) -> tuple[Bools, Floats]:
        """Return which of these cells are finished, (cell,), and their outcomes, (cell, outcome); nan where not."""
        out = np.full((len(keys), len(self.columns)), np.nan)
        found, place = self._places(keys)
        address = self._address[place[found]]
        cells = np.flatnonzero(found)
        for number, source in enumerate(self._sources):
            here = address[:, 0] == number
            if here.any():
                _read(source, address[here, 1], out, cells[here])
        for i in np.flatnonzero(~found).tolist():
            if (row := self._fresh.get(keys[i])) is not None:
                found[i], out[i] = True, row
        return found, out

    def _places(self, keys: Sequence[bytes]) -> tuple[Bools, NDArray[np.intp]]:
        """Return which cells the folder held when it was opened, and their places, (cell,)."""
        wanted = np.array(list(keys), dtype=f"S{KEY_BYTES}")
        if not len(self.keys):
            return np.zeros(len(wanted), dtype=bool), np.zeros(len(wanted), dtype=np.intp)
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return self.keys[place] == wanted, place

    def append(self, keys: Sequence[bytes], rows: Floats) -> None:
        """Keep a finished chunk: on return it is on the disk. Cells already kept are left as they are.

        rows : (cell, outcome). Errors: OSError (a full disk …), ValueError for a number that is not finite.
        """
        rows = np.ascontiguousarray(rows, dtype=np.float64)
        if not np.isfinite(rows).all():
            raise ValueError("a cell holds a number that is not finite")
        new = np.flatnonzero(~self.has(keys)).tolist()
        if not new:
            return
        if self.folder is not None:
            self._write(_chunk([keys[i] for i in new], rows[new], self.columns))
        for i in new:
            self._fresh[keys[i]] = rows[i]

    def close(self) -> None:
        """Compact this run's journal into a Parquet file, and let it go. A full disk leaves the journal."""
        if self._journal is None:
            return
        with contextlib.suppress(OSError):
            self._compact()
        self._journal.close()
        self._journal = None

    # -- the disk ---------------------------------------------------------------------------------

    def _load(self, folder: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as parquet

        keys = [self.keys]
        for path in sorted(folder.glob("cells-*.parquet")):
            if tuple(parquet.read_schema(path).names[1:]) == self.columns:
                keys.append(_keys(parquet.read_table(path, columns=["key"])))
                self._sources.append(path)
        for path in sorted(folder.glob("journal-*.bin")):
            chunks = [table for table in _chunks(path) if tuple(table.column_names[1:]) == self.columns]
            if chunks:
                table = pa.concat_tables(chunks)
                keys.append(_keys(table))
                self._sources.append(_outcomes(table))
        sizes = [len(some) for some in keys[1:]]
        address = np.column_stack([np.repeat(np.arange(len(sizes)), sizes), _count(sizes)])
        self.keys, first = np.unique(np.concatenate(keys), return_index=True)
        self._address = address[first]

    def _write(self, chunk: bytes) -> None:
        if self._journal is None:
            self._open_journal()
        start = self._journal.tell()
        try:
            rest = memoryview(HEADER.pack(MAGIC, len(chunk), zlib.crc32(chunk)) + chunk)
            while rest:  # without a buffer, a write may take a part only
                rest = rest[self._journal.write(rest) :]
            os.fsync(self._journal.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                self._journal.truncate(start)  # a torn chunk would hide those written after it
                self._journal.seek(start)
            raise

    def _open_journal(self) -> None:
        """Open the first journal that no other program holds, and cut off what it did not finish writing."""
        assert self.folder is not None
        for number in range(1, 10_000):
            path = self.folder / f"journal-{number:04d}.bin"
            file = open(path, "r+b" if path.exists() else "w+b", buffering=0)  # noqa: SIM115
            if _lock(file):
                file.truncate(_sound_length(path))
                file.seek(0, os.SEEK_END)
                self._journal, self._number = file, number
                return
            file.close()

    def _compact(self) -> None:
        """Turn this journal into a Parquet file: whole, on the disk and in place before the journal is emptied."""
        import pyarrow as pa
        import pyarrow.parquet as parquet

        assert self.folder is not None
        chunks = list(_chunks(Path(self._journal.name)))
        if not chunks:
            return
        number = 1 + max((int(path.stem.split("-")[1]) for path in self.folder.glob("cells-*.parquet")), default=0)
        path = self.folder / f"cells-{number:06d}-{self._number:04d}.parquet"
        partial = path.with_suffix(".partial")
        try:
            with partial.open("wb") as file:
                parquet.write_table(pa.concat_tables(chunks), file, compression="zstd", row_group_size=ROW_GROUP)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
        self._journal.truncate(0)


def _chunk(keys: Sequence[bytes], rows: Floats, columns: Sequence[str]) -> bytes:
    import pyarrow as pa

    arrays = [pa.array(list(keys), pa.binary(KEY_BYTES)), *(pa.array(column) for column in rows.T)]
    table = pa.table(dict(zip(["key", *columns], arrays, strict=True)))
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _chunks(path: Path) -> Iterator[Any]:
    """Yield the tables of a journal up to the first chunk that is torn."""
    import pyarrow as pa

    for chunk in _sound_chunks(path):
        yield pa.ipc.open_stream(chunk).read_all()


def _sound_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while len(header := file.read(HEADER.size)) == HEADER.size:
            magic, length, checksum = HEADER.unpack(header)
            if magic != MAGIC or len(chunk := file.read(length)) < length or zlib.crc32(chunk) != checksum:
                return
            yield chunk


def _sound_length(path: Path) -> int:
    return sum(HEADER.size + len(chunk) for chunk in _sound_chunks(path))


def _keys(table: Any) -> Keys:
    """Return the keys of an Arrow table, (cell,)."""
    kind = f"S{KEY_BYTES}"
    chunks = [np.frombuffer(c.buffers()[1], kind)[c.offset : c.offset + len(c)] for c in table["key"].chunks]
    return np.concatenate([np.empty(0, kind), *chunks])


def _outcomes(table: Any) -> Floats:
    """Return the outcomes of an Arrow table, (cell, outcome)."""
    return np.column_stack([column.to_numpy() for column in table.columns[1:]])


def _count(sizes: Sequence[int]) -> NDArray[np.int64]:
    """Return 0 … n - 1 for each of these sizes, one after the other."""
    return np.concatenate([np.arange(0, dtype=np.int64), *(np.arange(size) for size in sizes)])


def _read(source: Path | Floats, rows: NDArray[np.int64], out: Floats, cells: NDArray[np.intp]) -> None:
    """Write the outcomes of some rows of a source to `out`, at these cells (of a file, row group by row group)."""
    if not isinstance(source, Path):
        out[cells] = source[rows]
        return
    import pyarrow.parquet as parquet

    with parquet.ParquetFile(source, memory_map=True) as file:
        sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        starts = np.cumsum([0, *sizes])
        group_of_row = np.searchsorted(starts, rows, side="right") - 1
        for group in np.unique(group_of_row).tolist():
            here = group_of_row == group
            out[cells[here]] = _outcomes(file.read_row_group(group))[rows[here] - starts[group]]


def _lock(file: Any) -> bool:
    """Take the lock of an open file; False if it is held already, by another program or by this one."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
