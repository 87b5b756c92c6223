"""The nation at month 0 and in its first years: stocks of the model's own past, flows, the 14 billion."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.cohorts import GROUPS, Bools, Estimate, World, grouped, ratio
from model import anchors, capacity, simulation, valuation
from model.expectation import SUICIDES, expected_each
from model.inputs import load_table
from model.ledgers import Ledgers, by_technique
from model.margins import true_share
from model.population import OPEN
from model.states import Care, Event, Fixed, Health, Now, Service, Treatment, Work

Measures = dict[str, Estimate]
Floats = NDArray[np.float64]
YEAR = 12
ADULT = 18


def own_past(world: World) -> Measures:
    """Cross-section of the model's own past, before any margin is imposed: what the survey and the claims would see.

    Persons with an episode in the last twelve months unless said otherwise; resistant, those of them with two
    failures in the course. `anchors` measures the same things after raking, where they hold by construction.
    """
    past, v = world.past, world.values
    now, fixed = past.persons["now"], past.persons["fixed"]
    group = np.arange(len(now)) % GROUPS
    age = -fixed[:, Fixed.BIRTH_MONTH] // YEAR
    ill = now[:, Now.MONTHS_SINCE_ILL] < YEAR
    trd = ill & (now[:, Now.FAILED] >= 2)
    visible = now[:, Now.MONTHS_SINCE_VISIBLE] < 24

    def total(yes: Bools, scale: float = 1.0) -> Estimate:
        parts = grouped(group, np.where(yes, past.weight, 0.0)) * scale
        return Estimate(float(parts.sum()), float(np.sqrt(GROUPS) * parts.std(ddof=1)))

    def share(yes: Bools, among: Bools) -> Estimate:
        below = np.where(among, past.weight, 0.0)
        return ratio(grouped(group, np.where(yes, below, 0.0)), grouped(group, below))

    out = {
        "survey_prevalence": total(ill & (age >= ADULT), 1.0 / float(true_share(np.ones(1), v)[0])),
        "lifetime_share": Estimate(float(past.probability.mean()) * float(v["survey.lifetime_recall"]), 0.0),
        "broad_stock": total(trd),
        "claims_visible_stock": total(visible),
    }
    out |= {"ill_under_25": share(age < 25, ill), "ill_from_55": share(age >= 55, ill)}
    return out | of_episodes(now, fixed, ill, share) | of_resistant(now, age, trd, share)


def of_episodes(now: NDArray[np.int32], fixed: NDArray[np.int32], ill: Bools, share: Any) -> Measures:
    """Return shares of people with an episode in the year: care, course, severity, adequacy, claims."""
    woman = fixed[:, Fixed.SEX] == 1
    care = now[:, Now.MONTHS_SINCE_CARE] < YEAR
    severity = now[:, Now.SEVERITY]
    chronic = (now[:, Now.MONTHS_IN_EPISODE] >= 24) & (now[:, Now.HEALTH] != Health.RECOVERY)
    treatment = now[:, Now.TREATMENT]
    drug = (treatment >= Treatment.ANTIDEPRESSANT) & (treatment <= Treatment.CONTINUATION_ECT)
    adequate = drug & (now[:, Now.ADEQUATE_DOSE] == 1) & (now[:, Now.MONTHS_ON_TREATMENT] >= 2)
    adequate |= now[:, Now.FAILED_ADEQUATE] > 0
    visible = now[:, Now.MONTHS_SINCE_VISIBLE] < 24
    return {
        "any_care": share(care, ill),
        "any_care_men": share(care, ill & ~woman),
        "any_care_women": share(care, ill & woman),
        "any_care_mild": share(care, ill & (severity == Health.MILD)),
        "any_care_severe": share(care, ill & (severity == Health.SEVERE)),
        "adequate": share(adequate, ill),
        "chronic": share(chronic, ill),
        "first_episode": share((now[:, Now.EPISODES] <= 1) & ~chronic, ill),
        "severe": share(severity == Health.SEVERE, ill),
        "resistant_of_care": share(now[:, Now.FAILED] >= 2, ill & care),
        "visible_of_treated": share(visible, drug | visible),
    }


def of_resistant(now: NDArray[np.int32], age: NDArray[np.int32], trd: Bools, share: Any) -> Measures:
    """Return shares of people with broad resistance: who follows them, course, work."""
    kind, work = now[:, Now.CARE], now[:, Now.WORK]
    hospital = (now[:, Now.HOSPITAL_DAYS] + now[:, Now.DAYS_THIS_MONTH] > 0) & (kind != Care.EXPERT)
    outside = trd & ~hospital
    young = trd & (age < 62)
    return {
        "care_none": share(trd & ~hospital & (kind == Care.NONE), trd),
        "care_gp": share(outside & (kind == Care.GP), trd),
        "care_private": share(outside & ((kind == Care.PSYCHIATRIST) | (kind == Care.PSYCHOLOGIST)), trd),
        "care_public": share(outside & (kind == Care.CMP), trd),
        "care_hospital": share(hospital, trd),
        "care_expert": share(outside & (kind == Care.EXPERT), trd),
        "trd_severe": share(now[:, Now.SEVERITY] == Health.SEVERE, trd),
        "trd_beyond_two_years": share(now[:, Now.MONTHS_IN_EPISODE] > 24, trd),
        "trd_two_failures": share(now[:, Now.FAILED] == 2, trd),
        "trd_leave": share(work == Work.SICK_LEAVE, young),
        "trd_unemployed": share(work == Work.UNEMPLOYED, young),
        "trd_disability": share(work == Work.DISABILITY, young),
    }


EXPECTED = {"ect_people": Service.ECT, "esketamine_people": Service.ESKETAMINE, "rtms_courses": Service.RTMS}
FIRST_YEAR = (
    "antidepressant_starters",
    "full_time_people",
    "hospital_days_trd",
    "expert_assessments",
    "new_claims_visible",
    "ald_share_trd",
)


def open_run(world: World, years: int) -> tuple[Ledgers, Mapping[Service, Floats]]:
    """Return the ledgers of the open population over these years, nothing rationed, and expected starts.

    Expected starts of a service: those eligible each month times their probability of being offered it, (batch,).
    """
    everyone = world.base.of(OPEN)
    calendar = simulation.new_calendar(np.zeros(YEAR * years, np.int32))
    unlimited = np.full((YEAR * years, *capacity.places_of(world.values).shape), np.inf)
    people, books = capacity.run_open(everyone, world.tables, calendar, unlimited, world.jobs)
    expected = books.places["expected"][:, : YEAR * years].sum(axis=1)
    by_slice = by_technique(expected) * people.weight[:, None]
    starts = {s: np.bincount(people.batch, by_slice[:, s], minlength=people.batches) / years for s in EXPECTED.values()}
    return simulation.weighted(people, books), starts


def first_year(world: World) -> Measures:
    """National counts of the first year, on people raked to the margins, as `anchors` measures them.

    Suicides, stays and deaths are expected from each person's own probability in the first month; specialised
    treatments, from those eligible month by month.
    """
    (ledgers, starts), start = open_run(world, 1), anchors.start_of(world.base)
    out = {
        name: Estimate(*anchors.estimate(anchors.MEASURES[name](start, ledgers, world.values))) for name in FIRST_YEAR
    }
    out |= {name: Estimate(*anchors.estimate(starts[service])) for name, service in EXPECTED.items()}
    return out | deaths(world, start) | first_year_care(ledgers)


def deaths(world: World, start: anchors.Start) -> Measures:
    """Return suicides, stays and deaths a year, expected; suicides by sex and with depression."""
    acts = np.zeros((len(start.people), 4))
    expected_each(start.people.persons, world.tables.suicide[0], world.tables.mortality[0], acts)
    acts *= YEAR * start.weight[:, None]
    stays, suicides, ill, other = (np.bincount(start.batch, acts[:, k], minlength=start.batches) for k in range(4))
    men = start.people.persons["fixed"][:, Fixed.SEX] == 0
    suicides_men = np.bincount(start.batch[men], acts[men, SUICIDES], minlength=start.batches)
    return {
        "suicides": Estimate(*anchors.estimate(suicides)),
        "suicides_with_depression": Estimate(*anchors.estimate((ill, suicides))),
        "suicides_men_share": Estimate(*anchors.estimate((suicides_men, suicides))),
        "attempt_stays": Estimate(*anchors.estimate(stays)),
        "deaths": Estimate(*anchors.estimate(suicides + other)),
    }


def first_year_care(ledgers: Ledgers) -> Measures:
    """Return days in full-time hospital a year per person admitted."""
    days = ledgers.resources[:, 0][..., list(anchors.DAYS)].sum(axis=(1, 2, 3))
    people = ledgers.events[:, 0, :, Event.HOSPITAL_PERSON_YEAR].sum(axis=1)
    return {"days_per_inpatient": Estimate(*anchors.estimate((days, people)))}


def level(world: World) -> Measures:
    """Ten years without a policy: the stock of broad resistance should keep its level beyond demography."""
    ledgers, _ = open_run(world, 10)
    growth = anchors.MEASURES["broad_growth"](anchors.start_of(world.base), ledgers, world.values)
    return {"broad_growth": Estimate(*anchors.estimate(growth))}


def burden(world: World) -> Measures:
    """The split of the 14 billion: first-year costs of broad resistance, in euros of the claim's own price year."""
    index = load_table("consumer_prices")
    values = valuation.prices(world.values, world.documents, index)
    parts = valuation.burden(valuation.value(open_run(world, 1)[0], values))
    year = values["economy.price_year"]
    out = {}
    for name in ("direct", "production", "informal_care", "mortality", "transfers", "total"):
        claimed = world.documents[f"economy.burden.{name}"].price_year
        batches = valuation.carry(parts[name][:, 0], year, claimed, index)
        out[name] = Estimate(*anchors.estimate(np.asarray(batches)))
    return out
