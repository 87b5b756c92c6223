"""Budget impact: who pays what, each calendar year, undiscounted, in the open population (`run.py budget`).

What only moves between payers is shown apart from what is new. In each category and year the payers' gains
and losses are set against each other: the smaller of the two sums moved, the net of them is new money.
A movement counts only when gains and losses are each told from zero.

The drug line checks the simulated devices against the arithmetic of the note on budget impact
(economics.md, section 7): people who start × devices a starter × price with tax.
"""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import economics, valuation
from model.payers import Category, Payer
from model.states import EPSM_OFFSET, Event, Resource
from results.findings import OPEN, Estimate, Findings, first_year
from results.numbers import Z95, decimals_for, number, percent, with_error
from results.table import Table, grid_text, rounded
from results.tables import CASH_CATEGORIES
from results.texts import label, pick, say

Floats = NDArray[np.float64]

YEARS = 5  # of a budget impact analysis
ASSURANCE = (Payer.AMO, *valuation.HOSPITAL_BUDGETS)  # it funds the hospital grants too
CASH_PAYERS = tuple(payer for payer in Payer if payer not in (Payer.FAMILY, Payer.SOCIETY))
BENEFITS = "TRANSFERS"  # sick pay and disability: cash benefits, beside the bills


@dataclass(frozen=True)
class Line:
    """One category in one year: what each payer pays more, what is new, what only moved; euros.

    by_payer : (payer,) differences; moved : euros that changed payer, None where nothing is told to move
    """

    year: int
    category: str
    by_payer: dict[Payer, Estimate]
    new: Estimate
    moved: Estimate | None


def lines(findings: Findings, scenario: str, years: int = YEARS) -> list[Line]:
    """Return the budget impact of a scenario by year and category; cash benefits are a category."""
    one, base = (findings.worths[OPEN][name] for name in (scenario, "baseline"))
    found = []
    for year in range(min(years, findings.years(OPEN))):
        calendar = first_year(findings, scenario) + year
        changes = {category.name: (one.paid - base.paid)[:, year, :, category] for category in CASH_CATEGORIES}
        changes[BENEFITS] = (one.outcomes.transfers - base.outcomes.transfers)[:, year].sum(axis=1)
        found += [_line(calendar, category, change) for category, change in changes.items()]
    return found


def _line(year: int, category: str, change: Floats) -> Line:
    """change : (batch, payer)"""
    by_payer = {payer: Estimate.of(change[:, payer]) for payer in CASH_PAYERS}
    moved = moved_between(change)
    new = Estimate.of(change[:, list(CASH_PAYERS)].sum(axis=1))
    return Line(year, category, by_payer, new, None if moved is None else Estimate.of(moved))


def moved_between(change: Floats) -> Floats | None:
    """Return the euros that only changed payer, (batch,): the smaller of what some pay more and others less.

    change : (batch, payer). None where gains and losses are not both told from zero.
    """
    kept = change[:, list(CASH_PAYERS)]
    means = kept.mean(axis=0)
    sides = [kept[:, means > 0].sum(axis=1), -kept[:, means < 0].sum(axis=1)]
    if not all(Estimate.of(side).low > 0 for side in sides):
        return None
    return min(sides, key=lambda side: float(side.mean()))


def impact_table(findings: Findings, scenarios: list[str]) -> Table:
    """Return the impact by year and category: each payer, all payers (new money), and what moved."""
    rows: list[tuple[Any, ...]] = []
    for scenario in scenarios:
        for line in lines(findings, scenario):
            head = (scenario, line.year, line.category)
            for payer, found in line.by_payer.items():
                if found.mean or found.error:
                    rows.append((*head, payer.name, *rounded(found.mean, found.error)))
            if line.new.mean or line.new.error or line.moved is not None:
                rows.append((*head, "ALL", *rounded(line.new.mean, line.new.error)))
            if line.moved is not None:
                rows.append((*head, "MOVED", *rounded(line.moved.mean, line.moved.error)))
    return Table("budget_impact", ("scenario", "year", "category", "payer", "difference", "mc_se"), tuple(rows))


def chart_table(findings: Findings, scenarios: list[str]) -> Table:
    """Return what the Assurance maladie (its hospital grants included) pays more, by year and category."""
    rows = []
    for scenario in scenarios:
        one, base = (findings.worths[OPEN][name] for name in (scenario, "baseline"))
        for year in range(min(YEARS, findings.years(OPEN))):
            change = (one.paid - base.paid)[:, year][:, list(ASSURANCE)].sum(axis=1)
            parts = {category.name: change[:, category] for category in CASH_CATEGORIES}
            benefits = (one.outcomes.transfers - base.outcomes.transfers)[:, year].sum(axis=1)
            parts[BENEFITS] = benefits[:, list(ASSURANCE)].sum(axis=1)
            parts["NET"] = np.sum(list(parts.values()), axis=0)
            for name, batches in parts.items():
                found = Estimate.of(batches)
                calendar = first_year(findings, scenario) + year
                rows.append((scenario, calendar, name, *rounded(found.mean, found.error)))
    return Table("budget_insurer", ("scenario", "year", "category", "difference", "mc_se"), tuple(rows))


# ---------------------------------------------------------------- the drug line


@dataclass(frozen=True)
class DrugYear:
    """Esketamine devices invoiced to the Assurance maladie in one year; persons, devices, euros.

    starters : people who began esketamine in the year, in any hospital
    devices_per_starter : simulated: devices used in the year ÷ starters
    listed_share : share of the year's devices that are invoiced on top of hospital budgets
    price : of a device with tax, in euros of the run
    arithmetic : starters × devices_per_starter × listed_share × price
    simulated : the budget's own line (Assurance maladie, category ESKETAMINE_DEVICES)
    moved : of which what only changed payer, as in the category's own line (None: nothing told); new : the rest
    """

    year: int
    starters: Estimate
    devices_per_starter: Estimate
    listed_share: Estimate
    price: float
    arithmetic: float
    simulated: Estimate
    moved: Estimate | None
    new: Estimate

    @property
    def gap(self) -> float:
        """Simulated over arithmetic, less one."""
        return self.simulated.mean / self.arithmetic - 1.0


def drug_line(findings: Findings, scenario: str, years: int = YEARS) -> list[DrugYear]:
    """Return the drug line of a scenario that invoices devices; empty if it invoices none."""
    one, base = (findings.worths[OPEN][name] for name in (scenario, "baseline"))
    used = one.ledgers.resources.sum(axis=(2, 3))

    def units(resource: Resource, year: int) -> Floats:
        """Return what EPSM and other hospitals use of a resource in a year, (batch,)."""
        return np.asarray(used[:, year, [resource, resource + EPSM_OFFSET]].sum(axis=1))

    devices = Category.ESKETAMINE_DEVICES
    price = one.prices["price.esketamine_device"] * (1.0 + one.prices["payer.vat_drug_rate"])
    found = []
    for year in range(min(years, findings.years(OPEN))):
        starters = one.ledgers.events[:, year, :, Event.ESKETAMINE_START].sum(axis=1)
        bought = [
            units(resource, year)
            for resource in (Resource.ESKETAMINE_DEVICE_LISTED, Resource.ESKETAMINE_DEVICE_HOSPITAL)
        ]
        if not starters.any() or not bought[0].any():
            continue
        each = Estimate(*economics.ratio_error(bought[0] + bought[1], starters))
        share = Estimate(*economics.ratio_error(bought[0], bought[0] + bought[1]))
        simulated = one.paid[:, year, Payer.AMO, devices]
        moved = moved_between((one.paid - base.paid)[:, year, :, devices])
        found.append(
            DrugYear(
                year=first_year(findings, scenario) + year,
                starters=Estimate.of(starters),
                devices_per_starter=each,
                listed_share=share,
                price=float(price),
                arithmetic=float(starters.mean()) * each.mean * share.mean * float(price),
                simulated=Estimate.of(simulated),
                moved=None if moved is None else Estimate.of(moved),
                new=Estimate.of(simulated if moved is None else simulated - moved),
            )
        )
    return found


def drug_table(findings: Findings, scenarios: list[str]) -> Table:
    """Return the drug lines of the scenarios that invoice devices."""
    rows = []
    for scenario in scenarios:
        for line in drug_line(findings, scenario):
            known = (line.starters, line.devices_per_starter, line.listed_share)
            facts = [cell for one in known for cell in rounded(one.mean, one.error)]
            paid = [float(f"{fact:.6g}") for fact in (line.price, line.arithmetic)]
            spending = (line.simulated, line.moved, line.new)
            amounts = [cell for e in spending for cell in ((None, None) if e is None else rounded(e.mean, e.error))]
            rows.append((scenario, line.year, *facts, *paid, *amounts, round(line.gap, 5)))
    told, spent = ("starters", "devices_per_starter", "listed_share"), ("simulated", "moved", "new")
    first, last = ([column for name in names for column in (name, f"{name}_mc_se")] for names in (told, spent))
    columns = ("scenario", "year", *first, "price_with_tax", "arithmetic", *last, "gap")
    return Table("budget_drug_line", columns, tuple(rows))


# ---------------------------------------------------------------- on the screen


def budget_text(findings: Findings, scenarios: list[str], lang: str, width: int) -> str:
    """Return the budget impact for a terminal: for each scenario a table by payer, one by category, the drug line."""
    year = int(findings.prices["economy.price_year"])
    parts = [say("budget.screen", lang, year=year, people=number(findings.study.people, lang))]
    for scenario in scenarios:
        title = pick(findings.scenarios[scenario].title, lang)
        parts += ["", f"── {title} " + "─" * max(width - len(title) - 4, 0)]
        parts += [*_payers(findings, scenario, lang, width), "", *_categories(findings, scenario, lang, width)]
        parts += _drug(findings, scenario, lang, width)
    return "\n".join(parts) + "\n"


def _millions(found: Estimate | None, lang: str) -> str:
    """Return millions of euros; "≈ 0" for a movement that is not told from zero."""
    if found is None:
        return "≈ 0"
    mean, half = found.mean / 1e6, Z95 * found.error / 1e6
    if max(abs(mean), half) < 1e-9:
        return "0"
    if not found.told_from_zero:
        return f"≈ 0 (± {number(half, lang, decimals_for(half))})"
    return with_error(mean, found.error / 1e6, lang, signed=True)


def _grid(
    first: str, rows: Mapping[str, Mapping[int, Estimate | None]], years: list[int], lang: str, width: int
) -> list[str]:
    """Return rows of yearly estimates in millions, without those in which nothing ever differs."""
    written = [
        (name, *(_millions(found[year], lang) for year in years))
        for name, found in rows.items()
        if any(one is not None and (one.mean or one.error) for one in (found[year] for year in years))
    ]
    return grid_text((first, *map(str, years)), written, width, left=(0,)).splitlines()


def _payers(findings: Findings, scenario: str, lang: str, width: int) -> Iterator[str]:
    one, base = (findings.worths[OPEN][name] for name in (scenario, "baseline"))
    cash = [int(category) for category in CASH_CATEGORIES]
    bills = (one.paid - base.paid)[..., cash].sum(axis=3)
    change = bills + (one.outcomes.transfers - base.outcomes.transfers).sum(axis=2)
    count = min(YEARS, findings.years(OPEN))
    years = [first_year(findings, scenario) + year for year in range(count)]

    def yearly(payers: list[Payer]) -> dict[int, Estimate]:
        return {year: Estimate.of(change[:, at][:, payers].sum(axis=1)) for at, year in enumerate(years)}

    rows = {label(payer, lang): yearly([payer]) for payer in CASH_PAYERS}
    rows[say("budget.insurer_all", lang)] = yearly(list(ASSURANCE))
    rows[say("budget.net", lang)] = yearly(list(CASH_PAYERS))
    yield from _grid(say("budget.by_payer", lang), rows, years, lang, width)


def _categories(findings: Findings, scenario: str, lang: str, width: int) -> Iterator[str]:
    found = lines(findings, scenario)
    years = sorted({line.year for line in found})
    new: dict[str, dict[int, Estimate]] = {}
    moved: dict[str, dict[int, Estimate | None]] = {}
    for line in found:
        name = say(f"Category.{line.category}", lang)
        new.setdefault(name, {})[line.year] = line.new
        moved.setdefault(name, {})[line.year] = line.moved
    yield from _grid(say("budget.new", lang), new, years, lang, width)
    if any(moved_one is not None for flows in moved.values() for moved_one in flows.values()):
        yield ""
        yield from _grid(say("budget.moved", lang), moved, years, lang, width)


def _drug(findings: Findings, scenario: str, lang: str, width: int) -> Iterator[str]:
    found = drug_line(findings, scenario)
    if not found:
        return
    rows = [
        (
            str(line.year),
            with_error(line.starters.mean, line.starters.error, lang),
            with_error(line.devices_per_starter.mean, line.devices_per_starter.error, lang),
            with_error(100 * line.listed_share.mean, 100 * line.listed_share.error, lang),
            number(line.arithmetic / 1e6, lang, 2),
            with_error(line.simulated.mean / 1e6, line.simulated.error / 1e6, lang),
            number(100 * line.gap, lang, 2, signed=True),
            _millions(line.moved, lang),
            _millions(line.new, lang),
        )
        for line in found
    ]
    names = ("year", "starters", "devices", "listed", "arithmetic", "simulated", "gap", "moved", "new")
    headings = [say(f"budget.drug.{name}", lang) for name in names]
    yield from ("", say("budget.drug", lang), *grid_text(headings, rows, width, left=()).splitlines())
    vat = findings.prices["payer.vat_drug_rate"]
    words = {"price": number(found[0].price, lang, 2), "vat": percent(vat, lang)}
    yield from textwrap.wrap(say("budget.drug_note", lang, **words), width)
