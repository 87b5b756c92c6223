"""The efficiency frontier of scenarios that exclude each other, each point with its Monte Carlo error."""

from itertools import pairwise
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from results.charts.style import INK, MUTED, STYLE, Setting, frame, local_ticks, new_figure, zero_line
from results.charts.style import scenario_marker as marker
from results.numbers import Z95, euro_scale
from results.table import Table
from results.texts import say

ON_IT, UNDECIDED = "ND", "undecided"


def draw_frontier(data: Table, setting: Setting, name: str, horizon: str, perspective: str, note: str) -> Figure:
    """Draw rows of `frontier.frontiers` as differences from the first one, the baseline.

    name : of the set, horizon and perspective : in words; note : how a status is told
    """
    lang = setting.lang
    rows = [{**row, **_place(row)} for row in data]
    costs = [abs(row["y"]) + row["y_half"] for row in rows]
    scale, unit = euro_scale(max(costs), lang)
    qalys = 1e3 if max(abs(row["x"]) for row in rows) >= 1e4 else 1.0
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 6.2)
        notes = (say("chart.error", lang), f"{say('frontier.line', lang)} {note}")
        strategies = tuple(row["Strategy"] for row in rows)
        frame(figure, setting, say("frontier.chart", lang, name=name), notes=notes, scenarios=strategies)
        axes = figure.subplots()
        _line(axes, rows, qalys, scale)
        handles = [_point(axes, row, setting, qalys, scale) for row in rows]
        zero_line(axes)
        zero_line(axes, vertical=True)
        thousands = say("frontier.thousands", lang) if qalys > 1 else ""
        axes.set_xlabel(say("frontier.axis_qalys", lang, unit=thousands, horizon=horizon))
        unit = unit if lang == "fr" else f"€ {unit}".strip()
        axes.set_ylabel(say("frontier.axis_cost", lang, unit=unit, horizon=horizon, perspective=perspective))
        axes.grid(True)
        local_ticks(axes.xaxis, lang)
        local_ticks(axes.yaxis, lang)
        names = [f"{setting.title(row['Strategy'], 34)}\n({say('frontier.' + row['Status'], lang)})" for row in rows]
        figure.legend(handles, names, loc="outside right center", labelspacing=1.1)
    return figure


def _place(row: dict[str, Any]) -> dict[str, float]:
    """Return where a row stands, and the half-widths of its error; the baseline is the origin."""
    if row["Diff_Cost"] is None:
        return {"x": 0.0, "y": 0.0, "x_half": 0.0, "y_half": 0.0}
    halves = {"x_half": Z95 * row["Diff_Effect_mc_se"], "y_half": Z95 * row["Diff_Cost_mc_se"]}
    return {"x": row["Diff_Effect"], "y": row["Diff_Cost"], **halves}


def _line(axes: Axes, rows: list[dict[str, Any]], qalys: float, scale: float) -> None:
    """Draw the frontier between neighbours that are both surely on it: through others it would say too much."""
    kept = sorted((row for row in rows if row["Status_of_means"] == ON_IT), key=lambda row: row["y"])
    for one, other in pairwise(kept):
        if one["Status"] == other["Status"] == ON_IT:
            x, y = [one["x"] / qalys, other["x"] / qalys], [one["y"] / scale, other["y"] / scale]
            axes.plot(x, y, color=MUTED, linewidth=1.2, zorder=2)


def _point(axes: Axes, row: dict[str, Any], setting: Setting, qalys: float, scale: float) -> Line2D:
    """Draw a point with its error, hollow where its status is undecided; return what the legend shows."""
    colour, x, y = setting.colour(row["Strategy"]), row["x"] / qalys, row["y"] / scale
    hollow = row["Status"] == UNDECIDED
    shape: Any = {
        "marker": marker(row["Strategy"]),
        "color": colour,
        "markerfacecolor": "white" if hollow else colour,
        "markeredgecolor": colour if hollow else INK,
        "markersize": 8,
        "linestyle": "none",
    }
    axes.errorbar(
        x, y, xerr=row["x_half"] / qalys, yerr=row["y_half"] / scale, ecolor=colour, elinewidth=1.1, capsize=0,
        alpha=0.6, fmt="none", zorder=3,
    )  # fmt: skip
    axes.plot([x], [y], zorder=5, **shape)
    return Line2D([], [], **shape)
