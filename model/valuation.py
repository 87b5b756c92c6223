"""What lives are worth: ledgers × prices and utilities ─► outcomes, by category, payer, year and resistance.

Nothing here changes a life: a price, a utility, a perspective or a discount rate needs no new
simulation. Euros are those of `economy.price_year`, undiscounted until `present_value`. Who pays is in
payers.py, quality of life in quality.py, work in production.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model import economics, production, quality
from model.ledgers import Ledgers, mean_and_error
from model.payers import HOSPITAL_BUDGETS, MEDICAL, Category, Payer, Values, tariff
from model.states import AGE_BANDS, IN_EPISODE, N_AGE_BANDS, Event, Resource, Trd

__all__ = [
    "PERSPECTIVES",
    "BurdenShare",
    "Category",
    "Estimate",
    "Outcomes",
    "Payer",
    "Values",
    "burden",
    "burden_targets",
    "carry",
    "counted",
    "discount_factors",
    "discounted",
    "increment",
    "perspective",
    "present_value",
    "prices",
    "programme_costs",
    "share_of_burden",
    "share_of_use",
    "value",
    "with_programmes",
]

Floats = NDArray[np.float64]

WORTH = (
    "price",
    "payer",
    "utility",
    "work_value",
    "economy",
    "programme_cost",
)  # first words of the ids read
_WORTH_IDS = tuple(f"{word}." for word in WORTH)


# ---------------------------------------------------------------- prices


class Prices(dict[str, Any]):
    """Values that this step reads, which do not change once read: the tariff is worked out once."""

    @cached_property
    def tariff(self) -> Floats:
        """See `payers.tariff`."""
        return tariff(self)


class Documented(Protocol):
    """What a parameter says of itself (see `inputs.Parameter`)."""

    @property
    def unit(self) -> str: ...
    @property
    def price_year(self) -> int | None: ...


def carry(amount: ArrayLike, from_year: float, to_year: float, consumer_prices: Mapping[str, Any]) -> Floats:
    """Return an amount in euros of `from_year` carried to euros of `to_year`.

    consumer_prices : columns `year` and `index` (tables/consumer_prices.csv)
    Errors: ValueError for a year without an index.
    """
    index = dict(zip(consumer_prices["year"], consumer_prices["index"], strict=True))
    for year in (from_year, to_year):
        if year not in index:
            known = f"{min(index):.0f} to {max(index):.0f}"
            raise ValueError(f"no consumer price index for {year:.0f}; the table runs from {known}")
    return np.asarray(amount, dtype=np.float64) * float(index[to_year] / index[from_year])


def prices(
    values: Mapping[str, Any], registry: Mapping[str, Documented], consumer_prices: Mapping[str, Any]
) -> "Prices":
    """Return every value this step reads, euros carried to `economy.price_year`.

    values : parameter id -> value in force, euros of each parameter's own price year
    registry : parameter id -> its document (unit, price year)
    consumer_prices : see `carry`
    """
    to_year = values["economy.price_year"]
    carried = Prices()
    factors: dict[int, float] = {}  # by price year
    for name, parameter in registry.items():
        if not name.startswith(_WORTH_IDS):
            continue
        carried[name] = values[name]
        year = parameter.price_year
        if year is not None and parameter.unit.startswith("EUR"):
            if year not in factors:
                factors[year] = float(carry(1.0, year, to_year, consumer_prices))
            amount = np.asarray(values[name], dtype=np.float64) * factors[year]
            carried[name] = tuple(amount.tolist()) if amount.ndim else float(amount)
    return carried


# ---------------------------------------------------------------- outcomes


@dataclass(frozen=True)
class Outcomes:
    """What one scenario is worth, undiscounted, euros of the price year.

    costs : (batch, year, trd, payer, category)     see `Payer` and `Category`
    transfers : (batch, year, trd, payer)           sick pay and disability; memo, in no cost
    qalys : (batch, year, trd)
    life_years : (batch, year, trd)
    carer_qalys : (batch, year, trd)                loss of caregivers, not positive; apart from qalys
    bereavement_qalys : (batch, year, trd)          loss of the bereaved, not positive; apart from both
    """

    costs: Floats
    transfers: Floats
    qalys: Floats
    life_years: Floats
    carer_qalys: Floats
    bereavement_qalys: Floats


def value(ledgers: Ledgers, values: Values | Sequence[Values]) -> Outcomes:
    """Return what these ledgers are worth.

    values : parameter id -> value, euros carried by `prices`; or one such mapping for each year from the
        first, the last one holding for the years after it
    """
    if isinstance(values, Mapping):
        return _value(ledgers, values)
    years = [_value(_year(ledgers, y), values[min(y, len(values) - 1)]) for y in range(ledgers.years)]
    return Outcomes(*(np.concatenate(parts, axis=1) for parts in zip(*map(_arrays, years), strict=True)))


def _value(ledgers: Ledgers, values: Values) -> Outcomes:
    euros = values.tariff if isinstance(values, Prices) else tariff(values)
    care = np.einsum("bytcr,rcpk->bytpk", ledgers.resources, euros, optimize=True)
    return Outcomes(
        costs=care + production.production_lost(ledgers, values),
        transfers=production.transfers(ledgers, values),
        qalys=quality.qalys(ledgers, values),
        life_years=quality.life_years(ledgers),
        carer_qalys=quality.carer_qalys(ledgers, values),
        bereavement_qalys=quality.bereavement_qalys(ledgers, values),
    )


def discounted(ledgers: Ledgers, values: Values | Sequence[Values], factors: Floats) -> Outcomes:
    """Return what these ledgers are worth at month 0: arrays as those of `Outcomes`, all years being one.

    values : as for `value`; factors : (year,) what a year counts for, see `discount_factors`

    Worth is linear in the counts: years of the same prices are summed before they are priced. Not so under the friction
    method, which caps the absences of a year.
    """
    years = ledgers.years
    yearly = (
        [values] * years if isinstance(values, Mapping) else [values[min(y, len(values) - 1)] for y in range(years)]
    )
    if any(prices["economy.production_method"] == 1 for prices in yearly):
        flows = _arrays(value(ledgers, values))
        return Outcomes(*(np.einsum("by...,y->b...", flow, factors)[:, None] for flow in flows))
    changes = [y for y in range(1, years) if yearly[y] is not yearly[y - 1] and yearly[y] != yearly[y - 1]]
    parts = [
        _value(_summed(ledgers, first, last, factors), yearly[first]) for first, last in pairwise([0, *changes, years])
    ]
    return Outcomes(*(np.sum(same, axis=0) for same in zip(*map(_arrays, parts), strict=True)))


def _summed(ledgers: Ledgers, first: int, last: int, factors: Floats) -> Ledgers:
    """Return the yearly tables that are priced, years `first` to `last` - 1 weighted and summed to one."""
    out = {}
    for name in ("occupancy", "resources", "work", "events", "suicides"):
        table = getattr(ledgers, name)[:, first:last]
        rows = factors[first:last] @ table.reshape(*table.shape[:2], -1)
        out[name] = rows.reshape(len(table), 1, *table.shape[2:])
    return replace(ledgers, **out)


def _arrays(outcomes: Outcomes) -> tuple[Floats, ...]:
    return tuple(vars(outcomes).values())


def _year(ledgers: Ledgers, year: int) -> Ledgers:
    """Return the yearly tables of one year."""
    yearly = ("occupancy", "resources", "work", "events", "suicides", "equity")
    return replace(ledgers, **{name: getattr(ledgers, name)[:, year : year + 1] for name in yearly})


# ---------------------------------------------------------------- programmes


class ProgrammeCost(Protocol):
    """What running a policy costs (see `scenario_schema.ProgrammeCost`); months counted as `start` is."""

    @property
    def parameter(self) -> str: ...
    @property
    def per(self) -> str: ...
    @property
    def payer(self) -> str: ...
    @property
    def from_month(self) -> int | None: ...
    @property
    def until_month(self) -> int | None: ...
    @property
    def shared_by(self) -> str | None: ...
    @property
    def age_below(self) -> int | None: ...


def with_programmes(
    outcomes: Outcomes,
    ledgers: Ledgers,
    programmes: Sequence[ProgrammeCost],
    values: Values,
    start: int,
    nation: Ledgers | None = None,
) -> Outcomes:
    """Return the outcomes with a scenario's programme costs added, in category PROGRAMME; see `programme_costs`."""
    if not programmes:
        return outcomes
    costs = outcomes.costs.copy()
    costs[..., Category.PROGRAMME] += programme_costs(ledgers, programmes, values, start, nation)
    return replace(outcomes, costs=costs)


def programme_costs(
    ledgers: Ledgers, programmes: Sequence[ProgrammeCost], values: Values, start: int, nation: Ledgers | None = None
) -> Floats:
    """Return what a scenario's programmes cost, euros: (batch, year, trd, payer).

    start : month 0, counted as the `from_month` and `until_month` of the programmes
    nation : the open population under the same scenario, if `ledgers` are those of a cohort inside it

    A cost per resource or event falls where it is used. A cost per year or once serves the nation: a cohort
    bears the share of its use that the cohort makes (`share_of_use`). It is then shared between classes of
    resistance by their months in episode, as no one else can be named.
    """
    added = np.zeros((*ledgers.events.shape[:3], len(Payer)))
    for programme in programmes:
        units = _programme_units(ledgers, programme, start)
        if nation is not None and programme.per in ("year", "once"):
            units = units * share_of_use(ledgers, nation, programme, start)[:, :, None]
        added[..., Payer[programme.payer]] += units * values[programme.parameter]
    return added


def share_of_use(ledgers: Ledgers, nation: Ledgers, programme: ProgrammeCost, start: int) -> Floats:
    """Return the share of a programme's use that a cohort makes, each year: (batch, year).

    ledgers, nation : the cohort, and the open population that it is part of, under the same scenario

    Joint costs are allocated by use (Drummond et al. 2015, chapter 4). Use is months in episode, below an age
    if the programme names one, or what the programme says it is `shared_by`. A cost per year bears the ratio of
    the same year; after the open run the nation's use stays that of its last year. A cost paid once serves from
    then to the end of the open run: it bears the ratio over those years. The batches are those of the ratio of
    means made linear (delta method), so that they give its error and no batch is divided by its own chance.
    """
    ours, theirs = _use(ledgers, programme), _use(nation, programme)
    known = min(nation.cycles // 12, ledgers.years)
    if programme.per == "once":
        first = min(_first_month(programme, start) // 12, known - 1)
        ours, theirs = (use[:, first:known].sum(axis=1, keepdims=True) for use in (ours, theirs))
        ours, theirs = (np.repeat(use, ledgers.years, axis=1) for use in (ours, theirs))
    else:
        theirs = theirs[:, np.minimum(np.arange(ledgers.years), known - 1)]
    whole = theirs.mean(axis=0)
    used = whole > 0.0  # what nobody uses serves nobody else: it is charged whole
    ratio = np.divide(ours.mean(axis=0), whole, out=np.ones_like(whole), where=used)
    beside = np.divide(ours - ratio * theirs, whole, out=np.zeros_like(ours), where=used)
    return np.asarray(ratio + beside)


def _use(ledgers: Ledgers, programme: ProgrammeCost) -> Floats:
    """Return how much the people of these ledgers use a programme each year: (batch, year)."""
    if programme.shared_by is not None:
        return _counted(ledgers, programme.shared_by).sum(axis=2)
    bands = N_AGE_BANDS if programme.age_below is None else AGE_BANDS.index(programme.age_below)
    return np.asarray(ledgers.occupancy[:, :, :, :bands][..., IN_EPISODE].sum(axis=(2, 3, 4, 5)))


def _counted(ledgers: Ledgers, name: str) -> Floats:
    """Return the units of a resource, or the events, of this name: (batch, year, trd)."""
    if name in Resource.__members__:
        return np.asarray(ledgers.resources[..., Resource[name]].sum(axis=3))
    return ledgers.events[..., Event[name]]


def _first_month(programme: ProgrammeCost, start: int) -> int:
    return 0 if programme.from_month is None else max(programme.from_month - start, 0)


def _programme_units(ledgers: Ledgers, programme: ProgrammeCost, start: int) -> Floats:
    """Return how many times a programme's amount is spent in the nation: (batch, year, trd)."""
    first = _first_month(programme, start)
    last = ledgers.cycles - 1 if programme.until_month is None else programme.until_month - start
    months = np.arange(12 * ledgers.years)
    running = (months >= first) & (months <= last) & (months < ledgers.cycles)
    share = running.reshape(ledgers.years, 12).mean(axis=1)
    if programme.per == "year":
        return np.asarray(share[:, None] * _shares_of_illness(ledgers))
    if programme.per == "once":
        begins = np.arange(ledgers.years) == first // 12
        return np.asarray((begins & (share > 0.0))[:, None] * _shares_of_illness(ledgers))
    used = _counted(ledgers, programme.per)
    whole = np.maximum((months < ledgers.cycles).reshape(ledgers.years, 12).mean(axis=1), 1.0 / 12.0)
    return np.asarray(used * (share / whole)[:, None])


def _shares_of_illness(ledgers: Ledgers) -> Floats:
    """Return how months in episode divide between classes of resistance each year: (batch, year, trd)."""
    months = ledgers.occupancy[..., IN_EPISODE].sum(axis=(2, 3, 5))
    total = months.sum(axis=2, keepdims=True)
    even = np.full_like(months, 1.0 / len(Trd))
    return np.asarray(np.divide(months, total, out=even, where=total > 0.0))


# ---------------------------------------------------------------- perspectives and time

_ALL = tuple(Category)
_WITH_AMO = (Payer.AMO, *HOSPITAL_BUDGETS)

PERSPECTIVES: dict[str, tuple[tuple[Payer, ...], tuple[Category, ...]]] = {
    "collective": (tuple(Payer), MEDICAL),  # HAS reference case: care, whoever pays
    "assurance_maladie": (_WITH_AMO, MEDICAL),  # it funds the hospital grants too
    "assurance_maladie_invoiced": ((Payer.AMO,), MEDICAL),  # of which outside the hospital budget
    "complementary": ((Payer.AMC,), MEDICAL),
    "patient": ((Payer.PATIENT,), MEDICAL),
    "hospital": (HOSPITAL_BUDGETS, MEDICAL),
    "societal": (tuple(Payer), _ALL),  # the reading of the 14 bn
    # For a ratio to QALYs: a death's production is left out, its QALYs are already lost.
    "societal_for_qalys": (tuple(Payer), tuple(c for c in Category if c != Category.MORTALITY)),
}


def perspective(outcomes: Outcomes, name: str) -> Floats:
    """Return the costs one perspective counts, undiscounted euros: (batch, year)."""
    return counted(outcomes.costs.sum(axis=2), name)


def counted(paid: Floats, name: str) -> Floats:
    """Return the part of a perspective in `paid`, (batch, year, payer, category): (batch, year)."""
    payers, categories = PERSPECTIVES[name]
    mask = np.zeros((len(Payer), len(Category)))
    mask[np.ix_(payers, categories)] = 1.0
    return np.asarray(paid.reshape(*paid.shape[:2], -1) @ mask.ravel())


def discount_factors(years: int, values: Values) -> Floats:
    """Return what a euro or a QALY spread evenly over year 0, 1, … is worth at month 0: (years,)."""
    names = ("first_rate", "later_rate", "first_years")
    return economics.discount_factors(years, *(values[f"economy.discount.{name}"] for name in names))


def present_value(flows: Floats, values: Values, years: int | None = None) -> Floats:
    """Return yearly flows discounted and summed over the first `years` (all by default).

    flows : (batch, year, …)  ─►  (batch, …)
    """
    kept = flows[:, :years]
    return np.asarray(np.einsum("by...,y->b...", kept, discount_factors(kept.shape[1], values)))


@dataclass(frozen=True)
class Estimate:
    """A mean over batches and its Monte Carlo standard error."""

    mean: float
    error: float


def increment(scenario: Floats, baseline: Floats) -> Estimate:
    """Return scenario less baseline, paired by batch. scenario, baseline : (batch,)"""
    mean, error = mean_and_error(scenario - baseline)
    return Estimate(float(mean), float(error))


# ---------------------------------------------------------------- the 14 billion

BURDEN: dict[str, tuple[Category, ...]] = {
    "direct": MEDICAL,
    "production": (Category.ABSENCE, Category.PRESENTEEISM, Category.NON_EMPLOYMENT),
    "informal_care": (Category.INFORMAL_CARE,),
    "mortality": (Category.MORTALITY,),
}


def burden(outcomes: Outcomes, classes: Sequence[Trd] = quality.RESISTANT) -> dict[str, Floats]:
    """Return the yearly cost of resistant depression by component, euros: name -> (batch, year).

    classes : classes of resistance counted; by default those of the broad definition

    The keys are those of economy.burden.*; `total` is their sum, `transfers` a memo outside it.
    """
    costs = outcomes.costs[:, :, list(classes)].sum(axis=(2, 3))
    parts = {name: np.asarray(costs[..., categories].sum(axis=-1)) for name, categories in BURDEN.items()}
    parts["total"] = np.sum(list(parts.values()), axis=0)
    parts["transfers"] = np.asarray(outcomes.transfers[:, :, list(classes)].sum(axis=(2, 3)))
    return parts


def burden_targets(values: Values) -> dict[str, float]:
    """Return the claimed yearly cost by component, euros of the price year (values carried by `prices`)."""
    return {name: float(values[f"economy.burden.{name}"]) for name in (*BURDEN, "total", "transfers")}


@dataclass(frozen=True)
class BurdenShare:
    """A scenario's saving beside the 14 billion.

    saving : mean yearly societal saving on broad resistant depression, euros; negative if it costs more
    of_total : over the 14 bn
    of_avoidable : over the part of it that policies could save at most
    """

    saving: Estimate
    of_total: Estimate
    of_avoidable: Estimate


def share_of_burden(baseline: Outcomes, scenario: Outcomes, values: Values, years: int = 5) -> BurdenShare:
    """Return the share of the 14 bn that a scenario saves, over its first years, undiscounted.

    baseline, scenario : outcomes of the open population
    values : euros carried by `prices`
    """
    spent = [burden(outcomes)["total"][:, :years].mean(axis=1) for outcomes in (baseline, scenario)]
    saving = increment(spent[0], spent[1])
    total = float(values["economy.burden.total"])
    avoidable = total * float(values["economy.burden.avoidable_share"])
    return BurdenShare(
        saving,
        Estimate(saving.mean / total, saving.error / total),
        Estimate(saving.mean / avoidable, saving.error / avoidable),
    )
