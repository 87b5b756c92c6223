"""From the draws of a probabilistic analysis to what knowing more would be worth: EVPI, EVPPI, EVSI.

Per person, and for everybody concerned when their number is known. `write_voi` writes a folder with all that
`psa_report` writes, and the value of information at each threshold asked.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import information
from model.complaints import InputError
from model.information import Information
from model.processes import processes
from model.psa import Psa
from model.research import Research, simulated_summaries
from model.smoothing import LEAST_DRAWS
from results.charts.style import Chart
from results.charts.voi import BARS, draw_studies, draw_voi
from results.decisions import Decision
from results.numbers import Z95, euros, number, percent, significant
from results.psa_report import Question, Reading, amount, provenance, write_reading
from results.run_folder import run_folder
from results.table import Table, rounded
from results.texts import keys, pick, say

Floats = NDArray[np.float64]
Known = dict[tuple[str, str | int], Floats]  # what might be known: (draw, variable)

VOI_THRESHOLDS = (20_000.0, 50_000.0, 100_000.0)  # when none is asked; euros per QALY
SIZES = (0.25, 0.5, 1.0, 2.0, 4.0)  # of a study, beside its own
LEAST_SHARE = 0.01  # of EVPI: less gets no bar
LEAST_WORTH = 1e-9  # euros a person below which an EVPI is rounding
EVPPI_COLUMNS = (
    *("decision", "threshold", "kind", "name", "title", "value", "mc_se", "share_of_evpi", "regression"),
    *("people", "national", "national_mc_se"),
)
EVSI_COLUMNS = (
    *("decision", "threshold", "study", "title", "people", "own_people", "value", "mc_se", "ceiling", "ceiling_mc_se"),
    *("regression", "national", "national_mc_se", "cost"),
)


def no_progress(stage: str, done: float, total: float) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Worthwhile:
    """The value of information of a PSA: rows of EVPPI (and EVPI) and of EVSI."""

    reading: Reading
    thresholds: tuple[float, ...]
    evppi: Table
    evsi: Table


def write_voi(
    psa: Psa,
    folder: Path,
    lang: str = "fr",
    question: Question | None = None,
    studies: Sequence[Research] = (),
    seed: int = 20_270_101,
) -> Path:
    """Write the PSA's decision analysis and the value of information in `folder`, and return it.

    studies : those whose data are to be valued; seed : of their simulated data

    Errors: InputError if a study measures none of the parameters drawn. The folder appears complete or not at all.
    """
    return write_worthwhile(value_of_information(psa, lang, question, studies, seed), folder)


def write_worthwhile(found: Worthwhile, folder: Path, jobs: int = 1) -> Path:
    """Write the PSA's decision analysis and a value of information already worked out, and return the folder.

    jobs : processes that write what takes longest
    """
    reading, more = found.reading, [found.evppi, found.evsi] if len(found.evsi) else [found.evppi]
    with run_folder(folder) as fresh:
        write_reading(reading, fresh, more, provenance(reading) + "\n" + voi_summary(found), jobs, _charts(found))
    return folder


def value_of_information(
    psa: Psa,
    lang: str = "fr",
    question: Question | None = None,
    studies: Sequence[Research] = (),
    seed: int = 20_270_101,
    progress: Callable[[str, float, float], None] = no_progress,
    jobs: int = 1,
) -> Worthwhile:
    """Return EVPI, EVPPI by subject, group and parameter, and EVSI by size of study, at each threshold asked.

    jobs : processes that share what might be known
    """
    reading = Reading(psa, question or Question(), lang)
    thresholds = tuple(sorted(reading.question.thresholds)) or VOI_THRESHOLDS
    known: Known = {(kind, name): psa.parameters[:, columns] for kind, name, columns in _subsets(psa)}
    for study in studies:
        known |= _data(study, psa, seed)
    steps = [step for decision in reading.decisions for step in _steps(decision, thresholds)]
    value = partial(information.partials, [decision.regressed_net_benefit(wtp) for decision, wtp, _ in steps])
    values: list[list[Information]] = []
    progress("information", 0, len(known))
    with processes(jobs) if jobs > 1 else nullcontext() as pool:
        for found in pool.map(value, known.values(), chunksize=4) if pool is not None else map(value, known.values()):
            values.append(found)
            progress("information", len(values), len(known))
    evppi: list[tuple[Any, ...]] = []
    evsi: list[tuple[Any, ...]] = []
    for step, (decision, threshold, evpi) in enumerate(steps):
        told = {name: found[step] for name, found in zip(known, values, strict=True)}
        evppi += _evppi_rows(reading, decision, threshold, evpi, told)
        evsi += [row for study in studies for row in _evsi_rows(reading, decision, threshold, study, told)]
    return Worthwhile(
        reading, thresholds, Table("evppi", EVPPI_COLUMNS, tuple(evppi)), Table("evsi", EVSI_COLUMNS, tuple(evsi))
    )


# ---------------------------------------------------------------- rows


def _steps(decision: Decision, thresholds: Sequence[float]) -> Iterable[tuple[Decision, float, Information]]:
    """Yield the decision with each threshold and EVPI at it."""
    curves = decision.curves(np.array(thresholds))
    for threshold, value, error in zip(thresholds, curves.evpi.tolist(), curves.evpi_error.tolist(), strict=True):
        yield decision, threshold, Information(value, error)


def _evppi_rows(
    reading: Reading,
    decision: Decision,
    threshold: float,
    evpi: Information,
    told: Mapping[tuple[str, str | int], Information],
) -> Iterable[tuple[Any, ...]]:
    everything = say("voi.all", reading.lang)
    yield _row(reading, (decision.id, threshold, "all", "all", everything), evpi, evpi)
    for kind, name, _ in _subsets(reading.psa):
        address = (decision.id, threshold, kind, name, _title(reading, kind, name))
        yield _row(reading, address, told[kind, name], evpi)


def _row(reading: Reading, address: tuple[Any, ...], found: Information, evpi: Information) -> tuple[Any, ...]:
    people = reading.deciders.people if reading.deciders is not None else None
    share = found.value / evpi.value if evpi.value > LEAST_WORTH else None
    value, error = rounded(found.value, found.error)
    nation = (None, None) if people is None else (value * people, error * people)
    return (*address, value, error, share, found.regression, people, *nation)


def _subsets(psa: Psa) -> Iterable[tuple[str, str, list[int]]]:
    """Yield kind, name and columns of what might be known: a subject, a group drawn together, a parameter.

    The subject of a parameter of ours is the first word of its id ("treatment.ect.…"); a list counts as one. What
    would say the same twice (a group of one, a subject that is a group) is said once.
    """
    said: set[tuple[int, ...]] = set()
    names = _parameters(psa)
    kinds = (
        ("parameter", names),
        ("group", psa.groups),
        ("subject", ["" if psa.about.get("made_elsewhere") else name.split(".")[0] for name in names]),
    )
    for kind, labels in kinds:
        for label in dict.fromkeys(label for label in labels if label):
            columns = [place for place, other in enumerate(labels) if other == label]
            if tuple(columns) not in said:
                said.add(tuple(columns))
                yield kind, label, columns


def _parameters(psa: Psa) -> list[str]:
    """Return the parameter each column belongs to ("course.stop.2" is the second number of our course.stop)."""
    if psa.about.get("made_elsewhere"):
        return list(psa.parameter_names)
    return [re.sub(r"\.\d+$", "", name) for name in psa.parameter_names]


def _title(reading: Reading, kind: str, name: str) -> str:
    """Return what readers call a subject, a group or a parameter; its name where it has no other."""
    if f"{kind}.{name}" in keys():
        return say(f"{kind}.{name}", reading.lang)
    titled = reading.registry[name].title if kind == "parameter" and name in reading.registry else None
    return pick(titled, reading.lang) if titled is not None else name


def _data(study: Research, psa: Psa, seed: int) -> Known:
    """Return what a study might tell: (id, people) -> summaries of its data in each draw; (id, 0) -> what it measures.

    Of the sizes shown, as if each draw were true.
    """
    kept = study.within(psa.parameter_names)
    if not kept.measures:
        wanted = ", ".join(measure.parameter for measure in study.measures)
        raise InputError({study.id: [f"measures {wanted}; expected at least one of the parameters drawn."]})
    columns = [psa.parameter_names.index(measure.parameter) for measure in kept.measures]
    found: Known = {(study.id, 0): psa.parameters[:, columns]}
    for people in _sizes(study):
        found[study.id, people] = simulated_summaries(kept.of_size(people), psa.parameter_names, psa.parameters, seed)
    return found


def _sizes(study: Research) -> Iterable[int]:
    """Return the sizes of a study that are shown, each once."""
    return dict.fromkeys(max(round(study.people * size), 2) for size in SIZES)


def _evsi_rows(
    reading: Reading,
    decision: Decision,
    threshold: float,
    study: Research,
    told: Mapping[tuple[str, str | int], Information],
) -> Iterable[tuple[Any, ...]]:
    people = reading.deciders.people if reading.deciders is not None else None
    ceiling = told[study.id, 0]
    for size in _sizes(study):
        found = told[study.id, size]
        value, error = rounded(found.value, found.error)
        nation = (None, None) if people is None else (value * people, error * people)
        address = (decision.id, threshold, study.id, pick(study.title, reading.lang), size, study.people)
        cost = study.cost if size == study.people else None
        yield (*address, value, error, *rounded(ceiling.value, ceiling.error), found.regression, *nation, cost)


# ---------------------------------------------------------------- charts and words


def _charts(found: Worthwhile) -> Iterable[Chart]:
    """Yield two charts a threshold, of the decisions that information could change: EVPPI, then EVSI.

    Nothing is told of a decision of which chance makes nearly all of the spread.
    """
    reading, lang = found.reading, found.reading.lang
    drowned = {one.id for one in reading.decisions if one.drowned}
    for threshold in found.thresholds:
        rows = found.evppi.where(threshold=threshold)
        worth = {row["decision"] for row in rows if row["kind"] == "all" and row["value"] > LEAST_WORTH}
        open_to_change = worth - drowned
        left = (("settled", {one.id for one in reading.decisions} - worth - drowned), ("drowned", drowned))
        told = " ".join(
            say(
                f"voi.{key}",
                lang,
                names=", ".join(reading.title(one.id) for one in reading.decisions if one.id in which),
            )
            for key, which in left
            if which
        )
        notes = " ".join(part for part in (say("voi.note", lang), reading.cohort, _people(reading), told) if part)
        bars = _shown(rows, reading.psa).filter(lambda row, kept=open_to_change: row["decision"] in kept)  # type: ignore[misc]
        if len(bars) > len(open_to_change):
            data = bars.named(f"voi_{threshold:.0f}")
            yield data, partial(draw_voi, data, reading.setting, threshold, notes)
        studies = found.evsi.where(threshold=threshold).filter(
            lambda row, kept=open_to_change: row["decision"] in kept and row["ceiling"] > row["ceiling_mc_se"]  # type: ignore[misc]
        )
        if len(studies):
            data = studies.named(f"evsi_{threshold:.0f}")
            notes = " ".join(part for part in (say("evsi.note", lang), reading.cohort, told) if part)
            yield data, partial(draw_studies, data, reading.setting, threshold, notes)


def _shown(rows: Table, psa: Psa) -> Table:
    """Return the rows a chart shows, none within another: subjects, or groups with the parameters outside them.

    Bars worth under a hundredth of EVPI are left to the table.
    """
    names = {kind: {row["name"] for row in rows.where(kind=kind)} for kind in ("subject", "group", "parameter")}
    if len(names["subject"]) > 1 and len(names["parameter"]) > 2 * BARS:
        kinds: tuple[str, ...] = ("subject",)
        within: set[str] = set()
    else:
        kinds = ("group", "parameter")
        within = {name for name, group in zip(_parameters(psa), psa.groups, strict=True) if group in names["group"]}
    return rows.filter(
        lambda row: (
            row["kind"] == "all"
            or (row["kind"] in kinds and row["name"] not in within and (row["share_of_evpi"] or 0.0) > LEAST_SHARE)
        )
    )


def _people(reading: Reading) -> str:
    deciders = reading.deciders
    if deciders is None:
        return ""
    people = number(deciders.people, reading.lang, significant(deciders.people))
    if not deciders.incident:
        return say("voi.note_today" if reading.question.deciders else "voi.note_cohort", reading.lang, people=people)
    years, rate = number(deciders.years, reading.lang), percent(deciders.rate, reading.lang)
    return say("voi.note_people", reading.lang, people=people, years=years, rate=rate)


def voi_summary(found: Worthwhile) -> str:
    """Return the value of information in words: EVPI, the parameters worth most, the studies."""
    reading, lang, lines = found.reading, found.reading.lang, list[str]()
    if len(reading.psa) < LEAST_DRAWS:
        lines += [say("voi.few", lang, draws=number(len(reading.psa), lang), least=number(LEAST_DRAWS, lang)), ""]
    for threshold in found.thresholds:
        lines += [say("voi.summary", lang, threshold=euros(threshold, lang)), *filter(None, [_people(reading)])]
        for decision in reading.decisions:
            rows = found.evppi.where(threshold=threshold, decision=decision.id)
            lines += ["", reading.title(decision.id)]
            if decision.drowned:
                lines.append("  " + say("psa.untold", lang))
                continue
            lines += _lines(rows, reading)
            lines += [_study_line(row, lang) for row in _worth_saying(rows, found, threshold, decision)]
        lines.append("")
    if not reading.psa.parameter_names:
        lines.append(say("voi.no_parameters", lang))
    return "\n".join(line for line in lines).rstrip() + "\n"


def _worth_saying(rows: Table, found: Worthwhile, threshold: float, decision: Decision) -> Iterable[dict[str, Any]]:
    """Yield each study at its own size, where EVPI is told and what the study measures is worth a hundredth of it."""
    evpi = next(iter(rows.where(kind="all")))
    if evpi["value"] > LEAST_WORTH and _is_told(evpi):
        for row in found.evsi.where(threshold=threshold, decision=decision.id):
            if row["people"] == row["own_people"] and row["ceiling"] > LEAST_SHARE * evpi["value"]:
                yield row


def _is_told(row: Mapping[str, Any]) -> bool:
    """Tell whether a value is told from zero."""
    return bool(row["value"] > Z95 * row["mc_se"])


def _lines(rows: Table, reading: Reading) -> list[str]:
    """Return EVPI and what is worth most among subjects, groups and parameters, told from nothing.

    Nothing else is told where EVPI is not: among hundreds tried, some seem worth something by chance. A parameter is
    left to the table where its group is told.
    """
    lang, psa = reading.lang, reading.psa
    everything = next(iter(rows.where(kind="all")))
    if everything["value"] <= LEAST_WORTH:
        return ["  " + say("voi.worthless", lang)]
    if not _is_told(everything):
        return [_line(everything["title"], everything, lang)]
    others = list(rows.filter(lambda row: row["kind"] != "all" and _is_told(row)))
    groups = {row["name"] for row in others if row["kind"] == "group"}
    within = {name for name, group in zip(_parameters(psa), psa.groups, strict=True) if group in groups}
    best = [row for row in others if row["kind"] != "parameter" or row["name"] not in within]
    best = sorted(best, key=lambda row: row["value"], reverse=True)[:BARS]
    lines = [_line(row["title"], row, lang) for row in (everything, *best)]
    if len({row["kind"] for row in best}) > 1:
        lines.append("  " + say("voi.nested", lang))
    if not best and psa.parameter_names:
        lines.append("  " + say("voi.none_told", lang))
    return lines


def _study_line(row: dict[str, Any], lang: str) -> str:
    return _line(say("evsi.line", lang, title=row["title"], people=number(row["people"], lang)), row, lang)


def _line(title: str, row: dict[str, Any], lang: str) -> str:
    if row["mc_se"] > 0.0 and not _is_told(row):
        most = euros(row["value"] + Z95 * row["mc_se"], lang, digits=1) + " " + say("voi.table_head", lang)
        return "  " + say("voi.line", lang, title=title, amount=say("voi.untold", lang, amount=most))
    told = f"{amount(row['value'], row['mc_se'], lang)} {say('voi.table_head', lang)}"
    if row["national"] is not None:
        told += f", {amount(row['national'], row['national_mc_se'], lang)} {say('voi.nation_head', lang)}"
    return "  " + say("voi.line", lang, title=title, amount=told)
