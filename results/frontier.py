"""The efficiency frontier of scenarios that exclude each other, and what chance lets be said of it.

Each point has its difference from the baseline, paired by batch; a status is told only where nearly all
resamplings of the batches agree on it (`economics.frontier_chances`).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from model import economics
from results.findings import CLOSED, Estimate, Findings, for_qalys
from results.league import ratio_words, told
from results.numbers import number, percent
from results.table import Table, grid_text, rounded
from results.texts import keys, pick, say

DAMPACK = ("Strategy", "Cost", "Effect", "Inc_Cost", "Inc_Effect", "ICER", "Status")
ERRORS = ("Cost_mc_se", "Effect_mc_se", "Inc_Cost_mc_se", "Inc_Effect_mc_se", "ICER_lower", "ICER_upper")
BESIDE = ("Diff_Cost", "Diff_Cost_mc_se", "Diff_Effect", "Diff_Effect_mc_se", "Status_of_means")
CHANCES = ("Chance_ND", "Chance_D", "Chance_ED")
COLUMNS = (*DAMPACK, *ERRORS, *BESIDE, *CHANCES)


def exclusive_sets(findings: Findings) -> dict[str, list[str]]:
    """Return the declared exclusive sets with at least two policies of the cohort: name -> scenarios."""
    sets: dict[str, list[str]] = {}
    for policy in findings.policies:
        if policy.exclusive_set and policy.population == "national" and findings.worths[CLOSED]:
            sets.setdefault(policy.exclusive_set, []).append(policy.id)
    return {name: members for name, members in sets.items() if len(members) > 1}


def frontiers(findings: Findings) -> Iterator[Table]:
    """Yield one table a declared exclusive set with at least two policies, columns as dampack's and more.

    Status : ND, D or ED where chance does not explain it, "D/ED" (beaten, either way) or "undecided"
    Inc_… : from the strategy before on the frontier through the means, paired by batch
    ICER : given only where both are told to be on the frontier and QALYs differ beyond chance
    Diff_… : from the baseline, paired by batch; Chance_… : share of resamplings of the batches, see `economics`
    """
    worths = findings.worths[CLOSED]
    for name, members in exclusive_sets(findings).items():
        strategies, years = ["baseline", *members], findings.years(CLOSED)
        costs = np.array([worths[s].cost(for_qalys(findings.perspective), years, discounted=True) for s in strategies])
        effects = np.array([worths[s].qalys(years, discounted=True) for s in strategies])
        found = economics.frontier(costs.mean(axis=1), effects.mean(axis=1))
        chances = economics.frontier_chances(costs, effects, findings.study.seed)
        status = [economics.told_status(row) for row in chances]
        before = dict(pairwise(found.order[::-1].tolist()))
        rows = []
        for i, strategy in enumerate(strategies):
            cells: list[Any] = [strategy, float(costs[i].mean()), float(effects[i].mean())]
            steps = None if i not in before else (costs[i] - costs[before[i]], effects[i] - effects[before[i]])
            known = i in before and status[i] == status[before[i]] == economics.Status.ND.name
            inc, errors = _step(steps, known)
            cells += [*inc, status[i], Estimate.of(costs[i]).error, Estimate.of(effects[i]).error, *errors]
            for part in (costs, effects):
                moved = Estimate.of(part[i] - part[0])
                cells += rounded(moved.mean, moved.error) if i else (None, None)
            rows.append((*cells, economics.Status(int(found.status[i])).name, *chances[i].tolist()))
        yield Table(f"frontier_{name}", COLUMNS, tuple(rows))


def _step(steps: tuple[np.ndarray, np.ndarray] | None, known: bool) -> tuple[list[float | None], list[float | None]]:
    """Return (cost, effect, ICER) of a step along the frontier, and (their errors, the ICER's ends)."""
    if steps is None:
        return [None] * 3, [None] * 4
    cost, effect = (Estimate.of(step) for step in steps)
    interval = economics.fieller(*steps) if known and effect.told_from_zero else None
    ratio = None if interval is None else cost.mean / effect.mean
    ends = (None, None) if interval is None else interval
    return [cost.mean, effect.mean, ratio], [cost.error, effect.error, *ends]


def frontier_text(findings: Findings, found: Table, horizon: str, lang: str, width: int) -> str:
    """Return the frontier of an exclusive set (a table of `frontiers`) over a horizon, for a terminal."""
    rows = []
    for row in sorted(found, key=lambda row: row["Cost"]):
        cost, qalys = "–", "–"
        if row["Diff_Cost"] is not None:
            cost = told(Estimate(row["Diff_Cost"], row["Diff_Cost_mc_se"]), lang, 1e6)
            qalys = told(Estimate(row["Diff_Effect"], row["Diff_Effect_mc_se"]), lang, 1e3)
        title, status = pick(findings.scenarios[row["Strategy"]].title, lang), say(f"frontier.{row['Status']}", lang)
        rows.append((title, cost, qalys, _icer_cell(row, lang), _chance(row["Chance_ND"], lang), status))
    headings = [say(f"frontier.{key}", lang) for key in ("policy", "cost", "qalys", "icer", "chance", "status")]
    head = say("frontier.title", lang, name=set_name(found, lang), horizon=horizon)
    return head + "\n" + grid_text(headings, rows, width, left=(0, -1))


def set_name(found: Table, lang: str) -> str:
    """Return the name of the set of a frontier's table: in words, or as its scenarios write it."""
    name = found.name.removeprefix("frontier_")
    return say(key, lang) if (key := f"exclusive.{name}") in keys() else f"“{name}”" if lang == "en" else f"« {name} »"


def frontier_note(people: int, lang: str) -> str:
    """Return in one sentence when a status is told."""
    return say("frontier.note", lang, share=percent(economics.TOLD, lang), people=number(people, lang))


def _icer_cell(row: dict[str, Any], lang: str) -> str:
    if row["Inc_Cost"] is None:
        return ""
    if row["ICER"] is None:
        return say("frontier.untold", lang)
    return ratio_words(row["ICER"], (row["ICER_lower"], row["ICER_upper"]), lang, "/QALY")


def _chance(share: float, lang: str) -> str:
    """Return a share of resamplings; near the ends, that it is beyond what they can tell."""
    if share > 0.99:
        return "> " + percent(0.99, lang, decimals=0)
    return "< " + percent(0.01, lang, decimals=0) if share < 0.01 else percent(share, lang, decimals=0)
