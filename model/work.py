"""Work, sick leave, disability and the long-term illness scheme (model.md, sections 3 and 4)."""

from model.compiled import jit
from model.course import happens, in_episode
from model.states import Ald, Health, Now, Work
from model.tables import Person, Table

UNCHANGED = -1


@jit
def work_at_onset(u: float, sex: int, band: int, table: Table) -> int:
    """Return the work state of a person at the first episode."""
    work: int = Work.AT_WORK
    while work < Work.RETIRED and u >= table.at_onset[sex, band, work]:
        work += 1
    return work


@jit
def next_work(p: Person, age: int, table: Table, u: float, u_which: float) -> int:
    """Return the work state a person moves to this month, or UNCHANGED.

    Leaving work reads the high end of the uniform, coming back its low end, as in `model.course`.
    """
    work, health = p.now[Now.WORK], p.now[Now.HEALTH]
    if work == Work.RETIRED:
        return UNCHANGED
    if age >= table.ages[1]:
        return Work.RETIRED
    if work == Work.STUDENT:
        if age < table.ages[0]:
            return UNCHANGED
        return Work.AT_WORK if u < table.study_ends_at_work else Work.UNEMPLOYED
    if work == Work.AT_WORK:
        leave, lose = table.leave[health], table.lose_job[health]
        if not happens(1.0 - u, leave + lose):
            return UNCHANGED
        return Work.SICK_LEAVE if u_which * (leave + lose) < leave else Work.UNEMPLOYED
    if work == Work.UNEMPLOYED:
        find = table.find_job[health]
        if p.now[Now.REHABILITATION_LEFT] > 0:
            find *= table.rehabilitation_ratio[0]
        return Work.AT_WORK if happens(u, find) else UNCHANGED
    if work == Work.DISABILITY:
        return UNCHANGED
    return next_from_leave(p, table, u, u_which)


@jit
def next_from_leave(p: Person, table: Table, u: float, u_which: float) -> int:
    """Return where sick leave leads this month: work, job loss, disability, or UNCHANGED."""
    health, months = p.now[Now.HEALTH], p.now[Now.MONTHS_IN_WORK_STATE]
    if months >= table.leave_limit[0]:
        return Work.DISABILITY if u < table.leave_limit[1] else Work.UNEMPLOYED
    back, lose = table.come_back[health], table.lose_job[health]
    if p.now[Now.REHABILITATION_LEFT] > 0:
        back *= table.rehabilitation_ratio[1]
    disability = table.disability if months >= 12 and in_episode(health) else 0.0
    total = back + lose + disability
    if not happens(u, total):
        return UNCHANGED
    u_which *= total
    return Work.AT_WORK if u_which < back else Work.UNEMPLOYED if u_which < back + lose else Work.DISABILITY


@jit
def ald_eligible(p: Person, table: Table) -> bool:
    """Tell whether the decree opens the right: recurrent, or persistent and severe (D. 322-1 CSS)."""
    if not in_episode(p.now[Now.HEALTH]):
        return False
    persistent = p.now[Now.SEVERITY] == Health.SEVERE and p.now[Now.MONTHS_IN_EPISODE] >= table.persistence
    return persistent or p.now[Now.DSM_EPISODES] >= table.episodes


@jit
def ald_step(p: Person, in_care: bool, table: Table, u: float, u_term: float, u_appeal: float) -> int:
    """Advance request, decision, appeal, term and renewal by a month; return the new status, or UNCHANGED."""
    status = p.now[Now.ALD]
    if status == Ald.NONE:
        if in_care and u < table.request and ald_eligible(p, table):
            p.now[Now.ALD_MONTHS] = 0
            return Ald.REQUESTED
        return UNCHANGED
    if status == Ald.REQUESTED or status == Ald.APPEAL:
        p.now[Now.ALD_MONTHS] += 1
        if p.now[Now.ALD_MONTHS] < table.delay:
            return UNCHANGED
        if u >= (table.grant if status == Ald.REQUESTED else table.appeal[1]):
            p.now[Now.ALD_REFUSALS] += 1
            if status == Ald.REQUESTED and u_appeal < table.appeal[0]:
                p.now[Now.ALD_MONTHS] = 0
                return Ald.APPEAL
            return Ald.NONE
        p.now[Now.ALD_MONTHS] = ald_term(u_term, table)
        return Ald.GRANTED
    p.now[Now.ALD_MONTHS] -= 1
    if p.now[Now.ALD_MONTHS] > 0:
        return UNCHANGED
    if in_care and u < table.renewal:
        p.now[Now.ALD_MONTHS] = ald_term(u_term, table)
        return UNCHANGED
    return Ald.NONE


@jit
def ald_term(u: float, table: Table) -> int:
    """Return the term granted, months, uniform between the shortest and the longest."""
    shortest, longest = table.term[0], table.term[1]
    return int(shortest + u * (longest - shortest + 1.0))
