"""A change of one parameter: to what, when, how fast, where; and how changes of several files combine.

Along `extends` the nearer file's change replaces the other. Between `includes`, equal replacements are one,
and multiplications combine as effects that follow one another, 1 - (1 - a)(1 - b) for two reductions a and b:
the strongest counts whole, and of each weaker effect in the same direction the share 1 - overlap counts, as a
power of its factor (overlap 1: the weaker is wholly within the stronger). Anything else is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model.complaints import Complain, hint, shown, sound_fields
from model.inputs import Parameter, Registry, Value, load_table
from model.scenario_schema import HOSPITALS, MONTH, ChangeForm, Where, month_name, region_codes

Floats = NDArray[np.float64]
Months = NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """One parameter changed by one file: to what, when, where, why.

    regions, hospitals : the rows it is confined to; empty means everywhere
    origin : the scenario whose file says it
    """

    parameter: str
    operation: Literal["value", "multiply", "add"]
    amount: Value
    from_month: int | None = None
    ramp: int = 1
    until_month: int | None = None
    decay: int = 0
    regions: tuple[int, ...] = ()
    hospitals: tuple[int, ...] = ()
    overlap: float = 0.0
    grade: str = field(default="D", compare=False)
    why: str = field(default="", compare=False)
    origin: str = field(default="", compare=False)

    @property
    def is_targeted(self) -> bool:
        """Whether it holds in some regions or hospitals only."""
        return bool(self.regions or self.hospitals)

    def full(self, base: Value) -> Value:
        """Return the parameter's value once the change is complete, from its baseline value."""
        if self.operation == "value" or isinstance(base, tuple) or isinstance(self.amount, tuple):
            return self.amount
        return base * self.amount if self.operation == "multiply" else base + self.amount

    def share(self, months: Months) -> Floats:
        """Return how much of the change is in force in each month (numbers from year 0), 0 to 1.

        With `from` and a ramp of N months: 1/N in the month of `from`, 1 from its Nth month on. `until` is
        the last month in force; with a decay of D months the effect then falls by 1/D a month to nothing.
        """

        def grown(month: Months | int) -> Any:
            if self.from_month is None:
                return np.ones(np.shape(month))
            return np.clip((np.asarray(month) - self.from_month + 1) / self.ramp, 0.0, 1.0)

        if self.until_month is None:
            return np.asarray(grown(months), dtype=np.float64)
        after = np.maximum(months - self.until_month, 0)
        left = np.clip(1 - after / self.decay, 0.0, 1.0) if self.decay else 1.0 * (after == 0)
        return np.asarray(grown(np.minimum(months, self.until_month)) * left, dtype=np.float64)

    def cells(self) -> NDArray[np.bool_]:
        """Return the (region, hospital) cells it holds in, shape (regions, 3)."""
        here = np.zeros((len(region_codes()), len(HOSPITALS)), dtype=bool)
        rows = list(self.regions) or list(range(here.shape[0]))
        here[np.ix_(rows, list(self.hospitals) or list(range(here.shape[1])))] = True
        return here


def read_changes(raw: Mapping[str, Any], origin: str, registry: Registry, complain: Complain) -> dict[str, Change]:
    """Return the sound changes of one file by parameter, and complain of the others."""
    changes: dict[str, Change] = {}
    for name, table in raw.items():
        path = f'changes."{name}"'
        if name not in registry:
            complain(f"{path} is not a parameter.{_other_name(name, table, registry)}")
            if any(isinstance(item, dict) for key, item in table.items() if key != "where"):
                continue  # a name written without quotes: its keys are pieces of the name
        faults: list[str] = []
        sound = sound_fields(ChangeForm, table, f"{path}.", faults.append)
        faults += _timing_faults(sound, path)
        regions, hospitals = _places(sound["where"], path, faults.append)
        operations = [key for key in ("value", "multiply", "add") if key in table]
        if len(operations) != 1:
            found = " and ".join(operations) or "none"
            faults.append(f"{path} has {found}; expected exactly one of value, multiply, add.")
        elif name in registry and sound[operations[0]] is not None:
            faults += _effect_faults(registry[name], operations[0], sound, path)
        for fault in faults:
            complain(fault)
        if not faults and name in registry:
            changes[name] = _change(name, operations[0], sound, regions, hospitals, origin)
    return changes


def _change(
    name: str,
    operation: Any,
    sound: dict[str, Any],
    regions: tuple[int, ...],
    hospitals: tuple[int, ...],
    origin: str,
) -> Change:
    amount = sound[operation]
    return Change(
        parameter=name,
        operation=operation,
        amount=amount if isinstance(amount, bool | tuple) else float(amount),
        from_month=sound["from_month"],
        ramp=sound["ramp"] or 1,
        until_month=sound["until_month"],
        decay=sound["decay"] or 0,
        regions=regions,
        hospitals=hospitals,
        overlap=sound["overlap"] or 0.0,
        grade=sound["grade"],
        why=sound["why"],
        origin=origin,
    )


def _other_name(name: str, table: Mapping[str, Any], registry: Registry) -> str:
    """Return the hint for an unknown parameter, also when its name was written without quotes."""
    full = name
    while isinstance(table, Mapping) and len(table) == 1 and isinstance(next(iter(table.values())), Mapping):
        key, table = next(iter(table.items()))
        full = f"{full}.{key}"
    if full != name:
        near = full if full in registry else registry.nearest(full) or full
        return f' Put the name in quotes: [changes."{near}"].'
    return hint(name, registry)


def _timing_faults(sound: Mapping[str, Any], path: str) -> Iterator[str]:
    start, end = sound["from_month"], sound["until_month"]
    if sound["ramp"] is not None and start is None:
        yield f"{path} has a ramp but no from; expected from, {MONTH}."
    if sound["decay"] is not None and end is None:
        yield f"{path} has a decay but no until; expected until, {MONTH}."
    if start is not None and end is not None and end < start:
        yield f'{path}.until is "{month_name(end)}", before from; expected "{month_name(start)}" or later.'
    if sound["overlap"] is not None and sound["multiply"] is None:
        yield f"{path}.overlap goes with multiply only."


def _effect_faults(parameter: Parameter, operation: str, sound: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield what is wrong with the value that the change would set, and with how it gets there."""
    base, amount = parameter.value, sound[operation]
    if isinstance(base, bool | tuple):
        what = "a list" if isinstance(base, tuple) else "true or false"
        if operation != "value":
            yield f"{path}.{operation} cannot change this parameter, which is {what}; expected value."
            return
        if sound["where"] is not None or (isinstance(base, bool) and (sound["ramp"] or sound["decay"])):
            yield f"{path} is {what}; it cannot have where{', ramp or decay' * isinstance(base, bool)}."
    if operation == "value":
        if fault := parameter.fault(amount):
            yield f"{path}.value {fault}."
        return
    full = Change(parameter.id, "multiply" if operation == "multiply" else "add", amount).full(base)
    if fault := parameter.fault(full):
        yield f"{path}.{operation} is {shown(amount)}: the value {fault}."


def _places(where: Where | None, path: str, complain: Complain) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the rows of regions and hospitals named, and complain of unknown ones."""
    if where is None:
        return (), ()
    if not (where.region or where.hospital):
        complain(f"{path}.where names no place; expected region, hospital or both.")
    regions, names = region_codes(), [str(name) for name in load_table("regions")["region_name"]]
    for code in where.region or ():
        if code in names:
            expected = shown(regions[names.index(code)])
            complain(f"{path}.where.region has {shown(code)}; expected its code, {expected}.")
        elif code not in regions:
            complain(f"{path}.where.region has {shown(code)}, which is not a region.{hint(code, regions)}")
    for hospital in where.hospital or ():
        if hospital not in HOSPITALS:
            complain(f"{path}.where.hospital has {shown(hospital)}, which is not one.{hint(hospital, HOSPITALS)}")
    return (
        tuple(sorted({regions.index(code) for code in where.region or () if code in regions})),
        tuple(sorted({HOSPITALS.index(name) for name in where.hospital or () if name in HOSPITALS})),
    )


def merged(
    contributions: Sequence[Mapping[str, tuple[Change, ...]]],
    ancestors: Mapping[str, frozenset[str]],
    registry: Registry,
    complain: Complain,
) -> dict[str, tuple[Change, ...]]:
    """Return the changes of several included scenarios together, and complain of those that do not combine.

    ancestors : for each scenario that said a change, those it extends or includes: it has replaced them
    """
    together: dict[str, tuple[Change, ...]] = {}
    for contribution in contributions:
        for name, changes in contribution.items():
            together[name] = _without_replaced([*together.get(name, ()), *changes], ancestors)
    for name, changes in together.items():
        if fault := _combination_fault(registry[name], changes):
            complain(f'changes."{name}" {fault}')
    return together


def _without_replaced(changes: list[Change], ancestors: Mapping[str, frozenset[str]]) -> tuple[Change, ...]:
    """Return the changes once each, less those that a file nearer than theirs has replaced."""
    by_origin = {change.origin: change for change in changes}
    return tuple(
        change
        for origin, change in by_origin.items()
        if not any(origin in ancestors.get(other, frozenset()) for other in by_origin)
    )


def _combination_fault(parameter: Parameter, changes: tuple[Change, ...]) -> str | None:
    first, *others = changes
    files = " and ".join(change.origin for change in changes)
    if not others or (first.operation == "value" and all(change == first for change in others)):
        return None
    if any(change.operation != "multiply" for change in changes):
        return (
            f"is set by {files}, which differ; only equal values, or multiplications, combine: "
            "say in this file what holds."
        )
    factors = np.array([np.where(change.cells(), change.amount, 1.0) for change in changes])
    for value in np.unique(float_value(parameter) * combined(factors, _overlap(changes))):
        if fault := parameter.fault(float(value)):
            return f"multiplied by {files} {fault}."
    return None


def float_value(parameter: Parameter) -> float:
    """Return the value of a parameter that is a number."""
    if isinstance(parameter.value, tuple):
        raise TypeError(f"{parameter.id} is a list")
    return float(parameter.value)


def _overlap(changes: tuple[Change, ...]) -> float:
    return max(change.overlap for change in changes)


def combined(factors: Floats, overlap: float) -> Floats:
    """Return the factor of several effects together; axes (effect, …) -> (…). See the head of this file."""
    falls = np.sort(np.minimum(factors, 1.0), axis=0)
    rises = np.sort(np.maximum(factors, 1.0), axis=0)[::-1]
    weaker = 1.0 - overlap
    return falls[0] * np.prod(falls[1:] ** weaker, axis=0) * rises[0] * np.prod(rises[1:] ** weaker, axis=0)


def course(changes: tuple[Change, ...], parameter: Parameter, months: Months) -> NDArray[Any]:
    """Return the parameter month by month: (months,), (months, item) for a list, (months, region, hospital)
    if targeted. `months` are numbers from year 0. A month in which no change is in force holds the baseline
    value exactly; results are kept within the parameter's range (a draw of the baseline may push them out).
    """
    first = changes[0]
    if isinstance(parameter.value, bool):
        return np.where(first.share(months) > 0, bool(first.amount), parameter.value)
    if isinstance(parameter.value, tuple):
        amount, base = np.array(first.amount, dtype=np.float64), np.array(parameter.value)
        return _bounded(_between(base, amount, first.share(months)[:, None]), parameter)
    targeted = any(change.is_targeted for change in changes)
    shares = [_spread_out(change, months) if targeted else change.share(months) for change in changes]
    number = float(parameter.value)
    if len(changes) == 1 or first.operation == "value":
        return _bounded(_between(number, first.full(number), shares[0]), parameter)
    factors = [_between(1.0, change.amount, share) for change, share in zip(changes, shares, strict=True)]
    return _bounded(number * combined(np.array(factors), _overlap(changes)), parameter)


def _spread_out(change: Change, months: Months) -> Floats:
    return change.share(months)[:, None, None] * change.cells()


def _between(start: Any, end: Any, share: Floats) -> Floats:
    """Return start at share 0 and end at share 1, both exactly, and the straight line in between."""
    return np.where(share == 1.0, end, start + (np.asarray(end) - start) * share)


def _bounded(values: Floats, parameter: Parameter) -> Floats:
    return values if parameter.range is None else np.clip(values, *parameter.range)
