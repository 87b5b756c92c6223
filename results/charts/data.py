"""What each chart draws, taken from a study's findings: one table a chart, saved beside it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from model.ledgers import mean_and_error
from model.payers import Payer
from model.states import DEAD, IN_EPISODE, Health
from results import tables
from results.charts import anchors, break_even, budget, course, headline
from results.charts.style import Setting
from results.findings import CLOSED, OPEN, Estimate, Findings
from results.table import Table, rounded
from results.texts import pick, say

Chart = tuple[Table, Callable[[], Figure]]
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


def draw_all(findings: Findings, setting: Setting) -> list[Chart]:
    """Return the charts this run can fill: their data and the function that draws each."""
    lang, charts = setting.lang, list[Chart]()
    if findings.study.open and findings.policies:
        data = headline_data(findings, lang)
        total = float(findings.prices["economy.burden.total"])
        charts.append((data, lambda: headline.draw_headline(data, setting, total)))
        flows = budget_data(findings)
        charts.append((flows, lambda: budget.draw_budget(flows, setting)))
    states = course_data(findings)
    population = findings.worths[findings.main_population]
    persons = float(population["baseline"].ledgers.trace[:, -1].sum(axis=(1, 2)).mean())
    charts.append((states, lambda: course.draw_course(states, setting, persons, findings.main_population)))
    compared = tables.anchors(findings, lang)
    if len(compared):
        charts.append((compared, lambda: anchors.draw_anchors(compared, setting)))
    turning = break_even_data(findings, lang)
    if len(turning):
        horizon = horizon_words(findings.years(findings.main_population), findings, lang)
        charts.append((turning, lambda: break_even.draw_break_even(turning, setting, horizon)))
    return charts


def headline_data(findings: Findings, lang: str) -> Table:
    """Return the headline's rows: saving, share, QALYs gained and suicides averted in the open population."""
    years = findings.years(OPEN)
    horizon, rows = horizon_words(years, findings, lang), []

    def row(scenario: str, measure: str, found: Any, sign: int = 1) -> None:
        value, error = rounded(sign * found.mean, found.error)
        rows.append((scenario, measure, value, error, horizon))

    for policy in findings.policies:
        share = findings.shares[policy.id]
        row(policy.id, "share_of_burden", share.of_total)
        row(policy.id, "burden_saving", share.saving)
        row(policy.id, "qalys", findings.measure(policy.id, "qalys", OPEN, years).difference)
        row(policy.id, "suicides_averted", findings.measure(policy.id, "suicides", OPEN, years).difference, -1)
    return Table("headline", headline.COLUMNS, tuple(rows))


def budget_data(findings: Findings) -> Table:
    """Return cash flows that differ from the baseline, by calendar year and payer, and their net total."""
    worths = findings.worths[OPEN]
    cash = [int(category) for category in tables.CASH_CATEGORIES]
    rows = []

    def flows(name: str) -> np.ndarray:
        outcomes = worths[name].outcomes
        return np.asarray(outcomes.costs[..., cash].sum(axis=(2, 4)) + outcomes.transfers.sum(axis=2))

    for policy in findings.policies:
        change = flows(policy.id) - flows("baseline")
        for year in range(findings.years(OPEN)):
            calendar = tables.first_year(findings, policy.id) + year
            for payer in budget.PAYERS:
                found = Estimate.of(change[:, year, Payer[payer]])
                rows.append((policy.id, calendar, payer, *rounded(found.mean, found.error)))
            net = Estimate.of(change[:, year].sum(axis=1))
            rows.append((policy.id, calendar, budget.NET, *rounded(net.mean, net.error)))
    return Table("budget_impact", budget.COLUMNS, tuple(rows))


def course_data(findings: Findings) -> Table:
    """Return the share of people in each state over time, and the difference in those ill and alive."""
    population = findings.main_population
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
