"""Small simulated trials that mimic their source, to fit mechanisms to published effects.

CADET (Richards 2013): UK general practice, new or recurrent episode, mean PHQ-9 17.7, collaborative care
for about 14 weeks against usual care; recovery is PHQ-9 below 10 at 4 and 12 months. In the model: people
in a moderate or severe episode followed by their GP; recovery is response, remission or recovery. Both arms
are the same people with the same luck, so the odds ratio owes little to chance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model import population, simulation
from model.phases import Values
from model.simulation import People
from model.states import NEVER_MONTHS, Care, Diary, Health, Now
from model.tables import Tables
from model.transitions import build_tables

FOLLOW_UP_MONTHS = 4  # fourteen weeks, in whole months
READINGS = (4, 12)  # months


@dataclass(frozen=True)
class TrialResult:
    """Odds ratio of recovery at each reading, and its Monte Carlo error (jackknife over tenths)."""

    odds_ratio: NDArray[np.float64]
    error: NDArray[np.float64]
    usual_care: NDArray[np.float64]
    people: int


def eligible(now: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell who would enter CADET: moderate or severe episode under two years, followed by a GP."""
    ill = (now[:, Now.HEALTH] == Health.MODERATE) | (now[:, Now.HEALTH] == Health.SEVERE)
    recent = now[:, Now.MONTHS_IN_EPISODE] < 24
    return np.asarray(ill & recent & (now[:, Now.CARE] == Care.GP) & (now[:, Now.FAILED] < 2))


def cadet(base: population.Population, v: Values) -> TrialResult:
    """Return recovery under collaborative care against usual care."""
    persons = base.people.persons[eligible(base.people.persons["now"])]
    usual, followed = arms(persons, build_tables([v]))
    tenth = np.arange(len(persons)) % 10
    whole = odds_ratio(followed, usual)
    parts = np.array([odds_ratio(followed[tenth != k], usual[tenth != k]) for k in range(10)])
    error = np.sqrt(0.9 * ((parts - parts.mean(axis=0)) ** 2).sum(axis=0))
    return TrialResult(whole, error, usual.mean(axis=0), len(persons))


def arms(persons: NDArray[np.void], tables: Tables) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return who is at least in response at each reading, usual care then followed; changes the tables."""
    tables.care["sesame_limit"] = FOLLOW_UP_MONTHS
    tables.care["sesame_exit"] = 0.0
    return recovered(persons, tables, False), recovered(persons, tables, True)


def recovered(persons: NDArray[np.void], tables: Tables, nurse: bool) -> NDArray[np.bool_]:
    """Return who is at least in response at each reading, shape (person, reading)."""
    arm = persons.copy().view(np.recarray)
    arm["now"][:, Now.SESAME_MONTHS] = 1 if nurse else 0
    arm["now"][:, Now.MONTHS_SINCE_SESAME] = NEVER_MONTHS
    people = People(arm, np.array([0, len(arm)]), np.zeros(1, np.int64), np.ones(1))
    calendar = simulation.new_calendar(np.zeros(READINGS[-1], np.int32))
    books = simulation.new_books(1, READINGS[-1], 1, diaries=len(arm))
    simulation.advance(people, 0, READINGS[-1], tables, calendar, books)
    health = books.diary[:, [month - 1 for month in READINGS], Diary.HEALTH]
    return (health >= Health.RESPONSE) & (health <= Health.RECOVERY)


def odds_ratio(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> NDArray[np.float64]:
    p, q = a.mean(axis=0), b.mean(axis=0)
    return np.asarray(p / (1.0 - p) * (1.0 - q) / q, dtype=float)


def fit_cadet(base: population.Population, v: Values, ranges: dict[str, tuple[float, float]]) -> TrialResult:
    """Set the follow-up's remission ratio to meet CADET at 4 months, then its carry-over to meet 12 months.

    Changes `v` in place, within ranges; returns the trial at the values kept.
    """
    targets = (float(v["target.cadet.odds_ratio_4_months"]), float(v["target.cadet.odds_ratio_12_months"]))
    for reading, name in enumerate(("sesame.effect.remission_ratio", "sesame.effect.carry_over_months")):

        def gap(value: float, name: str = name, reading: int = reading) -> float:
            v[name] = value
            return float(cadet(base, v).odds_ratio[reading]) - targets[reading]

        v[name] = bisect(gap, *ranges[name])
    return cadet(base, v)


def bisect(gap: Callable[[float], float], low: float, high: float, rounds: int = 9) -> float:
    """Return the root of an increasing function between two ends, or the nearer end if there is none."""
    if gap(low) >= 0.0:
        return low
    if gap(high) <= 0.0:
        return high
    for _ in range(rounds):
        middle = (low + high) / 2.0
        low, high = (middle, high) if gap(middle) < 0.0 else (low, middle)
    return (low + high) / 2.0
