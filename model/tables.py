"""How parameters reach the kernel: one record a subject, rebuilt for each phase of the calendar.

A phase is a stretch of months over which every parameter keeps its value. A record is passed to compiled
code as a single pointer, so a rule reads `table.relapse[1]` at the cost of a load.
"""

from typing import Any, NamedTuple

import numpy as np

from model.states import Care, Fixed, Health, Hospital, Now, Resource, Service, Trait, Treatment, Work

Table = Any  # a record of one of the types below; its fields are float64 arrays or numbers
Person = Any  # a record of type PERSON
N_SEX, N_AGE, N_BAND, N_REGION, N_SEVERITY = 2, 111, 8, 18, 3
N_HEALTH, N_TREATMENT, N_CARE, N_WORK = len(Health), len(Treatment), len(Care), len(Work)
N_SERVICE, N_HOSPITAL, N_RESOURCE, N_QUANTILE = len(Service), len(Hospital), len(Resource), 40


def table_type(**fields: tuple[int, ...] | int) -> np.dtype[np.void]:
    """Return a record type whose fields are float64 arrays of these shapes (an int: a vector; 0: a number)."""
    return np.dtype(
        (
            np.record,
            np.dtype([(k, np.float64, s) if s else (k, np.float64) for k, s in fields.items()], align=True),
        )
    )


PERSON = np.dtype(
    (
        np.record,
        np.dtype(
            [
                ("now", np.int32, len(Now)),  # what changes, by `Now`
                ("fixed", np.int32, len(Fixed)),  # what does not, by `Fixed`
                ("trait", np.float64, len(Trait)),  # multipliers, by `Trait`
                ("key", np.uint64),  # where the person's luck begins
            ],
            align=True,
        ),
    )
)

COURSE = table_type(
    onset=(N_SEX, N_AGE),  # hazard of a first episode, by sex and completed year of age, per month
    remission=N_SEVERITY,  # natural hazard of full remission, per month
    late_remission=0,  # hazard of remission that frailty does not scale: late recoveries, per month
    duration_ratio=5,  # structural alternative, 1 in the base: months 0-2, 3-5, 6-11, 12-23, 24+ of the episode
    failed_ratio=6,  # structural alternative, 1 in the base: 0 … 5 failed treatments
    episode_ratio=10,  # structural alternative on recurrence, 1 in the base: 0 … 9 episodes
    response_ratio=0,  # hazard of response short of remission, over that of remission
    completion_ratio=0,  # hazard of remission from response, over that from the episode
    relapse=2,  # hazard of relapse from response, from remission, untreated, per month
    recurrence=N_BAND,  # hazard of recurrence once recovered, untreated, by age band, per month
    severity_odds=2,  # odds of moderate over mild, of severe over moderate, at the start of an episode
    forties_odds=0,  # odds ratio of a severe episode at 40-49
    recovery_months=0,  # months of remission that make a recovery
    acute_ratio=N_TREATMENT,  # remission hazard under treatment over untreated
    acute_months=N_TREATMENT,  # months over which that ratio was observed
    later_ratio=N_TREATMENT,  # remission hazard under treatment over untreated once they have passed
    acute_lag=N_TREATMENT,  # share of that effect reached in the first month
    inadequate_share=0,  # share of the effect kept at an inadequate dose
    relapse_ratio=N_TREATMENT,  # relapse hazard on treatment over untreated
    induced_ratio=(N_TREATMENT, 3),  # relapse ratio by what brought the benefit: months 0-2, 3-5, 6+
    stable_ratio=(N_TREATMENT, 2),  # further relapse ratio once stable: in response, in remission
    stable_months=0,  # months of unbroken benefit that make it stable
    sesame=3,  # follow-up by a nurse: remission ratio, relapse ratio, months of carry-over
    recognised_response=0,  # treatment response of a person whose bipolar disorder has been recognised
    integrated_ratio=3,  # on remission in joint care, for each of anxiety, substance use, somatic illness
    rehabilitation_ratio=0,  # on relapse while rehabilitation acts
)

TREATMENT = table_type(
    choice=(3, N_CARE, N_TREATMENT),  # cumulated shares of the treatment begun, by line and kind of care
    adequate_dose=N_CARE,  # probability that the dose is adequate
    duration=N_TREATMENT,  # months that make a trial adequate
    course=N_TREATMENT,  # months after which a fixed course is over; 0: none
    is_trial=N_TREATMENT,  # 1 if its end without response counts as a failed treatment
    stop_ill=(N_TREATMENT, 3),  # hazard of stopping while ill: month 0, months 1-5, later, per month
    stop_well=(N_TREATMENT, 3),  # hazard of stopping with benefit: response, remission, recovery, per month
    retry=6,  # probability a month of a new treatment in care, untreated: 0 … 5 failures so far
    next_line=N_CARE,  # hazard of changing after an adequate duration without response, per month
    access=(N_SERVICE, N_REGION, N_HOSPITAL),  # probability a month that an eligible person is offered line 4
    esketamine_age=0,  # age from which esketamine is not indicated, years
    esketamine_sessions=3,  # sessions in month 0, month 1, later
    continuation_ect=0,  # probability of continuation ECT after ECT worked
)

CARE = table_type(
    seek=N_SEVERITY,  # hazard of seeking care in an episode, per month
    seek_again_ratio=0,  # ratio on seeking once a treatment has failed in this course
    setting=N_CARE,  # cumulated shares of the first setting
    detected=N_SEVERITY,  # probability a month that a GP recognises the episode
    refer=4,  # hazard of referral from GP or psychologist to a specialist: 0 … 3 failures, per month
    refer_private=0,  # share of referrals to a private psychiatrist (the rest: CMP)
    expert=N_REGION,  # probability a month of an expert centre's assessment, broad TRD followed by a specialist
    psychologist=0,  # probability a month that a GP's patient is sent to a psychologist (Mon soutien psy)
    health_centre=0,  # the same, to a salaried psychologist of a health centre
    advice=(4, N_REGION),  # probability a month of a psychiatrist's rapid opinion to the GP: 0 … 3 failures
    advice_months=0,  # months over which that opinion bears on treatment
    advice_ratio=2,  # meanwhile: odds ratio of an adequate dose, ratio on changing what does not work
    advice_refer=0,  # probability that the opinion ends in referral
    leave=2,  # probability of leaving care on stopping while ill; hazard of leaving once recovered
    come_back_to_gp=0,  # hazard of return from specialist to GP once recovered, per month
    admission=N_SEVERITY,  # hazard of full-time admission in an episode, in specialist care, per month
    admission_ratio=4,  # ratios: no specialist, broad TRD, attempt within 3 months, response or remission
    stay=N_QUANTILE,  # quantiles of the length of stay, days
    visits=(N_CARE, 3),  # visits a month to the own setting: ill, response or remission, recovery
    gp_visits=(N_CARE, 3),  # visits a month to the GP besides, same columns
    participation=N_REGION,  # share of GPs who work with a SÉSAME nurse
    sesame_access=N_SEVERITY,  # probability a month that an eligible patient enters follow-up
    sesame_exit=2,  # hazard of leaving follow-up: ill, with benefit, per month
    sesame_limit=0,  # longest follow-up, months
    sesame_effect=4,  # while followed: odds ratio of an adequate dose; ratios on stopping, next line, referral
    sesame_detection=0,  # ratio on GP detection where the GP takes part (screening)
    young_age=0,  # age below which the next ratios hold, years
    young_ratio=2,  # among the young, on GP detection, on seeking care
    perinatal_ratio=2,  # in the year of an episode begun after a birth, on GP detection, on seeking care
    refer_added=4,  # hazard of referral that programmes add, same columns as `refer`, per month
    refer_region_ratio=N_REGION,  # on referral, where psychiatrists become more or gaps between regions close
    early_admission_ratio=0,  # on admission of people referred only because of a programme
    integrated_admission_ratio=0,  # on admission in joint care of comorbidity
    relief_ratio=3,  # in ALD without complementary cover: on seeking, on leaving care, on stopping
)

SUICIDE = table_type(
    rate=(N_SEX, N_BAND),  # reference hazard of an act, per month
    state_ratio=N_HEALTH,  # ratio by state of illness
    window_ratio=12,  # ratio by months since the last attempt
    past_ratio=0,  # ratio once that window has passed, any past attempt
    trd_ratio=0,  # ratio for broad treatment resistance
    lithium_ratio=0,  # ratio while lithium is taken; structural alternative, 1 in the base
    lethality=(N_SEX, N_BAND),  # probability that the act is a death
    contact=2,  # after a survived act: probability of entering care, of psychiatric admission
    recontact=2,  # VigilanS beyond today: share of survived acts, months over which it acts
    reattempt_ratio=0,  # on the non-fatal acts of those it recontacts
)

WORK = table_type(
    leave=N_HEALTH,  # hazard of sick leave for a person at work, per month
    come_back=N_HEALTH,  # hazard of return to work from sick leave, per month
    lose_job=N_HEALTH,  # hazard of losing work, at work or on leave, per month
    find_job=N_HEALTH,  # hazard of finding work, per month
    disability=0,  # hazard of a disability pension after a year of leave while ill, per month
    leave_limit=2,  # longest leave in months; share then on disability
    ages=2,  # age at which study ends, age of retirement, years
    study_ends_at_work=0,  # share at work when study ends
    at_onset=(N_SEX, N_BAND, N_WORK),  # cumulated shares of work states at a first episode
    rehabilitation_ratio=2,  # while rehabilitation acts, on finding work, on coming back from leave
)

ALD = table_type(
    episodes=0,  # episodes, two months apart, that open the right
    persistence=0,  # months in a severe episode that open the right
    request=0,  # probability of a request for an eligible person in care, a month
    delay=0,  # months from request to decision
    grant=0,  # probability that a request is granted
    term=2,  # shortest and longest term granted, months
    renewal=0,  # probability of renewal at the end of the term, in care
    appeal=2,  # probability that a refusal is contested, that the appeal succeeds
)

USE = table_type(
    drug=N_TREATMENT,  # resource of the drug besides the antidepressant, -1: none
    boxes=N_TREATMENT,  # boxes of drugs a month
    sessions=N_TREATMENT,  # psychotherapy, IV ketamine, rTMS or ECT sessions a month
    devices=0,  # 28 mg devices of esketamine a session
    listed=N_HOSPITAL,  # 1 where devices are invoiced to the Assurance maladie (liste en sus)
    adverse=N_TREATMENT,  # probability a month of a serious adverse event
    # A year: acts, boxes, conventioned sessions; waiting days of a leave; days of a stay bearing the ticket
    # modérateur; months of antidepressant after which Mon soutien psy no longer takes the person, and the
    # worst severity it takes.
    caps=7,
    give_up=0,  # hazard of giving up a wait, per month
    anxiety_months=0,  # nurse's months spent on anxiety alone for each month spent on depression
)

PROGRAMME = table_type(
    enrols=0,  # 1 if any of the programmes below takes people in, 0 if none does
    screen=0,  # probability a month of screening for bipolar disorder, in care after a failure, once
    accuracy=2,  # of the screening: sensitivity, specificity
    integrated=2,  # joint care of comorbidity: probability a month of entering it, months it lasts
    rehabilitation=2,  # probability a month of entering it, months over which it acts
    carers=2,  # programme of caregivers: probability a month of entering it, months over which it acts
    relay=N_SEVERITY,  # probability a month of a relay after a call, in an episode
    relay_care=0,  # probability that a relayed person without care enters it
    tele=2,  # tele-expertise: share of new treatments after a failure in primary care; share followed
    perinatal=N_BAND,  # probability that a woman's episode begins in the year after a birth, by age band
)

MORTALITY = table_type(other=(N_SEX, N_AGE))  # hazard of death from other causes than suicide, per month


class Tables(NamedTuple):
    """Everything the rules read. In Python: record arrays (phase,); in the kernel: the records of one phase."""

    course: Table
    treatment: Table
    care: Table
    suicide: Table
    work: Table
    ald: Table
    use: Table
    mortality: Table
    programme: Table


TYPES = Tables(COURSE, TREATMENT, CARE, SUICIDE, WORK, ALD, USE, MORTALITY, PROGRAMME)
