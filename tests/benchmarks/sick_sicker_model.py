"""Sick-Sicker in the model's own month loop: `kernel.live` with toy rules in place of a month of depression.

The loop, its chance, its records of persons and its trace are the model's; a month is a year. Only the
paper's counts are kept: the trace, without the ledgers by age, work, region … Healthy, sick and sicker
borrow the codes 0 to 2, dead that of a death from other causes. Everybody is older than the life table, so
that no birthday cuts a sojourn. Worth is worked out from the trace afterwards. One thread.
"""

import time
from functools import cache

import numba
import numpy as np

from model import chance, kernel, simulation
from model.chance import uniform
from model.simulation import People, new_books, new_calendar, new_persons
from model.states import Fixed, Health, Now
from model.tables import TYPES, Tables
from tests.benchmarks.sick_sicker import COST, STRATEGIES, UTILITY, Floats, Result, discount_weights, transition_matrix
from tests.small import other_kernel, rewired

MATRIX = transition_matrix()
N_STATES = len(MATRIX)
CODES = (0, 1, 2, int(Health.DEAD_OTHER))  # of the toy's states
STAY_FIRST = np.cumsum([np.roll(row, -state) for state, row in enumerate(MATRIX)], axis=1)
STAY_FIRST[:, -1] = 1.0
NEXT = np.array([[CODES[(state + step) % N_STATES] for step in range(N_STATES)] for state in range(N_STATES)])


@numba.njit
def is_quiet(p, age, t):
    return True


@numba.njit
def quiet_months(p, cycle, until, age, t):
    """Return how many cycles the person stays."""
    stays = STAY_FIRST[p.now[Now.HEALTH], 0]
    c = cycle
    while c < until and uniform(p.key, c, 0) < stays:
        c += 1
    return c - cycle


@numba.njit
def live_month(p, m, t):
    """Move the person, who does not stay."""
    state = p.now[Now.HEALTH]
    u = uniform(p.key, m.cycle, 0)
    step = 1
    while u >= STAY_FIRST[state, step]:
        step += 1
    p.now[Now.HEALTH] = NEXT[state, step]


@numba.njit
def book_half_months(page, p, cell, halves):
    """Keep no other ledger than the trace."""


@numba.njit
def book_quiet(p, first, last, pages, year_of_cycle):
    """Book nothing."""


@cache
def toy_kernel():
    """Return the month loop with the toy's rules, compiled once a process."""
    rules = (is_quiet, quiet_months, book_quiet, live_month, book_half_months)
    return rewired(kernel.live_slices, {rule.__name__: rule for rule in rules})


def simulate(people: int, cycles: int, seed: int) -> Floats:
    """Return the trace, (cycle + 1, state)."""
    persons = new_persons(people)
    persons["key"] = chance.keys(seed, people)
    persons["fixed"][:, Fixed.BIRTH_MONTH] = -12 * kernel.LAST_AGE
    everybody = People(persons, np.array([0, people]), np.array([0]), np.ones(1))
    tables = Tables(*(np.zeros(1, dtype=kind).view(np.recarray) for kind in TYPES))
    calendar = new_calendar(np.zeros(cycles, np.int32), years=False)
    books = new_books(1, cycles, 1)
    with other_kernel(toy_kernel()):
        simulation.advance(everybody, 0, cycles, tables, calendar, books)
    simulation.close(everybody, calendar, books)
    return simulation.weighted(everybody, books).trace[0].sum(axis=2)[:, CODES]


def run(people: int, cycles: int, seed: int) -> Result:
    """Run both strategies, each simulated in full."""
    toy_kernel()
    start = time.perf_counter()
    costs, qalys = [], []
    for strategy in range(len(STRATEGIES)):
        person_years = discount_weights(cycles) @ simulate(people, cycles, seed) / people
        costs.append(float(person_years @ COST[strategy]))
        qalys.append(float(person_years @ UTILITY[strategy]))
    return {
        "cost": (costs[0], costs[1]),
        "qaly": (qalys[0], qalys[1]),
        "seconds": time.perf_counter() - start,
    }
