"""Which lever does what: a scenario's effect split between its changes (`run.py compare --explain`).

A lever is a change of one parameter; with more than five, the changes of one file (what a package includes)
are one lever; so is lifting the limits on places. Each is tried alone in, and alone out; with five levers or
fewer every subset is lived, and the Shapley value shares the effect exactly (Shapley 1953; a lever's mean
contribution over every order of adding them). People share their luck, so that a difference between subsets is
the lever's own doing.
Programme costs change nobody's life: they are a line of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.ledgers import Ledgers
from model.scenario import Scenario
from results.findings import CLOSED, OPEN, Estimate, Findings, Worth, for_qalys, worth
from results.numbers import LIFETIME_YEARS, Z95, decimals_for, number, with_error
from results.table import Table, grid_text, rounded
from results.texts import pick, say, together

Floats = NDArray[np.float64]
Subset = frozenset[int]
Live = Callable[[Sequence[Scenario]], Mapping[str, tuple[Ledgers | None, Ledgers | None]]]

MOST = 5  # levers up to which every subset is lived: 32 at most
UNLIMITED = "unlimited_places"  # stands among parameters for the limits on places lifted
OUTCOMES = ("qalys", "episode_months", "suicides", "cost", "societal")


@dataclass(frozen=True)
class Lever:
    """One lever: the parameters it changes, and its name in words."""

    parameters: tuple[str, ...]
    title: Mapping[str, str]


def levers_of(scenario: Scenario, registry: Any, titles: Mapping[str, Any]) -> list[Lever]:
    """Return a scenario's levers. titles : scenario id -> its title, for the files a package includes"""
    if len(scenario.changes) <= MOST:
        return [_lever([name], registry) for name in scenario.changes]
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, changes in scenario.changes.items():
        groups.setdefault(tuple(dict.fromkeys(change.origin for change in changes)), []).append(name)
    if len(groups) == 1:
        by_subject: dict[str, list[str]] = {}
        for name in scenario.changes:
            by_subject.setdefault(".".join(name.split(".")[:2]), []).append(name)
        return [_lever(names, registry) for names in by_subject.values()]
    return [
        Lever(
            tuple(names),
            {lang: " + ".join(_title(origin, titles, lang) for origin in origins) for lang in ("fr", "en")},
        )
        for origins, names in groups.items()
    ]


def _lever(names: Sequence[str], registry: Any) -> Lever:
    """Return a lever of some parameters, named by their titles: by the words these begin with when they share some."""
    titles = {
        lang: [name if (title := registry[name].title) is None else str(title[lang]) for name in names]
        for lang in ("fr", "en")
    }
    return Lever(tuple(names), {lang: together(texts) for lang, texts in titles.items()})


def _title(origin: str, titles: Mapping[str, Any], lang: str) -> str:
    return pick(titles[origin], lang) if origin in titles else origin


def subsets_lived(levers: int) -> list[Subset]:
    """Return the subsets of levers to live: all of them when few, else none, each alone, all but each, all."""
    everyone = frozenset(range(levers))
    if levers <= MOST:
        return [frozenset(chosen) for size in range(levers + 1) for chosen in combinations(everyone, size)]
    alone = [frozenset({lever}) for lever in everyone]
    return list(dict.fromkeys([frozenset(), *alone, *(everyone - {lever} for lever in everyone), everyone]))


def shapley(values: Mapping[Subset, Floats], levers: int) -> Floats:
    """Return the Shapley value of each lever, (lever, …). values : every subset -> its effect, (…)"""
    shares = np.zeros((levers, *np.shape(values[frozenset()])))
    for lever in range(levers):
        for subset, value in values.items():
            if lever not in subset:
                weight = factorial(len(subset)) * factorial(levers - len(subset) - 1) / factorial(levers)
                shares[lever] += weight * (values[subset | {lever}] - value)
    return shares


@dataclass(frozen=True)
class Explanation:
    """A scenario's effect on each outcome, split by lever; everything (batch,) over the same people.

    total : outcome -> effect of the whole scenario, programme costs included
    alone, out, share : outcome -> (lever, batch): effect of the lever alone; loss if it alone is taken out;
        Shapley value (None with more levers than `MOST`)
    programme : outcome -> what programme costs add (euros; nothing for health)
    """

    scenario: Scenario
    levers: list[Lever]
    years: int
    population: str
    perspective: str
    total: dict[str, Floats]
    alone: dict[str, Floats]
    out: dict[str, Floats]
    share: dict[str, Floats] | None
    programme: dict[str, Floats]

    def interaction(self, outcome: str) -> Floats:
        """Return what the levers do together beyond the sum of each alone, (batch,)."""
        return np.asarray(self.total[outcome] - self.programme[outcome] - self.alone[outcome].sum(axis=0))


def explain(findings: Findings, scenario: Scenario, live: Live) -> Explanation:
    """Return a scenario's effect split by lever, over the longest horizon of the main population.

    live : lives scenarios with the study's people and luck, and returns (open, closed) ledgers by id
    """
    registry, population = findings.study.registry, findings.main_population
    years, at = findings.years(population), (OPEN, CLOSED).index(population)
    titles = {one.id: one.title for one in findings.study.scenarios}
    levers = levers_of(scenario, registry, {**titles, **_titles_of(scenario)})
    if scenario.unlimited_places:
        levers.append(Lever((UNLIMITED,), {lang: say("explain.unlimited", lang) for lang in ("fr", "en")}))
    whole, bare = frozenset(range(len(levers))), replace(scenario, programme_cost=())
    variants = {subset: _variant(bare, levers, subset) for subset in subsets_lived(len(levers))}
    known = getattr(findings.study, population)
    unlived = [one for subset, one in variants.items() if subset and subset != whole]
    lived = live(unlived)

    def ledgers(subset: Subset) -> Ledgers:
        if subset == whole:
            return known[scenario.id]
        found = known[findings.baseline.id] if not subset else lived[variants[subset].id][at]
        assert found is not None
        return found

    base = _outcomes(findings.worths[population][findings.baseline.id], findings, years, population)
    effects: dict[str, dict[Subset, Floats]] = {outcome: {} for outcome in OUTCOMES}
    for subset, variant in variants.items():
        found = _outcomes(worth(variant, ledgers(subset), registry), findings, years, population)
        for outcome in OUTCOMES:
            effects[outcome][subset] = found[outcome] - base[outcome]
    full = _outcomes(findings.worths[population][scenario.id], findings, years, population)
    total = {outcome: full[outcome] - base[outcome] for outcome in OUTCOMES}
    some = [frozenset({lever}) for lever in sorted(whole)]
    shares = {o: shapley(effects[o], len(levers)) for o in OUTCOMES} if len(levers) <= MOST else None
    return Explanation(
        scenario=scenario,
        levers=levers,
        years=years,
        population=population,
        perspective=findings.perspective,
        total=total,
        alone={o: np.array([effects[o][one] for one in some]) for o in OUTCOMES},
        out={o: np.array([effects[o][whole] - effects[o][whole - one] for one in some]) for o in OUTCOMES},
        share=shares,
        programme={o: total[o] - effects[o][whole] for o in OUTCOMES},
    )


def _titles_of(scenario: Scenario) -> dict[str, Any]:
    """Return the titles of the files a package is made of."""
    from model.complaints import InputError
    from model.inputs import read_toml

    titles = {}
    for file in scenario.files:
        try:
            titles[file.stem] = read_toml(file)["title"]
        except (InputError, KeyError):
            continue
    return titles


def _variant(scenario: Scenario, levers: Sequence[Lever], subset: Subset) -> Scenario:
    kept = {name for lever in subset for name in levers[lever].parameters}
    changes = {name: said for name, said in scenario.changes.items() if name in kept}
    name = f"{scenario.id} [{','.join(map(str, sorted(subset)))}]"
    return replace(scenario, id=name, changes=changes, unlimited_places=UNLIMITED in kept)


def _outcomes(one: Worth, findings: Findings, years: int, population: str) -> dict[str, Floats]:
    closed = population == CLOSED
    found = {name: one.counts[name][1][:, :years].sum(axis=1) for name in ("episode_months", "suicides")}
    found["qalys"] = one.qalys(years, discounted=closed)
    found["cost"] = one.cost(for_qalys(findings.perspective), years, discounted=closed)
    found["societal"] = one.cost("societal", years, discounted=closed)
    return found


def explain_table(found: Explanation, lang: str) -> Table:
    """Return the split, one row a lever and outcome; then programme costs, interaction and the whole."""
    rows: list[tuple[Any, ...]] = []
    for outcome in OUTCOMES:
        for at, lever in enumerate(found.levers):
            kinds = (found.alone[outcome][at], found.out[outcome][at])
            cells = [cell for batches in kinds for cell in _cells(batches)]
            cells += (None, None) if found.share is None else _cells(found.share[outcome][at])
            name = " ".join(lever.parameters)
            rows.append((found.scenario.id, outcome, "lever", pick(lever.title, lang), name, *cells))
        for kind, batches in (
            ("programme", found.programme[outcome]),
            ("interaction", found.interaction(outcome)),
            ("total", found.total[outcome]),
        ):
            words = say(f"explain.{kind}", lang)
            rows.append((found.scenario.id, outcome, kind, words, "", *_cells(batches), None, None, None, None))
    columns = ("scenario", "outcome", "kind", "label", "parameters", "alone", "alone_mc_se", "out", "out_mc_se")
    return Table(f"levers_{found.scenario.id}", (*columns, "shapley", "shapley_mc_se"), tuple(rows))


def _cells(batches: Floats) -> tuple[float, float]:
    one = Estimate.of(batches)
    return rounded(one.mean, one.error)


def explain_text(found: Explanation, lang: str, width: int) -> str:
    """Return the split for a terminal: QALYs, months in episode and cost of each lever."""
    shown = (("qalys", 1e3), ("episode_months", 1e3), ("cost", 1e6))
    split = found.share or found.alone
    rows = [
        (pick(lever.title, lang), *(_told(split[outcome][at], scale, lang) for outcome, scale in shown))
        for at, lever in enumerate(found.levers)
    ]
    if any(np.any(found.programme[outcome]) for outcome, _ in shown):
        rows.append((say("explain.programme", lang), *(_told(found.programme[o], scale, lang) for o, scale in shown)))
    rows.append((say("explain.total", lang), *(_told(found.total[o], scale, lang) for o, scale in shown)))
    joint = (say("explain.interaction", lang), *(_told(found.interaction(o), scale, lang) for o, scale in shown))
    headings = ["", *(say(f"explain.column.{outcome}", lang) for outcome, _ in shown)]
    method = say("explain.shapley" if found.share else "explain.alone", lang, count=len(found.levers))
    head = say("explain.title", lang, scenario=pick(found.scenario.title, lang))
    lifetime = found.population == CLOSED and found.years >= LIFETIME_YEARS
    horizon = say("horizon.lifetime", lang) if lifetime else say("horizon.years", lang, years=found.years)
    who = say(f"perspective.{found.perspective}", lang)
    setting = say(f"explain.setting_{found.population}", lang, horizon=horizon, perspective=who)
    table = grid_text(headings, [*rows, joint], width)
    return "\n".join([head, setting, table, method]) + "\n"


def _told(batches: Floats, scale: float, lang: str) -> str:
    one = Estimate.of(batches / scale)
    if max(abs(one.mean), one.error) < 1e-9:
        return "0"
    if not one.told_from_zero:
        return f"≈ 0 (± {number(Z95 * one.error, lang, decimals_for(Z95 * one.error))})"
    return with_error(one.mean, one.error, lang, signed=True)
