"""Luck taken out: what happens to people counted less what was expected, month by month.

Each of these sums has mean nil whatever the life (a martingale), and moves with what chance makes of an outcome: taken
out of it, at a coefficient told by replicas, it leaves the mean and less chance (control variate; Lavenberg and
Welch 1981). Two are kept, by year:

- deaths by suicide, few and heavy, each by the QALYs that it takes;
- the course of illness: remissions, responses, relapses and recurrences, each by the QALYs that the months ill it saves
  or brings would take, were the person to remain as they are.

A month in which a death or a suicidal act comes first tells nothing of the course.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model import course as co
from model.compiled import jit
from model.course import in_episode
from model.month import age_band
from model.states import Fixed, Health, Now, Trait
from model.suicide import attempt_hazard
from model.tables import Person, Table, Tables

Floats = NDArray[np.float64]

SUICIDES, COURSE, N_LUCK = 0, 1, 2
LONGEST = 60.0  # months ill that a move of the course is taken to save or bring, at most
HALF = 0.5  # of a remission, what a response is worth
SMALL = 1e-3  # hazard a month whose probability four terms tell to the last digit


class Stakes(NamedTuple):
    """What events weigh; any numbers leave means as they are, good ones leave little chance.

    suicide : (sex, age) QALYs that a death takes; ill : (health,) QALYs that a month in each state takes
    """

    suicide: Floats
    ill: Floats


class Bet(NamedTuple):
    """What a month may bring to a person's course.

    expected : QALYs gained, on average; remission, response, illness : QALYs that each gains (illness loses)
    """

    expected: float
    remission: float
    response: float
    illness: float


@jit
def probability(hazard: float) -> float:
    """Return 1 - exp(-hazard); small hazards by the first terms of its series, all digits of them."""
    if hazard < SMALL:
        return hazard * (1.0 - hazard / 2.0 * (1.0 - hazard / 3.0 * (1.0 - hazard / 4.0)))
    return -math.expm1(-hazard)


@jit
def suicide_probability(p: Person, age: int, t: Tables) -> float:
    """Return the probability of a death by suicide in a month survived otherwise."""
    sex, band = p.fixed[Fixed.SEX], age_band(age)
    hazard = attempt_hazard(p, sex, band, t.suicide)
    return probability(hazard) * min(1.0, t.suicide.lethality[sex, band])


@jit
def months_ill(p: Person, severity: int, course: Table) -> float:
    """Return about how long an episode of this severity lasts in a person, months."""
    hazard = course.remission[severity - Health.MILD] * p.trait[Trait.REMISSION] + course.late_remission
    hazard *= course.failed_ratio[min(p.now[Now.FAILED], 5)]
    return 1.0 / max(hazard, 1.0 / LONGEST)


@jit
def at_stake(p: Person) -> int:
    """Return the state whose months the course may save or bring from here: the present one, or a return's."""
    health = p.now[Now.HEALTH]
    if health == Health.RESPONSE or health == Health.REMISSION:
        severity: int = p.now[Now.SEVERITY]
        return severity
    return Health.MODERATE + 0 if health == Health.RECOVERY else health


@jit
def bet_of(p: Person, age: int, t: Tables, loss: float) -> Bet:
    """Return what this month may bring to the person's course, from how things stand at its start.

    loss : QALYs that a month takes in the state `at_stake`
    """
    health, course = p.now[Now.HEALTH], t.course
    if health == Health.NEVER:
        return Bet(0.0, 0.0, 0.0, 0.0)  # a first episode is nobody's luck in a cohort of those who ever have one
    if in_episode(health):
        remission = co.remission_hazard(p, course)
        response = remission * course.response_ratio
        happens = probability(remission + response)
        stake = loss / max(remission, 1.0 / LONGEST)
        expected = happens * stake * (1.0 + HALF * course.response_ratio) / (1.0 + course.response_ratio)
        return Bet(expected, stake, HALF * stake, 0.0)
    severity = at_stake(p)
    stake = loss * months_ill(p, severity, course)
    if health == Health.RESPONSE:
        remission = co.completion_hazard(p, course)
        back = co.relapse_hazard(p, course)
        share = probability(remission + back) / max(remission + back, 1e-300)
        expected = share * stake * ((1.0 - HALF) * remission - HALF * back)
        return Bet(expected, (1.0 - HALF) * stake, 0.0, HALF * stake)
    if health == Health.REMISSION:
        return Bet(-probability(co.relapse_hazard(p, course)) * stake, 0.0, 0.0, stake)
    return Bet(-probability(co.recurrence_hazard(p, age_band(age), course)) * stake, 0.0, 0.0, stake)


@jit
def follow_quiet(
    first: int, last: int, bet: Bet, suicides: float, luck: Floats, year_of_cycle: NDArray[np.int32]
) -> None:
    """Take out what was expected over months in which nothing happened, each in its year.

    suicides : QALYs that they take in a month, on average; luck : (year, N_LUCK)
    """
    month = first
    while month < last:
        stop = min(last, month + 12 - month % 12)
        year = year_of_cycle[month]
        luck[year, SUICIDES] -= (stop - month) * suicides
        luck[year, COURSE] += (stop - month) * bet.expected
        month = stop


@jit
def luck_of(p: Person, before: int, bet: Bet, probability: float, loss: float) -> tuple[float, float]:
    """Return a month's luck of suicides and of the course, bad luck being positive.

    before : health at its start; probability, loss : of a suicide then, and the QALYs it takes
    A month ended by another death tells nothing.
    """
    health = p.now[Now.HEALTH]
    if health == Health.DEAD_OTHER:
        return 0.0, 0.0
    if health == Health.DEAD_SUICIDE:
        return (1.0 - probability) * loss, 0.0
    course = 0.0
    if p.now[Now.MONTHS_SINCE_ATTEMPT] > 0:
        course = bet.expected
        if health != before:
            if health == Health.REMISSION:
                course -= bet.remission
            elif health == Health.RESPONSE:
                course -= bet.response
            elif in_episode(health):
                course += bet.illness
    return -probability * loss, course
