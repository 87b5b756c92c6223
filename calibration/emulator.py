"""The targets as smooth functions of the priors' scores, with the error they are known to make.

Target by target, on its own scale (logs for ratios): every prior and its square, and the products of the few priors
that matter most to that target (active variables: Craig 1997, Vernon 2010), by ridge regression. Its error is
cross-validated: what it misses of runs it has not seen, less their Monte Carlo error, which is not its own; once
there are runs near the posterior, the error is that made there. It is added to each target's variance.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict

from calibration.runs import FURTHEST, Runs
from calibration.targets import Targets

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PENALTIES = np.logspace(-1, 3, 9)
ACTIVE = 8  # priors whose products are looked at, for each target
FOLDS = 5
LEAST = 0.1  # of the runs' Monte Carlo error: no emulator is said to do better


class Quadratic(RegressorMixin, BaseEstimator):
    """A quadratic of many variables for many outputs, with the products of each output's active variables only."""

    def __init__(self, active: int = ACTIVE) -> None:
        self.active = active

    def fit(self, x: Floats, y: Floats) -> "Quadratic":
        """Learn from x (run, variable) and y (run, output)."""
        n = x.shape[1]
        alone = np.concatenate([x, x**2], axis=1)
        first = RidgeCV(PENALTIES, alpha_per_target=True).fit(alone, y)
        weight = np.abs(first.coef_.reshape(-1, 2 * n)) * alone.std(axis=0)
        strength = np.hypot(weight[:, :n], weight[:, n:])
        self.pairs_ = np.triu_indices(n, 1)
        place = np.full((n, n), -1)
        place[self.pairs_] = 2 * n + np.arange(len(self.pairs_[0]))
        everything = self._terms(x)
        self.coefficients_ = np.zeros((everything.shape[1], y.shape[1]))
        self.intercept_ = np.zeros(y.shape[1])
        for k, output in enumerate(y.T):
            chosen = np.sort(np.argsort(-strength[k])[: self.active])
            products = [place[i, j] for i in chosen for j in chosen if i < j]
            terms = np.concatenate([np.arange(2 * n), np.array(products, dtype=np.intp)])
            seen = everything[:, terms]
            spread = np.maximum(seen.std(axis=0), 1e-12)
            ridge = RidgeCV(PENALTIES).fit(seen / spread, output)
            self.coefficients_[terms, k] = ridge.coef_ / spread
            self.intercept_[k] = ridge.intercept_
        used = np.flatnonzero((self.coefficients_[2 * n :] != 0.0).any(axis=1))
        self.coefficients_ = self.coefficients_[np.concatenate([np.arange(2 * n), 2 * n + used])]
        self.pairs_ = (self.pairs_[0][used], self.pairs_[1][used])
        return self

    def _terms(self, x: Floats) -> Floats:
        return np.concatenate([x, x**2, x[:, self.pairs_[0]] * x[:, self.pairs_[1]]], axis=1)

    def predict(self, x: Floats) -> Floats:
        return np.asarray(self._terms(x) @ self.coefficients_ + self.intercept_)


@dataclass(frozen=True)
class Emulator:
    """The targets as a smooth function of the priors' scores, and what is sought.

    error : (target,) standard error of the emulator, the runs' Monte Carlo error not in it
    sought : (target,) value sought, and `spread` its standard error; all on each target's scale
    """

    model: Any
    error: Floats
    sought: Floats
    spread: Floats

    def at(self, scores: Floats) -> Floats:
        """Return the targets at these scores, shape (point, target)."""
        return np.asarray(self.model.predict(np.clip(scores, -FURTHEST, FURTHEST))).reshape(len(scores), -1)

    def log_likelihood(self, scores: Floats, sought: Floats | None = None) -> Floats:
        """Return the log likelihood of the targets (or of others sought), emulator error in the variance, (point,)."""
        variance = self.spread**2 + self.error**2
        gap = self.at(scores) - (self.sought if sought is None else sought)
        return np.asarray(-0.5 * (gap**2 / variance).sum(axis=1))

    def log_posterior(self, scores: Floats, sought: Floats | None = None) -> Floats:
        return np.asarray(self.log_likelihood(scores, sought) - 0.5 * (scores**2).sum(axis=1))

    def seeking(self, sought: Floats) -> "Emulator":
        """Return the emulator with other values sought, (target,) on each target's scale."""
        return replace(self, sought=sought)


def on_scale(targets: Targets, values: Floats) -> Floats:
    """Return values on each target's scale: logs where its errors are on logs; NaN for a log of nothing."""
    log = np.array([target.scale == "log" for target in targets.items])
    safe = np.where(log & ~(values > 0.0), np.nan, values)
    return np.where(log, np.log(np.where(log, safe, 1.0)), safe)


def errors_on_scale(targets: Targets, runs: Runs) -> Floats:
    """Return the Monte Carlo errors of runs on each target's scale, (run, target)."""
    log = np.array([target.scale == "log" for target in targets.items])
    return np.where(log, runs.mc_error / np.where(runs.values > 0.0, runs.values, 1.0), runs.mc_error)


def emulate(runs: Runs, targets: Targets, seed: int, judged: Bools | None = None) -> Emulator:
    """Return the emulator of these runs; a run in which some study had nobody is left out.

    judged : (run,) the runs on which its error is told, all by default; they too are predicted by folds without them
    """
    outputs = on_scale(targets, runs.values)
    whole = np.isfinite(outputs).all(axis=1)
    scores, outputs = runs.scores[whole], outputs[whole]
    chosen = np.ones(len(scores), dtype=bool) if judged is None else judged[whole]
    model = Quadratic()
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    predicted = np.asarray(cross_val_predict(model, scores, outputs, cv=folds)).reshape(outputs.shape)
    noise = (errors_on_scale(targets, runs)[whole][chosen] ** 2).mean(axis=0)
    missed = ((predicted - outputs)[chosen] ** 2).mean(axis=0)
    error = np.sqrt(np.maximum(missed - noise, LEAST**2 * noise))
    sought = on_scale(targets, targets.vector("value")[None, :])[0]
    return Emulator(model.fit(scores, outputs), error, sought, targets.vector("error"))


def information(emulator: Emulator, at: Floats, dimensions: int, step: float = 0.25) -> tuple[Floats, Floats]:
    """Return eigenvalues and directions of what the targets say at a point: J' V^-1 J in units of the prior.

    at : (prior,); eigenvalue 1 is as much as the prior says, far below 1 nothing. Directions in columns, (prior, k).
    """
    steps = step * np.eye(dimensions)
    slopes = (emulator.at(at + steps) - emulator.at(at - steps)) / (2.0 * step)
    scaled = slopes / np.sqrt(emulator.spread**2 + emulator.error**2)
    values, directions = np.linalg.eigh(scaled @ scaled.T)
    return values[::-1], directions[:, ::-1]
