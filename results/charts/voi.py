"""What knowing more is worth: EVPPI by group of parameters beside EVPI; EVSI of proposed studies by size."""

import math

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from results.charts.style import HUES, INK, MUTED, STYLE, Setting, frame, label_lines, local_ticks, new_figure
from results.numbers import Z95, euro_scale, euros
from results.table import Table
from results.texts import say

COLUMNS = ("decision", "kind", "name", "title", "value", "mc_se", "national")
STUDY_COLUMNS = ("decision", "study", "title", "people", "value", "mc_se", "ceiling", "national")
BARS = 12  # most bars a panel


def draw_voi(data: Table, setting: Setting, threshold: float, note: str) -> Figure:
    """Draw rows of `COLUMNS`: bars of EVPPI, widest on top, and the row of kind "all" (EVPI) as a line.

    national : the same for everybody concerned, euros; None when unknown
    """
    lang = setting.lang
    decisions = list(dict.fromkeys(data.column("decision")))
    columns = min(len(decisions), 2)
    bands = math.ceil(len(decisions) / columns)
    most = max(min(len(data.where(decision=decision)) - 1, BARS) for decision in decisions)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5 if columns > 1 else 9.0, 2.2 + (1.6 + 0.3 * max(most, 2)) * bands)
        title = say("voi.title", lang)
        subtitle = say("voi.subtitle", lang, threshold=euros(threshold, lang))
        frame(figure, setting, title, subtitle=subtitle, notes=(note,), scenarios=tuple(decisions))
        panels = figure.subplots(bands, columns, squeeze=False)
        for place, axes in enumerate(panels.flat):
            if place < len(decisions):
                _bars(axes, data.where(decision=decisions[place]), setting, decisions[place], columns > 1, most)
            else:
                axes.axis("off")
    return figure


def _bars(axes: Axes, data: Table, setting: Setting, decision: str, narrow: bool, most: int) -> None:
    """Draw the bars of a decision, as thick as those of the panel that has most of them."""
    lang = setting.lang
    everything = next(iter(data.where(kind="all")))
    rows = sorted(data.filter(lambda row: row["kind"] != "all"), key=lambda row: row["value"], reverse=True)[:BARS]
    for place, row in enumerate(rows):
        half = Z95 * row["mc_se"]
        colour = setting.colour(decision)
        filled = colour if row["value"] > half else "white"
        axes.barh(place, row["value"], height=0.62, facecolor=filled, edgecolor=colour, zorder=2)
        ends = [[min(half, row["value"])], [half]]
        axes.errorbar(row["value"], place, xerr=ends, color=INK, linewidth=1, capsize=2, zorder=4)
    evpi, half = everything["value"], Z95 * everything["mc_se"]
    axes.axvspan(max(evpi - half, 0.0), evpi + half, color=MUTED, alpha=0.15, linewidth=0)
    axes.axvline(evpi, color=INK, linestyle="--", linewidth=1.1)
    reach = max([evpi + half, *(row["value"] + Z95 * row["mc_se"] for row in rows)]) or 1.0
    axes.set_xlim(0, 1.06 * reach)
    axes.set_yticks(range(len(rows)), [label_lines(row["title"]) for row in rows], fontsize=8)
    axes.set_ylim(max(most, 1) - 0.4, -0.6)
    amount = euros(evpi, lang, error=everything["mc_se"])
    axes.set_title(setting.title(decision, 40 if narrow else 70), pad=20)
    axes.text(0, 1.02, say("voi.evpi", lang, amount=amount), transform=axes.transAxes, fontsize=8.5, color=MUTED)
    axes.set_xlabel(say("voi.axis", lang))
    axes.grid(axis="x")
    axes.tick_params(left=False)
    axes.locator_params(axis="x", nbins=5)
    local_ticks(axes.xaxis, lang)
    if everything["national"] is not None and evpi > 0.0:
        _national_axis(axes, everything["national"] / evpi, reach, lang)


def _national_axis(axes: Axes, people: float, reach: float, lang: str) -> None:
    """Write under the axis what its values come to for everybody concerned."""
    scale, unit = euro_scale(reach * people, lang)
    nation = axes.secondary_xaxis(
        0.0, functions=(lambda value: value * people / scale, lambda value: value * scale / people)
    )
    nation.spines["bottom"].set_position(("outward", 38))
    nation.set_xlabel(say("voi.nation", lang, unit=unit if lang == "fr" else f"€ {unit}".strip()))
    nation.tick_params(labelsize=8)
    nation.xaxis.set_major_locator(MaxNLocator(5))
    local_ticks(nation.xaxis, lang)


def draw_studies(data: Table, setting: Setting, threshold: float, note: str) -> Figure:
    """Draw rows of `STUDY_COLUMNS`: EVSI against the people a study enrols, below the EVPPI of what it measures."""
    lang = setting.lang
    decisions = list(dict.fromkeys(data.column("decision")))
    columns = min(len(decisions), 2)
    bands = math.ceil(len(decisions) / columns)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5 if columns > 1 else 9.0, 2.1 + 3.4 * bands)
        title, subtitle = say("evsi.title", lang), say("voi.subtitle", lang, threshold=euros(threshold, lang))
        frame(figure, setting, title, subtitle=subtitle, notes=(note,), scenarios=tuple(decisions))
        panels = figure.subplots(bands, columns, squeeze=False)
        for place, axes in enumerate(panels.flat):
            if place >= len(decisions):
                axes.axis("off")
                continue
            rows = data.where(decision=decisions[place])
            for colour, study in zip(HUES, dict.fromkeys(rows.column("study")), strict=False):
                _study(axes, rows.where(study=study), colour, lang)
            axes.set_title(setting.title(decisions[place], 48))
            axes.set_xlabel(say("evsi.people", lang))
            axes.set_ylabel(say("evsi.axis", lang))
            axes.set_ylim(bottom=0)
            axes.grid(axis="y")
            local_ticks(axes.xaxis, lang)
            local_ticks(axes.yaxis, lang)
            axes.legend(loc="best", fontsize=7.5, frameon=True, framealpha=0.8, edgecolor="none")
    return figure


def _study(axes: Axes, rows: Table, colour: str, lang: str) -> None:
    title = rows.column("title")[0]
    people, values = (np.array(rows.column(name), dtype=float) for name in ("people", "value"))
    half = Z95 * np.array(rows.column("mc_se"), dtype=float)
    axes.fill_between(people, np.maximum(values - half, 0), values + half, color=colour, alpha=0.15, linewidth=0)
    axes.plot(people, values, "o-", color=colour, linewidth=1.5, markersize=4, label=title)
    ceiling = say("evsi.ceiling", lang)
    axes.axhline(rows.column("ceiling")[0], color=colour, linestyle=":", linewidth=1.2, label=f"{ceiling} ({title})")
