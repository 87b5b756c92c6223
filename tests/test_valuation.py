"""Worth of toy ledgers, by hand: who pays, QALYs, production, programmes, perspectives, the 14 bn."""

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from model import payers, production, quality, valuation
from model.inputs import load_parameters, load_table
from model.ledgers import Ledgers
from model.payers import Category, Payer
from model.states import AGE_BANDS, Event, Health, Resource, Trd, Work
from model.states import Payer as Cover

PARAMETERS = Path(__file__).parent.parent / "model" / "parameters"
FILES = ("prices", "payers", "utilities", "work_value", "economy", "programmes")
RATES = ("economy.discount.first_rate", "economy.discount.later_rate")


def _flat(table, above=""):
    for key, item in table.items():
        if isinstance(item, dict) and "value" in item:
            yield above + key, item["value"]
        elif isinstance(item, dict):
            yield from _flat(item, f"{above}{key}.")


@pytest.fixture(scope="module")
def values():
    """The numbers of the files as they stand, without the loader: euros of each one's own year."""
    return dict(pair for name in FILES for pair in _flat(tomllib.loads((PARAMETERS / f"{name}.toml").read_text())))


def ledgers(batches=2, years=1):
    """Return empty ledgers of whole years."""
    head = (batches, years)
    n_trd, n_health = len(Trd), len(Health)
    return Ledgers(
        trace=np.zeros((batches, 12 * years + 1, n_health, n_trd)),
        occupancy=np.zeros((*head, 2, len(AGE_BANDS), n_trd, n_health)),
        resources=np.zeros((*head, n_trd, len(Cover), len(Resource))),
        work=np.zeros((*head, n_trd, len(Work), n_health)),
        events=np.zeros((*head, n_trd, len(Event))),
        suicides=np.zeros((*head, n_trd, 2, len(AGE_BANDS))),
        equity=np.zeros((*head, 1, 1)),
        capacity=np.zeros((batches, 12 * years, 1, 1)),
    )


def one(resource, units=1.0, cover=Cover.STANDARD_AMC, years=1):
    """Return ledgers where one resource was used, by people without resistance."""
    book = ledgers(years=years)
    book.resources[..., Trd.NEITHER, cover, resource] = units
    return book


def paid(book, values):
    """Return the euros of year 0, batch 0 by payer, those at zero left out."""
    euros = valuation.value(book, values).costs[0, 0].sum(axis=(0, 2))
    return {Payer(i).name: pytest.approx(amount) for i, amount in enumerate(euros) if abs(amount) > 1e-9}


# ---------------------------------------------------------------- prices


def test_amounts_are_carried_by_the_index():
    index = {"year": np.array([2018.0, 2025.0]), "index": np.array([100.0, 120.0])}
    assert valuation.carry(50.0, 2018, 2025, index) == 60.0
    assert valuation.carry([50.0, 10.0], 2025, 2018, index).tolist() == pytest.approx([125 / 3, 25 / 3])
    assert valuation.carry(50.0, 2018, 2018, index) == 50.0
    with pytest.raises(ValueError, match="no consumer price index for 2017; the table runs from 2018 to 2025"):
        valuation.carry(50.0, 2017, 2025, index)


@dataclass
class Document:
    unit: str
    price_year: int | None = None


def test_prices_carry_euros_and_nothing_else():
    registry = {
        "economy.price_year": Document("year"),
        "price.gp_visit": Document("EUR per visit", 2018),
        "economy.thresholds": Document("EUR per QALY", 2018),
        "payer.copayment.visits": Document("share"),
        "course.remission": Document("per month"),
    }
    found = valuation.prices(
        {
            "economy.price_year": 2025,
            "price.gp_visit": 10.0,
            "economy.thresholds": (10.0, 20.0),
            "payer.copayment.visits": 0.3,
            "course.remission": 0.1,
        },
        registry,
        {"year": [2018, 2025], "index": [100.0, 120.0]},
    )
    assert found == {
        "economy.price_year": 2025,
        "price.gp_visit": 12.0,
        "economy.thresholds": (12.0, 24.0),
        "payer.copayment.visits": 0.3,
    }


def test_the_files_load_and_carry_the_14_bn_to_about_16_4_in_2025(tmp_path):
    for name in FILES:
        shutil.copy(PARAMETERS / f"{name}.toml", tmp_path)
    registry = load_parameters(tmp_path)
    index = load_table("consumer_prices")
    carried = valuation.prices({name: registry.value(name) for name in registry}, registry, index)
    assert carried["economy.burden.total"] == pytest.approx(14e9 * 120.82 / 103.05)
    assert carried["price.gp_visit"] == 30.0
    targets = valuation.burden_targets(carried)
    parts = ("direct", "production", "informal_care", "mortality")
    assert sum(targets[part] for part in parts) == pytest.approx(targets["total"])


# ---------------------------------------------------------------- who pays


def full_prices(v):
    """Return what each priced resource costs, from the parameters alone."""
    epsm, general, clinic = (v[f"price.hospital_day.{name}"] for name in ("epsm", "general", "clinic"))
    device = v["price.esketamine_device"] * 1.021
    psychiatrist = 0.7 * v["price.psychiatrist_visit"] + 0.3 * (
        v["price.psychiatrist_visit_base"] + v["price.psychiatrist_overbilling"]
    )
    hours = 6.0 * 365.25 / 12 / 7
    return {
        Resource.GP_VISIT: v["price.gp_visit"],
        Resource.PSYCHIATRIST_VISIT: psychiatrist,
        Resource.SPECIALIST_ADVICE: v["price.specialist_advice"],
        Resource.PSYCHOLOGIST_CONVENTIONED: v["price.psychologist_conventioned"],
        Resource.PSYCHOLOGIST_PRIVATE: v["price.psychologist_private"],
        Resource.CMP_ACT: v["price.cmp_act"],
        Resource.DAY_HOSPITAL_DAY: v["price.day_hospital_day"],
        Resource.ANTIDEPRESSANT_MONTH: v["price.antidepressant_month"],
        Resource.LITHIUM_MONTH: v["price.lithium_month"],
        Resource.QUETIAPINE_MONTH: v["price.quetiapine_month"],
        Resource.ARIPIPRAZOLE_MONTH: v["price.aripiprazole_month"],
        Resource.BUPROPION_MONTH: v["price.bupropion_month"],
        Resource.ESKETAMINE_DEVICE_HOSPITAL: device,
        Resource.ESKETAMINE_DEVICE_LISTED: device,
        Resource.ESKETAMINE_SESSION: v["price.esketamine_session"],
        Resource.KETAMINE_SESSION: v["price.ketamine_session"],
        Resource.RTMS_SESSION: v["price.rtms_session"],
        Resource.ECT_SESSION: v["price.ect_session"],
        Resource.ESKETAMINE_DEVICE_HOSPITAL_EPSM: device,
        Resource.ESKETAMINE_DEVICE_LISTED_EPSM: device,
        Resource.ESKETAMINE_SESSION_EPSM: v["price.esketamine_session"],
        Resource.KETAMINE_SESSION_EPSM: v["price.ketamine_session"],
        Resource.RTMS_SESSION_EPSM: v["price.rtms_session"],
        Resource.ECT_SESSION_EPSM: v["price.ect_session"],
        Resource.EPSM_DAY_TO_30: epsm,
        Resource.EPSM_DAY_FROM_31: epsm,
        Resource.GENERAL_DAY_TO_30: general,
        Resource.GENERAL_DAY_FROM_31: general,
        Resource.CLINIC_DAY_TO_30: clinic,
        Resource.CLINIC_DAY_FROM_31: clinic,
        Resource.EMERGENCY_VISIT: v["price.emergency_visit"],
        Resource.ATTEMPT_STAY: v["price.attempt_stay"],
        Resource.SUICIDE: v["price.suicide"],
        Resource.EXPERT_ASSESSMENT: v["price.expert_assessment"],
        Resource.CARER_MONTH: hours * v["work_value.informal_care_hourly_price"],
        Resource.SESAME_CLASSIC_MONTH: v["price.sesame_classic_month"],
        Resource.SESAME_LIGHT_MONTH: v["price.sesame_light_month"],
        Resource.GUIDED_SELF_HELP_START: v["price.guided_self_help"],
        Resource.SOMATIC_WORKUP: v["price.somatic_workup"],
        Resource.VIGILANS_START: v["price.vigilans_start"],
        Resource.REHABILITATION_START: v["price.rehabilitation_course"],
        Resource.CRISIS_RELAY: v["price.crisis_relay"],
        Resource.CARER_PROGRAMME_START: v["price.carer_programme"],
        Resource.SESAME_ANXIETY_MONTH: v["price.sesame_classic_month"],
        Resource.BIPOLAR_SCREEN: v["programme_cost.bipolar_screening_per_patient"],
        Resource.INTEGRATED_CARE_START: v["programme_cost.integrated_care_per_patient"],
        Resource.TELE_EXPERTISE: v["programme_cost.tele_expertise"],
        Resource.ALD_HANDLING: v["programme_cost.ald_request"],
        Resource.ACT_BELOW_CAP: 0.0,  # a charge moves money: it adds none
        Resource.BOX_BELOW_CAP: 0.0,
    }


@pytest.mark.parametrize("resource", Resource, ids=lambda r: r.name)
def test_who_pays_sums_to_the_price_in_every_class_of_cover(resource, values):
    expected = full_prices(values).get(resource, 0.0)
    assert (expected == 0.0 and resource in payers.UNPRICED) or resource in full_prices(values)
    assert payers.tariff(values)[resource].sum(axis=(1, 2)) == pytest.approx(expected, abs=1e-9)


def test_a_gp_visit_of_30_euros(values):
    book = one(Resource.GP_VISIT)
    assert paid(book, values) == {"AMO": 21.0, "AMC": 9.0}
    book.resources[..., Trd.NEITHER, Cover.STANDARD_AMC, Resource.ACT_BELOW_CAP] = 1.0
    assert paid(book, values) == {"AMO": 19.0, "AMC": 9.0, "PATIENT": 2.0}
    assert paid(one(Resource.GP_VISIT, cover=Cover.STANDARD_NO_AMC), values) == {"AMO": 21.0, "PATIENT": 9.0}
    for in_ald in (Cover.ALD_NO_AMC, Cover.ALD_AMC):
        assert paid(one(Resource.GP_VISIT, cover=in_ald), values) == {"AMO": 30.0}


def test_a_psychiatrist_visit_and_overbilling_even_in_ald(values):
    """30 % free to overbill: tariff 0.7 × 57 + 0.3 × 42.5 = 52.65; overbilling 0.3 × 35 = 10.5."""
    assert paid(one(Resource.PSYCHIATRIST_VISIT, cover=Cover.ALD_NO_AMC), values) == {
        "AMO": 52.65,
        "PATIENT": 10.5,
    }
    with_amc = {"AMO": 0.7 * 52.65, "AMC": 0.3 * 52.65 + 0.4 * 10.5, "PATIENT": 0.6 * 10.5}
    assert paid(one(Resource.PSYCHIATRIST_VISIT), values) == with_amc


def test_drugs_psychologists_and_boxes(values):
    assert paid(one(Resource.ANTIDEPRESSANT_MONTH), values) == {"AMO": 5.85, "AMC": 3.15}
    assert paid(one(Resource.PSYCHOLOGIST_CONVENTIONED), values) == {"AMO": 30.0, "AMC": 20.0}
    assert paid(one(Resource.PSYCHOLOGIST_PRIVATE, cover=Cover.ALD_AMC), values) == {"PATIENT": 65.0}
    assert paid(one(Resource.BOX_BELOW_CAP, cover=Cover.ALD_AMC), values) == {"AMO": -1.0, "PATIENT": 1.0}
    assert paid(one(Resource.BOX_ABOVE_CAP), values) == {}


def test_a_hospital_day(values):
    """573.37 a day: co-payment 114.674 up to day 30, the charge of 15 within it; 15 after and in ALD."""
    values = values | {"price.hospital_day.epsm": 573.37, "price.hospital_day.clinic": 60.0}
    first, later = Resource.EPSM_DAY_TO_30, Resource.EPSM_DAY_FROM_31
    assert paid(one(first), values) == {"HOSPITAL_EPSM": 458.696, "AMC": 114.674}
    assert paid(one(first, cover=Cover.ALD_NO_AMC), values) == {"HOSPITAL_EPSM": 558.37, "PATIENT": 15.0}
    assert paid(one(later, cover=Cover.STANDARD_NO_AMC), values) == {"HOSPITAL_EPSM": 558.37, "PATIENT": 15.0}
    # the daily charge is due when the co-payment is smaller: 12 of 60
    assert paid(one(Resource.CLINIC_DAY_TO_30), values) == {"AMO": 45.0, "AMC": 15.0}
    both = values | {"payer.hospital.daily_charge_within_copayment": False}
    assert paid(one(first), both) == {"HOSPITAL_EPSM": 443.696, "AMC": 129.674}


def test_emergency_charge_is_reduced_in_ald(values):
    values = values | {"price.emergency_visit": 200.0}
    assert paid(one(Resource.EMERGENCY_VISIT), values) == {"AMO": 180.39, "AMC": 19.61}
    assert paid(one(Resource.EMERGENCY_VISIT, cover=Cover.ALD_NO_AMC), values) == {
        "AMO": 191.51,
        "PATIENT": 8.49,
    }


def test_esketamine_from_the_hospital_budget_or_from_the_list(values):
    """A device of 200 EUR is 204.20 with tax; off the list the hospitals pay, on it the Assurance maladie."""
    bought, listed = Resource.ESKETAMINE_DEVICE_HOSPITAL, Resource.ESKETAMINE_DEVICE_LISTED
    assert paid(one(bought), values) == {"HOSPITAL_OTHER": 204.2}
    assert paid(one(Resource.ESKETAMINE_DEVICE_HOSPITAL_EPSM), values) == {"HOSPITAL_EPSM": 204.2}
    assert paid(one(listed), values) == paid(one(Resource.ESKETAMINE_DEVICE_LISTED_EPSM), values) == {"AMO": 204.2}
    costs = valuation.value(one(bought), values).costs
    assert costs[0, 0, Trd.NEITHER, :, Category.ESKETAMINE_DEVICES].sum() == pytest.approx(204.2)


def test_switches_of_reimbursement(values):
    assert paid(one(Resource.BUPROPION_MONTH), values) == {"PATIENT": 25.0}
    reimbursed = values | {"payer.bupropion_reimbursed": True, "payer.rtms_reimbursed": True}
    assert paid(one(Resource.BUPROPION_MONTH), reimbursed) == {"AMO": 16.25, "AMC": 8.75}
    assert set(paid(one(Resource.RTMS_SESSION), values)) == {"HOSPITAL_OTHER"}
    assert set(paid(one(Resource.RTMS_SESSION_EPSM), values)) == {"HOSPITAL_EPSM"}
    for session in (Resource.RTMS_SESSION, Resource.RTMS_SESSION_EPSM):
        assert paid(one(session), reimbursed) == {"AMO": 70.0, "AMC": 30.0}


def test_ald_moves_money_between_payers_and_leaves_the_total(values):
    used = np.random.Generator(np.random.Philox(5)).integers(1, 50, len(Resource)).astype(float)
    outcomes = []
    for cover in (Cover.STANDARD_NO_AMC, Cover.ALD_NO_AMC):
        book = ledgers()
        book.resources[..., Trd.BROAD, cover, :] = used
        outcomes.append(valuation.value(book, values))
    standard, ald = outcomes
    assert ald.costs.sum() == pytest.approx(standard.costs.sum())
    assert ald.costs.sum(axis=(2, 3)) == pytest.approx(standard.costs.sum(axis=(2, 3)))  # category by category
    assert valuation.perspective(ald, "patient")[0, 0] < valuation.perspective(standard, "patient")[0, 0]
    for name in ("collective", "societal"):
        assert valuation.perspective(ald, name) == pytest.approx(valuation.perspective(standard, name))


def test_values_may_change_from_year_to_year(values):
    dearer = values | {"price.gp_visit": 60.0}
    found = valuation.value(one(Resource.GP_VISIT, years=3), [values, dearer])
    assert valuation.perspective(found, "collective")[0].tolist() == pytest.approx([30.0, 60.0, 60.0])


# ---------------------------------------------------------------- quality of life


def lives(health, trd=Trd.NEITHER, sex=1, band=2, months=24.0, years=1):
    book = ledgers(years=years)
    book.occupancy[..., sex, band, trd, health] = months
    return book


def test_with_utilities_of_one_and_no_loss_qalys_are_life_years(values):
    perfect = {
        name: (0.0 if ".decrement" in name or "bereavement" in name else 1.0)
        for name in values
        if name.startswith("utility.") and name != "utility.reading"
    }
    book = ledgers(years=3)
    book.occupancy[...] = np.random.Generator(np.random.Philox(2)).uniform(0, 100, book.occupancy.shape)
    book.events[..., Event.ATTEMPT] = 9.0
    book.resources[...] = 4.0
    found = valuation.value(book, values | perfect)
    assert found.qalys == pytest.approx(found.life_years)
    alive = book.occupancy[..., : Health.DEAD_SUICIDE].sum(axis=(2, 3, 5)) / 12.0
    assert found.life_years == pytest.approx(alive)


def test_qalys_by_hand(values):
    """Two years of a woman of 35 to 44 (norm 0.943), severe and resistant: 0.943 × 0.41 / 0.905 × 2."""
    found = valuation.value(lives(Health.SEVERE, Trd.BROAD), values)
    assert found.qalys[0, 0, Trd.BROAD] == pytest.approx(0.943 * 0.41 / 0.905 * 2)
    assert found.qalys.sum() == pytest.approx(found.qalys[:, :, Trd.BROAD].sum())
    never = valuation.value(lives(Health.NEVER, band=0, sex=0), values)
    assert never.qalys[0, 0, Trd.NEITHER] == pytest.approx(0.960 * 2)
    assert valuation.value(lives(Health.DEAD_OTHER), values).qalys.sum() == 0.0


def test_a_state_is_never_better_than_the_norm_nor_resistance_better_than_its_absence(values):
    table = quality.multipliers(values | {"utility.other.recovery": 0.95})
    assert table[Trd.NEITHER, Health.RECOVERY] == 1.0
    assert table[Trd.NEITHER, Health.SEVERE] == pytest.approx(0.41 / 0.905)  # Sapin reads 0.33
    assert table[Trd.CLAIMS_VISIBLE].tolist() == table[Trd.NEITHER].tolist()
    assert np.all(table[Trd.BROAD] <= table[Trd.NEITHER])
    assert table[Trd.BROAD].tolist() == table[Trd.BOTH].tolist()


def test_utilities_fall_with_severity_in_both_readings(values):
    for reading in (0, 1):
        table = quality.multipliers(values | {"utility.reading": reading})
        from_worst = [Health.SEVERE, Health.MODERATE, Health.MILD, Health.RESPONSE, Health.REMISSION]
        assert np.all(np.diff(table[:, [*from_worst, Health.RECOVERY, Health.NEVER]], axis=1) > 0.0)
    assert table[Trd.NEITHER, Health.REMISSION] == pytest.approx(0.70 / 0.905)


def test_losses_by_hand(values):
    book = ledgers()
    book.events[..., Trd.BROAD, Event.ATTEMPT] = 10.0
    book.events[..., Trd.BROAD, Event.SUICIDE] = 4.0
    book.events[..., Trd.BROAD, Event.ECT_START] = 1.0
    book.resources[..., Trd.BROAD, Cover.ALD_AMC, Resource.GENERAL_DAY_FROM_31] = 365.25
    book.resources[..., Trd.BROAD, Cover.ALD_AMC, Resource.DAY_HOSPITAL_DAY] = 50.0  # goes home at night
    book.resources[..., Trd.BROAD, Cover.STANDARD_AMC, Resource.CARER_MONTH] = 36.0
    found = valuation.value(book, values)
    assert found.qalys[0, 0, Trd.BROAD] == pytest.approx(-(6 * 0.08 + 0.15 + 0.0042))
    assert found.carer_qalys[0, 0, Trd.BROAD] == pytest.approx(-3 * 0.04)
    assert found.bereavement_qalys[0, 0, Trd.BROAD] == pytest.approx(-4 * 0.5)


def test_a_programme_gives_back_part_of_a_caregivers_loss(values):
    book = ledgers()
    book.resources[..., Trd.BROAD, Cover.STANDARD_AMC, Resource.CARER_MONTH] = 36.0
    book.resources[..., Trd.BROAD, Cover.STANDARD_AMC, Resource.CARER_SUPPORTED_MONTH] = 12.0
    found = valuation.value(book, values | {"utility.carer.effect.programme_relief": 0.25})
    assert found.carer_qalys[0, 0, Trd.BROAD] == pytest.approx(-(3 - 0.25) * 0.04)
    assert found.costs.sum() == pytest.approx(valuation.value(book, values).costs.sum())


def test_who_pays_a_month_with_and_without_ald(values):
    """Two GP visits and a psychiatrist's: ALD takes over the co-payment, and overbilling stays with the patient."""
    basket = np.zeros(len(Resource))
    basket[[Resource.GP_VISIT, Resource.PSYCHIATRIST_VISIT]] = 2.0, 1.0
    bill = payers.monthly_bill(payers.tariff(values), basket)
    assert bill.shape == (len(Cover), payers.N_PAYERS)
    assert bill.sum(axis=1) == pytest.approx(2 * 30 + 52.65 + 10.5)
    amo = bill[:, payers.Payer.AMO]
    assert amo[[Cover.STANDARD_NO_AMC, Cover.ALD_NO_AMC]] == pytest.approx([0.7 * 112.65, 112.65])
    assert bill[Cover.ALD_NO_AMC, payers.Payer.PATIENT] == pytest.approx(10.5)
    basket[Resource.CARER_MONTH] = 1.0
    assert payers.monthly_bill(payers.tariff(values), basket) == pytest.approx(bill), "no bill for a family's hours"


def test_norms_average_to_what_the_survey_reads(values):
    """Weighted by the population of 2023 from 18 on: men 0.915, women 0.895 (Gautier 2023)."""
    table = load_table("population_2023_age_sex")
    for row, (sex, expected) in enumerate((("M", 0.915), ("F", 0.895))):
        rows = (table["sex"] == sex) & (table["age_lo"] >= 15)
        people = table["pop"][rows] * np.where(table["age_lo"][rows] == 15, 0.4, 1.0)
        band = np.searchsorted(AGE_BANDS, table["age_lo"][rows], side="right") - 1
        mean = np.average(quality.norms(values)[row, band], weights=people)
        assert mean == pytest.approx(expected, abs=0.001)  # norms are rounded to 0.001


# ---------------------------------------------------------------- time


def test_present_value_of_a_constant_flow(values):
    flow = np.full((2, 50), 7.0)
    force = np.log(1.025)
    expected = 7.0 * ((1 - 1.025**-30) / force + 1.025**-30 * (1 - 1.015**-20) / np.log(1.015))
    assert valuation.present_value(flow, values) == pytest.approx(expected)
    assert valuation.present_value(flow, values, years=10) == pytest.approx(7.0 * (1 - 1.025**-10) / force)
    undiscounted = values | dict.fromkeys(RATES, 0.0)
    assert valuation.present_value(flow, undiscounted) == pytest.approx(350.0)


def test_discounted_life_years_at_constant_mortality(values):
    """Person-years of a cohort that dies at hazard h: area of exp(-(h + force) t), within the yearly step."""
    hazard, years = 0.03, 120
    lived = (np.exp(-hazard * np.arange(years)) - np.exp(-hazard * np.arange(1, years + 1))) / hazard
    book = ledgers(years=years)
    book.occupancy[:, :, 0, 2, Trd.NEITHER, Health.NEVER] = 12.0 * lived
    single = values | dict.fromkeys(RATES, 0.025)
    found = valuation.present_value(valuation.value(book, single).life_years.sum(axis=2), single)
    force = np.log(1.025)
    exact = (1 - np.exp(-(hazard + force) * years)) / (hazard + force)
    # spreading a year's deaths evenly errs by at most hazard × force / 12 of a year's flow, relative
    assert found == pytest.approx(exact, rel=hazard * force / 6)


def test_increments_are_paired(values):
    book = one(Resource.GP_VISIT)
    book.resources[1] *= 5.0  # batches differ
    baseline = valuation.present_value(valuation.perspective(valuation.value(book, values), "collective"), values)
    found = valuation.increment(baseline + 3.0, baseline)
    assert found.mean == pytest.approx(3.0)
    assert found.error == pytest.approx(0.0, abs=1e-12)


# ---------------------------------------------------------------- production


def at_work(state, health, months=12.0, trd=Trd.BROAD):
    book = ledgers()
    book.work[..., trd, state, health] = months
    return book


def test_production_lost_by_hand(values):
    values = values | {"work_value.labour_cost_annual": 60_000.0}
    found = valuation.value(at_work(Work.SICK_LEAVE, Health.SEVERE), values).costs
    assert found[0, 0, Trd.BROAD, Payer.SOCIETY, Category.ABSENCE] == pytest.approx(60_000.0)
    found = valuation.value(at_work(Work.AT_WORK, Health.SEVERE), values).costs[0, 0, Trd.BROAD, Payer.SOCIETY]
    lost = 60_000.0 * 19.5 * 0.0165
    assert found[Category.PRESENTEEISM] == pytest.approx(0.85 * lost)
    assert found[Category.ABSENCE] == pytest.approx(0.15 * lost)
    assert found[Category.NON_EMPLOYMENT] == pytest.approx(-0.173 * 60_000.0)  # all at work: below the norm


def test_non_employment_counts_the_excess_of_the_ever_ill_only(values):
    values = values | {
        "work_value.labour_cost_annual": 60_000.0,
        "work_value.background_not_employed_share": 0.2,
    }
    book = at_work(Work.DISABILITY, Health.RECOVERY, months=30.0)
    book.work[..., Trd.BROAD, Work.AT_WORK, Health.RECOVERY] = 70.0
    book.work[..., Trd.BROAD, Work.RETIRED, Health.SEVERE] = 500.0
    book.work[..., Trd.BROAD, Work.STUDENT, Health.SEVERE] = 500.0
    book.work[..., Trd.BROAD, Work.UNEMPLOYED, Health.NEVER] = 500.0
    found = valuation.value(book, values).costs[0, 0, Trd.BROAD, Payer.SOCIETY, Category.NON_EMPLOYMENT]
    assert found == pytest.approx((30.0 - 0.2 * 100.0) * 5_000.0)


def test_production_of_a_death_by_closed_form(values):
    """Everybody employed to 65 and nobody after: at 40, 25 years of labour discounted."""
    shares = {f"work_value.employment_share.from_{age}": float(age < 65) for age in AGE_BANDS}
    values = values | shares | {"work_value.labour_cost_annual": 60_000.0}
    book = ledgers()
    book.suicides[..., Trd.BOTH, 1, 2] = 3.0
    found = valuation.value(book, values).costs[0, 0, Trd.BOTH, Payer.SOCIETY, Category.MORTALITY]
    assert found == pytest.approx(3.0 * 60_000.0 * (1 - 1.025**-25) / np.log(1.025))
    assert production.production_to_come(values)[[5, 6, 7]].tolist() == [0.0, 0.0, 0.0]


def test_friction_stops_when_the_person_is_replaced(values):
    values = values | {"work_value.labour_cost_annual": 60_000.0}
    book = at_work(Work.SICK_LEAVE, Health.SEVERE, months=120.0)
    book.events[..., Trd.BROAD, Event.LEAVE_START] = 10.0
    book.events[..., Trd.BROAD, Event.JOB_LOST] = 2.0
    friction = valuation.value(book, values | {"economy.production_method": 1}).costs[0, 0, Trd.BROAD, Payer.SOCIETY]
    assert friction[Category.ABSENCE] == pytest.approx(10 * 3 * 5_000.0 * 0.8)
    assert friction[Category.NON_EMPLOYMENT] == pytest.approx(2 * 3 * 5_000.0 * 0.8)
    human = valuation.value(book, values).costs[0, 0, Trd.BROAD, Payer.SOCIETY]
    assert human[Category.ABSENCE] == pytest.approx(120 * 5_000.0)


def test_transfers_are_a_memo(values):
    book = one(Resource.SICK_DAY_PAID, 10.0)
    book.resources[..., Trd.NEITHER, Cover.ALD_AMC, Resource.DISABILITY_MONTH] = 5.0
    book.resources[..., Trd.NEITHER, Cover.ALD_AMC, Resource.SICK_DAY_WAITING] = 30.0
    found = valuation.value(book, values)
    by_payer = found.transfers[0, 0, Trd.NEITHER]
    assert by_payer[Payer.AMO] == pytest.approx(10 * 36.0 + 5 * 0.6 * 900.0)
    assert by_payer[Payer.STATE] == pytest.approx(5 * 0.4 * 1033.32)
    assert by_payer[Payer.EMPLOYER] == pytest.approx(10 * 20.0)
    assert found.costs.sum() == 0.0


# ---------------------------------------------------------------- programmes


@dataclass
class Programme:
    parameter: str
    per: str
    payer: str = "STATE"
    from_month: int | None = None
    until_month: int | None = None
    shared_by: str | None = None
    age_below: int | None = None


def programme_costs(programme, values, book):
    start = 2027 * 12
    found = valuation.with_programmes(valuation.value(book, values), book, [programme], values, start)
    added = found.costs - valuation.value(book, values).costs
    assert added[..., [p for p in Payer if p.name != programme.payer], :].sum() == 0.0
    return added[0, :, :, Payer[programme.payer], Category.PROGRAMME]


def test_a_programme_per_year_runs_from_month_to_month_and_falls_where_illness_is(values):
    book = ledgers(years=3)
    book.occupancy[:, :, 0, 2, Trd.NEITHER, Health.MILD] = 30.0
    book.occupancy[:, :, 0, 2, Trd.BROAD, Health.SEVERE] = 10.0
    book.occupancy[:, :, 0, 2, Trd.NEITHER, Health.NEVER] = 1e6
    campaign = Programme("programme_cost.campaign_annual", "year", "STATE", 2027 * 12 + 6, 2028 * 12 + 2)
    found = programme_costs(campaign, values, book)
    assert found.sum(axis=1) == pytest.approx([2e6, 1e6, 0.0])  # six months, then January to March
    assert found[0, Trd.BROAD] == pytest.approx(0.5e6)


def test_a_programme_once_and_per_resource_or_event(values):
    book = one(Resource.SESAME_START, 7.0, years=2)
    book.events[..., Trd.BOTH, Event.ALD_REQUEST] = 3.0
    once = Programme("programme_cost.reference_once", "once", "STATE", 2028 * 12 + 1)
    assert programme_costs(once, values, book).sum(axis=1) == pytest.approx([0.0, 5e5])
    each = programme_costs(Programme("programme_cost.tele_expertise", "SESAME_START", "AMO"), values, book)
    assert each[:, Trd.NEITHER] == pytest.approx([210.0, 210.0])
    asked = Programme("programme_cost.ald_request", "ALD_REQUEST", "AMO", 2028 * 12)
    assert programme_costs(asked, values, book)[:, Trd.BOTH] == pytest.approx([0.0, 180.0])


def ill(months, years, batches=1, band=2):
    """Ledgers in which each batch spends these months in episode each year: (batch, year) or (year,)."""
    book = ledgers(years=years, batches=batches)
    book.occupancy[:, :, 0, band, Trd.NEITHER, Health.MILD] = months
    return book


def test_a_cohort_bears_its_share_of_a_yearly_programme():
    """The same year's ratio while the nation is known, then the nation of its last year."""
    campaign = Programme("programme_cost.campaign_annual", "year")
    cohort, nation = ill([100.0, 60.0, 30.0, 15.0], years=4), ill([100.0, 120.0], years=2)
    found = valuation.share_of_use(cohort, nation, campaign, 2027 * 12)
    assert found[0] == pytest.approx([1.0, 0.5, 0.25, 0.125])


def test_a_cohort_bears_its_share_of_what_is_paid_once():
    """The ratio over the years from the payment to the end of the open run: (60 + 30) / (120 + 180)."""
    once = Programme("programme_cost.reference_once", "once", from_month=2028 * 12 + 3)
    cohort, nation = ill([100.0, 60.0, 30.0, 9.0], years=4), ill([100.0, 120.0, 180.0], years=3)
    found = valuation.share_of_use(cohort, nation, once, 2027 * 12)
    assert found[0] == pytest.approx([0.3] * 4)


def test_a_joint_cost_is_shared_by_what_the_programme_names(values):
    """The young alone for a programme of theirs, a resource for posts, everything where nobody uses it."""
    cohort, nation = ill([50.0, 50.0], years=2), ill([50.0, 100.0], years=2)
    cohort.occupancy[:, :, 1, 0, Trd.BROAD, Health.SEVERE] = [8.0, 2.0]
    nation.occupancy[:, :, 1, 0, Trd.BROAD, Health.SEVERE] = [8.0, 8.0]
    cohort.resources[:, :, 0, 0, Resource.PSYCHOLOGIST_SALARIED] = [0.0, 30.0]
    nation.resources[:, :, 0, 0, Resource.PSYCHOLOGIST_SALARIED] = [0.0, 40.0]
    young = Programme("programme_cost.youth_detection_annual", "year", age_below=25)
    posts = Programme("programme_cost.health_centre_psychologists_annual", "year", shared_by="PSYCHOLOGIST_SALARIED")
    shares = [valuation.share_of_use(cohort, nation, one, 2027 * 12)[0] for one in (young, posts)]
    assert shares[0] == pytest.approx([1.0, 0.25])
    assert shares[1] == pytest.approx([1.0, 0.75])
    start, worth = 2027 * 12, valuation.value(cohort, values)
    paid = valuation.with_programmes(worth, cohort, [young], values, start, nation).costs - worth.costs
    amount = values["programme_cost.youth_detection_annual"]
    assert paid.sum(axis=(0, 2, 3, 4)) == pytest.approx([amount, 0.25 * amount])


def test_the_share_of_use_carries_the_error_of_a_ratio():
    """Batches whose cohort and nation move together leave no error; the mean is the ratio of the means."""
    campaign = Programme("programme_cost.campaign_annual", "year")
    months = np.array([[90.0], [110.0], [130.0]])
    together = valuation.share_of_use(ill(months, 1, batches=3), ill(2.0 * months, 1, batches=3), campaign, 2027 * 12)
    assert together == pytest.approx(0.5)
    apart = valuation.share_of_use(ill(months, 1, batches=3), ill(220.0, 1, batches=3), campaign, 2027 * 12)
    assert apart.mean() == pytest.approx(0.5)
    assert apart.std(ddof=1) == pytest.approx(20.0 / 220.0)


# ---------------------------------------------------------------- perspectives and the 14 bn


def random_ledgers(seed=9):
    book = ledgers(batches=4, years=6)
    chance = np.random.Generator(np.random.Philox(seed))
    for table in (book.occupancy, book.resources, book.work, book.suicides, book.events):
        table[...] = chance.uniform(0, 100, table.shape)
    return book


def random_outcomes(values, seed=9):
    return valuation.value(random_ledgers(seed), values)


@pytest.mark.parametrize("method", [0, 1])
def test_years_summed_before_they_are_priced_are_worth_the_same(values, method):
    """Whether prices change between years or not, by either method of production lost."""
    book, values = random_ledgers(), values | {"economy.production_method": method}
    dearer = values | {"price.gp_visit": 60.0, "utility.decrement.hospital_day": 0.9}
    factors = valuation.discount_factors(6, values)
    for yearly in (values, [values, values, dearer], [values, dearer, dict(dearer), values]):
        found, flows = valuation.discounted(book, yearly, factors), valuation.value(book, yearly)
        for name, table in vars(flows).items():
            assert getattr(found, name)[:, 0] == pytest.approx(valuation.present_value(table, values)), name


def test_perspectives_nest(values):
    outcomes = random_outcomes(values)
    seen = {name: valuation.perspective(outcomes, name) for name in valuation.PERSPECTIVES}
    assert seen["assurance_maladie"] == pytest.approx(seen["assurance_maladie_invoiced"] + seen["hospital"])
    who = seen["assurance_maladie"] + seen["complementary"] + seen["patient"]
    assert seen["collective"] == pytest.approx(who)  # no programme here: nobody else pays for care
    deaths = outcomes.costs[..., Category.MORTALITY].sum(axis=(2, 3))
    assert seen["societal"] == pytest.approx(seen["societal_for_qalys"] + deaths)
    assert seen["societal"] == pytest.approx(outcomes.costs.sum(axis=(2, 3, 4)))


def test_burden_is_that_of_broad_resistance_and_its_parts_sum(values):
    outcomes = random_outcomes(values)
    parts = valuation.burden(outcomes)
    assert parts["total"] == pytest.approx(outcomes.costs[:, :, [Trd.BROAD, Trd.BOTH]].sum(axis=(2, 3, 4)))
    assert parts["transfers"] == pytest.approx(outcomes.transfers[:, :, [Trd.BROAD, Trd.BOTH]].sum(axis=(2, 3)))
    everybody = valuation.burden(outcomes, tuple(Trd))["total"]
    assert everybody == pytest.approx(valuation.perspective(outcomes, "societal"))


def test_share_of_the_14_bn_by_hand(values):
    """140 M a year saved on resistant people for five years, more in the sixth: 1 % of 14 bn."""
    baseline = random_outcomes(values)
    cheaper = baseline.costs.copy()
    cheaper[:, :, Trd.BROAD, Payer.AMO, Category.HOSPITAL] -= 140e6
    cheaper[:, 5, Trd.BROAD] -= 1e9
    cheaper[:, :, Trd.NEITHER] -= 1e9
    found = valuation.share_of_burden(baseline, replace(baseline, costs=cheaper), values)
    assert found.saving.mean == pytest.approx(140e6)
    assert found.of_total.mean == pytest.approx(0.01)
    assert found.of_avoidable.mean == pytest.approx(0.01 / 0.48)
    assert found.of_total.error == pytest.approx(0.0, abs=1e-9)


# ---------------------------------------------------------------- every number is read


class Watched(Mapping):
    """Values that remember which were read."""

    def __init__(self, values):
        self.values_, self.read = values, set()

    def __getitem__(self, name):
        self.read.add(name)
        return self.values_[name]

    def __iter__(self):
        return iter(self.values_)

    def __len__(self):
        return len(self.values_)


# Read elsewhere: by the kernel's tables, by scenarios (programme costs, legal test), by the population,
# by those who draw the results.
ELSEWHERE = {
    "payer.hospital.copayment_last_day",
    "payer.participation.annual_acts",
    "payer.franchise.annual_boxes",
    "payer.sick_leave.waiting_days",
    "payer.no_complementary_share",
    "economy.price_year",
    "economy.thresholds",
    "economy.burden.people",
}
ELSEWHERE_UNDER = (
    "programme_cost.",
    "payer.extra_list.",
    "payer.ald.",
    "payer.psychologist.",
    "payer.dedicated",
)


def test_every_economic_number_is_read_here_or_named_as_read_elsewhere(values):
    watched = [Watched(values | {"economy.production_method": m, "utility.reading": r}) for m, r in ((0, 0), (1, 1))]
    for each in watched:
        outcomes = valuation.value(ledgers(), each)
        valuation.present_value(outcomes.qalys, each)
        valuation.share_of_burden(outcomes, outcomes, each)
        valuation.burden_targets(each)
    unread = {n for n in values if not n.startswith(ELSEWHERE_UNDER)} - watched[0].read - watched[1].read
    assert unread == ELSEWHERE
