"""People at month 0 and those who enter later: their past is the model's own (model.md, section 2).

1 `residents`: a sample of residents by sex, age and region, with attributes drawn from stated laws;
2 `spin_up`: those ever ill live from onset to today in the same kernel, conditional on being alive today;
3 `margins`, `rake`: weights are raked to the published margins, each within a stated tolerance;
4 `resample`: people are drawn again so that weights are equal within a few strata and the nation is restored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtr

from model import chance, simulation
from model.compiled import jit
from model.inputs import Registry, load_table
from model.margins import Margin, margins, rake
from model.phases import Values
from model.scenario import START, month_number
from model.simulation import People, new_books, new_calendar, new_persons
from model.states import AGE_BANDS, Fixed, Hospital, Now, Trait
from model.tables import Tables
from model.transitions import SEXES, band_of_age, build_tables, density_by_region, life_table, mortality_record

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BATCHES = 50
PAST_CYCLES = 1200  # the spin-up's clock: month 0 of the run is its cycle 1200
CERTAIN = 1e9  # multiplier that makes an onset certain
START_YEAR = month_number(START) // 12
NORMAL = np.linspace(-6.0, 6.0, 3_001)  # where quantiles of frailty are worked out
POOL = 20_000  # residents drawn, at least
CANDIDATES = 3  # persons drawn for each one whose past is lived
EVENNESS = 0.1  # the less, the more they are those whose episodes last, see `draw_past`
AGES_AT_ONCE = 8  # whose laws of onset are worked out together, up to these ages
ENTRANT_AGES = 15  # years under 15: they enter on their fifteenth birthday

STRATA = ("trd_ill", "trd_other", "ill", "well", "never", "entrant", "incident")
SHARES = (0.34, 0.10, 0.20, 0.12, 0.12, 0.02, 0.10)
OPEN = (0, 1, 2, 3, 4, 5)  # strata of the open population
CLOSED = (0, 1, 2, 3, 6)  # strata of the closed cohort


class Allocation(NamedTuple):
    """How a sample is shared out: the share of each stratum (they sum to 1), and the batches each is cut into."""

    shares: tuple[float, ...]
    batches: int


ALLOCATION = Allocation(SHARES, BATCHES)


@dataclass(frozen=True)
class Population:
    """People in seven strata; `open` and `closed` share those of the first four.

    people : all strata; stratum : (slice,) stratum of each slice
    report : one row a margin: name, target, before raking, after raking
    """

    people: People
    stratum: Ints
    report: list[Margin]

    def of(self, strata: Sequence[int]) -> People:
        return self.people.of_slices(np.isin(self.stratum, strata))


def generator(seed: int, stage: int) -> np.random.Generator:
    """Return the named generator (Philox) of one stage of the sampling."""
    return np.random.Generator(np.random.Philox(key=[seed, stage]))


@cache
def resident_table() -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Return region row, sex, youngest and oldest completed age, and persons of each cell, 1 January 2023."""
    table = load_table("population_2023_region_age_sex")
    codes = load_table("regions")["region"].tolist()
    region = np.array([codes.index(code) for code in table["region"]])
    sex = (table["sex"] == "F").astype(np.int64)
    high = np.where(np.isnan(table["age_hi"]), 99.0, table["age_hi"])
    return region, sex, table["age_lo"].astype(float), high, table["pop"].astype(float)


def systematic(weights: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Return `n` indices drawn by systematic sampling with probability proportional to weight."""
    total = np.cumsum(weights)
    return np.searchsorted(total, (rng.random() + np.arange(n)) / n * total[-1], side="right").clip(0, weights.size - 1)


def residents(v: Values, n: int, seed: int, ages: tuple[int, int] = (15, 110)) -> tuple[Any, float]:
    """Return `n` residents of these ages (lowest, highest completed age) and their number in the nation."""
    rng = generator(seed, 1 + ages[0])
    region, sex, low, high, pop = resident_table()
    low, high = np.maximum(low, ages[0]), np.minimum(high, ages[1])
    width = np.maximum(0.0, high - low + 1.0)
    full = load_full_width()
    cell_pop = pop * width / full
    cell = systematic(cell_pop, n, rng)
    months = np.floor(12.0 * low[cell] + 12.0 * width[cell] * rng.random(n)).astype(np.int64)
    persons = new_persons(n)
    fixed = persons["fixed"]
    fixed[:, Fixed.SEX], fixed[:, Fixed.REGION] = sex[cell], region[cell]
    fixed[:, Fixed.BIRTH_MONTH] = -months
    attributes(fixed, v, rng)
    persons["trait"] = traits(fixed, v, rng)
    return persons, float(cell_pop.sum())


@cache
def load_full_width() -> Floats:
    """Return the number of completed years of age of each cell of the resident table."""
    _, _, low, high, _ = resident_table()
    return high - low + 1.0


def attributes(fixed: NDArray[np.int32], v: Values, rng: np.random.Generator) -> None:
    """Draw attributes that do not change, each from the law of `population.toml`."""
    n = fixed.shape[0]
    sex, age = fixed[:, Fixed.SEX], -fixed[:, Fixed.BIRTH_MONTH] / 12.0
    fixed[:, Fixed.DEPRIVATION] = rng.integers(0, 5, n)
    anxious = rng.random(n) < np.array(v["population.anxiety.share"])[sex]
    fixed[:, Fixed.ANXIETY] = anxious
    fixed[:, Fixed.SUBSTANCE] = rng.random(n) < substance_share(v, sex, anxious)
    fixed[:, Fixed.PERSONALITY] = rng.random(n) < v["population.personality.share"]
    fixed[:, Fixed.BIPOLAR] = rng.random(n) < v["population.bipolar.share"]
    level, slope = v["population.somatic.logit"]
    fixed[:, Fixed.SOMATIC] = rng.random(n) < 1.0 / (1.0 + np.exp(-level - slope * (age - 51.0)))
    shares = np.array(v["population.hospital.share"])
    fixed[:, Fixed.HOSPITAL] = np.minimum(
        np.searchsorted(np.cumsum(shares / shares.sum()), rng.random(n), side="right"), len(Hospital) - 1
    )
    fixed[:, Fixed.CAREGIVER] = rng.random(n) < v["population.caregiver.share"]
    covered = np.array(v["population.complementary.share"])[fixed[:, Fixed.DEPRIVATION]]
    fixed[:, Fixed.COMPLEMENTARY] = rng.random(n) < covered


def substance_share(v: Values, sex: NDArray[np.int32], anxious: NDArray[np.bool_]) -> Floats:
    """Return P(substance use) given anxiety, keeping each sex's margin and the stated odds ratio."""
    given, without = substance_shares(
        v["population.substance.share"],
        v["population.anxiety.share"],
        float(v["population.substance.anxiety_odds_ratio"]),
    )
    return np.where(anxious, given[sex], without[sex])


@lru_cache(maxsize=8)
def substance_shares(
    substance: tuple[float, ...], anxiety: tuple[float, ...], odds_ratio: float
) -> tuple[Floats, Floats]:
    """Return P(substance use) with and without anxiety, by sex."""
    share, anxious = np.array(substance), np.array(anxiety)
    without = share.copy()
    for _ in range(60):
        odds = without / (1.0 - without)
        given = odds_ratio * odds / (1.0 + odds_ratio * odds)
        without *= share / (anxious * given + (1.0 - anxious) * without)
    odds = without / (1.0 - without)
    return odds_ratio * odds / (1.0 + odds_ratio * odds), without


def frailties(v: Values, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return latent treatment response and latent recurrence, gamma of mean 1, by Gaussian copula."""
    a = rng.standard_normal(n)
    r = float(v["course.frailty.correlation"])
    b = r * a + np.sqrt(1.0 - r * r) * rng.standard_normal(n)
    out = []
    for z, name in ((a, "response"), (b, "recurrence")):
        quantile = log_quantiles(float(v[f"course.frailty.{name}_variance"]))
        out.append(np.exp(np.interp(z, NORMAL, quantile)))  # within a hundred-thousandth of the gamma quantile
    return out[0], out[1]


@lru_cache(maxsize=8)
def log_quantiles(variance: float) -> Floats:
    """Return the logarithm of the quantiles, at `NORMAL`, of a gamma of mean 1 and this variance."""
    return np.log(gammaincinv(1.0 / variance, ndtr(NORMAL)) * variance)


def traits(fixed: NDArray[np.int32], v: Values, rng: np.random.Generator) -> Floats:
    """Return each person's multipliers, shape (person, Trait): covariates times frailty."""
    n = fixed.shape[0]
    response, recurrence = frailties(v, n, rng)
    out = multipliers(fixed, v, response, recurrence)
    out[:, Trait.SESAME_RANK] = rng.random(n)
    return out


def multipliers(fixed: NDArray[np.int32], v: Values, response: Floats, recurrence: Floats) -> Floats:
    """Return what attributes and latent traits multiply hazards by, shape (person, Trait)."""

    def when(column: Fixed, name: str) -> Floats:
        return np.where(fixed[:, column] == 1, float(v[name]), 1.0)

    def by_fifth(name: str) -> Floats:
        return np.asarray(float(v[name]) ** (np.arange(5) - 2.0))[fixed[:, Fixed.DEPRIVATION]]

    region = fixed[:, Fixed.REGION]
    out = np.ones((fixed.shape[0], len(Trait)))
    out[:, Trait.ONSET] = by_fifth("course.covariate.deprivation.onset_ratio")
    out[:, Trait.ONSET] *= np.array(v["course.region.onset_ratio"])[region]
    out[:, Trait.REMISSION] = (
        response
        * when(Fixed.ANXIETY, "course.covariate.anxiety.remission_ratio")
        * when(Fixed.SUBSTANCE, "course.covariate.substance.remission_ratio")
        * when(Fixed.SOMATIC, "course.covariate.somatic.remission_ratio")
    )
    out[:, Trait.RELAPSE] = recurrence * when(Fixed.PERSONALITY, "course.covariate.personality.relapse_ratio")
    out[:, Trait.TREATMENT_RESPONSE] = when(Fixed.BIPOLAR, "course.covariate.bipolar.treatment_response")
    out[:, Trait.ATTEMPT] = (
        when(Fixed.SUBSTANCE, "suicide.covariate.substance_ratio")
        * when(Fixed.ANXIETY, "suicide.covariate.anxiety_ratio")
        * when(Fixed.PERSONALITY, "suicide.covariate.personality_ratio")
        * when(Fixed.BIPOLAR, "suicide.covariate.bipolar_ratio")
    )
    out[:, Trait.SEEK] = (
        np.where(fixed[:, Fixed.SEX] == 1, float(v["care.seek.women_ratio"]), 1.0)
        * by_fifth("care.seek.deprivation_ratio")
        * np.where(fixed[:, Fixed.COMPLEMENTARY] == 0, float(v["care.seek.no_complementary_ratio"]), 1.0)
        * when(Fixed.CAREGIVER, "care.seek.caregiver_ratio")
    )
    uncovered = fixed[:, Fixed.COMPLEMENTARY] == 0
    out[:, Trait.STOP] = (
        when(Fixed.CAREGIVER, "population.caregiver.stop_ratio")
        * when(Fixed.PERSONALITY, "population.personality.stop_ratio")
        * np.where(uncovered, float(v["care.forgone.stop_ratio"]), 1.0)
    )
    out[:, Trait.LEAVE] = when(Fixed.CAREGIVER, "population.caregiver.leave_ratio")
    out[:, Trait.LEAVE] *= np.where(uncovered, float(v["care.forgone.leave_ratio"]), 1.0)
    density = density_by_region() ** float(v["care.refer.density_elasticity"])
    out[:, Trait.SPECIALIST] = density[region] * by_fifth("population.deprivation.specialist_ratio")
    out[:, Trait.MORTALITY] = float(v["mortality.ever_depressed.hazard_ratio"]) * when(
        Fixed.SOMATIC, "mortality.somatic.hazard_ratio"
    )
    out[:, Trait.SEVERITY] = np.where(fixed[:, Fixed.SEX] == 1, float(v["course.severity.women_odds_ratio"]), 1.0)
    return out


def cumulative_onset(v: Values) -> Floats:
    """Return today's cumulated hazard of a first episode at the start of each month of age, shape (sex, month)."""
    return np.concatenate([np.zeros((2, 1)), np.cumsum(np.repeat(onset_by_age(v), 12, axis=1) / 12.0, axis=1)], axis=1)


def onset_by_age(v: Values) -> Floats:
    """Return today's hazard of a first episode by sex and completed age, a year, shape (2, 111)."""
    band = band_of_age()
    rate = np.stack([np.array(v[f"course.onset.annual_rate.{sex}"])[band] for sex in SEXES])
    rate[:, : AGE_BANDS[0]] = 0.0
    return rate


def past_onset(v: Values) -> Floats:
    """Return the hazard of a first episode that people met, by completed age today, sex and age then: (111, 2, 111).

    Surveys with one questionnaire found about half as many people ill twenty years ago: the hazard of each calendar
    year is today's times `course.onset.past_ratio`, that of the under 25 apart, to the power of the part of the rise
    that first episodes bore, `course.onset.past_share`.
    """
    today = onset_by_age(v)
    age = np.arange(today.shape[1])
    year = START_YEAR - age[:, None] + age  # when people of each age today (rows) were of each age then
    years = v["course.onset.past_year"]
    older, young = (np.interp(year, years, v[f"course.onset.past_ratio.{who}"]) for who in ("from_25", "under_25"))
    ratio = np.where(age < AGE_BANDS[1], young, older) ** v["course.onset.past_share"]
    return np.asarray(ratio[:, None, :] * today)


@dataclass(frozen=True)
class OnsetLaws:
    """When those ever ill fell ill, among people alive today; a law a group of age, sex and covariates.

    group : (person,) the law of each; hazard : (law, age) of a first episode, a year
    cumulated : (law, age) hazard before each birthday
    ever : (law, age) share ill before each birthday, each onset divided by survival then (mid-year): times survival
        at an age, those ill before whom the excess has left, against exp(-cumulated), those never ill
    mortality : (law,) the law of excess mortality of each
    excess : (mortality law, age) hazard of death of the ever-ill beyond that of the never ill, a year
    survival, mid_year : (mortality law, age) of the excess, from birth to each birthday, to the middle of each year
    Ages that people of a law have not come to are not worked out.
    """

    group: Ints
    hazard: Floats
    cumulated: Floats
    ever: Floats
    mortality: Ints
    excess: Floats
    survival: Floats
    mid_year: Floats

    def of(self, rows: Ints) -> "OnsetLaws":
        """Return the laws of some of the persons."""
        return replace(self, group=self.group[rows])

    def ill_before(self, months: Ints) -> tuple[Floats, Floats]:
        """Return `ever` and the share never ill at each person's age in months, (person,)."""
        g, age, part = self.group, months // 12, months % 12 / 12.0
        birthday = np.exp(-self.cumulated[g, age])
        never = birthday * np.exp(-part * self.hazard[g, age])
        return self.ever[g, age] + (birthday - never) / self.mid_year[self.mortality[g], age], never


def onset_laws(persons: Any, v: Values) -> OnsetLaws:
    """Return the law of onset of each person among the living.

    Excess mortality begins with onset and stays, whatever the state (`mortality.ever_depressed.hazard_ratio`).
    """
    fixed, trait = persons["fixed"], persons["trait"]
    onset, of_onset = np.unique(trait[:, Trait.ONSET], return_inverse=True)
    mortality, of_mortality = np.unique(trait[:, Trait.MORTALITY], return_inverse=True)
    shape = (len(life_table()[0]), 2, onset.size, mortality.size)
    columns = (-fixed[:, Fixed.BIRTH_MONTH] // 12, fixed[:, Fixed.SEX], of_onset.ravel(), of_mortality.ravel())
    codes, group = np.unique(np.ravel_multi_index(columns, shape), return_inverse=True)
    age, sex, o, m = np.unravel_index(codes, shape)
    other = 12.0 * np.asarray(mortality_record(v)["other"], dtype=float)
    excess = ((mortality[:, None] - 1.0) * other[:, None]).reshape(-1, other.shape[1])
    survival = np.exp(excess - np.cumsum(excess, axis=1))
    mid_year, law = survival * np.exp(-0.5 * excess), sex * mortality.size + m
    hazard, cumulated, ever = np.zeros((3, codes.size, other.shape[1]))
    past = past_onset(v)
    for first in range(0, len(past), AGES_AT_ONCE):  # laws are in the order of age
        rows = slice(*np.searchsorted(age, [first, first + AGES_AT_ONCE]))
        here = rows, slice(first + AGES_AT_ONCE)
        h = past[age[rows], sex[rows], here[1]] * onset[o[rows]][:, None]
        before = np.cumsum(h, axis=1) - h
        mass = np.exp(-before) * -np.expm1(-h) / mid_year[law[rows], here[1]]
        hazard[here], cumulated[here], ever[here] = h, before, np.cumsum(mass, axis=1) - mass
    return OnsetLaws(group.ravel(), hazard, cumulated, ever, law, excess, survival, mid_year)


def ever_ill_probability(persons: Any, laws: OnsetLaws) -> Floats:
    """Return each resident's probability of a first episode before month 0, given that they are alive."""
    months = -persons["fixed"][:, Fixed.BIRTH_MONTH]
    ever, never = laws.ill_before(months)
    g, age, part = laws.group, months // 12, months % 12 / 12.0
    law = laws.mortality[g]
    ever = ever * laws.survival[law, age] * np.exp(-part * laws.excess[law, age])
    return np.asarray(ever / (ever + never))


@jit
def birthdays_before(target: Floats, ever: Floats, law: Ints, age: Ints) -> Ints:
    """Return how many birthdays, up to today's age, a share `ever` not above the target comes before, (person,)."""
    out = np.zeros(target.size, dtype=np.int64)
    for i in range(target.size):
        for birthday in range(age[i] + 1):
            out[i] += ever[law[i], birthday] <= target[i]
    return out


def months_since_onset(persons: Any, laws: OnsetLaws, rng: np.random.Generator) -> Ints:
    """Return how long ago each ever-ill person's first episode began, by inversion of its law, months."""
    months = -persons["fixed"][:, Fixed.BIRTH_MONTH]
    g = laws.group
    target = rng.random(len(persons)) * laws.ill_before(months)[0]
    age = birthdays_before(target, laws.ever, g, months // 12) - 1
    inside = (target - laws.ever[g, age]) * laws.mid_year[laws.mortality[g], age] * np.exp(laws.cumulated[g, age])
    hazard = laws.hazard[g, age]
    month = 12 * age + np.minimum(11, np.floor(-12.0 * np.log1p(-inside) / hazard)).astype(np.int64)
    return np.maximum(1, months - month)


def spin_up(persons: Any, v: Values, since: Ints, jobs: int) -> None:
    """Let the ever-ill live from onset to month 0, in place: nobody dies (they are alive today)."""
    n = len(persons)
    fixed, trait = persons["fixed"], persons["trait"]
    onset = trait[:, Trait.ONSET].copy()
    since = np.minimum(since, PAST_CYCLES)
    fixed[:, Fixed.BIRTH_MONTH] += PAST_CYCLES
    fixed[:, Fixed.ENTRY] = PAST_CYCLES - since
    trait[:, Trait.ONSET] = CERTAIN
    tables = immortal(build_tables([v]))
    starts = np.linspace(0, n, 4 * jobs + 1).astype(np.int64)
    people = People(persons, starts, np.zeros(4 * jobs, np.int64), np.ones(4 * jobs))
    calendar = new_calendar(np.zeros(PAST_CYCLES, np.int32), years=False)
    books = new_books(4 * jobs, PAST_CYCLES, 1, by_month=False)
    simulation.advance(people, 0, PAST_CYCLES, tables, calendar, books, jobs)
    fixed[:, Fixed.BIRTH_MONTH] -= PAST_CYCLES
    fixed[:, Fixed.ENTRY] = 0
    trait[:, Trait.ONSET] = onset
    now = persons["now"]
    now[:, [Now.SINCE, Now.QUIET_UNTIL, Now.WAITING_FOR, Now.MONTHS_WAITING]] = 0
    now[:, Now.HOSPITAL_YEAR] = -1


def immortal(tables: Tables) -> Tables:
    """Return tables under which nobody dies: the past of people who are alive today."""
    for name, field in (("mortality", "other"), ("suicide", "lethality")):
        getattr(tables, name)[field] = 0.0
    return tables


def stratum_of(persons: Any) -> Ints:
    """Return the stratum of each ever-ill person: resistant and ill, resistant, ill, well."""
    now = persons["now"]
    recent = now[:, Now.MONTHS_SINCE_ILL] < 12
    resistant = now[:, Now.FAILED] >= 2
    visible = now[:, Now.MONTHS_SINCE_VISIBLE] < 24
    return np.select([resistant & recent, resistant | visible, recent], [0, 1, 2], 3)


@dataclass(frozen=True)
class Past:
    """The model's own past, before any margin: residents, and those ever ill as they are today.

    pool : residents aged 15 and over, never simulated; probability : of each, to have been ill before month 0
    nation : residents they stand for
    persons : a sample of the ever-ill; weight : persons of the nation each stands for, (person,)
    """

    pool: Any
    probability: Floats
    nation: float
    persons: Any
    weight: Floats


def own_past(
    registry: Registry | Values,
    people: int,
    seed: int,
    jobs: int = 1,
    past: float = 2.0,
    least: int = POOL,
    evenness: float = EVENNESS,
) -> Past:
    """Return residents and the ever-ill, simulated from onset to month 0; arguments as for `build`."""
    v = values_of(registry)
    pool, nation = residents(v, max(least, 4 * people), seed)
    laws = onset_laws(pool, v)
    probability = ever_ill_probability(pool, laws)
    rng = generator(seed, 101)
    n_past = int(past * sum(stratum_sizes(people)[:4]))
    persons, initial, rows = draw_past(pool, probability, n_past, v, rng, evenness)
    persons["key"] = chance.keys(seed, n_past, first=1 << 40)
    spin_up(persons, v, months_since_onset(persons, laws.of(rows), rng), jobs)
    return Past(pool, probability, nation, persons, nation * float(probability.mean()) * initial)


def build(
    registry: Registry | Values,
    people: int,
    seed: int,
    jobs: int = 1,
    past: float = 2.0,
    allocation: Allocation = ALLOCATION,
    pool: int = POOL,
    evenness: float = EVENNESS,
) -> Population:
    """Return about `people` persons whose weighted sum is the nation aged 15 and over.

    past : persons simulated from onset to today for each one kept among the ever-ill; pool : residents that they are
    drawn from, at least; evenness : of their choice, see `draw_past`
    """
    return resample(own_past(registry, people, seed, jobs, past, pool, evenness), registry, people, seed, allocation)


def values_of(registry: Registry | Values) -> Values:
    return registry if isinstance(registry, Values) else Values(registry.in_force)


def stratum_sizes(people: int, allocation: Allocation = ALLOCATION) -> list[int]:
    """Return the persons of each stratum, whole batches."""
    batches = allocation.batches
    return [max(batches, round(people * share / batches) * batches) for share in allocation.shares]


def resample(
    own: Past, registry: Registry | Values, people: int, seed: int, allocation: Allocation = ALLOCATION
) -> Population:
    """Rake the model's own past to the published margins and draw about `people` persons of equal weight a stratum."""
    v = values_of(registry)
    pool, probability, nation, past_people = own.pool, own.probability, own.nation, own.persons
    counts = stratum_sizes(people, allocation)
    weight, report = rake(own.weight, margins(past_people, v, nation))
    sources = [past_people] * 4 + [pool] * 3
    stratum = stratum_of(past_people)
    ever = np.bincount(stratum, weights=weight, minlength=4)
    entrants, young = residents(v, max(allocation.batches * 4, counts[5] * 2), seed, (0, ENTRANT_AGES - 1))
    sources[5] = entrants
    never_weight = (1.0 - probability) * (nation - weight.sum()) / float((1.0 - probability).sum())
    incident = never_weight * first_year_onset(pool, v)
    weights = [np.where(stratum == k, weight, 0.0) for k in range(4)]
    weights += [never_weight, np.full(len(entrants), young / len(entrants)), incident]
    totals = [*ever.tolist(), float(never_weight.sum()), young, float(incident.sum())]
    return Population(*assemble(sources, weights, totals, counts, allocation.batches, seed), report)


def draw_past(
    pool: Any, probability: Floats, n: int, v: Values, rng: np.random.Generator, evenness: float
) -> tuple[Any, Floats, NDArray[np.intp]]:
    """Return n ever-ill persons to live the past, the share of the ever-ill and the row of the pool of each, (n,).

    Drawn in two phases (Neyman 1938): candidates by their probability of having been ill, then more of those whose
    episodes last, because resistance is rare and comes mostly from them; weights undo the second choice. A resident
    drawn more than once has latent traits of their own each time.

    evenness : they are chosen by 1 / (this + their multiplier of remission). Where few are lived, this must not be
    small: in a class of a margin that few are in, raking gives the target to whoever is there, whatever their weight
    (the bias of a ratio), and so leans on those who were favoured.
    """
    rows = systematic(probability, CANDIDATES * n, rng)
    response, recurrence = frailties(v, CANDIDATES * n, rng)
    one = np.ones(len(pool))
    plain = multipliers(pool["fixed"], v, one, one)
    favour = 1.0 / (evenness + plain[rows, Trait.REMISSION] * response)
    for _ in range(10):  # nobody is drawn twice
        favour = np.minimum(favour, CANDIDATES * favour.mean())
    chosen = systematic(favour, n, rng)
    rng.shuffle(chosen)
    weight, rows = 1.0 / favour[chosen], rows[chosen]
    persons, trait = pool[rows], plain[rows]
    trait[:, Trait.REMISSION] *= response[chosen]
    trait[:, Trait.RELAPSE] *= recurrence[chosen]
    trait[:, Trait.SESAME_RANK] = rng.random(n)
    persons["trait"] = trait
    return persons, weight / weight.sum(), rows


def patients_of(people: People, region: int, share: float, least: int, seed: int) -> People:
    """Return the patients of one region's GPs who may come to work with a SÉSAME nurse, oversampled.

    share : share of GPs who ever take part; the rank of each person's GP is spread evenly below it
    least : persons wanted at least; each resident of the sample is copied often enough, with luck of their own
    The slices are those of `people`, weighted so that their sum is the patients of these GPs.
    """
    mine = people.persons["fixed"][:, Fixed.REGION] == region
    sizes = np.diff(people.starts)
    slices = np.repeat(np.arange(people.slices), sizes)[mine]
    copies = max(1, -(-least // max(1, int(mine.sum()))))
    persons = np.repeat(people.persons[mine], copies).view(np.recarray)
    rng = generator(seed, 103)
    persons["trait"][:, Trait.SESAME_RANK] = share * rng.permutation((np.arange(len(persons)) + 0.5) / len(persons))
    persons["key"] = chance.keys(seed, len(persons), first=1 << 41)
    counts = copies * np.bincount(slices, minlength=people.slices)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return People(persons, starts, people.batch, people.weight * share / copies)


def first_year_onset(persons: Any, v: Values) -> Floats:
    """Return each never-ill resident's probability of a first episode within twelve months."""
    sex, months = persons["fixed"][:, Fixed.SEX], -persons["fixed"][:, Fixed.BIRTH_MONTH]
    cumulated = cumulative_onset(v)
    last = cumulated.shape[1] - 1
    hazard = cumulated[sex, np.minimum(months + 12, last)] - cumulated[sex, months]
    return -np.expm1(-hazard * persons["trait"][:, Trait.ONSET])


def assemble(
    sources: list[Any], weights: list[Floats], totals: list[float], counts: list[int], batches: int, seed: int
) -> tuple[People, Ints]:
    """Draw each stratum's people batch by batch from disjoint sources, with equal weights."""
    rng = generator(seed, 102)
    rows, stratum, batch, slice_weight, sizes = [], [], [], [], []
    for k, count in enumerate(counts):
        size = count // batches
        some = np.flatnonzero(weights[k] > 0.0)
        for b in range(batches):
            mine = some[some % batches == b]
            if mine.size == 0:  # a small sample: let the batch borrow from the others
                mine = some
            chosen = mine[systematic(weights[k][mine], size, rng)]
            rows.append(sources[k][chosen])
            stratum.append(k)
            batch.append(b)
            sizes.append(size)
            slice_weight.append(totals[k] / size)
    persons = np.concatenate(rows).view(np.recarray)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    people = People(persons, starts, np.array(batch), np.array(slice_weight))
    which = np.repeat(np.array(stratum), sizes)
    persons["key"] = chance.keys(seed, len(persons))
    enter_later(persons, which, rng)
    return people, np.array(stratum)


def enter_later(persons: Any, stratum: Ints, rng: np.random.Generator) -> None:
    """Set the entry of those under 15 (fifteenth birthday) and of the first year's onsets."""
    fixed = persons["fixed"]
    entrant, incident = stratum == 5, stratum == 6
    fixed[entrant, Fixed.ENTRY] = 12 * ENTRANT_AGES + fixed[entrant, Fixed.BIRTH_MONTH]
    fixed[incident, Fixed.ENTRY] = rng.integers(0, 12, int(incident.sum()))
    persons["trait"][incident, Trait.ONSET] = CERTAIN
