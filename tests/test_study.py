"""The same people in two populations: the closed cohort goes on where the open run leaves those they share."""

from dataclasses import fields

import numpy as np

from model import capacity, population, study
from model.inputs import load_parameters
from model.scenario import load_scenarios


def test_the_cohort_goes_on_from_the_open_run() -> None:
    """Ten years lived once for both populations are, to the byte, ten years lived twice, places binding or not."""
    registry = load_parameters()
    people = population.build(registry, 2_000, seed=3)
    everyone, cohort = people.of(population.OPEN), people.of(population.CLOSED)
    for scenario in load_scenarios(["baseline", "collaborative_care"], registry):
        phases = scenario.values(registry, 36)
        lives = study.live(everyone, cohort, phases, capacity.places_by_month(phases)[:18], 36)
        shared, rations = lives.closed, lives.rations
        assert (rations < 1.0).any()
        alone = study.run_closed(cohort, phases, rations, 36, 1)
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
