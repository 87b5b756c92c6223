"""From a finished study to a folder of results: tables, charts, summary, manifest."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.scenario import Scenario
from results.charts.data import chart_setting, draw_all
from results.charts.lives import draw_lives, lives_table
from results.charts.style import Setting, save
from results.findings import Findings
from results.run_folder import code_state, input_files, run_folder, run_hash, versions, write_manifest
from results.summary import summary
from results.table import write_csv, write_workbook
from results.tables import all_tables

RESULTS = Path(__file__).resolve().parent


def _no_progress(stage: str, done: float, total: float) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class View:
    """How a study is told: whose costs, and what the manifest says of the command."""

    perspective: str = "collective"
    command: tuple[str, ...] = ()
    progress: Callable[[str, float, float], None] = _no_progress


def study_hash(study: Any) -> str:
    """Return the run's hash: that of everything its numbers depend on, whatever the threads."""
    files = input_files(_scenario_files(study))
    choices = {name: getattr(study, name) for name in ("people", "seed", "cycles_open", "cycles_closed")}
    return run_hash(files, scenarios=[scenario.id for scenario in study.scenarios], **choices)


def default_folder(study: Any) -> Path:
    """Return where a run is written when no folder was asked for: results/NAMES_HASH."""
    names = [scenario.id for scenario in study.scenarios if not scenario.is_baseline] or ["baseline"]
    shown = "+".join(names[:2]) + (f"+{len(names) - 2}" if len(names) > 2 else "")
    return RESULTS / f"{shown}_{study_hash(study)}"


def write_run(study: Any, folder: Path, lang: str = "fr", csv_fr: bool = False, view: View | None = None) -> Path:
    """Write everything a study concludes in `folder` (replaced if it is there) and return it.

    csv_fr : semicolons and decimal commas in CSV files
    The folder appears complete or not at all.
    """
    view, began = view or View(), time.perf_counter()
    findings = Findings(study, view.perspective)
    name = study_hash(study)
    with run_folder(folder) as partial:
        tables = all_tables(findings, lang)
        (partial / "tables").mkdir()
        for done, table in enumerate(tables):
            view.progress("tables", done, len(tables) + 1)
            write_csv(table, partial / "tables" / f"{table.name}.csv", french=csv_fr)
        write_workbook(tables, partial / "tables.xlsx")
        setting = chart_setting(findings, lang, name)
        charts = draw_all(findings, setting)
        for done, (data, draw) in enumerate(charts):
            view.progress("charts", done, len(charts))
            save(draw(), data, partial / "figures", setting, french_csv=csv_fr)
        text = summary(study, lang, view=view, findings=findings)
        (partial / f"summary.{lang}.txt").write_text(text, encoding="utf-8")
        timings = {**study.timings, "results": round(time.perf_counter() - began, 2)}
        write_manifest(partial, _manifest(study, view, name, lang, timings))
    return folder


def _manifest(study: Any, view: View, name: str, lang: str, timings: dict[str, float]) -> dict[str, Any]:
    choices = ("people", "seed", "threads", "cycles_open", "cycles_closed")
    return {
        "run": name,
        "command": list(view.command),
        "scenarios": [scenario.id for scenario in study.scenarios],
        **{choice: getattr(study, choice) for choice in choices},
        "perspective": view.perspective,
        "language": lang,
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
