"""Draws freed of most of the chance of simulated people, by regression on their parameters.

What a draw's people come to is what its parameters say plus chance, which knows nothing of the parameters. A
regression over all draws therefore keeps the first and averages the second out (an emulator of an individual-level
model: Stevenson, Oakley, Chilcott 2004, Med Decis Making 24:89). What it misses of the parameters is measured by the
same nested analysis of variance as the chance, and given back to the spread, never to single draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]

LEAST_DRAWS = 200  # fewer are left as simulated
MAIN = 8  # parameters whose curves and products are fitted
FOLDS = 5
TIMES = 3  # that chance is added again
FREEDOM = 60.0  # columns' worth of chance that a fit keeps, their choice among hundreds included
TOLD = 3.0  # standard errors by which a column must differ from nothing to be fitted


@dataclass(frozen=True)
class Smoothed:
    """Outcomes of draws as a regression on their parameters tells them.

    values : (draw, outcome), same means as simulated
    chance : (outcome,)    variance that chance still has in `values`: how far they move when as much chance again
        is added to the draws, the choice of what is fitted included
    explained : (outcome,) share of the parameters' own variance that the regression tells, 0 to 1
    held_out : (outcome,)  the same, told of draws that the regression had not seen (cross-validation)
    """

    values: Floats
    chance: Floats
    explained: Floats
    held_out: Floats

    @property
    def share(self) -> Floats:
        """Share of chance in the variance of `values`, (outcome,)."""
        return _ratio(self.chance, self.values.var(axis=0, ddof=1))


def kept_by_smoothing(draws: int) -> float:
    """Return the share of the variance of chance expected to be left in draws once smoothed: 1 if they are too few."""
    return min(1.0, FREEDOM / draws) if draws >= LEAST_DRAWS else 1.0


def smoothed(values: Floats, parameters: Floats, noise: Floats) -> Smoothed | None:
    """Return the outcomes of draws smoothed over their parameters; None with too few draws or no parameter.

    values : (draw, outcome), as simulated; parameters : (draw, parameter)
    noise : (outcome,) variance of chance in one draw's outcome, the mean over draws
    """
    if len(values) < LEAST_DRAWS:
        return None
    columns = _normal_scores(parameters)
    if columns.shape[1] == 0:
        return None
    seen = values.var(axis=0, ddof=1)
    own = np.maximum(seen - noise, 0.0)
    out = np.column_stack([_fit(columns, one) for one in values.T])
    rng = np.random.Generator(np.random.Philox(len(values)))
    moved = []
    for _ in range(TIMES):
        other = values + np.sqrt(noise) * rng.standard_normal(values.shape)
        moved.append(np.column_stack([_fit(columns, one) for one in other.T]) - out)
    chance = np.mean([one.var(axis=0) for one in moved], axis=0)
    held_out = np.array([_held_out(columns, one) for one in values.T]) * seen
    return Smoothed(out, chance, _ratio(out.var(axis=0, ddof=1) - chance, own), _ratio(held_out, own))


def _ratio(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.clip(np.divide(a, b, out=np.zeros_like(b), where=b > 0.0), 0.0, 1.0))


def _normal_scores(parameters: Floats) -> Floats:
    """Return every moving column by normal scores of its ranks, those that repeat another left out."""
    moving = parameters[:, np.ptp(parameters, axis=0) > 0.0]
    ranks = moving.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    _, first = np.unique(ranks, axis=1, return_index=True)
    return np.asarray(ndtri((ranks[:, np.sort(first)] + 0.5) / len(parameters)))


def _fit(columns: Floats, values: Floats) -> Floats:
    """Return the values as a regression tells them."""
    design = _design(columns, _chosen(columns, values)[:MAIN])
    kept = _chosen(design, values)
    return _least_squares(design[:, kept], values, design[:, kept])


def _held_out(columns: Floats, values: Floats) -> float:
    """Return the share of the variance seen that a regression tells of draws it had not seen."""
    told = np.empty_like(values)
    for fold in range(FOLDS):
        out = np.arange(len(values)) % FOLDS == fold
        main = _chosen(columns[~out], values[~out])[:MAIN]
        inside, outside = _design(columns[~out], main), _design(columns[out], main)
        kept = _chosen(inside, values[~out])
        told[out] = _least_squares(inside[:, kept], values[~out], outside[:, kept])
    return float(1.0 - ((values - told) ** 2).mean() / values.var())


def _design(columns: Floats, main: Sequence[int]) -> Floats:
    """Return the columns, and curves and products of the main ones (Hermite polynomials of normal scores)."""
    x = columns[:, list(main)]
    products = [x[:, [i]] * x[:, [j]] for i, j in combinations(range(x.shape[1]), 2)]
    return np.hstack([columns, x**2 - 1.0, x**3 - 3.0 * x, *products])


def _chosen(columns: Floats, values: Floats) -> list[int]:
    """Return the columns taken one after the other, the most telling first, while the next one is told from chance."""
    x = columns - columns.mean(axis=0)
    left, rest = values - values.mean(), x.copy()
    sizes = (x**2).sum(axis=0)
    chosen: list[int] = []
    while len(chosen) < len(values) // 5:
        scale = (rest**2).sum(axis=0)
        free = scale > 1e-8 * np.maximum(sizes, 1e-300)
        gains = np.where(free, (rest.T @ left) ** 2 / np.where(free, scale, 1.0), 0.0)
        best = int(gains.argmax())
        freedom = len(values) - len(chosen) - 2
        if gains[best] < TOLD**2 * (left**2).sum() / freedom:
            break
        one = rest[:, best] / np.sqrt(scale[best])
        left = left - one * (one @ left)
        rest = rest - np.outer(one, one @ rest)
        chosen.append(best)
    return chosen


def _least_squares(design: Floats, values: Floats, at: Floats) -> Floats:
    """Return the prediction at other points of a line fitted by least squares."""
    x, new = (np.column_stack([np.ones(len(rows)), rows]) for rows in (design, at))
    return np.asarray(new @ np.linalg.lstsq(x, values, rcond=None)[0])
