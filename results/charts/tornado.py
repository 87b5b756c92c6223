"""One input at a time: net benefit at a stated threshold between the ends tried, widest on top.

Net benefit, because a ratio jumps where the quadrant changes.
"""

from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from model.uncertainty import DUST
from results.charts.style import (
    CLEAR,
    HUES,
    INK,
    MUTED,
    STYLE,
    Setting,
    frame,
    label_lines,
    local_ticks,
    new_figure,
    say_in,
    top_legend,
    zero_line,
)
from results.numbers import Z95, euros, with_error
from results.table import Table
from results.texts import say

COLUMNS = (
    *("scenario", "input", "title", "low_tried", "high_tried"),  # the values tried, as text
    *("low", "high", "low_mc_se", "high_mc_se", "base", "base_mc_se"),  # less the baseline's, per person or `PER`
    *("width", "told", "kind"),  # of the bar; whether it is told from chance; what its ends are
)
PER = {"qalys": 1_000, "life_years": 1_000, "episode_months": 1_000, "suicides": 100_000}  # people; euros: per person
BARS, HOLLOW = 15, 5  # most bars a panel; most of those not told from chance
LEAST_SEEN = 0.01  # of the widest bar
LOW, HIGH = HUES[5], HUES[1]
MARKS = {"default": "\u00a0*", "range": "\u00a0†"}  # after a title, by kind of bar: explained at the foot


def outcome_amount(outcome: str, value: float, lang: str, *, error: float = 0.0, signed: bool = True) -> str:
    """Return an outcome of a one-way analysis, already per `PER` people: euros or a number, with its error if given."""
    if outcome in PER:
        return with_error(value, error, lang, signed=signed)
    return euros(value, lang, error=error, signed=signed, digits=3 if value else 0)


def draw(
    data: Table, setting: Setting, threshold: float, notes: Sequence[str] = (), outcome: str = "net_benefit"
) -> Figure:
    """Draw rows of `COLUMNS`, a panel a scenario. threshold : euros per QALY; notes : for the foot."""
    lang = setting.lang
    scenarios = tuple(dict.fromkeys(data.column("scenario")))
    of_scenario = {name: data.where(scenario=name) for name in scenarios}
    heights = [1.25 + 0.31 * max(len(_widest(rows, outcome)), 1) for rows in of_scenario.values()]
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, 2.4 + sum(heights))
        subtitle = say(f"tornado.of.{outcome}", lang, threshold=euros(threshold, lang))
        subtitle = subtitle[0].upper() + subtitle[1:]
        shown = {row["kind"] for rows in of_scenario.values() for row in _widest(rows, outcome)}
        feet = (
            say("tornado.note", lang),
            *(say(f"tornado.note_{kind}", lang) for kind in MARKS if kind in shown),
            *notes,
        )
        frame(
            figure, setting, say("tornado.title", lang),
            subtitle=subtitle, notes=feet, scenarios=scenarios, legend_rows=1,
        )  # fmt: skip
        panels = figure.subplots(len(scenarios), 1, squeeze=False, height_ratios=heights)[:, 0]
        for axes, (scenario, rows) in zip(panels, of_scenario.items(), strict=True):
            _panel(axes, rows, setting, scenario, outcome)
        handles = [Patch(color=LOW), Patch(color=HIGH)]
        names = [say("tornado.low", lang), say("tornado.high", lang)]
        top_legend(figure, handles, names, columns=2, subtitle=True)
    return figure


def _widest(rows: Table, outcome: str) -> list[dict[str, Any]]:
    """Return the bars shown, widest first: those told from chance, and a few wider ones that are not.

    The table has the others, and those too thin to be seen.
    """
    dust = DUST * PER.get(outcome, 1)
    by_width = sorted((row for row in rows if row["width"] > dust), key=lambda row: row["width"], reverse=True)
    told = [row for row in by_width if row["told"]][:BARS]
    told = [row for row in told if row["width"] > LEAST_SEEN * told[0]["width"]]
    least = told[-1]["width"] if told else 0.0
    hollow = [row for row in by_width if not row["told"] and row["width"] > least][:HOLLOW]
    return sorted([*told, *hollow], key=lambda row: row["width"], reverse=True)


def _panel(axes: Axes, data: Table, setting: Setting, scenario: str, outcome: str) -> None:
    lang = setting.lang
    base, error = (next(iter(data))[name] for name in ("base", "base_mc_se"))
    rows = _widest(data, outcome)
    ends = [base, 0.0]
    for place, row in enumerate(rows):
        for end, colour in (("low", LOW), ("high", HIGH)):
            value, half = row[end], Z95 * row[f"{end}_mc_se"]
            same_side = (row["low"] - base) * (row["high"] - base) > 0.0
            thin = same_side and abs(value - base) < max(abs(row["low"] - base), abs(row["high"] - base))
            look = {"color": colour} if row["told"] else {"facecolor": "none", "edgecolor": colour, "linewidth": 1.0}
            axes.barh(place, value - base, left=base, height=0.36 if thin else 0.66, zorder=4 if thin else 2, **look)
            if half > 0.0:
                axes.errorbar(value, place, xerr=half, color=INK, linewidth=0.9, capsize=1.8, zorder=5)
            ends += [value - half, value + half]
    reach = (max(ends) - min(ends)) or 1.0
    for place, row in enumerate(rows):
        left, right = sorted(("low", "high"), key=lambda end: row[end])
        halves = [Z95 * row[f"{end}_mc_se"] for end in (left, right)]
        beyond = (
            min(base, row[left] - halves[0], row[right] - halves[1]),
            max(base, row[left] + halves[0], row[right] + halves[1]),
        )
        for end, x, side, gap in ((left, beyond[0], "right", -0.008), (right, beyond[1], "left", 0.008)):
            axes.text(
                x + gap * reach,
                place,
                row[f"{end}_tried"],
                ha=side,
                va="center",
                fontsize=7,
                color=MUTED,
                zorder=6,
                bbox=CLEAR,
            )
    axes.set_xlim(min(ends) - 0.17 * reach, max(ends) + 0.17 * reach)
    axes.set_yticks(
        range(len(rows)), [label_lines(row["title"] + MARKS.get(row["kind"], "")) for row in rows], fontsize=8
    )
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.axvline(base, color=INK, linewidth=1.1, zorder=3)
    if min(ends) < 0.0 < max(ends):
        zero_line(axes, vertical=True)
        axes.lines[-1].set_linestyle(":")
    if not rows:
        say_in(axes, say("tornado.none", lang))
    amount = outcome_amount(outcome, base, lang, error=error)
    axes.set_title(setting.title(scenario, 90) + "\u2002" + say("tornado.base", lang, amount=amount))
    axes.set_xlabel(say(f"tornado.axis.{outcome}", lang))
    axes.grid(axis="x")
    axes.tick_params(left=False)
    axes.locator_params(axis="x", nbins=7)
    local_ticks(axes.xaxis, lang)
