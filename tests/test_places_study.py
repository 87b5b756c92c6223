"""Places seen from a study: the twin without limits, a past local programme, replicate seeds, the exclusive set."""

import numpy as np
import pytest

from model import population, study
from model.complaints import InputError
from model.inputs import load_parameters
from model.population import OPEN
from model.scenario import load_scenario, load_scenarios, scenario_names
from model.states import Capacity, Event, Fixed, Resource, Service, Trait
from model.study import Study, run_study
from model.transitions import check_places
from results import tables
from results.findings import Findings
from results.summary import summary

SEGUR, PAST = "segur_31", "sesame_article51"


@pytest.fixture(scope="module")
def lived() -> Study:
    kept = study.PATIENTS, study.LOCAL_PEOPLE
    study.PATIENTS, study.LOCAL_PEOPLE = 20_000, 2_000
    try:
        return run_study(["baseline", SEGUR, PAST], people=2_000, population="national", unlimited=True, explore=False)
    finally:
        study.PATIENTS, study.LOCAL_PEOPLE = kept


def counted(lived: Study, scenario: str, service: Service, column: Capacity) -> np.ndarray:
    return lived.open[scenario].capacity[:, :, service, column].mean(axis=0)


def test_the_twin_without_limits_shows_what_lack_of_places_costs(lived: Study) -> None:
    assert [one.id for one in lived.scenarios] == ["baseline", SEGUR, f"{SEGUR}_unlimited", PAST]
    refused = {name: counted(lived, name, Service.HEALTH_CENTRE, Capacity.REFUSED).sum() for name in lived.open}
    assert refused[SEGUR] > 0.0
    assert refused[f"{SEGUR}_unlimited"] == 0.0
    sessions = {name: one.resources[..., Resource.PSYCHOLOGIST_SALARIED].sum() for name, one in lived.open.items()}
    assert sessions[f"{SEGUR}_unlimited"] > sessions[SEGUR] > sessions["baseline"] == 0.0
    assert np.isinf(lived.places[f"{SEGUR}_unlimited"]).all()
    assert lived.places[SEGUR][100, Service.HEALTH_CENTRE] == pytest.approx(200 * 80.0)


def test_a_past_programme_touches_only_its_patients_and_its_years(lived: Study) -> None:
    base, past = lived.open["baseline"], lived.open[PAST]
    started = counted(lived, PAST, Service.SESAME, Capacity.ADMITTED)
    assert started[:36].sum() > 300.0
    assert started[37:].sum() == 0.0, "participation ends in June 2026"
    assert past.trace.sum(axis=(2, 3)) == pytest.approx(base.trace.sum(axis=(2, 3)))
    assert past.events[..., Event.SESAME_START].sum() == pytest.approx(past.capacity[:, :, Service.SESAME, 1].sum())
    moved = np.abs(past.trace - base.trace).sum(axis=(2, 3)).mean()
    assert 0.0 < moved < 2 * 12_358_932 * 0.00486
    assert PAST not in lived.closed


def test_the_past_is_set_beside_its_target_and_nothing_is_capped(lived: Study) -> None:
    table = tables.retrospective(Findings(lived))
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert {row["quantity"]: row["known"] for row in rows} == {"patients": 2_910.0, "patients_2024": 900.0}
    started = counted(lived, PAST, Service.SESAME, Capacity.ADMITTED)
    for row, window in zip(rows, (slice(0, 36), slice(6, 18)), strict=True):
        assert row["model_depression"] == pytest.approx(started[window].sum(), abs=row["model_depression_mc_se"])
        assert row["model_all"] == pytest.approx(started[window].sum() / 0.75, abs=row["model_all_mc_se"])
        assert row["gap"] == pytest.approx(row["model_all"] - row["known"], abs=row["gap_mc_se"])
    assert "2,910" in summary(lived, "en", full=True)
    scenario = load_scenario(PAST, load_parameters())
    assert not any("target" in name for name in scenario.changes)


def test_the_capacity_table_shows_places_and_those_free(lived: Study) -> None:
    table = tables.capacity(Findings(lived))
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    one = next(r for r in rows if (r["service"], r["scenario"], r["month"]) == ("HEALTH_CENTRE", SEGUR, "2035-06"))
    assert one["places"] == 16_000.0
    kept = counted(lived, SEGUR, Service.HEALTH_CENTRE, Capacity.KEPT)[100]
    assert one["free"] == pytest.approx(max(0.0, 16_000.0 - kept), abs=max(1.0, one["free_mc_se"]))
    twin = next(r for r in rows if r["scenario"] == f"{SEGUR}_unlimited" and r["service"] == "ECT")
    assert twin["places"] is None
    assert twin["free"] is None


def test_patients_of_a_programme_stand_for_those_of_its_gps() -> None:
    people = population.build(load_parameters(), 4_000, seed=3).of(OPEN)
    mine = people.persons["fixed"][:, Fixed.REGION] == 5
    some = population.patients_of(people, 5, 0.01, 10_000, seed=3)
    assert len(some) >= 10_000
    assert (some.persons["fixed"][:, Fixed.REGION] == 5).all()
    rank = some.persons["trait"][:, Trait.SESAME_RANK]
    assert 0.0 < rank.min() < rank.max() < 0.01
    assert rank.mean() == pytest.approx(0.005, rel=0.01)
    assert some.person_weights().sum() == pytest.approx(0.01 * people.person_weights()[mine].sum())
    assert np.unique(some.persons["key"]).size == len(some), "each has luck of their own"


def test_replicates_tell_how_far_seeds_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []

    def stand_in(names: list[str], *, seed: int, **_: object) -> int:
        seeds.append(seed)
        return seed

    monkeypatch.setattr(study, "run_study", stand_in)
    found = study.replicates(["baseline"], 3, lambda s: {("a", "b"): (float(s) ** 2, 2.0)}, seed=7)  # type: ignore[arg-type]
    assert seeds == [7, 8, 9]
    assert (found[0].scenario, found[0].outcome) == ("a", "b")
    assert found[0].mean == pytest.approx((49 + 64 + 81) / 3)
    assert found[0].error == pytest.approx(np.std([49, 64, 81], ddof=1))
    assert found[0].batch_error == 2.0
    with pytest.raises(InputError, match="at least 2"):
        study.replicates(["baseline"], 1, lambda s: {})


def test_the_specialised_treatments_are_one_exclusive_set() -> None:
    scenarios = load_scenarios(scenario_names(), load_parameters())
    members = {one.id for one in scenarios if one.exclusive_set == "specialised_treatments"}
    assert members == {
        "liste_en_sus",
        "dedicated_allocation",
        "ketamine_iv_access",
        "ect_extended",
        "rtms_reimbursed",
    }


def test_where_is_refused_with_the_place_a_parameter_differs_by(tmp_path) -> None:
    text = (load_scenario("bupropion_reimbursed", load_parameters()).files[0]).read_text(encoding="utf-8")
    path = tmp_path / "elsewhere.toml"
    for name, where, told in (
        ("access.ect.epsm.monthly_probability", '{ hospital = ["epsm"] }', "differs by region only"),
        ("funding.esketamine.listed", '{ region = ["11"] }', "differs by hospital only"),
        ("care.stay.mean_days", '{ region = ["11"] }', "is the same everywhere"),
    ):
        change = f'[changes."{name}"]\nmultiply = 1.0\nwhere = {where}\ngrade = "D"\nwhy = "a test"\n\n[[evidence]]'
        path.write_text(text.replace("[[evidence]]", change, 1), encoding="utf-8")
        with pytest.raises(InputError, match=told):
            check_places([load_scenario(path, load_parameters())], load_parameters())
