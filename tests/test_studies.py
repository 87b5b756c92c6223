"""Each small study with known inputs: everybody alike, constant hazards, an answer in closed form."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from calibration import targets as tg
from calibration.cohorts import Cohort, World, ratio
from calibration.measure import answer_to, measure, world_of
from calibration.studies import STUDIES, nation
from model import simulation, valuation
from model.inputs import load_parameters, load_table
from model.population import CERTAIN, Past
from model.states import Fixed, Health, Now, Trait, Trd, Treatment
from model.tables import Tables

PEOPLE, SEED = 4_000, 11
HAZARD, RELAPSE, ACT, LETHAL = 0.1, 0.05, 0.004, 0.25
CERTAINLY = 1e9


@pytest.fixture(scope="module")
def registry():
    return load_parameters()


@pytest.fixture(scope="module")
def usual(registry):
    """The world as it is, whose people are borrowed."""
    world = world_of(registry, tg.load_targets(registry), PEOPLE, SEED)
    _ = world.base, world.pool
    return world


def alike(persons: Any) -> Any:
    """Return persons of average traits; a first episode that was certain stays so."""
    out = persons.copy()
    certain = out["trait"][:, Trait.ONSET] == CERTAIN
    out["trait"] = 1.0
    out["trait"][certain, Trait.ONSET] = CERTAIN
    return out


def world_with(usual: World, change: Callable[[Tables], None]) -> World:
    """Return a world of people alike under plain rules: no effect of care on health, then `change`."""
    tables = Tables(*(table.copy() for table in usual.tables))
    c = tables.course
    for name in ("duration_ratio", "failed_ratio", "episode_ratio", "acute_ratio", "later_ratio", "relapse_ratio"):
        c[name] = 1.0
    c["induced_ratio"], c["stable_ratio"], c["sesame"] = 1.0, 1.0, [1.0, 1.0, 0.0]
    c["response_ratio"], c["late_remission"], c["relapse"], c["recurrence"] = 0.0, 0.0, 0.0, 0.0
    c["remission"] = HAZARD
    change(tables)
    world = World(usual.documents, PEOPLE, SEED, usual.states, usual.design)
    persons, weight, group = usual.pool
    people = usual.base.people
    base = type(usual.base)(
        simulation.People(alike(people.persons), people.starts, people.batch, people.weight),
        usual.base.stratum,
        usual.base.report,
    )
    made = {"tables": tables, "base": base, "pool": (alike(persons), weight, group), "past": usual.past}
    world.__dict__.update(made)
    return world


def check(found: dict[str, Any], expected: dict[str, float], n: int) -> None:
    """Compare within five binomial standard errors; shares that must be 0 or 1 exactly."""
    for name, share in expected.items():
        error = np.sqrt(share * (1.0 - share) / n)
        assert abs(found[name].value - share) <= 5.0 * error, (name, found[name], share)


def by(months: float, hazard: float = HAZARD) -> float:
    return float(-np.expm1(-hazard * months))


REMISSION_ALONE: dict[str, dict[str, float]] = {
    "nemesis": {f"still_ill_{m}": 1.0 - by(m) for m in (3, 6, 12, 24, 36)} | {"recovered_6": by(6)},
    "untreated": {f"remitted_{m}": by(m) for m in (3, 6, 12)},
    "prevalent": {"persistent_3y": 1.0 - by(34), "chronic_6y": 1.0 - by(70), "new_episode_3y": 0.0},
    "population_recurrence": {"recurred_5y": 0.0, "recurred_20y": 0.0},
    "specialised": {"recurred_15y": 0.0, "recovered_10y": by(120), "annual_episodes": 0.0},
    "baltimore": {"unremitting": 1.0 - by(264), "single_episode": by(264)},
    "stard": {f"step_{k}": by(3) for k in (1, 2, 3, 4)} | {"cumulative_no_dropout": by(12), "relapse_1": 0.0},
    "maintenance": {"relapse_drug": 0.0, "relapse_placebo": 0.0},
    "cadet": {"usual_4": by(4), "usual_12": by(12), "usual_remission_4": by(4)},
    "cobalt": {"response_usual": by(6), "response_cbt": by(6)},
    "vastd": {"remission_switch": by(3), "remission_aripiprazole": by(3)},
    "escape": {"remission_w8_esketamine": by(2), "relapse_free_w32_quetiapine": by(2)},
    "sustain1": {"stable_share": by(4), "relapse_remitters_placebo": 0.0},
    "eskale": {"remission_1": by(1)},
    "ect": {"remission": by(2), "relapse_drugs_12": 0.0},
    "ketect": {"remission_ect": by(2), "remission_ketamine_iv": by(2), "relapse_ect_12": 0.0},
    "rtms": {"remission": by(2), "response": by(2), "sustained_12": 1.0},
    "dunner": {"remission_12": by(12), "response_24": by(24)},
    "lqd": {"remission_quetiapine": by(2), "remission_lithium": by(2)},
}


@pytest.mark.parametrize("study", REMISSION_ALONE)
def test_a_constant_hazard_of_remission_is_exponential(usual, study: str) -> None:
    found = STUDIES[study](world_with(usual, lambda t: None))
    check(found, REMISSION_ALONE[study], 400 if study in ("eskale", "stard") else usual.size)


def test_where_treatments_do_nothing_arms_do_not_differ(usual) -> None:
    plain = world_with(usual, lambda t: None)
    escape, cadet, cobalt = (STUDIES[name](plain) for name in ("escape", "cadet", "cobalt"))
    assert escape["extra_weeks_in_remission"].value == 0.0
    assert escape["hazard_ratio_remission"].value == pytest.approx(1.0)
    ratios = [cadet["odds_ratio_4"].value, cadet["odds_ratio_12"].value, cobalt["odds_ratio"].value]
    assert ratios == pytest.approx([1.0, 1.0, 1.0])


def returning(t: Tables) -> None:
    """Everybody is well at once and stays in remission until a relapse; a drug halves it, ECT doubles it."""
    t.course["remission"], t.course["relapse"], t.course["recovery_months"] = CERTAINLY, RELAPSE, 999.0
    t.course["relapse_ratio"][:, [Treatment.MAINTENANCE, Treatment.CONTINUATION_ECT]] = 0.5
    t.course["induced_ratio"][:, Treatment.ECT] = 2.0
    t.course["stable_ratio"][:, Treatment.ESKETAMINE] = 0.25
    t.treatment["stop_well"] = 0.0


def test_a_constant_hazard_of_relapse_is_exponential_in_each_arm(usual) -> None:
    world = world_with(usual, returning)
    n = 300  # at least this many are randomised
    check(STUDIES["maintenance"](world), {"relapse_drug": by(12, RELAPSE / 2), "relapse_placebo": by(12, RELAPSE)}, n)
    expected = {
        "relapse_drugs_6": by(6, RELAPSE),
        "relapse_ect_12": by(12, RELAPSE),
        "remission": 1 - by(1, 2 * RELAPSE),
    }
    check(STUDIES["ect"](world), expected, n)
    check(STUDIES["rtms"](world), {f"sustained_{m}": 1.0 - by(m, RELAPSE / 2) for m in (3, 6, 12)}, n)
    check(STUDIES["ketect"](world), {"relapse_ect_12": by(12, RELAPSE)}, n)
    expected = {"relapse_remitters_esketamine": by(8, RELAPSE / 4), "relapse_remitters_placebo": by(8, RELAPSE / 2)}
    check(STUDIES["sustain1"](world), expected, n)


def test_recurrence_in_the_population(usual) -> None:
    def change(t: Tables) -> None:
        t.course["recurrence"], t.course["remission"] = 0.01, 0.0

    found = STUDIES["population_recurrence"](world_with(usual, change))
    check(found, {f"recurred_{y}y": by(12 * y, 0.01) for y in (5, 10, 20)}, usual.size)


def test_dropout_leaves_each_step_to_those_who_go_on(usual) -> None:
    found = STUDIES["stard"](world_with(usual, lambda t: None))
    share, staying = 0.0, 1.0
    for going_on in (1.0, *usual.design["stard"]["share_going_on"]):
        staying *= going_on
        share += staying * by(3)
        staying *= 1.0 - by(3)
    check(found, {"cumulative_dropout": share}, usual.size)


def stopping(t: Tables) -> None:
    """Nobody gets better; drugs stop at constant hazards; nothing else is begun after a stop."""
    t.course["remission"] = 0.0
    t.treatment["stop_ill"] = [0.3, 0.1, 0.1]
    t.treatment["next_line"], t.treatment["access"] = 0.0, 0.0
    t.treatment["retry"][:, 1:] = 0.0


def test_persistence_is_that_of_the_hazards_of_stopping(usual) -> None:
    world = world_with(usual, stopping)
    expected = {"beyond_28_days": np.exp(-0.3), "six_months": np.exp(-0.3 - 4 * 0.1)}
    check(STUDIES["persistence"](world), expected, 100)
    expected = {"stopped_12": by(1, 0.3 + 11 * 0.1)}
    check(STUDIES["eskale"](world), expected, usual.size)


def test_time_to_a_third_treatment_by_hand(usual) -> None:
    """Every drug stops in its first month and the next begins at once: the third, two months after the first."""

    def change(t: Tables) -> None:
        stopping(t)
        t.treatment["stop_ill"], t.treatment["retry"], t.care["detected"] = CERTAINLY, 1.0, 1.0
        t.care["leave"], t.care["seek"] = 0.0, 1.0
        t.treatment["choice"][:, :, :, Treatment.ANTIDEPRESSANT :] = 1.0
        t.treatment["choice"][:, :, :, : Treatment.ANTIDEPRESSANT] = 0.0

    found = STUDIES["stockholm"](world_with(usual, change))
    assert found["share_resistant"].value == 1.0
    assert found["median_days"].value == pytest.approx(1.5 * 365.25 / 12)  # the middle of the second month


def harming(t: Tables) -> None:
    """Everybody meets the same constant hazard of an act; nothing else kills."""
    t.suicide["rate"], t.suicide["state_ratio"], t.suicide["window_ratio"] = ACT, 1.0, 1.0
    t.suicide["past_ratio"], t.suicide["trd_ratio"], t.suicide["lethality"] = 1.0, 1.0, LETHAL
    t.mortality["other"] = 0.0


def test_acts_and_suicides_at_a_constant_hazard(usual) -> None:
    world = world_with(usual, harming)
    act = by(1, ACT)
    fatal = 1.0 - (1.0 - act * LETHAL) ** 432
    check(STUDIES["nordentoft"](world), {"suicide_men": fatal, "suicide_women": fatal}, 200)
    very = STUDIES["bergfeld"](world)
    assert very["attempts_per_100"].value == pytest.approx(1200 * act)
    assert very["suicides_per_100"].value == pytest.approx(1200 * act * LETHAL)
    survived, died = act * (1.0 - LETHAL), act * LETHAL
    alive = 1.0 - (1.0 - act) ** 6
    expected = {"readmitted_6": alive * survived / act, "suicide_12": (1.0 - (1.0 - died) ** 12)}
    found = STUDIES["attempters"](world)
    assert found["readmitted_6"].value == pytest.approx(expected["readmitted_6"], abs=5 * found["readmitted_6"].error)
    check(found, {"suicide_12": expected["suicide_12"]}, usual.size)


def test_first_year_expects_acts_of_the_whole_nation(usual) -> None:
    world = world_with(usual, harming)
    found = STUDIES["first_year"](world)
    present = world.base.of((0, 1, 2, 3, 4)).person_weights().sum()
    assert found["suicides"].value == pytest.approx(12 * by(1, ACT) * LETHAL * present)
    assert found["deaths"].value == pytest.approx(found["suicides"].value)
    assert found["attempt_stays"].value == pytest.approx(12 * by(1, ACT) * (1.0 - LETHAL) * present)


def test_level_reads_the_yearly_growth_of_the_stock(usual, monkeypatch) -> None:
    """A stock that grows 3 % a year among residents who do not change grows 3 % a year."""
    real, _ = nation.open_run(usual, 1)
    occupancy = np.zeros((real.batches, 10, *real.occupancy.shape[2:]))
    occupancy[..., Trd.NEITHER, Health.NEVER] = 1e6
    stock = 1e5 * 1.03 ** np.arange(10)
    occupancy[..., Trd.BROAD, Health.SEVERE] = stock[None, :, None, None]
    occupancy[..., Trd.NEITHER, Health.NEVER] -= occupancy[..., Trd.BROAD, Health.SEVERE]
    monkeypatch.setattr(nation, "open_run", lambda world, years: (replace(real, occupancy=occupancy), {}))
    assert nation.level(usual)["broad_growth"].value == pytest.approx(0.03)


def test_incidence_is_the_law_of_onset(usual, registry) -> None:
    flat = {f"course.onset.annual_rate.{sex}": (0.01,) * 8 for sex in ("men", "women")}
    young = dict.fromkeys(flat, (0.01, *((0.0,) * 7)))
    pool = alike(usual.past.pool)
    for values, rate, early in ((flat, 0.01, None), (young, None, 1.0)):
        changed = registry.replace(values, "a test")
        world = World(changed, PEOPLE, SEED, usual.states, usual.design)
        probability = -np.expm1(-0.01 * np.maximum(0, -pool["fixed"][:, Fixed.BIRTH_MONTH] / 12 - 15))
        world.__dict__["past"] = Past(pool, probability, 1.0, pool[:0], np.zeros(0))
        found = STUDIES["incidence"](world)
        if rate is not None:
            assert found["annual_rate"].value == pytest.approx(rate, rel=0.01)  # the table of ages ends at 110
        if early is not None:
            world.__dict__["past"] = Past(pool, by_25(pool), 1.0, pool[:0], np.zeros(0))
            assert STUDIES["incidence"](world)["onset_before_25"].value == pytest.approx(early, abs=1e-6)


def by_25(pool: Any) -> Any:
    months = np.clip(-pool["fixed"][:, Fixed.BIRTH_MONTH], 180, 300)
    return -np.expm1(-0.01 * (months - 180) / 12)


def test_own_past_by_hand(usual) -> None:
    """Fifty times four people aged forty: ill and resistant, ill in care, ill alone, well."""
    persons = simulation.new_persons(200)
    now = persons["now"]
    persons["fixed"][:, Fixed.BIRTH_MONTH] = -480
    kind = np.arange(200) // 50
    now[:, Now.HEALTH] = np.where(kind < 3, Health.SEVERE, Health.RECOVERY)
    now[:, Now.SEVERITY], now[:, Now.EPISODES] = Health.SEVERE, 1
    now[:, Now.MONTHS_SINCE_ILL] = np.where(kind < 3, 0, 60)
    now[:, Now.FAILED] = np.where(kind == 0, 2, 0)
    now[:, Now.MONTHS_SINCE_CARE] = np.where(kind < 2, 0, 99)
    now[:, Now.CARE] = np.where(kind < 2, 1, 0)
    now[:, Now.MONTHS_SINCE_VISIBLE] = np.where(kind == 0, 3, 99)
    now[:, Now.MONTHS_IN_EPISODE] = np.where(kind == 0, 30, 2)
    world = World(usual.documents, PEOPLE, SEED, usual.states, usual.design)
    world.__dict__["past"] = Past(persons, np.full(200, 0.5), 1e6, persons, np.full(200, 10.0))
    found = nation.own_past(world)
    assert found["broad_stock"].value == found["claims_visible_stock"].value == 500.0
    assert found["broad_stock"].error == pytest.approx(0.0)
    expected = {"any_care": 2 / 3, "chronic": 1 / 3, "first_episode": 2 / 3, "severe": 1.0, "resistant_of_care": 0.5}
    expected |= {"care_gp": 1.0, "care_none": 0.0, "trd_two_failures": 1.0, "trd_beyond_two_years": 1.0}
    assert {name: found[name].value for name in expected} == pytest.approx(expected)


def test_the_burden_is_in_euros_of_the_claims_year(usual) -> None:
    found = STUDIES["burden"](usual)
    index = load_table("consumer_prices")
    values = valuation.prices(usual.values, usual.documents, index)
    ledgers, _ = nation.open_run(usual, 1)
    today = valuation.burden(valuation.value(ledgers, values))["direct"][:, 0].mean()
    claimed = usual.documents["economy.burden.direct"].price_year
    assert found["direct"].value == pytest.approx(float(valuation.carry(today, 2025, claimed, index)))
    parts = sum(found[name].value for name in ("direct", "production", "informal_care", "mortality"))
    assert found["total"].value == pytest.approx(parts)


def test_measure_answers_every_target_and_the_same_on_any_number_of_threads(registry) -> None:
    targets = tg.load_targets(registry)
    one, two = (measure(registry, targets.of("fit"), 2_000, 3, jobs) for jobs in (1, 2))
    np.testing.assert_array_equal(one.values, two.values)
    np.testing.assert_array_equal(one.mc_error, two.mc_error)
    assert np.isfinite(one.values).all()


def test_a_measure_that_a_study_does_not_give_is_named(registry) -> None:
    target = next(t for t in tg.load_targets(registry).items if t.id == "escape_weeks")
    with pytest.raises(KeyError, match="escape does not measure extra_weeks_in_remission; it measures x"):
        answer_to(target, {"escape": {"x": ratio(np.ones(2), np.ones(2))}})


def test_the_error_of_a_share_is_that_of_its_groups() -> None:
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(50), 40)
    shares = []
    for _ in range(400):
        cohort = Cohort(np.zeros(2000), group)
        shares.append(cohort.share(rng.random(2000) < 0.3))
    values, errors = np.array([s.value for s in shares]), np.array([s.error for s in shares])
    assert errors.mean() == pytest.approx(values.std(), rel=0.15)
    jackknifed = cohort.jackknife(lambda kept: float(kept.size))
    assert jackknifed.value == 2000.0
