"""A Bayesian fit: runs over the priors, an emulator of the targets, its posterior, true runs that correct it.

1 `design`, `run_design`: a Sobol design over the priors; each run measures every fitted target; a journal keeps them;
2 `Emulator`: a quadratic in the priors' normal scores, ridge, its own cross-validated error added to the variance;
3 `sample`: the posterior by an ensemble sampler (Goodman & Weare 2010; Foreman-Mackey 2013, emcee);
4 `weigh`, `resample`: true runs at some posterior draws, weighted by true over emulated likelihood; effective size;
5 `ranks`: simulation-based calibration (Talts 2018): ranks of known truths among their posterior draws are uniform.

Coordinates are standard normal scores of the priors, so that the prior of each is N(0, 1) whatever its law.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import emcee
import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from scipy.stats import qmc
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from calibration.measure import measure
from calibration.priors import Prior, with_priors
from calibration.targets import Targets
from model.inputs import Registry

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

FURTHEST = 3.0  # normal scores of the design are kept within; the ridge does not see beyond
PENALTIES = np.logspace(-1, 4, 11)
FOLDS = 5
FEWEST_WALKERS = 40
BURN_IN = 0.5  # share of the steps thrown away


@dataclass(frozen=True)
class Runs:
    """What the runs of a design measured.

    scores : (run, prior) standard normal scores; values, mc_error : (run, target), in each target's unit
    """

    scores: Floats
    values: Floats
    mc_error: Floats


def generator(seed: int, stage: int) -> np.random.Generator:
    """Return the named generator (Philox) of one stage of the fit."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, stage])))


def design(priors: Sequence[Prior], n: int, seed: int) -> Floats:
    """Return `n` points of a scrambled Sobol sequence as normal scores, shape (run, prior); n a power of two."""
    unit = qmc.Sobol(len(priors), seed=generator(seed, 0)).random(n)
    return np.clip(special.ndtri(unit), -FURTHEST, FURTHEST)


def at_scores(priors: Sequence[Prior], scores: Floats) -> Floats:
    """Return the priors at these scores, same shape."""
    return np.stack([prior.at(scores[:, k]) for k, prior in enumerate(priors)], axis=1)


def run_design(
    registry: Registry,
    files: Registry,
    priors: Sequence[Prior],
    targets: Targets,
    scores: Floats,
    people: int,
    seed: int,
    journal: Path,
    jobs: int = 1,
    progress: Progress = lambda *_: None,
) -> Runs:
    """Measure the targets at every row of `scores`; rows already in the journal are read, not run again.

    Errors: ValueError if the journal is of another design, other targets or other evidence.
    """
    drawn = at_scores(priors, scores)
    header = fingerprint(registry, priors, targets, drawn, people, seed)
    done = dict(read_journal(journal, header))
    with journal.open("a", encoding="utf-8") as file:
        if not done and file.tell() == 0:
            file.write(json.dumps({"design": header}) + "\n")
        for run in range(len(drawn)):
            progress("fit", run, len(drawn))
            if run in done:
                continue
            found = measure(with_priors(registry, files, priors, drawn[run]), targets, people, seed, jobs)
            done[run] = (found.values.tolist(), found.mc_error.tolist())
            file.write(json.dumps({"run": run, "values": done[run][0], "mc_error": done[run][1]}) + "\n")
            file.flush()
    rows = [done[run] for run in range(len(drawn))]
    return Runs(scores, np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))


def fingerprint(
    registry: Registry, priors: Sequence[Prior], targets: Targets, drawn: Floats, people: int, seed: int
) -> str:
    """Return a hash of everything the runs depend on but the code."""
    names = [[prior.id for prior in priors], [target.id for target in targets.items], people, seed, registry.hash()]
    return hashlib.sha256(json.dumps(names).encode() + drawn.tobytes()).hexdigest()[:16]


def read_journal(journal: Path, header: str) -> Iterator[tuple[int, tuple[list[float], list[float]]]]:
    """Yield the runs of a journal; a last line cut short by a kill is cut away from the file."""
    if not journal.exists():
        return
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
        journal.write_text("".join(lines), encoding="utf-8")
    for place, line in enumerate(lines):
        row = json.loads(line)
        if place == 0 and row.get("design") != header:
            raise ValueError(f"{journal.name} holds runs of another design; move it away to begin again")
        if "run" in row:
            yield int(row["run"]), (row["values"], row["mc_error"])


# ── emulator ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Emulator:
    """The targets as a smooth function of the priors' scores, on each target's own scale (logs for ratios).

    error : (target,) cross-validated standard error, the runs' Monte Carlo error included
    targets : (target,) value sought, and `spread` its standard error
    """

    model: Pipeline
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


def on_scale(targets: Targets, values: Floats) -> Floats:
    """Return values on each target's scale: logs where its errors are on logs; NaN for a log of nothing."""
    log = np.array([target.scale == "log" for target in targets.items])
    safe = np.where(log & ~(values > 0.0), np.nan, values)
    return np.where(log, np.log(np.where(log, safe, 1.0)), safe)


def emulate(runs: Runs, targets: Targets, seed: int) -> Emulator:
    """Return the emulator of these runs; a run in which some study had nobody is left out."""
    outputs = on_scale(targets, runs.values)
    whole = np.isfinite(outputs).all(axis=1)
    scores, outputs = runs.scores[whole], outputs[whole]
    model = make_pipeline(
        PolynomialFeatures(2, include_bias=False), StandardScaler(), RidgeCV(PENALTIES, alpha_per_target=True)
    )
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    predicted = np.asarray(cross_val_predict(model, scores, outputs, cv=folds)).reshape(outputs.shape)
    error = np.sqrt(((predicted - outputs) ** 2).mean(axis=0))
    sought = on_scale(targets, targets.vector("value")[None, :])[0]
    return Emulator(model.fit(scores, outputs), error, sought, targets.vector("error"))


# ── posterior ────────────────────────────────────────────────────────────────────────────────────────


def sample(emulator: Emulator, dimensions: int, n: int, steps: int, seed: int, sought: Floats | None = None) -> Floats:
    """Return `n` posterior draws of the scores, thinned from the second half of `steps`, shape (draw, prior)."""
    walkers = max(2 * dimensions + 2, FEWEST_WALKERS)
    rng = generator(seed, 1)
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    sampler = emcee.EnsembleSampler(
        walkers, dimensions, lambda x: emulator.log_posterior(x, sought), vectorize=True, moves=moves
    )
    luck = np.random.RandomState(rng.integers(2**31)).get_state()
    start = emcee.State(0.5 * rng.standard_normal((walkers, dimensions)), random_state=luck)
    sampler.run_mcmc(start, steps)
    kept = sampler.get_chain(discard=int(BURN_IN * steps), flat=True)
    return np.asarray(kept[rng.choice(len(kept), n, replace=len(kept) < n)])


@dataclass(frozen=True)
class Weighted:
    """Posterior draws with the weight each deserves once the true model has been run at them."""

    scores: Floats
    weights: Floats

    @property
    def effective_size(self) -> float:
        """Kish's effective number of draws: one over the sum of squared weights."""
        return float(1.0 / (self.weights**2).sum())


def weigh(emulator: Emulator, runs: Runs, targets: Targets) -> Weighted:
    """Return draws weighted by true over emulated likelihood; a draw with a target unmeasured weighs nothing."""
    outputs, errors = on_scale(targets, runs.values), runs.mc_error.copy()
    log = np.array([target.scale == "log" for target in targets.items])
    errors[:, log] /= np.where(runs.values[:, log] > 0.0, runs.values[:, log], 1.0)
    true = -0.5 * ((outputs - emulator.sought) ** 2 / (emulator.spread**2 + errors**2)).sum(axis=1)
    gain = np.where(np.isfinite(true), true - emulator.log_likelihood(runs.scores), -np.inf)
    weights = np.exp(gain - gain.max())
    return Weighted(runs.scores, weights / weights.sum())


def resample(draws: Weighted, n: int, seed: int) -> NDArray[np.int64]:
    """Return the places of `n` draws of equal weight, by systematic resampling."""
    rng = generator(seed, 2)
    places = np.searchsorted(np.cumsum(draws.weights), (rng.random() + np.arange(n)) / n)
    return np.minimum(places, draws.weights.size - 1)


# ── is it calibrated itself? ─────────────────────────────────────────────────────────────────────────


def ranks(emulator: Emulator, dimensions: int, repeats: int, draws: int, steps: int, seed: int) -> NDArray[np.int64]:
    """Return the rank of each known truth among its posterior draws, shape (repeat, prior), 0 to `draws`.

    A truth is drawn from the prior, its targets from the emulator with their error; the posterior given them is
    sampled as the fit would. If all is right, ranks are uniform.
    """
    rng = generator(seed, 3)
    out = np.empty((repeats, dimensions), dtype=np.int64)
    noise = np.sqrt(emulator.spread**2 + emulator.error**2)
    for repeat in range(repeats):
        truth = rng.standard_normal(dimensions)
        sought = emulator.at(truth[None, :])[0] + noise * rng.standard_normal(noise.size)
        posterior = sample(emulator, dimensions, draws, steps, int(rng.integers(2**31)), sought)
        out[repeat] = (posterior < truth).sum(axis=0)
    return out


def uniformity(found: NDArray[np.int64], draws: int, bins: int = 10) -> Floats:
    """Return the p-value of a chi-square test that ranks 0 to `draws` are uniform, one a prior."""
    edges = np.linspace(0, draws + 1, bins + 1)
    return np.array([stats.chisquare(np.histogram(column, edges)[0]).pvalue for column in found.T])
