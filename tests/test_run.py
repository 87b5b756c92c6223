"""The front door: what is asked wrongly is said at once and nothing is written; failures have their codes."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
import types
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import model.scenario
import run
from model.scenario_card import starter
from results.help import OPTIONS, page
from tests import synthetic

REPOSITORY = Path(run.__file__).resolve().parent

BASELINE = """
title = { fr = "Soins de 2025-2026", en = "Care as in 2025–26" }
summary = { fr = "La situation actuelle.", en = "Care as it is." }
"""


@pytest.fixture
def scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of three small scenarios, in place of scenarios/."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "baseline.toml").write_text(BASELINE, encoding="utf-8")
    for name in ("liste_en_sus", "collaborative_care"):
        (folder / f"{name}.toml").write_text(starter(name), encoding="utf-8")
    for function in ("load_scenario", "load_scenarios", "scenario_names"):
        monkeypatch.setattr(model.scenario, function, partial(getattr(model.scenario, function), folder=folder))
    monkeypatch.setattr(model.scenario, "SCENARIOS", folder)
    return folder


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Put a made-up study in place of the model's; return the calls it receives."""
    calls: list[dict[str, Any]] = []

    def run_study(names: list[str], **choices: Any) -> synthetic.Study:
        calls.append({"names": names, **choices})
        choices["progress"]("open", 1, 2)
        return synthetic.study(open_years=2, closed_years=0)

    stand_in = types.ModuleType("model.study")
    stand_in.run_study = run_study  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "model.study", stand_in)
    return calls


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def run_study(*_: Any, **__: Any) -> None:
        raise error

    stand_in = types.ModuleType("model.study")
    stand_in.run_study = run_study  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "model.study", stand_in)


# ---------------------------------------------------------------- help


def test_help_appears_at_once_and_teaches() -> None:
    command = [sys.executable, "run.py", "--help"]
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.5
    assert "python run.py compare" in done.stdout
    heavy = "import run, sys; print(sorted({'numpy', 'numba', 'matplotlib', 'pydantic'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", heavy], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("verb", ["", *run.VERBS])
def test_every_verb_has_help_with_examples(verb: str, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [verb] * bool(verb) + ["--help", "--lang", lang]
    assert run.main(words) == run.DONE
    shown = capsys.readouterr().out
    assert f"python run.py {verb}" in shown
    for option in run.VERBS[verb].options if verb else ():
        assert option in shown
        assert OPTIONS[option][1 + (lang == "en")] in shown
    assert page(verb, (), lang) in shown


def test_without_a_word_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main([]) == run.DONE
    assert "scenarios new" in capsys.readouterr().out


# ---------------------------------------------------------------- wrong requests


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["conpare"], ["conpare", "Did you mean compare?"]),
        (["scenarios"], ["scenarios list", "scenarios new"]),
        (["scenarios", "chek"], ["scenarios chek", "Did you mean check?"]),
        (["compare", "--poeple", "3"], ["--poeple", "Did you mean --people?"]),
        (["compare", "--people", "many"], ["--people is “many”", "a whole number from 2,000"]),
        (["compare", "--people", "10"], ["--people is “10”"]),
        (["compare", "--people"], ["--people needs a value"]),
        (["compare", "--people", "--seed", "1"], ["--people needs a value"]),
        (["compare", "--seed", "1", "--seed", "2"], ["--seed is given twice"]),
        (["compare", "--seed", "-1"], ["--seed is “-1”"]),
        (["compare", "--perspective", "societial"], ["Did you mean societal?"]),
        (["compare", "--population", "mars"], ["one of both, national, cohort".replace("one of ", "")]),
        (["compare", "--horizon", "0"], ["--horizon is “0”", "1 to 95"]),
        (["compare", "--jobs", "0"], ["--jobs is “0”"]),
        (["compare", "--draws", "10"], ["--draws is not an option of compare"]),
        (["compare", "liste_en_suss"], ["liste_en_suss", "liste_en_sus"]),
        (["compare", "nowhere/x.toml"], ["nowhere/x.toml"]),
        (["compare", "liste_en_sus", "liste_en_sus"], ["more than once"]),
        (["scenarios", "new", "Été"], ["“Été” cannot name a scenario"]),
        (["scenarios", "new", "liste_en_sus"], ["exists already"]),
        (["scenarios", "new"], ["python run.py scenarios new"]),
        (["scenarios", "diff", "baseline"], ["python run.py scenarios diff"]),
        (["parameters", "show", "economy.burden.totl"], ["Did you mean economy.burden.total?"]),
        (["parameters", "list", "zzz"], ["no parameter contains “zzz”"]),
        (["lives", "a", "b"], ["at most 1"]),
        (["psa", "--from", "nowhere", "--draws", "9"], ["--draws does not go with draws already made", "is not there"]),
        (["psa", "--reading", "pigot"], ["pigot", "pigott+claims"]),
        (["voi"], ["voi needs draws: --from FOLDER, or --costs CSV and --effects CSV"]),
        (["voi", "--costs", "c.csv"], ["voi needs draws"]),
        (["voi", "--from", "x", "--costs", "c.csv"], ["say twice where the draws are"]),
        (
            ["voi", "--from", "nowhere", "--threshold", "2e9", "--years", "3"],
            ["--threshold is “2e9”", "0 to 10,000,000", "say how many people", "nowhere has 1 problem", "is not there"],
        ),
        (
            ["voi", "--costs", "no/c.csv", "--effects", "no/e.csv", "--parameters", "no/p.csv"],
            ["no/c.csv has 1 problem", "no/e.csv has 1 problem", "no/p.csv has 1 problem", "does not exist"],
        ),
    ],
)
def test_a_wrong_request_is_explained(
    words: list[str], said: list[str], scenarios: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main([*words, "--lang", "en"]) == run.BAD_REQUEST
    answer = capsys.readouterr()
    assert answer.out == ""
    for part in [*said, "Nothing was written."]:
        assert part in answer.err


@pytest.mark.parametrize("verb", ["compare", "psa", "tornado", "sweep", "bench dossier"])
def test_the_baseline_may_be_named_among_the_scenarios(
    verb: str, scenarios: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in `psa scenarios/*.toml`: it is always there, and complained of by no verb."""
    words = [*verb.split(), str(scenarios / "baseline.toml"), "baseline", "liste_en_su", "--lang", "en"]
    assert run.main(words) == run.BAD_REQUEST
    said = capsys.readouterr().err
    assert "liste_en_su" in said
    assert "more than once" not in said


def test_every_problem_is_said_at_once(scenarios: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = scenarios / "wrong.toml"
    wrong.write_text('extends = "baseline"\ntitel = 3\n[changes."economy.price_yea"]\nvalue = 1\n', encoding="utf-8")
    words = ["compare", str(wrong), "liste_en_su", "--people", "x", "--sed", "3", "--lang", "fr"]
    assert run.main(words) == run.BAD_REQUEST
    said = capsys.readouterr().err
    for part in ("« x »", "--seed", "titel", "economy.price_year", "liste_en_su", "Rien n’a été écrit."):
        assert part in said.replace("\u202f", " "), part
    assert "Traceback" not in said


def test_out_must_be_a_place_for_results(scenarios: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.odt").write_text("mine")
    for name, said in (("file", "is a file"), ("file/below", "is a file"), ("full", "something other")):
        assert run.main(["compare", "--out", str(tmp_path / name), "--lang", "en"]) == run.BAD_REQUEST
        assert said in capsys.readouterr().err
    assert (tmp_path / "full" / "thesis.odt").read_text() == "mine"


def test_nothing_is_written_when_the_request_is_wrong(scenarios: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert run.main(["compare", "--out", str(tmp_path / "new"), "--people", "x"]) == run.BAD_REQUEST
    assert sorted(tmp_path.rglob("*")) == before


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 3, "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), 3, "Permission denied"),
        (MemoryError(), 3, "out of memory"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (model.scenario.InputError({"x.toml": ["this is wrong."]}), 2, "this is wrong."),
    ],
)
def test_failures_have_their_codes_and_no_traceback(
    error: BaseException,
    code: int,
    said: str,
    scenarios: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(monkeypatch, error)
    assert run.main(["compare", "--out", str(tmp_path / "out"), "--lang", "en"]) == code
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "out").exists()


def test_both_languages_are_refused_where_one_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["psa", "--lang", "both"]) == run.BAD_REQUEST
    assert "--lang" in capsys.readouterr().err


def test_a_disk_that_fills_while_writing_leaves_nothing(
    scenarios: Path, study: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from results import publish

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(publish, "write_workbook", full)
    assert (
        run.main(["compare", "--people", "2000", "--jobs", "1", "--out", str(tmp_path / "out")]) == run.MACHINE_FAILED
    )
    assert [path.name for path in tmp_path.iterdir()] == ["scenarios"]


def test_a_bug_is_not_hidden(scenarios: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError, match="a bug"):
        run.main(["compare"])


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_cleanly(sent: signal.Signals, code: int, tmp_path: Path) -> None:
    program = f"""
import signal, sys, time
sys.path.insert(0, {str(REPOSITORY)!r})
import run
from pathlib import Path
from results.run_folder import run_folder
def wait(request):
    with run_folder(Path({str(tmp_path)!r}) / "out") as partial:
        print("ready", flush=True)
        time.sleep(30)
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a shell runs in the background
signal.signal(signal.SIGTERM, run._stop)
run.VERBS["bench"] = run.Verb(("--lang",), wait)
sys.exit(run.main(["bench"]))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    os.kill(process.pid, sent)
    _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- what it does


def test_compare_writes_a_run_and_prints_its_summary(
    scenarios: Path,
    study: list[Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from results.charts import style

    monkeypatch.delitem(style._OPTIONS, "png")
    monkeypatch.delitem(style._OPTIONS, "pdf")
    words = ["compare", "--people", "20 000", "--seed=7", "--jobs", "1", "--horizon", "10", "--csv-fr"]
    assert run.main([*words, "--out", str(tmp_path / "out")]) == run.DONE
    assert study[0]["names"] == ["baseline", "liste_en_sus", "collaborative_care"]
    assert {key: study[0][key] for key in ("people", "seed", "jobs", "horizon", "population")} == {
        "people": 20_000, "seed": 7, "jobs": 1, "horizon": 10, "population": "both",
    }  # fmt: skip
    shown = capsys.readouterr()
    assert "ÉCLAIRCIE" in shown.out
    assert shown.err == "", "no bars where there is no terminal"
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"][:2] == ["run.py", "compare"]
    assert (tmp_path / "out" / "tables" / "budget.csv").read_text("utf-8-sig").startswith("year;payer;")
    failing(monkeypatch, MemoryError())
    assert run.main([*words, "--out", str(tmp_path / "out")]) == run.MACHINE_FAILED, "a result may be remade"
    assert (tmp_path / "out" / "manifest.json").exists(), "and stays if that fails"


def test_scenarios_can_be_listed_shown_checked_made_and_compared(
    scenarios: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["scenarios", "list"]) == run.DONE
    assert capsys.readouterr().out.splitlines()[0].startswith("baseline")
    assert run.main(["scenarios", "new", "mine", "--extends", "liste_en_sus"]) == run.DONE
    assert 'extends  = "liste_en_sus"' in (scenarios / "mine.toml").read_text(encoding="utf-8")
    assert run.main(["scenarios", "check"]) == run.DONE
    assert "4 scénario(s) sans problème." in capsys.readouterr().out
    (scenarios / "mine.toml").write_text(starter("mine") + CHANGE, encoding="utf-8")
    assert run.main(["scenarios", "diff", "baseline", "mine"]) == run.DONE
    assert "price.esketamine_device" in capsys.readouterr().out
    assert run.main(["scenarios", "show", "mine", "--lang", "en"]) == run.DONE
    assert "(mine)" in capsys.readouterr().out
    (scenarios / "mine.toml").write_text("extends = 3", encoding="utf-8")
    assert run.main(["scenarios", "list", "--lang", "en"]) == run.DONE
    assert "mine                to be mended: python run.py scenarios check mine" in capsys.readouterr().out
    assert run.main(["scenarios", "check"]) == run.BAD_REQUEST


CHANGE = """
[changes."price.esketamine_device"]
multiply = 0.5
grade = "D"
why = "half the price"
[[evidence]]
effect = "none"
source = "none"
grade = "D"
"""


def test_parameters_are_documents(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["parameters", "list", "burden", "total"]) == run.DONE
    assert capsys.readouterr().out.startswith("economy.burden.total")
    assert run.main(["parameters", "show", "economy.burden.total", "--lang", "en"]) == run.DONE
    card = capsys.readouterr().out
    for words in ("14,000,000,000", "6,000,000,000 to 25,000,000,000", "D (assumption)", "2018", "OCDE"):
        assert words in card


def test_lives_are_drawn(scenarios: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from results.charts import style

    monkeypatch.delitem(style._OPTIONS, "png")
    monkeypatch.delitem(style._OPTIONS, "pdf")

    def diaries(scenarios: Any, registry: Any, *, persons: int, months: int, seed: int, **_: Any) -> Any:
        return [synthetic.diary(persons, months, seed) for _ in scenarios]

    stand_in = types.ModuleType("model.study")
    stand_in.diaries = diaries  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "model.study", stand_in)
    assert run.main(["lives", "--people", "3", "--years", "2", "--out", str(tmp_path / "out")]) == run.DONE
    rows = (tmp_path / "out" / "lives.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 2 * 3 * 24
    assert (tmp_path / "out" / "lives.fr.svg").stat().st_size > 10_000


@pytest.mark.parametrize(("met", "code"), [(True, run.DONE), (False, run.CHECK_FAILED)])
def test_calibrate_fails_when_a_target_is_missed(met: bool, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import calibration

    stand_in = types.ModuleType("calibration.solve")
    stand_in.main = lambda **_: met  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "calibration.solve", stand_in)
    monkeypatch.setattr(calibration, "solve", stand_in, raising=False)
    assert run.main(["calibrate", "--people", "2000"]) == code


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--reading", "pigot"], "Did you mean pigott"),
        (["--reading", "pigott+claim"], "Did you mean claims"),
        (["--reading", "base", "--runs", "1000"], "a power of two"),
        (["--draws", "100"], "--draws goes with --reading"),
    ],
)
def test_a_reading_asked_wrongly_is_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["calibrate", *words, "--lang", "en"]) == run.BAD_REQUEST
    assert said in capsys.readouterr().err


def test_bars_wait_and_stay_quiet_off_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing for what is short; after a while a long first stage shows although it says nothing more itself."""
    from results import progress as bars

    with bars.Progress("fr", shown=False) as progress:
        progress("open", 1, 2)
        progress._show()
    with bars.Progress("fr", shown=True) as progress:
        progress("open", 1, 2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(bars, "PATIENCE", 0.0)
    with bars.Progress("fr", shown=True) as progress:
        progress("run: gp_training", 1, 2)
        progress._patience.join(timeout=10.0)
        assert progress._bars.tasks[0].description == "Vies simulées (gp_training)"
