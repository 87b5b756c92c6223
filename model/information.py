"""The value of information, from the draws of a probabilistic analysis alone: perfect, partial, of a study.

Pure functions of arrays, which may come from another program. Axis order (draw, option): the net benefit of
each option in each draw, euros per person; only differences between options matter. Every value comes with its
standard error. Values are per person deciding; `people_deciding` carries them to a nation.

Sources: Strong, Oakley, Brennan 2014, Med Decis Making 34:311 (partial information by regression on the draws,
and its standard error); Strong, Oakley, Brennan, Breeze 2015, Med Decis Making 35:570 (information of a sample,
by regression on a summary of simulated data); O'Hagan, Stevenson, Madan 2007, Health Econ 16:1009 (first-order
noise taken out of the variance between draws).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from model import economics

Floats = NDArray[np.float64]

KNOTS = 5  # of each cubic spline, at quantiles: SAVI's and mgcv's usual size
DEGREE = 3
MOST_TURNS = 300  # of a fit; it ends when its coefficients move by less than this in all, euros
SETTLED = 1e-3
POSTERIOR_DRAWS = 100  # of the regression's coefficients, for its standard error
DRAWS_PER_COLUMN = 4  # fewer draws than this for each column of the regression: a simpler one is fitted


@dataclass(frozen=True)
class Information:
    """What knowing something is worth, euros per person, and its standard error.

    regression : how the net benefit was fitted: "" (none), "nothing", "splines + products", "splines", "linear"
    """

    value: float
    error: float
    regression: str = ""


def perfect(benefit: Floats) -> Information:
    """Return the expected value of knowing everything (EVPI).

    benefit : (draw, option)    net benefit, euros per person, free of Monte Carlo noise (see `without_noise`)
    """
    ordered = _ordered(benefit)
    return _gain(ordered, 0.0, "")


def partial(benefit: Floats, known: Floats) -> Information:
    """Return the expected value of knowing some parameters and nothing else (EVPPI).

    benefit : (draw, option)    net benefit, euros per person; Monte Carlo noise in it widens the error but
        does not bias the fit, because it does not depend on the parameters
    known : (draw, variable)    the parameters known, or the summary of a study's data

    The differences between options are regressed on what is known (penalised cubic splines of each variable
    and products of pairs; penalty by marginal likelihood), which gives what one would expect of each option.
    The error adds that of the regression (draws from its posterior, its level included) to that of a finite
    number of draws.
    """
    return partials([benefit], known)[0]


def partials(benefits: Sequence[Floats], known: Floats) -> list[Information]:
    """Return the `partial` information of the same parameters in several decisions, or at several thresholds."""
    design, form = _design(np.asarray(known, dtype=np.float64))
    if design.shape[1] == 0:
        return [Information(0.0, 0.0, form) for _ in benefits]
    basis = _Basis(*np.linalg.svd(design, full_matrices=False))
    return [_partial(benefit, basis, form) for benefit in benefits]


def _partial(benefit: Floats, basis: "_Basis", form: str) -> Information:
    ordered = _ordered(benefit)
    differences = ordered[:, 1:] - ordered[:, :1]
    fits = [_fit(basis, difference) for difference in differences.T]
    expected = np.column_stack([np.zeros(len(ordered)), *(fit.expected for fit in fits)])
    return _gain(expected, _regression_error(basis, fits, differences - expected[:, 1:]), form)


def sample(benefit: Floats, summaries: Floats) -> Information:
    """Return the expected value of a study's data (EVSI), given one data set simulated for each draw.

    benefit : (draw, option)        net benefit, euros per person
    summaries : (draw, statistic)   summary of the data a study would bring if that draw were true

    Source: Strong 2015: the value of the sample is that of knowing its summary.
    """
    return partial(benefit, summaries)


def _ordered(benefit: Floats) -> Floats:
    """Return the options, best mean first: no answer depends on the order in which they were given."""
    means = benefit.mean(axis=0)
    return benefit[:, np.lexsort((benefit[0], -means))]


def _gain(expected: Floats, regression_error: float, form: str) -> Information:
    """Return the mean of the best less the best of the means, (draw, option), best mean first."""
    gains = expected.max(axis=1) - expected[:, expected.mean(axis=0).argmax()]
    sampling_error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else np.nan
    return Information(float(gains.mean()), float(np.hypot(sampling_error, regression_error)), form)


# ---------------------------------------------------------------- the regression


@dataclass(frozen=True)
class _Basis:
    """The columns the net benefit is fitted on, by their singular values.

    left : (draw, direction); sizes : (direction,); right : (direction, column)
    """

    left: Floats
    sizes: Floats
    right: Floats


@dataclass(frozen=True)
class _Fit:
    """A penalised regression: what is expected in each draw, (draw,), and its posterior's deviations, (direction,)."""

    expected: Floats
    deviations: Floats


def _design(known: Floats) -> tuple[Floats, str]:
    """Return the columns the net benefit is fitted on, centred and scaled, and the form of the regression."""
    values = known[:, np.ptp(known, axis=0) > 0.0]
    if values.shape[1] == 0:
        return values, "nothing"
    linear = _scaled(values)
    room = len(values) // DRAWS_PER_COLUMN
    pairs = [linear[:, i] * linear[:, j] for i, j in combinations(range(linear.shape[1]), 2)]
    splines = _scaled(np.column_stack([_spline(column) for column in linear.T]))
    if splines.shape[1] + len(pairs) <= room:
        return (_scaled(np.column_stack([splines, *pairs])) if pairs else splines), "splines + products"
    return (splines, "splines") if splines.shape[1] <= room else (linear, "linear")


def _spline(column: Floats) -> Floats:
    """Return a cubic spline basis of one variable, less its last column, which the others give.

    A variable of few values gets a column a value. The first and last steps between knots are repeated outside.
    """
    levels = np.unique(column)
    if len(levels) <= KNOTS:
        return np.asarray(column[:, None] == levels[1:], dtype=np.float64)
    inner = np.unique(np.quantile(column, np.linspace(0.0, 1.0, KNOTS)))
    steps = np.arange(1, DEGREE + 1)
    before, after = inner[0] - steps[::-1] * (inner[1] - inner[0]), inner[-1] + steps * (inner[-1] - inner[-2])
    knots = np.concatenate([before, inner, after])[:, None]
    basis = ((knots[:-1] <= column) & (column < knots[1:])).astype(np.float64)  # (piece, draw)
    for k in range(1, DEGREE + 1):  # Cox and de Boor's recurrence
        rising = (column - knots[: -k - 1]) / (knots[k:-1] - knots[: -k - 1])
        falling = (knots[k + 1 :] - column) / (knots[k + 1 :] - knots[1:-k])
        basis = rising * basis[:-1] + falling * basis[1:]
    return np.asarray(basis[:-1].T)


def _scaled(columns: Floats) -> Floats:
    spread = columns.std(axis=0)
    moving = spread > 1e-12 * np.maximum(np.abs(columns).max(axis=0), 1e-300)
    return np.asarray((columns[:, moving] - columns[:, moving].mean(axis=0)) / spread[moving])


def _fit(basis: _Basis, values: Floats) -> _Fit:
    """Return the regression of values on a basis, its penalty found by marginal likelihood.

    Source: MacKay 1992, Neural Comput 4:415; priors and first values are those of scikit-learn's BayesianRidge.
    """
    mean, flat = values.mean(), 2e-6
    along = basis.left.T @ (values - mean)
    outside = float(((values - mean - basis.left @ along) ** 2).sum())
    squares, scaled = basis.sizes**2, basis.sizes * along
    of_noise, of_slopes = 1.0 / (values.var() + np.finfo(np.float64).eps), 1.0  # precisions
    before = np.inf
    for _ in range(MOST_TURNS):
        held = squares + of_slopes / of_noise
        slopes = scaled / held
        missed = along - basis.sizes * slopes
        freedom = float(np.add.reduce(squares / held))
        of_slopes = (freedom + flat) / (float(slopes @ slopes) + flat)
        of_noise = (len(values) - freedom + flat) / (outside + float(missed @ missed) + flat)
        now = slopes @ basis.right
        if np.add.reduce(np.abs(now - before)) < SETTLED:
            break
        before = now
    slopes = scaled / (squares + of_slopes / of_noise)
    return _Fit(mean + basis.left @ (basis.sizes * slopes), 1.0 / np.sqrt(of_noise * squares + of_slopes))


def _regression_error(basis: _Basis, fits: list[_Fit], residuals: Floats) -> float:
    """Return the standard deviation of the value over the posterior of the fitted net benefits (Strong 2014)."""
    chance = np.random.Generator(np.random.Philox(POSTERIOR_DRAWS))
    independent = chance.standard_normal((POSTERIOR_DRAWS, len(fits), 1 + basis.right.shape[1]))
    together = _root(np.atleast_2d(np.corrcoef(residuals, rowvar=False)))  # options share what is left unknown
    ones = np.ones(len(residuals))
    normals = np.tensordot(together, independent, axes=(1, 1))  # (option, draw of the coefficients, column)
    best, means = np.zeros(()), []  # of the first option, with which the others are compared
    for d, fit in enumerate(fits):
        level = normals[d, :, :1] * residuals[:, d].std() / np.sqrt(len(residuals))
        apart = (normals[d, :, 1:] @ basis.right.T) * (fit.deviations * basis.sizes)
        moved = np.hstack([apart, level, np.ones_like(level)]) @ np.vstack([basis.left.T, ones, fit.expected])
        means.append(moved.mean(axis=1))
        best = np.maximum(moved, best, out=moved)
    gains = best.mean(axis=1) - np.max(means, axis=0, initial=0.0)
    return float(gains.std(ddof=1))


def _root(matrix: Floats) -> Floats:
    """Return the symmetric square root of a covariance; what is negative by rounding counts as nothing."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


# ---------------------------------------------------------------- first-order noise


def without_noise(values: Floats, noise: Floats, shown: Floats | None = None) -> Floats:
    """Return the draws with the spread they would have without Monte Carlo noise; means are unchanged.

    values : (draw, outcome)        estimates from a finite number of simulated people
    noise : (outcome, outcome)      covariance of their Monte Carlo error, the mean over draws
    shown : (draw, outcome)         the same draws smoothed (see `smoothing`), to be moved in their place

    The covariance between draws is that of the parameters plus that of the noise (O'Hagan 2007); the draws are
    moved by the linear map that takes the first sum to its first term while moving each draw least (the
    transport between two normal laws). The shape of their distribution is kept. Where noise exceeds what is
    observed, nothing is left of the spread in that direction.
    """
    centre = values.mean(axis=0)
    shown = values if shown is None else shown
    target = _root(np.atleast_2d(np.cov(values, rowvar=False, ddof=1)) - noise)
    target = target @ target
    half = _root(np.atleast_2d(np.cov(shown, rowvar=False, ddof=1)))
    back = np.linalg.pinv(half, hermitian=True)
    return np.asarray(centre + (shown - shown.mean(axis=0)) @ (back @ _root(half @ target @ half) @ back))


# ---------------------------------------------------------------- from a person to a nation


def people_deciding(prevalent: float, incident: float, years: float, rate: float) -> float:
    """Return for how many people the decision is taken, those to come discounted.

    prevalent : people concerned at the start
    incident : people who become concerned, a year
    years : how long the decision stands before it is asked again
    rate : discount rate, a year
    """
    return float(prevalent + incident * economics.annuity(years, rate, rate, years))


def resampled_error(statistic: Callable[[NDArray[np.int64]], Floats], draws: int, times: int = 100) -> Floats:
    """Return the standard error of a statistic of the draws: its deviation over draws taken again at random.

    statistic : rows (draw,) -> any shape
    draws, times : number of draws, of resamplings (Efron 1979; the generator is fixed: same draws, same error)
    """
    chance = np.random.Generator(np.random.Philox(draws))
    return np.asarray(np.std([statistic(chance.integers(draws, size=draws)) for _ in range(times)], axis=0, ddof=1))
