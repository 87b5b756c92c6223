"""Which lever does what: one bar a lever for QALYs, months in episode and cost, beside the whole scenario."""

import textwrap

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from results.charts.style import FAINT, INK, MUTED, PLAIN, STYLE, Setting, frame, local_ticks, new_figure, zero_line
from results.numbers import Z95, euro_scale
from results.table import Table
from results.texts import say

SHOWN = ("qalys", "episode_months", "cost")


def draw_levers(data: Table, setting: Setting, horizon: str) -> Figure:
    """Draw rows of `explain.explain_table`: Shapley values where they are known, else each lever alone."""
    lang, scenario = setting.lang, data.column("scenario")[0]
    first = data.where(outcome=SHOWN[0])
    exact = any(value is not None for value in first.column("shapley"))
    unused = not any(data.where(kind="programme").column("alone"))
    data = data.filter(lambda row: not (unused and row["kind"] == "programme"))
    labels = [_folded(label) for label in data.where(outcome=SHOWN[0]).column("label")]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 2.5 + 0.5 * len(labels))
        hollow = say("headline.note_hollow", lang)
        notes = (say("explain.note_shapley" if exact else "explain.note_alone", lang), hollow, say("chart.error", lang))
        title = say("explain.chart", lang)
        subtitle = f"{setting.title(scenario)} – {horizon}"
        frame(figure, setting, title, subtitle=subtitle, notes=notes, scenarios=(scenario,))
        panels = figure.subplots(1, len(SHOWN), sharey=True)
        for axes, outcome in zip(panels, SHOWN, strict=True):
            _bars(axes, data.where(outcome=outcome), outcome, lang)
        panels[0].set_yticks(range(len(labels)), labels)
        panels[0].set_ylim(len(labels) - 0.4, -0.6)
    return figure


def _folded(label: str, width: int = 34) -> str:
    """Return a label on lines of this width; the id of a parameter breaks at its dots."""
    return textwrap.fill(label.replace(".", ". "), width, break_long_words=False).replace(". ", ".")


def _bars(axes: Axes, data: Table, outcome: str, lang: str) -> None:
    rows = list(data)
    values = [row["alone"] if row["shapley"] is None else row["shapley"] for row in rows]
    errors = [row["alone_mc_se"] if row["shapley"] is None else row["shapley_mc_se"] for row in rows]
    size = max((abs(value) for value in values), default=1.0)
    scale, unit = euro_scale(size, lang) if outcome == "cost" else (1e3 if size >= 1e4 else 1.0, "")
    for place, (row, value, error) in enumerate(zip(rows, values, errors, strict=True)):
        colour = {"lever": PLAIN, "total": INK, "programme": "#882255"}.get(row["kind"], FAINT)
        face = colour if abs(value) > Z95 * error else "white"
        axes.barh(place, value / scale, height=0.6, facecolor=face, edgecolor=colour, linewidth=1.0, zorder=2)
        axes.errorbar(value / scale, place, xerr=Z95 * error / scale, color=MUTED, linewidth=1.1, capsize=2.5, zorder=4)
    unit = unit if lang == "fr" else f"€ {unit}".strip()
    axes.set_title(say(f"explain.panel.{outcome}", lang))
    thousands = say("frontier.thousands", lang) if scale == 1e3 and outcome != "cost" else ""
    axes.set_xlabel(say(f"explain.axis.{outcome}", lang, unit=unit) + thousands)
    axes.grid(axis="x")
    axes.tick_params(left=False)
    axes.locator_params(axis="x", nbins=4)
    local_ticks(axes.xaxis, lang)
    zero_line(axes, vertical=True)
