"""The published margins of people at month 0, and raking to them (model.md, section 2).

The laws are those of `evidence` sections 7a (12-month episodes) and 7b (broad treatment resistance);
their numbers are in `parameters/margins.toml` and the CSV tables.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.compiled import jit
from model.inputs import load_table
from model.phases import Values
from model.states import Care, Fixed, Health, Now, Work

Floats = NDArray[np.float64]

ROUNDS = 40
MOST = 20.0  # times its first weight, at most, that raking may give a person


@dataclass
class Margin:
    """One margin: a class of each person (-1: outside) and the persons of the nation in each class."""

    name: str
    classes: NDArray[np.int64]
    target: Floats
    before: Floats = field(default_factory=lambda: np.zeros(0))
    after: Floats = field(default_factory=lambda: np.zeros(0))

    def gap(self) -> float:
        """Return the largest gap after raking, as a share of the margin's total."""
        return float(np.abs(self.after - self.target).max() / self.target.sum())


def totals(margin: Margin, weight: Floats) -> Floats:
    inside = margin.classes >= 0
    return np.bincount(margin.classes[inside], weight[inside], minlength=margin.target.size).astype(float)


@jit
def fit(
    weight: Floats,
    most: Floats,
    persons: NDArray[np.int64],
    classes: NDArray[np.int64],
    ends: NDArray[np.int64],
    target: Floats,
) -> None:
    """Scale weights in place, at most to `most`, so that each class of each margin in turn sums to its target.

    persons, classes : those inside each margin and their class, one margin after the other; ends : (margin,) of each
    target : (margin, class), as many classes as the margin of most has
    """
    ratio = np.zeros(target.shape[1])
    for _ in range(ROUNDS):
        for i in range(weight.size):
            weight[i] = min(weight[i], most[i])
        first = 0
        for margin in range(ends.size):
            ratio[:] = 0.0
            for j in range(first, ends[margin]):
                ratio[classes[j]] += weight[persons[j]]
            for k in range(ratio.size):
                ratio[k] = target[margin, k] / ratio[k] if ratio[k] > 0.0 else 1.0
            for j in range(first, ends[margin]):
                weight[persons[j]] *= ratio[classes[j]]
            first = ends[margin]


def rake(weight: Floats, wanted: list[Margin]) -> tuple[Floats, list[Margin]]:
    """Return weights raked by iterative proportional fitting (Deming & Stephan 1940), and the margins met.

    Weights are bounded (Deville & Särndal 1992), so that no handful of persons stands for the nation; a margin that
    the bound keeps apart, and a class that nobody is in, show in the report.
    """
    for margin in wanted:
        margin.before = totals(margin, weight)
    inside = [np.flatnonzero(margin.classes >= 0) for margin in wanted]
    classes = [margin.classes[persons].astype(np.int64) for margin, persons in zip(wanted, inside, strict=True)]
    target = np.zeros((len(wanted), max(margin.target.size for margin in wanted)))
    for row, margin in zip(target, wanted, strict=True):
        row[: margin.target.size] = margin.target
    ends = np.cumsum([persons.size for persons in inside])
    most, weight = MOST * weight, weight.copy()
    fit(weight, most, np.concatenate(inside), np.concatenate(classes), ends, target)
    for margin in wanted:
        margin.after = totals(margin, weight)
    return weight, wanted


def true_share(observed: Floats, v: Values) -> Floats:
    """Return the true 12-month prevalence behind the survey's: predictive value over sensitivity."""
    return observed * float(v["survey.cidi_sf.predictive_value"]) / float(v["survey.cidi_sf.sensitivity"])


@cache
def survey_share() -> Floats:
    """Return the survey's 12-month prevalence, mean of 2021 and 2024, by sex and band 18-24 … 75-85.

    The 2024 wave has its own bands; each is read at the middle of a 2021 band.
    """
    table = load_table("mde_prevalence")
    out = np.zeros((2, 7))
    for sex, letter in enumerate("MF"):
        mine = table["sex"] == letter
        first, second = mine & (table["year"] == 2021), mine & (table["year"] == 2024)
        middle = (table["age_lo"][first] + table["age_hi"][first]) / 2.0
        later = np.interp(
            middle, (table["age_lo"][second] + table["age_hi"][second]) / 2.0, table["mde_12m_pct"][second]
        )
        out[sex] = (table["mde_12m_pct"][first] + later) / 200.0
    return out


@cache
def band_population() -> Floats:
    """Return residents by sex and band 15-24, 25-34 … 75 and over, shape (2, 7)."""
    table = load_table("population_2023_region_age_sex")
    out = np.zeros((2, 7))
    for sex, letter in enumerate("MF"):
        for band in range(7):
            low = 15 + 10 * band
            rows = (table["sex"] == letter) & (table["age_lo"] >= low)
            if band < 6:
                rows &= table["age_lo"] < low + 10
            out[sex, band] = table["pop"][rows].sum()
    return out


def ill_targets(v: Values) -> Floats:
    """Return persons with a true 12-month episode by sex and band; 15-17 take the 18-24 rate, 86+ the 75-85 rate."""
    return true_share(survey_share(), v) * band_population()


def _share(total: float, shares: object) -> Floats:
    values = np.array(shares, dtype=float)
    return total * values / values.sum()


def _classes(conditions: list[NDArray[np.bool_]], inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.where(inside, np.select(conditions, range(len(conditions)), -1), -1)


def margins(persons: Any, v: Values, nation: float) -> list[Margin]:
    """Return every margin of sections 7a and 7b for the ever-ill at month 0, in persons of the nation."""
    now, fixed = persons["now"], persons["fixed"]
    age = -fixed[:, Fixed.BIRTH_MONTH] // 12
    sex, region = fixed[:, Fixed.SEX], fixed[:, Fixed.REGION]
    ill = now[:, Now.MONTHS_SINCE_ILL] < 12
    trd = ill & (now[:, Now.FAILED] >= 2)
    target = ill_targets(v)
    n_ill = float(target.sum())
    band = np.clip((age - 15) // 10, 0, 6)
    out = [Margin("12-month episode, by sex and age", np.where(ill, sex * 7 + band, -1), target.ravel())]
    out.append(Margin("12-month episode, by region", np.where(ill, region, -1), _share(n_ill, region_weights(v))))
    out += episode_margins(now, fixed, ill, n_ill, v)
    out += resistant_margins(now, fixed, age, trd, v)
    return out


def region_weights(v: Values) -> Floats:
    """Return residents 15 and over of each region times its relative prevalence."""
    return np.asarray(region_population() * np.array(v["course.region.onset_ratio"]), dtype=float)


@cache
def region_population() -> Floats:
    """Return residents 15 and over of each region, shape (18,)."""
    table, codes = load_table("population_2023_region_age_sex"), load_table("regions")["region"].tolist()
    adult = table["age_lo"] >= 15
    row = np.array([codes.index(code) for code in table["region"]])
    return np.asarray(np.bincount(row[adult], table["pop"][adult], minlength=len(codes)), dtype=float)


def episode_margins(
    now: NDArray[np.int32], fixed: NDArray[np.int32], ill: NDArray[np.bool_], total: float, v: Values
) -> list[Margin]:
    """Section 7a: severity, course, care, setting, failed treatments, work of 12-month cases."""
    severity = now[:, Now.SEVERITY] - Health.MILD
    chronic = (now[:, Now.MONTHS_IN_EPISODE] >= 24) & (now[:, Now.HEALTH] != Health.RECOVERY)
    first = (now[:, Now.EPISODES] <= 1) & ~chronic
    care = now[:, Now.MONTHS_SINCE_CARE] < 12
    woman = fixed[:, Fixed.SEX] == 1
    men, women = float(total - total * _women(v)), float(total * _women(v))
    p_men, p_women = v["margin.episode.care_share"]
    in_care = men * p_men + women * p_women
    current = ill & (now[:, Now.CARE] > 0)
    hospital = now[:, Now.HOSPITAL_DAYS] + now[:, Now.DAYS_THIS_MONTH] > 0
    kind = now[:, Now.CARE]
    setting = [
        hospital,
        kind == Care.GP,
        kind == Care.PSYCHIATRIST,
        kind == Care.PSYCHOLOGIST,
        kind >= Care.CMP,
    ]
    failed = now[:, Now.FAILED]
    work = now[:, Now.WORK]
    works = [
        (work == Work.AT_WORK) | (work == Work.SICK_LEAVE),
        work == Work.STUDENT,
        work == Work.RETIRED,
        (work == Work.UNEMPLOYED) | (work == Work.DISABILITY),
    ]
    return [
        Margin(
            "12-month episode, severity",
            np.where(ill, severity, -1),
            _share(total, v["margin.episode.severity"]),
        ),
        Margin(
            "12-month episode, course",
            _classes([first, chronic, ~first], ill),
            _share(total, v["margin.episode.course"]),
        ),
        Margin(
            "12-month episode, any care by sex",
            _classes([~woman & care, ~woman, care, woman], ill),
            np.array([men * p_men, men * (1 - p_men), women * p_women, women * (1 - p_women)]),
        ),
        Margin(
            "12-month episode in care today, setting",
            _classes(setting, current),
            _share(in_care * float(v["margin.episode.still_in_care_share"]), v["margin.episode.setting"]),
        ),
        Margin(
            "12-month episode in care, failed treatments",
            _classes([failed == 0, failed == 1, failed >= 2], ill & care),
            _share(in_care, v["margin.episode.failed"]),
        ),
        Margin("12-month episode, work", _classes(works, ill), _share(total, v["margin.episode.work"])),
    ]


def _women(v: Values) -> float:
    target = ill_targets(v)
    return float(target[1].sum() / target.sum())


@cache
def resistant_population() -> Floats:
    """Return people with broad resistance by sex and age band, shape (2, 8)."""
    table = load_table("trd_age_sex")
    broad = table["definition"] == "BROAD_1M"
    return np.array([table["n"][broad & (table["sex"] == letter)] for letter in "MF"], dtype=float)


def resistant_margins(
    now: NDArray[np.int32],
    fixed: NDArray[np.int32],
    age: NDArray[np.int32],
    trd: NDArray[np.bool_],
    v: Values,
) -> list[Margin]:
    """Section 7b: the million people with broad resistance, ill in the last twelve months."""
    people = resistant_population()
    total = float(people.sum())
    band = np.clip((age - 15) // 10, 0, 7)
    shares = load_table("trd_region_share")
    failed, previous = now[:, Now.FAILED], now[:, Now.EPISODES] - 1
    work, kind = now[:, Now.WORK], now[:, Now.CARE]
    hospital = (now[:, Now.HOSPITAL_DAYS] + now[:, Now.DAYS_THIS_MONTH] > 0) & (kind != Care.EXPERT)
    active = trd & (age < 62)
    works = [work == w for w in (Work.AT_WORK, Work.SICK_LEAVE, Work.UNEMPLOYED, Work.DISABILITY, Work.STUDENT)]
    n_active = total * float(v["margin.trd.under_62_share"])

    def flag(name: str, column: Fixed) -> Margin:
        share = float(v[f"margin.trd.{name}_share"])
        return Margin(f"TRD, {name}", np.where(trd, fixed[:, column], -1), total * np.array([1 - share, share]))

    severe, chronic = float(v["margin.trd.severe_share"]), float(v["margin.trd.beyond_two_years_share"])
    visible = float(v["margin.trd.claims_visible_share"])
    return [
        Margin(
            "TRD, previous episodes",
            _classes([previous <= 0, previous == 1, previous == 2, previous == 3, previous <= 5, previous > 5], trd),
            _share(total, v["margin.trd.previous_episodes"]),
        ),
        Margin(
            "TRD, failed treatments",
            _classes([failed == 2, failed == 3, failed == 4, failed == 5, failed > 5], trd),
            _share(total, v["margin.trd.failed"]),
        ),
        Margin(
            "TRD, MADRS 28 and over",
            np.where(trd, (now[:, Now.SEVERITY] == Health.SEVERE).astype(int), -1),
            total * np.array([1 - severe, severe]),
        ),
        Margin(
            "TRD, episode over two years",
            np.where(trd, (now[:, Now.MONTHS_IN_EPISODE] > 24).astype(int), -1),
            total * np.array([1 - chronic, chronic]),
        ),
        flag("anxiety", Fixed.ANXIETY),
        flag("substance", Fixed.SUBSTANCE),
        flag("personality", Fixed.PERSONALITY),
        flag("bipolar", Fixed.BIPOLAR),
        flag("somatic", Fixed.SOMATIC),
        Margin("TRD under 62, work", _classes(works, active), _share(n_active, v["margin.trd.work"])),
        Margin(
            "TRD, care",
            _classes(
                [
                    hospital,
                    kind == Care.NONE,
                    kind == Care.GP,
                    (kind == Care.PSYCHIATRIST) | (kind == Care.PSYCHOLOGIST),
                    kind == Care.CMP,
                    kind == Care.EXPERT,
                ],
                trd,
            ),
            _share(total, v["margin.trd.care"]),
        ),
        Margin(
            "TRD, claims-visible",
            np.where(trd, (now[:, Now.MONTHS_SINCE_VISIBLE] < 24).astype(int), -1),
            total * np.array([1 - visible, visible]),
        ),
        Margin("TRD, by region", np.where(trd, fixed[:, Fixed.REGION], -1), _share(total, shares["trd_1M_share"])),
        Margin("TRD, by sex and age", np.where(trd, fixed[:, Fixed.SEX] * 8 + band, -1), people.ravel()),
    ]
