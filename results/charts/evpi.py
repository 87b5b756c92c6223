"""What knowing everything would be worth, by threshold: EVPI, a panel a decision."""

import math
from collections.abc import Sequence, Set

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from results.charts.style import RULE, STYLE, Setting, frame, local_ticks, new_figure, say_in
from results.numbers import Z95, euro_scale
from results.table import Table
from results.texts import say

COLUMNS = ("decision", "threshold", "evpi", "mc_se", "people")


def draw_evpi(
    data: Table, setting: Setting, thresholds: Sequence[float], note: str, drowned: Set[str] = frozenset()
) -> Figure:
    """Draw rows of `COLUMNS` (euros per person; people concerned, None when unknown).

    thresholds : euros per QALY, marked; note : what the draws are
    drowned : decisions of which chance makes nearly all of the spread: said in place of their curves
    """
    lang = setting.lang
    decisions = list(dict.fromkeys(data.column("decision")))
    columns = min(len(decisions), 3)
    bands = math.ceil(len(decisions) / columns)
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5 if columns > 1 else 9.5, 1.9 + (3.1 if columns > 1 else 4.4) * bands)
        notes, subtitle = (note, say("evpi.note", lang)), say("evpi.subtitle", lang)
        frame(figure, setting, say("evpi.title", lang), subtitle=subtitle, notes=notes, scenarios=tuple(decisions))
        panels = figure.subplots(bands, columns, squeeze=False)
        for place, axes in enumerate(panels.flat):
            if place >= len(decisions):
                axes.axis("off")
                continue
            if decisions[place] in drowned:
                axes.set_xticks([])
                axes.set_yticks([])
                say_in(axes, say("sobol.none", lang))
            else:
                _panel(axes, data.where(decision=decisions[place]), setting, decisions[place], thresholds)
            axes.set_title(setting.title(decisions[place], 36 if columns > 1 else 70))
    return figure


def _panel(axes: Axes, data: Table, setting: Setting, decision: str, thresholds: Sequence[float]) -> None:
    lang, colour = setting.lang, setting.colour(decision)
    for threshold in thresholds:
        axes.axvline(threshold, color=RULE, linestyle="--", linewidth=0.8, zorder=0)
    x, y, error = (np.array(data.column(name), dtype=float) for name in ("threshold", "evpi", "mc_se"))
    half = Z95 * error
    axes.fill_between(x, np.maximum(y - half, 0.0), y + half, color=colour, alpha=0.15, linewidth=0)
    axes.plot(x, y, color=colour, linewidth=1.6)
    top = float((y + half).max()) or 1.0
    axes.set_ylim(0.0, 1.06 * top)
    axes.set_xlim(x.min(), x.max())
    axes.set_xlabel(say("ceac.threshold", lang))
    axes.set_ylabel(say("evpi.axis", lang))
    axes.grid(axis="y")
    axes.locator_params(nbins=5)
    local_ticks(axes.xaxis, lang)
    local_ticks(axes.yaxis, lang)
    people = data.column("people")[0]
    if people is not None:
        scale, unit = euro_scale(top * people, lang)
        nation = axes.secondary_yaxis(
            "right", functions=(lambda value: value * people / scale, lambda value: value * scale / people)
        )
        unit = unit if lang == "fr" else f"€ {unit}".strip()
        nation.set_ylabel(f"{say('voi.nation_head', lang)} ({unit})")
        local_ticks(nation.yaxis, lang)
