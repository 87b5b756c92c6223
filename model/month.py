"""The month of one person, step by step, in the order of model.md, section 3.

1 age and death from other causes; 2 suicidality; 3 clinical transition; 4 care; 5 work and ALD; 6 count.
The hazards are in the rules (`course`, `suicide`, `care`, `treatment`, `work`); here they meet chance,
change the person and are booked.
"""

from typing import NamedTuple

from model import care as cr
from model import course as co
from model import programmes as pr
from model import treatment as tr
from model import work as wk
from model.books import Demand, Page, Places, Rations, book_equity
from model.chance import uniform
from model.compiled import jit
from model.course import happens, in_episode
from model.states import (
    EPSM_OFFSET,
    NEVER_MONTHS,
    Ald,
    Capacity,
    Care,
    Decision,
    Event,
    Fixed,
    Health,
    Hospital,
    Now,
    Outcome,
    Programme,
    Resource,
    Service,
    Trait,
    Treatment,
    Work,
)
from model.suicide import attempt_hazard, is_averted
from model.tables import Person, Tables

N_BANDS_LAST = 7
VISIBLE = 24  # months for which a third-line treatment shows in claims
AS_A_SPECIALIST = int(Care.CMP)  # an IntEnum does not unify with the code of a person's care


class Month(NamedTuple):
    """The month lived: cycle, completed age in years, year of the ledger, the pages it is booked on, rations."""

    cycle: int
    age: int
    year: int
    page: Page
    places: Places
    demand: Demand
    rations: Rations


@jit
def age_band(age: int) -> int:
    return max(0, min(N_BANDS_LAST, (age - 15) // 10))


@jit
def trd_class(p: Person) -> int:
    """Return which definitions of resistance hold: broad 1, claims-visible 2, both 3."""
    return (1 if p.now[Now.FAILED] >= 2 else 0) + (2 if p.now[Now.MONTHS_SINCE_VISIBLE] < VISIBLE else 0)


@jit
def payer_class(p: Person) -> int:
    return p.fixed[Fixed.COMPLEMENTARY] + (2 if p.now[Now.ALD] == Ald.GRANTED else 0)


@jit
def new_year(p: Person) -> None:
    """Reset what the law counts by calendar year."""
    p.now[Now.ACTS_THIS_YEAR] = 0
    p.now[Now.BOXES_THIS_YEAR] = 0
    p.now[Now.PSYCHOLOGIST_SESSIONS] = 0


@jit
def pass_time(p: Person, months: int) -> None:
    """Advance the counters of a living person."""
    p.now[Now.MONTHS_IN_STATE] += months
    p.now[Now.MONTHS_IN_WORK_STATE] += months
    p.now[Now.MONTHS_SINCE_ATTEMPT] = min(NEVER_MONTHS, p.now[Now.MONTHS_SINCE_ATTEMPT] + months)
    p.now[Now.MONTHS_SINCE_VISIBLE] = min(NEVER_MONTHS, p.now[Now.MONTHS_SINCE_VISIBLE] + months)
    p.now[Now.MONTHS_SINCE_SESAME] = min(NEVER_MONTHS, p.now[Now.MONTHS_SINCE_SESAME] + months)
    pr.pass_programmes(p, months)
    p.now[Now.MONTHS_SINCE_ADVICE] = min(NEVER_MONTHS, p.now[Now.MONTHS_SINCE_ADVICE] + months)
    since_care = min(NEVER_MONTHS, p.now[Now.MONTHS_SINCE_CARE] + months)
    p.now[Now.MONTHS_SINCE_CARE] = 0 if p.now[Now.CARE] != Care.NONE else since_care
    health = p.now[Now.HEALTH]
    if in_episode(health):
        p.now[Now.MONTHS_WELL] = 0
        p.now[Now.MONTHS_SINCE_ILL] = 0
    else:
        p.now[Now.MONTHS_WELL] = min(NEVER_MONTHS, p.now[Now.MONTHS_WELL] + months)
        p.now[Now.MONTHS_SINCE_ILL] = min(NEVER_MONTHS, p.now[Now.MONTHS_SINCE_ILL] + months)
    if health != Health.NEVER and health != Health.RECOVERY:
        p.now[Now.MONTHS_IN_EPISODE] += months


@jit
def suicidality(p: Person, m: Month, t: Tables) -> bool:
    """Step 2. Tell whether a suicidal act happened; a lethal one sets the state of health."""
    sex, band = p.fixed[Fixed.SEX], age_band(m.age)
    if not happens(uniform(p.key, m.cycle, Decision.ATTEMPT), attempt_hazard(p, sex, band, t.suicide)):
        return False
    lethal = uniform(p.key, m.cycle, Decision.LETHAL) < t.suicide.lethality[sex, band]
    if not lethal and is_averted(p, uniform(p.key, m.cycle, Decision.AVERTED), t.suicide):
        return False
    trd, health = trd_class(p), p.now[Now.HEALTH]
    ill = Health.NEVER < health < Health.RECOVERY
    m.page.events[trd, Event.ATTEMPT] += 1
    m.page.events[trd, Event.ATTEMPT_ILL] += 1 if ill else 0
    book_equity(m.page, p, band, Outcome.ATTEMPTS, 1)
    payer = payer_class(p)
    if lethal:
        p.now[Now.HEALTH] = Health.DEAD_SUICIDE
        m.page.events[trd, Event.SUICIDE] += 1
        m.page.events[trd, Event.SUICIDE_ILL] += 1 if ill else 0
        m.page.events[trd, Event.SUICIDE_EVER_ILL] += 1 if health != Health.NEVER else 0
        m.page.suicides[trd, sex, band] += 1
        m.page.resources[trd, payer, Resource.SUICIDE] += 1
        book_equity(m.page, p, band, Outcome.SUICIDES, 1)
        return True
    p.now[Now.ATTEMPTS] += 1
    p.now[Now.MONTHS_SINCE_ATTEMPT] = -1
    m.page.resources[trd, payer, Resource.EMERGENCY_VISIT] += 1
    m.page.resources[trd, payer, Resource.ATTEMPT_STAY] += 1
    p.now[Now.RECONTACTED] = 0
    if uniform(p.key, m.cycle, Decision.RECONTACT) < t.suicide.recontact[0]:
        p.now[Now.RECONTACTED] = 1
        m.page.resources[trd, payer, Resource.VIGILANS_START] += 1
    if ill and p.now[Now.CARE] == Care.NONE and uniform(p.key, m.cycle, Decision.CONTACT) < t.suicide.contact[0]:
        p.now[Now.CARE] = Care.CMP
        m.page.events[trd, Event.CARE_START] += 1
    if (
        ill
        and p.now[Now.HOSPITAL_DAYS] == 0
        and uniform(p.key, m.cycle, Decision.CONTACT_ADMISSION) < t.suicide.contact[1]
    ):
        admit(p, m, t)
    return True


@jit
def admit(p: Person, m: Month, t: Tables) -> None:
    """Begin a full-time stay in the catchment's hospital; a specialist follows the person from then on."""
    p.now[Now.HOSPITAL_DAYS] = cr.length_of_stay(uniform(p.key, m.cycle, Decision.STAY), t.care)
    p.now[Now.STAY_DAYS] = 0
    p.now[Now.SPECIALIST_SEEN] = 1
    if not cr.is_specialist(p.now[Now.CARE]):
        p.now[Now.CARE] = Care.PSYCHIATRIST if p.fixed[Fixed.HOSPITAL] == Hospital.CLINIC else Care.CMP
    m.page.events[trd_class(p), Event.ADMISSION_EPSM + p.fixed[Fixed.HOSPITAL]] += 1
    book_equity(m.page, p, age_band(m.age), Outcome.ADMISSIONS, 1)


@jit
def clinical_transition(p: Person, m: Month, t: Tables) -> None:
    """Step 3. Move along the course of illness."""
    health, trd = p.now[Now.HEALTH], trd_class(p)
    if health == Health.NEVER:
        u = 1.0 - uniform(p.key, m.cycle, Decision.ONSET)
        if happens(u, co.onset_hazard(p, p.fixed[Fixed.SEX], m.age, t.course)):
            odds = p.trait[Trait.SEVERITY]
            co.begin_episode(p, co.severity_at_onset(uniform(p.key, m.cycle, Decision.SEVERITY), odds, m.age, t.course))
            u = uniform(p.key, m.cycle, Decision.WORK_AT_ONSET)
            p.now[Now.WORK] = wk.work_at_onset(u, p.fixed[Fixed.SEX], age_band(m.age), t.work)
            p.now[Now.MONTHS_IN_WORK_STATE] = 0
            date_from_birth(p, m, t)
            m.page.events[trd, Event.ONSET] += 1
        return
    u, u_which = uniform(p.key, m.cycle, Decision.COURSE), uniform(p.key, m.cycle, Decision.COURSE_WHICH)
    if health == Health.RECOVERY:
        if happens(1.0 - u, co.recurrence_hazard(p, age_band(m.age), t.course)):
            odds = p.trait[Trait.SEVERITY]
            co.begin_episode(p, co.severity_at_onset(uniform(p.key, m.cycle, Decision.SEVERITY), odds, m.age, t.course))
            stop_because_ill_again(p, m)
            date_from_birth(p, m, t)
            m.page.events[trd, Event.RECURRENCE] += 1
        return
    if health == Health.REMISSION:
        if happens(1.0 - u, co.relapse_hazard(p, t.course)):
            outcome = co.RELAPSED
        elif p.now[Now.MONTHS_IN_STATE] >= t.course.recovery_months:
            co.recover(p)
            m.page.events[trd, Event.RECOVERY] += 1
            return
        else:
            return
    elif health == Health.RESPONSE:
        outcome = co.response_outcome(p, t.course, u)
    else:
        outcome = co.episode_outcome(p, t.course, u, u_which)
    if outcome == co.RELAPSED:
        p.now[Now.TRIED] &= ~tried_bit(p.now[Now.INDUCED_BY])
        co.relapse(p)
        stop_because_ill_again(p, m)
        m.page.events[trd, Event.RELAPSE] += 1
    elif outcome == co.TO_REMISSION:
        co.improve(p, Health.REMISSION)
        m.page.events[trd, Event.REMISSION] += 1
    elif outcome == co.TO_RESPONSE:
        co.improve(p, Health.RESPONSE)
        m.page.events[trd, Event.RESPONSE] += 1


@jit
def date_from_birth(p: Person, m: Month, t: Tables) -> None:
    """Note whether the episode that begins does so in the year after the woman gave birth."""
    share = t.programme.perinatal[age_band(m.age)] if p.fixed[Fixed.SEX] == 1 else 0.0
    p.now[Now.PERINATAL] = 1 if uniform(p.key, m.cycle, Decision.PERINATAL) < share else 0


@jit
def tried_bit(treatment: int) -> int:
    """Return the bit of `Now.TRIED` of a line-4 treatment, 0 for another."""
    return 1 << (treatment - Treatment.ESKETAMINE) if tr.is_line_4(treatment) else 0


@jit
def stop_because_ill_again(p: Person, m: Month) -> None:
    """A treatment under which illness returns has ended, after a response: no failed trial is counted."""
    if p.now[Now.TREATMENT] == Treatment.ESKETAMINE:
        m.page.events[trd_class(p), Event.ESKETAMINE_STOP] += 1
    tr.start(p, Treatment.NONE, False)


@jit
def book_visits(p: Person, m: Month, t: Tables) -> None:
    """Book the visits of a month in care, and the acts below and above the yearly cap."""
    care, column = p.now[Now.CARE], cr.phase_of_illness(p.now[Now.HEALTH])
    trd, payer = trd_class(p), payer_class(p)
    own = cr.rounded(t.care.visits[care, column], uniform(p.key, m.cycle, Decision.VISITS))
    gp = cr.rounded(t.care.gp_visits[care, column], uniform(p.key, m.cycle, Decision.GP_VISITS))
    acts = gp
    if care == Care.GP:
        gp += own
        acts = gp
    elif care == Care.PSYCHIATRIST:
        m.page.resources[trd, payer, Resource.PSYCHIATRIST_VISIT] += own
        acts += own
    elif care == Care.PSYCHOLOGIST:
        book_psychotherapy(p, own, trd, payer, t, m.page)
    else:
        m.page.resources[trd, payer, Resource.CMP_ACT] += own
    m.page.resources[trd, payer, Resource.GP_VISIT] += gp
    book_capped(p, Now.ACTS_THIS_YEAR, acts, int(t.use.caps[0]), Resource.ACT_BELOW_CAP, trd, payer, m.page)


@jit
def book_capped(
    p: Person, counter: int, amount: int, cap: int, resource: int, trd: int, payer: int, page: Page
) -> None:
    """Book an amount below (`resource`) and above (`resource` + 1) a person's yearly cap."""
    below = min(amount, max(0, cap - p.now[counter]))
    p.now[counter] += amount
    page.resources[trd, payer, resource] += below
    page.resources[trd, payer, resource + 1] += amount - below


@jit
def book_psychotherapy(p: Person, sessions: int, trd: int, payer: int, t: Tables, page: Page) -> None:
    """Book sessions: conventioned within the yearly limit and the rules of Mon soutien psy, else private or CMP.

    Mon soutien psy takes mild to moderate episodes with less than six months of antidepressant, and
    never established resistance. A salaried psychologist is paid by the post.
    """
    if p.now[Now.SALARIED] == 1:
        page.resources[trd, payer, Resource.PSYCHOLOGIST_SALARIED] += sessions
        return
    if p.now[Now.CARE] == Care.CMP or p.now[Now.CARE] == Care.EXPERT:
        page.resources[trd, payer, Resource.CMP_ACT] += sessions
        return
    late = tr.has_drug(p.now[Now.TREATMENT]) and p.now[Now.MONTHS_ON_TREATMENT] >= t.use.caps[5]
    listed = 0
    if p.now[Now.FAILED] < 2 and p.now[Now.SEVERITY] <= t.use.caps[6] and not late:
        listed = min(sessions, max(0, int(t.use.caps[2]) - p.now[Now.PSYCHOLOGIST_SESSIONS]))
    p.now[Now.PSYCHOLOGIST_SESSIONS] += listed
    page.resources[trd, payer, Resource.PSYCHOLOGIST_CONVENTIONED] += listed
    page.resources[trd, payer, Resource.PSYCHOLOGIST_PRIVATE] += sessions - listed


@jit
def book_treatment(p: Person, m: Month, t: Tables) -> None:
    """Book what a month of the present treatment consumes."""
    treatment = p.now[Now.TREATMENT]
    trd, payer = trd_class(p), payer_class(p)
    hospital = EPSM_OFFSET if p.fixed[Fixed.HOSPITAL] == Hospital.EPSM else 0
    if tr.has_drug(treatment):
        m.page.resources[trd, payer, Resource.ANTIDEPRESSANT_MONTH] += 2 if treatment == Treatment.COMBINATION else 1
        boxes = int(t.use.boxes[treatment])
        book_capped(p, Now.BOXES_THIS_YEAR, boxes, int(t.use.caps[1]), Resource.BOX_BELOW_CAP, trd, payer, m.page)
    drug = int(t.use.drug[treatment])
    if p.now[Now.PROGRAMMES] & Programme.RECOGNISED and tr.has_drug(treatment) and treatment != Treatment.LITHIUM:
        m.page.resources[trd, payer, Resource.LITHIUM_MONTH] += 1  # the mood stabiliser of a recognised disorder
    if drug >= 0:
        m.page.resources[trd, payer, drug] += 1
    if tr.is_third_line(treatment):
        m.page.events[trd, Event.NEW_CLAIMS_VISIBLE] += 1 if p.now[Now.MONTHS_SINCE_VISIBLE] >= VISIBLE else 0
        p.now[Now.MONTHS_SINCE_VISIBLE] = -1
    if uniform(p.key, m.cycle, Decision.ADVERSE) < t.use.adverse[treatment]:
        m.page.events[trd, Event.ADVERSE_SERIOUS] += 1
    if treatment == Treatment.ESKETAMINE:
        if p.now[Now.STABLE_MONTHS] >= 0:
            sessions = tr.esketamine_sessions(p.now[Now.MONTHS_ON_TREATMENT], t.treatment)
            devices = cr.rounded(sessions * t.use.devices, uniform(p.key, m.cycle, Decision.DEVICES))
            listed = t.use.listed[p.fixed[Fixed.HOSPITAL]] > 0.0
            device = Resource.ESKETAMINE_DEVICE_LISTED if listed else Resource.ESKETAMINE_DEVICE_HOSPITAL
            m.page.resources[trd, payer, Resource.ESKETAMINE_SESSION + hospital] += sessions
            m.page.resources[trd, payer, device + hospital] += devices
        return
    sessions = cr.rounded(t.use.sessions[treatment], uniform(p.key, m.cycle, Decision.PSYCHOTHERAPY))
    if sessions == 0:
        return
    if treatment == Treatment.KETAMINE_IV:
        m.page.resources[trd, payer, Resource.KETAMINE_SESSION + hospital] += sessions
    elif treatment == Treatment.RTMS:
        m.page.resources[trd, payer, Resource.RTMS_SESSION + hospital] += sessions
    elif treatment == Treatment.ECT or treatment == Treatment.CONTINUATION_ECT:
        m.page.resources[trd, payer, Resource.ECT_SESSION + hospital] += sessions
    else:
        book_psychotherapy(p, sessions, trd, payer, t, m.page)


@jit
def end_trial(p: Person, m: Month, t: Tables) -> None:
    """End the present treatment without response and book the failed trial and new resistance."""
    before, strict = p.now[Now.FAILED], p.now[Now.FAILED_ADEQUATE]
    trd = trd_class(p)
    if p.now[Now.TREATMENT] == Treatment.ESKETAMINE:
        m.page.events[trd, Event.ESKETAMINE_STOP] += 1
    if Treatment.ANTIDEPRESSANT <= p.now[Now.TREATMENT] <= Treatment.ARIPIPRAZOLE:
        m.page.events[trd, Event.ANTIDEPRESSANT_STOP_MONTH_1] += 1 if p.now[Now.MONTHS_ON_TREATMENT] == 0 else 0
        m.page.events[trd, Event.ANTIDEPRESSANT_STOP_BEFORE_6] += 1 if p.now[Now.MONTHS_ON_TREATMENT] < 6 else 0
    ended = tr.end_without_response(p, t.treatment)
    if ended == tr.NOT_COUNTED:
        return
    m.page.events[
        trd,
        Event.TRIAL_ENDED_ADEQUATE if ended == tr.ENDED_ADEQUATE else Event.TRIAL_ENDED_INADEQUATE,
    ] += 1
    if before < 2 <= p.now[Now.FAILED]:
        m.page.events[trd_class(p), Event.NEW_BROAD] += 1
    if strict < 2 <= p.now[Now.FAILED_ADEQUATE]:
        m.page.events[trd_class(p), Event.NEW_STRICT] += 1


@jit
def continue_ill(p: Person, m: Month, t: Tables) -> None:
    """A month on treatment without benefit: go on, stop, finish the course, or change."""
    treatment, months = p.now[Now.TREATMENT], p.now[Now.MONTHS_ON_TREATMENT]
    followed = p.now[Now.SESAME_MONTHS] > 0
    hazard = tr.stop_hazard(p, t.treatment) * p.trait[Trait.STOP]
    if followed:
        hazard *= t.care.sesame_effect[1]
    if treatment != Treatment.ESKETAMINE:
        hazard *= cr.relief_ratio(p, cr.TO_STOP, t.care)
    stops = happens(uniform(p.key, m.cycle, Decision.STOP), hazard)
    if treatment == Treatment.ESKETAMINE:
        # The week-8 hazard ratio counts stopping as failure: early stops end doses and costs, not the effect.
        if months == 0 and stops:
            p.now[Now.STABLE_MONTHS] = -1
        elif stops or p.now[Now.STABLE_MONTHS] < 0:
            end_trial(p, m, t)
            return
    elif stops:
        end_trial(p, m, t)
        if p.now[Now.HOSPITAL_DAYS] == 0 and uniform(p.key, m.cycle, Decision.LEAVE_CARE) < t.care.leave[0] * p.trait[
            Trait.LEAVE
        ] * cr.relief_ratio(p, cr.TO_LEAVE, t.care):
            p.now[Now.CARE] = Care.NONE
        return
    course = t.treatment.course[treatment]
    if course > 0.0 and months + 1 >= course:
        p.now[Now.MONTHS_ON_TREATMENT] += 1
        end_trial(p, m, t)
        return
    p.now[Now.MONTHS_ON_TREATMENT] += 1
    if course == 0.0 and p.now[Now.MONTHS_ON_TREATMENT] >= t.treatment.duration[treatment]:
        hazard = t.treatment.next_line[p.now[Now.CARE]]
        if followed:
            hazard *= t.care.sesame_effect[2]
        if cr.advised(p, t.care):
            hazard *= t.care.advice_ratio[1]
        if happens(uniform(p.key, m.cycle, Decision.NEXT_LINE), hazard):
            end_trial(p, m, t)


@jit
def continue_well(p: Person, m: Month, t: Tables) -> None:
    """A month on treatment with benefit: keep it, finish the course, step down or stop."""
    treatment = p.now[Now.TREATMENT]
    p.now[Now.MONTHS_ON_TREATMENT] += 1
    if treatment == Treatment.ESKETAMINE and p.now[Now.STABLE_MONTHS] < 0:
        m.page.events[trd_class(p), Event.ESKETAMINE_STOP] += 1
        tr.start(p, Treatment.MAINTENANCE, True)
        return
    p.now[Now.STABLE_MONTHS] += 1
    course = t.treatment.course[treatment]
    if course > 0.0 and p.now[Now.MONTHS_ON_TREATMENT] >= course:
        if treatment == Treatment.ECT and uniform(p.key, m.cycle, Decision.NEXT_LINE) < t.treatment.continuation_ect:
            tr.start(p, Treatment.CONTINUATION_ECT, True)
        elif tr.has_drug(treatment):
            tr.start(p, Treatment.MAINTENANCE, True)
        else:
            tr.start(p, Treatment.NONE, False)
        return
    hazard = tr.stop_hazard(p, t.treatment)
    if treatment != Treatment.ESKETAMINE:
        hazard *= p.trait[Trait.STOP] * cr.relief_ratio(p, cr.TO_STOP, t.care)
    if happens(uniform(p.key, m.cycle, Decision.STOP), hazard):
        m.page.events[trd_class(p), Event.MAINTENANCE_END] += 1
        if treatment == Treatment.ESKETAMINE:
            m.page.events[trd_class(p), Event.ESKETAMINE_STOP] += 1
            tr.start(p, Treatment.MAINTENANCE, True)
        else:
            tr.start(p, Treatment.NONE, False)


@jit
def begin_treatment(p: Person, m: Month, t: Tables) -> None:
    """Recognise an untreated episode in care and begin a treatment of the line reached."""
    screened = cr.takes_part(p, p.fixed[Fixed.REGION], t.care)
    retry = t.treatment.retry[min(p.now[Now.FAILED], 5)]
    if p.now[Now.SESAME_MONTHS] > 0:
        retry = min(1.0, retry * t.care.sesame_effect[2])
    if uniform(p.key, m.cycle, Decision.DETECTED) >= retry * cr.detection(p, m.age, screened, t.care):
        return
    line = min(p.now[Now.FAILED], 2) + 1
    prescriber = tele_expert(p, m, t)
    treatment = tr.choose(uniform(p.key, m.cycle, Decision.TREATMENT_CHOICE), line, prescriber, t.treatment)
    if tr.has_psychotherapy(treatment) and not finds_psychologist(p, m, treatment):
        treatment = tr.without_psychotherapy(treatment)
    adequate = t.treatment.adequate_dose[prescriber]
    odds_ratio = t.care.sesame_effect[0] if p.now[Now.SESAME_MONTHS] > 0 else 1.0
    if cr.advised(p, t.care):
        odds_ratio *= t.care.advice_ratio[0]
    if odds_ratio != 1.0:
        adequate = adequate * odds_ratio / (1.0 - adequate + adequate * odds_ratio)
    tr.start(p, treatment, uniform(p.key, m.cycle, Decision.DOSE) < adequate)
    trd = trd_class(p)
    if tr.has_drug(treatment) and p.now[Now.FAILED] == 0:
        m.page.events[trd, Event.ANTIDEPRESSANT_START] += 1
    if treatment == Treatment.GUIDED_SELF_HELP:
        m.page.resources[trd, payer_class(p), Resource.GUIDED_SELF_HELP_START] += 1


@jit
def tele_expert(p: Person, m: Month, t: Tables) -> int:
    """Return whose choice a new treatment follows: the prescriber's, or that of a specialist asked at a distance."""
    care: int = p.now[Now.CARE]
    if t.programme.tele[0] == 0.0 or p.now[Now.FAILED] == 0 or cr.is_specialist(care):
        return care
    if uniform(p.key, m.cycle, Decision.TELE_EXPERTISE) >= t.programme.tele[0]:
        return care
    m.page.resources[trd_class(p), payer_class(p), Resource.TELE_EXPERTISE] += 1
    return AS_A_SPECIALIST if uniform(p.key, m.cycle, Decision.OPINION_FOLLOWED) < t.programme.tele[1] else care


@jit
def finds_place(p: Person, m: Month, service: int, access: float, u: float) -> bool:
    """Tell whether a person eligible for a service is admitted, p = access × ration of the month; book it.

    Refused for lack of a place alone, the person waits, for one service at a time.
    """
    region, queue = p.fixed[Fixed.REGION], tr.queue_of(p, service)
    admitted = access * m.rations.share[queue, region]
    m.places.expected[queue] += admitted
    m.demand.expected[queue, region] += admitted
    if u >= access:
        return False
    if u >= admitted:
        m.places.capacity[queue, Capacity.REFUSED] += 1
        if p.now[Now.WAITING_FOR] == 0:
            p.now[Now.WAITING_FOR] = service + 1
            p.now[Now.MONTHS_WAITING] = 0
        return False
    m.places.capacity[queue, Capacity.ADMITTED] += 1
    m.demand.admitted[queue, region] += 1
    if p.now[Now.WAITING_FOR] == service + 1:
        m.places.capacity[queue, Capacity.MONTHS_WAITED] += p.now[Now.MONTHS_WAITING]
        p.now[Now.WAITING_FOR] = 0
    return True


@jit
def finds_psychologist(p: Person, m: Month, treatment: int) -> bool:
    """Tell whether a psychotherapy just chosen finds a place; without one another treatment begins at once."""
    count_eligible(p, m, Service.PSYCHOLOGIST, 3 if tr.has_drug(treatment) else 2)
    if finds_place(p, m, Service.PSYCHOLOGIST, 1.0, uniform(p.key, m.cycle, Decision.PSYCHOTHERAPY_PLACE)):
        return True
    m.places.capacity[Service.PSYCHOLOGIST, Capacity.GAVE_UP] += 1
    if p.now[Now.WAITING_FOR] == Service.PSYCHOLOGIST + 1:
        p.now[Now.WAITING_FOR] = 0
    return False


@jit
def offer_psychologist(p: Person, m: Month, t: Tables) -> None:
    """Let a GP's patient go to the salaried psychologist of the health centre, else to Mon soutien psy."""
    if t.care.health_centre > 0.0 and cr.eligible_psychologist(p, Service.HEALTH_CENTRE, t.use):
        u = uniform(p.key, m.cycle, Decision.HEALTH_CENTRE)
        if finds_place(p, m, Service.HEALTH_CENTRE, t.care.health_centre, u):
            tr.add_psychotherapy(p)
            p.now[Now.SALARIED] = 1
            return
    if t.care.psychologist > 0.0 and cr.eligible_psychologist(p, Service.PSYCHOLOGIST, t.use):
        u = uniform(p.key, m.cycle, Decision.PSYCHOLOGIST)
        if finds_place(p, m, Service.PSYCHOLOGIST, t.care.psychologist, u):
            tr.add_psychotherapy(p)


@jit
def offer_line_4(p: Person, m: Month, t: Tables) -> None:
    """Admit to a specialised treatment where a place is free."""
    for service in range(tr.N_LINE_4):
        if not tr.eligible_line_4(p, service, m.age, t.treatment):
            continue
        access = t.treatment.access[service, p.fixed[Fixed.REGION], p.fixed[Fixed.HOSPITAL]]
        if not finds_place(p, m, service, access, uniform(p.key, m.cycle, Decision.SERVICE_ESKETAMINE + service)):
            continue
        p.now[Now.WAITING_FOR] = 0
        if p.now[Now.TREATMENT] != Treatment.NONE:
            end_trial(p, m, t)
        tr.start(p, Treatment.ESKETAMINE + service, True)
        p.now[Now.TRIED] |= 1 << service
        trd = trd_class(p)
        if service == Service.ESKETAMINE:
            m.page.events[trd, Event.ESKETAMINE_START] += 1
        else:
            m.page.events[trd, Event.KETAMINE_START + service - 1] += 1
        book_equity(m.page, p, age_band(m.age), Outcome.SPECIALISED_STARTS, 1)


@jit
def follow_up(p: Person, m: Month, t: Tables) -> None:
    """SÉSAME: enter the nurse's caseload where a place is free, be followed, leave."""
    trd, payer = trd_class(p), payer_class(p)
    if p.now[Now.SESAME_MONTHS] > 0:
        light = p.now[Now.SEVERITY] == Health.MILD
        m.page.resources[trd, payer, Resource.SESAME_LIGHT_MONTH if light else Resource.SESAME_CLASSIC_MONTH] += 1
        besides = cr.rounded(t.use.anxiety_months, uniform(p.key, m.cycle, Decision.ANXIETY_MONTHS))
        m.page.resources[trd, payer, Resource.SESAME_ANXIETY_MONTH] += besides
        leaves = t.care.sesame_exit[0 if in_episode(p.now[Now.HEALTH]) else 1]
        left = cr.is_specialist(p.now[Now.CARE]) or p.now[Now.SESAME_MONTHS] >= t.care.sesame_limit
        if left or happens(uniform(p.key, m.cycle, Decision.SESAME_EXIT), leaves):
            p.now[Now.SESAME_MONTHS] = 0
            p.now[Now.MONTHS_SINCE_SESAME] = -1
        else:
            p.now[Now.SESAME_MONTHS] += 1
        return
    if not cr.eligible_sesame(p, p.fixed[Fixed.REGION], t.care):
        return
    access = t.care.sesame_access[p.now[Now.HEALTH] - 1]
    if not finds_place(p, m, Service.SESAME, access, uniform(p.key, m.cycle, Decision.SESAME)):
        return
    p.now[Now.SESAME_MONTHS] = 1
    m.page.events[trd, Event.SESAME_START] += 1
    m.page.resources[trd, payer, Resource.SESAME_START] += 1


@jit
def hospital_month(p: Person, m: Month, t: Tables) -> int:
    """Spend a month's days of a full-time stay; return them."""
    days = min(30, p.now[Now.HOSPITAL_DAYS])
    free_from = int(t.use.caps[4])
    early = min(days, max(0, free_from - p.now[Now.STAY_DAYS]))
    trd, payer = trd_class(p), payer_class(p)
    resource = Resource.EPSM_DAY_TO_30 + 2 * p.fixed[Fixed.HOSPITAL]
    m.page.resources[trd, payer, resource] += early
    m.page.resources[trd, payer, resource + 1] += days - early
    if p.now[Now.HOSPITAL_YEAR] != m.year + 1:
        p.now[Now.HOSPITAL_YEAR] = m.year + 1
        m.page.events[trd, Event.HOSPITAL_PERSON_YEAR] += 1
    p.now[Now.STAY_DAYS] += days
    p.now[Now.HOSPITAL_DAYS] -= days
    return days


@jit
def ask_advice(p: Person, m: Month, t: Tables) -> None:
    """Shared care: a psychiatrist sees the GP's patient once, soon, and advises the GP or takes over."""
    access = t.care.advice[min(p.now[Now.FAILED], 3), p.fixed[Fixed.REGION]]
    u = uniform(p.key, m.cycle, Decision.ADVICE)
    if u >= access or p.now[Now.TREATMENT] == Treatment.NONE or cr.advised(p, t.care):
        return
    p.now[Now.MONTHS_SINCE_ADVICE] = -1
    p.now[Now.SPECIALIST_SEEN] = 1
    trd = trd_class(p)
    m.page.resources[trd, payer_class(p), Resource.SPECIALIST_ADVICE] += 1
    if u < access * t.care.advice_refer:
        private = uniform(p.key, m.cycle, Decision.SETTING) < t.care.refer_private
        p.now[Now.CARE] = Care.PSYCHIATRIST if private else Care.CMP
        m.page.events[trd, Event.REFERRAL] += 1


@jit
def change_setting(p: Person, m: Month, t: Tables) -> None:
    """Seek care, be referred, reach an expert centre, return to the GP, leave care."""
    health, care = p.now[Now.HEALTH], p.now[Now.CARE]
    if in_episode(health):
        if care == Care.NONE:
            if happens(uniform(p.key, m.cycle, Decision.SEEK), cr.seek_hazard(p, m.age, t.care)):
                p.now[Now.CARE] = cr.first_setting(uniform(p.key, m.cycle, Decision.SETTING), t.care)
                m.page.events[trd_class(p), Event.CARE_START] += 1
        elif not cr.is_specialist(care):
            u = uniform(p.key, m.cycle, Decision.REFER)
            if happens(u, cr.referral_hazard(p, t.care)):
                private = uniform(p.key, m.cycle, Decision.SETTING) < t.care.refer_private
                p.now[Now.CARE] = Care.PSYCHIATRIST if private else Care.CMP
                p.now[Now.SPECIALIST_SEEN] = 1
                p.now[Now.REFERRED_EARLY] = 0 if happens(u, cr.usual_referral_hazard(p, t.care)) else 1
                trd, payer = trd_class(p), payer_class(p)
                m.page.events[trd, Event.REFERRAL] += 1
                m.page.resources[trd, payer, Resource.SPECIALIST_ADVICE] += 1
            elif care == Care.GP:
                ask_advice(p, m, t)
        elif cr.eligible_expert(p):
            access = t.care.expert[p.fixed[Fixed.REGION]]
            if finds_place(p, m, Service.EXPERT_ASSESSMENT, access, uniform(p.key, m.cycle, Decision.EXPERT)):
                p.now[Now.CARE] = Care.EXPERT
                m.page.resources[trd_class(p), payer_class(p), Resource.EXPERT_ASSESSMENT] += 1
    elif health == Health.RECOVERY and care != Care.NONE:
        if p.now[Now.TREATMENT] == Treatment.NONE and p.now[Now.HOSPITAL_DAYS] == 0:
            if happens(uniform(p.key, m.cycle, Decision.LEAVE_CARE), t.care.leave[1]):
                p.now[Now.CARE] = Care.NONE
                return
        if cr.is_specialist(care) and happens(uniform(p.key, m.cycle, Decision.EXPERT_RETURN), t.care.come_back_to_gp):
            p.now[Now.CARE] = Care.GP


@jit(forceinline=False)  # inlined with all it calls, the whole loop takes two thirds more time
def care_month(p: Person, m: Month, t: Tables) -> None:
    """Step 4. Care: what this month consumed, what goes on, what begins."""
    ill = in_episode(p.now[Now.HEALTH])
    treatment = p.now[Now.TREATMENT]
    if treatment != Treatment.NONE:
        book_treatment(p, m, t)
        if ill:
            continue_ill(p, m, t)
        else:
            continue_well(p, m, t)
    if p.now[Now.CARE] != Care.NONE:
        book_visits(p, m, t)
    change_setting(p, m, t)
    days = 0
    if p.now[Now.HOSPITAL_DAYS] > 0:
        days = hospital_month(p, m, t)
    elif p.now[Now.CARE] != Care.NONE and p.now[Now.HEALTH] != Health.RECOVERY:
        if happens(uniform(p.key, m.cycle, Decision.ADMISSION), cr.admission_hazard(p, t.care)):
            admit(p, m, t)
            days = hospital_month(p, m, t)
    p.now[Now.DAYS_THIS_MONTH] = days
    if days > 0:
        book_equity(m.page, p, age_band(m.age), Outcome.HOSPITAL_DAYS, days)
    if p.now[Now.SESAME_MONTHS] > 0 or p.now[Now.CARE] == Care.GP:
        follow_up(p, m, t)
    if ill:
        if p.now[Now.FAILED] >= 2:
            offer_line_4(p, m, t)
        if p.now[Now.CARE] != Care.NONE and p.now[Now.TREATMENT] == Treatment.NONE:
            begin_treatment(p, m, t)
        if p.now[Now.CARE] == Care.GP:
            offer_psychologist(p, m, t)
        if p.fixed[Fixed.CAREGIVER] == 1:
            m.page.resources[trd_class(p), payer_class(p), Resource.CARER_MONTH] += 1
            if p.now[Now.CARER_SUPPORT_LEFT] > 0:
                m.page.resources[trd_class(p), payer_class(p), Resource.CARER_SUPPORTED_MONTH] += 1
    if t.programme.enrols > 0.0:
        pr.enter_programmes(p, m.cycle, trd_class(p), payer_class(p), m.page, t.programme)


@jit
def work_month(p: Person, m: Month, t: Tables) -> None:
    """Step 5. Work, sick leave and its days, disability, ALD."""
    trd, payer = trd_class(p), payer_class(p)
    if p.now[Now.WORK] == Work.SICK_LEAVE:
        waiting = min(30, int(t.use.caps[3])) if p.now[Now.MONTHS_IN_WORK_STATE] == 0 else 0
        m.page.resources[trd, payer, Resource.SICK_DAY_WAITING] += waiting
        m.page.resources[trd, payer, Resource.SICK_DAY_PAID] += 30 - waiting
    elif p.now[Now.WORK] == Work.DISABILITY:
        m.page.resources[trd, payer, Resource.DISABILITY_MONTH] += 1
    u, u_which = uniform(p.key, m.cycle, Decision.WORK), uniform(p.key, m.cycle, Decision.WORK_WHICH)
    state = wk.next_work(p, m.age, t.work, u, u_which)
    if state != wk.UNCHANGED:
        if state == Work.SICK_LEAVE:
            m.page.events[trd, Event.LEAVE_START] += 1
        elif state == Work.DISABILITY:
            m.page.events[trd, Event.DISABILITY_START] += 1
        elif state == Work.UNEMPLOYED and p.now[Now.WORK] != Work.STUDENT:
            m.page.events[trd, Event.JOB_LOST] += 1
        p.now[Now.WORK] = state
        p.now[Now.MONTHS_IN_WORK_STATE] = -1
    in_care = p.now[Now.CARE] != Care.NONE
    if p.now[Now.ALD] == 0 and not (in_care and in_episode(p.now[Now.HEALTH])):
        return
    u, u_term = uniform(p.key, m.cycle, Decision.ALD), uniform(p.key, m.cycle, Decision.ALD_TERM)
    before = p.now[Now.ALD]
    u_appeal = uniform(p.key, m.cycle, Decision.ALD_APPEAL) if before == Ald.REQUESTED else 1.0
    status = wk.ald_step(p, in_care, t.ald, u, u_term, u_appeal)
    if status == wk.UNCHANGED:
        return
    if status == Ald.REQUESTED or status == Ald.APPEAL:
        m.page.resources[trd, payer, Resource.ALD_HANDLING] += 1
    if status == Ald.REQUESTED:
        m.page.events[trd, Event.ALD_REQUEST] += 1
    elif status == Ald.GRANTED:
        m.page.events[trd, Event.ALD_GRANT] += 1
    elif before != Ald.GRANTED:
        m.page.events[trd, Event.ALD_REFUSAL] += 1
    if status == Ald.APPEAL:
        m.page.events[trd, Event.ALD_APPEAL] += 1
    p.now[Now.ALD] = status


@jit
def count_eligible(p: Person, m: Month, service: int, column: int) -> None:
    """Count a person whom a service may admit next month."""
    queue = tr.queue_of(p, service)
    m.demand.eligible[queue, p.fixed[Fixed.REGION], column] += 1
    m.places.capacity[queue, Capacity.ELIGIBLE] += 1


@jit
def count_held(p: Person, m: Month, service: int, places: int, later: int, hazard: float) -> None:
    """Count the places a person holds next month, and those left to who is admitted then, given a hazard of leaving.

    Whoever is admitted in a month holds a place from the month after.
    """
    queue = tr.queue_of(p, service)
    m.places.capacity[queue, Capacity.HELD] += places
    if later > 0 and not happens(uniform(p.key, m.cycle, Decision.KEEP_PLACE), hazard):
        m.places.capacity[queue, Capacity.KEPT] += later
        m.demand.kept[queue, p.fixed[Fixed.REGION]] += later


@jit
def count_treatment(p: Person, m: Month, t: Tables) -> None:
    """Count the sessions that the present treatment will take."""
    treatment, months = p.now[Now.TREATMENT], p.now[Now.MONTHS_ON_TREATMENT]
    hazard = tr.stop_hazard(p, t.treatment)
    ill = in_episode(p.now[Now.HEALTH])
    if treatment == Treatment.ESKETAMINE:
        if p.now[Now.STABLE_MONTHS] >= 0:
            now, later = tr.esketamine_sessions(months, t.treatment), tr.esketamine_sessions(months + 1, t.treatment)
            count_held(p, m, Service.ESKETAMINE, now, later, hazard * p.trait[Trait.STOP] if ill else hazard)
        return
    sessions = cr.rounded(t.use.sessions[treatment], uniform(p.key, m.cycle, Decision.PSYCHOTHERAPY))
    course = t.treatment.course[treatment]
    later = 0 if course > 0.0 and months + 1 >= course else sessions
    if tr.has_psychotherapy(treatment):
        service = Service.HEALTH_CENTRE if p.now[Now.SALARIED] == 1 else Service.PSYCHOLOGIST
    elif treatment == Treatment.CONTINUATION_ECT:
        service = Service.ECT
    else:
        service = treatment - Treatment.ESKETAMINE
    count_held(p, m, service, sessions, later, hazard * p.trait[Trait.STOP])


@jit
def count_places(p: Person, m: Month, t: Tables) -> None:
    """Step 6, places. Count who is eligible next month and what those in treatment will hold."""
    if p.now[Now.WAITING_FOR] > 0:
        wait(p, m, t)
    treatment, care, ill = p.now[Now.TREATMENT], p.now[Now.CARE], in_episode(p.now[Now.HEALTH])
    if ill and p.now[Now.FAILED] >= 2:
        for service in range(tr.N_LINE_4):
            if tr.eligible_line_4(p, service, m.age, t.treatment):
                count_eligible(p, m, service, p.fixed[Fixed.HOSPITAL])
        if cr.eligible_expert(p):
            count_eligible(p, m, Service.EXPERT_ASSESSMENT, 0)
    if tr.is_line_4(treatment) or treatment == Treatment.CONTINUATION_ECT or tr.has_psychotherapy(treatment):
        count_treatment(p, m, t)
    if p.now[Now.SESAME_MONTHS] > 0:
        count_held(p, m, Service.SESAME, 1, 1, t.care.sesame_exit[0 if ill else 1])
    elif ill and care == Care.GP:
        if cr.eligible_sesame(p, p.fixed[Fixed.REGION], t.care):
            count_eligible(p, m, Service.SESAME, p.now[Now.HEALTH] - 1)
        drug = 1 if tr.has_drug(treatment) else 0
        if t.care.health_centre > 0.0 and cr.eligible_psychologist(p, Service.HEALTH_CENTRE, t.use):
            count_eligible(p, m, Service.HEALTH_CENTRE, drug)
        if t.care.psychologist > 0.0 and cr.eligible_psychologist(p, Service.PSYCHOLOGIST, t.use):
            count_eligible(p, m, Service.PSYCHOLOGIST, drug)


@jit
def wait(p: Person, m: Month, t: Tables) -> None:
    """Go on waiting for a place, lose the need of it, or give up for the rest of this course."""
    service = p.now[Now.WAITING_FOR] - 1
    queue = tr.queue_of(p, service)
    p.now[Now.MONTHS_WAITING] += 1
    if not may_enter(p, m, service, t):
        p.now[Now.WAITING_FOR] = 0
    elif happens(uniform(p.key, m.cycle, Decision.GIVE_UP), t.use.give_up):
        p.now[Now.TRIED] |= 1 << service
        m.places.capacity[queue, Capacity.GAVE_UP] += 1
        p.now[Now.WAITING_FOR] = 0
    else:
        m.places.capacity[queue, Capacity.WAITING] += 1


@jit
def may_enter(p: Person, m: Month, service: int, t: Tables) -> bool:
    """Tell whether a service may still admit the person."""
    if service < tr.N_LINE_4:
        return tr.eligible_line_4(p, service, m.age, t.treatment)
    if service == Service.SESAME:
        return cr.eligible_sesame(p, p.fixed[Fixed.REGION], t.care)
    if service == Service.EXPERT_ASSESSMENT:
        return cr.eligible_expert(p)
    return cr.eligible_psychologist(p, service, t.use)


@jit
def live_month(p: Person, m: Month, t: Tables) -> None:
    """Live one month, in the order of model.md, section 3."""
    if m.cycle % 12 == 0:
        new_year(p)
    # 1 age and death from other causes
    hazard = t.mortality.other[p.fixed[Fixed.SEX], m.age]
    if p.now[Now.HEALTH] != Health.NEVER:
        hazard *= p.trait[Trait.MORTALITY]
    if happens(uniform(p.key, m.cycle, Decision.DEATH), hazard):
        m.page.events[trd_class(p), Event.DEATH_OTHER] += 1
        p.now[Now.HEALTH] = Health.DEAD_OTHER
        return
    # 2 suicidality
    suicidality(p, m, t)
    if p.now[Now.HEALTH] == Health.DEAD_SUICIDE:
        return
    # 3 clinical transition
    clinical_transition(p, m, t)
    if p.now[Now.HEALTH] != Health.NEVER:
        # 4 care
        care_month(p, m, t)
        # 5 work and ALD
        work_month(p, m, t)
    # 6 count
    if in_episode(p.now[Now.HEALTH]):
        m.page.events[trd_class(p), Event.EPISODE_MONTH] += 1
    count_places(p, m, t)
    pass_time(p, 1)
