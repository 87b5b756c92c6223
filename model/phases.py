"""The values in force month by month: months with the same values share a phase."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.changes import Change, course
from model.complaints import hint
from model.inputs import Registry
from model.scenario_schema import HOSPITALS, region_codes

Floats = NDArray[np.float64]
R = TypeVar("R")


class Values(dict[str, Any]):
    """The parameter values of one phase: `values[id]`, a float, a bool or a tuple of floats.

    A parameter that differs by region or hospital is in `places`, shape (region, hospital), and is read by
    `by_region`, `by_hospital` or `by_place`; these also read a parameter that is the same everywhere.
    `built` : what functions gave for these values and others of the same base, which may not change any more; None
    where nothing is remembered. See `each`.
    `moved` : where these values differ from their base, id -> value (bytes where it differs between places).
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        places: Mapping[str, Floats] | None = None,
        moved: Mapping[str, Hashable] | None = None,
        built: "dict[Callable[[Values], Any], Built] | None" = None,
    ) -> None:
        super().__init__(values)
        self.places = dict(places or {})
        self.moved = dict(moved or {})
        self.built = built

    def __missing__(self, name: str) -> Any:
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
        if name not in self.places:
            return np.full(len(region_codes()), float(self[name]))
        cells = self.by_place(name)
        if (cells != cells[:, :1]).any():
            raise KeyError(f"{name} differs by hospital: read it by_hospital or by_place")
        return cells[:, 0].copy()

    def by_hospital(self, name: str) -> Floats:
        """Return the parameter by hospital, shape (3,); KeyError if it also differs by region."""
        if name not in self.places:
            return np.full(len(HOSPITALS), float(self[name]))
        cells = self.by_place(name)
        if (cells != cells[:1]).any():
            raise KeyError(f"{name} differs by region: read it by_region or by_place")
        return cells[0].copy()


class Reading(Values):
    """Values that are fetched from others when they are read: `read`, their ids."""

    def __init__(self, values: Values) -> None:
        super().__init__({}, values.places)
        self.read: set[str] = set()
        self._source = values

    def __missing__(self, name: str) -> Any:
        self.read.add(name)
        self[name] = value = self._source[name]
        return value

    def by_place(self, name: str) -> Floats:
        """Return the parameter by region and hospital, shape (18, 3)."""
        self.read.add(name)
        return super().by_place(name)


class Built:
    """What a function gave, by the ids that it read and what was moved of them.

    What it reads may depend on what it has read: each set of ids is looked up, until one was read of the same values.
    """

    def __init__(self) -> None:
        self.results: dict[frozenset[str], dict[frozenset[tuple[str, Hashable]], Any]] = {}

    def of(self, build: Callable[[Values], R], v: Values) -> R:
        """Return what the function gives, or gave for values that differ nowhere it looked."""
        for ids, results in self.results.items():
            if (key := _moved(v, ids)) in results:
                return results[key]
        reading = Reading(v)
        result = build(reading)
        ids = frozenset(reading.read)
        self.results.setdefault(ids, {})[_moved(v, ids)] = result
        return result


def _moved(v: Values, ids: frozenset[str]) -> frozenset[tuple[str, Hashable]]:
    return frozenset((name, v.moved[name]) for name in ids.intersection(v.moved))


def each(build: Callable[[Values], R], phases: Sequence[Values]) -> list[R]:
    """Return what a function gives in each phase: the same object where nothing that it read differs."""
    if any(v.built is not phases[0].built for v in phases) or (built := phases[0].built) is None:
        return [build(v) for v in phases]
    known = built.setdefault(build, Built())
    return [known.of(build, v) for v in phases]


@dataclass(frozen=True)
class Phases:
    """The phase of each month and the values of each phase; phase 0 is that of the first month.

    phase_of_month : int32, (months,)
    phases : one `Values` a phase
    """

    phase_of_month: NDArray[np.int32]
    phases: list[Values]


def phases_of(
    changes: Mapping[str, tuple[Change, ...]], registry: Registry, start: int, months: int, base: Values | None = None
) -> Phases:
    """Return the phases of `months` months from month number `start`, under these changes of the registry.

    base : the registry's values, where what is built of them serves several calendars
    """
    dates = np.arange(start, start + months)
    courses = {name: _plainest(course(said, registry[name], dates)) for name, said in changes.items()}
    if base is None:
        base = Values(registry.in_force, built={})
    phases: list[Values] = []
    known: dict[bytes, int] = {}
    phase_of_month = np.zeros(months, dtype=np.int32)
    moves = np.zeros(months, dtype=bool)
    moves[:1] = True
    for values in courses.values():
        flat = values.reshape(months, -1)
        moves[1:] |= (flat[1:] != flat[:-1]).any(axis=1)
    for month in np.flatnonzero(moves).tolist():
        key = b"".join(values[month].tobytes() for values in courses.values())
        if key not in known:
            known[key] = len(phases)
            phases.append(_values(base, {name: values[month] for name, values in courses.items()}))
        phase_of_month[month:] = known[key]
    return Phases(phase_of_month, phases)


def _plainest(values: NDArray[Any]) -> NDArray[Any]:
    """Return (months,) instead of (months, region, hospital) where no place ever differs."""
    if values.ndim == 3 and (values == values[:, :1, :1]).all():
        return np.ascontiguousarray(values[:, 0, 0])
    return values


def _values(base: Values, changed: Mapping[str, NDArray[Any]]) -> Values:
    out = Values(base, moved={}, built=base.built)
    for name, now in changed.items():
        if now.ndim == 2:
            out.places[name], out.moved[name] = now, now.tobytes()
            del out[name]
        elif (value := tuple(now.tolist()) if now.ndim else now.item()) != base[name]:
            out[name] = out.moved[name] = value
    return out
