"""What a simulation hands over: counts of what happened, weighted to the nation.

The kernel fills integer tables for each stratum and batch. `Ledgers` is those tables weighted and
summed over strata. Every batch is a replica of the whole stratified design, scaled to the nation:
the mean over batches is the national estimate and its Monte Carlo standard error is
sd(batches) / sqrt(number of batches). Two scenarios share people and luck, so a difference is taken
batch by batch before its error is computed.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.states import N_AGE_BANDS, Capacity, Event, Health, Outcome, Payer, Resource, Service, Trd, Work

Floats = NDArray[np.float64]

N_HEALTH, N_TRD, N_PAYER, N_WORK = len(Health), len(Trd), len(Payer), len(Work)
N_RESOURCE, N_EVENT, N_OUTCOME = len(Resource), len(Event), len(Outcome)
N_SERVICE, N_CAPACITY = len(Service), len(Capacity)

# Groups of the equity ledger: (name, number of levels), in this order along its group axis.
EQUITY_GROUPS = (
    ("sex", 2),
    ("age_band", N_AGE_BANDS),
    ("region", 18),
    ("deprivation", 5),
    ("comorbidity", 4),  # 0 none, 1 anxiety, 2 substance use, 3 both
    ("hospital", 3),
)


def by_technique(counts: Floats, axis: int = -1) -> Floats:
    """Return counts by service with those of esketamine in EPSM added to those of the other hospitals.

    counts : service along `axis`; the line of EPSM is then nil
    """
    out = np.moveaxis(np.array(counts), axis, -1)
    out[..., Service.ESKETAMINE] += out[..., Service.ESKETAMINE_EPSM]
    out[..., Service.ESKETAMINE_EPSM] = 0.0
    return np.moveaxis(out, -1, axis)


@dataclass(frozen=True)
class Ledgers:
    """Counts of one scenario, in persons of the nation; axes (batch, cycle or year, item …).

    trace : (batch, cycle + 1, health, trd)          persons at each end of a month
    occupancy : (batch, year, sex, age band, trd, health)   person-months, mean of both ends
    resources : (batch, year, trd, payer class, resource)   units of the resource
    work : (batch, year, trd, work, health)          person-months, mean of both ends
    events : (batch, year, trd, event)               events (`trd` as it stands at the event)
    suicides : (batch, year, trd, sex, age band)     deaths
    equity : (batch, year, group, outcome)           see `EQUITY_GROUPS` and `Outcome`
    capacity : (batch, cycle, service, column)       see `Capacity`

    Years are counted from month 0 and run twelve cycles each; a year not complete holds what it has.
    """

    trace: Floats
    occupancy: Floats
    resources: Floats
    work: Floats
    events: Floats
    suicides: Floats
    equity: Floats
    capacity: Floats

    @property
    def batches(self) -> int:
        return int(self.trace.shape[0])

    @property
    def cycles(self) -> int:
        return int(self.trace.shape[1]) - 1

    @property
    def years(self) -> int:
        return int(self.occupancy.shape[1])

    @cached_property
    def used(self) -> Floats:
        """Units of each resource, whatever the class of cover, (batch, year, trd, resource)."""
        return np.asarray(self.resources.sum(axis=3))


def mean_and_error(batches: Floats, axis: int = 0) -> tuple[Floats, Floats]:
    """Return the mean over the batch axis and its Monte Carlo standard error, same shape less that axis."""
    n, mean = batches.shape[axis], batches.mean(axis=axis, keepdims=True)
    return mean.squeeze(axis), batches.std(axis=axis, ddof=1, mean=mean) / np.sqrt(n)
