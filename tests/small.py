"""A small made-up world for tests of the engine: tables in which nothing happens, people without a past.

A test switches on what it looks at, so that parameters may move without it. `busy_tables` switches on
everything at once: made-up hazards, high enough that a few thousand person-years meet every rule.
"""

import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from model import chance, kernel, simulation
from model.books import Books, Calendar
from model.ledgers import Ledgers
from model.month import Month
from model.simulation import People, new_books, new_calendar, new_persons
from model.states import Care, Fixed, Health, Now, Resource, Treatment, Work
from model.tables import N_TREATMENT, TYPES, Tables

CERTAIN = 1e9  # a hazard under which the event happens whatever the luck
AT_30 = -30 * 12  # birth month of a person aged 30 at month 0


def blank_tables(phases: int = 1) -> Tables:
    """Return tables in which nothing happens: hazards and probabilities 0, ratios 1, no limit within reach.

    Care sought is a GP's, the treatment begun an antidepressant at an inadequate dose, episodes are mild,
    work at onset is a job.
    """
    tables = Tables(*(np.zeros(phases, dtype=kind).view(np.recarray) for kind in TYPES))
    for records in tables:
        for name in records.dtype.names:
            if "ratio" in name.split("_"):
                records[name] = 1.0
    course, treatment, care, work, use = (
        tables.course,
        tables.treatment,
        tables.care,
        tables.work,
        tables.use,
    )
    course.forties_odds, course.acute_lag, course.inadequate_share = 1.0, 1.0, 1.0
    course.recovery_months, course.stable_months = 6.0, 4.0
    course.sesame = [1.0, 1.0, 0.0]
    course.acute_months = 999.0
    course.response_ratio = course.completion_ratio = 0.0
    treatment.choice[..., Treatment.ANTIDEPRESSANT :] = 1.0
    treatment.is_trial[:, Treatment.ANTIDEPRESSANT :] = 1.0
    treatment.esketamine_age, treatment.retry = 65.0, 1.0
    care.setting[:, Care.GP :] = 1.0
    care.stay = 10.0
    care.sesame_effect, care.sesame_detection, care.sesame_limit = 1.0, 1.0, 999.0
    work.ages, work.leave_limit = [16.0, 64.0], [36.0, 1.0]
    work.at_onset = 1.0
    use.drug = -1.0
    use.caps = [50.0, 50.0, 12.0, 3.0, 30.0, 6.0, 2.0]
    return tables


def shares(values: dict[int, float], size: int) -> NDArray[np.float64]:
    """Return cumulated shares over `size` codes, as the rules read them."""
    weights = np.zeros(size)
    weights[list(values)] = list(values.values())
    return np.cumsum(weights / weights.sum())


def busy_tables(phases: int = 1) -> Tables:
    """Return tables in which everything happens, often; the odd phases differ a little from the even ones."""
    t = blank_tables(phases)
    grow = 1.0 + 0.2 * (np.arange(phases) % 2)
    ages = np.linspace(0.5, 1.5, 111)
    t.course.onset = np.multiply.outer(grow, np.stack([0.008 * ages, 0.012 * ages]))
    t.course.remission = np.multiply.outer(grow, [0.10, 0.06, 0.03])
    t.course.duration_ratio, t.course.failed_ratio = [1, 0.9, 0.8, 0.7, 0.5], [1, 1, 0.9, 0.8, 0.7, 0.6]
    t.course.episode_ratio = np.linspace(0.8, 1.4, 10)
    t.course.response_ratio, t.course.completion_ratio = 0.8, 2.0
    t.course.relapse, t.course.recurrence = [0.10, 0.06], np.linspace(0.02, 0.01, 8)
    t.course.severity_odds, t.course.forties_odds = [1.2, 0.9], 1.5
    t.course.acute_ratio = 1.0 + np.arange(N_TREATMENT) / 10.0
    t.course.acute_lag, t.course.inadequate_share = 0.4, 0.5
    t.course.acute_months[:, Treatment.ESKETAMINE], t.course.later_ratio[:, Treatment.ESKETAMINE] = 2.0, 1.5
    t.course.relapse_ratio[:, Treatment.CBT :] = 0.6
    t.course.induced_ratio[:, Treatment.KETAMINE_IV :] = [1.5, 1.2, 1.0]
    t.course.stable_ratio[:, Treatment.LITHIUM : Treatment.KETAMINE_IV] = [0.5, 0.4]
    t.course.sesame = [1.4, 0.8, 6.0]
    line_1 = {1: 0.1, 2: 0.1, 3: 0.1, 4: 0.5, 5: 0.2}
    line_2 = {6: 0.5, 7: 0.2, 8: 0.2, 9: 0.1}
    line_3 = {6: 0.2, 8: 0.2, 10: 0.2, 11: 0.2, 12: 0.2}
    for i, line in enumerate((line_1, line_2, line_3)):
        t.treatment.choice[:, i] = shares(line, N_TREATMENT)
    t.treatment.adequate_dose = [0.0, 0.5, 0.7, 0.5, 0.7, 0.9]
    t.treatment.duration = 2.0
    t.treatment.course[:, [2, 3, 14, 15, 16]] = [3, 4, 2, 2, 3]
    t.treatment.is_trial[:, Treatment.CONTINUATION_ECT] = 0.0
    t.treatment.stop_ill, t.treatment.stop_well = [0.3, 0.15, 0.1], [0.05, 0.06, 0.1]
    t.treatment.next_line, t.treatment.retry = 0.5, [1.0, 0.8, 0.6, 0.5, 0.4, 0.3]
    by_hospital = np.array([[0.03, 0.10, 0.06], [0.02, 0.03, 0.05], [0.03, 0.04, 0.02], [0.05, 0.02, 0.08]])
    t.treatment.access[:, :4] = by_hospital[:, None]
    t.treatment.esketamine_sessions, t.treatment.continuation_ect = [8, 4, 3], 0.4
    t.care.seek, t.care.detected = np.multiply.outer(grow, [0.1, 0.2, 0.4]), [0.4, 0.6, 0.8]
    t.care.setting = shares({1: 0.6, 2: 0.2, 3: 0.1, 4: 0.1}, len(Care))
    t.care.refer, t.care.refer_private = [0.02, 0.05, 0.2, 0.3], 0.4
    t.care.expert = np.linspace(0.02, 0.1, 18)
    t.care.psychologist, t.care.health_centre = 0.05, 0.04
    t.care.advice, t.care.advice_months = np.multiply.outer([0.02, 0.05, 0.1, 0.1], np.linspace(0.2, 1.0, 18)), 6.0
    t.care.advice_ratio, t.care.advice_refer = [2.0, 1.5], 0.3
    t.care.leave, t.care.come_back_to_gp = [0.3, 0.1], 0.1
    t.care.admission, t.care.admission_ratio = [0.01, 0.02, 0.05], [0.5, 1.5, 3.0, 0.5]
    t.care.stay = np.linspace(1, 120, t.care.stay.shape[1])
    t.care.visits[:, Care.GP :] = [1.2, 0.7, 0.3]
    t.care.gp_visits[:, Care.PSYCHIATRIST :] = [0.4, 0.3, 0.2]
    t.care.participation, t.care.sesame_access = np.linspace(0.2, 0.9, 18), [0.3, 0.4, 0.5]
    t.care.sesame_exit, t.care.sesame_limit = [0.05, 0.15], 12.0
    t.care.sesame_effect, t.care.sesame_detection = [2.0, 0.7, 1.3, 1.4], 1.3
    t.suicide.rate = 0.001
    t.suicide.state_ratio[:, Health.MILD : Health.DEAD_SUICIDE] = [4, 8, 16, 4, 2, 2]
    t.suicide.window_ratio, t.suicide.past_ratio, t.suicide.trd_ratio = np.linspace(8, 3, 12), 2.0, 2.0
    t.suicide.lethality, t.suicide.contact = 0.1, [0.5, 0.4]
    t.suicide.recontact, t.suicide.reattempt_ratio = [0.3, 6.0], 0.7
    ill = slice(Health.MILD, Health.DEAD_SUICIDE)
    t.work.leave[:, ill], t.work.come_back[:, ill] = [0.1, 0.2, 0.3, 0.05, 0.02, 0.01], 0.15
    t.work.lose_job[:, ill], t.work.find_job[:, ill] = [0.02, 0.03, 0.05, 0.02, 0.01, 0.01], 0.06
    t.work.disability, t.work.leave_limit = 0.05, [20.0, 0.6]
    t.work.ages, t.work.study_ends_at_work = [23.0, 64.0], 0.7
    t.work.at_onset = shares({0: 0.6, 2: 0.2, 4: 0.2}, len(Work))
    t.ald.episodes, t.ald.persistence, t.ald.request = 2.0, 6.0, 0.1
    t.ald.delay, t.ald.grant, t.ald.term, t.ald.renewal, t.ald.appeal = 3.0, 0.7, [6.0, 18.0], 0.5, [0.4, 0.5]
    drugs = {Treatment.BUPROPION: Resource.BUPROPION_MONTH, Treatment.LITHIUM: Resource.LITHIUM_MONTH}
    drugs |= {Treatment.QUETIAPINE: Resource.QUETIAPINE_MONTH, Treatment.ARIPIPRAZOLE: Resource.ARIPIPRAZOLE_MONTH}
    t.use.drug[:, list(drugs)] = list(drugs.values())
    t.use.boxes[:, Treatment.ANTIDEPRESSANT :] = 2.0
    t.use.sessions[:, [3, 5, 7, 14, 15, 16, 18]] = [2.5, 1.5, 1.5, 6, 20, 8, 1]
    t.use.devices, t.use.listed, t.use.adverse = 2.6, [0.0, 1.0, 0.0], 0.01
    t.use.caps, t.use.give_up, t.use.anxiety_months = [5.0, 9.0, 6.0, 3.0, 30.0, 6.0, 2.0], 0.1, 0.3
    t.programme.enrols, t.programme.screen, t.programme.accuracy = 1.0, 0.1, [0.6, 0.8]
    t.programme.integrated, t.programme.rehabilitation, t.programme.carers = [0.05, 8.0], [0.05, 9.0], [0.05, 7.0]
    t.programme.relay, t.programme.relay_care, t.programme.tele = [0.01, 0.02, 0.05], 0.5, [0.3, 0.6]
    t.programme.perinatal = [0.05, 0.15, 0.08, 0.0, 0.0, 0.0, 0.0, 0.0]
    t.course.recognised_response, t.course.integrated_ratio, t.course.rehabilitation_ratio = 1.1, [1.2, 1.1, 1.3], 0.8
    t.care.young_age, t.care.young_ratio, t.care.perinatal_ratio = 25.0, [1.2, 1.4], [1.3, 1.2]
    t.care.refer_added, t.care.early_admission_ratio = [0.0, 0.0, 0.05, 0.1], 0.6
    t.care.refer_region_ratio, t.care.integrated_admission_ratio = np.linspace(1.0, 1.5, 18), 0.8
    t.care.relief_ratio, t.work.rehabilitation_ratio = [1.3, 0.8, 0.9], [1.5, 1.4]
    t.mortality.other = np.linspace(0.0002, 0.012, 111)
    return t


def crowd(n: int, slices: int = 1, seed: int = 1, **fixed: Any) -> People:
    """Return people never ill, aged 30 unless told otherwise, of weight 1, in slices that are batches.

    fixed : columns of `Fixed` by name in lower case, a value or one a person
    """
    persons = new_persons(n)
    persons["key"] = chance.keys(seed, n)
    persons["fixed"][:, Fixed.BIRTH_MONTH] = AT_30
    for name, value in fixed.items():
        persons["fixed"][:, Fixed[name.upper()]] = value
    starts = np.linspace(0, n, slices + 1).astype(np.int64)
    return People(persons, starts, np.arange(slices), np.ones(slices))


def mixed_crowd(n: int, slices: int = 1, seed: int = 1, entrants: bool = True) -> People:
    """Return people of every sort; with `entrants`, one in five is counted from a later month only."""
    rng = np.random.default_rng(seed)
    levels = {"sex": 2, "region": 18, "deprivation": 5, "hospital": 3, "anxiety": 2, "substance": 2}
    levels |= {"personality": 2, "bipolar": 2, "somatic": 2, "caregiver": 2, "complementary": 2}
    fixed = {name: rng.integers(0, size, n) for name, size in levels.items()}
    people = crowd(n, slices, seed, birth_month=-rng.integers(15 * 12, 90 * 12, n), **fixed)
    if entrants:
        late = rng.random(n) < 0.2
        people.persons["fixed"][late, Fixed.ENTRY] = rng.integers(1, 60, int(late.sum()))
    people.persons["trait"] = rng.gamma(4.0, 0.25, people.persons["trait"].shape)
    return people


def set_now(people: People, **now: Any) -> People:
    """Set columns of `Now` by name in lower case, for everybody or one a person; return the people."""
    for name, value in now.items():
        people.persons["now"][:, Now[name.upper()]] = value
    return people


def person(**now: Any) -> Any:
    """Return one person, aged 30 at month 0, in this state (columns of `Now` by name in lower case)."""
    return set_now(crowd(1), **now).persons[0]


def month(cycle: int = 0, age: int = 30) -> Month:
    """Return a month on blank pages, places unlimited."""
    books = new_books(1, 1, 1)
    return Month(cycle, age, cycle // 12, books.pages[0, 0], books.places[0, 0], books.demand[0], books.rations[0])


def records(tables: Tables, phase: int = 0) -> Tables:
    """Return the records of one phase, as the rules of a month read them."""
    return Tables(*(table[phase] for table in tables))


def bytes_of(records: Any) -> tuple[bytes, ...]:
    """Return the bytes of each field of an array of records."""
    return tuple(records[name].tobytes() for name in records.dtype.names)


@dataclass(frozen=True)
class Run:
    """People as the run left them, its books and its ledgers."""

    people: People
    books: Books
    calendar: Calendar
    ledgers: Ledgers

    def bytes(self) -> tuple[bytes, ...]:
        """Return all that the run wrote, field by field (what lies between the fields is nobody's).

        But for the note of which months could be lived at once, which is no part of a life.
        """
        books, persons = self.books, self.people.persons.copy()
        persons["now"][:, Now.QUIET_UNTIL] = 0
        records = (persons, books.pages, books.places)
        return (*(part for one in records for part in bytes_of(one)), books.diary.tobytes())


def run(
    people: People,
    tables: Tables,
    cycles: int,
    *,
    diary: bool = False,
    jobs: int = 1,
    block: int | None = None,
    phases: Sequence[int] | None = None,
    ration: float = 1.0,
) -> Run:
    """Run people (left as they are) over `cycles` months, `block` months at a time, places rationed alike."""
    people = people.fresh()
    calendar = new_calendar(np.zeros(cycles, np.int32) if phases is None else np.array(phases, np.int32))
    books = new_books(people.slices, cycles, (cycles + 11) // 12, len(people) if diary else 0)
    books.rations["share"] = ration
    block = block or cycles
    for first in range(0, cycles, block):
        simulation.advance(people, first, min(cycles, first + block), tables, calendar, books, jobs)
    simulation.close(people, calendar, books)
    return Run(people, books, calendar, simulation.weighted(people, books))


def rewired(
    function: Callable[..., Any], replaced: dict[str, Callable[..., Any]], compiled: bool = True
) -> Callable[..., Any]:
    """Return a function of the model in which other functions answer to these names, however deep.

    With `compiled` false everything it calls is plain Python too. The kernel itself is left alone.
    """
    done: dict[int, Any] = {}

    def visit(value: Any) -> Any:
        plain = getattr(value, "py_func", value)
        if not isinstance(plain, types.FunctionType) or not plain.__module__.startswith("model."):
            return value
        if plain.__name__ in replaced:
            return replaced[plain.__name__]
        if id(plain) not in done:
            done[id(plain)] = value  # a name met again on the way down: an attribute called as a function is
            changes = {}
            for name in plain.__code__.co_names:
                old = plain.__globals__.get(name)
                new = clone(old, plain.__code__.co_names) if isinstance(old, types.ModuleType) else visit(old)
                if new is not old:
                    changes[name] = new
            new = types.FunctionType(plain.__code__, plain.__globals__ | changes, plain.__name__)
            if compiled:  # not the model's own cache: it knows a function by its file and its name
                new = numba.njit(nogil=True, error_model="numpy")(new) if changes else value
            done[id(plain)] = new
        return done[id(plain)]

    def clone(module: types.ModuleType, names: Sequence[str]) -> types.ModuleType:
        found = {name: visit(getattr(module, name)) for name in names if hasattr(module, name)}
        changes = {name: new for name, new in found.items() if new is not getattr(module, name)}
        if not changes:
            return module
        new = types.ModuleType(module.__name__)
        new.__dict__.update(module.__dict__ | changes)
        return new

    return visit(function)


@contextmanager
def other_kernel(live_slices: Callable[..., Any]) -> Iterator[None]:
    """Let `simulation.advance` call another month loop."""
    own = kernel.live_slices
    kernel.live_slices = live_slices
    try:
        yield
    finally:
        kernel.live_slices = own
