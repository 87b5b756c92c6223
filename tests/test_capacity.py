"""Places: the queue against a deterministic recursion, regions, psychologists, what chance must not do."""

from dataclasses import replace

import numpy as np
import pytest

from model import capacity, care, simulation
from model.inputs import load_parameters
from model.month import begin_treatment, offer_psychologist
from model.phases import Values
from model.states import Capacity, Care, Health, Hospital, Now, Resource, Service, Trait, Treatment
from model.tables import N_REGION
from model.transitions import build_tables
from tests.small import blank_tables, bytes_of, crowd, month, person, records, run, set_now, shares

SEVERE = {"health": Health.SEVERE, "severity": Health.SEVERE, "episodes": 1, "failed": 2, "care": Care.CMP}
ACCESS, GIVE_UP, MONTHS = 0.1, 0.05, 36


def limits(service: Service, places: float, cycles: int = MONTHS) -> np.ndarray:
    """Return places by month, limited for one service only."""
    out = np.full((cycles, len(Service), N_REGION), np.inf)
    out[:, service] = 0.0
    out[:, service, 0] = places
    return out


def ketamine_tables(access: float = ACCESS) -> object:
    """Return a world where the severe wait for a course of two months, once, or give up."""
    t = blank_tables()
    t.treatment.access[:, Service.KETAMINE_IV] = access
    t.treatment.course[:, Treatment.KETAMINE_IV] = 2.0
    t.use.sessions[:, Treatment.KETAMINE_IV] = 4.0
    t.use.give_up = GIVE_UP
    return t


def fluid_queue(people: float, places: float) -> np.ndarray:
    """Return (month, column) of the queue with abandonment, everybody divisible: the deterministic recursion."""
    fresh, waiting, months, kept = people, 0.0, 0.0, 0.0
    quit_share = -np.expm1(-GIVE_UP)
    out = np.zeros((MONTHS, len(Capacity)))
    for t in range(MONTHS):
        wanted = ACCESS * (fresh + waiting) * 4.0
        share = 1.0 if t == 0 else min(1.0, max(0.0, places - kept) / wanted)
        p = ACCESS * share
        admitted, refused = p * (fresh + waiting), (ACCESS - p) * (fresh + waiting)
        out[t, [Capacity.ADMITTED, Capacity.REFUSED, Capacity.MONTHS_WAITED]] = admitted, refused, p * months
        waiting, months = waiting * (1.0 - p) + fresh * (ACCESS - p), months * (1.0 - p)
        fresh *= 1.0 - ACCESS
        months += waiting
        out[t, [Capacity.GAVE_UP, Capacity.WAITING]] = waiting * quit_share, waiting * (1.0 - quit_share)
        waiting, months = waiting * (1.0 - quit_share), months * (1.0 - quit_share)
        kept = admitted * 4.0
        out[t, Capacity.KEPT] = kept
    return out


def queue(people: int, places: float, jobs: int = 1, slices: int = 2) -> np.ndarray:
    """Return (month, column) of the simulated queue, counts of the nation (batches are replicas of it)."""
    everyone = set_now(crowd(people * slices, slices), **SEVERE)
    calendar = simulation.new_calendar(np.zeros(MONTHS, np.int32))
    limit = limits(Service.KETAMINE_IV, places)
    _, books = capacity.run_open(everyone, ketamine_tables(), calendar, limit, jobs)
    return books.places["capacity"][:, :MONTHS, Service.KETAMINE_IV].sum(axis=0) / slices


def test_the_queue_is_the_fluid_queue_with_abandonment() -> None:
    """Places bind from the second month until the queue is gone; every count of the ledger follows."""
    expected, found = fluid_queue(20_000, 3_000.0), queue(20_000, 3_000.0)
    assert expected[1, Capacity.REFUSED] > 500.0
    assert expected[-1, Capacity.REFUSED] < 1.0
    assert expected[:, Capacity.MONTHS_WAITED].max() > 1_000.0
    for column in (Capacity.ADMITTED, Capacity.REFUSED, Capacity.GAVE_UP, Capacity.WAITING, Capacity.KEPT):
        unit = 4.0 if column == Capacity.KEPT else 1.0
        error = np.sqrt(np.maximum(expected[:, column] * unit, 4.0))
        assert (np.abs(found[:, column] - expected[:, column]) < 5.0 * error).all(), column
    waited = expected[:, Capacity.MONTHS_WAITED].sum()
    assert found[:, Capacity.MONTHS_WAITED].sum() == pytest.approx(waited, rel=0.02)


def test_threads_and_the_order_of_batches_change_no_queue() -> None:
    everyone = set_now(crowd(3_000, 6), **SEVERE)
    calendar = simulation.new_calendar(np.zeros(MONTHS, np.int32))
    limit, t = limits(Service.KETAMINE_IV, 60.0), ketamine_tables()

    def places(people: simulation.People, jobs: int) -> np.ndarray:
        return capacity.run_open(people, t, calendar, limit, jobs)[1].places

    one, three = places(everyone, 1), places(everyone, 3)
    assert one["capacity"][..., Capacity.REFUSED].sum() > 0
    assert bytes_of(one) == bytes_of(three)
    order = np.array([3, 0, 5, 2, 4, 1])
    index = np.concatenate([np.arange(everyone.starts[s], everyone.starts[s + 1]) for s in order])
    other = replace(everyone, persons=everyone.persons[index], batch=everyone.batch[order])
    assert (places(other, 1)["capacity"] == one["capacity"][order]).all()


def test_chance_alone_never_fills_a_service() -> None:
    """Few people each of whom stands for many: admissions jump about, places a quarter above the mean hold them."""
    everyone = set_now(crowd(400, 2), **SEVERE)
    t = ketamine_tables(access=0.02)
    calendar = simulation.new_calendar(np.zeros(12, np.int32))
    _, books = capacity.run_open(everyone, t, calendar, limits(Service.KETAMINE_IV, np.inf, 12), 1)
    counted = capacity.national(everyone, books.places["capacity"])[:12, Service.KETAMINE_IV]
    expected = capacity.national(everyone, books.places["expected"])[:12, Service.KETAMINE_IV]
    places = 1.25 * 8.0 * expected[0]
    naive = 4.0 * expected[1:] > places - counted[:-1, Capacity.KEPT]
    assert naive.any(), "counted as they come, admissions would seem to fill the service"
    assert not capacity.binds(everyone, books, limits(Service.KETAMINE_IV, places, 12), t, calendar)


@pytest.mark.parametrize("places", [2.0, 200.0, np.inf])
def test_a_run_not_tried_without_limits_first_is_the_same_run(places: float) -> None:
    """Places that bind, places that almost do, none: the first try only saves time, or costs it."""
    everyone = set_now(crowd(400, 2), **SEVERE)
    t, limit = ketamine_tables(access=0.02), limits(Service.KETAMINE_IV, places, 12)
    calendar = simulation.new_calendar(np.zeros(12, np.int32))
    tried, (lived, books) = (capacity.run_open(everyone, t, calendar, limit, 1, try_free) for try_free in (True, False))
    assert (books.rations["share"] < 1.0).any() == (places == 2.0)
    assert bytes_of(tried[0].persons) == bytes_of(lived.persons)
    for name in ("pages", "places", "rations"):
        assert bytes_of(getattr(tried[1], name)) == bytes_of(getattr(books, name)), name


def test_what_an_admission_keeps_is_what_the_kernel_counts() -> None:
    """Everybody admitted in month 0: the places kept after 0, 1, … months are those `persistence` says."""
    for queue, hospital in (
        (Service.RTMS, Hospital.EPSM),
        (Service.ESKETAMINE, Hospital.CLINIC),
        (Service.ESKETAMINE_EPSM, Hospital.EPSM),
    ):
        t = blank_tables()
        t.treatment.access[:, capacity.TECHNIQUE[queue]] = 1.0
        t.treatment.course[:, Treatment.RTMS] = 3.0
        t.treatment.duration[:, Treatment.ESKETAMINE] = 99.0
        t.treatment.esketamine_sessions = [8, 4, 3]
        t.treatment.stop_ill[:, Treatment.ESKETAMINE] = [0.3, 0.1, 0.2]
        t.use.sessions[:, Treatment.RTMS] = 12.0
        r = run(set_now(crowd(20_000, hospital=int(hospital)), **SEVERE), t, 6)
        kept = r.books.places["capacity"][0, :6, queue, Capacity.KEPT] / 20_000
        assert kept == pytest.approx(capacity.persistence(t, 0)[:6, queue], rel=0.03, abs=1e-9), queue


def test_volumes_are_expected_admissions_times_what_each_holds() -> None:
    """Courses of two months of four sessions, 5 % of 2,000 people a month: eight sessions an admission."""
    everyone = set_now(crowd(4_000, 2), **SEVERE)
    calendar = simulation.new_calendar(np.zeros(24, np.int32))
    no_limit = limits(Service.KETAMINE_IV, np.inf, 24)
    _, books = capacity.run_open(everyone, ketamine_tables(access=0.05), calendar, no_limit, 1)
    expected = capacity.national(everyone, books.places["expected"])[:24].mean(axis=0)
    found = capacity.volumes(simulation.weighted(everyone, books).capacity, expected)
    volume = found["capacity.ketamine_iv.monthly_sessions"]
    assert volume == pytest.approx(8.0 * expected[Service.KETAMINE_IV], rel=0.05)
    assert found["capacity.ect.monthly_sessions"] == 0.0


def test_nurses_of_a_region_follow_its_own_patients() -> None:
    """Nurses posted in one region: elsewhere nobody enters once places are known; there, as many as places."""
    t = blank_tables()
    t.care.participation, t.care.sesame_access = 1.0, 0.5
    t.care.sesame_exit, t.care.sesame_limit = 0.2, 99.0
    region = np.arange(8_000) % 2
    everyone = set_now(crowd(8_000, 2, region=region), health=Health.MILD, severity=Health.MILD, care=Care.GP)
    everyone.persons["trait"][:, Trait.SESAME_RANK] = 0.5
    limit = np.full((36, len(Service), N_REGION), np.inf)
    limit[:, Service.SESAME] = 0.0
    limit[:, Service.SESAME, 1] = 300.0
    calendar = simulation.new_calendar(np.zeros(36, np.int32))
    lived, books = capacity.run_open(everyone, t, calendar, limit, 1)
    followed = lived.persons["now"][:, Now.SESAME_MONTHS] > 0
    share = books.rations["share"][:, Service.SESAME]
    assert (share[1:, 0] == 0.0).all()
    assert 0.0 < share[35, 1] < 1.0
    assert followed[region == 1].sum() / 2 == pytest.approx(300.0, rel=0.08)
    assert (books.rations["share"][:, Service.ECT] == 1.0).all()


def values(**changed: object) -> Values:
    v = Values({name: parameter.value for name, parameter in load_parameters().items()})
    v.update({name.replace("__", "."): value for name, value in changed.items()})
    return v


def test_places_are_today_s_volume_and_some_slack() -> None:
    v = values(capacity__slack=0.5, capacity__ect__monthly_sessions=3_000.0, care__expert__centres_added=1.0)
    places = capacity.places_of(v)
    assert places[Service.ECT].sum() == pytest.approx(4_500.0)
    today = v["capacity.expert_assessment.monthly_assessments"]
    assert places[Service.EXPERT_ASSESSMENT].sum() == pytest.approx(1.5 * today * (13 + N_REGION) / 13)
    assert places[Service.SESAME].sum() == 0.0
    assert np.isinf(capacity.places_of(values(capacity__limited__ect=False))[Service.ECT]).all()


def test_nurses_go_where_gps_take_part_or_where_they_are_posted() -> None:
    v = values(capacity__sesame__nurses=100.0)
    cells = np.zeros((N_REGION, 3))
    cells[5], cells[9] = 0.2, 0.1
    posted = np.zeros((N_REGION, 3))
    posted[5] = 8.0
    for name, where in (("sesame.participation", cells), ("capacity.sesame.nurses_posted", posted)):
        del v[name]
        v.places[name] = where
    found = capacity.nurses(v)
    gps = capacity.load_table("regions")["gp_rpps"]
    assert found.sum() == pytest.approx(108.0)
    assert (found[5] - 8.0) / found[9] == pytest.approx(2.0 * gps[5] / gps[9])


def test_supply_differs_by_region_where_a_scenario_says_so() -> None:
    """Access, expert centres and psychiatrists of one region: that region's column moves, the others stay."""
    names = ("access.ect.epsm.monthly_probability", "care.expert.centres_added", "care.refer.density_ratio")
    usual, changed = values(), values()
    for name, here in zip(names, (0.05, 1.0, 2.0), strict=True):
        cells = np.full((N_REGION, 3), float(usual[name]))
        cells[6] = here
        changed.places[name] = cells
        del changed[name]
    before, after = (build_tables([v]) for v in (usual, changed))
    others = np.arange(N_REGION) != 6
    assert after.treatment.access[0, Service.ECT, 6, 0] == 0.05
    assert (after.treatment.access[0, :, others] == before.treatment.access[0, :, others]).all()
    assert after.care.expert[0, 6] > before.care.expert[0, 6]
    elasticity = usual["care.refer.density_elasticity"]
    assert after.care.refer_region_ratio[0, 6] == pytest.approx(2.0**elasticity)
    for field in ("expert", "refer_region_ratio"):
        assert (after.care[field][0, others] == before.care[field][0, others]).all()


# ── psychologists ────────────────────────────────────────────────────────────────────────────────────


def patient(**now: int) -> object:
    return person(**({"health": Health.MILD, "severity": Health.MILD, "episodes": 1, "care": Care.GP} | now))


@pytest.mark.parametrize(
    ("now", "taken"),
    [
        ({}, True),
        ({"health": Health.MODERATE, "severity": Health.MODERATE}, True),
        ({"health": Health.SEVERE, "severity": Health.SEVERE}, False),
        ({"severity": Health.SEVERE}, False),
        ({"failed": 1, "treatment": Treatment.SWITCH}, True),
        ({"failed": 2}, False),
        ({"failed": 3, "treatment": Treatment.SWITCH}, False),
        ({"treatment": Treatment.ANTIDEPRESSANT, "months_on_treatment": 5}, True),
        ({"treatment": Treatment.ANTIDEPRESSANT, "months_on_treatment": 6}, False),
        ({"treatment": Treatment.CBT}, False),
        ({"treatment": Treatment.LITHIUM}, False),
        ({"psychologist_sessions": 12}, False),
        ({"care": Care.CMP}, False),
        ({"health": Health.RESPONSE}, False),
    ],
)
def test_who_mon_soutien_psy_takes(now: dict[str, int], taken: bool) -> None:
    t = blank_tables()
    t.care.psychologist = 1.0
    p, m = patient(**now), month()
    assert care.eligible_psychologist(p, Service.PSYCHOLOGIST, records(t).use) == taken
    before = p.now[Now.TREATMENT]
    offer_psychologist(p, m, records(t))
    assert (p.now[Now.TREATMENT] != before) == taken
    assert m.places.capacity[Service.PSYCHOLOGIST, Capacity.ADMITTED] == taken


def test_mon_soutien_psy_never_treats_established_resistance() -> None:
    """Sent there with certainty every month for two years, people with two failures have no session paid."""
    t = blank_tables()
    t.care.psychologist = 1.0
    t.use.sessions[:, [Treatment.CBT, Treatment.ANTIDEPRESSANT_CBT]] = 3.0
    t.treatment.choice[:] = shares({Treatment.CBT: 1.0}, t.treatment.choice.shape[-1])
    t.treatment.course[:, Treatment.CBT] = 4.0
    t.care.detected = 1.0
    mild = {"health": Health.MILD, "severity": Health.MILD, "episodes": 1, "care": Care.GP}
    for failed, some in ((2, False), (1, True)):
        r = run(set_now(crowd(200), failed=failed, **mild), t, 24)
        used = r.ledgers.resources.sum(axis=(0, 1, 2, 3))
        assert (used[Resource.PSYCHOLOGIST_CONVENTIONED] > 0) == some
        assert used[Resource.PSYCHOLOGIST_PRIVATE] > 0, "therapy chosen is paid by the person"


def test_sessions_join_the_drug_or_stand_alone_and_the_clock_goes_on() -> None:
    t = blank_tables()
    t.care.psychologist = 1.0
    for before, after in ((4, Treatment.ANTIDEPRESSANT_CBT), (6, Treatment.SWITCH_CBT), (1, Treatment.CBT)):
        p = patient(treatment=before, months_on_treatment=3, adequate_dose=1)
        offer_psychologist(p, month(), records(t))
        assert p.now[Now.TREATMENT] == after
        assert p.now[Now.MONTHS_ON_TREATMENT] == (0 if before == 1 else 3)


def test_a_health_centre_s_psychologist_comes_first_and_is_paid_by_the_post() -> None:
    t = blank_tables()
    t.care.psychologist = t.care.health_centre = 1.0
    t.use.sessions[:, Treatment.CBT] = 3.0
    p, m = patient(treatment=Treatment.WATCHFUL_WAITING), month()
    offer_psychologist(p, m, records(t))
    assert (p.now[Now.TREATMENT], p.now[Now.SALARIED]) == (Treatment.CBT, 1)
    assert m.places.capacity[[Service.HEALTH_CENTRE, Service.PSYCHOLOGIST], Capacity.ADMITTED].tolist() == [1, 0]
    everyone = set_now(crowd(10), health=Health.MILD, severity=Health.MILD, care=Care.GP, treatment=3, salaried=1)
    used = run(everyone, t, 1).ledgers.resources.sum(axis=(0, 1, 2, 3))
    assert used[Resource.PSYCHOLOGIST_SALARIED] == 30
    assert used[[Resource.PSYCHOLOGIST_CONVENTIONED, Resource.PSYCHOLOGIST_PRIVATE]].sum() == 0


@pytest.mark.parametrize(
    ("chosen", "instead"),
    [
        (Treatment.CBT, Treatment.WATCHFUL_WAITING),
        (Treatment.ANTIDEPRESSANT_CBT, Treatment.ANTIDEPRESSANT),
        (Treatment.SWITCH_CBT, Treatment.SWITCH),
    ],
)
def test_psychotherapy_without_a_place_leaves_the_rest_of_the_treatment(chosen: int, instead: int) -> None:
    t = blank_tables()
    t.treatment.choice[:] = shares({chosen: 1.0}, t.treatment.choice.shape[-1])
    t.care.detected = 1.0
    p, m = patient(), month()
    m.rations.share[Service.PSYCHOLOGIST] = 0.0
    begin_treatment(p, m, records(t))
    assert p.now[Now.TREATMENT] == instead
    counted = m.places.capacity[Service.PSYCHOLOGIST]
    assert counted[[Capacity.ELIGIBLE, Capacity.REFUSED, Capacity.GAVE_UP]].tolist() == [1, 1, 1]
    assert p.now[Now.WAITING_FOR] == 0
    q = patient()
    begin_treatment(q, month(), records(t))
    assert q.now[Now.TREATMENT] == chosen


# ── shared care ──────────────────────────────────────────────────────────────────────────────────────


def test_advice_without_effect_moves_only_its_own_count() -> None:
    from tests.small import busy_tables, mixed_crowd

    runs = []
    for coverage in (0.0, 1.0):
        t = busy_tables()
        t.care.advice = coverage * 0.2
        t.care.advice_ratio, t.care.advice_refer = 1.0, 0.0
        runs.append(run(mixed_crowd(2_000), t, 36))
    without, given = (r.ledgers for r in runs)
    assert (without.trace == given.trace).all()
    moved = np.flatnonzero((without.resources != given.resources).any(axis=(0, 1, 2, 3)))
    assert moved.tolist() == [Resource.SPECIALIST_ADVICE]
    assert (without.capacity == given.capacity).all()


def test_advice_bears_on_dose_and_on_what_does_not_work_for_its_months() -> None:
    t = records(blank_tables())
    t.care.advice_months = 6.0
    p = patient(months_since_advice=5)
    assert care.advised(p, t.care)
    p.now[Now.MONTHS_SINCE_ADVICE] = 6
    assert not care.advised(p, t.care)
    changed = []
    for ratio in (1.0, 3.0):
        one = blank_tables()
        one.care.advice_months, one.care.advice_ratio = 99.0, [1.0, ratio]
        one.treatment.next_line = 0.1
        on_drug = {"treatment": Treatment.ANTIDEPRESSANT, "months_on_treatment": 3, "months_since_advice": 0}
        mild = {"health": Health.MILD, "severity": Health.MILD, "episodes": 1, "care": Care.GP}
        lived = run(set_now(crowd(20_000), **mild, **on_drug), one, 1).people.persons["now"]
        changed.append((lived[:, Now.FAILED] == 1).mean())
    assert changed == pytest.approx([-np.expm1(-0.1), -np.expm1(-0.3)], abs=0.01)
