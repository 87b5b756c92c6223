"""One point of the parameters, lived and valued: what each scenario comes to with these values.

The same people with the same luck serve every scenario of a point. They are a *lot*, of one of two kinds:

- `relived` : people of their own, whose past is lived under the point's values and raked to the same margins, as the
  base case's is. Luck differs from lot to lot, so that chance averages out over draws (probabilistic analysis).
- else a few batches of one large population of the base values. Their past is not lived again; what a parameter
  does to a person from month 0 on (covariates, frailty at the same rank) is. Two points of a lot share people and
  luck, so that their difference has little chance (one-way, Morris, Sobol).
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincinv, ndtr, ndtri

from model import capacity, chance, envelope, forks, population, quality, simulation, study, valuation
from model.inputs import Registry, Value, load_table
from model.ledgers import Ledgers
from model.luck import COURSE, SUICIDES, Stakes
from model.phases import Phases, Reading, Values
from model.population import BATCHES, CLOSED, OPEN, Allocation, multipliers
from model.scenario import START, Scenario, month_number
from model.simulation import People
from model.states import IN_EPISODE, Capacity, Event, Health, Service, Trait, Trd
from model.store import cell_key
from model.tables import N_REGION
from model.transitions import build_tables, mortality_record, parameters_read

Floats = NDArray[np.float64]

PERSPECTIVES = ("collective", "assurance_maladie", "societal_for_qalys", "hospital", "patient")
OUTCOMES = (
    *(f"cost_{name}" for name in PERSPECTIVES),  # discounted euros
    "qalys",  # discounted; the luck of suicides taken out (see `model.forks`)
    "life_years",  # discounted
    "episode_months",
    "suicides",
    "luck_course",  # bad luck of the course of illness, QALYs, discounted: see `model.luck`
    "persons",  # of the nation that the cohort stands for (not per person)
)
FRAILTY = ("course.frailty.response_variance", "course.frailty.recurrence_variance", "course.frailty.correlation")
TRIED_LOTS, RARE_TRIES = 5, 256  # lots of people in which it is measured how often lives part; lucks then, if rarely
PARTINGS, MOST_CHOSEN = 500, 100_000  # pairs of arms wanted of a policy whose lucks are chosen; lucks at most
PAIRS = 0.65  # pairs of arms wanted a person where each month is tried: with more, what is left is who the people are
SHARES = (0.16, 0.04, 0.28, 0.34, 0.12, 0.02, 0.04)  # of each stratum: least chance in net benefits for as many people
MANY, LOT_KEYS = 1 << 40, 1 << 42  # lots at most; where the luck of their seeds begins
FIRST_LOT = MANY - 1  # of people whose past is lived at the base values: no draw's
LIVED, EVENNESS = 2_500, 1.0  # persons whose past is lived for a lot, at least; see `population.draw_past`
POOL = 6_000  # residents whom they are drawn from, at least
WHERE = (len(Service), N_REGION)
POINTS_KEPT = 4  # whose lives are remembered, for points that change no life


@dataclass(frozen=True)
class Point:
    """Where to look: values that differ from the registry's, and which lot of people lives them.

    values : id -> value; lot : from 0, whose people and luck are its own
    """

    values: Mapping[str, Value]
    lot: int = 0


@dataclass(frozen=True)
class Frame:
    """What all points of an analysis share.

    scenarios : the baseline first
    people : of a lot, all strata; batches : of a lot, each a replica of the stratified design
    years : of the closed cohort; inputs : hash of the registry, the scenario files and the code
    relived : whether the past of a lot is lived under the values of each point
    shares : of each stratum of the population among the people
    """

    scenarios: tuple[Scenario, ...]
    registry: Registry
    people: int
    batches: int
    seed: int
    years: int
    inputs: str
    relived: bool = False
    shares: tuple[float, ...] = SHARES

    @property
    def lots(self) -> int:
        """How many lots there are: as many as asked where each has its own past, else what a population is cut into."""
        return MANY if self.relived else BATCHES // self.batches

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the numbers of a cell: outcome and batch."""
        return tuple(f"{name}.{batch}" for name in OUTCOMES for batch in range(self.batches))

    def keys(self, point: Point) -> list[bytes]:
        """Return the keys of a point's cells, one a scenario: they change with anything the cells depend on."""
        size = f"{self.people} {self.batches} {self.seed} {self.years} {point.lot % self.lots}"
        size += f" {self.relived} {self.shares}"
        moved = {name: value for name, value in point.values.items() if self.registry.value(name) != value}
        where = repr(sorted(moved.items())).encode()
        return [cell_key(self.inputs.encode(), size.encode(), policy, where) for policy in self._policies]

    @cached_property
    def _policies(self) -> list[bytes]:
        """What each scenario changes, in words."""
        policies = [
            (one.id, one.changes, one.programme_cost, one.unlimited_places, one.start) for one in self.scenarios
        ]
        return [repr(policy).encode() for policy in policies]


class World:
    """The people of a frame, and the lives lived last; kept by one process."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.base = Values(frame.registry.in_force, built={})
        if frame.relived:  # lots have people of their own: those of the base values serve the nation's size alone
            self.population = self.relived(FIRST_LOT, self.base)
        else:
            whole, allocation = frame.people * BATCHES // frame.batches, Allocation(frame.shares, BATCHES)
            self.population = population.build(
                frame.registry, whole, frame.seed, allocation=allocation, evenness=EVENNESS
            )
        self.consumer_prices = load_table("consumer_prices")
        self._lock = threading.Lock()
        self._lots: dict[int, Lot] = {}
        self._trying = threading.Lock()
        self._tries: dict[str, int] = {}
        self._plain: dict[int, bytes] = {}
        self._lived: OrderedDict[tuple[Any, ...], dict[tuple[Any, ...], Lived]] = OrderedDict()

    def lot(self, number: int) -> "Lot":
        """Return a lot of people."""
        with self._lock:
            if number not in self._lots:
                first = number * self.frame.batches
                chosen = np.isin(self.population.people.batch, np.arange(first, first + self.frame.batches))
                some = self.population.people.of_slices(chosen)
                people = People(some.persons, some.starts, some.batch - first, some.weight)
                self._lots[number] = Lot(people, self.population.stratum[chosen], self.base)
            return self._lots[number]

    def relived(self, number: int, values: Values) -> population.Population:
        """Return a lot of people whose past is lived under these values; luck is addressed by (seed, lot, person)."""
        frame = self.frame
        seed = int(chance.keys(frame.seed, 1, first=LOT_KEYS + number)[0] >> 1)
        ever = sum(population.stratum_sizes(frame.people)[:4])
        past, allocation = max(2.0, LIVED / ever), Allocation(frame.shares, frame.batches)
        return population.build(
            values, frame.people, seed, past=past, allocation=allocation, pool=POOL, evenness=EVENNESS
        )

    @cached_property
    def persons(self) -> float:
        """People of the nation that the closed cohort stands for, at the base values.

        What points come to is divided by it at all values, so that an amount times it is the nation's.
        """
        return float(self.lot(0).of(CLOSED, self.base).person_weights().sum())

    @cached_property
    def stakes(self) -> Stakes:
        """What events weigh in the luck taken out, the same at all points."""
        other = 12.0 * np.asarray(mortality_record(self.base)["other"], float)
        worth = quality.norms(self.base).mean() * quality.multipliers(self.base)[Trd.NEITHER] / 12.0
        return Stakes(quality.qalys_to_come(other, self.base), np.maximum(worth[Health.RECOVERY] - worth, 0.0))

    def tries(self, scenario: Scenario) -> int:
        """Return under how many lucks each month of a scenario is tested, the more the rarer lives part.

        Measured once, at the registry's values, for all scenarios of the frame.
        """
        key = self.changes_of_lives(scenario)
        with self._trying:
            if key not in self._tries:
                wanted = {self.changes_of_lives(one): one for one in (*self.frame.scenarios[1:], scenario)}
                lots = [FIRST_LOT - k if self.frame.relived else k for k in range(min(TRIED_LOTS, self.frame.lots))]
                first = [_Lives(self, Point({}, lot), self.frame.registry, self.base) for lot in lots]
                seen = [lives.live(list(wanted.values()), None)[2:] for lives in first]
                rarities, choices = (np.array(each) for each in zip(*seen, strict=True))
                for name, rarity, choice in zip(wanted, rarities.T, choices.T, strict=True):
                    most = bool(choice.mean() > 0.5)  # where queues of others move too, more than rare lives part
                    self._tries[name] = tries_for(float(rarity[choice == most].mean()), most, self.frame.people)
            return self._tries[key]

    @cached_property
    def life_ids(self) -> frozenset[str]:
        """Parameters that lives from month 0 on read, or that a scenario changes."""
        changed = {name for scenario in self.frame.scenarios for name in scenario.changes}
        return self._read | changed | (envelope.READ if envelope.has_envelope(changed) else set())

    @cached_property
    def _read(self) -> frozenset[str]:
        reading = Reading(self.base)
        capacity.places_of(reading)
        people = self.lot(0).people
        if self.frame.relived:
            population.build(reading, self.frame.people, 0, pool=1_000)
        multipliers(people.persons["fixed"][:1].copy(), reading, np.ones(1), np.ones(1))
        return frozenset(parameters_read(self.base) | reading.read | set(FRAILTY))

    def changes_of_lives(self, scenario: Scenario) -> str:
        """Return what a scenario changes in lives, in words: scenarios that only change prices share lives."""
        only_worth = self.worth_ids - self._read
        if envelope.has_envelope(scenario.changes):
            only_worth -= envelope.READ
        changes = {name: told for name, told in scenario.changes.items() if name not in only_worth}
        return repr((changes, scenario.unlimited_places, scenario.start))

    @cached_property
    def worth_ids(self) -> frozenset[str]:
        """Parameters that valuation reads."""
        return frozenset(name for name in self.frame.registry if name.split(".")[0] in valuation.WORTH)

    def evaluate(self, point: Point, scenarios: Sequence[Scenario] | None = None) -> Floats:
        """Return what scenarios come to at a point, per person of the cohort: (scenario, outcome, batch)."""
        registry = self.frame.registry.replace(dict(point.values), "point")
        values = Values(registry.in_force, built={})
        prices = valuation.prices(values, registry, self.consumer_prices)
        lives = _Lives(self, point, registry, values)
        chosen = self.frame.scenarios if scenarios is None else scenarios
        lived = lives.lived(chosen)
        return np.stack([self._worth(one, all_, registry, prices) for one, all_ in zip(chosen, lived, strict=True)])

    def plain(self, number: int) -> bytes:
        """Return what the values of the registry make of a lot, see `_Lives.made`."""
        if number not in self._plain:
            self._plain[number] = _Lives(self, Point({}, number), self.frame.registry, self.base).made
        return self._plain[number]

    def remembered(self, key: tuple[Any, ...]) -> "Lived | None":
        """Return what was lived under this key, if they were lived lately."""
        with self._lock:
            if key[:2] not in self._lived:
                return None
            self._lived.move_to_end(key[:2])
            return self._lived[key[:2]].get(key)

    def remember(self, key: tuple[Any, ...], lived: "Lived") -> None:
        """Keep what was lived for the points to come that change no life: those of one lot and values together."""
        with self._lock:
            self._lived.setdefault(key[:2], {})[key] = lived
            self._lived.move_to_end(key[:2])
            if (base := (key[0], self._plain.get(key[0]))) in self._lived:
                self._lived.move_to_end(base)  # never forgotten: points that move nothing are all over a design
            while len(self._lived) > POINTS_KEPT:
                self._lived.popitem(last=False)

    def _worth(self, scenario: Scenario, lived: "Lived", registry: Registry, prices: dict[str, Any]) -> Floats:
        """Return what lives are worth per person, (outcome, batch), at the prices of the middle of each year.

        prices : those of the point without the scenario, which hold in all years if the scenario moves none
        """
        ledgers = lived.ledgers
        start = scenario.start if scenario.start is not None else month_number(START)
        yearly = [prices]
        if any(name.split(".")[0] in valuation.WORTH for name in scenario.changes):
            phases = scenario.values(registry, ledgers.cycles)
            priced = [valuation.prices(values, registry, self.consumer_prices) for values in phases.phases]
            middles = [min(12 * year + 6, ledgers.cycles - 1) for year in range(ledgers.years)]
            yearly = [priced[phases.phase_of_month[month]] for month in middles]
            prices = priced[0]
        factors = valuation.discount_factors(ledgers.years, prices)
        outcomes = valuation.discounted(ledgers, yearly, factors)
        if scenario.programme_cost:
            paid = valuation.programme_costs(ledgers, scenario.programme_cost, yearly[0], start, lived.opened)
            outcomes.costs[:, 0, ..., valuation.Category.PROGRAMME] += np.einsum("by...,y->b...", paid, factors)
        costs = [valuation.perspective(outcomes, name)[:, 0] for name in PERSPECTIVES]
        luck = factors @ lived.luck
        years = [outcomes.qalys.sum(axis=(1, 2)) + luck[:, SUICIDES], outcomes.life_years.sum(axis=(1, 2))]
        months = ledgers.occupancy[..., list(IN_EPISODE)].sum(axis=(1, 2, 3, 4, 5))
        suicides = ledgers.events[..., Event.SUICIDE].sum(axis=(1, 2))
        out = np.stack([*costs, *years, months, suicides, luck[:, COURSE]]) / self.persons
        return np.concatenate([out, np.full((1, ledgers.batches), self.persons)])


@dataclass(frozen=True)
class Lived:
    """Lives of one calendar of values: their ledgers, and what suicides took beyond expectation.

    ledgers : yearly tables only, see `ledgers_of`
    luck : (batch, year, N_LUCK) not discounted, of mean nil: see `model.luck`
    opened : ledgers of the nation, where the cohort shares costs with it
    """

    ledgers: Ledgers
    luck: Floats
    opened: Ledgers | None = None


class Way(NamedTuple):
    """What a scenario's calendar says: values by phase, records without queues, places (cycle, service, region)."""

    phases: Phases
    road: forks.Road
    places: Floats


class Begun(NamedTuple):
    """How a scenario begins: what its calendar says, places taken in the open run, the nation's ledgers if wanted."""

    road: forks.Road
    use: Floats
    opened: Ledgers | None


class _Lives:
    """The lives of one point: the same people for every scenario, from memory where only worth differs."""

    def __init__(self, world: World, point: Point, registry: Registry, values: Values) -> None:
        self.world, self.registry, self.values = world, registry, values
        self.number = point.lot % world.frame.lots
        self.moved = tuple(sorted((name, value) for name, value in point.values.items() if name in world.life_ids))
        self._ways: dict[str, Way] = {}

    @cached_property
    def people(self) -> tuple[People, People]:
        """The open population and the closed cohort with the multipliers that these values give them."""
        if self.world.frame.relived:
            own = self.number != FIRST_LOT or self.moved
            found = self.world.relived(self.number, self.values) if own else self.world.population
            return found.of(OPEN), found.of(CLOSED)
        lot = self.world.lot(self.number)
        return lot.of(OPEN, self.values), lot.of(CLOSED, self.values)

    def key(self, scenario: Scenario) -> tuple[Any, ...]:
        """Return what the lives of a scenario depend on."""
        return (self.number, self.where, self.world.changes_of_lives(scenario), scenario.has_joint_costs)

    @cached_property
    def where(self) -> tuple[Any, ...] | bytes:
        """What tells these lives from those of other values: the values, or what they make of people who are shared.

        Of people who are not lived again, many values move nothing that the frame's scenarios look at.
        """
        frame = self.world.frame
        if frame.relived or any(envelope.has_envelope(scenario.changes) for scenario in frame.scenarios):
            return self.moved
        return self.made if self.moved else self.world.plain(self.number)

    @cached_property
    def made(self) -> bytes:
        """A digest of the records, calendars, places and people that these values make."""
        ways = [self.way(scenario) for scenario in self.world.frame.scenarios]
        arrays = [array for way in ways for array in (*way.road.tables, *way.road.calendar, way.places)]
        arrays += [people.persons["trait"] for people in self.people]
        return cell_key(*(np.ascontiguousarray(array).tobytes() for array in arrays))

    def lived(self, scenarios: Sequence[Scenario]) -> list[Lived]:
        """Return what the closed cohort lives under each scenario."""
        keys = [self.key(scenario) for scenario in scenarios]
        baseline = self.key(self.world.frame.scenarios[0])
        found = {key: known for key in keys if (known := self.world.remembered(key)) is not None}
        todo = {key: scenario for key, scenario in zip(keys, scenarios, strict=True) if key not in found}
        if todo:
            policies = {key: scenario for key, scenario in todo.items() if key != baseline}
            tries = [self.world.tries(scenario) for scenario in policies.values()]
            base, others, *_ = self.live(list(policies.values()), tries)
            found |= {baseline: base} | dict(zip(policies, others, strict=True))
            for key in (baseline, *policies):
                self.world.remember(key, found[key])
        return [found[key] for key in keys]

    def live(
        self, policies: Sequence[Scenario], tries: Sequence[int] | None
    ) -> tuple[Lived, list[Lived], Floats, NDArray[np.bool_]]:
        """Live the baseline once and each policy where lives part; return both, with how rarely and how they part.

        tries : of each policy for a person of mean weight, see `forks.by_weight`; None: enough to tell the partings a
        person that one such try would show, which are returned, and beside them whether lucks are chosen
        """
        cohort = self.people[1]
        paid = any(envelope.has_envelope(policy.changes) for policy in policies)
        begun = self.begun(self.world.frame.scenarios[0], None, with_use=paid)
        ways = [self.begun(policy, begun) for policy in policies]
        roads = [way.road for way in ways]
        if tries is None:
            rare = [not (forks.contacts(begun.road, road) & ~forks.RARE).any() for road in roads]
            lucks = np.array([RARE_TRIES if one else 1 for one in rare], dtype=np.float64)
        else:
            lucks = forks.by_weight(cohort, tries)
        sums, together = forks.live(cohort, begun.road, roads, lucks, self.world.stakes)
        cycles = begun.road.calendar.year_of_cycle.size
        base = Lived(ledgers_of(sums.cells[0], cycles), sums.luck[0], begun.opened)
        sums.cells[1:] += sums.cells[0]
        out = []
        for cells, luck, way in zip(sums.cells[1:], sums.luck[1:], ways, strict=True):
            out.append(Lived(ledgers_of(cells, cycles), sums.luck[0] + luck, way.opened))
        chosen = [bool(together.chosen[together.policy == place].all()) for place in range(len(roads))]
        return base, out, forks.rarity(cohort, sums.partings, together), np.array(chosen, dtype=np.bool_)

    def way(self, scenario: Scenario) -> "Way":
        """Return what a scenario's calendar of values says."""
        if scenario.id not in self._ways:
            months, opened = 12 * self.world.frame.years, 12 * study.OPEN_YEARS
            phases = scenario.values(self.registry, max(opened, months), base=self.values)
            road = forks.Road(build_tables(phases.phases), study.calendar_of(phases, months), np.ones((1, *WHERE)))
            places = capacity.places_by_month(phases, bool(scenario.unlimited_places))[:opened]
            self._ways[scenario.id] = Way(phases, road, places)
        return self._ways[scenario.id]

    def begun(self, scenario: Scenario, baseline: Begun | None, with_use: bool = False) -> Begun:
        """Return a scenario's records and calendar, and the queues that the nation meets under it.

        baseline : how it begins, for a policy; with_use : whether to work out the places taken in the open run
        """
        everyone, months, opened = self.people[0], 12 * self.world.frame.years, 12 * study.OPEN_YEARS
        phases, road, places = self.way(scenario)
        rations, use, nation = np.ones(places.shape), np.zeros(places.shape[:2]), None
        if scenario.has_joint_costs or np.isfinite(places).any():
            calendar, purse = study.calendar_of(phases, opened), None
            places = places.copy()  # what a purse buys is written there
            if not scenario.has_joint_costs:  # only queues are looked at, those of the nation
                everyone = everyone.in_one_batch()
            if baseline is not None:
                everyone = forks.in_shares(everyone, forks.shares(baseline.road, road))
                if envelope.has_envelope(scenario.changes) and not scenario.unlimited_places:
                    purse = envelope.purse_of(phases, self.registry, baseline.use, opened)
            lived, books = capacity.live_open(everyone, road.tables, calendar, places, 1, False, purse)
            rations = books.rations["share"].copy()
            if with_use:
                use = capacity.use(everyone, books, road.tables, calendar)
            if scenario.has_joint_costs:
                simulation.close(lived, calendar, books)
                nation = simulation.weighted(everyone, books)
        return Begun(road._replace(rations=capacity.later_rations(rations, months)), use, nation)


def tries_for(rarity: float, chosen: bool, people: int) -> int:
    """Return under how many lucks a month is tested for a person of mean weight, from the partings that one would show.

    As many as give `PARTINGS` pairs of arms where lucks are chosen, `PAIRS` a person where they are tried.
    """
    if chosen:
        return int(np.clip(round(PARTINGS / (max(rarity, 1e-9) * people)), 2, MOST_CHOSEN))
    return round(float(np.clip(PAIRS / max(rarity, 1e-9), 1, forks.MOST_TRIED)))


def ledgers_of(cells: Floats, cycles: int) -> Ledgers:
    """Return ledgers of weighted pages, (batch, year, cell); no trace and no capacity, which no outcome reads."""
    batches = len(cells)
    trace = np.broadcast_to(np.nan, (batches, cycles + 1, len(Health), len(Trd)))
    capacity = np.broadcast_to(np.nan, (batches, cycles, len(Service), len(Capacity)))
    return Ledgers(trace=trace, capacity=capacity, **simulation.yearly_tables(cells))


class Lot:
    """Some batches of the population, whose multipliers follow the parameters.

    Multipliers at other values are those of the base times a ratio of covariates; frailty keeps each person's
    rank, so that a wider law spreads the same people further apart.
    """

    def __init__(self, people: People, stratum: NDArray[np.int64], base: Values) -> None:
        self.people, self.stratum, self.base = people, stratum, base
        self.fixed = np.ascontiguousarray(people.persons["fixed"])
        self._before = self._covariates(base)

    def of(self, strata: Sequence[int], values: Values) -> People:
        """Return the people of some strata, with the multipliers that these values give them."""
        persons = self.people.persons.copy()
        persons["trait"] = self.traits(values)
        return replace(self.people, persons=persons).of_slices(np.isin(self.stratum, strata))

    def traits(self, values: Values) -> Floats:
        """Return the multipliers (person, Trait) under these values; those of the base at the base values."""
        out = np.asarray(self.people.persons["trait"] * (self._covariates(values) / self._before))
        if any(values[name] != self.base[name] for name in FRAILTY):
            new, old = self._frailty(values), self._frailty(self.base)
            out[:, Trait.REMISSION] *= new[0] / old[0]
            out[:, Trait.RELAPSE] *= new[1] / old[1]
        return out

    def _covariates(self, values: Values) -> Floats:
        """Return multipliers without frailty, (person, Trait)."""
        one = np.ones(len(self.fixed))
        return multipliers(self.fixed, values, one, one)

    @cached_property
    def _latent(self) -> tuple[Floats, Floats]:
        """Each person's latent normals: of response, and what recurrence adds to it."""
        normals = []
        for trait, name in ((Trait.REMISSION, FRAILTY[0]), (Trait.RELAPSE, FRAILTY[1])):
            frailty = self.people.persons["trait"][:, trait] / self._before[:, trait]
            variance = float(self.base[name])
            normals.append(ndtri(gammainc(1.0 / variance, frailty / variance).clip(1e-9, 1.0 - 1e-9)))
        r = float(self.base[FRAILTY[2]])
        return normals[0], (normals[1] - r * normals[0]) / np.sqrt(1.0 - r * r)

    def _frailty(self, values: Values) -> tuple[Floats, Floats]:
        """Return latent response and latent recurrence at everyone's rank under these values."""
        response, added = self._latent
        r = float(values[FRAILTY[2]])
        normals = (response, r * response + np.sqrt(1.0 - r * r) * added)
        laws = [float(values[name]) for name in FRAILTY[:2]]
        first, second = (
            gammaincinv(1.0 / law, ndtr(z).clip(1e-9, 1.0 - 1e-9)) * law for z, law in zip(normals, laws, strict=True)
        )
        return first, second
