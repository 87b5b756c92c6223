"""What each chart draws, taken from a study's findings: one table a chart, saved beside it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from model.ledgers import mean_and_error
from model.payers import Payer
from model.states import DEAD, IN_EPISODE, Health
from results import tables
from results.charts import anchors, break_even, budget, course, equity, frontier, headline
from results.charts.style import MANY, Chart, Setting
from results.equity import chart_rows
from results.findings import CLOSED, OPEN, Estimate, Findings
from results.frontier import frontier_note, frontiers, set_name
from results.league import league
from results.table import Table, rounded
from results.texts import pick, say

CHART_THRESHOLDS = slice(2, None, 2)  # of those explored, the ones drawn beside savings alone
COURSE_POINTS = 120


def chart_setting(findings: Findings, lang: str, run: str) -> Setting:
    """Return what every chart of this run needs to know."""
    scenarios = findings.study.scenarios
    return Setting(
        lang=lang,
        run=run,
        people=findings.study.people,
        price_year=int(findings.prices["economy.price_year"]),
        titles={scenario.id: pick(scenario.title, lang) for scenario in scenarios},
        assumed=frozenset(scenario.id for scenario in scenarios if "D" in scenario.grades),
        colours={scenario.id: scenario.colour for scenario in scenarios if scenario.colour},
    )


def horizon_words(years: int, findings: Findings, lang: str) -> str:
    """Return a horizon in words: "10 ans", "vie entière"."""
    if findings.horizon_name(years) == "lifetime":
        return say("horizon.lifetime", lang)
    return say("horizon.years", lang, years=years)


def draw_all(findings: Findings, setting: Setting) -> Iterator[Chart]:
    """Yield the charts this run can fill, as soon as each has its data: these and the function that draws it."""
    lang = setting.lang
    many = len(findings.policies) > MANY
    if findings.study.open and findings.policies:
        data = headline_data(findings, lang)
        total = float(findings.prices["economy.burden.total"])
        yield data, partial(headline.draw_headline, data, setting, total)
        if many:
            totals = budget_totals(findings)
            yield totals, partial(budget.draw_budget_totals, totals, setting)
        else:
            flows = budget_data(findings)
            yield flows, partial(budget.draw_budget, flows, setting)
    if many:
        kept = set(shown_policies(findings))
        states = course_data(findings, OPEN if findings.study.open else CLOSED)
        apart = states.filter(lambda row: row["state"] == course.IN_EPISODE and row["scenario"] in kept)
        yield apart, partial(course.draw_differences, apart, setting)
    else:
        states = course_data(findings, findings.main_population)
        population = findings.worths[findings.main_population]
        persons = float(population["baseline"].ledgers.trace[:, -1].sum(axis=(1, 2)).mean())
        yield states, partial(course.draw_course, states, setting, persons, findings.main_population)
    if findings.study.open and findings.policies:
        groups = chart_rows(findings, shown_policies(findings)[: equity.SHOWN], lang)
        yield groups, partial(equity.draw_equity, groups, setting)
        regions = groups.where(group="region").named("regions")
        yield regions, partial(equity.draw_regions, regions, setting)
    compared = tables.anchors(findings, lang)
    if len(compared):
        yield compared, partial(anchors.draw_anchors, compared, setting)
    for data in frontiers(findings):
        horizon = horizon_words(findings.years(CLOSED), findings, lang)
        words = (set_name(data, lang), horizon, say(f"perspective.{findings.perspective}", lang))
        note = frontier_note(findings.study.people, lang)
        yield data, partial(frontier.draw_frontier, data, setting, *words, note)
    turning = break_even_data(findings, lang)
    if len(turning):
        horizon = horizon_words(findings.years(findings.main_population), findings, lang)
        yield turning, partial(break_even.draw_break_even, turning, setting, horizon)


def shown_policies(findings: Findings) -> list[str]:
    """Return the policies in the order charts show them: as asked, or with many as the league table ranks them."""
    if len(findings.policies) <= MANY:
        return [policy.id for policy in findings.policies]
    return [row.scenario for row in league(findings)]


def budget_totals(findings: Findings) -> Table:
    """Return what each policy costs each payer in all over the first years (open population, undiscounted)."""
    years, rows = min(5, findings.years(OPEN)), []
    base = _cash(findings, "baseline")[:, :years].sum(axis=1)
    for name in shown_policies(findings):
        change = _cash(findings, name)[:, :years].sum(axis=1) - base
        for payer in budget.PAYERS:
            found = Estimate.of(change[:, Payer[payer]])
            rows.append((name, years, payer, *rounded(found.mean, found.error)))
        net = Estimate.of(change.sum(axis=1))
        rows.append((name, years, budget.NET, *rounded(net.mean, net.error)))
    return Table("budget_totals", ("scenario", "years", "payer", "difference", "mc_se"), tuple(rows))


def _cash(findings: Findings, name: str) -> np.ndarray:
    """Return bills and cash benefits each year: (batch, year, payer)."""
    one = findings.worths[OPEN][name]
    bills = one.paid[..., [int(category) for category in tables.CASH_CATEGORIES]].sum(axis=3)
    return np.asarray(bills + one.outcomes.transfers.sum(axis=2))


def headline_data(findings: Findings, lang: str) -> Table:
    """Return the headline's rows: saving, share, QALYs gained and suicides averted in the open population."""
    years = findings.years(OPEN)
    horizon, rows = horizon_words(years, findings, lang), []

    def row(scenario: str, measure: str, found: Any, sign: int = 1) -> None:
        value, error = rounded(sign * found.mean, found.error)
        rows.append((scenario, measure, value, error, horizon))

    for name in shown_policies(findings):
        policy, share = findings.scenarios[name], findings.shares[name]
        row(policy.id, "share_of_burden", share.of_total)
        row(policy.id, "burden_saving", share.saving)
        row(policy.id, "qalys", findings.measure(policy.id, "qalys", OPEN, years).difference)
        row(policy.id, "suicides_averted", findings.measure(policy.id, "suicides", OPEN, years).difference, -1)
    return Table("headline", headline.COLUMNS, tuple(rows))


def budget_data(findings: Findings) -> Table:
    """Return cash flows that differ from the baseline, by calendar year and payer, and their net total."""
    rows = []
    for policy in findings.policies:
        change = _cash(findings, policy.id) - _cash(findings, "baseline")
        for year in range(findings.years(OPEN)):
            calendar = tables.first_year(findings, policy.id) + year
            for payer in budget.PAYERS:
                found = Estimate.of(change[:, year, Payer[payer]])
                rows.append((policy.id, calendar, payer, *rounded(found.mean, found.error)))
            net = Estimate.of(change[:, year].sum(axis=1))
            rows.append((policy.id, calendar, budget.NET, *rounded(net.mean, net.error)))
    return Table("budget_impact", budget.COLUMNS, tuple(rows))


def course_data(findings: Findings, population: str) -> Table:
    """Return the share of people in each state over time, and the difference in those ill and alive."""
    worths = findings.worths[population]
    rows: list[tuple[Any, ...]] = []
    base = worths["baseline"].ledgers.trace.sum(axis=3)
    step = max(base.shape[1] // COURSE_POINTS, 1)
    alive = [state for state in Health if state not in DEAD]
    shown = [state for state in course.STATES if population == CLOSED or state != Health.NEVER]
    for scenario, one in worths.items():
        persons = one.ledgers.trace.sum(axis=3)
        counted = persons if population == CLOSED else persons[:, :, 1:]
        shares, errors = mean_and_error(persons / counted.sum(axis=2, keepdims=True))
        for state in shown:
            for cycle in range(0, persons.shape[1], step):
                share = rounded(float(shares[cycle, state]), float(errors[cycle, state]))
                rows.append((scenario, cycle / 12, state.name, *share, None, None))
        for name, states in ((course.IN_EPISODE, list(IN_EPISODE)), (course.ALIVE, alive)):
            if scenario == "baseline":
                continue
            change, error = mean_and_error((persons - base)[:, :, states].sum(axis=2))
            for cycle in range(0, persons.shape[1], step):
                moved = rounded(float(change[cycle]), float(error[cycle]))
                rows.append((scenario, cycle / 12, name, None, None, *moved))
    return Table("course_of_illness", course.COLUMNS, tuple(rows))


def break_even_data(findings: Findings, lang: str) -> Table:
    """Return net benefit over the sizes of each explored effect, at the thresholds drawn."""
    kept = {0.0, *findings.thresholds[1:][CHART_THRESHOLDS]}
    return tables.break_even(findings, lang).filter(lambda row: row["threshold"] in kept)
