"""The value of information against closed forms, and a published case worked by exact conditional means."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import BayesianRidge
from sklearn.preprocessing import SplineTransformer

from model import economics, information

SIGMAS = np.array([3_000.0, 2_000.0, 1_000.0])  # euros of net benefit for one standard deviation of each parameter
MEAN = 500.0


def unit_normal_loss(mean, sd):
    """Return E max(0, N(mean, sd)) − max(0, mean): the value of information on a Gaussian net benefit.

    Source: Raiffa & Schlaifer 1961; as used in Ades, Lu, Claxton 2004, Med Decis Making 24:207.
    """
    return sd * norm.pdf(mean / sd) - abs(mean) * norm.cdf(-abs(mean) / sd)


def gaussian(draws, seed, mean=MEAN):
    """Return standard normal parameters (draw, 3) and the net benefit (draw, 2) of doing nothing, and of acting."""
    theta = np.random.default_rng(seed).standard_normal((draws, 3))
    return theta, np.column_stack([np.zeros(draws), mean + theta @ SIGMAS])


def within(found, exact, errors=5.0):
    return abs(found.value - exact) < errors * found.error


# ---------------------------------------------------------------- closed forms


def test_perfect_information_of_a_gaussian_net_benefit():
    _, benefit = gaussian(20_000, 1)
    assert within(information.perfect(benefit), unit_normal_loss(MEAN, np.linalg.norm(SIGMAS)))


@pytest.mark.parametrize("known", [(0,), (1,), (2,), (0, 1), (0, 1, 2)])
def test_partial_information_of_a_gaussian_net_benefit(known):
    theta, benefit = gaussian(2_000, 2)
    exact = unit_normal_loss(MEAN, np.linalg.norm(SIGMAS[list(known)]))
    assert within(information.partial(benefit, theta[:, list(known)]), exact)


@pytest.mark.parametrize("people", [1, 10, 100])
def test_sample_information_of_a_gaussian_mean(people):
    """n observations of spread 5 leave of the prior variance 1 the share of the preposterior 1 / (1 + 25 / n)."""
    theta, benefit = gaussian(4_000, 3)
    chance = np.random.default_rng(4)
    observed = theta[:, 0] + 5.0 / np.sqrt(people) * chance.standard_normal(len(theta))
    exact = unit_normal_loss(MEAN, SIGMAS[0] * np.sqrt(1.0 / (1.0 + 25.0 / people)))
    assert within(information.sample(benefit, observed[:, None]), exact)


def test_the_stated_error_is_that_of_repeated_draws():
    found = [information.partial(benefit, theta[:, :1]) for theta, benefit in (gaussian(400, s) for s in range(60))]
    values = np.array([one.value for one in found])
    stated = np.sqrt(np.mean([one.error**2 for one in found]))
    # a standard deviation over 60 repetitions has a standard error of 9 %: three of them
    assert 1 / 1.28 < values.std(ddof=1) / stated < 1.28
    exact = unit_normal_loss(MEAN, SIGMAS[0])
    assert abs(values.mean() - exact) < 4.0 * values.std(ddof=1) / np.sqrt(60)


def test_what_does_not_matter_is_worth_nothing_and_nothing_is_worth_more_than_all():
    theta, benefit = gaussian(1_000, 5)
    idle = np.random.default_rng(6).standard_normal((1_000, 4))
    nothing, everything = information.partial(benefit, idle), information.perfect(benefit)
    assert 0.0 <= nothing.value < 3.0 * nothing.error
    for known in ([0], [1], [2], [0, 1], [0, 1, 2]):
        part = information.partial(benefit, theta[:, known])
        assert part.value >= -1e-9
        assert part.value < everything.value + 3.0 * np.hypot(part.error, everything.error)


def test_a_parameter_that_does_not_vary_is_worth_nothing():
    _, benefit = gaussian(200, 7)
    found = information.partial(benefit, np.full((200, 2), 3.0))
    assert (found.value, found.error, found.regression) == (0.0, 0.0, "nothing")


def test_a_parameter_of_two_values_is_valued_exactly():
    """Acting is worth 100 or −80 with equal chances, known by a switch: EVPPI = E max − max E = 50 − 10."""
    switch = np.tile([0.0, 1.0], 500)
    benefit = np.column_stack([np.zeros(1_000), np.where(switch > 0, 100.0, -80.0)])
    assert information.partial(benefit, switch[:, None]).value == pytest.approx(40.0, rel=1e-3)


# ---------------------------------------------------------------- what must not matter


def test_swapped_labels_flip_the_sign_of_differences_and_leave_the_value():
    theta, benefit = gaussian(500, 8)
    swapped = benefit[:, ::-1]
    assert (benefit[:, 1] - benefit[:, 0] == -(swapped[:, 1] - swapped[:, 0])).all()
    assert information.perfect(swapped) == information.perfect(benefit)
    assert information.partial(swapped, theta[:, :1]) == information.partial(benefit, theta[:, :1])


def test_neither_the_order_of_options_nor_what_they_share_matters():
    chance = np.random.default_rng(9)
    theta = chance.standard_normal((600, 2))
    benefit = np.column_stack([np.zeros(600), 200 + 900 * theta[:, 0], 100 + 700 * theta[:, 1] - 300 * theta[:, 0]])
    common = 5e4 + 1e4 * chance.standard_normal((600, 1))
    expected = information.partial(benefit, theta[:, :1])
    for order in ([2, 0, 1], [1, 2, 0]):
        assert information.partial(benefit[:, order], theta[:, :1]) == expected
        assert information.perfect(benefit[:, order]) == information.perfect(benefit)
    shared = information.partial(benefit + common, theta[:, :1])
    assert shared.value == pytest.approx(expected.value, rel=1e-4)  # the penalty is found by iteration
    assert information.perfect(benefit + common).value == pytest.approx(information.perfect(benefit).value)


# ---------------------------------------------------------------- the same regression by another program


@pytest.mark.parametrize(("draws", "scale"), [(1_000, 1.0), (40, 1e4)])
def test_what_is_expected_is_what_scikit_learn_expects(draws, scale):
    """One variable, so that splines are all there is: B-splines and Bayesian ridge of another program."""
    chance = np.random.default_rng(14)
    x = np.exp(chance.standard_normal(draws))
    benefit = np.column_stack([np.zeros(draws), scale * (np.sin(x) - 0.4 + chance.standard_normal(draws))])
    standard = (x - x.mean()) / x.std()
    knots = np.quantile(standard, np.linspace(0.0, 1.0, information.KNOTS))[:, None]
    design = SplineTransformer(knots=knots, include_bias=False).fit_transform(standard[:, None])
    design = (design - design.mean(axis=0)) / design.std(axis=0)
    told = BayesianRidge().fit(design, benefit[:, 1]).predict(design)
    exact = np.maximum(told, 0.0).mean() - max(told.mean(), 0.0)
    assert exact > 0.0
    assert information.partial(benefit, x[:, None]).value == pytest.approx(exact, rel=1e-9)


def test_several_decisions_are_valued_as_each_alone():
    theta, first = gaussian(300, 15)
    second = 3.0 * first - 700.0 * (np.arange(2) == 1)
    together = information.partials([first, second], theta[:, :2])
    assert together == [information.partial(one, theta[:, :2]) for one in (first, second)]


# ---------------------------------------------------------------- a published case

# The two-treatment model of Brennan, Kharroubi, O'Hagan, Chilcott 2007 (Med Decis Making 27:448), also case study 1
# of Strong, Oakley, Brennan 2014: 19 independent normal inputs; threshold 10,000 a QALY.
BRENNAN_MEANS = np.array(
    [1000, 0.10, 5.2, 400, 0.70, 0.30, 3.0, 0.25, -0.10, 0.50, 1500, 0.08, 6.1, 0.80, 0.30, 3.0, 0.20, -0.10, 0.50]
)
BRENNAN_SDS = np.array(
    [1, 0.02, 1.0, 200, 0.10, 0.10, 0.5, 0.10, 0.02, 0.20, 1, 0.02, 1.0, 0.10, 0.05, 1.0, 0.05, 0.02, 0.20]
)


def brennan(inputs):
    """Return the net benefit of both treatments, (draw, 2)."""
    a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s = inputs.T  # noqa: E741
    first = 10_000 * (e * f * g + h * i * j) - (a + b * c * d)
    second = 10_000 * (n * o * p + q * r * s) - (k + l * m * d)
    return np.column_stack([first, second])


@pytest.mark.parametrize("known", [(4,), (15,), (4, 13), (4, 5, 13, 14), tuple(range(19))])
def test_products_of_inputs_are_valued_as_their_exact_conditional_means(known):
    """The inputs are independent and enter as products, so that given some, the others stand at their means."""
    assert brennan(BRENNAN_MEANS[None])[0] == pytest.approx([4_967.0, 5_404.8])
    chance = np.random.default_rng(10)
    inputs = chance.normal(BRENNAN_MEANS, BRENNAN_SDS, size=(2_000, 19))
    given = np.tile(BRENNAN_MEANS, (400_000, 1))
    for place in known:
        given[:, place] = chance.normal(BRENNAN_MEANS[place], BRENNAN_SDS[place], size=len(given))
    exact = brennan(given)
    value = exact.max(axis=1).mean() - exact.mean(axis=0).max()
    assert within(information.partial(brennan(inputs), inputs[:, list(known)]), value, errors=4.0)


# ---------------------------------------------------------------- first-order noise

TRUE = np.array([[900.0**2, 0.4 * 900 * 0.03], [0.4 * 900 * 0.03, 0.03**2]])  # of (cost, effect) between parameters
NOISE = np.array([[700.0**2, -0.3 * 700 * 0.025], [-0.3 * 700 * 0.025, 0.025**2]])


def noisy(draws, seed):
    chance = np.random.default_rng(seed)
    true = chance.multivariate_normal([500.0, 0.02], TRUE, draws, method="cholesky")
    return true, true + chance.multivariate_normal([0.0, 0.0], NOISE, draws, method="cholesky")


def evpi_of(values, threshold=30_000.0):
    benefit = economics.net_benefit(values[:, 0], values[:, 1], threshold)
    return information.perfect(np.column_stack([np.zeros(len(values)), benefit])).value


def test_noise_taken_out_gives_back_spread_and_value():
    rows = []
    for seed in range(40):
        true, seen = noisy(400, seed)
        clean = information.without_noise(seen, NOISE)
        assert clean.mean(axis=0) == pytest.approx(seen.mean(axis=0))
        rows.append([evpi_of(true), evpi_of(seen), evpi_of(clean)])
    true, seen, clean = np.array(rows).T
    benefit_sd = np.sqrt(np.array([-1.0, 3e4]) @ TRUE @ np.array([-1.0, 3e4]))
    assert abs(true.mean() - unit_normal_loss(100.0, benefit_sd)) < 4.0 * true.std() / np.sqrt(40)
    assert seen.mean() > 1.5 * true.mean()  # noise alone is worth more than half as much again
    assert abs((clean - true).mean()) < 3.0 * (clean - true).std() / np.sqrt(40)


def test_noise_taken_out_gives_the_covariance_less_that_of_noise():
    _, seen = noisy(5_000, 1)
    clean = np.cov(information.without_noise(seen, NOISE), rowvar=False)
    assert clean == pytest.approx(np.cov(seen, rowvar=False) - NOISE, rel=1e-6)


def test_where_noise_exceeds_what_is_seen_nothing_is_left():
    _, seen = noisy(300, 2)
    clean = information.without_noise(seen, 10.0 * NOISE)
    assert np.ptp(clean, axis=0) == pytest.approx([0.0, 0.0], abs=1e-3)


def test_without_noise_nothing_moves():
    _, seen = noisy(300, 3)
    assert information.without_noise(seen, 0.0 * NOISE) == pytest.approx(seen)


def test_noise_does_not_bias_partial_information():
    theta, benefit = gaussian(4_000, 11)
    benefit[:, 1] += 4_000.0 * np.random.default_rng(12).standard_normal(4_000)
    assert within(information.partial(benefit, theta[:, :1]), unit_normal_loss(MEAN, SIGMAS[0]), errors=4.0)


# ---------------------------------------------------------------- from a person to a nation


def test_people_to_come_are_discounted():
    assert information.people_deciding(100.0, 10.0, 5.0, 0.0) == 150.0
    assert information.people_deciding(0.0, 1.0, 10.0, 0.025) == pytest.approx((1 - 1.025**-10) / np.log(1.025))


def test_resampled_error_is_that_of_a_mean():
    values = np.random.default_rng(13).normal(size=2_000)
    error = information.resampled_error(lambda rows: values[rows].mean(), len(values))
    assert error == pytest.approx(values.std() / np.sqrt(2_000), rel=0.36)  # five standard errors of 100 resamplings
