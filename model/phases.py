"""The values in force month by month: months with the same values share a phase."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from model.changes import Change, course
from model.complaints import hint
from model.inputs import Registry
from model.scenario_schema import HOSPITALS, region_codes

Floats = NDArray[np.float64]


class Values(dict[str, Any]):
    """The parameter values of one phase: `values[id]`, a float, a bool or a tuple of floats.

    A parameter that differs by region or hospital is in `places`, shape (region, hospital), and is read by
    `by_region`, `by_hospital` or `by_place`; these also read a parameter that is the same everywhere.
    `moved` : the only ids in which phases of the same calendar may differ, None where that is not known.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        places: Mapping[str, Floats] | None = None,
        moved: frozenset[str] | None = None,
    ) -> None:
        super().__init__(values)
        self.places = dict(places or {})
        self.moved = moved

    def __missing__(self, name: str) -> NoReturn:
        if name in self.places:
            raise KeyError(f"{name} differs between places: read it by_region, by_hospital or by_place")
        raise KeyError(f"{name} is not a parameter.{hint(name, self)}")

    def by_place(self, name: str) -> Floats:
        """Return the parameter by region and hospital, shape (18, 3)."""
        if name in self.places:
            return self.places[name]
        return np.full((len(region_codes()), len(HOSPITALS)), float(self[name]))

    def by_region(self, name: str) -> Floats:
        """Return the parameter by region, shape (18,); KeyError if it also differs by hospital."""
        cells = self.by_place(name)
        if (cells != cells[:, :1]).any():
            raise KeyError(f"{name} differs by hospital: read it by_hospital or by_place")
        return cells[:, 0].copy()

    def by_hospital(self, name: str) -> Floats:
        """Return the parameter by hospital, shape (3,); KeyError if it also differs by region."""
        cells = self.by_place(name)
        if (cells != cells[:1]).any():
            raise KeyError(f"{name} differs by region: read it by_region or by_place")
        return cells[0].copy()


@dataclass(frozen=True)
class Phases:
    """The phase of each month and the values of each phase; phase 0 is that of the first month.

    phase_of_month : int32, (months,)
    phases : one `Values` a phase
    """

    phase_of_month: NDArray[np.int32]
    phases: list[Values]


def phases_of(changes: Mapping[str, tuple[Change, ...]], registry: Registry, start: int, months: int) -> Phases:
    """Return the phases of `months` months from month number `start`, under these changes of the registry."""
    dates = np.arange(start, start + months)
    courses = {name: _plainest(course(said, registry[name], dates)) for name, said in changes.items()}
    baseline = {name: parameter.value for name, parameter in registry.items()}
    phases: list[Values] = []
    known: dict[bytes, int] = {}
    phase_of_month = np.zeros(months, dtype=np.int32)
    moves = np.zeros(months, dtype=bool)
    moves[:1] = True
    for values in courses.values():
        flat = values.reshape(months, -1)
        moves[1:] |= (flat[1:] != flat[:-1]).any(axis=1)
    for month in range(months):
        if not moves[month]:
            phase_of_month[month] = phase_of_month[month - 1]
            continue
        key = b"".join(values[month].tobytes() for values in courses.values())
        if key not in known:
            known[key] = len(phases)
            phases.append(_values(baseline, {name: values[month] for name, values in courses.items()}))
        phase_of_month[month] = known[key]
    return Phases(phase_of_month, phases)


def _plainest(values: NDArray[Any]) -> NDArray[Any]:
    """Return (months,) instead of (months, region, hospital) where no place ever differs."""
    if values.ndim == 3 and (values == values[:, :1, :1]).all():
        return np.ascontiguousarray(values[:, 0, 0])
    return values


def _values(baseline: Mapping[str, Any], changed: Mapping[str, NDArray[Any]]) -> Values:
    values, places = dict(baseline), {}
    for name, now in changed.items():
        if now.ndim == 2:
            places[name] = now
            del values[name]
        else:
            values[name] = tuple(now.tolist()) if now.ndim else now.item()
    return Values(values, places, frozenset(changed))
