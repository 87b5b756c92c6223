"""What `run.py validate` tells: the model beside its targets, the checks of the program, AdViSHE's answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.inputs import ROOT
from results.charts.style import Setting, save
from results.charts.validation import draw_validation
from results.numbers import Z95, compact, number, typeset
from results.run_folder import code_state, input_files, run_folder, run_hash, versions, write_manifest
from results.table import Table, write_csv, write_workbook
from results.texts import say

TARGETS = (
    "target",
    "title",
    "role",
    "validity",
    "reading",
    "unit",
    "value",
    "low",
    "high",
    "model",
    "model_low",
    "model_high",
    "mc_se",
    "distance",
    "distance_mc_se",
    "z",
    "verdict",
    "scale",
    "study",
    "measure",
    "outcome",
    "follow_up",
    "arm",
    "source",
    "evidence",
    "checked",
    "sampling_error",
    "transport_error",
    "instrument_error",
    "why",
)
CHECKS = ("check", "title", "found", "allowed", "passed")
ANSWERS = ("question", "title", "answer")


def target_table(validation: Any, lang: str) -> Table:
    """Return one row a target: its value and 95 % interval, the model's, z, the verdict."""
    rows = []
    for line in validation.lines:
        target = line.target
        low, high = target.interval
        half = Z95 * line.mc_error
        distance, luck = target.distance(line.model, line.mc_error)
        cells = {
            "target": target.id, "title": target.title[lang], "role": line.role, "low": low, "high": high,
            "model": line.model, "model_low": line.model - half, "model_high": line.model + half,
            "mc_se": line.mc_error, "distance": distance, "distance_mc_se": luck, "z": line.z, "verdict": line.verdict,
            "why": target.why[lang] if target.why else "",
        }  # fmt: skip
        rows.append(tuple(cells.get(name, getattr(target, name, None)) for name in TARGETS))
    return Table("targets", TARGETS, tuple(rows))


def check_table(validation: Any, lang: str) -> Table:
    """Return one row a check of the program: how far from what should hold, how far allowed."""
    rows = ((c.id, c.title[lang], c.found, c.allowed, c.passed) for c in validation.checks)
    return Table("verification", CHECKS, tuple(rows))


def answer_table(validation: Any, lang: str) -> Table:
    """Return AdViSHE's questions and answers."""
    rows = ((answer.id, answer.question[lang], answer.answer[lang]) for answer in validation.answers)
    return Table("advishe", ANSWERS, tuple(rows))


def told(validation: Any, lang: str) -> str:
    """Return the whole of it in words: targets by role, each with a verdict, then checks, then AdViSHE."""
    lines = [say("validation.title", lang), ""]
    for role in ("validate", "fit", "reported"):
        kept = validation.of(role)
        if not kept:
            continue
        inside, measured = validation.score(role)
        heading = say(f"validation.{role}", lang)
        lines += [f"{heading} : {say('validation.score', lang, inside=inside, measured=measured)}"]
        lines += [_line(line, lang) for line in kept] + [""]
    passed = sum(check.passed for check in validation.checks)
    lines.append(say("validation.checks", lang, passed=passed, made=len(validation.checks)))
    for check in validation.checks:
        verdict = say("validation.passed" if check.passed else "validation.failed", lang)
        found = "" if check.passed else " " + say("validation.found", lang, **_check_numbers(check, lang))
        lines.append(f"  {verdict}  {check.title[lang]}{found}")
    lines += ["", say("validation.advishe", lang)]
    lines += [f"  {a.id}  {a.question[lang]} {a.answer[lang]}" for a in validation.answers]
    return typeset("\n".join(lines), lang) + "\n"


def _check_numbers(check: Any, lang: str) -> Mapping[str, str]:
    return {key: compact(getattr(check, key), lang) for key in ("found", "allowed")}


def _line(line: Any, lang: str) -> str:
    target = line.target
    verdict = say(f"validation.{line.verdict}", lang)
    low, high = target.interval
    source = f"{compact(target.value, lang)} [{compact(low, lang)} ; {compact(high, lang)}]"
    title = f"{target.title[lang]} ({say(f'validation.{target.validity}', lang)})"
    if line.verdict == "unmeasured":
        return f"  {verdict:<12} {title:<78} {source} – {target.why[lang]}"
    model = f"{compact(line.model, lang)} ± {compact(Z95 * line.mc_error, lang)}"
    return f"  {verdict:<12} {title:<78} {source:<34} {model:<20} z = {number(line.z, lang, 1, signed=True)}"


def write_validation(
    validation: Any, folder: Path | None, lang: str, registry: Any, command: tuple[str, ...], default: Path
) -> Path:
    """Write tables, chart and words of a validation in a folder (results/validation_HASH by default)."""
    room = ROOT / "calibration"
    files = input_files([*room.glob("*.toml"), *room.rglob("*.py")])
    name = run_hash(files, people=validation.people, seed=validation.seed)
    folder = folder or default / f"validation_{name}"
    setting = Setting(lang, name, validation.people, int(registry.value("economy.price_year")), {})
    tables = [f(validation, lang) for f in (target_table, check_table, answer_table)]
    with run_folder(folder) as partial:
        (partial / "tables").mkdir()
        for table in tables:
            write_csv(table, partial / "tables" / f"{table.name}.csv")
        write_workbook(tables, partial / "tables.xlsx")
        data = tables[0].named("validation")
        save(draw_validation(data, setting), data, partial / "figures", setting)
        (partial / f"validation.{lang}.txt").write_text(told(validation, lang), encoding="utf-8")
        contents = {"run": name, "command": list(command), "people": validation.people, "seed": validation.seed}
        state = {"versions": versions(), "code": code_state(), "inputs_sha256": files}
        write_manifest(partial, {**contents, **state, "failed_checks": [c.id for c in validation.failed]})
    return folder
