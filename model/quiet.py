"""Months in which nothing happens: told from their uniforms alone, and lived at once.

Out of care and untreated, a person's month holds few things: death, a suicidal act, a move of the course, seeking care,
a change of work. As long as their hazards hold, comparing a uniform with each says whether any may happen; where none
does, only the counters move on, and what each month pays or counts is booked for all of them together. Not one count
differs from months lived in full.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import care as cr
from model import course as co
from model.chance import uniform
from model.compiled import jit
from model.course import in_episode
from model.month import VISIBLE, age_band, payer_class, trd_class
from model.states import Care, Decision, Event, Fixed, Health, Now, Resource, Trait, Treatment, Work
from model.suicide import RECENT, attempt_hazard
from model.tables import Person, Tables


@jit
def is_quiet(p: Person, age: int, t: Tables) -> bool:
    """Tell whether only what `quiet_months` compares can happen this month."""
    if p.now[Now.ATTEMPTS] > 0 and p.now[Now.MONTHS_SINCE_ATTEMPT] < RECENT:
        return False
    health = p.now[Now.HEALTH]
    if health == Health.NEVER:
        return True
    if p.now[Now.CARE] != Care.NONE or p.now[Now.TREATMENT] != Treatment.NONE:
        return False
    if p.now[Now.HOSPITAL_DAYS] + p.now[Now.DAYS_THIS_MONTH] + p.now[Now.SESAME_MONTHS] + p.now[Now.WAITING_FOR] > 0:
        return False
    if p.now[Now.INTEGRATED_LEFT] + p.now[Now.REHABILITATION_LEFT] + p.now[Now.CARER_SUPPORT_LEFT] > 0:
        return False
    if p.now[Now.ALD] != 0 or (health != Health.RECOVERY and co.sesame_weight(p, t.course) > 0.0):
        return False
    if in_episode(health) and t.programme.enrols > 0.0:
        return False
    state = p.now[Now.WORK]
    if state == Work.SICK_LEAVE or (state != Work.RETIRED and age >= t.work.ages[1]):
        return False
    return state != Work.STUDENT or age < t.work.ages[0]


@jit
def quiet_until(p: Person, cycle: int, until: int, t: Tables) -> int:
    """Return the month, `until` at most, up to which hazards and the ledger cell hold if nothing happens."""
    health = p.now[Now.HEALTH]
    if health == Health.NEVER:
        return until
    left = VISIBLE - p.now[Now.MONTHS_SINCE_VISIBLE]
    if left > 0:  # resistant in claims; the month that ends it changes cell
        until = min(until, cycle + left - 1)
    if health == Health.RECOVERY:
        return until
    months = p.now[Now.MONTHS_IN_STATE]
    if health == Health.REMISSION:
        until = min(until, cycle + max(0, math.ceil(t.course.recovery_months) - months))
    if in_episode(health):
        months = p.now[Now.MONTHS_IN_EPISODE]
    for step in co.STEPS:
        if months < step:
            return min(until, cycle + step - months)
    return until


@jit
def quiet_months(p: Person, cycle: int, until: int, age: int, t: Tables) -> int:
    """Return how many months from `cycle`, up to `until`, pass with nothing happening.

    The comparisons bound the true probabilities from above; the month that stops the run is lived in
    full by `month`, with the same luck.
    """
    until = quiet_until(p, cycle, until, t)
    sex, health = p.fixed[Fixed.SEX], p.now[Now.HEALTH]
    death = t.mortality.other[sex, age]
    act = attempt_hazard(p, sex, age_band(age), t.suicide)
    better, ill, seek, work, at_work, decision = 0.0, 0.0, 0.0, 0.0, False, Decision.COURSE
    if health == Health.NEVER:
        ill, decision = co.onset_hazard(p, sex, age, t.course), Decision.ONSET
    else:
        death *= p.trait[Trait.MORTALITY]
        if in_episode(health):
            better = co.remission_hazard(p, t.course)
            better += better * t.course.response_ratio
            seek = cr.seek_hazard(p, age, t.care)
        elif health == Health.RECOVERY:
            ill = co.recurrence_hazard(p, age_band(age), t.course)
        else:
            ill = co.relapse_hazard(p, t.course)
            if health == Health.RESPONSE:
                better = co.completion_hazard(p, t.course)
        if p.now[Now.WORK] == Work.UNEMPLOYED:
            work = t.work.find_job[health]
        elif p.now[Now.WORK] == Work.AT_WORK:
            work, at_work = t.work.leave[health] + t.work.lose_job[health], True
    c = cycle
    while c < until:
        u = uniform(p.key, c, decision)
        if (
            1.0 - u < ill
            or u < better
            or uniform(p.key, c, Decision.DEATH) < death
            or uniform(p.key, c, Decision.ATTEMPT) < act
        ):
            break
        if seek > 0.0 and uniform(p.key, c, Decision.SEEK) < seek:
            break
        if work > 0.0:
            u = uniform(p.key, c, Decision.WORK)
            if (1.0 - u if at_work else u) < work:
                break
        c += 1
    return c - cycle


@jit
def book_quiet(p: Person, first: int, last: int, pages: Any, year_of_cycle: NDArray[np.int32]) -> None:
    """Book what quiet months `first` to `last` - 1 pay and count. pages : (year,) of PAGE"""
    health = p.now[Now.HEALTH]
    ill, disabled = in_episode(health), p.now[Now.WORK] == Work.DISABILITY
    if health == Health.NEVER or not (ill or disabled):
        return
    trd, payer = trd_class(p), payer_class(p)
    month = first
    while month < last:
        stop = min(last, month + 12 - month % 12)
        page, months = pages[year_of_cycle[month]], stop - month
        if ill:
            page.events[trd, Event.EPISODE_MONTH] += months
            if p.fixed[Fixed.CAREGIVER] == 1:
                page.resources[trd, payer, Resource.CARER_MONTH] += months
        if disabled:
            page.resources[trd, payer, Resource.DISABILITY_MONTH] += months
        month = stop
