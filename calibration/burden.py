"""The 14 billion, matched as far as it can be: a display, beside the model's own cost and never in place of it.

Only physical quantities move, together, by one share of the way from their values to the end that lowers
production lost:

- the work of people with broad resistance under 62, from that of a cohort of specialised centres (E25) to that of
  the other people ill in the last twelve months: resistance then takes no more work away than depression does;
- the work lost per PHQ-9 point, to the low end of its interval;
- the share of the general population without employment, to the high end of its interval.

The smallest share that brings the first year's total to the claimed one is kept, or all the way if none does.
Work transitions stay as they are, so the reading holds for the first year. No price and no multiplier moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model import capacity, population, simulation, valuation
from model.inputs import Parameter, Registry, load_table
from model.ledgers import mean_and_error
from model.phases import Phases, Values
from model.population import OPEN, Population
from model.states import Fixed, Now, Work
from model.transitions import build_tables

Floats = NDArray[np.float64]

WORK_MIX = "margin.trd.work"
LOW_END, HIGH_END = "work_value.impairment_per_phq9_point", "work_value.background_not_employed_share"
MIX = (Work.AT_WORK, Work.SICK_LEAVE, Work.UNEMPLOYED, Work.DISABILITY, Work.STUDENT)
YEAR = 12
WORKING_AGE = 62  # years; as the margin


@dataclass(frozen=True)
class Matched:
    """The first year's cost of broad resistance by component, before and after, billion euros of the price year.

    share : of the way gone, 0 to 1; moved : parameter -> (before, after)
    before, after : component -> (mean, Monte Carlo error)
    """

    share: float
    moved: dict[str, tuple[object, object]]
    before: dict[str, tuple[float, float]]
    after: dict[str, tuple[float, float]]
    claimed: float


def ends(registry: Registry, base: Population) -> Values:
    """Return the far end of each quantity that may move."""
    return Values(
        {
            WORK_MIX: other_work(base),
            LOW_END: _interval(registry[LOW_END])[0],
            HIGH_END: _interval(registry[HIGH_END])[1],
        }
    )


def _interval(parameter: Parameter) -> tuple[float, float]:
    spread = parameter.spread
    assert spread is not None, parameter.id
    if spread.ci95 is not None:
        return spread.ci95
    assert spread.low is not None, parameter.id
    assert spread.high is not None, parameter.id
    return spread.low, spread.high


def other_work(base: Population) -> tuple[float, ...]:
    """Return the work of people under 62 ill in the last twelve months without broad resistance: shares of MIX."""
    people = base.of((0, 1, 2, 3, 4))
    now, fixed = people.persons["now"], people.persons["fixed"]
    chosen = (now[:, Now.MONTHS_SINCE_ILL] < YEAR) & (now[:, Now.FAILED] < 2)
    chosen &= (fixed[:, Fixed.BIRTH_MONTH] > -12 * WORKING_AGE) & np.isin(now[:, Now.WORK], MIX)
    weight = np.bincount(now[chosen, Now.WORK], people.person_weights()[chosen], minlength=len(Work))[list(MIX)]
    return tuple((weight / weight.sum()).tolist())


def part_way(v: Values, far: Mapping[str, object], share: float) -> Values:
    """Return the values with each quantity moved this share of the way to its far end."""
    moved = dict(v)
    for name, end in far.items():
        here, there = np.array(v[name], dtype=float), np.array(end, dtype=float)
        value = here + share * (there - here)
        moved[name] = tuple(value.tolist()) if value.ndim else float(value)
    return Values(moved)


def first_year(v: Values, base: Population, registry: Registry, jobs: int) -> dict[str, tuple[float, float]]:
    """Return the first year's cost of broad resistance by component, billion euros: (mean, Monte Carlo error)."""
    phases = Phases(np.zeros(YEAR, np.int32), [v])
    calendar = simulation.new_calendar(phases.phase_of_month)
    everyone = base.of(OPEN)
    places = capacity.places_by_month(phases)
    _, books = capacity.run_open(everyone, build_tables(phases.phases), calendar, places, jobs)
    prices = valuation.prices(v, registry, load_table("consumer_prices"))
    costs = valuation.burden(valuation.value(simulation.weighted(everyone, books), prices))
    out = {}
    for name, flows in costs.items():
        mean, error = mean_and_error(flows[:, 0] / 1e9)
        out[name] = (float(mean), float(error))
    return out


def match(v: Values, registry: Registry, people: int, seed: int, jobs: int) -> Matched:
    """Return the burden before, and after the least move that meets the claimed total (or the whole of it)."""

    def at(share: float) -> dict[str, tuple[float, float]]:
        values = part_way(v, far, share)
        return first_year(values, population.build(values, people, seed, jobs), registry, jobs)

    base = population.build(v, people, seed, jobs)
    far = ends(registry, base)
    prices = valuation.prices(v, registry, load_table("consumer_prices"))
    claimed = float(prices["economy.burden.total"]) / 1e9
    before, all_the_way = first_year(v, base, registry, jobs), at(1.0)
    drop = before["total"][0] - all_the_way["total"][0]
    share = float(np.clip((before["total"][0] - claimed) / drop, 0.0, 1.0)) if drop > 0.0 else 0.0
    after = all_the_way if share == 1.0 else at(share)
    moved = part_way(v, far, share)
    return Matched(share, {name: (v[name], moved[name]) for name in far}, before, after, claimed)
