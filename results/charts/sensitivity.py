"""Which inputs matter when all move: Morris' screening, then Sobol's shares of the variance."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from results.charts.style import HUES, INK, MUTED, STYLE, Setting, frame, local_ticks, new_figure
from results.numbers import Z95, euros
from results.table import Table
from results.texts import say

MORRIS_COLUMNS = ("scenario", "input", "title", "mu_star", "mu_star_se", "sigma")
SOBOL_COLUMNS = ("scenario", "input", "title", "s1", "s1_se", "st", "st_se")
NAMED = 10  # inputs named in Morris' plane, those with the highest mu*
DECADES = 1000.0  # what is smaller than the largest by more stands at the edge
BARS = 14  # inputs a Sobol panel shows


def draw_morris(data: Table, setting: Setting, threshold: float, notes: Sequence[str] = ()) -> Figure:
    """Draw rows of `MORRIS_COLUMNS` (euros of net benefit per person): mu* against sigma, a panel a scenario."""
    lang = setting.lang
    figure, panels, scenarios = _panels(data, setting, "morris", threshold, notes, 4.4)
    with matplotlib.rc_context(STYLE):
        for axes, scenario in zip(panels, scenarios, strict=False):
            rows = [row for row in data.where(scenario=scenario) if math.isfinite(row["mu_star"])]
            _morris(axes, rows, setting.colour(scenario))
            axes.set_title(setting.title(scenario, 34))
            axes.set_xlabel(say("morris.x", lang))
            axes.set_ylabel(say("morris.y", lang))
            local_ticks(axes.xaxis, lang)
            local_ticks(axes.yaxis, lang)
    return figure


def _morris(axes: Axes, rows: list[dict[str, Any]], colour: str) -> None:
    """Draw points on logarithmic axes, those of the highest mu* numbered and named beside."""
    rows = sorted(rows, key=lambda row: row["mu_star"], reverse=True)
    top = max([row[name] for row in rows for name in ("mu_star", "sigma")] or [1.0]) or 1.0
    floor = top / DECADES
    x, y = (np.maximum([row[name] for row in rows], floor) for name in ("mu_star", "sigma"))
    half = Z95 * np.array([row["mu_star_se"] for row in rows], dtype=float)
    ends = [np.minimum(half, x - 0.7 * floor), half]
    axes.errorbar(x, y, xerr=ends, fmt="o", color=colour, ecolor=MUTED, elinewidth=0.7, markersize=4.5)
    untold = np.array([row["mu_star"] for row in rows]) <= half
    axes.plot(x[untold], y[untold], "o", color=colour, markerfacecolor="white", markersize=4.5, zorder=4)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.plot([floor, top], [floor, top], ":", color=MUTED, linewidth=0.9, zorder=1)
    axes.set_xlim(0.7 * floor, 2.2 * top)
    axes.set_ylim(0.7 * floor, 2.2 * top)
    named = [
        f"{rank}  " + textwrap.fill(row["title"], 38, break_long_words=False).replace("\n", "\n     ")
        for rank, row in enumerate(rows[:NAMED], start=1)
    ]
    for rank, (across, up) in enumerate(zip(x[:NAMED], y[:NAMED], strict=True), start=1):
        axes.annotate(
            str(rank), (across, up), (4, 4), textcoords="offset points", fontsize=8, fontweight="bold", color=INK
        )
    axes.text(1.02, 1.0, "\n".join(named), transform=axes.transAxes, fontsize=7.5, va="top", linespacing=1.35)
    axes.grid()


def draw_sobol(data: Table, setting: Setting, threshold: float, notes: Sequence[str] = ()) -> Figure:
    """Draw rows of `SOBOL_COLUMNS`: first-order and total shares of the variance with 95 % errors."""
    lang = setting.lang
    most = max((min(len(data.where(scenario=name)), BARS) for name in set(data.column("scenario"))), default=1)
    figure, panels, scenarios = _panels(data, setting, "sobol", threshold, notes, 1.2 + 0.36 * most)
    with matplotlib.rc_context(STYLE):
        for axes, scenario in zip(panels, scenarios, strict=False):
            rows = [row for row in data.where(scenario=scenario) if math.isfinite(row["st"])]
            rows = sorted(rows, key=lambda row: row["st"], reverse=True)[:BARS]
            for name, shift, colour in (("st", 0.19, HUES[5]), ("s1", -0.19, HUES[0])):
                places = [place + shift for place in range(len(rows))]
                shares = [100 * row[name] for row in rows]
                axes.barh(places, shares, height=0.36, color=colour, label=say(f"sobol.{name}", lang), zorder=2)
                errors = [100 * Z95 * row[f"{name}_se"] for row in rows]
                axes.errorbar(
                    shares, places, xerr=errors, fmt="none", ecolor=INK, elinewidth=0.9, capsize=1.8, zorder=4
                )
            titles = [textwrap.fill(row["title"], 38, break_long_words=False) for row in rows]
            axes.set_yticks(range(len(rows)), titles, fontsize=8)
            axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
            axes.axvline(0, color=INK, linewidth=0.9)
            axes.set_title(setting.title(scenario, 34))
            axes.set_xlabel(say("sobol.axis", lang))
            axes.grid(axis="x")
            axes.tick_params(left=False)
            if rows:
                axes.legend(loc="best", frameon=True, framealpha=0.85, edgecolor="none")
            else:
                told = say("sobol.none", lang)
                axes.text(0.5, 0.5, told, transform=axes.transAxes, ha="center", va="center", color=MUTED)
            local_ticks(axes.xaxis, lang)
    return figure


def _panels(
    data: Table, setting: Setting, name: str, threshold: float, notes: Sequence[str], height: float
) -> tuple[Figure, list[Axes], tuple[str, ...]]:
    """Return a framed figure and one panel a scenario; unused ones are hidden."""
    lang, scenarios = setting.lang, tuple(dict.fromkeys(data.column("scenario")))
    columns = min(len(scenarios), 2) or 1
    bands = max(math.ceil(len(scenarios) / columns), 1)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5 if columns > 1 else 9.5, 2.2 + height * bands)
        subtitle = say("tornado.of.net_benefit", lang, threshold=euros(threshold, lang))
        subtitle = subtitle[0].upper() + subtitle[1:]
        feet = (say(f"{name}.note", lang), *notes)
        frame(figure, setting, say(f"{name}.title", lang), subtitle=subtitle, notes=feet, scenarios=scenarios)
        panels = list(figure.subplots(bands, columns, squeeze=False).flat)
        for axes in panels[len(scenarios) :]:
            axes.axis("off")
    return figure, panels[: len(scenarios)], scenarios
