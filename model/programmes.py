"""Programmes that people enter month by month: who is taken in, what is booked (model.md, section 6).

Each is an exposure that a scenario sets (none in the baseline) and leaves a mark on the person; what the mark
does is in the rules (`course`, `care`, `suicide`, `work`), each effect with its own source and duration.
"""

from model.books import Page
from model.care import is_specialist
from model.chance import uniform
from model.compiled import jit
from model.course import in_episode
from model.states import Care, Decision, Event, Fixed, Health, Now, Programme, Resource, Work
from model.tables import Person, Table


@jit
def enter_programmes(p: Person, cycle: int, trd: int, payer: int, page: Page, table: Table) -> None:
    """Offer the person this month's places in every programme; what is entered acts from next month."""
    used = page.resources[trd, payer]
    ill, care = in_episode(p.now[Now.HEALTH]), p.now[Now.CARE]
    if ill:
        relay_after_a_call(p, cycle, trd, page, used, table)
    if care == Care.NONE:
        return
    if ill and p.now[Now.FAILED] >= 1:
        screen_for_bipolar_disorder(p, cycle, trd, page, used, table)
    if may_enter_integrated_care(p) and uniform(p.key, cycle, Decision.INTEGRATED) < table.integrated[0]:
        p.now[Now.PROGRAMMES] |= Programme.INTEGRATED
        p.now[Now.INTEGRATED_LEFT] = int(table.integrated[1]) + 1
        used[Resource.INTEGRATED_CARE_START] += 1
        used[Resource.SOMATIC_WORKUP] += 1
    if may_be_rehabilitated(p) and uniform(p.key, cycle, Decision.REHABILITATION) < table.rehabilitation[0]:
        p.now[Now.PROGRAMMES] |= Programme.REHABILITATED
        p.now[Now.REHABILITATION_LEFT] = int(table.rehabilitation[1]) + 1
        used[Resource.REHABILITATION_START] += 1
    if ill and p.fixed[Fixed.CAREGIVER] == 1 and not p.now[Now.PROGRAMMES] & Programme.CARER_HELPED:
        if uniform(p.key, cycle, Decision.CARER_PROGRAMME) < table.carers[0]:
            p.now[Now.PROGRAMMES] |= Programme.CARER_HELPED
            p.now[Now.CARER_SUPPORT_LEFT] = int(table.carers[1]) + 1
            used[Resource.CARER_PROGRAMME_START] += 1


@jit
def may_enter_integrated_care(p: Person) -> bool:
    """Tell whether joint care may take the person: resistant, ill, followed by a specialist, with a comorbidity."""
    if p.now[Now.FAILED] < 2 or not in_episode(p.now[Now.HEALTH]) or not is_specialist(p.now[Now.CARE]):
        return False
    if p.now[Now.PROGRAMMES] & Programme.INTEGRATED:
        return False
    return p.fixed[Fixed.ANXIETY] + p.fixed[Fixed.SUBSTANCE] + p.fixed[Fixed.SOMATIC] > 0


@jit
def may_be_rehabilitated(p: Person) -> bool:
    """Tell whether rehabilitation may take the person: resistant, followed by a specialist, away from work."""
    if p.now[Now.FAILED] < 2 or p.now[Now.HEALTH] == Health.RECOVERY or not is_specialist(p.now[Now.CARE]):
        return False
    if p.now[Now.PROGRAMMES] & Programme.REHABILITATED:
        return False
    return p.now[Now.WORK] == Work.SICK_LEAVE or p.now[Now.WORK] == Work.UNEMPLOYED


@jit
def screen_for_bipolar_disorder(p: Person, cycle: int, trd: int, page: Page, used: Page, table: Table) -> None:
    """Screen once; everyone positive, rightly or not, gets a specialist's opinion, which finds who is bipolar."""
    if p.now[Now.PROGRAMMES] & Programme.SCREENED or uniform(p.key, cycle, Decision.SCREEN) >= table.screen:
        return
    p.now[Now.PROGRAMMES] |= Programme.SCREENED
    used[Resource.BIPOLAR_SCREEN] += 1
    bipolar = p.fixed[Fixed.BIPOLAR] == 1
    positive = table.accuracy[0] if bipolar else 1.0 - table.accuracy[1]
    if uniform(p.key, cycle, Decision.SCREEN_RESULT) >= positive:
        return
    used[Resource.SPECIALIST_ADVICE] += 1
    if bipolar:
        p.now[Now.PROGRAMMES] |= Programme.RECOGNISED
        page.events[trd, Event.BIPOLAR_RECOGNISED] += 1


@jit
def relay_after_a_call(p: Person, cycle: int, trd: int, page: Page, used: Page, table: Table) -> None:
    """After a call to the crisis line, hand the person over to care; some of those without care enter it."""
    if uniform(p.key, cycle, Decision.CALL) >= table.relay[p.now[Now.HEALTH] - Health.MILD]:
        return
    used[Resource.CRISIS_RELAY] += 1
    if p.now[Now.CARE] == Care.NONE and uniform(p.key, cycle, Decision.RELAY) < table.relay_care:
        p.now[Now.CARE] = Care.CMP
        page.events[trd, Event.CARE_START] += 1


@jit
def pass_programmes(p: Person, months: int) -> None:
    """Bring what still acts nearer to its end."""
    if p.now[Now.INTEGRATED_LEFT] + p.now[Now.REHABILITATION_LEFT] + p.now[Now.CARER_SUPPORT_LEFT] == 0:
        return
    p.now[Now.INTEGRATED_LEFT] = max(0, p.now[Now.INTEGRATED_LEFT] - months)
    p.now[Now.REHABILITATION_LEFT] = max(0, p.now[Now.REHABILITATION_LEFT] - months)
    p.now[Now.CARER_SUPPORT_LEFT] = max(0, p.now[Now.CARER_SUPPORT_LEFT] - months)
