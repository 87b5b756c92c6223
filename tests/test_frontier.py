"""The frontier of an exclusive set as users see it: table, words and chart; a status only beyond chance."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.ledgers import Ledgers
from results.charts.data import chart_setting, draw_all
from results.findings import Findings
from results.frontier import frontier_text, frontiers
from results.summary import summary
from results.table import Table
from tests import synthetic

SET = "specialised_treatments"
LOST = 0.02  # of the months that the list's people live: collaborative care then costs less and loses less


def with_noise(of: Ledgers, spread: float) -> Ledgers:
    """Return ledgers with fewer months in each state, by batches that vary: fewer QALYs, then, and as uncertain."""
    noise = np.random.default_rng(5).normal(0.0, spread, len(of.occupancy))
    factor = 1.0 - LOST + noise - noise.mean()
    return replace(of, occupancy=of.occupancy * factor[:, None, None, None, None, None])


def exclusive(spread: float) -> Findings:
    """Return a study whose two policies exclude each other; `spread` of the list's QALYs between batches."""
    study = synthetic.study(closed_years=20)
    study.scenarios = [study.scenarios[0], *(replace(one, exclusive_set=SET) for one in study.scenarios[1:])]
    study.closed["liste_en_sus"] = with_noise(study.closed["liste_en_sus"], spread)
    return Findings(study)


def only(findings: Findings) -> Table:
    (table,) = frontiers(findings)
    return table


def test_each_point_has_its_difference_its_error_and_its_chances() -> None:
    for row in only(exclusive(0.01)):
        assert row["Chance_ND"] + row["Chance_D"] + row["Chance_ED"] == pytest.approx(1.0)
        if row["Strategy"] != "baseline":
            assert row["Diff_Cost_mc_se"] > 0
            assert row["Diff_Effect_mc_se"] > 0
            assert row["Diff_Effect_mc_se"] < row["Effect_mc_se"], "paired"


def test_a_status_is_told_when_chance_is_small_and_not_when_it_is_large() -> None:
    sure, unsure = (only(exclusive(spread)).where(Strategy="liste_en_sus") for spread in (0.0, 0.05))
    told, untold = (next(iter(table)) for table in (sure, unsure))
    assert told["Status"] == told["Status_of_means"] == "D", "collaborative care costs less and loses less"
    assert untold["Status"] == "undecided"
    assert untold["Status_of_means"] in ("ND", "D", "ED")
    assert max(untold[name] for name in ("Chance_ND", "Chance_D", "Chance_ED")) < 0.975


def test_no_ratio_from_a_point_that_is_undecided() -> None:
    for row in only(exclusive(0.05)):
        assert row["ICER"] is None
        assert row["ICER_lower"] is None


@pytest.mark.parametrize(
    ("lang", "undecided", "dominated"), [("fr", "indécis", "dominée"), ("en", "undecided", "dominated")]
)
def test_the_text_says_dominated_only_where_it_is_told(lang: str, undecided: str, dominated: str) -> None:
    def words(findings: Findings) -> str:
        return frontier_text(findings, only(findings), "…", lang, 120)

    assert dominated in words(exclusive(0.0))
    assert dominated not in words(exclusive(0.05))
    assert undecided in words(exclusive(0.05))
    whole = summary(exclusive(0.05).study, lang, findings=exclusive(0.05), width=120)
    assert SET not in whole, "the set is named in words"


def test_the_chart_is_drawn_from_the_table() -> None:
    findings = exclusive(0.05)
    setting = chart_setting(findings, "fr", "abc")
    data, draw = next(chart for chart in draw_all(findings, setting) if chart[0].name == f"frontier_{SET}")
    assert data == only(findings)
    figure: Any = draw()
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(names) == 3
    assert any("indécis" in name for name in names)
