"""What the loops over parameters say and draw: only what is told from chance, in the unit of the outcome."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import run
from model.inputs import load_parameters
from model.uncertainty import Computed, OneWay, _bar, _told_from_chance
from results.charts import break_even, frontier, tornado
from results.charts.ceac import _frontier_part
from results.charts.style import Setting
from results.numbers import typeset
from results.table import Table
from results.uncertainty_report import Made, tornado_table, tornado_words
from results.voi_report import _line

TITLES = {"fr": "Une politique", "en": "A policy"}
SETTING = Setting("fr", "abc", 1_000, 2025, {"policy": "Une politique"})


def one_way(effect: float, outcome: str = "net_benefit") -> OneWay:
    """Return a tornado of two inputs on 10 batches, of which the first moves the outcome by `effect` each way."""
    noise = 0.01 * effect * np.random.default_rng(1).standard_normal((2, 10))
    base = np.stack([np.zeros(10), 3.0 * effect + noise[0]])
    ends = [(base - effect, base + effect + noise), (base + noise, base - noise)]
    names = ("course.remission.monthly_hazard", "price.gp_visit")
    bars = [
        _bar(name, "spread", ({name: 0.1}, {name: 0.2}), (low, high, base), True)
        for name, (low, high) in zip(names, ends, strict=True)
    ]
    registry: Any = load_parameters()
    scenarios = [SimpleNamespace(id=name, title=TITLES) for name in ("baseline", "policy")]
    frame: Any = SimpleNamespace(scenarios=scenarios, registry=registry)
    told, error = _told_from_chance(bars, 10), base.std(axis=-1, ddof=1) / np.sqrt(10)
    return OneWay(
        frame, outcome, 50_000.0, base.mean(axis=-1), error, tuple(bars), told, (), {}, Computed(np.empty((0, 2, 1, 1)))
    )


@pytest.mark.parametrize(("outcome", "said"), [("net_benefit", "+20"), ("suicides", "+200")])
def test_a_tornado_tells_its_bars_in_the_unit_of_its_outcome(outcome: str, said: str) -> None:
    found = one_way(10.0 if outcome == "net_benefit" else 1e-3, outcome)
    text = tornado_words(found, Made((), "fr", 1, None, 1.0)).replace("\u202f", " ")
    assert said in text
    assert "1 barres ne se distinguent pas du hasard" in text
    table = tornado_table(found, "fr").where(scenario="policy")
    assert [row["told"] for row in table] == [True, False]
    assert table.column("title")[1] == typeset(load_parameters()["price.gp_visit"].title["fr"], "fr")
    figure = tornado.draw(tornado_table(found, "fr"), SETTING, 50_000.0, outcome=outcome)
    assert len(figure.axes[0].get_yticklabels()) == 1


def test_a_tornado_of_chance_alone_says_so() -> None:
    figure = tornado.draw(tornado_table(one_way(0.0), "fr"), SETTING, 50_000.0)
    assert any("aucune entrée" in text.get_text() for text in figure.axes[0].texts)


def rows(benefits: list[float], error: float) -> Table:
    columns = ("scenario", "effect", "threshold", "net_benefit", "mc_se", "break_even", "break_even_mc_se", "crossings")
    return Table(
        "x", columns, tuple(("policy", i, 1.0, value, error, None, None, 0) for i, value in enumerate(benefits))
    )


@pytest.mark.parametrize(
    ("benefits", "said"),
    [
        ([5.0, 6.0, 9.0], "oui, à toutes les tailles"),
        ([-5.0, -6.0, -9.0], "non, à aucune taille"),
        ([1.0, 6.0, 9.0], "oui à certaines tailles, indécis ailleurs"),
        ([1.0, -1.0, 1.5], "indécis"),
        ([-5.0, 1.0, 5.0], "indécis"),
    ],
)
def test_a_policy_worth_it_at_every_size_is_said_to_be(benefits: list[float], said: str) -> None:
    assert break_even._verdict(rows(benefits, 1.0), "50 000 €", "fr").endswith(said)


@pytest.mark.parametrize(("status", "lines"), [("ND", 1), ("undecided", 0)])
def test_no_frontier_goes_through_options_that_are_undecided(status: str, lines: int) -> None:
    axes = Figure().subplots()
    points = [{"Status_of_means": "ND", "Status": s, "x": x, "y": x} for s, x in (("ND", 0.0), (status, 2.0))]
    frontier._line(axes, points, 1.0, 1.0)
    assert len(axes.lines) == lines


def test_the_frontier_of_acceptability_has_no_gap_where_the_best_option_changes() -> None:
    x, y = np.arange(4.0), np.array([0.9, 0.7, 0.4, 0.2])
    best = np.array([True, True, False, False])
    first, second = (_frontier_part(x, values, chosen) for values, chosen in ((y, best), (1.0 - y, ~best)))
    assert np.isfinite(first[0]).tolist() == [True, True, True, True, False, False, False]
    assert np.nanmax(first[0]) == np.nanmin(second[0]) == 1.5


def test_what_is_worth_no_more_than_its_error_is_not_given_a_value() -> None:
    row = {"value": 0.008, "mc_se": 0.014, "national": None, "national_mc_se": None}
    assert "ne se distingue pas de zéro (au plus 0,04" in _line("Essai", row, "fr").replace("\u202f", " ")
    assert "ne se distingue pas" in _line("Essai", {**row, "value": 0.0}, "fr")
    assert "± " in _line("Essai", {**row, "value": 1.0}, "fr")


def test_the_dossier_of_the_bench_is_asked_for_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["bench", "dosier", "--lang", "en"]) == run.BAD_REQUEST
    assert "dossier" in capsys.readouterr().err
