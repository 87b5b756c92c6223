"""Which inputs matter when all move: Morris' screening, then Sobol's shares of the variance."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from results.charts.style import HUES, INK, MUTED, STYLE, Setting, frame, label_lines, local_ticks, new_figure, say_in
from results.numbers import Z95, euros
from results.table import Table
from results.texts import say

Floats = NDArray[np.float64]

MORRIS_COLUMNS = ("scenario", "input", "title", "mu_star", "mu_star_se", "sigma")
SOBOL_COLUMNS = ("scenario", "input", "title", "s1", "s1_se", "st", "st_se")
NAMED = 10  # inputs named in Morris' plane, those with the highest mu*
DECADES = 1000.0  # what is smaller than the largest by more stands at the edge
ACROSS, UP = 46.0, 68.0  # points a decade of Morris' axes, about
NUMBER, POINT = (12.0, 9.0), (8.0, 6.5)  # points that a number keeps from another, from a point: across, up
NEAR = 15.0  # points between a number and its point, beyond which a thread ties them
SPOTS = [  # where a number may stand around its point, nearest first; in points
    np.array([radius * math.cos(turn), radius * math.sin(turn)])
    for radius in (12.0, 20.0, 28.0, 38.0, 50.0, 62.0)
    for turn in np.radians([45, -45, 135, -135, 90, -90, 0, 180, 22, 68, 112, 158]).tolist()
]
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
    best = [row for row in rows[:NAMED] if row["mu_star"] > 0.0]
    named = [f"{rank:\u2007>2}  " + label_lines(row["title"], "\n      ") for rank, row in enumerate(best, start=1)]
    _number(axes, x, y, len(best))
    axes.text(1.02, 1.0, "\n".join(named), transform=axes.transAxes, fontsize=7.5, va="top", linespacing=1.35)
    axes.grid()


def _number(axes: Axes, x: Floats, y: Floats, count: int) -> None:
    """Write the ranks of the first points beside them, tied to them by a thread where others take the nearest place."""
    places, taken = np.column_stack([np.log10(x) * ACROSS, np.log10(y) * UP]), np.empty((0, 2))
    for rank, (across, up) in enumerate(zip(x[:count], y[:count], strict=True), start=1):
        around = [
            one
            for one in SPOTS
            if not (np.abs(taken - places[rank - 1] - one) < NUMBER).all(axis=1).any()
            and not (np.abs(places - places[rank - 1] - one) < POINT).all(axis=1).any()
        ]
        spot = around[0] if around else SPOTS[-1]
        taken = np.vstack([taken, places[rank - 1] + spot])
        thread = {"arrowstyle": "-", "color": MUTED, "linewidth": 0.6} if np.hypot(*spot) > NEAR else None
        axes.annotate(
            str(rank), (across, up), tuple(spot), textcoords="offset points", ha="center", va="center", zorder=6,
            fontsize=8, fontweight="bold", color=INK, arrowprops=thread,
        )  # fmt: skip


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
            axes.set_yticks(range(len(rows)), [label_lines(row["title"]) for row in rows], fontsize=8)
            axes.set_ylim(max(most, 1) - 0.4, -0.6)
            axes.axvline(0, color=INK, linewidth=0.9)
            axes.set_title(setting.title(scenario, 34))
            axes.set_xlabel(say("sobol.axis", lang))
            axes.grid(axis="x")
            axes.tick_params(left=False)
            if rows:
                axes.legend(loc="best", frameon=True, framealpha=0.85, edgecolor="none")
            else:
                say_in(axes, say("sobol.none", lang))
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
        feet = (say(f"{name}.note", lang, spreads=say("sweep.spreads", lang)), *notes)
        frame(figure, setting, say(f"{name}.title", lang), subtitle=subtitle, notes=feet, scenarios=scenarios)
        panels = list(figure.subplots(bands, columns, squeeze=False).flat)
        for axes in panels[len(scenarios) :]:
            axes.axis("off")
    return figure, panels[: len(scenarios)], scenarios
