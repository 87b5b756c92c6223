"""Esketamine has two queues: places opened in EPSM serve patients of EPSM alone."""

import numpy as np
import pytest

from model import capacity, simulation, study
from model.inputs import Registry, load_parameters
from model.ledgers import by_technique
from model.phases import Values
from model.states import Capacity, Care, Health, Hospital, Resource, Service
from model.tables import N_REGION
from tests.small import blank_tables, crowd, set_now

BOTH = [Service.ESKETAMINE, Service.ESKETAMINE_EPSM]
MONTHS = 18


def values(registry: Registry) -> Values:
    return Values({name: parameter.value for name, parameter in registry.items()})


@pytest.mark.parametrize("solved", [True, False])
def test_places_are_where_todays_admissions_are(solved: bool) -> None:
    """Catchments and access, in the files and as solved: the solve moves access alike in all hospitals."""
    v = values(load_parameters() if solved else load_parameters(solved=None))
    access = [v[f"access.esketamine.{h.name.lower()}.monthly_probability"] for h in Hospital]
    admitted = np.array(v["population.hospital.share"]) * access
    assert v["capacity.esketamine.hospital_share"] == pytest.approx(admitted / admitted.sum(), abs=0.005)


def test_both_queues_hold_todays_volume_and_places_open_where_a_scenario_says() -> None:
    v = values(load_parameters())
    share = v["capacity.esketamine.hospital_share"]
    today = capacity.places_of(v)[BOTH].sum(axis=1)
    volume = v["capacity.esketamine.monthly_sessions"] * (1.0 + v["capacity.slack"])
    assert today == pytest.approx([volume * (1.0 - share[0]), volume * share[0]])
    name = "capacity.esketamine.monthly_sessions"
    v.places[name] = np.full((N_REGION, len(Hospital)), v.pop(name))
    v.places[name][:, Hospital.EPSM] *= 5.0
    assert capacity.places_of(v)[BOTH].sum(axis=1) == pytest.approx(today * [1.0, 5.0])
    v.places[name][:, Hospital.CLINIC] *= 2.0
    clinics = volume * share[Hospital.CLINIC]
    assert capacity.places_of(v)[Service.ESKETAMINE].sum() == pytest.approx(today[0] + clinics)
    v["capacity.limited.esketamine"] = False
    assert np.isinf(capacity.places_of(v)[BOTH]).all()


def admissions(places_epsm: float, places_elsewhere: float) -> np.ndarray:
    """Return admissions to esketamine of EPSM and of the other hospitals, month by month, (month, 2)."""
    hospital = np.arange(6_000) % 3
    everyone = crowd(6_000, 2, hospital=hospital)
    set_now(everyone, health=Health.SEVERE, severity=Health.SEVERE, episodes=1, failed=2, care=Care.CMP)
    t = blank_tables()
    t.treatment.access[:, Service.ESKETAMINE] = 0.05
    t.treatment.esketamine_sessions = [8, 4, 3]
    limit = np.full((MONTHS, len(Service), N_REGION), np.inf)
    limit[:, BOTH] = 0.0
    limit[:, Service.ESKETAMINE, 0], limit[:, Service.ESKETAMINE_EPSM, 0] = places_elsewhere, places_epsm
    calendar = simulation.new_calendar(np.zeros(MONTHS, np.int32))
    _, books = capacity.run_open(everyone, t, calendar, limit, 1)
    return books.places["capacity"][:, :MONTHS, [Service.ESKETAMINE_EPSM, Service.ESKETAMINE], Capacity.ADMITTED].sum(
        axis=0
    )


def test_a_queue_that_is_full_leaves_the_other_as_it_was() -> None:
    """Nobody is treated beside the queue of one's own hospital; nobody is refused for want of places elsewhere."""
    free, shut, opened = admissions(np.inf, np.inf), admissions(0.0, np.inf), admissions(np.inf, 0.0)
    assert (free[:, 0] > 0).all()
    assert (free[:, 1] > 0).all()
    assert shut[1:, 0].sum() == 0 == opened[1:, 1].sum()
    assert np.array_equal(shut[:, 1], free[:, 1])
    assert np.array_equal(opened[:, 0], free[:, 0])


def test_counts_by_technique_put_both_queues_together() -> None:
    counts = np.arange(2.0 * len(Service)).reshape(2, -1)
    found = by_technique(counts)
    assert found[:, Service.ESKETAMINE].tolist() == (counts[:, 0] + counts[:, Service.ESKETAMINE_EPSM]).tolist()
    assert (found[:, Service.ESKETAMINE_EPSM] == 0.0).all()
    assert np.array_equal(by_technique(counts.T, axis=0), found.T)
    assert counts[0, Service.ESKETAMINE_EPSM] == Service.ESKETAMINE_EPSM, "what was given is left as it was"


def test_the_list_opens_places_in_epsm_and_leaves_the_other_hospitals_as_they_are() -> None:
    """Nothing else limited, so that only esketamine's queues could join EPSM to the others: to the last device."""
    limited = {
        name: False
        for name in load_parameters()
        if name.startswith("capacity.limited.") and name != "capacity.limited.esketamine"
    }
    registry = load_parameters().replace(limited, "a test")
    names = ["baseline", "liste_en_sus"]
    lived = study.run_study(names, people=6_000, population="national", explore=False, registry=registry)
    today, policy = (lived.rations[name][:, Service.ESKETAMINE] for name in names)
    assert (today < 1.0).any()
    assert np.array_equal(today, policy)
    assert not np.array_equal(*(lived.rations[name][:, Service.ESKETAMINE_EPSM] for name in names))
    before, after = (lived.open[name] for name in names)

    def counted(column: Capacity, service: Service) -> list[float]:
        return [one.capacity[:, :, service, column].mean(axis=0).sum() for one in (before, after)]

    for column in Capacity:
        assert counted(column, Service.ESKETAMINE)[0] == pytest.approx(counted(column, Service.ESKETAMINE)[1])
    admitted = counted(Capacity.ADMITTED, Service.ESKETAMINE_EPSM)
    assert admitted[1] > 1.5 * admitted[0]
    used = [one.resources.mean(axis=0).sum(axis=(0, 1, 2)) for one in (before, after)]
    assert used[0][Resource.ESKETAMINE_DEVICE_HOSPITAL] > 0.0
    for resource in (Resource.ESKETAMINE_DEVICE_HOSPITAL, Resource.ESKETAMINE_SESSION):
        assert used[0][resource] == pytest.approx(used[1][resource])
    assert used[1][Resource.ESKETAMINE_SESSION_EPSM] > 1.5 * used[0][Resource.ESKETAMINE_SESSION_EPSM]
