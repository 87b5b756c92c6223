"""Sick-Sicker as our kernel would: people outer, cycles inner, addressed chance, one booking a sojourn.

The month loop of the model with toy rules: the same chance and compiler, first differences of the counts by
cycle and state, worth worked out from the counts afterwards. One thread.
"""

import time

import numpy as np
from numpy.typing import NDArray

from model.chance import person_key, uniform
from model.compiled import jit
from tests.benchmarks.sick_sicker import (
    COST,
    DEAD,
    HEALTHY,
    STRATEGIES,
    UTILITY,
    Floats,
    Result,
    discount_weights,
    transition_matrix,
)

N_STATES = DEAD + 1


@jit
def live(seed: int, people: int, cumulated: Floats, changes: NDArray[np.int64]) -> None:
    """Add to `changes`, (cycle, state), the entries into less the exits from each state.

    cumulated : (state, step)    probabilities summed from `stay` on, then the states that follow in turn
    """
    cycles = len(changes) - 1
    for person in range(people):
        key = person_key(np.uint64(seed), np.uint64(person))
        state = HEALTHY
        changes[0, state] += 1
        for cycle in range(cycles):
            u = uniform(key, cycle, 0)
            if u < cumulated[state, 0]:
                continue
            step = 1
            while u >= cumulated[state, step]:
                step += 1
            changes[cycle + 1, state] -= 1
            state = (state + step) % N_STATES
            changes[cycle + 1, state] += 1
            if state == DEAD:
                break


def run(people: int, cycles: int, seed: int) -> Result:
    """Run both strategies, each simulated in full."""
    start = time.perf_counter()
    matrix, weights = transition_matrix(), discount_weights(cycles)
    cumulated = np.cumsum([np.roll(row, -state) for state, row in enumerate(matrix)], axis=1)
    cumulated[:, -1] = 1.0
    costs, qalys = [], []
    for strategy in range(len(STRATEGIES)):
        changes = np.zeros((cycles + 1, N_STATES), dtype=np.int64)
        live(seed, people, cumulated, changes)
        person_years = weights @ np.cumsum(changes, axis=0) / people
        costs.append(float(person_years @ COST[strategy]))
        qalys.append(float(person_years @ UTILITY[strategy]))
    return {
        "cost": (costs[0], costs[1]),
        "qaly": (qalys[0], qalys[1]),
        "seconds": time.perf_counter() - start,
    }
