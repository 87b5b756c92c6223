"""Readings of the evidence: which of two sources that contradict each other is fitted; and their fits, as committed.

A reading is named by the alternatives in which it differs from the base, joined by +: `base`, `pigott`,
`pigott+claims`. The fit of a reading is a folder of `calibration/readings/`, of tables a person can read:

- `draws.csv`: the accepted draws, one row each: weight, then every prior's value;
- `posterior.csv`: each prior beside its posterior; contraction 0 means that the targets say nothing of it;
- `targets.csv`: each fitted target beside the fit; `directions.csv`: what the targets say together;
- `summary.toml`: sizes, seeds, effective sizes, how many targets are inside their interval.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.emulator import errors_on_scale, information, on_scale
from calibration.fit import Fitted, Plan, Progress, fit
from calibration.priors import Prior
from calibration.runs import Design, Journal, at_scores
from calibration.targets import Z95, Targets, load_targets
from model.complaints import InputError, hint
from model.inputs import ROOT, Registry, read_toml, shown_path

Floats = NDArray[np.float64]

READINGS = ROOT / "calibration" / "readings"
BASE = "base"
IN_FORCE = BASE  # the reading whose draws make the base case and the probabilistic analysis
SILENT = 0.2  # contraction of variance below which the targets hardly speak of a prior
INTERVALS = (0.025, 0.975)


def known_readings(registry: Registry) -> dict[str, str]:
    """Return the axis of every alternative to the base, by name."""
    return {name: axis for axis, names in load_targets(registry).alternatives.items() for name in names[1:]}


def targets_of(registry: Registry, reading: str) -> Targets:
    """Return all measured targets, with their roles under a reading.

    Errors: InputError if the name is not that of a reading.
    """
    known = known_readings(registry)
    chosen = {}
    for name in [] if reading == BASE else reading.split("+"):
        if name not in known:
            raise InputError({"reading": [f"there is no {name}.{hint(name, [BASE, *known])}"]})
        chosen[known[name]] = name
    return load_targets(registry, readings=chosen).measured()


def proposal_of(reading: str) -> str:
    """Return the reading whose draws a reading weighs: the same without the definition of resistance, else itself.

    Leaving out one target widens a posterior a little; draws of the narrower one, weighted, will do.
    """
    kept = [name for name in reading.split("+") if name != "claims"]
    return "+".join(kept) or BASE


@dataclass(frozen=True)
class Accepted:
    """The accepted draws of a reading. priors : their names; values : (draw, prior); weights : (draw,), sum 1"""

    priors: tuple[str, ...]
    values: Floats
    weights: Floats

    @property
    def mean(self) -> Floats:
        """The posterior mean of each prior, (prior,)."""
        return np.asarray(self.weights @ self.values)

    @property
    def effective_size(self) -> float:
        return float(1.0 / (self.weights**2).sum())


def load_accepted(priors: Sequence[Prior], reading: str = IN_FORCE, folder: Path = READINGS) -> Accepted | None:
    """Return the committed draws of a reading, None if it has not been fitted.

    Errors: InputError if they are draws of other priors, or hold no weight.
    """
    path = folder / reading / "draws.csv"
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = list(csv.reader(lines))
    names = [prior.id for prior in priors]
    table = np.array(rows, dtype=float).reshape(len(rows), len(header))
    if header != ["weight", *names] or not table[:, :1].sum() > 0.0:
        problem = "are not draws of calibration/priors.toml as it is; run calibrate --reading again."
        raise InputError({shown_path(path): [f"These {problem}"]})
    return Accepted(tuple(names), table[:, 1:], table[:, 0] / table[:, 0].sum())


def fit_and_write(
    design: Design,
    journals: Path,
    reading: str,
    plan: Plan,
    jobs: int,
    progress: Progress,
    folder: Path = READINGS,
) -> tuple[Path, dict[str, Any]]:
    """Fit a reading, write its folder; return it and the summary. journals : folder that keeps the runs"""
    targets = targets_of(design.files, reading).of("fit")
    proposal = targets_of(design.files, proposal_of(reading)).of("fit")
    fitted = fit(Journal(journals, design), targets, plan, design.seed, jobs, progress, proposal)
    return write_fitted(fitted, design, reading, folder), summary_of(fitted, design)


def write_fitted(fitted: Fitted, design: Design, reading: str, folder: Path = READINGS) -> Path:
    """Write the fit of a reading; return its folder. Files are replaced one by one, each whole."""
    out = folder / reading
    out.mkdir(parents=True, exist_ok=True)
    drawn = at_scores(design.priors, fitted.draws.scores)
    names = [prior.id for prior in design.priors]
    rows = [[weight, *row] for weight, row in zip(fitted.draws.weights * len(drawn), drawn.tolist(), strict=True)]
    write_csv(out / "draws.csv", ["weight", *names], rows)
    write_csv(out / "posterior.csv", *posterior_table(fitted, design, drawn))
    write_csv(out / "targets.csv", *targets_table(fitted))
    write_csv(out / "directions.csv", *directions_table(fitted, names))
    summary = "\n".join(f"{key} = {json.dumps(value)}" for key, value in summary_of(fitted, design).items())
    write_whole(out / "summary.toml", f"# Written by `run.py calibrate --reading {reading}`.\n{summary}\n")
    return out


def summary_of(fitted: Fitted, design: Design) -> dict[str, Any]:
    """Return the sizes of a fit and what it came to."""
    inside = [row[-1] for row in targets_table(fitted)[1]]
    contraction = 1.0 - fitted.draws.sd**2
    silent = [prior.id for prior, c in zip(design.priors, contraction, strict=True) if c < SILENT]
    return {
        "people": design.people,
        "seed": design.seed,
        "design_runs": fitted.plan.design,
        "refining_runs": fitted.plan.refine * fitted.plan.rounds,
        "draws": len(fitted.draws.weights),
        "effective_size": round(fitted.draws.effective_size, 1),
        "effective_size_of_single_runs": round(fitted.noisy_size, 1),
        "sampler_steps": fitted.plan.steps,
        "sampler_accepted": round(fitted.chain.accepted, 3),
        "sampler_autocorrelation_steps": round(fitted.chain.autocorrelation, 1),
        "fit_targets": len(inside),
        "fit_targets_inside": inside.count("in"),
        "targets_hardly_speak_of": silent,
    }


def posterior_table(fitted: Fitted, design: Design, drawn: Floats) -> tuple[list[str], list[list[Any]]]:
    """Return each prior beside its posterior. contraction : one less the ratio of variances, of normal scores."""
    header = ["prior", "prior_low", "prior_median", "prior_high", "low", "median", "mean", "high", "contraction"]
    weights, rows = fitted.draws.weights, []
    ends = at_scores(design.priors, np.tile(np.array([-Z95, 0.0, Z95])[:, None], len(design.priors)))
    for k, prior in enumerate(design.priors):
        low, median, high = (weighted_quantile(drawn[:, k], weights, q) for q in (0.025, 0.5, 0.975))
        mean = float(weights @ drawn[:, k])
        contraction = round(1.0 - float(fitted.draws.sd[k]) ** 2, 3)
        rows.append([prior.id, *ends[:, k].tolist(), low, median, mean, high, contraction])
    return header, rows


def targets_table(fitted: Fitted) -> tuple[list[str], list[list[Any]]]:
    """Return each fitted target beside the weighted mean of the true runs at the draws, and whether it is inside."""
    header = ["target", "sought", "low", "high", "fit", "fit_low", "fit_high", "mc_se", "emulator_error", "z", "inside"]
    weights, rows = fitted.draws.weights, []
    outputs = on_scale(fitted.targets, fitted.runs.values)
    noise = errors_on_scale(fitted.targets, fitted.runs)
    smooth = fitted.last.at(fitted.draws.scores)
    for k, target in enumerate(fitted.targets.items):
        seen = np.isfinite(outputs[:, k])
        share = weights[seen] / weights[seen].sum()
        mean = float(share @ outputs[seen, k])
        error = float(np.sqrt((share**2) @ noise[seen, k] ** 2))
        ends = [weighted_quantile(smooth[:, k], weights, q) for q in INTERVALS]
        back = np.exp if target.scale == "log" else float
        value = float(back(mean))
        z = target.z(value, error * (value if target.scale == "log" else 1.0))
        about = [target.id, target.value, *target.interval, value, *(float(back(end)) for end in ends)]
        about += [error * (value if target.scale == "log" else 1.0), float(fitted.last.error[k]), round(z, 2)]
        rows.append([*about, "in" if abs(z) <= Z95 else "out"])
    return header, rows


def directions_table(fitted: Fitted, names: Sequence[str]) -> tuple[list[str], list[list[Any]]]:
    """Return what the targets say together at the posterior mean, direction by direction, strongest first.

    information 1 is as much as the prior says; the three priors that weigh most in each direction are named.
    """
    values, directions = information(fitted.last, fitted.draws.mean, len(names))
    rows = []
    for value, direction in zip(values, directions.T, strict=True):
        most = np.argsort(-np.abs(direction))[:3]
        rows.append([max(float(value), 0.0), *(f"{direction[k]:+.2f} {names[k]}" for k in most)])
    return ["information", "first", "second", "third"], rows


def weighted_quantile(values: Floats, weights: Floats, q: float) -> float:
    """Return a quantile of weighted values."""
    order = np.argsort(values)
    cumulated = np.cumsum(weights[order])
    return float(values[order[min(int(np.searchsorted(cumulated, q * cumulated[-1])), len(values) - 1)]])


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table, numbers to five significant digits."""
    lines = [",".join(header)]
    lines += [",".join(f"{item:.5g}" if isinstance(item, float) else str(item) for item in row) for row in rows]
    write_whole(path, "\n".join(lines) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file that is whole or not there."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def summaries(folder: Path = READINGS) -> Mapping[str, dict[str, Any]]:
    """Return the summary of every reading fitted, base first."""
    found = sorted(path.parent.name for path in folder.glob("*/summary.toml"))
    names = sorted(found, key=lambda name: (name != BASE, name))
    return {name: read_toml(folder / name / "summary.toml") for name in names}
