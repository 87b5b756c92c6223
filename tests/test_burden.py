"""The 14 billion, matched as a display: what may move, how far, and that lives and prices stay."""

from collections.abc import Mapping

import numpy as np
import pytest

from calibration import burden
from model import population
from model.inputs import load_parameters
from model.phases import Values

REGISTRY = load_parameters()
VALUES = Values({name: parameter.value for name, parameter in REGISTRY.items()})


def test_part_way_moves_only_what_may_move_and_stays_between_the_ends():
    far = {burden.LOW_END: 0.012, burden.WORK_MIX: (0.6, 0.1, 0.15, 0.05, 0.1)}
    assert _same(burden.part_way(VALUES, far, 0.0))
    half = burden.part_way(VALUES, far, 0.5)
    changed = {name for name in VALUES if half[name] != VALUES[name]}
    assert changed == set(far)
    assert half[burden.LOW_END] == pytest.approx((float(VALUES[burden.LOW_END]) + 0.012) / 2)
    assert sum(burden.part_way(VALUES, far, 1.0)[burden.WORK_MIX]) == pytest.approx(1.0)


def _same(values: Mapping[str, object]) -> bool:
    return all(np.array_equal(np.array(values[name], float), np.array(VALUES[name], float)) for name in values)


def test_the_reading_moves_physical_quantities_within_their_intervals_and_lowers_production_alone():
    matched = burden.match(VALUES, REGISTRY, people=4_000, seed=7, jobs=1)
    assert 0.0 < matched.share <= 1.0
    assert set(matched.moved) == {burden.WORK_MIX, burden.LOW_END, burden.HIGH_END}
    low, high = REGISTRY[burden.LOW_END].spread.ci95
    assert low <= matched.moved[burden.LOW_END][1] <= high
    assert matched.after["production"][0] < matched.before["production"][0]
    missing = matched.after["total"][0] - matched.claimed
    assert matched.share == 1.0 or abs(missing) < 5.0 * matched.after["total"][1]


def test_the_far_end_of_work_is_that_of_other_people_with_depression():
    base = population.build(VALUES, 4_000, 7, 1)
    mix = burden.other_work(base)
    assert sum(mix) == pytest.approx(1.0)
    assert mix[0] > VALUES[burden.WORK_MIX][0]  # they are at work more often than people with resistance
