"""The baseline beside its sources: each anchor as a ratio to its source's value, with the source's range."""

import textwrap

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
    """Draw rows (anchor in words, unit, target, low, high, before, after, after_mc_se, within: bool)."""
    lang = setting.lang
    rows = [row for row in data if row["target"]]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 1.9 + 0.36 * max(len(rows), 4))
        frame(figure, setting, say("anchors.title", lang), notes=(say("chart.error", lang),), legend_rows=1)
        axes = figure.subplots()
        for place, row in enumerate(rows):
            _anchor(axes, place, row, lang)
        axes.set_xscale("log")
        axes.set_xlim(*VIEW)
        axes.xaxis.set_major_locator(FixedLocator(TICKS))
        axes.xaxis.set_minor_locator(NullLocator())
        local_ticks(axes.xaxis, lang)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(range(len(rows)), [textwrap.shorten(row["anchor"], 62, placeholder="…") for row in rows])
        axes.axvline(1, color=INK, linewidth=0.9, zorder=1)
        axes.grid(axis="x")
        axes.set_xlabel(say("anchors.axis", lang))
        axes.tick_params(left=False)
        handles, names = axes.get_legend_handles_labels()
        first = dict(zip(reversed(names), reversed(handles), strict=True))
        order = [say(f"anchors.{key}", lang) for key in ("range", "before", "after", "outside")]
        shown = [name for name in order if name in first]
        top_legend(figure, [first[name] for name in shown], shown, columns=len(shown))
    return figure


def _anchor(axes: Axes, place: int, row: dict[str, object], lang: str) -> None:
    target, low, high, before, after, error = (
        float(np.nan if row[key] is None else row[key])  # type: ignore[arg-type]
        for key in ("target", "low", "high", "before", "after", "after_mc_se")
    )
    axes.barh(
        place, (high - low) / target, left=low / target, height=0.52, color=RANGE, zorder=2,
        label=say("anchors.range", lang),
    )  # fmt: skip
    if np.isfinite(before):
        axes.plot(
            np.clip(before / target, *VIEW), place, "o", markersize=4.5, markerfacecolor="white",
            markeredgecolor=MUTED, linestyle="none", zorder=4, label=say("anchors.before", lang),
        )  # fmt: skip
    if np.isfinite(after):
        ratio = after / target
        inside = bool(row["within"])
        edge = "<" if ratio < VIEW[0] else ">" if ratio > VIEW[1] else ("o" if inside else "D")
        axes.errorbar(
            np.clip(ratio, *VIEW), place, xerr=Z95 * error / target if edge in "oD" and error > 0 else None,
            fmt=edge, markersize=6, color=WITHIN if inside else OUTSIDE, capsize=2, linewidth=1.1, zorder=5,
            label=say("anchors.after" if inside else "anchors.outside", lang), clip_on=False,
        )  # fmt: skip
    values = {
        key: number(value, lang, max(significant(value, 3), 0)) for key, value in (("target", target), ("after", after))
    }
    unit = f" ({row['unit']})" if lang == "en" else ""  # the evidence's units are in English
    text = say("anchors.source_model", lang, **values) + unit
    axes.text(1.012, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5, color=MUTED)
