"""A scenario's parameters, month by month, become the records the kernel reads.

One function a subject, each beside its rules: `course_record` for `course`, and so on. Everything here is
arithmetic on parameters; no number of its own carries evidence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from model import levers
from model.complaints import InputError
from model.inputs import Registry, load_table, shown_path
from model.phases import Reading, Values, each
from model.scenario import Scenario
from model.states import (
    AGE_BANDS,
    N_AGE_BANDS,
    NEVER_MONTHS,
    Care,
    Health,
    Hospital,
    Resource,
    Service,
    Treatment,
    Work,
)
from model.tables import N_AGE, N_CARE, N_QUANTILE, N_REGION, N_TREATMENT, TYPES, Tables

Floats = NDArray[np.float64]

LINE_4 = (Service.ESKETAMINE, Service.KETAMINE_IV, Service.RTMS, Service.ECT)
BY_PLACE = {
    "sesame.participation": "region",
    "capacity.sesame.nurses_posted": "region",
    "care.expert.centres_added": "region",
    "care.refer.density_ratio": "region",
    "shared_care.coverage": "region",
    "funding.esketamine.listed": "hospital",
    "capacity.esketamine.monthly_sessions": "hospital",
} | {f"access.{s.name.lower()}.{h.name.lower()}.monthly_probability": "region" for s in LINE_4 for h in Hospital}
HOSPITALS = [h.name.lower() for h in Hospital]
SEXES = ("men", "women")
DRUGS = (
    Treatment.ANTIDEPRESSANT,
    Treatment.ANTIDEPRESSANT_CBT,
    Treatment.SWITCH,
    Treatment.SWITCH_CBT,
    Treatment.COMBINATION,
    Treatment.BUPROPION,
    Treatment.MAINTENANCE,
)
AUGMENTATIONS = (Treatment.LITHIUM, Treatment.QUETIAPINE, Treatment.ARIPIPRAZOLE)
PSYCHOTHERAPIES = (Treatment.GUIDED_SELF_HELP, Treatment.CBT)
COURSES = (Treatment.KETAMINE_IV, Treatment.RTMS, Treatment.ECT)
SPECIALISTS = (Care.PSYCHIATRIST, Care.CMP, Care.EXPERT)
LINE_1 = (
    Treatment.WATCHFUL_WAITING,
    Treatment.GUIDED_SELF_HELP,
    Treatment.CBT,
    Treatment.ANTIDEPRESSANT,
    Treatment.ANTIDEPRESSANT_CBT,
)
LINE_2 = (Treatment.SWITCH, Treatment.SWITCH_CBT, Treatment.COMBINATION)
LINE_3 = (
    Treatment.SWITCH,
    Treatment.COMBINATION,
    Treatment.LITHIUM,
    Treatment.QUETIAPINE,
    Treatment.ARIPIPRAZOLE,
)
ALIVE_ILL = (Health.MILD, Health.MODERATE, Health.SEVERE, Health.RESPONSE, Health.REMISSION, Health.RECOVERY)


Build = Callable[[Values], dict[str, object]]


@dataclass(frozen=True, eq=False)  # each is one object, the key of what it built
class Part:
    """The fields that one function gives of the records of a type, in a record whose other fields are nil."""

    kind: np.dtype[np.void]
    build: Build

    def __call__(self, v: Values) -> tuple[tuple[str, ...], Floats]:
        """Return the names of the fields, and the numbers of the record; KeyError for a field that the type has not."""
        row, out = self.build(v), np.zeros(1, dtype=self.kind)
        if unknown := row.keys() - set(self.kind.names or ()):
            raise KeyError(f"a record needs exactly the fields {self.kind.names}; not {sorted(unknown)}")
        for name, value in row.items():
            out[name] = value
        return tuple(row), out.view(np.float64)


def build_tables(phases: Sequence[Values]) -> Tables:
    """Return the kernel's records, one a phase: `Tables` of record arrays, each (phase,)."""
    return Tables(*(_records(kind, parts, phases) for kind, parts in zip(TYPES, builders(), strict=True)))


@cache
def builders() -> tuple[tuple[Part, ...], ...]:
    """Return the parts of each subject's record, in the order of `TYPES`.

    What scenarios move month by month has a function of its own, so that little is built again.
    """
    builds: tuple[tuple[Build, ...], ...] = (
        (course_record,),
        (treatment_record, access_record),
        (care_record, sesame_record),
        (suicide_record,),
        (work_record,),
        (ald_record,),
        (use_record,),
        (mortality_record,),
        (programme_record,),
    )
    return tuple(tuple(Part(kind, build) for build in some) for kind, some in zip(TYPES, builds, strict=True))


def parameters_read(values: Values) -> set[str]:
    """Return the ids of the parameters that the rules' records read."""
    reading = Reading(values)
    for parts in builders():
        for part in parts:
            part(reading)
    return reading.read


def _records(kind: np.dtype[np.void], parts: Sequence[Part], phases: Sequence[Values]) -> np.recarray:
    """Return a subject's records by phase; KeyError unless its parts give each field once."""
    names: list[str] = []
    for part in parts:
        found = each(part, phases)
        records = np.stack([numbers for _, numbers in found]).view(kind)[:, 0]
        if not names:
            out = records
        else:
            for name in found[0][0]:
                out[name] = records[name]
        names += found[0][0]
    if sorted(names) != sorted(kind.names or ()):
        raise KeyError(f"a record needs exactly the fields {kind.names}; not {sorted(names)}")
    return out.view(np.recarray)


def check_places(scenarios: Sequence[Scenario], registry: Registry) -> None:
    """Refuse changes confined to places of parameters that the rules do not read so: InputError."""
    problems: dict[str, list[str]] = {}
    for scenario in scenarios:
        for name, changes in scenario.changes.items():
            by = BY_PLACE.get(name)
            places = {
                "region": any(change.regions for change in changes),
                "hospital": any(change.hospitals for change in changes),
            }
            wrong = [place for place, named in places.items() if named and place != by]
            if not wrong:
                continue
            if by is None:
                known = ", ".join(f"{other} ({place})" for other, place in BY_PLACE.items())
                fault = f'changes."{name}".where: this parameter is the same everywhere; by place are {known}.'
            else:
                fault = f'changes."{name}".where has {wrong[0]}; this parameter differs by {by} only.'
            problems.setdefault(shown_path(scenario.files[0]), []).append(fault)
    if problems:
        raise InputError(problems)


def band_of_age() -> NDArray[np.intp]:
    """Return the age band of each completed year of age, 0 to 110, shape (111,)."""
    ages = np.arange(N_AGE)
    return np.clip((ages - AGE_BANDS[0]) // 10, 0, N_AGE_BANDS - 1)


def by_treatment(default: float, values: Mapping[Treatment, object], width: int = 0) -> Floats:
    """Return a vector (or matrix) by treatment, the default where nothing is said."""
    out = np.full((N_TREATMENT, width) if width else N_TREATMENT, default, dtype=float)
    for treatment, value in values.items():
        out[treatment] = value
    return out


def hazard_of(probability: Floats | float) -> Floats:
    """Return the constant hazard per month that gives this probability in a month."""
    return -np.log1p(-np.minimum(np.asarray(probability, dtype=float), 1.0 - 1e-12))


# ── course of illness ────────────────────────────────────────────────────────────────────────────────


def acute_ratios(v: Values) -> dict[Treatment, float]:
    """Return the remission hazard under each treatment over no treatment: each ratio times its comparator's."""

    def ratio(name: str) -> float:
        return float(v[f"treatment.{name}.remission_hazard_ratio"])

    drug = ratio("antidepressant")
    switch = drug * ratio("switch")
    quetiapine = drug * ratio("quetiapine")
    ect = drug * ratio("ect")
    return {
        Treatment.GUIDED_SELF_HELP: ratio("guided_self_help"),
        Treatment.CBT: ratio("cbt"),
        Treatment.ANTIDEPRESSANT: drug,
        Treatment.ANTIDEPRESSANT_CBT: drug * ratio("antidepressant_cbt"),
        Treatment.SWITCH: switch,
        Treatment.SWITCH_CBT: switch * ratio("switch_cbt"),
        Treatment.COMBINATION: switch * ratio("combination"),
        Treatment.BUPROPION: switch * ratio("bupropion"),
        Treatment.LITHIUM: quetiapine * ratio("lithium"),
        Treatment.QUETIAPINE: quetiapine,
        Treatment.ARIPIPRAZOLE: switch * ratio("aripiprazole"),
        Treatment.ESKETAMINE: quetiapine * ratio("esketamine"),
        Treatment.KETAMINE_IV: ect * ratio("ketamine_iv"),
        Treatment.RTMS: drug * ratio("rtms"),
        Treatment.ECT: ect,
        Treatment.MAINTENANCE: drug,
        Treatment.CONTINUATION_ECT: drug,
    }


def course_record(v: Values) -> dict[str, object]:
    band = band_of_age()
    onset = np.stack([np.array(v[f"course.onset.annual_rate.{sex}"])[band] / 12.0 for sex in SEXES])
    onset[:, : AGE_BANDS[0]] = 0.0
    relapse = float(v["course.relapse.remission_monthly_hazard"])
    recurrence = float(v["course.recurrence.monthly_hazard"]) * np.array(v["course.recurrence.age_ratio"])
    drug_relapse = float(v["treatment.antidepressant.relapse_hazard_ratio"])
    on_drug = [*DRUGS, *AUGMENTATIONS, Treatment.ESKETAMINE, *COURSES, Treatment.CONTINUATION_ECT]
    stable = {
        t: [
            v["treatment.augmentation.stable_relapse_ratio.response"],
            v["treatment.augmentation.stable_relapse_ratio.remission"],
        ]
        for t in AUGMENTATIONS
    }
    stable[Treatment.ESKETAMINE] = [
        v["treatment.esketamine.stable_relapse_ratio.response"],
        v["treatment.esketamine.stable_relapse_ratio.remission"],
    ]
    acute = acute_ratios(v)
    response = float(v["course.covariate.bipolar.treatment_response"])
    lag = float(v["treatment.antidepressant.first_month_share"])
    return {
        "onset": onset,
        "remission": float(v["course.remission.monthly_hazard"]) * np.array(v["course.remission.severity_ratio"]),
        "late_remission": v["course.remission.late_monthly_hazard"],
        "duration_ratio": v["course.remission.duration_ratio"],
        "failed_ratio": v["course.remission.failed_ratio"],
        "episode_ratio": v["course.recurrence.episode_ratio"],
        "response_ratio": v["course.response.ratio"],
        "completion_ratio": v["course.response.completion_ratio"],
        "relapse": [relapse * float(v["course.relapse.response_ratio"]), relapse],
        "recurrence": recurrence,
        "severity_odds": v["course.severity.odds"],
        "forties_odds": v["course.severity.forties_odds_ratio"],
        "recovery_months": v["course.recovery.months"],
        "acute_ratio": by_treatment(1.0, acute),
        "acute_months": by_treatment(
            NEVER_MONTHS, {Treatment.ESKETAMINE: v["treatment.esketamine.remission_hazard_ratio_months"]}
        ),
        "later_ratio": by_treatment(1.0, acute | {Treatment.ESKETAMINE: acute[Treatment.QUETIAPINE]}),
        "acute_lag": by_treatment(
            lag,
            {
                Treatment.ESKETAMINE: 1.0,
                Treatment.KETAMINE_IV: 1.0,
                Treatment.ECT: 1.0,
                Treatment.RTMS: v["treatment.rtms.first_month_share"],
            },
        ),
        "inadequate_share": v["treatment.inadequate_dose.effect_share"],
        "relapse_ratio": by_treatment(1.0, dict.fromkeys(on_drug, drug_relapse)),
        "induced_ratio": by_treatment(
            1.0,
            {Treatment.CBT: v["treatment.cbt.relapse_hazard_ratio"]}
            | {t: v[f"treatment.{t.name.lower()}.induced_relapse_ratio"] for t in COURSES},
            3,
        ),
        "stable_ratio": by_treatment(1.0, dict(stable), 2),
        "stable_months": v["treatment.stable.months"],
        "sesame": [
            v["sesame.effect.remission_ratio"],
            v["sesame.effect.relapse_ratio"],
            v["sesame.effect.carry_over_months"],
        ],
        "recognised_response": response
        + levers.obtained(v, "bipolar_screening.effect.response_restored") * (1.0 - response),
        "integrated_ratio": [
            float(v[f"course.covariate.{name}.remission_ratio"])
            ** -levers.obtained(v, "integrated_care.effect.penalty_removed")
            for name in ("anxiety", "substance", "somatic")
        ],
        "rehabilitation_ratio": levers.assumed(v, "rehabilitation.effect.relapse_ratio"),
    }


# ── treatments ───────────────────────────────────────────────────────────────────────────────────────


def choices(v: Values) -> Floats:
    """Return cumulated shares of treatments begun: (line, care, treatment). Shares are scaled to sum to one."""
    shares = np.zeros((3, N_CARE, N_TREATMENT))
    bupropion = float(v["treatment.choice.bupropion_share"])
    followed = float(v["good_practice.reach"]) * levers.obtained(v, "good_practice.effect.followed_share")
    for care in Care:
        first = {Care.GP: "gp", Care.PSYCHOLOGIST: "psychologist", Care.CMP: "cmp"}.get(care, "psychiatrist")
        later = "gp" if care in (Care.GP, Care.PSYCHOLOGIST) else "specialist"
        shares[0, care, list(LINE_1)] = v[f"treatment.choice.{first}.line_1"]
        shares[1, care, list(LINE_2)] = v[f"treatment.choice.{later}.line_2"]
        shares[2, care, list(LINE_3)] = v[f"treatment.choice.{later}.line_3"]
        shares[1, care, Treatment.BUPROPION] = bupropion * shares[1, care, Treatment.SWITCH]
        shares[1, care, Treatment.SWITCH] *= 1.0 - bupropion
        for line, treatments in ((1, LINE_2), (2, LINE_3)):
            if followed == 0.0:
                continue
            shares[line, care] *= (1.0 - followed) / shares[line, care].sum()
            guideline = np.array(v[f"good_practice.choice.line_{line + 1}"], dtype=float)
            shares[line, care, list(treatments)] += followed * guideline / guideline.sum()
    return np.cumsum(shares / shares.sum(axis=2, keepdims=True), axis=2)


def stopping(v: Values) -> tuple[Floats, Floats]:
    """Return hazards of stopping: ill (treatment, month 0 / 1-5 / later), well (treatment, state)."""
    drug = np.array([v[f"treatment.stop.ill.{when}"] for when in ("first_month", "months_2_to_6", "later")])
    therapy = float(v["treatment.stop.psychotherapy.monthly_hazard"])
    ill = by_treatment(0.0, dict.fromkeys(DRUGS, drug), 3)
    for t in AUGMENTATIONS:
        ill[t] = drug * float(v["treatment.stop.augmentation_ratio"])
    for t in PSYCHOTHERAPIES:
        ill[t] = therapy
    ill[Treatment.ESKETAMINE] = v["treatment.esketamine.stop.ill"]
    ill[Treatment.CONTINUATION_ECT] = drug
    well = by_treatment(
        0.0, dict.fromkeys([*DRUGS, *AUGMENTATIONS, Treatment.CONTINUATION_ECT], v["treatment.stop.well"]), 3
    )
    well[Treatment.ESKETAMINE] = v["treatment.esketamine.stop.well"]
    for t in (Treatment.WATCHFUL_WAITING, *PSYCHOTHERAPIES):
        well[t] = therapy
    return ill, well


def treatment_record(v: Values) -> dict[str, object]:
    months = "treatment.{}.adequate_months"
    drug, augmentation = float(v[months.format("antidepressant")]), float(v[months.format("augmentation")])
    duration = by_treatment(drug, dict.fromkeys((*AUGMENTATIONS, Treatment.COMBINATION), augmentation))
    for t in (Treatment.WATCHFUL_WAITING, Treatment.GUIDED_SELF_HELP, Treatment.CBT, Treatment.ESKETAMINE):
        duration[t] = v[months.format(t.name.lower())]
    course = by_treatment(
        0.0, {t: v[f"treatment.{t.name.lower()}.course_months"] for t in (*COURSES, *PSYCHOTHERAPIES)}
    )
    duration[list(COURSES)] = course[list(COURSES)]
    trials = [*DRUGS[:-1], *AUGMENTATIONS, Treatment.ESKETAMINE, *COURSES]
    level = ["specialist" if c in SPECIALISTS else "gp" for c in Care]
    dose = {
        name: levers.times_odds(
            float(v[f"treatment.adequate_dose.{name}"]), levers.factor(v, f"{name}.adequate_dose_odds")
        )
        for name in ("gp", "specialist")
    }
    next_line = [
        float(v[f"treatment.next_line.{c.name.lower()}.monthly_hazard"]) * levers.factor(v, f"{level[c]}.next_line")
        for c in Care
        if c
    ]
    ill, well = stopping(v)
    return {
        "choice": choices(v),
        "adequate_dose": [dose[name] for name in level],
        "duration": duration,
        "course": course,
        "is_trial": by_treatment(0.0, dict.fromkeys(trials, 1.0)),
        "stop_ill": ill,
        "stop_well": well,
        "retry": [1.0, *v["treatment.retry.monthly_probability"]],
        "next_line": [0.0, *next_line],
        "esketamine_age": v["treatment.esketamine.age_limit_years"],
        "esketamine_sessions": v["treatment.esketamine.sessions"],
        "continuation_ect": v["treatment.continuation_ect.probability"],
    }


def access_record(v: Values) -> dict[str, object]:
    access = np.zeros((len(Service), N_REGION, len(Hospital)))
    for service in LINE_4:
        for hospital, name in enumerate(HOSPITALS):
            access[service, :, hospital] = v.by_region(f"access.{service.name.lower()}.{name}.monthly_probability")
    return {"access": access}


# ── care ─────────────────────────────────────────────────────────────────────────────────────────────


def stay_quantiles(mean: float, coefficient: float) -> Floats:
    """Return quantiles of a lognormal length of stay at the middles of equal parts, scaled to the mean, days."""
    sigma = np.sqrt(np.log1p(coefficient**2))
    raw = np.exp(sigma * ndtri((np.arange(N_QUANTILE) + 0.5) / N_QUANTILE))
    return np.round(raw * mean / raw.mean())


def centres_by_region(v: Values) -> Floats:
    """Return expert centres by region, with those a scenario adds, shape (18,)."""
    return np.asarray(load_table("regions")["n_expert_centres"] + v.by_region("care.expert.centres_added"), dtype=float)


def centre_density(v: Values) -> Floats:
    """Return expert centres per adult over today's national ratio, by region, shape (18,)."""
    regions = load_table("regions")
    today = regions["n_expert_centres"].sum() / regions["adults_18p"].sum()
    return np.asarray(centres_by_region(v) / regions["adults_18p"] / today, dtype=float)


def care_record(v: Values) -> dict[str, object]:
    density = np.maximum(centre_density(v), float(v["care.expert.no_centre_ratio"]))
    closing = float(v["equal_access.closing"]) * levers.obtained(v, "equal_access.effect.gap_closed")
    density = density + closing * np.maximum(0.0, 1.0 - density)
    refer = np.array(v["care.refer.monthly_hazard"])
    pathway = float(v["programme.strength"]) * float(v["pathway.effect.referral_monthly_hazard"])
    added = np.zeros(4)
    added[2:] = refer[2:] * (levers.factor(v, "referral_of_resistant") - 1.0) + float(v["pathway.coverage"]) * pathway
    relief = levers.obtained(v, "ald.effect.forgone_relief")
    more = v.by_region("care.refer.density_ratio")
    advice = np.array(v["shared_care.access.monthly_probability"])
    gp_besides = np.array(v["care.visits.gp_besides"])
    visits = np.zeros((N_CARE, 3))
    for care in Care:
        if care:
            visits[care] = v[f"care.visits.{care.name.lower()}"]
    besides = np.tile(gp_besides, (N_CARE, 1))
    besides[[Care.NONE, Care.GP]] = 0.0
    setting = np.zeros(N_CARE)
    setting[[Care.GP, Care.PSYCHIATRIST, Care.PSYCHOLOGIST, Care.CMP]] = v["care.first_setting"]
    return {
        "seek": v["care.seek.monthly_hazard"],
        "seek_again_ratio": v["care.seek.after_failure_ratio"],
        "setting": np.cumsum(setting / setting.sum()),
        "detected": np.minimum(1.0, np.array(v["care.gp.detection_monthly"]) * levers.factor(v, "gp.detection")),
        "refer": refer,
        "refer_added": added,
        "refer_private": v["care.refer.private_share"],
        "expert": -np.expm1(-float(v["care.expert.monthly_hazard"]) * density),
        "psychologist": v["psychologist.access.monthly_probability"],
        "health_centre": v["health_centre.access.monthly_probability"],
        "advice": np.multiply.outer(advice, v.by_region("shared_care.coverage")),
        "advice_months": v["shared_care.effect.months"],
        "advice_ratio": [v["shared_care.effect.adequate_dose_odds_ratio"], v["shared_care.effect.next_line_ratio"]],
        "advice_refer": v["shared_care.refer_share"],
        "leave": [v["care.leave.after_stop"], v["care.leave.recovered_monthly_hazard"]],
        "come_back_to_gp": float(v["care.return_to_gp.monthly_hazard"]) * levers.factor(v, "return_to_gp"),
        "admission": np.array(v["care.admission.monthly_hazard"]) * levers.factor(v, "admission"),
        "admission_ratio": [
            v[f"care.admission.{name}_ratio"] for name in ("no_specialist", "trd", "recent_attempt", "benefit")
        ],
        "stay": stay_quantiles(float(v["care.stay.mean_days"]), float(v["care.stay.coefficient_of_variation"])),
        "visits": visits,
        "gp_visits": besides,
        "young_age": v["youth.age_limit_years"],
        "young_ratio": [levers.factor(v, "young.detection"), levers.factor(v, "young.seeking")],
        "perinatal_ratio": [levers.factor(v, "perinatal.detection"), levers.factor(v, "perinatal.seeking")],
        "refer_region_ratio": (more * np.minimum(1.0, more * density_by_region()) ** -closing)
        ** float(v["care.refer.density_elasticity"]),
        "early_admission_ratio": float(v["care.admission.no_specialist_ratio"])
        ** float(v["care.admission.selection_share"]),
        "integrated_admission_ratio": levers.assumed(v, "integrated_care.effect.admission_ratio"),
        "relief_ratio": [
            float(v["care.seek.no_complementary_ratio"]) ** -relief,
            float(v["care.forgone.leave_ratio"]) ** -relief,
            float(v["care.forgone.stop_ratio"]) ** -relief,
        ],
    }


def sesame_record(v: Values) -> dict[str, object]:
    return {
        "participation": v.by_region("sesame.participation"),
        "sesame_access": v["sesame.access.monthly_probability"],
        "sesame_exit": v["sesame.exit.monthly_hazard"],
        "sesame_limit": v["sesame.limit_months"],
        "sesame_effect": [
            v["sesame.effect.adequate_dose_odds_ratio"],
            v["sesame.effect.stop_ratio"],
            v["sesame.effect.next_line_ratio"],
            v["sesame.effect.referral_ratio"],
        ],
        "sesame_detection": v["sesame.detection_ratio"],
    }


def programme_record(v: Values) -> dict[str, object]:
    today, also = float(v["bipolar_screening.monthly_probability"]), float(v["gp_training.share"])
    also *= levers.obtained(v, "gp_training.effect.bipolar_screening_monthly")
    record: dict[str, Any] = {
        "screen": 1.0 - (1.0 - today) * (1.0 - also),
        "accuracy": [v["bipolar_screening.sensitivity"], v["bipolar_screening.specificity"]],
        "integrated": [v["integrated_care.monthly_probability"], v["integrated_care.months"]],
        "rehabilitation": [v["rehabilitation.monthly_probability"], v["rehabilitation.effect_months"]],
        "carers": [v["carers.monthly_probability"], v["carers.effect_months"]],
        "relay": np.array(v["crisis.call.monthly_probability"]) * float(v["crisis.relayed_share"]),
        "relay_care": v["crisis.effect.care_probability"],
        "tele": [v["tele_expertise.share"], levers.obtained(v, "tele_expertise.effect.followed_share")],
        "perinatal": perinatal_share(v),
    }
    offered = [record["screen"], *(record[name][0] for name in ("integrated", "rehabilitation", "carers"))]
    record["enrols"] = float(any(offered) or record["relay"].any())
    return record


def perinatal_share(v: Values) -> Floats:
    """Return P(an episode that begins follows a birth within a year) for women, by age band."""
    births, ratio = np.array(v["perinatal.births_per_woman"]), float(v["perinatal.episode_odds_ratio"])
    odds = births / (1.0 - births) * ratio
    return np.asarray(odds / (1.0 + odds), dtype=float)


@cache
def density_by_region() -> Floats:
    """Return psychiatrists per inhabitant over the national ratio, by region, shape (18,)."""
    regions = load_table("regions")
    density = regions["psychiatrists_rpps"] / regions["pop_2023"]
    return np.asarray(density * regions["pop_2023"].sum() / regions["psychiatrists_rpps"].sum(), dtype=float)


# ── suicide ──────────────────────────────────────────────────────────────────────────────────────────


@cache
def suicide_rates() -> Floats:
    """Return deaths by suicide per person-year by sex and model age band, from tables/suicide_rates.csv."""
    table = load_table("suicide_rates")
    out = np.zeros((2, N_AGE_BANDS))
    for sex, letter in enumerate("MF"):
        for band, low in enumerate(AGE_BANDS):
            row = (table["sex"] == letter) & (table["age_lo"] >= low)
            row &= (table["age_lo"] < low + 10) if low < AGE_BANDS[-1] else True
            out[sex, band] = table["deaths_2023_calibrated"][row].sum() / table["pop_2023"][row].sum()
    return out


def suicide_record(v: Values) -> dict[str, object]:
    """Acts are stays plus deaths; lethality is deaths over acts, by sex and age band, of the whole nation."""
    stays = np.stack([np.array(v[f"suicide.stays.annual_rate.{sex}"]) for sex in SEXES]) / 1e5
    deaths = suicide_rates()
    severe = float(v["suicide.attempt.severe_ratio"])
    ratio = np.ones(len(Health))
    for state in Health:
        if state in ALIVE_ILL and state != Health.SEVERE:
            name = "remission" if state == Health.RECOVERY else state.name.lower()
            ratio[state] = severe * float(v[f"suicide.attempt.{name}_share"])
    ratio[Health.SEVERE] = severe
    ratio[Health.RECOVERY] = max(1.0, ratio[Health.RECOVERY])
    recontacted, reattempt = levers.newly_recontacted(v)
    return {
        "rate": (stays + deaths) / 12.0 * float(v["suicide.attempt.level"]),
        "state_ratio": ratio,
        "window_ratio": v["suicide.attempt.window_ratio"],
        "past_ratio": v["suicide.attempt.past_ratio"],
        "trd_ratio": v["suicide.attempt.trd_ratio"],
        "lithium_ratio": v["suicide.attempt.lithium_ratio"],
        "lethality": np.minimum(1.0, deaths / (stays + deaths) * float(v["suicide.lethality_ratio"])),
        "contact": [v["suicide.contact.care"], v["suicide.contact.admission"]],
        "recontact": [recontacted, v["vigilans.window_months"]],
        "reattempt_ratio": reattempt,
    }


@cache
def life_table() -> Floats:
    """Return the hazard of death a year by sex and completed age, suicide taken out, shape (2, 111)."""
    table = load_table("life_table")
    hazard = np.stack([hazard_of(table["qx"][table["sex"] == letter]) for letter in "MF"])[:, :N_AGE]
    suicide = suicide_rates()[:, band_of_age()]
    suicide[:, : AGE_BANDS[0]] = 0.0
    return np.maximum(hazard - suicide, 0.0)


def mortality_record(v: Values) -> dict[str, object]:
    """The life table is that of the ill and the well: divide by the mean ratio of each age band."""
    level, slope = v["population.somatic.logit"]
    somatic = 1.0 / (1.0 + np.exp(-level - slope * (np.arange(N_AGE) - 51.0)))
    ratio = float(v["mortality.ever_depressed.hazard_ratio"])
    ratio = ratio * (1.0 + somatic * (float(v["mortality.somatic.hazard_ratio"]) - 1.0))
    mean = 1.0 + np.array(v["mortality.ever_ill_share"])[band_of_age()] * (ratio - 1.0)
    return {"other": life_table() / 12.0 / mean}


# ── work and ALD ─────────────────────────────────────────────────────────────────────────────────────


def by_state(values: Sequence[float]) -> Floats:
    """Return a vector by health from values for the six states of the ever-ill."""
    out = np.zeros(len(Health))
    out[list(ALIVE_ILL)] = values
    return out


def work_record(v: Values) -> dict[str, object]:
    employed, student = np.array(v["work.at_onset.employed"]), np.array(v["work.at_onset.student"])
    disability = np.array(v["work.at_onset.disability"])
    retired = np.where(np.array(AGE_BANDS) >= 65, 1.0 - employed, 0.0)
    shares = np.zeros((N_AGE_BANDS, len(Work)))
    shares[:, Work.AT_WORK], shares[:, Work.STUDENT] = employed, student
    shares[:, Work.DISABILITY], shares[:, Work.RETIRED] = disability, retired
    shares[:, Work.UNEMPLOYED] = np.maximum(0.0, 1.0 - employed - student - disability - retired)
    find = by_state(v["work.find_job.monthly_hazard"])
    without = float(v["work_value.background_not_employed_share"])
    background = find[Health.RECOVERY] * without / (1.0 - without)  # keeps the general population's share level
    return {
        "leave": by_state(v["work.leave.monthly_hazard"]),
        "come_back": by_state(v["work.come_back.monthly_hazard"]),
        "lose_job": np.maximum(by_state(v["work.lose_job.monthly_hazard"]), background),
        "find_job": find,
        "disability": v["work.disability.monthly_hazard"],
        "leave_limit": [v["work.leave.limit_months"], v["work.leave.limit_disability_share"]],
        "ages": [v["work.study_ends_years"], v["work.retirement_years"]],
        "study_ends_at_work": v["work.study_ends_at_work"],
        "at_onset": np.tile(np.cumsum(shares, axis=1), (2, 1, 1)),
        "rehabilitation_ratio": [
            levers.assumed(v, "rehabilitation.effect.find_work_ratio"),
            levers.assumed(v, "rehabilitation.effect.come_back_ratio"),
        ],
    }


def ald_record(v: Values) -> dict[str, object]:
    return {
        "episodes": v["payer.ald.least_episodes"],
        "persistence": v["payer.ald.least_persistent_months"],
        "request": v["ald.request.monthly_probability"],
        "delay": v["payer.ald.decision_months"],
        "grant": v["ald.grant.probability"],
        "term": [
            12.0 * float(v["payer.ald.shortest_term_years"]),
            12.0 * float(v["payer.ald.longest_term_years"]),
        ],
        "renewal": v["ald.renewal.probability"],
        "appeal": [v["ald.appeal.probability"], v["ald.appeal.grant_probability"]],
    }


# ── what care consumes ───────────────────────────────────────────────────────────────────────────────


def use_record(v: Values) -> dict[str, object]:
    drug = {
        Treatment.LITHIUM: Resource.LITHIUM_MONTH,
        Treatment.QUETIAPINE: Resource.QUETIAPINE_MONTH,
        Treatment.ARIPIPRAZOLE: Resource.ARIPIPRAZOLE_MONTH,
        Treatment.BUPROPION: Resource.BUPROPION_MONTH,
    }
    boxes = float(v["treatment.boxes_per_month"])
    per_month = "treatment.{}.sessions_per_month"
    sessions = {
        t: v[per_month.format(t.name.lower())]
        for t in (*COURSES, Treatment.CBT, Treatment.ANTIDEPRESSANT_CBT, Treatment.CONTINUATION_ECT)
    }
    sessions[Treatment.SWITCH_CBT] = sessions[Treatment.ANTIDEPRESSANT_CBT]
    return {
        "drug": by_treatment(-1.0, dict(drug)),
        "boxes": by_treatment(
            0.0,
            dict.fromkeys([*DRUGS, Treatment.ESKETAMINE, *COURSES, Treatment.CONTINUATION_ECT], boxes)
            | dict.fromkeys((*AUGMENTATIONS, Treatment.COMBINATION), 2.0 * boxes),
        ),
        "sessions": by_treatment(0.0, sessions),
        "devices": v["treatment.esketamine.devices_per_session"],
        "listed": v.by_hospital("funding.esketamine.listed"),
        "adverse": by_treatment(
            0.0,
            {
                Treatment.ESKETAMINE: v["treatment.esketamine.serious_adverse_monthly"],
                Treatment.ECT: v["treatment.ect.serious_adverse_monthly"],
            },
        ),
        "caps": [
            v["payer.participation.annual_acts"],
            v["payer.franchise.annual_boxes"],
            v["payer.psychologist.annual_sessions"],
            v["payer.sick_leave.waiting_days"],
            v["payer.hospital.copayment_last_day"],
            v["payer.psychologist.longest_antidepressant_months"],
            v["payer.psychologist.worst_severity"],
        ],
        "give_up": v["capacity.give_up.monthly_hazard"],
        "anxiety_months": float(v["sesame.anxiety_only_share"]) / (1.0 - float(v["sesame.anxiety_only_share"])),
    }
