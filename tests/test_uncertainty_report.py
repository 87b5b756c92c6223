"""What the loops over parameters say and draw: only what is told from chance, in the unit of the outcome."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import run
from calibration.priors import load_priors
from model.draws import uncertainty
from model.inputs import load_parameters, load_posterior
from model.uncertainty import Computed, OneWay, _bar, _told_from_chance
from results.charts import break_even, frontier, sensitivity, tornado
from results.charts.ceac import _frontier_part
from results.charts.style import Setting, label_lines
from results.numbers import typeset
from results.table import Table
from results.texts import say
from results.uncertainty_report import Made, input_title, tornado_table, tornado_words
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
    scenarios = [SimpleNamespace(id=name, title=TITLES, grades="D") for name in ("baseline", "policy")]
    frame: Any = SimpleNamespace(scenarios=scenarios, registry=registry, years=10)
    told, error = _told_from_chance(bars, 10), base.std(axis=-1, ddof=1) / np.sqrt(10)
    return OneWay(
        frame, outcome, 50_000.0, base.mean(axis=-1), error, tuple(bars), told, (), {}, Computed(np.empty((0, 2, 1, 1)))
    )


@pytest.mark.parametrize(("outcome", "said"), [("net_benefit", "+20"), ("suicides", "+200")])
def test_a_tornado_tells_its_bars_in_the_unit_of_its_outcome(outcome: str, said: str) -> None:
    found = one_way(10.0 if outcome == "net_benefit" else 1e-3, outcome)
    text = tornado_words(found, Made((), "fr", 1, None, 1.0)).replace("\u202f", " ")
    assert said in text
    assert "Barres qui ne se distinguent pas du hasard : 1 ;" in text
    assert "Une politique\u00a0▲ : " in text
    assert "10 ans, QALY et coûts actualisés, perspective collective" in text
    table = tornado_table(found, "fr").where(scenario="policy")
    assert [row["told"] for row in table] == [True, False]
    assert table.column("title")[1] == typeset(load_parameters()["price.gp_visit"].title["fr"], "fr")
    figure = tornado.draw(tornado_table(found, "fr"), SETTING, 50_000.0, outcome=outcome)
    assert len(figure.axes[0].get_yticklabels()) == 1


def test_a_bar_wider_than_those_told_is_shown_hollow_and_said() -> None:
    """Bars told from chance may be the narrow ones: who reads them alone would miss what moves more."""
    found = one_way(10.0)
    narrow, wide = found.bars
    wide = replace(wide, width=30.0 * narrow.width, width_error=20.0 * narrow.width)
    found = replace(found, bars=(narrow, wide))
    text = tornado_words(found, Made((), "en", 1, None, 1.0))
    title = typeset(load_parameters()["price.gp_visit"].title["en"], "en")
    assert f"The widest not told from it: {title} (€600 ± €" in text
    axes = tornado.draw(tornado_table(found, "en"), SETTING, 50_000.0).axes[0]
    assert [bool(bar.get_fill()) and bar.get_facecolor()[3] > 0.0 for bar in axes.patches] == [False, False, True, True]


def test_the_error_of_bars_that_move_nothing_is_nil() -> None:
    text = tornado_words(one_way(0.0), Made((), "en", 1, None, 1.0))
    assert "error of a simulated bar that moves, median: €0." in text
    assert " :" not in text


def test_a_bar_says_what_its_ends_rest_on() -> None:
    found = one_way(10.0)
    wide = found.bars[0]
    found = replace(
        found,
        bars=(replace(wide, kind="default"), replace(wide, name="price.cmp_act", kind="range")),
        told=np.ones((2, 2), dtype=bool),
    )
    figure = tornado.draw(tornado_table(found, "fr"), SETTING, 50_000.0)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert [label[-1] for label in labels] == ["*", "†"]
    feet = figure.texts[-1].get_text()
    assert "* Dispersion non publiée" in feet
    assert "† Convention ou fait" in feet


def test_values_tried_are_written_clear_of_whiskers() -> None:
    found = one_way(10.0)
    bars = tuple(replace(bar, low_error=bar.low_error + 9.0, high_error=bar.high_error + 2.0) for bar in found.bars)
    axes = tornado.draw(tornado_table(replace(found, bars=bars), "fr"), SETTING, 50_000.0).axes[0]
    ends = [x for line in axes.lines if len(line.get_xdata()) == 1 for x in line.get_xdata()]
    whiskers = [x for one in axes.collections for path in one.get_paths() for x in path.vertices[:, 0]]
    left, right = sorted(text.get_position()[0] for text in axes.texts)
    assert left < min(ends + whiskers)
    assert right > max(ends + whiskers)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_input_is_called_by_a_title_of_its_own(lang: str) -> None:
    """Whatever may be moved (by a spread, its default, a range, a prior, a group) is named, in two lines at most."""
    registry, files = load_parameters(), load_parameters(solved=None)
    moved = {name: input_title(name, [name], registry, lang) for name in registry}
    assert not [name for name, title in moved.items() if title == name]
    for uncertain in (uncertainty(registry), uncertainty(registry, load_posterior(registry))):
        groups = [one.name for one in uncertain.inputs if one.name not in registry]
        moved |= {name: say(f"group.{name}", lang) for name in groups}
    assert {name for prior in load_priors(files) for name in prior.parameters} <= moved.keys()
    assert not [title for title in moved.values() if label_lines(title).count("\n") > 1]
    alike = Counter(title.casefold() for title in moved.values())
    assert not [title for title, times in alike.items() if times > 1]


def test_fitted_parameters_moved_as_one_are_called_by_what_their_titles_share() -> None:
    registry = load_parameters()
    uncertain = uncertainty(registry, load_posterior(registry))
    ends = {name: list(low) for name, low, _ in uncertain.fitted_ends(0.025, 0.975)}
    name = "access.ect.epsm.monthly_probability"
    assert len(ends[name]) == 3
    assert input_title(name, ends[name], registry, "fr") == "Accès mensuel à l’ECT"
    assert input_title(name, ends[name], registry, "en") == "Monthly access to ECT"


def test_numbers_of_morris_plane_stand_apart() -> None:
    rows = tuple(("policy", f"input {k}", f"Input {k}", 9.0 + 0.01 * k, 0.1, 4.0) for k in range(10))
    figure = sensitivity.draw_morris(Table("morris", sensitivity.MORRIS_COLUMNS, rows), SETTING, 50_000.0)
    FigureCanvasAgg(figure).draw()
    boxes = [Text.get_window_extent(text) for text in figure.axes[0].texts if text.get_text().isdecimal()]
    assert len(boxes) == 10
    assert not [1 for k, one in enumerate(boxes) for other in boxes[:k] if one.overlaps(other)]


@pytest.mark.parametrize(("effect", "outcome"), [(0.0, "net_benefit"), (1e-13, "suicides")])
def test_a_tornado_where_nothing_moves_but_rounding_says_so(effect: float, outcome: str) -> None:
    found = one_way(effect, outcome)
    found = replace(found, told=np.zeros_like(found.told))
    figure = tornado.draw(tornado_table(found, "fr"), SETTING, 50_000.0, outcome=outcome)
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
