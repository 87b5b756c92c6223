"""Sick-Sicker as a starsim module, results other than its own switched off (`make peers` installs it)."""

import time

import numpy as np
import starsim as ss

from tests.benchmarks.sick_sicker import (
    COST,
    DEAD,
    STRATEGIES,
    UTILITY,
    Result,
    discount_weights,
    transition_matrix,
)


class SickSicker(ss.Module):
    """Counts the states at the start of each cycle, then moves people."""

    def __init__(self, strategy: int, cycles: int) -> None:
        super().__init__()
        self.define_states(ss.IntArr("condition", default=0))
        self.chance = ss.random()
        self.cumulated = np.cumsum(transition_matrix(), axis=1)
        self.reward = np.stack([COST[strategy], UTILITY[strategy]])
        self.weights = discount_weights(cycles)
        self.totals = np.zeros(2)

    def step(self) -> None:
        """Count, then draw the next state of those alive."""
        alive = self.sim.people.auids
        state = np.asarray(self.condition[alive])
        self.totals += self.weights[self.ti] * (self.reward @ np.bincount(state, minlength=4))
        following = (self.chance.rvs(alive)[:, None] > self.cumulated[state, :-1]).sum(axis=1)
        self.condition[alive] = following
        self.sim.people.request_death(alive[following == DEAD])


def run(people: int, cycles: int, seed: int) -> Result:
    """Run both strategies."""
    start = time.perf_counter()
    totals = []
    for strategy in range(len(STRATEGIES)):
        module = SickSicker(strategy, cycles)
        sim = ss.Sim(
            n_agents=people,
            modules=module,
            dur=cycles,
            dt=1,
            rand_seed=seed,
            use_aging=False,
            people_results=False,
            verbose=0,
            copy_inputs=False,
        )
        sim.run()
        totals.append(module.totals / people)
    return {
        "cost": (totals[0][0], totals[1][0]),
        "qaly": (totals[0][1], totals[1][1]),
        "seconds": time.perf_counter() - start,
    }
