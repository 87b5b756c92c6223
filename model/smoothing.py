"""Draws freed of most of the chance of simulated people, by regression on their parameters.

What a draw's people come to is what its parameters say plus chance, which knows nothing of the parameters. A
regression over all draws therefore keeps the first and averages the second out (an emulator of an individual-level
model: Stevenson, Oakley, Chilcott 2004, Med Decis Making 24:89). What it misses of the parameters is measured by the
same nested analysis of variance as the chance, and given back to the spread, never to single draws.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LEAST_DRAWS = 200  # fewer are left as simulated
MAIN = 8  # parameters whose curves and products are fitted
FOLDS = 5
TIMES = 2  # that chance is added again, and taken away
FREEDOM = (
    100.0  # columns' worth of chance that a fit keeps of our own draws: 30 to 140, their choice among hundreds included
)
PENALTIES = (0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.15)  # tried, in standard deviations of the outcome
TOLERANCE = 1e-3  # of a fit


@dataclass(frozen=True)
class Smoothed:
    """Outcomes of draws as a regression on their parameters tells them.

    values : (draw, outcome), same means as simulated
    chance : (outcome,)    variance that chance still has in `values`, the choice of what is fitted included: half the
        mean square between two fits whose chance is independent. Adding as much chance again and taking it away makes
        two such sets of draws, each with twice the variance of chance, so that this is rather too much than too little
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
    penalties = [_penalty(columns, one) for one in values.T]

    def fitted(draws: Floats) -> Floats:
        return np.column_stack([_fit(columns, one, penalty) for one, penalty in zip(draws.T, penalties, strict=True)])

    out = fitted(values)
    rng = np.random.Generator(np.random.Philox(len(values)))
    apart = []
    for _ in range(TIMES):
        more = np.sqrt(noise) * rng.standard_normal(values.shape)
        apart.append(0.5 * (fitted(values + more) - fitted(values - more)).var(axis=0))
    chance = np.mean(apart, axis=0)
    told = [_held_out(columns, one, penalty) for one, penalty in zip(values.T, penalties, strict=True)]
    held_out = np.array(told) * seen
    return Smoothed(out, chance, _ratio(out.var(axis=0, ddof=1) - chance, own), _ratio(held_out, own))


def _ratio(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.clip(np.divide(a, b, out=np.zeros_like(b), where=b > 0.0), 0.0, 1.0))


def _normal_scores(parameters: Floats) -> Floats:
    """Return every moving column by normal scores of its ranks, those that repeat another left out."""
    moving = np.ascontiguousarray(parameters[:, np.ptp(parameters, axis=0) > 0.0].T)
    ranks = np.empty(moving.shape, dtype=np.intp)
    np.put_along_axis(ranks, moving.argsort(axis=1, kind="stable"), np.arange(len(parameters))[None], axis=1)
    places: dict[bytes, int] = {}
    for place, row in enumerate(ranks):
        places.setdefault(row.tobytes(), place)
    return np.asarray(ndtri((ranks[list(places.values())] + 0.5) / len(parameters)).T)


def _penalty(columns: Floats, values: Floats) -> float:
    """Return the penalty of the outcome's fits, in its standard deviations.

    The largest that tells of draws not seen as well as any, within one standard error over the folds (Hastie,
    Tibshirani, Friedman 2009, section 7.10): what more a lighter one tells is mostly chance.
    """
    from sklearn.linear_model import LassoCV

    sd = float(values.std())
    folds = [(np.flatnonzero(~out), np.flatnonzero(out)) for out in _folds(len(values))]
    found = LassoCV(alphas=[sd * one for one in PENALTIES], cv=folds, tol=TOLERANCE).fit(columns, values)
    missed, error = found.mse_path_.mean(axis=1), found.mse_path_.std(axis=1, ddof=1) / np.sqrt(FOLDS)
    best = int(missed.argmin())
    return float(found.alphas_[missed <= missed[best] + error[best]].max()) / sd


def _fit(columns: Floats, values: Floats, penalty: float, at: Floats | None = None) -> Floats:
    """Return the values as a regression tells them, or those at other columns."""
    new = columns if at is None else at
    weights = _lasso(columns, values, penalty).coef_
    main = np.sort(np.argsort(-np.abs(weights), kind="stable")[:MAIN])
    design = _design(columns, main)
    line = _lasso(design, values, penalty)
    inside = line.predict(design)
    spread = float(inside.var())
    slope = float(np.cov(inside, values, bias=True)[0, 1]) / spread if spread > 0.0 else 1.0  # undoes the holding back
    return np.asarray(values.mean() + slope * (line.predict(_design(new, main)) - inside.mean()))


def _lasso(columns: Floats, values: Floats, penalty: float) -> Any:
    """Return a linear regression whose sum of absolute slopes is held back (Tibshirani 1996, J R Stat Soc B 58:267)."""
    from sklearn.linear_model import Lasso

    return Lasso(alpha=penalty * float(values.std()), tol=TOLERANCE).fit(columns, values)


def _folds(draws: int) -> list[NDArray[np.bool_]]:
    """Return the draws left out of each fit, (draw,)."""
    return [np.arange(draws) % FOLDS == fold for fold in range(FOLDS)]


def _held_out(columns: Floats, values: Floats, penalty: float) -> float:
    """Return the share of the variance seen that a regression tells of draws it had not seen."""
    told = np.empty_like(values)
    for out in _folds(len(values)):
        told[out] = _fit(columns[~out], values[~out], penalty, at=columns[out])
    return float(1.0 - ((values - told) ** 2).mean() / values.var())


def _design(columns: Floats, main: Ints) -> Floats:
    """Return the columns, and curves and products of the main ones (Hermite polynomials of normal scores)."""
    x = columns[:, main]
    products = [x[:, [i]] * x[:, [j]] for i, j in combinations(range(x.shape[1]), 2)]
    return np.hstack([columns, (x**2 - 1.0) / np.sqrt(2.0), (x**3 - 3.0 * x) / np.sqrt(6.0), *products])
