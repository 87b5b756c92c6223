"""What is built of values is built once where nothing that it reads differs, and never serves where something does."""

from typing import Any

import numpy as np
import pytest

from model.capacity import places_by_month, places_of
from model.forks import CONTACTS, EVERYTHING, differences
from model.inputs import load_parameters
from model.phases import Values, each
from model.scenario import load_scenario
from model.tables import Tables
from model.transitions import build_tables

SCENARIOS = ("baseline", "liste_en_sus", "sesame_article51", "full_reform", "dedicated_allocation")


def phase(built: dict[Any, Any], **moved: float) -> Values:
    return Values({"switch": 0.0, "strength": 1.0, "other": 2.0} | moved, moved=moved, built=built)


def test_what_is_read_only_sometimes_is_looked_at_when_it_was_read() -> None:
    calls: list[float] = []

    def strength(v: Values) -> float:
        calls.append(v["strength"] if v["switch"] else 0.0)
        return calls[-1]

    built: dict[Any, Any] = {}
    on = {"switch": 1.0}
    first = [phase(built), phase(built, strength=3.0), phase(built, **on), phase(built, **on, strength=3.0)]
    assert each(strength, first) == [0.0, 0.0, 1.0, 3.0]
    assert len(calls) == 3, "what is not read does not count"
    again = [phase(built, **on, strength=3.0, other=5.0), phase(built, strength=9.0), phase(built, **on, strength=4.0)]
    assert each(strength, again) == [3.0, 0.0, 4.0]
    assert len(calls) == 4, "other calendars of the same base are served too"
    assert each(strength, [phase({}, **on)]) == [1.0]
    assert len(calls) == 5, "not those of another base"


def test_values_that_may_change_are_read_each_time() -> None:
    v = Values({"strength": 1.0})
    assert each(lambda v: v["strength"], [v]) == [1.0]
    v["strength"] = 2.0
    assert each(lambda v: v["strength"], [v]) == [2.0]


def test_a_phase_that_differs_in_a_place_has_its_own() -> None:
    built: dict[Any, Any] = {}
    cells = [np.full((18, 3), 0.1), np.full((18, 3), 0.1), np.full((18, 3), 0.1)]
    cells[1][4] = 0.2
    phases = [Values({}, {"share": here}, {"share": here.tobytes()}, built) for here in cells]
    found = each(lambda v: float(v.by_region("share").sum()), phases)
    assert found == pytest.approx([1.8, 1.9, 1.8])


def test_calendars_of_one_base_have_the_records_and_places_that_they_have_alone() -> None:
    registry = load_parameters()
    base = Values(registry.in_force, built={})
    for name in SCENARIOS:
        phases = load_scenario(name, registry).values(registry, 240, base=base)
        alone = [Values(v, v.places) for v in phases.phases]
        for together, apart in zip(build_tables(phases.phases), build_tables(alone), strict=True):
            assert together.tobytes() == apart.tobytes()
        rows = np.array([places_of(v) for v in alone])
        assert np.array_equal(places_by_month(phases), rows[phases.phase_of_month])


def test_each_field_that_differs_is_told_in_its_phase_alone() -> None:
    registry = load_parameters()
    tables = build_tables(load_scenario("baseline", registry).values(registry, 12).phases * 2)
    rows = np.arange(2)
    assert not differences(tables, rows, tables, rows).any()
    for subject in Tables._fields:
        for name in getattr(tables, subject).dtype.names:
            other = getattr(tables, subject).copy()
            other[name].reshape(2, -1)[1, -1] += 1.0
            bits = differences(tables, rows, tables._replace(**{subject: other}), rows)
            assert bits.tolist() == [0, CONTACTS.get((subject, name), EVERYTHING)], (subject, name)
