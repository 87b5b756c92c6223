"""Levers: exposure × effect, how programmes combine, and that without effect a programme moves only its own counts."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from model import levers
from model.inputs import Registry, load_parameters
from model.phases import Values
from model.scenario import BASELINE, load_scenario, scenario_names
from model.states import Event, Fixed, Resource, Trait
from model.transitions import build_tables, density_by_region, perinatal_share
from tests.small import Run, mixed_crowd, run

EXPOSURES = (
    *("gp_training.share", "campaign.reach", "pathway.coverage", "good_practice.reach", "equal_access.closing"),
    *("tele_expertise.share", "integrated_care.monthly_probability", "rehabilitation.monthly_probability"),
    *("vigilans.coverage", "crisis.relayed_share", "carers.monthly_probability", "youth.reach", "perinatal.reach"),
    *("bipolar_screening.monthly_probability", "sesame.participation", "sesame.anxiety_only_share"),
    *("capacity.sesame.nurses", "capacity.expert_assessment.monthly_assessments", "payer.ald.least_episodes"),
    *("ald.request.monthly_probability", "ald.grant.probability", "ald.appeal.probability"),
)
OWN = {  # what each programme consumes by itself
    "bipolar_screening": {Resource.BIPOLAR_SCREEN, Resource.SPECIALIST_ADVICE, Resource.LITHIUM_MONTH},
    "equal_access": {Resource.TELE_EXPERTISE},
    "integrated_comorbidity": {Resource.INTEGRATED_CARE_START, Resource.SOMATIC_WORKUP},
    "psychosocial_rehabilitation": {Resource.REHABILITATION_START},
    "vigilans_extended": {Resource.VIGILANS_START},
    "crisis_relay": {Resource.CRISIS_RELAY},
    "caregiver_support": {Resource.CARER_PROGRAMME_START, Resource.CARER_SUPPORTED_MONTH},
    "ald_recognition": {Resource.ALD_HANDLING},
    "collaborative_care": {r for r in Resource if r.name.startswith("SESAME")},
}


@cache
def registry() -> Registry:
    return load_parameters(solved=None)


def values(**changed: Any) -> Values:
    """Return baseline values with some changed; `__` stands for the dot of an id."""
    return Values({k: p.value for k, p in registry().items()} | {k.replace("__", "."): v for k, v in changed.items()})


def test_a_factor_is_one_without_exposure_and_a_mean_over_those_reached() -> None:
    assert all(levers.factor(values(), lever) == 1.0 for lever in levers.LEVERS)
    trained = values(gp_training__share=0.5, gp_training__effect__referral_ratio=3.0)
    assert levers.factor(trained, "referral_of_resistant") == pytest.approx(2.0)
    trained["programme.strength"] = 0.5
    assert levers.factor(trained, "referral_of_resistant") == pytest.approx(1.5)
    trained["programme.strength"] = 0.0
    assert levers.factor(trained, "referral_of_resistant") == 1.0


@pytest.mark.parametrize(("overlap", "together"), [(0.0, 2.0 * 1.5), (1.0, 2.0), (0.5, 2.0 * 1.5**0.5)])
def test_two_programmes_on_one_lever_overlap(overlap: float, together: float) -> None:
    both = values(
        gp_training__share=1.0,
        gp_training__effect__referral_ratio=2.0,
        campaign__reach=1.0,
        campaign__effect__referral_ratio=1.5,
        programme__overlap=overlap,
    )
    assert levers.factor(both, "referral_of_resistant") == pytest.approx(together)


def test_an_odds_ratio_acts_on_odds_and_one_changes_nothing_to_the_bit() -> None:
    assert levers.times_odds(0.6, 1.0) == 0.6
    assert levers.times_odds(0.5, 3.0) == pytest.approx(0.75)


@pytest.mark.parametrize(("ratio", "coverage"), [(0.82, 0.75), (0.62, 0.75), (0.87, 0.6), (1.0, 0.9)])
def test_vigilans_changes_the_mean_as_if_todays_coverage_had_been_taken_out_first(
    ratio: float, coverage: float
) -> None:
    """Mean rate: w0 (1 - c (1 - r)), from c = 0.43 today to the coverage reached."""
    share, newly = levers.newly_recontacted(
        values(vigilans__coverage=coverage, vigilans__effect__reattempt_ratio=ratio)
    )
    assert share == pytest.approx(coverage - 0.43)
    expected = (1 - coverage * (1 - ratio)) / (1 - 0.43 * (1 - ratio))
    assert 1 - share * (1 - newly) == pytest.approx(expected)


def test_the_pathway_adds_a_hazard_after_the_second_failure_only() -> None:
    t = build_tables([values(pathway__coverage=0.5, pathway__effect__referral_monthly_hazard=0.2)]).care[0]
    assert t.refer_added.tolist() == pytest.approx([0.0, 0.0, 0.1, 0.1])
    assert t.refer.tolist() == build_tables([values()]).care[0].refer.tolist()
    assert t.come_back_to_gp > build_tables([values()]).care[0].come_back_to_gp


def test_gaps_close_from_below_and_no_region_loses() -> None:
    usual = build_tables([values()]).care[0]
    v = values(equal_access__closing=1.0, equal_access__effect__gap_closed=1.0)
    closed = build_tables([v]).care[0]
    below = density_by_region() < 1.0
    elasticity = v["care.refer.density_elasticity"]
    assert (density_by_region() ** elasticity * closed.refer_region_ratio)[below] == pytest.approx(1.0)
    assert (closed.refer_region_ratio[~below] == 1.0).all()
    assert (closed.expert >= usual.expert).all()
    assert closed.expert.min() == pytest.approx(-np.expm1(-v["care.expert.monthly_hazard"]))


def test_a_reference_moves_choices_towards_the_guideline() -> None:
    usual = build_tables([values()]).treatment[0].choice
    v = values(good_practice__reach=0.5, good_practice__effect__followed_share=0.4)
    moved = build_tables([v]).treatment[0].choice
    guideline = values(good_practice__reach=1.0, good_practice__effect__followed_share=1.0)
    ideal = build_tables([guideline]).treatment[0].choice
    assert moved[0].tolist() == usual[0].tolist()
    assert moved[1:] == pytest.approx(0.8 * usual[1:] + 0.2 * ideal[1:])


def test_the_share_of_perinatal_episodes_follows_fertility_and_the_odds_ratio() -> None:
    v = values(perinatal__births_per_woman=(0.2,) + (0.0,) * 7, perinatal__episode_odds_ratio=2.0)
    assert perinatal_share(v).tolist() == pytest.approx([1 / 3] + [0.0] * 7)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "graded_pathway",
            {f"pathway.effect.{e}" for e in ("referral_monthly_hazard", "return_ratio", "admission_ratio")}
            | {"care.admission.selection_share"},
        ),
        ("caregiver_support", {"utility.carer.effect.programme_relief"}),
        ("vigilans_extended", set()),  # grade B
        ("psychosocial_rehabilitation", set()),  # grade C
    ],
)
def test_the_assumed_effects_a_policy_puts_to_work_are_named(name: str, found: set[str]) -> None:
    assert set(levers.assumed_effects(load_scenario(name, registry()).changes, registry())) == found


# ── null: a programme without effect moves only its own counts ───────────────────────────────────────


def nulls() -> dict[str, Any]:
    """Return every effect of a programme at its null: 1 for a ratio, 0 for a share, a hazard or a duration."""
    found = {name: p for name, p in registry().items() if ".effect." in name}
    assert len(found) > 30
    null = {name: 1.0 if "ratio" in p.unit.split(" ")[0:2] else 0.0 for name, p in found.items()}
    return null | {"sesame.detection_ratio": 1.0}


def only_reaches(name: str) -> bool:
    """Tell whether a scenario changes exposures only; the others change which treatment people are given."""
    return set(load_scenario(name, registry()).changes) <= set(EXPOSURES) | set(nulls())


POLICIES = [name for name in scenario_names() if name != BASELINE and only_reaches(name)]


@cache
def without_effect(name: str) -> Run:
    """Run a scenario, or the baseline, at full exposure from the first month with every effect at its null."""
    scenario = load_scenario(name, registry())
    exposed = {k: changes[0].full(registry()[k].value) for k, changes in scenario.changes.items() if k in EXPOSURES}
    exposed = {k: min(0.5, 10 * v) if k.endswith("monthly_probability") else v for k, v in exposed.items()}
    v = Values({k: p.value for k, p in registry().items()} | nulls() | exposed)
    people = mixed_crowd(6_000, 2, entrants=False)
    people.persons["trait"][:, 0] *= 100.0  # onset: enough illness in six thousand
    bipolar = people.persons["fixed"][:, Fixed.BIPOLAR] == 1  # as `population.multipliers` gives it to them
    people.persons["trait"][bipolar, Trait.TREATMENT_RESPONSE] = v["course.covariate.bipolar.treatment_response"]
    return run(people, build_tables([v]), 72)


def test_the_policies_that_only_reach_are_tested() -> None:
    assert {"gp_training", "graded_pathway", "vigilans_extended", "collaborative_care"} <= set(POLICIES)
    assert len(POLICIES) >= 12


@pytest.mark.parametrize("name", POLICIES)
def test_a_programme_without_effect_displaces_no_treatment_and_moves_only_its_own_counts(name: str) -> None:
    given, baseline = without_effect(name), without_effect(BASELINE)
    origin = name if name in OWN else next((o for o in OWN if name.startswith(o)), name)
    own = OWN.get(origin, set())
    moved = {Resource(i) for i in np.flatnonzero((resources(given) != resources(baseline)).any(axis=0))}
    assert moved <= own, sorted(r.name for r in moved - own)
    assert (given.ledgers.trace == baseline.ledgers.trace).all()
    assert (given.ledgers.work == baseline.ledgers.work).all()
    same = [e for e in Event if e.name not in ("SESAME_START", "BIPOLAR_RECOGNISED") and not e.name.startswith("ALD")]
    assert (given.ledgers.events[..., same] == baseline.ledgers.events[..., same]).all()
    used = resources(given).sum(axis=0)
    starts = [r for r in own if r.name.endswith(("START", "SCREEN", "RELAY", "EXPERTISE", "HANDLING"))]
    assert all(used[r] > 0 for r in starts), "the test sees the programme at work"


def resources(r: Run) -> np.ndarray:
    """Return units of each resource, whoever's cover pays: (year, resource)."""
    return r.ledgers.resources.sum(axis=(0, 2, 3))
