"""Treatments, rule by rule: which, how long, how they end, who is eligible for the specialised ones."""

from typing import Any

import numpy as np
import pytest

from model import treatment
from model.month import (
    begin_treatment,
    book_treatment,
    care_month,
    continue_ill,
    continue_well,
    offer_line_4,
    trd_class,
)
from model.states import Capacity, Care, Event, Fixed, Health, Now, Resource, Service, Trait, Treatment
from model.tables import N_TREATMENT, Tables
from tests.small import CERTAIN, blank_tables, crowd, month, person, records, set_now, shares

SERVICES = (Service.ESKETAMINE, Service.KETAMINE_IV, Service.RTMS, Service.ECT)


def table(**fields: Any) -> Any:
    t = blank_tables().treatment
    for name, value in fields.items():
        t[name] = value
    return t[0]


def resistant(**now: Any) -> Any:
    """Return a person eligible for every service of line 4, unless told otherwise."""
    return person(**{"health": Health.SEVERE, "severity": Health.SEVERE, "failed": 2, "care": Care.CMP} | now)


# ── kinds of treatment ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("code", Treatment, ids=lambda code: code.name)
def test_kinds_of_treatment(code: Treatment) -> None:
    no_drug = {Treatment.NONE, Treatment.WATCHFUL_WAITING, Treatment.GUIDED_SELF_HELP, Treatment.CBT}
    visible = {Treatment.COMBINATION, Treatment.LITHIUM, Treatment.QUETIAPINE, Treatment.ARIPIPRAZOLE}
    line_4 = {Treatment.ESKETAMINE, Treatment.KETAMINE_IV, Treatment.RTMS, Treatment.ECT}
    assert treatment.has_drug(int(code)) == (code not in no_drug)
    assert treatment.is_third_line(int(code)) == (code in visible)
    assert treatment.is_line_4(int(code)) == (code in line_4)


def test_services_and_treatments_of_line_4_are_in_the_same_order() -> None:
    """`offer_line_4` starts `Treatment.ESKETAMINE + service`."""
    assert [Treatment(Treatment.ESKETAMINE + s).name for s in SERVICES] == [s.name for s in SERVICES]


def test_treatments_are_chosen_by_their_shares() -> None:
    t = blank_tables().treatment
    t.choice[0, 1, Care.GP] = shares(
        {Treatment.SWITCH: 0.5, Treatment.COMBINATION: 0.3, Treatment.BUPROPION: 0.2}, N_TREATMENT
    )
    u = (np.arange(1_000) + 0.5) / 1_000
    found = np.bincount([treatment.choose(x, 2, int(Care.GP), t[0]) for x in u], minlength=N_TREATMENT)
    assert found[[Treatment.SWITCH, Treatment.COMBINATION, Treatment.BUPROPION]].tolist() == [500, 300, 200]


@pytest.mark.parametrize(("failed", "line"), [(0, 1), (1, 2), (2, 3), (6, 3)])
def test_the_line_follows_failures(failed: int, line: int) -> None:
    t = blank_tables()
    begun = {1: Treatment.CBT, 2: Treatment.SWITCH, 3: Treatment.LITHIUM}
    for i, code in begun.items():
        t.treatment.choice[0, i - 1] = shares({code: 1.0}, N_TREATMENT)
    p, m = resistant(failed=failed), month()
    begin_treatment(p, m, records(t))
    assert p.now[Now.TREATMENT] == begun[line]
    assert (p.now[Now.MONTHS_ON_TREATMENT], p.now[Now.ADEQUATE_DOSE]) == (0, 0)


@pytest.mark.parametrize("adequate", [0.4, 0.999_999, 1.0])
def test_the_nurse_multiplies_the_odds_of_an_adequate_dose(adequate: float) -> None:
    """At odds ratio 1e12 the dose is adequate for sure, and the more so if it was without her."""
    t = blank_tables()
    t.treatment.adequate_dose, t.care.sesame_effect, t.care.detected = adequate, [1e12, 1, 1, 1], 1.0
    p, m = resistant(care=Care.GP, sesame_months=2), month()
    begin_treatment(p, m, records(t))
    assert p.now[Now.TREATMENT] == Treatment.ANTIDEPRESSANT
    assert p.now[Now.ADEQUATE_DOSE] == 1


@pytest.mark.parametrize(("failed", "share"), [(0, 1.0), (3, 0.4), (5, 0.2), (9, 0.2)])
def test_fewer_try_again_after_each_failure(failed: int, share: float) -> None:
    t = blank_tables()
    t.treatment.retry = [1.0, 0.8, 0.6, 0.4, 0.3, 0.2]
    begun, m, one = 0, month(), records(t)
    for p in set_now(crowd(4_000), health=Health.MILD, failed=failed, care=Care.CMP).persons:
        begin_treatment(p, m, one)
        begun += p.now[Now.TREATMENT] != Treatment.NONE
    assert abs(begun - 4_000 * share) <= 5 * np.sqrt(4_000 * share * (1 - share))


# ── how treatments end ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dose", "months", "is_trial", "ended", "broad", "strict"),
    [
        (1, 3, 1, treatment.ENDED_ADEQUATE, 2, 2),
        (1, 2, 1, treatment.ENDED_INADEQUATE, 2, 1),  # too short
        (0, 3, 1, treatment.ENDED_INADEQUATE, 2, 1),  # dose too low
        (1, 3, 0, treatment.NOT_COUNTED, 1, 1),  # watchful waiting is no trial
    ],
)
def test_adequate_is_earned_by_dose_and_duration(
    dose: int, months: int, is_trial: int, ended: int, broad: int, strict: int
) -> None:
    """Broad counts every failed treatment, strict only those adequate in both."""
    p = person(
        health=Health.MILD,
        failed=1,
        failed_adequate=1,
        failed_ever=4,
        treatment=Treatment.SWITCH,
        adequate_dose=dose,
        months_on_treatment=months,
    )
    assert treatment.end_without_response(p, table(duration=3.0, is_trial=is_trial)) == ended
    assert (p.now[Now.FAILED], p.now[Now.FAILED_ADEQUATE]) == (broad, strict)
    assert p.now[Now.FAILED_EVER] == 4 + is_trial
    assert p.now[Now.TREATMENT] == Treatment.NONE
    assert (trd_class(p) & 1) == (broad >= 2)


@pytest.mark.parametrize(
    ("health", "months", "hazard"),
    [
        (Health.MILD, 0, 0.1),
        (Health.SEVERE, 1, 0.2),
        (Health.MODERATE, 5, 0.2),
        (Health.MILD, 6, 0.3),
        (Health.RESPONSE, 0, 0.4),
        (Health.REMISSION, 9, 0.5),
        (Health.RECOVERY, 9, 0.6),
    ],
)
def test_stopping_depends_on_benefit_and_on_time(health: Health, months: int, hazard: float) -> None:
    t = table(stop_ill=[0.1, 0.2, 0.3], stop_well=[0.4, 0.5, 0.6])
    p = person(health=health, months_on_treatment=months, treatment=Treatment.LITHIUM)
    assert treatment.stop_hazard(p, t) == hazard


def lived(p: Any, t: Tables, step: Any) -> Any:
    """Live one step of a month; return what was booked."""
    m = month()
    step(p, m, records(t))
    return m


def test_a_fixed_course_without_benefit_ends_as_an_adequate_failure() -> None:
    """Two months of rTMS: one more after the first, then the end; nothing is continued."""
    t = blank_tables()
    t.treatment.course[0, Treatment.RTMS] = t.treatment.duration[0, Treatment.RTMS] = 2.0
    p = resistant(treatment=Treatment.RTMS, adequate_dose=1)
    lived(p, t, continue_ill)
    assert (p.now[Now.TREATMENT], p.now[Now.MONTHS_ON_TREATMENT]) == (Treatment.RTMS, 1)
    m = lived(p, t, continue_ill)
    assert (p.now[Now.TREATMENT], p.now[Now.FAILED], p.now[Now.FAILED_ADEQUATE]) == (Treatment.NONE, 3, 1)
    assert m.page.events[1, Event.TRIAL_ENDED_ADEQUATE] == 1


def test_a_drug_is_changed_only_after_its_adequate_duration() -> None:
    t = blank_tables()
    t.treatment.duration, t.treatment.next_line = 2.0, CERTAIN
    p = person(health=Health.MILD, treatment=Treatment.ANTIDEPRESSANT, adequate_dose=1, care=Care.GP)
    lived(p, t, continue_ill)
    assert p.now[Now.TREATMENT] == Treatment.ANTIDEPRESSANT
    m = lived(p, t, continue_ill)
    assert (p.now[Now.TREATMENT], p.now[Now.FAILED]) == (Treatment.NONE, 1)
    assert m.page.events[0, Event.TRIAL_ENDED_ADEQUATE] == 1


def test_the_second_failure_makes_resistance_and_the_second_adequate_one_the_strict_kind() -> None:
    t = blank_tables()
    t.treatment.stop_ill = CERTAIN
    on = {"health": Health.MILD, "treatment": Treatment.SWITCH, "adequate_dose": 1, "care": Care.GP}
    broad = lived(person(**on, failed=1), t, continue_ill)
    assert broad.page.events[1, Event.NEW_BROAD] == 1
    strict = lived(person(**on, failed=1, failed_adequate=1), t, continue_ill)
    assert strict.page.events[:, Event.NEW_STRICT].sum() == 1
    third = lived(person(**on, failed=2, failed_adequate=2), t, continue_ill)
    assert third.page.events[:, [Event.NEW_BROAD, Event.NEW_STRICT]].sum() == 0


@pytest.mark.parametrize(("share", "care"), [(0.0, Care.GP), (1.0, Care.NONE)])
def test_who_stops_while_ill_may_leave_care(share: float, care: Care) -> None:
    t = blank_tables()
    t.treatment.stop_ill, t.care.leave[0, 0] = CERTAIN, share
    p = person(health=Health.MILD, treatment=Treatment.SWITCH, care=Care.GP)
    m = lived(p, t, continue_ill)
    assert (p.now[Now.CARE], p.now[Now.FAILED]) == (care, 1)
    assert m.page.events[0, Event.ANTIDEPRESSANT_STOP_MONTH_1] == 1


# ── esketamine: what an early stop means ─────────────────────────────────────────────────────────────


def test_an_early_stop_ends_doses_at_once_and_the_effect_at_week_8() -> None:
    t = blank_tables()
    t.treatment.stop_ill[0, Treatment.ESKETAMINE] = [CERTAIN, 0.0, 0.0]
    t.treatment.esketamine_sessions = [8, 4, 2]
    p = resistant(treatment=Treatment.ESKETAMINE, adequate_dose=1)
    first = lived(p, t, book_treatment)
    assert first.page.resources[1, 0, Resource.ESKETAMINE_SESSION_EPSM] == 8
    lived(p, t, continue_ill)
    assert (p.now[Now.TREATMENT], p.now[Now.STABLE_MONTHS]) == (Treatment.ESKETAMINE, -1), "effect goes on"
    second = lived(p, t, book_treatment)
    assert second.page.resources[:, 0, Resource.ESKETAMINE_SESSION_EPSM].sum() == 0
    end = lived(p, t, continue_ill)
    assert (p.now[Now.TREATMENT], p.now[Now.FAILED]) == (Treatment.NONE, 3)
    assert end.page.events[1, Event.ESKETAMINE_STOP] == 1


def test_who_stopped_early_and_got_better_goes_on_with_an_antidepressant() -> None:
    p = resistant(health=Health.REMISSION, treatment=Treatment.ESKETAMINE, stable_months=-1, months_on_treatment=1)
    m = lived(p, blank_tables(), continue_well)
    assert p.now[Now.TREATMENT] == Treatment.MAINTENANCE
    assert p.now[Now.FAILED] == 2
    assert m.page.events[1, Event.ESKETAMINE_STOP] == 1, "a stop, early or late, is counted"


def test_stopping_esketamine_with_benefit_steps_down_whatever_the_person_s_adherence() -> None:
    """Persistence on esketamine is observed by state of response: the trait scales drugs only."""
    t = blank_tables()
    t.treatment.stop_well = CERTAIN
    for code, after in ((Treatment.ESKETAMINE, Treatment.MAINTENANCE), (Treatment.LITHIUM, Treatment.LITHIUM)):
        p = resistant(health=Health.RESPONSE, treatment=code, months_on_treatment=5, stable_months=2)
        p.trait[Trait.STOP] = 0.0
        m = lived(p, t, continue_well)
        assert p.now[Now.TREATMENT] == after
        assert m.page.events[1, Event.ESKETAMINE_STOP] == (code == Treatment.ESKETAMINE)


def test_months_of_benefit_are_counted_from_the_month_it_began() -> None:
    p = resistant(health=Health.RESPONSE, treatment=Treatment.QUETIAPINE)
    for expected in (1, 2, 3, 4):
        lived(p, blank_tables(), continue_well)
        assert p.now[Now.STABLE_MONTHS] == expected


@pytest.mark.parametrize(("months", "sessions"), [(0, 8), (1, 4), (2, 3), (17, 3)])
def test_sessions_follow_the_schedule(months: int, sessions: int) -> None:
    assert treatment.esketamine_sessions(months, table(esketamine_sessions=[8, 4, 3])) == sessions


@pytest.mark.parametrize(
    ("code", "continuation", "after"),
    [
        (Treatment.ECT, 1.0, Treatment.CONTINUATION_ECT),
        (Treatment.ECT, 0.0, Treatment.MAINTENANCE),
        (Treatment.KETAMINE_IV, 1.0, Treatment.MAINTENANCE),
        (Treatment.RTMS, 1.0, Treatment.MAINTENANCE),
        (Treatment.CBT, 1.0, Treatment.NONE),
    ],
)
def test_what_follows_a_course_that_worked(code: Treatment, continuation: float, after: Treatment) -> None:
    t = blank_tables()
    t.treatment.course, t.treatment.continuation_ect = 2.0, continuation
    p = resistant(health=Health.REMISSION, treatment=code, months_on_treatment=1)
    lived(p, t, continue_well)
    assert p.now[Now.TREATMENT] == after
    assert p.now[Now.FAILED] == 2


# ── line 4: who is eligible, what an admission does ──────────────────────────────────────────────────


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("now", "eligible"),
    [
        ({}, "all"),
        ({"failed": 1}, "none"),
        ({"health": Health.MODERATE}, "not severe"),
        ({"health": Health.MILD}, "none"),
        ({"health": Health.RESPONSE}, "none"),
        ({"care": Care.GP}, "none"),
        ({"care": Care.PSYCHOLOGIST}, "none"),
        ({"care": Care.PSYCHIATRIST}, "all"),
        ({"care": Care.EXPERT}, "all"),
        ({"care": Care.NONE, "hospital_days": 10}, "all"),
        ({"treatment": Treatment.QUETIAPINE}, "all"),
        ({"treatment": Treatment.RTMS}, "none"),
        ({"tried": 0b1111}, "none"),
    ],
    ids=str,
)
def test_who_is_eligible(service: Service, now: dict[str, int], eligible: str) -> None:
    severe_only = service in (Service.ESKETAMINE, Service.ECT)
    expected = eligible == "all" or (eligible == "not severe" and not severe_only)
    assert treatment.eligible_line_4(resistant(**now), int(service), 50, table()) == expected


@pytest.mark.parametrize("service", SERVICES, ids=lambda s: s.name)
def test_each_service_is_tried_once_a_course(service: Service) -> None:
    others = 0b1111 & ~(1 << service)
    assert not treatment.eligible_line_4(resistant(tried=1 << service), int(service), 50, table())
    assert treatment.eligible_line_4(resistant(tried=others), int(service), 50, table())


@pytest.mark.parametrize(("age", "indicated"), [(64, True), (65, False), (80, False)])
def test_esketamine_has_an_age_limit_and_the_others_none(age: int, indicated: bool) -> None:
    for service in SERVICES:
        expected = indicated or service != Service.ESKETAMINE
        assert treatment.eligible_line_4(resistant(), int(service), age, table(esketamine_age=65)) == expected


def test_an_admission_ends_the_present_trial_and_starts_one_service() -> None:
    """Access certain to all four: one is begun, the trial under way is a failure, the catchment decides access."""
    t = blank_tables()
    t.treatment.access[0, :4, :, 1] = 1.0
    p, m = resistant(treatment=Treatment.LITHIUM, months_on_treatment=4), month()
    lived(p, t, offer_line_4)
    assert p.now[Now.TREATMENT] == Treatment.LITHIUM, "no access in this catchment"
    p.fixed[Fixed.HOSPITAL] = 1
    m = lived(p, t, offer_line_4)
    assert (p.now[Now.TREATMENT], p.now[Now.FAILED]) == (Treatment.ESKETAMINE, 3)
    assert (p.now[Now.TRIED], p.now[Now.ADEQUATE_DOSE]) == (1 << Service.ESKETAMINE, 1)
    assert m.places.capacity[:, Capacity.ADMITTED].tolist() == [1] + [0] * (len(Service) - 1)
    assert m.page.events[:, [Event.ESKETAMINE_START, Event.ECT_START]].sum(axis=0).tolist() == [1, 0]


def test_a_treatment_not_yet_taken_is_no_failure() -> None:
    """Line 4 is offered before another drug is begun: nobody fails a drug never taken."""
    t = blank_tables()
    t.treatment.access[0, Service.ECT] = 1.0
    t.treatment.choice = shares({Treatment.QUETIAPINE: 1.0}, N_TREATMENT)
    p, m = resistant(), month()
    care_month(p, m, records(t))
    assert p.now[Now.TREATMENT] == Treatment.ECT
    assert p.now[Now.FAILED] == 2
    assert m.page.events[:, [Event.TRIAL_ENDED_INADEQUATE, Event.ANTIDEPRESSANT_STOP_MONTH_1]].sum() == 0


def test_a_full_service_refuses_and_the_person_waits() -> None:
    t = blank_tables()
    t.treatment.access[0, Service.RTMS] = 1.0
    p, m = resistant(), month()
    m.rations.share[Service.RTMS] = 0.0
    offer_line_4(p, m, records(t))
    assert p.now[Now.TREATMENT] == Treatment.NONE
    assert p.now[Now.WAITING_FOR] == Service.RTMS + 1
    assert m.places.capacity[Service.RTMS, [Capacity.REFUSED, Capacity.ADMITTED]].tolist() == [1, 0]
    p.now[Now.MONTHS_WAITING] = 4
    served = lived(p, t, offer_line_4)
    assert served.places.capacity[Service.RTMS, [Capacity.ADMITTED, Capacity.MONTHS_WAITED]].tolist() == [1, 4]
    assert p.now[Now.WAITING_FOR] == 0


# ── what a month of treatment consumes ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "antidepressant", "drug"),
    [
        (Treatment.ANTIDEPRESSANT, 1, None),
        (Treatment.COMBINATION, 2, None),
        (Treatment.LITHIUM, 1, Resource.LITHIUM_MONTH),
        (Treatment.CBT, 0, None),
        (Treatment.MAINTENANCE, 1, None),
    ],
)
def test_drugs_of_a_month(code: Treatment, antidepressant: int, drug: int | None) -> None:
    t = blank_tables()
    t.use.drug[0, Treatment.LITHIUM] = Resource.LITHIUM_MONTH
    used = lived(person(health=Health.MILD, treatment=code), t, book_treatment).page.resources.sum(axis=(0, 1))
    assert used[Resource.ANTIDEPRESSANT_MONTH] == antidepressant
    assert used.sum() == antidepressant + (drug is not None)
    assert drug is None or used[drug] == 1


def test_devices_are_bought_by_the_hospital_or_invoiced_where_listed() -> None:
    t = blank_tables()
    t.treatment.esketamine_sessions, t.use.devices, t.use.listed = [8, 4, 2], 2.0, [0.0, 1.0, 0.0]
    for catchment, device in ((0, "HOSPITAL_EPSM"), (1, "LISTED"), (2, "HOSPITAL")):
        p = resistant(treatment=Treatment.ESKETAMINE)
        p.fixed[Fixed.HOSPITAL] = catchment
        used = lived(p, t, book_treatment).page.resources.sum(axis=(0, 1))
        assert used[Resource[f"ESKETAMINE_DEVICE_{device}"]] == 16
        assert used[[r for r in Resource if r.name.startswith("ESKETAMINE_DEVICE")]].sum() == 16


@pytest.mark.parametrize("code", [Treatment.KETAMINE_IV, Treatment.RTMS, Treatment.ECT, Treatment.CONTINUATION_ECT])
def test_sessions_name_the_hospital(code: Treatment) -> None:
    """A session given in an EPSM is on the grant of an EPSM."""
    t = blank_tables()
    t.use.sessions[0, code] = 5.0
    name = {Treatment.KETAMINE_IV: "KETAMINE_SESSION", Treatment.RTMS: "RTMS_SESSION"}.get(code, "ECT_SESSION")
    for catchment, suffix in ((0, "_EPSM"), (1, ""), (2, "")):
        p = resistant(treatment=code)
        p.fixed[Fixed.HOSPITAL] = catchment
        used = lived(p, t, book_treatment).page.resources.sum(axis=(0, 1))
        assert used[Resource[name + suffix]] == used.sum() - used[Resource.ANTIDEPRESSANT_MONTH] == 5


def test_an_augmentation_shows_in_claims_for_two_years() -> None:
    p = person(health=Health.MILD, treatment=Treatment.QUETIAPINE, months_since_visible=24)
    assert trd_class(p) == 0
    m = lived(p, blank_tables(), book_treatment)
    assert m.page.events[:, Event.NEW_CLAIMS_VISIBLE].sum() == 1
    assert trd_class(p) == 2
    p.now[Now.MONTHS_SINCE_VISIBLE] = 23
    assert trd_class(p) == 2
    again = lived(p, blank_tables(), book_treatment)
    assert again.page.events[:, Event.NEW_CLAIMS_VISIBLE].sum() == 0
