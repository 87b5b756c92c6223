"""The Sick-Sicker model, which every engine of the bench runs, and its exact answer.

States healthy, sick, sicker, dead; yearly cycles 0 to `cycles`, all counted, rewards at the state in
which the cycle starts, weight 1.03^-t; everybody starts healthy. Two strategies: nothing is treated, or
sick and sicker are; treatment changes utility and cost, no transition.

Source: Krijkamp et al. 2018 (Med Decis Making 38:400).
"""

from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HEALTHY, SICK, SICKER, DEAD = range(4)
CYCLES = 30
DISCOUNT = 0.03
STRATEGIES = ("no treatment", "treatment")

P_DEATH = 0.005
P_SICK, P_HEALED, P_SICKER = 0.15, 0.5, 0.105
RATE_RATIO_SICK, RATE_RATIO_SICKER = 3, 10

COST = np.array([[2_000.0, 4_000.0, 15_000.0, 0.0], [2_000.0, 16_000.0, 27_000.0, 0.0]])  # (strategy, state)
UTILITY = np.array([[1.0, 0.75, 0.5, 0.0], [1.0, 0.95, 0.5, 0.0]])  # (strategy, state)


class Result(TypedDict):
    """What an engine answers: means per person by strategy, and the seconds that both strategies took."""

    cost: tuple[float, float]
    qaly: tuple[float, float]
    seconds: float


class Exact(NamedTuple):
    """Mean and standard deviation over people, shape (strategy,)."""

    cost: Floats
    cost_sd: Floats
    qaly: Floats
    qaly_sd: Floats


def transition_matrix() -> Floats:
    """Return yearly transition probabilities, (from, to)."""
    rate = -np.log(1 - P_DEATH)
    death_sick, death_sicker = 1 - np.exp(-rate * RATE_RATIO_SICK), 1 - np.exp(-rate * RATE_RATIO_SICKER)
    return np.array(
        [
            [1 - P_SICK - P_DEATH, P_SICK, 0, P_DEATH],
            [P_HEALED, 1 - P_HEALED - P_SICKER - death_sick, P_SICKER, death_sick],
            [0, 0, 1 - death_sicker, death_sicker],
            [0, 0, 0, 1],
        ]
    )


def discount_weights(cycles: int) -> Floats:
    """Return the weight of cycles 0 to `cycles`, (cycles + 1,)."""
    return (1 + DISCOUNT) ** -np.arange(cycles + 1.0)


def moments(reward: Floats, cycles: int) -> tuple[float, float]:
    """Return mean and standard deviation over people of the discounted sum of `reward`, (state,).

    Backwards: the sum from t on is the reward at t plus the sum from t + 1 on, for the mean and the square.
    """
    matrix = transition_matrix()
    mean, square = np.zeros(4), np.zeros(4)
    for weight in discount_weights(cycles)[::-1]:
        now, later = weight * reward, matrix @ mean
        square = now**2 + 2 * now * later + matrix @ square
        mean = now + later
    return float(mean[HEALTHY]), float(np.sqrt(square[HEALTHY] - mean[HEALTHY] ** 2))


def exact(cycles: int = CYCLES) -> Exact:
    """Return the answer without simulation."""
    costs = np.array([moments(reward, cycles) for reward in COST])
    qalys = np.array([moments(reward, cycles) for reward in UTILITY])
    return Exact(costs[:, 0], costs[:, 1], qalys[:, 0], qalys[:, 1])


def errors(result: Result, people: int, cycles: int = CYCLES) -> Floats:
    """Return (answer − exact) ÷ standard error: cost then qaly, by strategy, (4,). Right means within ± 5."""
    truth = exact(cycles)
    difference = np.concatenate([np.subtract(result["cost"], truth.cost), np.subtract(result["qaly"], truth.qaly)])
    return np.asarray(difference * np.sqrt(people) / np.concatenate([truth.cost_sd, truth.qaly_sd]))
