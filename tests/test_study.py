"""The same people in two populations: the closed cohort goes on where the open run leaves those they share."""

from dataclasses import fields

import numpy as np
import pytest

from model import branches, capacity, population, study
from model.inputs import load_parameters
from model.scenario import load_scenarios
from model.states import Event
from model.transitions import build_tables


def test_the_cohort_goes_on_from_the_open_run() -> None:
    """Ten years lived once for both populations are, to the byte, ten years lived twice, places binding or not."""
    registry = load_parameters()
    people = population.build(registry, 2_000, seed=3)
    everyone, cohort = people.of(population.OPEN), people.of(population.CLOSED)
    for scenario in load_scenarios(["baseline", "collaborative_care"], registry):
        phases = scenario.values(registry, 36)
        tables = build_tables(phases.phases)
        lives = study.live(everyone, cohort, phases, tables, capacity.places_by_month(phases)[:18], 36)
        shared, rations = lives.closed, lives.rations
        assert (rations < 1.0).any()
        alone = study.run_closed(cohort, phases, tables, rations, 36, 1)
        assert shared is not None
        for field in fields(alone):
            assert np.array_equal(getattr(shared, field.name), getattr(alone, field.name)), field.name


def test_the_size_a_scenario_has_itself_is_among_those_explored_and_not_run_again() -> None:
    done = study.run_study(["baseline", "mon_soutien_psy"], people=2_000, population="national", explore=True)
    sizes = {size: opened for size, opened, _ in done.explored["mon_soutien_psy"]}
    assert list(sizes) == sorted(sizes)
    own = done.scenarios[1].own_size(done.registry)
    assert own is not None
    assert sizes[own] is done.open["mon_soutien_psy"]


def test_a_policy_that_parts_few_lives_keeps_the_rest_of_today_and_has_less_chance() -> None:
    """Lived where lives part, against everybody lived again: the same effect within error, and far less of it."""
    found = {}
    for name, few in (("parted", True), ("again", False)):
        with pytest.MonkeyPatch.context() as patch:
            if not few:
                patch.setattr(branches, "parts_few", lambda *_: False)
            done = study.run_study(["baseline", "liste_en_sus"], people=6_000, population="national", explore=False)
        names = ("baseline", "liste_en_sus")
        starts = [done.open[one].events.sum(axis=(1, 2))[:, Event.ESKETAMINE_START] for one in names]
        found[name] = starts[1] - starts[0]
    error = {name: change.std(ddof=1) / np.sqrt(change.size) for name, change in found.items()}
    assert error["parted"] < 0.7 * error["again"]
    assert abs(found["parted"].mean() - found["again"].mean()) < 4.0 * np.hypot(*error.values())
    assert found["parted"].mean() > 4.0 * error["parted"]
