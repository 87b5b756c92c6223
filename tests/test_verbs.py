"""What analysts get out: league table, budget, price, levers, equity; by hand where a hand can, else on small runs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import run
from model.inputs import load_parameters
from model.payers import Payer
from model.states import EPSM_OFFSET, Health, Resource
from model.study import run_study
from results import budget, equity, explain, prices
from results.counts import write_counts
from results.findings import OPEN, Estimate, Findings
from results.league import league, league_text
from results.press import Press
from results.prices import PriceStudy
from results.table import grid_text
from tests import synthetic


@pytest.fixture(scope="module")
def findings() -> Findings:
    return Findings(synthetic.study(closed_years=20))


# ---------------------------------------------------------------- league table


def test_the_league_ranks_by_qalys_and_leaves_retrospective_scenarios_out() -> None:
    study = synthetic.study(closed_years=20)
    rows = league(Findings(study))
    assert {row.scenario for row in rows} == {"collaborative_care", "liste_en_sus"}
    assert rows[0].qalys.mean > rows[1].qalys.mean
    study.scenarios[2] = replace(study.scenarios[2], population="retrospective")
    assert [row.scenario for row in league(Findings(study))] == ["liste_en_sus"]


def test_what_is_not_told_from_zero_comes_last_in_the_league() -> None:
    study = synthetic.study(closed_years=20)
    lost = study.closed["baseline"]
    noise = np.random.default_rng(3).normal(0, 0.02, lost.occupancy.shape[0])
    noisy = lost.occupancy * (1 + 0.05 + noise)[:, None, None, None, None, None]
    study.closed["collaborative_care"] = replace(lost, occupancy=noisy - 0.05 * lost.occupancy)
    assert [row.scenario for row in league(Findings(study))] == ["liste_en_sus", "collaborative_care"]


@pytest.mark.parametrize("width", [100, 120, 176])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_league_fits_the_screen_without_cutting_a_number(findings: Findings, width: int, lang: str) -> None:
    text = league_text(findings, lang, width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text


def test_a_grid_keeps_numbers_on_one_line() -> None:
    text = grid_text(("name", "value"), [("a long name that must be folded somewhere", "+1 000 ± 200")], 36)
    assert "+1 000 ± 200" in text
    assert len(text.splitlines()) > 3
    folded = grid_text(("name",), [("worth 21\u202f000 € (4\u202f000 à 86\u202f000)/QALY",)], 20)
    assert any("86\u202f000)" in line for line in folded.splitlines()), "no number is cut at its thin space"
    narrow = grid_text(("year", "starters", "devices"), [("2027", "6 000 ± 4 000", "≈ 0 (± 1,25)")], 20, left=())
    assert "6 000 ± 4 000  ≈ 0 (± 1,25)" in narrow, "too wide is better than cut"


# ---------------------------------------------------------------- budget


def batches(mean: float, spread: float = 1.0) -> Any:
    return mean + spread * np.linspace(-1, 1, 10)


def test_money_that_only_changes_payer_is_told_apart() -> None:
    change = np.zeros((10, len(Payer)))
    change[:, Payer.AMO], change[:, Payer.HOSPITAL_EPSM] = batches(100), batches(-60)
    line = budget._line(2027, "ESKETAMINE_DEVICES", change)
    assert line.new.mean == pytest.approx(40)
    assert line.moved is not None
    assert line.moved.mean == pytest.approx(60)
    change[:, Payer.HOSPITAL_EPSM] = batches(-60, 200)
    assert budget._line(2027, "HOSPITAL", change).moved is None, "a fall not told from zero moves nothing"


def test_the_budget_adds_up_by_payer_and_category(findings: Findings) -> None:
    rows = budget.impact_table(findings, ["collaborative_care"])
    for year in (2027, 2031):
        one = rows.where(year=year, category="HOSPITAL")
        payers = [row["difference"] for row in one if row["payer"] not in ("ALL", "MOVED")]
        total = one.where(payer="ALL").column("difference")[0]
        assert sum(payers) == pytest.approx(total, rel=1e-2)
    assert "2031" in budget.budget_text(findings, ["collaborative_care"], "fr", 120)


FULL_PERSISTENCE = """
extends = "liste_en_sus"
title = { fr = "Persistance entière", en = "Full persistence" }
summary = { fr = "-", en = "-" }
proposal = "test"
uncertainty = "-"
does_not_claim = { fr = "-", en = "-" }

[changes."treatment.esketamine.stop.ill"]
value = [0.03, 0.03, 0.03]
grade = "D"
why = "nobody stops, or as few as the range allows"

[changes."treatment.esketamine.stop.well"]
value = [0.02, 0.02, 0.02]
grade = "D"
why = "nobody stops, or as few as the range allows"

[[evidence]]
effect = "-"
source = "-"
grade = "D"
"""


DEVICES = "ESKETAMINE_DEVICES"


def test_the_drug_line_is_starters_times_devices_times_price(tmp_path: Path) -> None:
    """economics.md, section 7, with the simulated devices a starter, at French and at (nearly) full persistence."""
    scenario = tmp_path / "full_persistence.toml"
    scenario.write_text(FULL_PERSISTENCE, encoding="utf-8")
    study = run_study(
        ["baseline", "liste_en_sus", str(scenario)], people=60_000, jobs=2, population="national", explore=False
    )
    found = Findings(study)
    price = 200.0 * (1 + 0.021) * 1.0293  # a device, with VAT, euros of 2023 carried to 2025
    devices = {}
    for name in ("liste_en_sus", "full_persistence"):
        lines = budget.drug_line(found, name)
        assert [line.year for line in lines] == [2027, 2028, 2029, 2030, 2031]
        for line in lines:
            assert abs(line.gap) < 0.01, line
            assert line.price == pytest.approx(price, rel=2e-3)
            moved = 0.0 if line.moved is None else line.moved.mean
            assert line.new.mean + moved == pytest.approx(line.simulated.mean)
            (told,) = (one for one in budget.lines(found, name) if one.year == line.year and one.category == DEVICES)
            assert told.moved == line.moved, "the drug line and the table of categories say the same movement"
        used = found.worths[OPEN][name].ledgers.resources[:, :5].sum(axis=(1, 2, 3)).mean(axis=0)
        sessions = used[Resource.ESKETAMINE_SESSION] + used[Resource.ESKETAMINE_SESSION + EPSM_OFFSET]
        each = study.registry.value("treatment.esketamine.devices_per_session")
        bought = sum(line.devices_per_starter.mean * line.starters.mean for line in lines)
        assert bought == pytest.approx(sessions * each, rel=0.01), "a session takes whole devices, rounded at random"
        starters = sum(line.starters.mean for line in lines)
        devices[name] = sum(line.devices_per_starter.mean * line.starters.mean for line in lines) / starters
    assert devices["full_persistence"] > devices["liste_en_sus"]


# ---------------------------------------------------------------- price


def priced(costs: Any, qalys: Any, values: tuple[float, ...] = (0.0, 100.0)) -> PriceStudy:
    parameter = load_parameters()["price.esketamine_device"]
    scenario = synthetic.scenarios()[1]
    return PriceStudy(scenario, parameter, values, np.array(costs), np.array(qalys), (0.0, 50_000.0))


def test_the_price_at_which_the_answer_turns() -> None:
    gain, noise = np.full(10, 2.0), np.linspace(-1e3, 1e3, 10)
    found = priced([20_000 + noise, 120_000 + noise], [gain, gain])  # 20,000 and 1,000 a euro of price
    turn = found.turn(50_000.0)
    assert turn.verdict == "turns_below"
    assert turn.at == pytest.approx(80.0)
    assert turn.interval is not None
    assert turn.interval[0] < 80.0 < turn.interval[1]
    assert turn.interval[1] - turn.interval[0] < 2.0
    dearer = priced([20_000 + noise, 40_000 + noise], [gain, gain])
    assert dearer.turn(50_000.0).at == pytest.approx(400.0), "beyond what was tried, along the same line"


def test_no_price_may_make_it() -> None:
    noise = np.linspace(-1e3, 1e3, 10)
    found = priced([20_000 + noise, 120_000 + noise], [np.full(10, 0.1)] * 2)
    assert found.turn(0.0).verdict == found.turn(50_000.0).verdict == "never"
    assert found.turn(0.0).at is None
    assert found.turn(0.0).at_zero.mean == pytest.approx(-20_000)


def test_no_price_is_told_that_chance_explains() -> None:
    """Noise as wide as the gain: no number to quote, whether the mean turns somewhere or nowhere."""
    noise = np.linspace(-1e6, 1e6, 10)
    gain = np.full(10, 2.0)
    turning = priced([20_000 + noise, 120_000 + noise], [gain, gain])
    text = {turn.threshold: prices._sentence(turning, turn, "en") for turn in turning.turns()}
    assert "at most" in text[50_000.0], "its interval goes down to zero"
    assert turning.turn(0.0).verdict == "undecided"
    assert "Monte Carlo error does not let it be said" in text[0.0]


def test_a_price_is_told_to_the_digit_its_interval_supports() -> None:
    noise, gain = np.linspace(-1e4, 1e4, 10), np.full(10, 2.0)
    found = priced([20_000 + noise, 120_000 + noise], [gain, gain])
    assert prices._sentence(found, found.turn(50_000.0), "en").endswith("up to €80 (€76 to €84)")


def test_a_price_is_tried_on_the_same_lives(findings: Findings) -> None:
    def live(_: Any) -> Any:
        raise AssertionError("a price needs no new simulation")

    parameter, scenario = findings.study.registry["price.esketamine_device"], findings.policies[0]
    found = prices.price_study(findings, replace(scenario, explore=None, changes={}), parameter, live)
    now = found.values.index(200.0)
    ratio = next(
        r for r in findings.ratios if r.scenario == scenario.id and r.perspective == "collective" and r.years == 20
    )
    assert found.costs[now].mean() == pytest.approx(ratio.cost.mean)
    assert np.ptp(np.diff(found.costs.mean(axis=1)) / np.diff(found.values)) < 1e-6 * abs(found.costs).max()
    text = prices.price_text(found, findings, "en", 100)
    assert "price" in text
    assert len(prices.price_table(found)) == len(found.values) * len(found.thresholds)


def test_a_parameter_of_lives_is_lived_again(findings: Findings) -> None:
    asked: list[str] = []

    def live(scenarios: Any) -> Any:
        asked.extend(one.id for one in scenarios)
        return {one.id: (findings.study.open["baseline"], findings.study.closed["baseline"]) for one in scenarios}

    parameter = findings.study.registry["treatment.esketamine.remission_hazard_ratio"]
    found = prices.price_study(findings, replace(findings.policies[0], explore=None), parameter, live)
    assert len(asked) == 2 * len(found.values), "in both worlds, as the scenario does not set it"
    assert not found.qalys.any(), "the same lives in both worlds differ in nothing"


# ---------------------------------------------------------------- levers


def test_shapley_shares_an_effect_exactly() -> None:
    worth = {frozenset(): 0.0, frozenset({0}): 10.0, frozenset({1}): 20.0, frozenset({0, 1}): 36.0}
    values = {subset: np.array([value]) for subset, value in worth.items()}
    shares = explain.shapley(values, 2)
    assert shares[:, 0].tolist() == [13.0, 23.0], "the 6 they do together are shared equally"


def test_levers_add_up_and_the_interaction_is_shown(findings: Findings) -> None:
    scenario = findings.policies[0]
    change = scenario.changes[synthetic.ASSUMED][0]
    names = ("price.esketamine_device", "price.gp_visit")
    both = {name: (replace(change, parameter=name, operation="multiply", amount=1.5),) for name in names}
    study = synthetic.study(closed_years=20)
    study.scenarios[1] = scenario = replace(scenario, changes=both, explore=None)
    found = Findings(study)

    def live(variants: Any) -> Any:
        return {one.id: (study.open[scenario.id], study.closed[scenario.id]) for one in variants}

    split = explain.explain(found, scenario, live)
    assert len(split.levers) == 2
    assert split.share is not None
    np.testing.assert_allclose(split.share["cost"].sum(axis=0), split.total["cost"])
    np.testing.assert_allclose(
        split.alone["cost"].sum(axis=0) + split.interaction("cost"), split.total["cost"], err_msg="what is not shared"
    )
    study.scenarios[1] = free = replace(scenario, unlimited_places=True)
    asked: list[Any] = []

    def noted(variants: Any) -> Any:
        asked.extend(variants)
        return live(variants)

    apart = explain.explain(Findings(study), free, noted)
    assert apart.levers[-1].parameters == (explain.UNLIMITED,), "limits lifted are no other lever's doing"
    assert [one.unlimited_places for one in asked if len(one.changes) == 2] == [False]
    table = explain.explain_table(split, "fr")
    assert set(table.column("kind")) == {"lever", "programme", "interaction", "total"}
    assert explain.explain_text(split, "en", 100).count("\n") > 5


# ---------------------------------------------------------------- equity


def test_no_suicide_by_region_and_gaps_keep_their_ends(findings: Findings) -> None:
    rows = equity.equity(findings, "fr")
    assert not len(rows.where(group="region", outcome="suicides"))
    assert len(rows.where(group="region", outcome="attempts")) == 3 * 18
    gaps = equity.gaps(findings, "fr")
    ends = {(row["group"], row["outcome"], row["best_served"], row["worst_served"]) for row in gaps}
    assert len(ends) == len(gaps) / 3, "the same ends under every policy"
    assert all(row["change"] is None for row in gaps.where(scenario="baseline"))


def test_a_rate_is_that_of_the_nation_with_the_error_of_a_ratio() -> None:
    luck = np.random.default_rng(1)
    counts = 1e4 * (1 + 0.1 * luck.random((10, 40, 8)))
    one = Estimate.of(equity.rate_batches(counts, 3, equity.Outcome.ATTEMPTS))
    other = equity.rate(counts, 3, equity.Outcome.ATTEMPTS)
    assert one.mean == pytest.approx(other.mean)
    assert one.error == pytest.approx(other.error, rel=1e-6)


# ---------------------------------------------------------------- files


def test_counts_hold_the_ledgers(findings: Findings, tmp_path: Path) -> None:
    from pyarrow import parquet

    write_counts(findings.study, tmp_path / "counts.parquet")
    table = parquet.read_table(tmp_path / "counts.parquet").to_pylist()
    wanted = {"scenario": "baseline", "population": "open", "ledger": "trace", "cycle": 12, "health": "severe"}
    found = sum(row["value"] for row in table if all(row[key] == value for key, value in wanted.items()))
    expected = findings.study.open["baseline"].trace[:, 12, Health.SEVERE].sum(axis=1).mean()
    assert found == pytest.approx(expected, rel=1e-6)


def _fail(_: str) -> None:
    raise OSError(28, "No space left on device")


def test_what_fails_in_another_process_is_said_here() -> None:
    with Press(2) as press:
        press.do(_fail, "x")
        with pytest.raises(OSError, match="No space left"):
            press.wait(lambda done, total: None)


# ---------------------------------------------------------------- the front door


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["price"], "needs 1 name"),
        (["price", "baseline"], "needs a policy"),
        (["price", "liste_en_sus", "--parameter", "price.esketamine_devise"], "Did you mean price.esketamine_device"),
        (["price", "liste_en_sus", "--parameter", "economy.thresholds"], "not a single number"),
        (["compare", *["x"] * 5, "--explain"], "at most 4 scenarios"),
        (["budget", "--perspective", "societal"], "not an option of budget"),
    ],
)
def test_what_is_asked_wrongly_is_said(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main([*words, "--lang", "en"]) == run.BAD_REQUEST
    assert said in capsys.readouterr().err


WRONG = """
title = { fr = "x", en = "x" }
sumary = { fr = "x", en = "x" }
proposal = "test"
uncertainty = "-"
does_not_claim = { fr = "-", en = "-" }

[changes."access.esketamine.epsm.monthly_probabilit"]
value = 12
grade = "E"
from = "2027-13"
why = "x"
"""


def test_a_wrong_file_is_told_in_the_language_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(WRONG, encoding="utf-8")
    assert run.main(["compare", str(path)]) == run.BAD_REQUEST
    french = capsys.readouterr().err
    for words in (
        "problèmes :",
        "n'est pas une clé connue ici. Vouliez-vous dire summary ?",
        "summary manque ; attendu : une table avec fr et en",
        "n'est pas un paramètre. Vouliez-vous dire access.esketamine.epsm.monthly_probability ?",
        'vaut "2027-13" ; attendu : un mois, comme "2027-07"',
    ):
        assert words in french
    assert "expected" not in french
    assert run.main(["compare", str(path), "--lang", "en"]) == run.BAD_REQUEST
    assert 'is "2027-13"; expected a month, as "2027-07"' in capsys.readouterr().err
