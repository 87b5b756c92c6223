"""Decision analysis on arrays: discounting, frontier, ICER, net benefit, CEAC, EVPI, budget impact.

Pure functions of arrays, which may come from another program. Axis order (draw, scenario); effects in
QALYs, costs in euros of one year. A saving or a loss is told in words, never as a negative ICER.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Z95 = 1.959963984540054  # 97.5 % point of the standard normal distribution


# ---------------------------------------------------------------- discounting


def annuity(years: ArrayLike, first_rate: float, later_rate: float, first_years: float) -> Floats:
    """Return the present value of one a year received evenly over the `years` to come, in years.

    years : any shape, not negative
    first_rate, later_rate : a year; the factor at t is (1 + first_rate)^-t up to `first_years`, and
        decreases at `later_rate` after

    The area under the discount factor from 0 to `years`.
    """
    t = np.asarray(years, dtype=np.float64)
    at_switch = (1.0 + first_rate) ** -first_years
    early = _area(np.minimum(t, first_years), first_rate)
    late = _area(np.maximum(t - first_years, 0.0), later_rate)
    return np.asarray(early + at_switch * late)


def _area(years: Floats, rate: float) -> Floats:
    force = np.log1p(rate)
    return years if force == 0.0 else np.asarray(-np.expm1(-force * years) / force)


def discount_factors(years: int, first_rate: float, later_rate: float, first_years: float) -> Floats:
    """Return what one unit received evenly over year 0, 1, … is worth at the start, shape (years,)."""
    edges = annuity(np.arange(years + 1), first_rate, later_rate, first_years)
    return np.diff(edges)


# ---------------------------------------------------------------- one comparison


class Quadrant(IntEnum):
    """Where a comparison falls; decided before anything is divided."""

    MORE_EFFECT_MORE_COST = 0  # the only quadrant with an ICER to weigh against a threshold
    DOMINANT = 1  # more effect or as much, less cost or as much: at least one strictly
    DOMINATED = 2  # less effect or as much, more cost or as much: at least one strictly
    LESS_EFFECT_LESS_COST = 3  # a saving at the price of health: the ratio is a saving per QALY lost
    SAME = 4


def quadrant(cost: float, effect: float) -> Quadrant:
    """Return the quadrant of an incremental cost and an incremental effect."""
    if cost == 0.0 and effect == 0.0:
        return Quadrant.SAME
    if effect >= 0.0 and cost <= 0.0:
        return Quadrant.DOMINANT
    if effect <= 0.0 and cost >= 0.0:
        return Quadrant.DOMINATED
    return Quadrant.MORE_EFFECT_MORE_COST if effect > 0.0 else Quadrant.LESS_EFFECT_LESS_COST


def icer(cost: float, effect: float) -> tuple[Quadrant, float | None]:
    """Return the quadrant, and the ratio in euros per QALY where it means something (never negative).

    In MORE_EFFECT_MORE_COST: euros paid per QALY gained; in LESS_EFFECT_LESS_COST: euros saved per QALY
    lost; elsewhere None.
    """
    where = quadrant(cost, effect)
    has_ratio = where in (Quadrant.MORE_EFFECT_MORE_COST, Quadrant.LESS_EFFECT_LESS_COST)
    return where, cost / effect if has_ratio else None


def fieller(cost: Floats, effect: Floats, z: float = Z95) -> tuple[float, float] | None:
    """Return the interval of mean(cost) / mean(effect) over paired batches, or None if it is unbounded.

    cost, effect : (batch,)      incremental, paired

    Source: Fieller 1954, J R Stat Soc B 16:175. None when the effect is not told from zero at this level.
    """
    n = len(cost)
    covariance = np.cov(cost, effect, ddof=1) / n
    c, e = float(np.mean(cost)), float(np.mean(effect))
    a = e**2 - z**2 * covariance[1, 1]
    b = c * e - z**2 * covariance[0, 1]
    inside = b**2 - a * (c**2 - z**2 * covariance[0, 0])
    if a <= 0.0 or inside < 0.0:
        return None
    half = float(np.sqrt(inside))
    return (b - half) / a, (b + half) / a


def ratio_error(numerator: Floats, denominator: Floats) -> tuple[float, float]:
    """Return mean(numerator) / mean(denominator) over paired batches and its standard error (delta method).

    numerator, denominator : (batch,)
    """
    n = len(numerator)
    covariance = np.cov(numerator, denominator, ddof=1) / n
    with np.errstate(divide="ignore", invalid="ignore"):  # no effect at all: the ratio is not a number
        ratio = float(np.mean(numerator) / np.mean(denominator))
    variance = covariance[0, 0] - 2.0 * ratio * covariance[0, 1] + ratio**2 * covariance[1, 1]
    return ratio, float(np.sqrt(max(variance, 0.0)) / abs(np.mean(denominator)))


# ---------------------------------------------------------------- several scenarios that exclude each other


class Status(IntEnum):
    """Status on the efficiency frontier; the names are those of dampack."""

    ND = 0  # not dominated: on the frontier
    D = 1  # dominated by one scenario: no less effect at no more cost
    ED = 2  # extendedly dominated: beaten by a mixture of two others


@dataclass(frozen=True)
class Frontier:
    """Efficiency frontier; each array has one entry a scenario, in the order given.

    status : `Status`
    inc_cost, inc_effect : against the scenario before it on the frontier; nan off the frontier and for
        the first on it
    icer : euros per QALY, nan where there is none
    order : indices of the scenarios on the frontier, cheapest first
    """

    status: Ints
    inc_cost: Floats
    inc_effect: Floats
    icer: Floats
    order: Ints


def statuses(costs: Floats, effects: Floats) -> Ints:
    """Return the status of scenarios that exclude each other, shape (…, scenario).

    costs, effects : (…, scenario)

    First, strong dominance: a scenario that another equals or beats on both counts (of two equal
    ones, the first stays). Then extended dominance, by a mixture of two others left.
    """
    cost, effect = costs[..., :, None], effects[..., :, None]
    other_cost, other_effect = costs[..., None, :], effects[..., None, :]
    no_worse = (other_cost <= cost) & (other_effect >= effect)
    better = (other_cost < cost) | (other_effect > effect)
    earlier = np.tri(costs.shape[-1], k=-1, dtype=bool)
    beaten = np.any(no_worse & (better | earlier), axis=-1)
    # [i, j, k]: is i, dearer than j and cheaper than k, on or below the line from j to k?
    cost_step, effect_step = other_cost - cost, other_effect - effect  # [a, b]: from a to b
    kept = ~beaten[..., None, :]
    between = ((cost_step < 0.0) & kept)[..., None] & ((cost_step > 0.0) & kept)[..., None, :]
    below = cost_step[..., None] * effect_step[..., None, :, :] <= effect_step[..., None] * cost_step[..., None, :, :]
    mixed = np.any(between & below, axis=(-2, -1))
    return np.where(beaten, int(Status.D), np.where(mixed, int(Status.ED), int(Status.ND)))


def frontier(costs: Floats, effects: Floats) -> Frontier:
    """Return the efficiency frontier of scenarios that exclude each other: ICERs rise along it.

    costs, effects : (scenario,)      means
    """
    status = statuses(costs, effects)
    order = np.array(sorted(np.flatnonzero(status == Status.ND), key=lambda i: (costs[i], effects[i])), dtype=np.int64)
    inc_cost, inc_effect, ratio = (np.full(len(costs), np.nan) for _ in range(3))
    for before, after in pairwise(order):
        inc_cost[after], inc_effect[after] = costs[after] - costs[before], effects[after] - effects[before]
        ratio[after] = inc_cost[after] / inc_effect[after]
    return Frontier(status, inc_cost, inc_effect, ratio, order)


UNDECIDED = "undecided"
TOLD = 0.975  # share of resamplings that tells a status from chance: one side of a 95 % interval


def frontier_chances(costs: Floats, effects: Floats, seed: int, times: int = 2_000) -> Floats:
    """Return how often each scenario has each status when batches are drawn again, shape (scenario, status).

    costs, effects : (scenario, batch)    paired by batch
    seed : of the generator (Philox); times : resamplings

    Source: Efron 1979, Ann Stat 7:1 (bootstrap of whole batches, the same for every scenario).
    """
    batches = costs.shape[1]
    chance = np.random.Generator(np.random.Philox(seed))
    drawn = chance.multinomial(batches, np.full(batches, 1.0 / batches), size=times) / batches
    found = statuses(drawn @ costs.T, drawn @ effects.T)
    return np.stack([(found == status).mean(axis=0) for status in Status], axis=1)


def told_status(chances: Floats) -> str:
    """Return the status that chance does not explain: ND, D, ED, "D/ED" (beaten, either way), or `UNDECIDED`.

    chances : (status,)    see `frontier_chances`
    """
    for status in Status:
        if chances[status] >= TOLD:
            return status.name
    return "D/ED" if chances[Status.D] + chances[Status.ED] >= TOLD else UNDECIDED


# ---------------------------------------------------------------- under uncertainty


def net_benefit(costs: Floats, effects: Floats, willingness_to_pay: ArrayLike) -> Floats:
    """Return the net monetary benefit, euros, shape (threshold, …) or that of `costs` for one threshold.

    costs, effects : (…)              euros, QALYs
    willingness_to_pay : () or (threshold,)   euros per QALY
    """
    thresholds = np.asarray(willingness_to_pay, dtype=np.float64)
    return thresholds.reshape(thresholds.shape + (1,) * np.ndim(effects)) * effects - costs


@dataclass(frozen=True)
class Acceptability:
    """Cost-effectiveness acceptability curves and their frontier.

    ceac : (threshold, scenario)    probability of being the most cost-effective
    best : (threshold,)             scenario with the highest mean net benefit
    ceaf : (threshold,)             probability that `best` is the most cost-effective
    """

    ceac: Floats
    best: Ints
    ceaf: Floats


def acceptability(costs: Floats, effects: Floats, thresholds: ArrayLike) -> Acceptability:
    """Return CEAC and CEAF; draws where scenarios tie are shared between them.

    costs, effects : (draw, scenario)
    thresholds : (threshold,)    euros per QALY
    """
    benefit = _by_scenario(costs, effects, thresholds)
    first = benefit == benefit.max(axis=-2, keepdims=True)
    ceac = (first / first.sum(axis=-2, keepdims=True)).mean(axis=-1)
    best = benefit.mean(axis=-1).argmax(axis=-1)
    return Acceptability(ceac, best, np.take_along_axis(ceac, best[:, None], axis=1)[:, 0])


def evpi(costs: Floats, effects: Floats, willingness_to_pay: ArrayLike) -> Floats:
    """Return the expected value of perfect information, euros in the unit of `costs`; not negative.

    costs, effects : (draw, scenario)
    willingness_to_pay : () or (threshold,)    euros per QALY
    """
    benefit = _by_scenario(costs, effects, willingness_to_pay)
    best = benefit.mean(axis=-1, keepdims=True).argmax(axis=-2, keepdims=True)
    lost = benefit.max(axis=-2) - np.take_along_axis(benefit, best, axis=-2)[..., 0, :]  # exactly 0 where it is best
    return np.asarray(lost.mean(axis=-1))


def _by_scenario(costs: Floats, effects: Floats, willingness_to_pay: ArrayLike) -> Floats:
    """Return the net benefit, (…, scenario, draw): draws side by side in memory, which are many."""
    return net_benefit(np.ascontiguousarray(costs.T), np.ascontiguousarray(effects.T), willingness_to_pay)


# ---------------------------------------------------------------- where the answer turns


def break_even(values: Sequence[float], net_benefits: Sequence[float]) -> list[float]:
    """Return each value at which the net benefit crosses zero, by linear interpolation on a grid.

    values : (point,)           an effect size or a price, rising
    net_benefits : (point,)     euros

    Empty when the answer does not turn within the grid.
    """
    x, y = np.asarray(values, dtype=np.float64), np.asarray(net_benefits, dtype=np.float64)
    if len(x) != len(y) or np.any(np.diff(x) <= 0.0):
        raise ValueError("break_even needs as many net benefits as values, and values that rise")
    roots = [float(value) for value in x[y == 0.0]]
    for i in np.flatnonzero(y[:-1] * y[1:] < 0.0):
        roots.append(float(x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i])))
    return sorted(roots)


@dataclass(frozen=True)
class BudgetImpact:
    """Budget impact, undiscounted euros; arrays (year, …) and their total over years.

    baseline, scenario, difference, error : (year, …)   means over batches; `error` is the Monte Carlo
        standard error of the difference
    total, total_error : (…)    difference over all years
    """

    baseline: Floats
    scenario: Floats
    difference: Floats
    error: Floats
    total: Floats
    total_error: Floats


def budget_impact(baseline: Floats, scenario: Floats) -> BudgetImpact:
    """Return the yearly budget impact of a scenario against the baseline, paired by batch.

    baseline, scenario : (batch, year, …)    undiscounted euros
    """
    change, root = scenario - baseline, np.sqrt(len(baseline))
    total = change.sum(axis=1)
    return BudgetImpact(
        baseline.mean(axis=0),
        scenario.mean(axis=0),
        change.mean(axis=0),
        change.std(axis=0, ddof=1) / root,
        total.mean(axis=0),
        total.std(axis=0, ddof=1) / root,
    )
