"""Twenty simulated people as lines, before and after: the same people and the same luck."""

from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from model.states import DEAD, Diary, Health, Treatment
from results.charts.course import STATES
from results.charts.style import INK, STYLE, Setting, frame, new_figure, top_legend
from results.numbers import number
from results.table import Table
from results.texts import label, say

SPECIALISED = (
    Treatment.ESKETAMINE,
    Treatment.KETAMINE_IV,
    Treatment.RTMS,
    Treatment.ECT,
    Treatment.CONTINUATION_ECT,
)
SHOWN = (
    Diary.HEALTH,
    Diary.TREATMENT,
    Diary.CARE,
    Diary.WORK,
    Diary.HOSPITAL_DAYS,
    Diary.ATTEMPTED,
    Diary.TRD,
)
HOSPITAL_COLOUR, SPECIALISED_COLOUR = "#cc79a7", "#009e73"
Lives = NDArray[np.integer[Any]]  # (person, cycle, column of `states.Diary`)


def lives_table(diaries: dict[str, Lives]) -> Table:
    """Return the diaries as rows (scenario, person, month, one column each), people counted from 1."""
    columns = ("scenario", "person", "month", *(column.name.lower() for column in SHOWN))
    rows = [
        (scenario, person + 1, month, *(int(diary[person, month, column]) for column in SHOWN))
        for scenario, diary in diaries.items()
        for person in range(diary.shape[0])
        for month in range(diary.shape[1])
    ]
    return Table("lives", columns, tuple(rows))


def lives_that_differ(before: Lives, after: Lives, people: int) -> NDArray[np.int64]:
    """Return which people to show: first those whose lives the scenario changes, in the order simulated."""
    differ = (before != after).any(axis=(1, 2))
    order = np.concatenate([np.flatnonzero(differ), np.flatnonzero(~differ)])
    return np.asarray(np.sort(order[:people]), dtype=np.int64)


def draw_lives(before: Lives, after: Lives, setting: Setting, scenario: str) -> Figure:
    """Draw two diaries (person, cycle, column) of the same people side by side, one line a person."""
    people, lang = before.shape[0], setting.lang
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5, max(2.6 + 0.3 * people, 4.6))
        title = say("lives.title", lang, persons=number(people, lang))
        differ = int((before != after).any(axis=(1, 2)).sum())
        chosen = say("lives.chosen", lang, differ=differ, people=people)
        subtitle, notes = say("lives.subtitle", lang), (chosen, say("lives.not_error", lang))
        frame(figure, setting, title, subtitle=subtitle, notes=notes, scenarios=(scenario,), legend_rows=3)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, diary, name in zip(panels, (before, after), ("baseline", scenario), strict=True):
            _panel(axes, diary)
            axes.set_title(setting.title(name, 48))
            axes.set_xlabel(say("course.years", lang))
        panels[0].set_ylabel(say("lives.person", lang))
        panels[0].set_yticks(range(people), [str(person + 1) for person in range(people)])
        panels[0].set_ylim(people - 0.4, -0.6)
        handles = _handles(lang)
        top_legend(figure, handles, [handle.get_label() for handle in handles], columns=4, subtitle=True)
    return figure


def _panel(axes: Axes, diary: Lives) -> None:
    months = diary.shape[1]
    for person, life in enumerate(diary):
        health = life[:, Diary.HEALTH]
        alive = ~np.isin(health, DEAD)
        for code, start, length in _runs(health):
            if code not in DEAD:
                colour = STATES[Health(code)]
                axes.broken_barh([(start / 12, length / 12)], (person - 0.2, 0.4), facecolor=colour, linewidth=0)
        if not alive.all():
            end = int(np.argmin(alive))
            mark = "X" if health[end] == Health.DEAD_SUICIDE else "|"
            axes.plot(end / 12, person, mark, color=INK, markersize=7, zorder=6, clip_on=False)
        treated = np.isin(life[:, Diary.TREATMENT], SPECIALISED) & alive
        inpatient = (life[:, Diary.HOSPITAL_DAYS] > 0) & alive
        for flag, low, colour in ((treated, 0.22, SPECIALISED_COLOUR), (inpatient, -0.38, HOSPITAL_COLOUR)):
            bars = [(start / 12, length / 12) for code, start, length in _runs(flag.astype(int)) if code]
            axes.broken_barh(bars, (person + low, 0.16), facecolor=colour, linewidth=0)
        attempts = np.flatnonzero((life[:, Diary.ATTEMPTED] > 0) & alive)
        axes.plot((attempts + 0.5) / 12, np.full(len(attempts), person), "v", color=INK, markersize=5, zorder=6)
    axes.set_xlim(0, months / 12)
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)


def _runs(codes: NDArray[np.integer[Any]]) -> list[tuple[int, int, int]]:
    """Return (code, first place, length) for each stretch of equal codes."""
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    lengths = np.diff(np.r_[starts, len(codes)])
    return [(int(codes[start]), int(start), int(length)) for start, length in zip(starts, lengths, strict=True)]


def _handles(lang: str) -> list[Any]:
    states = [state for state in STATES if state not in DEAD]
    patches: list[Any] = [Patch(facecolor=STATES[state], label=label(state, lang)) for state in states]
    patches.append(Patch(facecolor=HOSPITAL_COLOUR, label=say("lives.inpatient", lang)))
    patches.append(Patch(facecolor=SPECIALISED_COLOUR, label=say("lives.specialised", lang)))
    for mark, text in (
        ("v", say("lives.attempt", lang)),
        ("X", label(Health.DEAD_SUICIDE, lang)),
        ("|", label(Health.DEAD_OTHER, lang)),
    ):
        patches.append(Line2D([], [], marker=mark, color=INK, linestyle="none", label=text))
    return patches
