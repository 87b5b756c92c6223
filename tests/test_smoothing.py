"""Draws smoothed over their parameters: known answers, and what is said of the chance they keep is so."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.smoothing import LEAST_DRAWS, Smoothed, kept_by_smoothing, smoothed
from results.decisions import Decision, share_interval

Floats = NDArray[np.float64]


def known(draws: int, share: float, seed: int = 1) -> tuple[Floats, Floats, Floats, float]:
    """Return parameters, the truth, what is simulated and the variance of chance: sixty inputs, few of which tell."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((draws, 60))
    truth = (
        x @ 0.6 ** np.arange(60) + 0.4 * x[:, 0] * x[:, 1] + 0.2 * (x[:, 2] ** 2 - 1.0) + 0.1 * np.sin(2.0 * x[:, 3])
    )
    noise = float(truth.var() * share / (1.0 - share))
    return np.exp(0.3 * x), truth, truth + np.sqrt(noise) * rng.standard_normal(draws), noise


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_what_is_smoothed_is_near_the_truth_and_says_how_near(share: float) -> None:
    parameters, truth, simulated, noise = known(1_000, share)
    found = smoothed(simulated[:, None], parameters, np.array([noise]))
    assert found is not None
    own, error = float(truth.var()), float(((found.values[:, 0] - truth) ** 2).mean())
    assert error < 0.25 * noise
    assert error < 0.15 * own
    assert found.share[0] < 0.1
    assert found.values.mean() == pytest.approx(simulated.mean())
    assert 1.0 - found.held_out[0] == pytest.approx(error / own, abs=0.15)


@pytest.mark.parametrize("share", [0.3, 0.65])
def test_the_chance_said_to_be_left_is_what_other_people_would_change(share: float) -> None:
    """Among four hundred inputs, as in our own draws: fits of the same truth under other luck, once and again."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((1_000, 400))
    truth = x @ 0.75 ** np.arange(400)
    noise = float(truth.var() * share / (1.0 - share))
    found = []
    for _ in range(6):
        one = smoothed((truth + np.sqrt(noise) * rng.standard_normal(1_000))[:, None], x, np.array([noise]))
        assert one is not None
        found.append(one)
    true = float(np.stack([one.values[:, 0] for one in found]).var(axis=0, ddof=1).mean())
    said = float(np.mean([one.chance[0] for one in found]))
    assert 0.7 * true < said < 2.5 * true
    assert said / noise < kept_by_smoothing(1_000) < 20.0 * said / noise
    assert kept_by_smoothing(LEAST_DRAWS - 1) == 1.0


def test_the_spread_shown_is_that_of_the_truth() -> None:
    """Over seeds, so that the error of one finite sample does not decide."""
    ratios, tails = [], []
    for seed in range(6):
        parameters, truth, simulated, noise = known(600, 0.6, seed)
        nothing = np.zeros(600)
        costs, effects = np.column_stack([nothing, -simulated]), np.column_stack([nothing, 1e-9 * truth])
        decision = Decision("policy", ("baseline", "policy"), costs, effects, np.diag([noise, 0.0]), parameters)
        assert decision.smooth is not None
        shown = -decision.clean[0][:, 1]
        ratios.append(shown.var(ddof=1) / truth.var(ddof=1))
        tails.append(np.quantile(shown, 0.975) / np.quantile(truth, 0.975))
        assert np.corrcoef(shown, truth)[0, 1] > np.corrcoef(simulated, truth)[0, 1] + 0.15
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.1)
    assert np.mean(tails) == pytest.approx(1.0, abs=0.1)


def test_chance_alone_is_told_as_nothing() -> None:
    rng = np.random.default_rng(3)
    parameters, simulated = rng.standard_normal((500, 40)), rng.standard_normal((500, 1))
    found = smoothed(simulated, parameters, np.array([1.0]))
    assert found is not None
    assert found.values.var() < 0.1
    assert found.held_out[0] < 0.1 or simulated.var() < 1.05


def test_few_draws_or_no_parameter_are_left_as_simulated() -> None:
    parameters, _, simulated, noise = known(LEAST_DRAWS - 1, 0.5)
    assert smoothed(simulated[:, None], parameters, np.array([noise])) is None
    assert smoothed(np.zeros((500, 1)), np.ones((500, 3)), np.array([1.0])) is None


@pytest.mark.parametrize(("share", "error"), [(1.0, 0.0), (0.0, 0.0), (0.97, 0.05), (0.5, 0.03), (1.0, 0.1)])
def test_the_interval_of_a_probability_is_a_probability(share: float, error: float) -> None:
    low, high = share_interval(share, error, 400)
    assert 0.0 <= low <= share <= high <= 1.0
    assert high > low
    if share == 0.5:
        assert high - low == pytest.approx(2.0 * 1.96 * error, rel=0.01)


@pytest.mark.parametrize(
    ("told", "share", "kept"), [(0.6, 0.2, True), (0.4, 0.5, True), (0.4, 0.3, False), (0.2, 0.8, False)]
)
def test_draws_are_smoothed_where_that_is_nearer_the_truth(
    told: float, share: float, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a regression misses of the parameters' spread (1), against the noise that it takes away."""
    own, noise = 1.0, share / (1.0 - share)
    values = np.sqrt(own + noise) * np.resize([-1.0, 1.0], 300) * np.sqrt(299 / 300)
    found = Smoothed(values[:, None], np.array([0.0]), np.array([told]), np.array([told]))
    monkeypatch.setattr("model.smoothing.smoothed", lambda *_: found)
    costs = np.column_stack([np.zeros(300), values])
    decision = Decision("policy", ("baseline", "policy"), costs, 0.0 * costs, np.diag([noise, 0.0]), np.ones((300, 1)))
    assert (decision.smooth is not None) == kept
