"""Budget impact: cash flows that differ from the baseline, stacked by payer a year, net line on top."""

import math

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from results.charts.style import INK, STYLE, Setting, frame, local_ticks, new_figure, zero_line
from results.numbers import Z95, euro_scale
from results.table import Table
from results.texts import say

COLUMNS = ("scenario", "year", "payer", "difference", "mc_se")
NET = "NET"
PALE = 0.3  # opacity of what is not told from zero
PAYERS = {
    "AMO": "#0072b2",
    "AMC": "#56b4e9",
    "PATIENT": "#e69f00",
    "HOSPITAL_EPSM": "#009e73",
    "HOSPITAL_OTHER": "#8fd3b6",
    "STATE": "#cc79a7",
    "EMPLOYER": "#882255",
}


# Categories of the budget of the Assurance maladie, those beside each other in one hue.
CATEGORIES = {
    "ESKETAMINE_DEVICES": "#d55e00",
    "SPECIALISED": "#e69f00",
    "DRUGS": "#cc79a7",
    "AMBULATORY": "#56b4e9",
    "PSYCHOTHERAPY": "#a9d8f5",
    "HOSPITAL": "#009e73",
    "EMERGENCY": "#8fd3b6",
    "PROGRAMME": "#882255",
    "TRANSFERS": "#b9c0c7",
}


def draw_budget_insurer(data: Table, setting: Setting) -> Figure:
    """Draw rows (scenario, calendar year, category or NET, difference in euros a year, mc_se)."""
    shown = data.renamed({"category": "payer"})
    return _stacked(shown, setting, CATEGORIES, "Category", say("budget.title_insurer", setting.lang))


def draw_budget(data: Table, setting: Setting) -> Figure:
    """Draw rows (scenario, calendar year, payer or NET, difference in euros a year, mc_se)."""
    return _stacked(data, setting, PAYERS, "Payer", say("budget.title", setting.lang))


def _stacked(data: Table, setting: Setting, colours: dict[str, str], words: str, title: str) -> Figure:
    scenarios = list(dict.fromkeys(data.column("scenario")))
    columns = min(max(len(scenarios), 1), 2)
    bands = max(math.ceil(len(scenarios) / columns), 1)
    lang = setting.lang
    parts = {
        part: (colour, say(f"{words}.{part}", lang))
        for part, colour in colours.items()
        if any(data.where(payer=part).column("difference"))
    }
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 2.1 + 3.5 * bands)
        notes = (say("budget.note", lang) + " " + say("chart.price_year", lang, year=setting.price_year),)
        frame(
            figure,
            setting,
            title,
            notes=(*notes, say("budget.note_pale", lang), say("chart.error", lang)),
            scenarios=tuple(scenarios),
        )
        panels = figure.subplots(bands, columns, squeeze=False)
        for place, axes in enumerate(panels.flat):
            if place < len(scenarios):
                _panel(axes, data.where(scenario=scenarios[place]), parts, setting, scenarios[place])
            else:
                axes.axis("off")
        _legend(figure, panels[0, 0], parts)
    return figure


def _shades(colour: str, flow: np.ndarray, half: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Return the colour of each bar: pale where it is not told from zero."""
    return [to_rgba(colour, 1.0 if abs(one) > error else PALE) for one, error in zip(flow, half, strict=True)]


def _legend(figure: Figure, axes: Axes, parts: dict[str, tuple[str, str]]) -> None:
    net, names = axes.get_legend_handles_labels()
    patches = [Patch(facecolor=colour) for colour, _ in parts.values()]
    figure.legend([*patches, *net], [*(name for _, name in parts.values()), *names], loc="outside right center")


def _panel(axes: Axes, data: Table, parts: dict[str, tuple[str, str]], setting: Setting, scenario: str) -> None:
    lang = setting.lang
    years = np.array(data.where(payer=NET).column("year"), dtype=int)
    net = np.array(data.where(payer=NET).column("difference"), dtype=float)
    errors = np.array(data.where(payer=NET).column("mc_se"), dtype=float)
    flows = {part: np.array(data.where(payer=part).column("difference"), dtype=float) for part in parts}
    size = max((float(np.abs(flow).max()) for flow in [net, *flows.values()]), default=1.0)
    scale, unit = euro_scale(size, lang)
    above, below = np.zeros(len(years)), np.zeros(len(years))
    for part, flow in flows.items():
        start = np.where(flow >= 0, above, below)
        half = Z95 * np.array(data.where(payer=part).column("mc_se"), dtype=float)
        axes.bar(
            years, flow / scale, bottom=start / scale, width=0.72, color=_shades(parts[part][0], flow, half),
            edgecolor="white", linewidth=0.4, zorder=2,
        )  # fmt: skip
        above, below = above + np.maximum(flow, 0), below + np.minimum(flow, 0)
    axes.errorbar(
        years, net / scale, yerr=Z95 * errors / scale, color=INK, marker="o", markersize=4.5, capsize=2.5,
        linewidth=1.6, label=say("budget.net", lang), zorder=5, markerfacecolor="white",
    )  # fmt: skip
    axes.set_title(setting.title(scenario, 48))
    axes.set_ylabel(say("budget.axis", lang, unit=unit if lang == "fr" else f"€ {unit}".strip()))
    axes.set_xticks(years, [str(year) for year in years])
    axes.grid(axis="y")
    local_ticks(axes.yaxis, lang)
    zero_line(axes)


def draw_budget_totals(data: Table, setting: Setting) -> Figure:
    """Draw one stacked bar a scenario, by payer, over the first years together, with the net total: for many."""
    lang, net = setting.lang, {row["scenario"]: row for row in data.where(payer=NET)}
    order = sorted(net, key=lambda name: -net[name]["difference"])
    payers = [payer for payer in PAYERS if any(data.where(payer=payer).column("difference"))]
    size = max((abs(row["difference"]) for row in data), default=1.0)
    scale, unit = euro_scale(size, lang)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 2.2 + 0.3 * len(order))
        notes = (say("budget.note", lang) + " " + say("chart.price_year", lang, year=setting.price_year),)
        title = say("budget.title_totals", lang, years=next(iter(data))["years"])
        frame(
            figure,
            setting,
            title,
            notes=(*notes, say("budget.note_pale", lang), say("chart.error", lang)),
            scenarios=tuple(order),
        )
        axes = figure.subplots()
        ends = [np.zeros(len(order)), np.zeros(len(order))]
        for payer in payers:
            found = {row["scenario"]: (row["difference"], Z95 * row["mc_se"]) for row in data.where(payer=payer)}
            flow, half = np.array([found[name] for name in order]).T / scale
            start = np.where(flow >= 0, ends[1], ends[0])
            axes.barh(
                range(len(order)), flow, left=start, height=0.66, color=_shades(PAYERS[payer], flow, half),
                edgecolor="white", linewidth=0.4, zorder=2,
            )  # fmt: skip
            ends = [ends[0] + np.minimum(flow, 0), ends[1] + np.maximum(flow, 0)]
        values = np.array([net[name]["difference"] for name in order]) / scale
        errors = Z95 * np.array([net[name]["mc_se"] for name in order]) / scale
        axes.errorbar(
            values, range(len(order)), xerr=errors, color=INK, marker="o", markersize=4, capsize=2, linestyle="none",
            linewidth=1.1, label=say("budget.net", lang), zorder=5, markerfacecolor="white",
        )  # fmt: skip
        axes.set_yticks(range(len(order)), [setting.title(name) for name in order])
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.set_xlabel(say("budget.axis_totals", lang, unit=unit if lang == "fr" else f"€ {unit}".strip()))
        axes.grid(axis="x")
        axes.tick_params(left=False)
        local_ticks(axes.xaxis, lang)
        zero_line(axes, vertical=True)
        _legend(figure, axes, {payer: (PAYERS[payer], say(f"Payer.{payer}", lang)) for payer in payers})
    return figure
