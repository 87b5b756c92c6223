"""From a finished study to a folder of results: tables, charts, summary, manifest."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from model.scenario import Scenario
from model.units import unit_text
from results.budget import chart_table, drug_table, impact_table
from results.charts.budget import draw_budget, draw_budget_insurer
from results.charts.data import CHART_THRESHOLDS, budget_data, chart_setting, draw_all, horizon_words
from results.charts.levers import draw_levers
from results.charts.lives import draw_lives, lives_table, lives_that_differ
from results.charts.price import draw_price
from results.charts.style import Chart, Setting, draw_and_save, save
from results.counts import write_counts
from results.explain import Explanation, explain_table
from results.findings import Findings
from results.press import WORTH_IT, Press
from results.prices import PriceStudy, per_thousand, price_table
from results.run_folder import code_state, input_files, run_folder, run_hash, versions, write_manifest
from results.summary import summary
from results.table import Table, write_csv, write_workbook
from results.tables import all_tables
from results.texts import pick

RESULTS = Path(__file__).resolve().parent
FILE_WIDTH = 190  # characters of the league table in the summary's file
LIVES_TRIED = 3_000  # people among whom lives that the scenario changes are looked for
WORKBOOK_CELLS = 30_000  # a larger table is for programs: CSV only
IN_WORKBOOK = ("league", "comparison", "icer")  # but these, which people read whatever their size


def _no_progress(stage: str, done: float, total: float) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class View:
    """How a study is told: whose costs, in which languages, by whom, and what the manifest says of the command."""

    perspective: str = "collective"
    command: tuple[str, ...] = ()
    progress: Callable[[str, float, float], None] = _no_progress
    languages: tuple[str, ...] = ()
    jobs: int = 1


def study_hash(study: Any) -> str:
    """Return the run's hash: that of everything its numbers depend on, whatever the threads."""
    files = input_files(_scenario_files(study))
    choices = {name: getattr(study, name) for name in ("people", "seed", "cycles_open", "cycles_closed")}
    choices["replicates"] = len(study.replicates[0].values) if study.replicates else 0
    return run_hash(files, scenarios=[scenario.id for scenario in study.scenarios], **choices)


def default_folder(study: Any, verb: str = "") -> Path:
    """Return where a run is written when no folder was asked for: results/[VERB_]NAMES_HASH."""
    names = [scenario.id for scenario in study.scenarios if not scenario.is_baseline] or ["baseline"]
    shown = "+".join(names[:2]) + (f"+{len(names) - 2}" if len(names) > 2 else "")
    return RESULTS / f"{verb}{shown}_{study_hash(study)}"


def write_run(
    study: Any,
    folder: Path,
    lang: str = "fr",
    csv_fr: bool = False,
    view: View | None = None,
    findings: Findings | None = None,
    explanations: Sequence[Explanation] = (),
) -> Path:
    """Write everything a study concludes in `folder` (replaced if it is there) and return it.

    lang : of the tables, and of figures and summary unless the view asks for several languages
    csv_fr : semicolons and decimal commas in CSV files
    findings : the study's, if they are worked out already; explanations : of scenarios split by lever
    The folder appears complete or not at all.
    """
    view, began = view or View(), time.perf_counter()
    findings, languages = findings or Findings(study, view.perspective), view.languages or (lang,)
    name = study_hash(study)
    jobs = view.jobs if study.people >= WORTH_IT else 1
    with run_folder(folder) as fresh, Press(jobs) as press:
        for language in languages:
            setting = chart_setting(findings, language, name)
            for data, draw in chain(draw_all(findings, setting), _lever_charts(explanations, findings, setting)):
                press.do(draw_and_save, draw, data, fresh / "figures", setting, csv_fr)
        tables = [*all_tables(findings, lang), *(explain_table(one, lang) for one in explanations)]
        _write_tables(tables, findings, fresh, csv_fr, view, press)
        for language in languages:
            text = summary(study, language, view=view, findings=findings, width=FILE_WIDTH)
            (fresh / f"summary.{language}.txt").write_text(text, encoding="utf-8")
        press.wait(lambda done, total: view.progress("charts", done, total))
        timings = {**study.timings, "results": round(time.perf_counter() - began, 2)}
        write_manifest(fresh, _manifest(study, view, name, languages, timings))
    return folder


def _lever_charts(explanations: Sequence[Explanation], findings: Findings, setting: Setting) -> Iterator[Chart]:
    """Yield the chart of each scenario split by lever."""
    for one in explanations:
        data, horizon = explain_table(one, setting.lang), horizon_words(one.years, findings, setting.lang)
        yield data, partial(draw_levers, data, setting, horizon)


def _write_tables(
    tables: Sequence[Table], findings: Findings, folder: Path, csv_fr: bool, view: View, press: Press
) -> None:
    """Write every table as CSV, those a person reads as one workbook, and the ledgers as Parquet."""
    readable = [t for t in tables if t.name in IN_WORKBOOK or len(t) * len(t.columns) <= WORKBOOK_CELLS]
    press.do(write_workbook, readable, folder / "tables.xlsx")
    (folder / "tables").mkdir()
    for done, table in enumerate(tables):
        view.progress("tables", done, len(tables) + 1)
        write_csv(table, folder / "tables" / f"{table.name}.csv", french=csv_fr)
    write_counts(findings.study, folder / "counts.parquet")


def _manifest(
    study: Any, view: View, name: str, languages: tuple[str, ...], timings: dict[str, float]
) -> dict[str, Any]:
    choices = ("people", "seed", "threads", "cycles_open", "cycles_closed")
    return {
        "run": name,
        "command": list(view.command),
        "scenarios": [scenario.id for scenario in study.scenarios],
        **{choice: getattr(study, choice) for choice in choices},
        "perspective": view.perspective,
        "language": "+".join(languages),
        "code": code_state(),
        "versions": versions(),
        "wall_seconds": timings,
        "exit": 0,
        "inputs_sha256": input_files(_scenario_files(study)),
    }


def _scenario_files(study: Any) -> list[Path]:
    return [Path(file) for scenario in study.scenarios for file in scenario.files]


def write_lives(
    baseline: Scenario,
    scenario: Scenario,
    registry: Any,
    people: int,
    years: int,
    seed: int,
    folder: Path,
    lang: str,
    jobs: int = 1,
    progress: Callable[[str, float, float], None] = _no_progress,
) -> Path:
    """Simulate people under both scenarios, month by month, and write the chart of the lives that differ."""
    from model.study import diaries

    options: dict[str, Any] = {"months": 12 * years, "seed": seed, "jobs": jobs, "progress": progress}
    before, after = diaries((baseline, scenario), registry, persons=LIVES_TRIED, **options)
    chosen = lives_that_differ(before, after, people)
    before, after = before[chosen], after[chosen]
    files = input_files([*baseline.files, *scenario.files])
    name = run_hash(files, people=people, years=years, seed=seed, scenario=scenario.id)
    setting = Setting(
        lang=lang,
        run=name,
        people=people,
        price_year=int(registry.value("economy.price_year")),
        titles={one.id: one.title[lang] for one in (baseline, scenario)},
    )
    with run_folder(folder) as fresh:
        data = lives_table({baseline.id: before, scenario.id: after})
        save(draw_lives(before, after, setting, scenario.id), data, fresh, setting)
        contents = {"run": name, "people": people, "years": years, "seed": seed, "scenario": scenario.id}
        write_manifest(fresh, {**contents, "versions": versions(), "code": code_state(), "inputs_sha256": files})
    return folder


def write_budget(findings: Findings, folder: Path, texts: Mapping[str, str], csv_fr: bool, view: View) -> Path:
    """Write the budget impact of a study of the open population: tables, charts by payer and category, texts."""
    policies = [policy.id for policy in findings.policies]
    tables = [impact_table(findings, policies), drug_table(findings, policies)]
    flows, insurer = budget_data(findings), chart_table(findings, policies)
    kept = set(insurer.column("year"))
    flows = flows.filter(lambda row: row["year"] in kept).named("budget_payers")

    def charts(setting: Setting) -> list[Chart]:
        by_category = partial(draw_budget_insurer, insurer, setting)
        return [(flows, partial(draw_budget, flows, setting)), (insurer, by_category)]

    return _write(findings, folder, "budget", texts, tables, charts, csv_fr, view)


def write_price(
    findings: Findings, found: PriceStudy, folder: Path, texts: Mapping[str, str], csv_fr: bool, view: View
) -> Path:
    """Write where the answer of a scenario turns: tables, chart, texts."""
    table, per = price_table(found), per_thousand(findings, found.scenario.id)
    kept = {0.0, *found.thresholds[1:][CHART_THRESHOLDS]}
    drawn = table.filter(lambda row: row["threshold"] in kept)
    parameter = found.parameter

    def charts(setting: Setting) -> list[Chart]:
        name = parameter.id if parameter.title is None else pick(parameter.title, setting.lang)
        unit = unit_text(parameter.unit, setting.lang, titled=parameter.title is not None)
        label = f"{name} (€)" if found.in_euros else f"{name}\n({unit})"
        horizon = horizon_words(findings.years(findings.main_population), findings, setting.lang)
        return [(drawn, partial(draw_price, drawn, setting, label, float(parameter.value), horizon, found.in_euros))]

    tables = [table] if per is None else [table, per]
    return _write(findings, folder, "price", texts, tables, charts, csv_fr, view)


def _write(
    findings: Findings,
    folder: Path,
    name: str,
    texts: Mapping[str, str],
    tables: Sequence[Table],
    charts: Callable[[Setting], list[Chart]],
    csv_fr: bool,
    view: View,
) -> Path:
    """Write one verb's folder: its tables, its charts and its text in each language, the manifest."""
    study, languages = findings.study, tuple(texts)
    run = study_hash(study)
    with run_folder(folder) as fresh:
        (fresh / "tables").mkdir()
        for table in tables:
            write_csv(table, fresh / "tables" / f"{table.name}.csv", french=csv_fr)
        write_workbook(tables, fresh / "tables.xlsx")
        for language in languages:
            setting = chart_setting(findings, language, run)
            for data, draw in charts(setting):
                save(draw(), data, fresh / "figures", setting, french_csv=csv_fr)
        for language, text in texts.items():
            (fresh / f"{name}.{language}.txt").write_text(text, encoding="utf-8")
        write_manifest(fresh, _manifest(study, view, run, languages, study.timings))
    return folder
