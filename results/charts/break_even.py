"""How large an assumed effect must be for a policy to pay for itself: net benefit against its size."""

import math
import textwrap

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from results.charts.style import STYLE, Setting, frame, local_ticks, new_figure, top_legend, zero_line
from results.findings import BreakEven, Estimate
from results.numbers import Z95, euro_scale, euros, with_error
from results.table import Table
from results.texts import say

LINES = (("#222222", "-"), ("#0072b2", "--"), ("#d55e00", "-."), ("#009e73", ":"))


def draw_break_even(data: Table, setting: Setting, horizon: str) -> Figure:
    """Draw rows of `tables.break_even`: net benefit over the sizes of an assumed effect, by threshold."""
    scenarios = list(dict.fromkeys(data.column("scenario")))
    columns = min(max(len(scenarios), 1), 2)
    bands = max(math.ceil(len(scenarios) / columns), 1)
    lang = setting.lang
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 2.4 + 3.6 * bands)
        error, euros_of = (
            say("chart.error_band", lang),
            say("chart.price_year", lang, year=setting.price_year),
        )
        title = say("break_even.title", lang)
        frame(
            figure,
            setting,
            title,
            notes=(say("break_even.told", lang), f"{error} {euros_of}"),
            scenarios=tuple(scenarios),
            legend_rows=1,
        )
        panels = figure.subplots(bands, columns, squeeze=False)
        for place, axes in enumerate(panels.flat):
            if place < len(scenarios):
                _panel(axes, data.where(scenario=scenarios[place]), setting, scenarios[place], horizon)
            else:
                axes.axis("off")
        handles, names = panels[0, 0].get_legend_handles_labels()
        top_legend(figure, handles, names, columns=len(names))
    return figure


def _panel(axes: Axes, data: Table, setting: Setting, scenario: str, horizon: str) -> None:
    lang = setting.lang
    scale, unit = euro_scale(max(abs(value) for value in data.column("net_benefit")), lang)
    first = next(iter(data))
    verdicts: list[tuple[str, str]] = []
    rising = True
    for (colour, dash), threshold in zip(LINES, dict.fromkeys(data.column("threshold")), strict=False):
        rows = data.where(threshold=threshold)
        effects = np.array(rows.column("effect"), dtype=float)
        values = np.array(rows.column("net_benefit"), dtype=float) / scale
        errors = Z95 * np.array(rows.column("mc_se"), dtype=float) / scale
        key, amount = ("break_even.at", euros(threshold, lang)) if threshold else ("break_even.cost_only", "")
        criterion = say(key, lang, amount=amount)
        axes.fill_between(effects, values - errors, values + errors, color=colour, alpha=0.15, linewidth=0)
        axes.plot(effects, values, color=colour, linestyle=dash, linewidth=1.6, label=criterion)
        crossing = next(iter(rows))["break_even"]
        if crossing is not None and math.isfinite(crossing):
            axes.plot([crossing], [0], "o", color=colour, markersize=6, zorder=5)
        verdicts.append((_verdict(rows, criterion, lang), colour))
        rising = values[-1] >= values[0]
    zero_line(axes)
    for rank, (text, colour) in enumerate(verdicts):
        height = 0.97 - 0.065 * rank if rising else 0.03 + 0.065 * (len(verdicts) - 1 - rank)
        axes.text(
            0.025, height, text, transform=axes.transAxes, color=colour, fontsize=8.5, zorder=6,
            va="top" if rising else "bottom", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
    axes.set_title(setting.title(scenario, 56))
    axes.set_xlabel(
        textwrap.fill(f"{first['label']} ({first['unit'].strip('()')})", 62) + "\n" + say("break_even.assumption", lang)
    )
    unit = unit if lang == "fr" else f"€ {unit}".strip()
    axes.set_ylabel(say("break_even.axis", lang, unit=unit, horizon=horizon))
    axes.grid(axis="y")
    axes.margins(x=0.02, y=0.12)
    local_ticks(axes.xaxis, lang)
    local_ticks(axes.yaxis, lang)


def _verdict(rows: Table, criterion: str, lang: str) -> str:
    """Return what the sizes explored let be said at one threshold, in words."""
    first = next(iter(rows))
    if first["break_even"] is not None and math.isfinite(first["break_even"]):
        value = with_error(first["break_even"], first["break_even_mc_se"], lang)
        return say("break_even.crossing", lang, criterion=criterion, value=value)
    benefits = tuple(Estimate(row["net_benefit"], row["mc_se"]) for row in rows)
    found = BreakEven(first["scenario"], first["threshold"], tuple(rows.column("effect")), benefits, ())
    return say(f"break_even.{found.verdict}", lang, criterion=criterion)
