"""The league table: every policy beside the baseline, one row each, ranked by QALYs gained.

Not a list to choose the best from: policies reach different people and can be added together. Dominance
and a frontier are worked out only inside a declared exclusive set (`tables.frontiers`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from results.findings import CLOSED, OPEN, Estimate, Findings, Ratio
from results.numbers import Z95, decimals_for, euros, number, with_error
from results.table import Table, grid_text, rounded
from results.texts import pick, say

COUNTS = ("suicides", "episode_months", "refused")
COSTS = ("cost_collective", "cost_assurance_maladie", "cost_hospital", "cost_patient", "cost_societal")
NOTHING = 1e-6  # what sums of floats leave where nothing differs
FULL_SUMMARIES = 4  # up to this many policies the summary tells each in full on the screen


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
    amount = "" if ratio.icer is None else euros(ratio.icer.mean, lang, error=ratio.icer.error)
    return say(f"verdict.{ratio.verdict}", lang, icer=amount)


def league_text(findings: Findings, lang: str, width: int) -> str:
    """Return the league table as it fits a terminal of `width` characters (narrow: fewer columns)."""
    shown = list(_columns(findings, lang, width))
    rows = []
    for rank, row in enumerate(league(findings), start=1):
        title = pick(findings.scenarios[row.scenario].title, lang) + ("\u00a0▲" if row.assumed else "")
        rows.append((str(rank), title, *(cell(row) for _, cell in shown)))
    return grid_text(("", say("league.policy", lang), *(heading for heading, _ in shown)), rows, width, left=(1, -1))


def frontier_text(findings: Findings, found: Table, lang: str, width: int) -> str:
    """Return the frontier of an exclusive set (a table of `tables.frontiers`) for a terminal."""
    base = next(iter(found))
    rows = []
    for row in sorted(found, key=lambda row: row["Cost"]):
        amounts = (row["Cost"] - base["Cost"], row["Effect"] - base["Effect"])
        ratio = "" if row["ICER"] is None else say("league.per_qaly", lang, amount=euros(row["ICER"], lang))
        if row["ICER"] is not None and abs(row["Inc_Effect"]) <= Z95 * row["Inc_Effect_mc_se"]:
            ratio = say("frontier.untold", lang)
        title = pick(findings.scenarios[row["Strategy"]].title, lang)
        first = row["Strategy"] == "baseline"
        cost, qalys = (
            ("–", "–") if first else (euros(amounts[0], lang, signed=True), number(amounts[1], lang, -2, True))
        )
        rows.append((title, cost, qalys, ratio, say(f"frontier.{row['Status']}", lang)))
    headings = [say(f"frontier.{key}", lang) for key in ("policy", "cost", "qalys", "icer", "status")]
    return (
        say("frontier.title", lang, name=found.name.removeprefix("frontier_"))
        + "\n"
        + grid_text(headings, rows, width, left=(0, -1))
    )


def _columns(findings: Findings, lang: str, width: int) -> Iterator[tuple[str, Any]]:
    """Yield heading and writer of each column; the first ones matter most, a narrow screen drops the others."""
    yield say("league.qalys", lang), lambda row: _told(row.qalys, lang, 1e3)
    if width >= 118:
        yield say("league.suicides", lang), lambda row: _told(_opposite(row.changes["suicides"]), lang)
    if width >= 140:
        yield say("league.months", lang), lambda row: _told(row.changes["episode_months"], lang, 1e3)
    if findings.study.open:
        avoidable = width >= 140
        heading = say("league.share_both" if avoidable else "league.share", lang)
        yield heading, partial(_share_cell, lang=lang, avoidable=avoidable)
    yield say("league.cost", lang), lambda row: _told(row.changes["cost_collective"], lang, 1e6)
    if width >= 150:
        yield say("league.insurer", lang), lambda row: _told(row.changes["cost_assurance_maladie"], lang, 1e6)
        yield say("league.society", lang), lambda row: _told(row.changes["cost_societal"], lang, 1e6)
    if width >= 150:
        yield say("league.refused", lang), lambda row: _told(row.changes["refused"], lang, 1e3)
    yield say("league.verdict", lang), lambda row: "" if row.ratio is None else _short_verdict(row.ratio, lang)


def _opposite(found: Estimate) -> Estimate:
    return Estimate(-found.mean, found.error)


def _told(found: Estimate, lang: str, scale: float = 1.0) -> str:
    """Return a difference in units of `scale` with its error; "≈ 0" when it is not told from zero."""
    mean, error = found.mean / scale, found.error / scale
    if max(abs(mean), error) < NOTHING:
        return "0"
    if not found.told_from_zero:
        return f"≈ 0 (± {number(Z95 * error, lang, decimals_for(Z95 * error))})"
    return with_error(mean, error, lang, signed=True)


def _share_cell(row: Row, lang: str, avoidable: bool) -> str:
    if row.share is None or row.avoidable is None:
        return ""
    told = _told(row.share, lang, 0.01)
    if not (row.share.told_from_zero and avoidable):
        return told
    return f"{told} ({number(100 * row.avoidable.mean, lang, decimals_for(100 * Z95 * row.avoidable.error), True)})"


def _short_verdict(ratio: Ratio, lang: str) -> str:
    if ratio.icer is not None and ratio.verdict == "icer":  # the others are said in words
        return say("league.per_qaly", lang, amount=euros(ratio.icer.mean, lang, error=ratio.icer.error))
    return say(f"league.verdict.{ratio.verdict}", lang)
