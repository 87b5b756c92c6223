"""Course of illness in the population and in specialised care, as cohorts saw it."""

import numpy as np
from numpy.typing import NDArray

from calibration.cohorts import (
    Bools,
    Cohort,
    Estimate,
    World,
    first_month,
    health_of,
    in_episode,
    live,
    median_time,
    undying,
)
from model.population import cumulative_onset, onset_laws
from model.states import Care, Diary, Health, Now, Treatment

Measures = dict[str, Estimate]
Ints = NDArray[np.int64]
YEAR = 12


def still_ill(world: World, cohort: Cohort, health: NDArray[np.int16], instrument: str, months: int) -> Estimate:
    """Return the share who have not yet reached the outcome after these months."""
    return cohort.share(~world.reached(health[:, :months], instrument).any(axis=1))


def first_episodes(world: World, name: str, months: int) -> tuple[Cohort, NDArray[np.int16]]:
    """Let first episodes live from their first month in routine care, nobody dying."""
    cohort = world.first_episodes(name, world.size)
    return cohort, live(cohort.persons, undying(world.tables), months)


def nemesis(world: World) -> Measures:
    """NEMESIS-1 (Spijker 2002) and -2 (ten Have 2018): new episodes in the Dutch population, treated or not.

    Measured on first episodes, from their first month; the outcome is the first month with no or minimal
    symptoms, read as full remission. Recurrent episodes, half of the source, are not in this sample.
    """
    cohort, diary = first_episodes(world, "nemesis", 37)
    health = health_of(diary)[:, 1:]  # an episode begins in the course of month 0
    well = first_month(world.reached(health, "minimal_symptoms"))
    out = {f"still_ill_{m}": still_ill(world, cohort, health, "minimal_symptoms", m) for m in (3, 6, 12, 24, 36)}
    out |= {f"recovered_{m}": complement(out[f"still_ill_{m}"]) for m in (3, 6, 12)}
    out["median_months"] = median_time(well, cohort)
    out["mean_months"] = cohort.jackknife(lambda kept: float(np.minimum(well[kept], 36).mean()))
    return out


def complement(share: Estimate) -> Estimate:
    return Estimate(1.0 - share.value, share.error)


def baltimore(world: World) -> Measures:
    """Baltimore ECA (Eaton 2008): first onsets in adults of the population, 23 years.

    Unremitting: never a calendar-free run of twelve months out of episode. Single episode: out of episode
    for a year at least once, and never ill again after that.
    """
    cohort, diary = first_episodes(world, "baltimore", 23 * YEAR)
    ill = in_episode(health_of(diary))
    free = runs_of(~ill[:, 1:], YEAR)
    ever_free, start = free.any(axis=1), free.argmax(axis=1)
    later = np.arange(ill.shape[1] - 1)[None, :] > start[:, None]
    again = (ill[:, 1:] & later).any(axis=1)
    return {
        "unremitting": cohort.share(~ever_free),
        "single_episode": cohort.share(ever_free & ~again),
        "median_months": median_time(first_month(world.reached(health_of(diary)[:, 1:], "case")), cohort),
    }


def runs_of(yes: Bools, months: int) -> Bools:
    """Tell at which months a run of this many months in a row is complete."""
    count = np.zeros(len(yes), dtype=np.int64)
    out = np.zeros_like(yes)
    for month in range(yes.shape[1]):
        count = np.where(yes[:, month], count + 1, 0)
        out[:, month] = count >= months
    return out


def incidence(world: World) -> Measures:
    """First episodes per adult never ill, a year (Eaton 1997), and the share of onsets before 25 (Solmi 2021).

    From the law of incidence itself, weighted by the residents of each age still never ill: no Monte Carlo error
    but that of the sample of residents. Solmi pools ages at first onset among the ever ill.
    """
    past, persons = world.past, world.past.pool
    sex, months = persons["fixed"][:, 0], -persons["fixed"][:, 1]
    cumulated = cumulative_onset(world.values)
    trait = persons["trait"][:, 0]
    adult = months >= 18 * YEAR
    later = np.minimum(months + YEAR, cumulated.shape[1] - 1)
    hazard = (cumulated[sex, later] - cumulated[sex, months]) * trait
    never = 1.0 - past.probability
    laws = onset_laws(persons, world.values)
    ever = laws.ill_before(months)[0]
    share = np.divide(
        laws.ill_before(np.minimum(months, 25 * YEAR))[0], ever, out=np.zeros_like(ever), where=ever > 0.0
    )
    group = np.arange(len(persons)) % 50
    pool = Cohort(persons, group)

    def rate(kept: Ints) -> float:
        return float((never * hazard)[kept][adult[kept]].sum() / never[kept][adult[kept]].sum())

    def early(kept: Ints) -> float:
        return float((past.probability * share)[kept].sum() / past.probability[kept].sum())

    return {"annual_rate": pool.jackknife(rate), "onset_before_25": pool.jackknife(early)}


def untreated(world: World) -> Measures:
    """Whiteford 2013: prevalent episodes in primary care, mild or moderate, left untreated for a year.

    Entry: in episode, no treatment, followed by nobody or by a GP. Nobody is treated (the source's waiting lists
    and untreated cohorts). Outcome: no longer a case at the reading, whatever happened in between.
    """

    def eligible(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
        health, care = now[:, Now.HEALTH], now[:, Now.CARE]
        mild = (health == Health.MILD) | (health == Health.MODERATE)
        return mild & (now[:, Now.TREATMENT] == Treatment.NONE) & (care <= Care.GP) & (age >= 18)

    cohort = world.draw("untreated", eligible, world.size)
    tables = undying(world.tables)
    tables.treatment["retry"], tables.care["seek"], tables.treatment["access"] = 0.0, 0.0, 0.0
    health = health_of(live(cohort.persons, tables, YEAR))
    return {f"remitted_{m}": cohort.share(world.reached(health[:, m - 1], "case")) for m in (3, 6, 12)}


def prevalent(world: World) -> Measures:
    """NESARC (Hoertel 2017), 3 years, and NEMESIS-2 (ten Have 2018), 6 years: adults with an episode at baseline.

    Persistent or chronic: never three months in a row out of episode. New: out of episode for three months, then
    ill again.
    """

    def eligible(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
        return in_episode(now[:, Now.HEALTH]) & (age >= 18)

    cohort = world.draw("prevalent", eligible, world.size)
    ill = in_episode(health_of(live(cohort.persons, undying(world.tables), 6 * YEAR)))
    free = runs_of(~ill, 3)

    def after(months: int) -> tuple[Bools, Bools]:
        ever, start = free[:, :months].any(axis=1), free[:, :months].argmax(axis=1)
        later = np.arange(months)[None, :] > start[:, None]
        return ~ever, ever & (ill[:, :months] & later).any(axis=1)

    persistent, new = after(3 * YEAR)
    chronic, _ = after(6 * YEAR)
    return {
        "persistent_3y": cohort.share(persistent),
        "new_episode_3y": cohort.share(new),
        "chronic_6y": cohort.share(chronic),
    }


def population_recurrence(world: World) -> Measures:
    """NEMESIS-1 (Hardeveld 2013; ten Have 2018): people of the population well for six months or more.

    Entry: recovered at baseline, 18 to 64, however long ago; the clock starts at baseline. The source's clock
    starts at remission, from memory; and people who have forgotten an old episode are in the model's sample,
    not in the source's.
    """

    def eligible(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
        return (now[:, Now.HEALTH] == Health.RECOVERY) & (now[:, Now.MONTHS_WELL] >= 6) & (age >= 18) & (age < 65)

    cohort = world.draw("population_recurrence", eligible, world.size)
    ill = in_episode(health_of(live(cohort.persons, undying(world.tables), 20 * YEAR)))
    return {f"recurred_{y}y": cohort.share(ill[:, : y * YEAR].any(axis=1)) for y in (5, 10, 20)}


def specialised(world: World) -> Measures:
    """CDS (Mueller 1999, Solomon 2000) and other specialised cohorts: patients of psychiatrists, followed 20 years.

    Entry: in a moderate or severe episode, followed by a specialist. Recovery is the first month of the state
    RECOVERY (six months of remission; the CDS asked eight weeks); recurrence, an episode after it. Recurrence
    is read among those recovered within the first five years, over the years that follow.
    """

    def eligible(now: NDArray[np.int32], age: NDArray[np.int32]) -> Bools:
        health, care = now[:, Now.HEALTH], now[:, Now.CARE]
        ill = (health == Health.MODERATE) | (health == Health.SEVERE)
        return ill & ((care == Care.PSYCHIATRIST) | (care >= Care.CMP)) & (age >= 17)

    cohort = world.draw("specialised", eligible, world.size)
    diary = live(cohort.persons, undying(world.tables), 20 * YEAR)
    health = health_of(diary)
    ill, recovered = in_episode(health), health == Health.RECOVERY
    remitted = world.reached(health, "minimal_symptoms")
    start = np.where(recovered.any(axis=1), recovered.argmax(axis=1), health.shape[1])
    in_time = start <= 5 * YEAR
    months = np.arange(health.shape[1])[None, :]
    again = ill & (months > start[:, None])
    gap = np.where(again.any(axis=1), again.argmax(axis=1) - start, health.shape[1])
    five_well = in_time & (gap > 5 * YEAR)
    ill_five = ~remitted[:, : 5 * YEAR].any(axis=1)
    begins = ill[:, 1:] & ~ill[:, :-1] & recovered[:, :-1]
    return {
        "recurred_5y": cohort.share(gap <= 5 * YEAR, in_time),
        "recurred_10y": cohort.share(gap <= 10 * YEAR, in_time),
        "recurred_15y": cohort.share(gap <= 15 * YEAR, in_time),
        "recurred_after_5y_well": cohort.share(gap <= 15 * YEAR, five_well),
        "recovered_10y": cohort.share(remitted[:, : 10 * YEAR].any(axis=1)),
        "late_recovery": cohort.share(remitted[:, : 10 * YEAR].any(axis=1), ill_five),
        "annual_episodes": cohort.jackknife(
            lambda kept: float(begins[kept].sum() / max(recovered[kept].sum(), 1) * YEAR)
        ),
    }


def stockholm(world: World) -> Measures:
    """Stockholm registers (Lundberg 2022): from a first antidepressant to a third treatment, all levels of care.

    Measured on first episodes followed eight years: starters are those who begin a drug, resistant the month they
    begin one after two failures. Routine care, nobody dying.
    """
    cohort, diary = first_episodes(world, "stockholm", 8 * YEAR)
    treatment, failed = diary[:, :, Diary.TREATMENT], diary[:, :, Diary.FAILED]
    drug = (treatment >= Treatment.ANTIDEPRESSANT) & (treatment <= Treatment.ECT)
    third = drug & (failed >= 2)
    begun, resistant = first_month(drug), first_month(third)
    starter, reached = begun <= drug.shape[1], resistant <= drug.shape[1]
    wait = Cohort(cohort.persons[reached], cohort.group[reached])
    days = (resistant - begun)[reached]
    median = median_time(np.maximum(days, 1), wait)
    per_month = 365.25 / YEAR
    return {
        "share_resistant": cohort.share(reached, starter),
        "median_days": Estimate(median.value * per_month, median.error * per_month),
    }


def persistence(world: World) -> Measures:
    """French claims (Tournier 2011) and UK general practice (Davé 2012): first antidepressant, routine care.

    Starters are those of first episodes; persistent at the reading are those dispensed a drug every month since
    the start, a switch included. One dispensing, in France, is a treatment of 28 days or less.
    """
    cohort, diary = first_episodes(world, "persistence", 3 * YEAR)
    treatment = diary[:, :, Diary.TREATMENT]
    drug = (treatment >= Treatment.ANTIDEPRESSANT) & (treatment != Treatment.NONE)
    begun = first_month(drug)
    starter = begun <= 2 * YEAR
    months = np.arange(drug.shape[1])[None, :] - (begun[:, None] - 1)

    def kept(until: int) -> Bools:
        return np.asarray((drug | (months < 0) | (months > until)).all(axis=1))

    return {
        "beyond_28_days": cohort.share(kept(1), starter),
        "six_months": cohort.share(kept(5), starter),
    }
