"""The month loop: against exact answers, against its own books, and against itself run in another way."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numba
import numpy as np
import pytest

from model import kernel
from model.books import AGE_ROWS, COMORBIDITY_ROWS, DEPRIVATION_ROWS, HOSPITAL_ROWS, N_EQUITY, REGION_ROWS
from model.changes import Change
from model.inputs import load_parameters
from model.ledgers import by_technique
from model.month import age_band
from model.phases import Values, phases_of
from model.population import generator, traits
from model.states import (
    Capacity,
    Care,
    Diary,
    Event,
    Fixed,
    Health,
    Now,
    Outcome,
    Resource,
    Service,
    Trait,
    Treatment,
    Work,
)
from model.tables import N_HEALTH, N_TREATMENT, Tables
from model.transitions import build_tables
from tests.small import (
    CERTAIN,
    Run,
    blank_tables,
    busy_tables,
    bytes_of,
    crowd,
    mixed_crowd,
    other_kernel,
    rewired,
    run,
    set_now,
    shares,
)

WITHIN = 5  # standard errors: a right engine fails a comparison once in 1.7 million
ILL = (Health.MILD, Health.MODERATE, Health.SEVERE)
LIVING = range(Health.DEAD_SUICIDE)
ADMISSIONS = (Event.ADMISSION_EPSM, Event.ADMISSION_GENERAL, Event.ADMISSION_CLINIC)
STARTS = (Event.ESKETAMINE_START, Event.KETAMINE_START, Event.RTMS_START, Event.ECT_START)


def assert_binomial(found: Any, n: int, p: Any) -> None:
    """Check counts out of n against probabilities where the normal law holds, and that some are checked."""
    found, p = np.broadcast_arrays(np.asarray(found, float), np.asarray(p, float))
    variance = n * p * (1.0 - p)
    assert (np.abs(found - n * p)[variance < 1e-9] < 1e-6).all()
    usable = variance > 25.0
    assert usable.any()
    error = (found - n * p)[usable] / np.sqrt(variance[usable])
    assert np.abs(error).max() < WITHIN, f"{np.abs(error).max():.1f} standard errors from the exact answer"


# ── exact: constant hazards make a Markov chain, and its occupancy is a product of matrices ──────────


class Chain:
    """The course of illness without care as a Markov chain: the tunnels make its memory part of the state.

    States: never; ill, by severity; response and remission, by severity and month since entry (1 … 6, the
    last one stays in response and leads from remission to recovery); recovery; the two deaths.
    """

    def __init__(self) -> None:
        self.index: dict[tuple[int, ...], int] = {}
        for state in (
            (Health.NEVER,),
            *((h,) for h in ILL),
            *((w, h, k) for w in (Health.RESPONSE, Health.REMISSION) for h in ILL for k in range(1, 7)),
            (Health.RECOVERY,),
            (Health.DEAD_SUICIDE,),
            (Health.DEAD_OTHER,),
        ):
            self.index[tuple(map(int, state))] = len(self.index)
        self.health = np.array([state[0] for state in self.index])

    def month(self, t: Tables, sex: int, age: int) -> np.ndarray:
        """Return the matrix of a month, (from, to), worked out from the tables by hand."""
        c, s, band = t.course[0], t.suicide[0], age_band(age)
        odds = np.cumprod([1.0, *c.severity_odds])
        severity = dict(zip(ILL, odds / odds.sum(), strict=True))
        death = -np.expm1(-t.mortality[0].other[sex, age])
        out = np.zeros((len(self.index), len(self.index)))
        for state, i in self.index.items():
            if state[0] in (Health.DEAD_SUICIDE, Health.DEAD_OTHER):
                out[i, i] = 1.0
                continue
            act = -np.expm1(-s.rate[sex, band] * s.state_ratio[state[0]])
            suicide = (1.0 - death) * act * s.lethality[sex, band]
            out[i, self.index[Health.DEAD_OTHER,]] = death
            out[i, self.index[Health.DEAD_SUICIDE,]] = suicide
            stays, moves = self._moves(state, severity, c, sex, age, band)
            hazard = sum(moves.values())
            for target, part in moves.items():
                out[i, self.index[target]] += (1 - death - suicide) * -np.expm1(-hazard) * part / hazard
            out[i, self.index[stays]] += (1 - death - suicide) * np.exp(-hazard)
        return out

    @staticmethod
    def _moves(state: Any, severity: Any, c: Any, sex: int, age: int, band: int) -> Any:
        """Return where a person goes if nothing happens, and the hazard of each destination."""
        window = 0 if state[-1] < 3 else 1 if state[-1] < 6 else 2
        if state[0] == Health.NEVER:
            return state, {(int(h),): c.onset[sex, age] * p for h, p in severity.items()}
        if state[0] == Health.RECOVERY:
            return state, {(int(h),): c.recurrence[band] * p for h, p in severity.items()}
        if state[0] in ILL:
            remission = c.remission[state[0] - 1]
            return state, {
                (Health.REMISSION, state[0], 1): remission,
                (Health.RESPONSE, state[0], 1): remission * c.response_ratio,
            }
        later = (*state[:2], min(6, state[2] + 1))
        relapse = c.induced_ratio[Treatment.NONE, window]
        if state[0] == Health.RESPONSE:
            return later, {
                (Health.REMISSION, state[1], 1): c.remission[state[1] - 1] * c.completion_ratio,
                (state[1],): c.relapse[0] * relapse,
            }
        stays = later if state[2] < 6 else (Health.RECOVERY,)
        return stays, {(state[1],): c.relapse[1] * relapse}


def chain_tables() -> Tables:
    t = blank_tables()
    ages = np.arange(111)
    t.course.onset[0, 1], t.course.onset[0, 0] = 0.01 + 0.0002 * ages, 0.03
    t.course.remission = [0.30, 0.20, 0.10]
    t.course.response_ratio, t.course.completion_ratio = 0.7, 1.5
    t.course.relapse, t.course.recurrence[0] = [0.15, 0.08], np.linspace(0.05, 0.02, 8)
    t.course.induced_ratio[0, Treatment.NONE] = [1.5, 1.0, 0.5]
    t.course.severity_odds = [1.4, 0.8]
    t.suicide.rate[0], t.suicide.lethality[0] = [[0.004] * 8, [0.002] * 8], 0.3
    t.suicide.state_ratio[0, : Health.DEAD_SUICIDE] = [1, 2, 4, 6, 2, 1.5, 1.2]
    t.mortality.other[0] = 0.001 * np.exp(ages / 50)
    return t


@pytest.mark.parametrize(("sex", "age"), [(0, 25), (1, 43)])
def test_occupancy_is_the_matrix_power(sex: int, age: int) -> None:
    """Onset, severity, competing exits, tunnels, suicide and death at once: 20,000 people, 1.2 million months."""
    n, cycles, t, chain = 20_000, 60, chain_tables(), Chain()
    found = run(crowd(n, sex=sex, birth_month=-12 * age - 5), t, cycles).ledgers.trace[0].sum(axis=2)
    law = np.zeros(len(chain.index))
    law[0] = 1.0
    exact = [law]
    for cycle in range(cycles):
        law = law @ chain.month(t, sex, age + (cycle + 5) // 12)
        exact.append(law)
    by_health = np.stack([np.bincount(chain.health, point, minlength=N_HEALTH) for point in exact])
    assert_binomial(found, n, by_health)


def test_a_treated_episode_ends_at_the_hazard_times_the_ratio() -> None:
    """Survival in the episode: half the added effect in the first month, then all, at twice the hazard."""
    n, cycles, t = 40_000, 24, blank_tables()
    t.course.remission, t.course.response_ratio = 0.04, 0.5
    t.course.acute_ratio[0, Treatment.QUETIAPINE], t.course.acute_lag = 2.0, 0.5
    t.treatment.duration = 999.0
    people = set_now(
        crowd(n), health=Health.MODERATE, severity=Health.MODERATE, episodes=1, treatment=Treatment.QUETIAPINE
    )
    set_now(people, adequate_dose=1, care=Care.CMP)
    ill = run(people, t, cycles).ledgers.trace[0].sum(axis=1 + 1)[:, Health.MODERATE]
    hazard = 0.06 * np.array([1.5] + [2.0] * (cycles - 1))
    assert_binomial(ill, n, np.exp(-np.concatenate([[0.0], np.cumsum(hazard)])))


def test_a_treatment_is_kept_as_long_as_its_stopping_hazards_say() -> None:
    """Ill and never better: month 0, months 1 to 5, later each have their hazard; the person's trait scales it."""
    n, cycles, t = 40_000, 12, blank_tables()
    t.treatment.stop_ill[0, Treatment.SWITCH] = [0.30, 0.10, 0.05]
    t.treatment.duration = 999.0
    people = set_now(crowd(n), health=Health.SEVERE, severity=Health.SEVERE, episodes=1, treatment=Treatment.SWITCH)
    set_now(people, care=Care.GP)
    people.persons["trait"][:, Trait.STOP] = 1.5
    kept = (run(people, t, cycles, diary=True).books.diary[:, :, Diary.TREATMENT] == Treatment.SWITCH).sum(0)
    assert_binomial(kept, n, np.exp(-1.5 * np.cumsum([0.30] + [0.10] * 5 + [0.05] * 6)))


def test_places_admit_their_share_of_those_who_would_be_admitted() -> None:
    n, t = 20_000, blank_tables()
    t.treatment.access[0, Service.ECT] = 0.4
    people = set_now(crowd(n), health=Health.SEVERE, severity=Health.SEVERE, episodes=1, failed=2, care=Care.CMP)
    rationed = run(people, t, 1, ration=0.25)
    admitted, refused = rationed.ledgers.capacity[0, 0, Service.ECT, [Capacity.ADMITTED, Capacity.REFUSED]]
    assert_binomial(admitted, n, 0.1)
    assert_binomial(refused, n, 0.3)
    assert (rationed.people.persons["now"][:, Now.WAITING_FOR] == Service.ECT + 1).sum() == refused
    unlimited = run(people, t, 1)
    assert unlimited.ledgers.capacity[0, 0, Service.ECT, Capacity.ADMITTED] == admitted + refused


# ── invariants: the books agree with the diary and with each other ───────────────────────────────────

CYCLES = 87  # not a whole number of years
PHASES = [0] * 29 + [1] * 22 + [0] * 36  # a change within a year


@pytest.fixture(scope="module")
def busy() -> Run:
    """Return a run in which everything happens: entrants, deaths, two phases, eight batches."""
    return run(mixed_crowd(4_000, 8), busy_tables(2), CYCLES, diary=True, phases=PHASES)


def seen(r: Run) -> np.ndarray:
    """Return which persons are counted at each point, (person, cycle + 1)."""
    return np.arange(r.calendar.year_of_cycle.size + 1) >= r.people.persons["fixed"][:, [Fixed.ENTRY]]


def states(r: Run, column: int, first: int = 0) -> np.ndarray:
    """Return a column of the diary at each point, (person, cycle + 1); all begin at `first`."""
    diary = r.books.diary[:, :, column].astype(np.int64)
    return np.concatenate([np.full((len(diary), 1), first), diary], axis=1)


def total(r: Run, *events: int) -> float:
    return float(r.ledgers.events[..., list(events)].sum())


def used(r: Run, *resources: int) -> float:
    return float(r.ledgers.resources[..., list(resources)].sum())


def test_everything_happens_in_the_busy_world(busy: Run) -> None:
    """A test that looks at nothing proves nothing."""
    never = {Event.GAVE_UP}  # counted in the capacity ledger
    assert {event for event in Event if total(busy, event) == 0.0} <= never
    assert (busy.ledgers.capacity[:, :, : Service.ECT + 1, Capacity.ADMITTED].sum((0, 1)) > 30).all()
    assert (busy.ledgers.trace[:, -1].sum(axis=0) > 0).any(axis=1).all()


def test_the_dead_stay_dead(busy: Run) -> None:
    health = states(busy, Diary.HEALTH)
    dead = health >= Health.DEAD_SUICIDE
    assert (health[:, 1:] == health[:, :-1])[dead[:, :-1]].all()
    assert dead[:, -1].sum() > 500
    assert (busy.people.persons["now"][:, Now.HEALTH] == health[:, -1]).all()


def test_nothing_happens_to_the_dead(busy: Run) -> None:
    """No act, no day in hospital after the month of death, and a suicide is an act of its month."""
    health = states(busy, Diary.HEALTH)
    dead = health[:, :-1] >= Health.DEAD_SUICIDE
    assert not busy.books.diary[dead][:, [Diary.ATTEMPTED, Diary.HOSPITAL_DAYS]].any()
    suicide = ~dead & (health[:, 1:] == Health.DEAD_SUICIDE)
    assert (busy.books.diary[suicide][:, Diary.ATTEMPTED] == 1).all()


def test_the_trace_is_the_census_of_the_diary(busy: Run) -> None:
    health, trd, counted = states(busy, Diary.HEALTH), states(busy, Diary.TRD), seen(busy)
    census = np.zeros((CYCLES + 1, N_HEALTH, 4))
    for point in range(CYCLES + 1):
        here = counted[:, point]
        np.add.at(census[point], (health[here, point], trd[here, point]), 1)
    assert (busy.ledgers.trace.sum(axis=0) == census).all()


def test_the_trace_sums_to_all_who_entered(busy: Run) -> None:
    assert (busy.ledgers.trace.sum(axis=(0, 2, 3)) == seen(busy).sum(axis=0)).all()


def test_flows_equal_the_census(busy: Run) -> None:
    """Each move seen in the diary is booked once as the event of its name, and no other is."""
    health = states(busy, Diary.HEALTH)
    before, after = health[:, :-1], health[:, 1:]
    ill = np.isin(before, ILL), np.isin(after, ILL)

    def moves(was: Any, now: Any) -> int:
        return int((was & now & (before != after)).sum())

    benefit = np.isin(before, (Health.RESPONSE, Health.REMISSION))
    expected = {
        Event.ONSET: moves(before == Health.NEVER, ill[1]),
        Event.RECURRENCE: moves(before == Health.RECOVERY, ill[1]),
        Event.RELAPSE: moves(benefit, ill[1]),
        Event.RESPONSE: moves(ill[0], after == Health.RESPONSE),
        Event.REMISSION: moves(ill[0] | benefit, after == Health.REMISSION),
        Event.RECOVERY: moves(before == Health.REMISSION, after == Health.RECOVERY),
        Event.SUICIDE: moves(before <= Health.RECOVERY, after == Health.DEAD_SUICIDE),
        Event.DEATH_OTHER: moves(before <= Health.RECOVERY, after == Health.DEAD_OTHER),
        Event.SUICIDE_ILL: moves(ill[0] | benefit, after == Health.DEAD_SUICIDE),
        Event.SUICIDE_EVER_ILL: moves(before != Health.NEVER, after == Health.DEAD_SUICIDE),
        Event.EPISODE_MONTH: int(ill[1].sum()),
    }
    assert {event: total(busy, event) for event in expected} == expected
    deaths = moves(ill[0], after >= Health.DEAD_SUICIDE)
    responses = expected[Event.RESPONSE] + moves(ill[0], after == Health.REMISSION)
    begun = expected[Event.ONSET] + expected[Event.RECURRENCE] + expected[Event.RELAPSE]
    assert begun - responses - deaths == np.isin(health[:, -1], ILL).sum()
    moved = sum(expected[e] for e in list(expected)[:8])
    assert moved == (before != after).sum(), "a move without a name"


def test_new_resistance_is_the_second_failure(busy: Run) -> None:
    failed = states(busy, Diary.FAILED)
    assert total(busy, Event.NEW_BROAD) == ((failed[:, :-1] < 2) & (failed[:, 1:] >= 2)).sum()
    broad = states(busy, Diary.TRD) % 2 == 1
    assert (broad == (failed >= 2)).all()
    recovered = states(busy, Diary.HEALTH) == Health.RECOVERY
    assert not (broad & recovered).any()


def test_occupancy_is_the_mean_of_both_ends_of_each_month(busy: Run) -> None:
    """A person who enters during the run was not there at the end of the month before."""
    trace = busy.ledgers.trace.sum(axis=0)
    entered = np.zeros_like(trace)
    entry = busy.people.persons["fixed"][:, Fixed.ENTRY]
    np.add.at(entered, (entry[entry > 0], Health.NEVER, 0), 1)
    months = (trace[:-1] + trace[1:] - entered[1:]) / 2.0
    by_year = np.add.reduceat(months, range(0, CYCLES, 12))
    occupancy = busy.ledgers.occupancy.sum(axis=(0, 2, 3)).swapaxes(1, 2)
    assert (occupancy[:, LIVING] == by_year[:, LIVING]).all()
    assert (occupancy[:, Health.DEAD_SUICIDE :] == 0).all()


def test_occupancy_work_and_equity_book_the_same_months(busy: Run) -> None:
    ever_ill = busy.ledgers.occupancy[..., Health.MILD :]
    assert (ever_ill.sum(axis=(2, 3)) == busy.ledgers.work[..., Health.MILD :].sum(axis=3)).all()
    assert (busy.ledgers.work[..., Health.NEVER] == 0).all()
    equity = busy.ledgers.equity
    edges = [0, AGE_ROWS, REGION_ROWS, DEPRIVATION_ROWS, COMORBIDITY_ROWS, HOSPITAL_ROWS, N_EQUITY]
    halves = {
        Outcome.PERSON_MONTHS: ever_ill.sum(axis=(2, 3, 4, 5)),
        Outcome.EPISODE_MONTHS: ever_ill[..., : Health.SEVERE].sum(axis=(2, 3, 4, 5)),
        Outcome.REMISSION_MONTHS: ever_ill[..., Health.RESPONSE :].sum(axis=(2, 3, 4, 5)),
    }
    for first, last in pairwise(edges):
        group = equity[:, :, first:last].sum(axis=2)
        for outcome, months in halves.items():
            assert (group[..., outcome] == 2 * months).all(), "half-months"
        events = busy.ledgers.events.sum(axis=2)
        assert (group[..., Outcome.ATTEMPTS] == events[..., Event.ATTEMPT]).all()
        assert (group[..., Outcome.SUICIDES] == events[..., Event.SUICIDE]).all()
        assert (group[..., Outcome.ADMISSIONS] == events[..., ADMISSIONS].sum(axis=-1)).all()
        assert (group[..., Outcome.SPECIALISED_STARTS] == events[..., STARTS].sum(axis=-1)).all()
    by_sex = ever_ill.sum(axis=(3, 4, 5))
    assert (equity[:, :, :AGE_ROWS, Outcome.PERSON_MONTHS] == 2 * by_sex).all()
    by_band = ever_ill.sum(axis=(2, 4, 5))
    assert (equity[:, :, AGE_ROWS:REGION_ROWS, Outcome.PERSON_MONTHS] == 2 * by_band).all()


def test_acts_deaths_and_hospital_days_agree_wherever_they_are_booked(busy: Run) -> None:
    alive = busy.books.diary[:, :, Diary.HEALTH] < Health.DEAD_SUICIDE
    survived = (busy.books.diary[:, :, Diary.ATTEMPTED] * alive).sum()
    assert total(busy, Event.ATTEMPT) - total(busy, Event.SUICIDE) == survived
    assert used(busy, Resource.ATTEMPT_STAY) == used(busy, Resource.EMERGENCY_VISIT) == survived
    assert (busy.ledgers.suicides.sum(axis=(3, 4)) == busy.ledgers.events[..., Event.SUICIDE]).all()
    assert used(busy, Resource.SUICIDE) == total(busy, Event.SUICIDE)
    days = used(busy, *range(Resource.EPSM_DAY_TO_30, Resource.CLINIC_DAY_FROM_31 + 1))
    assert days == (busy.books.diary[:, :, Diary.HOSPITAL_DAYS] * alive).sum()
    assert days == busy.ledgers.equity[:, :, :AGE_ROWS, Outcome.HOSPITAL_DAYS].sum()


def test_services_book_what_events_and_diary_show(busy: Run) -> None:
    capacity = by_technique(busy.ledgers.capacity.sum(axis=(0, 1)), axis=0)
    starts = busy.ledgers.events.sum(axis=(0, 1, 2))
    assert (capacity[: Service.ECT + 1, Capacity.ADMITTED] == starts[list(STARTS)]).all()
    assert capacity[Service.SESAME, Capacity.ADMITTED] == starts[Event.SESAME_START]
    assert used(busy, Resource.SESAME_START) == starts[Event.SESAME_START]
    assert (capacity[:, Capacity.REFUSED] == 0).all(), "places are unlimited"
    diary = busy.books.diary
    alive = diary[:, :, Diary.HEALTH] < Health.DEAD_SUICIDE
    sessions, held = busy_tables().use.sessions[0], 0
    for treatment in (Treatment.ECT, Treatment.CONTINUATION_ECT):
        held += (alive & (diary[:, :, Diary.TREATMENT] == treatment)).sum() * sessions[treatment]
    assert capacity[Service.ECT, Capacity.HELD] == held


def test_yearly_caps_hold(busy: Run) -> None:
    """Nobody bears more acts or boxes a year than the law says; the rest is above the cap."""
    caps = busy_tables().use.caps[0]
    person_years = len(busy.people) * busy.ledgers.years
    for resource, cap in ((Resource.ACT_BELOW_CAP, caps[0]), (Resource.BOX_BELOW_CAP, caps[1])):
        assert 0 < used(busy, resource) <= cap * person_years
        assert used(busy, resource + 1) > 0
    acts = used(busy, Resource.GP_VISIT, Resource.PSYCHIATRIST_VISIT)
    assert used(busy, Resource.ACT_BELOW_CAP, Resource.ACT_ABOVE_CAP) == acts


# ── the same run in another way gives the same bytes ─────────────────────────────────────────────────


def again(**options: Any) -> Run:
    return run(mixed_crowd(4_000, 8), busy_tables(2), CYCLES, **{"diary": True, "phases": PHASES, **options})


@pytest.mark.parametrize("block", [1, 5, 12])
def test_month_by_month_is_the_whole_horizon(busy: Run, block: int) -> None:
    assert again(block=block).bytes() == busy.bytes()


@pytest.mark.parametrize("jobs", [2, 5])
def test_threads_change_nothing(busy: Run, jobs: int) -> None:
    assert again(jobs=jobs).bytes() == busy.bytes()


def test_a_phase_with_the_same_values_changes_nothing() -> None:
    one = again(phases=[0] * CYCLES)
    cut = run(
        mixed_crowd(4_000, 8),
        Tables(*(np.concatenate([t, t, t]).view(np.recarray) for t in busy_tables())),
        CYCLES,
        diary=True,
        phases=[0] * 7 + [1] * 30 + [2] * 1 + [0] * 49,
    )
    assert cut.bytes() == one.bytes()


def test_the_order_of_slices_does_not_matter(busy: Run) -> None:
    people = mixed_crowd(4_000, 8)
    order = [5, 2, 7, 0, 1, 6, 4, 3]
    index = np.concatenate([np.arange(people.starts[s], people.starts[s + 1]) for s in order])
    shuffled = run(
        type(people)(people.persons[index], people.starts, people.batch, people.weight),
        busy_tables(2),
        CYCLES,
        diary=True,
        phases=PHASES,
    )
    assert bytes_of(shuffled.people.persons) == bytes_of(busy.people.persons[index])
    assert bytes_of(shuffled.books.pages) == bytes_of(busy.books.pages[order])
    assert bytes_of(shuffled.books.places) == bytes_of(busy.books.places[order])
    assert shuffled.books.diary.tobytes() == busy.books.diary[index].tobytes()


def test_a_life_does_not_depend_on_who_else_is_simulated(busy: Run) -> None:
    chosen = np.isin(np.arange(8), (1, 2, 6))
    some = run(mixed_crowd(4_000, 8).of_slices(chosen), busy_tables(2), CYCLES, diary=True, phases=PHASES)
    index = np.flatnonzero(np.repeat(chosen, 500))
    assert bytes_of(some.people.persons) == bytes_of(busy.people.persons[index])
    assert bytes_of(some.books.pages) == bytes_of(busy.books.pages[chosen])
    assert some.books.diary.tobytes() == busy.books.diary[index].tobytes()


@pytest.fixture(scope="module")
def always_full() -> Callable[..., None]:
    """Return the month loop without the shortcut of quiet months."""

    @numba.njit
    def never(*_: Any) -> bool:
        return False

    return rewired(kernel.live_slices, {"is_quiet": never})


def test_the_quiet_path_is_the_full_path(busy: Run, always_full: Callable[..., None]) -> None:
    """Living every month in full changes not one count: the shortcut is exact, not approximate."""
    with other_kernel(always_full):
        full = again()
    assert full.bytes() == busy.bytes()


@pytest.mark.parametrize(
    "now",
    [
        {"health": Health.RECOVERY, "work": Work.DISABILITY},
        {"health": Health.RECOVERY, "sesame_months": 3},
        {"health": Health.SEVERE, "failed": 2, "months_since_visible": 20},
        {"health": Health.RESPONSE, "months_in_state": 2},
        {"health": Health.REMISSION, "work": Work.DISABILITY},
    ],
    ids=str,
)
def test_what_months_out_of_care_cost_is_booked_quiet_or_not(
    now: dict[str, int], always_full: Callable[..., None]
) -> None:
    """A pension, a nurse's follow-up not ended yet, a carer's month, an episode without care still cost."""
    person = set_now(crowd(1, caregiver=1), severity=Health.SEVERE, episodes=1, **now)
    quiet = run(person, blank_tables(), 30)
    with other_kernel(always_full):
        full = run(person, blank_tables(), 30)
    assert quiet.bytes() == full.bytes()


def test_an_episode_without_care_is_lived_at_once() -> None:
    """Where no hazard is left, no month is lived in full, and each is counted."""

    @numba.njit
    def unlived(*_: Any) -> None:
        pass

    person = set_now(crowd(1, caregiver=1), health=Health.MODERATE, severity=Health.MODERATE, episodes=1)
    with other_kernel(rewired(kernel.live_slices, {"live_month": unlived})):
        r = run(person, blank_tables(), 30)
    assert total(r, Event.EPISODE_MONTH) == 30
    assert r.ledgers.resources[..., Resource.CARER_MONTH].sum() == 30


@pytest.mark.nojit
@pytest.mark.filterwarnings("ignore:overflow encountered in scalar")
def test_compiled_code_does_what_the_text_says() -> None:
    """Twenty lives, compiled and as plain Python: the same bytes. Without compilation both are plain."""
    people = mixed_crowd(20, 2, seed=3)
    people.persons["fixed"][:, Fixed.ENTRY] %= 12
    people.persons["trait"][:, Trait.ONSET] = 8.0
    compiled = run(people, busy_tables(2), 30, diary=True, phases=[0] * 15 + [1] * 15)
    with other_kernel(rewired(kernel.live_slices, {}, compiled=False)):
        plain = run(people, busy_tables(2), 30, diary=True, phases=[0] * 15 + [1] * 15)
    assert total(compiled, Event.ONSET) >= 10
    assert plain.bytes() == compiled.bytes()


@pytest.mark.nojit
@pytest.mark.filterwarnings("ignore:overflow encountered in scalar")
def test_a_tiny_cohort_keeps_its_books() -> None:
    r = run(mixed_crowd(20, 2, seed=4), busy_tables(), 24, diary=True)
    health = states(r, Diary.HEALTH)
    assert (r.ledgers.trace.sum(axis=(0, 2, 3)) == seen(r).sum(axis=0)).all()
    assert total(r, Event.EPISODE_MONTH) == np.isin(health[:, 1:], ILL).sum()
    assert total(r, Event.SUICIDE, Event.DEATH_OTHER) == (health[:, -1] >= Health.DEAD_SUICIDE).sum()


# ── every attribute and every trait changes counts ───────────────────────────────────────────────────


def made_up_values() -> Values:
    """Return parameters under which every covariate matters, whatever the registry says today."""
    values = {name: p.value for name, p in load_parameters(solved=None).items()}
    ratios = [n for n in values if ".covariate." in n or n.startswith(("care.seek.", "population.caregiver"))]
    ratios += ["population.personality.stop_ratio", "population.deprivation.specialist_ratio"]
    ratios += ["mortality.somatic.hazard_ratio", "course.severity.women_odds_ratio"]
    values |= {name: 1.6 for name in ratios if np.ndim(values[name]) == 0}
    return Values(values)


def counts(people: Any) -> np.ndarray:
    """Return what happened to people, whoever they are: events by kind, admissions to any hospital as one."""
    events = run(people, busy_tables(), 36).ledgers.events.sum(axis=(0, 1, 2))
    events[ADMISSIONS[0]] += events[list(ADMISSIONS[1:])].sum()
    return np.delete(events, ADMISSIONS[1:])


def with_traits(people: Any, values: Values) -> Any:
    people.persons["trait"] = traits(people.persons["fixed"], values, generator(1, 7))
    people.persons["trait"][:, Trait.ONSET] *= 3.0
    return people


@pytest.mark.parametrize("column", Fixed, ids=lambda column: column.name)
def test_each_attribute_changes_what_happens(column: Fixed) -> None:
    levels = {Fixed.REGION: 18, Fixed.DEPRIVATION: 5, Fixed.HOSPITAL: 3}
    values, people = made_up_values(), mixed_crowd(3_000, entrants=False)
    before = counts(with_traits(people.fresh(), values))
    flipped = people.fresh()
    fixed = flipped.persons["fixed"]
    if column == Fixed.BIRTH_MONTH:
        fixed[:, column] -= 120
    elif column == Fixed.ENTRY:
        fixed[:, column] = 6
    else:
        size = levels.get(column, 2)
        fixed[:, column] = (fixed[:, column] + (size + 1) // 2) % size
    assert (counts(with_traits(flipped, values)) != before).any()


@pytest.mark.parametrize("column", Trait, ids=lambda column: column.name)
def test_each_trait_changes_what_happens(column: Trait) -> None:
    people = mixed_crowd(3_000, entrants=False)
    before = counts(people)
    people.persons["trait"][:, column] *= 3.0
    assert (counts(people) != before).any()


# ── null: what has no effect changes nobody's health ─────────────────────────────────────────────────

HEALTH_EVENTS = [
    *(Event.ONSET, Event.RECURRENCE, Event.RELAPSE, Event.RESPONSE, Event.REMISSION, Event.RECOVERY),
    *(Event.ATTEMPT, Event.SUICIDE, Event.DEATH_OTHER, Event.EPISODE_MONTH, Event.NEW_BROAD),
]


def null_tables(access: float, ratio: float = 1.8) -> Tables:
    """Return tables in which esketamine acts as the augmentation it replaces does, month for month.

    What must be equal: the acute ratio (and what it gives way to), its lag and its dependence on dose
    (adequate for all), relapse ratios on treatment, by what brought the benefit, and once stable; nobody
    stops with benefit (from esketamine one steps down to an antidepressant, from quetiapine to nothing);
    stopping while ill leads back to the same effect in the same month; nobody leaves care for having
    stopped; one more failure changes nothing.
    """
    t = blank_tables()
    both = [Treatment.QUETIAPINE, Treatment.ESKETAMINE]
    t.course.onset, t.course.remission, t.course.response_ratio = 0.01, [0.08, 0.05, 0.03], 0.8
    t.course.completion_ratio, t.course.severity_odds = 1.5, [1.5, 2.0]
    t.course.relapse, t.course.recurrence = [0.2, 0.1], 0.03
    t.course.acute_ratio[:, both] = [1.8, ratio]
    t.course.acute_months[:, Treatment.ESKETAMINE], t.course.later_ratio[:, both] = 2.0, 1.8
    t.course.relapse_ratio[:, both], t.course.stable_ratio[:, both] = 0.6, [0.7, 0.5]
    t.course.induced_ratio[:, both] = [1.3, 1.1, 0.9]
    t.treatment.choice = shares({Treatment.QUETIAPINE: 1.0}, N_TREATMENT)
    t.treatment.adequate_dose, t.treatment.duration = 1.0, 3.0
    t.treatment.stop_ill[:, both] = [0.0, 0.1, 0.1]
    t.treatment.next_line = 0.2
    t.treatment.access[:, Service.ESKETAMINE] = access
    t.care.seek, t.care.detected = 0.3, 0.7
    t.care.setting = shares({Care.CMP: 1.0}, len(Care))
    t.suicide.rate, t.suicide.lethality, t.suicide.trd_ratio = 0.003, 0.2, 2.0
    t.mortality.other = 0.001
    return t


def health_counts(r: Run) -> tuple[np.ndarray, ...]:
    """Return states, deaths and events of health; resistance as broad only (claims show what is dispensed)."""
    trace = r.ledgers.trace
    broad = np.stack([trace[..., [0, 2]].sum(-1), trace[..., [1, 3]].sum(-1)], axis=-1)
    return broad, r.ledgers.suicides.sum(axis=2), r.ledgers.events[..., HEALTH_EVENTS].sum(axis=2)


def test_a_treatment_as_good_as_what_it_replaces_changes_no_health_count() -> None:
    people = mixed_crowd(4_000, 4)
    people.persons["trait"][:, Trait.STOP] = 1.0
    without, given = (run(people, null_tables(access), 84) for access in (0.0, 0.3))
    assert total(given, Event.ESKETAMINE_START) > 300
    for found, expected in zip(health_counts(given), health_counts(without), strict=True):
        assert (found == expected).all()
    better = run(people, null_tables(0.3, ratio=2.0), 84)
    assert (health_counts(better)[0] != health_counts(without)[0]).any(), "the test can see an effect"


def test_treatments_without_effect_change_no_health_count() -> None:
    """Every treatment at ratio 1: who gets which, when it stops and who leaves care is nothing to health."""
    tables = {name: busy_tables() for name in ("without", "given")}
    for t in tables.values():
        t.course.acute_ratio, t.course.relapse_ratio, t.course.induced_ratio = 1.0, 1.0, 1.0
        t.course.later_ratio = 1.0
        t.course.stable_ratio, t.course.failed_ratio, t.suicide.trd_ratio = 1.0, 1.0, 1.0
        t.course.sesame = [1.0, 1.0, 0.0]
        t.course.integrated_ratio, t.course.rehabilitation_ratio = 1.0, 1.0
    tables["without"].treatment.access = 0.0
    tables["without"].treatment.stop_ill = 0.0
    tables["without"].care.seek = 0.02
    without, given = (run(mixed_crowd(4_000, 4), t, 84) for t in tables.values())
    assert total(given, *STARTS) > 300
    assert total(without, *STARTS) == 0
    assert (given.ledgers.trace.sum(-1) == without.ledgers.trace.sum(-1)).all()
    events = HEALTH_EVENTS[:-1]
    assert (given.ledgers.events[..., events].sum(axis=2) == without.ledgers.events[..., events].sum(axis=2)).all()


def test_care_that_changes_only_prices_and_places_changes_no_life(busy: Run) -> None:
    """Who pays, what is listed, what is capped (Mon soutien psy apart): the diary stays, byte for byte."""
    t = busy_tables(2)
    t.use.listed, t.use.caps, t.use.boxes, t.use.devices = 1.0, [9, 9, 6, 0, 60, 6, 2], 1.0, 3.0
    other = run(mixed_crowd(4_000, 8), t, CYCLES, diary=True, phases=PHASES)
    assert other.books.diary.tobytes() == busy.books.diary.tobytes()
    assert other.bytes() != busy.bytes()


def test_a_scenario_equal_to_the_baseline_changes_not_one_count() -> None:
    """Values set to what they are, from a month, with a ramp, in one region, times one: through the scenario's path."""
    registry = load_parameters(solved=None)
    names = ("care.gp.detection_monthly", "course.remission.monthly_hazard", "sesame.participation")
    changes = {
        name: (Change(name, "value", registry[name].value, from_month=2027 * 12 + 7, ramp=24),) for name in names
    }
    changes["sesame.participation"] = (
        Change(names[2], "value", registry[names[2]].value, from_month=2027 * 12 + 7, ramp=6, regions=(3,)),
    )
    hazard = "access.esketamine.epsm.monthly_probability"
    changes[hazard] = (Change(hazard, "multiply", 1.0, until_month=2028 * 12, decay=12),)
    months = 60
    scenario, baseline = (phases_of(said, registry, 2027 * 12, months) for said in (changes, {}))
    people = mixed_crowd(4_000, 4)
    changed, usual = (
        run(people, build_tables(p.phases), months, phases=p.phase_of_month) for p in (scenario, baseline)
    )
    assert total(usual, Event.ONSET) > 30
    assert changed.bytes() == usual.bytes()


def test_early_stops_of_esketamine_end_doses_and_not_its_effect() -> None:
    """Everybody stops in the first month: no session in the second, yet as many remissions by week 8."""
    results = {}
    for stop in (0.0, CERTAIN):
        t = blank_tables()
        t.course.remission = 0.1
        t.course.acute_ratio[:, Treatment.ESKETAMINE] = 2.0
        t.treatment.stop_ill[:, Treatment.ESKETAMINE, 0] = stop
        t.treatment.esketamine_sessions = [8, 4, 2]
        people = set_now(
            crowd(5_000),
            health=Health.SEVERE,
            severity=Health.SEVERE,
            episodes=1,
            failed=2,
            care=Care.CMP,
            treatment=Treatment.ESKETAMINE,
            adequate_dose=1,
        )
        r = run(people, t, 2)
        well = r.ledgers.trace[0, :, Health.REMISSION].sum(axis=1)
        results[stop] = well[1], well[2], used(r, Resource.ESKETAMINE_SESSION_EPSM)
    remitted, at_week_8, sessions = results[CERTAIN]
    assert results[0.0] == (remitted, at_week_8, (8 + 4) * 5_000)
    assert at_week_8 > remitted + 500
    assert sessions == 8 * 5_000 + 4 * remitted, "only those better after a month go on"
