"""A Bayesian fit of one reading of the evidence: runs over the priors, an emulator, its posterior, true runs.

1 a Sobol design over the priors, run on the model (`runs`); an emulator of every fitted target (`emulator`);
2 more runs where that emulator puts the posterior, in rounds: each learns from the one before, and tells its error
  there. After one round the emulator is still too far off, and few of the draws keep any weight;
3 the posterior by Metropolis steps drawn around the mode (emcee: Foreman-Mackey 2013), preconditioned by the curvature
  there: moves made of differences between walkers leave spreads a sixth too narrow with as many priors as here;
4 the model run at every draw kept, and weights: the likelihood of an emulator that has learnt from these runs over
  that of the one the draws came from. The likelihood of each run itself is noisy, by the luck of a few thousand
  people; the second emulator is their average over neighbours. Both effective sizes are told.
"""

from collections.abc import Callable
from dataclasses import dataclass

import emcee
import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from calibration.emulator import Emulator, emulate, errors_on_scale, on_scale
from calibration.runs import FURTHEST, Journal, Runs, generator, sobol
from calibration.targets import Targets

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

WALKERS = 100
STEPS = 2_000
BURN_IN = 0.25  # share of the steps thrown away
MEMORY = (0.0, 0.5, 0.9)  # of a step for where it comes from: one is drawn each time
WIDER = 1.3  # how much wider than the posterior the runs are that refine the emulator
DECIMALS = 4  # of a draw's normal scores


@dataclass(frozen=True)
class Plan:
    """How much a fit runs: points of the design (a power of two), runs of each round, draws run on the model."""

    design: int = 1024
    refine: int = 256
    rounds: int = 2
    draws: int = 1024
    steps: int = STEPS


@dataclass(frozen=True)
class Chain:
    """Draws of the sampler, the share of moves accepted, and the longest autocorrelation time, in steps."""

    scores: Floats
    accepted: float
    autocorrelation: float


@dataclass(frozen=True)
class Weighted:
    """Posterior draws with the weight each deserves once the true model has been run at them."""

    scores: Floats
    weights: Floats

    @property
    def effective_size(self) -> float:
        """Kish's effective number of draws: one over the sum of squared weights."""
        return float(1.0 / (self.weights**2).sum())

    @property
    def mean(self) -> Floats:
        return np.asarray(self.weights @ self.scores)

    @property
    def sd(self) -> Floats:
        return np.asarray(np.sqrt(self.weights @ (self.scores - self.mean) ** 2))


@dataclass(frozen=True)
class Fitted:
    """A fit. `targets` : those fitted in this reading; `runs` : true runs at the draws, same order as `draws`

    first : the emulator the draws came from; last : the one that has learnt from the runs at the draws
    noisy_size : effective size if each run's own likelihood, with its luck, made its weight
    """

    targets: Targets
    draws: Weighted
    runs: Runs
    first: Emulator
    last: Emulator
    chain: Chain
    noisy_size: float
    plan: Plan


def fit(
    journal: Journal,
    targets: Targets,
    plan: Plan,
    seed: int,
    jobs: int = 1,
    progress: Progress = lambda *_: None,
    proposal: Targets | None = None,
) -> Fitted:
    """Fit a reading.

    targets : those it fits, each among the journal's own
    proposal : the targets of another reading, whose draws are taken and weighted to be this one's; by default its own
    Errors: ValueError if a target is not measured by the runs of the journal.
    """
    proposed = targets if proposal is None else proposal
    mine, theirs = places_of(journal, targets), places_of(journal, proposed)
    dimensions = len(journal.design.priors)
    runs = journal.run(sobol(dimensions, plan.design, seed), jobs, progress, "design")
    for number in range(plan.rounds if plan.refine else 0):
        known = emulate(runs.of(theirs), proposed, seed, judged=last_of(runs, number * plan.refine))
        near = sample(known, dimensions, plan.refine, plan.steps // 2, seed + number).scores
        centre = near.mean(axis=0)
        wider = rounded(centre + WIDER * (near - centre))
        runs = runs.with_(journal.run(wider, jobs, progress, "refine"))
    first = emulate(runs.of(theirs), proposed, seed, judged=last_of(runs, plan.rounds * plan.refine))
    chain = sample(first, dimensions, plan.draws, plan.steps, seed)
    there = journal.run(rounded(chain.scores), jobs, progress, "accepted")
    runs, own = runs.with_(there), there.of(mine)
    last = emulate(runs.of(mine), targets, seed, judged=last_of(runs, plan.draws))
    draws = weigh(first, last, there.scores)
    noise = noisy(first, last, own, targets).effective_size
    return Fitted(targets, draws, own, first, last, chain, noise, plan)


def places_of(journal: Journal, targets: Targets) -> list[int]:
    """Return where each target stands among those that the journal's runs measure."""
    known = [target.id for target in journal.design.targets.items]
    missing = [target.id for target in targets.items if target.id not in known]
    if missing:
        raise ValueError(f"the runs do not measure {', '.join(missing)}")
    return [known.index(target.id) for target in targets.items]


def rounded(scores: Floats) -> Floats:
    """Return scores as they are run and kept: a few decimals, within what a design covers."""
    return np.round(np.clip(scores, -FURTHEST, FURTHEST), DECIMALS)


def last_of(runs: Runs, count: int) -> NDArray[np.bool_] | None:
    """Return which runs are the last `count`, None (all) if there is none."""
    return np.arange(len(runs)) >= len(runs) - count if count else None


def sample(emulator: Emulator, dimensions: int, n: int, steps: int, seed: int) -> Chain:
    """Return `n` posterior draws of the scores, from the later part of `steps`, shape (draw, prior)."""
    rng = generator(seed, 1)
    mode, root = mode_of(emulator, dimensions)
    sampler = emcee.EnsembleSampler(
        WALKERS, dimensions, emulator.log_posterior, vectorize=True, moves=around(mode, root)
    )
    luck = np.random.RandomState(rng.integers(2**31)).get_state()
    start = mode + rng.standard_normal((WALKERS, dimensions)) @ root.T
    sampler.run_mcmc(emcee.State(start, random_state=luck), steps)
    burnt = int(BURN_IN * steps)
    kept = sampler.get_chain(discard=burnt, flat=True)
    time = sampler.get_autocorr_time(discard=burnt, tol=0)
    draws = np.asarray(kept[rng.choice(len(kept), n, replace=len(kept) < n)])
    return Chain(draws, float(sampler.acceptance_fraction.mean()), float(np.max(time)))


def mode_of(emulator: Emulator, dimensions: int) -> tuple[Floats, Floats]:
    """Return the posterior mode, (prior,), and a root of the covariance that its curvature says, (prior, prior)."""
    spread = np.sqrt(emulator.spread**2 + emulator.error**2)
    steps = 1e-3 * np.eye(dimensions)

    def misses(x: Floats) -> Floats:
        return np.concatenate([(emulator.at(x[None, :])[0] - emulator.sought) / spread, x])

    def slopes(x: Floats) -> Floats:
        change = (emulator.at(x + steps) - emulator.at(x - steps)) / 2e-3
        return np.concatenate([change.T / spread[:, None], np.eye(dimensions)])

    found = optimize.least_squares(misses, np.zeros(dimensions), jac=slopes)
    return found.x, np.linalg.cholesky(np.linalg.inv(found.jac.T @ found.jac))


def around(mode: Floats, root: Floats) -> emcee.moves.MHMove:
    """Return Metropolis steps that a Gaussian about the mode would always accept.

    Each keeps a share of its distance to the mode and draws the rest anew (preconditioned Crank-Nicolson: Cotter,
    Roberts, Stuart, White 2013, Stat Sci 28:424; Pinski, Simpson, Stuart, Weber 2015 for the Gaussian reference).
    """

    def step(x: Floats, rng: np.random.RandomState) -> tuple[Floats, Floats]:
        memory = rng.choice(MEMORY, size=(len(x), 1))
        y = mode + memory * (x - mode) + np.sqrt(1.0 - memory**2) * (rng.standard_normal(x.shape) @ root.T)
        return y, distance(y) - distance(x)

    def distance(x: Floats) -> Floats:
        return np.asarray(0.5 * (linalg.solve_triangular(root, (x - mode).T, lower=True) ** 2).sum(axis=0))

    return emcee.moves.MHMove(step)


def weigh(first: Emulator, last: Emulator, scores: Floats) -> Weighted:
    """Return draws of the first emulator's posterior, weighted to be those of the last one's."""
    return _weighted(scores, last.log_likelihood(scores) - first.log_likelihood(scores))


def noisy(first: Emulator, last: Emulator, runs: Runs, targets: Targets) -> Weighted:
    """Return draws of the first emulator's posterior weighted by each run's own likelihood, its luck in the variance.

    A draw with a target unmeasured weighs nothing.
    """
    outputs, errors = on_scale(targets, runs.values), errors_on_scale(targets, runs)
    true = -0.5 * ((outputs - last.sought) ** 2 / (last.spread**2 + errors**2)).sum(axis=1)
    gain = np.where(np.isfinite(true), true - first.log_likelihood(runs.scores), -np.inf)
    return _weighted(runs.scores, gain)


def _weighted(scores: Floats, gain: Floats) -> Weighted:
    weights = np.exp(gain - gain.max())
    return Weighted(scores, weights / weights.sum())
