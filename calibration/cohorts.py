"""What every small simulated study is made of: who may enter, what care they get, how they are followed.

A `World` is the model under one set of values: its rules, its own past, people at month 0 and cross-sections
of the next two years. A study draws a `Cohort` from it, lets it live and reads its diary. Luck is addressed
by the study's name, so that the same seed gives the same study under other values.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model import chance, population, simulation
from model.inputs import Registry
from model.phases import Values
from model.population import OPEN, Past, Population
from model.simulation import People
from model.states import Care, Diary, Fixed, Health, Now, Treatment
from model.tables import Tables
from model.transitions import build_tables

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

CROSS_SECTIONS, APART = 9, 3  # cross-sections of the pool, months between them
GROUPS = population.BATCHES  # groups of source persons that errors are computed from


class Estimate(NamedTuple):
    """A measure and its Monte Carlo standard error; NaN where nobody entered."""

    value: float
    error: float


@dataclass(frozen=True)
class Cohort:
    """Persons of a study as they enter, and the group of sources each was drawn from."""

    persons: Any
    group: Ints

    def __len__(self) -> int:
        return len(self.group)

    def of(self, chosen: Bools) -> "Cohort":
        return Cohort(self.persons[chosen].copy(), self.group[chosen])

    def share(self, yes: Bools, among: Bools | None = None) -> Estimate:
        """Return the share of persons for whom `yes` holds (among some), by the delta method over groups."""
        below = np.ones(len(self), dtype=bool) if among is None else among
        return ratio(grouped(self.group, yes & below), grouped(self.group, below))

    def jackknife(self, statistic: Callable[[Ints], float]) -> Estimate:
        """Return a statistic of the persons kept (indices), its error by leaving out a group at a time."""
        everyone = np.arange(len(self))
        if not len(self):
            return Estimate(np.nan, np.nan)
        parts = np.array([statistic(everyone[self.group != g]) for g in np.unique(self.group)])
        spread = np.sqrt((parts.size - 1) / parts.size * ((parts - parts.mean()) ** 2).sum())
        return Estimate(float(statistic(everyone)), float(spread))


def grouped(group: Ints, yes: NDArray[Any]) -> Floats:
    """Return sums by group of source persons, shape (group,)."""
    return np.bincount(group, weights=yes, minlength=GROUPS)


def ratio(above: Floats, below: Floats) -> Estimate:
    """Return a ratio of totals and its error by the delta method. above, below : (group,)"""
    total = below.sum()
    if total == 0.0:
        return Estimate(np.nan, np.nan)
    value = above.sum() / total
    residual = above - value * below
    n = residual.size
    return Estimate(float(value), float(np.sqrt(n / (n - 1) * ((residual - residual.mean()) ** 2).sum()) / total))


@dataclass(frozen=True)
class World:
    """The model under one set of values, and how many persons a study may draw.

    people : persons at month 0, all strata; those of a study are a quarter of them
    """

    documents: Registry
    people: int
    seed: int
    states: Mapping[str, tuple[int, ...]]  # instrument -> states of health that it calls the outcome
    design: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # study -> numbers of its protocol
    jobs: int = 1

    @cached_property
    def values(self) -> Values:
        return Values({name: parameter.value for name, parameter in self.documents.items()})

    @cached_property
    def tables(self) -> Tables:
        return build_tables([self.values])

    @cached_property
    def past(self) -> Past:
        return population.own_past(self.values, self.people, self.seed, self.jobs)

    @cached_property
    def base(self) -> Population:
        return population.resample(self.past, self.values, self.people, self.seed)

    @cached_property
    def pool(self) -> tuple[Any, Floats, Ints]:
        """Persons in cross-sections three months apart, with weight and group: those whom a trial may ask."""
        everyone = self.base.of(OPEN)
        persons, weight = everyone.persons.copy(), everyone.person_weights()
        group = np.repeat(everyone.batch, np.diff(everyone.starts))
        ever = persons["now"][:, Now.HEALTH] != Health.NEVER
        persons, weight, group = persons[ever], weight[ever], group[ever]
        found = [persons.copy()]
        for k in range(1, CROSS_SECTIONS):
            live(persons, self.tables, APART * k, first=APART * (k - 1), diary=False)
            later = persons.copy()
            later["fixed"][:, Fixed.BIRTH_MONTH] -= APART * k
            found.append(later)
        everybody = np.concatenate(found).view(np.recarray)
        return everybody, np.tile(weight, CROSS_SECTIONS), np.tile(group, CROSS_SECTIONS)

    @property
    def size(self) -> int:
        """Persons of a study."""
        return max(200, self.people // 4)

    def draw(self, study: str, eligible: Callable[[NDArray[np.int32], NDArray[np.int32]], Bools], n: int) -> Cohort:
        """Return `n` persons of the pool for whom `eligible(now, age in years)` holds, each with luck of its own."""
        persons, weight, group = self.pool
        age = -persons["fixed"][:, Fixed.BIRTH_MONTH] // 12
        alive = persons["now"][:, Now.HEALTH] < Health.DEAD_SUICIDE
        return drawn(persons, np.where(alive & eligible(persons["now"], age), weight, 0.0), group, study, self.seed, n)

    def first_episodes(self, study: str, n: int) -> Cohort:
        """Return `n` persons whose first episode begins in month 0, by the law of incidence."""
        people = self.base.of((6,))
        group = np.repeat(people.batch, np.diff(people.starts))
        cohort = drawn(people.persons, people.person_weights(), group, study, self.seed, n)
        cohort.persons["fixed"][:, Fixed.ENTRY] = 0
        return cohort

    def reached(self, health: NDArray[Any], instrument: str) -> Bools:
        """Tell who has reached what this instrument calls the outcome (targets.toml, [instrument.*])."""
        return np.isin(health, self.states[instrument])


def drawn(persons: Any, weight: Floats, group: Ints, study: str, seed: int, n: int) -> Cohort:
    """Return `n` copies drawn systematically by weight, with luck addressed by the study's name."""
    if weight.sum() <= 0.0:
        return Cohort(persons[:0].copy(), group[:0])
    address = zlib.crc32(study.encode())
    rng = np.random.Generator(np.random.Philox(key=[seed, address]))
    chosen = population.systematic(weight, n, rng)
    out = persons[chosen].copy()
    out["key"] = chance.keys(seed, n, first=address << 20)
    out["fixed"][:, Fixed.ENTRY] = 0
    out["now"][:, [Now.SINCE, Now.QUIET_UNTIL, Now.WAITING_FOR, Now.MONTHS_WAITING]] = 0
    return Cohort(out, group[chosen])


def live(persons: Any, tables: Tables, last: int, first: int = 0, diary: bool = True) -> NDArray[np.int16]:
    """Let persons live months `first` to `last` - 1, in place; return their diary, (person, month, Diary)."""
    n = len(persons)
    people = People(persons, np.array([0, n]), np.zeros(1, np.int64), np.ones(1))
    books = simulation.new_books(1, last, 1, diaries=n if diary else 0)
    calendar = simulation.new_calendar(np.zeros(last, np.int32), years=False)
    simulation.advance(people, first, last, tables, calendar, books)
    return books.diary[:, first:last]


def undying(tables: Tables) -> Tables:
    """Return tables under which nobody dies or harms themselves: deaths neither censor nor hide an outcome."""
    out = Tables(*(table.copy() for table in tables))
    out.mortality["other"] = 0.0
    out.suicide["rate"] = 0.0
    return out


def trial_care(tables: Tables) -> Tables:
    """Return tables of a protocol: everybody keeps what they were given; nothing else begins or stops."""
    out = undying(tables)
    for name in ("retry", "next_line", "access", "stop_ill", "stop_well", "continuation_ect"):
        out.treatment[name] = 0.0
    for name in ("seek", "refer", "expert", "leave", "admission", "come_back_to_gp", "participation"):
        out.care[name] = 0.0
    return out


def give(cohort: Cohort, treatment: Treatment, chosen: Bools | None = None, care: Care | None = None) -> Cohort:
    """Begin a treatment at an adequate dose, in place, for those chosen (all by default)."""
    now, who = cohort.persons["now"], slice(None) if chosen is None else chosen
    now[who, Now.TREATMENT] = treatment
    now[who, Now.MONTHS_ON_TREATMENT] = 0
    now[who, Now.ADEQUATE_DOSE] = 1
    now[who, Now.STABLE_MONTHS] = 0
    if care is not None:
        now[who, Now.CARE] = care
    return cohort


def health_of(diary: NDArray[np.int16]) -> NDArray[np.int16]:
    return diary[:, :, Diary.HEALTH]


def in_episode(health: NDArray[Any]) -> Bools:
    return np.asarray((health >= Health.MILD) & (health <= Health.SEVERE))


def first_month(yes: Bools) -> Ints:
    """Return the first month (1 for the first column) in which `yes` holds, the number of months + 1 if never."""
    return np.where(yes.any(axis=1), yes.argmax(axis=1) + 1, yes.shape[1] + 1)


def median_time(month: Ints, cohort: Cohort) -> Estimate:
    """Return the median of a time known to the month, interpolated within it; error by jackknife over groups."""

    def median(kept: Ints) -> float:
        times = np.sort(month[kept])
        half = 0.5 * times.size
        at = int(times[min(int(half), times.size - 1)])
        below, within = int((times < at).sum()), int((times == at).sum())
        return float(at - 1 + (half - below) / max(within, 1))

    return cohort.jackknife(median)
