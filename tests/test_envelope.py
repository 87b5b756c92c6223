"""Envelopes: what a twelfth buys, by hand, and a scenario that never spends more than it was granted."""

import numpy as np
import pytest

from model import envelope, study
from model.inputs import load_parameters
from model.ledgers import by_technique
from model.phases import Phases, Values
from model.scenario import load_scenario
from model.states import Service
from model.tables import N_REGION
from results.envelopes import spending
from results.findings import Findings

SIMPLE = {
    "economy.price_year": 2025.0,
    "price.esketamine_device": 200.0,
    "price.esketamine_session": 120.0,
    "price.ketamine_session": 250.0,
    "price.rtms_session": 100.0,
    "price.ect_session": 500.0,
    "payer.vat_drug_rate": 0.0,
    "treatment.esketamine.devices_per_session": 2.5,
}


NONE = np.zeros((len(Service), N_REGION))  # no place kept or wanted: of no consequence but for esketamine


class Flat:
    """A registry whose euros are all of the price year: nothing to carry."""

    price_year = None

    def __getitem__(self, name: str) -> "Flat":
        return self


def phases(**granted: float) -> Phases:
    none = dict.fromkeys(envelope.ENVELOPES.values(), 0.0)
    given = {f"capacity.{name}.annual_envelope": amount for name, amount in granted.items()}
    return Phases(np.array([0, 1], np.int32), [Values({**SIMPLE, **none}), Values({**SIMPLE, **none, **given})])


def test_a_session_of_esketamine_costs_its_drug_too() -> None:
    costs = envelope.session_costs(phases().phases[0], Flat())  # type: ignore[arg-type]
    assert costs[[Service.ESKETAMINE, Service.ECT]].tolist() == [120.0 + 2.5 * 200.0, 500.0]
    assert costs[Service.SESAME] == 0.0


def purse(months: int, money: float, cost: float = 500.0) -> envelope.Purse:
    """A purse for ECT: `money` euros each month, 30 sessions a month today."""
    shape = (months, len(Service))
    granted = np.zeros(shape)
    granted[:, Service.ECT] = money
    return envelope.Purse(granted, np.full(shape, cost), np.full(shape, 30.0))


def test_places_are_todays_sessions_and_those_the_money_buys() -> None:
    """10,000 euros a month buy 20 sessions of ECT; what was not used is spread over what is left of the year."""
    limits, used = np.full((len(Service), N_REGION), 7.0), np.full((24, len(Service)), 50.0)
    found = purse(24, 10_000.0).places(limits, 0, used, NONE, NONE)
    assert found[Service.ECT, 0] == pytest.approx(30.0 + 20.0)
    others = [s for s in Service if s != Service.ECT]
    assert found[others].tolist() == limits[others].tolist()
    used[:6, Service.ECT] = 30.0  # nothing spent for six months: twice as much a month for the next six
    assert purse(24, 10_000.0).places(limits, 6, used, NONE, NONE)[Service.ECT, 0] == pytest.approx(30.0 + 40.0)
    assert purse(24, 10_000.0).places(limits, 12, used, NONE, NONE)[Service.ECT, 0] == pytest.approx(50.0), (
        "unspent money is lost"
    )


def test_what_was_spent_beyond_the_envelope_is_taken_off_what_is_left() -> None:
    limits, used = np.full((len(Service), N_REGION), 7.0), np.full((24, len(Service)), 50.0)
    used[:11, Service.ECT] = 60.0  # 30 sessions a month beyond today, where 20 are paid
    last = purse(24, 10_000.0).places(limits, 11, used, NONE, NONE)[Service.ECT, 0]
    assert last == pytest.approx(max(0.0, 30.0 + 240.0 - 330.0))
    used[11, Service.ECT] = 30.0
    after = purse(24, 10_000.0).places(limits, 12, used, NONE, NONE)[Service.ECT, 0]
    assert after == pytest.approx(30.0 + (240.0 - 90.0) / 12.0), "the debt of the year before is paid first"


def test_an_envelope_of_esketamine_goes_where_people_ask_for_it() -> None:
    """10,000 euros buy 20 sessions beyond today's 60 of all hospitals; 40 are kept; 20 of 60 wanted are in EPSM."""
    both = [Service.ESKETAMINE, Service.ESKETAMINE_EPSM]
    granted = np.zeros((12, len(Service)))
    granted[:, Service.ESKETAMINE] = 10_000.0
    today = by_technique(np.full((12, len(Service)), 30.0))
    one = envelope.Purse(granted, np.full((12, len(Service)), 500.0), today)
    limits, used = np.full((len(Service), N_REGION), 7.0), np.full((12, len(Service)), 50.0)
    kept, wanted = NONE.copy(), NONE.copy()
    kept[both, 3], wanted[both, 3] = [35.0, 5.0], [40.0, 20.0]
    found = one.places(limits, 0, used, kept, wanted)
    assert found[both].sum(axis=1) == pytest.approx([35.0 + 40.0 * 2 / 3, 5.0 + 40.0 / 3])
    assert found[both].sum() == pytest.approx(60.0 + 20.0)
    used[0, both] = [60.0, 20.0]  # what was spent counts whichever the hospital
    assert one.places(limits, 1, used, kept, wanted)[both].sum() == pytest.approx(60.0 + 20.0)
    kept[both, 3] = [90.0, 5.0]
    assert one.places(limits, 0, used, kept, wanted)[both].sum(axis=1).tolist() == [90.0, 5.0], "nobody is sent away"


def test_an_envelope_begins_when_it_is_granted_and_needs_a_baseline() -> None:
    assert envelope.purse_of(phases(), Flat(), None, 2) is None  # type: ignore[arg-type]
    found = envelope.purse_of(phases(ect=120_000.0), Flat(), np.zeros((2, len(Service))), 2)  # type: ignore[arg-type]
    assert found is not None
    assert found.money[:, Service.ECT].tolist() == [0.0, 10_000.0]
    with pytest.raises(ValueError, match="run the baseline first"):
        envelope.purse_of(phases(ect=1.0), Flat(), None, 2)  # type: ignore[arg-type]


def test_spending_is_held_to_the_envelope() -> None:
    """Access would fill it many times over. People in treatment stay by chance: a debt is possible, never two years."""
    registry = load_parameters()
    names = ["baseline", "dedicated_allocation"]
    lived = study.run_study(names, people=6_000, population="national", explore=False, registry=registry)
    found = spending(lived.scenarios[1], Findings(lived))
    assert found is not None
    granted, spent = found.granted.sum(axis=0), found.spent.sum(axis=0)
    assert found.granted.sum(axis=1)[1:] == pytest.approx(40.8e6, rel=0.05)
    assert (spent <= 1.01 * granted).all()
    assert spent.sum() > 0.7 * granted.sum(), "the money is spent"
    assert found.counted is not None
    assert found.counted.shape[1:] == found.spent.shape


def test_the_twin_without_limits_has_no_envelope() -> None:
    scenario = study.unlimited_twin(load_scenario("dedicated_allocation", load_parameters()))
    assert scenario.unlimited_places
