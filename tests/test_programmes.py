"""Programmes that people enter: who is taken in, what is booked, what it changes and for how long."""

from typing import Any

import numpy as np
import pytest

from model import care, course, programmes, work
from model.month import book_treatment, care_month, change_setting, clinical_transition, pass_time, tele_expert
from model.states import Ald, Care, Event, Fixed, Health, Now, Programme, Resource, Treatment, Work
from model.tables import Tables
from tests.small import CERTAIN, blank_tables, crowd, month, person, records, run, set_now


def resistant(**now: Any) -> Any:
    state = {"health": Health.SEVERE, "severity": Health.SEVERE, "failed": 2, "care": Care.CMP}
    return person(**state | now)


def entered(p: Any, **fields: Any) -> tuple[dict[str, int], Any]:
    """Offer a month of programmes; return the resources booked by name, and the month."""
    t = blank_tables().programme
    for name, value in fields.items():
        t[name] = value
    m = month()
    programmes.enter_programmes(p, m.cycle, 0, 0, m.page, t[0])
    used = m.page.resources.sum(axis=(0, 1))
    return {Resource(i).name: int(used[i]) for i in np.flatnonzero(used)}, m


def flagged(p: Any, **attributes: int) -> Any:
    for name, value in attributes.items():
        p.fixed[Fixed[name.upper()]] = value
    return p


# ── joint care of comorbidity ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "attribute", "taken"),
    [
        ({}, "anxiety", True),
        ({}, "substance", True),
        ({"care": Care.PSYCHIATRIST}, "somatic", True),
        ({}, "bipolar", False),  # no comorbidity that joint care sees
        ({"failed": 1}, "anxiety", False),
        ({"health": Health.RESPONSE}, "anxiety", False),
        ({"care": Care.GP}, "anxiety", False),
        ({"care": Care.NONE}, "anxiety", False),
        ({"programmes": Programme.INTEGRATED}, "anxiety", False),
    ],
    ids=str,
)
def test_joint_care_takes_resistant_people_with_a_comorbidity_once(
    now: dict[str, int], attribute: str, taken: bool
) -> None:
    p = flagged(resistant(**now), **{attribute: 1})
    used, _ = entered(p, integrated=[1.0, 12.0])
    assert used == ({"INTEGRATED_CARE_START": 1, "SOMATIC_WORKUP": 1} if taken else {})
    assert p.now[Now.INTEGRATED_LEFT] == (13 if taken else 0)


def test_joint_care_gives_back_part_of_what_each_comorbidity_takes() -> None:
    t = blank_tables()
    t.course.remission, t.course.integrated_ratio = 0.02, [1.5, 2.0, 3.0]
    t.care.admission, t.care.integrated_admission_ratio = 0.1, 0.5
    rules = records(t)
    p = flagged(resistant(), anxiety=1, somatic=1)
    usual, admitted = course.remission_hazard(p, rules.course), care.admission_hazard(p, rules.care)
    p.now[Now.INTEGRATED_LEFT] = 1
    assert course.remission_hazard(p, rules.course) == pytest.approx(usual * 1.5 * 3.0)
    assert care.admission_hazard(p, rules.care) == pytest.approx(admitted * 0.5)


def test_what_acts_acts_for_its_months_after_the_month_of_entry_and_a_new_course_may_enter_again() -> None:
    p = flagged(resistant(), anxiety=1)
    entered(p, integrated=[1.0, 2.0])
    left = []
    for _ in range(4):
        pass_time(p, 1)
        left.append(int(p.now[Now.INTEGRATED_LEFT]))
    assert left == [2, 1, 0, 0]
    p.now[Now.PROGRAMMES] |= Programme.RECOGNISED | Programme.REHABILITATED
    course.recover(p)
    assert p.now[Now.PROGRAMMES] == Programme.RECOGNISED


# ── rehabilitation ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "taken"),
    [
        ({"work": Work.SICK_LEAVE}, True),
        ({"work": Work.UNEMPLOYED, "health": Health.REMISSION}, True),
        ({"work": Work.AT_WORK}, False),
        ({"work": Work.DISABILITY}, False),
        ({"work": Work.UNEMPLOYED, "failed": 1}, False),
        ({"work": Work.UNEMPLOYED, "care": Care.GP}, False),
        ({"work": Work.UNEMPLOYED, "health": Health.RECOVERY}, False),
        ({"work": Work.UNEMPLOYED, "programmes": Programme.REHABILITATED}, False),
    ],
    ids=str,
)
def test_rehabilitation_takes_resistant_people_away_from_work_once(now: dict[str, int], taken: bool) -> None:
    p = resistant(**now)
    used, _ = entered(p, rehabilitation=[1.0, 18.0])
    assert used == ({"REHABILITATION_START": 1} if taken else {})


def test_rehabilitation_acts_on_finding_work_coming_back_and_relapse() -> None:
    t = blank_tables()
    t.work.find_job, t.work.come_back, t.work.rehabilitation_ratio = 0.1, 0.1, [1.5, 2.0]
    t.course.relapse, t.course.rehabilitation_ratio = 0.1, 0.5
    rules = records(t)
    for state, ratio in ((Work.UNEMPLOYED, 1.5), (Work.SICK_LEAVE, 2.0)):
        p = resistant(work=state, health=Health.REMISSION)
        u = -np.expm1(-0.1 * ratio)
        assert work.next_work(p, 40, rules.work, u - 1e-9, 0.0) == work.UNCHANGED
        assert course.relapse_hazard(p, rules.course) == pytest.approx(0.1)
        p.now[Now.REHABILITATION_LEFT] = 1
        assert work.next_work(p, 40, rules.work, u - 1e-9, 0.0) == Work.AT_WORK
        assert work.next_work(p, 40, rules.work, u + 1e-9, 0.0) == work.UNCHANGED
        assert course.relapse_hazard(p, rules.course) == pytest.approx(0.05)


# ── hidden bipolar disorder ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("bipolar", "accuracy", "used", "status"),
    [
        (1, [1.0, 1.0], {"BIPOLAR_SCREEN": 1, "SPECIALIST_ADVICE": 1}, Programme.SCREENED | Programme.RECOGNISED),
        (1, [0.0, 1.0], {"BIPOLAR_SCREEN": 1}, Programme.SCREENED),
        (0, [1.0, 1.0], {"BIPOLAR_SCREEN": 1}, Programme.SCREENED),
        (0, [1.0, 0.0], {"BIPOLAR_SCREEN": 1, "SPECIALIST_ADVICE": 1}, Programme.SCREENED),  # a false positive
    ],
    ids=str,
)
def test_screening_finds_misses_and_errs(
    bipolar: int, accuracy: list[float], used: dict[str, int], status: int
) -> None:
    p = flagged(resistant(failed=1, care=Care.GP), bipolar=bipolar)
    booked, m = entered(p, screen=1.0, accuracy=accuracy)
    assert booked == used
    assert p.now[Now.PROGRAMMES] == status
    assert m.page.events[0, Event.BIPOLAR_RECOGNISED] == (status != Programme.SCREENED)
    assert entered(p, screen=1.0, accuracy=accuracy)[0] == {}, "asked once"


@pytest.mark.parametrize("now", [{"failed": 0}, {"care": Care.NONE}, {"health": Health.RESPONSE}], ids=str)
def test_screening_follows_a_failure_in_someone_ill_and_in_care(now: dict[str, int]) -> None:
    assert entered(resistant(**now), screen=1.0)[0] == {}


def test_a_recognised_disorder_regains_response_and_takes_a_mood_stabiliser() -> None:
    t = blank_tables()
    t.course.acute_ratio, t.course.recognised_response = 3.0, 0.75
    p = resistant(treatment=Treatment.SWITCH, adequate_dose=1, months_on_treatment=2)
    p.trait[9] = 0.5  # treatment response
    assert course.treatment_ratio(p, records(t).course) == pytest.approx(2.0)
    p.now[Now.PROGRAMMES] = Programme.RECOGNISED
    assert course.treatment_ratio(p, records(t).course) == pytest.approx(2.5)
    m = month()
    book_treatment(p, m, records(t))
    assert m.page.resources[..., Resource.LITHIUM_MONTH].sum() == 1


# ── caregivers, crisis line ──────────────────────────────────────────────────────────────────────────


def test_a_caregiver_follows_one_programme_whose_months_are_counted_while_the_person_is_ill() -> None:
    t = blank_tables()
    t.programme.enrols, t.programme.carers = 1.0, [1.0, 3.0]
    people = set_now(crowd(10, caregiver=1), health=Health.MILD, severity=Health.MILD, care=Care.GP, treatment=1)
    t.course.remission = 0.0
    used = run(people, t, 8).ledgers.resources.sum(axis=(0, 1, 2, 3))
    assert used[Resource.CARER_PROGRAMME_START] == 10
    assert used[Resource.CARER_SUPPORTED_MONTH] == 30
    assert used[Resource.CARER_MONTH] == 80
    without = run(set_now(people, care=Care.NONE), t, 8).ledgers.resources.sum(axis=(0, 1, 2, 3))
    assert without[Resource.CARER_PROGRAMME_START] == 0


@pytest.mark.parametrize(
    ("before", "entry", "after"), [(Care.NONE, 1.0, Care.CMP), (Care.NONE, 0.0, Care.NONE), (Care.GP, 1.0, Care.GP)]
)
def test_a_relay_is_booked_and_brings_into_care_only_by_its_effect(before: Care, entry: float, after: Care) -> None:
    p = resistant(care=before)
    used, m = entered(p, relay=[0.0, 0.0, 1.0], relay_care=entry)
    assert used == {"CRISIS_RELAY": 1}
    assert p.now[Now.CARE] == after
    assert m.page.events[0, Event.CARE_START] == (after != before)
    assert entered(resistant(health=Health.MILD), relay=[0.0, 0.0, 1.0])[0] == {}
    assert entered(resistant(health=Health.REMISSION), relay=[1.0, 1.0, 1.0])[0] == {}


# ── opinions at a distance ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "tele", "prescriber", "asked"),
    [
        ({"care": Care.GP}, [1.0, 1.0], Care.CMP, 1),
        ({"care": Care.GP}, [1.0, 0.0], Care.GP, 1),  # asked, not followed
        ({"care": Care.GP}, [0.0, 1.0], Care.GP, 0),
        ({"care": Care.GP, "failed": 0}, [1.0, 1.0], Care.GP, 0),
        ({"care": Care.PSYCHIATRIST}, [1.0, 1.0], Care.PSYCHIATRIST, 0),
    ],
    ids=str,
)
def test_an_opinion_makes_the_choice_that_of_a_specialist(
    now: dict[str, int], tele: list[float], prescriber: Care, asked: int
) -> None:
    t = blank_tables()
    t.programme.tele = tele
    m = month()
    assert tele_expert(resistant(**now), m, records(t)) == prescriber
    assert m.page.resources[..., Resource.TELE_EXPERTISE].sum() == asked


# ── the young, mothers, cover ────────────────────────────────────────────────────────────────────────


def outreach() -> Tables:
    t = blank_tables()
    t.care.seek, t.care.detected = 0.1, 0.2
    t.care.young_age, t.care.young_ratio, t.care.perinatal_ratio = 25.0, [1.5, 2.0], [1.2, 1.4]
    return records(t)


@pytest.mark.parametrize(
    ("age", "now", "detection", "seeking"),
    [
        (24, {}, 1.5, 2.0),
        (25, {}, 1.0, 1.0),
        (30, {"perinatal": 1, "months_in_episode": 11}, 1.2, 1.4),
        (30, {"perinatal": 1, "months_in_episode": 12}, 1.0, 1.0),
        (24, {"perinatal": 1}, 1.8, 2.8),
    ],
    ids=str,
)
def test_outreach_to_the_young_and_to_mothers(age: int, now: dict[str, int], detection: float, seeking: float) -> None:
    p = person(**{"health": Health.MILD, "care": Care.GP} | now)
    assert care.detection(p, age, False, outreach().care) == pytest.approx(0.2 * detection)
    assert care.seek_hazard(p, age, outreach().care) == pytest.approx(0.1 * seeking)


def test_an_episode_is_dated_from_a_birth_for_women_of_its_age_by_chance() -> None:
    t = blank_tables()
    t.course.onset, t.programme.perinatal = CERTAIN, [0.0, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    found = {}
    for sex in (0, 1):
        people = crowd(4_000, sex=sex)
        for p in people.persons:
            clinical_transition(p, month(), records(t))
        found[sex] = people.persons["now"][:, Now.PERINATAL].sum()
    assert found[0] == 0
    assert abs(found[1] - 1_000) < 5 * np.sqrt(4_000 * 0.25 * 0.75)


@pytest.mark.parametrize(
    ("status", "cover", "ratio"), [(Ald.GRANTED, 0, 1.3), (Ald.GRANTED, 1, 1.0), (Ald.NONE, 0, 1.0)]
)
def test_ald_gives_back_care_forgone_for_its_cost_without_complementary_cover(
    status: Ald, cover: int, ratio: float
) -> None:
    t = blank_tables()
    t.care.seek, t.care.relief_ratio = 0.1, [1.3, 1.0, 1.0]
    p = flagged(person(health=Health.MILD, ald=status), complementary=cover)
    assert care.seek_hazard(p, 40, records(t).care) == pytest.approx(0.1 * ratio)


def test_relief_keeps_people_on_treatment_and_in_care() -> None:
    t = blank_tables()
    t.treatment.stop_ill, t.care.leave, t.care.relief_ratio = 0.5, [1.0, 0.0], [1.0, 0.0, 1.0]
    state = {"health": Health.MILD, "care": Care.GP, "treatment": Treatment.ANTIDEPRESSANT, "ald": Ald.GRANTED}
    t.ald.renewal = 1.0
    people = set_now(crowd(2_000, complementary=0), **state, ald_months=99)
    assert (run(people, t, 1).people.persons["now"][:, Now.CARE] == Care.GP).all(), "nobody leaves"
    t.care.relief_ratio = [1.0, 1.0, 0.0]
    stayed = run(people, t, 1).people.persons["now"]
    assert (stayed[:, Now.TREATMENT] == Treatment.ANTIDEPRESSANT).all(), "nobody stops"
    t.care.relief_ratio = 1.0
    left = run(people, t, 1).people.persons["now"][:, Now.CARE] == Care.NONE
    assert abs(left.sum() + 2_000 * np.expm1(-0.5)) < 5 * np.sqrt(2_000 * 0.25), "without relief all who stop leave"


def test_regions_short_of_specialists_may_be_raised() -> None:
    t = blank_tables()
    t.care.refer, t.care.refer_region_ratio = 0.1, np.linspace(1.0, 2.7, 18)
    p = flagged(resistant(care=Care.GP), region=10)
    assert care.referral_hazard(p, records(t).care) == pytest.approx(0.1 * 2.0)


def test_without_exposure_no_programme_is_offered() -> None:
    """The guard of the month: `enrols` 0 leaves even certain programmes alone."""
    t = blank_tables()
    t.programme.carers, t.programme.integrated = [1.0, 3.0], [1.0, 3.0]
    p, m = flagged(resistant(treatment=1), caregiver=1, anxiety=1), month()
    care_month(p, m, records(t))
    assert p.now[Now.PROGRAMMES] == 0


@pytest.mark.parametrize(("refer", "early"), [(CERTAIN, 0), (0.0, 1)])
def test_people_referred_only_by_a_programme_are_not_admitted_as_those_referred_today(refer: float, early: int) -> None:
    t = blank_tables()
    t.care.refer, t.care.refer_added, t.care.admission = refer, CERTAIN, 0.1
    t.care.early_admission_ratio = 0.5
    p, m = resistant(care=Care.GP), month()
    change_setting(p, m, records(t))
    assert p.now[Now.REFERRED_EARLY] == early
    assert m.page.events[..., Event.REFERRAL].sum() == 1
    assert care.admission_hazard(p, records(t).care) == pytest.approx(0.1 * (0.5 if early else 1.0))
    course.recover(p)
    assert p.now[Now.REFERRED_EARLY] == 0
