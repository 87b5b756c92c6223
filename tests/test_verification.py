"""The reviewer's checks: they pass on the model, and each of a few planted faults makes one fail; the matrix."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from calibration import verification as ver
from calibration.matrix import FEWEST, agreement, health_of_states, monthly_matrix, occupancy, without_care
from calibration.verification import Bench, Check
from model import valuation
from model.complaints import Bilingual
from model.inputs import load_parameters
from model.states import Health
from model.tables import Tables

PEOPLE, SEED = 3_000, 5


@pytest.fixture(scope="module")
def registry():
    return load_parameters()


@pytest.fixture(scope="module")
def bench(registry):
    return Bench(registry, PEOPLE, SEED)


GROUPS = (ver.null_effects, ver.extremes, ver.accounts, ver.worth, ver.directions, ver.cross_validation)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_the_program_passes(bench, group) -> None:
    assert [check for check in group(bench) if not check.passed] == []


def test_every_check_of_the_list_has_words_in_both_languages() -> None:
    for french, english in ver.TITLES.values():
        assert french != english


def test_a_check_that_reached_nobody_fails() -> None:
    title = Bilingual(fr="a", en="b")
    assert not Check("x", title, float("nan"), 1.0).passed
    assert Check("x", title, 1.0, 1.0).passed


class Faulty(Bench):
    """A bench with a fault planted in what a run gives back."""

    def run(self, change: Any = lambda t: None, **others: Any) -> Any:
        ledgers = super().run(change, **others)
        events = ledgers.events.copy()
        events[..., ver.Event.DEATH_OTHER] *= 0.9  # one death in ten is not booked
        return replace(ledgers, events=events)


def failed(checks: Iterator[Check]) -> set[str]:
    return {check.id for check in checks if not check.passed}


def test_a_death_not_booked_is_seen(registry) -> None:
    assert failed(ver.accounts(Faulty(registry, PEOPLE, SEED))) == {"flows_are_stocks"}


def test_an_idle_programme_that_acts_is_seen(bench, monkeypatch) -> None:
    monkeypatch.setattr(ver, "with_idle_nurses", ver.with_nurses)
    assert "null_programme" in failed(ver.null_effects(bench))


def test_a_payer_left_out_is_seen(bench, monkeypatch) -> None:
    true = valuation.perspective
    monkeypatch.setattr(valuation, "perspective", lambda outcomes, name: 0.9 * true(outcomes, name))
    assert "payers_add_up" in failed(ver.worth(bench))


# ── the matrix ───────────────────────────────────────────────────────────────────────────────────────


def test_rows_of_the_matrix_are_probabilities(bench) -> None:
    for sex, age in ((0, 20), (1, 45), (0, 90)):
        matrix = monthly_matrix(without_care(bench.world.tables), sex, age)
        assert (matrix >= 0.0).all()
        np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-12)


def test_the_matrix_by_hand() -> None:
    """One hazard at a time: remission then six months of tunnel, with nothing else, ends in recovery at month 7."""
    from tests.small import blank_tables

    tables = blank_tables()
    tables.course["remission"] = 1e9
    found = occupancy(tables, Health.SEVERE, 0, 30, 9)
    assert found[0, Health.REMISSION] == pytest.approx(1.0)
    assert found[5, Health.REMISSION] == pytest.approx(1.0)
    assert found[6, Health.RECOVERY] == pytest.approx(1.0)
    assert health_of_states(6).size == 1 + 3 + 3 + 18 + 3


def test_a_rule_that_departs_from_the_design_is_seen(bench, monkeypatch) -> None:
    """The lives remit a tenth faster than the matrix is told: the gap is beyond chance."""
    from calibration import matrix as room

    def faster(tables: Tables) -> Tables:
        out = Tables(*(table.copy() for table in tables))
        out.course["remission"] *= 1.1
        return out

    true = room.live
    monkeypatch.setattr(room, "live", lambda persons, tables, months: true(persons, faster(tables), months))
    found = agreement(bench.world.tables, Health.SEVERE, 0, 38, 24, 20_000, SEED)
    assert found.worst > 5.0
    assert found.lives.shape == found.matrix.shape == (24, len(Health))
    assert FEWEST >= 10
