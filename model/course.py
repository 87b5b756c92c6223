"""The course of illness: onset, remission, response, relapse, recovery, recurrence (model.md, section 3).

Each rule returns a hazard per month. Destinations compete: their hazards add, and one function turns
the sum into a probability. Frailty is carried by the person (`Trait.REMISSION`, `Trait.RELAPSE`).

One uniform serves both ways: getting better reads its low end, falling ill its high end (1 - u). Where the same person
is ill in one scenario and well in another, what happens then brings the two lives together, never swaps them.
"""

import math

from model.compiled import jit
from model.states import Fixed, Health, Now, Programme, Trait
from model.tables import Person, Table

STAYED, TO_RESPONSE, TO_REMISSION, RELAPSED = 0, 1, 2, 3
STEPS = (3, 6, 12, 24)  # months of an episode, or of a response or remission, at which hazards change


@jit
def happens(u: float, hazard: float) -> bool:
    """Tell whether an event of this hazard (per month) falls in the month, given a uniform.

    P = 1 - exp(-hazard) lies between hazard - hazard² / 2 and the hazard: few months need the exponential.
    """
    return u < hazard and (u < hazard - 0.5 * hazard * hazard or u < -math.expm1(-hazard))


@jit
def in_episode(health: int) -> bool:
    return Health.MILD <= health <= Health.SEVERE


@jit
def onset_hazard(p: Person, sex: int, age: int, table: Table) -> float:
    """Return the hazard of a first episode this month, per month."""
    return table.onset[sex, age] * p.trait[Trait.ONSET]


@jit
def sesame_weight(p: Person, table: Table) -> float:
    """Return how much of the nurse's follow-up still acts: 1 while followed, then fading linearly to 0."""
    if p.now[Now.SESAME_MONTHS] > 0:
        return 1.0
    carry_over = table.sesame[2]
    months = p.now[Now.MONTHS_SINCE_SESAME]
    if months < carry_over:
        return 1.0 - months / carry_over
    return 0.0


@jit
def treatment_ratio(p: Person, table: Table) -> float:
    """Return what treatment multiplies the remission hazard by this month.

    A ratio holds for the months over which it was observed (esketamine: to week 8), then gives way to that
    of its comparator. The effect acts in part in the first month, in part at an inadequate dose, and its size over no
    treatment is scaled by the person's covariates (hidden bipolarity, until it is recognised).
    """
    treatment = p.now[Now.TREATMENT]
    months = p.now[Now.MONTHS_ON_TREATMENT]
    ratio = table.acute_ratio[treatment] if months < table.acute_months[treatment] else table.later_ratio[treatment]
    recognised = p.now[Now.PROGRAMMES] & Programme.RECOGNISED
    added = (ratio - 1.0) * (table.recognised_response if recognised else p.trait[Trait.TREATMENT_RESPONSE])
    if months == 0:
        added *= table.acute_lag[treatment]
    if p.now[Now.ADEQUATE_DOSE] == 0:
        added *= table.inadequate_share
    return 1.0 + added


@jit
def remission_hazard(p: Person, table: Table) -> float:
    """Return the hazard of full remission this month for a person in episode, per month.

    One hazard: natural (severity, frailty) times treatment; never a rate of a trial added to recovery
    that would have come by itself. Source: calibrated to Spijker 2002 and Whiteford 2013.
    """
    months = p.now[Now.MONTHS_IN_EPISODE]
    step = 0 if months < 3 else 1 if months < 6 else 2 if months < 12 else 3 if months < 24 else 4
    hazard = table.remission[p.now[Now.HEALTH] - Health.MILD] * p.trait[Trait.REMISSION] + table.late_remission
    hazard *= table.duration_ratio[step] * table.failed_ratio[min(p.now[Now.FAILED], 5)]
    hazard *= treatment_ratio(p, table)
    if p.now[Now.INTEGRATED_LEFT] > 0:
        hazard *= integrated_ratio(p, table)
    weight = sesame_weight(p, table)
    return hazard * (1.0 + (table.sesame[0] - 1.0) * weight)


@jit
def integrated_ratio(p: Person, table: Table) -> float:
    """Return what joint care multiplies the remission hazard by: part of what each comorbidity took away."""
    ratio = 1.0
    if p.fixed[Fixed.ANXIETY] == 1:
        ratio *= table.integrated_ratio[0]
    if p.fixed[Fixed.SUBSTANCE] == 1:
        ratio *= table.integrated_ratio[1]
    if p.fixed[Fixed.SOMATIC] == 1:
        ratio *= table.integrated_ratio[2]
    return ratio


@jit
def completion_hazard(p: Person, table: Table) -> float:
    """Return the hazard of full remission this month for a person in response, per month."""
    natural = table.remission[p.now[Now.SEVERITY] - Health.MILD] * p.trait[Trait.REMISSION]
    return natural * table.completion_ratio * treatment_ratio(p, table)


@jit
def relapse_hazard(p: Person, table: Table) -> float:
    """Return the hazard of relapse from response or remission this month, per month."""
    residual = 0 if p.now[Now.HEALTH] == Health.RESPONSE else 1
    months = p.now[Now.MONTHS_IN_STATE]
    window = 0 if months < 3 else 1 if months < 6 else 2
    hazard = table.relapse[residual] * p.trait[Trait.RELAPSE]
    hazard *= table.relapse_ratio[p.now[Now.TREATMENT]] * table.induced_ratio[p.now[Now.INDUCED_BY], window]
    if p.now[Now.STABLE_MONTHS] >= table.stable_months:
        hazard *= table.stable_ratio[p.now[Now.TREATMENT], residual]
    if p.now[Now.REHABILITATION_LEFT] > 0:
        hazard *= table.rehabilitation_ratio
    weight = sesame_weight(p, table)
    return hazard * (1.0 + (table.sesame[1] - 1.0) * weight)


@jit
def recurrence_hazard(p: Person, band: int, table: Table) -> float:
    """Return the hazard of a new episode this month for a recovered person, per month."""
    hazard = table.recurrence[band] * p.trait[Trait.RELAPSE] * table.episode_ratio[min(p.now[Now.EPISODES], 9)]
    return hazard * table.relapse_ratio[p.now[Now.TREATMENT]]


@jit
def severity_at_onset(u: float, odds: float, age: int, table: Table) -> int:
    """Return the severity of a new episode; the person's odds multiply the step to a severe one."""
    moderate = table.severity_odds[0]
    severe = moderate * table.severity_odds[1] * odds
    if age // 10 == 4:
        severe *= table.forties_odds
    u *= 1.0 + moderate + severe
    return Health.SEVERE if u < severe else Health.MODERATE if u < severe + moderate else Health.MILD


@jit
def begin_episode(p: Person, severity: int) -> None:
    """Start an episode: a first one, or a recurrence after recovery."""
    if p.now[Now.EPISODES] == 0 or p.now[Now.MONTHS_WELL] >= 2:
        p.now[Now.DSM_EPISODES] += 1
    p.now[Now.HEALTH] = severity
    p.now[Now.SEVERITY] = severity
    p.now[Now.EPISODES] += 1
    p.now[Now.MONTHS_IN_STATE] = 0
    p.now[Now.MONTHS_IN_EPISODE] = 0
    p.now[Now.MONTHS_WELL] = 0
    p.now[Now.SPECIALIST_SEEN] = 0


@jit
def relapse(p: Person) -> None:
    """Return to the episode from response or remission."""
    if p.now[Now.MONTHS_WELL] >= 2:
        p.now[Now.DSM_EPISODES] += 1
    p.now[Now.HEALTH] = p.now[Now.SEVERITY]
    p.now[Now.MONTHS_IN_STATE] = 0
    p.now[Now.MONTHS_WELL] = 0
    p.now[Now.INDUCED_BY] = 0


@jit
def improve(p: Person, health: int) -> None:
    """Enter response or remission; remember what brought it."""
    if in_episode(p.now[Now.HEALTH]):
        p.now[Now.INDUCED_BY] = p.now[Now.TREATMENT]
    p.now[Now.HEALTH] = health
    p.now[Now.MONTHS_IN_STATE] = 0


@jit
def recover(p: Person) -> None:
    """Enter recovery: the course ends, and with it the count of failed treatments and TRD status."""
    p.now[Now.HEALTH] = Health.RECOVERY
    p.now[Now.MONTHS_IN_STATE] = 0
    p.now[Now.FAILED] = 0
    p.now[Now.FAILED_ADEQUATE] = 0
    p.now[Now.TRIED] = 0
    p.now[Now.REFERRED_EARLY] = 0
    p.now[Now.PROGRAMMES] &= Programme.SCREENED | Programme.RECOGNISED | Programme.CARER_HELPED


@jit
def episode_outcome(p: Person, table: Table, u: float, u_which: float) -> int:
    """Return what becomes of a person in episode this month: stayed, response or remission."""
    remission = remission_hazard(p, table)
    response = remission * table.response_ratio
    if not happens(u, remission + response):
        return STAYED
    return TO_REMISSION if u_which * (remission + response) < remission else TO_RESPONSE


@jit
def response_outcome(p: Person, table: Table, u: float) -> int:
    """Return what becomes of a person in response this month: stayed, remission or relapse."""
    remission = completion_hazard(p, table)
    back = relapse_hazard(p, table)
    if u >= remission and 1.0 - u >= back:
        return STAYED
    share = -math.expm1(-remission - back) / (remission + back)
    return TO_REMISSION if u < share * remission else RELAPSED if 1.0 - u < share * back else STAYED
