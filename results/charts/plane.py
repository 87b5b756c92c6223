"""The cost-effectiveness plane: incremental cost against incremental QALYs, a panel a policy."""

import math
from collections.abc import Mapping, Sequence, Set

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import gaussian_kde

from results.charts.style import INK, MUTED, STYLE, Setting, frame, local_ticks, new_figure
from results.numbers import euros, percent, with_error
from results.table import Table
from results.texts import say

COLUMNS = ("strategy", "iteration", "inc_effect", "inc_cost")
QUADRANTS = ("more_effect_more_cost", "more_effect_less_cost", "less_effect_less_cost", "less_effect_more_cost")
_CORNERS = ((0.98, 0.98), (0.98, 0.02), (0.02, 0.02), (0.02, 0.98))
SMALL_EFFECT = 0.05  # QALYs a person: smaller gains are read per thousand people
REGION = 0.95
NEARER = (1.0, 0.88, 0.77, 0.67, 0.58, 0.5)  # shares of a threshold's line at which its name is tried
APART = (0.2, 0.05)  # least distance of two names, in shares of the panel
SMOOTH = 1.5  # bandwidth of the region's kernel, over Scott's rule: a few hundred draws have no dents to show
GRID = 120  # points a side on which the region is drawn


def draw_plane(
    data: Table,
    quadrants: Table,
    setting: Setting,
    thresholds: Sequence[float],
    comparator: str,
    errors: Mapping[str, Sequence[float]],
    noisy: Set[str],
    note: str,
) -> Figure:
    """Draw rows of `COLUMNS` (per person), and rows (strategy, quadrant of `QUADRANTS`, probability, mc_se).

    thresholds : euros per QALY, dashed; comparator : its title; note : what the draws are
    errors : strategy -> standard errors of its mean cost and effect
    noisy : strategies drawn as simulated, because noise makes nearly all of their spread
    """
    lang = setting.lang
    strategies = list(dict.fromkeys(data.column("strategy")))
    columns = min(len(strategies), 3)
    bands = math.ceil(len(strategies) / columns)
    persons = 1000 if max(abs(effect) for effect in data.column("inc_effect")) < SMALL_EFFECT else 1
    with matplotlib.rc_context(STYLE):
        figure = new_figure(11.5 if columns > 1 else 9.5, 1.9 + (3.7 if columns > 1 else 5.2) * bands)
        year = say("chart.price_year", lang, year=setting.price_year) if setting.price_year else ""
        notes = (note, f"{say('plane.region', lang)} {year}")
        frame(
            figure, setting, say("plane.title", lang, comparator=comparator), notes=notes, scenarios=tuple(strategies)
        )
        panels = figure.subplots(bands, columns, squeeze=False)
        for place, axes in enumerate(panels.flat):
            if place >= len(strategies):
                axes.axis("off")
                continue
            strategy = strategies[place]
            _panel(
                axes,
                data.where(strategy=strategy),
                quadrants.where(strategy=strategy),
                setting,
                persons,
                errors[strategy],
            )
            _thresholds(axes, thresholds, lang)
            axes.set_title(setting.title(strategy, 34 if columns == 3 else 60), pad=13)
            if strategy in noisy:
                _say_noise(axes, lang)
            axes.set_xlabel(say("plane.effect", lang, per=say(f"plane.per_{persons}", lang)))
            axes.set_ylabel(
                say("plane.cost", lang, per=say(f"plane.per_{persons}", lang)) if place % columns == 0 else ""
            )
    return figure


def _panel(axes: Axes, data: Table, quadrants: Table, setting: Setting, persons: int, errors: Sequence[float]) -> None:
    strategy = data.rows[0][0]
    effects = persons * np.array(data.column("inc_effect"), dtype=float)
    costs = persons * np.array(data.column("inc_cost"), dtype=float)
    colour, lang = setting.colour(strategy), setting.lang
    many = len(costs) > 300
    axes.plot(effects, costs, "o", color=colour, markersize=2 if many else 3.5, alpha=0.35, mew=0, rasterized=many)
    _limits(axes, effects, costs)
    _region(axes, effects, costs, colour)
    axes.plot(effects.mean(), costs.mean(), "D", color=INK, markersize=5.5, zorder=6)
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.axvline(0, color=INK, linewidth=0.9)
    gain = with_error(effects.mean(), persons * errors[1], lang, unit="QALY", signed=True)
    cost = euros(costs.mean(), lang, error=persons * errors[0], signed=True)
    shares = {row["quadrant"]: row["probability"] for row in quadrants}
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.8}
    for quadrant, (x, y) in zip(QUADRANTS, _CORNERS, strict=True):
        axes.text(
            x, y, percent(shares.get(quadrant, 0.0), lang, decimals=0), transform=axes.transAxes, fontsize=10,
            fontweight="bold", ha="right" if x > 0.5 else "left", va="top" if y > 0.5 else "bottom", bbox=box, zorder=7,
        )  # fmt: skip
    axes.text(
        0.5, 0.015, f"◆ {gain}\n{cost}", transform=axes.transAxes, fontsize=7.5, ha="center", va="bottom",
        color=INK, bbox=box, zorder=7,
    )  # fmt: skip
    local_ticks(axes.xaxis, lang)
    local_ticks(axes.yaxis, lang)
    axes.locator_params(nbins=5)


def _say_noise(axes: Axes, lang: str) -> None:
    axes.text(
        0.5, 0.985, say("plane.noisy", lang), transform=axes.transAxes, fontsize=7.5, ha="center", va="top",
        color=INK, style="italic", bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0}, zorder=8,
    )  # fmt: skip


def _limits(axes: Axes, effects: np.ndarray, costs: np.ndarray) -> None:
    """Show all four quadrants, and room for what is written in the corners."""
    for low, high, apply, above in (
        (effects.min(), effects.max(), axes.set_xlim, 0.1),
        (costs.min(), costs.max(), axes.set_ylim, 0.14),
    ):
        reach = max(high, 0.0) - min(low, 0.0) or 1.0
        apply(min(low, -0.14 * reach) - 0.12 * reach, max(high, 0.12 * reach) + above * reach)


def _region(axes: Axes, effects: np.ndarray, costs: np.ndarray, colour: str) -> None:
    """Outline the smallest region that holds 95 % of the draws (kernel density)."""
    if min(np.ptp(effects), np.ptp(costs)) <= 0.0:
        return
    try:
        density = gaussian_kde(np.vstack([effects, costs]), lambda kernel: SMOOTH * kernel.scotts_factor())
    except np.linalg.LinAlgError:  # all draws on one line
        return
    level = np.quantile(density(np.vstack([effects, costs])), 1.0 - REGION)
    x, y = np.linspace(*axes.get_xlim(), GRID), np.linspace(*axes.get_ylim(), GRID)
    heights = density(np.vstack([found.ravel() for found in np.meshgrid(x, y)])).reshape(GRID, GRID)
    axes.contour(x, y, heights, levels=[level], colors=[colour], linewidths=1.4)


def _thresholds(axes: Axes, thresholds: Sequence[float], lang: str) -> None:
    """Draw each threshold as a dashed line through the origin, named where it leaves the panel, or nearer if taken."""
    left, right = axes.get_xlim()
    low, high = axes.get_ylim()
    taken: list[tuple[float, float]] = []
    for threshold in thresholds:
        axes.plot([left, right], [threshold * left, threshold * right], "--", color=MUTED, linewidth=0.8, zorder=1)
        exit_at = min(right, high / threshold) if threshold > 0 else right
        for share in NEARER:
            x, y = share * exit_at, min(share * threshold * exit_at, high)
            place = (x - left) / (right - left), (y - low) / (high - low)
            if all(abs(place[0] - x0) > APART[0] or abs(place[1] - y0) > APART[1] for x0, y0 in taken):
                break
        taken.append(place)
        on_edge, steep = share == NEARER[0], exit_at < right
        axes.text(
            x, y, euros(threshold, lang), fontsize=6.5, color=MUTED, clip_on=False,
            ha="center" if steep or not on_edge else "left", va="bottom" if steep and on_edge else "center",
            bbox=None if on_edge else {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
        )  # fmt: skip
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
