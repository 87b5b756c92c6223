"""The ledgers of a run as one tidy file, for other programs: counts.parquet.

One row a cell that is not empty: which scenario, population and ledger, when, the codes of its axes in
words (empty where the ledger has no such axis), the national mean over batches and its Monte Carlo error
(in single precision: seven digits).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model.ledgers import EQUITY_GROUPS, Ledgers, mean_and_error
from model.states import AGE_BANDS, Capacity, Event, Health, Outcome, Payer, Resource, Service, Trd, Work

SEXES = ("man", "woman")
AGES = tuple(f"from_{age}" for age in AGE_BANDS)
GROUPS = tuple(f"{name}.{level}" for name, levels in EQUITY_GROUPS for level in range(levels))


def _names(codes: Any) -> tuple[str, ...]:
    return tuple(code.name.lower() for code in codes)


# Ledger -> its axes after the batch, each a column of the file with the words of its codes.
AXES: dict[str, dict[str, tuple[str, ...]]] = {
    "trace": {"cycle": (), "health": _names(Health), "trd": _names(Trd)},
    "occupancy": {"year": (), "sex": SEXES, "age": AGES, "trd": _names(Trd), "health": _names(Health)},
    "resources": {"year": (), "trd": _names(Trd), "cover": _names(Payer), "resource": _names(Resource)},
    "work": {"year": (), "trd": _names(Trd), "work": _names(Work), "health": _names(Health)},
    "events": {"year": (), "trd": _names(Trd), "event": _names(Event)},
    "suicides": {"year": (), "trd": _names(Trd), "sex": SEXES, "age": AGES},
    "equity": {"year": (), "group": GROUPS, "outcome": _names(Outcome)},
    "capacity": {"cycle": (), "service": _names(Service), "place": _names(Capacity)},
}
NUMBERED = ("year", "cycle")  # counted from month 0
WORDED = tuple(dict.fromkeys(axis for axes in AXES.values() for axis in axes if axis not in NUMBERED))


def write_counts(study: Any, path: Path) -> None:
    """Write the ledgers of every scenario of a study (open and closed populations), one group of rows each."""
    import pyarrow as pa
    from pyarrow import parquet

    words = pa.dictionary(pa.int16(), pa.string())
    fields = [(name, words) for name in ("scenario", "population", "ledger")]
    fields += [*((name, pa.int32()) for name in NUMBERED), *((name, words) for name in WORDED)]
    schema = pa.schema([*fields, ("value", pa.float32()), ("mc_se", pa.float32())])
    coded = [name for name, kind in fields if kind == words]  # a dictionary of numbers only costs time
    options: dict[str, Any] = {"compression": "zstd", "use_dictionary": coded, "write_statistics": False}
    with parquet.ParquetWriter(path, schema, **options) as file:
        for population in ("open", "closed"):
            for scenario, ledgers in getattr(study, population).items():
                for ledger, cells in _cells(ledgers):
                    file.write_table(_rows(schema, (scenario, population, ledger), cells))


def _cells(ledgers: Ledgers) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each ledger's cells that are not empty: column -> codes, and "value" and "mc_se"."""
    for ledger, axes in AXES.items():
        mean, error = mean_and_error(getattr(ledgers, ledger))
        at = np.nonzero((mean != 0) | (error != 0))
        yield ledger, {**dict(zip(axes, at, strict=True)), "value": mean[at], "mc_se": error[at]}


def _rows(schema: Any, key: tuple[str, str, str], cells: dict[str, Any]) -> Any:
    import pyarrow as pa

    count, axes = len(cells["value"]), AXES[key[2]]
    constant = dict(zip(("scenario", "population", "ledger"), key, strict=True))
    columns = []
    for field in schema:
        if field.name in constant:
            columns.append(_worded(np.zeros(count), [constant[field.name]]))
        elif axes.get(field.name):
            columns.append(_worded(cells[field.name], axes[field.name]))
        elif field.name in cells:
            columns.append(_numbers(field.type, cells[field.name]))
        else:
            columns.append(pa.nulls(count, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _worded(codes: Any, words: Sequence[str]) -> Any:
    """Return a column of words by their codes."""
    import pyarrow as pa

    written = [word.encode() for word in words]
    ends = pa.py_buffer(np.cumsum([0, *map(len, written)], dtype=np.int32))
    dictionary = pa.StringArray.from_buffers(len(words), ends, pa.py_buffer(b"".join(written)))
    return pa.DictionaryArray.from_arrays(_numbers(pa.int16(), codes), dictionary)


def _numbers(kind: Any, values: Any) -> Any:
    """Return a column of numbers; `pa.array` would import pandas first, half a second."""
    import pyarrow as pa

    buffer = pa.py_buffer(np.ascontiguousarray(values, kind.to_pandas_dtype()))
    return pa.Array.from_buffers(kind, len(values), [None, buffer])
