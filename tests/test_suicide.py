"""Suicidal acts, rule by rule."""

from typing import Any

import numpy as np
import pytest

from model.month import suicidality
from model.states import Care, Event, Fixed, Health, Hospital, Now, Outcome, Resource, Trait, Treatment
from model.suicide import attempt_hazard, is_averted
from tests.small import CERTAIN, blank_tables, month, person, records


@pytest.mark.parametrize(
    ("now", "hazard"),
    [
        ({}, 0.006),
        ({"health": Health.SEVERE}, 0.006 * 10),
        ({"health": Health.SEVERE, "failed": 1}, 0.006 * 10),
        ({"health": Health.SEVERE, "failed": 2}, 0.006 * 10 * 1.9),
        ({"attempts": 1, "months_since_attempt": 0}, 0.006 * 12),
        ({"attempts": 1, "months_since_attempt": 11}, 0.006 * 1),
        ({"attempts": 3, "months_since_attempt": 12}, 0.006 * 2.5),
        ({"attempts": 3, "months_since_attempt": 900}, 0.006 * 2.5),
        ({"health": Health.SEVERE, "failed": 4, "attempts": 1, "months_since_attempt": 2}, 0.006 * 10 * 1.9 * 10),
    ],
    ids=str,
)
def test_ratios_multiply_the_rate_of_sex_and_age(now: dict[str, int], hazard: float) -> None:
    """Rate 0.003 for women in the sixth band, trait 2; ten times in a severe episode; 12, 11 … 1 after an act."""
    t = blank_tables().suicide
    t.rate[0, 1, 5], t.state_ratio[0, Health.SEVERE] = 0.003, 10.0
    t.window_ratio, t.past_ratio, t.trd_ratio = np.arange(12, 0, -1.0), 2.5, 1.9
    p = person(**now)
    p.trait[Trait.ATTEMPT] = 2.0
    assert attempt_hazard(p, 1, 5, t[0]) == pytest.approx(hazard)
    assert attempt_hazard(p, 0, 5, t[0]) == 0.0


def acted(lethality: float, contact: tuple[float, float] = (0.0, 0.0), **now: Any) -> tuple[Any, Any]:
    """Return a person who acts this month, and what was booked."""
    t = blank_tables()
    t.suicide.rate, t.suicide.lethality, t.suicide.contact = CERTAIN, lethality, contact
    p, m = person(**now), month()
    assert suicidality(p, m, records(t))
    return p, m


def test_a_lethal_act_is_a_death_booked_once_everywhere() -> None:
    p, m = acted(1.0, health=Health.SEVERE, failed=2)
    events = m.page.events[1]
    assert p.now[Now.HEALTH] == Health.DEAD_SUICIDE
    one = [Event.ATTEMPT, Event.ATTEMPT_ILL, Event.SUICIDE, Event.SUICIDE_ILL, Event.SUICIDE_EVER_ILL]
    assert events[one].tolist() == [1] * 5
    assert events.sum() == 5
    assert m.page.suicides[1, 0, 1] == m.page.suicides.sum() == 1
    assert m.page.resources[1, 0, Resource.SUICIDE] == m.page.resources.sum() == 1
    assert m.page.equity[0, [Outcome.ATTEMPTS, Outcome.SUICIDES]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("health", "ill", "ever"),
    [(Health.NEVER, 0, 0), (Health.RECOVERY, 0, 1), (Health.REMISSION, 1, 1), (Health.MILD, 1, 1)],
)
def test_suicides_of_the_ill_and_of_the_ever_ill(health: Health, ill: int, ever: int) -> None:
    _, m = acted(1.0, health=health)
    assert m.page.events[0, [Event.SUICIDE_ILL, Event.SUICIDE_EVER_ILL]].tolist() == [ill, ever]


def test_an_act_survived_is_a_stay_and_opens_the_window_of_risk() -> None:
    p, m = acted(0.0, health=Health.MILD, attempts=1)
    assert (p.now[Now.HEALTH], p.now[Now.ATTEMPTS], p.now[Now.MONTHS_SINCE_ATTEMPT]) == (Health.MILD, 2, -1)
    used = m.page.resources.sum(axis=(0, 1))
    assert used[[Resource.EMERGENCY_VISIT, Resource.ATTEMPT_STAY]].tolist() == [1, 1]
    assert used.sum() == 2


@pytest.mark.parametrize(
    ("health", "care", "after"),
    [
        (Health.MILD, Care.NONE, Care.CMP),
        (Health.MILD, Care.GP, Care.GP),
        (Health.NEVER, Care.NONE, Care.NONE),
        (Health.RECOVERY, Care.NONE, Care.NONE),
    ],
)
def test_an_act_brings_the_ill_who_had_none_into_care(health: Health, care: Care, after: Care) -> None:
    p, m = acted(0.0, (1.0, 0.0), health=health, care=care)
    assert p.now[Now.CARE] == after
    assert m.page.events[0, Event.CARE_START] == (after != care)


@pytest.mark.parametrize(
    ("catchment", "follows"),
    [(Hospital.EPSM, Care.CMP), (Hospital.GENERAL, Care.CMP), (Hospital.CLINIC, Care.PSYCHIATRIST)],
)
def test_an_act_may_lead_to_psychiatric_admission(catchment: Hospital, follows: Care) -> None:
    t = blank_tables()
    t.suicide.rate, t.suicide.contact = CERTAIN, [0.0, 1.0]
    p, m = person(health=Health.SEVERE, care=Care.GP), month()
    p.fixed[Fixed.HOSPITAL] = catchment
    suicidality(p, m, records(t))
    assert (p.now[Now.HOSPITAL_DAYS], p.now[Now.CARE]) == (10, follows)
    assert m.page.events[0, Event.ADMISSION_EPSM + catchment] == 1


@pytest.mark.parametrize(("treatment", "ratio"), [(Treatment.LITHIUM, 0.6), (Treatment.QUETIAPINE, 1.0)])
def test_lithium_may_act_on_suicidal_acts(treatment: Treatment, ratio: float) -> None:
    t = blank_tables().suicide
    t.rate, t.lithium_ratio = 0.01, 0.6
    assert attempt_hazard(person(treatment=treatment), 0, 2, t[0]) == pytest.approx(0.01 * ratio)


# ── VigilanS beyond today ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("recontacted", "months", "u", "averted"),
    [(1, 0, 0.9, True), (1, 5, 0.9, True), (1, 5, 0.7, False), (1, 6, 0.9, False), (0, 0, 0.9, False)],
)
def test_recontact_averts_its_share_for_its_months(recontacted: int, months: int, u: float, averted: bool) -> None:
    t = blank_tables().suicide
    t.recontact, t.reattempt_ratio = [0.3, 6.0], 0.8
    p = person(recontacted=recontacted, attempts=1, months_since_attempt=months)
    assert is_averted(p, u, t[0]) == averted


@pytest.mark.parametrize(("lethality", "acts"), [(0.0, 0), (1.0, 1)])
def test_recontact_never_averts_a_lethal_act(lethality: float, acts: int) -> None:
    t = blank_tables()
    t.suicide.rate, t.suicide.lethality = CERTAIN, lethality
    t.suicide.recontact, t.suicide.reattempt_ratio = [1.0, 6.0], 0.0
    p, m = person(health=Health.SEVERE, recontacted=1, attempts=1, months_since_attempt=1), month()
    assert suicidality(p, m, records(t)) == bool(acts)
    assert m.page.events[0, Event.ATTEMPT] == m.page.events[0, Event.SUICIDE] == acts
    assert m.page.resources[..., Resource.ATTEMPT_STAY].sum() == 0


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_who_is_recontacted_is_drawn_again_at_each_stay(share: float) -> None:
    t = blank_tables()
    t.suicide.rate, t.suicide.recontact = CERTAIN, [share, 6.0]
    p, m = person(health=Health.SEVERE, recontacted=1 - int(share)), month()
    suicidality(p, m, records(t))
    assert p.now[Now.RECONTACTED] == share
    assert m.page.resources[..., Resource.VIGILANS_START].sum() == share
