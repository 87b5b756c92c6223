"""Work, sick leave, disability and the long-term illness scheme, rule by rule."""

import math
from typing import Any

import numpy as np
import pytest

from model import work
from model.inputs import load_parameters
from model.month import work_month
from model.phases import Values
from model.states import Ald, Care, Event, Health, Now, Resource, Work
from model.tables import N_WORK
from model.transitions import build_tables
from tests.small import CERTAIN, blank_tables, month, person, records, shares

LATE = 1.0 - 2.0**-53  # luck under which only what is certain happens


def table(**fields: Any) -> Any:
    t = blank_tables().work
    for name, value in fields.items():
        t[name] = value
    return t[0]


def ald(**fields: Any) -> Any:
    """Return the decree: three episodes, or six months of a severe one; decision after two months; 12 to 60 months."""
    t = blank_tables().ald
    rules = {"episodes": 3, "persistence": 6, "request": 1, "delay": 2, "grant": 1, "term": [12, 60], "renewal": 1}
    for name, value in (rules | fields).items():
        t[name] = value
    return t[0]


# ── work ─────────────────────────────────────────────────────────────────────────────────────────────


def test_work_at_onset_follows_its_shares() -> None:
    t = blank_tables().work
    t.at_onset[0, 1, 2] = shares({Work.AT_WORK: 0.7, Work.UNEMPLOYED: 0.2, Work.DISABILITY: 0.1}, N_WORK)
    found = np.bincount([work.work_at_onset((i + 0.5) / 1_000, 1, 2, t[0]) for i in range(1_000)], minlength=N_WORK)
    assert found.tolist() == [700, 0, 200, 100, 0, 0]


def test_leave_and_job_loss_compete() -> None:
    """Leave 0.3, loss 0.1: something with 1 - exp(-0.4), at the high end; three times in four it is leave."""
    t = blank_tables().work
    t.leave[0, Health.SEVERE], t.lose_job[0, Health.SEVERE] = 0.3, 0.1
    p, no_change = person(health=Health.SEVERE, work=Work.AT_WORK), math.exp(-0.4)
    assert work.next_work(p, 40, t[0], no_change + 1e-9, 0.75 - 1e-9) == Work.SICK_LEAVE
    assert work.next_work(p, 40, t[0], no_change + 1e-9, 0.75 + 1e-9) == Work.UNEMPLOYED
    assert work.next_work(p, 40, t[0], no_change - 1e-9, 0.0) == work.UNCHANGED
    p.now[Now.HEALTH] = Health.MILD
    assert work.next_work(p, 40, t[0], 1.0, 0.0) == work.UNCHANGED


@pytest.mark.parametrize(
    ("months", "health", "hazards"),
    [
        (11, Health.SEVERE, (0.2, 0.1, 0.0)),  # no pension in the first year of leave
        (12, Health.SEVERE, (0.2, 0.1, 0.1)),
        (12, Health.REMISSION, (0.2, 0.1, 0.0)),  # nor for those who are better
    ],
)
def test_leave_ends_in_work_job_loss_or_disability(
    months: int, health: Health, hazards: tuple[float, float, float]
) -> None:
    t = table(come_back=0.2, lose_job=0.1, disability=0.1)
    p = person(health=health, work=Work.SICK_LEAVE, months_in_work_state=months)
    total = sum(hazards)
    u = (1 - math.exp(-total)) * (1 - 1e-9)
    which = (np.arange(1_000) + 0.5) / 1_000
    found = np.bincount([work.next_work(p, 40, t, u, x) for x in which], minlength=4)
    exact = 1_000 * np.array([hazards[0], 0.0, hazards[1], hazards[2]]) / total
    assert np.abs(found - exact).max() <= 1
    assert work.next_work(p, 40, t, u * (1 + 1e-6), 0.0) == work.UNCHANGED


@pytest.mark.parametrize(
    ("months", "u", "after"),
    [(35, 0.0, work.UNCHANGED), (36, 0.59, Work.DISABILITY), (36, 0.61, Work.UNEMPLOYED), (40, 0.0, 3)],
)
def test_leave_has_a_limit(months: int, u: float, after: int) -> None:
    p = person(health=Health.MILD, work=Work.SICK_LEAVE, months_in_work_state=months)
    assert work.next_work(p, 40, table(leave_limit=[36.0, 0.6]), u, 0.5) == after


@pytest.mark.parametrize(
    ("state", "age", "u", "after"),
    [
        (Work.STUDENT, 22, 0.0, work.UNCHANGED),
        (Work.STUDENT, 23, 0.69, Work.AT_WORK),
        (Work.STUDENT, 23, 0.71, Work.UNEMPLOYED),
        (Work.AT_WORK, 63, LATE, work.UNCHANGED),
        (Work.AT_WORK, 64, LATE, Work.RETIRED),
        (Work.SICK_LEAVE, 64, LATE, Work.RETIRED),
        (Work.DISABILITY, 63, 0.0, work.UNCHANGED),
        (Work.DISABILITY, 64, LATE, Work.RETIRED),
        (Work.RETIRED, 80, 0.0, work.UNCHANGED),
        (Work.UNEMPLOYED, 40, 0.18, Work.AT_WORK),  # 1 - exp(-0.2) = 0.181
        (Work.UNEMPLOYED, 40, 0.19, work.UNCHANGED),
    ],
)
def test_ages_and_the_way_back(state: Work, age: int, u: float, after: int) -> None:
    t = table(ages=[23.0, 64.0], study_ends_at_work=0.7, find_job=0.2)
    assert work.next_work(person(health=Health.MILD, work=state), age, t, u, 0.5) == after


# ── what a month of it books ─────────────────────────────────────────────────────────────────────────


def booked(p: Any, **fields: Any) -> Any:
    """Return what a month of work and ALD books for this person."""
    t = blank_tables()
    for name, value in fields.items():
        t.work[name] = value
    m = month()
    work_month(p, m, records(t))
    return m


@pytest.mark.parametrize(("months", "waiting"), [(0, 3), (1, 0), (14, 0)])
def test_the_waiting_days_are_those_of_the_first_month_of_leave(months: int, waiting: int) -> None:
    used = booked(person(health=Health.MILD, work=Work.SICK_LEAVE, months_in_work_state=months)).page.resources.sum(
        axis=(0, 1)
    )
    assert used[[Resource.SICK_DAY_WAITING, Resource.SICK_DAY_PAID]].tolist() == [waiting, 30 - waiting]
    assert used.sum() == 30


def test_a_disability_pension_is_a_month() -> None:
    used = booked(person(health=Health.RECOVERY, work=Work.DISABILITY)).page.resources.sum(axis=(0, 1))
    assert used[Resource.DISABILITY_MONTH] == used.sum() == 1


@pytest.mark.parametrize(
    ("state", "fields", "event"),
    [
        (Work.AT_WORK, {"leave": CERTAIN}, Event.LEAVE_START),
        (Work.AT_WORK, {"lose_job": CERTAIN}, Event.JOB_LOST),
        (Work.SICK_LEAVE, {"lose_job": CERTAIN}, Event.JOB_LOST),
        (Work.SICK_LEAVE, {"leave_limit": [0.0, 1.0]}, Event.DISABILITY_START),
        (Work.STUDENT, {"study_ends_at_work": 0.0}, None),  # who leaves school without a job has lost none
        (Work.UNEMPLOYED, {"find_job": CERTAIN}, None),
    ],
)
def test_changes_of_work_are_counted(state: Work, fields: dict[str, Any], event: Event | None) -> None:
    p = person(health=Health.MILD, work=state)
    events = booked(p, **fields).page.events[0]
    assert p.now[Now.WORK] != state
    assert p.now[Now.MONTHS_IN_WORK_STATE] == -1, "0 once the month has passed"
    assert events.sum() == (event is not None)
    assert event is None or events[event] == 1


# ── ALD ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "eligible"),
    [
        ({"dsm_episodes": 2}, False),
        ({"dsm_episodes": 3}, True),
        ({"months_in_episode": 6}, True),
        ({"months_in_episode": 5}, False),
        ({"severity": Health.MODERATE, "months_in_episode": 30}, False),
        ({"health": Health.RESPONSE, "dsm_episodes": 5}, False),
    ],
    ids=str,
)
def test_the_decree_opens_the_right_to_the_recurrent_and_to_the_persistent_and_severe(
    now: dict[str, int], eligible: bool
) -> None:
    p = person(**{"health": Health.SEVERE, "severity": Health.SEVERE, "dsm_episodes": 1} | now)
    assert work.ald_eligible(p, ald()) == eligible


@pytest.mark.parametrize(("in_care", "u", "after"), [(True, 0.29, 1), (True, 0.31, -1), (False, 0.0, -1)])
def test_a_request_needs_a_doctor(in_care: bool, u: float, after: int) -> None:
    p = person(health=Health.MILD, dsm_episodes=3)
    assert work.ald_step(p, in_care, ald(request=0.3), u, 0.5, 1.0) == after


def test_from_request_to_decision_to_renewal() -> None:
    """Decided in the second month, granted for a year, renewed for five, then not."""
    p, rules = person(health=Health.MILD, dsm_episodes=3), ald()
    p.now[Now.ALD] = work.ald_step(p, True, rules, 0.0, 0.0, 1.0)
    assert p.now[Now.ALD] == Ald.REQUESTED
    assert work.ald_step(p, True, rules, 0.0, 0.0, 1.0) == work.UNCHANGED
    p.now[Now.ALD] = work.ald_step(p, True, rules, 0.0, 0.0, 1.0)
    assert (p.now[Now.ALD], p.now[Now.ALD_MONTHS]) == (Ald.GRANTED, 12)
    for _ in range(11):
        assert work.ald_step(p, True, rules, 0.0, LATE, 1.0) == work.UNCHANGED
    assert p.now[Now.ALD_MONTHS] == 1
    assert work.ald_step(p, True, rules, 0.0, LATE, 1.0) == work.UNCHANGED, "renewed"
    assert p.now[Now.ALD_MONTHS] == 60
    p.now[Now.ALD_MONTHS] = 1
    assert work.ald_step(p, False, rules, 0.0, LATE, 1.0) == Ald.NONE, "nobody asks for renewal out of care"


def test_a_refusal_is_counted_and_may_be_followed_by_another_request() -> None:
    p = person(health=Health.MILD, dsm_episodes=3, ald=Ald.REQUESTED, ald_months=1)
    assert work.ald_step(p, True, ald(grant=0.6), 0.7, 0.5, 1.0) == Ald.NONE
    assert p.now[Now.ALD_REFUSALS] == 1
    p.now[Now.ALD] = Ald.NONE
    assert work.ald_step(p, True, ald(grant=0.6), 0.7, 0.5, 1.0) == Ald.REQUESTED


@pytest.mark.parametrize(
    ("u", "u_appeal", "after"), [(0.7, 0.29, Ald.APPEAL), (0.7, 0.31, Ald.NONE), (0.5, 0.0, Ald.GRANTED)]
)
def test_a_refusal_may_be_contested(u: float, u_appeal: float, after: Ald) -> None:
    p = person(health=Health.MILD, dsm_episodes=3, ald=Ald.REQUESTED, ald_months=1)
    assert work.ald_step(p, True, ald(grant=0.6, appeal=[0.3, 0.5]), u, 0.5, u_appeal) == after


@pytest.mark.parametrize(("u", "after"), [(0.49, Ald.GRANTED), (0.51, Ald.NONE)])
def test_an_appeal_is_decided_once(u: float, after: Ald) -> None:
    p, rules = person(health=Health.MILD, dsm_episodes=3, ald=Ald.APPEAL), ald(appeal=[1.0, 0.5])
    assert work.ald_step(p, True, rules, u, 0.5, 0.0) == work.UNCHANGED, "in the delay of a request"
    assert work.ald_step(p, True, rules, u, 0.5, 0.0) == after


def test_requests_and_appeals_are_handled_refusals_and_appeals_counted() -> None:
    t = blank_tables()
    t.ald.request, t.ald.episodes, t.ald.delay, t.ald.grant, t.ald.appeal = 1.0, 3.0, 1.0, 0.0, [1.0, 0.0]
    p = person(health=Health.MILD, dsm_episodes=3, care=Care.GP)
    months = [month(cycle) for cycle in range(3)]
    for m in months:
        work_month(p, m, records(t))
    events = [
        [int(m.page.events[0, e]) for e in (Event.ALD_REQUEST, Event.ALD_REFUSAL, Event.ALD_APPEAL)] for m in months
    ]
    assert events == [[1, 0, 0], [0, 1, 1], [0, 1, 0]]
    assert [int(m.page.resources[..., Resource.ALD_HANDLING].sum()) for m in months] == [1, 1, 0]


def test_terms_are_even_between_the_shortest_and_the_longest() -> None:
    u = (np.arange(4_900) + 0.5) / 4_900
    terms = np.array([work.ald_term(x, ald()) for x in u])
    assert np.unique(terms).tolist() == list(range(12, 61))
    assert (np.bincount(terms)[12:] == 100).all()


def test_the_scheme_goes_on_for_the_recovered() -> None:
    """A right granted runs to its term whatever becomes of the person."""
    p = person(health=Health.RECOVERY, ald=Ald.GRANTED, ald_months=2, care=Care.NONE)
    booked(p)
    assert (p.now[Now.ALD], p.now[Now.ALD_MONTHS]) == (Ald.GRANTED, 1)
    booked(p)
    assert p.now[Now.ALD] == Ald.NONE


def test_the_recovered_are_without_employment_as_the_general_population_is() -> None:
    """Else recovery would be worth production that nobody in the general population gives."""
    values = Values({name: parameter.value for name, parameter in load_parameters().items()})
    record = build_tables([values]).work[0]
    alive = slice(Health.MILD, Health.DEAD_SUICIDE)
    lose, find = record.lose_job[Health.RECOVERY], record.find_job[Health.RECOVERY]
    assert lose / (lose + find) == pytest.approx(values["work_value.background_not_employed_share"])
    assert record.lose_job[alive].min() == lose
