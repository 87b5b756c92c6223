"""Who is reached and who gains: rates by group of people, and the gap between the best and the worst served.

Rates are per 1,000 years lived by people ever ill (access: per 1,000 years in episode), over the open run.
Suicide is not shown by region: too few deaths for a rate by region to mean anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import economics
from model.inputs import load_table
from model.ledgers import EQUITY_GROUPS, mean_and_error
from model.states import AGE_BANDS, Outcome
from results.findings import OPEN, Estimate, Findings
from results.table import Table, rounded
from results.texts import say

Floats = NDArray[np.float64]

PER = 12_000.0  # person-months to 1,000 person-years
GAPS = (Outcome.SPECIALISED_STARTS, Outcome.EPISODE_MONTHS, Outcome.ATTEMPTS, Outcome.HOSPITAL_DAYS)


@dataclass(frozen=True)
class Level:
    """One level of a group: `row` is its place along the ledger's axis."""

    group: str
    title: str
    row: int


def levels(lang: str) -> list[Level]:
    """Return the levels of every group, in the order of the ledger's axis."""
    return [Level(group, title, row) for row, (group, title) in enumerate(_titles(lang))]


def _titles(lang: str) -> Iterator[tuple[str, str]]:
    regions = [str(name) for name in load_table("regions")["region_name"]]
    for group, count in EQUITY_GROUPS:
        for level in range(count):
            if group == "region":
                yield group, regions[level]
            elif group == "age_band":
                last = level + 1 == count
                high = 0 if last else AGE_BANDS[level + 1] - 1
                key = "group.age_band.last" if last else "group.age_band"
                yield group, say(key, lang, low=AGE_BANDS[level], high=high)
            elif group == "deprivation":
                key = {0: "group.deprivation.first", count - 1: "group.deprivation.last"}.get(
                    level, "group.deprivation"
                )
                yield group, say(key, lang, level=level + 1)
            else:
                yield group, say(f"group.{group}.{level}", lang)


def counts(findings: Findings, scenario: str) -> Floats:
    """Return the equity ledger over the longest open horizon: (batch, row, outcome)."""
    return np.asarray(findings.worths[OPEN][scenario].ledgers.equity.sum(axis=1))


def rate(found: Floats, row: int, outcome: Outcome) -> Estimate:
    """Return the rate of an outcome in a level, per 1,000 years. found : (batch, row, outcome)"""
    lived = _lived(found, row, outcome)
    if not lived.any():
        return Estimate(0.0, 0.0)
    ratio, error = economics.ratio_error(found[:, row, outcome], lived)
    return Estimate(PER * ratio, PER * error)


def rate_batches(found: Floats, row: int, outcome: Outcome) -> Floats:
    """Return each batch's linear share of a rate: their mean is the rate, their spread its error (delta method)."""
    events, lived = found[:, row, outcome], _lived(found, row, outcome)
    ratio = events.mean() / lived.mean() if lived.mean() else 0.0
    return np.asarray(PER * (ratio + (events - ratio * lived) / max(lived.mean(), 1e-300)))


def _speeds(found: Floats) -> Floats:
    """Return the rate of every level and outcome by batch, as `rate_batches`. found : (batch, row, outcome)"""
    rows = range(found.shape[1])
    return np.stack([np.stack([rate_batches(found, row, o) for o in Outcome], axis=1) for row in rows], axis=1)


def _lived(found: Floats, row: int, outcome: Outcome) -> Floats:
    years = Outcome.EPISODE_MONTHS if outcome == Outcome.SPECIALISED_STARTS else Outcome.PERSON_MONTHS
    return np.asarray(found[:, row, years])


def equity(findings: Findings, lang: str) -> Table:
    """Return outcomes by group over the longest open horizon: counts, rates, and their differences."""
    base, rows = counts(findings, "baseline"), list[tuple[Any, ...]]()
    before, every = _speeds(base), levels(lang)
    for scenario in findings.worths[OPEN]:
        found = counts(findings, scenario)
        speeds = _speeds(found)
        # of each level and outcome: the count, its difference, the rate and its difference
        told = [mean_and_error(batches) for batches in (found, found - base, speeds, speeds - before)]
        for level in every:
            for outcome in Outcome:
                if outcome == Outcome.SUICIDES and level.group == "region":
                    continue
                at = (level.row, outcome)
                cells = [rounded(mean[at], error[at]) for mean, error in told]
                if scenario == "baseline":
                    cells[1] = cells[3] = (None, None)
                flat = (cell for pair in cells for cell in pair)
                rows.append((level.group, level.title, outcome.name.lower(), scenario, *flat))
    columns = ("group", "level", "outcome", "scenario", "value", "value_mc_se", "difference", "mc_se")
    more = ("rate", "rate_mc_se", "rate_difference", "rate_difference_mc_se")
    return Table("equity", (*columns, *more), tuple(rows))


def gaps(findings: Findings, lang: str) -> Table:
    """Return, a group and outcome, who is best and worst served today and how far apart, then under each policy.

    Best and worst are told in the baseline and kept, so that a gap that closes shows as one that closes.
    """
    base, rows = counts(findings, "baseline"), list[tuple[Any, ...]]()
    for group, _ in EQUITY_GROUPS:
        members = [level for level in levels(lang) if level.group == group]
        for outcome in GAPS:
            speeds = [rate(base, level.row, outcome).mean for level in members]
            best, worst = (members[int(pick(speeds))] for pick in _best_worst(outcome))
            before = rate_batches(base, best.row, outcome) - rate_batches(base, worst.row, outcome)
            for scenario in findings.worths[OPEN]:
                found = counts(findings, scenario)
                after = rate_batches(found, best.row, outcome) - rate_batches(found, worst.row, outcome)
                gap, moved = Estimate.of(after), Estimate.of(np.abs(after.mean()) / after.mean() * (after - before))
                change = (None, None) if scenario == "baseline" else rounded(moved.mean, moved.error)
                head = (group, outcome.name.lower(), scenario, best.title, worst.title)
                rows.append((*head, *rounded(gap.mean, gap.error), *change))
    columns = ("group", "outcome", "scenario", "best_served", "worst_served", "gap", "gap_mc_se")
    return Table("equity_gap", (*columns, "change", "change_mc_se"), tuple(rows))


def _best_worst(outcome: Outcome) -> tuple[Any, Any]:
    """Return what finds the best and the worst rate: more access is better, less of the rest."""
    more = outcome == Outcome.SPECIALISED_STARTS
    return (np.argmax, np.argmin) if more else (np.argmin, np.argmax)


def chart_rows(findings: Findings, scenarios: list[str], lang: str) -> Table:
    """Return what the charts draw: gain and access by level, per 1,000 years, and access today."""
    base, rows = counts(findings, "baseline"), list[tuple[Any, ...]]()
    for scenario in ("baseline", *scenarios):
        found = counts(findings, scenario)
        for level in levels(lang):
            for name, outcome, sign in (
                ("gain", Outcome.EPISODE_MONTHS, -1.0),
                ("access", Outcome.SPECIALISED_STARTS, 1.0),
            ):
                speed = rate_batches(found, level.row, outcome)
                before = 0.0 if scenario == "baseline" else rate_batches(base, level.row, outcome)
                if scenario == "baseline" and name == "gain":
                    continue
                one = Estimate.of(sign * (speed - before))
                people = _simulated(findings, level)
                rows.append(
                    (scenario, level.group, level.title, level.row, name, *rounded(one.mean, one.error), people)
                )
    columns = ("scenario", "group", "level", "row", "measure", "value", "mc_se", "simulated_people")
    return Table("equity", columns, tuple(rows))


def _simulated(findings: Findings, level: Level) -> int | None:
    """Return how many people were simulated in a region; None for other groups."""
    if level.group != "region":
        return None
    first = next(at.row for at in levels("en") if at.group == "region")
    return int(findings.study.people_by_region[level.row - first])
