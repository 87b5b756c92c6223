"""Sick-Sicker in NumPy: vectorised as the published tutorials do it, and as tight as NumPy gets.

The first follows the vectorised R of Krijkamp et al. 2018 step by step: each cycle, a row of
probabilities per person, a draw by cumulated sums, costs and utilities of all, kept for all cycles. The
second keeps the states only, draws against two thresholds a state, and drops the dead.
"""

import time

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.sick_sicker import (
    COST,
    DEAD,
    HEALTHY,
    SICK,
    SICKER,
    STRATEGIES,
    UTILITY,
    Floats,
    Result,
    discount_weights,
    transition_matrix,
)


def run(people: int, cycles: int, seed: int) -> Result:
    """Run both strategies in the published style."""
    start = time.perf_counter()
    arms = [_arm(strategy, people, cycles, seed) for strategy in range(len(STRATEGIES))]
    return _result(arms, time.perf_counter() - start)


def run_tight(people: int, cycles: int, seed: int) -> Result:
    """Run both strategies in the fewest array operations."""
    start = time.perf_counter()
    arms = [_tight_arm(strategy, people, cycles, seed) for strategy in range(len(STRATEGIES))]
    return _result(arms, time.perf_counter() - start)


def _result(arms: list[tuple[float, float]], seconds: float) -> Result:
    (cost, qaly), (cost_treated, qaly_treated) = arms
    return {"cost": (cost, cost_treated), "qaly": (qaly, qaly_treated), "seconds": seconds}


def _arm(strategy: int, people: int, cycles: int, seed: int) -> tuple[float, float]:
    chance = np.random.default_rng(seed)
    matrix, weights = transition_matrix(), discount_weights(cycles)
    shape = (people, cycles + 1)
    states = np.full(shape, HEALTHY, order="F")  # a cycle lies in one piece, as in R
    costs, qalys = np.empty(shape, order="F"), np.empty(shape, order="F")
    for cycle in range(cycles + 1):
        now = states[:, cycle]
        costs[:, cycle] = _by_state(now, COST[strategy])
        qalys[:, cycle] = _by_state(now, UTILITY[strategy])
        if cycle < cycles:
            states[:, cycle + 1] = _draw(_probabilities(now, matrix), chance)
    return float(np.mean(costs @ weights)), float(np.mean(qalys @ weights))


def _by_state(states: NDArray[np.integer], reward: Floats) -> Floats:
    values = np.zeros(states.size)
    for state in (HEALTHY, SICK, SICKER):
        values[states == state] = reward[state]
    return values


def _probabilities(states: NDArray[np.integer], matrix: Floats) -> Floats:
    probabilities = np.empty((states.size, len(matrix)))
    for state, row in enumerate(matrix):
        probabilities[states == state] = row
    return probabilities


def _draw(probabilities: Floats, chance: np.random.Generator) -> NDArray[np.integer]:
    cumulated = np.cumsum(probabilities, axis=1)
    return (chance.random((len(cumulated), 1)) > cumulated[:, :-1]).sum(axis=1)


def _tight_arm(strategy: int, people: int, cycles: int, seed: int) -> tuple[float, float]:
    chance = np.random.default_rng(seed)
    cumulated = np.cumsum(transition_matrix(), axis=1)
    cost = qaly = 0.0
    states = np.full(people, HEALTHY, dtype=np.int8)
    for cycle, weight in enumerate(discount_weights(cycles)):
        counts = np.bincount(states, minlength=4)
        cost += weight * float(counts @ COST[strategy])
        qaly += weight * float(counts @ UTILITY[strategy])
        if cycle < cycles:
            u = chance.random(states.size)
            following = np.zeros(states.size, dtype=np.int8)
            for threshold in (HEALTHY, SICK, SICKER):
                following += u > cumulated[states, threshold]
            states = following[following != DEAD]
    return cost / people, qaly / people
