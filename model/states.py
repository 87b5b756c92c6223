"""The vocabulary of the model: every code that an array can hold, in one place.

Append only: a code already given never changes its number, because people, ledgers, diaries and
stored cells are written with it. The kernel reads the codes as plain integers (an IntEnum does not
unify with an int in compiled code).
"""

from enum import IntEnum


class Health(IntEnum):
    """Course of illness after Frank et al. 1991 (Arch Gen Psychiatry 48:851)."""

    NEVER = 0
    MILD = 1  # episode, MADRS below 20
    MODERATE = 2  # episode, MADRS 20 to 27
    SEVERE = 3  # episode, MADRS 28 and above
    RESPONSE = 4  # at least half better, not remitted
    REMISSION = 5  # well for less than six months
    RECOVERY = 6
    DEAD_SUICIDE = 7
    DEAD_OTHER = 8


class Treatment(IntEnum):
    """What a person receives against depression this month."""

    NONE = 0
    WATCHFUL_WAITING = 1
    GUIDED_SELF_HELP = 2
    CBT = 3
    ANTIDEPRESSANT = 4
    ANTIDEPRESSANT_CBT = 5
    SWITCH = 6
    SWITCH_CBT = 7
    COMBINATION = 8
    BUPROPION = 9
    LITHIUM = 10
    QUETIAPINE = 11
    ARIPIPRAZOLE = 12
    ESKETAMINE = 13
    KETAMINE_IV = 14
    RTMS = 15
    ECT = 16
    MAINTENANCE = 17  # an antidepressant continued after it worked
    CONTINUATION_ECT = 18


class Care(IntEnum):
    """Who follows the person. Levels: GP to PSYCHOLOGIST 1, CMP 2, EXPERT 3."""

    NONE = 0
    GP = 1
    PSYCHIATRIST = 2  # private practice
    PSYCHOLOGIST = 3
    CMP = 4  # public ambulatory care, mobile team, day hospital
    EXPERT = 5  # expert centre, university hospital


class Hospital(IntEnum):
    """Where a full-time psychiatric stay takes place (the person's catchment)."""

    EPSM = 0  # public hospital that does psychiatry only
    GENERAL = 1  # psychiatry of a general or university hospital
    CLINIC = 2  # private clinic


class Work(IntEnum):
    AT_WORK = 0
    SICK_LEAVE = 1
    UNEMPLOYED = 2  # or inactive, of working age
    DISABILITY = 3
    STUDENT = 4
    RETIRED = 5


class Ald(IntEnum):
    """Long-term illness scheme (affection de longue durée, ALD 23)."""

    NONE = 0
    REQUESTED = 1
    GRANTED = 2
    APPEAL = 3  # refused, the refusal contested


class Trd(IntEnum):
    """Class of treatment resistance in ledgers: which definitions hold this month."""

    NEITHER = 0
    BROAD = 1  # at least two treatments ended without response, adequate or not
    CLAIMS_VISIBLE = 2  # third line, combination or augmentation dispensed in the last 24 months
    BOTH = 3


class Payer(IntEnum):
    """Class of cover in the resource ledger: ALD or not, complementary insurance (AMC) or not."""

    STANDARD_NO_AMC = 0
    STANDARD_AMC = 1
    ALD_NO_AMC = 2
    ALD_AMC = 3


class Service(IntEnum):
    """Services whose places can run out."""

    ESKETAMINE = 0  # unit of a place: one observed session a month; likewise for the next three
    KETAMINE_IV = 1
    RTMS = 2
    ECT = 3
    SESAME = 4  # unit of a place: one patient followed
    EXPERT_ASSESSMENT = 5  # unit: one assessment a month
    PSYCHOLOGIST = 6  # unit: one session of psychotherapy a month, whoever pays
    HEALTH_CENTRE = 7  # unit: one session a month by a salaried psychologist (Ségur, measure 31)
    ESKETAMINE_EPSM = 8  # esketamine of EPSM, whose places are their own; ESKETAMINE is that of the other hospitals


class Now(IntEnum):
    """Columns of a person's changing state, int32."""

    HEALTH = 0
    MONTHS_IN_STATE = 1
    MONTHS_IN_EPISODE = 2  # since the episode began; runs on through response and remission
    EPISODES = 3
    DSM_EPISODES = 4  # episodes at least two months apart (ALD)
    MONTHS_WELL = 5  # since the person was last in episode
    FAILED = 6  # treatments ended without response since the last recovery
    FAILED_ADEQUATE = 7
    FAILED_EVER = 8
    TREATMENT = 9
    MONTHS_ON_TREATMENT = 10
    ADEQUATE_DOSE = 11
    INDUCED_BY = 12  # treatment under which the present response or remission began
    CARE = 13
    HOSPITAL_DAYS = 14  # days of the present stay still to come
    STAY_DAYS = 15  # days of the present stay already spent
    MONTHS_SINCE_ATTEMPT = 16
    ATTEMPTS = 17
    WORK = 18
    MONTHS_IN_WORK_STATE = 19
    ALD = 20
    ALD_MONTHS = 21  # since the request, or still to run once granted
    MONTHS_SINCE_VISIBLE = 22  # since a third-line, combination or augmentation drug was dispensed
    SESAME_MONTHS = 23  # 0 not enrolled, else the month of follow-up, from 1
    MONTHS_SINCE_SESAME = 24
    WAITING_FOR = 25  # 0 none, else Service + 1
    MONTHS_WAITING = 26
    STABLE_MONTHS = 27  # months of unbroken benefit on one treatment; -1: esketamine doses ended early
    ACTS_THIS_YEAR = 28  # medical acts, for the yearly cap of the participation forfaitaire
    BOXES_THIS_YEAR = 29  # boxes of drugs, for the yearly cap of the franchise
    PSYCHOLOGIST_SESSIONS = 30  # sessions this year in Mon soutien psy
    MONTHS_SINCE_ILL = 31  # since last in episode, for 12-month prevalence; large if never
    ALD_REFUSALS = 32
    SPECIALIST_SEEN = 33  # 1 once assessed at level 2 or 3 in this course
    SEVERITY = 34  # Health code of the present or last episode
    SINCE = 35  # cycle from which the present ledger cell has held
    HOSPITAL_YEAR = 36  # last ledger year with a full-time day, plus 1
    TRIED = 37  # bit per service: of line 4, tried in this course; any, given up waiting for in this course
    MONTHS_SINCE_CARE = 38
    DAYS_THIS_MONTH = 39  # of a full-time stay
    PROGRAMMES = 40  # bits of `Programme`: what the person has been through
    INTEGRATED_LEFT = 41  # months of joint care of comorbidity still to run
    REHABILITATION_LEFT = 42  # months over which rehabilitation still acts
    CARER_SUPPORT_LEFT = 43  # months over which the caregiver's programme still acts
    RECONTACTED = 44  # 1 if the extension of VigilanS recontacted after the last act
    PERINATAL = 45  # 1 if the present episode began in the year after giving birth
    REFERRED_EARLY = 46  # 1 if referred in this course only because a programme added to referral
    SALARIED = 47  # 1 if a salaried psychologist of a health centre gives the present psychotherapy
    MONTHS_SINCE_ADVICE = 48  # since a psychiatrist's rapid opinion to the GP (shared care)
    QUIET_UNTIL = 49  # cycle up to which it is known that nothing happens: months lived one by one skip the person


class Programme(IntEnum):
    """Bits of `Now.PROGRAMMES`."""

    SCREENED = 1  # asked once about bipolar disorder
    RECOGNISED = 2  # a hidden bipolar disorder found
    INTEGRATED = 4  # joint care of comorbidity begun in this course
    REHABILITATED = 8  # rehabilitation begun in this course
    CARER_HELPED = 16  # the caregiver has followed a programme


class Fixed(IntEnum):
    """Columns of a person's unchanging attributes, int32."""

    SEX = 0  # 0 man, 1 woman
    BIRTH_MONTH = 1  # cycles before (negative) or after month 0
    REGION = 2  # row of tables/regions.csv
    DEPRIVATION = 3  # 0 least deprived fifth, 4 most
    ANXIETY = 4  # lifetime anxiety disorder
    SUBSTANCE = 5  # lifetime substance-use disorder
    PERSONALITY = 6
    BIPOLAR = 7  # unrecognised bipolar disorder
    SOMATIC = 8  # metabolic syndrome
    HOSPITAL = 9  # catchment
    CAREGIVER = 10
    COMPLEMENTARY = 11  # has complementary insurance
    ENTRY = 12  # cycle from which the person is counted (15th birthday, or onset in the closed cohort)


class Trait(IntEnum):
    """Columns of a person's multipliers, float64: covariates and frailty, worked out once."""

    ONSET = 0
    REMISSION = 1
    RELAPSE = 2
    ATTEMPT = 3
    SEEK = 4
    STOP = 5
    SPECIALIST = 6
    MORTALITY = 7
    LEAVE = 8
    TREATMENT_RESPONSE = 9  # ratio applied to what treatment adds
    SESAME_RANK = 10  # uniform: the GP takes part once participation exceeds it
    SEVERITY = 11  # odds multiplier of a more severe episode


class Decision(IntEnum):
    """Where chance enters a month. Fewer than 64."""

    DEATH = 0
    ATTEMPT = 1
    LETHAL = 2
    ONSET = 3
    COURSE = 4
    COURSE_WHICH = 5
    SEVERITY = 6
    SEEK = 7
    SETTING = 8
    DETECTED = 9
    TREATMENT_CHOICE = 10
    DOSE = 11
    STOP = 12
    NEXT_LINE = 13
    REFER = 14
    ADMISSION = 15
    STAY = 16
    SERVICE_ESKETAMINE = 17
    SERVICE_KETAMINE = 18
    SERVICE_RTMS = 19
    SERVICE_ECT = 20
    SESAME = 21
    SESAME_EXIT = 22
    GIVE_UP = 23
    WORK = 24
    WORK_WHICH = 25
    ALD = 26
    ALD_TERM = 27
    VISITS = 28
    GP_VISITS = 29
    LEAVE_CARE = 30
    EXPERT = 31
    ADVERSE = 32
    WORK_AT_ONSET = 33
    PSYCHOTHERAPY = 34
    CONTACT = 35
    CONTACT_ADMISSION = 36
    DEVICES = 37
    EXPERT_RETURN = 38
    SCREEN = 39
    SCREEN_RESULT = 40
    INTEGRATED = 41
    REHABILITATION = 42
    CARER_PROGRAMME = 43
    CALL = 44
    RELAY = 45
    RECONTACT = 46
    AVERTED = 47
    PERINATAL = 48
    TELE_EXPERTISE = 49
    OPINION_FOLLOWED = 50
    ALD_APPEAL = 51
    ANXIETY_MONTHS = 52
    PSYCHOLOGIST = 53
    HEALTH_CENTRE = 54
    ADVICE = 55
    KEEP_PLACE = 56
    PSYCHOTHERAPY_PLACE = 57


class Resource(IntEnum):
    """What care and support consume; the columns of the resource ledger, integer counts."""

    GP_VISIT = 0
    PSYCHIATRIST_VISIT = 1
    SPECIALIST_ADVICE = 2  # one-off expert opinion at referral (APY)
    PSYCHOLOGIST_CONVENTIONED = 3  # Mon soutien psy, at most 12 sessions a year
    PSYCHOLOGIST_PRIVATE = 4
    CMP_ACT = 5
    DAY_HOSPITAL_DAY = 6
    ANTIDEPRESSANT_MONTH = 7
    LITHIUM_MONTH = 8  # drug and monitoring
    QUETIAPINE_MONTH = 9
    ARIPIPRAZOLE_MONTH = 10
    BUPROPION_MONTH = 11
    # 12 to 17 are those of general hospitals and clinics; those of EPSM are 51 to 56, in the same order
    ESKETAMINE_DEVICE_HOSPITAL = 12  # 28 mg device bought from the hospital's own budget
    ESKETAMINE_DEVICE_LISTED = 13  # 28 mg device invoiced to the Assurance maladie
    ESKETAMINE_SESSION = 14
    KETAMINE_SESSION = 15
    RTMS_SESSION = 16
    ECT_SESSION = 17
    EPSM_DAY_TO_30 = 18
    EPSM_DAY_FROM_31 = 19
    GENERAL_DAY_TO_30 = 20
    GENERAL_DAY_FROM_31 = 21
    CLINIC_DAY_TO_30 = 22
    CLINIC_DAY_FROM_31 = 23
    EMERGENCY_VISIT = 24
    ATTEMPT_STAY = 25  # medical stay after an attempt
    SUICIDE = 26
    EXPERT_ASSESSMENT = 27
    ACT_BELOW_CAP = 28  # medical acts that bear the participation forfaitaire
    ACT_ABOVE_CAP = 29
    BOX_BELOW_CAP = 30  # boxes that bear the franchise
    BOX_ABOVE_CAP = 31
    SICK_DAY_WAITING = 32  # first three days of a leave
    SICK_DAY_PAID = 33  # indemnités journalières
    DISABILITY_MONTH = 34
    CARER_MONTH = 35  # month ill with a caregiver
    SESAME_CLASSIC_MONTH = 36
    SESAME_LIGHT_MONTH = 37
    SESAME_START = 38
    GUIDED_SELF_HELP_START = 39
    SOMATIC_WORKUP = 40
    VIGILANS_START = 41
    REHABILITATION_START = 42
    CRISIS_RELAY = 43
    CARER_PROGRAMME_START = 44
    BIPOLAR_SCREEN = 45
    INTEGRATED_CARE_START = 46
    TELE_EXPERTISE = 47  # an opinion asked by primary care
    CARER_SUPPORTED_MONTH = 48  # month ill with a caregiver whom a programme still helps
    ALD_HANDLING = 49  # request or appeal handled
    SESAME_ANXIETY_MONTH = 50  # nurse's follow-up of people with anxiety alone, who are not simulated
    ESKETAMINE_DEVICE_HOSPITAL_EPSM = 51
    ESKETAMINE_DEVICE_LISTED_EPSM = 52
    ESKETAMINE_SESSION_EPSM = 53
    KETAMINE_SESSION_EPSM = 54
    RTMS_SESSION_EPSM = 55
    ECT_SESSION_EPSM = 56
    PSYCHOLOGIST_SALARIED = 57  # session by a salaried psychologist of a health centre: paid by the post


class Event(IntEnum):
    """What happens to people; the columns of the event ledger, integer counts."""

    ONSET = 0
    RECURRENCE = 1
    RELAPSE = 2
    RESPONSE = 3
    REMISSION = 4
    RECOVERY = 5
    NEW_BROAD = 6
    NEW_STRICT = 7
    NEW_CLAIMS_VISIBLE = 8
    ATTEMPT = 9  # ends in a hospital stay or death
    SUICIDE = 10
    DEATH_OTHER = 11
    CARE_START = 12
    ANTIDEPRESSANT_START = 13
    TRIAL_ENDED_ADEQUATE = 14
    TRIAL_ENDED_INADEQUATE = 15
    ESKETAMINE_START = 16
    ESKETAMINE_STOP = 17
    KETAMINE_START = 18
    RTMS_START = 19
    ECT_START = 20
    ADMISSION_EPSM = 21
    ADMISSION_GENERAL = 22
    ADMISSION_CLINIC = 23
    ATTEMPT_ILL = 24  # attempts among people in episode, response or remission
    SUICIDE_ILL = 25
    LEAVE_START = 26
    JOB_LOST = 27
    DISABILITY_START = 28
    ALD_REQUEST = 29
    ALD_GRANT = 30
    ALD_REFUSAL = 31
    SESAME_START = 32
    REFERRAL = 33
    EPISODE_MONTH = 34  # months begun in episode
    HOSPITAL_PERSON_YEAR = 35  # first full-time day of the calendar year
    SUICIDE_EVER_ILL = 36
    ADVERSE_SERIOUS = 37
    ANTIDEPRESSANT_STOP_MONTH_1 = 38
    ANTIDEPRESSANT_STOP_BEFORE_6 = 39
    MAINTENANCE_END = 40
    GAVE_UP = 41
    ALD_APPEAL = 42
    BIPOLAR_RECOGNISED = 43


class Outcome(IntEnum):
    """Columns of the equity ledger."""

    PERSON_MONTHS = 0
    EPISODE_MONTHS = 1
    ATTEMPTS = 2
    SUICIDES = 3
    ADMISSIONS = 4
    SPECIALISED_STARTS = 5
    HOSPITAL_DAYS = 6
    REMISSION_MONTHS = 7


class Capacity(IntEnum):
    """Columns of the capacity ledger, per service and month."""

    ELIGIBLE = 0
    ADMITTED = 1
    HELD = 2  # places in use at the end of the month
    REFUSED = 3  # would have been admitted but for the lack of a place
    GAVE_UP = 4
    MONTHS_WAITED = 5  # summed over those admitted
    WAITING = 6
    KEPT = 7  # places in use that those admitted next month will still find taken


EPSM_OFFSET = Resource.ESKETAMINE_DEVICE_HOSPITAL_EPSM - Resource.ESKETAMINE_DEVICE_HOSPITAL
EPSM_QUEUE = Service.ESKETAMINE_EPSM - Service.ESKETAMINE

IN_EPISODE = (Health.MILD, Health.MODERATE, Health.SEVERE)
DEAD = (Health.DEAD_SUICIDE, Health.DEAD_OTHER)


class Diary(IntEnum):
    """Columns of a diary, int16, one row a month, as things stand at the end of the month."""

    HEALTH = 0
    TREATMENT = 1
    CARE = 2
    WORK = 3
    HOSPITAL_DAYS = 4  # spent this month
    ATTEMPTED = 5  # 1 if a suicidal act happened this month
    TRD = 6
    FAILED = 7
    SESAME = 8
    STABLE_MONTHS = 9  # of unbroken benefit on one treatment; -1: esketamine doses ended early


AGE_BANDS = (15, 25, 35, 45, 55, 65, 75, 85)  # lower bounds, years: rates and utilities
N_AGE_BANDS = len(AGE_BANDS)
NEVER_MONTHS = 9_999  # "months since" something that never happened
