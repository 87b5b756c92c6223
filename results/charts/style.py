"""How every chart looks and is saved: colours bound to scenarios, footer, same bytes at every drawing."""

import re
import textwrap
import warnings
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter

from results.numbers import number
from results.table import Table, write_csv
from results.texts import say

Chart = tuple[Table, Callable[[], Figure]]  # its data and what draws it

RESOLUTION = 160  # dots per inch of the PNG
INK, MUTED, RULE = "#222222", "#5f6368", "#d0d3d6"
BASELINE_COLOUR = "#7f7f7f"
# Okabe and Ito's palette (2008), less its yellow and black, plus a dark red: safe for colour-blind readers.
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255")
LABEL_WIDTH = 40  # characters of a parameter's title on one line: none of ours takes more than two
CLEAR = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.8}  # behind words that cross a line
MANY = 6  # scenarios beyond which a chart gives up one panel or one hue each
PLAIN, FAINT = "#0072b2", "#b9c0c7"  # with many scenarios: told from zero, and not
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# A scenario keeps its colour in every chart and every run; append only.
_ORDER = (
    "liste_en_sus", "dedicated_allocation", "collaborative_care", "rtms_reimbursed", "ect_extended",
    "ketamine_iv_access", "full_reform", "advocacy_package", "gp_training", "graded_pathway",
    "vigilans_extended", "ald_recognition", "mon_soutien_psy", "equal_access", "professional_campaign",
    "integrated_comorbidity", "good_practice_reference", "psychosocial_rehabilitation",
    "bupropion_reimbursed", "crisis_relay", "caregiver_support", "bipolar_screening", "youth_detection",
    "perinatal_detection", "shared_care", "psychotherapy_package", "segur_31", "sesame_article51",
)  # fmt: skip

STYLE: Any = {
    "font.family": "DejaVu Sans",  # shipped with matplotlib: the same everywhere
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": RULE,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,  # nothing stands above the axes: their titles need not be placed again at every drawing
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8.5,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.hashsalt": "eclaircie",
    "pdf.fonttype": 3,  # outlines: several times faster to write than embedded TrueType
    "text.hinting": "none",  # the same widths at every resolution, so that one layout serves all formats
}
_CANVAS: dict[str, Any] = {"svg": FigureCanvasSVG, "pdf": FigureCanvasPdf, "png": FigureCanvasAgg}
_OPTIONS: dict[str, dict[str, Any]] = {
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}},  # no larger than at 6, and quicker
}


@dataclass(frozen=True)
class Setting:
    """What every chart needs to know of the run it shows."""

    lang: str
    run: str  # short hash of everything that determines the numbers
    people: int
    price_year: int
    titles: Mapping[str, str]  # scenario -> title in `lang`
    assumed: frozenset[str] = frozenset()  # scenarios with an effect of grade D
    colours: Mapping[str, str] = field(default_factory=dict)  # those a scenario file asks for
    source: str = ""  # where the numbers come from, when it is not one run of the model

    def colour(self, scenario: str) -> str:
        """Return the scenario's own colour."""
        return self.colours.get(scenario) or scenario_colour(scenario)

    def title(self, scenario: str, width: int = 0) -> str:
        """Return the scenario's title, marked ▲ if an effect is assumed, wrapped at `width` characters."""
        title = self.titles.get(scenario, scenario) + ("\u00a0▲" if scenario in self.assumed else "")
        return textwrap.fill(title, width, break_long_words=False) if width else title


def _place(scenario: str) -> int:
    return _ORDER.index(scenario) if scenario in _ORDER else zlib.crc32(scenario.encode())


def scenario_colour(scenario: str) -> str:
    """Return the hue bound to a scenario's id."""
    return BASELINE_COLOUR if scenario == "baseline" else HUES[_place(scenario) % len(HUES)]


def scenario_marker(scenario: str) -> str:
    """Return the marker that tells apart scenarios of one hue."""
    return MARKERS[_place(scenario) // len(HUES) % len(MARKERS)]


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches (no window, no global state)."""
    figure = Figure(figsize=(width, height), dpi=RESOLUTION)
    FigureCanvasAgg(figure)
    return figure


def frame(
    figure: Figure,
    setting: Setting,
    title: str,
    *,
    subtitle: str = "",
    notes: tuple[str, ...] = (),
    scenarios: tuple[str, ...] = (),
    legend_rows: int = 0,
) -> None:
    """Write the title above and the source, run and error lines below, leaving the middle to the axes.

    scenarios : those shown, so that the mark ▲ is explained when one of them bears it
    legend_rows : rows of the legend that `top_legend` will write under the title
    """
    height = float(figure.get_figheight())
    figure.text(0.012, 1 - 0.12 / height, title, fontsize=14, fontweight="bold", va="top")
    if subtitle:
        figure.text(0.012, 1 - 0.42 / height, subtitle, fontsize=9.5, color=MUTED, va="top")
    people = number(setting.people, setting.lang)
    source = setting.source or say("chart.source", setting.lang, run=setting.run, people=people)
    if setting.assumed.intersection(scenarios):
        notes = (*notes, say("chart.note_assumption", setting.lang))
    width = int(figure.get_figwidth() * 17.5)
    lines = [line for text in (*notes, source) for line in textwrap.wrap(text, width, break_long_words=False)]
    figure.text(0.012, 0.07 / height, "\n".join(lines), fontsize=7.5, color=MUTED, va="bottom", linespacing=1.35)
    top = (0.72 if subtitle else 0.5) + 0.2 * legend_rows + (0.08 if legend_rows else 0)
    bottom = 0.16 + 0.147 * len(lines)
    rect = (0.005, bottom / height, 0.99, 1 - (top + bottom) / height)
    figure.set_layout_engine("constrained", rect=rect, w_pad=0.06, h_pad=0.06)


def top_legend(figure: Figure, handles: list[Any], names: list[str], *, columns: int, subtitle: bool = False) -> None:
    """Write the legend in the room `frame` left for it under the title."""
    anchor = (0.006, 1 - (0.68 if subtitle else 0.44) / float(figure.get_figheight()))
    legend = figure.legend(
        handles, names, loc="upper left", bbox_to_anchor=anchor, ncols=columns,
        columnspacing=1.6, handlelength=1.6, borderaxespad=0,
    )  # fmt: skip
    legend.set_in_layout(False)


class _LocalNumbers(Formatter):
    """Writes an axis' ticks as a language does, with no more decimals than they need."""

    def __init__(self, lang: str, *, logarithmic: bool) -> None:
        self._lang, self._logarithmic, self._decimals = lang, logarithmic, 0

    def set_locs(self, locs: Any) -> None:
        self._decimals = max((_decimals_of(tick) for tick in locs), default=0)

    def __call__(self, value: float, _: int | None = None) -> str:
        return number(value, self._lang, _decimals_of(value) if self._logarithmic else self._decimals * (value != 0))


def _decimals_of(value: float) -> int:
    return next((d for d in range(7) if abs(round(value, d) - value) <= 1e-9 * abs(value)), 6)


def local_ticks(axis: Any, lang: str) -> None:
    """Write an axis' numbers as `lang` does, with no more decimals than its ticks need."""
    axis.set_major_formatter(_LocalNumbers(lang, logarithmic=axis.get_scale() == "log"))


def label_lines(title: str, break_line: str = "\n") -> str:
    """Return a title cut into lines of `LABEL_WIDTH` at most, about as long as one another.

    An id of another program may be cut after a "_".
    """
    words, cut = title.replace("_", "_\u200b "), partial(textwrap.wrap, break_on_hyphens=False)
    fewest = len(cut(words, LABEL_WIDTH))
    lines = next(found for width in range(2, LABEL_WIDTH + 1) if len(found := cut(words, width)) <= fewest)
    return break_line.join(lines).replace("\u200b ", "").replace("\u200b", "")


def say_in(axes: Axes, words: str) -> None:
    """Write in the middle of a panel why it shows nothing."""
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", color=MUTED, bbox=CLEAR, zorder=6)


def zero_line(axes: Axes, *, vertical: bool = False) -> None:
    """Draw the line of no difference."""
    (axes.axvline if vertical else axes.axhline)(0, color=INK, linewidth=0.9, zorder=3)


def save(figure: Figure, data: Table, folder: Path, setting: Setting, *, french_csv: bool = False) -> list[Path]:
    """Write NAME.LANG.{svg,png,pdf} and NAME.csv (the data drawn) in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{data.name}.csv"]
    write_csv(data, paths[0], french=french_csv)
    with matplotlib.rc_context(STYLE):
        _lay_out_once(figure)
        for kind, options in _OPTIONS.items():
            path = folder / f"{data.name}.{setting.lang}.{kind}"
            # `savefig` draws every figure twice, once to lay it out: that is done already
            figure.set_dpi(RESOLUTION)
            getattr(_CANVAS[kind](figure), f"print_{kind}")(path, **options)
            if kind == "svg":
                _name_clips_in_order(path)
            paths.append(path)
    return paths


def draw_and_save(draw: Callable[[], Figure], data: Table, folder: Path, setting: Setting, french_csv: bool) -> None:
    """Draw a chart and save it (one job for another process)."""
    save(draw(), data, folder, setting, french_csv=french_csv)


def _lay_out_once(figure: Figure) -> None:
    """Lay the figure out for all formats, at places rounded to the same digits at every drawing."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        engine.execute(figure)
        if any("constrained_layout not applied" in str(warning.message) for warning in told):
            engine.execute(figure)  # a second pass settles long labels
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(edge, 5) for edge in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))


def _name_clips_in_order(path: Path) -> None:
    """Name the clipping paths of an SVG in the order met: matplotlib names some by their place in memory."""
    text = path.read_text(encoding="utf-8")
    names = dict.fromkeys(re.findall(r"url\(#(p[0-9a-f]{10})\)", text))
    for rank, name in enumerate(names):
        text = text.replace(name, f"clip{rank}")
    path.write_text(text, encoding="utf-8")
