"""A table: named columns and rows, written as CSV (English or French), sheets of one workbook, or text."""

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from results.numbers import decimals_for

_FIXED_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip file can hold: same bytes at every writing
HELD = {0x202F: 0xE000, 0x00A0: 0xE001}  # rich breaks lines at spaces that must not break
FREED = {held: space for space, held in HELD.items()}
LEAST_WORDS = 18  # characters of a column of words in a table on the screen
_GUARD_DIGITS = 1  # kept in files beyond the digits that are shown


@dataclass(frozen=True)
class Table:
    """Rows of cells under named columns; `name` is the file's and the sheet's name."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Go through the rows as dictionaries, column -> cell."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """Return the cells of one column."""
        position = self.columns.index(name)
        return [row[position] for row in self.rows]

    def where(self, **wanted: object) -> "Table":
        """Return the rows whose cells equal those wanted."""
        cells, values = itemgetter(*map(self.columns.index, wanted)), tuple(wanted.values())
        sought = values if len(values) > 1 else values[0]
        return Table(self.name, self.columns, tuple(row for row in self.rows if cells(row) == sought))

    def filter(self, keep: Callable[[dict[str, Any]], bool]) -> "Table":
        """Return the rows that `keep` accepts, as dictionaries."""
        return Table(self.name, self.columns, tuple(tuple(row.values()) for row in self if keep(row)))

    def renamed(self, names: dict[str, str]) -> "Table":
        """Return the same table with some columns under other names."""
        return Table(self.name, tuple(names.get(column, column) for column in self.columns), self.rows)

    def named(self, name: str) -> "Table":
        """Return the same table under another name."""
        return Table(name, self.columns, self.rows)


def rounded(value: float, error: float) -> tuple[float, float]:
    """Return a value and its Monte Carlo standard error at the digits the error supports, plus one.

    Without an error (0 or unknown) the value keeps ten significant digits.
    """
    value, error = float(value), float(error)
    if not math.isfinite(value) or not math.isfinite(error) or error <= 0:
        return (float(f"{value:.10g}") if math.isfinite(value) else value), error
    decimals = decimals_for(error) + _GUARD_DIGITS
    return round(value, decimals) + 0.0, round(error, decimals)


def write_csv(table: Table, path: Path, *, french: bool = False) -> None:
    """Write a table as CSV, UTF-8; `french`: semicolons, decimal commas, and the mark Excel needs."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if french else ",", lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_number(cell, french) if isinstance(cell, float) else cell for cell in row] for row in table.rows)
    path.write_text(text.getvalue(), encoding="utf-8-sig" if french else "utf-8", newline="")


def _number(cell: float, french: bool) -> str:
    if math.isnan(cell):
        return ""
    text = repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(float(cell))
    return text.replace(".", ",") if french else text


def grid_text(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, left: tuple[int, ...] = (0,)) -> str:
    """Return a table as text of `width` characters, more rather than cut a number; columns in `left` hold words."""
    return _printed(headings, rows, max(width, least_width(headings, rows, left)), left)


def least_width(headings: Sequence[str], rows: Sequence[Sequence[str]], left: tuple[int, ...] = (0,)) -> int:
    """Return the fewest characters a line of `grid_text` can have without cutting a number."""
    least = max(len(line) for line in _printed(headings, rows, 10_000, left).splitlines())
    for place in {place % len(headings) for place in left}:
        cells = [headings[place], *(row[place] for row in rows)]
        widest = max(len(line) for cell in cells for line in cell.split("\n"))
        word = max((len(word) for cell in cells for word in re.split("[ \n]", cell)), default=0)
        least -= max(0, widest - max(word, LEAST_WORDS))
    return least


def _printed(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, left: tuple[int, ...]) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as Grid

    grid = Grid(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    lefts = {place % len(headings) for place in left}
    for place, heading in enumerate(headings):
        is_text = place in lefts
        least = LEAST_WORDS if is_text else None
        grid.add_column(heading, justify="left" if is_text else "right", no_wrap=not is_text, min_width=least)
    grid.columns[0].no_wrap = not rows or len(rows[0][0]) < 4  # a rank is never cut
    for row in rows:
        grid.add_row(*(cell.translate(HELD) for cell in row))
    screen = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False, markup=False)
    screen.print(grid)
    printed: str = screen.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in printed.translate(FREED).splitlines())


def write_workbook(tables: Iterable[Table], path: Path) -> None:
    """Write the tables as sheets of one .xlsx file, the same bytes for the same tables."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)  # rows are streamed: fast, and little memory
    for table in tables:
        sheet = book.create_sheet(table.name[:31])
        sheet.freeze_panes = "A2"
        for place, column in enumerate(table.columns, start=1):
            longest = max([len(column), *(len(str(row[place - 1])) for row in table.rows[:100])])
            sheet.column_dimensions[get_column_letter(place)].width = min(longest + 2, 60)
        sheet.append(list(table.columns))
        for row in table.rows:
            sheet.append([None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row])
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"
    content = io.BytesIO()
    book.save(content)
    path.write_bytes(_without_dates(content.getvalue()))


def _without_dates(workbook: bytes) -> bytes:
    """Return the same zip file with every date replaced by a fixed one."""
    written = io.BytesIO()
    stamp = rb"\g<1>1980-01-01T00:00:00Z\g<2>"
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(written, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*(</dcterms:)", stamp, content)
            after.writestr(zipfile.ZipInfo(name, _FIXED_DATE), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
