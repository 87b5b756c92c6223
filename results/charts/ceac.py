"""Cost-effectiveness acceptability curves and their frontier, a panel a decision."""

import math
from collections.abc import Set

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from results.charts.style import INK, RULE, STYLE, Setting, frame, local_ticks, new_figure, say_in, scenario_marker
from results.numbers import Z95
from results.table import Table
from results.texts import say

Floats = NDArray[np.float64]

COLUMNS = ("decision", "threshold", "strategy", "probability", "mc_se", "on_frontier")


def draw_ceac(
    data: Table,
    setting: Setting,
    thresholds: tuple[float, ...],
    comparator: str,
    note: str,
    drowned: Set[str] = frozenset(),
) -> Figure:
    """Draw rows of `COLUMNS`; thresholds : euros per QALY, marked; comparator : its id; note : what the draws are.

    drowned : decisions of which chance makes nearly all of the spread: said in place of their curves
    """
    lang = setting.lang
    decisions = list(dict.fromkeys(data.column("decision")))
    columns = min(len(decisions), 3)
    bands = math.ceil(len(decisions) / columns)
    strategies = tuple(dict.fromkeys(data.column("strategy")))
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5 if columns > 1 else 9.5, 1.9 + (3.1 if columns > 1 else 4.4) * bands)
        notes = (note, say("ceac.note", lang))
        subtitle = say("ceac.subtitle", lang)
        frame(figure, setting, say("ceac.title", lang), subtitle=subtitle, notes=notes, scenarios=strategies)
        panels = figure.subplots(bands, columns, squeeze=False, sharex=True, sharey=True)
        for place, axes in enumerate(panels.flat):
            if place >= len(decisions):
                axes.axis("off")
                continue
            found = data.where(decision=decisions[place])
            _panel(axes, found, setting, thresholds, comparator, drowned=decisions[place] in drowned)
            axes.set_title(setting.title(decisions[place], 36 if columns > 1 else 70))
            axes.tick_params(labelbottom=True)
            axes.set_xlabel(say("ceac.threshold", lang))
            axes.set_ylabel(say("ceac.axis", lang) if place % columns == 0 else "")
    return figure


def _panel(
    axes: Axes, data: Table, setting: Setting, thresholds: tuple[float, ...], comparator: str, *, drowned: bool
) -> None:
    lang = setting.lang
    for threshold in thresholds:
        axes.axvline(threshold, color=RULE, linestyle="--", linewidth=0.8, zorder=0)
    strategies = dict.fromkeys(data.column("strategy"))
    for strategy in () if drowned else strategies:
        rows = data.where(strategy=strategy)
        x = np.array(rows.column("threshold"), dtype=float)
        y = np.array(rows.column("probability"), dtype=float)
        half = Z95 * np.array(rows.column("mc_se"), dtype=float)
        colour = setting.colour(strategy) if strategy != comparator else setting.colour("baseline")
        axes.fill_between(x, np.clip(y - half, 0, 1), np.clip(y + half, 0, 1), color=colour, alpha=0.15, linewidth=0)
        marker = scenario_marker(strategy) if len(strategies) > 2 else ""
        name = setting.title(strategy, 30)
        axes.plot(x, y, color=colour, linewidth=1.6, marker=marker, markevery=8, markersize=4, label=name)
        across, up = _frontier_part(x, y, np.array(rows.column("on_frontier"), dtype=bool))
        axes.plot(across, up, color=INK, linewidth=3.2, alpha=0.55, zorder=4)
    axes.plot([], [], color=INK, linewidth=3.2, alpha=0.55, label=say("ceac.frontier", lang))
    axes.set_ylim(0, 1)
    axes.set_xlim(min(data.column("threshold")), max(data.column("threshold")))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol="\u202f%" if lang == "fr" else "%"))
    axes.grid(axis="y")
    axes.locator_params(axis="x", nbins=5)
    local_ticks(axes.xaxis, lang)
    if drowned:
        say_in(axes, say("sobol.none", lang))
        return
    axes.legend(loc="best", fontsize=7, frameon=True, framealpha=0.8, edgecolor="none")


def _frontier_part(x: Floats, y: Floats, best: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the part of a curve that is the frontier, nan elsewhere: up to half-way to where another is best."""
    across = np.sort(np.concatenate([x, (x[1:] + x[:-1]) / 2.0]))
    on = np.empty(len(across), dtype=bool)
    on[::2], on[1::2] = best, best[1:] | best[:-1]
    return np.where(on, across, np.nan), np.where(on, np.interp(across, x, y), np.nan)
