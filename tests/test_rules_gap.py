"""Rules of docs/rules.md that no other file tests: people at month 0, places, what parameters become."""

from functools import cache

import numpy as np
import pytest

from calibration import trials
from model import capacity, margins, population, transitions
from model.expectation import OTHER_DEATHS, STAYS, SUICIDES, SUICIDES_ILL, expected_acts
from model.inputs import load_parameters, load_table
from model.phases import Values
from model.states import (
    AGE_BANDS,
    Capacity,
    Event,
    Fixed,
    Health,
    Now,
    Service,
    Trait,
    Treatment,
)
from model.study import run_closed
from tests.small import CERTAIN, blank_tables, crowd, records, run, set_now


@cache
def registry_values() -> dict[str, object]:
    return {name: parameter.value for name, parameter in load_parameters(solved=None).items()}


def values(**changed: object) -> Values:
    """Return the values of the registry; `a__b` stands for the parameter a.b."""
    return Values(registry_values() | {name.replace("__", "."): value for name, value in changed.items()})


@cache
def nation() -> population.Population:
    return population.build(values(), 2_000, seed=3)


# ── people at month 0 ────────────────────────────────────────────────────────────────────────────────


def test_nobody_dies_in_the_past() -> None:
    tables = population.immortal(transitions.build_tables([values()]))
    assert not tables.mortality.other.any()
    assert not tables.suicide.lethality.any()
    assert tables.suicide.rate.any()
    persons = nation().of((0, 1, 2, 3)).persons
    assert (persons["now"][:, Now.HEALTH] < Health.DEAD_SUICIDE).all()
    assert (persons["now"][:, Now.EPISODES] >= 1).all()


def test_the_survey_is_read_through_its_predictive_value_and_sensitivity() -> None:
    v = values(survey__cidi_sf__sensitivity=0.8, survey__cidi_sf__predictive_value=0.6)
    assert margins.true_share(np.array([0.12]), v) == pytest.approx([0.09])


def test_the_young_and_the_old_take_the_nearest_surveyed_rate() -> None:
    v = values()
    share = margins.true_share(margins.survey_share(), v)
    assert margins.ill_targets(v) / margins.band_population() == pytest.approx(share)
    table = load_table("population_2023_region_age_sex")
    assert margins.band_population().sum() == pytest.approx(table["pop"][table["age_lo"] >= 15].sum())


def test_open_and_closed_populations_share_people_and_luck() -> None:
    opened, closed = (nation().of(strata) for strata in (population.OPEN, population.CLOSED))
    shared = [key for key in closed.persons["key"] if key in set(opened.persons["key"])]
    assert len(shared) == len(nation().of((0, 1, 2, 3)))
    ill = closed.persons["now"][:, Now.EPISODES] > 0
    entry = closed.persons["fixed"][:, Fixed.ENTRY]
    assert (entry[ill] == 0).all()
    assert ((entry[~ill] >= 0) & (entry[~ill] < 12)).all()
    assert (closed.persons["trait"][~ill, Trait.ONSET] == population.CERTAIN).all()


# ── the month ────────────────────────────────────────────────────────────────────────────────────────


def test_a_month_runs_death_then_act_then_illness() -> None:
    def events(death: float, act: float) -> dict[str, int]:
        t = blank_tables()
        t.course.onset = CERTAIN
        t.mortality.other, t.suicide.rate, t.suicide.lethality = death, act, 1.0
        found = run(crowd(10), t, 1).ledgers.events.sum(axis=(0, 1, 2))
        return {event.name: int(found[event]) for event in (Event.DEATH_OTHER, Event.SUICIDE, Event.ONSET)}

    assert events(CERTAIN, CERTAIN) == {"DEATH_OTHER": 10, "SUICIDE": 0, "ONSET": 0}
    assert events(0.0, CERTAIN) == {"DEATH_OTHER": 0, "SUICIDE": 10, "ONSET": 0}
    assert events(0.0, 0.0) == {"DEATH_OTHER": 0, "SUICIDE": 0, "ONSET": 10}


def test_expected_acts_sum_each_person_s_own_probability() -> None:
    """What counting would find on average: an act needs that the person did not die of something else."""
    people = set_now(crowd(3), health=[Health.NEVER, Health.SEVERE, Health.RECOVERY])
    people.persons["trait"][:, Trait.MORTALITY] = 2.0
    t = blank_tables()
    t.suicide.rate, t.suicide.lethality, t.mortality.other = 0.01, 0.1, 0.001
    t.suicide.state_ratio[:, Health.SEVERE] = 5.0
    out = np.zeros(4)
    expected_acts(people.persons, 0, 3, records(t).suicide, records(t).mortality, out)
    alive = np.exp([-0.001, -0.002, -0.002])
    acts = -np.expm1([-0.01, -0.05, -0.01]) * alive
    assert out[STAYS] == pytest.approx(0.9 * acts.sum())
    assert out[SUICIDES] == pytest.approx(0.1 * acts.sum())
    assert out[SUICIDES_ILL] == pytest.approx(0.1 * acts[1])
    assert out[OTHER_DEATHS] == pytest.approx((1.0 - alive).sum())


# ── places ───────────────────────────────────────────────────────────────────────────────────────────


def admitted_by_places(places: float) -> np.ndarray:
    """Return the capacity ledger (month, column) of ketamine, 4,000 people eligible, courses of two months."""
    people, t = ketamine_world()
    limit = np.full((6, len(Service), 18), np.inf)
    limit[:, Service.KETAMINE_IV] = 0.0
    limit[:, Service.KETAMINE_IV, 0] = places
    calendar = capacity.simulation.new_calendar(np.zeros(6, np.int32))
    _, books = capacity.run_open(people, t, calendar, limit, 1)
    return books.places["capacity"][:, :6, Service.KETAMINE_IV].sum(axis=0)


def ketamine_world() -> tuple[object, object]:
    t = blank_tables()
    t.treatment.access[:, Service.KETAMINE_IV] = 0.2
    t.treatment.course[:, Treatment.KETAMINE_IV] = 2.0
    t.use.sessions[:, Treatment.KETAMINE_IV] = 1.0
    state = {"health": Health.SEVERE, "severity": Health.SEVERE, "episodes": 1, "failed": 2, "care": 2}
    return set_now(crowd(4_000, 2), **state), t


def test_places_that_never_bind_change_nothing_and_places_that_bind_hold() -> None:
    free, wide, tight = admitted_by_places(np.inf), admitted_by_places(1e9), admitted_by_places(100.0)
    assert (free == wide).all()
    assert tight[1:, Capacity.ADMITTED].max() < free[1, Capacity.ADMITTED]
    assert tight[1:, Capacity.REFUSED].min() > 0


def test_the_cohort_meets_the_queues_of_the_nation_then_those_of_its_last_year() -> None:
    rations = np.linspace(0.0, 1.0, 24)[:, None, None] * np.ones((len(Service), 18))
    later = capacity.later_rations(rations, 40)
    assert (later[:24] == rations).all()
    assert later[24:] == pytest.approx(rations[-12:].mean())
    assert (capacity.later_rations(rations, 6) == rations[:6]).all()


def test_the_cohort_runs_under_the_rations_it_is_given() -> None:
    people, _ = ketamine_world()
    v = values(access__ketamine_iv__epsm__monthly_probability=0.05)
    phases = capacity.Phases(np.zeros(6, np.int32), [v])
    shut = np.ones((6, len(Service), 18))
    shut[:, Service.KETAMINE_IV] = 0.0
    tables = transitions.build_tables([v])
    given, none = (run_closed(people, phases, tables, r, 6, 1) for r in (np.ones_like(shut), shut))
    start = Event.KETAMINE_START
    assert given.events[..., start].sum() > 0
    assert none.events[..., start].sum() == 0


# ── what parameters become ───────────────────────────────────────────────────────────────────────────


def test_each_treatment_is_the_product_of_its_comparators() -> None:
    v = values()

    def ratio(name: str) -> float:
        return float(v[f"treatment.{name}.remission_hazard_ratio"])

    found = transitions.acute_ratios(v)
    drug = ratio("antidepressant")
    assert found[Treatment.ESKETAMINE] == pytest.approx(drug * ratio("quetiapine") * ratio("esketamine"))
    assert found[Treatment.LITHIUM] == pytest.approx(drug * ratio("quetiapine") * ratio("lithium"))
    assert found[Treatment.KETAMINE_IV] == pytest.approx(drug * ratio("ect") * ratio("ketamine_iv"))
    assert found[Treatment.SWITCH_CBT] == pytest.approx(drug * ratio("switch") * ratio("switch_cbt"))


def test_suicide_is_taken_out_of_the_life_table_and_the_ratio_leaves_its_mean() -> None:
    v = values(mortality__ever_depressed__hazard_ratio=1.5, mortality__somatic__hazard_ratio=1.0)
    table = load_table("life_table")
    man_40 = (table["sex"] == "M") & (table["age"] == 40)
    hazard = float(-np.log1p(-table["qx"][man_40])[0])
    suicide = transitions.suicide_rates()[0, transitions.band_of_age()[40]]
    assert transitions.life_table()[0, 40] == pytest.approx(hazard - suicide)
    other = transitions.mortality_record(v)["other"][0, 40] * 12  # type: ignore[index]
    ill = v["mortality.ever_ill_share"][transitions.band_of_age()[40]]
    assert other * (1.5 * ill + 1.0 - ill) == pytest.approx(hazard - suicide)


def test_lethality_returns_the_deaths_of_the_nation() -> None:
    record = transitions.suicide_record(values(suicide__attempt__level=1.0, suicide__lethality_ratio=1.0))
    deaths = np.array(record["rate"]) * np.array(record["lethality"]) * 12
    assert deaths == pytest.approx(transitions.suicide_rates())
    assert np.array(record["lethality"]).shape == (2, len(AGE_BANDS))


def test_a_listed_device_is_a_place_of_its_own() -> None:
    """Who pays is read by hospital: a scenario confined to EPSM leaves the others as they were."""
    places = np.zeros((18, 3))
    places[:, 0] = 1.0
    rest = {k: x for k, x in registry_values().items() if k != "funding.esketamine.listed"}
    v = Values(rest, {"funding.esketamine.listed": places})
    assert transitions.use_record(v)["listed"] == pytest.approx([1.0, 0.0, 0.0])


# ── small trials ─────────────────────────────────────────────────────────────────────────────────────


def test_bisection_finds_the_root_or_the_nearer_end() -> None:
    assert trials.bisect(lambda x: x - 1.3, 1.0, 3.0, rounds=30) == pytest.approx(1.3)
    assert trials.bisect(lambda x: x + 1.0, 1.0, 3.0) == 1.0
    assert trials.bisect(lambda x: x - 9.0, 1.0, 3.0) == 3.0


def test_a_trial_of_nothing_has_an_odds_ratio_of_one() -> None:
    neutral = values(
        sesame__effect__remission_ratio=1.0,
        sesame__effect__relapse_ratio=1.0,
        sesame__effect__adequate_dose_odds_ratio=1.0,
        sesame__effect__stop_ratio=1.0,
        sesame__effect__next_line_ratio=1.0,
        sesame__effect__referral_ratio=1.0,
    )
    found = trials.cadet(population.build(neutral, 20_000, seed=3), neutral)
    assert found.people > 50
    assert found.odds_ratio == pytest.approx([1.0, 1.0])
