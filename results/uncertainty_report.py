"""What the loops over parameters found: tables, charts and a summary beside every interval's share of chance.

The decision analysis of a probabilistic run is `psa_report`'s; here is what it took to make the draws, how much
of what they show is chance, one-way bars, Morris and Sobol.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial as partial_of
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.cells import OUTCOMES, Frame
from model.draws import Uncertainty
from model.inputs import Registry, Value
from model.scenario import Scenario
from model.smoothing import Smoothed, smoothed
from model.uncertainty import (
    DRAWS_WANTED,
    DUST,
    LUCK,
    NET_BENEFIT,
    SHARE_WANTED,
    Computed,
    OneWay,
    Probabilistic,
    Split,
    Spreading,
    Sweep,
    net_benefit,
    split_of_work,
    spreading,
)
from results.charts.tornado import MARKS, PER, outcome_amount
from results.decisions import Decision
from results.findings import for_qalys
from results.numbers import Z95, euros, number, percent, typeset
from results.run_folder import code_state, input_files, run_folder, run_hash, versions, write_manifest
from results.table import Table, rounded, write_csv, write_workbook
from results.texts import keys, pick, say, together
from results.uncertainty_texts import cohort_followed, told

Floats = NDArray[np.float64]

BARS_SAID, HIDDEN_SAID = 10, 3  # of a tornado, in words: told from chance; wider, and not told
MOST_MEASURED = 0.97  # share of chance above which what is left is not measured
PROJECTED_FROM = 100  # points computed: fewer say little of a large run


@dataclass(frozen=True)
class Made:
    """How a run was asked for and made: command, processes, seconds of the clock, who pays what is counted."""

    command: tuple[str, ...]
    lang: str
    jobs: int
    cluster: str | None
    wall: float
    french_csv: bool = False
    perspective: str = "collective"


# ---------------------------------------------------------------- probabilistic


def publish_psa(run: Probabilistic, frame: Frame, made: Made, folder: Path, question: Any = None) -> str:
    """Write the folder of a probabilistic run and return its summary. question : a `psa_report.Question`"""
    from results import psa_report

    question = question or psa_report.Question(command=made.command, french_csv=made.french_csv)
    counts = {"default_spreads": len(run.uncertainty.defaults), "fixed": len(run.uncertainty.fixed)}
    psa = replace(run.psa, about={**run.psa.about, **counts})
    reading = psa_report.Reading(psa, question, made.lang)
    threshold = _middle(frame)
    smooth = benefits_smoothed(run, frame, reading.pairs)
    words = psa_words(run, frame, made, threshold, reading.pairs, smooth)
    more = [chance_table(run, frame, smooth, reading.pairs), uncertain_table(run.uncertainty, made.lang)]
    with run_folder(folder) as partial:
        psa_report.write_reading(reading, partial, more, words, made.jobs)
    return psa_report.reading_summary(reading) + words


def _middle(frame: Frame) -> float:
    thresholds = frame.registry.value("economy.thresholds")
    return float(thresholds[len(thresholds) // 2 - 1] if len(thresholds) > 1 else thresholds[0])


def chance_table(
    run: Probabilistic, frame: Frame, smoothed_benefits: Mapping[str, Smoothed], pairs: Sequence[Decision]
) -> Table:
    """Return each difference from the baseline with what parameters and chance spread it by, per person.

    pairs : each scenario weighed against the baseline

    share_of_chance : in the spread simulated; share_shown : in that of the draws shown, which are smoothed or not
    (costs, QALYs, and net benefit at the middle threshold; empty elsewhere); told_held_out : share of the parameters'
    own spread that the smoothing tells of draws it had not seen
    lower_drawn_in, upper_drawn_in : 2.5 and 97.5 % points of draws not smoothed, drawn in towards their mean (those
    shown are in psa_outcomes); empty where all is chance
    """
    columns = (
        *("scenario", "outcome", "mean", "mean_se", "sd_parameters", "sd_chance_a_draw", "share_of_chance"),
        *(
            "lower_drawn_in",
            "upper_drawn_in",
            "lower_seen",
            "upper_seen",
            "at_registry_values",
            "at_registry_values_mc_se",
        ),
        *("share_shown", "told_held_out"),
    )
    rows = []
    middle = f"net_benefit_{_middle(frame):.0f}"
    perspective = str(run.psa.about["perspective"])
    cost = f"cost_{for_qalys(perspective)}"
    for place, scenario in enumerate(frame.scenarios[1:], start=1):
        smooths = {middle: (smoothed_benefits.get(scenario.id), 0)}
        both = next((one.smooth for one in pairs if one.id == scenario.id), None)
        smooths |= {cost: (both, 0), "qalys": (both, 1)}
        for name, draws, central in _differences(run, frame, place):
            found, size = spreading(draws), central.size
            smooth, column = smooths.get(name, (None, 0))
            left: tuple[float | None, float | None] = (found.share if name in smooths else None, None)
            if smooth is not None:
                left = (float(smooth.share[column]), float(smooth.held_out[column]))
            drawn_in = (found.low, found.high) if found.share < 1.0 else (None, None)
            error = float(central.std(ddof=1) / np.sqrt(size))
            rows.append(
                (
                    *(scenario.id, name, *rounded(found.mean, found.mean_error), found.sd, found.noise_sd),
                    *(found.share, *drawn_in, *found.seen, *rounded(float(central.mean()), error), *left),
                )
            )
    return Table("chance", columns, tuple(rows))


def _differences(run: Probabilistic, frame: Frame, place: int) -> list[tuple[str, Floats, Floats]]:
    """Return (outcome, draws (draw, batch), central (batch,)) of a scenario less the baseline."""
    rows = [
        (name, run.outcomes[:, place, k] - run.outcomes[:, 0, k], run.central[place, k] - run.central[0, k])
        for k, name in enumerate(OUTCOMES)
        if name not in ("persons", *LUCK)
    ]
    for threshold in frame.registry.value("economy.thresholds"):
        draws = net_benefit(run.outcomes, threshold)[:, place]
        rows.append((f"net_benefit_{threshold:.0f}", draws, net_benefit(run.central, threshold)[place]))
    return rows


def uncertain_table(uncertain: Uncertainty, lang: str) -> Table:
    """Return every parameter: its title, whether it is drawn, how, or why not."""
    rows = []
    drawn = {name: one.name for one in uncertain.inputs for name in one.members}
    for name, parameter in uncertain.registry.items():
        how = uncertain.fixed.get(name, "its spread")
        if name in uncertain.defaults:
            how = "default spread (grade D)"
        elif uncertain.posterior is not None and name in uncertain.posterior.names:
            how = "calibrated draws"
        title = input_title(name, [name], uncertain.registry, lang)
        rows.append((name, title, name in drawn, drawn.get(name, ""), how, parameter.grade))
    return Table("uncertain", ("parameter", "title", "drawn", "moves_with", "how", "grade"), tuple(rows))


def psa_words(
    run: Probabilistic,
    frame: Frame,
    made: Made,
    threshold: float,
    pairs: Sequence[Decision],
    smoothed_benefits: Mapping[str, Smoothed],
) -> str:
    """Return how the draws were made and how much of what they show is chance.

    pairs : each scenario weighed against the baseline
    """
    lang, lines = made.lang, [told("made", made.lang)]
    total, source = len(run.psa) + len(run.failed), _source(run.uncertainty, lang)
    defaults, fixed = (number(len(found), lang) for found in (run.uncertainty.defaults, run.uncertainty.fixed))
    lines.append(told("draws", lang, draws=number(total, lang), source=source))
    lines.append(told("defaults", lang, defaults=defaults, fixed=fixed))
    lots = number(min(frame.lots, total), lang)
    lines.append(told("people", lang, people=number(frame.people, lang), batches=frame.batches))
    lines.append(told("relived" if frame.relived else "in_turn", lang, lots=lots))
    if run.failed:
        lines.append(told("failed", lang, named=", ".join(f"{n} ({why})" for n, why in sorted(run.failed.items()))))
    worst = 0.0
    for place, scenario in enumerate(frame.scenarios[1:], start=1):
        draws, central = net_benefit(run.outcomes, threshold)[:, place], net_benefit(run.central, threshold)[place]
        found = spreading(draws)
        smooth = smoothed_benefits.get(scenario.id)
        worst = max(worst, found.share if smooth is None else float(smooth.share[0]))
        lines.append(_interval(scenario, found, central, threshold, lang))
        error = np.hypot(found.mean_error, central.std(ddof=1) / np.sqrt(central.size))
        if abs(found.mean - central.mean()) > Z95 * error and found.share <= MOST_MEASURED:
            lines.append(told("mean_differs", lang))
        if smooth is not None:
            pair = next(one for one in pairs if one.id == scenario.id)
            low, high = np.quantile(pair.net_benefit(threshold)[:, 1], (0.025, 0.975)).tolist()
            told_of = {
                "low": euros(low, lang, signed=True, digits=2),
                "high": euros(high, lang, signed=True, digits=2),
                "left": percent(float(smooth.share[0]), lang, decimals=0),
                "held_out": percent(float(smooth.held_out[0]), lang, decimals=0),
            }
            lines.append(told("smoothed", lang, **told_of))
    lines += _work(run, frame, made, worst)
    return typeset("\n".join(["", *lines, ""]), lang)


def benefits_smoothed(run: Probabilistic, frame: Frame, pairs: Sequence[Decision]) -> dict[str, Smoothed]:
    """Return scenario -> its net benefit at the middle threshold smoothed over the parameters, where its draws are."""
    benefits, found = net_benefit(run.outcomes, _middle(frame)), {}
    for place, scenario in enumerate(frame.scenarios[1:], start=1):
        if any(one.id == scenario.id and one.smooth is not None for one in pairs):
            draws = benefits[:, place]
            noise = np.array([spreading(draws).noise_sd ** 2])
            smooth = smoothed(draws.mean(axis=1)[:, None], run.psa.parameters, noise)
            found |= {scenario.id: smooth} if smooth is not None else {}
    return found


def _interval(scenario: Scenario, found: Spreading, central: Floats, threshold: float, lang: str) -> str:
    error = float(central.std(ddof=1) / np.sqrt(central.size))
    return told(
        "interval_drowned" if found.share > MOST_MEASURED else "interval",
        lang,
        title=named(scenario, lang),
        threshold=euros(threshold, lang),
        mean=euros(found.mean, lang, error=found.mean_error, signed=True),
        low=euros(found.low, lang, signed=True, digits=2),
        high=euros(found.high, lang, signed=True, digits=2),
        share=percent(found.share, lang, decimals=0),
        central=euros(float(central.mean()), lang, error=error, signed=True),
    )


def _work(run: Probabilistic, frame: Frame, made: Made, share: float) -> list[str]:
    """Return what the work cost, what split of it would be better, and what a cluster would do."""
    lang, computed = made.lang, run.computed
    if not computed.fresh:
        return [told("all_found", lang)]
    a_point, lines = computed.seconds / computed.fresh, work_words(computed, made)
    if share > MOST_MEASURED:
        lines.append(told("all_chance", lang))
    elif share > SHARE_WANTED:
        enough = share / (1.0 - share) * frame.people * (1.0 - SHARE_WANTED) / SHARE_WANTED
        minutes = DRAWS_WANTED * a_point * enough / frame.people / made.jobs / 60.0
        costs = {"people": number(round(enough, -3), lang), "minutes": number(minutes, lang)}
        lines.append(told("too_much_chance", lang, share=percent(SHARE_WANTED, lang, decimals=0), **costs))
    if computed.fresh >= PROJECTED_FROM:
        lines.append(projection(a_point / len(frame.scenarios), computed.overhead, lang))
    return lines


def projection(seconds_a_cell: float, overhead: float, lang: str, workers: int = 100, cells: int = 10**7) -> str:
    """Return how long ten million cells would take on a hundred workers, from what a cell took here.

    overhead : of handing out and keeping cells, share of the time of a cell; one process does it for all workers
    """
    hours = cells * seconds_a_cell * max((1.0 + overhead) / workers, overhead) / 3600.0
    scale = {"cells": number(cells, lang), "workers": workers, "hours": number(hours, lang, 1)}
    return told(
        "projection", lang, each=number(1000.0 * seconds_a_cell, lang), overhead=percent(overhead, lang), **scale
    )


def split_words(split: Split, minutes: float, jobs: int, lang: str) -> str:
    """Return how a budget of work was cut into draws and people."""
    return typeset(
        told(
            "split",
            lang,
            minutes=number(minutes, lang),
            jobs=jobs,
            draws=number(split.draws, lang),
            people=number(split.people, lang),
            share=percent(split.share, lang, decimals=0),
            plain=f"--draws {split.draws} --people {split.people}",
        ),
        lang,
    )


def planned(pilot: Probabilistic, frame: Frame, minutes: float, jobs: int) -> Split:
    """Return how to spend a budget, from a few draws: the scenario in which chance weighs most decides."""
    benefit = net_benefit(pilot.outcomes, _middle(frame))
    shares = [spreading(benefit[:, place]).share for place in range(1, len(frame.scenarios))]
    seconds = pilot.computed.seconds / max(pilot.computed.fresh, 1)
    return split_of_work(min(max(shares), 0.99), frame.people, seconds, 60.0 * minutes * jobs)


def remembered_split(path: Path, key: str, plan: Callable[[], Split]) -> Split:
    """Return the split of a budget kept under a key, or plan it and keep it."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if key not in kept:
        kept[key] = asdict(plan())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    return Split(**kept[key])


# ---------------------------------------------------------------- one-way


def publish_tornado(run: OneWay, made: Made, folder: Path) -> str:
    """Write the folder of a one-way analysis and return its summary."""
    lang, frame = made.lang, run.frame
    table = tornado_table(run, lang)
    text = tornado_words(run, made)
    with run_folder(folder) as partial:
        _write(partial, [table], text, made, _choices(frame, made, threshold=run.threshold, outcome=run.outcome))
        _draw(partial, frame, made, table.name, table, run.threshold, run.outcome)
    return text


def tornado_table(run: OneWay, lang: str) -> Table:
    """Return bars by scenario, widest first, with the values tried; per person, or per `PER` people.

    told : whether a bar is told from chance (see `model.uncertainty.OneWay`)
    """
    columns = (
        *("scenario", "input", "title", "low_tried", "high_tried", "low", "high", "low_mc_se", "high_mc_se"),
        *("base", "base_mc_se", "width", "width_mc_se", "told", "kind", "simulated"),
    )
    rows = []
    for place, scenario in enumerate(run.frame.scenarios[1:], start=1):
        for one in _widest_first(run, place):
            bar = run.bars[one]
            numbers = (bar.low, bar.high, bar.low_error, bar.high_error, run.base, run.base_error)
            tried = (tried_text(values, run.frame.registry, lang) for values in bar.tried)
            names = (scenario.id, bar.name, input_title(bar.name, bar.tried[0], run.frame.registry, lang), *tried)
            per = PER.get(run.outcome, 1)
            found = (per * float(part[place]) for part in (*numbers, bar.width, bar.width_error))
            rows.append((*names, *found, bool(run.told[one, place]), bar.kind, bar.simulated))
    return Table("tornado", columns, tuple(rows))


def _widest_first(run: OneWay, place: int) -> list[int]:
    """Return the bars of a scenario by their width."""
    return sorted(range(len(run.bars)), key=lambda number: -run.bars[number].width[place])


def tried_text(values: Mapping[str, Value | str], registry: Registry, lang: str) -> str:
    """Return the values tried at one end: the first of a group, and how many move with it."""
    value, *others = values.values()
    if isinstance(value, str):
        return say(f"perspective.{value}", lang)
    first = value[0] if isinstance(value, tuple) else value
    text = number(float(first), lang, max(0, 3 - 1 - int(np.floor(np.log10(abs(first))))) if first else 0)
    return text + (" …" if others or isinstance(value, tuple) else "")


def input_title(name: str, members: Iterable[str], registry: Registry, lang: str) -> str:
    """Return what readers call an input: its group, or its members together, or its name where it has no other."""
    if f"group.{name}" in keys():
        return say(f"group.{name}", lang)
    if name.startswith("perspective "):
        return say("tornado.perspective", lang, name=say(f"perspective.{name.split()[1]}", lang))
    titles = [str(title[lang]) for member in members if member in registry and (title := registry[member].title)]
    return typeset(together(titles), lang) if titles else name


def tornado_words(run: OneWay, made: Made) -> str:
    """Return the widest bars of each scenario told from chance, in words, and what chance is."""
    lang, registry = made.lang, run.frame.registry
    simulated = np.array([bar.simulated for bar in run.bars])
    counts = {"bars": number(len(run.bars), lang), "simulated": number(int(simulated.sum()), lang)}
    what = say(f"tornado.of.{run.outcome}", lang, threshold=euros(run.threshold, lang))
    lines = [told("tornado", lang, what=what, **counts), cohort_followed(run.frame.years, made.perspective, lang)]
    kinds: set[str] = set()

    def amount(value: float, error: float = 0.0, signed: bool = True) -> str:
        per = PER.get(run.outcome, 1)
        return outcome_amount(run.outcome, per * value, lang, error=per * error, signed=signed)

    for place, scenario in enumerate(run.frame.scenarios[1:], start=1):
        base = amount(float(run.base[place]), float(run.base_error[place]))
        lines.append(told("line", lang, title=named(scenario, lang), found=base))
        clear = [one for one in _widest_first(run, place) if run.told[one, place]]
        for bar in (run.bars[one] for one in clear[:BARS_SAID]):
            low, high = (amount(float(end[place])) for end in (bar.low, bar.high))
            ends = " → ".join(tried_text(values, registry, lang) for values in bar.tried)
            title = input_title(bar.name, bar.tried[0], registry, lang) + MARKS.get(bar.kind, "")
            kinds.add(bar.kind)
            lines.append("  " + told("line", lang, title=f"{title} ({ends})", found=f"{low} → {high}"))
        if len(clear) > BARS_SAID:
            lines.append(told("more_bars", lang, count=number(len(clear) - BARS_SAID, lang)))
        errors = [Z95 * float(run.bars[one].width_error[place]) for one in np.flatnonzero(simulated).tolist()]
        errors = [error for error in errors if error > DUST]  # the others move nothing
        typical = f"± {amount(float(np.median(errors)), signed=False)}" if errors else amount(0.0, signed=False)
        hidden = [one for one in _widest_first(run, place) if not run.told[one, place]]
        lines.append(told("bars_in_noise", lang, count=number(len(hidden), lang), typical=typical))
        if clear:
            lines.append(told("false_bars", lang))
        wider = [run.bars[one] for one in hidden if run.bars[one].width[place] > DUST][:HIDDEN_SAID]
        if wider:
            named_bars = [
                f"{input_title(bar.name, bar.tried[0], registry, lang)}{MARKS.get(bar.kind, '')} "
                f"({amount(float(bar.width[place]), float(bar.width_error[place]), signed=False)})"
                for bar in wider
            ]
            kinds.update(bar.kind for bar in wider)
            lines.append(told("hidden_bars", lang, named=(" ; " if lang == "fr" else "; ").join(named_bars)))
    lines.append(told("unread", lang, count=number(len(run.unread), lang)))
    lines += [say(f"tornado.note_{kind}", lang) for kind in MARKS if kind in kinds]
    if run.failed:
        lines.append(told("failed", lang, named=", ".join(f"{name} ({why})" for name, why in run.failed.items())))
    lines += work_words(run.computed, made)
    return typeset("\n".join([*lines, ""]), lang)


def work_words(computed: Computed, made: Made) -> list[str]:
    """Return what the points of a loop took."""
    if not computed.fresh:
        return [told("all_found", made.lang)]
    took = {"fresh": computed.fresh, "seconds": computed.seconds, "wall": made.wall}
    each = number(computed.seconds / computed.fresh, made.lang, 2)
    return [told("work", made.lang, each=each, **{name: number(value, made.lang) for name, value in took.items()})]


# ---------------------------------------------------------------- Morris and Sobol


def publish_sweep(run: Sweep, made: Made, folder: Path) -> str:
    """Write the folder of a sweep, SALib's own files among them, and return its summary."""
    frame = run.frame
    tables = [morris_table(run, made.lang), sobol_table(run, made.lang)]
    text = sweep_words(run, made)
    with run_folder(folder) as partial:
        _write(partial, tables, text, made, _choices(frame, made, threshold=run.threshold, failed=dict(run.failed)))
        write_salib(run, partial / "salib")
        for table in tables:
            _draw(partial, frame, made, table.name, table, run.threshold)
    return text


def morris_table(run: Sweep, lang: str) -> Table:
    """Return elementary effects, strongest first; euros of net benefit per person from one end to the other."""
    columns = ("scenario", "input", "title", "mu_star", "mu_star_se", "sigma", "mu_star_of_chance")
    rows: list[tuple[Any, ...]] = []
    for scenario, found in run.screenings.items():
        for i in np.argsort(-np.nan_to_num(found.mu_star), kind="stable").tolist():
            numbers = (found.mu_star[i], found.mu_star_error[i], found.sigma[i], found.noise[i])
            rows.append((scenario, found.names[i], _title(run, found.names[i], lang), *map(float, numbers)))
    return Table("morris", columns, tuple(rows))


def sobol_table(run: Sweep, lang: str) -> Table:
    """Return shares of the variance of the net benefit, largest total first."""
    rows: list[tuple[Any, ...]] = []
    for scenario, found in run.indices.items():
        for i in np.argsort(-np.nan_to_num(found.total), kind="stable").tolist():
            numbers = (found.first[i], found.first_error[i], found.total[i], found.total_error[i])
            rows.append(
                (scenario, found.names[i], _title(run, found.names[i], lang), *map(float, numbers), found.share)
            )
    return Table("sobol", ("scenario", "input", "title", "s1", "s1_se", "st", "st_se", "share_of_chance"), tuple(rows))


def _title(run: Sweep, name: str, lang: str) -> str:
    return input_title(name, [name], run.frame.registry, lang)


def write_salib(run: Sweep, folder: Path) -> None:
    """Write problems, designs and outputs as SALib's command line reads them.

    Outputs are means over batches, chance left in; a design with a failed point has no output file.
    """
    folder.mkdir(parents=True)
    parts = (
        ("morris", run.morris_problem, run.morris_design, run.morris_benefit),
        ("sobol", run.sobol_problem, run.sobol_design, run.sobol_benefit),
    )
    for name, problem, design, benefit in parts:
        lines = [
            f"{_plain(one)} {low} {high}" for one, (low, high) in zip(problem["names"], problem["bounds"], strict=True)
        ]
        (folder / f"{name}_problem.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")
        np.savetxt(folder / f"{name}_design.txt", design)
        for place, scenario in enumerate(run.frame.scenarios[1:]):
            if np.isfinite(benefit[:, place]).all():
                np.savetxt(folder / f"{name}_output_{scenario.id}.txt", benefit[:, place].mean(axis=-1))


def _plain(name: str) -> str:
    return name.replace(" ", "_").replace(",", "")


def sweep_words(run: Sweep, made: Made) -> str:
    """Return what matters, in words."""
    lang = made.lang
    lines = [
        told(
            "sweep", lang, inputs=number(len(run.morris_problem["names"]), lang), threshold=euros(run.threshold, lang)
        ),
        cohort_followed(run.frame.years, made.perspective, lang),
    ]
    for scenario in run.frame.scenarios[1:]:
        found = run.indices[scenario.id]
        lines.append(told("sobol", lang, title=named(scenario, lang), share=percent(found.share, lang, decimals=0)))
        if not np.isfinite(found.total).all():
            lines.append(told("unmeasured", lang))
            continue
        for i in np.argsort(-np.nan_to_num(found.total), kind="stable").tolist():
            first, total = (
                f"{number(float(x[i]), lang, 2)} ± {number(1.96 * float(e[i]), lang, 2)}"
                for x, e in ((found.first, found.first_error), (found.total, found.total_error))
            )
            indices = f"S1 {first}" + (" ; " if lang == "fr" else "; ") + f"ST {total}"
            lines.append("  " + told("line", lang, title=_title(run, found.names[i], lang), found=indices))
    if run.failed:
        lines.append(told("failed", lang, named=", ".join(f"{name} ({why})" for name, why in run.failed.items())))
    lines += work_words(run.computed, made)
    return typeset("\n".join([*lines, ""]), lang)


# ---------------------------------------------------------------- what they share


def named(scenario: Scenario, lang: str) -> str:
    """Return the title of a scenario, marked ▲ if an effect is assumed."""
    return scenario.title[lang] + ("\u00a0▲" if "D" in scenario.grades else "")


def _choices(frame: Frame, made: Made, **more: Any) -> dict[str, Any]:
    return {
        "scenarios": [scenario.id for scenario in frame.scenarios],
        "perspective": made.perspective,
        **{name: getattr(frame, name) for name in ("people", "batches", "seed", "years")},
        **more,
    }


def _write(partial: Path, tables: Sequence[Table], text: str, made: Made, choices: Mapping[str, Any]) -> None:
    (partial / "tables").mkdir()
    for table in tables:
        write_csv(table, partial / "tables" / f"{table.name}.csv", french=made.french_csv)
    write_workbook(list(tables), partial / "tables.xlsx")
    (partial / f"summary.{made.lang}.txt").write_text(text, encoding="utf-8")
    manifest = {
        "command": list(made.command),
        **choices,
        "jobs": made.jobs,
        "cluster": made.cluster,
        "wall_seconds": round(made.wall, 1),
        "language": made.lang,
        "code": code_state(),
        "versions": versions(),
        "exit": 0,
        "inputs_sha256": input_files([]),
    }
    write_manifest(partial, manifest)


def _draw(
    partial: Path, frame: Frame, made: Made, kind: str, table: Table, threshold: float, outcome: str = NET_BENEFIT
) -> None:
    """Draw the chart of a table beside it."""
    from results.charts import sensitivity, tornado
    from results.charts.style import Setting, save

    draw = {
        "tornado": partial_of(tornado.draw, outcome=outcome),
        "morris": sensitivity.draw_morris,
        "sobol": sensitivity.draw_sobol,
    }[kind]
    setting = Setting(
        lang=made.lang,
        run=run_hash(input_files([]), **_choices(frame, made, threshold=threshold, outcome=outcome)),
        people=frame.people,
        price_year=int(frame.registry.value("economy.price_year")),
        titles={scenario.id: pick(scenario.title, made.lang) for scenario in frame.scenarios},
        assumed=frozenset(scenario.id for scenario in frame.scenarios if "D" in scenario.grades),
        colours={scenario.id: scenario.colour for scenario in frame.scenarios if scenario.colour},
    )
    if len(table):
        figure = draw(table, setting, threshold, (cohort_followed(frame.years, made.perspective, made.lang),))
        save(figure, table, partial / "figures", setting, french_csv=made.french_csv)


def _source(uncertain: Uncertainty, lang: str) -> str:
    if uncertain.posterior is None:
        return told("priors", lang)
    return told("calibrated", lang, reading=uncertain.posterior.reading)
