"""The model beside its targets, in lines: order, verdicts, scores, words, table and chart."""

import json

import numpy as np
import pytest

import run
from calibration import validate as val
from calibration.measure import Measured
from calibration.targets import load_targets
from calibration.validate import Validation, advishe, lines_of
from calibration.verification import TITLES, check
from model.inputs import load_parameters
from results.charts.style import Setting
from results.charts.validation import draw_validation
from results.validation import check_table, target_table, told, write_validation


@pytest.fixture(scope="module")
def targets():
    return load_targets(load_parameters(solved=None))


@pytest.fixture(scope="module")
def validation(targets):
    """Everything on target, but one fitted and one validated: no study is run."""
    values = targets.vector("value").copy()
    ids = [target.id for target in targets.items]
    values[[target.study is None for target in targets.items]] = np.nan
    for name in ("stard_step_1", "escape_weeks"):
        values[ids.index(name)] *= 3.0
    lines = lines_of(targets, Measured(values, np.abs(values) / 1e3))
    checks = [check(name, 1.0 if name == "census" else 0.0) for name in TITLES]
    return Validation(lines, checks, advishe(lines, checks), 4_000, 1)


def test_validation_comes_first_and_the_most_independent_of_it(validation) -> None:
    roles = [line.role for line in validation.lines]
    assert roles == sorted(roles, key=val.ROLES.index)
    assert [line.target.validity for line in validation.of("validate")][:4] == ["predictive"] * 4


def test_a_miss_is_a_verdict_and_counts_in_the_score(validation) -> None:
    verdicts = {line.target.id: line.verdict for line in validation.lines}
    assert verdicts["stard_step_1"] == verdicts["escape_weeks"] == "out"
    assert verdicts["stard_step_2"] == "in"
    assert verdicts["cadet_effect_size"] == "unmeasured"
    inside, measured = validation.score("fit")
    assert inside == measured - 1
    assert val.counts(validation.lines, role="validate", validity="predictive") == (3, 4)


def test_a_failed_check_is_told_with_its_gap(validation) -> None:
    assert [failed.id for failed in validation.failed] == ["census"]
    english = told(validation, "en")
    assert "FAILED  Nobody appears or vanishes uncounted (gap 1.00, allowed 0.000)" in english
    assert f"{len(TITLES) - 1} of {len(TITLES)} passed" in english
    assert "OUT" in english
    assert "Conflicting sources" in english
    french = told(validation, "fr")
    assert "DEHORS" in french
    assert "ÉCHOUÉE" in french


def test_advishe_has_thirteen_answers_filled_in_both_languages(validation) -> None:
    assert len(validation.answers) == 13
    for answer in validation.answers:
        for text in (answer.answer.fr, answer.answer.en):
            assert "{" not in text
    later = next(answer for answer in validation.answers if answer.id == "D4")
    assert later.answer.en.endswith("a later time, 3 of 4.")


def test_the_table_has_a_row_a_target_and_the_chart_draws_it(validation) -> None:
    table = target_table(validation, "fr")
    assert len(table) == len(validation.lines)
    row = next(row for row in table if row["target"] == "stard_step_1")
    assert row["low"] < row["value"] < row["high"] < row["model"]
    assert row["distance"] == pytest.approx((row["model"] - row["value"]) / ((row["high"] - row["low"]) / 2 / 1.959964))
    figure = draw_validation(table.named("validation"), Setting("fr", "test", 4_000, 2025, {}))
    assert len(figure.axes) == 2
    drawn = sum(len(axes.get_yticks()) for axes in figure.axes)
    assert drawn == sum(validation.score(role)[1] for role in ("validate", "fit"))
    assert check_table(validation, "en").column("passed").count(False) == 1


def test_a_validation_is_written_whole(validation, tmp_path) -> None:
    folder = tmp_path / "validation"
    registry = load_parameters(solved=None)
    assert write_validation(validation, folder, "fr", registry, ("validate",), tmp_path) == folder
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tables = {f"tables/{name}.csv" for name in ("targets", "verification", "advishe")}
    figures = {f"figures/validation.{kind}" for kind in ("csv", "fr.svg", "fr.png", "fr.pdf")}
    assert written == tables | figures | {"tables.xlsx", "validation.fr.txt", "manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["failed_checks"] == ["census"]
    assert any(name.endswith("targets.toml") for name in manifest["inputs_sha256"])


def test_what_is_asked_wrongly_is_said_at_once(capsys) -> None:
    code = run.main(["validate", "liste_en_sus", "--people", "12", "--lang", "en"])
    said = capsys.readouterr().err
    assert code == run.BAD_REQUEST
    assert "validate takes at most 0 name(s); 1 given." in said
    assert "--people is “12”; expected a whole number from 2,000 to 10,000,000." in said
