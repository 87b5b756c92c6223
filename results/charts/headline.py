"""One picture for a press release: share of the 14 bn saved, QALYs gained, suicides averted."""

from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from results.charts.style import (
    FAINT,
    INK,
    MANY,
    MUTED,
    PLAIN,
    STYLE,
    Setting,
    frame,
    local_ticks,
    new_figure,
    zero_line,
)
from results.numbers import Z95, euros, percent, with_error
from results.table import Table
from results.texts import say

COLUMNS = ("scenario", "measure", "value", "mc_se", "horizon")
MEASURES = ("share_of_burden", "burden_saving", "qalys", "suicides_averted")


def draw_headline(data: Table, setting: Setting, burden: float) -> Figure:
    """Draw the headline from rows (scenario, measure of `MEASURES`, value, mc_se, horizon in words).

    burden : the 14 bn carried to the price year, euros a year
    """
    scenarios = list(dict.fromkeys(data.column("scenario")))
    lang, many = setting.lang, len(scenarios) > MANY
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 2.6 + (0.3 if many else 0.72) * max(len(scenarios), 2))
        burden_text = euros(burden, lang)
        notes = (say("chart.error", lang) + " " + say("chart.price_year", lang, year=setting.price_year),)
        notes = (*notes, say("headline.note_hollow", lang) + (" " + say("headline.note_many", lang) if many else ""))
        frame(figure, setting, say("headline.title", lang), notes=notes, scenarios=tuple(scenarios))
        panels = figure.subplots(1, 3, sharey=True)
        horizon = next((row["horizon"] for row in data.where(measure="qalys")), "")
        _bars(panels[0], data, "share_of_burden", scenarios, setting)
        panels[0].set_title(say("headline.share", lang))
        panels[0].set_xlabel(say("headline.share_axis", lang, burden=burden_text, year=setting.price_year))
        _bars(panels[1], data, "qalys", scenarios, setting)
        panels[1].set_title(say("headline.qalys", lang))
        panels[1].set_xlabel(say("headline.qalys_axis", lang, horizon=horizon))
        _bars(panels[2], data, "suicides_averted", scenarios, setting)
        panels[2].set_title(say("headline.suicides", lang))
        panels[2].set_xlabel(say("headline.suicides_axis", lang, horizon=horizon))
        panels[0].set_yticks(
            range(len(scenarios)), [setting.title(scenario, 0 if many else 26) for scenario in scenarios]
        )
        panels[0].set_ylim(len(scenarios) - 0.45, -0.55)
    return figure


def _bars(axes: Axes, data: Table, measure: str, scenarios: list[str], setting: Setting) -> None:
    """Draw one bar a scenario with its 95 % error and its value written at its end."""
    rows = {row["scenario"]: row for row in data.where(measure=measure)}
    scale = 100 if measure == "share_of_burden" else 1
    many = len(scenarios) > MANY
    ends = [0.0]
    for place, scenario in enumerate(scenarios):
        if scenario not in rows:
            continue
        row = rows[scenario]
        value, half = scale * row["value"], scale * Z95 * row["mc_se"]
        told, colour = abs(value) > half, PLAIN if many else setting.colour(scenario)
        face, edge = (colour, "none") if told else ("white", FAINT)
        height = 0.6 if many else 0.5
        axes.barh(place, value, height=height, facecolor=face, edgecolor=edge, linewidth=1.0, zorder=2)
        axes.errorbar(value, place, xerr=half, color=INK if told else MUTED, linewidth=1.1, capsize=2.5, zorder=4)
        ends += [value - half, value + half]
    reach = max(max(ends) - min(ends), 1e-12)
    for place, scenario in enumerate(scenarios):
        if scenario in rows:
            value, half = scale * rows[scenario]["value"], scale * Z95 * rows[scenario]["mc_se"]
            if many and abs(value) <= half:
                continue  # nothing is told of what cannot be told from zero
            text = _text(rows[scenario], measure, data, setting.lang)
            if abs(value) <= half:
                text = say("headline.not_told", setting.lang) + "\n(" + text.replace("\n", " ;\n") + ")"
            text = text.partition("\n")[0] if many else text
            end = max(value + half, 0.0)
            axes.text(
                end + 0.03 * reach, place, text, va="center", fontsize=7.5 if many or abs(value) <= half else 8.5,
                linespacing=1.3, zorder=5, color=INK if abs(value) > half else MUTED,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2},
            )  # fmt: skip
    axes.set_xlim(min(ends) - 0.04 * reach, max(ends) + 0.85 * reach)
    axes.grid(axis="x")
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=4 if many else 5)
    local_ticks(axes.xaxis, setting.lang)
    zero_line(axes, vertical=True)


def _text(row: dict[str, Any], measure: str, data: Table, lang: str) -> str:
    """Return what is written at the end of a bar: the value, its error, and for shares the euros."""
    if measure != "share_of_burden":
        return with_error(row["value"], row["mc_se"], lang, signed=True)
    share = percent(row["value"], lang, error=row["mc_se"], signed=True)
    saving = next(iter(data.where(scenario=row["scenario"], measure="burden_saving")), None)
    if saving is None:
        return share
    amount = euros(saving["value"], lang, error=saving["mc_se"], signed=True)
    return share + "\n" + say("headline.per_year", lang, amount=amount)
