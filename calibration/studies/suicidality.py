"""Suicidal acts after an act, in specialised care and in the very resistant."""

import numpy as np
from numpy.typing import NDArray

from calibration.cohorts import CROSS_SECTIONS, Bools, Cohort, Estimate, World, drawn, grouped, live, ratio
from calibration.studies.resistant import very_resistant
from model.expectation import STAYS, SUICIDES, expected_each
from model.states import Care, Diary, Health, Now

Measures = dict[str, Estimate]
Floats = NDArray[np.float64]
YEAR = 12


def acts_of(world: World, persons: object, n: int) -> Floats:
    """Return the first month's expected acts of each person, shape (person, 4); see `expectation`."""
    out = np.zeros((n, 4))
    expected_each(persons, world.tables.suicide[0], world.tables.mortality[0], out)
    return out


def attempters(world: World) -> Measures:
    """People in hospital after an act: AURA (Mina-Billard 2024), PMSI (Chan-Chee 2019), Carroll 2014.

    Entry: residents in proportion to their own probability of surviving an act in month 0, whether ill or not;
    their act is then set in that month. Back in hospital: another act survived. `readmitted_calendar_year` spreads
    the first acts evenly over the year.
    """
    ever, ever_weight, ever_group = world.pool
    never = world.base.of((4,))
    persons = np.concatenate([ever, never.persons]).view(np.recarray)
    weight = np.concatenate([ever_weight, CROSS_SECTIONS * never.person_weights()])
    group = np.concatenate([ever_group, np.repeat(never.batch, np.diff(never.starts))])
    alive = persons["now"][:, Now.HEALTH] < Health.DEAD_SUICIDE
    chance_of = acts_of(world, persons, len(persons))[:, STAYS]
    cohort = drawn(persons, np.where(alive, weight * chance_of, 0.0), group, "attempters", world.seed, world.size)
    now = cohort.persons["now"]
    now[:, Now.ATTEMPTS] += 1
    now[:, Now.MONTHS_SINCE_ATTEMPT] = 0
    diary = live(cohort.persons, world.tables, YEAR)
    dead = diary[:, :, Diary.HEALTH] == Health.DEAD_SUICIDE
    back = (diary[:, :, Diary.ATTEMPTED] == 1) & ~dead
    by_month = np.cumsum(back, axis=1) > 0
    calendar = by_month[:, : YEAR - 1].sum(axis=1) / YEAR
    return {
        "readmitted_6": cohort.share(by_month[:, 5]),
        "readmitted_12": cohort.share(by_month[:, 11]),
        "readmitted_calendar_year": ratio(grouped(cohort.group, calendar), grouped(cohort.group, np.ones(len(cohort)))),
        "suicide_12": cohort.share(dead[:, -1]),
    }


def nordentoft(world: World) -> Measures:
    """Nordentoft 2011: suicide within 36 years of a first psychiatric contact, by sex, deaths of all causes competing.

    Entry: in a moderate or severe episode, followed by a specialist, 15 and over. Danish patients of 1970-2006 met
    higher suicide rates than people do today.
    """

    def eligible(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
        health, care = now[:, Now.HEALTH], now[:, Now.CARE]
        ill = (health == Health.MODERATE) | (health == Health.SEVERE)
        return ill & ((care == Care.PSYCHIATRIST) | (care >= Care.CMP)) & (age >= 15)

    cohort = world.draw("nordentoft", eligible, 2 * world.size)
    last = live(cohort.persons, world.tables, 36 * YEAR)[:, -1, Diary.HEALTH]
    woman = cohort.persons["fixed"][:, 0] == 1
    dead = last == Health.DEAD_SUICIDE
    return {"suicide_men": cohort.share(dead, ~woman), "suicide_women": cohort.share(dead, woman)}


def bergfeld(world: World) -> Measures:
    """Bergfeld 2018: acts and suicides per 100 person-years in samples of very resistant depression.

    Each person's own probability of the next month, summed: no event is waited for.
    """
    cohort: Cohort = world.draw("bergfeld", very_resistant, world.size)
    acts = acts_of(world, cohort.persons, len(cohort)) if len(cohort) else np.zeros((0, 4))
    years = grouped(cohort.group, np.full(len(cohort), 1.0 / YEAR / 100.0))
    return {
        "attempts_per_100": ratio(grouped(cohort.group, acts[:, STAYS] + acts[:, SUICIDES]), years),
        "suicides_per_100": ratio(grouped(cohort.group, acts[:, SUICIDES]), years),
    }
