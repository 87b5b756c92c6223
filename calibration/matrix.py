"""The course of illness without frailty as a cohort matrix: a deterministic answer to set beside the lives.

Written from model.md section 3 alone, on numpy, and calling none of the compiled rules: where the two agree state by
state and month by month, the month loop does what the design says. Without care, treatments and memory of past
acts the course is a Markov chain with tunnels: a month of remission is a state of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.cohorts import live
from model import chance, simulation
from model.states import Diary, Fixed, Health, Now
from model.tables import Tables
from model.transitions import band_of_age

Floats = NDArray[np.float64]
SEVERITIES = 3
FEWEST = 10  # people expected in a cell for its gap to be near normal
EPISODE, RESPONSE, TUNNEL = 1, 1 + SEVERITIES, 1 + 2 * SEVERITIES  # first index of each; 0 is never ill


@dataclass(frozen=True)
class Agreement:
    """Occupancy of the lives beside the matrix: (month, health); `worst` in standard errors, and where."""

    lives: Floats
    matrix: Floats
    worst: float
    month: int
    health: Health


def without_care(tables: Tables) -> Tables:
    """Return tables in which nobody seeks care and a past act changes nothing: what the matrix knows."""
    out = Tables(*(table.copy() for table in tables))
    out.care["seek"], out.suicide["contact"] = 0.0, 0.0
    out.suicide["window_ratio"], out.suicide["past_ratio"] = 1.0, 1.0
    for name in ("duration_ratio", "failed_ratio", "episode_ratio"):
        out.course[name] = 1.0
    return out


def probability(hazard: Floats | float) -> Floats:
    return -np.expm1(-np.asarray(hazard, dtype=float))


def monthly_matrix(tables: Tables, sex: int, age: int) -> Floats:
    """Return P[from, to] of a month at this age: never, episodes, responses, months of remission, recovery, dead."""
    c, s = tables.course[0], tables.suicide[0]
    months = int(c.recovery_months)
    well = TUNNEL + SEVERITIES * months  # remission is entered in tunnel 0 and left after `months` of them
    n = well + 3
    band = int(band_of_age()[age])
    clinical = np.zeros((n, n))
    clinical[[well + 1, well + 2], [well + 1, well + 2]] = 1.0

    onset = severities(c, age)
    ill = probability(c.onset[sex, age])
    clinical[0, 0] = 1.0 - ill
    clinical[0, EPISODE : EPISODE + SEVERITIES] = ill * onset
    again = probability(c.recurrence[band])
    clinical[well, well] = 1.0 - again
    clinical[well, EPISODE : EPISODE + SEVERITIES] = again * onset
    for k in range(SEVERITIES):
        remission = c.remission[k] + c.late_remission
        compete(clinical, EPISODE + k, {TUNNEL + k: remission, RESPONSE + k: remission * c.response_ratio})
        completed = c.remission[k] * c.completion_ratio
        compete(clinical, RESPONSE + k, {TUNNEL + k: completed, EPISODE + k: c.relapse[0]})
        for m in range(months):
            onwards = TUNNEL + SEVERITIES * (m + 1) + k if m + 1 < months else well
            here, back = TUNNEL + SEVERITIES * m + k, probability(c.relapse[1])
            clinical[here, EPISODE + k] = back
            clinical[here, onwards] += 1.0 - back

    health = health_of_states(months)
    died = probability(tables.mortality[0].other[sex, age])
    acts = probability(s.rate[sex, band] * s.state_ratio[health]) * s.lethality[sex, band]
    alive = health < Health.DEAD_SUICIDE
    out = clinical.copy()
    out[alive] *= ((1.0 - died) * (1.0 - acts[alive]))[:, None]
    out[alive, well + 1] += (1.0 - died) * acts[alive]
    out[alive, well + 2] += died
    return np.asarray(out)


def severities(course: NDArray[np.void], age: int) -> Floats:
    """Return the shares of mild, moderate and severe among episodes that begin at this age."""
    moderate = float(course["severity_odds"][0])
    severe = moderate * float(course["severity_odds"][1])
    if age // 10 == 4:
        severe *= float(course["forties_odds"])
    odds = np.array([1.0, moderate, severe])
    return np.asarray(odds / odds.sum())


def compete(matrix: Floats, here: int, hazards: dict[int, float]) -> None:
    """Write a row in which destinations compete: their hazards add, the sum becomes a probability."""
    total = sum(hazards.values())
    leave = float(probability(total))
    matrix[here, here] += 1.0 - leave
    for state, hazard in hazards.items():
        matrix[here, state] += leave * hazard / total if total > 0.0 else 0.0


def health_of_states(months: int) -> NDArray[np.int64]:
    """Return the health code of each state of the matrix."""
    episode = [Health.MILD, Health.MODERATE, Health.SEVERE]
    tunnels = [Health.REMISSION] * (SEVERITIES * months)
    ends = [Health.RECOVERY, Health.DEAD_SUICIDE, Health.DEAD_OTHER]
    return np.array([Health.NEVER, *episode, *[Health.RESPONSE] * SEVERITIES, *tunnels, *ends])


def occupancy(tables: Tables, start: Health, sex: int, age: int, months: int) -> Floats:
    """Return the expected shares by health at the end of each month, shape (month, health); all begin in `start`."""
    health = health_of_states(int(tables.course[0].recovery_months))
    share = np.zeros(health.size)
    share[int(np.flatnonzero(health == start)[0])] = 1.0
    out = np.zeros((months, len(Health)))
    for month in range(months):
        if month % 12 == 0:
            matrix = monthly_matrix(tables, sex, age + month // 12)
        share = share @ matrix
        out[month] = np.bincount(health, share, minlength=len(Health))
    return out


def agreement(tables: Tables, start: Health, sex: int, age: int, months: int, people: int, seed: int) -> Agreement:
    """Let people without frailty live beside the matrix; return both and the largest gap in standard errors."""
    rules = without_care(tables)
    persons = simulation.new_persons(people)
    persons["key"] = chance.keys(seed, people)
    persons["fixed"][:, Fixed.SEX], persons["fixed"][:, Fixed.BIRTH_MONTH] = sex, -12 * age
    now = persons["now"]
    now[:, Now.HEALTH] = start
    if Health.MILD <= start <= Health.SEVERE:
        now[:, Now.SEVERITY], now[:, Now.EPISODES] = start, 1
    codes = live(persons, rules, months)[:, :, Diary.HEALTH]
    lives = np.stack([(codes == state).mean(axis=0) for state in Health], axis=1)
    matrix = occupancy(rules, start, sex, age, months)
    error = np.sqrt(matrix * (1.0 - matrix) / people)
    counted = np.minimum(matrix, 1.0 - matrix) * people >= FEWEST
    gap = np.where(counted, np.abs(lives - matrix) / np.where(counted, error, 1.0), 0.0)
    gap[(matrix == 0.0) & (lives > 0.0)] = np.inf  # where nobody can be, nobody is
    month, state = np.unravel_index(int(np.argmax(gap)), gap.shape)
    return Agreement(lives, matrix, float(gap.max()), int(month), Health(int(state)))
