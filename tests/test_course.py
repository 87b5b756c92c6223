"""The course of illness, rule by rule, against arithmetic written out."""

import math
from typing import Any

import numpy as np
import pytest

from model import course
from model.month import clinical_transition
from model.states import Event, Health, Now, Service, Trait, Treatment
from tests.small import CERTAIN, blank_tables, month, person, records


def table(**fields: Any) -> Any:
    """Return the blank record of the course with some fields set."""
    t = blank_tables().course
    for name, value in fields.items():
        t[name] = value
    return t[0]


# ── hazards and chance ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("hazard", [1e-6, 0.03, 0.5, 3.0])
def test_an_event_happens_with_one_minus_exp_of_minus_its_hazard(hazard: float) -> None:
    p = 1.0 - math.exp(-hazard)
    assert course.happens(p * (1 - 1e-9), hazard)
    assert not course.happens(p * (1 + 1e-9), hazard)
    assert course.happens(0.0, hazard)


def test_nothing_happens_without_a_hazard() -> None:
    assert not course.happens(0.0, 0.0)
    assert course.happens(1.0 - 2.0**-53, CERTAIN)


def test_destinations_compete_and_their_hazards_add() -> None:
    """Remission 0.2, response 0.3: something happens with 1 - exp(-0.5), and two in five are remissions."""
    t = table(remission=0.2, response_ratio=1.5)
    p = person(health=Health.MILD, severity=Health.MILD)
    any_exit = 1.0 - math.exp(-0.5)
    assert course.episode_outcome(p, t, any_exit - 1e-9, 0.4 - 1e-9) == course.TO_REMISSION
    assert course.episode_outcome(p, t, any_exit - 1e-9, 0.4 + 1e-9) == course.TO_RESPONSE
    assert course.episode_outcome(p, t, any_exit + 1e-9, 0.0) == course.STAYED


def test_from_response_remission_and_relapse_compete_from_both_ends_of_one_uniform() -> None:
    """Completion 0.1 × 2 × frailty 1.5 = 0.3 against relapse 0.1: three exits in four are remissions."""
    t = table(remission=[0.1, 0, 0], completion_ratio=2.0, relapse=[0.1, 0.7])
    p = person(health=Health.RESPONSE, severity=Health.MILD)
    p.trait[Trait.REMISSION] = 1.5
    any_exit = 1.0 - math.exp(-0.4)
    better, worse = 0.75 * any_exit, 1.0 - 0.25 * any_exit
    assert course.response_outcome(p, t, 0.0) == course.TO_REMISSION
    assert course.response_outcome(p, t, better - 1e-9) == course.TO_REMISSION
    assert course.response_outcome(p, t, better + 1e-9) == course.STAYED
    assert course.response_outcome(p, t, worse - 1e-9) == course.STAYED
    assert course.response_outcome(p, t, worse + 1e-9) == course.RELAPSED


# ── onset and severity ───────────────────────────────────────────────────────────────────────────────


def test_onset_is_read_by_sex_and_year_of_age_and_scaled_by_the_trait() -> None:
    onset = np.arange(222.0).reshape(2, 111) / 1e4
    p = person()
    p.trait[Trait.ONSET] = 1.3
    assert course.onset_hazard(p, 1, 40, table(onset=onset)) == pytest.approx(0.0151 * 1.3)


@pytest.mark.parametrize(
    ("age", "odds", "severe"),
    [(30, 1.0, 0.5 * 0.8), (30, 2.0, 0.5 * 0.8 * 2), (45, 1.0, 0.5 * 0.8 * 3), (50, 1.0, 0.5 * 0.8)],
)
def test_severity_follows_its_odds(age: int, odds: float, severe: float) -> None:
    """Moderate over mild 0.5, severe over moderate 0.8, three times that in the forties."""
    t = table(severity_odds=[0.5, 0.8], forties_odds=3.0)
    u = (np.arange(10_000) + 0.5) / 10_000
    found = np.bincount([course.severity_at_onset(x, odds, age, t) for x in u], minlength=4)[1:4] / u.size
    assert found == pytest.approx(np.array([1.0, 0.5, severe]) / (1.5 + severe), abs=1.5e-4)


# ── remission ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("health", "natural"), [(Health.MILD, 0.1), (Health.MODERATE, 0.06), (Health.SEVERE, 0.03)])
def test_remission_is_natural_times_frailty_plus_what_frailty_does_not_scale(health: Health, natural: float) -> None:
    t = table(remission=[0.1, 0.06, 0.03], late_remission=0.004)
    p = person(health=health)
    p.trait[Trait.REMISSION] = 0.5
    assert course.remission_hazard(p, t) == pytest.approx(natural * 0.5 + 0.004)


@pytest.mark.parametrize(
    ("months", "step"), [(0, 0), (2, 0), (3, 1), (5, 1), (6, 2), (11, 2), (12, 3), (23, 3), (24, 4), (90, 4)]
)
def test_remission_by_time_in_the_episode(months: int, step: int) -> None:
    ratios = [1.0, 0.9, 0.8, 0.7, 0.6]
    p = person(health=Health.MILD, months_in_episode=months)
    assert course.remission_hazard(p, table(remission=0.1, duration_ratio=ratios)) == pytest.approx(0.1 * ratios[step])


@pytest.mark.parametrize(("failed", "ratio"), [(0, 1.0), (1, 0.9), (4, 0.6), (5, 0.5), (8, 0.5)])
def test_remission_by_failed_treatments(failed: int, ratio: float) -> None:
    t = table(remission=0.1, failed_ratio=[1.0, 0.9, 0.8, 0.7, 0.6, 0.5])
    p = person(health=Health.MILD, failed=failed)
    assert course.remission_hazard(p, t) == pytest.approx(0.1 * ratio)


@pytest.mark.parametrize(
    ("months_on", "adequate", "response", "expected"),
    [
        (1, 1, 1.0, 1.0 + 0.8),
        (0, 1, 1.0, 1.0 + 0.8 * 0.5),  # half of the effect in the first month
        (1, 0, 1.0, 1.0 + 0.8 * 0.25),  # a quarter of it at an inadequate dose
        (0, 0, 1.0, 1.0 + 0.8 * 0.5 * 0.25),
        (1, 1, 0.6, 1.0 + 0.8 * 0.6),  # covariates scale what treatment adds, not nature
    ],
)
def test_treatment_adds_to_nature(months_on: int, adequate: int, response: float, expected: float) -> None:
    t = table(remission=0.1, acute_ratio=1.8, acute_lag=0.5, inadequate_share=0.25)
    p = person(
        health=Health.MILD,
        treatment=Treatment.SWITCH,
        months_on_treatment=months_on,
        adequate_dose=adequate,
    )
    p.trait[Trait.TREATMENT_RESPONSE] = response
    assert course.treatment_ratio(p, t) == pytest.approx(expected)
    assert course.remission_hazard(p, t) == pytest.approx(0.1 * expected)


@pytest.mark.parametrize(("months_on", "ratio"), [(0, 2.6), (1, 2.6), (2, 1.8), (30, 1.8)])
def test_a_ratio_holds_for_the_months_over_which_it_was_observed(months_on: int, ratio: float) -> None:
    """Esketamine to week 8, then what its comparator would do."""
    t = blank_tables().course
    esketamine = (0, int(Treatment.ESKETAMINE))
    t.acute_ratio[esketamine], t.acute_months[esketamine], t.later_ratio[esketamine] = 2.6, 2.0, 1.8
    p = person(health=Health.SEVERE, treatment=Treatment.ESKETAMINE, months_on_treatment=months_on, adequate_dose=1)
    assert course.treatment_ratio(p, t[0]) == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("followed", "since", "weight"), [(3, 9_999, 1.0), (0, 0, 1.0), (0, 2, 0.5), (0, 4, 0.0), (0, 9_999, 0.0)]
)
def test_the_nurse_acts_while_she_follows_then_less_each_month(followed: int, since: int, weight: float) -> None:
    """A carry-over of four months; ratios 1.4 on remission and 0.7 on relapse."""
    t = table(remission=0.1, relapse=[0.2, 0.1], sesame=[1.4, 0.7, 4.0])
    ill = person(health=Health.MILD, sesame_months=followed, months_since_sesame=since)
    well = person(health=Health.RESPONSE, sesame_months=followed, months_since_sesame=since)
    assert course.sesame_weight(ill, t) == weight
    assert course.remission_hazard(ill, t) == pytest.approx(0.1 * (1 + 0.4 * weight))
    assert course.relapse_hazard(well, t) == pytest.approx(0.2 * (1 - 0.3 * weight))


# ── relapse and recurrence ───────────────────────────────────────────────────────────────────────────


def relapse_table() -> Any:
    """Return ratios for esketamine: 0.5 on it, 1.5 / 1.2 / 1.1 by what brought it, 0.6 and 0.3 once stable."""
    t = blank_tables().course
    t.relapse = [0.2, 0.1]
    t.relapse_ratio[0, Treatment.ESKETAMINE] = 0.5
    t.induced_ratio[0, Treatment.ESKETAMINE] = [1.5, 1.2, 1.1]
    t.stable_ratio[0, Treatment.ESKETAMINE] = [0.6, 0.3]
    return t[0]


@pytest.mark.parametrize(("health", "natural", "stable"), [(Health.RESPONSE, 0.2, 0.6), (Health.REMISSION, 0.1, 0.3)])
def test_stable_benefit_counts_only_after_four_months(health: Health, natural: float, stable: float) -> None:
    on = {"health": health, "treatment": Treatment.ESKETAMINE, "months_in_state": 3}
    for months, ratio in ((0, 1.0), (3, 1.0), (4, stable), (30, stable)):
        p = person(**on, stable_months=months)
        assert course.relapse_hazard(p, relapse_table()) == pytest.approx(natural * 0.5 * ratio)


@pytest.mark.parametrize(("months", "ratio"), [(0, 1.5), (2, 1.5), (3, 1.2), (5, 1.2), (6, 1.1), (40, 1.1)])
def test_relapse_remembers_what_brought_the_benefit(months: int, ratio: float) -> None:
    """Off esketamine already, its benefit is still its own; nothing else is."""
    p = person(health=Health.REMISSION, months_in_state=months, induced_by=Treatment.ESKETAMINE)
    p.trait[Trait.RELAPSE] = 2.0
    assert course.relapse_hazard(p, relapse_table()) == pytest.approx(0.1 * 2.0 * ratio)


def test_stability_on_another_treatment_is_not_esketamine_s() -> None:
    p = person(health=Health.REMISSION, treatment=Treatment.MAINTENANCE, stable_months=12)
    assert course.relapse_hazard(p, relapse_table()) == pytest.approx(0.1)


@pytest.mark.parametrize(("episodes", "ratio"), [(1, 0.2), (3, 0.4), (9, 1.0), (30, 1.0)])
def test_recurrence_by_age_episode_and_maintenance(episodes: int, ratio: float) -> None:
    t = blank_tables().course
    t.recurrence, t.episode_ratio = np.arange(1, 9) / 100, np.arange(1, 11) / 10
    t.relapse_ratio[0, Treatment.MAINTENANCE] = 0.5
    p = person(health=Health.RECOVERY, episodes=episodes)
    p.trait[Trait.RELAPSE] = 3.0
    assert course.recurrence_hazard(p, 4, t[0]) == pytest.approx(0.05 * 3.0 * ratio)
    p.now[Now.TREATMENT] = Treatment.MAINTENANCE
    assert course.recurrence_hazard(p, 4, t[0]) == pytest.approx(0.05 * 3.0 * ratio * 0.5)


# ── what a transition does to the person ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("episodes", "months_well", "counted"), [(0, 9_999, True), (2, 1, False), (2, 2, True)])
def test_dsm_episodes_are_two_months_apart(episodes: int, months_well: int, counted: bool) -> None:
    p = person(health=Health.RECOVERY, episodes=episodes, months_well=months_well, dsm_episodes=5)
    course.begin_episode(p, int(Health.SEVERE))
    assert p.now[Now.DSM_EPISODES] == 5 + counted
    assert p.now[Now.EPISODES] == episodes + 1
    q = person(health=Health.REMISSION, episodes=2, months_well=months_well, dsm_episodes=5)
    course.relapse(q)
    assert q.now[Now.DSM_EPISODES] == 5 + (months_well >= 2)
    assert q.now[Now.EPISODES] == 2, "a relapse is the same episode"


def test_a_relapse_returns_to_the_severity_and_the_clock_of_the_episode() -> None:
    p = person(health=Health.RESPONSE, severity=Health.SEVERE, months_in_episode=14, months_in_state=5)
    course.relapse(p)
    assert (p.now[Now.HEALTH], p.now[Now.MONTHS_IN_EPISODE], p.now[Now.MONTHS_IN_STATE]) == (3, 14, 0)


def test_what_brought_the_response_also_brought_the_remission_that_follows() -> None:
    p = person(health=Health.SEVERE, treatment=Treatment.ECT)
    course.improve(p, int(Health.RESPONSE))
    p.now[Now.TREATMENT] = Treatment.MAINTENANCE
    course.improve(p, int(Health.REMISSION))
    assert p.now[Now.HEALTH] == Health.REMISSION
    assert p.now[Now.INDUCED_BY] == Treatment.ECT


def test_resistance_ends_with_recovery_and_history_stays() -> None:
    p = person(health=Health.REMISSION, failed=3, failed_adequate=2, failed_ever=7, tried=5)
    course.recover(p)
    assert p.now[Now.HEALTH] == Health.RECOVERY
    assert [p.now[c] for c in (Now.FAILED, Now.FAILED_ADEQUATE, Now.TRIED)] == [0, 0, 0]
    assert p.now[Now.FAILED_EVER] == 7


@pytest.mark.parametrize(("months", "health"), [(5, Health.REMISSION), (6, Health.RECOVERY)])
def test_six_months_of_remission_make_a_recovery(months: int, health: Health) -> None:
    p, m = person(health=Health.REMISSION, months_in_state=months), month()
    clinical_transition(p, m, records(blank_tables()))
    assert p.now[Now.HEALTH] == health
    assert m.page.events[0, Event.RECOVERY] == (health == Health.RECOVERY)


def test_a_relapse_ends_the_treatment_without_a_failure_and_what_worked_may_be_tried_again() -> None:
    t = blank_tables()
    t.course.relapse = CERTAIN
    tried = 1 << Service.ECT | 1 << Service.RTMS
    p, m = (
        person(
            health=Health.REMISSION,
            severity=Health.SEVERE,
            failed=3,
            treatment=Treatment.MAINTENANCE,
            induced_by=Treatment.ECT,
            tried=tried,
        ),
        month(),
    )
    clinical_transition(p, m, records(t))
    assert p.now[Now.HEALTH] == Health.SEVERE
    assert p.now[Now.TREATMENT] == Treatment.NONE
    assert p.now[Now.FAILED] == 3
    assert p.now[Now.TRIED] == 1 << Service.RTMS
    assert m.page.events[1, Event.RELAPSE] == 1


def test_an_onset_begins_the_first_episode() -> None:
    t = blank_tables()
    t.course.onset = CERTAIN
    p, m = person(), month()
    clinical_transition(p, m, records(t))
    assert (p.now[Now.HEALTH], p.now[Now.EPISODES], p.now[Now.DSM_EPISODES]) == (Health.MILD, 1, 1)
    assert m.page.events[0, Event.ONSET] == 1
