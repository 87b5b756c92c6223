"""Policies that part few lives from today's: lived only from where they part, under several lucks.

A policy of specialised care reaches one person in a hundred. Living everybody again says what it changes with the
luck of those few alone. Here today's ledgers are kept, and what the policy changes is added: the difference between
the two arms of every parting, under `TRIES` lucks, chosen where the two answers differ (`forks`). The expectation is
the same, the Monte Carlo error less than half as large.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from model import forks
from model.forks import Road
from model.ledgers import Ledgers
from model.luck import Stakes
from model.simulation import UNITS, People, add_difference, flat
from model.states import Health
from model.transitions import SEXES, life_table

Floats = NDArray[np.float64]

TRIES = 32  # lucks under which each month is tested: more cost more time than the people they stand for
FEWER_TRIES = 8  # where a policy is lived at many sizes of its effect
SLICES = 5  # lived at once: few enough to hold in memory, whatever the threads
ALIKE = 6  # policies lived at once


def parts_few(baseline: Road, policy: Road) -> bool:
    """Tell whether a policy changes nothing but what few people ever meet."""
    return not (forks.of_records(baseline, policy) & ~forks.RARE).any()


def changed(
    people: People, today: Ledgers, baseline: Road, roads: Sequence[Road], tries: Sequence[int], jobs: int = 1
) -> list[Ledgers]:
    """Return the ledgers of policies: today's, and what lives that part come to beyond (or short of) them.

    today : ledgers of the baseline, lived by these people on the road `baseline`; tries : lucks, of each policy
    Cells that few people are in may come to less than none: only sums over many are of use.
    """
    found = []
    for first in range(0, len(roads), ALIKE):
        some = slice(first, first + ALIKE)
        found += _changed(people, today, baseline, roads[some], tries[some], jobs)
    return found


def _changed(
    people: People, today: Ledgers, baseline: Road, roads: Sequence[Road], tries: Sequence[int], jobs: int
) -> list[Ledgers]:
    no_stakes = Stakes(np.zeros((len(SEXES), len(life_table()[0]))), np.zeros(len(Health)))  # luck is not looked at
    policies = forks.stacked(baseline, roads, tries, SLICES, choosing=True)

    def branches(first: int) -> tuple[People, forks.Arms]:
        some = people.of_slices((np.arange(people.slices) >= first) & (np.arange(people.slices) < first + SLICES))
        *_, arms = forks.live_beside(some, baseline, policies, no_stakes, with_places=True)
        return some, arms

    out = [{field.name: getattr(today, field.name).copy() for field in fields(Ledgers)} for _ in roads]
    for tables in out:
        tables["trace"][:] = 0.0
    with ThreadPoolExecutor(jobs) as pool:  # added up while the next are lived
        for some, arms in pool.map(branches, range(0, people.slices, SLICES)):  # in order: same bytes on any threads
            for k, tables in enumerate(out):
                add(tables, some, arms, k, tries[k])
    for tables in out:
        tables["trace"] = today.trace + np.cumsum(tables["trace"], axis=1)
    return [replace(today, **tables) for tables in out]


def add(tables: dict[str, Floats], people: People, arms: forks.Arms, k: int, lucks: int) -> None:
    """Add policy k's arms less today's to tables of `Ledgers`, each luck for its share."""
    counts = {name: (arms.policy[k][name], arms.today[k][name]) for name in UNITS}
    there, here = arms.places[2 * k + 2], arms.places[2 * k + 1]
    counts["trace"] = there["census"][:, :-1], here["census"][:, :-1]  # changes of it: summed over time at the end
    counts["capacity"] = there["capacity"][:, :-2], here["capacity"][:, :-2]
    for name, (policy, now) in counts.items():
        weight = people.weight * UNITS.get(name, 1.0) / lucks
        add_difference(flat(policy), flat(now), weight, people.batch, flat(tables[name]))
