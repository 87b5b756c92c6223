"""A study: several scenarios lived by the same people with the same luck.

Two uses of the same people (model.md, section 2): the open population gives national totals, budgets and
queues; the closed cohort (everyone ever ill at month 0 and the first year's onsets) gives what a policy is
worth over a lifetime, under the admission probabilities of the open run of the same scenario.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from model import branches, capacity, envelope, simulation
from model import population as month_zero
from model.anchors import Anchor, anchors
from model.books import Books, Calendar
from model.complaints import InputError
from model.forks import Road
from model.inputs import Bilingual, Registry, load_parameters
from model.ledgers import Ledgers
from model.phases import Phases
from model.population import CLOSED, OPEN, Population
from model.scenario import BASELINE, Scenario, load_scenarios
from model.states import Diary, Fixed, Health, Now, Service
from model.tables import N_REGION, Tables
from model.transitions import build_tables, check_places

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

PEOPLE = 20_000
SEED = 20270101
OPEN_YEARS = 10
LIFETIME_YEARS = 80  # almost nobody of the cohort is alive then (see the last point of the trace)
LONGEST_YEARS = 95  # a person of 15 then reaches the last age of the life table
SIDE_BY_SIDE = 200_000  # people, at most, for which several calendars of values are lived at once
PATIENTS = 250_000  # at least, of the GPs of a local programme; more than there are, so that chance is small
LOCAL_PEOPLE = 250_000  # of France, at least, that they are drawn from: one region is a fifth of them or less


@dataclass
class Study:
    """What was run, and the ledgers of each scenario; a population that was not run is empty.

    places : (cycle, service) places of each scenario, all regions together, infinite where nothing limits
    rations : (cycle, service, region) share of would-be admissions that places allowed
    use : (cycle, service) places taken, as expected, see `capacity.use`
    nations : open ledgers of the scenarios with joint programme costs, where only the cohort is wanted
    replicates : outcome of each scenario over other seeds, see `replicates`
    explored : for each scenario with a grade-D effect: (size, open, closed) ledgers; open ones if there is no cohort
        or if programme costs are shared with the nation
    """

    scenarios: list[Scenario]
    registry: Registry
    people: int
    seed: int
    threads: int
    cycles_open: int
    cycles_closed: int
    population: Population
    open: dict[str, Ledgers] = field(default_factory=dict)
    closed: dict[str, Ledgers] = field(default_factory=dict)
    explored: dict[str, list[tuple[float, Ledgers | None, Ledgers | None]]] = field(default_factory=dict)
    nations: dict[str, Ledgers] = field(default_factory=dict)
    places: dict[str, Floats] = field(default_factory=dict)
    rations: dict[str, Floats] = field(default_factory=dict)
    use: dict[str, Floats] = field(default_factory=dict)
    replicates: list["Replicate"] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    @cached_property
    def people_by_region(self) -> NDArray[np.int64]:
        """Simulated people of the open population in each region, whatever they stand for, (region,)."""
        persons = self.population.of(OPEN).persons
        return np.bincount(persons["fixed"][:, Fixed.REGION], minlength=N_REGION)


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


def closed_years(horizon: int | str) -> int:
    """Return the years of a horizon ("lifetime" or a number); InputError where the life table ends."""
    if horizon == "lifetime":
        return LIFETIME_YEARS
    years = int(horizon)
    if not 1 <= years <= LONGEST_YEARS:
        raise InputError(
            {
                "--horizon": [
                    f"is {years} years; expected 1 to {LONGEST_YEARS} (the life table ends at 110 years of age)."
                ]
            }
        )
    return years


def run_study(
    names: list[str],
    *,
    people: int = PEOPLE,
    seed: int = SEED,
    jobs: int = 1,
    horizon: int | str = "lifetime",
    population: str = "both",
    explore: bool = True,
    progress: Progress = silent,
    registry: Registry | None = None,
    unlimited: bool = False,
) -> Study:
    """Run scenarios (names or files; the baseline first) and return the study.

    people : persons simulated, all strata; horizon : years of the closed cohort, or "lifetime"
    population : "both", "national" (open only) or "cohort" (closed only)
    explore : run also each size of the uncertain effects that scenarios explore
    unlimited : also run each policy without limits on places, beside it (`unlimited_twin`)
    Errors: InputError, with every problem of every file, before anything runs.
    """
    years = closed_years(horizon)
    if people < 2_000:
        raise InputError({"--people": [f"is {people}; expected at least 2000."]})
    registry = registry or load_parameters()
    scenarios = load_scenarios(names, registry)
    check_places(scenarios, registry)
    if unlimited:
        twins = [[one, unlimited_twin(one)] if has_twin(one) else [one] for one in scenarios]
        scenarios = [scenario for pair in twins for scenario in pair]
    began = time.perf_counter()
    progress("people", 0, 1)
    base = month_zero.build(registry, people, seed, jobs)
    progress("people", 1, 1)
    study = Study(scenarios, registry, len(base.people), seed, jobs, 12 * OPEN_YEARS, 12 * years, base)
    study.timings["people"] = time.perf_counter() - began
    runner = _Runner(study, jobs, population, progress, explore)
    runner.run(scenarios[:1])  # what the baseline takes of places is known before a policy spends an envelope
    runner.run(scenarios[1:], [scenario for scenario in scenarios if explore and scenario.explore is not None])
    began = time.perf_counter()
    if BASELINE in study.open:
        study.anchors = anchors(registry, base, study.open[BASELINE])
    study.timings["anchors"] = time.perf_counter() - began
    return study


def has_twin(scenario: Scenario) -> bool:
    """Tell whether a scenario is worth running without limits on places besides."""
    return not (scenario.is_baseline or scenario.unlimited_places or scenario.population == "retrospective")


def unlimited_twin(scenario: Scenario) -> Scenario:
    """Return the same scenario without limits on places: the difference is what lack of places costs."""
    title = Bilingual(fr=f"{scenario.title.fr} (places illimitées)", en=f"{scenario.title.en} (unlimited places)")
    name = f"{scenario.id}_unlimited"
    return replace(scenario, id=name, title=title, unlimited_places=True, explore=None, exclusive_set=None, colour=None)


def run_variants(
    study: Study,
    variants: Sequence[Scenario],
    *,
    jobs: int = 1,
    population: str = "both",
    progress: Progress = silent,
) -> dict[str, tuple[Ledgers | None, Ledgers | None]]:
    """Return the open and closed ledgers of variants of a study's scenarios, by id: same people, same luck.

    Those whose values are the same are run once.
    """
    runner = _Runner(study, jobs, population, progress, explore=False)
    runner.total = len(variants)
    lived = zip(variants, runner.lives([(one, "variants") for one in variants]), strict=True)
    return {variant.id: (lives.opened, lives.closed) for variant, lives in lived}


@dataclass(frozen=True)
class _Way:
    """A calendar of values to be lived.

    unlimited : whether places have no limit; asked : whose ledgers are wanted (open, closed)
    tries : lucks under which a policy that parts few lives is tried, see `branches`
    """

    phases: Phases
    unlimited: bool
    asked: tuple[bool, bool]
    tries: int

    @cached_property
    def tables(self) -> Tables:
        """The records of its phases."""
        return build_tables(self.phases.phases)

    def road(self, rations: Floats, months: int) -> Road:
        """Return what the values say of each month, with the rations of an open run."""
        return Road(self.tables, calendar_of(self.phases, months), capacity.later_rations(rations, months))

    def serves(self, other: "_Way", free: bool = False) -> bool:
        """Tell whether living it tells what another asks; `free`: places never limited an admission."""
        limits = self.unlimited == other.unlimited or (other.unlimited and free)
        enough = self.tries >= other.tries and (self.asked[0] or not other.asked[0])
        return limits and enough and same(self.phases, other.phases)


class _Runner:
    """Runs scenarios of one study, each calendar of values once, several side by side."""

    def __init__(self, study: Study, jobs: int, population: str, progress: Progress, explore: bool) -> None:
        self.study, self.jobs, self.progress = study, jobs, progress
        self.with_open = population != "cohort"
        self.with_closed = population != "national"
        self.everyone, self.cohort = study.population.of(OPEN), study.population.of(CLOSED)
        self.done = 0
        explored = sum(len(s.explore.values) for s in study.scenarios if s.explore is not None and explore)
        self.total = len(study.scenarios) + explored
        self.known: list[tuple[_Way, Lives]] = []

    def run(self, scenarios: Sequence[Scenario], explored: Sequence[Scenario] = ()) -> None:
        """Run scenarios in both populations, and some at each size of their uncertain effect; keep their ledgers."""
        study = self.study
        ahead = [scenario for scenario in scenarios if scenario.population != "retrospective"]
        sizes = [(one, size) for one in explored if one.explore is not None for size in one.explore.values]
        sized = [(one.explored(size, study.registry), "explore") for one, size in sizes]
        found = self.lives([*((one, "run") for one in ahead), *sized])
        lived = {one.id: lives for one, lives in zip(ahead, found, strict=False)}
        for scenario in scenarios:
            if scenario.population == "retrospective":
                self.look_back(scenario)
                continue
            lives = lived[scenario.id]
            if lives.opened is not None:
                (study.open if self.with_open else study.nations)[scenario.id] = lives.opened
            if lives.closed is not None:
                study.closed[scenario.id] = lives.closed
            study.rations[scenario.id], study.use[scenario.id] = lives.rations, lives.use
        for scenario in explored:
            mine = [k for k, (one, _) in enumerate(sizes) if one is scenario]
            self.keep_sizes(scenario, {float(sizes[k][1]): found[len(ahead) + k] for k in mine})

    def keep_sizes(self, scenario: Scenario, lived: Mapping[float, "Lives"]) -> None:
        """Keep the ledgers of a scenario at each size of its uncertain effect; the size it has itself was run."""
        study = self.study
        rows = [(size, lives.opened, lives.closed) for size, lives in lived.items()]
        own = scenario.own_size(study.registry)
        if own is not None and own not in lived:
            opened = study.open.get(scenario.id) or study.nations.get(scenario.id)
            rows.append((own, opened, study.closed.get(scenario.id)))
        study.explored[scenario.id] = sorted(rows, key=lambda row: row[0])

    def look_back(self, scenario: Scenario) -> None:
        """Run a past, local programme among the patients of its GPs, oversampled; the rest of the nation is as it was.

        Open population only: its ledgers are the baseline's with the difference the programme makes. Only the
        nurses' places are limited here, the other services owing nothing to so few people.
        """
        if not self.with_open or BASELINE not in self.study.open:
            return
        began, study = time.perf_counter(), self.study
        self.progress(f"run: {scenario.id}", self.done, self.total)
        cycles = study.cycles_open
        phases = scenario.values(study.registry, cycles)
        share = np.array([v.by_region("sesame.participation") for v in phases.phases]).max(axis=0)
        if np.count_nonzero(share) != 1:
            where = (
                'changes."sesame.participation".where: a retrospective scenario is a SÉSAME programme of one region.'
            )
            raise InputError({scenario.id: [where]})
        region = int(share.argmax())
        people = month_zero.patients_of(self.residents, region, float(share[region]), PATIENTS, study.seed)
        places = capacity.places_by_month(phases)
        places[:, [s for s in Service if s != Service.SESAME]] = np.inf
        plain = replace(scenario, changes={})
        lived = [
            open_run(people, calendar, limits, self.jobs)
            for calendar, limits in (
                (plain.values(study.registry, cycles), np.full_like(places, np.inf)),
                (phases, places),
            )
        ]
        (without, _), (with_it, rations) = lived
        study.open[scenario.id] = changed(study.open[BASELINE], without, with_it)
        study.rations[scenario.id], study.places[scenario.id] = rations, places.sum(axis=2)
        self.done += 1
        study.timings["lives"] = study.timings.get("lives", 0.0) + time.perf_counter() - began

    @cached_property
    def residents(self) -> simulation.People:
        """The people that the patients of a local programme are drawn from: those of the study, if they are enough."""
        study = self.study
        if study.people >= LOCAL_PEOPLE:
            return self.everyone
        return month_zero.build(study.registry, LOCAL_PEOPLE, study.seed, self.jobs).of(OPEN)

    def lives(self, scenarios: Sequence[tuple[Scenario, str]]) -> list["Lives"]:
        """Return the lives of scenarios in both populations, from memory where their values were run already.

        scenarios : each with what it is run for: "run", "explore" or "variants"
        """
        began, study = time.perf_counter(), self.study
        months = max(study.cycles_open, study.cycles_closed)
        ways = [
            _Way(
                one.values(study.registry, months),
                bool(one.unlimited_places),
                self.asked(one, stage),
                branches.FEWER_TRIES if stage == "explore" else branches.TRIES,
            )
            for one, stage in scenarios
        ]
        for unlimited in (False, True):  # where places turn out never to limit, the twin without limits is known
            todo: dict[int, _Way] = {}
            for k, way in enumerate(ways):
                known = self.known_lives(way) is not None or any(other.serves(way) for other in todo.values())
                if way.unlimited == unlimited and not known:
                    todo[k] = way
            self.live_all(todo, [f"{stage}: {scenario.id}" for scenario, stage in scenarios])
            self.done += sum(way.unlimited == unlimited for way in ways) - len(todo)
        lived = []
        for (scenario, _), way in zip(scenarios, ways, strict=True):
            lives = self.known_lives(way)
            assert lives is not None
            lived.append(lives)
            study.places.setdefault(scenario.id, lives.places.sum(axis=2))
        study.timings["lives"] = study.timings.get("lives", 0.0) + time.perf_counter() - began
        return lived

    def known_lives(self, way: _Way) -> "Lives | None":
        return next((lives for known, lives in self.known if known.serves(way, lives.was_free)), None)

    def live_all(self, ways: Mapping[int, _Way], stages: Sequence[str]) -> None:
        """Live calendars of values and remember them: side by side, each on its share of the threads.

        One after the other where people are many: a single run then keeps every thread busy, and fills memory.
        """
        side = min(len(ways), self.jobs) if self.study.people <= SIDE_BY_SIDE else 1

        def work(k: int) -> Lives:
            self.progress(stages[k], self.done, self.total)
            lives = self.live(ways[k], self.jobs // max(1, side))
            self.done += 1
            self.progress(stages[k], self.done, self.total)
            return lives

        lived = simulation.on_threads(work, list(ways), side)
        self.known += zip(ways.values(), self.branched(list(ways.values()), lived), strict=True)

    def branched(self, ways: Sequence[_Way], lived: Sequence["Lives"]) -> list["Lives"]:
        """Return lives with the ledgers of those that part from today's for few people: see `branches`.

        Both populations meet the queues of their own open run.
        """
        few, out = [k for k, lives in enumerate(lived) if lives.branches], list(lived)
        study = self.study
        for people, ledgers, months, name in (
            (self.everyone, study.open, study.cycles_open, "opened"),
            (self.cohort, study.closed, study.cycles_closed, "closed"),
        ):
            wanted = [k for k in few if ways[k].asked[name == "closed"]]
            if wanted:
                self.progress("branches", 0, 1)
                today = self.today.road(study.rations[BASELINE], months)
                roads = [ways[k].road(lived[k].rations, months) for k in wanted]
                tries = [ways[k].tries for k in wanted]
                found = branches.changed(people, ledgers[BASELINE], today, roads, tries, self.jobs)
                for k, one in zip(wanted, found, strict=True):
                    out[k] = replace(out[k], opened=one) if name == "opened" else replace(out[k], closed=one)
                self.progress("branches", 1, 1)
        return out

    @cached_property
    def today(self) -> _Way:
        """The baseline's values."""
        study = self.study
        months = max(study.cycles_open, study.cycles_closed)
        return _Way(study.scenarios[0].values(study.registry, months), False, (True, True), 1)

    def asked(self, scenario: Scenario, stage: str) -> tuple[bool, bool]:
        """Tell whether a scenario's open and closed ledgers are wanted.

        A break-even is read in one population, the cohort if it is run: sizes are explored in that one only.
        A cohort that shares joint programme costs with the nation needs the nation beside it.
        """
        shares = self.with_closed and scenario.has_joint_costs
        return shares or (self.with_open and not (stage == "explore" and self.with_closed)), self.with_closed

    def live(self, way: _Way, jobs: int) -> "Lives":
        """Run one calendar of values: the open population first, whose queues the cohort then meets."""
        study, phases = self.study, way.phases
        limits = capacity.places_by_month(phases, way.unlimited)[: study.cycles_open]
        purse = None
        if not way.unlimited:
            purse = envelope.purse_of(phases, study.registry, study.use.get(BASELINE), len(limits))
        few = self.parts_few(way)
        asked = (False, False) if few else way.asked
        lives = live(self.everyone, self.cohort, phases, way.tables, limits, study.cycles_closed, asked, jobs, purse)
        return replace(lives, branches=few)

    def parts_few(self, way: _Way) -> bool:
        """Tell whether a way changes few of today's lives, where today's ledgers are there to be changed."""
        study = self.study
        known = (BASELINE in study.open or not way.asked[0]) and (BASELINE in study.closed or not way.asked[1])
        if not known or BASELINE not in study.rations:
            return False
        months, rations = max(study.cycles_open, study.cycles_closed), study.rations[BASELINE]
        return branches.parts_few(self.today.road(rations, months), way.road(rations, months))


@dataclass(frozen=True)
class Lives:
    """One calendar of values lived: ledgers of the populations wanted, and how the open run met its places.

    places, rations : (cycle, service, region) of the open run, see `capacity.run_open`
    use : (cycle, service) places taken, as expected, see `capacity.use`
    branches : whether its ledgers are today's and what few lives that part add, see `branches`
    """

    opened: Ledgers | None
    closed: Ledgers | None
    places: Floats
    rations: Floats
    use: Floats
    branches: bool = False

    @property
    def was_free(self) -> bool:
        """Whether places never limited an admission."""
        return bool((self.rations == 1.0).all())


def live(
    everyone: simulation.People,
    cohort: simulation.People,
    phases: Phases,
    tables: Tables,
    places: Floats,
    cycles_closed: int,
    asked: tuple[bool, bool] = (True, True),
    jobs: int = 1,
    purse: envelope.Purse | None = None,
) -> Lives:
    """Run one calendar of values in both populations.

    places : (cycle, service, region) of the open run, whose length it sets; asked : whose ledgers are wanted. The
    open run is done in any case where places limit admissions, as the cohort meets the queues of the nation.
    purse : see `capacity.live_open`; today's places bind already, so that no run is tried without limits first.
    """
    months, rations, used = len(places), np.ones(places.shape), np.zeros(places.shape[:2])
    opened: Ledgers | None = None
    begun: Begun | None = None
    if asked[0] or np.isfinite(places).any():
        calendar = calendar_of(phases, months)
        lived, books = capacity.live_open(everyone, tables, calendar, places, jobs, False, purse)
        rations, used = books.rations["share"].copy(), capacity.use(everyone, books, tables, calendar)
        if asked[1] and cycles_closed >= months:
            begun = Begun.of(everyone, cohort, lived, books)
        if asked[0]:
            simulation.close(lived, calendar, books)
            opened = simulation.weighted(everyone, books)
    closed = run_closed(cohort, phases, tables, rations, cycles_closed, jobs, begun) if asked[1] else None
    return Lives(opened, closed, places, rations, used)


@dataclass(frozen=True)
class Begun:
    """The slices that the cohort shares with the open population, its first, as the open run leaves them.

    Same people, luck and rations: what they lived there is the beginning of what they live in the cohort.
    persons : (person,) of PERSON; pages : (slice, year); places : (slice, cycle + 2); last sojourns still open
    """

    persons: Any
    pages: Any
    places: Any

    @classmethod
    def of(cls, everyone: simulation.People, cohort: simulation.People, lived: simulation.People, books: Books) -> Self:
        """Copy what an open run, its books not closed yet, has of the cohort's first slices."""
        few = min(len(everyone), len(cohort))
        differs = np.flatnonzero(everyone.persons["key"][:few] != cohort.persons["key"][:few])
        alike = int(differs[0]) if differs.size else few
        n = int(np.searchsorted(cohort.starts, alike, side="right")) - 1
        return cls(lived.persons[: cohort.starts[n]].copy(), books.pages[:n].copy(), books.places[:n].copy())


def open_run(people: simulation.People, phases: Phases, places: Floats, jobs: int) -> tuple[Ledgers, Floats]:
    """Return the ledgers and rations of one calendar of values lived by some people, with these places."""
    calendar = calendar_of(phases, len(places))
    _, books = capacity.run_open(people, build_tables(phases.phases), calendar, places, jobs)
    return simulation.weighted(people, books), books.rations["share"].copy()


def calendar_of(phases: Phases, cycles: int) -> Calendar:
    """Return the calendar of the first months of these values."""
    return simulation.new_calendar(phases.phase_of_month[:cycles])


def changed(base: Ledgers, without: Ledgers, with_it: Ledgers) -> Ledgers:
    """Return the base ledgers with the difference that something makes among some people, batch by batch."""
    names = [f.name for f in fields(Ledgers)]
    return Ledgers(**{n: getattr(base, n) + getattr(with_it, n) - getattr(without, n) for n in names})


@dataclass(frozen=True)
class Replicate:
    """An outcome of one scenario over other seeds.

    values : (seed,) of the whole design each; error : of one seed, told by the others, standard deviation
    batch_error : mean Monte Carlo error that the batches of one run give
    """

    scenario: str
    outcome: str
    values: Floats
    batch_error: float

    @property
    def mean(self) -> float:
        return float(self.values.mean())

    @property
    def error(self) -> float:
        return float(self.values.std(ddof=1))


def replicates(
    names: list[str],
    count: int,
    measure: Callable[[Study], Mapping[tuple[str, str], tuple[float, float]]],
    **options: Any,
) -> list[Replicate]:
    """Run the same study under `count` seeds and return how far its outcomes differ.

    Where people compete for places, the batches of a run share its queues and are not quite independent; whole
    runs are. measure : study -> (scenario, outcome) -> (mean, batch error); options : those of `run_study`, whose
    seed is the first. Error: InputError if fewer than two.
    """
    if count < 2:
        raise InputError({"--replicates": [f"is {count}; expected at least 2."]})
    first = int(options.pop("seed", SEED))
    found = [dict(measure(run_study(names, seed=first + k, **options))) for k in range(count)]
    return [
        Replicate(*key, np.array([one[key][0] for one in found]), float(np.mean([one[key][1] for one in found])))
        for key in found[0]
    ]


def same(a: Phases, b: Phases) -> bool:
    """Tell whether two calendars of values are the same, value by value and month by month."""
    if len(a.phases) != len(b.phases) or not np.array_equal(a.phase_of_month, b.phase_of_month):
        return False
    return all(x == y and places_equal(x.places, y.places) for x, y in zip(a.phases, b.phases, strict=True))


def places_equal(a: Mapping[str, Floats], b: Mapping[str, Floats]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


def run_closed(
    cohort: simulation.People,
    phases: Phases,
    tables: Tables,
    rations: Floats,
    cycles: int,
    jobs: int,
    begun: Begun | None = None,
) -> Ledgers:
    """Run the closed cohort over a horizon under the monthly rations of the open run, which may have begun it."""
    people, calendar = cohort.fresh(), calendar_of(phases, cycles)
    books = simulation.new_books(people.slices, cycles, (cycles + 11) // 12)
    books = books._replace(rations=simulation.new_rations(capacity.later_rations(rations, cycles)))
    months = 0
    if begun is not None:
        n, months = len(begun.pages), len(rations)
        people.persons[: len(begun.persons)] = begun.persons
        books.pages[:n, : begun.pages.shape[1]] = begun.pages
        books.places[:n, : begun.places.shape[1]] = begun.places
        simulation.advance(people, 0, months, tables, calendar, books, jobs, first_slice=n)
    simulation.advance(people, months, cycles, tables, calendar, books, jobs)
    simulation.close(people, calendar, books)
    return simulation.weighted(people, books)


def diaries(
    scenarios: Sequence[Scenario],
    registry: Registry,
    *,
    persons: int,
    months: int,
    seed: int = SEED,
    jobs: int = 1,
    progress: Progress = silent,
) -> list[NDArray[np.int16]]:
    """Return, for each scenario, the diaries of the same persons: (person, cycle, Diary).

    persons : at most, spread over those simulated who are under 70 and ill at month 0, resistant or not
    """
    progress("people", 0, 1)
    base = month_zero.build(registry, 20_000, seed, jobs)
    progress("people", 1, 1)
    people = base.of(OPEN)
    ill = np.flatnonzero(
        (people.persons["now"][:, Now.HEALTH] >= Health.MILD)
        & (people.persons["now"][:, Now.HEALTH] <= Health.SEVERE)
        & (people.persons["fixed"][:, Fixed.BIRTH_MONTH] > -12 * 70)
    )
    ill = ill[np.linspace(0, ill.size - 1, min(persons, ill.size)).astype(int)]
    chosen = simulation.People(people.persons[ill], np.array([0, ill.size]), np.zeros(1, np.int64), np.ones(1))
    found = []
    for done, scenario in enumerate(scenarios):
        progress("lives", done, len(scenarios))
        lived, phases = chosen.fresh(), scenario.values(registry, months)
        books = simulation.new_books(1, months, (months + 11) // 12, diaries=ill.size)
        simulation.advance(lived, 0, months, build_tables(phases.phases), calendar_of(phases, months), books)
        assert books.diary.shape[2] == len(Diary)
        found.append(books.diary)
    progress("lives", len(scenarios), len(scenarios))
    return found
