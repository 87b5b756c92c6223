"""Quality of life: ledgers × utilities ─► QALYs of people, and apart, those of their families.

A state multiplies the French norm of the person's sex and age: multiplier = utility of the state ÷ mean
French norm, at most 1 (a state is never better than the norm). Utilities: Yrondi 2020 in resistant
depression (broad definition), Sapin 2004 elsewhere; `utility.reading` = 1 takes Kolovos 2017 for all.
The two sources used different questionnaires and tariffs, and a severe episode reads lower in Sapin
(0.33) than in Yrondi (0.41): as resistance cannot improve a life, a state is never valued lower
without it than with it.
"""

import numpy as np
from numpy.typing import NDArray

from model.economics import discount_factors
from model.ledgers import Ledgers
from model.payers import Values
from model.states import AGE_BANDS, DEAD, Event, Health, Resource, Trd

Floats = NDArray[np.float64]

ILL_OR_WELL_AGAIN = (
    Health.MILD,
    Health.MODERATE,
    Health.SEVERE,
    Health.RESPONSE,
    Health.REMISSION,
    Health.RECOVERY,
)
RESISTANT = (Trd.BROAD, Trd.BOTH)
ESKETAMINE_SESSIONS = (Resource.ESKETAMINE_SESSION, Resource.ESKETAMINE_SESSION_EPSM)
HOSPITAL_DAYS = [r for r in Resource if r.name.endswith(("_DAY_TO_30", "_DAY_FROM_31"))]
DAYS_A_YEAR = 365.25


def norms(values: Values) -> Floats:
    """Return the French norm by sex (0 man, 1 woman) and age band, shape (sex, age band)."""
    return np.array(
        [[values[f"utility.norm.{sex}.from_{age}"] for age in AGE_BANDS] for sex in ("men", "women")],
        dtype=np.float64,
    )


def multipliers(values: Values) -> Floats:
    """Return what each state multiplies the norm by, shape (trd, health): 1 if never ill, 0 if dead."""
    low_case = values["utility.reading"] == 1
    table = np.ones((len(Trd), len(Health)))
    table[:, DEAD] = 0.0
    for state in ILL_OR_WELL_AGAIN:
        name = state.name.lower()
        resistant = values[f"utility.low.{name}" if low_case else f"utility.trd.{name}"]
        other = resistant if low_case else max(values[f"utility.other.{name}"], resistant)
        for trd in Trd:
            utility = resistant if trd in RESISTANT else other
            table[trd, state] = min(utility / values["utility.norm.mean"], 1.0)
    return table


def qalys_to_come(hazard: Floats, values: Values) -> Floats:
    """Return the discounted QALYs to come of a person recovered from depression, by sex and completed age.

    hazard : (sex, age) of death a year; every later year is at the norm of its age times the state's multiplier
    """
    ages = hazard.shape[1]
    bands = np.searchsorted(AGE_BANDS, np.arange(ages), side="right").clip(1) - 1
    worth = norms(values)[:, bands] * multipliers(values)[Trd.NEITHER, Health.RECOVERY]
    rates = [float(values[f"economy.discount.{name}"]) for name in ("first_rate", "later_rate", "first_years")]
    factors = discount_factors(ages, *rates)
    out = np.zeros_like(hazard)
    for age in range(ages):
        alive = np.exp(-np.cumsum(hazard[:, age:], axis=1)) * np.exp(0.5 * hazard[:, age:])
        out[:, age] = (alive * worth[:, age:] * factors[: ages - age]).sum(axis=1)
    return out


def life_years(ledgers: Ledgers) -> Floats:
    """Return the years lived, shape (batch, year, trd)."""
    alive = [state for state in Health if state not in DEAD]
    return np.asarray(ledgers.occupancy[..., alive].sum(axis=(2, 3, 5)) / 12.0)


def qalys(ledgers: Ledgers, values: Values) -> Floats:
    """Return the QALYs of people, not discounted, shape (batch, year, trd).

    Person-months × norm × multiplier ÷ 12, less what attempts survived, days in hospital, sessions of
    esketamine, courses of ECT and serious adverse events take away.
    """
    lived = np.einsum("bysath,sa,th->byt", ledgers.occupancy, norms(values), multipliers(values)) / 12.0
    return np.asarray(lived - losses(ledgers, values))


def losses(ledgers: Ledgers, values: Values) -> Floats:
    """Return the QALYs that events and care take away, shape (batch, year, trd)."""
    used, events = ledgers.used, ledgers.events
    survived = events[..., Event.ATTEMPT] - events[..., Event.SUICIDE]
    days = used[..., HOSPITAL_DAYS].sum(axis=-1)
    return np.asarray(
        survived * values["utility.decrement.attempt_qalys"]
        + days / DAYS_A_YEAR * values["utility.decrement.hospital_day"]
        + used[..., ESKETAMINE_SESSIONS].sum(axis=-1) * values["utility.decrement.esketamine_session_qalys"]
        + events[..., Event.ECT_START] * values["utility.decrement.ect_course_qalys"]
        + events[..., Event.ADVERSE_SERIOUS] * values["utility.decrement.serious_adverse_event_qalys"]
    )


def carer_qalys(ledgers: Ledgers, values: Values) -> Floats:
    """Return the QALYs that illness takes from caregivers, a loss (not positive): (batch, year, trd).

    A programme gives back a share of the loss over the months it acts.
    Never in the same ratio as hours of informal care: both would count the same burden.
    """
    used = ledgers.used
    helped = used[..., Resource.CARER_SUPPORTED_MONTH] * values["utility.carer.effect.programme_relief"]
    months = used[..., Resource.CARER_MONTH] - helped
    return np.asarray(-months / 12.0 * values["utility.carer.decrement"])


def bereavement_qalys(ledgers: Ledgers, values: Values) -> Floats:
    """Return the QALYs that suicides take from the bereaved, a loss (not positive): (batch, year, trd).

    Shown apart: a caregiver's loss ends with the person's life, and no death may pass for a gain.
    """
    return np.asarray(-ledgers.events[..., Event.SUICIDE] * values["utility.carer.bereavement_qalys"])
