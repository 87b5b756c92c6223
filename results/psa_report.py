"""From the draws of a probabilistic analysis, ours or anybody's, to a folder: plane, CEAC, frontier, EVPI.

`write_psa` writes the folder, `psa_summary` says the same in words. Per person throughout; every figure has the
standard error of a finite number of draws, and the Monte Carlo noise of the simulated people is taken out of
the spread between draws where its size is known.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import economics
from model.inputs import Registry, load_parameters
from model.psa import Psa
from model.scenario import Scenario, load_scenarios, scenario_names
from results.charts.ceac import draw_ceac
from results.charts.evpi import draw_evpi
from results.charts.plane import QUADRANTS, draw_plane
from results.charts.style import Chart, Setting, draw_and_save
from results.decisions import DROWNED, Curves, Deciders, Decision, decisions, mean_errors, pairs, share_interval
from results.numbers import Z95, euros, euros_between, number, percent, significant, with_error
from results.press import Press
from results.psa_files import write_psa_files
from results.run_folder import code_state, run_folder, run_hash, versions, write_manifest
from results.table import Table, rounded, write_csv, write_workbook
from results.texts import keys, pick, say
from results.uncertainty_texts import cohort_followed

Floats = NDArray[np.float64]

EN_DASH = "\N{EN DASH}"
CURVE_POINTS = 61  # thresholds a curve is drawn through
ALL = "all"  # the set of strategies made elsewhere, which exclude each other unless told otherwise


@dataclass(frozen=True)
class Question:
    """How a PSA is read.

    sets : name -> strategies that exclude each other; None: those the PSA declares, all of them if it was made
        elsewhere
    thresholds : euros per QALY; empty: those of the registry (France has no official one)
    deciders : for whom the decision is taken; None: the people the PSA says it stands for, none if it does not
    command : what the manifest says of the command
    """

    sets: Mapping[str, Sequence[str]] | None = None
    thresholds: tuple[float, ...] = ()
    deciders: Deciders | None = None
    command: tuple[str, ...] = ()
    french_csv: bool = False


@dataclass(frozen=True)
class Reading:
    """A PSA read for one question in one language: decisions, titles, curves."""

    psa: Psa
    question: Question
    lang: str
    _titles: dict[str, str] = field(default_factory=dict)

    @cached_property
    def registry(self) -> Registry:
        """The parameters of the model, at their values of today."""
        return load_parameters()

    @cached_property
    def elsewhere(self) -> bool:
        """Whether another program made the draws."""
        return bool(self.psa.about.get("made_elsewhere"))

    @cached_property
    def thresholds(self) -> tuple[float, ...]:
        """Willingness to pay explored, euros per QALY, rising."""
        return tuple(sorted(self.question.thresholds or self.registry.value("economy.thresholds")))

    @cached_property
    def drawn_thresholds(self) -> tuple[float, ...]:
        """The thresholds marked on charts: three at most."""
        inner = self.thresholds[:: max(1, (len(self.thresholds) + 1) // 3)]
        return inner[:3]

    @cached_property
    def grid(self) -> Floats:
        """The thresholds curves are drawn through, those explored among them."""
        top = max(1.02 * self.thresholds[-1], 1.0)
        return np.unique(np.concatenate([np.linspace(0.0, top, CURVE_POINTS), self.thresholds]))

    @cached_property
    def sets(self) -> Mapping[str, Sequence[str]]:
        if self.question.sets is not None:
            return self.question.sets
        if self.elsewhere:
            return {ALL: self.psa.strategies}
        return dict(self.psa.about.get("exclusive_sets", {}))

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """The scenarios of the repository among the strategies of a PSA of ours."""
        names = [name for name in self.psa.strategies if name in scenario_names()] if not self.elsewhere else []
        return load_scenarios(names, self.registry) if names else []

    @cached_property
    def decisions(self) -> list[Decision]:
        return decisions(self.psa, self.sets)

    @cached_property
    def pairs(self) -> list[Decision]:
        """Each strategy against the comparator, whatever excludes it."""
        return pairs(self.psa, self.decisions)

    @cached_property
    def curves(self) -> dict[str, Curves]:
        """Decision -> its curves over the grid."""
        return {decision.id: decision.curves(self.grid) for decision in self.decisions}

    @cached_property
    def deciders(self) -> Deciders | None:
        if self.question.deciders is not None or not self.psa.persons:
            return self.question.deciders
        return Deciders(self.psa.persons)

    @cached_property
    def comparator(self) -> str:
        return self.psa.strategies[0]

    @cached_property
    def noise_share(self) -> float | None:
        """The largest share of a spread between draws that is Monte Carlo noise, None if unknown."""
        shares = [found.max() for one in self.pairs if (found := one.noise_shares()) is not None]
        return float(max(shares)) if shares else None

    @cached_property
    def setting(self) -> Setting:
        """What every chart needs to know."""
        titles = {name: pick(title, self.lang) for name, title in self.psa.about.get("titles", {}).items()}
        exclusive = say("ceac.exclusive", self.lang)
        for name in self.sets:
            told = say(key, self.lang) if (key := f"exclusive.{name}") in keys() else name
            titles[name] = exclusive if name == ALL else f"{exclusive} ({told})"
        assumed: set[str] = set()
        colours: dict[str, str] = {}
        for scenario in self.scenarios:
            titles.setdefault(scenario.id, pick(scenario.title, self.lang))
            assumed |= {scenario.id} if "D" in scenario.grades else set()
            colours |= {scenario.id: scenario.colour} if scenario.colour else {}
        people = int(self.psa.about.get("people", 0))
        key = "psa.source_elsewhere" if self.elsewhere else "psa.source"
        made = Path(str(self.psa.about.get("source", ""))).name
        told = {"run": self.hash, "draws": number(len(self.psa), self.lang), "people": number(people, self.lang)}
        year = 0 if self.elsewhere else int(self.registry.value("economy.price_year"))
        source = say(key, self.lang, source=made, **told)
        return Setting(self.lang, self.hash, people, year, titles, frozenset(assumed), colours, source)

    @cached_property
    def hash(self) -> str:
        """The run's hash: that of the draws and of how they are read, not of the language."""
        arrays = (self.psa.costs, self.psa.effects, self.psa.parameters)
        parts = {str(k): hashlib.sha256(np.ascontiguousarray(a).tobytes()).hexdigest() for k, a in enumerate(arrays)}
        return run_hash(parts, strategies=self.psa.strategies, thresholds=self.thresholds, sets=self.sets)

    def title(self, name: str) -> str:
        """Return the title of a strategy or of a set of exclusive strategies, its name if it has none."""
        return self.setting.titles.get(name, name)

    @cached_property
    def note(self) -> str:
        """What the draws are, for the foot of a chart."""
        draws = number(len(self.psa), self.lang)
        if self.noise_share is None:
            told = say("psa.note_noise_unknown" if not self.elsewhere else "psa.note", self.lang, draws=draws)
        else:
            told = say("psa.note_noise", self.lang, draws=draws, share=percent(self.noise_share, self.lang, decimals=0))
        return " ".join(part for part in (told, self.cohort) if part)

    @property
    def cohort(self) -> str:
        """Whose lives the draws are of, how long and for whom; nothing if it is not known."""
        if self.elsewhere or not {"years", "perspective"} <= self.psa.about.keys():
            return ""
        return cohort_followed(int(self.psa.about["years"]), str(self.psa.about["perspective"]), self.lang)


def write_psa(psa: Psa, folder: Path, lang: str = "fr", question: Question | None = None) -> Path:
    """Write the decision analysis of a PSA in `folder` (replaced if it is there) and return it.

    Tables, charts, summary, the PSA itself in psa/ for other programs, manifest. The folder appears complete or
    not at all.
    """
    return publish(Reading(psa, question or Question(), lang), folder)


def publish(reading: Reading, folder: Path) -> Path:
    """Write the folder of a PSA already read, and return it."""
    with run_folder(folder) as fresh:
        write_reading(reading, fresh, told=provenance(reading))
    return folder


def write_reading(
    reading: Reading,
    folder: Path,
    more: Sequence[Table] = (),
    told: str = "",
    jobs: int = 1,
    charts: Iterable[Chart] = (),
) -> None:
    """Write the files of a PSA, its tables, charts, summary and manifest in a folder under way.

    more, charts : further tables and charts; told : what the summary says after the PSA
    jobs : processes that write what takes longest
    """
    french = reading.question.french_csv
    tables = [*psa_tables(reading), *more]
    (folder / "tables").mkdir()
    with Press(jobs) as press:
        press.do(write_workbook, tables, folder / "tables.xlsx")
        press.do(write_psa_files, reading.psa, folder / "psa")
        for data, draw in (*psa_charts(reading), *charts):
            press.do(draw_and_save, draw, data, folder / "figures", reading.setting, french)
        for table in tables:
            write_csv(table, folder / "tables" / f"{table.name}.csv", french=french)
        press.wait(lambda *_: None)
    text = reading_summary(reading) + told
    (folder / f"summary.{reading.lang}.txt").write_text(text, encoding="utf-8")
    write_manifest(folder, _manifest(reading))


def psa_summary(psa: Psa, lang: str = "fr", question: Question | None = None) -> str:
    """Return what the PSA says, in words and figures."""
    return reading_summary(Reading(psa, question or Question(), lang))


def _manifest(reading: Reading) -> dict[str, Any]:
    return {
        "run": reading.hash,
        "command": list(reading.question.command),
        "strategies": list(reading.psa.strategies),
        "draws": len(reading.psa),
        "parameters": len(reading.psa.parameter_names),
        "thresholds": list(reading.thresholds),
        "exclusive_sets": {name: list(members) for name, members in reading.sets.items()},
        "psa": {name: value for name, value in reading.psa.about.items() if name != "titles"},
        "language": reading.lang,
        "code": code_state(),
        "versions": versions(),
        "exit": 0,
    }


# ---------------------------------------------------------------- tables


def psa_tables(reading: Reading) -> list[Table]:
    """Return every table of a PSA."""
    tables = [_outcomes(reading), quadrant_shares(reading), _icers(reading), _acceptability(reading), _evpi(reading)]
    return [*tables, *_frontiers(reading)]


def _outcomes(reading: Reading) -> Table:
    """Return means, standard errors, 95 % intervals of parameters, and the share of noise in the spread."""
    rows = []
    psa = reading.psa

    def row(strategy: str, outcome: str, draws: Floats, share: float | None = None, error: float | None = None) -> None:
        error = float(draws.std(ddof=1) / np.sqrt(len(draws))) if error is None else float(error)
        low, high = _interval(draws, share)
        mean, error = rounded(float(draws.mean()), error)
        rows.append((strategy, outcome, mean, error, float(draws.std(ddof=1)), low, high, share))

    for place, strategy in enumerate(psa.strategies):
        row(strategy, "cost", psa.costs[:, place])
        row(strategy, "qaly", psa.effects[:, place])
    for decision in reading.pairs:
        shares = decision.noise_shares()
        cost, effect = (None, None) if shares is None else (float(shares[0]), float(shares[1]))
        costs, effects = decision.clean
        cost_error, effect_error = mean_errors(psa, decision)
        row(decision.id, "incremental_cost", costs[:, 1], cost, cost_error)
        row(decision.id, "incremental_qaly", effects[:, 1], effect, effect_error)
        for threshold in reading.thresholds:
            row(decision.id, f"incremental_net_benefit_{threshold:.0f}", decision.net_benefit(threshold)[:, 1])
    columns = ("strategy", "outcome", "mean", "mc_se", "sd", "lower", "upper", "noise_share_of_variance")
    return Table("psa_outcomes", columns, tuple(rows))


def _interval(draws: Floats, share: float | None) -> tuple[float | None, float | None]:
    """Return the 2.5 and 97.5 % points of the draws; none where nearly all of their spread was noise."""
    if share is not None and share > DROWNED:
        return None, None
    low, high = np.quantile(draws, [0.025, 0.975]).tolist()
    return low, high


def quadrant_shares(reading: Reading) -> Table:
    """Return the share of draws in each quadrant of the plane, with the error of their finite number."""
    rows = []
    for decision in reading.pairs:
        costs, effects = (array[:, 1] for array in decision.shown)
        more_effect, more_cost = effects > 0.0, costs > 0.0
        held = (more_effect & more_cost, more_effect & ~more_cost, ~more_effect & ~more_cost, ~more_effect & more_cost)
        for name, inside in zip(QUADRANTS, held, strict=True):
            share = float(inside.mean())
            rows.append((decision.id, name, share, float(np.sqrt(share * (1.0 - share) / len(costs)))))
    return Table("psa_quadrants", ("strategy", "quadrant", "probability", "mc_se"), tuple(rows))


def _icers(reading: Reading) -> Table:
    """Return mean cost over mean QALYs of each strategy against the comparator, where the quadrant allows it."""
    rows = []
    for decision in reading.pairs:
        costs, effects = (array[:, 1] for array in (decision.costs, decision.effects))
        quadrant, ratio = economics.icer(float(costs.mean()), float(effects.mean()))
        interval = economics.fieller(costs, effects) if ratio is not None else None
        error = economics.ratio_error(costs, effects)[1] if ratio is not None else None
        low, high = interval if interval is not None else (None, None)
        rows.append(
            (decision.id, reading.comparator, costs.mean(), effects.mean(), quadrant.name, ratio, error, low, high)
        )
    columns = (
        *("strategy", "comparator", "inc_cost", "inc_effect", "quadrant"),
        *("icer", "icer_mc_se", "icer_mc_lower", "icer_mc_upper"),
    )
    return Table("psa_icer", columns, tuple(rows))


def _acceptability(reading: Reading) -> Table:
    rows = []
    for decision in reading.decisions:
        found = reading.curves[decision.id]
        for t, threshold in enumerate(found.thresholds.tolist()):
            for place, strategy in enumerate(decision.options):
                share, error = found.ceac[t, place], found.ceac_error[t, place]
                with_noise = found.ceac_with_noise[t, place]
                between = share_interval(share, error, len(reading.psa))
                best = place == found.best[t]
                rows.append((decision.id, threshold, strategy, share, error, best, with_noise, *between))
    columns = (
        *("decision", "threshold", "strategy", "probability", "mc_se", "on_frontier", "probability_with_noise"),
        *("lower", "upper"),
    )
    return Table("psa_ceac", columns, tuple(rows))


def _evpi(reading: Reading) -> Table:
    """Return EVPI by threshold, per person and for everybody concerned."""
    people = reading.deciders.people if reading.deciders is not None else None
    rows = []
    for decision in reading.decisions:
        found = reading.curves[decision.id]
        for t, threshold in enumerate(found.thresholds.tolist()):
            value, error = rounded(found.evpi[t], found.evpi_error[t])
            nation = (None, None) if people is None else (value * people, error * people)
            best = decision.options[found.best[t]]
            rows.append((decision.id, threshold, best, value, error, float(found.evpi_with_noise[t]), people, *nation))
    columns = (
        *("decision", "threshold", "best", "evpi", "mc_se", "evpi_with_noise"),
        *("people", "national_evpi", "national_mc_se"),
    )
    return Table("psa_evpi", columns, tuple(rows))


def _frontiers(reading: Reading) -> list[Table]:
    """Return one table a set of exclusive strategies, columns as dampack's."""
    tables = []
    for decision in reading.decisions:
        if len(decision.options) < 3:
            continue
        places = [reading.psa.strategies.index(option) for option in decision.options]
        costs, effects = (array[:, places].mean(axis=0) for array in (reading.psa.costs, reading.psa.effects))
        found = economics.frontier(costs, effects)
        beaten = [k for k in np.argsort(costs, kind="stable").tolist() if found.status[k] != economics.Status.ND]
        rows = [
            (
                *(decision.options[k], costs[k], effects[k], found.inc_cost[k], found.inc_effect[k], found.icer[k]),
                economics.Status(int(found.status[k])).name,
            )
            for k in [*found.order.tolist(), *beaten]
        ]
        columns = ("Strategy", "Cost", "Effect", "Inc_Cost", "Inc_Effect", "ICER", "Status")
        tables.append(Table(f"frontier_{decision.id}", columns, tuple(rows)))
    return tables


# ---------------------------------------------------------------- charts


def psa_charts(reading: Reading) -> list[Chart]:
    """Return the charts of a PSA: the data of each, and what draws it."""
    psa, rows = reading.psa, []
    for decision in reading.pairs:
        costs, effects = decision.shown
        drawn = zip(psa.iterations.tolist(), effects[:, 1].tolist(), costs[:, 1].tolist(), strict=True)
        rows += [(decision.id, iteration, effect, cost) for iteration, effect, cost in drawn]
    cloud = Table("plane", ("strategy", "iteration", "inc_effect", "inc_cost"), tuple(rows))
    curves = _acceptability(reading).named("ceac")
    comparator = reading.title(reading.comparator)
    shares = quadrant_shares(reading)
    errors = {decision.id: mean_errors(psa, decision).tolist() for decision in reading.pairs}
    noisy = {decision.id for decision in reading.pairs if decision.drowned}
    plane = partial(
        draw_plane, cloud, shares, reading.setting, reading.drawn_thresholds, comparator, errors, noisy, reading.note
    )
    drowned = {decision.id for decision in reading.decisions if decision.drowned}
    ceac = partial(
        draw_ceac, curves, reading.setting, reading.drawn_thresholds, reading.comparator, reading.note, drowned
    )
    perfect = _evpi(reading).named("evpi")
    evpi = partial(draw_evpi, perfect, reading.setting, reading.drawn_thresholds, reading.note, drowned)
    return [(cloud, plane), (curves, ceac), (perfect, evpi)]


# ---------------------------------------------------------------- in words


def reading_summary(reading: Reading) -> str:
    """Return what a PSA already read says, in words and figures."""
    lang, psa = reading.lang, reading.psa
    head = {"draws": number(len(psa), lang), "comparator": reading.title(reading.comparator)}
    lines = [say("psa.title", lang, **head), "", reading.note]
    if reading.noise_share is not None and reading.noise_share > 0.5:
        left = max((one.share_left or 0.0 for one in reading.pairs), default=0.0)
        if left > 0.5:
            lines.append(say("psa.much_noise", lang, share=percent(left, lang, decimals=0)))
    for decision in reading.pairs:
        lines += ["", *_strategy_lines(reading, decision)]
    for decision in reading.decisions:
        lines += ["", *_decision_lines(reading, decision)]
    return "\n".join(lines) + "\n"


def provenance(reading: Reading) -> str:
    """Return what draws of ours, read again, rest on; nothing of those made elsewhere, or by an earlier version."""
    about = reading.psa.about
    if reading.elsewhere or "default_spreads" not in about:
        return ""
    counts = {"defaults": number(about["default_spreads"], reading.lang), "fixed": number(about["fixed"], reading.lang)}
    return "\n" + say("psa.provenance", reading.lang, **counts) + "\n"


def _strategy_lines(reading: Reading, decision: Decision) -> list[str]:
    """Return a strategy's cost and QALYs over the comparator: mean, error, interval, quadrants."""
    lang = reading.lang
    costs, effects = (array[:, 1] for array in decision.clean)
    cost_error, effect_error = mean_errors(reading.psa, decision)
    noise = decision.noise_shares()
    cost_share, effect_share = (None, None) if noise is None else noise.tolist()
    cost = euros(costs.mean(), lang, error=cost_error, signed=True)
    gain = _small(effects.mean(), effect_error, lang)

    def between(draws: Floats, share: float | None, write: Callable[[float], str]) -> str:
        low, high = _interval(draws, share)
        if low is None or high is None:
            return say("psa.drowned", lang)
        return say("psa.interval", lang, low=write(low), high=write(high))

    spread = between(costs, cost_share, lambda value: euros(value, lang, signed=True, digits=2))
    gains = between(effects, effect_share, lambda value: _small(value, 0.0, lang))
    shares = quadrant_shares(reading).where(strategy=decision.id)
    told = (" ; " if lang == "fr" else "; ").join(
        f"{say('quadrant.' + row['quadrant'], lang)} {_share(row['probability'], lang)}"
        for row in shares
        if row["probability"] > 0.0
    )
    lines = [
        reading.setting.title(decision.id),
        "  " + say("psa.cost_line", lang, mean=cost, interval=spread),
        "  " + say("psa.qaly_line", lang, mean=gain, interval=gains),
    ]
    if decision.drowned:
        return lines
    ratio = next(iter(_icers(reading).where(strategy=decision.id)))
    dearer = ratio["quadrant"] == economics.Quadrant.MORE_EFFECT_MORE_COST.name
    if dearer and (ratio["icer_mc_lower"] or 0.0) > 0.0:  # both told from zero
        between_means = (ratio["icer"], ratio["icer_mc_lower"], ratio["icer_mc_upper"])
        lines.append("  " + say("psa.icer_line", lang, ratio=euros_between(*between_means, lang)))
    if (smooth := decision.smooth) is not None and noise is not None:
        shares_told = {
            "seen": percent(float(noise.max()), lang, decimals=0),
            "left": percent(float(smooth.share.max()), lang, decimals=0),
            "explained": percent(float(smooth.explained.min()), lang, decimals=0),
            "held_out": percent(float(smooth.held_out.min()), lang, decimals=0),
        }
        lines.append("  " + say("psa.smoothed", lang, **shares_told))
    return [*lines, "  " + say("psa.quadrants_line", lang, shares=told)]


def _share(share: float, lang: str) -> str:
    """Return a share in whole percent; what rounds to nothing, or to all, is said so."""
    text = percent(share, lang, decimals=0)
    if 0.0 < share < 0.005:
        return "<" + percent(0.01, lang, decimals=0)
    return ">" + percent(0.99, lang, decimals=0) if 0.995 <= share < 1.0 else text


def _small(value: float, error: float, lang: str) -> str:
    """Return QALYs per person, with enough digits for small gains."""
    if error > 0.0:
        return with_error(value, error, lang, signed=True)
    return number(value, lang, min(max(significant(value, 2), 0), 8), signed=True)


def _decision_lines(reading: Reading, decision: Decision) -> list[str]:
    """Return what a decision comes to at each threshold: best option, its probability, EVPI."""
    lang, found = reading.lang, reading.curves[decision.id]
    people = reading.deciders.people if reading.deciders is not None else None

    def line(threshold: str, share: str, evpi: str, nation: str, best: str) -> str:
        return f"  {threshold:>10}  {share:>14}  {evpi:>20}  {nation if people else '':>22}  {best}".rstrip()

    if decision.drowned:
        return [say("psa.decision", lang, title=reading.title(decision.id)), "  " + say("psa.untold", lang)]
    heads = (say(f"psa.head_{name}", lang) for name in ("threshold", "share", "evpi", "nation", "best"))
    told = "  " + say("psa.share_is", lang)
    lines = [say("psa.decision", lang, title=reading.title(decision.id)), told, line(*heads)]
    for threshold in reading.thresholds:
        t = int(np.flatnonzero(found.thresholds == threshold)[0])
        best, evpi, error = int(found.best[t]), float(found.evpi[t]), float(found.evpi_error[t])
        low, high = share_interval(found.ceac[t, best], found.ceac_error[t, best], len(reading.psa))
        between = f"{number(100.0 * low, lang)}{EN_DASH}{number(100.0 * high, lang)}"
        share = f"{percent(found.ceac[t, best], lang, decimals=0)} ({between})"
        nation = at_most(evpi * people, error * people, lang) if people else ""
        title = reading.title(decision.options[best])
        lines.append(line(number(threshold, lang), share, at_most(evpi, error, lang), nation, title))
    return lines


def at_most(value: float, error: float, lang: str) -> str:
    """Return an amount that cannot be below zero: with its error, or what it is at most where not told from zero."""
    if error > 0.0 and value <= Z95 * error:
        return say("psa.at_most", lang, amount=euros(value + Z95 * error, lang, digits=1))
    return amount(value, error, lang)


def amount(value: float, error: float, lang: str) -> str:
    """Return an amount with its error; nothing is said as nothing."""
    return euros(value, lang, error=error) if value or error else euros(0.0, lang, digits=0)
