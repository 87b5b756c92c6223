"""From a finished study to a folder of results: tables, charts, summary, manifest."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.scenario import Scenario
from results.charts.data import chart_setting, draw_all
from results.charts.lives import draw_lives, lives_table
from results.charts.style import Setting, draw_and_save, save
from results.counts import write_counts
from results.findings import Findings
from results.press import Press
from results.run_folder import code_state, input_files, run_folder, run_hash, versions, write_manifest
from results.summary import summary
from results.table import write_csv, write_workbook
from results.tables import all_tables

RESULTS = Path(__file__).resolve().parent
FILE_WIDTH = 140  # characters of the league table in the summary's file
WORKBOOK_CELLS = 120_000  # a larger table is for programs: CSV only


def _no_progress(stage: str, done: float, total: float) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class View:
    """How a study is told: whose costs, in which languages, by whom, and what the manifest says of the command."""

    perspective: str = "collective"
    command: tuple[str, ...] = ()
    progress: Callable[[str, float, float], None] = _no_progress
    languages: tuple[str, ...] = ()
    press: Press = field(default_factory=Press)


def study_hash(study: Any) -> str:
    """Return the run's hash: that of everything its numbers depend on, whatever the threads."""
    files = input_files(_scenario_files(study))
    choices = {name: getattr(study, name) for name in ("people", "seed", "cycles_open", "cycles_closed")}
    choices["replicates"] = len(study.replicates[0].values) if study.replicates else 0
    return run_hash(files, scenarios=[scenario.id for scenario in study.scenarios], **choices)


def default_folder(study: Any) -> Path:
    """Return where a run is written when no folder was asked for: results/NAMES_HASH."""
    names = [scenario.id for scenario in study.scenarios if not scenario.is_baseline] or ["baseline"]
    shown = "+".join(names[:2]) + (f"+{len(names) - 2}" if len(names) > 2 else "")
    return RESULTS / f"{shown}_{study_hash(study)}"


def write_run(study: Any, folder: Path, lang: str = "fr", csv_fr: bool = False, view: View | None = None) -> Path:
    """Write everything a study concludes in `folder` (replaced if it is there) and return it.

    lang : of the tables, and of figures and summary unless the view asks for several languages
    csv_fr : semicolons and decimal commas in CSV files
    The folder appears complete or not at all.
    """
    view, began = view or View(), time.perf_counter()
    findings, languages = Findings(study, view.perspective), view.languages or (lang,)
    name = study_hash(study)
    with run_folder(folder) as partial:
        for language in languages:
            setting = chart_setting(findings, language, name)
            for data, draw in draw_all(findings, setting):
                view.press.do(draw_and_save, draw, data, partial / "figures", setting, csv_fr)
        _write_tables(findings, partial, lang, csv_fr, view)
        for language in languages:
            text = summary(study, language, view=view, findings=findings, width=FILE_WIDTH)
            (partial / f"summary.{language}.txt").write_text(text, encoding="utf-8")
        view.press.wait(lambda done, total: view.progress("charts", done, total))
        timings = {**study.timings, "results": round(time.perf_counter() - began, 2)}
        write_manifest(partial, _manifest(study, view, name, languages, timings))
    return folder


def _write_tables(findings: Findings, folder: Path, lang: str, csv_fr: bool, view: View) -> None:
    """Write every table as CSV, those a person reads as one workbook, and the ledgers as Parquet."""
    tables = all_tables(findings, lang)
    view.press.do(
        write_workbook, [t for t in tables if len(t) * len(t.columns) <= WORKBOOK_CELLS], folder / "tables.xlsx"
    )
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
) -> Path:
    """Simulate a few people under both scenarios, month by month, and write the chart of their lives."""
    from model.study import diary

    before, after = (diary(one, registry, persons=people, months=12 * years, seed=seed) for one in (baseline, scenario))
    files = input_files([*baseline.files, *scenario.files])
    name = run_hash(files, people=people, years=years, seed=seed, scenario=scenario.id)
    setting = Setting(
        lang=lang,
        run=name,
        people=people,
        price_year=int(registry.value("economy.price_year")),
        titles={one.id: one.title[lang] for one in (baseline, scenario)},
    )
    with run_folder(folder) as partial:
        data = lives_table({baseline.id: before, scenario.id: after})
        save(draw_lives(before, after, setting, scenario.id), data, partial, setting)
        contents = {"run": name, "people": people, "years": years, "seed": seed, "scenario": scenario.id}
        write_manifest(partial, {**contents, "versions": versions(), "code": code_state(), "inputs_sha256": files})
    return folder
