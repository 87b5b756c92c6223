"""Treatments: which, at what dose, for how long, how they end (model.md, section 4).

A treatment that ends without response is a failure; it was adequate only if both dose and duration
were. The size of each treatment's effect is in `course.treatment_ratio`.
"""

from model.compiled import jit
from model.course import in_episode
from model.states import EPSM_QUEUE, Care, Fixed, Health, Hospital, Now, Service, Treatment
from model.tables import Person, Table

NOT_COUNTED, ENDED_INADEQUATE, ENDED_ADEQUATE = 0, 1, 2
N_LINE_4 = 4


@jit
def has_drug(treatment: int) -> bool:
    """Tell whether an antidepressant is taken with this treatment."""
    return (
        Treatment.ANTIDEPRESSANT <= treatment <= Treatment.ECT
        or treatment == Treatment.MAINTENANCE
        or treatment == Treatment.CONTINUATION_ECT
    )


@jit
def is_third_line(treatment: int) -> bool:
    """Tell whether claims would show a combination or an augmentation."""
    return treatment == Treatment.COMBINATION or Treatment.LITHIUM <= treatment <= Treatment.ARIPIPRAZOLE


@jit
def is_line_4(treatment: int) -> bool:
    return Treatment.ESKETAMINE <= treatment <= Treatment.ECT


@jit
def queue_of(p: Person, service: int) -> int:
    """Return the queue in which the person waits for a service: esketamine has one for EPSM, one for the others."""
    epsm = service == Service.ESKETAMINE and p.fixed[Fixed.HOSPITAL] == Hospital.EPSM
    return service + EPSM_QUEUE if epsm else service + 0


@jit
def has_psychotherapy(treatment: int) -> bool:
    """Tell whether the treatment is or holds sessions of structured psychotherapy."""
    return treatment == Treatment.CBT or treatment == Treatment.ANTIDEPRESSANT_CBT or treatment == Treatment.SWITCH_CBT


@jit
def without_psychotherapy(treatment: int) -> int:
    """Return what is left of a treatment with psychotherapy where no psychologist has a place."""
    if treatment == Treatment.ANTIDEPRESSANT_CBT or treatment == Treatment.SWITCH_CBT:
        return treatment - 1
    return Treatment.WATCHFUL_WAITING


@jit
def takes_psychotherapy(treatment: int) -> bool:
    """Tell whether psychotherapy may be added: nothing yet, watchful waiting, self-help or one antidepressant."""
    return (
        treatment <= Treatment.GUIDED_SELF_HELP
        or treatment == Treatment.ANTIDEPRESSANT
        or treatment == Treatment.SWITCH
    )


@jit
def choose(u: float, line: int, care: int, table: Table) -> int:
    """Return the treatment begun at this line (1 to 3) by this kind of care."""
    treatment: int = Treatment.NONE
    while treatment < Treatment.ARIPIPRAZOLE and u >= table.choice[line - 1, care, treatment]:
        treatment += 1
    return treatment


@jit
def start(p: Person, treatment: int, adequate: bool) -> None:
    """Begin a treatment this month."""
    p.now[Now.TREATMENT] = treatment
    p.now[Now.MONTHS_ON_TREATMENT] = 0
    p.now[Now.ADEQUATE_DOSE] = 1 if adequate else 0
    p.now[Now.STABLE_MONTHS] = 0
    p.now[Now.SALARIED] = 0


@jit
def add_psychotherapy(p: Person) -> None:
    """Add sessions to the antidepressant taken, whose clock goes on, or begin them alone."""
    if has_drug(p.now[Now.TREATMENT]):
        p.now[Now.TREATMENT] += 1
        p.now[Now.SALARIED] = 0
    else:
        start(p, Treatment.CBT, True)


@jit
def end_without_response(p: Person, table: Table) -> int:
    """End a treatment in a person still ill; count the failure; tell whether it was adequate."""
    treatment = p.now[Now.TREATMENT]
    adequate = p.now[Now.ADEQUATE_DOSE] == 1 and p.now[Now.MONTHS_ON_TREATMENT] >= table.duration[treatment]
    start(p, Treatment.NONE, False)
    if table.is_trial[treatment] == 0.0:
        return NOT_COUNTED
    p.now[Now.FAILED] += 1
    p.now[Now.FAILED_EVER] += 1
    if not adequate:
        return ENDED_INADEQUATE
    p.now[Now.FAILED_ADEQUATE] += 1
    return ENDED_ADEQUATE


@jit
def stop_hazard(p: Person, table: Table) -> float:
    """Return the hazard of stopping the present treatment this month, before adherence, per month."""
    treatment, health = p.now[Now.TREATMENT], p.now[Now.HEALTH]
    if in_episode(health):
        months = p.now[Now.MONTHS_ON_TREATMENT]
        return table.stop_ill[treatment, 0 if months == 0 else 1 if months < 6 else 2]
    return table.stop_well[treatment, health - Health.SEVERE - 1]


@jit
def eligible_line_4(p: Person, service: int, age: int, table: Table) -> bool:
    """Tell whether the person may be offered this service of line 4.

    Two failed treatments, still ill at least moderately, followed by a specialist or admitted, not
    tried yet in this course. Esketamine: severe and under the age limit (HAS 2020, revised). ECT: severe.
    """
    if p.now[Now.FAILED] < 2 or p.now[Now.HEALTH] < Health.MODERATE or p.now[Now.HEALTH] > Health.SEVERE:
        return False
    if p.now[Now.TRIED] & (1 << service) or is_line_4(p.now[Now.TREATMENT]):
        return False
    specialist = p.now[Now.CARE] == Care.PSYCHIATRIST or p.now[Now.CARE] == Care.CMP or p.now[Now.CARE] == Care.EXPERT
    if not specialist and p.now[Now.HOSPITAL_DAYS] == 0:
        return False
    if service == Service.ESKETAMINE:
        return p.now[Now.HEALTH] == Health.SEVERE and age < table.esketamine_age
    return service != Service.ECT or p.now[Now.HEALTH] == Health.SEVERE


@jit
def esketamine_sessions(months_on: int, table: Table) -> int:
    """Return the observed sessions of a month of esketamine (SmPC schedule)."""
    return int(table.esketamine_sessions[min(months_on, 2)])
