"""Who gains: months in episode avoided by group of people; and a map of regions in tiles, access and gain."""

import textwrap
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from model.ledgers import EQUITY_GROUPS
from results.charts.style import (
    INK,
    MUTED,
    RULE,
    STYLE,
    Setting,
    frame,
    local_ticks,
    new_figure,
    scenario_marker,
    top_legend,
    zero_line,
)
from results.numbers import Z95, decimals_for, number
from results.table import Table
from results.texts import say

GROUPS = tuple(group for group, _ in EQUITY_GROUPS if group != "region")
SHOWN = 4  # policies drawn at most
FEW = 1_000  # simulated people of a region under which nothing is said of it
NOTHING = 1e-9  # what sums of floats leave where nothing differs
# Tiles of the 18 regions, in the order of the regional arrays (INSEE code): column, row, short name.
TILES = (
    (0, 5.6, "Guadeloupe"), (1, 5.6, "Martinique"), (2, 5.6, "Guyane"), (3, 5.6, "La Réunion"), (4, 5.6, "Mayotte"),
    (2, 1, "Île-de-Fr."), (2, 2, "Centre"), (3, 2, "Bourg.-F.-C."), (1, 1, "Normandie"), (2, 0, "Hauts-de-Fr."),
    (3, 1, "Grand Est"), (1, 2, "Pays de L."), (0, 2, "Bretagne"), (1, 3, "Nouv.-Aq."), (2, 4, "Occitanie"),
    (3, 3, "Auv.-Rh.-A."), (3, 4, "PACA"), (4, 4.4, "Corse"),
)  # fmt: skip


def draw_equity(data: Table, setting: Setting) -> Figure:
    """Draw rows of `equity.chart_rows`: the gain of each group under each policy, with its error."""
    lang = setting.lang
    gains = data.filter(lambda row: row["measure"] == "gain" and row["group"] in GROUPS)
    scenarios = list(dict.fromkeys(gains.column("scenario")))
    names = list(dict.fromkeys(zip(gains.column("group"), gains.column("level"), strict=True)))
    places, y = {}, 0.0
    for at, (group, level) in enumerate(names):
        y += 0.8 if at and names[at - 1][0] != group else 0.0
        places[group, level] = y
        y += 1.0
    with matplotlib.rc_context(STYLE):
        figure = new_figure(9.5, 2.4 + 0.27 * y)
        notes = (say("equity.note", lang), say("equity.note_hollow", lang), say("chart.error", lang))
        frame(
            figure,
            setting,
            say("equity.title", lang),
            notes=notes,
            scenarios=tuple(scenarios),
            legend_rows=len(scenarios),
        )
        axes = figure.subplots()
        for rank, scenario in enumerate(scenarios):
            shift = 0.22 * (rank - (len(scenarios) - 1) / 2)
            for told in (False, True):
                rows = [row for row in gains.where(scenario=scenario) if _told(row) == told]
                axes.errorbar(
                    [row["value"] for row in rows], [places[row["group"], row["level"]] + shift for row in rows],
                    xerr=[Z95 * row["mc_se"] for row in rows], fmt=scenario_marker(scenario), markersize=4.5,
                    markerfacecolor=setting.colour(scenario) if told else "white", color=setting.colour(scenario),
                    linewidth=1.1, linestyle="none",
                )  # fmt: skip
        axes.set_yticks(list(places.values()), [level for _, level in places])
        axes.set_ylim(y - 0.4, -0.6)
        axes.set_xlabel(say("equity.axis", lang))
        axes.grid(axis="x")
        axes.tick_params(left=False)
        local_ticks(axes.xaxis, lang)
        zero_line(axes, vertical=True)
        handles = [
            Line2D([], [], linestyle="none", marker=scenario_marker(name), markersize=5, color=setting.colour(name))
            for name in scenarios
        ]
        top_legend(figure, handles, [setting.title(name) for name in scenarios], columns=1)
    return figure


def _told(row: dict[str, Any]) -> bool:
    """Return whether a difference is told from zero."""
    return bool(abs(row["value"]) > Z95 * row["mc_se"])


def draw_regions(data: Table, setting: Setting) -> Figure:
    """Draw the regions as tiles: access today, then what each policy gains; pale where nothing is told from zero."""
    lang = setting.lang
    regions = data.where(group="region")
    scenarios = [name for name in dict.fromkeys(regions.column("scenario")) if name != "baseline"]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(3.9 * (1 + len(scenarios)), 6.2)
        few = say("regions.note_few", lang, count=number(FEW, lang))
        notes = (say("regions.note", lang), say("regions.note_zero", lang) + " " + few)
        frame(figure, setting, say("regions.title", lang), notes=notes, scenarios=tuple(scenarios))
        panels = figure.subplots(1, 1 + len(scenarios), squeeze=False)[0]
        _tiles(
            panels[0], regions.where(scenario="baseline", measure="access"), say("regions.access", lang), lang, "Greens"
        )
        for axes, scenario in zip(panels[1:], scenarios, strict=True):
            title = say("regions.gain", lang, title=setting.title(scenario))
            _tiles(axes, regions.where(scenario=scenario, measure="gain"), title, lang, "Blues")
    return figure


def _tiles(axes: Axes, rows: Table, title: str, lang: str, shades: str) -> None:
    values = np.array(rows.column("value"), dtype=float)
    errors = Z95 * np.array(rows.column("mc_se"), dtype=float)
    values[np.abs(values) < NOTHING], errors[errors < NOTHING] = 0.0, 0.0
    few = np.array(rows.column("simulated_people"), dtype=float) < FEW
    told = (np.abs(values) > errors) & ~few
    reach = Normalize(0, max(float(np.abs(values[told]).max()) if told.any() else 1.0, 1e-12))
    colours = matplotlib.colormaps[shades]
    decimals = max(decimals_for(float(np.median(errors[errors > 0]))) if (errors > 0).any() else 0, 0)
    for row, value, error, sure, unknown in zip(rows, values, errors, told, few, strict=True):
        column, line, name = TILES[row["row"] - _first_region()]
        if unknown:
            _hatched(axes, column, line, name, lang)
            continue
        shade = 0.12 + 0.68 * float(reach(abs(value)))
        colour = (colours(shade) if value > 0 else matplotlib.colormaps["Oranges"](shade)) if sure else "#eceef0"
        axes.add_patch(Rectangle((column, line), 0.95, 0.95, facecolor=colour, edgecolor="white"))
        dark = bool(sure) and shade > 0.55
        ink = "white" if dark else INK if sure else MUTED
        axes.text(column + 0.475, line + 0.25, name, ha="center", va="center", fontsize=6, color=ink)
        text = number(value, lang, decimals) if sure else "≈ 0" if error else "0"
        axes.text(column + 0.475, line + 0.54, text, ha="center", va="center", fontsize=9, fontweight="bold", color=ink)
        half = f"± {number(error, lang, decimals)}" if error else ""
        axes.text(column + 0.475, line + 0.8, half, ha="center", va="center", fontsize=6, color=ink)
    axes.set_xlim(-0.05, 5)
    axes.set_ylim(6.65, -0.1)
    axes.set_aspect("equal")
    axes.axis("off")
    axes.set_title(textwrap.fill(title, 40))


def _hatched(axes: Axes, column: float, line: float, name: str, lang: str) -> None:
    """Draw the tile of a region of which too few people were simulated."""
    axes.add_patch(Rectangle((column, line), 0.95, 0.95, facecolor="white", edgecolor=RULE, hatch="////", linewidth=0))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    axes.text(column + 0.475, line + 0.25, name, ha="center", va="center", fontsize=6, color=MUTED, bbox=box)
    words = say("regions.few", lang)
    axes.text(column + 0.475, line + 0.62, words, ha="center", va="center", fontsize=5.2, color=MUTED, bbox=box)


def _first_region() -> int:
    """Return the ledger's row of the first region."""
    first = 0
    for group, count in EQUITY_GROUPS:
        if group == "region":
            break
        first += count
    return first
