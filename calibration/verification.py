"""TECH-VER (Büyükkaramikli 2019, Pharmacoeconomics 37:1391): a reviewer's tests of the program, executed.

Each check changes one thing whose consequence is known and measures how far the model is from it: `found` is
that distance, `allowed` the largest that passes. Nothing is tuned when a check fails; it is shown.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.cohorts import World
from calibration.matrix import agreement
from model import capacity, simulation, valuation
from model.complaints import Bilingual
from model.draws import uncertainty as all_uncertain
from model.inputs import Registry, load_posterior, load_table
from model.ledgers import Ledgers
from model.payers import MEDICAL, Payer
from model.population import OPEN
from model.simulation import People
from model.states import DEAD, IN_EPISODE, Event, Health, Trd
from model.tables import Tables

Floats = NDArray[np.float64]
MONTHS = 60
STANDARD_ERRORS = 5.0  # a gap due to chance stays within (one in two million)
DRAWS = 24
PRESENT = (0, 1, 2, 3, 4)  # strata of people fifteen and over at month 0
EXACT = 0.0
ROUNDING = 1e-9
NEVER, CERTAIN = 0.0, 1e9  # hazards


@dataclass(frozen=True)
class Check:
    """One test: what should hold, how far the model is from it, how far it may be."""

    id: str
    title: Bilingual
    found: float
    allowed: float

    @property
    def passed(self) -> bool:
        return self.found <= self.allowed  # NaN fails


@dataclass(frozen=True)
class Bench:
    """The baseline and what checks compare it with: the same people, five years, places unlimited."""

    registry: Registry
    people: int
    seed: int
    jobs: int = 1

    @cached_property
    def world(self) -> World:
        return World(self.registry, self.people, self.seed, {}, {}, self.jobs)

    @cached_property
    def everyone(self) -> People:
        return self.world.base.of(OPEN)

    @cached_property
    def baseline(self) -> Ledgers:
        return self.run()

    @property
    def crumbs(self) -> float:
        """What rounding may leave of sums over the nation, in persons: far less than one person simulated."""
        return ROUNDING * self.nation

    @cached_property
    def nation(self) -> float:
        return float(self.everyone.person_weights().sum())

    @cached_property
    def prices(self) -> dict[str, Any]:
        return valuation.prices(self.world.values, self.registry, load_table("consumer_prices"))

    def run(
        self, change: Callable[[Tables], None] = lambda t: None, jobs: int | None = None, people: People | None = None
    ) -> Ledgers:
        """Return the ledgers of five years under rules changed in place on a copy."""
        tables = Tables(*(table.copy() for table in self.world.tables))
        change(tables)
        crowd = people or self.everyone
        calendar = simulation.new_calendar(np.zeros(MONTHS, np.int32))
        unlimited = np.full((MONTHS, *capacity.places_of(self.world.values).shape), np.inf)
        lived, books = capacity.run_open(crowd, tables, calendar, unlimited, jobs or self.jobs)
        return simulation.weighted(lived, books)

    def worth(self, ledgers: Ledgers, changed: Mapping[str, Any] | None = None) -> valuation.Outcomes:
        return valuation.value(ledgers, self.prices | dict(changed or {}))


TITLES: dict[str, tuple[str, str]] = {
    "null_programme": (
        "Programme sans effet : aucune différence de santé",
        "A programme without effect: no difference in health",
    ),
    "null_treatments": (
        "Traitements sans effet : soigner ou non ne change la santé de personne",
        "Treatments without effect: care or no care, the same health",
    ),
    "same_bytes": (
        "Mêmes entrées, autre nombre de fils : mêmes résultats",
        "Same inputs, other number of threads: same results",
    ),
    "swapped_labels": (
        "Étiquettes échangées : les différences changent de signe",
        "Swapped labels: differences change sign",
    ),
    "mortality_one": ("Mortalité de 1 : plus personne après un mois", "Mortality 1: nobody left after a month"),
    "mortality_zero": ("Mortalité nulle : personne ne meurt", "Mortality 0: nobody dies"),
    "no_acts": ("Aucun acte suicidaire : ni tentative ni suicide", "No suicidal act: no attempt, no suicide"),
    "all_lethal": ("Létalité de 1 : tout acte est un décès", "Lethality 1: every act is a death"),
    "no_remission": (
        "Rémission impossible : aucune réponse non plus",
        "No remission possible: no response either",
    ),
    "no_return": ("Ni rechute ni récidive possibles : aucune", "No relapse or recurrence possible: none"),
    "no_onset": ("Incidence nulle : aucun premier épisode", "Incidence 0: no first episode"),
    "no_access": (
        "Accès fermé : aucun traitement spécialisé commencé",
        "Access closed: no specialised treatment begun",
    ),
    "census": ("Personne n'apparaît ni ne disparaît sans être compté", "Nobody appears or vanishes uncounted"),
    "dead_stay": ("Les morts restent morts", "The dead stay dead"),
    "flows_are_stocks": (
        "Décès comptés au fil de l'eau = morts à la fin",
        "Deaths as they happen = the dead at the end",
    ),
    "half_cycle": (
        "Années de vie = moyenne des deux bouts de chaque mois",
        "Life-years = mean of both ends of each month",
    ),
    "utilities_one": ("Utilités de 1 : QALY = années de vie", "Utilities 1: QALYs = life-years"),
    "prices_zero": ("Prix nuls : coûts nuls", "Prices 0: costs 0"),
    "prices_double": ("Prix doublés : coûts doublés", "Prices doubled: costs doubled"),
    "no_discount": ("Actualisation nulle : somme simple", "Discount 0: a plain sum"),
    "payers_add_up": (
        "La somme des payeurs est le total ; aucun ne paie moins que rien",
        "Payers add up to the total; none pays less than nothing",
    ),
    "dearer_device": (
        "Dispositif plus cher : coûts en hausse, QALY inchangés",
        "A dearer device: costs up, QALYs unchanged",
    ),
    "worse_utility": (
        "Épisode sévère moins bien vécu : QALY en baisse, années de vie inchangées",
        "A severe episode worth less: QALYs down, life-years unchanged",
    ),
    "deadlier": ("Mortalité doublée : années de vie en baisse", "Mortality doubled: life-years down"),
    "quicker_remission": (
        "Rémission deux fois plus rapide : moins de mois en épisode",
        "Remission twice as fast: fewer months in episode",
    ),
    "quicker_resistance": (
        "Rémission deux fois plus rapide : moins de résistance à cinq ans",
        "Remission twice as fast: less resistance at five years",
    ),
    "draws_qalys": (
        "QALY, moyenne des tirages près du cas de base (erreurs types)",
        "QALYs, mean of draws near the base case (standard errors)",
    ),
    "draws_costs": (
        "Coûts collectifs, moyenne des tirages près du cas de base (erreurs types)",
        "Collective costs, mean of draws near the base case (standard errors)",
    ),
    "matrix": (
        "Vies et matrice de cohorte, état par état, mois par mois (erreurs types)",
        "Lives and a cohort matrix, state by state, month by month (standard errors)",
    ),
}


def check(name: str, found: float, allowed: float = EXACT) -> Check:
    french, english = TITLES[name]
    return Check(name, Bilingual(fr=french, en=english), float(found), float(allowed))


def verify(registry: Registry, people: int, seed: int, jobs: int = 1) -> list[Check]:
    """Run every check on about `people` persons and return them, in the order of the list."""
    bench = Bench(registry, people, seed, jobs)
    groups = (null_effects, extremes, accounts, worth, directions, uncertainty, cross_validation)
    return [check for group in groups for check in group(bench)]


# ── rules changed, in place on a copy ────────────────────────────────────────────────────────────────


def with_nurses(t: Tables) -> None:
    """Let every GP work with a nurse whom half of those eligible meet each month."""
    t.care["participation"], t.care["sesame_access"] = 1.0, 0.5


def with_idle_nurses(t: Tables) -> None:
    """The same, without effect."""
    with_nurses(t)
    t.course["sesame"] = [1.0, 1.0, 0.0]
    t.care["sesame_effect"], t.care["sesame_detection"] = 1.0, 1.0


def without_treatment_effects(t: Tables) -> None:
    """Make every treatment, nurse and label of resistance without effect on health."""
    for name in ("acute_ratio", "later_ratio", "relapse_ratio", "induced_ratio", "stable_ratio"):
        t.course[name] = 1.0
    t.course["failed_ratio"], t.course["sesame"] = 1.0, [1.0, 1.0, 0.0]
    t.suicide["trd_ratio"] = 1.0


def without_care(t: Tables) -> None:
    """The same, and nobody newly ill is treated."""
    without_treatment_effects(t)
    t.care["seek"], t.treatment["retry"] = NEVER, NEVER


def setting(**values: object) -> Callable[[Tables], None]:
    """Return the change that sets fields of records, as course__relapse=0.0."""

    def change(t: Tables) -> None:
        for name, value in values.items():
            kind, field = name.split("__")
            getattr(t, kind)[field] = value

    return change


def scaling(kind: str, field: str, factor: float) -> Callable[[Tables], None]:
    """Return the change that multiplies a field of a record."""

    def change(t: Tables) -> None:
        getattr(t, kind)[field] *= factor

    return change


# ── what is counted ──────────────────────────────────────────────────────────────────────────────────


def total(ledgers: Ledgers, *which: Event) -> float:
    return float(ledgers.events[..., list(which)].sum())


def gap_of(a: Any, b: Any) -> float:
    return float(np.abs(a - b).max())


def relative(a: Any, b: Any) -> float:
    return gap_of(a, b) / max(float(np.abs(b).max()), np.finfo(float).tiny)


def plain(value: Any) -> Any:
    """Return a number as a float and a list as a tuple, as values are."""
    array = np.asarray(value, dtype=float)
    return tuple(array.tolist()) if array.ndim else float(array)


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────


def null_effects(b: Bench) -> Iterator[Check]:
    """Zero effect, same inputs, swapped labels; NaN, which fails, where the change reached nobody."""
    idle = b.run(with_idle_nurses)
    reached = total(idle, Event.SESAME_START) > 0.0
    yield check("null_programme", gap_of(idle.trace, b.baseline.trace) if reached else np.nan)
    inert, untreated = b.run(without_treatment_effects), b.run(without_care)
    reached = total(inert, Event.ANTIDEPRESSANT_START) > total(untreated, Event.ANTIDEPRESSANT_START)
    gap = gap_of(inert.trace.sum(axis=3), untreated.trace.sum(axis=3))
    yield check("null_treatments", gap if reached else np.nan, b.crumbs)
    again = b.run(jobs=2 if b.jobs == 1 else 1)
    yield check("same_bytes", max(gap_of(x, vars(b.baseline)[name]) for name, x in vars(again).items()))
    followed, base = (b.worth(x).qalys.sum(axis=(1, 2)) for x in (b.run(with_nurses), b.baseline))
    there, back = valuation.increment(followed, base), valuation.increment(base, followed)
    gap = abs(there.mean + back.mean) + abs(there.error - back.error)
    yield check("swapped_labels", gap if there.mean != 0.0 else np.nan)


def extremes(b: Bench) -> Iterator[Check]:
    """Inputs at their ends."""
    alive = [state for state in Health if state not in DEAD]
    dead = b.run(setting(mortality__other=CERTAIN), people=b.world.base.of(PRESENT))
    yield check("mortality_one", dead.trace[:, 1][:, alive].sum())
    immortal = b.run(setting(mortality__other=NEVER, suicide__lethality=NEVER))
    yield check("mortality_zero", immortal.trace[:, :, list(DEAD)].sum())
    yield check("no_acts", total(b.run(setting(suicide__rate=NEVER)), Event.ATTEMPT, Event.SUICIDE))
    lethal = b.run(setting(suicide__lethality=1.0))
    survived = total(lethal, Event.ATTEMPT) - total(lethal, Event.SUICIDE)
    yield check("all_lethal", survived if total(lethal, Event.ATTEMPT) > 0.0 else np.nan)
    ill = b.run(setting(course__remission=NEVER, course__late_remission=NEVER))
    yield check("no_remission", total(ill, Event.RESPONSE, Event.REMISSION))
    well = b.run(setting(course__relapse=NEVER, course__recurrence=NEVER))
    yield check("no_return", total(well, Event.RELAPSE, Event.RECURRENCE))
    yield check("no_onset", total(b.run(setting(course__onset=NEVER)), Event.ONSET))
    starts = (Event.ESKETAMINE_START, Event.KETAMINE_START, Event.RTMS_START, Event.ECT_START)
    yield check("no_access", total(b.run(setting(treatment__access=NEVER)), *starts))


def accounts(b: Bench) -> Iterator[Check]:
    """What must add up; the last without those who turn fifteen, who enter between the two ends of a month."""
    census = b.baseline.trace.sum(axis=(2, 3))
    vanished = -min(0.0, float(np.diff(census, axis=1).min()))
    yield check("census", vanished + max(0.0, float(census[:, -1].max()) - b.nation), b.crumbs)
    dead = b.baseline.trace[:, :, list(DEAD)].sum(axis=(2, 3))
    yield check("dead_stay", -min(0.0, float(np.diff(dead, axis=1).min())), b.crumbs)
    deaths = b.baseline.events[..., [Event.SUICIDE, Event.DEATH_OTHER]].sum(axis=(1, 2, 3))
    yield check("flows_are_stocks", gap_of(deaths, dead[:, -1]), b.crumbs)
    cohort = b.run(people=b.world.base.of(PRESENT))
    living = cohort.trace[:, :, [h for h in Health if h not in DEAD]].sum(axis=(2, 3))
    lived = ((living[:, :-1] + living[:, 1:]) / 2.0).sum(axis=1) / 12.0
    yield check("half_cycle", gap_of(lived, b.worth(cohort).life_years.sum(axis=(1, 2))), b.crumbs)


def worth(b: Bench) -> Iterator[Check]:
    """Prices, utilities and discounting at their ends."""
    states = tuple(f"utility.{of}." for of in ("norm", "trd", "other", "low"))
    ones = {name: 1.0 for name in b.prices if name.startswith(states)}
    ones |= {name: 0.0 for name in b.prices if name.startswith("utility.decrement.")}
    perfect = b.worth(b.baseline, ones)
    yield check("utilities_one", relative(perfect.qalys, perfect.life_years), ROUNDING)
    euros = [name for name in b.prices if b.registry[name].unit.startswith("EUR")]
    once = b.worth(b.baseline)
    free, twice = (
        b.worth(b.baseline, {name: plain(factor * np.asarray(b.prices[name])) for name in euros})
        for factor in (0.0, 2.0)
    )
    yield check("prices_zero", np.abs(free.costs).max() + np.abs(free.transfers).max())
    yield check("prices_double", relative(twice.costs, 2.0 * once.costs), ROUNDING)
    flat = b.prices | {"economy.discount.first_rate": 0.0, "economy.discount.later_rate": 0.0}
    flows = once.qalys.sum(axis=2)
    yield check("no_discount", relative(valuation.present_value(flows, flat), flows.sum(axis=1)), ROUNDING)
    medical = once.costs[..., list(MEDICAL)]
    by_payer = sum(medical[:, :, :, payer].sum(axis=(2, 3)) for payer in Payer)
    gap = relative(by_payer, valuation.perspective(once, "collective"))
    yield check("payers_add_up", gap - min(0.0, float(medical.min())), ROUNDING)


def directions(b: Bench) -> Iterator[Check]:
    """One input up: outputs move the way they must; `found` counts those that do not."""
    base = b.worth(b.baseline)
    dear = b.worth(b.baseline, {"price.esketamine_device": 2.0 * b.prices["price.esketamine_device"]})
    yield check("dearer_device", (dear.costs.sum() <= base.costs.sum()) + (dear.qalys != base.qalys).any())
    low = b.worth(b.baseline, {"utility.trd.severe": 0.0, "utility.other.severe": 0.0})
    wrong = (low.qalys.sum() >= base.qalys.sum()) + (low.life_years != base.life_years).any()
    yield check("worse_utility", wrong)
    deadlier = b.worth(b.run(scaling("mortality", "other", 2.0)))
    yield check("deadlier", deadlier.life_years.sum() >= base.life_years.sum())
    quicker = b.run(scaling("course", "remission", 2.0))
    ill, still = (x.occupancy[..., list(IN_EPISODE)].sum() for x in (quicker, b.baseline))
    yield check("quicker_remission", ill >= still)
    resistant, before = (x.trace[:, -1, :, [Trd.BROAD, Trd.BOTH]].sum() for x in (quicker, b.baseline))
    yield check("quicker_resistance", resistant >= before)


def uncertainty(b: Bench) -> Iterator[Check]:
    """The mean over draws lies near the base case: QALYs and collective costs a head, five years.

    Draws are those of the probabilistic analysis: accepted by the calibration where there is one, the registry's
    spreads for the rest.
    """
    uncertain = all_uncertain(b.registry, load_posterior(b.registry))
    few = max(2_000, b.people // 4)
    found = []
    for k, point in enumerate(uncertain.draw(DRAWS, b.seed)):
        drawn = b.registry.replace(uncertain.values(point), f"draw {k}")
        found.append(outcomes_of(Bench(drawn, few, b.seed, b.jobs)))
    base, rows = outcomes_of(Bench(b.registry, few, b.seed, b.jobs)), np.array(found)
    z = np.abs(rows.mean(axis=0) - base) / (rows.std(axis=0, ddof=1) / np.sqrt(DRAWS))
    yield check("draws_qalys", z[0], STANDARD_ERRORS)
    yield check("draws_costs", z[1], STANDARD_ERRORS)


def outcomes_of(b: Bench) -> Floats:
    """Return QALYs and collective costs, a head of the nation, five years."""
    result = b.worth(b.baseline)
    costs = valuation.perspective(result, "collective").mean(axis=0).sum()
    return np.array([result.qalys.mean(axis=0).sum(), costs]) / b.nation


def cross_validation(b: Bench) -> Iterator[Check]:
    """Lives beside a cohort matrix, ten years."""
    starts = ((Health.NEVER, 1, 16), (Health.SEVERE, 0, 38), (Health.MODERATE, 1, 70))
    people = max(5_000, b.people)
    worst = [agreement(b.world.tables, start, sex, age, 120, people, b.seed).worst for start, sex, age in starts]
    yield check("matrix", max(worst), STANDARD_ERRORS)
