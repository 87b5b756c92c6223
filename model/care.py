"""Care: who seeks it, who provides it, referral, full-time hospital, follow-up by a SÉSAME nurse (section 4)."""

from model.compiled import jit
from model.course import in_episode
from model.states import Ald, Care, Fixed, Health, Now, Service, Trait, Treatment
from model.tables import Person, Table
from model.treatment import has_drug, takes_psychotherapy


@jit
def is_specialist(care: int) -> bool:
    return care == Care.PSYCHIATRIST or care == Care.CMP or care == Care.EXPERT


@jit
def phase_of_illness(health: int) -> int:
    """Return the column of visit rates: 0 ill, 1 response or remission, 2 recovery."""
    return 0 if in_episode(health) else 2 if health == Health.RECOVERY else 1


DETECTION, SEEKING = 0, 1  # columns of ratios on who is found and who comes
TO_SEEK, TO_LEAVE, TO_STOP = 0, 1, 2  # columns of `relief_ratio`


@jit
def outreach_ratio(p: Person, age: int, column: int, table: Table) -> float:
    """Return the ratio of programmes for the young and for young mothers on detection or on seeking care."""
    ratio = table.young_ratio[column] if age < table.young_age else 1.0
    if p.now[Now.PERINATAL] == 1 and p.now[Now.MONTHS_IN_EPISODE] < 12:
        ratio *= table.perinatal_ratio[column]
    return ratio


@jit
def relief_ratio(p: Person, column: int, table: Table) -> float:
    """Return what ALD gives back of the care forgone for cost by people without complementary cover."""
    if p.now[Now.ALD] == Ald.GRANTED and p.fixed[Fixed.COMPLEMENTARY] == 0:
        ratio: float = table.relief_ratio[column]
        return ratio
    return 1.0


@jit
def seek_hazard(p: Person, age: int, table: Table) -> float:
    """Return the hazard that a person in episode without care seeks it this month, per month."""
    hazard = table.seek[p.now[Now.HEALTH] - Health.MILD] * p.trait[Trait.SEEK]
    hazard *= outreach_ratio(p, age, SEEKING, table) * relief_ratio(p, TO_SEEK, table)
    return hazard * table.seek_again_ratio if p.now[Now.FAILED] > 0 else hazard


@jit
def first_setting(u: float, table: Table) -> int:
    """Return who is seen first."""
    care: int = Care.GP
    while care < Care.CMP and u >= table.setting[care]:
        care += 1
    return care


@jit
def takes_part(p: Person, region: int, table: Table) -> bool:
    """Tell whether the person's GP works with a SÉSAME nurse."""
    return p.trait[Trait.SESAME_RANK] < table.participation[region]


@jit
def detection(p: Person, age: int, screened: bool, table: Table) -> float:
    """Return the probability that care recognises the episode this month (Mitchell 2009 for GPs)."""
    if p.now[Now.CARE] != Care.GP or p.now[Now.HOSPITAL_DAYS] > 0:
        return 1.0
    detected = table.detected[p.now[Now.HEALTH] - Health.MILD] * outreach_ratio(p, age, DETECTION, table)
    return min(1.0, detected * table.sesame_detection if screened else detected)


@jit
def referral_hazard(p: Person, table: Table) -> float:
    """Return the hazard of referral from GP or psychologist to a specialist this month, per month."""
    added = table.refer_added[min(p.now[Now.FAILED], 3)] * p.trait[Trait.SPECIALIST]
    if p.now[Now.SESAME_MONTHS] > 0:
        added *= table.sesame_effect[3]
    return (usual_referral_hazard(p, table) + added) * table.refer_region_ratio[p.fixed[Fixed.REGION]]


@jit
def usual_referral_hazard(p: Person, table: Table) -> float:
    """Return what the hazard of referral would be without programmes, per month."""
    hazard = table.refer[min(p.now[Now.FAILED], 3)] * p.trait[Trait.SPECIALIST]
    return hazard * table.sesame_effect[3] if p.now[Now.SESAME_MONTHS] > 0 else hazard


@jit
def admission_hazard(p: Person, table: Table) -> float:
    """Return the hazard of a full-time admission this month, per month."""
    if not in_episode(p.now[Now.HEALTH]):
        hazard = table.admission[0] * table.admission_ratio[3]
    else:
        hazard = table.admission[p.now[Now.HEALTH] - Health.MILD]
    if not is_specialist(p.now[Now.CARE]):
        hazard *= table.admission_ratio[0]
    elif p.now[Now.REFERRED_EARLY] == 1:
        hazard *= table.early_admission_ratio
    if p.now[Now.FAILED] >= 2:
        hazard *= table.admission_ratio[1]
    if p.now[Now.ATTEMPTS] > 0 and p.now[Now.MONTHS_SINCE_ATTEMPT] < 3:
        hazard *= table.admission_ratio[2]
    if p.now[Now.INTEGRATED_LEFT] > 0:
        hazard *= table.integrated_admission_ratio
    return hazard


@jit
def length_of_stay(u: float, table: Table) -> int:
    """Return the length of a full-time stay in days, at least one."""
    n = table.stay.shape[0]
    return max(1, int(table.stay[int(u * n)]))


@jit
def eligible_sesame(p: Person, region: int, table: Table) -> bool:
    """Tell whether a nurse may follow the person: in episode, with a GP who takes part, not followed yet."""
    if p.now[Now.CARE] != Care.GP or p.now[Now.SESAME_MONTHS] > 0 or not in_episode(p.now[Now.HEALTH]):
        return False
    return takes_part(p, region, table) and not gave_up(p, Service.SESAME)


@jit
def gave_up(p: Person, service: int) -> bool:
    """Tell whether the person has tried a service of line 4, or given up waiting for any, in this course."""
    return p.now[Now.TRIED] & (1 << service) != 0


@jit
def eligible_expert(p: Person) -> bool:
    """Tell whether an expert centre may assess the person: broad resistance, ill, followed by a specialist."""
    if p.now[Now.FAILED] < 2 or not in_episode(p.now[Now.HEALTH]) or gave_up(p, Service.EXPERT_ASSESSMENT):
        return False
    return is_specialist(p.now[Now.CARE]) and p.now[Now.CARE] != Care.EXPERT


@jit
def eligible_psychologist(p: Person, service: int, use: Table) -> bool:
    """Tell whether the person, followed by a GP, may go to a psychologist, of Mon soutien psy or a health centre.

    The rules of Mon soutien psy: never established resistance, severity up to the worst taken, less than so
    many months of antidepressant, so many sessions a year; access is direct. A health centre's own psychologist
    sees those the GP has recognised.
    """
    treatment = p.now[Now.TREATMENT]
    if p.now[Now.CARE] != Care.GP or p.now[Now.FAILED] >= 2 or not in_episode(p.now[Now.HEALTH]):
        return False
    if p.now[Now.HEALTH] > use.caps[6] or p.now[Now.SEVERITY] > use.caps[6] or gave_up(p, service):
        return False
    if not takes_psychotherapy(treatment) or (has_drug(treatment) and p.now[Now.MONTHS_ON_TREATMENT] >= use.caps[5]):
        return False
    if service == Service.HEALTH_CENTRE:
        return treatment != Treatment.NONE
    return p.now[Now.PSYCHOLOGIST_SESSIONS] < use.caps[2]


@jit
def advised(p: Person, table: Table) -> bool:
    """Tell whether a psychiatrist's rapid opinion to the GP still bears on treatment."""
    return p.now[Now.CARE] == Care.GP and p.now[Now.MONTHS_SINCE_ADVICE] < table.advice_months


@jit
def rounded(rate: float, u: float) -> int:
    """Return a count whose mean is the rate: its whole part, plus one with the probability of the rest."""
    return int(rate + u)
