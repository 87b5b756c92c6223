"""A made-up study, random but plausible and paired by batch: what results/ is tested on without the model."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from model.inputs import Bilingual, Registry, load_parameters
from model.ledgers import EQUITY_GROUPS, Ledgers
from model.scenario import Change, Scenario
from model.scenario_schema import Criterion, Explore, LegalTest
from model.states import (
    AGE_BANDS,
    Capacity,
    Diary,
    Event,
    Health,
    Outcome,
    Payer,
    Resource,
    Service,
    Trd,
    Treatment,
    Work,
)

BATCHES = 10
# Persons of the nation by health state, roughly those of a cohort of people ever ill.
STOCKS = np.array([3.0e6, 1.1e6, 0.9e6, 0.6e6, 0.7e6, 0.8e6, 6.0e6, 0.0, 0.0])


def ledgers(years: int, better: float, seed: int = 1) -> Ledgers:
    """Return ledgers of `years` years in which a share `better` of illness is avoided; one luck a seed."""
    luck = np.random.default_rng(seed)
    months = np.arange(12 * years + 1)

    def noise(*shape: int) -> Any:
        return 1 + 0.02 * luck.standard_normal((BATCHES, *shape))

    share = np.ones(len(Health))
    share[1:4] = 1 - better
    deaths = np.array([0.0002, 0.004]) * np.array([1 - better / 2, 1.0])
    stocks = STOCKS * share * noise(len(Health))
    ill = stocks[:, None, :] * (1 - deaths.sum() / 12) ** months[:, None]
    dead = stocks.sum(axis=1)[:, None] - ill.sum(axis=2)
    ill[:, :, 7:] = dead[..., None] * deaths / deaths.sum()
    split = np.array([0.86, 0.09, 0.02, 0.03])
    trace = ill[..., None] * split
    yearly = trace[:, :-1].reshape(BATCHES, years, 12, len(Health), len(Trd)).sum(axis=2)
    sexes, ages = np.array([0.4, 0.6]), np.full(len(AGE_BANDS), 1 / len(AGE_BANDS))
    occupancy = np.einsum("s,a,bytk->bysakt", sexes, ages, yearly)
    illness = (1 - better) * noise(years, len(Trd))
    resources = (
        2e5 * illness[..., None, None] * luck.random((len(Trd), len(Payer), len(Resource))) * split[:, None, None]
    )
    resources[..., Resource.SUICIDE] = 0.0
    events = 1e5 * illness[..., None] * luck.random((len(Trd), len(Event))) * split[:, None]
    events[..., Event.SUICIDE] = 9e3 * split * (1 - better / 2) * noise(years, len(Trd))
    suicides = np.einsum("byk,s,a->byksa", events[..., Event.SUICIDE], sexes, ages)
    states = np.einsum("bytk->bykt", yearly)
    work = states[:, :, :, None, :] * np.full((len(Work), 1), 1 / len(Work))
    groups = sum(levels for _, levels in EQUITY_GROUPS)
    equity = 1e4 * (1 - better) * noise(years, groups, len(Outcome))
    capacity = 100 * noise(12 * years, len(Service), len(Capacity)) * (1 + better)
    return Ledgers(trace, occupancy, resources, work, events, suicides, equity, capacity)


@dataclass(frozen=True)
class Anchor:
    name: Bilingual
    unit: str
    target: float
    low: float
    high: float
    source: str
    checked: str
    before: float
    after: float
    after_mc_se: float
    verdict: str

    @property
    def inside(self) -> bool:
        return self.low <= self.after <= self.high


@dataclass
class Study:
    scenarios: list[Scenario]
    registry: Registry
    people: int
    seed: int
    threads: int
    cycles_open: int
    cycles_closed: int
    open: dict[str, Ledgers]
    closed: dict[str, Ledgers]
    explored: dict[str, list[tuple[float, Ledgers, Ledgers]]]
    anchors: list[Anchor]
    places: dict[str, np.ndarray]
    replicates: list[Any] = field(default_factory=list)
    people_by_region: np.ndarray = field(default_factory=lambda: np.array([300] * 5 + [9_000] * 13))
    timings: dict[str, float] = field(default_factory=lambda: {"lives": 8.3})


def both(fr: str, en: str) -> Bilingual:
    return Bilingual(fr=fr, en=en)


ASSUMED = "price.esketamine_device"  # stands for an assumed effect: any uncertain parameter serves


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Return the baseline and two policies: one with an assumed effect and a legal test, one without."""
    change = Change(ASSUMED, "multiply", 1.0, grade="D", why="a stand-in")
    failing = Criterion(
        title=both("SMR", "SMR"),
        rule="SMR",
        value={"fr": "faible", "en": "minor"},
        expected={"fr": "majeur", "en": "major"},
        passes=False,
    )
    passing = Criterion(title=both("Coût", "Cost"), rule="30 %", value=0.958, expected=0.3, passes=True)
    legal = LegalTest(criteria=[failing, passing], derogation=both("par arrêté", "by order"))
    explore = Explore(
        parameter=ASSUMED,
        values=[150.0, 200.0, 250.0],
        unit="€",
        label=both("Prix du dispositif", "Device price"),
    )
    return (
        Scenario("baseline", both("Soins de 2025-2026", "Care as in 2025–26"), both("-", "-"), {}, ()),
        Scenario(
            id="liste_en_sus",
            title=both("Liste en sus dans les EPSM", "Extra-budget list in public psychiatric hospitals"),
            summary=both("-", "-"),
            changes={ASSUMED: (change,)},
            files=(),
            legal_test=legal,
            explore=explore,
            does_not_claim=both("Un effet sur le suicide : aucun", "An effect on suicide"),
        ),
        Scenario(
            id="collaborative_care",
            title=both("Soins collaboratifs (SÉSAME)", "Collaborative care (SÉSAME)"),
            summary=both("-", "-"),
            changes={},
            files=(),
        ),
    )


def study(*, open_years: int = 10, closed_years: int = 60, threads: int = 2) -> Study:
    """Return a study of the three scenarios; 0 years leaves a population out."""
    gains = {"baseline": 0.0, "liste_en_sus": 0.0004, "collaborative_care": 0.012}

    def run(years: int, better: float) -> Any:
        return ledgers(years, better) if years else None

    def runs(years: int) -> dict[str, Ledgers]:
        return {name: ledgers(years, better) for name, better in gains.items()} if years else {}

    explored = [
        (size, run(open_years, 0.0002 * i), run(closed_years, 0.0002 * i))
        for i, size in enumerate((150.0, 200.0, 250.0))
    ]
    anchors = [
        Anchor(
            both("Décès par suicide", "Deaths by suicide"),
            "per year",
            8848,
            8600,
            9100,
            "CépiDc",
            "yes",
            9900,
            8901,
            40,
            "met",
        ),
        Anchor(
            both("TRD", "TRD"),
            "persons",
            1e6,
            9e5,
            1.1e6,
            "advocates",
            "secondary",
            6e5,
            1.2e6,
            1e4,
            "missed",
        ),
    ]
    return Study(
        scenarios=list(scenarios()),
        registry=load_parameters(solved=None),
        people=200_000,
        seed=1,
        threads=threads,
        cycles_open=12 * open_years,
        cycles_closed=12 * closed_years,
        open=runs(open_years),
        closed=runs(closed_years),
        explored={"liste_en_sus": explored},
        anchors=anchors,
        places={one.id: np.full((12 * open_years, len(Service)), np.inf) for one in scenarios()},
    )


def diary(persons: int, months: int, seed: int = 1) -> Any:
    """Return made-up lives, (person, cycle, column of `Diary`)."""
    luck = np.random.default_rng(seed)
    lives = np.zeros((persons, months, len(Diary)), dtype=np.int16)
    for life in lives:
        health = int(luck.integers(0, 7))
        for month in range(months):
            if health < 7 and luck.random() < 0.06:
                health = int(luck.choice([1, 2, 3, 4, 5, 6, 8], p=[0.2, 0.15, 0.1, 0.15, 0.15, 0.24, 0.01]))
            if health == 3 and luck.random() < 0.005:
                health = int(Health.DEAD_SUICIDE)
            life[month, Diary.HEALTH] = health
            life[month, Diary.TREATMENT] = Treatment.ESKETAMINE if health == 3 and month % 40 > 20 else 0
            life[month, Diary.HOSPITAL_DAYS] = 12 * (health == 3 and month % 20 < 2)
            life[month, Diary.ATTEMPTED] = health == 3 and luck.random() < 0.04
    return lives
