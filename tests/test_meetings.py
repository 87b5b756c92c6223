"""Two lives of one person meet where nothing that the rules read differs any more, and only there."""

import numpy as np
import pytest

from model.inputs import load_parameters
from model.meetings import COMPARED, FORGOTTEN, alike, memory_of
from model.phases import Values
from model.states import Ald, Health, Now, Treatment, Work
from model.transitions import build_tables
from tests.small import person

TABLES = build_tables([Values({name: parameter.value for name, parameter in load_parameters().items()})])
MEMORY = memory_of(TABLES)


def both(**now: int):
    """Return two lives well since long, alike but for columns of the second."""
    lives = []
    for columns in ({}, now):
        p = person(health=Health.RECOVERY)
        for name in ("ATTEMPT", "VISIBLE", "SESAME", "ADVICE"):
            p.now[Now[f"MONTHS_SINCE_{name}"]] = 400
        p.now[Now.MONTHS_WELL], p.now[Now.EPISODES] = 40, 1
        for name, value in columns.items():
            p.now[Now[name.upper()]] = value
        lives.append(p)
    return lives


@pytest.mark.parametrize("column", COMPARED.tolist())
def test_lives_that_differ_in_what_is_not_forgotten_go_apart(column: int) -> None:
    assert alike(*both(), MEMORY)
    assert not alike(*both(**{Now(column).name.lower(): 3}), MEMORY)


@pytest.mark.parametrize(
    ("forgotten", "counts"),
    [
        ({"months_since_sesame": int(MEMORY.sesame) + 1}, {"months_since_sesame": int(MEMORY.sesame) - 1}),
        ({"months_since_advice": int(MEMORY.advice)}, {"months_since_advice": int(MEMORY.advice) - 1}),
        ({"months_since_visible": 24}, {"months_since_visible": 23}),
        ({"months_since_attempt": int(MEMORY.attempt)}, {"months_since_attempt": int(MEMORY.attempt) - 1}),
        ({"months_in_episode": 30, "severity": Health.SEVERE}, {"carer_support_left": 2}),
        ({"episodes": 7}, {"programmes": 1}),  # recurrence does not depend on their number in the base case
        ({"months_in_work_state": 5}, {"dsm_episodes": 1}),
        ({"ald_refusals": 2, "ald_months": 5}, {"ald": Ald.GRANTED}),
    ],
)
def test_what_no_longer_counts_is_forgotten(forgotten: dict[str, int], counts: dict[str, int]) -> None:
    assert alike(*both(**forgotten), MEMORY)
    assert not alike(*both(**counts), MEMORY)


def test_nobody_meets_in_an_episode_or_on_a_treatment() -> None:
    for column, value in ((Now.HEALTH, Health.MILD), (Now.TREATMENT, Treatment.MAINTENANCE)):
        lives = both()
        for p in lives:
            p.now[column] = value
        assert not alike(*lives, MEMORY)


def test_sick_leave_remembers_since_when() -> None:
    lives = both(months_in_work_state=5)
    for p in lives:
        p.now[Now.WORK] = Work.SICK_LEAVE
    assert not alike(*lives, MEMORY)


def test_every_column_is_compared_or_forgotten_on_purpose() -> None:
    assert sorted([*COMPARED, *FORGOTTEN]) == list(Now)
    assert len(np.unique(FORGOTTEN)) == len(FORGOTTEN)


def test_episodes_count_where_recurrence_depends_on_them() -> None:
    course = TABLES.course.copy()
    course["episode_ratio"][:, :4] = 0.5
    memory = memory_of(TABLES._replace(course=course))
    assert (memory.episodes, MEMORY.episodes) == (4.0, 1.0)
    assert not alike(*both(episodes=3), memory)
