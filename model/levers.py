"""What programmes that reach professionals do to care: one factor a lever, from exposures and effects.

A scenario sets an exposure (a share of GPs trained …, none in the baseline); the effect of being reached is a
parameter of its own. The factor is 1 + strength × exposure × (effect - 1), a mean over those reached and the
others. Several programmes that pull one lever combine as several changes do (`changes.combined`), with
`programme.overlap`: how far the weaker effect is already within the stronger.
"""

from collections.abc import Iterable

import numpy as np

from model.changes import combined
from model.inputs import Registry
from model.phases import Values

LEVERS = {
    "gp.detection": (
        ("gp_training.share", "gp_training.effect.detection_ratio"),
        ("campaign.reach", "campaign.effect.detection_ratio"),
    ),
    "gp.adequate_dose_odds": (
        ("gp_training.share", "gp_training.effect.adequate_dose_odds_ratio"),
        ("good_practice.reach", "good_practice.effect.adequate_dose_odds_ratio"),
    ),
    "specialist.adequate_dose_odds": (("good_practice.reach", "good_practice.effect.adequate_dose_odds_ratio"),),
    "gp.next_line": (
        ("gp_training.share", "gp_training.effect.next_line_ratio"),
        ("good_practice.reach", "good_practice.effect.next_line_ratio"),
    ),
    "specialist.next_line": (("good_practice.reach", "good_practice.effect.next_line_ratio"),),
    "referral_of_resistant": (
        ("gp_training.share", "gp_training.effect.referral_ratio"),
        ("campaign.reach", "campaign.effect.referral_ratio"),
    ),
    "return_to_gp": (("pathway.coverage", "pathway.effect.return_ratio"),),
    "admission": (("pathway.coverage", "pathway.effect.admission_ratio"),),
    "young.detection": (("youth.reach", "youth.effect.detection_ratio"),),
    "young.seeking": (("youth.reach", "youth.effect.seeking_ratio"),),
    "perinatal.detection": (("perinatal.reach", "perinatal.effect.detection_ratio"),),
    "perinatal.seeking": (("perinatal.reach", "perinatal.effect.seeking_ratio"),),
}


EFFECTS_ELSEWHERE = {"carers": "utility.carer"}  # programmes whose effect is filed under another name
REFER = frozenset({"gp_training", "campaign", "pathway"})  # programmes that add to referral by themselves
SELECTION = "care.admission.selection_share"  # on which what referral does to admissions hangs


def assumed_effects(changed: Iterable[str], registry: Registry) -> list[str]:
    """Return what of grade D a scenario puts to work by the parameters it changes, in file order.

    The effects of its programmes, and for those that refer the share that decides what referral does to admissions.
    """
    programmes = {name.split(".")[0] for name in changed}
    prefixes = tuple(f"{EFFECTS_ELSEWHERE.get(name, name)}.effect." for name in programmes)
    named = {SELECTION} if programmes & REFER else set()
    return [name for name, p in registry.items() if p.grade == "D" and (name in named or name.startswith(prefixes))]


def assumed(v: Values, effect: str) -> float:
    """Return an effect whose null is 1, at the strength in force."""
    return max(0.0, 1.0 + float(v["programme.strength"]) * (float(v[effect]) - 1.0))


def obtained(v: Values, effect: str) -> float:
    """Return an effect whose null is 0 and whose most is 1 (a share), at the strength in force."""
    return min(1.0, float(v["programme.strength"]) * float(v[effect]))


def factor(v: Values, lever: str) -> float:
    """Return what the programmes in force multiply a lever by; exactly 1 where none reaches anybody."""
    factors = [1.0 + float(v[exposure]) * (assumed(v, effect) - 1.0) for exposure, effect in LEVERS[lever]]
    return float(combined(np.array(factors), float(v["programme.overlap"])))


def times_odds(probability: float, odds_ratio: float) -> float:
    """Return a probability whose odds are multiplied; the same number, to the bit, at a ratio of 1."""
    if odds_ratio == 1.0:
        return probability
    return probability * odds_ratio / (1.0 - probability + probability * odds_ratio)


def newly_recontacted(v: Values) -> tuple[float, float]:
    """Return the share of stays that VigilanS reaches beyond today, and their ratio on non-fatal acts.

    Today's coverage c is already inside the observed rate of repeats w = w0 (1 - c (1 - r)), with w0 the rate
    without recontact and r its ratio. A person newly reached loses w0 (1 - r) of w: the ratio on w is
    1 - (1 - r) / (1 - c (1 - r)).
    """
    today, ratio = float(v["vigilans.coverage_today"]), float(v["vigilans.effect.reattempt_ratio"])
    share = max(0.0, float(v["vigilans.coverage"]) - today)
    return share, max(0.0, 1.0 - (1.0 - ratio) / (1.0 - today * (1.0 - ratio)))
