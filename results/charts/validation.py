"""The model beside published results: each target's distance in its own errors, validation apart from fit."""

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from results.charts.style import INK, MUTED, STYLE, Setting, frame, new_figure, top_legend
from results.numbers import Z95, compact, number
from results.table import Table
from results.texts import say

BAND, WITHIN, OUTSIDE = "#c9d7e6", "#0072b2", "#d55e00"
VIEW = 6.0  # errors shown either way; beyond, an arrow at the edge
ROLES = ("validate", "fit")
PANEL = 0.35  # inches of a heading
LINE = 0.185  # inches of a target


def draw_validation(data: Table, setting: Setting) -> Figure:
    """Draw the targets that a study measures: rows of `results.validation.target_table`."""
    lang = setting.lang
    rows = {role: [row for row in data.where(role=role) if row["verdict"] != "unmeasured"] for role in ROLES}
    rows = {role: kept for role, kept in rows.items() if kept}
    heights = [len(kept) + PANEL / LINE for kept in rows.values()]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 1.9 + LINE * sum(heights))
        notes = (say("validation.note", lang), say("validation.transport", lang))
        frame(figure, setting, say("validation.title", lang), notes=notes, legend_rows=1)
        panels = figure.subplots(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
        for axes, (role, kept) in zip(panels, rows.items(), strict=True):
            _panel(axes, role, kept, lang)
        panels[-1].set_xlabel(say("validation.axis", lang))
        handles, names = panels[0].get_legend_handles_labels()
        first = dict(zip(reversed(names), reversed(handles), strict=True))
        shown = [say(f"validation.{key}", lang) for key in ("interval", "model_in", "model_out")]
        shown = [name for name in shown if name in first]
        top_legend(figure, [first[name] for name in shown], shown, columns=len(shown))
    return figure


def _panel(axes: Axes, role: str, rows: Sequence[dict[str, Any]], lang: str) -> None:
    inside = sum(row["verdict"] == "in" for row in rows)
    score = say("validation.score", lang, inside=inside, measured=len(rows))
    axes.set_title(f"{say(f'validation.{role}', lang)} – {score}")
    axes.axvspan(-Z95, Z95, color=BAND, zorder=0, linewidth=0, label=say("validation.interval", lang))
    axes.axvline(0, color=INK, linewidth=0.9, zorder=1)
    for place, row in enumerate(rows):
        _target(axes, place, row, lang)
    axes.set_xlim(-VIEW - 0.3, VIEW + 0.3)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    names = [f"{textwrap.shorten(row['title'], 58, placeholder='…')}  ({mark(row, lang)})" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=7)
    axes.set_xticks(range(-6, 7, 2), [number(x, lang, signed=True) for x in range(-6, 7, 2)])
    axes.tick_params(left=False)
    axes.grid(axis="x")


def mark(row: dict[str, Any], lang: str) -> str:
    """Return how independent a target is, in a word."""
    return say(f"validation.{row['validity']}", lang)


def _target(axes: Axes, place: int, row: dict[str, Any], lang: str) -> None:
    distance, within = float(row["distance"]), row["verdict"] == "in"
    shown = float(np.clip(distance, -VIEW, VIEW))
    beyond = abs(distance) > VIEW
    marker = ("<" if distance < 0.0 else ">") if beyond else "o" if within else "D"
    label = say("validation.model_in" if within else "validation.model_out", lang)
    axes.errorbar(
        shown, place, xerr=None if beyond else Z95 * float(row["distance_mc_se"]), fmt=marker,
        color=WITHIN if within else OUTSIDE, markersize=4, linewidth=0.9, zorder=4, label=label, clip_on=False,
    )  # fmt: skip
    values = {key: compact(float(row[key]), lang) for key in ("value", "low", "high", "model")}
    error = compact(Z95 * float(row["mc_se"]), lang)
    text = say("validation.beside", lang, **values, error=error)
    axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=6.5, color=MUTED)
