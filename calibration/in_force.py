"""What the fit of a reading becomes: the base case's values, and the draws that probabilistic analysis reads.

The base case has the posterior mean of every prior. The transparent solve (`solve`) then moves what the fit does not
hold. Draws are laid around the base case: a number that a prior sets by its value has that of the draw; one that a
ratio moves has the base case's, times the draw's ratio over the mean ratio. Where the solve has moved it since, so
have all draws, together.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.priors import Prior, load_priors, with_priors
from calibration.readings import IN_FORCE, READINGS, Accepted, load_accepted, summaries, write_csv
from model.complaints import InputError, hint
from model.inputs import DRAWS, Posterior, Registry, load_parameters, load_posterior, shown_path

Floats = NDArray[np.float64]


def held(priors: Sequence[Prior]) -> list[str]:
    """Return the ids of the parameters that a fit moves, each once."""
    return list(dict.fromkeys(name for prior in priors for name in prior.parameters))


def at_mean(files: Registry, priors: Sequence[Prior], accepted: Accepted) -> dict[str, Any]:
    """Return the values of the fitted parameters at the posterior mean of every prior."""
    fitted = with_priors(files, files, priors, accepted.mean)
    return {name: fitted.value(name) for name in held(priors)}


def write_draws(
    base: Registry, files: Registry, priors: Sequence[Prior], accepted: Accepted, path: Path = DRAWS
) -> None:
    """Write the draws around a base case: one row a draw, its weight, one column a number (`id`, or `id.3`)."""
    columns = [column for name in held(priors) for column in _columns(base, name)]
    rows = laid_around(base, files, priors, accepted.mean, accepted)
    weights = accepted.weights * len(accepted.weights)
    write_csv(path, ["weight", *columns], [[w, *row] for w, row in zip(weights.tolist(), rows.tolist(), strict=True)])


def posterior_of(reading: str, base: Registry) -> Posterior:
    """Return the draws of a committed reading, around the base case.

    A ratio is told against the mean of the reading in force, which the base case has: another reading lies elsewhere.
    Errors: InputError if the reading has not been fitted.
    """
    if reading == IN_FORCE and (found := load_posterior(base)) is not None:
        return found
    files = load_parameters(solved=None)
    priors = load_priors(files)
    accepted, central = load_accepted(priors, reading), load_accepted(priors)
    if accepted is None or central is None:
        raise InputError({"reading": [f"{reading} has not been fitted.{hint(reading, list(summaries()))}"]})
    names, draws = held(priors), []
    ends = np.cumsum([np.size(base.value(name)) for name in names])[:-1]
    for row in laid_around(base, files, priors, central.mean, accepted):
        parts = zip(names, np.split(row, ends), strict=True)
        draws.append({n: tuple(x.tolist()) if isinstance(base.value(n), tuple) else float(x[0]) for n, x in parts})
    file = shown_path(READINGS / reading / "draws.csv")
    return Posterior(tuple(names), tuple(draws), file, tuple(accepted.weights.tolist()), reading)


def laid_around(base: Registry, files: Registry, priors: Sequence[Prior], mean: Floats, accepted: Accepted) -> Floats:
    """Return the numbers of each draw, (draw, number). mean : (prior,) of the reading that the base case has"""
    names = held(priors)
    here = _numbers(base, names)
    centre = _numbers(with_priors(files, files, priors, mean), names)
    by_value = _set_by_value(base, priors, names)
    low, high = (np.concatenate(ends) for ends in zip(*(_range(base, name) for name in names), strict=True))
    rows = []
    for drawn in accepted.values:
        there = _numbers(with_priors(files, files, priors, drawn), names)
        ratio = np.divide(there, centre, out=np.ones_like(there), where=centre != 0.0)
        rows.append(np.clip(np.where(by_value, there, here * ratio), low, high))
    return np.array(rows)


def _columns(registry: Registry, name: str) -> list[str]:
    value = registry.value(name)
    return [f"{name}.{i + 1}" for i in range(len(value))] if isinstance(value, tuple) else [name]


def _numbers(registry: Registry, names: Sequence[str]) -> Floats:
    return np.concatenate([np.atleast_1d(np.array(registry.value(name), dtype=float)) for name in names])


def _range(registry: Registry, name: str) -> tuple[Floats, Floats]:
    size = np.atleast_1d(np.array(registry.value(name))).size
    low, high = registry[name].range or (-np.inf, np.inf)
    return np.full(size, low), np.full(size, high)


def _set_by_value(registry: Registry, priors: Sequence[Prior], names: Sequence[str]) -> NDArray[np.bool_]:
    """Tell which numbers a prior sets by its value, (number,)."""
    out = {name: np.zeros(np.atleast_1d(np.array(registry.value(name))).size, dtype=bool) for name in names}
    for prior in priors:
        for name in prior.parameters if prior.kind == "value" else ():
            out[name][list(prior.index) if prior.index is not None else slice(None)] = True
    return np.concatenate([out[name] for name in names])
