"""Sick-Sicker in heormodel's individual-level engine, discrete clock (`make peers` installs it)."""

import time
from typing import Any

import numpy as np
import pandas as pd
from heormodel import run_psa
from heormodel.models import MicrosimModel

from tests.benchmarks.sick_sicker import COST, DISCOUNT, STRATEGIES, UTILITY, Result, transition_matrix

MATRIX = transition_matrix()


def _probabilities(params: Any, strategy: str, state: np.ndarray, attributes: Any, chance: Any) -> np.ndarray:
    return MATRIX[state]


def _rewards(params: Any, strategy: str, state: np.ndarray, attributes: Any) -> tuple[np.ndarray, np.ndarray]:
    arm = STRATEGIES.index(strategy)
    return COST[arm][state], UTILITY[arm][state]


def run(people: int, cycles: int, seed: int) -> Result:
    """Run both strategies."""
    start = time.perf_counter()
    model = MicrosimModel.discrete(
        states=("healthy", "sick", "sicker", "dead"),
        transition_probabilities=_probabilities,
        state_rewards=_rewards,
        interventions=STRATEGIES,
        n_cycles=cycles,
        population=people,
        discount_rate=DISCOUNT,
        cycle_correction="none",
    )
    one_draw = pd.DataFrame({"unused": [0.0]}, index=pd.RangeIndex(1, name="iteration"))
    table = run_psa(model, one_draw, seed=seed, sequential=True).outcomes.data
    means = table.groupby(level="intervention").mean().loc[list(STRATEGIES)]
    return {
        "cost": tuple(means["cost"]),
        "qaly": tuple(means["qaly"]),
        "seconds": time.perf_counter() - start,
    }
