"""Results: numbers as readers write them, tables, charts, folders that are whole or absent, plain words."""

import errno
import json
import re
from pathlib import Path

import numpy as np
import pytest

from model import economics
from model.states import Health
from results import findings as found
from results import texts
from results.charts import style
from results.charts.data import chart_setting, draw_all
from results.charts.lives import draw_lives, lives_table, lives_that_differ
from results.findings import BreakEven, Estimate, Findings
from results.numbers import (
    MINUS,
    THIN,
    assumed,
    decimals_for,
    euros,
    euros_between,
    number,
    percent,
    typeset,
    with_error,
)
from results.publish import View, default_folder, study_hash, write_run
from results.run_folder import run_folder
from results.summary import _told, _turn, summary
from results.table import Table, rounded, write_csv, write_workbook
from results.tables import all_tables, budget, burden, comparison, icer
from tests import synthetic


@pytest.fixture(scope="module")
def study() -> synthetic.Study:
    return synthetic.study()


@pytest.fixture(scope="module")
def findings(study: synthetic.Study) -> Findings:
    return Findings(study)


# ---------------------------------------------------------------- numbers


def test_french_numbers_have_thin_spaces_commas_and_a_true_minus() -> None:
    assert number(-12345.6, "fr", 1) == f"{MINUS}12{THIN}345,6"
    assert number(12345.6, "en", 1, signed=True) == "+12,345.6"
    assert number(-0.001, "fr", 1, signed=True) == "0,0"
    assert number(float("nan"), "fr") == "n. d."


def test_euros_choose_their_unit() -> None:
    assert euros(1.23e9, "fr", digits=2) == f"1,2{THIN}Md€"
    assert euros(-34.4e6, "fr", error=9.8e6, signed=True) == f"{MINUS}34 ± 19{THIN}M€"
    assert euros(-34.4e6, "en", error=9.8e6) == f"{MINUS}€34m ± €19m"
    assert euros(50_000, "fr") == f"50{THIN}000{THIN}€"
    assert euros(14e9, "en", digits=2) == "€14bn"


def test_a_number_stops_where_its_error_begins() -> None:
    assert with_error(12_345, 204, "en") == "12,300 ± 400"
    assert with_error(0.12345, 0.0006, "fr", unit="%") == f"0,1235 ± 0,0012{THIN}%"
    assert percent(0.01234, "en", error=0.0006) == "1.23 ± 0.12%"
    assert [decimals_for(half) for half in (0.4, 0.012, 250, 3000)] == [1, 3, -1, -3]
    with pytest.raises(ValueError, match="above 0"):
        decimals_for(0.0)


def test_a_ratio_has_the_digits_of_its_nearer_end_and_an_assumption_few() -> None:
    assert euros_between(70_123.4, 31_000.0, 178_000.0, "en") == "€70,000 (€30,000 to €180,000)"
    assert euros_between(1.31e6, 0.7e6, 9.2e6, "fr").replace(THIN, " ") == "1,3 M€ (0,7 à 9,2)"
    assert [assumed(size, "en") for size in (0.0047078, 1.35, 0.02, 1.0, 0.0)] == ["0.0047", "1.35", "0.02", "1", "0"]


def test_files_keep_one_digit_more_than_is_shown() -> None:
    assert rounded(12_345.678, 204.3) == (12_346.0, 204.0)
    assert rounded(12_345.678, 408.6) == (12_350.0, 410.0)
    assert rounded(1 / 3, 0.0) == (0.3333333333, 0.0)


def test_typography() -> None:
    assert typeset("L'effet : « 12 % » ?", "fr") == f"L’effet{THIN}: «{THIN}12{THIN}%{THIN}»{THIN}?"
    assert typeset("the model's share: 12%", "en") == "the model’s share: 12%"


@pytest.mark.parametrize("key", texts.keys())
def test_every_text_exists_in_both_languages_with_the_same_blanks(key: str) -> None:
    french, english = texts._WORDS[key]
    assert french
    assert english
    assert set(re.findall(r"{(\w+)}", french)) == set(re.findall(r"{(\w+)}", english))
    assert not re.search(r" [;:!?%»€]", typeset(french, "fr")), "a breaking space before French punctuation"


def test_every_state_and_payer_has_a_name(findings: Findings) -> None:
    assert all(texts.label(state, "fr") for state in Health)
    assert {row["payer"] for row in budget(findings)} - {"FAMILY", "SOCIETY"} <= set(style_payers())


def style_payers() -> list[str]:
    from results.charts.budget import PAYERS

    return [payer for payer in PAYERS if texts.say(f"Payer.{payer}", "fr")]


# ---------------------------------------------------------------- findings


def test_differences_are_paired_by_batch(study: synthetic.Study, findings: Findings) -> None:
    measure = findings.measure("collaborative_care", "attempts", "open", 10)
    both = [study.open[name].events.sum(axis=(1, 2))[:, 9] for name in ("collaborative_care", "baseline")]
    change = both[0] - both[1]
    assert measure.difference.mean == pytest.approx(change.mean())
    assert measure.difference.error == pytest.approx(change.std(ddof=1) / np.sqrt(len(change)))
    assert measure.difference.error < measure.value.error / 5


def test_the_same_scenario_changes_nothing(study: synthetic.Study) -> None:
    twin = synthetic.study(closed_years=0)
    twin.open["liste_en_sus"] = twin.open["baseline"]
    unchanged = [m.difference for m in Findings(twin).measures if m.scenario == "liste_en_sus"]
    assert len(unchanged) > 40
    assert all(difference == Estimate(0.0, 0.0) for difference in unchanged)


@pytest.mark.parametrize(
    ("cost", "qalys", "verdict"),
    [
        ((100, 1), (10, 1), "icer"),
        ((-100, 1), (10, 1), "cost_saving"),
        ((100, 1), (-10, 1), "dominated"),
        ((-100, 1), (-10, 1), "saves_but_loses"),
        ((100, 1), (1, 1), "cost_only"),
        ((-100, 1), (1, 1), "saving_only"),
        ((1, 1), (10, 1), "health_only"),
        ((1, 1), (-10, 1), "health_loss_only"),
        ((1, 1), (1, 1), "none"),
    ],
)
def test_a_verdict_gives_no_sign_to_what_cannot_be_told_from_zero(
    cost: tuple[float, float], qalys: tuple[float, float], verdict: str
) -> None:
    where = economics.quadrant(cost[0], qalys[0])
    assert found._verdict(Estimate(*cost), Estimate(*qalys), where) == verdict
    assert texts.say(f"verdict.{verdict}", "fr", icer="x")


def test_break_even_is_where_the_net_benefit_is_nil(findings: Findings) -> None:
    for one in findings.break_evens["liste_en_sus"]:
        means = [benefit.mean for benefit in one.net_benefits]
        for crossing in one.crossings:
            assert np.interp(crossing.mean, one.sizes, means) == pytest.approx(0, abs=1e-6 * max(map(abs, means)))
            assert crossing.error > 0
    assert any(one.crossings for one in findings.break_evens["liste_en_sus"])


# ---------------------------------------------------------------- tables


def test_no_number_without_its_error(findings: Findings) -> None:
    with_errors = {"comparison": ("incremental", "incremental_mc_se"), "budget": ("difference", "mc_se")}
    with_errors |= {"icer": ("inc_cost", "inc_cost_mc_se"), "trace": ("share", "mc_se")}
    with_errors |= {"equity": ("value", "value_mc_se"), "capacity": ("admitted", "admitted_mc_se")}
    with_errors |= {"break_even": ("net_benefit", "mc_se"), "burden": ("model_bn", "model_bn_mc_se")}
    tables = {table.name: table for table in all_tables(findings, "fr")}
    for name, (number_column, error_column) in with_errors.items():
        rows = [row for row in tables[name] if row[number_column] is not None]
        assert rows, name
        assert all(row[error_column] is not None and row[error_column] >= 0 for row in rows), name


def test_the_league_table_never_shows_a_negative_ratio(findings: Findings) -> None:
    table = icer(findings)
    assert len(table) == 2 * 5 * 3  # policies × perspectives × horizons
    assert all(ratio is None or ratio > 0 for ratio in table.column("icer"))


def test_budget_lines_sum_to_the_collective_cost(findings: Findings) -> None:
    lines = [row for row in budget(findings) if row["scenario"] == "baseline"]
    whole = findings.measure("baseline", "cost_collective", "open", 10).value.mean
    names = {c.name for c in found.valuation.Category if c <= found.valuation.Category.PROGRAMME}
    medical = sum(row["euros"] for row in lines if row["category"] in names)
    assert medical == pytest.approx(whole, rel=1e-3)


def test_burden_sets_the_model_beside_the_14_billion(findings: Findings) -> None:
    rows = {row["component"]: row for row in burden(findings)}
    assert rows["total"]["claimed_bn"] == 14.0
    assert rows["total"]["target_bn"] == pytest.approx(14.0 * rows["direct"]["target_bn"] / 3.9, rel=1e-4)
    parts = sum(rows[name]["model_bn"] for name in ("direct", "production", "informal_care", "mortality"))
    assert parts == pytest.approx(rows["total"]["model_bn"], rel=1e-2)


def test_csv_in_french_reads_in_excel(tmp_path: Path) -> None:
    table = Table("t", ("a", "b"), ((1.5, "x;y"), (None, 2.0)))
    write_csv(table, tmp_path / "fr.csv", french=True)
    write_csv(table, tmp_path / "en.csv")
    assert (tmp_path / "fr.csv").read_bytes() == b'\xef\xbb\xbfa;b\n1,5;"x;y"\n;2\n'
    assert (tmp_path / "en.csv").read_bytes() == b"a,b\n1.5,x;y\n,2\n"


def test_the_workbook_holds_every_table_and_the_same_bytes(tmp_path: Path, findings: Findings) -> None:
    from openpyxl import load_workbook

    tables = [comparison(findings, "fr"), icer(findings)]
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tables, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["comparison", "icer"]
    assert book["icer"].max_row == len(tables[1]) + 1
    assert book["icer"]["B2"].value == tables[1].rows[0][1]


# ---------------------------------------------------------------- charts


def test_colours_are_bound_to_scenarios_and_told_apart() -> None:
    first = [style.scenario_colour(name) for name in style._ORDER[: len(style.HUES)]]
    assert len(set(first)) == len(style.HUES) <= 8
    looks = {(style.scenario_colour(name), style.scenario_marker(name)) for name in style._ORDER}
    assert len(looks) == len(style._ORDER)
    assert style.scenario_colour("liste_en_sus") == "#0072b2"
    assert style.scenario_colour("baseline") == style.BASELINE_COLOUR


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_chart_says_its_source_run_and_error(findings: Findings, lang: str) -> None:
    setting = chart_setting(findings, lang, "abc123def4")
    charts = list(draw_all(findings, setting))
    assert [data.name for data, _ in charts] == [
        "headline",
        "budget_impact",
        "course_of_illness",
        "equity",
        "regions",
        "anchors",
        "break_even",
    ]
    for data, draw in charts:
        written = " ".join(text.get_text() for text in draw().texts).replace("\n", " ")
        assert "abc123def4" in written, data.name
        assert "Monte" in written, data.name
        assert len(data), data.name


@pytest.mark.parametrize("chart", [0, 2])
def test_charts_are_the_same_bytes_at_every_drawing(findings: Findings, tmp_path: Path, chart: int) -> None:
    setting = chart_setting(findings, "fr", "abc123def4")
    for folder in ("one", "two", "three"):
        data, draw = list(draw_all(findings, setting))[chart]
        style.save(draw(), data, tmp_path / folder, setting)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [data.name + end for end in (".csv", ".fr.pdf", ".fr.png", ".fr.svg")]
    for name in names:
        copies = {(tmp_path / folder / name).read_bytes() for folder in ("one", "two", "three")}
        assert len(copies) == 1, name


def test_lives_are_drawn_side_by_side(findings: Findings) -> None:
    before, after = synthetic.diary(5, 60), synthetic.diary(5, 60, seed=2)
    setting = chart_setting(findings, "fr", "abc")
    figure = draw_lives(before, after, setting, "collaborative_care")
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        setting.title("baseline"),
        setting.title("collaborative_care"),
    ]
    same = synthetic.diary(40, 60)
    other = same.copy()
    other[[7, 30], 20:] = 1
    assert lives_that_differ(same, other, 3).tolist() == [0, 7, 30], "those whom the policy reaches come first"
    table = lives_table({"baseline": before, "collaborative_care": after})
    assert len(table) == 2 * 5 * 60
    assert {row["health"] for row in table} <= set(Health)


# ---------------------------------------------------------------- folders


def test_a_run_appears_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(style._OPTIONS, "png")  # the formats are tested above
    monkeypatch.delitem(style._OPTIONS, "pdf")
    folder, study = tmp_path / "run", synthetic.study(open_years=2, closed_years=12)
    assert write_run(study, folder, "fr", False, View(command=("run.py", "compare"))) == folder
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {
        "manifest.json",
        "tables.xlsx",
        "summary.fr.txt",
        "tables/icer.csv",
        "figures/headline.fr.svg",
    } <= names
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["people"] == 200_000
    assert manifest["seed"] == 1
    assert manifest["command"] == ["run.py", "compare"]
    assert manifest["run"] == study_hash(study)
    assert "model/parameters/economy.toml" in manifest["inputs_sha256"]
    assert manifest["versions"]["numpy"] == np.__version__


def test_tables_do_not_depend_on_threads(findings: Findings) -> None:
    other = Findings(synthetic.study(threads=7))
    assert all_tables(other, "en") == all_tables(findings, "en")
    assert study_hash(other.study) == study_hash(findings.study)
    assert default_folder(other.study).name.startswith("liste_en_sus+collaborative_care_")


def test_a_failed_run_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with run_folder(folder) as partial:
        (partial / "old").write_text("kept")

    def fail(error: BaseException) -> None:
        with run_folder(folder) as partial:
            (partial / "half").write_text("lost")
            raise error

    for failure in (OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()):
        with pytest.raises(type(failure)):
            fail(failure)
        assert [path.name for path in tmp_path.iterdir()] == ["run"]
        assert [path.name for path in folder.iterdir()] == ["old"]
    with run_folder(folder) as partial:
        (partial / "new").write_text("here")
    assert [path.name for path in folder.iterdir()] == ["new"]


def test_a_population_left_out_leaves_its_tables_out(tmp_path: Path) -> None:
    cohort = Findings(synthetic.study(open_years=0, closed_years=12))
    assert {table.name for table in all_tables(cohort, "en")} == {
        "league",
        "comparison",
        "icer",
        "break_even",
        "anchors",
        "trace",
    }
    assert "cohort followed" in summary(cohort.study, "en", findings=cohort)
    national = Findings(synthetic.study(closed_years=0))
    assert not any(table.name == "icer" for table in all_tables(national, "en"))
    assert "Cost per QALY" not in summary(national.study, "en", findings=national)


# ---------------------------------------------------------------- the summary


def test_the_summary_tells_what_matters(study: synthetic.Study, findings: Findings) -> None:
    text = summary(study, "fr", folder="results/x", findings=findings).replace(THIN, " ")
    order = [
        "Seuil d’équilibre",
        "Hypothèses (grade D)",
        "Pour les personnes",
        "Pour l’argent",
        "Part des 14 Md€",
    ]
    places = [text.index(words) for words in [*order, "Coût par QALY", "Test juridique : ÉCHOUÉ"]]
    assert places == sorted(places), "the break-even of an assumed effect comes first"
    assert "200 000 personnes simulées" in text
    assert "Référence, repères dans l’intervalle de leur source : 1 sur 2." in text
    assert "[NON] SMR : faible (attendu : majeur)" in text
    assert "results/x" in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_what_cannot_be_told_from_zero_is_said_so() -> None:
    assert _told(Estimate(2.0, 6.0), "en", money=False) == "indistinguishable from zero (+2 ± 12)"
    assert _told(Estimate(0.0, 0.0), "en", money=True) == "unchanged"
    assert _told(Estimate(-143.0, 6.0), "en", money=False) == f"{MINUS}143 ± 12"


@pytest.mark.parametrize(
    ("benefits", "crossings", "words"),
    [
        ((-1, 1), (0.5,), "pays for itself from 0.500 ± 0.020 points"),
        ((1, -1), (0.5,), "pays for itself up to 0.500 ± 0.020 points"),
        ((-2, -1), (), "pays for itself: never between 0 and 1 points"),
        ((1, 2), (), "pays for itself: everywhere between 0 and 1 points"),
        ((0.1, 1), (), "pays for itself at 1 points; elsewhere Monte Carlo error leaves it undecided"),
        ((-1, 0.1), (0.9,), "pays for itself: no at 0 points; elsewhere Monte Carlo error leaves it undecided"),
        (
            (-0.1, 0.1),
            (0.5,),
            "pays for itself: undecided, Monte Carlo error is larger (simulate more people: --people)",
        ),
    ],
)
def test_break_even_in_words(benefits: tuple[float, ...], crossings: tuple[float, ...], words: str) -> None:
    estimates = tuple(Estimate(benefit, 0.1) for benefit in benefits)
    one = BreakEven("x", 0.0, (0.0, 1.0), estimates, tuple(Estimate(at, 0.01) for at in crossings))
    assert _turn(one, "points", "en", (0.0, 1.0)) == words


def test_the_data_of_a_chart_is_what_the_table_says(findings: Findings) -> None:
    data = next(draw_all(findings, chart_setting(findings, "en", "abc")))[0]
    drawn = {(row["scenario"], row["measure"]): row["value"] for row in data}
    table = comparison(findings, "en").where(outcome="suicides", population="open", horizon_years="10")
    told = {row["scenario"]: row["incremental"] for row in table if row["scenario"] != "baseline"}
    assert len(told) == 2
    assert {name: -drawn[name, "suicides_averted"] for name in told} == told
