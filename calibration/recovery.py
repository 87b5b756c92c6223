"""Does the fit find what it should? Known parameters from targets that the model, or its emulator, made.

- `ranks`, `uniformity`: simulation-based calibration (Talts 2018) on the emulator: a truth from the prior, its targets
  with their error, the posterior by the sampler of the fit; ranks of truths among draws are uniform if all is right.
- `refit`: a truth from the prior, its targets from the model itself with their error, then the whole fit: its own
  refining runs, sampler, runs at its draws, weights. Intervals should hold the truth as often as they say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from calibration.emulator import Emulator, emulate, errors_on_scale, on_scale
from calibration.fit import Plan, Weighted, fit, places_of, rounded, sample
from calibration.priors import Prior
from calibration.readings import READINGS, targets_of, weighted_quantile, write_csv
from calibration.runs import Design, Journal, Runs, generator, sobol
from calibration.targets import Targets

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]

REPEATS, SBC_DRAWS, SBC_STEPS = 200, 39, 300
REFINE, DRAWS = 64, 128  # runs of each round that refines and draws run on the model, in each refit
MORE_PEOPLE = 5  # times those of a run, to make the targets of a truth with little luck in them
SHARES = (0.5, 0.9)


def recover(
    design: Design, journals: Path, reading: str, refits: int, runs: int, jobs: int, progress: Progress
) -> Path:
    """Write the ranks of known truths on the emulator of a reading, then `refits` whole fits of known truths."""
    targets, journal = targets_of(design.files, reading).of("fit"), Journal(journals, design)
    folder = READINGS / reading / "recovery"
    folder.mkdir(parents=True, exist_ok=True)
    first = emulate(
        journal.run(sobol(len(design.priors), runs, design.seed), jobs, progress, "design").of(
            places_of(journal, targets)
        ),
        targets,
        design.seed,
    )
    found = ranks(first, len(design.priors), REPEATS, SBC_DRAWS, SBC_STEPS, design.seed, progress)
    write_csv(folder / "ranks.csv", *ranks_table(found, SBC_DRAWS, design.priors))
    plan = Plan(runs, REFINE, draws=DRAWS)
    done = [refit(journal, targets, plan, design.seed, k, jobs, progress) for k in range(refits)]
    write_csv(folder / "refits.csv", *refits_table(done, design.priors))
    write_csv(folder / "coverage.csv", *coverage_table(done, design.priors))
    return folder


def ranks(
    emulator: Emulator,
    dimensions: int,
    repeats: int,
    draws: int,
    steps: int,
    seed: int,
    progress: Progress = lambda *_: None,
) -> Ints:
    """Return the rank of each known truth among its posterior draws, shape (repeat, prior), 0 to `draws`."""
    rng = generator(seed, 3)
    out = np.empty((repeats, dimensions), dtype=np.int64)
    noise = np.sqrt(emulator.spread**2 + emulator.error**2)
    for repeat in range(repeats):
        progress("ranks", repeat, repeats)
        truth = rng.standard_normal(dimensions)
        sought = emulator.at(truth[None, :])[0] + noise * rng.standard_normal(noise.size)
        posterior = sample(emulator.seeking(sought), dimensions, draws, steps, int(rng.integers(2**31))).scores
        out[repeat] = (posterior < truth).sum(axis=0)
    progress("ranks", repeats, repeats)
    return out


def uniformity(found: Ints, draws: int, bins: int = 10) -> Floats:
    """Return the p-value of a chi-square test that ranks 0 to `draws` are uniform, one a prior."""
    edges = np.linspace(0, draws + 1, bins + 1)
    return np.array([stats.chisquare(np.histogram(column, edges)[0]).pvalue for column in found.T])


def ranks_table(found: Ints, draws: int, priors: Sequence[Prior]) -> tuple[list[str], list[list[Any]]]:
    """Return the test of each prior.

    holds : p above 5 % shared among the priors (Bonferroni): one table in twenty has a false alarm
    """
    pvalues = uniformity(found, draws)
    mean = found.mean(axis=0) / draws
    limit = 0.05 / len(priors)
    return ["prior", "repeats", "mean_rank", "p_uniform", "holds"], [
        [prior.id, len(found), float(m), float(p), "yes" if p > limit else "no"]
        for prior, m, p in zip(priors, mean, pvalues, strict=True)
    ]


@dataclass(frozen=True)
class Refit:
    """One truth, (prior,) of normal scores, and the draws found from the targets it made."""

    truth: Floats
    found: Weighted


def refit(
    journal: Journal, targets: Targets, plan: Plan, seed: int, number: int, jobs: int, progress: Progress
) -> Refit:
    """Draw a truth from the prior, make its targets with the model, and fit them as the real ones are fitted."""
    rng = generator(seed, 100 + number)
    truth = rounded(rng.standard_normal((1, len(journal.design.priors))))[0]
    crowd = Journal(journal.path.parent, replace(journal.design, people=MORE_PEOPLE * journal.design.people))
    run = crowd.run(truth[None, :], 1, progress, "truth").of(places_of(crowd, targets))
    made = targets_made(targets, run, rng)
    found = fit(journal, made, plan, seed, jobs, progress)
    return Refit(truth, found.draws)


def targets_made(targets: Targets, run: Runs, rng: np.random.Generator) -> Targets:
    """Return the targets that a run made, with errors drawn. The run's own luck is part of each target's error."""
    values, luck = on_scale(targets, run.values)[0], errors_on_scale(targets, run)[0]
    seen = values + targets.vector("error") * rng.standard_normal(len(targets))
    made = [
        replace(
            target,
            value=float(np.exp(value) if target.scale == "log" else value),
            sampling_error=float(np.hypot(target.sampling_error, error)),
        )
        for target, value, error in zip(targets.items, seen, luck, strict=True)
    ]
    return replace(targets, items=tuple(made))


def refits_table(refits: Sequence[Refit], priors: Sequence[Prior]) -> tuple[list[str], list[list[Any]]]:
    """Return each truth beside its posterior, in normal scores, one row a refit and prior."""
    header = ["refit", "prior", "truth", "mean", "sd", "rank", "in_50", "in_90", "effective_size"]
    rows = []
    for number, one in enumerate(refits, start=1):
        for k, prior in enumerate(priors):
            draws, weights = one.found.scores[:, k], one.found.weights
            inside = [_inside(draws, weights, one.truth[k], share) for share in SHARES]
            rank = float(weights[draws < one.truth[k]].sum())
            about = [number, prior.id, float(one.truth[k]), float(one.found.mean[k]), float(one.found.sd[k]), rank]
            rows.append([*about, *("yes" if yes else "no" for yes in inside), round(one.found.effective_size, 1)])
    return header, rows


def coverage_table(refits: Sequence[Refit], priors: Sequence[Prior]) -> tuple[list[str], list[list[Any]]]:
    """Return how often intervals held the truth, a row a prior, then all of them together."""
    rows = refits_table(refits, priors)[1]
    out = []
    for name in [*(prior.id for prior in priors), "all"]:
        mine = [row for row in rows if name in (row[1], "all")]
        out.append([name, len(mine), *(sum(row[k] == "yes" for row in mine) / len(mine) for k in (6, 7))])
    return ["prior", "truths", "in_50", "in_90"], out


def _inside(draws: Floats, weights: Floats, truth: float, share: float) -> bool:
    low, high = (weighted_quantile(draws, weights, 0.5 + sign * share / 2.0) for sign in (-1.0, 1.0))
    return low <= truth <= high
