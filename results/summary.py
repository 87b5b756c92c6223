"""What `make run` prints: for each policy what changes for people and for money, in plain words."""

import textwrap
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from model import levers
from model.anchors import matched_burden
from model.scenario import Scenario
from model.scenario_card import number_text
from results.charts.data import CHART_THRESHOLDS, horizon_words
from results.envelopes import envelope_words
from results.findings import CLOSED, OPEN, BreakEven, Estimate, Findings, Ratio
from results.frontier import frontier_note, frontier_text, frontiers
from results.league import league_text, verdict_words
from results.numbers import Z95, assumed, decimals_for, euros, number, percent, with_error
from results.request import FULL_SUMMARIES
from results.texts import pick, say

if TYPE_CHECKING:
    from results.publish import View

WIDTH = 100
NOTHING = Estimate(0.0, 0.0)
PEOPLE = (
    *("episode_months", "remissions", "relapses", "new_resistance", "attempts", "suicides"),
    *("work_months", "carer_months", "qalys"),
)
SPECIALISTS_SHOWN = 0.005  # of today's visits to specialists: a policy that takes more says so
MONEY = ("cost_collective", "cost_assurance_maladie", "cost_hospital", "cost_patient", "cost_societal")


def summary(
    study: Any,
    lang: str,
    *,
    folder: str | None = None,
    view: "View | None" = None,
    findings: Findings | None = None,
    width: int = WIDTH,
    full: bool = True,
) -> str:
    """Return the text a policy analyst reads first; `folder`: where the rest was written.

    width : characters of the screen, for the league table
    full : tell each policy; without it, only when there are few
    """
    found = findings or Findings(study, view.perspective if view else "collective")
    lines = [*_head(found, lang), "", *_baseline(found, lang)]
    text = [wrapped for line in lines for wrapped in _wrap(line)]
    if len(found.policies) > 2:
        text += ["", *_league(found, lang, width)]
    if full or len(found.policies) <= FULL_SUMMARIES:
        for policy in found.policies:
            text += ["", *(wrapped for line in _policy(policy, found, lang) for wrapped in _wrap(line))]
    if folder:
        text += ["", *_wrap(say("summary.files", lang, folder=folder))]
    return "\n".join(text) + "\n"


def _league(found: Findings, lang: str, width: int) -> Iterator[str]:
    """Yield the league table, how to read it, and the frontier of each exclusive set."""
    yield from league_text(found, lang, width).splitlines()
    yield ""
    years = horizon_words(found.years(OPEN if found.study.open else CLOSED), found, lang)
    cohort = horizon_words(found.years(found.main_population), found, lang)
    notes = [say("league.note", lang, years=years, cohort=cohort), say("league.note_sum", lang)]
    if any("D" in policy.grades for policy in found.policies):
        notes.append(say("league.note_assumed", lang))
    if found.unexplored:
        notes.append(say("league.unexplored", lang, count=len(found.unexplored)))
    apart = [pick(p.title, lang) for p in found.policies if p.population != "national"]
    if apart:
        notes.append(say("league.apart", lang, names=(" ; " if lang == "fr" else "; ").join(apart)))
    yield from (wrapped for note in notes for wrapped in _wrap(note))
    for table in frontiers(found):
        yield from ("", *frontier_text(found, table, cohort, lang, width).splitlines())
        yield from _wrap(frontier_note(found.study.people, lang))


def _wrap(line: str) -> list[str]:
    """Return a line cut at the width, continued under its own beginning."""
    indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _head(found: Findings, lang: str) -> Iterator[str]:
    study, baseline = found.study, pick(found.baseline.title, lang)
    count = len(found.policies)
    key = {0: "summary.title_none", 1: "summary.title_one"}.get(count, "summary.title")
    yield say(key, lang, count=count, baseline=baseline)
    seconds = number(sum(study.timings.values()), lang)
    yield say("summary.run", lang, people=number(study.people, lang), seed=study.seed, seconds=seconds)
    yield say("summary.error", lang)
    yield say("summary.prices", lang, year=int(found.prices["economy.price_year"]), baseline=baseline)


def _baseline(found: Findings, lang: str) -> Iterator[str]:
    anchors = found.study.anchors
    if anchors:
        outside = [pick(anchor.name, lang) for anchor in anchors if not anchor.inside]
        yield say("summary.anchors", lang, within=len(anchors) - len(outside), total=len(anchors))
        if outside:
            yield "  " + say(
                "summary.anchors_out", lang, names=" ; ".join(outside) if lang == "fr" else "; ".join(outside)
            )
    if found.study.open:
        from model import valuation

        spent = valuation.burden(found.worths[OPEN]["baseline"].outcomes)["total"][:, 0]
        model, claimed = Estimate.of(spent), float(found.prices["economy.burden.total"])
        texts = {"model": euros(model.mean, lang, error=model.error), "target": euros(claimed, lang)}
        yield say("summary.burden", lang, **texts)
        if "total" in (reading := matched_burden()):
            yield say("summary.burden_matched", lang, matched=euros(reading["total"][0] * 1e9, lang))


def _policy(policy: Scenario, found: Findings, lang: str) -> Iterator[str]:
    title = pick(policy.title, lang)
    yield f"── {title} " + "─" * max(WIDTH - len(title) - 4, 0)
    yield from _assumptions(policy, found, lang)
    yield from _people_and_money(policy, found, lang)
    yield from _specialists(policy, found, lang)
    yield from _places(policy, found, lang)
    yield from _replicates(policy, found, lang)
    yield from _share(policy, found, lang)
    if (spent := envelope_words(policy, found, lang)) is not None:
        yield spent
    ratio = found.ratio(policy.id)
    if ratio is not None:
        yield from _value(ratio, found, lang)
    yield from _legal(policy, lang)
    for one in found.past:
        if one.scenario == policy.id:
            title = one.quantity if one.known.title is None else pick(one.known.title, lang)
            counts = (one.model, one.with_anxiety)
            model, everyone = (with_error(e.mean, e.error, lang) for e in counts)
            gap = percent(one.with_anxiety.mean / one.known.value - 1.0, lang)
            known = number(one.known.value, lang)
            yield say("summary.past", lang, title=title, known=known, model=model, everyone=everyone, gap=gap)
    if policy.does_not_claim is not None:
        yield say("summary.does_not_claim", lang, text=pick(policy.does_not_claim, lang))


def _assumptions(policy: Scenario, found: Findings, lang: str) -> Iterator[str]:
    """Yield the break-evens of a grade-D effect before any result, and the names of what is assumed."""
    if policy in found.unexplored:
        yield say("summary.unexplored", lang)
    if policy.id in found.break_evens and policy.explore is not None:
        label, own = pick(policy.explore.label, lang), policy.own_size(found.study.registry)
        if own is not None:
            size = number_text(own, lang) if own in policy.explore.values else assumed(own, lang)
            label += say("summary.own_size", lang, size=f"{size} {pick(policy.explore.unit, lang)}")
        yield say("summary.break_even", lang, label=label)
        kept = {0.0, *found.thresholds[1:][CHART_THRESHOLDS]}
        for one in found.break_evens[policy.id]:
            if one.threshold in kept:
                yield "  " + _turn(one, pick(policy.explore.unit, lang), lang, policy.explore.values)
    names = [
        _parameter_title(found.study.registry, parameter, lang)
        for parameter, changes in policy.changes.items()
        if any(change.grade == "D" for change in changes)
    ]
    effects = levers.assumed_effects(policy.changes, found.study.registry)
    names += [_parameter_title(found.study.registry, name, lang) for name in effects if name not in policy.changes]
    if names:
        yield say("summary.assumptions", lang, names=(" ; " if lang == "fr" else "; ").join(names))


def _parameter_title(registry: Any, name: str, lang: str) -> str:
    title = registry[name].title
    return name if title is None else pick(title, lang)


def _turn(one: BreakEven, unit: str, lang: str, written: Collection[float] = ()) -> str:
    """Return one break-even as a sentence; sizes `written` in a scenario file are told as they are there."""
    if one.threshold:
        criterion = say("summary.criterion_threshold", lang, amount=euros(one.threshold, lang))
    else:
        criterion = say("summary.criterion_cost", lang)

    def size(value: float) -> str:  # else: what the scenario's own change comes to
        return number_text(value, lang) if value in written else assumed(value, lang)

    crossing = one.crossing
    value = "" if crossing is None else f"{with_error(crossing.mean, crossing.error, lang)} {unit}"
    sizes = (" ; " if lang == "fr" else "; ").join(size(at) for at, _ in one.told)
    words = {"low": size(one.sizes[0]), "high": f"{size(one.sizes[-1])} {unit}", "value": value}
    return say(f"summary.break_even_{one.verdict}", lang, criterion=criterion, sizes=f"{sizes} {unit}", **words)


def _people_and_money(policy: Scenario, found: Findings, lang: str) -> Iterator[str]:
    """Yield what changes for people, then for money, over the longest horizon of the main reading."""
    population = OPEN if found.study.open else "closed"
    years = found.years(population)
    horizon = horizon_words(years, found, lang)
    where = "" if population == OPEN else "_cohort"
    width = max(len(say(f"outcome.{name}", lang)) for name in (*PEOPLE, *MONEY, "transfers"))
    yield say(f"summary.people{where}", lang, horizon=horizon)
    changes = {name: found.measure(policy.id, name, population, years).difference for name in PEOPLE}
    lives_differ = any(change != NOTHING for change in changes.values())
    for name, change in changes.items():
        told = _told(change, lang, money=False)
        if change == NOTHING and lives_differ:  # too rare for this sample, which does not say that it is nil
            told = say("summary.unseen", lang)
        yield f"  {say(f'outcome.{name}', lang):<{width}}  {told}"
    yield say(f"summary.money{where}", lang, horizon=horizon)
    for name in (*MONEY, "transfers"):
        change = found.measure(policy.id, name, population, years).difference
        yield f"  {say(f'outcome.{name}', lang):<{width}}  {_told(change, lang, money=True)}"


def _specialists(policy: Scenario, found: Findings, lang: str) -> Iterator[str]:
    """Yield the specialists' time that a policy takes: nothing limits it, so whoever reads must judge it."""
    years = found.years(population := OPEN if found.study.open else CLOSED)
    today = found.measure("baseline", "specialist_visits", population, years).value.mean
    more = found.measure(policy.id, "specialist_visits", population, years).difference
    if more.low > 0 and more.mean > SPECIALISTS_SHOWN * today:
        change = with_error(more.mean, more.error, lang, signed=True)
        yield say("summary.specialists", lang, change=change, share=percent(more.mean / today, lang))


def _places(policy: Scenario, found: Findings, lang: str) -> Iterator[str]:
    """Yield who did not get in and, beside the scenario with limits, what their lack costs."""
    if not found.study.open:
        return
    years = found.years(OPEN)
    waits = {name: found.measure(policy.id, name, OPEN, years).difference for name in ("refused", "gave_up")}
    if any(change != NOTHING for change in waits.values()):
        yield say("summary.places", lang, **{name: _told(change, lang, money=False) for name, change in waits.items()})
    limited = found.limited(policy)
    if limited is None:
        return
    free, bound = (found.worths[OPEN][name] for name in (policy.id, limited))
    months = (free.counts["episode_months"][1] - bound.counts["episode_months"][1]).sum(axis=1)
    qalys = free.qalys(years, discounted=False) - bound.qalys(years, discounted=False)
    cost = free.cost("collective", years, discounted=False) - bound.cost("collective", years, discounted=False)
    words = {
        "months": _told(Estimate.of(months), lang, money=False),
        "qalys": _told(Estimate.of(qalys), lang, money=False),
    }
    words["cost"] = _told(Estimate.of(cost), lang, money=True)
    yield say("summary.lack", lang, horizon=horizon_words(years, found, lang), **words)


def _replicates(policy: Scenario, found: Findings, lang: str) -> Iterator[str]:
    """Yield the mean over seeds, and how far the error of one run differs between seeds and batches."""
    population = found.main_population
    name = found.horizon_name(found.years(population))
    told = {
        one.outcome.partition(",")[0]: one
        for one in found.study.replicates
        if one.scenario == policy.id and one.outcome.endswith(f", difference, {population}, {name}")
    }
    if not told or not told["qalys"].error:
        return
    from scipy import stats  # slow to import, seldom needed

    qalys, cost = (told[outcome] for outcome in ("qalys", "cost_collective"))
    few = float(stats.t.ppf(0.975, len(qalys.values) - 1)) / Z95 / len(qalys.values) ** 0.5
    means = [Estimate(one.mean, few * one.error) for one in (qalys, cost)]
    seeds, batches = (number(half, lang, decimals_for(half)) for half in (Z95 * qalys.error, Z95 * qalys.batch_error))
    yield say(
        "summary.replicates",
        lang,
        count=len(qalys.values),
        qalys=_told(means[0], lang, money=False),
        cost=_told(means[1], lang, money=True),
        horizon=horizon_words(found.years(population), found, lang),
        where=say(f"summary.where_{population}", lang),
        seeds=seeds,
        batches=batches,
    )


def _told(change: Estimate, lang: str, *, money: bool) -> str:
    """Return a difference with its error, or say that it cannot be told from zero."""
    if change.mean == 0 and change.error == 0:
        return say("summary.unchanged", lang)
    if money:
        text = euros(change.mean, lang, error=change.error, signed=True)
    else:
        text = with_error(change.mean, change.error, lang, signed=True)
    return text if change.told_from_zero else say("summary.below_error", lang, value=text)


def _share(policy: Scenario, found: Findings, lang: str) -> Iterator[str]:
    share = found.shares.get(policy.id)
    if share is None:
        return
    burden = euros(found.study.registry.value("economy.burden.total"), lang, digits=2)
    saving = Estimate(share.saving.mean, share.saving.error)
    if not saving.told_from_zero:
        text = euros(saving.mean, lang, error=saving.error, signed=True) if saving.error else euros(0, lang)
        yield say("summary.burden_none", lang, burden=burden, saving=text)
        return
    sign = 1 if saving.mean > 0 else -1
    yield say(
        "summary.burden_share" if sign > 0 else "summary.burden_cost",
        lang,
        burden=burden,
        share=percent(sign * share.of_total.mean, lang, error=share.of_total.error),
        saving=euros(sign * saving.mean, lang, error=saving.error),
        avoidable=percent(sign * share.of_avoidable.mean, lang, error=share.of_avoidable.error),
    )


def _value(ratio: Ratio, found: Findings, lang: str) -> Iterator[str]:
    """Yield cost per QALY, in words wherever a ratio would mislead."""
    yield say(
        "summary.value",
        lang,
        horizon=horizon_words(ratio.years, found, lang),
        perspective=say(f"perspective.{ratio.perspective}", lang),
        verdict=verdict_words(ratio, lang),
    )
    cost = euros(ratio.cost.mean, lang, error=ratio.cost.error, signed=True)
    qalys = with_error(ratio.qalys.mean, ratio.qalys.error, lang, signed=True)
    yield "  " + say("summary.value_detail", lang, cost=cost, qalys=qalys)


def _legal(policy: Scenario, lang: str) -> Iterator[str]:
    test = policy.legal_test
    if test is None:
        return
    failed = [criterion for criterion in test.criteria if not criterion.passes]
    verdict = say("summary.legal_pass", lang)
    if failed:
        verdict = say("summary.legal_fail", lang, failed=len(failed), total=len(test.criteria))
    yield say("summary.legal", lang, verdict=verdict)
    for criterion in test.criteria:
        key = "summary.criterion_passes" if criterion.passes else "summary.criterion_fails"
        value, expected = (number_text(item, lang) for item in (criterion.value, criterion.expected))
        yield "  " + say(key, lang, title=pick(criterion.title, lang), value=value, expected=expected)
    if failed and test.derogation is not None:
        yield "  " + say("summary.legal_derogation", lang, derogation=pick(test.derogation, lang))
