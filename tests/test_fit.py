"""The fit on worlds whose answer is known: a linear Gaussian model, a journal cut short, a posterior that lies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from calibration import fit
from calibration.fit import Emulator, Runs, Weighted
from calibration.measure import Measured
from calibration.priors import draw_priors, load_priors
from calibration.targets import load_targets
from model.inputs import load_parameters

DIMENSIONS = 2
SLOPES = np.array([[1.0, 0.3], [-0.5, 0.8], [0.2, 0.2]])  # (target, prior)
ERROR = np.array([0.5, 0.6, 0.7])
SOUGHT = np.array([0.6, -0.4, 0.1])


class Line:
    """A model that is what it predicts: a straight line."""

    def predict(self, scores):
        return scores @ SLOPES.T


@pytest.fixture(scope="module")
def line() -> Emulator:
    return Emulator(Line(), np.zeros(3), SOUGHT, ERROR)  # type: ignore[arg-type]


def exact() -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the posterior of the linear Gaussian model."""
    precision = np.eye(DIMENSIONS) + SLOPES.T @ np.diag(ERROR**-2.0) @ SLOPES
    covariance = np.linalg.inv(precision)
    return covariance @ SLOPES.T @ (SOUGHT / ERROR**2), covariance


def test_the_sampler_finds_a_posterior_known_in_closed_form(line) -> None:
    draws = fit.sample(line, DIMENSIONS, 4_000, 500, seed=1)
    mean, covariance = exact()
    assert draws.mean(axis=0) == pytest.approx(mean, abs=0.06)
    assert np.cov(draws.T) == pytest.approx(covariance, abs=0.06)
    np.testing.assert_array_equal(draws[:5], fit.sample(line, DIMENSIONS, 4_000, 500, seed=1)[:5])


def test_ranks_of_known_truths_are_uniform_and_those_of_a_liar_are_not(line) -> None:
    honest = fit.ranks(line, DIMENSIONS, repeats=60, draws=39, steps=60, seed=2)
    assert honest.min() >= 0
    assert honest.max() <= 39
    assert (fit.uniformity(honest, 39) > 1e-3).all()

    class Overconfident(Emulator):
        def log_posterior(self, scores, sought=None):
            return 6.0 * super().log_posterior(scores, sought)

    sure = Overconfident(line.model, line.error, line.sought, line.spread)
    lying = fit.ranks(sure, DIMENSIONS, repeats=30, draws=39, steps=60, seed=2)
    assert (fit.uniformity(lying, 39) < 1e-3).all()


def test_true_runs_correct_an_emulator_that_is_wrong(line) -> None:
    """Draws of an emulator shifted by half an error, weighed by the truth, have the true posterior mean."""
    shifted = replace(line, sought=SOUGHT + 0.5 * ERROR)
    draws = fit.sample(shifted, DIMENSIONS, 4_000, 500, seed=3)
    values = draws @ SLOPES.T
    targets = load_targets(load_parameters(solved=None)).of("fit")
    three = replace(targets, items=tuple(t for t in targets.items if t.scale == "natural")[:3])
    true = Emulator(line.model, line.error, SOUGHT, ERROR)

    class Shifted(Emulator):
        def log_likelihood(self, scores, sought=None):
            return shifted.log_likelihood(scores)

    wrong = Shifted(line.model, line.error, true.sought, true.spread)
    found = fit.weigh(wrong, Runs(draws, values, np.zeros_like(values)), three)
    mean, _ = exact()
    assert found.weights @ draws == pytest.approx(mean, abs=0.08)
    assert found.effective_size < len(draws)
    same = fit.weigh(true, Runs(draws, values, np.zeros_like(values)), three)
    assert same.effective_size == pytest.approx(len(draws))


def test_resampling_keeps_the_weights() -> None:
    draws = Weighted(np.arange(4.0)[:, None], np.array([0.5, 0.25, 0.25, 0.0]))
    assert np.bincount(fit.resample(draws, 400, 1), minlength=4).tolist() == [200, 100, 100, 0]


@pytest.fixture(scope="module")
def asked():
    files = load_parameters(solved=None)
    targets = load_targets(files).of("fit")
    return files, load_priors(files)[:4], replace(targets, items=targets.items[:3])


def test_the_design_covers_the_prior(asked) -> None:
    _, priors, _ = asked
    scores = fit.design(priors, 256, seed=7)
    cells = np.floor(8 * special.ndtr(scores)).astype(int).clip(0, 7)
    for column in cells.T:
        assert (np.bincount(column, minlength=8) == 32).all()
    drawn = fit.at_scores(priors, scores)
    assert np.median(drawn, axis=0) == pytest.approx(
        np.median(draw_priors(priors, 4_000, 1), axis=0), rel=0.1, abs=0.05
    )


def fake(calls: list[int], stop: int):
    def measured(registry, targets, people, seed, jobs=1):
        if len(calls) == stop:
            raise KeyboardInterrupt
        calls.append(1)
        x = registry.value("course.frailty.response_variance")
        return Measured(np.array([x, 2.0 * x, x**2]), np.full(3, 0.01))

    return measured


def test_a_killed_design_resumes_where_it_was(asked, tmp_path: Path, monkeypatch) -> None:
    files, priors, targets = asked
    scores, journal, calls = fit.design(priors, 8, seed=1), tmp_path / "runs.jsonl", list[int]()
    arguments = (files, files, priors, targets, scores, 2_000, 1, journal)
    monkeypatch.setattr(fit, "measure", fake(calls, stop=5))
    with pytest.raises(KeyboardInterrupt):
        fit.run_design(*arguments)
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"run": 5, "val')  # a line cut short
    monkeypatch.setattr(fit, "measure", fake(calls, stop=99))
    resumed = fit.run_design(*arguments)
    assert len(calls) == 8
    again = fit.run_design(*arguments[:-1], tmp_path / "other.jsonl")
    np.testing.assert_array_equal(resumed.values, again.values)
    with pytest.raises(ValueError, match=r"runs\.jsonl holds runs of another design"):
        fit.run_design(files, files, priors, targets, scores, 3_000, 1, journal)


def test_the_emulator_is_exact_on_a_quadratic_and_says_its_error_on_noise(asked) -> None:
    _, priors, targets = asked
    scores = fit.design(priors, 512, seed=3)
    values = np.stack([1.0 + scores[:, 0], 2.0 + scores[:, 0] * scores[:, 1], 3.0 - scores[:, 2] ** 2], axis=1)
    smooth = fit.emulate(Runs(scores, values, np.zeros_like(values)), targets, seed=1)
    assert smooth.error == pytest.approx(np.zeros(3), abs=0.02)
    noise = np.random.default_rng(4).normal(0.0, 0.3, values.shape)
    noisy = fit.emulate(Runs(scores, values + noise, np.zeros_like(values)), targets, seed=1)
    assert noisy.error == pytest.approx(np.full(3, 0.3), rel=0.15)
    values[7, 1] = np.nan
    assert np.isfinite(fit.emulate(Runs(scores, values, np.zeros_like(values)), targets, seed=1).error).all()
