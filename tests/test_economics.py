"""Decision analysis against closed forms and examples worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from model import economics
from model.economics import Quadrant, Status

# ---------------------------------------------------------------- discounting


def test_annuity_is_the_area_under_the_discount_factor():
    force = np.log(1.025)
    assert economics.annuity(10.0, 0.025, 0.015, 30.0) == pytest.approx((1 - 1.025**-10) / force)


def test_annuity_beyond_the_switch_goes_on_at_the_later_rate():
    first = (1 - 1.025**-30) / np.log(1.025)
    later = 1.025**-30 * (1 - 1.015**-20) / np.log(1.015)
    assert economics.annuity(50.0, 0.025, 0.015, 30.0) == pytest.approx(first + later)


def test_without_discounting_an_annuity_is_its_years():
    assert economics.annuity([0.0, 1.5, 40.0], 0.0, 0.0, 30.0).tolist() == [0.0, 1.5, 40.0]
    assert economics.discount_factors(60, 0.0, 0.0, 30.0).tolist() == [1.0] * 60


def test_discount_factors_spread_a_year_over_its_months():
    factors = economics.discount_factors(40, 0.025, 0.015, 30.0)
    fine = (np.arange(12_000) + 0.5) / 12_000  # points within a year
    year_3, year_35 = (1.025 ** -(3 + fine)).mean(), 1.025**-30 * (1.015 ** -(5 + fine)).mean()
    assert factors[3] == pytest.approx(year_3, rel=1e-8)
    assert factors[35] == pytest.approx(year_35, rel=1e-8)
    assert np.all(np.diff(factors) < 0.0)


# ---------------------------------------------------------------- one comparison


@pytest.mark.parametrize(
    ("cost", "effect", "expected"),
    [
        (10.0, 2.0, Quadrant.MORE_EFFECT_MORE_COST),
        (-10.0, 2.0, Quadrant.DOMINANT),
        (0.0, 2.0, Quadrant.DOMINANT),
        (-10.0, 0.0, Quadrant.DOMINANT),
        (10.0, -2.0, Quadrant.DOMINATED),
        (10.0, 0.0, Quadrant.DOMINATED),
        (0.0, -2.0, Quadrant.DOMINATED),
        (-10.0, -2.0, Quadrant.LESS_EFFECT_LESS_COST),
        (0.0, 0.0, Quadrant.SAME),
    ],
)
def test_quadrant(cost, effect, expected):
    assert economics.quadrant(cost, effect) == expected


def test_icer_of_the_sick_sicker_model():
    where, ratio = economics.icer(141_623.03 - 75_976.15, 16.40041 - 15.83885)
    assert where == Quadrant.MORE_EFFECT_MORE_COST
    assert ratio == pytest.approx(116_901.38, rel=2e-5)  # inputs are rounded to five decimals


def test_icer_is_never_negative():
    pairs = np.random.Generator(np.random.Philox(1)).normal(size=(500, 2))
    ratios = [economics.icer(cost, effect)[1] for cost, effect in pairs]
    given = [ratio for ratio in ratios if ratio is not None]
    assert 150 < len(given) < 350  # two quadrants of four
    assert min(given) > 0.0
    assert all(economics.icer(-c, e)[1] is None for (c, e), r in zip(pairs, ratios, strict=True) if r)


def test_ratio_error_is_the_delta_method():
    n, numerator = 4, np.array([10.0, 12.0, 9.0, 13.0])
    ratio, error = economics.ratio_error(numerator, np.full(n, 2.0))
    assert ratio == 5.5
    assert error == pytest.approx(numerator.std(ddof=1) / np.sqrt(n) / 2.0)
    assert economics.ratio_error(3.0 * numerator, numerator) == pytest.approx((3.0, 0.0))


def test_fieller_interval_by_hand_and_where_it_has_no_bound():
    cost = np.array([90.0, 100.0, 110.0, 100.0])
    low, high = economics.fieller(cost, np.full(4, 2.0))
    half = 1.959964 * cost.std(ddof=1) / 2.0  # standard error of the mean, four batches
    assert (low, high) == pytest.approx(((100 - half) / 2, (100 + half) / 2), rel=1e-6)
    assert economics.fieller(cost, np.array([-1.0, 1.2, -0.9, 1.0])) is None


def test_fieller_covers_the_true_ratio():
    chance = np.random.Generator(np.random.Philox(7))
    hits, runs = 0, 2_000
    for _ in range(runs):
        effect = chance.normal(2.0, 1.0, size=50)
        interval = economics.fieller(3.0 * effect + chance.normal(0.0, 2.0, size=50), effect)
        hits += interval is not None and interval[0] <= 3.0 <= interval[1]
    # 50 batches and a normal quantile: about 94.4 % expected; 5 binomial standard errors
    assert abs(hits / runs - 0.944) < 5 * np.sqrt(0.944 * 0.056 / runs)


# ---------------------------------------------------------------- frontier


def test_frontier_by_hand():
    """Five treatments: b is dominated by c; d is extendedly dominated by a mixture of c and e.

    a → c: 20 / 0.5 = 40; c → d: 60 / 0.4 = 150; c → e: 80 / 1 = 80 < 150, so d leaves.
    """
    costs = np.array([100.0, 130.0, 120.0, 180.0, 200.0])
    effects = np.array([10.0, 10.4, 10.5, 10.9, 11.5])
    found = economics.frontier(costs, effects)
    assert found.status.tolist() == [Status.ND, Status.D, Status.ND, Status.ED, Status.ND]
    assert found.order.tolist() == [0, 2, 4]
    assert found.icer[[2, 4]] == pytest.approx([40.0, 80.0])
    assert found.inc_cost[4] == 80.0
    assert np.isnan(found.icer[[0, 1, 3]]).all()


def test_frontier_removes_several_extendedly_dominated_in_a_row():
    costs, effects = np.array([0.0, 10.0, 19.0, 20.0]), np.array([0.0, 1.0, 2.0, 10.0])
    found = economics.frontier(costs, effects)
    assert found.status.tolist() == [Status.ND, Status.ED, Status.ED, Status.ND]
    assert found.icer[3] == 2.0


def test_frontier_does_not_depend_on_the_order_given_and_its_icers_rise():
    chance = np.random.Generator(np.random.Philox(3))
    for _ in range(50):
        costs, effects = chance.uniform(0, 100, 9), chance.uniform(0, 10, 9)
        found, order = economics.frontier(costs, effects), chance.permutation(9)
        shuffled = economics.frontier(costs[order], effects[order])
        assert shuffled.status.tolist() == found.status[order].tolist()
        assert np.all(np.diff(found.icer[found.order[1:]]) > 0.0)
        # at any threshold, the best scenario is on the frontier
        best = economics.net_benefit(costs, effects, [0.0, 1.0, 7.0, 30.0, 1e6]).argmax(axis=1)
        assert set(best) <= set(found.order)


def test_of_two_equal_scenarios_the_first_stays():
    found = economics.frontier(np.array([5.0, 5.0]), np.array([1.0, 1.0]))
    assert found.status.tolist() == [Status.ND, Status.D]


def test_statuses_of_many_sets_at_once_are_those_of_each():
    chance = np.random.Generator(np.random.Philox(4))
    costs, effects = chance.integers(0, 6, (200, 5)).astype(float), chance.integers(0, 6, (200, 5)).astype(float)
    each = [economics.frontier(c, e).status.tolist() for c, e in zip(costs, effects, strict=True)]
    assert economics.statuses(costs, effects).tolist() == each, "ties and points on one line included"


def batches_of(mean: float, error: float, size: int = 50) -> np.ndarray:
    """Batches whose mean and standard error are exactly those given."""
    noise = np.random.Generator(np.random.Philox(int(1e3 * abs(mean)) + 7)).normal(size=size)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    return mean + error * size**0.5 * noise


@pytest.mark.parametrize("z", [-1.0, 0.0, 1.0])
def test_how_often_a_dearer_option_is_dominated_is_how_often_its_gain_is_none(z):
    """One option, surely dearer, whose gain is z standard errors: dominated with probability 1 - Phi(z)."""
    costs = np.stack([batches_of(0.0, 0.0), batches_of(100.0, 1.0)])
    effects = np.stack([batches_of(0.0, 0.0), batches_of(z, 1.0)])
    found = economics.frontier_chances(costs, effects, seed=1, times=2_000)
    expected = norm.cdf(-z)
    assert found[1, Status.D] == pytest.approx(expected, abs=5 * (expected * (1 - expected) / 2_000) ** 0.5)
    assert found[0].tolist() == [1.0, 0.0, 0.0]
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert economics.told_status(found[1]) == economics.UNDECIDED
    assert np.array_equal(found, economics.frontier_chances(costs, effects, seed=1, times=2_000)), (
        "same seed, same bytes"
    )


def test_luck_that_options_share_does_not_blur_their_order():
    """Both gains vary widely, their difference hardly: paired by batch, the order is sure."""
    common = batches_of(0.0, 10.0)
    costs = np.stack([common * 0.0, common + 100.0, common + 200.0])
    effects = np.stack([common * 0.0, common + 40.0, common + 39.0])
    found = economics.frontier_chances(costs, effects, seed=1)
    assert [economics.told_status(row) for row in found] == ["ND", "ND", "D"]


@pytest.mark.parametrize(
    ("chances", "told"),
    [
        ((0.98, 0.01, 0.01), "ND"),
        ((0.01, 0.98, 0.01), "D"),
        ((0.0, 0.02, 0.98), "ED"),
        ((0.01, 0.5, 0.49), "D/ED"),
        ((0.05, 0.5, 0.45), "undecided"),
        ((0.9, 0.1, 0.0), "undecided"),
    ],
)
def test_a_status_is_told_where_chance_does_not_explain_it(chances, told):
    assert economics.told_status(np.array(chances)) == told


# ---------------------------------------------------------------- under uncertainty


def test_net_benefit_has_a_leading_axis_for_thresholds():
    costs, effects = np.array([[10.0, 40.0]]), np.array([[1.0, 2.0]])
    benefit = economics.net_benefit(costs, effects, [0.0, 50.0])
    assert benefit.tolist() == [[[-10.0, -40.0]], [[40.0, 60.0]]]
    assert economics.net_benefit(costs, effects, 50.0).tolist() == [[40.0, 60.0]]


def test_acceptability_counts_draws_shares_ties_and_may_differ_from_the_best_on_average():
    costs = np.zeros((4, 2))
    effects = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 9.0], [2.0, 2.0]])
    found = economics.acceptability(costs, effects, [1.0])
    assert found.ceac.tolist() == [[0.625, 0.375]]
    assert found.best.tolist() == [1]  # mean 2.75 against 1.0: right less often, by more
    assert found.ceaf.tolist() == [0.375]


def test_evpi_of_a_gaussian_net_benefit():
    """EVPI = sd φ(m/sd) − |m| Φ(−|m|/sd) when the difference of net benefits is Normal(m, sd)."""
    n, mean, sd = 200_000, 300.0, 1_000.0
    difference = np.random.Generator(np.random.Philox(11)).normal(mean, sd, n)
    costs = np.column_stack([np.zeros(n), -difference])
    expected = sd * norm.pdf(mean / sd) - mean * norm.cdf(-mean / sd)
    error = np.std(np.maximum(difference, 0.0) - difference) / np.sqrt(n)
    assert abs(economics.evpi(costs, np.zeros((n, 2)), 0.0) - expected) < 5 * error


def test_evpi_is_zero_when_the_same_scenario_always_wins():
    costs, effects = np.array([[1.0, 2.0], [3.0, 9.0]]), np.ones((2, 2))
    assert economics.evpi(costs, effects, [0.0, 1e5]).tolist() == [0.0, 0.0]


# ---------------------------------------------------------------- where the answer turns


def test_break_even_interpolates_finds_grid_points_and_says_none():
    assert economics.break_even([0.0, 1.0, 2.0], [-30.0, 10.0, 50.0]) == [0.75]
    assert economics.break_even([0.0, 1.0, 2.0], [-1.0, 0.0, 1.0]) == [1.0]
    assert economics.break_even([0.0, 1.0], [1.0, 2.0]) == []
    with pytest.raises(ValueError, match="values that rise"):
        economics.break_even([1.0, 0.0], [1.0, -1.0])


def test_budget_impact_is_paired_by_batch():
    baseline = np.array([[100.0, 200.0], [300.0, 400.0]])
    found = economics.budget_impact(baseline, baseline + np.array([10.0, -4.0]))
    assert found.difference.tolist() == [10.0, -4.0]
    assert found.error.tolist() == [0.0, 0.0]  # batches differ, their difference does not
    assert (float(found.total), float(found.total_error)) == (6.0, 0.0)
