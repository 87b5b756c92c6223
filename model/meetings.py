"""Where two lives of one person meet again: from there on they are one, until they part again.

Two lives under the same luck have the same future once all that the rules read of them is the same. Most of what a
person carries is forgotten in recovery: how long the last episode lasted, what was tried, when it was. `alike` compares
the rest, at the start of a calendar year, when what the law counts by year begins anew. A column it does not know how
to forget is compared as it stands, so that a new one is safe by default.
"""

from typing import NamedTuple

import numpy as np

from model.compiled import jit
from model.month import VISIBLE
from model.states import Health, Now, Treatment, Work
from model.suicide import RECENT
from model.tables import Person, Tables

# What a person in recovery, untreated, no longer acts by at the start of a year, or what `alike` looks at apart.
FORGOTTEN = (
    Now.MONTHS_IN_STATE,
    Now.MONTHS_IN_EPISODE,
    Now.EPISODES,
    Now.DSM_EPISODES,
    Now.MONTHS_WELL,
    Now.FAILED_EVER,
    Now.MONTHS_ON_TREATMENT,
    Now.ADEQUATE_DOSE,
    Now.INDUCED_BY,
    Now.STAY_DAYS,
    Now.MONTHS_SINCE_ATTEMPT,
    Now.ATTEMPTS,
    Now.MONTHS_IN_WORK_STATE,
    Now.ALD_MONTHS,
    Now.MONTHS_SINCE_VISIBLE,
    Now.MONTHS_SINCE_SESAME,
    Now.STABLE_MONTHS,
    Now.ACTS_THIS_YEAR,
    Now.BOXES_THIS_YEAR,
    Now.PSYCHOLOGIST_SESSIONS,
    Now.MONTHS_SINCE_ILL,
    Now.ALD_REFUSALS,
    Now.SPECIALIST_SEEN,
    Now.SEVERITY,
    Now.SINCE,
    Now.HOSPITAL_YEAR,
    Now.MONTHS_WAITING,
    Now.MONTHS_SINCE_CARE,
    Now.DAYS_THIS_MONTH,
    Now.PERINATAL,
    Now.MONTHS_SINCE_ADVICE,
    Now.QUIET_UNTIL,
)
COMPARED = np.array([column for column in Now if column not in FORGOTTEN])


class Memory(NamedTuple):
    """For how long things count under any of the records.

    sesame, advice, attempt : months since a follow-up by a nurse, a psychiatrist's advice, a suicidal act
    episodes : from which on recurrence no longer depends on their number; distinct : asked for by the ALD scheme
    """

    sesame: float
    advice: float
    attempt: float
    episodes: float
    distinct: float


def memory_of(*tables: Tables) -> Memory:
    """Return how long things count under any phase of these records."""

    def most(name: str, field: str, item: int | None = None) -> float:
        values = np.concatenate([np.asarray(getattr(one, name)[field]) for one in tables])
        return float((values if item is None else values[:, item]).max())

    ratio = np.concatenate([one.course["episode_ratio"] for one in tables])
    matters = np.flatnonzero((ratio != ratio[:, -1:]).any(axis=0))
    return Memory(
        sesame=most("course", "sesame", 2),
        advice=most("care", "advice_months"),
        attempt=max(float(RECENT), most("suicide", "recontact", 1)),
        episodes=float(matters[-1] + 1) if matters.size else 1.0,
        distinct=most("ald", "episodes"),
    )


@jit
def same_up_to(a: int, b: int, limit: float) -> bool:
    """Tell whether two counts are the same, all counts from a limit on being one."""
    return a == b or (a >= limit and b >= limit)


@jit
def may_meet(p: Person) -> bool:
    """Tell whether a life is where most of what it carries is forgotten: well and untreated."""
    return p.now[Now.HEALTH] == Health.RECOVERY and p.now[Now.TREATMENT] == Treatment.NONE


@jit(forceinline=False)
def alike(a: Person, b: Person, memory: Memory) -> bool:
    """Tell whether two lives of a person, at the start of a calendar year, go on the same under the same luck."""
    if not may_meet(a):
        return False
    for column in COMPARED:
        if a.now[column] != b.now[column]:
            return False
    if a.now[Now.WORK] == Work.SICK_LEAVE and a.now[Now.MONTHS_IN_WORK_STATE] != b.now[Now.MONTHS_IN_WORK_STATE]:
        return False
    if a.now[Now.HOSPITAL_DAYS] > 0 and a.now[Now.STAY_DAYS] != b.now[Now.STAY_DAYS]:
        return False
    if a.now[Now.WAITING_FOR] != 0 and a.now[Now.MONTHS_WAITING] != b.now[Now.MONTHS_WAITING]:
        return False
    if a.now[Now.ALD] != 0 and a.now[Now.ALD_MONTHS] != b.now[Now.ALD_MONTHS]:
        return False
    if (a.now[Now.ATTEMPTS] > 0) != (b.now[Now.ATTEMPTS] > 0):
        return False
    return (
        same_up_to(a.now[Now.MONTHS_SINCE_ATTEMPT], b.now[Now.MONTHS_SINCE_ATTEMPT], memory.attempt)
        and same_up_to(a.now[Now.MONTHS_SINCE_VISIBLE], b.now[Now.MONTHS_SINCE_VISIBLE], VISIBLE)
        and same_up_to(a.now[Now.MONTHS_SINCE_SESAME], b.now[Now.MONTHS_SINCE_SESAME], memory.sesame)
        and same_up_to(a.now[Now.MONTHS_SINCE_ADVICE], b.now[Now.MONTHS_SINCE_ADVICE], memory.advice)
        and same_up_to(a.now[Now.MONTHS_WELL], b.now[Now.MONTHS_WELL], 2)
        and same_up_to(a.now[Now.EPISODES], b.now[Now.EPISODES], memory.episodes)
        and same_up_to(a.now[Now.DSM_EPISODES], b.now[Now.DSM_EPISODES], memory.distinct)
    )
