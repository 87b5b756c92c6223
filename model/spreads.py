"""The distributions of uncertain parameters: whether one fits its value, and its quantiles.

Method of moments for beta and gamma (Briggs, Claxton, Sculpher 2006, Decision Modelling for Health
Economic Evaluation, chapter 4).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Distribution = Literal["lognormal", "normal", "beta", "gamma", "uniform", "fixed"]
Z975 = float(special.ndtri(0.975))


@dataclass(frozen=True)
class Spread:
    """Uncertainty of a parameter: a distribution around the parameter's value.

    The value is the median of a normal or lognormal, the mean of a beta or gamma; a uniform runs from
    `low` to `high` (by default the parameter's range). The width is `ci95`, a 95 % interval on the natural
    scale, or `sd`, a standard deviation on the natural scale (for a lognormal give `ci95`).
    """

    distribution: Distribution
    ci95: tuple[float, float] | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def natural_sd(self) -> float:
        """The standard deviation on the natural scale: `sd`, or the width of `ci95` over 2 × 1.96."""
        if self.ci95 is not None:
            return (self.ci95[1] - self.ci95[0]) / (2 * Z975)
        return self.sd or 0.0


def _uniform_ends(spread: Spread, bounds: tuple[float, float] | None) -> tuple[float, float]:
    low, high = bounds or (np.nan, np.nan)
    return low if spread.low is None else spread.low, high if spread.high is None else spread.high


def spread_faults(spread: Spread, value: float, bounds: tuple[float, float] | None) -> Iterator[str]:
    """Yield why this spread cannot stand around `value`; `bounds` is the parameter's range."""
    kind = spread.distribution
    if kind == "uniform":
        low, high = _uniform_ends(spread, bounds)
        if spread.ci95 or spread.sd or not low <= value <= high:
            yield f"is uniform; expected low and high (by default the range) around the value {value:g}"
    elif kind == "fixed":
        if any((spread.ci95, spread.sd, spread.low, spread.high)):
            yield "is fixed; expected no width"
    elif spread.low is not None or spread.high is not None:
        yield f"is {kind}; low and high are for uniform, expected ci95 or sd"
    elif kind == "lognormal" and (spread.ci95 is None or spread.sd is not None):
        yield "is lognormal; expected ci95, on the natural scale"
    elif (spread.ci95 is None) == (spread.sd is None):
        yield f"is {kind}; expected either ci95 or sd"
    elif kind in ("lognormal", "gamma") and (value <= 0 or (spread.ci95 is not None and spread.ci95[0] <= 0)):
        yield f"is {kind}; expected a value and an interval above 0"
    elif kind == "beta" and not (0 < value < 1 and spread.natural_sd**2 < value * (1 - value)):
        yield "is beta; expected a value between 0 and 1 and an sd under √(value × (1 - value))"


def interval_fault(spread: Spread, value: float) -> str | None:
    """Return what is wrong if the 95 % interval does not hold the value as it was written."""
    if spread.ci95 is None or spread.ci95[0] <= value <= spread.ci95[1]:
        return None
    return f"has ci95 [{spread.ci95[0]:g}, {spread.ci95[1]:g}]; expected an interval around the value {value:g}"


def quantiles(spread: Spread, value: float, bounds: tuple[float, float] | None, normal: Floats) -> Floats:
    """Return the parameter at these standard normal quantiles, same shape, clipped to its range.

    Errors: ValueError if the spread cannot stand around the value (see `spread_faults`).
    """
    for fault in spread_faults(spread, value, bounds):
        raise ValueError(f"spread {fault}")
    probability, sd = special.ndtr(normal), spread.natural_sd
    low, high = bounds or (-np.inf, np.inf)
    if spread.distribution == "fixed":
        drawn = np.full_like(normal, value)
    elif spread.distribution == "normal":
        drawn = value + sd * normal
    elif spread.distribution == "lognormal" and spread.ci95 is not None:
        drawn = value * np.exp(normal * np.log(spread.ci95[1] / spread.ci95[0]) / (2 * Z975))
    elif spread.distribution == "beta":
        size = value * (1 - value) / sd**2 - 1
        drawn = special.betaincinv(value * size, (1 - value) * size, probability)
    elif spread.distribution == "gamma":
        drawn = special.gammaincinv((value / sd) ** 2, probability) * sd**2 / value
    else:
        start, end = _uniform_ends(spread, bounds)
        drawn = start + (end - start) * probability
    return np.asarray(np.clip(drawn, low, high), dtype=np.float64)
