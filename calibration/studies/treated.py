"""Trials of first treatments, of maintenance and of care in general practice."""

import numpy as np
from numpy.typing import NDArray

from calibration import trials
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
    trial_care,
    undying,
)
from model.states import Care, Health, Now, Treatment

Measures = dict[str, Estimate]
Ints = NDArray[np.int64]
STEPS: tuple[tuple[Treatment, ...], ...] = (
    (Treatment.ANTIDEPRESSANT,),
    (Treatment.SWITCH, Treatment.COMBINATION),
    (Treatment.SWITCH, Treatment.LITHIUM),
    (Treatment.SWITCH, Treatment.COMBINATION),
)
STEP_MONTHS = 3  # twelve to fourteen weeks, in whole months
YEAR = 12


def outpatient(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
    """In a moderate or severe episode, in ambulatory care, nothing failed in this course, 18 to 75."""
    health = now[:, Now.HEALTH]
    ill = (health == Health.MODERATE) | (health == Health.SEVERE)
    return ill & (now[:, Now.FAILED] == 0) & (now[:, Now.CARE] != Care.NONE) & (age >= 18) & (age <= 75)


def begin_step(cohort: Cohort, step: int, going_on: Bools) -> None:
    """Give the treatments of a step, in turn, to those who go on."""
    options = STEPS[step]
    for k, treatment in enumerate(options):
        turn = going_on & (np.arange(len(cohort)) % len(options) == k)
        give(cohort, treatment, turn, Care.PSYCHIATRIST)


def stard(world: World) -> Measures:
    """STAR*D (Rush 2006; Trivedi 2006; Pigott 2023): four steps of treatment, then a year of follow-up.

    Entry: `outpatient`. Each step lasts three months at an adequate dose (switch and combination or augmentation
    by halves). Whoever is not in remission at the exit goes on: all of them without dropout; with it, the shares
    that went on in the source. Follow-up of a step: those at least in response at its exit, in routine care;
    relapse is an episode at any month of the year.
    """
    cohort = world.draw("stard", outpatient, world.size)
    tables, routine = trial_care(world.tables), undying(world.tables)
    go_on = np.array([1.0, *world.design["stard"]["share_going_on"]])
    rng = np.random.Generator(np.random.Philox(key=[world.seed, len(go_on)]))
    luck = rng.random((len(STEPS), len(cohort)))
    open_, staying = np.ones(len(cohort), dtype=bool), np.ones(len(cohort), dtype=bool)
    remitted_staying = np.zeros(len(cohort), dtype=bool)
    out: Measures = {}
    for k in range(len(STEPS)):
        staying &= luck[k] < go_on[k]
        begin_step(cohort, k, open_)
        health = health_of(live(cohort.persons, tables, STEP_MONTHS * (k + 1), first=STEP_MONTHS * k))
        exit_ = health[:, -1]
        remitted = world.reached(exit_, "qids_5") & open_
        out[f"step_{k + 1}"] = cohort.share(remitted, open_)
        if k == 0:
            out |= first_step(world, cohort, health)
        out[f"relapse_{k + 1}"] = relapse(cohort.of(open_ & world.reached(exit_, "qids_half")), routine, k)
        remitted_staying |= remitted & staying
        open_ &= ~remitted
        cohort.persons["now"][open_ & in_episode(exit_), Now.FAILED] += 1
    out["cumulative_no_dropout"] = cohort.share(~open_)
    out["cumulative_dropout"] = cohort.share(remitted_staying)
    return out


def first_step(world: World, cohort: Cohort, health: NDArray[np.int16]) -> Measures:
    """Return what Trivedi 2006 told of the first step: response, and remission first reached after week 8."""
    remitted = world.reached(health, "qids_5")
    late = first_month(remitted) > 2
    return {
        "response_1": cohort.share(world.reached(health[:, -1], "qids_half")),
        "late_remitters": cohort.share(late, remitted[:, -1]),
    }


def relapse(entrants: Cohort, routine: object, step: int) -> Estimate:
    """Return the share of entrants to follow-up who are ill again within a year of routine care."""
    first = STEP_MONTHS * (step + 1)
    health = health_of(live(entrants.persons, routine, first + YEAR, first=first))  # type: ignore[arg-type]
    return entrants.share(in_episode(health).any(axis=1))


def maintenance(world: World) -> Measures:
    """Randomised withdrawal of antidepressants (Kato 2021; Geddes 2003): continue or stop, a year.

    Entry: `outpatient`s at least in response after three months of a first antidepressant, still so after three
    more. Those randomised to stop take nothing; relapse is an episode within twelve months. Nobody else stops.
    """
    cohort = give(world.draw("maintenance", outpatient, world.size), Treatment.ANTIDEPRESSANT)
    tables = trial_care(world.tables)
    health = health_of(live(cohort.persons, tables, 6))
    stable = world.reached(health[:, 2:], "hamd_half").all(axis=1)
    out = {}
    for arm, treatment in (("drug", Treatment.MAINTENANCE), ("placebo", Treatment.NONE)):
        randomised = give(cohort.of(stable), treatment)
        later = health_of(live(randomised.persons, tables, 6 + YEAR, first=6))
        out[f"relapse_{arm}"] = randomised.share(in_episode(later).any(axis=1))
    return out


def cadet(world: World) -> Measures:
    """CADET (Richards 2013): collaborative care against usual care in general practice; see `trials`.

    Both arms are the same people with the same luck. Usual care is also set beside thirteen trials in primary
    care (Dawson 2004), whose remission is by a clinician's scale.
    """
    cohort = world.draw("cadet", lambda now, age: trials.eligible(now) & (age >= 18), 2 * world.size)
    if not len(cohort):
        return {}
    usual, followed = trials.arms(cohort.persons, undying(world.tables))
    out = {}
    for reading, months in enumerate(trials.READINGS):

        def odds(kept: Ints, reading: int = reading) -> float:
            return float(trials.odds_ratio(followed[kept], usual[kept])[reading])

        out[f"odds_ratio_{months}"] = cohort.jackknife(odds)
        out[f"usual_{months}"] = cohort.share(usual[:, reading])
    routine = health_of(live(cohort.persons.copy(), undying(world.tables), 4))
    out["usual_remission_4"] = cohort.share(world.reached(routine[:, -1], "hamd_7"))
    return out


def cobalt(world: World) -> Measures:
    """CoBalT (Wiles 2013): CBT added to usual care, GP patients still ill on an antidepressant for six weeks.

    Entry: followed by a GP, ill, on a drug of line 1 or 2 for two months or more. The CBT arm gets CBT on top of a
    drug and keeps it for six months; usual care is routine care. Outcome: BDI halved, at six months.
    """

    def eligible(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
        treatment = now[:, Now.TREATMENT]
        drug = (treatment == Treatment.ANTIDEPRESSANT) | (treatment == Treatment.SWITCH)
        waited = drug & (now[:, Now.MONTHS_ON_TREATMENT] >= 2)
        return in_episode(now[:, Now.HEALTH]) & waited & (now[:, Now.CARE] == Care.GP) & (age >= 18) & (age <= 75)

    usual = world.draw("cobalt", eligible, world.size)
    cbt = give(usual.of(np.ones(len(usual), dtype=bool)), Treatment.SWITCH_CBT)
    tables = undying(world.tables)
    kept = undying(world.tables)
    kept.treatment["stop_ill"][:, Treatment.SWITCH_CBT] = 0.0
    kept.treatment["next_line"] = 0.0
    better = [
        world.reached(health_of(live(arm.persons, rules, 6))[:, -1], "bdi_half")
        for arm, rules in ((usual, tables), (cbt, kept))
    ]

    def odds(who: Ints) -> float:
        p, q = better[1][who].mean(), better[0][who].mean()
        return float(p / (1.0 - p) * (1.0 - q) / q)

    return {
        "response_usual": usual.share(better[0]),
        "response_cbt": cbt.share(better[1]),
        "odds_ratio": usual.jackknife(odds),
    }


def vastd(world: World) -> Measures:
    """VAST-D (Mohamed 2017): after one failure, switch or add aripiprazole, twelve weeks of protocol."""

    def eligible(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
        health = now[:, Now.HEALTH]
        ill = (health == Health.MODERATE) | (health == Health.SEVERE)
        return ill & (now[:, Now.FAILED] >= 1) & (now[:, Now.CARE] != Care.NONE) & (age >= 18)

    out = {}
    for arm in (Treatment.SWITCH, Treatment.ARIPIPRAZOLE):
        cohort = give(world.draw("vastd", eligible, world.size), arm, care=Care.PSYCHIATRIST)
        health = health_of(live(cohort.persons, trial_care(world.tables), 3))
        out[f"remission_{arm.name.lower()}"] = cohort.share(world.reached(health[:, -1], "qids_5"))
    return out
