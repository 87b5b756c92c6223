"""What is uncertain, and draws of it: the spreads of the registry, a stated default where there is none, and the
accepted draws of the calibration when they exist.

An *input* is what moves as one: a parameter, a group drawn together, or the whole block of calibrated draws. A
point gives each input one quantile between 0 and 1, so that probabilistic analysis, one-way and variance-based
designs are all sets of points, and correlations are kept by all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from model.inputs import Parameter, Posterior, Registry, Value, draw_generator
from model.spreads import Spread, quantiles

Floats = NDArray[np.float64]

POSTERIOR = "calibrated draws"
DEFAULT_WIDTH = "uncertainty.default_relative_sd"
CONVENTIONS = ("economy", "anchor", "target", "margin", "survey", "uncertainty")
NIL = "nil in the base: a scenario or a reading sets it"
ALIKE = 0.99  # correlation of draws above which two fitted parameters are moved as one
Z975 = float(special.ndtri(0.975))


@dataclass(frozen=True)
class Input:
    """What moves as one. `members` : ids of its parameters."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Uncertainty:
    """All that is uncertain in a registry.

    inputs : in the order of the registry; the calibrated block first
    defaults : ids that have a range but no spread, drawn with the stated default (grade D)
    fixed : id -> why it is not drawn
    """

    registry: Registry
    inputs: tuple[Input, ...]
    defaults: frozenset[str]
    fixed: Mapping[str, str]
    posterior: Posterior | None = None
    _spreads: Mapping[str, Spread] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Where the draws come from, in words."""
        if self.posterior is None:
            return "priors of the registry, not calibrated"
        return f"calibrated draws ({self.posterior.file}), other parameters from the registry"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.inputs)

    def draw(self, n: int, seed: int) -> Floats:
        """Return n points drawn at random, (draw, input). Each input has its own generator, named after it."""
        normal = [draw_generator(one.name, seed).standard_normal(n) for one in self.inputs]
        return np.asarray(special.ndtr(np.column_stack(normal))) if normal else np.empty((n, 0))

    def values(self, point: Floats) -> dict[str, Value]:
        """Return the value of every moving parameter at a point, (input,) of quantiles; nan leaves an input alone."""
        return self.values_of(point[None])[0]

    def values_of(self, points: Floats) -> list[dict[str, Value]]:
        """Return the values at each of some points, (point, input) of quantiles; see `values`."""
        found: list[dict[str, Value]] = [{} for _ in points]
        for one, quantile in zip(self.inputs, points.T, strict=True):
            rows = np.flatnonzero(~np.isnan(quantile))
            if one.name == POSTERIOR and self.posterior is not None:
                for row in rows.tolist():
                    found[row].update(self.posterior.row(float(quantile[row])))
                continue
            normal = special.ndtri(np.clip(quantile[rows], 1e-12, 1.0 - 1e-12))
            for name in one.members:
                for row, value in zip(rows.tolist(), self._at(self.registry[name], normal), strict=True):
                    found[row][name] = value
        return found

    def _at(self, parameter: Parameter, normal: Floats) -> list[Value]:
        spread = self._spreads[parameter.id]
        if isinstance(parameter.value, tuple):
            items, bounds, sd = parameter.value, parameter.range, spread.natural_sd
            return [moved_list(items, bounds, sd, one) for one in normal.tolist()]
        return quantiles(spread, float(parameter.value), parameter.range, normal).tolist()

    def fitted_ends(self, low: float, high: float) -> list[tuple[str, dict[str, Value], dict[str, Value]]]:
        """Return (name, values at both quantiles) of what the calibration fitted, taken apart: the others alone.

        Parameters that its draws move alike go together. A list is ranked by its mean logarithm over the draws'.
        """
        if self.posterior is None:
            return []
        draws, weights = self.posterior.draws, np.array(self.posterior.weights)
        names = self.posterior.names
        levels = np.stack([_levels([draw[name] for draw in draws]) for name in names])
        alike = np.abs(np.corrcoef(levels)) > ALIKE
        ends = []
        for first in [int(row.argmax()) for k, row in enumerate(alike) if row.argmax() == k]:
            order = np.argsort(levels[first], kind="stable")
            cumulated = np.cumsum(weights[order])
            places = [int(order[min(int(np.searchsorted(cumulated, q)), len(order) - 1)]) for q in (low, high)]
            members = [names[k] for k in np.flatnonzero(alike[first])]
            one, other = ({name: draws[place][name] for name in members} for place in places)
            ends.append((members[0], one, other))
        return ends

    @cached_property
    def components(self) -> tuple[tuple[str, str], ...]:
        """(component, group) of every number that moves: `id`, or `id.3` for the third item of a list."""
        rows = []
        for one in self.inputs:
            for name in one.members:
                value = self.registry[name].value
                items = [name] if not isinstance(value, tuple) else [f"{name}.{i + 1}" for i in range(len(value))]
                rows += [(item, one.name) for item in items]
        return tuple(rows)

    def row(self, values: Mapping[str, Value]) -> list[float]:
        """Return the components at these values, in their order."""
        out: list[float] = []
        for one in self.inputs:
            for name in one.members:
                value = values.get(name, self.registry[name].value)
                out += list(value) if isinstance(value, tuple) else [float(value)]
        return out


def _levels(values: Sequence[Value]) -> Floats:
    """Return how high each draw of a parameter stands, (draw,): the number, or the mean log of those above 0."""
    numbers = np.array(values, dtype=np.float64)
    if numbers.ndim == 1:
        return numbers
    positive = (numbers > 0.0).all(axis=0)
    return np.asarray(np.log(numbers[:, positive]).mean(axis=1))


def moved_list(items: Sequence[float], bounds: tuple[float, float] | None, sd: float, normal: float) -> Value:
    """Return a list moved as a whole by `normal` standard deviations, `sd` relative to its size.

    Shares that sum to one stay so: the odds of the first against the others move. Other lists are multiplied by
    one factor. Items stay within the parameter's range.
    """
    numbers, factor = np.array(items, dtype=np.float64), float(np.exp(sd * normal))
    if abs(numbers.sum() - 1.0) < 1e-9 and (numbers >= 0.0).all() and numbers[0] < 1.0:
        first = numbers[0] * factor / (1.0 - numbers[0] + numbers[0] * factor)
        numbers = np.concatenate([[first], numbers[1:] * (1.0 - first) / (1.0 - numbers[0])])
    else:
        numbers = numbers * factor
    low, high = bounds or (-np.inf, np.inf)
    return tuple(np.clip(numbers, low, high).tolist())


def default_spread(parameter: Parameter, width: float) -> Spread | None:
    """Return the stated default around a number or list without a spread (grade D), None where nothing can move.

    width : standard deviation over the value; less where the range is narrower than four of them
    Lognormal for a positive number, beta for a share, normal below zero.
    """
    value, (low, high) = parameter.value, parameter.range or (-np.inf, np.inf)
    if isinstance(value, tuple):
        return Spread("normal", sd=width)
    number = float(value)
    sd = min(width * abs(number), (high - low) / 4.0)
    if sd <= 0.0:
        return None
    if 0.0 < number < 1.0 and low >= 0.0 and high <= 1.0:
        sd = min(sd, width * (1.0 - number))
        return Spread("beta", sd=sd)
    if number > 0.0:
        factor = float(np.exp(Z975 * sd / number))
        return Spread("lognormal", ci95=(number / factor, number * factor))
    return Spread("normal", sd=sd)


def why_fixed(parameter: Parameter) -> str | None:
    """Return why a parameter without a spread is not drawn, or None if the default spread is for it."""
    value = parameter.value
    if parameter.spread is not None:
        return "said to be fixed"
    if isinstance(value, bool):
        return "a switch"
    if parameter.id.split(".")[0] in CONVENTIONS:
        return "a convention, a target or a claim"
    if parameter.range is None:
        return "no range"
    if isinstance(value, tuple):
        return "a structural alternative, nil in the base" if all(item == 1.0 for item in value) else None
    if value == 0.0:
        return NIL
    if parameter.range[0] == parameter.range[1]:
        return "the range is one number"
    return "a fact read at its source" if parameter.checked == "yes" else None


def uncertainty(registry: Registry, posterior: Posterior | None = None) -> Uncertainty:
    """Return all that is uncertain in a registry; what the calibration fitted moves as one block."""
    width = float(registry.value(DEFAULT_WIDTH))
    fitted = set(posterior.names) if posterior is not None else set[str]()
    groups: dict[str, list[str]] = {POSTERIOR: list(posterior.names)} if posterior is not None else {}
    fixed: dict[str, str] = {}
    spreads: dict[str, Spread] = {}
    defaults = set[str]()
    for name, parameter in registry.items():
        if name in fitted:
            continue
        spread = parameter.spread if parameter.is_uncertain else None
        if spread is None:
            if why := why_fixed(parameter):
                fixed[name] = why
                continue
            spread = default_spread(parameter, width)
            if spread is None:
                fixed[name] = NIL
                continue
            defaults.add(name)
        spreads[name] = spread
        groups.setdefault(parameter.group or name, []).append(name)
    inputs = tuple(Input(name, tuple(members)) for name, members in groups.items())
    return Uncertainty(registry, inputs, frozenset(defaults), fixed, posterior, spreads)
