"""Money that limits places: an envelope pays sessions beyond those of today, until the year's money is spent.

An envelope is a sum a year for one technique. Each month, what the year has left is spread over its remaining months;
places are the sessions of the baseline in the same month, with the same people, and those that this money buys at what
a session costs. Admissions are rationed to places exactly in expectation (see capacity.py). Nobody in treatment is
sent away: when more of them stay than was expected, no admission can make up for it at the end of a year, and the year
spends a little over its envelope. That debt is taken off the next year; unspent money is lost.

An envelope knows no kind of hospital: what it pays of esketamine goes to EPSM and the others as people ask for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.inputs import Registry, load_table
from model.ledgers import by_technique
from model.phases import Phases, Values
from model.states import Service
from model.valuation import carry

Floats = NDArray[np.float64]

SESSIONS = {
    Service.ESKETAMINE: "price.esketamine_session",
    Service.KETAMINE_IV: "price.ketamine_session",
    Service.RTMS: "price.rtms_session",
    Service.ECT: "price.ect_session",
}
ENVELOPES = {service: f"capacity.{service.name.lower()}.annual_envelope" for service in SESSIONS}
READ = frozenset((*SESSIONS.values(), "price.esketamine_device", "payer.vat_drug_rate", "economy.price_year"))


def has_envelope(changes: Iterable[str]) -> bool:
    """Tell whether changes of these parameters give an envelope: the prices in `READ` then change lives."""
    return not set(ENVELOPES.values()).isdisjoint(changes)


def euros(v: Values, registry: Registry, name: str) -> float:
    """Return an amount in euros of `economy.price_year`."""
    year, now = registry[name].price_year, v["economy.price_year"]
    return float(v[name]) if year is None else float(carry(v[name], year, now, load_table("consumer_prices")))


def session_costs(v: Values, registry: Registry) -> Floats:
    """Return what a session costs the budget of a hospital, euros of the price year, (service,); 0 for other services.

    The drug of a session of esketamine is in it, whether or not a list pays it.
    """
    costs = np.zeros(len(Service))
    for service, name in SESSIONS.items():
        costs[service] = euros(v, registry, name)
    device = euros(v, registry, "price.esketamine_device") * (1.0 + float(v["payer.vat_drug_rate"]))
    costs[Service.ESKETAMINE] += device * float(v["treatment.esketamine.devices_per_session"])
    return costs


def granted(phases: Phases, registry: Registry) -> Floats:
    """Return the euros of each envelope a month, euros of the price year, (month, service)."""
    rows = np.zeros((len(phases.phases), len(Service)))
    for row, v in zip(rows, phases.phases, strict=True):
        for service, name in ENVELOPES.items():
            row[service] = euros(v, registry, name) / 12.0 if v[name] else 0.0
    return np.asarray(rows[phases.phase_of_month])


def costs_by_month(phases: Phases, registry: Registry) -> Floats:
    """Return what a session costs each month, (month, service); see `session_costs`."""
    return np.array([session_costs(v, registry) for v in phases.phases])[phases.phase_of_month]


@dataclass(frozen=True)
class Purse:
    """What envelopes grant, month by month.

    money : (cycle, service) euros granted each month; 0 where there is no envelope
    costs : (cycle, service) euros of a session
    today : (cycle, service) sessions of the baseline by technique, see `capacity.use`
    """

    money: Floats
    costs: Floats
    today: Floats

    def left(self, cycle: int, used: Floats) -> Floats:
        """Return the euros that the year of a month still has at its start, (service,).

        used : places taken in the months before, (cycle, service)
        """
        spent = (by_technique(used[:cycle]) - self.today[:cycle]) * self.costs[:cycle] * (self.money[:cycle] > 0.0)
        left = np.zeros(self.money.shape[1])
        for first in range(0, cycle + 1, 12):
            year = slice(first, first + 12)
            left = np.minimum(left, 0.0) + self.money[year].sum(axis=0) - spent[year].sum(axis=0)
        return left

    def places(self, limits: Floats, cycle: int, used: Floats, kept: Floats, wanted: Floats) -> Floats:
        """Return the places of a month, (service, region), those of the services paid in the first region.

        limits : (service, region) places without envelopes; used : places taken in the months before, (cycle, service)
        kept, wanted : (service, region) places that people in treatment keep, and that expected admissions ask for
        """
        paid = self.money[cycle] > 0.0
        months = np.maximum((self.money[cycle : 12 * (cycle // 12) + 12] > 0.0).sum(axis=0), 1)
        bought = self.left(cycle, used) / months / np.maximum(self.costs[cycle], 1e-300)
        out = limits.copy()
        out[:, 0] = np.where(paid, np.maximum(self.today[cycle] + bought, 0.0), limits[:, 0])
        if paid[Service.ESKETAMINE]:
            both = [Service.ESKETAMINE, Service.ESKETAMINE_EPSM]
            stay, ask = kept[both].sum(axis=1), wanted[both].sum(axis=1)
            free = max(0.0, out[Service.ESKETAMINE, 0] - stay.sum())
            out[both] = 0.0
            out[both, 0] = stay + free * (ask / ask.sum() if ask.any() else 0.5)
        return out


def purse_of(phases: Phases, registry: Registry, today: Floats | None, cycles: int) -> Purse | None:
    """Return the purse of these values over the first months, None if no envelope is granted.

    Errors: ValueError if there is an envelope and no baseline has been run (`today` is None).
    """
    money = granted(phases, registry)[:cycles]
    if not money.any():
        return None
    if today is None:
        raise ValueError("an envelope pays sessions beyond the baseline's: run the baseline first")
    return Purse(money, costs_by_month(phases, registry)[:cycles], by_technique(today[:cycles]))
