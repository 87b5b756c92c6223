"""Who pays for what care consumes: one tariff, worked out once from prices and co-payments.

`tariff` gives, for each resource and class of cover, the euros that fall on each payer and the category
they are counted in. Over payers they sum to the price of the resource; the flat charges (participation
forfaitaire, franchise) sum to nothing: they move money from the Assurance maladie to the patient.

Rules: Convention médicale 2024; Code de la sécurité sociale; décret 2016-349; see parameters/payers.toml.
Exemptions of C2S and of minors are not modelled.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.states import EPSM_OFFSET, Resource
from model.states import Payer as Cover

Floats = NDArray[np.float64]
Values = Mapping[str, Any]  # parameter id -> value, euros already carried to the price year


class Payer(IntEnum):
    """Who bears a cost (`states.Payer` is the class of cover of a person)."""

    AMO = 0  # Assurance maladie, outside the hospital budget
    AMC = 1  # complementary insurer
    PATIENT = 2
    HOSPITAL_EPSM = 3  # grant of a hospital that does psychiatry only; the Assurance maladie funds it
    HOSPITAL_OTHER = 4  # grant of the psychiatry of other hospitals
    STATE = 5  # State and departments
    EMPLOYER = 6
    FAMILY = 7
    SOCIETY = 8  # production lost, whoever bears it


class Category(IntEnum):
    """What a cost is for. AMBULATORY to PROGRAMME are care and programmes; the others are not paid bills."""

    AMBULATORY = 0
    PSYCHOTHERAPY = 1
    DRUGS = 2
    ESKETAMINE_DEVICES = 3
    SPECIALISED = 4  # sessions of esketamine, ketamine, rTMS, ECT; expert assessments
    HOSPITAL = 5
    EMERGENCY = 6
    PROGRAMME = 7
    ABSENCE = 8
    PRESENTEEISM = 9
    NON_EMPLOYMENT = 10
    INFORMAL_CARE = 11
    MORTALITY = 12


N_PAYERS, N_CATEGORIES = len(Payer), len(Category)

MEDICAL = tuple(category for category in Category if category <= Category.PROGRAMME)
HOSPITAL_BUDGETS = (Payer.HOSPITAL_EPSM, Payer.HOSPITAL_OTHER)
IN_ALD = (Cover.ALD_NO_AMC, Cover.ALD_AMC)
WITH_AMC = (Cover.STANDARD_AMC, Cover.ALD_AMC)

# Counted for display or for a threshold, worth nothing here: sick leave and disability are valued by the
# work ledger and shown as transfers; a SÉSAME start is paid through its months, a salaried psychologist by the
# post (a programme cost); what a caregiver gains from a programme is counted in QALYs; above a cap nothing is due.
UNPRICED = (
    Resource.ACT_ABOVE_CAP,
    Resource.BOX_ABOVE_CAP,
    Resource.SICK_DAY_WAITING,
    Resource.SICK_DAY_PAID,
    Resource.DISABILITY_MONTH,
    Resource.SESAME_START,
    Resource.CARER_SUPPORTED_MONTH,
    Resource.PSYCHOLOGIST_SALARIED,
)

WEEKS_A_MONTH = 365.25 / 12.0 / 7.0

Shares = Mapping[Payer, float]
AMO: Shares = {Payer.AMO: 1.0}
EPSM: Shares = {Payer.HOSPITAL_EPSM: 1.0}
OTHER_HOSPITAL: Shares = {Payer.HOSPITAL_OTHER: 1.0}


class _Tariff:
    """The tariff while it is written."""

    def __init__(self) -> None:
        self.euros = np.zeros((len(Resource), len(Cover), N_PAYERS, N_CATEGORIES))

    def bill(
        self,
        resource: Resource,
        category: Category,
        price: float,
        by: Shares,
        left: float = 0.0,
        left_in_ald: float = 0.0,
    ) -> None:
        """Add a price: `left` euros to the insured or their complementary cover, the rest `by` shares."""
        for cover in Cover:
            due = min(left_in_ald if cover in IN_ALD else left, price)
            insured = Payer.AMC if cover in WITH_AMC else Payer.PATIENT
            self.euros[resource, cover, insured, category] += due
            for payer, share in by.items():
                self.euros[resource, cover, payer, category] += share * (price - due)

    def overbill(self, resource: Resource, category: Category, amount: float, amc_share: float) -> None:
        """Add an amount beyond the tariff of the Assurance maladie: ALD changes nothing to it."""
        for cover in Cover:
            by_amc = amc_share if cover in WITH_AMC else 0.0
            self.euros[resource, cover, Payer.AMC, category] += amount * by_amc
            self.euros[resource, cover, Payer.PATIENT, category] += amount * (1.0 - by_amc)

    def move(self, resource: Resource, category: Category, amount: float, source: Payer, to: Payer) -> None:
        """Add a charge that moves money between payers: complementary contracts may not cover it."""
        self.euros[resource, :, source, category] -= amount
        self.euros[resource, :, to, category] += amount


def monthly_bill(euros: Floats, basket: Floats) -> Floats:
    """Return what a month's care costs each payer in each class of cover, the same care for all: (cover, payer).

    euros : (resource, cover, payer, category), see `tariff`
    basket : (..., resource)   units of each resource a month
    Bills of care and programmes only; leading axes of the basket are kept.
    """
    return np.asarray(np.einsum("...r,rcpk->...cp", basket, euros[..., list(MEDICAL)]))


def tariff(values: Values) -> Floats:
    """Return the euros that one unit of a resource costs each payer: (resource, cover, payer, category).

    values : parameter id -> value, euros of the price year (see `valuation.prices`)
    """
    table = _Tariff()
    _ambulatory(table, values)
    _drugs(table, values)
    _specialised(table, values)
    _hospital(table, values)
    _programmes(table, values)
    return table.euros


def _ambulatory(table: _Tariff, v: Values) -> None:
    visits, free_fees = v["payer.copayment.visits"], v["payer.psychiatrist.overbilling_share"]
    ambulatory, psychotherapy = Category.AMBULATORY, Category.PSYCHOTHERAPY
    tariffs = v["price.psychiatrist_visit"], v["price.psychiatrist_visit_base"]
    psychiatrist = (1.0 - free_fees) * tariffs[0] + free_fees * tariffs[1]
    for resource, price in (
        (Resource.GP_VISIT, v["price.gp_visit"]),
        (Resource.PSYCHIATRIST_VISIT, psychiatrist),
        (Resource.SPECIALIST_ADVICE, v["price.specialist_advice"]),
        (Resource.SOMATIC_WORKUP, v["price.somatic_workup"]),
        (Resource.BIPOLAR_SCREEN, v["programme_cost.bipolar_screening_per_patient"]),
    ):
        table.bill(resource, ambulatory, price, AMO, left=visits * price)
    overbilling = free_fees * v["price.psychiatrist_overbilling"]
    table.overbill(Resource.PSYCHIATRIST_VISIT, ambulatory, overbilling, v["payer.overbilling_amc_share"])
    session = v["price.psychologist_conventioned"]
    left = v["payer.copayment.psychologist"] * session
    table.bill(Resource.PSYCHOLOGIST_CONVENTIONED, psychotherapy, session, AMO, left)
    table.bill(Resource.PSYCHOLOGIST_PRIVATE, psychotherapy, v["price.psychologist_private"], {Payer.PATIENT: 1.0})
    table.bill(Resource.GUIDED_SELF_HELP_START, psychotherapy, v["price.guided_self_help"], AMO)
    grants, day = public_grants(v), v["price.day_hospital_day"]
    table.bill(Resource.CMP_ACT, ambulatory, v["price.cmp_act"], grants)
    left = v["payer.copayment.hospital"] * day
    table.bill(Resource.DAY_HOSPITAL_DAY, Category.HOSPITAL, day, grants, left)
    charge = v["payer.participation.amount"]
    table.move(Resource.ACT_BELOW_CAP, ambulatory, charge, Payer.AMO, Payer.PATIENT)


def _drugs(table: _Tariff, v: Values) -> None:
    copayment = v["payer.copayment.drugs"]
    for resource, price in (
        (Resource.ANTIDEPRESSANT_MONTH, v["price.antidepressant_month"]),
        (Resource.LITHIUM_MONTH, v["price.lithium_month"]),
        (Resource.QUETIAPINE_MONTH, v["price.quetiapine_month"]),
        (Resource.ARIPIPRAZOLE_MONTH, v["price.aripiprazole_month"]),
    ):
        table.bill(resource, Category.DRUGS, price, AMO, left=copayment * price)
    bupropion = v["price.bupropion_month"]
    if v["payer.bupropion_reimbursed"]:
        table.bill(Resource.BUPROPION_MONTH, Category.DRUGS, bupropion, AMO, left=copayment * bupropion)
    else:
        table.bill(Resource.BUPROPION_MONTH, Category.DRUGS, bupropion, {Payer.PATIENT: 1.0})
    charge = v["payer.franchise.amount"]
    table.move(Resource.BOX_BELOW_CAP, Category.DRUGS, charge, Payer.AMO, Payer.PATIENT)


def _specialised(table: _Tariff, v: Values) -> None:
    """Bill sessions and devices to the hospital where they were given (EPSM, or another)."""
    device = v["price.esketamine_device"] * (1.0 + v["payer.vat_drug_rate"])
    specialised, devices = Category.SPECIALISED, Category.ESKETAMINE_DEVICES
    for offset, grant in ((0, OTHER_HOSPITAL), (EPSM_OFFSET, EPSM)):

        def here(resource: Resource, offset: int = offset) -> Resource:
            return Resource(resource + offset)

        table.bill(here(Resource.ESKETAMINE_DEVICE_HOSPITAL), devices, device, grant)
        table.bill(here(Resource.ESKETAMINE_DEVICE_LISTED), devices, device, AMO)
        table.bill(here(Resource.ESKETAMINE_SESSION), specialised, v["price.esketamine_session"], grant)
        table.bill(here(Resource.KETAMINE_SESSION), specialised, v["price.ketamine_session"], grant)
        table.bill(here(Resource.ECT_SESSION), specialised, v["price.ect_session"], grant)
        rtms, reimbursed = v["price.rtms_session"], bool(v["payer.rtms_reimbursed"])
        left = v["payer.copayment.visits"] * rtms if reimbursed else 0.0
        table.bill(here(Resource.RTMS_SESSION), specialised, rtms, AMO if reimbursed else grant, left)
    assessment = v["price.expert_assessment"]
    left = v["payer.copayment.hospital"] * assessment
    table.bill(Resource.EXPERT_ASSESSMENT, specialised, assessment, OTHER_HOSPITAL, left)


def _hospital(table: _Tariff, v: Values) -> None:
    daily = v["payer.hospital.daily_charge"]
    for hospital, by in (("EPSM", EPSM), ("GENERAL", OTHER_HOSPITAL), ("CLINIC", AMO)):
        price = v[f"price.hospital_day.{hospital.lower()}"]
        left = left_of_day(price, v)
        table.bill(Resource[f"{hospital}_DAY_TO_30"], Category.HOSPITAL, price, by, left, daily)
        table.bill(Resource[f"{hospital}_DAY_FROM_31"], Category.HOSPITAL, price, by, daily, daily)
    emergency = (v["payer.emergency.patient_charge"], v["payer.emergency.patient_charge_ald"])
    table.bill(Resource.EMERGENCY_VISIT, Category.EMERGENCY, v["price.emergency_visit"], AMO, *emergency)
    attempt = v["price.attempt_stay"]
    left = v["payer.copayment.hospital"] * attempt
    table.bill(Resource.ATTEMPT_STAY, Category.HOSPITAL, attempt, AMO, left)
    table.bill(Resource.SUICIDE, Category.EMERGENCY, v["price.suicide"], AMO)


def _programmes(table: _Tariff, v: Values) -> None:
    for resource, price in (
        (Resource.SESAME_CLASSIC_MONTH, v["price.sesame_classic_month"]),
        (Resource.SESAME_LIGHT_MONTH, v["price.sesame_light_month"]),
        (Resource.VIGILANS_START, v["price.vigilans_start"]),
        (Resource.CRISIS_RELAY, v["price.crisis_relay"]),
        (Resource.CARER_PROGRAMME_START, v["price.carer_programme"]),
        (Resource.SESAME_ANXIETY_MONTH, v["price.sesame_classic_month"]),
        (Resource.INTEGRATED_CARE_START, v["programme_cost.integrated_care_per_patient"]),
        (Resource.TELE_EXPERTISE, v["programme_cost.tele_expertise"]),
        (Resource.ALD_HANDLING, v["programme_cost.ald_request"]),
    ):
        table.bill(resource, Category.PROGRAMME, price, AMO)
    course = v["price.rehabilitation_course"]
    table.bill(Resource.REHABILITATION_START, Category.PROGRAMME, course, public_grants(v))
    weekly, hourly = v["work_value.informal_care_weekly_hours"], v["work_value.informal_care_hourly_price"]
    month = weekly * WEEKS_A_MONTH * hourly
    table.bill(Resource.CARER_MONTH, Category.INFORMAL_CARE, month, {Payer.FAMILY: 1.0})


def public_grants(values: Values) -> Shares:
    """Return how public psychiatry paid from a grant divides between EPSM and other hospitals."""
    epsm = values["payer.public_psychiatry.epsm_share"]
    return {Payer.HOSPITAL_EPSM: epsm, Payer.HOSPITAL_OTHER: 1.0 - epsm}


def left_of_day(price: float, values: Values) -> float:
    """Return what a day of a stay, up to day 30 and outside ALD, leaves to the insured, euros.

    The daily charge is set against the co-payment (L. 174-4 CSS): the larger of the two is due.
    """
    copayment = float(values["payer.copayment.hospital"]) * price
    daily = float(values["payer.hospital.daily_charge"])
    if values["payer.hospital.daily_charge_within_copayment"]:
        return max(copayment, daily)
    return copayment + daily
