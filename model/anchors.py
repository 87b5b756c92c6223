"""The baseline beside its sources: national totals of the first year, each with its Monte Carlo error.

Targets are parameters `anchor.*` (value, range, source); measures are one function each, of people at
month 0 and of the open population's ledgers. What cannot be met together is shown, not hidden.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.expectation import OTHER_DEATHS, STAYS, SUICIDES, SUICIDES_ILL, expected_acts
from model.inputs import SOLVED, Bilingual, Registry, read_toml
from model.ledgers import Ledgers, mean_and_error
from model.margins import true_share
from model.phases import Values
from model.population import Population
from model.simulation import People
from model.states import Ald, Event, Fixed, Health, Now, Resource, Trd
from model.transitions import build_tables

Floats = NDArray[np.float64]

RESISTANT = [Trd.BROAD, Trd.BOTH]
VISIBLE = [Trd.CLAIMS_VISIBLE, Trd.BOTH]
ILL = [Health.MILD, Health.MODERATE, Health.SEVERE]
ALIVE = [h for h in Health if h < Health.DEAD_SUICIDE]
ADULT = 18  # years
DAYS = range(Resource.EPSM_DAY_TO_30, Resource.CLINIC_DAY_FROM_31 + 1)


@dataclass(frozen=True)
class Anchor:
    """One published figure and the model's; `before` is the model before the solve, NaN if unknown."""

    id: str
    name: Bilingual
    unit: str
    target: float
    low: float
    high: float
    source: str
    grade: str
    checked: str
    before: float
    after: float
    after_mc_se: float

    @property
    def inside(self) -> bool:
        """Whether the model lies in the sources' range, give or take two Monte Carlo errors."""
        slack = 2.0 * self.after_mc_se
        return self.low - slack <= self.after <= self.high + slack

    @property
    def verdict(self) -> str:
        return "inside" if self.inside else "outside"


@dataclass(frozen=True)
class Start:
    """Persons at month 0 and the weight of each within its batch, to measure stocks with their error."""

    people: People
    now: NDArray[np.int32]
    weight: Floats
    batch: NDArray[np.int64]
    batches: int

    def total(self, chosen: NDArray[np.bool_]) -> Floats:
        return np.bincount(self.batch[chosen], self.weight[chosen], minlength=self.batches).astype(float)


def start_of(population: Population) -> Start:
    """Return persons aged 15 and over at month 0 (no entrants, no first-year onsets)."""
    people = population.of((0, 1, 2, 3, 4))
    sizes = np.diff(people.starts)
    return Start(
        people,
        people.persons["now"],
        np.repeat(people.weight, sizes),
        np.repeat(people.batch, sizes),
        people.batches,
    )


Measure = Callable[[Start, Ledgers, Values], Floats | tuple[Floats, Floats]]


def _events(ledgers: Ledgers, event: Event) -> Floats:
    return np.asarray(ledgers.events[:, 0, :, event].sum(axis=1))


def _resource(ledgers: Ledgers, resource: Resource) -> Floats:
    return np.asarray(ledgers.resources[:, 0, :, :, resource].sum(axis=(1, 2)))


def _recent(start: Start) -> NDArray[np.bool_]:
    return start.now[:, Now.MONTHS_SINCE_ILL] < 12


def _resistant(start: Start) -> NDArray[np.bool_]:
    return _recent(start) & (start.now[:, Now.FAILED] >= 2)


def broad_growth(start: Start, ledgers: Ledgers, v: Values) -> Floats:
    """Yearly change of people with broad resistance from year 2 to the last, beyond demography: (batch,).

    Demography is what the shares of year 2, by sex and age band, would give among the residents of each
    year (direct standardisation): the nation grows older, and the old are ill less often.
    """
    years = ledgers.years
    if years < 3:
        return np.full(ledgers.batches, np.nan)
    alive = ledgers.occupancy[..., ALIVE]
    residents, broad = alive.sum(axis=(4, 5)), alive[..., RESISTANT, :].sum(axis=(4, 5))
    shares = broad[:, 1].sum(axis=0) / residents[:, 1].sum(axis=0)
    expected = (shares * residents).sum(axis=(2, 3))
    change = broad.sum(axis=(2, 3)) / expected
    with np.errstate(divide="ignore", invalid="ignore"):  # a tiny sample may have a batch without anybody resistant
        return np.asarray((change[:, -1] / change[:, 1]) ** (1.0 / (years - 2)) - 1.0)


def hospital_days_trd(start: Start, ledgers: Ledgers, v: Values) -> tuple[Floats, Floats]:
    days = ledgers.resources[:, 0][:, RESISTANT][:, :, :, list(DAYS)].sum(axis=(1, 2, 3))
    person_years = ledgers.occupancy[:, 0][:, :, :, RESISTANT][..., ALIVE].sum(axis=(1, 2, 3, 4)) / 12.0
    return days, person_years


def acts(start: Start, v: Values) -> Floats:
    """Stays, suicides, suicides while ill, other deaths a year, expected in the first month: (batch, 4).

    Events are too rare among the many who were never ill to be counted in a sample; each person's own
    probability is summed instead.
    """
    people = start.people
    tables = build_tables([v])
    out = np.zeros((people.batches, 4))
    row = np.zeros(4)
    for s in range(people.slices):
        row[:] = 0.0
        expected_acts(
            people.persons,
            people.starts[s],
            people.starts[s + 1],
            tables.suicide[0],
            tables.mortality[0],
            row,
        )
        out[people.batch[s]] += 12.0 * row * people.weight[s]
    return out


def survey_prevalence(start: Start, ledgers: Ledgers, v: Values) -> Floats:
    """True 12-month episodes of adults, whom the survey asks, as it would count them."""
    adult = start.people.persons["fixed"][:, Fixed.BIRTH_MONTH] <= -12 * ADULT
    return np.asarray(start.total(_recent(start) & adult) / true_share(np.ones(1), v))


MEASURES: dict[str, Measure] = {
    "broad_stock": lambda s, o, v: s.total(_resistant(s)),
    "claims_visible_stock": lambda s, o, v: s.total(s.now[:, Now.MONTHS_SINCE_VISIBLE] < 24),
    "survey_prevalence": survey_prevalence,
    "lifetime_share": lambda s, o, v: (
        s.total(s.now[:, Now.HEALTH] != Health.NEVER) * float(v["survey.lifetime_recall"]),
        s.total(s.weight > 0.0),
    ),
    "antidepressant_starters": lambda s, o, v: _events(o, Event.ANTIDEPRESSANT_START),
    "stopped_before_6_months": lambda s, o, v: (
        _events(o, Event.ANTIDEPRESSANT_STOP_BEFORE_6),
        _events(o, Event.TRIAL_ENDED_ADEQUATE)
        + _events(o, Event.TRIAL_ENDED_INADEQUATE)
        + _events(o, Event.MAINTENANCE_END),
    ),
    "suicides": lambda s, o, v: acts(s, v)[:, SUICIDES],
    "suicides_with_depression": lambda s, o, v: (acts(s, v)[:, SUICIDES_ILL], acts(s, v)[:, SUICIDES]),
    "attempt_stays": lambda s, o, v: acts(s, v)[:, STAYS],
    "ect_people": lambda s, o, v: _events(o, Event.ECT_START),
    "esketamine_people": lambda s, o, v: _events(o, Event.ESKETAMINE_START),
    "rtms_courses": lambda s, o, v: _events(o, Event.RTMS_START),
    "ketamine_courses": lambda s, o, v: _events(o, Event.KETAMINE_START),
    "full_time_people": lambda s, o, v: _events(o, Event.HOSPITAL_PERSON_YEAR),
    "hospital_days_trd": hospital_days_trd,
    "expert_assessments": lambda s, o, v: _resource(o, Resource.EXPERT_ASSESSMENT),
    "new_claims_visible": lambda s, o, v: _events(o, Event.NEW_CLAIMS_VISIBLE),
    "ald_share_trd": lambda s, o, v: (
        s.total(_resistant(s) & (s.now[:, Now.ALD] == Ald.GRANTED)),
        s.total(_resistant(s)),
    ),
    "deaths": lambda s, o, v: acts(s, v)[:, SUICIDES] + acts(s, v)[:, OTHER_DEATHS],
    "broad_growth": broad_growth,
}


def anchors(registry: Registry, population: Population, opened: Ledgers) -> list[Anchor]:
    """Return every anchor of the registry measured on month 0 and on the open population's ledgers."""
    start = start_of(population)
    values = Values({name: p.value for name, p in registry.items()})
    before = before_solve()
    out = []
    for parameter in registry.matching("anchor."):
        name = parameter.id.removeprefix("anchor.")
        mean, error = estimate(MEASURES[name](start, opened, values))
        low, high = parameter.range or (float("-inf"), float("inf"))
        out.append(
            Anchor(
                name,
                parameter.title or Bilingual(fr=name, en=name),
                parameter.unit,
                float(parameter.value),  # type: ignore[arg-type]
                low,
                high,
                parameter.source,
                parameter.grade,
                parameter.checked,
                before.get(name, float("nan")),
                float(mean),
                float(error),
            )
        )
    return out


def estimate(measured: Floats | tuple[Floats, Floats]) -> tuple[float, float]:
    """Return a total, or a ratio of totals, and its Monte Carlo error (delta method)."""
    if not isinstance(measured, tuple):
        mean, error = mean_and_error(measured)
        return float(mean), float(error)
    above, below = measured
    ratio = float(above.mean() / below.mean())
    _, error = mean_and_error((above - ratio * below) / below.mean())
    return ratio, float(error)


def before_solve() -> dict[str, float]:
    """Return the model's figures before the solve, as the solve wrote them; empty before a solve."""
    if not SOLVED.exists():
        return {}
    rows = read_toml(SOLVED).get("anchor", [])
    return {row["id"]: float(row["before"]) for row in rows}


def matched_burden() -> dict[str, tuple[float, float]]:
    """Return the 14 billion as the solve matched it: component -> (billion euros, error); empty before a solve."""
    if not SOLVED.exists():
        return {}
    rows = read_toml(SOLVED).get("burden", {}).get("component", [])
    return {row["id"]: (float(row["after_bn"]), float(row["mc_se"])) for row in rows}
