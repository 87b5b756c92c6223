"""The league table: every policy beside the baseline, one row each, ranked by QALYs gained.

Not a list to choose the best from: policies reach different people and can be added together. Dominance
and a frontier are worked out only inside a declared exclusive set (`results.frontier`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from results.findings import CLOSED, OPEN, Estimate, Findings, Ratio
from results.numbers import Z95, decimals_for, euros, euros_between, number, with_error
from results.table import Table, grid_text, least_width, rounded
from results.texts import pick, say

COUNTS = ("suicides", "episode_months", "refused")
COSTS = ("cost_collective", "cost_assurance_maladie", "cost_hospital", "cost_patient", "cost_societal")
NOTHING = 1e-6  # what sums of floats leave where nothing differs


@dataclass(frozen=True)
class Row:
    """One policy beside the baseline.

    qalys : over the longest horizon of the cohort, discounted; of the open population if no cohort was run
    changes : outcome -> difference in France over the open run, undiscounted
    share, avoidable : of the 14 bn and of its avoidable part saved a year (None without an open run)
    """

    scenario: str
    assumed: bool
    qalys: Estimate
    changes: dict[str, Estimate]
    share: Estimate | None
    avoidable: Estimate | None
    ratio: Ratio | None


def league(findings: Findings) -> list[Row]:
    """Return the policies on the national calendar, most QALYs first, those not told from zero last."""
    rows = [_row(policy, findings) for policy in findings.policies if policy.population == "national"]
    return sorted(rows, key=lambda row: (not row.qalys.told_from_zero, -row.qalys.mean))


def _row(policy: Any, findings: Findings) -> Row:
    measure, name = findings.measure, policy.id
    population = findings.main_population
    qalys = measure(name, "qalys", population, findings.years(population)).difference
    counted = OPEN if findings.study.open else CLOSED
    changes = {
        outcome: measure(name, outcome, counted, findings.years(counted)).difference for outcome in (*COUNTS, *COSTS)
    }
    share = findings.shares.get(name)
    parts = (None, None) if share is None else (share.of_total, share.of_avoidable)
    saved = (None if part is None else Estimate(part.mean, part.error) for part in parts)
    return Row(name, "D" in policy.grades, qalys, changes, *saved, findings.ratio(name))


def league_table(findings: Findings, lang: str) -> Table:
    """Return the league table as rows of numbers; each has its Monte Carlo standard error."""
    rows = []
    for rank, row in enumerate(league(findings), start=1):
        found = [row.qalys, *row.changes.values(), row.share, row.avoidable]
        found.append(None if row.ratio is None else row.ratio.icer)
        cells = [cell for one in found for cell in ((None, None) if one is None else rounded(one.mean, one.error))]
        verdict = "" if row.ratio is None else verdict_words(row.ratio, lang)
        title = pick(findings.scenarios[row.scenario].title, lang)
        rows.append((rank, row.scenario, title, int(row.assumed), *cells, verdict))
    names = [
        "inc_qalys",
        *(f"inc_{name}" for name in (*COUNTS, *COSTS)),
        "share_of_burden",
        "share_of_avoidable",
        "icer",
    ]
    columns = [column for name in names for column in (name, f"{name}_mc_se")]
    return Table("league", ("rank", "scenario", "title", "assumed_effect", *columns, "verdict"), tuple(rows))


def verdict_words(ratio: Ratio, lang: str) -> str:
    """Return cost per QALY, in words wherever a ratio would mislead."""
    amount = "" if ratio.icer is None else ratio_words(ratio.icer.mean, ratio.interval, lang)
    return say(f"verdict.{ratio.verdict}", lang, icer=amount)


def ratio_words(ratio: float, interval: tuple[float, float] | None, lang: str, per: str = "") -> str:
    """Return a cost per QALY with Fieller's interval: a ratio's error is not the same on both sides."""
    return euros(ratio, lang) + per if interval is None else euros_between(ratio, *interval, lang, per)


def league_text(findings: Findings, lang: str, width: int) -> str:
    """Return the league table as it fits a terminal of `width` characters: the least of its columns left out."""
    ranked = league(findings)
    heads = [(str(rank), _title(row, findings, lang)) for rank, row in enumerate(ranked, start=1)]
    shown, left = _columns(findings, lang), (1, -1)

    def grid() -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        cells = [(*head, *(column.cell(row) for column in shown)) for head, row in zip(heads, ranked, strict=True)]
        return ("", say("league.policy", lang), *(column.heading for column in shown)), cells

    while len(shown) > 2 and least_width(*grid(), left) > width:
        shown.remove(max(shown, key=lambda column: column.order))
    return grid_text(*grid(), width, left=left)


def _title(row: Row, findings: Findings, lang: str) -> str:
    return pick(findings.scenarios[row.scenario].title, lang) + ("\u00a0▲" if row.assumed else "")


@dataclass(frozen=True)
class Column:
    """A column of the league table; the highest `order` is the first to be left out of a narrow screen."""

    order: int
    heading: str
    cell: Callable[[Row], str]


def _columns(findings: Findings, lang: str) -> list[Column]:
    def change(order: int, heading: str, outcome: str, scale: float) -> Column:
        return Column(order, say(f"league.{heading}", lang), lambda row: _change_cell(row, outcome, scale, lang))

    share = say("league.share_both", lang)
    columns = [
        Column(0, say("league.qalys", lang), lambda row: told(row.qalys, lang, 1e3)),
        change(3, "suicides", "suicides", -1.0),
        change(4, "months", "episode_months", 1e3),
        Column(2, share, partial(_share_cell, lang=lang)),
        change(2, "cost", "cost_collective", 1e6),
        change(7, "insurer", "cost_assurance_maladie", 1e6),
        change(5, "society", "cost_societal", 1e6),
        change(6, "refused", "refused", 1e3),
        Column(1, say("league.verdict", lang), lambda row: _short_verdict(row.ratio, lang)),
    ]
    return [column for column in columns if findings.study.open or column.heading != share]


def told(found: Estimate, lang: str, scale: float = 1.0) -> str:
    """Return a difference in units of `scale` with its error; "≈ 0" when it is not told from zero."""
    mean, error = found.mean / scale, found.error / abs(scale)
    if max(abs(mean), error) < NOTHING:
        return "0"
    if not found.told_from_zero:
        return f"≈ 0 (± {number(Z95 * error, lang, decimals_for(Z95 * error))})"
    return with_error(mean, error, lang, signed=True)


def _change_cell(row: Row, outcome: str, scale: float, lang: str) -> str:
    """Return a change; an event that no life of the sample met is no exact zero where lives do differ."""
    change, lives = row.changes[outcome], row.changes["episode_months"]
    if outcome == "suicides" and not (change.mean or change.error) and (lives.mean or lives.error):
        return "≈ 0"
    return told(change, lang, scale)


def _share_cell(row: Row, lang: str) -> str:
    if row.share is None or row.avoidable is None:
        return ""
    share = told(row.share, lang, 0.01)
    if not row.share.told_from_zero:
        return share
    return f"{share} ({number(100 * row.avoidable.mean, lang, decimals_for(100 * Z95 * row.avoidable.error), True)})"


def _short_verdict(ratio: Ratio | None, lang: str) -> str:
    if ratio is None:
        return ""
    if ratio.icer is not None and ratio.verdict == "icer":  # the others are said in words
        return ratio_words(ratio.icer.mean, ratio.interval, lang, "/QALY")
    return say(f"league.verdict.{ratio.verdict}", lang)
