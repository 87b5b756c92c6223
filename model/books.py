"""Where the kernel writes what happened: integer tables, each small, none a full product.

A page holds the tables of one slice and one year; a place card those of one slice and one month. A
slice is one batch of one stratum; two threads never share a slice. What a service's next month needs to
know by region (`DEMAND`) is kept for one month only: the run that rations clears it before each month.

A person's ledger cell (health, resistance class, age band, work) is booked once per sojourn, by the
cycles it held, not once a month. Person-months are kept in half-months (one for each end of a month),
so that worth can take the mean of both ends with integers.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.compiled import jit
from model.states import (
    N_AGE_BANDS,
    Capacity,
    Event,
    Fixed,
    Health,
    Outcome,
    Payer,
    Resource,
    Service,
    Trd,
    Work,
)
from model.tables import N_REGION, Person

# First row of each group along the equity axis; the order of `ledgers.EQUITY_GROUPS`.
AGE_ROWS, REGION_ROWS, DEPRIVATION_ROWS, COMORBIDITY_ROWS, HOSPITAL_ROWS, N_EQUITY = 2, 10, 28, 33, 37, 40

COLUMNS = 4  # of those eligible: by hospital, by severity or by treatment; see `capacity.access_of`

Page = Any  # a record of type PAGE
Places = Any  # a record of type PLACES
Demand = Any  # a record of type DEMAND
Rations = Any  # a record of type RATION

PAGE = np.dtype(
    (
        np.record,
        np.dtype(
            [
                ("occupancy", np.int32, (2, N_AGE_BANDS, len(Trd), len(Health))),  # half-months
                ("resources", np.int32, (len(Trd), len(Payer), len(Resource))),
                ("work", np.int32, (len(Trd), len(Work), len(Health))),  # half-months
                ("events", np.int32, (len(Trd), len(Event))),
                ("suicides", np.int32, (len(Trd), 2, N_AGE_BANDS)),
                ("equity", np.int32, (N_EQUITY, len(Outcome))),  # person-months in half-months
            ],
            align=True,
        ),
    )
)

PAGE_CELLS = PAGE.itemsize // np.dtype(np.int32).itemsize  # of all its tables, which lie one after the other

PLACES = np.dtype(
    (
        np.record,
        np.dtype(
            [
                ("census", np.int32, (len(Health), len(Trd))),  # first differences over time
                ("capacity", np.int32, (len(Service), len(Capacity))),
                ("expected", np.float64, len(Service)),  # probabilities of admission of the eligible, summed
            ],
            align=True,
        ),
    )
)

DEMAND = np.dtype(
    (
        np.record,
        np.dtype(
            [
                ("eligible", np.int32, (len(Service), N_REGION, COLUMNS)),  # at the end of the month
                ("kept", np.int32, (len(Service), N_REGION)),  # places, as `Capacity.KEPT`
                ("admitted", np.int32, (len(Service), N_REGION)),
                ("expected", np.float64, (len(Service), N_REGION)),
            ],
            align=True,
        ),
    )
)

# Share of those who would be admitted in a month that free places allow, by service and region.
RATION = np.dtype((np.record, np.dtype([("share", np.float64, (len(Service), N_REGION))], align=True)))


class Books(NamedTuple):
    """All pages of a run.

    pages : (slice, year) of PAGE; places : (slice, cycle + 2) of PLACES, or one row that is not to be read
    diary : (person, cycle, Diary) int16, empty where no diary is kept
    demand : (slice,) of DEMAND; rations : (cycle,) of RATION, the last of which holds from then on
    """

    pages: Any
    places: Any
    diary: NDArray[np.int16]
    demand: Any
    rations: Any


class Calendar(NamedTuple):
    """What the calendar says of each month.

    phase_of_cycle, year_of_cycle : (cycle,)   row of the tables; year of the ledger
    phase_until : (cycle,)                     first later month of another phase
    """

    phase_of_cycle: NDArray[np.int32]
    year_of_cycle: NDArray[np.int32]
    phase_until: NDArray[np.int32]


@jit
def row_of(rows: Any, cycle: int) -> Any:
    """Return the row of a month; the last one stands for all months after it."""
    return rows[min(cycle, rows.shape[0] - 1)]


@jit
def comorbidity(p: Person) -> int:
    """Return the equity group of comorbidity: 0 none, 1 anxiety, 2 substance use, 3 both."""
    return p.fixed[Fixed.ANXIETY] + 2 * p.fixed[Fixed.SUBSTANCE]


@jit
def book_equity(page: Page, p: Person, band: int, outcome: int, amount: int) -> None:
    """Add an amount of one outcome to each group the person belongs to."""
    page.equity[p.fixed[Fixed.SEX], outcome] += amount
    page.equity[AGE_ROWS + band, outcome] += amount
    page.equity[REGION_ROWS + p.fixed[Fixed.REGION], outcome] += amount
    page.equity[DEPRIVATION_ROWS + p.fixed[Fixed.DEPRIVATION], outcome] += amount
    page.equity[COMORBIDITY_ROWS + comorbidity(p), outcome] += amount
    page.equity[HOSPITAL_ROWS + p.fixed[Fixed.HOSPITAL], outcome] += amount


@jit
def book_half_months(page: Page, p: Person, cell: tuple[int, int, int, int], halves: int) -> None:
    """Book half-months spent in a cell (health, trd, band, work)."""
    health, trd, band, work = cell
    page.occupancy[p.fixed[Fixed.SEX], band, trd, health] += halves
    if health == Health.NEVER:
        return
    page.work[trd, work, health] += halves
    book_equity(page, p, band, Outcome.PERSON_MONTHS, halves)
    if health <= Health.SEVERE:
        book_equity(page, p, band, Outcome.EPISODE_MONTHS, halves)
    elif health >= Health.REMISSION:
        book_equity(page, p, band, Outcome.REMISSION_MONTHS, halves)


@jit
def book_sojourn(
    pages: Any,
    places: Any,
    p: Person,
    cell: tuple[int, int, int, int],
    since: int,
    until: int,
    entered: bool,
    year_of_cycle: NDArray[np.int32],
) -> None:
    """Book a cell held from point `since` to point `until`, excluded.

    pages : (year,) of PAGE, places : see `Books`, of the person's slice.
    Point t is the start of month t and the end of month t - 1: a month counts one half at each end. A
    person who enters at `since` was not there at the end of the month before.
    """
    row_of(places, since).census[cell[0], cell[1]] += 1
    row_of(places, until).census[cell[0], cell[1]] -= 1
    month = since if entered else since - 1
    last = min(until, year_of_cycle.size)
    while month < last:
        stop = min(last, month + 12 - month % 12)
        halves = max(0, stop - max(month, since)) + max(0, min(stop, until - 1) - month)
        book_half_months(pages[year_of_cycle[month]], p, cell, halves)
        month = stop
