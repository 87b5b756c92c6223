"""The fit on worlds whose answer is known: a linear Gaussian model, a journal cut short, a posterior that lies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from calibration import fit, readings, recovery, runs
from calibration.emulator import Emulator, emulate, information
from calibration.fit import Plan
from calibration.in_force import at_mean, held, posterior_of, write_draws
from calibration.measure import Measured
from calibration.priors import draw_priors, load_priors
from calibration.runs import Design, Journal, Runs
from calibration.targets import load_targets
from model.complaints import InputError
from model.inputs import load_parameters, load_posterior

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
    chain = fit.sample(line, DIMENSIONS, 4_000, 500, seed=1)
    mean, covariance = exact()
    assert chain.scores.mean(axis=0) == pytest.approx(mean, abs=0.06)
    assert np.cov(chain.scores.T) == pytest.approx(covariance, abs=0.06)
    assert chain.accepted == pytest.approx(1.0), "steps are drawn from this very posterior"
    assert 1.0 < chain.autocorrelation < 50.0
    np.testing.assert_array_equal(chain.scores[:5], fit.sample(line, DIMENSIONS, 4_000, 500, seed=1).scores[:5])


def test_the_sampler_finds_a_curved_posterior_with_many_priors() -> None:
    """Forty priors, two of them met together on a parabola: their moments by quadrature, the others as their prior."""

    class Curve:
        def predict(self, scores):
            return scores[:, :1] + 0.3 * scores[:, 1:2] ** 2

    curve = Emulator(Curve(), np.zeros(1), np.array([1.2]), np.array([0.4]))  # type: ignore[arg-type]
    x, y = np.meshgrid(np.linspace(-6.0, 6.0, 1_201), np.linspace(-6.0, 6.0, 1_201), indexing="ij")
    density = np.exp(-0.5 * ((x + 0.3 * y**2 - 1.2) / 0.4) ** 2 - 0.5 * (x**2 + y**2))
    density /= density.sum()
    mean = (density * x).sum()
    spreads = np.sqrt([(density * (x - mean) ** 2).sum(), (density * y**2).sum()])
    chain = fit.sample(curve, 40, 20_000, 1_500, seed=4)
    assert chain.accepted < 0.95, "the posterior is not the Gaussian that steps are drawn from"
    assert chain.scores.mean(axis=0)[:2] == pytest.approx([mean, 0.0], abs=0.08)
    assert chain.scores.std(axis=0)[:2] == pytest.approx(spreads, rel=0.08)
    assert chain.scores.std(axis=0)[2:].mean() == pytest.approx(1.0, abs=0.02)


def test_ranks_of_known_truths_are_uniform_and_those_of_a_liar_are_not(line) -> None:
    honest = recovery.ranks(line, DIMENSIONS, repeats=60, draws=39, steps=60, seed=2)
    assert honest.min() >= 0
    assert honest.max() <= 39
    assert (recovery.uniformity(honest, 39) > 1e-3).all()

    class Overconfident(Emulator):
        def log_posterior(self, scores, sought=None):
            return 6.0 * super().log_posterior(scores, sought)

    sure = Overconfident(line.model, line.error, line.sought, line.spread)
    lying = recovery.ranks(sure, DIMENSIONS, repeats=60, draws=39, steps=60, seed=2)
    assert (recovery.uniformity(lying, 39) < 1e-3).all()


def test_runs_at_the_draws_correct_an_emulator_that_is_wrong(line) -> None:
    """Draws of an emulator shifted by half an error, weighted by a right one, have the true posterior mean."""
    shifted = replace(line, sought=SOUGHT + 0.5 * ERROR)
    draws = fit.sample(shifted, DIMENSIONS, 4_000, 500, seed=3).scores
    found = fit.weigh(shifted, line, draws)
    mean, covariance = exact()
    assert found.mean == pytest.approx(mean, abs=0.08)
    assert found.sd**2 == pytest.approx(np.diag(covariance), abs=0.08)
    assert found.effective_size < len(draws)
    assert fit.weigh(line, line, draws).effective_size == pytest.approx(len(draws))


def test_single_runs_weigh_alike_where_the_emulator_is_right(line) -> None:
    draws = fit.sample(line, DIMENSIONS, 500, 200, seed=3).scores
    three = natural_targets(3)
    exactly = Runs(draws, draws @ SLOPES.T, np.zeros((500, 3)))
    assert fit.noisy(line, line, exactly, three).effective_size == pytest.approx(500)
    lucky = Runs(draws, exactly.values + np.random.default_rng(1).normal(0.0, 1.0, (500, 3)), np.ones((500, 3)))
    assert fit.noisy(line, line, lucky, three).effective_size < 450


def natural_targets(count: int):
    targets = load_targets(load_parameters(solved=None)).of("fit")
    return replace(targets, items=tuple(t for t in targets.items if t.scale == "natural")[:count])


def test_the_targets_speak_along_their_slopes_and_nowhere_else(line) -> None:
    values, directions = information(line, np.zeros(DIMENSIONS), DIMENSIONS)
    expected = SLOPES.T @ np.diag(ERROR**-2.0) @ SLOPES
    assert directions @ np.diag(values) @ directions.T == pytest.approx(expected)


@pytest.fixture(scope="module")
def design() -> Design:
    files = load_parameters(solved=None)
    targets = load_targets(files).of("fit")
    return Design(files, load_priors(files)[:4], replace(targets, items=targets.items[:3]), 2_000, 1)


def test_the_design_covers_the_prior(design) -> None:
    scores = runs.sobol(4, 256, seed=7)
    cells = np.floor(8 * special.ndtr(scores)).astype(int).clip(0, 7)
    for column in cells.T:
        assert (np.bincount(column, minlength=8) == 32).all()
    drawn = runs.at_scores(design.priors, scores)
    assert np.median(drawn, axis=0) == pytest.approx(
        np.median(draw_priors(design.priors, 4_000, 1), axis=0), rel=0.1, abs=0.05
    )


def world(calls: list[int], stop: int = 10**9):
    """Return a stand-in for `measure`: three smooth answers of the first priors, and their luck."""

    def measured(registry, targets, people, seed, jobs=1):
        if len(calls) == stop:
            raise KeyboardInterrupt
        calls.append(seed)
        a = registry.value("course.frailty.response_variance")
        b = registry.value("course.frailty.recurrence_variance")
        luck = 0.002 * np.random.default_rng(seed).standard_normal(3)
        return Measured(np.array([0.2 * a, 0.1 * b, 0.05 * (a + b)]) + luck, np.full(3, 0.002))

    return measured


def test_a_killed_fit_resumes_where_it_was(design, tmp_path: Path, monkeypatch) -> None:
    scores, calls = runs.sobol(4, 8, seed=1), list[int]()
    monkeypatch.setattr(runs, "measure", world(calls, stop=5))
    journal = Journal(tmp_path, design)
    with pytest.raises(KeyboardInterrupt):
        journal.run(scores)
    with journal.path.open("a", encoding="utf-8") as file:
        file.write('{"point": "ab", "val')  # a line cut short
    monkeypatch.setattr(runs, "measure", world(calls))
    resumed = Journal(tmp_path, design).run(scores)
    assert len(calls) == 8
    assert len(set(calls)) == 8, "each point has luck of its own"
    again = Journal(tmp_path / "other", design).run(scores[::-1])
    np.testing.assert_array_equal(resumed.values, again.values[::-1])
    more = replace(design, people=3_000)
    assert more.fingerprint != design.fingerprint, "runs of other sizes are other runs"
    assert not Journal(tmp_path, more).known


def test_the_emulator_is_exact_on_a_quadratic_and_says_its_own_error(design) -> None:
    scores = runs.sobol(4, 512, seed=3)
    values = np.stack([1.0 + scores[:, 0], 2.0 + scores[:, 0] * scores[:, 1], 3.0 - scores[:, 2] ** 2], axis=1)
    smooth = emulate(Runs(scores, values, np.zeros_like(values)), design.targets, seed=1)
    assert smooth.error == pytest.approx(np.zeros(3), abs=0.02)
    noise = np.random.default_rng(4).normal(0.0, 0.3, values.shape)
    known = emulate(Runs(scores, values + noise, np.full_like(values, 0.3)), design.targets, seed=1)
    assert (known.error < 0.15).all(), "luck that is known is not the emulator's"
    blamed = emulate(Runs(scores, values + noise, np.zeros_like(values)), design.targets, seed=1)
    assert blamed.error == pytest.approx(np.full(3, 0.3), rel=0.15)
    values[7, 1] = np.nan
    assert np.isfinite(emulate(Runs(scores, values, np.zeros_like(values)), design.targets, seed=1).error).all()


@pytest.fixture
def fitted(design, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(runs, "measure", world([]))
    wanted = (0.3, 0.25, 0.2)  # response variance 1.5, recurrence variance 2.5, their sum 4
    items = tuple(
        replace(target, value=value, scale="natural", sampling_error=0.004, transport_error=0.0, instrument_error=0.0)
        for target, value in zip(design.targets.items, wanted, strict=True)
    )
    targets = replace(design.targets, items=items)
    mine = replace(design, targets=targets)
    return mine, fit.fit(Journal(tmp_path, mine), targets, Plan(64, 16, draws=200, steps=400), seed=1)


def test_a_whole_fit_finds_what_made_its_targets(fitted, tmp_path: Path) -> None:
    design, found = fitted
    folder = readings.write_fitted(found, design, "base", tmp_path)
    accepted = readings.load_accepted(design.priors, "base", tmp_path)
    assert accepted is not None
    assert accepted.mean[:2] == pytest.approx([1.5, 2.5], abs=0.06)
    assert len(accepted.weights) == 200
    assert 50 < accepted.effective_size <= 200
    assert accepted.effective_size == pytest.approx(found.draws.effective_size, rel=0.01)
    posterior = (folder / "posterior.csv").read_text(encoding="utf-8").splitlines()
    contraction = [float(row.split(",")[-1]) for row in posterior[1:]]
    assert min(contraction[:2]) > 0.9
    summary = readings.summaries(tmp_path)["base"]
    assert set(summary["targets_hardly_speak_of"]) <= {"frailty_correlation", "onset_level"}
    assert summary["fit_targets_inside"] == summary["fit_targets"] == 3


def test_draws_of_other_priors_are_refused(fitted, tmp_path: Path) -> None:
    design, found = fitted
    readings.write_fitted(found, design, "base", tmp_path)
    with pytest.raises(InputError, match="not draws of"):
        readings.load_accepted(design.priors[:3], "base", tmp_path)
    assert readings.load_accepted(design.priors, "pigott", tmp_path) is None


def test_another_reading_lies_around_the_same_base_case() -> None:
    """What a ratio moves stands to the base case as the reading's mean ratio to that of the reading in force."""
    files, base = load_parameters(solved=None), load_parameters()
    priors = load_priors(files)
    mine, other = posterior_of(readings.IN_FORCE, base), posterior_of("pigott", base)
    assert mine.draws == load_posterior(base).draws  # type: ignore[union-attr]
    assert (other.names, other.reading, len(other.draws)) == (mine.names, "pigott", len(other.weights))
    base.replace(other.draws[0], "test")  # refuses what is out of range
    k, prior = next((k, p) for k, p in enumerate(priors) if p.id == "attempt_level")
    assert (prior.kind, prior.index) == ("ratio", None)
    name = prior.parameters[0]
    drawn = np.average([float(draw[name]) for draw in other.draws], weights=other.weights)  # type: ignore[arg-type]
    central, accepted = (readings.load_accepted(priors, reading) for reading in (readings.IN_FORCE, "pigott"))
    assert central is not None
    assert accepted is not None
    assert drawn / base.value(name) == pytest.approx(accepted.mean[k] / central.mean[k], rel=1e-3)
    with pytest.raises(InputError, match="has not been fitted"):
        posterior_of("pigot", base)


def test_draws_lie_around_the_base_case_and_load(fitted, tmp_path: Path) -> None:
    """Where the solve has halved a number that a ratio moves, every draw has half of it; weights are kept."""
    design, found = fitted
    readings.write_fitted(found, design, "base", tmp_path)
    accepted = readings.load_accepted(design.priors, "base", tmp_path)
    assert accepted is not None
    values = at_mean(design.files, design.priors, accepted)
    assert list(values) == held(design.priors)
    rates = "course.onset.annual_rate.men"
    halved = values | {rates: tuple(x / 2.0 for x in values[rates])}
    base = design.files.replace(halved, "a solve")
    path = tmp_path / "draws.csv"
    write_draws(base, design.files, design.priors, accepted, path)
    posterior = load_posterior(base, path)
    assert posterior is not None
    weights = np.array(posterior.weights)
    assert weights == pytest.approx(accepted.weights, rel=1e-3)
    drawn = np.array([draw[rates] for draw in posterior.draws])
    assert weights @ drawn == pytest.approx(np.array(halved[rates]), rel=0.02)
    variances = np.array([draw["course.frailty.response_variance"] for draw in posterior.draws])
    assert weights @ variances == pytest.approx(values["course.frailty.response_variance"], rel=1e-3)


def test_a_reading_is_named_by_what_differs_from_the_base() -> None:
    files = load_parameters(solved=None)
    base, other = readings.targets_of(files, "base"), readings.targets_of(files, "pigott+claims")
    assert base.readings["stard"] == "rush"
    assert (other.readings["stard"], other.readings["resistance"]) == ("pigott", "claims")
    fitted = {target.id for target in other.of("fit").items}
    assert "pigott_step_1" in fitted
    assert not fitted & {"stard_step_1", "broad_stock"}
    assert readings.proposal_of("pigott+claims") == "pigott"
    assert readings.proposal_of("claims") == "base"
    with pytest.raises(InputError, match="Did you mean pigott"):
        readings.targets_of(files, "pigot")


def test_a_refit_of_known_parameters_tells_whether_intervals_hold_them(fitted, tmp_path: Path, monkeypatch) -> None:
    design, _ = fitted
    monkeypatch.setattr(runs, "measure", world([]))
    journal = Journal(tmp_path, design)
    one = recovery.refit(journal, design.targets, Plan(64, 16, draws=100, steps=300), 1, 0, 1, lambda *_: None)
    header, rows = recovery.refits_table([one], design.priors)
    assert len(rows) == 4
    z = (one.found.mean - one.truth) / one.found.sd
    assert np.abs(z).max() < 4.0
    coverage = recovery.coverage_table([one], design.priors)[1]
    assert [row[0] for row in coverage] == [*(prior.id for prior in design.priors), "all"]
    assert header[-3:] == ["in_50", "in_90", "effective_size"]


def test_the_base_case_is_the_mean_of_the_draws_committed() -> None:
    files, base = load_parameters(solved=None), load_parameters()
    priors = load_priors(files)
    accepted, posterior = readings.load_accepted(priors), load_posterior(base)
    assert accepted is not None
    assert posterior is not None
    assert len(posterior.draws) == len(accepted.weights) >= 1_000
    assert accepted.effective_size > 100
    assert set(posterior.names) == set(held(priors))
    fitted = at_mean(files, priors, accepted)
    for name, value in fitted.items():
        if not name.startswith("access."):  # solved again, so that volumes are those published
            assert np.array(base.value(name)) == pytest.approx(np.array(value), rel=1e-4), name
    weights = np.array(posterior.weights)
    for prior in priors:
        if prior.kind == "value" and prior.index is None:
            drawn = np.array([draw[prior.parameters[0]] for draw in posterior.draws])
            assert weights @ drawn == pytest.approx(base.value(prior.parameters[0]), rel=0.01), prior.id
    fits = readings.summaries()
    assert set(fits) == {"base", "claims", "pigott", "pigott+claims"}
    assert all(found["draws"] >= 1_000 and found["effective_size"] > 100 for found in fits.values())
