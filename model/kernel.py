"""The hot loop: people outer, months inner. Arrays in, counts out; no money, no files, no labels.

`live` advances a slice of people over a block of months: a month where places bind, the whole horizon
where they do not. What a month is made of is in `month`. A quiet month (out of care, untreated, nothing
pending: `quiet`) costs a few uniforms and as many comparisons.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.books import Books, Calendar, book_sojourn, row_of
from model.compiled import jit
from model.month import Month, age_band, live_month, new_year, pass_time, trd_class
from model.quiet import book_quiet, is_quiet, quiet_months
from model.states import Diary, Fixed, Health, Now
from model.tables import Person, Tables

LAST_AGE = 110  # of the life table, years
NO_MONTH = 1 << 30  # later than any run


@jit(inline="always")
def records(t: Tables, phase: int) -> Tables:
    """Return the records of one phase of the calendar."""
    return Tables(
        t.course[phase],
        t.treatment[phase],
        t.care[phase],
        t.suicide[phase],
        t.work[phase],
        t.ald[phase],
        t.use[phase],
        t.mortality[phase],
        t.programme[phase],
    )


@jit
def cell_of(p: Person, band: int) -> tuple[int, int, int, int]:
    """Return the ledger cell of a person at a point in time: health, resistance, age band, work."""
    return p.now[Now.HEALTH], trd_class(p), band, p.now[Now.WORK]


@jit
def age_at(p: Person, cycle: int) -> tuple[int, int]:
    """Return the completed age at a point in time, at most the life table's last, and the next birthday's month."""
    birth = p.fixed[Fixed.BIRTH_MONTH]
    age = min(LAST_AGE, (cycle - birth) // 12)
    return age, birth + 12 * (age + 1) if age < LAST_AGE else NO_MONTH


@jit
def keep_diary(p: Person, cell: tuple[int, int, int, int], first: int, last: int, diary: NDArray[np.int16]) -> None:
    """Write how things stand at the end of months `first` to `last` - 1; the dead have nothing but their state."""
    died = first
    for c in range(first, last):
        row = diary[c]
        row[Diary.HEALTH], row[Diary.TRD], row[Diary.WORK] = cell[0], cell[1], cell[3]
        row[Diary.FAILED] = p.now[Now.FAILED]
        if cell[0] >= Health.DEAD_SUICIDE:
            row[Diary.ATTEMPTED] = 1 if cell[0] == Health.DEAD_SUICIDE and c == died else 0
            continue
        row[Diary.TREATMENT], row[Diary.CARE] = p.now[Now.TREATMENT], p.now[Now.CARE]
        row[Diary.HOSPITAL_DAYS] = p.now[Now.DAYS_THIS_MONTH]
        row[Diary.ATTEMPTED] = 1 if p.now[Now.MONTHS_SINCE_ATTEMPT] == 0 else 0
        row[Diary.SESAME] = p.now[Now.SESAME_MONTHS]
        row[Diary.STABLE_MONTHS] = p.now[Now.STABLE_MONTHS]


@jit(forceinline=False)  # one machine code for all that advance people
def live(
    persons: Any,
    start: int,
    stop: int,
    s: int,
    first: int,
    last: int,
    tables: Tables,
    calendar: Calendar,
    b: Books,
) -> None:
    """Advance persons `start` to `stop` - 1, of slice `s`, over months `first` to `last` - 1.

    persons : (person,) of PERSON, changed in place. Month 0 opens the run. The books of a person still
    alive after the last block are closed by `close`. Quiet months are lived at once, beyond the block if need
    be (nothing that the block counts depends on them): `Now.QUIET_UNTIL` then skips the person. Arrays are
    taken out of their tuples before the loop: inside it, each reading would count a reference, on a counter
    that all threads share.
    """
    pages, places, diary, demand, rations = b.pages[s], b.places[s], b.diary, b.demand[s], b.rations
    phase_of_cycle, year_of_cycle, phase_until = calendar
    horizon = phase_of_cycle.size
    diaries = diary.shape[0] > 0
    phase = phase_of_cycle[first]
    t = records(tables, phase)
    for i in range(start, stop):
        p = persons[i]
        if p.now[Now.QUIET_UNTIL] >= last or p.now[Now.HEALTH] >= Health.DEAD_SUICIDE:
            continue
        entry = max(0, p.fixed[Fixed.ENTRY])
        c = max(first, entry, p.now[Now.QUIET_UNTIL])
        if c >= last:
            continue
        if c == entry:
            p.now[Now.SINCE] = c
        age, birthday = age_at(p, c)
        cell = cell_of(p, age_band(age))
        while c < last:
            if phase_of_cycle[c] != phase:
                phase = phase_of_cycle[c]
                t = records(tables, phase)
            before = c
            if is_quiet(p, age, t):
                c += quiet_months(p, c, min(phase_until[c], horizon, birthday), age, t)
            if c > before:
                book_quiet(p, before, c, pages, year_of_cycle)
                pass_time(p, c - before)
                p.now[Now.QUIET_UNTIL] = c
                if c // 12 > (before - 1) // 12:
                    new_year(p)
            else:
                year = year_of_cycle[c]
                live_month(p, Month(c, age, year, pages[year], row_of(places, c), demand, row_of(rations, c)), t)
                c += 1
            if c == birthday:
                age, birthday = age_at(p, c)
            held = cell_of(p, age_band(age))
            if diaries:
                keep_diary(p, held, before, c, diary[i])
            if held != cell:
                since = p.now[Now.SINCE]
                book_sojourn(pages, places, p, cell, since, c, since == entry, year_of_cycle)
                p.now[Now.SINCE] = c
                cell = held
                if held[0] >= Health.DEAD_SUICIDE:
                    row_of(places, c).census[held[0], held[1]] += 1
                    if diaries:
                        keep_diary(p, held, c - 1, diary.shape[1], diary[i])
                    break


@jit
def live_slices(
    persons: Any,
    starts: NDArray[np.int64],
    first_slice: int,
    last_slice: int,
    first: int,
    last: int,
    tables: Tables,
    calendar: Calendar,
    b: Books,
) -> None:
    """Advance slices `first_slice` to `last_slice` - 1 over months `first` to `last` - 1; see `live`."""
    for s in range(first_slice, last_slice):
        live(persons, starts[s], starts[s + 1], s, first, last, tables, calendar, b)


@jit
def close(persons: Any, start: int, stop: int, s: int, calendar: Calendar, b: Books) -> None:
    """Book the cells still open at the end of the run, the last point included."""
    pages, places, year_of_cycle = b.pages[s], b.places[s], calendar.year_of_cycle
    cycles = year_of_cycle.size
    for i in range(start, stop):
        p = persons[i]
        entry = max(0, p.fixed[Fixed.ENTRY])
        if p.now[Now.HEALTH] >= Health.DEAD_SUICIDE or entry >= cycles:
            continue
        since = p.now[Now.SINCE]
        cell = cell_of(p, age_band(age_at(p, cycles)[0]))
        book_sojourn(pages, places, p, cell, since, cycles + 1, since == entry, year_of_cycle)
