"""The decisions a probabilistic analysis bears on, and what they come to: probabilities, frontier, EVPI.

Policies are not exclusive: each is a decision of its own, taken or not. Only strategies declared to exclude
each other are weighed together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model import economics, information, smoothing
from model.psa import Psa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


SMOOTHED_FROM = 0.1  # share of noise in a spread above which draws are smoothed over their parameters
WEIGHED = (20_000.0, 50_000.0, 100_000.0)  # euros per QALY at which noise in a net benefit is looked for
# Shares of the parameters' own spread that a smoothing tells of draws it had not seen: enough; too little in any case.
MOST_TOLD, LEAST_TOLD = 0.5, 0.25
DROWNED = 0.9  # share of noise in a spread above which what is left of it is not told


@dataclass(frozen=True)
class Deciders:
    """For whom a decision is taken, to carry a value per person to a nation.

    prevalent : people concerned at the start; incident : people a year after
    years, rate : how long the decision stands; discount rate, a year
    """

    prevalent: float
    incident: float = 0.0
    years: float = 10.0
    rate: float = 0.025

    @property
    def people(self) -> float:
        """People concerned, those to come discounted."""
        return information.people_deciding(self.prevalent, self.incident, self.years, self.rate)


@dataclass(frozen=True)
class Curves:
    """What a decision comes to by threshold; errors are standard errors of a finite number of draws.

    ceac, ceac_error, ceac_with_noise : (threshold, option)    probability of being the most cost-effective
    best, ceaf : (threshold,)    option with the highest mean net benefit, and its probability
    evpi, evpi_error, evpi_with_noise : (threshold,)           euros per person
    """

    thresholds: Floats
    ceac: Floats
    ceac_error: Floats
    ceac_with_noise: Floats
    best: Ints
    ceaf: Floats
    evpi: Floats
    evpi_error: Floats
    evpi_with_noise: Floats


@dataclass(frozen=True)
class Decision:
    """Options among which one is chosen, the comparator first.

    id : the policy weighed against the comparator, or the name of the set of exclusive options
    costs, effects : (draw, option)    differences from the comparator, as simulated
    noise : covariance of the Monte Carlo error of (costs, effects) of the options but the first, None if unknown
    parameters : (draw, parameter)    what the draws are smoothed over; None: they are not
    """

    id: str
    options: tuple[str, ...]
    costs: Floats
    effects: Floats
    noise: Floats | None
    parameters: Floats | None = None

    @cached_property
    def smooth(self) -> smoothing.Smoothed | None:
        """Costs then effects smoothed over the parameters, where noise is much of their spread but not all of it.

        None where the regression tells little of the parameters' own spread (of draws it had not seen); or less than
        most of it, if what it misses is more than the noise: draws as simulated are then nearer the truth.
        """
        if self.parameters is None or self.noise is None or self.drowned or self._noisiest() <= SMOOTHED_FROM:
            return None
        values = np.hstack([self.costs[:, 1:], self.effects[:, 1:]])
        noise = np.diag(self.noise)
        found = smoothing.smoothed(values, self.parameters, noise)
        if found is None or found.held_out.min() < LEAST_TOLD:
            return None
        missed = (1.0 - found.held_out) * np.maximum(values.var(axis=0, ddof=1) - noise, 0.0)
        return found if ((found.held_out >= MOST_TOLD) | (missed <= noise)).all() else None

    def _noisiest(self) -> float:
        """Return the largest share of noise in a cost, an effect, or the net benefit at one of `WEIGHED`."""
        shares = self.noise_shares()
        if shares is None or self.noise is None:
            return 0.0
        found, others = [float(shares.max())], len(self.options) - 1
        for threshold in WEIGHED:
            seen = self.simulated_net_benefit(threshold)[:, 1:].var(axis=0, ddof=1)
            weights = np.hstack([-np.eye(others), threshold * np.eye(others)])
            noise = np.einsum("ij,jk,ik->i", weights, self.noise, weights)
            found.append(float((noise / np.where(seen > 0.0, seen, np.inf)).max()))
        return max(found)

    @cached_property
    def clean(self) -> tuple[Floats, Floats]:
        """Costs and effects, (draw, option), with the Monte Carlo noise taken out of their spread."""
        return self._cleaned(np.arange(len(self.costs)))

    def _cleaned(self, rows: Ints) -> tuple[Floats, Floats]:
        costs, effects = self.costs[rows], self.effects[rows]
        if self.noise is None:
            return costs, effects
        shown = self.smooth.values[rows] if self.smooth is not None else None
        moved = information.without_noise(np.hstack([costs[:, 1:], effects[:, 1:]]), self.noise, shown)
        return self._beside(moved)

    def _beside(self, moved: Floats) -> tuple[Floats, Floats]:
        """Return costs and effects of all options, (draw, option), from costs then effects of all but the first."""
        nothing, others = np.zeros((len(moved), 1)), len(self.options) - 1
        return np.hstack([nothing, moved[:, :others]]), np.hstack([nothing, moved[:, others:]])

    def net_benefit(self, threshold: float) -> Floats:
        """Return the net benefit over the comparator, noise taken out, euros per person, (draw, option)."""
        return economics.net_benefit(*self.clean, threshold)

    def regressed_net_benefit(self, threshold: float) -> Floats:
        """Return the net benefit over the comparator to be regressed on parameters, (draw, option).

        As simulated, or as smoothed where draws are, whose spread EVPI shows; never drawn in nor spread again, which
        would change what a parameter tells of it.
        """
        if self.smooth is None:
            return self.simulated_net_benefit(threshold)
        return economics.net_benefit(*self._beside(self.smooth.values), threshold)

    def simulated_net_benefit(self, threshold: float) -> Floats:
        """Return the net benefit over the comparator as simulated, noise included, (draw, option)."""
        return economics.net_benefit(self.costs, self.effects, threshold)

    def noise_shares(self) -> Floats | None:
        """Return the share of the spread between draws that is noise: costs then effects, of each other option."""
        if self.noise is None:
            return None
        observed = np.hstack([self.costs[:, 1:], self.effects[:, 1:]]).var(axis=0, ddof=1)
        return np.asarray(np.minimum(np.diag(self.noise) / np.where(observed > 0.0, observed, np.inf), 1.0))

    @property
    def drowned(self) -> bool:
        """Whether nearly all the spread of a cost or of an effect between draws is noise."""
        shares = self.noise_shares()
        return shares is not None and bool(np.any(shares > DROWNED))

    @property
    def share_left(self) -> float | None:
        """The largest share of noise in the draws shown: after smoothing, or as simulated; None if unknown."""
        shares = self.noise_shares() if self.smooth is None else self.smooth.share
        return None if shares is None else float(shares.max())

    @property
    def shown(self) -> tuple[Floats, Floats]:
        """Costs and effects to be drawn: without noise, or as simulated where little else would be left."""
        return (self.costs, self.effects) if self.drowned else self.clean

    def curves(self, thresholds: Floats) -> Curves:
        """Return probabilities, frontier and EVPI at each threshold."""

        def statistic(rows: Ints) -> Floats:
            costs, effects = self._cleaned(rows)
            ceac = economics.acceptability(costs, effects, thresholds).ceac
            return np.column_stack([ceac, economics.evpi(costs, effects, thresholds)])

        error = information.resampled_error(statistic, len(self.costs))
        found = economics.acceptability(*self.clean, thresholds)
        return Curves(
            np.asarray(thresholds, dtype=np.float64),
            found.ceac,
            error[:, :-1],
            economics.acceptability(self.costs, self.effects, thresholds).ceac,
            found.best,
            found.ceaf,
            economics.evpi(*self.clean, thresholds),
            error[:, -1],
            economics.evpi(self.costs, self.effects, thresholds),
        )


def decisions(psa: Psa, sets: Mapping[str, Sequence[str]]) -> list[Decision]:
    """Return the decisions of a PSA: one a set of exclusive strategies, one a policy outside of them.

    sets : name -> strategies that exclude each other (the comparator is always an option, named or not)
    """
    comparator, others = psa.strategies[0], psa.strategies[1:]
    grouped: list[Decision] = []
    taken: set[str] = set()
    for name, members in sets.items():
        kept = [strategy for strategy in others if strategy in members]
        if len(kept) > 1:
            grouped.append(_decision(psa, name, [comparator, *kept]))
            taken |= set(kept)
    alone = [_decision(psa, strategy, [comparator, strategy]) for strategy in others if strategy not in taken]
    return [*grouped, *alone]


def pairs(psa: Psa, found: Iterable[Decision] = ()) -> list[Decision]:
    """Return each strategy weighed against the comparator alone, whatever excludes it.

    found : decisions of the same PSA, taken up where they are such pairs, with what they have worked out
    """
    known = {one.options: one for one in found}
    return [known.get(one.options, one) for one in decisions(psa, {})]


def _decision(psa: Psa, name: str, options: Iterable[str]) -> Decision:
    places = [psa.strategies.index(option) for option in options]
    costs, effects = psa.incremental_costs[:, places], psa.incremental_effects[:, places]
    parameters = psa.parameters if psa.parameters.shape[1] else None
    options_kept = tuple(psa.strategies[p] for p in places)
    return Decision(name, options_kept, costs, effects, _noise(psa, places[1:]), parameters)


def _noise(psa: Psa, places: Sequence[int]) -> Floats | None:
    """Return the mean noise covariance of (costs, effects); noises of different strategies count as independent."""
    cost, effect, both = (
        psa.incremental_cost_noise_var,
        psa.incremental_effect_noise_var,
        psa.incremental_noise_cov,
    )
    if cost is None or effect is None or both is None:
        return None
    of_costs, of_effects, crossed = (np.diag(array[:, places].mean(axis=0)) for array in (cost, effect, both))
    return np.asarray(spreading_share(psa) * np.block([[of_costs, crossed], [crossed, of_effects]]))


def spreading_share(psa: Psa) -> float:
    """Return the share of Monte Carlo noise that spreads the draws, 1 if each has people of its own.

    Draws that take turns over a few lots of people share their luck: what is common to all shifts their mean and
    spreads nothing.
    """
    lots = psa.about.get("lots")
    return 1.0 - 1.0 / min(int(lots), len(psa)) if lots else 1.0


def share_interval(share: float, error: float, draws: int) -> tuple[float, float]:
    """Return the 95 % interval of a probability, within 0 and 1 (Wilson 1927, on as many draws as its error is worth).

    error : standard error of the share; nil where all draws agree, which as many draws as there are support
    """
    worth = share * (1.0 - share) / error**2 if error > 0.0 and 0.0 < share < 1.0 else float(draws)
    n, z = min(max(worth, 1.0), float(draws)), 1.959963984540054
    centre = (share + z * z / (2.0 * n)) / (1.0 + z * z / n)
    half = z / (1.0 + z * z / n) * float(np.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)))
    return min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half))


def mean_errors(psa: Psa, decision: Decision) -> Floats:
    """Return the standard error of the mean cost and effect of each option but the first, draws and people together.

    costs then effects, (2 × options,)
    """
    seen = np.hstack([decision.costs[:, 1:], decision.effects[:, 1:]]).var(axis=0, ddof=1) / len(psa)
    share = spreading_share(psa)
    if decision.noise is None or share == 0.0:
        return np.sqrt(seen)
    common = np.diag(decision.noise) / share * (1.0 - share - 1.0 / len(psa))  # luck that draws share
    return np.asarray(np.sqrt(seen + np.maximum(common, 0.0)))
