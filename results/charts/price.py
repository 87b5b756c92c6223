"""Net benefit against the price of one thing, by threshold; the price at which the answer turns."""

from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from results.charts.break_even import LINES
from results.charts.style import MUTED, STYLE, Setting, frame, local_ticks, new_figure, top_legend, zero_line
from results.numbers import Z95, between, euro_scale, euros, euros_between
from results.table import Table
from results.texts import say


def draw_price(data: Table, setting: Setting, label: str, now: float, horizon: str, in_euros: bool) -> Figure:
    """Draw rows of `prices.price_table`. label : the parameter and its unit, in euros or not; now : its value today."""
    lang = setting.lang
    scenario = data.column("scenario")[0]
    scale, unit = euro_scale(max(abs(value) for value in data.column("net_benefit")), lang)
    thresholds = list(dict.fromkeys(data.column("threshold")))[: len(LINES)]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(9.5, 6.2)
        notes = (say("chart.error_band", lang), say("price.note", lang))
        title = say("price.chart", lang)
        subtitle = setting.title(scenario)
        frame(figure, setting, title, subtitle=subtitle, notes=notes, scenarios=(scenario,), legend_rows=2)
        axes = figure.subplots()
        ends = [min(data.column("value")), max(data.column("value"))]
        for (colour, dash), threshold in zip(LINES, thresholds, strict=False):
            rows = data.where(threshold=threshold)
            x = np.array(rows.column("value"), dtype=float)
            y = np.array(rows.column("net_benefit"), dtype=float) / scale
            half = Z95 * np.array(rows.column("mc_se"), dtype=float) / scale
            key, amount = ("break_even.at", euros(threshold, lang)) if threshold else ("break_even.cost_only", "")
            axes.fill_between(x, y - half, y + half, color=colour, alpha=0.15, linewidth=0)
            turns, told = _turn(next(iter(rows)), in_euros, lang)
            criterion = say(key, lang, amount=amount)
            name = say("price.turn", lang, criterion=criterion, value=told)
            axes.plot(x, y, color=colour, linestyle=dash, linewidth=1.6, label=name)
            if turns is not None and turns <= 1.5 * ends[1]:
                axes.plot([turns], [0], "o", color=colour, markersize=7, zorder=6)
                ends = [min(ends[0], turns), max(ends[1], turns)]
        zero_line(axes)
        axes.axvline(now, color=MUTED, linewidth=1, linestyle=(0, (2, 2)), zorder=1)
        axes.text(
            now, 0.015, " " + say("price.now", lang), transform=axes.get_xaxis_transform(), color=MUTED,
            fontsize=8, ha="left", va="bottom",
        )  # fmt: skip
        span = ends[1] - ends[0]
        axes.set_xlim(ends[0] - 0.02 * span, ends[1] + 0.08 * span)
        axes.set_xlabel(label)
        unit = unit if lang == "fr" else f"€ {unit}".strip()
        axes.set_ylabel(say("break_even.axis", lang, unit=unit, horizon=horizon))
        axes.grid(axis="y")
        local_ticks(axes.xaxis, lang)
        local_ticks(axes.yaxis, lang)
        handles, names = axes.get_legend_handles_labels()
        top_legend(figure, handles, names, columns=2, subtitle=True)
    return figure


def _turn(row: dict[str, Any], in_euros: bool, lang: str) -> tuple[float | None, str]:
    """Return where the answer turns, None where that is not established, and the words for the legend."""
    if row["verdict"] in ("never", "always"):
        return None, say("price.no_turn", lang)
    if row["lower"] is None or (in_euros and row["lower"] <= 0):
        return None, say("price.untold", lang)
    words = (euros_between if in_euros else between)(row["turns_at"], row["lower"], row["upper"], lang)
    return row["turns_at"], words
