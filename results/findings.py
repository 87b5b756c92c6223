"""What a study found: each scenario's worth, its outcomes beside the baseline, verdicts, break-evens.

Everything shown (tables, charts, summary) reads these; all of it carries its Monte Carlo error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import economics, valuation
from model.inputs import Parameter, Registry, load_table
from model.ledgers import Ledgers, mean_and_error
from model.scenario import START, Scenario, month_number
from model.states import IN_EPISODE, Capacity, Event, Health, Resource, Service, Trd, Work
from results.numbers import LIFETIME_YEARS, Z95

Floats = NDArray[np.float64]

OPEN, CLOSED = "open", "closed"
HORIZONS = (5, 10)  # years always shown when the run reaches them
PERSPECTIVES = ("collective", "assurance_maladie", "societal", "hospital", "patient")
BROAD = (Trd.BROAD, Trd.BOTH)
CLAIMS_VISIBLE = (Trd.CLAIMS_VISIBLE, Trd.BOTH)
INPATIENT_DAYS = tuple(resource for resource in Resource if "_DAY_" in resource.name and "SICK" not in resource.name)
SPECIALIST_VISITS = (Resource.PSYCHIATRIST_VISIT, Resource.SPECIALIST_ADVICE, Resource.CMP_ACT)


@dataclass(frozen=True)
class Worth:
    """One scenario in one population: what happened and what it is worth.

    prices : values of the first month, euros of the price year (discount rates, thresholds, burden)
    """

    scenario: Scenario
    ledgers: Ledgers
    outcomes: valuation.Outcomes
    prices: Mapping[str, Any]

    @cached_property
    def paid(self) -> Floats:
        """Undiscounted euros, all classes of resistance together: (batch, year, payer, category)."""
        return np.asarray(self.outcomes.costs.sum(axis=2))

    @cached_property
    def _flows(self) -> dict[str, Floats]:
        return {}

    def flows(self, perspective: str) -> Floats:
        """Return the cost one perspective counts each year, undiscounted euros: (batch, year)."""
        if perspective not in self._flows:
            self._flows[perspective] = valuation.counted(self.paid, perspective)
        return self._flows[perspective]

    def discounted(self, flows: Floats, years: int) -> Floats:
        """Return yearly flows (batch, year, …) discounted and summed over the first years."""
        return valuation.present_value(flows, self.prices, years)

    def qalys(self, years: int, *, discounted: bool) -> Floats:
        """Return QALYs over the first years, (batch,)."""
        flows = self.outcomes.qalys.sum(axis=2)
        return self.discounted(flows, years) if discounted else flows[:, :years].sum(axis=1)

    def cost(self, perspective: str, years: int, *, discounted: bool) -> Floats:
        """Return the cost one perspective counts over the first years, (batch,)."""
        flows = self.flows(perspective)
        return self.discounted(flows, years) if discounted else flows[:, :years].sum(axis=1)

    @cached_property
    def counts(self) -> dict[str, tuple[str, Floats]]:
        """What happened each year: outcome -> (unit, (batch, year))."""
        return _yearly_counts(self.ledgers)


def worth(scenario: Scenario, ledgers: Ledgers, registry: Registry, nation: Ledgers | None = None) -> Worth:
    """Return what a scenario's ledgers are worth, at the prices in force in the middle of each year.

    nation : open ledgers of the same scenario, if `ledgers` are a cohort's (`valuation.with_programmes`)
    """
    start = scenario.start if scenario.start is not None else month_number(START)
    yearly = _yearly_prices(scenario, ledgers, registry)
    middle = yearly[1:] or yearly
    same = all(these is middle[0] or these == middle[0] for these in middle)
    outcomes = valuation.value(ledgers, middle[0] if same else middle)
    programmes = scenario.programme_cost
    outcomes = valuation.with_programmes(outcomes, ledgers, programmes, middle[0], start, nation)
    return Worth(scenario, ledgers, outcomes, yearly[0])


def _yearly_prices(scenario: Scenario, ledgers: Ledgers, registry: Registry) -> list[Mapping[str, Any]]:
    """Return the prices of the first month, then of the middle of each year; the first alone if none ever moves."""
    index = load_table("consumer_prices")
    if not any(name.split(".")[0] in valuation.WORTH for name in scenario.changes):
        return [valuation.prices({name: p.value for name, p in registry.items()}, registry, index)]
    course = scenario.values(registry, ledgers.cycles)
    middles = [min(12 * year + 6, ledgers.cycles - 1) for year in range(ledgers.years)]
    phases = [0, *(int(course.phase_of_month[month]) for month in middles)]
    prices = {phase: valuation.prices(course.phases[phase], registry, index) for phase in set(phases)}
    return [prices[phase] for phase in phases]


@dataclass(frozen=True)
class Estimate:
    """A mean over batches and its Monte Carlo standard error."""

    mean: float
    error: float

    @classmethod
    def of(cls, batches: Floats) -> "Estimate":
        mean, error = mean_and_error(np.asarray(batches, dtype=np.float64))
        return cls(float(mean), float(error))

    @property
    def low(self) -> float:
        return self.mean - Z95 * self.error

    @property
    def high(self) -> float:
        return self.mean + Z95 * self.error

    @property
    def told_from_zero(self) -> bool:
        """Whether the 95 % interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Measure:
    """One outcome of one scenario over one horizon, and its difference from the baseline."""

    scenario: str
    population: str
    years: int
    outcome: str
    unit: str
    value: Estimate
    difference: Estimate


@dataclass(frozen=True)
class Ratio:
    """Cost-effectiveness of one scenario against the baseline, one perspective, one horizon, discounted.

    icer : euros per QALY, None wherever a ratio would mislead (see `verdict`)
    """

    scenario: str
    perspective: str
    years: int
    cost: Estimate
    qalys: Estimate
    quadrant: economics.Quadrant
    icer: Estimate | None
    interval: tuple[float, float] | None
    verdict: str


@dataclass(frozen=True)
class BreakEven:
    """Net benefit of a scenario over the sizes of its assumed effect, at one threshold.

    net_benefits : one a size, discounted euros
    crossings : the sizes at which the net benefit is nil, each with its Monte Carlo error
    """

    scenario: str
    threshold: float
    sizes: tuple[float, ...]
    net_benefits: tuple[Estimate, ...]
    crossings: tuple[Estimate, ...]

    @property
    def told(self) -> tuple[tuple[float, int], ...]:
        """The sizes at which the net benefit is told from zero, each with its sign."""
        pairs = zip(self.sizes, self.net_benefits, strict=True)
        return tuple((size, 1 if benefit.mean > 0 else -1) for size, benefit in pairs if benefit.told_from_zero)

    @property
    def verdict(self) -> str:
        """What can be said: always, never, partly_always, partly_never, at, below, or undecided."""
        signs = [sign for _, sign in self.told]
        if not signs:
            return "undecided"
        if len(set(signs)) == 1:
            word = "always" if signs[0] > 0 else "never"
            return word if len(signs) == len(self.sizes) else f"partly_{word}"
        changes = sum(a != b for a, b in pairwise(signs))
        if changes > 1 or len(self.crossings) != 1:
            return "undecided"
        return "at" if signs[-1] > 0 else "below"

    @property
    def crossing(self) -> Estimate | None:
        """The size at which the answer turns, where chance lets it be told."""
        return self.crossings[0] if self.verdict in ("at", "below") else None


@dataclass(frozen=True)
class Past:
    """What is known of a past programme, beside the model.

    model : people with depression treated; with_anxiety : those and the people with anxiety alone, who are not
    simulated but take places
    """

    scenario: str
    quantity: str
    known: Parameter
    model: Estimate
    with_anxiety: Estimate


# Windows of what is known of a past programme: months from its start, by the name of the target.
WINDOWS = {"patients": (0, 36), "patients_2024": (6, 18)}


class Findings:
    """The worth of everything a study ran, worked out once."""

    def __init__(self, study: Any, perspective: str = "collective") -> None:
        self.study = study
        self.perspective = perspective
        self.scenarios: dict[str, Scenario] = {scenario.id: scenario for scenario in study.scenarios}
        self.baseline: Scenario = study.scenarios[0]
        self.policies = [scenario for scenario in study.scenarios if not scenario.is_baseline]

    @cached_property
    def worths(self) -> dict[str, dict[str, Worth]]:
        """Population ("open", "closed") -> scenario -> worth; a population not run is empty."""
        return {
            population: {
                name: worth(self.scenarios[name], ledgers, self.study.registry, self.nation(name, population))
                for name, ledgers in getattr(self.study, population).items()
            }
            for population in (OPEN, CLOSED)
        }

    def nation(self, scenario: str, population: str) -> Ledgers | None:
        """Return the open ledgers that a scenario's cohort shares joint costs with; None for the nation itself."""
        if population == OPEN or not self.scenarios[scenario].has_joint_costs:
            return None
        return self.study.open.get(scenario) or self.study.nations[scenario]

    def limited(self, policy: Scenario) -> str | None:
        """Return the scenario that a policy is the twin of without limits on places (`model.study`), None if none."""
        name = policy.id.removesuffix("_unlimited")
        return name if policy.unlimited_places and name != policy.id and name in self.scenarios else None

    @property
    def prices(self) -> Mapping[str, Any]:
        """Values of the baseline's first month, euros of the price year."""
        return next(iter((self.worths[OPEN] or self.worths[CLOSED]).values())).prices

    def years(self, population: str) -> int:
        """Return how many whole years a population was followed."""
        return int(next(iter(getattr(self.study, population).values())).cycles) // 12

    def horizons(self, population: str) -> list[int]:
        """Return the horizons shown for a population, years."""
        longest = self.years(population)
        return sorted({years for years in HORIZONS if years < longest} | {longest})

    def horizon_name(self, years: int) -> str:
        """Return the horizon as tables say it: years, or "lifetime"."""
        return "lifetime" if years >= LIFETIME_YEARS else str(years)

    @cached_property
    def measures(self) -> list[Measure]:
        """Every outcome of every scenario, population and horizon."""
        rows = []
        for population, worths in self.worths.items():
            for years in self.horizons(population) if worths else ():
                before = _quantities(worths["baseline"], years, population)
                for name, one in worths.items():
                    for outcome, (unit, batches) in _quantities(one, years, population).items():
                        change = Estimate.of(batches - before[outcome][1])
                        rows.append(Measure(name, population, years, outcome, unit, Estimate.of(batches), change))
        return rows

    def measure(self, scenario: str, outcome: str, population: str, years: int) -> Measure:
        """Return one measure."""
        return self._measures[scenario, outcome, population, years]

    @cached_property
    def _measures(self) -> dict[tuple[str, str, str, int], Measure]:
        return {(m.scenario, m.outcome, m.population, m.years): m for m in self.measures}

    @cached_property
    def shares(self) -> dict[str, valuation.BurdenShare]:
        """Scenario -> its saving beside the 14 billion (open population, first five years)."""
        worths = self.worths[OPEN]
        if not worths:
            return {}
        base = worths["baseline"].outcomes
        years = min(5, self.years(OPEN))
        return {
            policy.id: valuation.share_of_burden(base, worths[policy.id].outcomes, self.prices, years)
            for policy in self.policies
        }

    @cached_property
    def ratios(self) -> list[Ratio]:
        """The league table: national policies against the baseline in the same closed cohort."""
        worths = self.worths[CLOSED]
        return [
            _ratio(worths[policy.id], worths["baseline"], perspective, years)
            for policy in self.policies
            if policy.population == "national" and worths
            for perspective in PERSPECTIVES
            for years in self.horizons(CLOSED)
        ]

    @cached_property
    def past(self) -> list[Past]:
        """What retrospective scenarios were meant or seen to treat, beside the model."""
        found, registry = [], self.study.registry
        for policy in self.policies:
            if policy.population != "retrospective" or policy.id not in self.study.open:
                continue
            treated = self.study.open[policy.id].capacity[:, :, Service.SESAME, Capacity.ADMITTED]
            depressed = 1.0 - float(registry.value("sesame.anxiety_only_share"))
            for name, (first, last) in WINDOWS.items():
                known = registry.get(f"target.{policy.id}.{name}")
                if known is not None:
                    batches = treated[:, first:last].sum(axis=1)
                    pair = Estimate.of(batches), Estimate.of(batches / depressed)
                    found.append(Past(policy.id, name, known, *pair))
        return found

    def ratio(self, scenario: str) -> Ratio | None:
        """Return the ratio of the study's perspective and longest horizon, None if it was not run."""
        kept = [r for r in self.ratios if r.scenario == scenario and r.perspective == self.perspective]
        return max(kept, key=lambda r: r.years, default=None)

    @cached_property
    def thresholds(self) -> tuple[float, ...]:
        """Willingness to pay explored, euros per QALY; 0 means savings alone."""
        return (0.0, *self.prices["economy.thresholds"])

    @cached_property
    def break_evens(self) -> dict[str, list[BreakEven]]:
        """Scenario -> its break-evens, one a threshold, over the longest horizon run."""
        return {
            name: [self._break_even(name, runs, threshold) for threshold in self.thresholds]
            for name, runs in self._explored.items()
        }

    @property
    def unexplored(self) -> list[Scenario]:
        """The policies with an assumed effect to explore that this study did not explore."""
        return [policy for policy in self.policies if policy.explore and policy.id not in self.study.explored]

    @property
    def main_population(self) -> str:
        """The population that ratios and break-evens are read in."""
        return CLOSED if self.study.closed else OPEN

    @cached_property
    def _explored(self) -> dict[str, list[tuple[float, Floats, Floats]]]:
        """Scenario -> (size, incremental cost (batch,), incremental QALYs (batch,)), sizes rising."""
        population, explored = self.main_population, {}
        base, years = self.worths[population]["baseline"], self.years(population)
        cost_before = base.cost(for_qalys(self.perspective), years, discounted=True)
        qalys_before = base.qalys(years, discounted=True)
        for name, runs in self.study.explored.items():
            rows = []
            for size, in_open, in_closed in sorted(runs, key=lambda run: run[0]):
                ledgers = in_closed if population == CLOSED else in_open
                scenario = self.scenarios[name].explored(size, self.study.registry)
                one = worth(scenario, ledgers, self.study.registry, in_open if population == CLOSED else None)
                cost = one.cost(for_qalys(self.perspective), years, discounted=True) - cost_before
                rows.append((float(size), cost, one.qalys(years, discounted=True) - qalys_before))
            explored[name] = rows
        return explored

    def _break_even(self, name: str, runs: Sequence[tuple[float, Floats, Floats]], threshold: float) -> BreakEven:
        sizes = [size for size, _, _ in runs]
        benefits = [Estimate.of(economics.net_benefit(cost, qalys, threshold)) for _, cost, qalys in runs]
        means = [benefit.mean for benefit in benefits]
        roots = economics.break_even(sizes, means) if len(sizes) > 1 else []
        crossings = tuple(Estimate(root, _crossing_error(root, sizes, benefits)) for root in roots)
        return BreakEven(name, threshold, tuple(sizes), tuple(benefits), crossings)


def replicated(study: Any) -> dict[tuple[str, str], tuple[float, float]]:
    """Return what replicate seeds are compared on: (scenario, outcome) -> mean and error by batches.

    Every outcome over the longest horizon of each population: the baseline's own, a policy's difference from it.
    """
    findings, found = Findings(study), {}
    for m in findings.measures:
        if m.years == findings.years(m.population):
            of = m.value if m.scenario == "baseline" else m.difference
            kind = "value" if m.scenario == "baseline" else "difference"
            found[m.scenario, f"{m.outcome}, {kind}, {m.population}, {findings.horizon_name(m.years)}"] = (
                of.mean,
                of.error,
            )
    return found


def first_year(findings: Findings, scenario: str) -> int:
    """Return the calendar year of a scenario's month 0."""
    start = findings.scenarios[scenario].start
    return (month_number(START) if start is None else start) // 12


def for_qalys(perspective: str) -> str:
    """Return the perspective to set against QALYs: a death's production is not counted beside its QALYs."""
    return "societal_for_qalys" if perspective == "societal" else perspective


def _crossing_error(root: float, sizes: Sequence[float], benefits: Sequence[Estimate]) -> float:
    """Return the standard error of a crossing (delta method): that of the net benefit over the slope."""
    at = min(max(int(np.searchsorted(sizes, root)), 1), len(sizes) - 1)
    step = sizes[at] - sizes[at - 1]
    slope = (benefits[at].mean - benefits[at - 1].mean) / step
    weight = (root - sizes[at - 1]) / step
    error = (1 - weight) * benefits[at - 1].error + weight * benefits[at].error
    return float(abs(error / slope)) if slope else float("nan")


def _yearly_counts(ledgers: Ledgers) -> dict[str, tuple[str, Floats]]:
    """Return what happened each year: outcome -> (unit, (batch, year))."""
    events = ledgers.events.sum(axis=2)
    months = ledgers.occupancy.sum(axis=(2, 3, 4))
    used = ledgers.resources.sum(axis=(2, 3))
    work = ledgers.work[:, :, :, Work.AT_WORK].sum(axis=(2, 3))
    cells = ledgers.capacity.reshape(ledgers.batches, ledgers.years, -1, *ledgers.capacity.shape[2:])
    refused, gave_up = (cells[..., column].sum(axis=(2, 3)) for column in (Capacity.REFUSED, Capacity.GAVE_UP))
    return {
        "episode_months": ("months", months[..., list(IN_EPISODE)].sum(axis=2)),
        "remission_months": ("months", months[..., Health.REMISSION] + months[..., Health.RECOVERY]),
        "remissions": ("events", events[..., Event.REMISSION]),
        "recoveries": ("events", events[..., Event.RECOVERY]),
        "relapses": ("events", events[..., Event.RELAPSE]),
        "recurrences": ("events", events[..., Event.RECURRENCE]),
        "new_resistance": ("persons", events[..., Event.NEW_BROAD]),
        "new_strict": ("persons", events[..., Event.NEW_STRICT]),
        "attempts": ("events", events[..., Event.ATTEMPT]),
        "suicides": ("deaths", events[..., Event.SUICIDE]),
        "deaths": ("deaths", events[..., Event.SUICIDE] + events[..., Event.DEATH_OTHER]),
        "referrals": ("events", events[..., Event.REFERRAL]),
        "specialist_visits": ("visits", used[..., list(SPECIALIST_VISITS)].sum(axis=2)),
        "hospital_days": ("days", used[..., list(INPATIENT_DAYS)].sum(axis=2)),
        "sick_days": ("days", used[..., Resource.SICK_DAY_WAITING] + used[..., Resource.SICK_DAY_PAID]),
        "work_months": ("months", work),
        "carer_months": ("months", used[..., Resource.CARER_MONTH]),
        "esketamine_starts": ("persons", events[..., Event.ESKETAMINE_START]),
        "sesame_starts": ("persons", events[..., Event.SESAME_START]),
        "refused": ("refusals", refused),
        "gave_up": ("persons", gave_up),
    }


def _quantities(one: Worth, years: int, population: str) -> dict[str, tuple[str, Floats]]:
    """Return outcome -> (unit, batches): counts over the first years, money and QALYs beside them.

    In the open population money and QALYs are undiscounted (budget, national totals); in the closed
    cohort they are discounted (cost-effectiveness).
    """
    outcomes, closed = one.outcomes, population == CLOSED
    found = {name: (unit, yearly[:, :years].sum(axis=1)) for name, (unit, yearly) in one.counts.items()}
    last = one.ledgers.trace[:, 12 * years]
    found["trd_broad_ill"] = ("persons", last[:, list(IN_EPISODE)][:, :, list(BROAD)].sum(axis=(1, 2)))
    seen = last[:, : Health.DEAD_SUICIDE, list(CLAIMS_VISIBLE)].sum(axis=(1, 2))
    found["trd_claims_visible"] = ("persons", seen)
    waiting = one.ledgers.capacity[:, 12 * years - 1, :, Capacity.WAITING].sum(axis=1)
    found["waiting"] = ("persons", waiting)

    def summed(flows: Floats) -> Floats:
        return one.discounted(flows, years) if closed else flows[:, :years].sum(axis=1)

    per = "discounted" if closed else "undiscounted"
    found["life_years"] = (f"years, {per}", summed(outcomes.life_years.sum(axis=2)))
    found["qalys"] = (f"QALY, {per}", summed(outcomes.qalys.sum(axis=2)))
    found["carer_qalys"] = (f"QALY, {per}", summed(outcomes.carer_qalys.sum(axis=2)))
    for name in PERSPECTIVES:
        found[f"cost_{name}"] = (f"EUR, {per}", one.cost(name, years, discounted=closed))
    found["transfers"] = (f"EUR, {per}", summed(outcomes.transfers.sum(axis=(2, 3))))
    return found


def _ratio(one: Worth, base: Worth, perspective: str, years: int) -> Ratio:
    """Return the ratio of one scenario, decided by quadrant, told in words where it would mislead."""
    name = for_qalys(perspective)
    cost_batches = one.cost(name, years, discounted=True) - base.cost(name, years, discounted=True)
    qaly_batches = one.qalys(years, discounted=True) - base.qalys(years, discounted=True)
    cost, qalys = Estimate.of(cost_batches), Estimate.of(qaly_batches)
    where, ratio = economics.icer(cost.mean, qalys.mean)
    verdict = _verdict(cost, qalys, where)
    icer = interval = None
    if ratio is not None and verdict in ("icer", "saves_but_loses"):
        icer = Estimate(*economics.ratio_error(cost_batches, qaly_batches))
        interval = economics.fieller(cost_batches, qaly_batches)
    return Ratio(one.scenario.id, perspective, years, cost, qalys, where, icer, interval, verdict)


def _verdict(cost: Estimate, qalys: Estimate, where: economics.Quadrant) -> str:
    """Return the verdict's name (see texts, `verdict.…`); a side not told from zero is not given a sign."""
    if qalys == Estimate(0.0, 0.0) and cost.low > 0:
        return "cost_for_none"
    if not qalys.told_from_zero:
        return ("cost_only" if cost.mean > 0 else "saving_only") if cost.told_from_zero else "none"
    if not cost.told_from_zero:
        return "health_only" if qalys.mean > 0 else "health_loss_only"
    return {
        economics.Quadrant.DOMINANT: "cost_saving",
        economics.Quadrant.DOMINATED: "dominated",
        economics.Quadrant.MORE_EFFECT_MORE_COST: "icer",
        economics.Quadrant.LESS_EFFECT_LESS_COST: "saves_but_loses",
    }[where]
