"""Trials and cohorts of treatment-resistant depression: drugs, esketamine, ketamine, ECT, rTMS, usual care."""

import numpy as np
from numpy.typing import NDArray

from calibration.cohorts import (
    Bools,
    Cohort,
    Estimate,
    World,
    first_month,
    give,
    health_of,
    in_episode,
    live,
    median_time,
    trial_care,
    undying,
)
from model.states import Care, Diary, Health, Now, Treatment, Work

Measures = dict[str, Estimate]
Ints = NDArray[np.int64]
WEEKS_A_MONTH = 365.25 / 84.0


def resistant(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
    """Two failures in this course, moderately or severely ill, in care, 18 to 74."""
    health = now[:, Now.HEALTH]
    ill = (health == Health.MODERATE) | (health == Health.SEVERE)
    return ill & (now[:, Now.FAILED] >= 2) & (now[:, Now.CARE] != Care.NONE) & (age >= 18) & (age < 75)


def severe(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
    """`resistant` and severely ill."""
    return resistant(now, age) & (now[:, Now.HEALTH] == Health.SEVERE)


def very_resistant(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
    """Four failures or more in a course of two years or more, moderately or severely ill."""
    return resistant(now, age) & (now[:, Now.FAILED] >= 4) & (now[:, Now.MONTHS_IN_EPISODE] >= 24)


def arm_of(world: World, study: str, treatment: Treatment, who: object = resistant) -> Cohort:
    """Return a cohort beginning a treatment with a specialist; the arms of a study are the same people."""
    return give(world.draw(study, who, world.size), treatment, care=Care.PSYCHIATRIST)  # type: ignore[arg-type]


def escape(world: World) -> Measures:
    """ESCAPE-TRD (Reif 2023): esketamine against quetiapine, both with an antidepressant, 32 weeks of protocol.

    Entry: `resistant`. Nobody stops: the source counts stopping as failure at week 8 and its ratio already holds
    that; after week 8 it counts relapse or stopping, the model relapse alone. Remission MADRS 10 or less.
    """
    out: Measures = {}
    weeks: list[NDArray[np.int64]] = []
    first: list[Ints] = []
    for arm in (Treatment.ESKETAMINE, Treatment.QUETIAPINE):
        cohort = arm_of(world, "escape", arm)
        health = health_of(live(cohort.persons, trial_care(world.tables), 8))
        remitted = world.reached(health, "madrs_10")
        name = arm.name.lower()
        out[f"remission_w8_{name}"] = cohort.share(remitted[:, 1])
        out[f"relapse_free_w32_{name}"] = cohort.share(remitted[:, 1] & ~in_episode(health[:, 2:]).any(axis=1))
        out[f"remission_w32_{name}"] = cohort.share(remitted[:, 7])
        weeks.append(remitted.sum(axis=1))
        first.append(first_month(remitted))
    extra = cohort.jackknife(lambda kept: float((weeks[0][kept] - weeks[1][kept]).mean()))
    out["extra_weeks_in_remission"] = Estimate(extra.value * WEEKS_A_MONTH, extra.error * WEEKS_A_MONTH)

    def rate(month: Ints) -> float:
        return float((month <= 8).sum() / np.minimum(month, 8).sum())

    out["hazard_ratio_remission"] = cohort.jackknife(lambda kept: rate(first[0][kept]) / rate(first[1][kept]))
    return out


def sustain1(world: World) -> Measures:
    """SUSTAIN-1 (Daly 2019): randomised withdrawal of esketamine after sixteen weeks of stable benefit.

    Entry: `resistant`, given esketamine for the first month and then as many as the rule of stable benefit asks
    (`treatment.stable.months`; sixteen weeks in the source); those stable in remission, and those stable in
    response, either continue or take an antidepressant alone. Relapse within eight months, the follow-up that the
    source's hazards imply.
    """
    start = arm_of(world, "sustain1", Treatment.ESKETAMINE)
    tables = trial_care(world.tables)
    months = 1 + int(np.ceil(float(world.values["treatment.stable.months"])))
    diary = live(start.persons, tables, months)
    out = {"stable_share": start.share(diary[:, 3, Diary.STABLE_MONTHS] >= 1)}
    stable = diary[:, -1, Diary.STABLE_MONTHS] >= float(world.values["treatment.stable.months"])
    health = diary[:, -1, Diary.HEALTH]
    groups = {"remitters": world.reached(health, "madrs_12"), "responders": health == Health.RESPONSE}
    for name, chosen in groups.items():
        for arm in ("esketamine", "placebo"):
            cohort = start.of(stable & chosen)
            if arm == "placebo":
                give(cohort, Treatment.MAINTENANCE)
            later = health_of(live(cohort.persons, tables, months + 8, first=months))
            out[f"relapse_{name}_{arm}"] = cohort.share(in_episode(later).any(axis=1))
    return out


def eskale(world: World) -> Measures:
    """ESKALE (Samalin, French early access to launch): esketamine in routine psychiatric care, a year.

    Entry: `severe`, under 65, followed by a specialist. Routine rules: doses end as they do in France. Remission
    and response are read at one month among those still treated; work, among those on sick leave at the start.
    """

    def eligible(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
        return severe(now, age) & (age < 65)

    cohort = arm_of(world, "eskale", Treatment.ESKETAMINE, eligible)
    work = cohort.persons["now"][:, Now.WORK].copy()
    diary = live(cohort.persons, undying(world.tables), 12)
    stopped = (diary[:, :, Diary.TREATMENT] != Treatment.ESKETAMINE) | (diary[:, :, Diary.STABLE_MONTHS] < 0)
    health, treated = health_of(diary), ~stopped[:, 0]
    leave, active = work == Work.SICK_LEAVE, (work == Work.SICK_LEAVE) | (work == Work.AT_WORK)
    median = median_time(first_month(stopped), cohort)
    back = (diary[:, :3, Diary.WORK] == Work.AT_WORK).any(axis=1)
    return {
        "remission_1": cohort.share(world.reached(health[:, 0], "madrs_10"), treated),
        "response_1": cohort.share(world.reached(health[:, 0], "madrs_half"), treated),
        "stopped_12": cohort.share(stopped.any(axis=1)),
        "median_weeks": Estimate(median.value * WEEKS_A_MONTH, median.error * WEEKS_A_MONTH),
        "back_to_work_w12": cohort.share(back, leave),
        "on_leave_at_start": cohort.share(leave, active),
    }


def course(world: World, study: str, treatment: Treatment, who: object) -> tuple[Cohort, NDArray[np.int16]]:
    """Give a two-month course; return the cohort as it ends, and the health of its last month."""
    cohort = arm_of(world, study, treatment, who)
    health = health_of(live(cohort.persons, trial_care(world.tables), 2))
    return cohort, health[:, -1]


def ect(world: World) -> Measures:
    """ECT: acute remission (Prudic 2013), relapse on continuation drugs (Jelovac 2013), continuation ECT (CORE).

    Entry: `severe`. Remitters at the end of the course keep an antidepressant, or ECT once a month; relapse is an
    episode. Nobody stops.
    """
    cohort, last = course(world, "ect", Treatment.ECT, severe)
    remitted = world.reached(last, "hamd_7")
    out = {"remission": cohort.share(remitted)}
    tables = trial_care(world.tables)
    for name, treatment in (("drugs", Treatment.MAINTENANCE), ("ect", Treatment.CONTINUATION_ECT)):
        arm = give(cohort.of(remitted), treatment)
        ill = in_episode(health_of(live(arm.persons, tables, 14, first=2)))
        out |= {f"relapse_{name}_{m}": arm.share(ill[:, :m].any(axis=1)) for m in (6, 12)}
    return out


def ketect(world: World) -> Measures:
    """KetECT (Ekstrand 2022): IV ketamine against ECT in severe depression, remission and relapse within a year."""
    out = {}
    for arm in (Treatment.ECT, Treatment.KETAMINE_IV):
        cohort, last = course(world, "ketect", arm, severe)
        remitted = world.reached(last, "madrs_10")
        after = give(cohort.of(remitted), Treatment.MAINTENANCE)
        ill = in_episode(health_of(live(after.persons, undying(world.tables), 14, first=2)))
        out[f"remission_{arm.name.lower()}"] = cohort.share(remitted)
        out[f"relapse_{arm.name.lower()}_12"] = after.share(ill.any(axis=1))
    return out


def rtms(world: World) -> Measures:
    """rTMS: acute effect in an NHS clinic (Griffiths 2019), durability of response (Senova 2019).

    Entry: `resistant`. Responders keep an antidepressant under routine rules; sustained is no episode so far.
    """
    cohort, last = course(world, "rtms", Treatment.RTMS, resistant)
    responded = world.reached(last, "hamd_half")
    out = {"remission": cohort.share(world.reached(last, "hamd_7")), "response": cohort.share(responded)}
    after = give(cohort.of(responded), Treatment.MAINTENANCE)
    ill = in_episode(health_of(live(after.persons, undying(world.tables), 14, first=2)))
    return out | {f"sustained_{m}": after.share(~ill[:, :m].any(axis=1)) for m in (3, 6, 12)}


def dunner(world: World) -> Measures:
    """Dunner 2006: two years of treatment as usual in the very resistant; state at the reading, routine rules."""
    cohort = world.draw("dunner", very_resistant, world.size)
    health = health_of(live(cohort.persons, undying(world.tables), 24))
    out = {}
    for months in (12, 24):
        out[f"remission_{months}"] = cohort.share(world.reached(health[:, months - 1], "madrs_10"))
        out[f"response_{months}"] = cohort.share(world.reached(health[:, months - 1], "madrs_half"))
    return out


def lqd(world: World) -> Measures:
    """LQD (Cleare 2025): lithium or quetiapine added in NHS care, remission at week 8, routine rules of stopping."""
    out = {}
    for arm in (Treatment.QUETIAPINE, Treatment.LITHIUM):
        cohort = arm_of(world, "lqd", arm)
        health = health_of(live(cohort.persons, undying(world.tables), 2))
        out[f"remission_{arm.name.lower()}"] = cohort.share(world.reached(health[:, -1], "madrs_10"))
    return out
