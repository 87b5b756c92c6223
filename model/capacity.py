"""Places a month and who is admitted (model.md, section 4).

Each month: count who is eligible and what those in treatment keep, both at the end of the month before; free
places are those not kept; everybody eligible faces p = access × ration, where the ration is the share of the
expected admissions that free places allow. People do compete, exactly in expectation: a month's admissions
vary around the free places. In the first month nothing has been counted yet and the ration is 1.

A sample admits by chance a little more or less than the nation would. Places kept are therefore those of the
expected admissions: each month's difference between admissions counted and expected is followed for as long
as a place is kept and taken out (a control variate: its mean is nil, whatever persistence it is given).

Services are national, one queue for all; SÉSAME's nurses follow the patients of their own region, and esketamine has
two queues, EPSM's and that of the other hospitals, each with its own places.

Where money limits a service rather than rooms and teams, its places are those of `envelope.Purse`.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model import simulation
from model.books import COLUMNS, Books, Calendar
from model.compiled import jit
from model.envelope import Purse
from model.inputs import load_table
from model.kernel import live
from model.ledgers import by_technique
from model.phases import Phases, Values, each
from model.simulation import People
from model.states import Capacity, Hospital, Service, Treatment
from model.tables import N_REGION, N_SEVERITY, Tables
from model.transitions import LINE_4, centres_by_region

Floats = NDArray[np.float64]

REGIONAL = Service.SESAME  # the one service whose places are those of a region
VOLUMES = {
    Service.ESKETAMINE: "capacity.esketamine.monthly_sessions",
    Service.KETAMINE_IV: "capacity.ketamine_iv.monthly_sessions",
    Service.RTMS: "capacity.rtms.monthly_sessions",
    Service.ECT: "capacity.ect.monthly_sessions",
    Service.EXPERT_ASSESSMENT: "capacity.expert_assessment.monthly_assessments",
    Service.PSYCHOLOGIST: "capacity.psychologist.monthly_sessions",
}
TECHNIQUE = {service: Service.ESKETAMINE if service == Service.ESKETAMINE_EPSM else service for service in Service}
LIMITED = {service: f"capacity.limited.{technique.name.lower()}" for service, technique in TECHNIQUE.items()}
LAGS = 24  # months over which an admission that chance made or missed is followed


def places_of(v: Values) -> Floats:
    """Return the places of each service, infinite where nothing limits it, shape (service, region).

    Places that all regions share stand in the first. Units: see `states.Service`. Without a count, places are
    today's volume with some slack.
    """
    out = national_places(v)
    out[REGIONAL] = regional_places(v)
    return out


def national_places(v: Values) -> Floats:
    """Return `places_of`, nil for the service whose places are those of a region."""
    out = np.zeros((len(Service), N_REGION))
    slack = 1.0 + float(v["capacity.slack"])
    for service, name in VOLUMES.items():
        if service != Service.ESKETAMINE:
            out[service, 0] = float(v[name]) * slack
    here = v.by_hospital(VOLUMES[Service.ESKETAMINE]) * np.array(v["capacity.esketamine.hospital_share"]) * slack
    out[Service.ESKETAMINE_EPSM, 0] = here[Hospital.EPSM]
    out[Service.ESKETAMINE, 0] = here[Hospital.GENERAL] + here[Hospital.CLINIC]
    today = load_table("regions")["n_expert_centres"].sum()
    out[Service.EXPERT_ASSESSMENT, 0] *= centres_by_region(v).sum() / today
    posts, sessions = v["capacity.health_centre.posts"], v["capacity.health_centre.sessions_per_post"]
    out[Service.HEALTH_CENTRE, 0] = float(posts) * float(sessions)
    for service, name in LIMITED.items():
        if service != REGIONAL and not v[name]:
            out[service] = np.inf
    return out


def regional_places(v: Values) -> Floats:
    """Return the places of SÉSAME's nurses, infinite where nothing limits them, (region,)."""
    if not v[LIMITED[REGIONAL]]:
        return np.full(N_REGION, np.inf)
    depressed = 1.0 - float(v["sesame.anxiety_only_share"])  # those with anxiety alone take their share of the nurses
    return np.asarray(nurses(v) * float(v["capacity.sesame.patients_per_nurse"]) * depressed)


def nurses(v: Values) -> Floats:
    """Return SÉSAME nurses by region: those of the nation go where GPs take part, others to their own posts."""
    gps = load_table("regions")["gp_rpps"].astype(float)
    taking_part = gps * v.by_region("sesame.participation")
    share = taking_part if taking_part.any() else gps
    return np.asarray(
        float(v["capacity.sesame.nurses"]) * share / share.sum() + v.by_region("capacity.sesame.nurses_posted")
    )


def places_by_month(phases: Phases, unlimited: bool = False) -> Floats:
    """Return the places of each service month by month, shape (cycle, service, region)."""
    rows = np.array(each(national_places, phases.phases))
    rows[:, REGIONAL] = each(regional_places, phases.phases)
    if unlimited:
        rows[:] = np.inf
    return rows[phases.phase_of_month]


def units_of_start(tables: Tables, phase: int | slice) -> Floats:
    """Return the places one admission takes in its first month, by column of `eligible`, (…, service, COLUMNS).

    phase : one, or several, which are then axis 0; likewise in `access_of` and `persistence`
    """
    treatment, sessions = tables.treatment[phase], tables.use[phase].sessions
    units = np.ones((*sessions.shape[:-1], len(Service), COLUMNS))
    for queue in (Service.ESKETAMINE, Service.ESKETAMINE_EPSM):
        units[..., queue, :] = treatment.esketamine_sessions[..., :1]
    for service in LINE_4[1:]:
        units[..., service, :] = sessions[..., Treatment.ESKETAMINE + service, None]
    alone_or_with_drug = sessions[..., [Treatment.CBT, Treatment.ANTIDEPRESSANT_CBT] * 2]
    units[..., Service.PSYCHOLOGIST, :] = units[..., Service.HEALTH_CENTRE, :] = alone_or_with_drug
    return units


def access_of(tables: Tables, phase: int | slice) -> Floats:
    """Return the probability of admission without limits, by column of `eligible`, (…, service, region, COLUMNS).

    Columns: hospital for line 4; severity for SÉSAME; for psychologists those sent by a GP without and with
    a drug, then those whose treatment was chosen with psychotherapy, alone and beside a drug.
    """
    care, line_4 = tables.care[phase], tables.treatment[phase].access
    access = np.zeros((*line_4.shape[:-3], len(Service), N_REGION, COLUMNS))
    access[..., : line_4.shape[-3], :, : len(Hospital)] = line_4
    access[..., Service.ESKETAMINE_EPSM, :, :] = access[..., Service.ESKETAMINE, :, :]
    access[..., Service.SESAME, :, :N_SEVERITY] = care.sesame_access[..., None, :]
    access[..., Service.EXPERT_ASSESSMENT, :, 0] = care.expert
    access[..., Service.PSYCHOLOGIST, :, :2] = np.asarray(care.psychologist)[..., None, None]
    access[..., Service.PSYCHOLOGIST, :, 2:] = 1.0
    access[..., Service.HEALTH_CENTRE, :, :2] = np.asarray(care.health_centre)[..., None, None]
    return access


def persistence(tables: Tables, phase: int | slice) -> Floats:
    """Return the places an admission still keeps after 0, 1, … months (as `Capacity.KEPT`), (…, LAGS, service)."""
    treatment, use = tables.treatment[phase], tables.use[phase]
    lag = np.arange(LAGS)
    kept = np.zeros((*use.sessions.shape[:-1], LAGS, len(Service)))
    stop = treatment.stop_ill[..., Treatment.ESKETAMINE, :][..., np.searchsorted([1, 6], lag, side="right")]
    held = treatment.esketamine_sessions[..., np.minimum(lag + 1, 2)]
    for queue in (Service.ESKETAMINE, Service.ESKETAMINE_EPSM):
        kept[..., queue] = held * np.exp(-np.cumsum(stop, axis=-1))
    for service, code in [(s, Treatment.ESKETAMINE + s) for s in LINE_4[1:]] + [
        (Service.PSYCHOLOGIST, Treatment.CBT),
        (Service.HEALTH_CENTRE, Treatment.CBT),
    ]:
        kept[..., service] = use.sessions[..., code, None] * (lag + 1 < treatment.course[..., code, None])
    kept[..., Service.SESAME] = np.exp(-tables.care[phase].sesame_exit[..., :1] * (lag + 1.0))
    return kept


def national(people: People, counts: NDArray[np.generic]) -> Floats:
    """Return counts (slice, …) weighted to the nation."""
    weight = people.weight / people.batches
    return np.asarray(np.tensordot(weight, counts.astype(float), axes=(0, 0)))


def follow_luck(luck: Floats, kept: Floats) -> Floats:
    """Return the places kept by people admitted beyond (or short of) expectation, (service, …).

    luck : (cycle, service, …) admissions counted less expected; kept : (LAGS, service), see `persistence`
    """
    recent = luck[::-1][: len(kept)]
    return np.asarray(np.einsum("ls...,ls->s...", recent, kept[: len(recent)]))


class Queue(NamedTuple):
    """What a phase, or several, says of admissions: see `units_of_start` and `persistence`.

    wants : (…, service, region, COLUMNS) places that one eligible would take, were none refused
    """

    wants: Floats
    units: Floats
    kept: Floats


class Counted(NamedTuple):
    """What a run limited by places keeps as it goes.

    luck : (cycle, service, region) admissions counted less expected
    used : (cycle, service) places taken
    kept : (service, region) of the coming month, by people in treatment, chance taken out
    wanted : (service, region) places that the admissions expected in the coming month would take, were none refused
    """

    luck: Floats
    used: Floats
    kept: Floats
    wanted: Floats


def queue_of(tables: Tables, phase: int | slice) -> Queue:
    """Return what a phase, or several, says of admissions."""
    units = units_of_start(tables, phase)
    return Queue(access_of(tables, phase) * units[..., None, :], units, persistence(tables, phase))


@jit(forceinline=False)
def count_wanted(cycle: int, phase: int, weight: Floats, demand: Any, queues: Queue, counted: Counted) -> None:
    """Note the places kept and wanted in a month, before it is lived.

    weight : (slice,) persons of the nation a person stands for; demand : (slice,) of DEMAND of the month before
    """
    wants, after = queues.wants[phase], queues.kept[phase]
    luck, kept, wanted = counted.luck, counted.kept, counted.wanted
    services, regions = kept.shape
    kept[:], wanted[:] = 0.0, 0.0
    for i in range(weight.size):
        eligible, held = demand[i].eligible, demand[i].kept
        for service in range(services):
            for region in range(regions):
                kept[service, region] += weight[i] * held[service, region]
                places = 0.0
                for column in range(COLUMNS):
                    places += eligible[service, region, column] * wants[service, region, column]
                wanted[service, region] += weight[i] * places
    for lag in range(min(cycle, after.shape[0])):
        for service in range(services):
            for region in range(regions):
                kept[service, region] -= luck[cycle - 1 - lag, service, region] * after[lag, service]


@jit(forceinline=False)
def set_ration(places: Floats, counted: Counted, share: Floats) -> None:
    """Set the share of expected admissions that free places allow in a month. places, share : (service, region)"""
    kept, wanted = counted.kept, counted.wanted
    services, regions = share.shape
    for service in range(services):
        if service == REGIONAL:
            for region in range(regions):
                free = max(0.0, places[service, region] - kept[service, region])
                share[service, region] = ration_of(wanted[service, region], free)
        else:
            free = max(0.0, places[service].sum() - kept[service].sum())
            share[service, :] = ration_of(wanted[service].sum(), free)


@jit
def ration_of(wanted: float, free: float) -> float:
    """Return the share of what is wanted that free places allow, at most 1."""
    return free / wanted if wanted > free else 1.0


@jit(forceinline=False)
def count_month(cycle: int, phase: int, weight: Floats, demand: Any, queues: Queue, counted: Counted) -> None:
    """Note the luck of a month lived and the places it took."""
    luck, used, kept, units = counted.luck[cycle], counted.used[cycle], counted.kept, queues.units[phase]
    services, regions = kept.shape
    for service in range(services):
        expected = 0.0
        for i in range(weight.size):
            for region in range(regions):
                one = weight[i] * demand[i].expected[service, region]
                luck[service, region] += weight[i] * demand[i].admitted[service, region] - one
                expected += one
        used[service] = kept[service].sum() + expected * units[service].max()


@jit
def live_rationed(
    persons: Any,
    starts: NDArray[np.int64],
    weight: Floats,
    places: Floats,
    tables: Tables,
    calendar: Calendar,
    books: Books,
    queues: Queue,
    counted: Counted,
) -> None:
    """Live all slices month by month, each ration set from the month before. places : (cycle, service, region)"""
    demand = books.demand
    for cycle in range(places.shape[0]):
        phase = calendar.phase_of_cycle[cycle]
        if cycle > 0:
            count_wanted(cycle, phase, weight, demand, queues, counted)
            set_ration(places[cycle], counted, books.rations[cycle].share)
        for s in range(weight.size):
            clear(demand[s])
            live(persons, starts[s], starts[s + 1], s, cycle, cycle + 1, tables, calendar, books)
        count_month(cycle, phase, weight, demand, queues, counted)


@jit
def clear(demand: Any) -> None:
    """Empty the counts of one month, a record of DEMAND."""
    demand.eligible[:] = 0
    demand.kept[:] = 0
    demand.admitted[:] = 0
    demand.expected[:] = 0.0


def share_of(wanted: Floats, free: Floats) -> Floats:
    """Return the share of what is wanted that free places allow, at most 1."""
    free = np.maximum(0.0, free)
    return np.asarray(np.where(wanted > free, free / np.maximum(wanted, 1e-300), 1.0))


def run_open(
    people: People, tables: Tables, calendar: Calendar, places: Floats, jobs: int, try_free: bool = True
) -> tuple[People, Books]:
    """Run everybody over the calendar, with places; return people at the end and the books. See `live_open`."""
    lived, books = live_open(people, tables, calendar, places, jobs, try_free)
    simulation.close(lived, calendar, books)
    return lived, books


def live_open(
    people: People,
    tables: Tables,
    calendar: Calendar,
    places: Floats,
    jobs: int,
    try_free: bool = True,
    purse: Purse | None = None,
) -> tuple[People, Books]:
    """Run everybody over the calendar, with places (cycle, service, region); leave the last sojourns open.

    purse : what envelopes grant; the places it buys are written in `places`, as the money is spent

    The whole horizon is tried first without limits; if no month would have been rationed, that is the run.
    Otherwise months are outer and the ration of each is set from the month before. `try_free` false saves the
    first try where places are expected to bind: a ration of 1 changes nothing, so the run is the same.
    """
    cycles = calendar.year_of_cycle.size
    years, shape = int(calendar.year_of_cycle[-1]) + 1, (len(Service), N_REGION)

    def new_books() -> Books:
        books = simulation.new_books(people.slices, cycles, years)
        return books._replace(rations=simulation.new_rations(np.ones((cycles, *shape))))

    if purse is None and (try_free or not np.isfinite(places).any()):
        lived, books = people.fresh(), new_books()
        simulation.advance(lived, 0, cycles, tables, calendar, books, jobs)
        if not binds(people, books, places, tables, calendar):
            return lived, books
    weight = people.weight / people.batches
    lived, books = people.fresh(), new_books()
    used = np.zeros((cycles, len(Service)))
    counted = Counted(np.zeros((cycles, *shape)), used, np.zeros(shape), np.zeros(shape))
    queues = queue_of(tables, slice(int(calendar.phase_of_cycle.max()) + 1))
    if purse is None and jobs <= 1:
        live_rationed(lived.persons, lived.starts, weight, places, tables, calendar, books, queues, counted)
        return lived, books
    for cycle in range(cycles):
        phase = int(calendar.phase_of_cycle[cycle])
        if cycle > 0:
            count_wanted(cycle, phase, weight, books.demand, queues, counted)
            if purse is not None:
                places[cycle] = purse.places(places[cycle], cycle, counted.used, counted.kept, counted.wanted)
            set_ration(places[cycle], counted, books.rations["share"][cycle])
        for name in books.demand.dtype.names:
            books.demand[name] = 0
        simulation.advance(lived, cycle, cycle + 1, tables, calendar, books, jobs)
        count_month(cycle, phase, weight, books.demand, queues, counted)
    return lived, books


def binds(people: People, books: Books, places: Floats, tables: Tables, calendar: Calendar) -> bool:
    """Tell whether any month of a run without limits would have been rationed.

    By nation; a service with places by region binds as soon as anybody is expected there, so that a run may
    be rationed by month for nothing, never the reverse.
    """
    cycles = len(places)
    expected = national(people, books.places["expected"])[:cycles]
    counted = national(people, books.places["capacity"])[:cycles]
    luck = counted[:, :, Capacity.ADMITTED] - expected
    for cycle in range(1, cycles):
        phase = int(calendar.phase_of_cycle[cycle])
        kept = counted[cycle - 1, :, Capacity.KEPT] - follow_luck(luck[:cycle], persistence(tables, phase))
        wanted = expected[cycle] * units_of_start(tables, phase).max(axis=1)
        free = places[cycle].sum(axis=1) - kept
        free[REGIONAL] = np.inf if np.isinf(places[cycle, REGIONAL]).all() else 0.0
        if (share_of(wanted, free) < 1.0).any():
            return True
    return False


def use(people: People, books: Books, tables: Tables, calendar: Calendar) -> Floats:
    """Return the places taken each month, as expected, all regions together, (cycle, service).

    Those kept from the month before, chance taken out, and those that expected admissions take.
    """
    cycles = calendar.phase_of_cycle.size
    expected = national(people, books.places["expected"])[:cycles]
    counted = national(people, books.places["capacity"])[:cycles]
    luck = counted[:, :, Capacity.ADMITTED] - expected
    out, queue_of_phase = np.zeros((cycles, len(Service))), cache(lambda phase: queue_of(tables, phase))
    for cycle in range(cycles):
        queue = queue_of_phase(int(calendar.phase_of_cycle[cycle]))
        if cycle > 0:
            out[cycle] = counted[cycle - 1, :, Capacity.KEPT] - follow_luck(luck[:cycle], queue.kept)
        out[cycle] += expected[cycle] * queue.units.max(axis=1)
    return out


def volumes(counted: Floats, expected: Floats) -> dict[str, float]:
    """Return the volume of each service a month, by its parameter: expected admissions × places held by each.

    counted : (batch, cycle, service, column) of a run without limits; expected : (service,) admissions a month.
    Places held by an admission over its life are those held over admissions, both counted in the same run.
    """
    total, expected = by_technique(counted.sum(axis=(0, 1)), axis=0), by_technique(expected)
    held = total[:, Capacity.HELD] / np.maximum(total[:, Capacity.ADMITTED], 1e-300)
    held[Service.EXPERT_ASSESSMENT] = 1.0  # nothing is held after an assessment
    return {name: float(expected[s] * held[s]) for s, name in VOLUMES.items()}


def later_rations(rations: Floats, cycles: int) -> Floats:
    """Return monthly rations for a longer run: those of the open run, then once the mean of its last year."""
    return np.concatenate([rations, rations[-12:].mean(axis=0, keepdims=True)])[:cycles]
