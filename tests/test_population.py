"""People at month 0: the laws of their attributes, their past, raking, and the nation restored."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import gamma, norm

from model import population
from model.inputs import load_parameters, load_table
from model.margins import Margin, ill_targets, margins, rake
from model.phases import Values
from model.population import Population, generator, residents
from model.states import Fixed, Health, Now, Trait
from model.transitions import SEXES, mortality_record
from tests.small import bytes_of

WITHIN = 5  # standard errors
N = 200_000


@pytest.fixture(scope="module")
def values() -> Values:
    return Values({name: p.value for name, p in load_parameters(solved=None).items()})


@pytest.fixture(scope="module")
def sample(values: Values) -> Any:
    """Return 200,000 residents of 15 and over."""
    return residents(values, N, seed=3)[0]


@pytest.fixture(scope="module")
def built(values: Values) -> Population:
    return population.build(values, 20_000, seed=1)


def assert_share(flags: Any, expected: float) -> None:
    """Check a share of people against a probability."""
    error = np.sqrt(expected * (1.0 - expected) / flags.size)
    assert abs(flags.mean() - expected) < WITHIN * error


# ── attributes ───────────────────────────────────────────────────────────────────────────────────────


def test_residents_are_those_of_the_nation_cell_by_cell(values: Values, sample: Any) -> None:
    """Systematic sampling: each region and sex has its number of people, to within one a cell of the table."""
    table = load_table("population_2023_region_age_sex")
    adult = table["age_lo"] >= 15
    nation = residents(values, 100, seed=1)[1] + residents(values, 100, seed=1, ages=(0, 14))[1]
    assert nation == pytest.approx(table["pop"].sum())
    codes = load_table("regions")["region"].tolist()
    for sex, letter in enumerate("MF"):
        for region, code in enumerate(codes):
            rows = adult & (table["region"] == code) & (table["sex"] == letter)
            expected = table["pop"][rows].sum() / table["pop"][adult].sum() * N
            found = (sample["fixed"][:, [Fixed.REGION, Fixed.SEX]] == (region, sex)).all(axis=1).sum()
            assert abs(found - expected) <= rows.sum()
    ages = -sample["fixed"][:, Fixed.BIRTH_MONTH] / 12
    assert ages.min() >= 15
    assert_share(ages < 25, table["pop"][adult & (table["age_lo"] < 25)].sum() / table["pop"][adult].sum())


def test_attributes_follow_their_laws(values: Values, sample: Any) -> None:
    fixed, v = sample["fixed"], values
    for sex in range(2):
        mine = fixed[:, Fixed.SEX] == sex
        assert_share(fixed[mine, Fixed.ANXIETY], v["population.anxiety.share"][sex])
        assert_share(fixed[mine, Fixed.SUBSTANCE], v["population.substance.share"][sex])
    for column in (Fixed.PERSONALITY, Fixed.BIPOLAR, Fixed.CAREGIVER):
        assert_share(fixed[:, column], v[f"population.{column.name.lower()}.share"])
    for fifth in range(5):
        mine = fixed[:, Fixed.DEPRIVATION] == fifth
        assert_share(mine, 0.2)
        assert_share(fixed[mine, Fixed.COMPLEMENTARY], v["population.complementary.share"][fifth])
    shares = np.array(v["population.hospital.share"])
    for catchment, share in enumerate(shares / shares.sum()):
        assert_share(fixed[:, Fixed.HOSPITAL] == catchment, share)


def test_somatic_illness_rises_with_age_as_stated(values: Values, sample: Any) -> None:
    level, slope = values["population.somatic.logit"]
    age = -sample["fixed"][:, Fixed.BIRTH_MONTH] / 12
    for low in (20, 40, 60, 80):
        mine = (age >= low) & (age < low + 5)
        p = 1 / (1 + np.exp(-level - slope * (age[mine] - 51)))
        error = np.sqrt((p * (1 - p)).sum())
        assert abs(sample["fixed"][mine, Fixed.SOMATIC].sum() - p.sum()) < WITHIN * error


def test_substance_use_goes_with_anxiety_at_the_stated_odds_ratio(values: Values, sample: Any) -> None:
    for sex in range(2):
        mine = sample["fixed"][sample["fixed"][:, Fixed.SEX] == sex]
        cells = np.zeros((2, 2))
        np.add.at(cells, (mine[:, Fixed.ANXIETY], mine[:, Fixed.SUBSTANCE]), 1)
        found = np.log(cells[1, 1] * cells[0, 0] / (cells[0, 1] * cells[1, 0]))
        expected = np.log(values["population.substance.anxiety_odds_ratio"])
        assert abs(found - expected) < WITHIN * np.sqrt((1 / cells).sum())


def test_frailty_has_mean_one_its_variance_and_its_correlation(values: Values) -> None:
    scores = []
    for name, frailty in zip(("response", "recurrence"), population.frailties(values, N, generator(5, 1)), strict=True):
        variance = values[f"course.frailty.{name}_variance"]
        assert abs(frailty.mean() - 1.0) < WITHIN * np.sqrt(variance / N)
        squares = (frailty - 1.0) ** 2
        assert abs(squares.mean() - variance) < WITHIN * squares.std() / np.sqrt(N)
        scores.append(norm.ppf(gamma.cdf(frailty, 1 / variance, scale=variance)))
    r = values["course.frailty.correlation"]
    assert abs(np.corrcoef(*scores)[0, 1] - r) < WITHIN * (1 - r * r) / np.sqrt(N)


def test_an_unremarkable_person_has_unremarkable_traits(values: Values) -> None:
    """No comorbidity, middle fifth, insured, a man: what is not frailty, density or rank is one."""
    people, _ = residents(values, 1_000, seed=2)
    fixed = people["fixed"].copy()
    for column in (Fixed.SEX, Fixed.ANXIETY, Fixed.SUBSTANCE, Fixed.PERSONALITY, Fixed.BIPOLAR, Fixed.SOMATIC):
        fixed[:, column] = 0
    fixed[:, Fixed.CAREGIVER], fixed[:, Fixed.COMPLEMENTARY], fixed[:, Fixed.DEPRIVATION] = 0, 1, 2
    out = population.traits(fixed, values, generator(1, 1))
    ones = (Trait.ATTEMPT, Trait.SEEK, Trait.STOP, Trait.LEAVE, Trait.TREATMENT_RESPONSE, Trait.SEVERITY)
    assert (out[:, ones] == 1.0).all()
    assert (out[:, Trait.MORTALITY] == values["mortality.ever_depressed.hazard_ratio"]).all()
    assert np.unique(out[:, Trait.SESAME_RANK]).size == 1_000


# ── the past ─────────────────────────────────────────────────────────────────────────────────────────


def past_hazard(values: Values, sex: int, age: int) -> np.ndarray:
    """Hazard of onset in each year of age of somebody of that age today, by hand."""
    out = np.zeros(age + 1)
    for then in range(15, age + 1):
        who = "under_25" if then < 25 else "from_25"
        rise = np.interp(2027 - age + then, values["course.onset.past_year"], values[f"course.onset.past_ratio.{who}"])
        ratio = rise ** values["course.onset.past_share"]
        out[then] = ratio * values[f"course.onset.annual_rate.{SEXES[sex]}"][min((then - 15) // 10, 7)]
    return out


@pytest.mark.parametrize(("sex", "age", "ratio"), [(0, 35, 1.0), (1, 60, 1.4), (1, 90, 0.7)])
def test_onset_is_drawn_from_its_law_given_that_it_came(values: Values, sex: int, age: int, ratio: float) -> None:
    """The share of first episodes before each age, among those who had one before today."""
    people, n = population.new_persons(N), N
    people["fixed"][:, Fixed.SEX], people["fixed"][:, Fixed.BIRTH_MONTH] = sex, -12 * age - 5
    people["trait"][:, Trait.ONSET], people["trait"][:, Trait.MORTALITY] = ratio, 1.0
    since = population.months_since_onset(people, population.onset_laws(people, values), generator(7, 1))
    onset = 12 * age + 5 - since
    assert since.min() >= 1
    assert onset.min() >= 15 * 12
    hazard = np.repeat(past_hazard(values, sex, age), 12) * ratio / 12.0
    before_month = np.concatenate([[0.0], np.cumsum(hazard)])
    ever = -np.expm1(-before_month[12 * age + 5])
    assert population.ever_ill_probability(people[:1], population.onset_laws(people[:1], values))[0] == pytest.approx(
        ever
    )
    for before in [*range(12 * 20, 12 * age, 60), 12 * age - 5]:
        expected = -np.expm1(-before_month[before]) / ever
        error = np.sqrt(expected * (1 - expected) / n)
        assert abs((onset < before).mean() - expected) < WITHIN * error


def test_onsets_were_rarer_when_surveys_found_fewer_ill(values: Values) -> None:
    values = Values({**values, "course.onset.past_share": 1.0})
    past, today = population.past_onset(values), population.onset_by_age(values)
    assert past[30, 1, 28:] == pytest.approx(today[1, 28:]), "2025 and after are today's"
    assert past[27, 0, 17] == pytest.approx(0.56 * today[0, 17]), "seventeen in 2017"
    assert past[70, 0, 30] == pytest.approx(0.59 * today[0, 30]), "thirty in 1987: as in 2005"
    half = population.past_onset(Values({**values, "course.onset.past_share": 0.5}))
    assert half[70, 0, 30] == pytest.approx(np.sqrt(0.59) * today[0, 30]), "half the rise was first episodes"


def test_the_living_bear_the_excess_mortality_of_their_past(values: Values) -> None:
    """Lives from birth, some of them ill at a date and dying more from then on: who is alive at 80, and since when."""
    age, excess, n = 12 * 80, 2.5, 1_000_000
    people = population.new_persons(N)
    people["fixed"][:, Fixed.BIRTH_MONTH] = -age
    people["trait"][:, Trait.ONSET], people["trait"][:, Trait.MORTALITY] = 1.0, excess
    rng = np.random.default_rng(5)
    hazard = np.concatenate([[0.0], np.cumsum(np.repeat(past_hazard(values, 0, 80), 12) / 12.0)])
    onset = np.searchsorted(hazard, rng.exponential(size=n), side="right") - 1
    monthly = np.repeat(np.asarray(mortality_record(values)["other"])[0], 12)
    died = np.concatenate([[0.0], np.cumsum(monthly)])
    ill = onset < age
    at = np.minimum(onset, age)
    alive = rng.random(n) < np.exp(-died[age] - np.where(ill, (excess - 1.0) * (died[age] - died[at]), 0.0))
    share = ill[alive].mean()
    assert share < ill.mean() - 0.02, "the excess matters here"
    error = np.sqrt(share * (1.0 - share) / alive.sum())
    assert (
        abs(population.ever_ill_probability(people[:1], population.onset_laws(people[:1], values))[0] - share)
        < WITHIN * error
    )
    since = population.months_since_onset(people, population.onset_laws(people, values), generator(7, 1))
    for before in (30, 50, 65):
        expected = (onset[alive & ill] < 12 * before).mean()
        error = np.sqrt(expected * (1.0 - expected) * (1.0 / N + 1.0 / (alive & ill).sum()))
        assert abs((age - since < 12 * before).mean() - expected) < WITHIN * error


def test_the_past_hangs_together(built: Population) -> None:
    persons, stratum = built.people.persons, np.repeat(built.stratum, np.diff(built.people.starts))
    now, fixed = persons["now"], persons["fixed"]
    age = -fixed[:, Fixed.BIRTH_MONTH] / 12
    ever = stratum <= 3
    health = now[:, Now.HEALTH]
    assert ((health >= Health.MILD) & (health <= Health.RECOVERY))[ever].all(), "alive and once ill"
    assert (health == Health.NEVER)[~ever].all()
    assert (now[ever, Now.EPISODES] >= 1).all()
    assert (now[ever, Now.FAILED] <= now[ever, Now.FAILED_EVER]).all()
    assert (now[ever, Now.FAILED_ADEQUATE] <= now[ever, Now.FAILED]).all()
    assert (now[health == Health.RECOVERY, Now.FAILED] == 0).all()
    assert (now[ever, Now.DSM_EPISODES] >= 1).all()
    assert (age[stratum != 5] >= 15).all()
    assert (age[ever] * 12 >= now[ever, Now.MONTHS_IN_EPISODE] + 15 * 12).all(), "never ill before fifteen"
    assert (fixed[ever | (stratum == 4), Fixed.ENTRY] == 0).all()


def test_strata_hold_what_they_say(built: Population) -> None:
    stratum = np.repeat(built.stratum, np.diff(built.people.starts))
    now, fixed = built.people.persons["now"], built.people.persons["fixed"]
    resistant, recent = now[:, Now.FAILED] >= 2, now[:, Now.MONTHS_SINCE_ILL] < 12
    visible = now[:, Now.MONTHS_SINCE_VISIBLE] < 24
    assert (resistant & recent)[stratum == 0].all()
    assert (resistant | visible)[stratum == 1].all()
    assert (recent & ~resistant & ~visible)[stratum == 2].all()
    assert not (recent | resistant | visible)[stratum == 3].any()
    entrant, incident = fixed[stratum == 5], fixed[stratum == 6]
    assert (entrant[:, Fixed.ENTRY] == 15 * 12 + entrant[:, Fixed.BIRTH_MONTH]).all()
    assert (entrant[:, Fixed.ENTRY] > 0).all()
    assert set(incident[:, Fixed.ENTRY]) == set(range(12))
    assert (built.people.persons["trait"][stratum == 6, Trait.ONSET] == population.CERTAIN).all()


# ── raking and the nation ────────────────────────────────────────────────────────────────────────────


def test_raking_meets_margins_that_can_be_met_together() -> None:
    """Three margins of one made-up nation, people drawn evenly from it: all are met, and nobody's weight is lost."""
    rng = np.random.default_rng(1)
    classes = np.stack([rng.integers(0, size, 5_000) for size in (2, 7, 5)])
    truth = rng.gamma(5.0, 1.0, 5_000) * (1 + classes[0]) * (1 + classes[1] / 5)
    wanted = [
        Margin(str(i), np.where(row == 4, -1, row) if i == 2 else row, np.bincount(row, truth)[: 4 if i == 2 else 9])
        for i, row in enumerate(classes)
    ]
    weight, report = rake(np.full(5_000, truth.mean()), wanted)
    assert max(margin.gap() for margin in report) < 1e-6, "one person in a million"
    assert weight.sum() == pytest.approx(truth.sum(), rel=1e-5)
    assert (weight > 0).all()
    assert report[1].before == pytest.approx(np.bincount(classes[1]) * truth.mean())
    assert np.std(weight[(classes == [[1], [3], [2]]).all(axis=0)]) < 1e-12, "the same cell, the same weight"


def test_the_bound_keeps_a_handful_from_standing_for_the_nation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two margins that nearly contradict each other: one person is in both small classes."""
    first, second = np.zeros(1_000, np.int64), np.zeros(1_000, np.int64)
    first[:10], second[9:19] = 1, 1
    targets = np.array([500.0, 500.0])

    def heaviest() -> float:
        weight, _ = rake(np.ones(1_000), [Margin("first", first, targets), Margin("second", second, targets)])
        return float(weight.max())

    bounded = heaviest()
    monkeypatch.setattr("model.margins.MOST", np.inf)
    assert heaviest() > 3.0 * bounded, "unbounded, one person stands for more than a third of everybody"


def test_a_class_that_nobody_is_in_shows_in_the_report() -> None:
    _, (report,) = rake(np.ones(10), [Margin("empty", np.zeros(10, np.int64), np.array([6.0, 4.0]))])
    assert report.after.tolist() == [6.0, 0.0]
    assert report.gap() == pytest.approx(0.4)


def test_each_published_margin_is_met(built: Population) -> None:
    """What cannot be met together is printed; here within 5 % of a margin's total, the last one exactly."""
    gaps = {margin.name: margin.gap() for margin in built.report}
    assert len(gaps) == len(built.report) >= 20
    assert {name: round(gap, 3) for name, gap in gaps.items() if gap > 0.05} == {}
    assert built.report[-1].gap() < 1e-9
    assert np.mean([margin.gap() < 0.01 for margin in built.report]) > 0.5


def test_resampling_keeps_the_margins(values: Values, built: Population) -> None:
    """The people drawn have the margins of the raked sample, within five standard errors over batches."""
    people = built.of((0, 1, 2, 3))
    nation = load_table("population_2023_region_age_sex")
    everybody = float(nation["pop"][nation["age_lo"] >= 15].sum())
    found = margins(people.persons, values, everybody)
    batch = np.repeat(people.batch, np.diff(people.starts))
    weight = people.person_weights() * people.batches
    for mine, raked in zip(found, built.report, strict=True):
        assert mine.name == raked.name
        inside = mine.classes >= 0
        table = np.zeros((people.batches, mine.target.size))
        np.add.at(table, (batch[inside], mine.classes[inside]), weight[inside])
        error = table.std(axis=0, ddof=1) / np.sqrt(people.batches)
        seen = (table > 0).sum(axis=0) > 25
        assert (np.abs(table.mean(axis=0) - raked.after)[seen] < WITHIN * error[seen] + 1e-6 * everybody).all(), (
            mine.name
        )


def test_weights_sum_to_the_nation(values: Values, built: Population) -> None:
    table = load_table("population_2023_region_age_sex")
    assert built.of(population.OPEN).person_weights().sum() == pytest.approx(table["pop"].sum())
    stock = built.of((0, 1, 2, 3, 4))
    assert stock.person_weights().sum() == pytest.approx(table["pop"][table["age_lo"] >= 15].sum())
    per_batch = np.bincount(stock.batch, stock.weight * np.diff(stock.starts))
    assert per_batch == pytest.approx(np.full(stock.batches, stock.person_weights().sum())), "each is a nation"
    ill = built.of((0, 2)).person_weights().sum()
    all_ill = next(m for m in built.report if m.name == "12-month episode, by sex and age").after.sum()
    recent = built.of((1,)).persons["now"][:, Now.MONTHS_SINCE_ILL] < 12
    also = (built.of((1,)).person_weights() * recent).sum()
    error = built.of((1,)).person_weights().mean() * np.sqrt(recent.sum() + 1)
    assert abs(ill + also - all_ill) < WITHIN * error
    assert all_ill == pytest.approx(ill_targets(values).sum(), rel=0.05)


def test_weights_are_equal_within_a_stratum(built: Population) -> None:
    for k in range(len(population.STRATA)):
        assert np.ptp(built.people.weight[built.stratum == k]) == 0.0
        assert np.ptp(np.diff(built.people.starts)[built.stratum == k]) == 0


def test_batches_are_disjoint(built: Population) -> None:
    """Nobody's latent traits, drawn once a person, appear in two batches; keys are never shared at all."""
    people = built.people
    batch = np.repeat(people.batch, np.diff(people.starts))
    latent = np.ascontiguousarray(people.persons["trait"][:, [Trait.RELAPSE, Trait.SESAME_RANK]])
    owner: dict[bytes, set[int]] = {}
    for row, b in zip(latent, batch.tolist(), strict=True):
        owner.setdefault(row.tobytes(), set()).add(b)
    assert max(len(batches) for batches in owner.values()) == 1
    assert np.unique(people.persons["key"]).size == len(people)


def test_the_same_seed_gives_the_same_people_on_any_number_of_threads(values: Values, built: Population) -> None:
    again = population.build(values, 20_000, seed=1, jobs=2)
    assert bytes_of(again.people.persons) == bytes_of(built.people.persons)
    assert again.people.weight.tobytes() == built.people.weight.tobytes()
    assert (again.stratum == built.stratum).all()


def test_another_seed_gives_other_people(values: Values, sample: Any) -> None:
    other = residents(values, 1_000, seed=4)[0]
    same = residents(values, 1_000, seed=4)[0]
    assert bytes_of(other) == bytes_of(same)
    assert not np.intersect1d(other["trait"][:, Trait.SESAME_RANK], sample["trait"][:, Trait.SESAME_RANK]).size
