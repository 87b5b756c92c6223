"""Read a table of numbers that any program wrote: R, Python, SAVI, a French Excel. Every fault is told at once.

Commas, semicolons or tabs; decimal points or commas; UTF-8 or the encoding of Excel in France. Row names as R
writes them are left out; a column of iterations is kept apart.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.complaints import Complain, shown

Floats = NDArray[np.float64]

MOST_TOLD = 12  # faults told of one file
ITERATION_NAMES = ("iteration", "iterations", "iter", "sim", "simulation", "draw", "sample", "itération", "tirage")
ROW_NAMES = ("x", "n", "id", "index", "...1", "unnamed: 0", "run", "psa")  # a first column of these names counts rows
_GROUPED = re.compile(r"[\u00a0\u202f\u2009 ](?=\d{3}(\D|$))")


@dataclass(frozen=True)
class NumberTable:
    """Named columns of numbers.

    values : (row, column)
    lines : the line of the file each row stands on
    iterations : (row,)    the number each row bears in its file, None if it bears none
    texts : column -> its words, of the columns that were to be read as words
    """

    path: Path
    columns: tuple[str, ...]
    values: Floats
    lines: tuple[int, ...]
    iterations: NDArray[np.int64] | None = None
    texts: dict[str, list[str]] = field(default_factory=dict)


def read_numbers(path: Path, complain: Complain, words: Sequence[str] = ()) -> NumberTable | None:
    """Return the table of numbers in a CSV file, after complaining of all that is wrong with it.

    words : columns (lower case) to be read as words rather than as numbers
    Cells that hold no number are nan, so that names and rows can still be looked at; None where these are not known.
    """
    text = _decoded(path, complain)
    if text is None:
        return None
    rows, decimal_comma = _cells(text)
    if len(rows) < 2:
        complain("holds no number; expected a line of names, then one line a draw.")
        return None
    header, rows = _without_row_names([cell.strip() for cell in rows[0][1]], rows[1:])
    faults = list(_header_faults(header, decimal_comma))
    known = not faults
    numbers = np.full((len(rows), len(header)), np.nan)
    wordy = [place for place, name in enumerate(header) if name.lower() in words]
    for row, (line, cells) in enumerate(rows):
        if len(cells) != len(header):
            faults.append(f"line {line} has {len(cells)} cells; expected {len(header)}, as the first line.")
            known = False
            continue
        for place, cell in enumerate(cells):
            if place not in wordy:
                numbers[row, place] = _number(cell, decimal_comma)
                if not np.isfinite(numbers[row, place]):
                    faults.append(f"line {line}, column {header[place]} is {shown(cell)}; expected a number.")
                    known = known and header[place].lower() not in ITERATION_NAMES
    for fault in faults[:MOST_TOLD]:
        complain(fault)
    if len(faults) > MOST_TOLD:
        complain(f"and {len(faults) - MOST_TOLD} more faults of the same kinds.")
    if not known:
        return None
    texts = {header[place]: [cells[place].strip() for _, cells in rows] for place in wordy}
    return _with_iterations(path, header, numbers, tuple(line for line, _ in rows), texts)


def _decoded(path: Path, complain: Complain) -> str | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        complain("the file does not exist.")
        return None
    except OSError as error:
        complain(f"cannot be read: {error.strerror}.")
        return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    complain("is not text; expected a CSV file.")
    return None


def _cells(text: str) -> tuple[list[tuple[int, list[str]]], bool]:
    """Return the lines that hold something, with their number, and whether decimals are written with a comma."""
    first = text.lstrip().partition("\n")[0]
    separator = max(";\t,", key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=separator)
    return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)], separator != ","


def _without_row_names(header: list[str], rows: list[tuple[int, list[str]]]) -> tuple[list[str], list]:
    """Leave out the row names R writes: a first column without a name, or one cell more than the header."""
    if header and header[0] == "" and len(header) > 1:
        return header[1:], [(line, cells[1:]) for line, cells in rows]
    if rows and all(len(cells) == len(header) + 1 for _, cells in rows):
        return header, [(line, cells[1:]) for line, cells in rows]
    return header, rows


def _header_faults(header: list[str], decimal_comma: bool) -> list[str]:
    if all(np.isfinite(_number(name, decimal_comma)) for name in header):
        return ["line 1 holds numbers only; expected the names of the columns."]
    faults = [f"line 1, column {place} has no name." for place, name in enumerate(header, start=1) if not name]
    twice = {name for name in header if name and header.count(name) > 1}
    return faults + [f"line 1 names the column {name} {header.count(name)} times; expected once." for name in twice]


def _number(cell: str, decimal_comma: bool) -> float:
    """Return the number a cell holds, nan if it holds none."""
    text = _GROUPED.sub("", cell.strip())
    if decimal_comma and "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        return float(text) if "_" not in text else np.nan
    except ValueError:
        return np.nan


def _with_iterations(
    path: Path, header: list[str], numbers: Floats, lines: tuple[int, ...], texts: dict[str, list[str]]
) -> NumberTable:
    """Set aside the words, and the whole numbers of a column whose name is that of an iteration."""
    iterations, kept = None, []
    for place, name in enumerate(header):
        column = numbers[:, place]
        counted = iterations is None and name not in texts and np.array_equal(column, np.round(column))
        named = name.lower() in ITERATION_NAMES
        rows = place == 0 and name.lower() in ROW_NAMES and np.all(np.diff(column) == 1)
        if counted and (named or rows):
            iterations = column.astype(np.int64)
        elif name not in texts:
            kept.append(place)
    return NumberTable(path, tuple(header[place] for place in kept), numbers[:, kept], lines, iterations, texts)
