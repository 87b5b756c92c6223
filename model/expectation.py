"""What the next month is expected to bring: each person's own probability, summed.

The same mean as counting events, with far less noise: suicides are too rare among the many who were
never ill to be counted in a sample.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.compiled import jit
from model.month import age_band
from model.states import Fixed, Health, Now, Trait
from model.suicide import attempt_hazard
from model.tables import Person, Table

STAYS, SUICIDES, SUICIDES_ILL, OTHER_DEATHS = range(4)


@jit
def expected_of(p: Person, suicide: Table, mortality: Table, out: NDArray[np.float64]) -> None:
    """Add to `out`, shape (4,), what the first month is expected to bring this person."""
    health = p.now[Now.HEALTH]
    age = -p.fixed[Fixed.BIRTH_MONTH] // 12
    sex, band = p.fixed[Fixed.SEX], age_band(age)
    other = mortality.other[sex, age]
    if health != Health.NEVER:
        other *= p.trait[Trait.MORTALITY]
    act = -math.expm1(-attempt_hazard(p, sex, band, suicide)) * math.exp(-other)
    death = act * suicide.lethality[sex, band]
    out[STAYS] += act - death
    out[SUICIDES] += death
    out[OTHER_DEATHS] += -math.expm1(-other)
    if Health.NEVER < health < Health.RECOVERY:
        out[SUICIDES_ILL] += death


@jit
def expected_acts(
    persons: Any, start: int, stop: int, suicide: Table, mortality: Table, out: NDArray[np.float64]
) -> None:
    """Add to `out` the first month's expected stays, suicides, suicides while ill and other deaths."""
    for i in range(start, stop):
        expected_of(persons[i], suicide, mortality, out)


@jit
def expected_each(persons: Any, suicide: Table, mortality: Table, out: NDArray[np.float64]) -> None:
    """Add the same to `out` person by person, shape (person, 4)."""
    for i in range(out.shape[0]):
        expected_of(persons[i], suicide, mortality, out[i])
