"""Course of illness: stacked area of states, absorbing last, a panel a scenario; the difference below."""

import math

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from model.states import Health
from results.charts.style import (
    FAINT,
    HUES,
    INK,
    STYLE,
    Setting,
    frame,
    local_ticks,
    new_figure,
    zero_line,
)
from results.numbers import Z95, number
from results.table import Table
from results.texts import label, say

COLUMNS = ("scenario", "year", "state", "share", "mc_se", "persons_difference", "difference_mc_se")
HIGHLIGHTED = 4  # lines in colour where many scenarios are drawn
IN_EPISODE, ALIVE = "IN_EPISODE", "ALIVE"  # rows that hold a difference, beside those of the states
# Illness in oranges, health in blues (told apart by every kind of colour blindness), death in greys.
STATES = {
    Health.SEVERE: "#8c3b06",
    Health.MODERATE: "#d9730d",
    Health.MILD: "#fdbb74",
    Health.RESPONSE: "#d6e4f2",
    Health.REMISSION: "#93bbde",
    Health.RECOVERY: "#3a78b5",
    Health.NEVER: "#eef1f4",
    Health.DEAD_OTHER: "#b8bcc0",
    Health.DEAD_SUICIDE: "#000000",
}


def draw_course(data: Table, setting: Setting, persons: float, population: str = "closed") -> Figure:
    """Draw the course of illness; `persons`: size of the population shown, "closed" cohort or "open"."""
    scenarios = list(dict.fromkeys(data.column("scenario")))
    columns = min(len(scenarios), 3)
    bands = math.ceil(len(scenarios) / columns)
    lang = setting.lang
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 1.9 + 4.4 * bands)
        subtitle = say(
            "course.subtitle" if population == "closed" else "course.subtitle_open",
            lang,
            persons=number(persons, lang, -5),
        )
        title, notes = say("course.title", lang), (say("chart.error_band", lang),)
        frame(figure, setting, title, subtitle=subtitle, notes=notes, scenarios=tuple(scenarios))
        panels = figure.subplots(2 * bands, columns, squeeze=False, sharex=True, height_ratios=[2.1, 1] * bands)
        for place in range(bands * columns):
            area, difference = panels[2 * (place // columns) : 2 * (place // columns) + 2, place % columns]
            if place >= len(scenarios):
                area.axis("off")
                difference.axis("off")
                continue
            _areas(area, data.where(scenario=scenarios[place]), setting, scenarios[place])
            _difference(difference, data.where(scenario=scenarios[place]), setting, scenarios[place])
            if place % columns == 0:
                area.set_ylabel(say("course.share", lang))
                difference.set_ylabel(say("course.difference", lang))
            difference.set_xlabel(say("course.years", lang))
        figure.align_ylabels(list(panels[:, 0]))
        shown = [state for state in STATES if len(data.where(state=state.name))]
        handles = [Patch(facecolor=STATES[state], edgecolor="#888888", linewidth=0.4) for state in shown]
        figure.legend(handles, [label(state, lang) for state in shown], loc="outside right center")
    return figure


def _series(data: Table, state: str, column: str) -> np.ndarray:
    return np.array(data.where(state=state).column(column), dtype=float)


def _areas(axes: Axes, data: Table, setting: Setting, scenario: str) -> None:
    states = [state for state in STATES if len(data.where(state=state.name))]
    years = _series(data, states[0].name, "year")
    shares = [100 * _series(data, state.name, "share") for state in states]
    axes.stackplot(years, shares, colors=[STATES[state] for state in states], linewidth=0.3, edgecolor="white")
    axes.set_title(setting.title(scenario, 34))
    axes.set_xlim(years[0], years[-1])
    axes.set_ylim(0, 100)
    axes.tick_params(labelbottom=False)


def _reach(data: Table) -> tuple[float, float]:
    """Return the limits of one scenario's differences."""
    values = np.array(data.column("persons_difference"), dtype=float)
    errors = Z95 * np.array(data.column("difference_mc_se"), dtype=float)
    kept = np.isfinite(values)
    if not kept.any():
        return -1.0, 1.0
    low, high = float((values - errors)[kept].min()), float((values + errors)[kept].max())
    margin = 0.08 * max(high - low, 1.0)
    return min(low, 0.0) - margin, max(high, 0.0) + margin


def _difference(axes: Axes, data: Table, setting: Setting, scenario: str) -> None:
    zero_line(axes)
    local_ticks(axes.yaxis, setting.lang)
    axes.set_ylim(*_reach(data))
    axes.locator_params(axis="y", nbins=4)
    axes.grid(axis="y")
    if scenario == "baseline":
        text, box = say("course.reference", setting.lang), {"facecolor": "white", "edgecolor": "none", "pad": 3.0}
        axes.set_yticks([0], ["0"])
        axes.set_ylim(-1, 1)
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=INK, bbox=box, zorder=4)
        return
    for state, colour in ((IN_EPISODE, STATES[Health.MODERATE]), (ALIVE, INK)):
        years = _series(data, state, "year")
        if not len(years):
            continue
        values, errors = _series(data, state, "persons_difference"), _series(data, state, "difference_mc_se")
        axes.fill_between(years, values - Z95 * errors, values + Z95 * errors, color=colour, alpha=0.2, linewidth=0)
        name = say("course.in_episode" if state == IN_EPISODE else "course.alive", setting.lang)
        axes.plot(years, values, color=colour, linewidth=1.4, label=name)
    axes.legend(loc="best", handlelength=1.2, fontsize=7.5)


def draw_differences(data: Table, setting: Setting) -> Figure:
    """Draw people in episode, as a difference from the baseline, one line a scenario: the widest few in colour."""
    lang = setting.lang
    lines = {name: data.where(scenario=name) for name in dict.fromkeys(data.column("scenario"))}
    reach = {name: max(abs(value) for value in rows.column("persons_difference")) for name, rows in lines.items()}
    named = sorted(reach, key=lambda name: -reach[name])[:HIGHLIGHTED]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 6.4)
        notes = (say("course.note_many", lang, count=len(named)), say("chart.error_band", lang))
        frame(figure, setting, say("course.title_many", lang), notes=notes, scenarios=tuple(named))
        axes = figure.subplots()
        for name in sorted(lines, key=lambda name: name in named):
            years, values, errors = (
                np.array(lines[name].column(column), dtype=float)
                for column in ("year", "persons_difference", "difference_mc_se")
            )
            colour = HUES[named.index(name)] if name in named else FAINT
            axes.plot(
                years, values, color=colour, linewidth=1.7 if name in named else 0.8, label=setting.title(name, 34)
            )
            if name in named:
                low, high = values - Z95 * errors, values + Z95 * errors
                axes.fill_between(years, low, high, color=colour, alpha=0.15, linewidth=0)
        zero_line(axes)
        axes.grid(axis="y")
        axes.set_xlabel(say("course.years", lang))
        axes.set_ylabel(say("course.axis_many", lang))
        local_ticks(axes.yaxis, lang)
        handles, names = axes.get_legend_handles_labels()
        first = dict(zip(names, handles, strict=True))
        shown = [setting.title(name, 34) for name in named]
        figure.legend([first[name] for name in shown], shown, loc="outside right center")
    return figure
