"""The loops over parameters: probabilistic, one-way, Morris and Sobol; and what chance adds to each.

Every loop makes points (see `model.cells`), has the missing cells computed (`model.workers`), and reads outcomes of
shape (point, scenario, outcome, batch). A lot of people is several batches, each a replica of the stratified
design with luck of its own: batches within points say how much of what is seen is chance (nested analysis of
variance), and products across batches give indices that chance does not inflate.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.cells import OUTCOMES, PERSPECTIVES, Frame, Point
from model.draws import NIL, POSTERIOR, Uncertainty
from model.inputs import Value
from model.psa import Psa
from model.smoothing import kept_by_smoothing

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Compute = Callable[[Frame, Sequence[Point]], "Computed"]

NET_BENEFIT, COST = "net_benefit", "cost"
MEASURES = (NET_BENEFIT, COST, "qalys", "life_years", "episode_months", "suicides")  # of a one-way analysis

Z975 = 1.959963984540054
SHARE_WANTED = 0.10  # of chance in the variance of an incremental net benefit shown
DRAWS_WANTED = 1_000
LEAST_PEOPLE = 1_000
DRAWS_A_CENTRE, FIRST_OF_CENTRE = 50, 1 << 32  # draws for a lot at the central values; the first of these lots
DUST = 1e-9  # per person, below which a difference is rounding
UNMEASURED = 0.025  # share of resamples without variance above which it is not told from nil
FALSE_BARS = 0.05  # share of chance among the bars of a tornado that are told from it


@dataclass(frozen=True)
class Computed:
    """What points came to.

    outcomes : (point, scenario, outcome, batch) per person of the cohort; nan where a point failed
    failed : point -> why, after a second try
    fresh : points computed now; the others were found finished
    seconds : of processor, spent on the fresh points; overhead : of keeping them, over that
    """

    outcomes: Floats
    failed: Mapping[int, str] = field(default_factory=dict)
    fresh: int = 0
    seconds: float = 0.0
    overhead: float = 0.0

    @property
    def persons(self) -> float:
        """People of the nation that the cohort stands for."""
        return float(np.nanmean(self.outcomes[:, :, outcome("persons")]))

    @property
    def sound(self) -> Bools:
        """Which points did not fail, (point,)."""
        return np.asarray(np.isfinite(self.outcomes).all(axis=(1, 2, 3)))


def outcome(name: str) -> int:
    """Return the place of an outcome along its axis."""
    return OUTCOMES.index(name)


def net_benefit(outcomes: Floats, threshold: float, perspective: str = "collective") -> Floats:
    """Return the incremental net benefit over the baseline, euros per person, (…, scenario, batch).

    outcomes : (…, scenario, outcome, batch). The societal perspective leaves out a death's production, as its
    QALYs are already lost.
    """
    benefit = threshold * outcomes[..., outcome("qalys"), :] - outcomes[..., outcome(f"cost_{_costs(perspective)}"), :]
    return np.asarray(benefit - benefit[..., :1, :])


def difference(outcomes: Floats, name: str, threshold: float, perspective: str = "collective") -> Floats:
    """Return an outcome of `MEASURES` less the baseline's, per person, (…, scenario, batch); see `net_benefit`."""
    if name == NET_BENEFIT:
        return net_benefit(outcomes, threshold, perspective)
    found = outcomes[..., outcome(f"cost_{_costs(perspective)}" if name == COST else name), :]
    return np.asarray(found - found[..., :1, :])


def _costs(perspective: str) -> str:
    return "societal_for_qalys" if perspective == "societal" else perspective


# ---------------------------------------------------------------- chance beside parameters

LUCK = ("luck_course",)
LEARNT_ON = 100  # draws, the first ones, that tell how outcomes follow luck: those of a longer run are then the same
LEAST_LEARNT = 10  # batches, beyond those that draws take, for each coefficient


def slopes_of_luck(outcomes: Floats) -> list[Floats] | None:
    """Return how outcomes follow the luck of people, (luck, outcome) a scenario; None with too few draws to tell.

    outcomes : (draw, scenario, outcome, batch)

    They are those by which batches of one draw, whose parameters are the same, follow their luck: the baseline its
    own; what a policy adds, the luck that it adds and the baseline's.
    """
    found = []
    for luck, added in _followed(outcomes[:LEARNT_ON]):
        x, y = (
            np.moveaxis(one - one.mean(axis=-1, keepdims=True), 1, -1).reshape(-1, one.shape[1])
            for one in (luck, added)
        )
        sizes = np.sqrt((x**2).sum(axis=0))
        moves = sizes > 0.0
        if (outcomes.shape[-1] - 1) * min(len(outcomes), LEARNT_ON) < LEAST_LEARNT * moves.sum():
            return None
        slopes = np.zeros((luck.shape[1], added.shape[1]))
        slopes[moves] = np.linalg.lstsq(x[:, moves] / sizes[moves], y, rcond=None)[0] / sizes[moves, None]
        found.append(slopes)
    return found


def without_luck(outcomes: Floats, slopes: list[Floats] | None) -> Floats:
    """Return outcomes, (draw, scenario, outcome, batch), with what luck explains of them taken out: same means.

    Luck has mean nil (`model.luck`), and the slopes hang on it only through many draws (control variates).
    """
    if slopes is None:
        return outcomes
    out, before = outcomes.copy(), np.zeros(1)
    for place, (luck, added) in enumerate(_followed(outcomes)):
        left = added - np.einsum("dlb,lo->dob", luck, slopes[place])
        before = left if place == 0 else before
        out[:, place, _others()] = left if place == 0 else before + left
    return out


def _followed(outcomes: Floats) -> list[tuple[Floats, Floats]]:
    """Return, for each scenario, the luck that it follows and its outcomes, less the baseline's: (draw, …, batch)."""
    lucks, others = outcomes[:, :, [outcome(name) for name in LUCK]], outcomes[:, :, _others()]
    pairs = [(lucks[:, 0], others[:, 0])]
    for place in range(1, outcomes.shape[1]):
        luck = np.concatenate([lucks[:, place] - lucks[:, 0], lucks[:, 0]], axis=1)
        pairs.append((luck, others[:, place] - others[:, 0]))
    return pairs


def _others() -> list[int]:
    """Return the places of the outcomes that follow luck."""
    return [place for place, name in enumerate(OUTCOMES) if name not in (*LUCK, "persons")]


@dataclass(frozen=True)
class Spreading:
    """One outcome over draws, chance taken apart (nested analysis of variance, batches within draws).

    mean, mean_error : over draws, and its standard error (draws and people together)
    sd : of the parameters alone; noise_sd : that chance adds to one draw
    share : of chance in the variance seen between draws, 0 to 1
    low, high : 2.5 and 97.5 % points of the draws, each drawn in towards the mean so that their variance is
        that of the parameters alone; seen : the same points as simulated
    """

    mean: float
    mean_error: float
    sd: float
    noise_sd: float
    share: float
    low: float
    high: float
    seen: tuple[float, float]


def spreading(batches: Floats) -> Spreading:
    """Return what draws and chance each spread an outcome by. batches : (draw, batch)

    Source: O'Hagan, Stevenson, Madan 2007 (Health Econ 16:1009).
    """
    draws, size = batches.shape
    means = batches.mean(axis=1)
    seen = float(means.var(ddof=1))
    noise = float(batches.var(axis=1, ddof=1).mean()) / size
    share = min(1.0, noise / seen) if seen > 0.0 else 0.0
    centre = float(means.mean())
    drawn_in = centre + (means - centre) * np.sqrt(1.0 - share)
    low, high = np.quantile(drawn_in, (0.025, 0.975)).tolist()
    raw = np.quantile(means, (0.025, 0.975)).tolist()
    sd = float(np.sqrt(max(seen - noise, 0.0)))
    return Spreading(
        centre, float(np.sqrt(seen / draws)), sd, float(np.sqrt(noise)), share, low, high, (raw[0], raw[1])
    )


@dataclass(frozen=True)
class Split:
    """How a budget of work is best cut into draws and people, and the share it leaves to chance, once smoothed."""

    draws: int
    people: int
    share: float
    seconds: float


def split_of_work(share: float, people: int, seconds: float, budget: float) -> Split:
    """Return how many draws and people a budget of processor seconds is best spent on.

    share : of chance in what a draw of `people` shows; seconds : of processor that such a draw takes

    First `DRAWS_WANTED` draws of `LEAST_PEOPLE`; then people, until chance has `SHARE_WANTED` of what is shown once
    draws are smoothed over their parameters; then draws. Time is taken to grow as people do, which is a little too
    much for more people, too little for fewer.
    """
    noise = share * people / max(1.0 - share, 1e-6)  # variance of chance with one person, in those of the parameters
    smooth = noise * kept_by_smoothing(DRAWS_WANTED)
    wanted = int(np.ceil(smooth * (1.0 - SHARE_WANTED) / SHARE_WANTED / 500 - 1e-9) * 500)
    affordable = int(budget / DRAWS_WANTED / seconds * people + 1e-6) // 500 * 500
    chosen = max(LEAST_PEOPLE, min(wanted, affordable))
    each = seconds / people * chosen
    draws = max(50, int(budget / each + 1e-6))
    left = noise / chosen * kept_by_smoothing(draws)
    return Split(draws, chosen, left / (1.0 + left), draws * each)


# ---------------------------------------------------------------- probabilistic


@dataclass(frozen=True)
class Probabilistic:
    """A probabilistic analysis: its arrays, and what the draws and chance each add.

    central : (scenario, outcome, batch)    the run at the registry's values, over all lots of people
    """

    psa: Psa
    outcomes: Floats
    central: Floats
    uncertainty: Uncertainty
    failed: Mapping[int, str]
    computed: Computed


def probabilistic(
    frame: Frame, uncertain: Uncertainty, draws: int, seed: int, compute: Compute, perspective: str = "collective"
) -> Probabilistic:
    """Run draws × scenarios; each draw's people are the next lot, the same for all its scenarios.

    The run at the registry's values is over lots of its own, one for `DRAWS_A_CENTRE` draws, two at least. The first
    draws of a longer run are those of a shorter one, and its cells.
    """
    quantiles = uncertain.draw(draws, seed)
    centre = [Point({}, FIRST_OF_CENTRE + lot) for lot in range(max(2, draws // DRAWS_A_CENTRE))]
    points = [Point(values, lot) for lot, values in enumerate(uncertain.values_of(quantiles))]
    computed = compute(frame, [*centre, *points])
    sound = computed.sound[len(centre) :]
    slopes = slopes_of_luck(computed.outcomes[len(centre) :][sound])
    freed = without_luck(computed.outcomes, slopes)
    outcomes = freed[len(centre) :]
    failed = {number - len(centre) + 1: why for number, why in computed.failed.items()}
    parameters = np.array([uncertain.row(point.values) for point in points])[sound]
    central = freed[: len(centre)].transpose(1, 2, 0, 3).reshape(*computed.outcomes.shape[1:3], -1)
    about = {
        "perspective": perspective,
        "years": frame.years,
        "people": frame.people,
        "titles": {scenario.id: scenario.title.model_dump() for scenario in frame.scenarios},
        "exclusive_sets": exclusive_sets(frame),
        "batches_a_draw": frame.batches,
        "lots": min(frame.lots, draws),
        "seed": seed,
        "source_of_draws": uncertain.source,
        "month_0": "past lived again at each draw" if frame.relived else "past of the base values",
        "failed_draws": failed,
    }
    arrays = psa_arrays(frame, outcomes[sound], perspective)
    names, groups = zip(*uncertain.components, strict=True)
    psa = Psa(
        strategies=tuple(scenario.id for scenario in frame.scenarios),
        parameters=parameters,
        parameter_names=names,
        groups=groups,
        iterations=np.flatnonzero(sound) + 1,
        persons=computed.persons,
        about=about,
        **arrays,
    )
    return Probabilistic(psa, outcomes[sound], central, uncertain, failed, computed)


def exclusive_sets(frame: Frame) -> dict[str, list[str]]:
    """Return the declared sets of scenarios that exclude each other, each with the baseline."""
    sets: dict[str, list[str]] = {}
    for scenario in frame.scenarios:
        if scenario.exclusive_set is not None:
            sets.setdefault(scenario.exclusive_set, [frame.scenarios[0].id]).append(scenario.id)
    return sets


def psa_arrays(frame: Frame, outcomes: Floats, perspective: str) -> dict[str, Any]:
    """Return the arrays of a `Psa` from outcomes (draw, scenario, outcome, batch)."""
    name = _costs(perspective)
    cost, effect = outcomes[:, :, outcome(f"cost_{name}")], outcomes[:, :, outcome("qalys")]
    size = outcomes.shape[-1]
    more_cost, more_effect = cost - cost[:, :1], effect - effect[:, :1]

    def noise(a: Floats, b: Floats) -> Floats:
        """Return the covariance of two means over batches, (draw, scenario)."""
        centred = (x - x.mean(axis=-1, keepdims=True) for x in (a, b))
        return np.asarray(np.multiply(*centred).sum(axis=-1) / (size - 1) / size)

    others = [other for other in OUTCOMES if other not in ("qalys", "persons", f"cost_{name}", *LUCK)]
    return {
        "costs": cost.mean(axis=-1),
        "effects": effect.mean(axis=-1),
        "components": {other: outcomes[:, :, outcome(other)].mean(axis=-1) for other in others},
        "cost_noise_var": noise(cost, cost),
        "effect_noise_var": noise(effect, effect),
        "incremental_cost_noise_var": noise(more_cost, more_cost),
        "incremental_effect_noise_var": noise(more_effect, more_effect),
        "incremental_noise_cov": noise(more_cost, more_effect),
    }


# ---------------------------------------------------------------- one-way


@dataclass(frozen=True)
class Bar:
    """One input moved alone, the others at the registry's values.

    tried : what was tried at each end, id -> value (a perspective: its name)
    low, high : the outcome less the baseline's there, (scenario,); their errors are of the difference from the base
    width : how far it moves, (scenario,): the widest of both ends and the base; width_error : its error,
        paired by batch
    kind : "spread" (2.5 and 97.5 % points), "default" (the same, of the stated default), "range" (its ends: a
        convention or a fact, not an uncertainty) or "perspective"
    simulated : whether lives read it
    """

    name: str
    kind: str
    tried: tuple[Mapping[str, Value | str], Mapping[str, Value | str]]
    low: Floats
    high: Floats
    low_error: Floats
    high_error: Floats
    width: Floats
    width_error: Floats
    simulated: bool


@dataclass(frozen=True)
class OneWay:
    """A tornado of an outcome of `MEASURES`: the base, and bars for every input.

    told : (bar, scenario) whether a bar is told from chance; of those told, one in twenty at most is chance
    unread : inputs that no run reads from month 0 on; failed : input -> why, after a second try
    """

    frame: Frame
    outcome: str
    threshold: float
    base: Floats
    base_error: Floats
    bars: tuple[Bar, ...]
    told: Bools
    unread: tuple[str, ...]
    failed: Mapping[str, str]
    computed: Computed


def one_way(
    frame: Frame,
    uncertain: Uncertainty,
    threshold: float,
    compute: Compute,
    read: tuple[frozenset[str], frozenset[str]],
    perspective: str = "collective",
    measure: str = NET_BENEFIT,
) -> OneWay:
    """Move each input alone between its ends; prices, utilities and perspectives live no life again.

    read : ids that lives read, ids that valuation reads; measure : of `MEASURES`
    Errors: RuntimeError if the run at the values of the registry fails.
    """

    def seen(place: int, whose: str = perspective) -> Floats:
        return difference(computed.outcomes[place], measure, threshold, whose)

    lives, worth = read
    ends, unread = _ends(frame, uncertain, lives | worth)
    ends = sorted(ends, key=lambda one: any(member in lives for member in one[2][0]))  # those of the base's lives first
    points = [Point({}), *(Point(values) for _, _, both in ends for values in both)]
    computed = compute(frame, points)
    if 0 in computed.failed:
        raise RuntimeError(f"the run at the values of the registry failed: {computed.failed[0]}")
    base = seen(0)
    bars: list[Bar] = []
    failed: dict[str, str] = {}
    for number, (name, kind, both) in enumerate(ends, start=1):
        places = (2 * number - 1, 2 * number)
        if why := next((computed.failed[place] for place in places if place in computed.failed), None):
            failed[name] = why
            continue
        low, high = (seen(place) for place in places)
        bars.append(_bar(name, kind, both, (low, high, base), any(member in lives for member in both[0])))
    for other in (name.removesuffix("_for_qalys") for name in PERSPECTIVES):
        if other != perspective and measure in (NET_BENEFIT, COST):
            tried = ({"perspective": perspective}, {"perspective": other})
            bars.append(_bar(f"perspective {other}", "perspective", tried, (base, seen(0, other), base), False))
    error = base.std(axis=-1, ddof=1) / np.sqrt(base.shape[-1])
    told = _told_from_chance(bars, base.shape[-1])
    return OneWay(frame, measure, threshold, base.mean(axis=-1), error, tuple(bars), told, unread, failed, computed)


def _bar(
    name: str,
    kind: str,
    tried: tuple[Mapping[str, Value | str], Mapping[str, Value | str]],
    found: tuple[Floats, Floats, Floats],
    simulated: bool,
) -> Bar:
    """Return the bar between two ends. found : low, high and base, each (scenario, batch)"""
    low, high, base = found
    differences = np.stack([high - low, low - base, high - base])
    means, errors = differences.mean(axis=-1), differences.std(axis=-1, ddof=1) / np.sqrt(base.shape[-1])
    widest = np.abs(means).argmax(axis=0)[None]
    width, error = (np.take_along_axis(part, widest, axis=0)[0] for part in (np.abs(means), errors))
    return Bar(name, kind, tried, low.mean(axis=-1), high.mean(axis=-1), errors[1], errors[2], width, error, simulated)


def _told_from_chance(bars: Sequence[Bar], batches: int) -> Bools:
    """Tell which bars are not chance, (bar, scenario), with so many of them tested at once.

    Source: Benjamini, Hochberg 1995 (J R Stat Soc B 57:289), on Student's law over the batches.
    """
    from scipy.stats import false_discovery_control, t

    width, error = (np.stack([getattr(bar, name) for bar in bars]) for name in ("width", "width_error"))
    width = np.where(width > DUST, width, 0.0)
    surprise = np.divide(width, error, out=np.where(width > 0.0, np.inf, 0.0), where=error > 0.0)
    return np.asarray(false_discovery_control(2.0 * t.sf(surprise, batches - 1), axis=0) <= FALSE_BARS)


Ends = tuple[str, str, tuple[dict[str, Value], dict[str, Value]]]


def _ends(frame: Frame, uncertain: Uncertainty, read: frozenset[str]) -> tuple[list[Ends], tuple[str, ...]]:
    """Return (name, kind, values at both ends) of every input that is read, and the names of the others."""
    ends: list[Ends] = []
    unread: list[str] = []
    alone = np.full(len(uncertain.inputs), np.nan)
    for place, one in enumerate(uncertain.inputs):
        if not read & set(one.members):
            unread.append(one.name)
            continue
        if one.name == POSTERIOR:  # draws have no order: each fitted parameter moves alone
            fitted = uncertain.fitted_ends(0.025, 0.975)
            ends += [(name, "spread", (low, high)) for name, low, high in fitted if read & set(low)]
            unread += [name for name, low, _ in fitted if not read & set(low)]
            continue
        both = []
        for quantile in (0.025, 0.975):
            point = alone.copy()
            point[place] = quantile
            both.append(uncertain.values(point))
        kind = "default" if set(one.members) <= uncertain.defaults else "spread"
        ends.append((one.name, kind, (both[0], both[1])))
    for name, why in uncertain.fixed.items():
        parameter = frame.registry[name]
        if why == NIL:  # what no one does yet is a scenario's business, not an uncertainty of these
            continue
        if name in read and isinstance(parameter.value, float) and parameter.range is not None:
            low, high = parameter.range
            if low < high:
                ends.append((name, "range", ({name: low}, {name: high})))
    return ends, tuple(unread)


# ---------------------------------------------------------------- Morris, then Sobol


@dataclass(frozen=True)
class Screening:
    """Elementary effects of every input (Morris 1991; Campolongo 2007), on one outcome.

    mu_star, sigma : (input,)    chance taken off; mu_star_error : its standard error over trajectories
    noise : what mu* chance alone would show
    """

    names: tuple[str, ...]
    mu_star: Floats
    mu_star_error: Floats
    sigma: Floats
    noise: Floats


def screening(names: Sequence[str], design: Floats, benefit: Floats) -> Screening:
    """Return the elementary effects of a Morris design.

    design : (trajectory × (input + 1), input) quantiles; benefit : (point, batch), nan in failed points, whose
        steps are left out
    """
    inputs = design.shape[1]
    steps = np.diff(design.reshape(-1, inputs + 1, inputs), axis=1)
    rises = np.diff(benefit.reshape(-1, inputs + 1, benefit.shape[1]), axis=1)
    effects: list[list[Floats]] = [[] for _ in range(inputs)]
    for trajectory, rise in zip(steps, rises, strict=True):
        for step, one in zip(trajectory, rise, strict=True):
            which = int(np.argmax(np.abs(step)))
            if np.isfinite(one).all():
                effects[which].append(one / step[which])
    rows = [_elementary(np.array(found)) if len(found) > 1 else (np.nan,) * 4 for found in effects]
    mu_star, error, sigma, noise = np.array(rows).T
    return Screening(tuple(names), mu_star, error, sigma, noise)


def _elementary(effects: Floats) -> tuple[float, float, float, float]:
    """Return mu*, its error, sigma and the mu* of chance alone, from effects (trajectory, batch)."""
    count, size = effects.shape
    means = effects.mean(axis=1)
    chance = float(effects.var(axis=1, ddof=1).mean()) / size
    floor = float(np.sqrt(2.0 * chance / np.pi))
    seen = np.abs(means)
    mu_star = float(np.sqrt(max(seen.mean() ** 2 - floor**2, 0.0)))
    sigma = float(np.sqrt(max(means.var(ddof=1) - chance, 0.0)))
    return mu_star, float(seen.std(ddof=1) / np.sqrt(count)), sigma, floor


@dataclass(frozen=True)
class Indices:
    """Sobol indices of some inputs on one outcome, chance taken out; errors by bootstrap of the rows.

    first, total : (input,)    share of the variance that the input explains alone; with all its interactions
    variance : of the outcome over the inputs moved; share : of chance in what was simulated
    """

    names: tuple[str, ...]
    first: Floats
    first_error: Floats
    total: Floats
    total_error: Floats
    variance: float
    share: float


def sobol_indices(names: Sequence[str], benefit: Floats, seed: int, resamples: int = 200) -> Indices:
    """Return first-order and total indices from a Saltelli design without second order.

    benefit : (row × (input + 2), batch), in SALib's order A, AB_1 … AB_n, B; a row with a failed point is left out

    nan where the variance of the inputs is not told from nil (in more than `UNMEASURED` of the resamples).

    Products are taken across batches, whose luck is independent, so that chance enters no index (the pick-freeze
    estimators of Saltelli 2010 and Jansen 1999, each product over pairs of different batches).
    """
    inputs = len(names)
    rows = benefit.reshape(-1, inputs + 2, benefit.shape[1])
    rows = rows[np.isfinite(rows).all(axis=(1, 2))]
    rows = rows - rows[:, [0, -1]].mean(axis=(0, 1))
    first, total, variance = _indices(rows)
    rng = np.random.Generator(np.random.Philox(key=[seed, 7]))
    again = np.array([_indices(rows[rng.integers(0, len(rows), len(rows))])[:2] for _ in range(resamples)])
    if np.isnan(again).any(axis=(1, 2)).mean() > UNMEASURED:
        first = total = np.full(inputs, np.nan)
    errors = np.nanstd(again, axis=0, ddof=1) if np.isfinite(first).all() else np.full((2, inputs), np.nan)
    seen = float(rows[:, [0, -1]].mean(axis=-1).var())
    share = min(max(0.0, 1.0 - variance / seen), 1.0) if seen > 0.0 else 0.0
    return Indices(tuple(names), first, errors[0], total, errors[1], variance, share)


def _indices(rows: Floats) -> tuple[Floats, Floats, float]:
    """Return first-order and total indices and the variance. rows : (row, A AB_1 … AB_n B, batch)"""
    a, crossed, b = rows[:, :1], rows[:, 1:-1], rows[:, -1:]
    both = np.concatenate([a, b], axis=0)
    variance = float(_across(both, both).mean() - _across(both.mean(axis=0), both.mean(axis=0)).mean())
    if variance <= 0.0:
        none = np.full(crossed.shape[1], np.nan)
        return none, none, variance
    first = _across(np.broadcast_to(b, crossed.shape), crossed - a).mean(axis=0) / variance
    total = 0.5 * _across(a - crossed, a - crossed).mean(axis=0) / variance
    return first, total, variance


def _across(x: Floats, y: Floats) -> Floats:
    """Return the mean product over pairs of different batches, along the last axis; the product if there is one."""
    size = x.shape[-1]
    if size == 1:
        return np.asarray((x * y)[..., 0])
    return np.asarray((x.sum(axis=-1) * y.sum(axis=-1) - (x * y).sum(axis=-1)) / (size * (size - 1)))


@dataclass(frozen=True)
class Sweep:
    """Morris over every input, then Sobol over those that matter; by scenario (without the baseline).

    morris_problem, sobol_problem : as SALib writes them; morris_design, sobol_design : quantiles (point, input)
    morris_benefit, sobol_benefit : (point, scenario, batch), nan in points that failed, named in `failed`
    """

    frame: Frame
    threshold: float
    morris_problem: Mapping[str, Any]
    morris_design: Floats
    morris_benefit: Floats
    screenings: Mapping[str, Screening]
    sobol_problem: Mapping[str, Any]
    sobol_design: Floats
    sobol_benefit: Floats
    indices: Mapping[str, Indices]
    failed: Mapping[str, str]
    computed: Computed


def sweep(
    frame: Frame,
    uncertain: Uncertainty,
    threshold: float,
    compute: Compute,
    read: frozenset[str],
    *,
    trajectories: int,
    rows: int,
    kept: int,
    seed: int,
    perspective: str = "collective",
) -> Sweep:
    """Screen every input that runs read, then share out the variance between the `kept` that matter most.

    trajectories : of Morris, whose lowest and highest levels stand for the 2.5 and 97.5 % points
    rows : of Sobol's base sample, a power of two
    """
    from SALib.sample import morris as morris_sample
    from SALib.sample import sobol as sobol_sample

    places = [i for i, one in enumerate(uncertain.inputs) if read & set(one.members)]
    names = [uncertain.inputs[i].name for i in places]
    ids = tuple(scenario.id for scenario in frame.scenarios[1:])
    problem = salib_problem(names)
    design = morris_sample.sample(problem, trajectories, num_levels=4, seed=seed)
    first = compute(frame, _points(uncertain, places, 0.025 + 0.95 * design))
    benefit = net_benefit(first.outcomes, threshold, perspective)
    screenings = {name: screening(names, design, benefit[:, k + 1]) for k, name in enumerate(ids)}
    best = _most_important(list(screenings.values()), kept)
    fewer = salib_problem([names[i] for i in best])
    second_design = sobol_sample.sample(fewer, rows, calc_second_order=False, seed=seed)
    second = compute(frame, _points(uncertain, [places[i] for i in best], second_design))
    shares = net_benefit(second.outcomes, threshold, perspective)
    indices = {name: sobol_indices(fewer["names"], shares[:, k + 1], seed) for k, name in enumerate(ids)}
    failed = {f"morris {i + 1}": why for i, why in first.failed.items()}
    failed |= {f"sobol {i + 1}": why for i, why in second.failed.items()}
    spent = replace(second, fresh=first.fresh + second.fresh, seconds=first.seconds + second.seconds)
    return Sweep(
        *(frame, threshold, problem, design, benefit[:, 1:], screenings),
        *(fewer, second_design, shares[:, 1:], indices, failed, spent),
    )


def salib_problem(names: Sequence[str]) -> dict[str, Any]:
    """Return a SALib problem whose inputs are quantiles: correlated parameters are already one input."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _points(uncertain: Uncertainty, places: Sequence[int], design: Floats) -> list[Point]:
    """Return the points of a design of quantiles over some inputs, the others left alone."""
    quantiles = np.full((len(design), len(uncertain.inputs)), np.nan)
    quantiles[:, list(places)] = design
    return [Point(values) for values in uncertain.values_of(quantiles)]


def _most_important(screenings: Sequence[Screening], kept: int) -> list[int]:
    """Return the inputs with the highest mu* over that of the strongest input, in any scenario."""
    relative = []
    for one in screenings:
        seen = np.nan_to_num(one.mu_star)
        relative.append(seen / max(seen.max(), 1e-300))
    return np.argsort(-np.max(relative, axis=0), kind="stable")[:kept].tolist()
