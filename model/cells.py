"""One point of the parameters, lived and valued: what each scenario comes to with these values.

The same people with the same luck serve every scenario of a point. Points take turns over lots of people (a lot
is a few batches of one large population), so that the chance of who was sampled averages out over points instead
of shifting them all. The people at month 0 are those of the base values: their histories are not lived again at
each point; what a parameter does to a person from month 0 on (covariates, frailty at the same rank) is.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincinv, ndtr, ndtri

from model import capacity, envelope, population, study, valuation
from model.inputs import Registry, Value, load_table
from model.phases import Values
from model.population import BATCHES, CLOSED, OPEN, multipliers
from model.scenario import START, Scenario, month_number
from model.simulation import People
from model.states import IN_EPISODE, Event, Trait
from model.store import cell_key
from model.transitions import Reading, parameters_read

Floats = NDArray[np.float64]

PERSPECTIVES = ("collective", "assurance_maladie", "societal_for_qalys", "hospital", "patient")
OUTCOMES = (
    *(f"cost_{name}" for name in PERSPECTIVES),  # discounted euros
    "qalys",  # discounted
    "life_years",  # discounted
    "episode_months",
    "suicides",
    "persons",  # of the nation that the cohort stands for (not per person)
)
FRAILTY = ("course.frailty.response_variance", "course.frailty.recurrence_variance", "course.frailty.correlation")
LEDGERS_KEPT = 12  # of the last sets of lives, for points that change no life


@dataclass(frozen=True)
class Point:
    """Where to look: values that differ from the registry's, and which lot of people lives them.

    values : id -> value; lot : from 0
    """

    values: Mapping[str, Value]
    lot: int = 0


@dataclass(frozen=True)
class Frame:
    """What all points of an analysis share.

    scenarios : the baseline first
    people : of a lot, all strata; batches : of a lot, each a replica of the stratified design
    years : of the closed cohort; inputs : hash of the registry, the scenario files and the code
    """

    scenarios: tuple[Scenario, ...]
    registry: Registry
    people: int
    batches: int
    seed: int
    years: int
    inputs: str

    @property
    def lots(self) -> int:
        """How many lots the population is cut into."""
        return BATCHES // self.batches

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the numbers of a cell: outcome and batch."""
        return tuple(f"{name}.{batch}" for name in OUTCOMES for batch in range(self.batches))

    def key(self, scenario: Scenario, point: Point) -> bytes:
        """Return the key of a cell: it changes with anything the cell depends on."""
        size = f"{self.people} {self.batches} {self.seed} {self.years} {point.lot % self.lots}"
        policy = (scenario.id, scenario.changes, scenario.programme_cost, scenario.unlimited_places, scenario.start)
        moved = {name: value for name, value in point.values.items() if self.registry.value(name) != value}
        return cell_key(*(part.encode() for part in (self.inputs, size, repr(policy), repr(sorted(moved.items())))))


class World:
    """The people of a frame, and the lives lived last; shared by the threads of one process."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.base = Values({name: parameter.value for name, parameter in frame.registry.items()})
        whole = frame.people * BATCHES // frame.batches
        self.population = population.build(frame.registry, whole, frame.seed)
        self.consumer_prices = load_table("consumer_prices")
        self._lock = threading.Lock()
        self._lots: dict[int, Lot] = {}
        self._lived: OrderedDict[tuple[Any, ...], study.Lives] = OrderedDict()

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

    @cached_property
    def persons(self) -> float:
        """People of the nation that the closed cohort stands for."""
        return float(self.lot(0).of(CLOSED, self.base).person_weights().sum())

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
        multipliers(people.persons["fixed"][:1].copy(), reading, np.ones(1), np.ones(1))
        return frozenset(parameters_read(self.base) | reading.read.keys() | set(FRAILTY))

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
        values = Values({name: parameter.value for name, parameter in registry.items()})
        prices = valuation.prices(values, registry, self.consumer_prices)
        lives = _Lives(self, point, registry, values)
        chosen = self.frame.scenarios if scenarios is None else scenarios
        return np.stack([self._worth(one, lives.lived(one), registry, prices) for one in chosen])

    def remembered(self, key: tuple[Any, ...]) -> study.Lives | None:
        """Return the lives of this key, if they were lived lately."""
        with self._lock:
            if key in self._lived:
                self._lived.move_to_end(key)
            return self._lived.get(key)

    def remember(self, key: tuple[Any, ...], lives: study.Lives) -> None:
        """Keep lives for the points to come that change no life."""
        with self._lock:
            self._lived[key] = lives
            while len(self._lived) > LEDGERS_KEPT:
                self._lived.popitem(last=False)

    def _worth(self, scenario: Scenario, lives: study.Lives, registry: Registry, prices: dict[str, Any]) -> Floats:
        """Return what the cohort's lives are worth per person, (outcome, batch), at the prices of mid-year.

        prices : those of the point without the scenario, which hold in all years if the scenario moves none
        """
        ledgers = lives.closed
        assert ledgers is not None
        start = scenario.start if scenario.start is not None else month_number(START)
        yearly = [prices]
        if any(name.split(".")[0] in valuation.WORTH for name in scenario.changes):
            phases = scenario.values(registry, ledgers.cycles)
            priced = [valuation.prices(values, registry, self.consumer_prices) for values in phases.phases]
            middles = [min(12 * year + 6, ledgers.cycles - 1) for year in range(ledgers.years)]
            yearly = [priced[phases.phase_of_month[month]] for month in middles]
            prices = priced[0]
        same = all(these == yearly[0] for these in yearly)
        outcomes = valuation.value(ledgers, yearly[0] if same else yearly)
        outcomes = valuation.with_programmes(outcomes, ledgers, scenario.programme_cost, yearly[0], start, lives.opened)
        costs = [valuation.present_value(valuation.perspective(outcomes, name), prices) for name in PERSPECTIVES]
        flows = (outcomes.qalys, outcomes.life_years)
        years = [valuation.present_value(flow.sum(axis=2), prices) for flow in flows]
        months = ledgers.occupancy[..., list(IN_EPISODE)].sum(axis=(1, 2, 3, 4, 5))
        suicides = ledgers.events[..., Event.SUICIDE].sum(axis=(1, 2))
        out = np.stack([*costs, *years, months, suicides]) / self.persons
        return np.concatenate([out, np.full((1, ledgers.batches), self.persons)])


class _Lives:
    """The lives of one point: the same people for every scenario, from memory where only worth differs."""

    def __init__(self, world: World, point: Point, registry: Registry, values: Values) -> None:
        self.world, self.registry, self.values = world, registry, values
        self.number = point.lot % world.frame.lots
        self.moved = tuple(sorted((name, value) for name, value in point.values.items() if name in world.life_ids))

    @cached_property
    def people(self) -> tuple[People, People]:
        """The open population and the closed cohort with the multipliers that these values give them."""
        lot = self.world.lot(self.number)
        return lot.of(OPEN, self.values), lot.of(CLOSED, self.values)

    def lived(self, scenario: Scenario) -> study.Lives:
        """Return the lives of the closed cohort under a scenario, and the nation's if it shares costs with it."""
        key = (self.number, self.moved, self.world.changes_of_lives(scenario), scenario.has_joint_costs)
        if (known := self.world.remembered(key)) is not None:
            return known
        phases = scenario.values(self.registry, 12 * max(study.OPEN_YEARS, self.world.frame.years))
        limits = capacity.places_by_month(phases, bool(scenario.unlimited_places))[: 12 * study.OPEN_YEARS]
        purse = None
        if envelope.has_envelope(scenario.changes) and not scenario.unlimited_places:
            today = self.lived(self.world.frame.scenarios[0]).use
            purse = envelope.purse_of(phases, self.registry, today, len(limits))
        asked, cycles = (scenario.has_joint_costs, True), 12 * self.world.frame.years
        lives = study.live(*self.people, phases, limits, cycles, asked, try_free=False, purse=purse)
        self.world.remember(key, lives)
        return lives


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
