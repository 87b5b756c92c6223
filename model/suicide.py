"""Suicidal acts that end in a hospital stay or in death (model.md, section 3).

Attempt rates by sex and age are those of the nation; the state of illness, past and recent attempts,
comorbidity and resistance multiply them. Lethality by sex and age turns an act into a death.
"""

from model.compiled import jit
from model.states import Now, Trait, Treatment
from model.tables import Person, Table

RECENT = 12  # months after an act in which its hazard has a ratio of its own


@jit
def attempt_hazard(p: Person, sex: int, band: int, table: Table) -> float:
    """Return the hazard of a suicidal act this month, per month.

    Sources: Holma 2010 and Riihimäki 2014 (states), Gronemann 2021 (resistance), Carroll 2014 (repeats).
    """
    hazard = table.rate[sex, band] * table.state_ratio[p.now[Now.HEALTH]] * p.trait[Trait.ATTEMPT]
    if p.now[Now.ATTEMPTS] > 0:
        months = p.now[Now.MONTHS_SINCE_ATTEMPT]
        hazard *= table.window_ratio[months] if months < RECENT else table.past_ratio
    if p.now[Now.FAILED] >= 2:
        hazard *= table.trd_ratio
    if p.now[Now.TREATMENT] == Treatment.LITHIUM:
        hazard *= table.lithium_ratio
    return hazard


@jit
def is_averted(p: Person, u: float, table: Table) -> bool:
    """Tell whether recontact averts a non-fatal act this month (VigilanS beyond today's coverage)."""
    if p.now[Now.RECONTACTED] == 0 or p.now[Now.MONTHS_SINCE_ATTEMPT] >= table.recontact[1]:
        return False
    averted: bool = u >= table.reattempt_ratio
    return averted
