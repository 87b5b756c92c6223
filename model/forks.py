"""Where the lives of a policy part from those of today: only from there are they lived twice.

A policy changes a few records. As long as a person meets none of the changed ones, and no uniform falls where the
two answers differ (admitted under one calendar of values, not under the other), both lives are the same month by
month. `live_together` lives the baseline of everybody once and, for each policy, tests every month lived in full
whether that month could differ (`contact`, from the state at its start and the month's own luck). Where it does, two
arms go on from there, the baseline's and the policy's, until they meet again (`model.meetings`) or to the end. What
the policy changes is the sum of their differences, to the last count the same as living everybody again. Whether a
person's two lives are one at some month is told by the person's own luck, under which they may part again.

Rare partings are made less rare (importance splitting; Kahn and Harris 1951): with `tries` m, each month is
tested under m lucks, the person's own and m - 1 others; each one that parts gives two arms of weight 1/m, which keep
that luck. The expectation is the same, as the others are as likely to part as the person's own; the person's own luck
still decides when nothing more is to be tested.

Where two policies differ only in who is admitted to a specialised treatment, lucks are not tried but chosen (`choose`):
of m lucks, m times the chance that a uniform falls where the two answers differ do part, and only these are made, the
uniform drawn in that range and the key that meets it worked out (`chance.key_of`). They come at even steps of that
chance over a person's life (systematic sampling), so that their number has almost no chance of its own, and m can be
hundreds. The arms of the person's own luck are then one of these like any other.

A policy that differs by SÉSAME alone does something to the patients of GPs who take part, and to the others through
queues only. It may be lived in two `shares`, each by everybody, as if their GP were of that share, and weighs what the
share does: nobody is lived in vain, and the expectation is the same (stratification over the GP's rank).

The luck of suicides and of the course of illness is handed over beside the counts, to be taken out (`model.luck`).
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model import care as cr
from model import treatment as tr
from model.books import PAGE, PAGE_CELLS, PLACES, Books, Calendar, book_sojourn, row_of
from model.chance import GOLDEN, key_of, mix, uniform
from model.compiled import jit
from model.kernel import age_at, cell_of, records
from model.luck import COURSE, N_LUCK, SUICIDES, Stakes, at_stake, bet_of, follow_quiet, luck_of, suicide_probability
from model.meetings import Memory, alike, may_meet, memory_of
from model.month import Month, age_band, live_month, new_year, pass_time
from model.quiet import book_quiet, is_quiet, quiet_months
from model.simulation import People, new_books, new_rations
from model.states import Care, Decision, Fixed, Health, Now, Service, Trait, Treatment
from model.tables import PERSON, TYPES, Person, Table, Tables

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What may differ in a month, as bits of `Policies.contact`.
LINE_4, EXPERT, PSYCHOLOGIST, HEALTH_CENTRE, SESAME, FOLLOWED, ADVICE, LISTED, EVERYTHING = (1 << k for k in range(9))
RARE = LINE_4 | EXPERT | LISTED  # what few people ever meet; lucks that meet it can be chosen
BY_GP = SESAME | FOLLOWED  # what only patients of GPs who take part ever meet
TOGETHER, PERHAPS, APART = 0, 1, 2
MOST_TRIED = 32  # lucks that a month is tried under: chosen ones may be hundreds, as only those that may part are made
BLOCK = math.gcd(40, PAGE_CELLS)  # cells of a page looked at together
DEAD = -1  # a month that nobody reaches
N_LINE_4 = 4
N_CHOICES = N_LINE_4 + 1  # decisions that a luck may be chosen for: line 4, then the expert centre


class Policies(NamedTuple):
    """Policies beside a baseline, or shares of people under them; K of them.

    policy : (K,)          which policy, of those asked
    ranks : (K, 2)         ranks of the GPs of the share: the lowest, and how wide a range
    tables : records of all policies, one after the other
    phase_of_cycle, phase_until : (K, cycle)   rows of these records, and the first later month of another phase
    rations : (K, cycle) of RATION, as in `Books`
    contact : (K, cycle)   what differs from the baseline in a month, bits; EVERYTHING in month 0: all live again
    tries : (slice, K)     lucks under which each month is tested
    every : (slice, K)     one person in so many is tested
    chosen : (K,)          whether these lucks are chosen among those that may part, rather than tried
    memory : for how long things count, under the baseline or any of them
    """

    policy: Ints
    ranks: Floats
    tables: Tables
    phase_of_cycle: NDArray[np.int32]
    phase_until: NDArray[np.int32]
    rations: Any
    contact: Ints
    tries: Ints
    every: Ints
    chosen: NDArray[np.bool_]
    memory: Memory


class Arms(NamedTuple):
    """What the two arms of every parting come to.

    today, policy : (K, slice, year) of PAGE
    luck_today, luck_policy : (K, slice, year, N_LUCK), see `model.luck`
    partings : (K, slice)   pairs of arms lived
    places : (1 + 2 K, slice, cycle + 2) of PLACES, the first never read, then both arms of each policy; one row if
        they are not kept
    scratch : (slice, 2) of PERSON
    unread, luck_unread : (slice, year) of PAGE, (slice, year, N_LUCK): lives lived only to know when they meet
    """

    today: Any
    policy: Any
    luck_today: Floats
    luck_policy: Floats
    partings: Ints
    scratch: Any
    unread: Any
    luck_unread: Floats
    places: Any


class Sums(NamedTuple):
    """What a cohort comes to, weighted to the nation by batch.

    cells : (1 + policy, batch, year, cell of PAGE)   the baseline, then what each policy adds to it
    luck : (1 + policy, batch, year, N_LUCK)          the same, see `model.luck`
    partings : (K, slice)                             pairs of arms lived, of each of `Policies`
    """

    cells: Floats
    luck: Floats
    partings: Ints


@jit
def differs(u: float, access: float, ration: float, other_access: float, other_ration: float) -> bool:
    """Tell whether a place is offered or refused differently (see `month.finds_place`), given a uniform."""
    admitted, other = access * ration, other_access * other_ration
    if (u < admitted) != (u < other):
        return True
    return (u < access) != (u < other_access)


@jit
def chance_of(access: float, ration: float, other_access: float, other_ration: float) -> float:
    """Return the probability that a uniform falls where `differs`: the measure of two ranges, less what they share."""
    admitted, other = access * ration, other_access * other_ration
    low, high = min(admitted, other), max(admitted, other)
    first, last = min(access, other_access), max(access, other_access)
    return high - low + last - first - max(0.0, min(high, last) - max(low, first))


@jit
def within(v: float, access: float, ration: float, other_access: float, other_ration: float) -> float:
    """Return the uniform at distance v, below `chance_of`, along the two ranges where `differs`."""
    admitted, other = access * ration, other_access * other_ration
    low, high = min(admitted, other), max(admitted, other)
    first, last = min(access, other_access), max(access, other_access)
    if first < low:
        low, high, first, last = first, last, low, high
    return low + v if v < high - low else max(high, first) + v - (high - low)


@jit
def answers(p: Person, d: int, t: Tables, policy: Tables, a: Any, b: Any) -> tuple[float, float, float, float]:
    """Return access and ration under the baseline, then under the policy, of a decision that lucks are chosen for."""
    region, hospital = p.fixed[Fixed.REGION], p.fixed[Fixed.HOSPITAL]
    if d < N_LINE_4:
        x, y = t.treatment.access[d, region, hospital], policy.treatment.access[d, region, hospital]
        queue = tr.queue_of(p, d)
        return min(1.0, x), a.share[queue, region], min(1.0, y), b.share[queue, region]
    s = Service.EXPERT_ASSESSMENT
    return min(1.0, t.care.expert[region]), a.share[s, region], min(1.0, policy.care.expert[region]), b.share[s, region]


@jit
def decision_of(d: int) -> int:
    """Return the address of the uniform of a decision that lucks are chosen for."""
    return Decision.SERVICE_ESKETAMINE + d if d < N_LINE_4 else Decision.EXPERT + 0


@jit(forceinline=False)
def may_part(p: Person, t: Tables, policy: Tables, a: Any, b: Any) -> float:
    """Return the probability that some answer differs this month, whoever the decision is asked for."""
    alike = 1.0
    for d in range(N_CHOICES if p.now[Now.FAILED] > 0 else 0):
        x, of_x, y, of_y = answers(p, d, t, policy, a, b)
        alike *= 1.0 - chance_of(x, of_x, y, of_y)
    return 1.0 - alike


@jit(forceinline=False)
def choose(p: Person, c: int, rest: np.uint64, t: Tables, policy: Tables, a: Any, b: Any) -> np.uint64:
    """Return a luck under which some answer differs this month, drawn among all of them by the hash `rest`.

    The first decision whose answers differ is drawn by its probability, then its uniform; a luck under which an earlier
    decision differs too is drawn again.
    """
    v, d = uniform(rest, 0, 0) * may_part(p, t, policy, a, b), 0
    alike = 1.0
    while d < N_CHOICES - 1:
        x, of_x, y, of_y = answers(p, d, t, policy, a, b)
        each = alike * chance_of(x, of_x, y, of_y)
        if v < each:
            break
        v, alike, d = v - each, alike - each, d + 1
    x, of_x, y, of_y = answers(p, d, t, policy, a, b)
    span = chance_of(x, of_x, y, of_y)
    attempt = 1
    while True:
        u = within(uniform(rest, attempt, 0) * span, x, of_x, y, of_y)
        key = key_of(u, mix(rest + np.uint64(attempt)), c, decision_of(d))
        again = False
        for e in range(d):
            before = answers(p, e, t, policy, a, b)
            if differs(uniform(key, c, decision_of(e)), before[0], before[1], before[2], before[3]):
                again = True
        if not again:
            return key
        attempt += 1


@jit(forceinline=False)
def contact(p: Person, c: int, key: np.uint64, bits: int, t: Tables, policy: Tables, a: Any, b: Any) -> int:
    """Tell whether this month may differ, from how things stand at its start, under the luck of `key`.

    bits : what differs; t, policy : records of the baseline and of the policy; a, b : rations of both
    Never TOGETHER where the month could differ; PERHAPS where it must be tried.
    """
    region, failed, kind = p.fixed[Fixed.REGION], p.now[Now.FAILED], p.now[Now.CARE]
    care = policy.care
    if bits & LISTED and p.now[Now.TREATMENT] == Treatment.ESKETAMINE:
        hospital = p.fixed[Fixed.HOSPITAL]
        if (t.use.listed[hospital] > 0.0) != (policy.use.listed[hospital] > 0.0):
            return APART
    if bits & FOLLOWED:
        if p.now[Now.SESAME_MONTHS] > 0:
            return APART
        if p.now[Now.MONTHS_SINCE_SESAME] < max(t.course.sesame[2], policy.course.sesame[2]):
            return APART
    if failed > 0:  # a second failure may end this month
        if bits & LINE_4:
            hospital = p.fixed[Fixed.HOSPITAL]
            for s in range(N_LINE_4):
                u = uniform(key, c, Decision.SERVICE_ESKETAMINE + s)
                x, y = t.treatment.access[s, region, hospital], policy.treatment.access[s, region, hospital]
                queue = tr.queue_of(p, s)
                if differs(u, x, a.share[queue, region], y, b.share[queue, region]):
                    return PERHAPS
        if bits & EXPERT:
            s = Service.EXPERT_ASSESSMENT
            u = uniform(key, c, Decision.EXPERT)
            if differs(u, t.care.expert[region], a.share[s, region], care.expert[region], b.share[s, region]):
                return PERHAPS
    if bits & PSYCHOLOGIST:
        s = Service.PSYCHOLOGIST
        x, y = a.share[s, region], b.share[s, region]
        if differs(uniform(key, c, Decision.PSYCHOTHERAPY_PLACE), 1.0, x, 1.0, y):
            return PERHAPS
        if differs(uniform(key, c, Decision.PSYCHOLOGIST), t.care.psychologist, x, care.psychologist, y):
            return PERHAPS
    if kind != Care.GP and kind != Care.NONE and p.now[Now.TREATMENT] == Treatment.NONE:
        return TOGETHER  # only who stops a treatment may leave care and come to a GP in the same month
    if bits & HEALTH_CENTRE:
        s = Service.HEALTH_CENTRE
        x, y = t.care.health_centre, care.health_centre
        if differs(uniform(key, c, Decision.HEALTH_CENTRE), x, a.share[s, region], y, b.share[s, region]):
            return PERHAPS
    if bits & ADVICE:
        u = uniform(key, c, Decision.ADVICE)
        for line in range(min(failed, 3), min(failed + 1, 3) + 1):
            x, y = t.care.advice[line, region], care.advice[line, region]
            if x != y and u < max(x, y):
                return PERHAPS
    if bits & SESAME and sesame_differs(p, c, key, region, t, care, a, b):
        return PERHAPS
    return TOGETHER


@jit
def sesame_differs(p: Person, c: int, key: np.uint64, region: int, t: Tables, care: Table, a: Any, b: Any) -> bool:
    """Tell whether a nurse's follow-up, or the detection of a GP who works with a nurse, may differ this month."""
    today, policy = cr.takes_part(p, region, t.care), cr.takes_part(p, region, care)
    if not (today or policy):
        return False
    if today != policy and p.now[Now.WAITING_FOR] == Service.SESAME + 1:
        return True
    u = uniform(key, c, Decision.SESAME)
    s = Service.SESAME
    for severity in range(3):
        x = t.care.sesame_access[severity] if today else 0.0
        y = care.sesame_access[severity] if policy else 0.0
        if differs(u, x, a.share[s, region], y, b.share[s, region]):
            return True
    if today == policy:
        return False
    found = max(t.care.detected.max(), care.detected.max()) * max(1.0, care.sesame_detection)
    found *= max(1.0, care.young_ratio[0]) * max(1.0, care.perinatal_ratio[0])
    return uniform(key, c, Decision.DETECTED) < found


@jit
def other_luck(key: np.uint64, cycle: int, number: int) -> np.uint64:
    """Return the start of another sequence of luck, of its own for each month and number."""
    return mix(mix(key + np.uint64(number) * GOLDEN) ^ (np.uint64(cycle + 1) * GOLDEN))


@jit(forceinline=False)
def live_on(
    p: Person,
    c: int,
    in_full: bool,
    later: np.uint64,
    until: int,
    last: int,
    stops: bool,
    t: Tables,
    tables: Tables,
    phase_of_cycle: NDArray[np.int32],
    phase_until: NDArray[np.int32],
    year_of_cycle: NDArray[np.int32],
    rations: Any,
    pages: Any,
    places: Any,
    demand: Any,
    stakes: Stakes,
    luck: Floats,
) -> int:
    """Live one person from month c to month `until`, as `kernel.live` does, and if that is `last`, as `close` does.

    in_full : whether month c is to be; later : key of the person's luck after it
    stops : whether to stop at the start of a year where the life may meet another; t : records of month c
    Return the month reached, `DEAD` if the person does not.
    """
    sex, entry = p.fixed[Fixed.SEX], max(0, p.fixed[Fixed.ENTRY])
    suicide, ill = stakes  # out of their tuple, as in `kernel.live`
    phase = phase_of_cycle[c]
    age, birthday = age_at(p, c)
    cell = cell_of(p, age_band(age))
    while c < until:
        if phase_of_cycle[c] != phase:
            phase = phase_of_cycle[c]
            t = records(tables, phase)
        before = c
        if not in_full and is_quiet(p, age, t):
            stop = min(until, 12 * (c // 12 + 1)) if stops else until
            c += quiet_months(p, c, min(phase_until[c], stop, birthday), age, t)
        if c > before:
            bet = bet_of(p, age, t, ill[at_stake(p)])
            expected = suicide_probability(p, age, t) * suicide[sex, age]
            follow_quiet(before, c, bet, expected, luck, year_of_cycle)
            book_quiet(p, before, c, pages, year_of_cycle)
            pass_time(p, c - before)
            if c // 12 > (before - 1) // 12:
                new_year(p)
        else:
            year = year_of_cycle[c]
            health, bet = p.now[Now.HEALTH], bet_of(p, age, t, ill[at_stake(p)])
            probability = suicide_probability(p, age, t)
            live_month(p, Month(c, age, year, pages[year], row_of(places, c), demand, row_of(rations, c)), t)
            of_suicides, of_course = luck_of(p, health, bet, probability, suicide[sex, age])
            luck[year, SUICIDES] += of_suicides
            luck[year, COURSE] += of_course
            c += 1
        if in_full:
            p.key = later
            in_full = False
        if c == birthday:
            age, birthday = age_at(p, c)
        held = cell_of(p, age_band(age))
        if held != cell:
            since = p.now[Now.SINCE]
            book_sojourn(pages, places, p, cell, since, c, since == entry, year_of_cycle)
            p.now[Now.SINCE] = c
            cell = held
            if held[0] >= Health.DEAD_SUICIDE:
                row_of(places, c).census[held[0], held[1]] += 1
                return DEAD
        if stops and c % 12 == 0 and c < until and may_meet(p):
            return c
    if until == last:
        since = p.now[Now.SINCE]
        book_sojourn(pages, places, p, cell, since, last + 1, since == entry, year_of_cycle)
    return c


@jit
def is_well(p: Person) -> bool:
    """Tell whether the person is recovered or was never ill."""
    return p.now[Now.HEALTH] == Health.NEVER or p.now[Now.HEALTH] == Health.RECOVERY


@jit(forceinline=False)
def parts(p: Person, m: Month, key: np.uint64, t: Tables, policy: Tables, b: Any, today: Person, other: Person) -> bool:
    """Tell whether a month leaves a person elsewhere under a policy, by living it twice on a page nobody reads."""
    today.now[:], other.now[:] = p.now, p.now
    today.key = other.key = key
    live_month(today, m, t)
    live_month(other, Month(m.cycle, m.age, m.year, m.page, m.places, m.demand, b), policy)
    k, columns = 0, today.now.shape[0]
    while k < columns and today.now[k] == other.now[k]:
        k += 1
    return k < columns


@jit(forceinline=False)
def live_arms(
    p: Person,
    c: int,
    key: np.uint64,
    later: np.uint64,
    counts: bool,
    last: int,
    k: int,
    s: int,
    tables: Tables,
    calendar: Calendar,
    rations: Any,
    demand: Any,
    policies: Policies,
    arms: Arms,
    stakes: Stakes,
) -> int:
    """Live one person from month c twice, under the baseline and under policy k, with this luck in month c.

    p : left as it is; later : key of the person's luck after month c; counts : whether the lives are to be counted
    Return the month at whose start both lives are one again, `last` if never.
    """
    today, other = arms.scratch[s, 0], arms.scratch[s, 1]
    today.now[:], other.now[:] = p.now, p.now
    today.key = other.key = key
    phase_of_cycle, year_of_cycle, phase_until = calendar
    pages, luck, places = arms.unread[s], arms.luck_unread[s], arms.places[0, s]
    their_pages, their_luck, their_places = pages, luck, places
    if counts:
        arms.partings[k, s] += 1
        kept = 2 if arms.places.shape[0] > 1 else 0
        pages, luck, places = arms.today[k, s], arms.luck_today[k, s], arms.places[max(0, kept * (k + 1) - 1), s]
        their_pages, their_luck, their_places = (
            arms.policy[k, s],
            arms.luck_policy[k, s],
            arms.places[kept * (k + 1), s],
        )
    phase, their_phase = phase_of_cycle[c], policies.phase_of_cycle[k, c]
    t, policy = records(tables, phase), records(policies.tables, their_phase)
    in_full, both = True, True
    while True:
        if phase_of_cycle[c] != phase:
            phase = phase_of_cycle[c]
            t = records(tables, phase)
        if policies.phase_of_cycle[k, c] != their_phase:
            their_phase = policies.phase_of_cycle[k, c]
            policy = records(policies.tables, their_phase)
        until = live_on(
            today,
            c,
            in_full,
            later,
            last,
            last,
            both,
            t,
            tables,
            phase_of_cycle,
            phase_until,
            year_of_cycle,
            rations,
            pages,
            places,
            demand,
            stakes,
            luck,
        )
        if both:
            reached = live_on(
                other,
                c,
                in_full,
                later,
                last if until == DEAD else until,
                last,
                False,
                policy,
                policies.tables,
                policies.phase_of_cycle[k],
                policies.phase_until[k],
                year_of_cycle,
                policies.rations[k],
                their_pages,
                their_places,
                demand,
                stakes,
                their_luck,
            )
            both = reached != DEAD
        if until in (DEAD, last):
            return last
        c, in_full = until, False
        if both and alike(today, other, policies.memory):
            entry = max(0, p.fixed[Fixed.ENTRY])
            cell = cell_of(today, age_band(age_at(today, c)[0]))
            since = today.now[Now.SINCE]
            book_sojourn(pages, places, today, cell, since, c, since == entry, year_of_cycle)
            since = other.now[Now.SINCE]
            book_sojourn(their_pages, their_places, other, cell, since, c, since == entry, year_of_cycle)
            return c


@jit
def live_together(
    persons: Any,
    start: int,
    stop: int,
    s: int,
    last: int,
    tables: Tables,
    calendar: Calendar,
    books: Books,
    policies: Policies,
    tries: Ints,
    every: Ints,
    arms: Arms,
    stakes: Stakes,
    luck: Floats,
) -> None:
    """Live persons `start` to `stop` - 1, of slice `s`, to month `last` under the baseline, and every policy's arms.

    persons : changed in place; tries, every : (K,) of this slice; luck : (slice, year, N_LUCK) of the baseline
    Rules and books as in `kernel.live` and `kernel.close`.
    """
    pages, places, demand, rations = books.pages[s], books.places[s], books.demand[s], books.rations
    phase_of_cycle, year_of_cycle, phase_until = calendar
    count = tries.size
    others, counted = arms.policy, arms.partings
    their_phase, their_until, their_rations = policies.phase_of_cycle, policies.phase_until, policies.rations
    contacts, chosen, their_tables, ranks = policies.contact, policies.chosen, policies.tables, policies.ranks
    their_luck, own_luck = arms.luck_policy, luck[s]
    suicide, ill = stakes
    # out of their tuple too: a month of the loop below would count nine references a policy
    their_course, their_treatment, their_care, their_suicide = their_tables[:4]
    their_work, their_ald, their_use, their_mortality, their_programme = their_tables[4:]
    unread, page = arms.places[0, s], arms.unread[s, 0]
    kept = 2 if arms.places.shape[0] > 1 else 0
    scratch = arms.scratch[s]
    today, other = scratch[0], scratch[1]
    meets, steps = np.zeros(count, np.int64), np.zeros(count)  # under the person's own luck, from when lives are one
    for k in range(count if stop > start else 0):
        steps[k] = uniform(other_luck(persons[start].key, last, 0), k, 0)
    phase = phase_of_cycle[0]
    t = records(tables, phase)
    for i in range(start, stop):
        p = persons[i]
        sex, entry = p.fixed[Fixed.SEX], max(0, p.fixed[Fixed.ENTRY])
        c = entry
        if p.now[Now.HEALTH] >= Health.DEAD_SUICIDE or c >= last:
            continue
        p.now[Now.SINCE] = c
        today.fixed[:], other.fixed[:] = p.fixed, p.fixed
        today.trait[:], other.trait[:] = p.trait, p.trait
        rank = p.trait[Trait.SESAME_RANK]
        for k in range(count):
            meets[k] = c if (i - start) % every[k] == 0 else last
            if contacts[k, 0] & EVERYTHING == 0:
                continue
            meets[k] = last
            other.now[:], other.key = p.now, p.key
            counted[k, s] += 1
            live_on(
                other,
                c,
                True,
                p.key,
                last,
                last,
                False,
                records(their_tables, their_phase[k, c]),
                their_tables,
                their_phase[k],
                their_until[k],
                year_of_cycle,
                their_rations[k],
                others[k, s],
                arms.places[kept * (k + 1), s],
                demand,
                stakes,
                their_luck[k, s],
            )
        age, birthday = age_at(p, c)
        cell = cell_of(p, age_band(age))
        dead = False
        while c < last:
            if phase_of_cycle[c] != phase:
                phase = phase_of_cycle[c]
                t = records(tables, phase)
            before = c
            # who is ill, or well again for a short time, may part: such months are tested, so lived in full
            quiet = is_well(p) and is_quiet(p, age, t)
            if quiet:
                c += quiet_months(p, c, min(phase_until[c], last, birthday), age, t)
            if c > before:
                bet = bet_of(p, age, t, ill[at_stake(p)])
                expected = suicide_probability(p, age, t) * suicide[sex, age]
                follow_quiet(before, c, bet, expected, own_luck, year_of_cycle)
                book_quiet(p, before, c, pages, year_of_cycle)
                pass_time(p, c - before)
                if c // 12 > (before - 1) // 12:
                    new_year(p)
            else:
                year = year_of_cycle[c]
                for k in range(count):
                    bits = contacts[k, c]
                    if c < meets[k] or bits == 0:
                        continue
                    row = their_phase[k, c]
                    policy = Tables(
                        their_course[row],
                        their_treatment[row],
                        their_care[row],
                        their_suicide[row],
                        their_work[row],
                        their_ald[row],
                        their_use[row],
                        their_mortality[row],
                        their_programme[row],
                    )
                    a, b = row_of(rations, c), row_of(their_rations[k], c)
                    m = Month(c, age, year, page, row_of(unread, c), demand, a)
                    of_share = ranks[k, 0] + ranks[k, 1] * rank
                    p.trait[Trait.SESAME_RANK] = of_share
                    today.trait[Trait.SESAME_RANK] = other.trait[Trait.SESAME_RANK] = of_share
                    # who parts under any luck does so under the person's own: today's counts cancel to the last
                    own = contact(p, c, p.key, bits, t, policy, a, b)
                    sure = own == APART
                    if chosen[k]:
                        steps[k] += tries[k] * (1.0 if sure else may_part(p, t, policy, a, b))
                        number = 0
                        while steps[k] >= 1.0:
                            steps[k] -= 1.0
                            number += 1
                            key = other_luck(p.key, c, number)
                            if not sure:
                                key = choose(p, c, key, t, policy, a, b)
                            if sure or parts(p, m, key, t, policy, b, today, other):
                                live_arms(
                                    p,
                                    c,
                                    key,
                                    key,
                                    True,
                                    last,
                                    k,
                                    s,
                                    tables,
                                    calendar,
                                    rations,
                                    demand,
                                    policies,
                                    arms,
                                    stakes,
                                )
                    # a month that the person's own luck chose to live in full is tested under that luck alone;
                    # each arm then stands for one of `tries` copies, whose luck differs from the month after
                    for number in range(1 if quiet or chosen[k] else tries[k]):
                        key, found = p.key, own
                        if number > 0 and not sure:
                            key = other_luck(p.key, c, number)
                            found = contact(p, c, key, bits, t, policy, a, b)
                        if found == PERHAPS:
                            found = APART if parts(p, m, key, t, policy, b, today, other) else TOGETHER
                        if found == TOGETHER:
                            continue
                        for copy in range(tries[k] if quiet and not chosen[k] else 1):
                            later = key if copy == 0 or sure else other_luck(p.key, c, copy)
                            met = live_arms(
                                p,
                                c,
                                key,
                                later,
                                not chosen[k],
                                last,
                                k,
                                s,
                                tables,
                                calendar,
                                rations,
                                demand,
                                policies,
                                arms,
                                stakes,
                            )
                            if number == 0 and copy == 0:
                                meets[k] = met
                p.trait[Trait.SESAME_RANK] = rank
                health, bet = p.now[Now.HEALTH], bet_of(p, age, t, ill[at_stake(p)])
                probability = suicide_probability(p, age, t)
                live_month(p, Month(c, age, year, pages[year], row_of(places, c), demand, row_of(rations, c)), t)
                of_suicides, of_course = luck_of(p, health, bet, probability, suicide[sex, age])
                own_luck[year, SUICIDES] += of_suicides
                own_luck[year, COURSE] += of_course
                c += 1
            if c == birthday:
                age, birthday = age_at(p, c)
            held = cell_of(p, age_band(age))
            if held != cell:
                since = p.now[Now.SINCE]
                book_sojourn(pages, places, p, cell, since, c, since == entry, year_of_cycle)
                p.now[Now.SINCE] = c
                cell = held
                if held[0] >= Health.DEAD_SUICIDE:
                    row_of(places, c).census[held[0], held[1]] += 1
                    dead = True
                    break
        if not dead:
            since = p.now[Now.SINCE]
            book_sojourn(pages, places, p, cell, since, last + 1, since == entry, year_of_cycle)


@jit
def live_slices_together(
    persons: Any,
    starts: Ints,
    last: int,
    tables: Tables,
    calendar: Calendar,
    books: Books,
    policies: Policies,
    arms: Arms,
    stakes: Stakes,
    luck: Floats,
) -> None:
    """Live all slices to month `last`; see `live_together`."""
    for s in range(starts.size - 1):
        live_together(
            persons,
            starts[s],
            starts[s + 1],
            s,
            last,
            tables,
            calendar,
            books,
            policies,
            policies.tries[s],
            policies.every[s],
            arms,
            stakes,
            luck,
        )


@jit
def live_and_add(
    persons: Any,
    starts: Ints,
    weight: Floats,
    batch: Ints,
    last: int,
    tables: Tables,
    calendar: Calendar,
    books: Books,
    policies: Policies,
    arms: Arms,
    stakes: Stakes,
    cells: NDArray[np.int32],
    luck: Floats,
    sums: Sums,
) -> None:
    """Live slices one after the other on the same pages, and add each to its batch.

    cells, luck : (1 + 2 K, year, …) the pages of books and arms: the baseline, today's arms, the policies'
    """
    count = policies.chosen.size
    for s in range(starts.size - 1):
        luck[:] = 0.0
        arms.partings[:] = 0
        tries, every = policies.tries[s], policies.every[s]
        live_together(
            persons,
            starts[s],
            starts[s + 1],
            0,
            last,
            tables,
            calendar,
            books,
            policies,
            tries,
            every,
            arms,
            stakes,
            luck[:1],
        )
        sums.partings[:, s] = arms.partings[:, 0]
        move_page(cells[0], weight[s], sums.cells[0, batch[s]])
        sums.luck[0, batch[s]] += weight[s] * luck[0]
        for k in range(count):
            if arms.partings[k, 0] == 0:
                continue
            row, share = 1 + policies.policy[k], weight[s] * policies.ranks[k, 1] / tries[k]
            share *= spread(starts[s + 1] - starts[s], every[k])
            move_page(cells[1 + k], -share, sums.cells[row, batch[s]])
            move_page(cells[1 + count + k], share, sums.cells[row, batch[s]])
            sums.luck[row, batch[s]] += share * (luck[1 + count + k] - luck[1 + k])


@jit
def spread(people: Any, every: Any) -> Any:
    """Return how many people each of those tested stands for: the first of a slice, then one in `every`."""
    return people / np.maximum(1, (people + every - 1) // every)


@jit
def move_page(page: NDArray[np.int32], weight: float, out: Floats) -> None:
    """Add what a page counts, weighted, and clear it: (year, cell). Most of what arms count is in few cells."""
    for year in range(out.shape[0]):
        for first in range(0, out.shape[1], BLOCK):
            found = 0
            for cell in range(first, first + BLOCK):
                found |= page[year, cell]
            if found != 0:
                for cell in range(first, first + BLOCK):
                    out[year, cell] += weight * page[year, cell]
                    page[year, cell] = 0


# ---------------------------------------------------------------- what differs

CONTACTS = {
    ("care", "expert"): EXPERT,
    ("care", "psychologist"): PSYCHOLOGIST,
    ("care", "health_centre"): HEALTH_CENTRE,
    ("care", "participation"): SESAME,
    ("care", "sesame_access"): SESAME,
    ("care", "sesame_exit"): FOLLOWED,
    ("care", "sesame_limit"): FOLLOWED,
    ("care", "sesame_effect"): FOLLOWED,
    ("care", "advice"): ADVICE,
    ("course", "sesame"): FOLLOWED,
    ("treatment", "access"): LINE_4,
    ("use", "anxiety_months"): FOLLOWED,
    ("use", "listed"): LISTED,
}
RATIONED = {
    Service.EXPERT_ASSESSMENT: EXPERT,
    Service.PSYCHOLOGIST: PSYCHOLOGIST,
    Service.HEALTH_CENTRE: HEALTH_CENTRE,
    Service.SESAME: SESAME,
}


def differences(base: Tables, rows: Ints, policy: Tables, others: Ints) -> Ints:
    """Return in which ways pairs of phases differ, bits: `rows` of the base's records, `others` of the policy's."""
    bits = np.zeros(len(rows), dtype=np.int64)
    for subject in Tables._fields:
        a, b = (_numbers(getattr(tables, subject)) for tables in (base, policy))
        fields = getattr(TYPES, subject).fields
        first = [offset // a.itemsize for _, offset in fields.values()]
        differ = np.logical_or.reduceat(a[rows] != b[others], first, axis=1)
        told = np.array([CONTACTS.get((subject, name), EVERYTHING) for name in fields])
        bits |= np.bitwise_or.reduce(np.where(differ, told, 0), axis=1)
    return bits


def _numbers(records: Any) -> Floats:
    """Return the numbers of records one after the other, (record, number)."""
    return np.ascontiguousarray(records).view(np.float64).reshape(len(records), -1)


def of_records(baseline: "Road", policy: "Road") -> Ints:
    """Return in which ways the records of each month differ, bits by cycle."""
    count = len(policy.tables.care)
    pairs = baseline.calendar.phase_of_cycle * count + policy.calendar.phase_of_cycle
    met, which = np.unique(pairs, return_inverse=True)
    return differences(baseline.tables, met // count, policy.tables, met % count)[which]


def contacts(baseline: "Road", policy: "Road", of_them: Ints | None = None) -> Ints:
    """Return what a policy's months differ from the baseline's in, bits by cycle; EVERYTHING throughout if ever.

    of_them : see `of_records`, if known
    """
    bits = (of_records(baseline, policy) if of_them is None else of_them).copy()
    rows = np.minimum(np.arange(len(bits)), len(baseline.rations) - 1)
    differ = (baseline.rations != policy.rations).any(axis=2)[rows]
    for service in Service:
        bits[differ[:, service]] |= RATIONED.get(service, LINE_4)
    if (bits & EVERYTHING).any():
        bits[:] = EVERYTHING
    return bits


class Road(NamedTuple):
    """What a calendar of values says of each month: its records, and the queues of the nation under it.

    rations : (cycle, service, region), the last of which hold from then on
    """

    tables: Tables
    calendar: Calendar
    rations: Floats


def live(
    cohort: People, baseline: Road, roads: Sequence[Road], tries: Sequence[int] | Floats, stakes: Stakes
) -> tuple[Sums, Policies]:
    """Live a cohort to the end of a baseline, and of each policy from where lives part.

    Policies are lived in `shares`, under chosen lucks where they can be.

    tries : lucks under which each month is tested, (policy,) or (slice, policy)
    Return what they come to, and the policies as they were lived: one that may change anything is lived by everybody.
    The pages are those of one slice at a time, few enough to stay in the processor's cache.
    """
    policies = stacked(baseline, roads, tries, cohort.slices, choosing=True, sharing=True)
    people, cycles = cohort.fresh(), baseline.calendar.year_of_cycle.size
    years, count = (cycles + 11) // 12, policies.policy.size
    cells = np.zeros((2 + 2 * count, years, PAGE_CELLS), dtype=np.int32)
    pages = cells.view(PAGE)[..., 0].view(np.recarray)
    luck = np.zeros((2 + 2 * count, years, N_LUCK))
    books = new_books(1, cycles, years, by_month=False)
    books = books._replace(pages=pages[:1], rations=new_rations(baseline.rations))
    arms = Arms(
        today=pages[1 : 1 + count, None],
        policy=pages[1 + count : -1, None],
        luck_today=luck[1 : 1 + count, None],
        luck_policy=luck[1 + count : -1, None],
        partings=np.zeros((count, 1), dtype=np.int64),
        scratch=np.zeros((1, 2), dtype=PERSON).view(np.recarray),
        unread=pages[-1:],
        luck_unread=luck[-1:],
        places=np.zeros((1, 1, 1), dtype=PLACES).view(np.recarray),
    )
    shape = (1 + len(roads), people.batches, years)
    sums = Sums(np.zeros((*shape, PAGE_CELLS)), np.zeros((*shape, N_LUCK)), np.zeros((count, people.slices), np.int64))
    live_and_add(
        *(people.persons, people.starts, people.weight, people.batch, cycles, baseline.tables, baseline.calendar),
        *(books, policies, arms, stakes, cells[:-1], luck[:-1], sums),
    )
    alone = np.unique(policies.policy[(policies.contact[:, 0] & EVERYTHING) != 0])
    sums.cells[1 + alone] -= sums.cells[0]  # who lives again from month 0 is set beside the whole baseline
    sums.luck[1 + alone] -= sums.luck[0]
    return sums, policies


def by_weight(people: People, tries: Sequence[int]) -> Floats:
    """Return lucks by slice, (slice, policy), from those of a person of mean weight: the more, the more people one is.

    Pairs of arms then weigh the same in the nation, which leaves least chance for as many pairs (Neyman 1934). Below
    one, as many of the people are tested. A policy with one luck keeps to everybody's own.
    """
    return np.where(np.asarray(tries) > 1, np.outer(relative_weight(people), tries), 1.0)


def relative_weight(people: People) -> Floats:
    """Return the weight of a person of each slice over the mean one, (slice,)."""
    sizes = np.diff(people.starts)
    return np.asarray(people.weight * sizes.sum() / (people.weight @ sizes))


def live_beside(
    cohort: People, baseline: Road, policies: Policies, stakes: Stakes, with_places: bool = False
) -> tuple[Books, Floats, Arms]:
    """Live a cohort as `live` does, beside policies stacked already.

    with_places : whether to keep who is where each month, in both arms
    """
    people, cycles = cohort.fresh(), baseline.calendar.year_of_cycle.size
    years, count = (cycles + 11) // 12, policies.chosen.size
    books = new_books(people.slices, cycles, years)._replace(rations=new_rations(baseline.rations))
    shape = (count, people.slices, years)
    kept = (1 + 2 * count, people.slices, cycles + 2) if with_places else (1, people.slices, 1)
    arms = Arms(
        today=np.zeros(shape, dtype=PAGE).view(np.recarray),
        policy=np.zeros(shape, dtype=PAGE).view(np.recarray),
        luck_today=np.zeros((*shape, N_LUCK)),
        luck_policy=np.zeros((*shape, N_LUCK)),
        partings=np.zeros(shape[:2], dtype=np.int64),
        scratch=np.zeros((people.slices, 2), dtype=PERSON).view(np.recarray),
        unread=np.zeros((people.slices, years), dtype=PAGE).view(np.recarray),
        luck_unread=np.zeros((people.slices, years, N_LUCK)),
        places=np.zeros(kept, dtype=PLACES).view(np.recarray),
    )
    luck = np.zeros((people.slices, years, N_LUCK))
    live_slices_together(
        *(people.persons, people.starts, cycles, baseline.tables, baseline.calendar),
        *(books, policies, arms, stakes, luck),
    )
    return books, luck, arms


def rarity(cohort: People, partings: Ints, policies: Policies) -> Floats:
    """Return the pairs of arms a person, were each month tested under one luck, (policy,). partings : as in `Sums`"""
    found = np.zeros(int(policies.policy.max(initial=-1)) + 1)
    stands_for = spread(np.diff(cohort.starts)[:, None], policies.every)
    each = relative_weight(cohort) @ (partings.T * stands_for / policies.tries) / len(cohort)
    np.add.at(found, policies.policy, each * policies.ranks[:, 1])
    return found


class Share(NamedTuple):
    """People under a policy: the ranks of their GPs, from the lowest over a width, and what they never meet, bits."""

    low: float
    width: float
    never: int


EVERYBODY = Share(0.0, 1.0, 0)


def shares(baseline: Road, policy: Road, of_them: Ints | None = None) -> list[Share]:
    """Return the shares of people in which a policy is lived. of_them : see `of_records`, if known

    Everybody, unless the policy differs by SÉSAME alone, in which no GP takes part today.
    """
    reached = float(policy.tables.care["participation"].max())
    if baseline.tables.care["participation"].max() > 0.0 or not 0.0 < reached < 1.0:
        return [EVERYBODY]
    if ((of_records(baseline, policy) if of_them is None else of_them) & ~BY_GP).any():
        return [EVERYBODY]
    return [Share(0.0, reached, 0), Share(reached, 1.0 - reached, BY_GP)]


def in_shares(people: People, found: Sequence[Share]) -> People:
    """Return people once in each share, with the same luck, as if their GP were of it; each weighs its part."""
    copies = []
    for share in found:
        persons = people.persons.copy()
        persons["trait"][:, Trait.SESAME_RANK] *= share.width
        persons["trait"][:, Trait.SESAME_RANK] += share.low
        copies.append(persons)
    ends = [len(people) * copy + people.starts[1:] for copy in range(len(found))]
    weight = np.concatenate([share.width * people.weight for share in found])
    persons = np.concatenate(copies).view(np.recarray)
    return People(persons, np.concatenate([[0], *ends]), np.tile(people.batch, len(found)), weight)


def stacked(
    baseline: Road,
    roads: Sequence[Road],
    tries: Sequence[int] | Floats,
    slices: int,
    choosing: bool = False,
    sharing: bool = False,
) -> Policies:
    """Return policies with their records one after the other.

    tries : as for `live`; those of a share are in proportion to its people, so that all pairs weigh the same
    choosing : whether lucks are chosen where they can be; sharing : whether policies are lived in `shares`
    """
    cycles = baseline.calendar.year_of_cycle.size
    asked = np.broadcast_to(np.asarray(tries, dtype=np.float64), (slices, len(roads)))
    found = []
    for place, road in enumerate(roads):
        of_them = of_records(baseline, road)
        bits = contacts(baseline, road, of_them)
        for share in shares(baseline, road, of_them) if sharing else [EVERYBODY]:
            if share == EVERYBODY or (bits & ~share.never).any():
                found.append((place, (share.low, share.width), bits & ~share.never, road))
    policy = np.array([place for place, *_ in found], dtype=np.int64)
    ranks = np.array([ranks for _, ranks, *_ in found], dtype=np.float64).reshape(-1, 2)
    bits = np.array([bits for *_, bits, _ in found], dtype=np.int64).reshape(-1, cycles)
    lived = [road for *_, road in found]
    first = np.cumsum([0, *(len(road.tables.care) for road in lived)])
    rows = np.zeros((2, len(lived), cycles), dtype=np.int32)
    for k, road in enumerate(lived):
        rows[0, k], rows[1, k] = road.calendar.phase_of_cycle + first[k], road.calendar.phase_until
    tables = [road.tables for road in lived] or [baseline.tables]
    numbers = [np.concatenate([_numbers(one) for one in records]) for records in zip(*tables, strict=True)]
    together = Tables(*(rows.view(kind)[:, 0].view(np.recarray) for rows, kind in zip(numbers, TYPES, strict=True)))
    alone = (bits & EVERYTHING != 0).any(axis=1)
    wanted = np.where((asked[:, policy] == 1.0) | alone, 1.0, asked[:, policy] * ranks[:, 1])
    counts, every = (np.maximum(1, np.rint(one)).astype(np.int64) for one in (wanted, 1.0 / wanted))
    chosen = (bits & ~RARE == 0).all(axis=1) & (counts > 1).any(axis=0) & choosing
    counts = np.where(chosen, counts, np.minimum(counts, MOST_TRIED))
    rations = new_rations([road.rations for road in lived or [baseline]])
    memory = memory_of(baseline.tables, together)
    return Policies(policy, ranks, together, rows[0], rows[1], rations, bits, counts, every, chosen, memory)
