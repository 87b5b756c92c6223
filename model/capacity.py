"""Places a month and who is admitted (model.md, section 4).

Each month: count who is eligible and what those in treatment hold, both at the end of the month before;
free places are those not held; everybody eligible faces p = access × ration, where the ration is the share
of the expected admissions that free places allow. People do compete, exactly in expectation: a month's
admissions vary around the free places. In the first month nothing has been counted yet and the ration is 1.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model import simulation
from model.books import Books, Calendar
from model.phases import Phases, Values
from model.simulation import People
from model.states import Capacity, Service
from model.tables import Tables

Floats = NDArray[np.float64]
LIMITED = (Service.ESKETAMINE, Service.SESAME)


def places_of(v: Values) -> Floats:
    """Return the places of each service, infinite where nothing limits it, shape (service,).

    Esketamine: observed sessions a month; SÉSAME: patients followed at the same time for
    depression (those with anxiety alone take their share of the nurses).
    """
    out = np.full(len(Service), np.inf)
    if v["capacity.limited.esketamine"]:
        out[Service.ESKETAMINE] = v["capacity.esketamine.monthly_sessions"]
    if v["capacity.limited.sesame"]:
        places = float(v["capacity.sesame.nurses"]) * float(v["capacity.sesame.patients_per_nurse"])
        out[Service.SESAME] = places * (1.0 - float(v["sesame.anxiety_only_share"]))
    return out


def places_by_month(phases: Phases, unlimited: bool = False) -> Floats:
    """Return the places of each service month by month, shape (cycle, service)."""
    rows = np.array([places_of(v) for v in phases.phases])
    if unlimited:
        rows[:] = np.inf
    return rows[phases.phase_of_month]


def units_of_start(tables: Tables, phase: int) -> Floats:
    """Return the places one admission takes in its first month, shape (service,)."""
    units = np.ones(len(Service))
    units[Service.ESKETAMINE] = tables.treatment[phase].esketamine_sessions[0]
    return units


def access_of(tables: Tables, phase: int) -> Floats:
    """Return the probability of admission without limits, by service and column of `eligible`, (service, 3)."""
    access = np.array(tables.treatment[phase].access)
    access[Service.SESAME] = tables.care[phase].sesame_access
    return access


def national(people: People, counts: NDArray[np.int32]) -> Floats:
    """Return counts (slice, …) weighted to the nation."""
    weight = people.weight / people.batches
    return np.asarray(np.tensordot(weight, counts.astype(float), axes=(0, 0)))


def ration(people: People, books: Books, cycle: int, places: Floats, tables: Tables, calendar: Calendar) -> Floats:
    """Return the share of expected admissions of this month that free places allow, shape (service,)."""
    if cycle == 0:
        return np.ones(len(Service))
    phase = int(calendar.phase_of_cycle[cycle])
    before = books.places[:, cycle - 1]
    expected = (national(people, before["eligible"]) * access_of(tables, phase)).sum(axis=1)
    expected = expected * units_of_start(tables, phase)
    held = national(people, before["capacity"][:, :, Capacity.HELD])
    free = np.maximum(0.0, places - held)
    return np.asarray(np.where(expected > free, free / np.maximum(expected, 1e-300), 1.0))


def run_open(people: People, tables: Tables, calendar: Calendar, places: Floats, jobs: int) -> tuple[People, Books]:
    """Run everybody over the calendar, with places; return people at the end and the books.

    The whole horizon is tried first without limits; if no month would have been rationed, that is the run.
    Otherwise months are outer and the ration of each is set from the month before.
    """
    cycles = calendar.year_of_cycle.size
    years = int(calendar.year_of_cycle[-1]) + 1

    def start() -> tuple[People, Books]:
        return people.fresh(), simulation.new_books(people.slices, cycles, years)

    lived, books = start()
    simulation.advance(lived, 0, cycles, tables, calendar, books, jobs)
    if binds(people, books, places, tables, calendar):
        lived, books = start()
        for cycle in range(cycles):
            books.places["ration"][:, cycle] = ration(people, books, cycle, places[cycle], tables, calendar)
            simulation.advance(lived, cycle, cycle + 1, tables, calendar, books, jobs)
    simulation.close(lived, calendar, books)
    return lived, books


def binds(people: People, books: Books, places: Floats, tables: Tables, calendar: Calendar) -> bool:
    """Tell whether any month of a run without limits would have been rationed."""
    return any((ration(people, books, c, places[c], tables, calendar) < 1.0).any() for c in range(1, places.shape[0]))


def later_rations(rations: Floats, cycles: int) -> Floats:
    """Return monthly rations for a longer run: those of the open run, then the mean of its last year."""
    out = np.ones((cycles, rations.shape[1]))
    known = min(cycles, rations.shape[0])
    out[:known] = rations[:known]
    out[known:] = rations[-12:].mean(axis=0)
    return out


def waiting_services(rations: Sequence[Floats]) -> list[Service]:
    """Return the services whose places bound in at least one month of one of the runs."""
    lowest = np.min([r.min(axis=0) for r in rations], axis=0)
    return [s for s in Service if lowest[s] < 1.0]
