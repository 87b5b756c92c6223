"""The tables of a run, each from its findings; every number beside its Monte Carlo standard error."""

from typing import Any

import numpy as np

from model import economics, payers, valuation
from model.anchors import matched_burden
from model.ledgers import mean_and_error
from model.quality import RESISTANT
from model.scenario import month_name
from model.states import DEAD, Capacity, Health, Service
from model.states import Payer as Cover
from results.envelopes import envelope_table
from results.equity import equity, gaps
from results.findings import CLOSED, OPEN, Estimate, Findings, first_year
from results.frontier import frontiers
from results.league import league_table
from results.table import Table, rounded
from results.texts import pick, say

CASH_CATEGORIES = tuple(c for c in valuation.Category if c <= valuation.Category.PROGRAMME)
TRANSFERS = "TRANSFERS"  # the memo line of the budget: cash benefits


def all_tables(findings: Findings, lang: str) -> list[Table]:
    """Return every table the run can fill; those of a population not run are left out."""
    tables = [league_table(findings, lang), comparison(findings, lang), icer(findings), *frontiers(findings)]
    tables.append(break_even(findings, lang))
    tables += [anchors(findings, lang), trace(findings)]
    if findings.study.open:
        tables += [burden(findings), budget(findings), ald(findings), equity(findings, lang), gaps(findings, lang)]
        tables += [capacity(findings), envelope_table(findings), retrospective(findings)]
    tables.append(replicates(findings))
    return [table for table in tables if len(table)]


def _pair(estimate: Estimate | None) -> tuple[float | None, float | None]:
    return (None, None) if estimate is None else rounded(estimate.mean, estimate.error)


def comparison(findings: Findings, lang: str) -> Table:
    """Return every outcome of every scenario; lower and upper bound the difference (Monte Carlo, 95 %)."""
    rows: list[tuple[Any, ...]] = []
    for m in findings.measures:
        words = say(f"outcome.{m.outcome}", lang)
        first = (m.scenario, m.population, findings.horizon_name(m.years), m.outcome, m.unit, words)
        if m.scenario == "baseline":
            rows.append((*first, *_pair(m.value), None, None, None, None))
        else:
            rows.append((*first, *_pair(m.value), *_pair(m.difference), *_bounds(m.difference)))
    for name, share in findings.shares.items():
        for outcome, unit, found in (
            ("burden_saving", "EUR a year, undiscounted", share.saving),
            ("share_of_burden", "share a year", share.of_total),
            ("share_of_avoidable", "share a year", share.of_avoidable),
        ):
            saved = Estimate(found.mean, found.error)
            years = str(min(5, findings.years(OPEN)))
            head = (name, OPEN, years, outcome, unit, say(f"outcome.{outcome}", lang))
            rows.append((*head, None, None, *_pair(saved), *_bounds(saved)))
    columns = ("scenario", "population", "horizon_years", "outcome", "unit", "label", "value", "value_mc_se")
    return Table("comparison", (*columns, "incremental", "incremental_mc_se", "lower", "upper"), tuple(rows))


def _bounds(difference: Estimate) -> tuple[float, float]:
    return rounded(difference.low, difference.error)[0], rounded(difference.high, difference.error)[0]


def icer(findings: Findings) -> Table:
    """Return the league table against the baseline, closed cohort, discounted."""
    rows = []
    for r in findings.ratios:
        interval = (None, None) if r.interval is None else tuple(round(end) for end in r.interval)
        rows.append(
            (
                *(r.scenario, r.perspective, findings.horizon_name(r.years), *_pair(r.cost), *_pair(r.qalys)),
                *(r.quadrant.name, *_pair(r.icer), *interval, r.verdict),
            )
        )
    columns = ("scenario", "perspective", "horizon_years", "inc_cost", "inc_cost_mc_se", "inc_qalys")
    more = ("inc_qalys_mc_se", "quadrant", "icer", "icer_mc_se", "lower", "upper", "verdict")
    return Table("icer", (*columns, *more), tuple(rows))


def break_even(findings: Findings, lang: str) -> Table:
    """Return net benefit over the sizes of each explored effect, and where it crosses zero."""
    rows = []
    for name, found in findings.break_evens.items():
        explore = findings.scenarios[name].explore
        if explore is None:
            continue
        for one in found:
            crossing = one.crossing
            for size, benefit in zip(one.sizes, one.net_benefits, strict=True):
                head = (
                    name,
                    explore.parameter,
                    pick(explore.label, lang),
                    pick(explore.unit, lang),
                    size,
                    one.threshold,
                )
                rows.append((*head, *_pair(benefit), *_pair(crossing), len(one.crossings)))
    columns = ("scenario", "parameter", "label", "unit", "effect", "threshold", "net_benefit", "mc_se")
    return Table("break_even", (*columns, "break_even", "break_even_mc_se", "crossings"), tuple(rows))


def anchors(findings: Findings, lang: str) -> Table:
    """Return the baseline beside its sources."""
    rows = []
    for a in findings.study.anchors:
        after, error = rounded(a.after, a.after_mc_se)
        within = bool(a.inside)
        head = (pick(a.name, lang), a.unit, a.target, a.low, a.high, a.before, after, error)
        rows.append((*head, int(within), a.verdict, a.checked, a.source))
    columns = ("anchor", "unit", "target", "low", "high", "before", "after", "after_mc_se", "within")
    return Table("anchors", (*columns, "verdict", "checked", "source"), tuple(rows))


def burden(findings: Findings) -> Table:
    """Return the 14 billion by component, claimed and in the model (baseline, first year), bn euros.

    `matched`: the solve's reading, in which only physical quantities move within their ranges (empty before a solve).
    """
    registry, prices = findings.study.registry, findings.prices
    model = valuation.burden(findings.worths[OPEN]["baseline"].outcomes)
    targets = valuation.burden_targets(prices)
    matched, rows = matched_burden(), []
    for name, flows in model.items():
        claimed = registry[f"economy.burden.{name}"]
        carried = targets[name] / claimed.value  # euros of its price year to those of the run
        low, high = (carried * end / 1e9 for end in claimed.range)
        found = _pair(Estimate.of(flows[:, 0] / 1e9))
        claim = (targets[name] / 1e9, low, high)
        reading = rounded(*matched[name]) if name in matched else (None, None)
        rows.append((name, claimed.value / 1e9, claimed.price_year, *(round(c, 4) for c in claim), *found, *reading))
    columns = ("component", "claimed_bn", "claimed_price_year", "target_bn", "low_bn", "high_bn")
    return Table("burden", (*columns, "model_bn", "model_bn_mc_se", "matched_bn", "matched_bn_mc_se"), tuple(rows))


def budget(findings: Findings) -> Table:
    """Return undiscounted euros by calendar year, payer and category; TRANSFERS are cash benefits, a memo."""
    worths = findings.worths[OPEN]
    base = worths["baseline"].outcomes
    rows = []
    for name, one in worths.items():
        costs = economics.budget_impact(base.costs.sum(axis=2), one.outcomes.costs.sum(axis=2))
        value_error = mean_and_error(one.outcomes.costs.sum(axis=2))[1]
        cash = economics.budget_impact(base.transfers.sum(axis=2), one.outcomes.transfers.sum(axis=2))
        cash_error = mean_and_error(one.outcomes.transfers.sum(axis=2))[1]
        for year in range(findings.years(OPEN)):
            for payer in valuation.Payer:
                lines: list[Any] = [(c.name, costs, value_error, (year, payer, c)) for c in valuation.Category]
                lines.append((TRANSFERS, cash, cash_error, (year, payer)))
                for category, impact, error, at in lines:
                    if not (impact.scenario[at] or impact.baseline[at]):
                        continue
                    value = rounded(float(impact.scenario[at]), float(error[at]))
                    change = rounded(float(impact.difference[at]), float(impact.error[at]))
                    difference = (None, None) if name == "baseline" else change
                    rows.append((first_year(findings, name) + year, payer.name, category, name, *value, *difference))
    columns = ("year", "payer", "category", "scenario", "euros", "euros_mc_se", "difference", "mc_se")
    return Table("budget", columns, tuple(rows))


def ald(findings: Findings) -> Table:
    """Return who pays a month of care of resistant depression, with and without ALD and complementary cover.

    The basket is the mean month of everybody with broad resistance in the baseline's first year: the same care in
    each class of cover, so that only the rules of payment differ.
    """
    ledgers = findings.worths[OPEN]["baseline"].ledgers
    used = ledgers.resources[:, 0, RESISTANT].sum(axis=(1, 2))
    alive = [state for state in Health if state not in DEAD]
    months = ledgers.occupancy[:, 0][..., RESISTANT, :][..., alive].sum(axis=(1, 2, 3, 4))
    mean, error = mean_and_error(payers.monthly_bill(payers.tariff(findings.prices), used / months[:, None]))
    rows = [
        (cover.name, payer.name, *rounded(float(mean[cover, payer]), float(error[cover, payer])))
        for cover in Cover
        for payer in payers.Payer
        if mean[cover, payer]
    ]
    return Table("ald", ("cover", "payer", "euros_a_month", "mc_se"), tuple(rows))


def capacity(findings: Findings) -> Table:
    """Return, a service and month: places, those found free, who is eligible, admitted, refused, waits, gives up.

    Places are those of the nation, units in `states.Service`; blank where nothing limits them.
    """
    counted = {
        "eligible": Capacity.ELIGIBLE,
        "admitted": Capacity.ADMITTED,
        "held": Capacity.HELD,
        "refused": Capacity.REFUSED,
        "waiting": Capacity.WAITING,
        "gave_up": Capacity.GAVE_UP,
    }
    rows = []
    for scenario, one in findings.worths[OPEN].items():
        table, places = one.ledgers.capacity, findings.study.places[scenario]
        mean, error = mean_and_error(table)
        wait, wait_error = _mean_waits(table)
        start = 12 * first_year(findings, scenario)
        for service in Service:
            for month in np.flatnonzero(mean[:, service].any(axis=1)):
                cells = [(mean[month, service, c], error[month, service, c]) for c in counted.values()]
                limit, head = float(places[month, service]), (service.name, month_name(start + int(month)), scenario)
                free = _free(limit, mean[month - 1, service], error[month - 1, service]) if month else (None, None)
                waited: tuple[float | None, float | None] = (None, None)
                if mean[month, service, Capacity.ADMITTED]:
                    waited = rounded(wait[month, service], wait_error[month, service])
                flat = [number for cell in cells for number in rounded(*cell)]
                rows.append((*head, round(limit, 1) if limit < np.inf else None, *free, *flat, *waited))
    pairs = [column for name in ("free", *counted, "mean_wait_months") for column in (name, f"{name}_mc_se")]
    return Table("capacity", ("service", "month", "scenario", "places", *pairs), tuple(rows))


def _free(places: float, mean: np.ndarray, error: np.ndarray) -> tuple[float | None, float | None]:
    """Return the places not kept by people in treatment the month before, and its error."""
    if places == np.inf:
        return None, None
    return rounded(max(0.0, places - float(mean[Capacity.KEPT])), float(error[Capacity.KEPT]))


def _mean_waits(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean wait of those admitted each month, months, and its error (delta method), (cycle, service).

    table : (batch, cycle, service, column)
    """
    admitted, waited = table[..., Capacity.ADMITTED], table[..., Capacity.MONTHS_WAITED]
    each = np.where(whole := admitted.mean(axis=0), whole, 1.0)
    mean = waited.mean(axis=0) / each
    return mean, mean_and_error((waited - mean * admitted) / each)[1]


def retrospective(findings: Findings) -> Table:
    """Return what a past programme was meant to treat and was seen to treat, beside the model; nothing is capped.

    The model simulates depression; `model_all` counts besides the places of those with anxiety alone.
    """
    rows = []
    for one in findings.past:
        known, gap = one.known.value, Estimate(one.with_anxiety.mean - one.known.value, one.with_anxiety.error)
        share = round(one.model.error / one.model.mean, 4) if one.model.mean else None
        head = (one.scenario, one.quantity, one.known.unit, known, *_pair(one.model), share)
        rows.append((*head, *_pair(one.with_anxiety), *_pair(gap), round(gap.mean / known, 3), one.known.source))
    columns = ("scenario", "quantity", "unit", "known", "model_depression", "model_depression_mc_se", "mc_share")
    more = ("model_all", "model_all_mc_se", "gap", "gap_mc_se", "gap_share", "source")
    return Table("retrospective", (*columns, *more), tuple(rows))


def replicates(findings: Findings) -> Table:
    """Return how far whole runs differ under other seeds, beside the error that batches of one run give."""
    rows = [
        (
            *(r.scenario, r.outcome, len(r.values), *rounded(r.mean, r.error / len(r.values) ** 0.5)),
            *(rounded(r.error, r.error / 4.0)[0], rounded(r.batch_error, r.batch_error / 4.0)[0]),
        )
        for r in findings.study.replicates
    ]
    columns = ("scenario", "outcome", "replicates", "mean", "mean_mc_se", "error_between_seeds", "error_by_batches")
    return Table("replicates", columns, tuple(rows))


def trace(findings: Findings) -> Table:
    """Return the share of people in each state, by month in the open population, by year in the cohort."""
    rows = []
    for population, worths in findings.worths.items():
        for scenario, one in worths.items():
            persons = one.ledgers.trace.sum(axis=3)
            shares, errors = mean_and_error(persons / persons.sum(axis=2, keepdims=True))
            for cycle in range(one.ledgers.cycles + 1):
                if population == CLOSED and cycle % 12:
                    continue
                for state in Health:
                    share = rounded(float(shares[cycle, state]), float(errors[cycle, state]))
                    rows.append((population, cycle, scenario, state.name, *share))
    return Table("trace", ("population", "cycle", "scenario", "state", "share", "mc_se"), tuple(rows))
