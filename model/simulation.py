"""Scenario and people become ledgers: allocate the books, call the kernel, weight the counts.

The kernel works slice by slice (a batch of a stratum), threads on disjoint slices, so that the bytes do
not depend on the number of threads or the order of work.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model import kernel
from model.books import DEMAND, PAGE, PLACES, RATION, Books, Calendar
from model.compiled import jit
from model.ledgers import Ledgers
from model.states import NEVER_MONTHS, Diary, Now
from model.tables import PERSON, Tables

# Of the yearly tables: pages count half-months where a month counts one half at each end.
UNITS = {"occupancy": 0.5, "resources": 1.0, "work": 0.5, "events": 1.0, "suicides": 1.0, "equity": 1.0}

T = TypeVar("T")
R = TypeVar("R")
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """Persons of a stratified sample, sorted by slice.

    persons : (person,) of PERSON
    starts : (slice + 1,)      first person of each slice
    batch : (slice,)           batch of each slice
    weight : (slice,)          persons of the nation one person stands for, within its batch
    """

    persons: Any
    starts: NDArray[np.int64]
    batch: NDArray[np.int64]
    weight: Floats

    def __len__(self) -> int:
        return int(self.starts[-1])

    @property
    def slices(self) -> int:
        return self.weight.size

    @property
    def batches(self) -> int:
        return int(self.batch.max()) + 1

    def fresh(self) -> "People":
        """Return the same people as they are at month 0, free to be changed by a run."""
        return replace(self, persons=self.persons.copy())

    def person_weights(self) -> Floats:
        """Return the weight of each person in the nation (not within a batch), shape (person,)."""
        return np.repeat(self.weight / self.batches, np.diff(self.starts))

    def of_slices(self, chosen: NDArray[np.bool_]) -> "People":
        """Return the people of some slices, with the same luck and weights."""
        index = np.flatnonzero(np.repeat(chosen, np.diff(self.starts)))
        starts = np.concatenate([[0], np.cumsum(np.diff(self.starts)[chosen])])
        return People(self.persons[index], starts, self.batch[chosen], self.weight[chosen])

    def in_one_batch(self) -> "People":
        """Return the same people as one batch, neighbouring slices of the same weight together."""
        first = np.flatnonzero(np.diff(self.weight, prepend=np.nan) != 0.0)
        starts = np.append(self.starts[first], self.starts[-1])
        return People(self.persons, starts, np.zeros(first.size, np.int64), self.weight[first] / self.batches)


def new_persons(n: int) -> Any:
    """Return blank persons of type PERSON, shape (n,): never ill, nothing ever happened to them."""
    persons = np.zeros(n, dtype=PERSON).view(np.recarray)
    never = [c for c in Now if c.name.startswith("MONTHS_SINCE")]
    persons["now"][:, [*never, Now.MONTHS_WELL]] = NEVER_MONTHS
    persons["now"][:, Now.HOSPITAL_YEAR] = -1
    persons["trait"] = 1.0
    return persons


def new_books(slices: int, cycles: int, years: int, diaries: int = 0, by_month: bool = True) -> Books:
    """Return empty books, without limits on places: one ration for all months, of 1.

    by_month : whether `Books.places` is to be read
    """
    pages = np.zeros((slices, years), dtype=PAGE).view(np.recarray)
    places = np.zeros((slices, cycles + 2 if by_month else 1), dtype=PLACES).view(np.recarray)
    demand = np.zeros(slices, dtype=DEMAND).view(np.recarray)
    rations = new_rations(np.ones((1, *RATION["share"].shape)))
    return Books(pages, places, np.zeros((diaries, cycles, len(Diary)), np.int16), demand, rations)


def new_rations(share: ArrayLike) -> Any:
    """Return RATION records of the share of would-be admissions that places allow, (…, service, region)."""
    share = np.asarray(share)
    out = np.zeros(share.shape[:-2], dtype=RATION).view(np.recarray)
    out["share"] = share
    return out


def new_calendar(phase_of_cycle: Ints, years: bool = True) -> Calendar:
    """Return the calendar of these phases; one ledger year in all if not `years`."""
    cycles = phase_of_cycle.size
    year = np.arange(cycles, dtype=np.int32) // 12 if years else np.zeros(cycles, np.int32)
    changes = np.append(np.flatnonzero(np.diff(phase_of_cycle)) + 1, cycles)
    until = changes[np.searchsorted(changes, np.arange(cycles), side="right")]
    return Calendar(phase_of_cycle.astype(np.int32), year, until.astype(np.int32))


def thread_slices(people: People, jobs: int, first_slice: int = 0) -> list[range]:
    """Return runs of slices, from one on, with about as many people each, a few a thread."""
    parts = min(people.slices - first_slice, max(1, 4 * jobs)) if jobs > 1 else 1
    shares = np.linspace(people.starts[first_slice], len(people), parts + 1)[1:-1]
    edges = np.searchsorted(people.starts, shares)
    return [range(a, b) for a, b in pairwise([first_slice, *edges.tolist(), people.slices]) if b > a]


def advance(
    people: People,
    first: int,
    last: int,
    tables: Tables,
    calendar: Calendar,
    books: Books,
    jobs: int = 1,
    first_slice: int = 0,
) -> None:
    """Advance everybody, or slices from `first_slice` on, over months `first` to `last` - 1, in place."""

    def work(slices: range) -> None:
        kernel.live_slices(
            people.persons, people.starts, slices.start, slices.stop, first, last, tables, calendar, books
        )

    on_threads(work, thread_slices(people, jobs, first_slice), jobs)


def close(people: People, calendar: Calendar, books: Books) -> None:
    """Book the sojourns still open at the end of the run."""
    for s in range(people.slices):
        kernel.close(people.persons, people.starts[s], people.starts[s + 1], s, calendar, books)


def on_threads(work: Callable[[T], R], parts: Sequence[T], jobs: int) -> list[R]:
    """Return what the work gives for each part, in order, on `jobs` threads."""
    if jobs <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(work, parts))


def weighted(people: People, books: Books) -> Ledgers:
    """Return the books weighted to the nation, strata summed within each batch."""
    places = books.places
    return Ledgers(
        trace=_nation(people, np.cumsum(places["census"][:, :-1], axis=1, dtype=np.int32)),
        capacity=_nation(people, places["capacity"][:, :-2]),
        **weighted_pages(people, books.pages),
    )


def weighted_pages(people: People, pages: Any) -> dict[str, Floats]:
    """Return the yearly tables of `Ledgers` by name, weighted to the nation. pages : (slice, year) of PAGE"""
    return {name: _nation(people, pages[name], unit) for name, unit in UNITS.items()}


def yearly_tables(cells: Floats) -> dict[str, Floats]:
    """Return the yearly tables of `Ledgers` by name, from all cells of weighted pages: (batch, year, cell)."""
    tables, first = {}, 0
    for name in PAGE.names or ():
        shape = PAGE[name].shape
        last = first + int(np.prod(shape))
        table = cells[..., first:last].reshape(*cells.shape[:-1], *shape)
        tables[name] = table if UNITS[name] == 1.0 else UNITS[name] * table
        first = last
    return tables


def _nation(people: People, counts: NDArray[np.integer], scale: float = 1.0) -> Floats:
    out = np.zeros((people.batches, *counts.shape[1:]))
    add_weighted(flat(counts), people.weight * scale, people.batch, flat(out))
    return out


def flat(table: NDArray[Any]) -> NDArray[Any]:
    """Return the same table as (slice or batch, row, column)."""
    return table.reshape(*table.shape[:2], -1)


@jit
def add_weighted(counts: NDArray[np.integer], weight: Floats, batch: NDArray[np.int64], out: Floats) -> None:
    """Add counts (slice, row, column) times the weight of their slice to its batch, always in the same order."""
    for s in range(weight.size):
        for row in range(counts.shape[1]):
            for column in range(counts.shape[2]):
                out[batch[s], row, column] += counts[s, row, column] * weight[s]


@jit
def add_difference(
    policy: NDArray[np.integer], today: NDArray[np.integer], weight: Floats, batch: NDArray[np.int64], out: Floats
) -> None:
    """Add what a policy counts beyond today, as `add_weighted` adds counts."""
    for s in range(weight.size):
        for row in range(policy.shape[1]):
            for column in range(policy.shape[2]):
                change = policy[s, row, column] - today[s, row, column]
                if change != 0:
                    out[batch[s], row, column] += change * weight[s]
