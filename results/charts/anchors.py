"""The baseline beside its sources: each anchor as a ratio to its source's value, with the source's range."""

import textwrap
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from results.charts.style import INK, MUTED, STYLE, Setting, frame, local_ticks, new_figure, top_legend
from results.numbers import Z95, number, significant
from results.table import Table
from results.texts import say

RANGE, WITHIN, OUTSIDE = "#c9d7e6", "#0072b2", "#d55e00"
VIEW = (0.25, 4.0)  # ratios shown; beyond, an arrow at the edge
TICKS = (0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0)


def draw_anchors(data: Table, setting: Setting) -> Figure:
    """Draw rows (anchor in words, unit, target, low, high, before, after, after_mc_se, within: bool).

    Ratios to the source's value on one axis; an anchor whose value is nil has no ratio: it stands on a panel below, in
    per cent a year.
    """
    lang = setting.lang
    rows, levels = [row for row in data if row["target"]], [row for row in data if not row["target"]]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 1.9 + 0.36 * max(len(rows), 4) + (0.7 + 0.36 * len(levels) if levels else 0.0))
        frame(figure, setting, say("anchors.title", lang), notes=(say("chart.error", lang),), legend_rows=1)
        heights = [max(len(rows), 4), *([len(levels) + 0.6] if levels else [])]
        panels = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
        _panel(panels[0], rows, lang)
        panels[0].set_xscale("log")
        panels[0].set_xlim(*VIEW)
        panels[0].xaxis.set_major_locator(FixedLocator(TICKS))
        panels[0].xaxis.set_minor_locator(NullLocator())
        panels[0].axvline(1, color=INK, linewidth=0.9, zorder=1)
        panels[0].set_xlabel(say("anchors.axis", lang))
        for axes in panels[1:]:
            _panel(axes, [_in_percent(row) for row in levels], lang)
            axes.axvline(0, color=INK, linewidth=0.9, zorder=1)
            axes.margins(x=0.1)
            axes.set_xlabel(say("anchors.axis_level", lang))
        for axes in panels:
            local_ticks(axes.xaxis, lang)
        handles, names = panels[0].get_legend_handles_labels()
        first = dict(zip(reversed(names), reversed(handles), strict=True))
        order = [say(f"anchors.{key}", lang) for key in ("range", "before", "after", "outside")]
        shown = [name for name in order if name in first]
        top_legend(figure, [first[name] for name in shown], shown, columns=len(shown))
    return figure


def _panel(axes: Axes, rows: list[dict[str, Any]], lang: str) -> None:
    """Draw anchors one under the other."""
    for place, row in enumerate(rows):
        _anchor(axes, place, row, lang)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [textwrap.shorten(row["anchor"], 62, placeholder="…") for row in rows])
    axes.grid(axis="x")
    axes.tick_params(left=False)


def _in_percent(row: dict[str, Any]) -> dict[str, Any]:
    numbers = ("low", "high", "before", "after", "after_mc_se")
    return {**row, **{key: None if row[key] is None else 100.0 * row[key] for key in numbers}}


def _arms(ratio: float, error: float, view: tuple[float, float]) -> list[list[float]]:
    """Return both arms of an error bar, none beyond the axis: it would strike the names."""
    return [[min(error, ratio - view[0])], [min(error, view[1] - ratio)]]


def _anchor(axes: Axes, place: int, row: dict[str, Any], lang: str) -> None:
    target, low, high, before, after, error = (
        float(np.nan if row[key] is None else row[key])
        for key in ("target", "low", "high", "before", "after", "after_mc_se")
    )
    scale, view = (target, VIEW) if target else (1.0, (-np.inf, np.inf))
    axes.barh(
        place, (high - low) / scale, left=low / scale, height=0.52, color=RANGE, zorder=2,
        label=say("anchors.range", lang),
    )  # fmt: skip
    if np.isfinite(before):
        past = ">" if before / scale > view[1] else "<" if before / scale < view[0] else "o"
        axes.plot(
            np.clip(before / scale, *view), place, past, markersize=4.5, markerfacecolor="white",
            markeredgecolor=MUTED, linestyle="none", zorder=4, clip_on=False,
            label=say("anchors.before", lang) if past == "o" else None,
        )  # fmt: skip
    if np.isfinite(after):
        ratio = after / scale
        inside = bool(row["within"])
        edge = "<" if ratio < view[0] else ">" if ratio > view[1] else ("o" if inside else "D")
        arms = _arms(ratio, Z95 * error / scale, view) if edge in "oD" and error > 0 else None
        axes.errorbar(
            np.clip(ratio, *view), place, xerr=arms,
            fmt=edge, markersize=6, color=WITHIN if inside else OUTSIDE, capsize=2, linewidth=1.1, zorder=5,
            label=say("anchors.after" if inside else "anchors.outside", lang), clip_on=False,
        )  # fmt: skip
    values = {
        key: number(value, lang, max(significant(value, 3), 0) if target else 2)
        for key, value in (("target", target), ("after", after))
    }
    unit = f" ({row['unit']})" if lang == "en" else ""  # the evidence's units are in English
    text = say("anchors.source_model", lang, **values) + unit
    axes.text(1.02, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5, color=MUTED)
