"""Care, rule by rule: seeking, referral, visits and their caps, hospital, the nurse's follow-up."""

from typing import Any

import numpy as np
import pytest

from model import care
from model.capacity import places_of
from model.inputs import load_parameters
from model.month import (
    admit,
    book_psychotherapy,
    book_visits,
    care_month,
    change_setting,
    follow_up,
    hospital_month,
    new_year,
    pass_time,
    payer_class,
)
from model.phases import Values
from model.states import (
    NEVER_MONTHS,
    Ald,
    Capacity,
    Care,
    Event,
    Fixed,
    Health,
    Now,
    Resource,
    Service,
    Trait,
    Treatment,
)
from model.tables import N_CARE, Tables
from tests.small import CERTAIN, blank_tables, crowd, month, person, records, run, set_now, shares

SPECIALISTS = (Care.PSYCHIATRIST, Care.CMP, Care.EXPERT)


def table(**fields: Any) -> Any:
    t = blank_tables().care
    for name, value in fields.items():
        t[name] = value
    return t[0]


def ill(**now: Any) -> Any:
    return person(**{"health": Health.MODERATE, "severity": Health.MODERATE, "episodes": 1} | now)


def lived(p: Any, t: Tables, step: Any) -> Any:
    """Live one step of a month; return what was booked."""
    m = month()
    step(p, m, records(t))
    return m


def used(m: Any) -> dict[str, int]:
    """Return the resources booked, by name."""
    totals = m.page.resources.sum(axis=(0, 1))
    return {Resource(i).name: int(totals[i]) for i in np.flatnonzero(totals)}


# ── who seeks care, who gives it ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("failed", "ratio"), [(0, 1.0), (1, 0.5), (4, 0.5)])
def test_seeking_depends_on_severity_person_and_past_failure(failed: int, ratio: float) -> None:
    p = ill(failed=failed)
    p.trait[Trait.SEEK] = 1.4
    t = table(seek=[0.1, 0.2, 0.4], seek_again_ratio=0.5)
    assert care.seek_hazard(p, 40, t) == pytest.approx(0.2 * 1.4 * ratio)


def test_the_first_setting_follows_its_shares() -> None:
    t = table(setting=shares({Care.GP: 0.6, Care.PSYCHIATRIST: 0.25, Care.CMP: 0.15}, N_CARE))
    found = np.bincount([care.first_setting((i + 0.5) / 1_000, t) for i in range(1_000)], minlength=N_CARE)
    assert found.tolist() == [0, 600, 250, 0, 150, 0]


@pytest.mark.parametrize(
    ("now", "screened", "probability"),
    [
        ({"care": Care.GP}, False, 0.6),
        ({"care": Care.GP, "health": Health.SEVERE}, False, 0.9),
        ({"care": Care.GP}, True, 0.6 * 1.5),
        ({"care": Care.GP, "health": Health.SEVERE}, True, 1.0),  # never more than certain
        ({"care": Care.GP, "hospital_days": 4}, False, 1.0),
        ({"care": Care.PSYCHOLOGIST}, False, 1.0),
        ({"care": Care.CMP}, True, 1.0),
    ],
    ids=str,
)
def test_a_gp_may_miss_an_episode_and_nobody_else(now: dict[str, int], screened: bool, probability: float) -> None:
    t = table(detected=[0.3, 0.6, 0.9], sesame_detection=1.5)
    assert care.detection(ill(**now), 40, screened, t) == pytest.approx(probability)


@pytest.mark.parametrize(("health", "column"), [(1, 0), (3, 0), (4, 1), (5, 1), (6, 2)])
def test_visits_follow_the_phase_of_illness(health: int, column: int) -> None:
    assert care.phase_of_illness(health) == column


@pytest.mark.parametrize(
    ("failed", "followed", "hazard"), [(0, 0, 0.01), (2, 0, 0.03), (3, 0, 0.04), (7, 0, 0.04), (2, 5, 0.06)]
)
def test_referral_follows_failures_person_and_nurse(failed: int, followed: int, hazard: float) -> None:
    p = ill(failed=failed, sesame_months=followed)
    p.trait[Trait.SPECIALIST] = 0.5
    t = table(refer=[0.01, 0.02, 0.03, 0.04], sesame_effect=[1, 1, 1, 2.0])
    assert care.referral_hazard(p, t) == pytest.approx(hazard * 0.5)


@pytest.mark.parametrize(("private", "after"), [(1.0, Care.PSYCHIATRIST), (0.0, Care.CMP)])
@pytest.mark.parametrize("before", [Care.GP, Care.PSYCHOLOGIST])
def test_a_referral_changes_who_follows_and_books_the_advice(before: Care, private: float, after: Care) -> None:
    t = blank_tables()
    t.care.refer, t.care.refer_private = CERTAIN, private
    p = ill(care=before)
    m = lived(p, t, change_setting)
    assert p.now[Now.CARE] == after
    assert used(m) == {"SPECIALIST_ADVICE": 1}
    assert m.page.events[0, Event.REFERRAL] == 1


@pytest.mark.parametrize(
    ("now", "after"),
    [
        ({"care": Care.CMP, "failed": 2}, Care.EXPERT),
        ({"care": Care.CMP, "failed": 1}, Care.CMP),
        ({"care": Care.GP, "failed": 2}, Care.GP),
        ({"care": Care.CMP, "failed": 2, "health": Health.REMISSION}, Care.CMP),
    ],
    ids=str,
)
def test_expert_centres_see_resistance_followed_by_a_specialist(now: dict[str, int], after: Care) -> None:
    t = blank_tables()
    t.care.expert[0, 7] = 1.0
    p = ill(**now)
    p.fixed[Fixed.REGION] = 7
    m = lived(p, t, change_setting)
    assert p.now[Now.CARE] == after
    assert used(m) == ({"EXPERT_ASSESSMENT": 1} if after == Care.EXPERT else {})
    elsewhere = ill(**now)
    lived(elsewhere, t, change_setting)
    assert elsewhere.now[Now.CARE] == now["care"], "no centre in this region"


@pytest.mark.parametrize(
    ("now", "after"),
    [
        ({"health": Health.RECOVERY}, Care.NONE),
        ({"health": Health.RECOVERY, "treatment": Treatment.MAINTENANCE}, Care.CMP),
        ({"health": Health.RECOVERY, "hospital_days": 5}, Care.CMP),
        ({"health": Health.REMISSION}, Care.CMP),
    ],
    ids=str,
)
def test_care_is_left_once_recovered_and_untreated(now: dict[str, int], after: Care) -> None:
    t = blank_tables()
    t.care.leave[0, 1] = CERTAIN
    p = ill(care=Care.CMP, **now)
    lived(p, t, change_setting)
    assert p.now[Now.CARE] == after


def test_the_recovered_go_back_from_the_specialist_to_the_gp() -> None:
    t = blank_tables()
    t.care.come_back_to_gp = CERTAIN
    for setting in SPECIALISTS:
        p = ill(health=Health.RECOVERY, care=setting, treatment=Treatment.MAINTENANCE)
        lived(p, t, change_setting)
        assert p.now[Now.CARE] == Care.GP


# ── visits, caps, sessions ───────────────────────────────────────────────────────────────────────────


def test_a_rounded_rate_keeps_its_mean() -> None:
    u = (np.arange(1_000) + 0.5) / 1_000
    counts = [care.rounded(2.3, x) for x in u]
    assert set(counts) == {2, 3}
    assert np.mean(counts) == pytest.approx(2.3)
    assert care.rounded(0.0, u[-1]) == 0


@pytest.mark.parametrize(
    ("setting", "booked", "acts"),
    [
        (Care.GP, {"GP_VISIT": 3}, 3),
        (Care.PSYCHIATRIST, {"PSYCHIATRIST_VISIT": 2, "GP_VISIT": 1}, 3),
        (Care.PSYCHOLOGIST, {"PSYCHOLOGIST_CONVENTIONED": 2, "GP_VISIT": 1}, 1),
        (Care.CMP, {"CMP_ACT": 2, "GP_VISIT": 1}, 1),
        (Care.EXPERT, {"CMP_ACT": 2, "GP_VISIT": 1}, 1),
    ],
)
def test_who_is_visited_and_which_visits_bear_the_participation(
    setting: Care, booked: dict[str, int], acts: int
) -> None:
    """Two visits to the own setting, one more to the GP; acts of doctors count, a CMP's and a psychologist's not."""
    t = blank_tables()
    t.care.visits[0, :, 0], t.care.gp_visits[0, :, 0] = 2.0, 1.0
    m = lived(ill(care=setting), t, book_visits)
    assert used(m) == booked | {"ACT_BELOW_CAP": acts}


@pytest.mark.parametrize(("before", "below", "above"), [(0, 3, 0), (47, 3, 0), (49, 1, 2), (50, 0, 3), (90, 0, 3)])
def test_acts_beyond_the_yearly_cap_bear_nothing(before: int, below: int, above: int) -> None:
    t = blank_tables()
    t.care.visits[0, Care.GP] = 3.0
    p = ill(care=Care.GP, acts_this_year=before)
    m = lived(p, t, book_visits)
    totals = m.page.resources.sum(axis=(0, 1))
    assert totals[[Resource.ACT_BELOW_CAP, Resource.ACT_ABOVE_CAP]].tolist() == [below, above]
    assert p.now[Now.ACTS_THIS_YEAR] == before + 3


def test_a_new_year_forgets_what_the_law_counts_by_year() -> None:
    counters = {"acts_this_year": 50, "boxes_this_year": 40, "psychologist_sessions": 12}
    p = ill(**counters)
    new_year(p)
    assert not any(p.now[Now[name.upper()]] for name in counters)


@pytest.mark.parametrize(("months", "acts"), [(1, 1), (12, 12), (13, 1), (30, 6)])
def test_acts_are_counted_from_january(months: int, acts: int) -> None:
    t = blank_tables()
    t.care.visits = 1.0
    people = set_now(crowd(1), health=Health.MILD, episodes=1, care=Care.GP)
    assert run(people, t, months).people.persons["now"][0, Now.ACTS_THIS_YEAR] == acts


@pytest.mark.parametrize(
    ("now", "conventioned", "other"),
    [
        ({}, 4, {}),
        ({"psychologist_sessions": 10}, 2, {"PSYCHOLOGIST_PRIVATE": 2}),
        ({"psychologist_sessions": 12}, 0, {"PSYCHOLOGIST_PRIVATE": 4}),
        ({"failed": 2}, 0, {"PSYCHOLOGIST_PRIVATE": 4}),  # never for established resistance
        ({"failed": 1}, 4, {}),
        ({"severity": Health.SEVERE}, 0, {"PSYCHOLOGIST_PRIVATE": 4}),
        ({"treatment": Treatment.ANTIDEPRESSANT_CBT, "months_on_treatment": 5}, 4, {}),
        ({"treatment": Treatment.ANTIDEPRESSANT_CBT, "months_on_treatment": 6}, 0, {"PSYCHOLOGIST_PRIVATE": 4}),
        ({"treatment": Treatment.CBT, "months_on_treatment": 6}, 4, {}),  # no drug
        ({"care": Care.CMP}, 0, {"CMP_ACT": 4}),
        ({"care": Care.EXPERT}, 0, {"CMP_ACT": 4}),
    ],
    ids=str,
)
def test_mon_soutien_psy(now: dict[str, int], conventioned: int, other: dict[str, int]) -> None:
    p, m = ill(**{"care": Care.GP} | now), month()
    book_psychotherapy(p, 4, 0, 0, records(blank_tables()), m.page)
    assert used(m) == ({"PSYCHOLOGIST_CONVENTIONED": conventioned} if conventioned else {}) | other
    assert p.now[Now.PSYCHOLOGIST_SESSIONS] == now.get("psychologist_sessions", 0) + conventioned


@pytest.mark.parametrize(
    ("ald", "complementary", "payer"),
    [(Ald.NONE, 0, 0), (Ald.NONE, 1, 1), (Ald.REQUESTED, 1, 1), (Ald.GRANTED, 0, 2), (Ald.GRANTED, 1, 3)],
)
def test_who_pays(ald: Ald, complementary: int, payer: int) -> None:
    p = ill(ald=ald)
    p.fixed[Fixed.COMPLEMENTARY] = complementary
    assert payer_class(p) == payer


# ── full-time hospital ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "hazard"),
    [
        ({}, 0.02),
        ({"health": Health.SEVERE}, 0.05),
        ({"failed": 2}, 0.02 * 1.5),
        ({"attempts": 1, "months_since_attempt": -1}, 0.02 * 3),
        ({"attempts": 1, "months_since_attempt": 2}, 0.02 * 3),
        ({"attempts": 1, "months_since_attempt": 3}, 0.02),
        ({"months_since_attempt": 0}, 0.02),
        ({"care": Care.GP}, 0.02 * 0.5),
        ({"health": Health.REMISSION}, 0.01 * 0.1),
        ({"care": Care.GP, "failed": 5, "attempts": 2, "months_since_attempt": 0}, 0.02 * 0.5 * 1.5 * 3),
    ],
    ids=str,
)
def test_admission_multiplies_its_ratios(now: dict[str, int], hazard: float) -> None:
    t = table(admission=[0.01, 0.02, 0.05], admission_ratio=[0.5, 1.5, 3.0, 0.1])
    assert care.admission_hazard(ill(**{"care": Care.CMP} | now), t) == pytest.approx(hazard)


def test_stays_follow_their_quantiles_and_last_a_day_at_least() -> None:
    t = table(stay=np.arange(40.0))
    u = (np.arange(40) + 0.5) / 40
    assert [care.length_of_stay(x, t) for x in u] == [1, *range(1, 40)]
    assert care.length_of_stay(1.0 - 2.0**-53, t) == 39


@pytest.mark.parametrize(("catchment", "name"), [(0, "EPSM"), (1, "GENERAL"), (2, "CLINIC")])
def test_a_stay_is_spent_thirty_days_a_month_and_the_copayment_ends_with_the_thirtieth(
    catchment: int, name: str
) -> None:
    t = blank_tables()
    t.care.stay = 70.0
    p = ill(care=Care.CMP)
    p.fixed[Fixed.HOSPITAL] = catchment
    lived(p, t, admit)
    spent, booked = [], []
    while p.now[Now.HOSPITAL_DAYS] > 0:
        m = month()
        spent.append(hospital_month(p, m, records(t)))
        booked.append(used(m))
    assert spent == [30, 30, 10]
    assert booked == [{f"{name}_DAY_TO_30": 30}, {f"{name}_DAY_FROM_31": 30}, {f"{name}_DAY_FROM_31": 10}]


def test_a_year_in_hospital_is_counted_once() -> None:
    t = blank_tables()
    p = ill(care=Care.CMP)
    counted = []
    for cycle in (0, 3, 13):
        p.now[Now.HOSPITAL_DAYS], p.now[Now.STAY_DAYS] = 10, 0
        m = month(cycle)
        hospital_month(p, m, records(t))
        counted.append(m.page.events[0, Event.HOSPITAL_PERSON_YEAR])
    assert counted == [1, 0, 1]


def test_only_people_in_care_and_not_recovered_are_admitted() -> None:
    t = blank_tables()
    t.care.admission = CERTAIN
    for now, admitted in (
        ({"care": Care.CMP}, 1),
        ({"care": Care.CMP, "health": Health.REMISSION}, 1),
        ({"care": Care.CMP, "health": Health.RECOVERY}, 0),
        ({"care": Care.NONE}, 0),
    ):
        m = lived(ill(**now), t, care_month)
        assert m.page.events[0, Event.ADMISSION_EPSM] == admitted


# ── SÉSAME ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "rank", "eligible"),
    [
        ({}, 0.39, True),
        ({}, 0.41, False),  # this GP does not take part yet
        ({"care": Care.CMP}, 0.0, False),
        ({"health": Health.RESPONSE}, 0.0, False),
        ({"sesame_months": 2}, 0.0, False),
        ({"failed": 3}, 0.0, True),
    ],
    ids=str,
)
def test_who_the_nurse_may_follow(now: dict[str, int], rank: float, eligible: bool) -> None:
    p = ill(**{"care": Care.GP} | now)
    p.trait[Trait.SESAME_RANK] = rank
    participation = np.zeros(18)
    participation[3] = 0.4
    assert care.eligible_sesame(p, 3, table(participation=participation)) == eligible
    assert not care.eligible_sesame(p, 4, table(participation=participation))


def test_a_growing_participation_keeps_the_gps_it_had() -> None:
    """A GP's rank is fixed: raising participation adds GPs and takes none away."""
    ranks = np.linspace(0, 1, 50, endpoint=False)
    people = [ill(care=Care.GP) for _ in ranks]
    for p, rank in zip(people, ranks, strict=True):
        p.trait[Trait.SESAME_RANK] = rank
    few, many = (
        [care.takes_part(p, 0, table(participation=np.full(18, share))) for p in people] for share in (0.2, 0.6)
    )
    assert (sum(few), sum(many)) == (10, 30)
    assert all(later for earlier, later in zip(few, many, strict=True) if earlier)


def test_anxiety_alone_takes_nurses_time_and_places() -> None:
    t = blank_tables()
    t.use.anxiety_months = 0.5
    r = run(set_now(crowd(4_000), health=Health.SEVERE, severity=Health.SEVERE, care=Care.GP, sesame_months=1), t, 1)
    besides = r.ledgers.resources[..., Resource.SESAME_ANXIETY_MONTH].sum()
    assert abs(besides - 2_000) < 5 * np.sqrt(4_000 * 0.25)
    v = Values({k: p.value for k, p in load_parameters(solved=None).items()} | {"capacity.sesame.nurses": 10.0})
    places = [places_of(Values(v | {"sesame.anxiety_only_share": share}))[Service.SESAME] for share in (0.0, 0.25)]
    assert places[1] == pytest.approx(0.75 * places[0])


def test_follow_up_starts_costs_each_month_and_ends() -> None:
    t = blank_tables()
    t.care.participation, t.care.sesame_access, t.care.sesame_limit = 1.0, 1.0, 2.0
    p = ill(care=Care.GP)
    p.trait[Trait.SESAME_RANK] = 0.5
    first = lived(p, t, follow_up)
    assert used(first) == {"SESAME_START": 1}
    assert first.places.capacity[Service.SESAME, Capacity.ADMITTED] == 1
    assert used(lived(p, t, follow_up)) == {"SESAME_CLASSIC_MONTH": 1}
    p.now[Now.SEVERITY] = Health.MILD
    assert used(lived(p, t, follow_up)) == {"SESAME_LIGHT_MONTH": 1}
    assert (p.now[Now.SESAME_MONTHS], p.now[Now.MONTHS_SINCE_SESAME]) == (0, -1)


def test_a_specialist_takes_over_from_the_nurse() -> None:
    p = ill(care=Care.CMP, sesame_months=2)
    lived(p, blank_tables(), follow_up)
    assert p.now[Now.SESAME_MONTHS] == 0


def test_a_full_caseload_refuses() -> None:
    t = blank_tables()
    t.care.participation, t.care.sesame_access = 2.0, 1.0
    p, m = ill(care=Care.GP), month()
    m.rations.share[Service.SESAME] = 0.0
    follow_up(p, m, records(t))
    assert p.now[Now.SESAME_MONTHS] == 0
    assert m.places.capacity[Service.SESAME, Capacity.REFUSED] == 1


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────


def test_time_passes_for_what_is_counted_in_months() -> None:
    p = ill(care=Care.GP, months_since_attempt=-1, months_in_episode=4, months_well=7, months_since_ill=7)
    pass_time(p, 1)
    assert (p.now[Now.MONTHS_SINCE_ATTEMPT], p.now[Now.MONTHS_IN_EPISODE]) == (0, 5)
    assert (p.now[Now.MONTHS_WELL], p.now[Now.MONTHS_SINCE_ILL], p.now[Now.MONTHS_SINCE_CARE]) == (0, 0, 0)
    well = ill(health=Health.RECOVERY, months_in_episode=9, months_since_care=3)
    pass_time(well, 5)
    assert (well.now[Now.MONTHS_IN_EPISODE], well.now[Now.MONTHS_SINCE_CARE]) == (9, 8)
    assert (well.now[Now.MONTHS_WELL], well.now[Now.MONTHS_IN_STATE]) == (NEVER_MONTHS, 5)


@pytest.mark.parametrize("parts", [[12], [1] * 12, [5, 7]], ids=str)
def test_time_passes_alike_in_one_leap_or_in_steps(parts: list[int]) -> None:
    whole, steps = (ill(health=Health.RECOVERY, months_well=3, months_since_care=9_995) for _ in range(2))
    pass_time(whole, 12)
    for part in parts:
        pass_time(steps, part)
    assert (whole.now == steps.now).all()
