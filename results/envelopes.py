"""What an envelope of money grants and what is spent of it, year by year (see `model.envelope`)."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import envelope
from model.ledgers import by_technique
from model.scenario import Scenario
from model.states import EPSM_OFFSET, Resource, Service
from results.findings import Estimate, Findings, first_year
from results.numbers import euros, percent
from results.table import Table, rounded
from results.texts import say

Floats = NDArray[np.float64]

COUNTED = {
    Service.ESKETAMINE: Resource.ESKETAMINE_SESSION,
    Service.KETAMINE_IV: Resource.KETAMINE_SESSION,
    Service.RTMS: Resource.RTMS_SESSION,
    Service.ECT: Resource.ECT_SESSION,
}


@dataclass(frozen=True)
class Spending:
    """Euros of the price year of each technique that an envelope pays, (year, service).

    granted : the envelope; spent : on sessions beyond the baseline's, as expected (what admissions are held to)
    counted : the same from the sessions of the sample, with its chance, (batch, year, service); None without
        open ledgers
    """

    granted: Floats
    spent: Floats
    counted: Floats | None


def spending(policy: Scenario, findings: Findings) -> Spending | None:
    """Return what a policy's envelopes grant and what is spent of them; None if it has none or was not run."""
    study = findings.study
    if policy.unlimited_places or not envelope.has_envelope(policy.changes) or policy.id not in study.use:
        return None
    cycles = study.cycles_open
    phases = policy.values(study.registry, cycles)
    granted, costs = envelope.granted(phases, study.registry), envelope.costs_by_month(phases, study.registry)
    more = by_technique(study.use[policy.id] - study.use[findings.baseline.id]) * costs * (granted > 0.0)
    counted = None
    if policy.id in study.open:
        counted = np.zeros((study.open[policy.id].batches, cycles // 12, len(Service)))
        used = (study.open[policy.id].resources - study.open[findings.baseline.id].resources).sum(axis=(2, 3))
        for service, resource in COUNTED.items():
            sessions = used[..., resource] + used[..., resource + EPSM_OFFSET]
            counted[..., service] = sessions * _yearly(costs / 12.0)[:, service]
    return Spending(_yearly(granted), _yearly(more), counted)


def _yearly(monthly: Floats) -> Floats:
    return np.asarray(monthly.reshape(-1, 12, monthly.shape[1]).sum(axis=1))


def envelope_table(findings: Findings) -> Table:
    """Return, by technique and year, the envelope, what is spent of it as expected, and as the sample counted it."""
    rows: list[tuple[Any, ...]] = []
    for policy in findings.policies:
        found = spending(policy, findings)
        for service in envelope.ENVELOPES if found is not None else ():
            for year in np.flatnonzero(found.granted[:, service] > 0.0):
                cells: tuple[float | None, float | None] = (None, None)
                if found.counted is not None:
                    one = Estimate.of(found.counted[:, year, service])
                    cells = rounded(one.mean, one.error)
                amounts = (round(float(of[year, service])) for of in (found.granted, found.spent))
                rows.append((policy.id, service.name, first_year(findings, policy.id) + int(year), *amounts, *cells))
    columns = ("scenario", "service", "year", "granted", "spent", "counted", "counted_mc_se")
    return Table("envelopes", columns, tuple(rows))


def envelope_words(policy: Scenario, findings: Findings, lang: str) -> str | None:
    """Return how much of a policy's envelopes is spent, in all and in its dearest year; None if it has none."""
    found = spending(policy, findings)
    if found is None or not found.granted.any():
        return None
    granted, spent = found.granted.sum(axis=1), found.spent.sum(axis=1)
    paid = np.flatnonzero(granted)
    share = _of(found.spent, found.granted)
    year, service = (int(at) for at in np.unravel_index(share.argmax(), share.shape))
    start, amount = first_year(findings, policy.id), partial(euros, lang=lang)
    words = {
        "first": start + int(paid[0]),
        "last": start + int(paid[-1]),
        "granted": amount(granted.sum()),
        "spent": amount(spent.sum()),
        "share": percent(spent.sum() / granted.sum(), lang),
        "highest": percent(float(_of(spent, granted).max()), lang),
        "technique": say(f"envelope.{Service(service).name}", lang),
        "year": start + year,
        "most": percent(float(share[year, service]), lang),
    }
    return say("summary.envelope_over" if share[year, service] > 1.0 else "summary.envelope", lang, **words)


def _of(spent: Floats, granted: Floats) -> Floats:
    """Return the share of each envelope that is spent, 0 where there is none."""
    return np.divide(spent, granted, out=np.zeros_like(spent), where=granted > 0.0)
