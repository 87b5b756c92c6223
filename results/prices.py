"""At what price the answer turns: net benefit against one parameter (`run.py price`).

A price, a utility or a rate is tried on the lives already lived; a parameter that changes lives is lived
again at a few values by the same people. The parameter changes in both worlds, unless the scenario itself
sets it: then it changes in the scenario alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import economics, envelope
from model.changes import Change
from model.inputs import Parameter, Registry
from model.ledgers import Ledgers
from model.scenario import Scenario
from model.states import Event
from model.units import unit_text
from model.valuation import WORTH
from results.findings import CLOSED, Estimate, Findings, Worth, for_qalys, worth
from results.league import told
from results.numbers import Z95, assumed, between, euros, euros_between
from results.table import Table, grid_text, rounded
from results.texts import pick, say

Floats = NDArray[np.float64]
Live = Callable[[Sequence[Scenario]], Mapping[str, tuple[Ledgers | None, Ledgers | None]]]

STARTS = {
    "esketamine": Event.ESKETAMINE_START,
    "ketamine": Event.KETAMINE_START,
    "rtms": Event.RTMS_START,
    "ect": Event.ECT_START,
    "sesame": Event.SESAME_START,
}
PRICED, LIVED = 9, 4  # values tried: on lives already lived, and lived again


def changes_lives(parameter: str, scenario: Scenario) -> bool:
    """Return whether another value needs another simulation: an envelope treats fewer when prices rise."""
    if parameter in envelope.READ and envelope.has_envelope(scenario.changes):
        return True
    return parameter.split(".")[0] not in WORTH


def values_to_try(parameter: Parameter, scenario: Scenario) -> list[float]:
    """Return the values tried, rising: over the parameter's range, or those the scenario explores."""
    if scenario.explore is not None and scenario.explore.parameter == parameter.id:
        return sorted(float(value) for value in scenario.explore.values)
    number_of = LIVED if changes_lives(parameter.id, scenario) else PRICED
    now = float(parameter.value)
    low, high = parameter.range if parameter.range is not None else (0.0, 2.0 * now)
    return sorted({*np.linspace(low, high, number_of).tolist(), now})


def at_value(scenario: Scenario, parameter: str, value: float, *, alone: bool) -> Scenario:
    """Return a scenario with the parameter at a value; `alone`: on the calendar of its own change."""
    told = scenario.changes.get(parameter)
    if alone and told:
        change = replace(told[0], operation="value", amount=value, overlap=0.0)
    else:
        change = Change(parameter, "value", value, grade="D", why="tried", origin=scenario.id)
    return replace(scenario, id=f"{scenario.id} {value:.10g}", changes={**scenario.changes, parameter: (change,)})


@dataclass(frozen=True)
class Turn:
    """Where the net benefit is nil at one threshold.

    verdict : "turns_below" (worth it up to `at`), "turns_above" (worth it from `at` on), "never" (of no
        value from 0 on), "always" (at every value tried), "undecided" (chance explains either)
    at : None unless it turns; interval : Fieller's, None if unbounded
    at_zero : net benefit at the lowest value that can be asked (0 for euros, else the lowest tried)
    """

    threshold: float
    verdict: str
    at: float | None
    interval: tuple[float, float] | None
    at_zero: Estimate


@dataclass(frozen=True)
class PriceStudy:
    """Net benefit of a scenario over values of a parameter; costs and QALYs (value, batch), discounted."""

    scenario: Scenario
    parameter: Parameter
    values: tuple[float, ...]
    costs: Floats
    qalys: Floats
    thresholds: tuple[float, ...]

    def benefits(self, threshold: float) -> Floats:
        """Return the net benefit, euros, (value, batch)."""
        return economics.net_benefit(self.costs, self.qalys, threshold)

    @property
    def in_euros(self) -> bool:
        return self.parameter.unit.startswith("EUR")

    def turn(self, threshold: float) -> Turn:
        """Return where the answer turns; for euros, 0 is read on the first segment carried on."""
        benefits, values = self.benefits(threshold), np.array(self.values)
        if self.in_euros and values[0] > 0:
            benefits = np.vstack([_line(values[:2], benefits[:2], 0.0), benefits])
            values = np.concatenate([[0.0], values])
        if self.in_euros:  # dearer than any value tried: the last segment carried on
            further = 10.0 * values[-1]
            benefits = np.vstack([benefits, _line(values[-2:], benefits[-2:], further)])
            values = np.concatenate([values, [further]])
        means, at_zero = benefits.mean(axis=1), Estimate.of(benefits[0])
        crossing = np.flatnonzero((means[:-1] >= 0) != (means[1:] >= 0))
        if not crossing.size:
            nearest = Estimate.of(benefits[np.abs(means).argmin()])
            verdict = "undecided" if not nearest.told_from_zero else "always" if means[0] >= 0 else "never"
            return Turn(threshold, verdict, None, None, at_zero)
        at = int(crossing[0])
        slope = (benefits[at + 1] - benefits[at]) / (values[at + 1] - values[at])
        start = benefits[at] - slope * values[at]
        interval = economics.fieller(-start, slope)
        verdict = "turns_below" if means[at] >= 0 else "turns_above"
        return Turn(threshold, verdict, float(-start.mean() / slope.mean()), interval, at_zero)

    def turns(self) -> list[Turn]:
        return [self.turn(threshold) for threshold in self.thresholds]


def _line(values: Floats, benefits: Floats, at: float) -> Floats:
    """Return the net benefit at a value on the line through two, by batch."""
    share = (at - values[0]) / (values[1] - values[0])
    return np.asarray(benefits[0] + share * (benefits[1] - benefits[0]))


def price_study(findings: Findings, scenario: Scenario, parameter: Parameter, live: Live) -> PriceStudy:
    """Return the net benefit of a scenario over values of a parameter, over the longest horizon run.

    live : lives scenarios again and returns their (open, closed) ledgers by id; called only for what changes lives
    """
    registry: Registry = findings.study.registry
    population = findings.main_population
    alone = parameter.id in scenario.changes or (
        scenario.explore is not None and scenario.explore.parameter == parameter.id
    )
    values = values_to_try(parameter, scenario)
    after = [at_value(scenario, parameter.id, value, alone=alone) for value in values]
    before = [findings.baseline if alone else at_value(findings.baseline, parameter.id, v, alone=False) for v in values]
    lived: Mapping[str, Any] = {}
    if changes_lives(parameter.id, scenario):
        lived = live([*after, *(() if alone else before)])

    def priced(variant: Scenario, of: str) -> Worth:
        known = getattr(findings.study, population)[of], findings.nation(of, population)
        if variant.id in lived:
            opened, closed = lived[variant.id]
            known = (closed, opened) if population == CLOSED else (opened, None)
        return worth(variant, known[0], registry, known[1])

    years, perspective = findings.years(population), for_qalys(findings.perspective)
    costs, qalys = [], []
    for one, other in zip(after, before, strict=True):
        new, old = priced(one, scenario.id), priced(other, findings.baseline.id)
        costs.append(new.cost(perspective, years, discounted=True) - old.cost(perspective, years, discounted=True))
        qalys.append(new.qalys(years, discounted=True) - old.qalys(years, discounted=True))
    return PriceStudy(scenario, parameter, tuple(values), np.array(costs), np.array(qalys), findings.thresholds)


# ---------------------------------------------------------------- tables and words


def price_table(found: PriceStudy) -> Table:
    """Return net benefit by value and threshold, and where each threshold's answer turns."""
    rows = []
    for turn in found.turns():
        interval = turn.interval or (None, None)
        for value, batches in zip(found.values, found.benefits(turn.threshold), strict=True):
            one = Estimate.of(batches)
            head = (found.scenario.id, found.parameter.id, value, turn.threshold)
            rows.append((*head, *rounded(one.mean, one.error), turn.verdict, turn.at, *interval))
    columns = ("scenario", "parameter", "value", "threshold", "net_benefit", "mc_se", "verdict", "turns_at")
    return Table("price", (*columns, "lower", "upper"), tuple(rows))


def per_thousand(findings: Findings, scenario: str) -> Table | None:
    """Return what a thousand additional patients bring, over the longest horizon; None if nobody starts more."""
    population, years = findings.main_population, findings.years(findings.main_population)
    one, base = (findings.worths[population][name] for name in (scenario, "baseline"))
    change = (one.ledgers.events - base.ledgers.events)[:, :years].sum(axis=(1, 2))
    found = {name: Estimate.of(change[:, event]) for name, event in STARTS.items()}
    name = max(found, key=lambda start: found[start].mean)
    if not found[name].low > 0:
        return None
    patients, rows = change[:, STARTS[name]], []
    outcomes = ("episode_months", "remissions", "attempts", "hospital_days", "qalys")
    costs = ("cost_collective", "cost_assurance_maladie", "cost_hospital", "cost_societal")
    for outcome in (*outcomes, *costs):
        measures = [_batches(findings, who, outcome, population, years) for who in (scenario, "baseline")]
        value, error = economics.ratio_error(measures[0] - measures[1], patients)
        rows.append((scenario, name, outcome, *rounded(1e3 * value, 1e3 * error)))
    return Table("per_1000_patients", ("scenario", "starts", "outcome", "per_1000", "mc_se"), tuple(rows))


def _batches(findings: Findings, scenario: str, outcome: str, population: str, years: int) -> Floats:
    one = findings.worths[population][scenario]
    if outcome == "qalys":
        return one.qalys(years, discounted=population == CLOSED)
    if outcome.startswith("cost_"):
        name = for_qalys(outcome.removeprefix("cost_"))
        return one.cost(name, years, discounted=population == CLOSED)
    return np.asarray(one.counts[outcome][1][:, :years].sum(axis=1))


def price_text(found: PriceStudy, findings: Findings, lang: str, width: int) -> str:
    """Return the answer in words, one sentence a threshold, then a table per thousand additional patients."""
    return "\n".join(_sentences(found, findings, lang, width)) + "\n"


def _sentences(found: PriceStudy, findings: Findings, lang: str, width: int) -> Iterator[str]:
    name = found.parameter.id if found.parameter.title is None else pick(found.parameter.title, lang)
    year = found.parameter.price_year
    unit = unit_text(found.parameter.unit, lang, titled=found.parameter.title is not None)
    unit = say("price.euros_of", lang, year=year) if found.in_euros and year else unit
    now = amount(found, float(found.parameter.value), lang)
    yield say("price.title", lang, scenario=pick(found.scenario.title, lang))
    yield say("price.parameter", lang, name=name, id=found.parameter.id, unit=unit, now=now)
    where = say("price.cohort" if findings.main_population == CLOSED else "price.open", lang)
    yield say("price.method", lang, where=where, perspective=say(f"perspective.{findings.perspective}", lang))
    yield ""
    for turn in found.turns():
        yield _sentence(found, turn, lang)
    table = per_thousand(findings, found.scenario.id)
    yield ""
    if table is None:
        yield say("price.nobody", lang)
        return
    rows = []
    for row in table:
        is_cost = row["outcome"].startswith("cost_")
        found_one = Estimate(row["per_1000"], row["mc_se"])
        words = _euros_told(found_one, lang) if is_cost else told(found_one, lang)
        rows.append((say(f"outcome.{row['outcome']}", lang), words))
    start = say(f"price.start.{next(iter(table))['starts']}", lang)
    yield from grid_text((say("price.per_thousand", lang, start=start), ""), rows, width).splitlines()


def _euros_told(found: Estimate, lang: str) -> str:
    if found.told_from_zero:
        return euros(found.mean, lang, error=found.error, signed=True)
    return say("price.not_told", lang, half=euros(Z95 * found.error, lang, digits=1))


def amount(found: PriceStudy, value: float, lang: str) -> str:
    """Return a value of the parameter as people read it."""
    if found.in_euros:
        return euros(value, lang) if abs(value) >= 1 else euros(0.0, lang, digits=0)
    return assumed(value, lang)


def _sentence(found: PriceStudy, turn: Turn, lang: str) -> str:
    criterion = say("summary.criterion_cost", lang)
    if turn.threshold:
        criterion = say("summary.criterion_threshold", lang, amount=euros(turn.threshold, lang))
    low, high = (amount(found, found.values[at], lang) for at in (0, -1))
    key, words = turn.verdict, {"criterion": criterion, "low": low, "high": high}
    if turn.at is not None:
        key, words["at"] = _place(found, turn, turn.at, lang)
    elif key != "undecided":
        key += ".euros" if found.in_euros else ".other"
        words["at_zero"] = euros(turn.at_zero.mean, lang, error=turn.at_zero.error, signed=True)
    return "  " + say(f"price.{key}", lang, **words)


def _place(found: PriceStudy, turn: Turn, at: float, lang: str) -> tuple[str, str]:
    """Return the words for where an answer turns ("undecided" where no interval bounds it), and the value in words."""
    if turn.interval is None:
        return "undecided", ""
    low, high = turn.interval
    if found.in_euros and low <= 0.0:
        return ("at_most" if turn.verdict == "turns_below" else "undecided"), euros(high, lang, digits=2)
    return turn.verdict, (euros_between if found.in_euros else between)(at, low, high, lang)
