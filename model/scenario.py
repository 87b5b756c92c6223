"""Scenarios: what we compare. Load a file, follow what it extends and includes, check all of it, and give
the parameter values in force month by month.

A scenario inherits the changes and programme costs of the file it `extends` (its own replace them), and adds
those of the files it `includes`; see `model.changes` for the rule that combines them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from model.changes import Change, merged, read_changes
from model.complaints import Complain, InputError, Problems, hint, shown, sound_fields
from model.inputs import ROOT, Bilingual, Registry, read_toml, shown_path
from model.phases import Phases, Values, phases_of
from model.scenario_schema import (
    Evidence,
    Explore,
    LegalTest,
    ProgrammeCost,
    ScenarioForm,
    explore_faults,
    month_name,
    month_number,
    read_costs,
)

__all__ = [
    "BASELINE",
    "SCENARIOS",
    "START",
    "Change",
    "Phases",
    "ProgrammeCost",
    "Scenario",
    "Values",
    "load_scenario",
    "load_scenarios",
    "month_name",
    "month_number",
    "scenario_names",
]

SCENARIOS = ROOT / "scenarios"
BASELINE = "baseline"
START = "2027-01"


@dataclass(frozen=True)
class Scenario:
    """One policy, complete: its own file together with what it extends and includes.

    changes : by parameter, the changes in force (more than one: multiplications that combine)
    programme_cost : own or inherited along `extends`, then those of `includes`
    start : month number of its own calendar, None for the common one
    ancestors : every scenario it extends or includes, near or far
    files : its file and theirs
    """

    id: str
    title: Bilingual
    summary: Bilingual
    changes: Mapping[str, tuple[Change, ...]]
    files: tuple[Path, ...]
    proposal: str = ""
    extends: str | None = None
    includes: tuple[str, ...] = ()
    programme_cost: tuple[ProgrammeCost, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    uncertainty: Bilingual | None = None
    does_not_claim: Bilingual | None = None
    exclusive_set: str | None = None
    population: str = "national"
    start: int | None = None
    legal_test: LegalTest | None = None
    explore: Explore | None = None
    unlimited_places: bool = False
    colour: str | None = None
    ancestors: frozenset[str] = frozenset()

    @property
    def is_baseline(self) -> bool:
        return self.id == BASELINE

    @property
    def has_joint_costs(self) -> bool:
        """Whether it pays something per year or once, which a cohort shares with the rest of the nation."""
        return any(cost.is_joint for cost in self.programme_cost)

    @property
    def grades(self) -> str:
        """The grades of its changes, each once, as "BD"."""
        return "".join(sorted({change.grade for changes in self.changes.values() for change in changes}))

    def values(self, registry: Registry, months: int, start: str | None = None, base: Values | None = None) -> Phases:
        """Return the values in force over `months` months from `start` (its own calendar, or 2027-01).

        base : see `phases_of`
        """
        first = month_number(start) if start else self.start or month_number(START)
        return phases_of(self.changes, registry, first, months, base)

    def explored(self, value: float, registry: Registry) -> "Scenario":
        """Return this scenario with its explored parameter at `value`, on the calendar of its own change."""
        if self.explore is None:
            raise ValueError(f"{self.id} explores no parameter")
        name = self.explore.parameter
        if fault := registry[name].fault(value):
            raise InputError({self.id: [f"explore: {name} {fault}."]})
        why = self.explore.label.en
        told = self.changes.get(name, (Change(name, "value", value, grade="D", why=why, origin=self.id),))
        change = replace(told[0], operation="value", amount=float(value), overlap=0.0)
        return replace(self, changes={**self.changes, name: (change,)})

    def own_size(self, registry: Registry) -> float | None:
        """Return the size that the explored parameter has in the scenario itself; None where that is no one number."""
        if self.explore is None:
            raise ValueError(f"{self.id} explores no parameter")
        told, base = self.changes.get(self.explore.parameter, ()), registry.value(self.explore.parameter)
        size = told[0].full(base) if told else base
        return float(size) if len(told) < 2 and isinstance(size, float | int) else None


def scenario_names(folder: Path = SCENARIOS) -> list[str]:
    """Return the names of the scenarios of a folder, the baseline first."""
    return sorted((path.stem for path in folder.glob("*.toml")), key=lambda name: (name != BASELINE, name))


def load_scenario(name_or_path: str | Path, registry: Registry, folder: Path = SCENARIOS) -> Scenario:
    """Return a scenario by its name in `folder`, or by the path of its file.

    Errors: InputError with every problem of its file and of those it extends and includes.
    """
    return load_scenarios([name_or_path], registry, folder)[0]


def load_scenarios(names: Sequence[str | Path], registry: Registry, folder: Path = SCENARIOS) -> list[Scenario]:
    """Return several scenarios in the order asked; InputError with every problem of every file."""
    loader = _Loader(registry, folder)
    scenarios = [loader.load(_path_of(name, folder)) for name in names]
    ids = [scenario.id for scenario in scenarios if scenario is not None]
    for twice in {name for name in ids if ids.count(name) > 1}:
        loader.problems.add("the scenarios asked for", f"{twice} is there more than once.")
    loader.problems.stop_if_any()
    return [scenario for scenario in scenarios if scenario is not None]


def _path_of(name: str | Path, folder: Path) -> Path:
    is_path = isinstance(name, Path) or name.endswith(".toml") or "/" in name
    return Path(name) if is_path else folder / f"{name}.toml"


class _Loader:
    """Loads files once each, following `extends` and `includes`, and gathers every problem."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self.registry = registry
        self.folder = folder
        self.problems = Problems()
        self.loaded: dict[Path, Scenario | None] = {}
        self.under_way: list[Path] = []

    def load(self, path: Path) -> Scenario | None:
        """Return the scenario of this file, or None if it or a file it needs has a problem."""
        path = path.resolve()
        if path not in self.loaded:
            self.under_way.append(path)
            self.loaded[path] = self._read(path)
            self.under_way.pop()
        return self.loaded[path]

    def _read(self, path: Path) -> Scenario | None:
        complaints: list[str] = []
        try:
            raw = read_toml(path)
        except InputError as error:
            self.problems.merge(error)
            return None
        if not re.fullmatch(r"[a-z0-9_]+", path.stem):
            complaints.append(f"{shown(path.name)} is not a name; expected lower-case letters, digits and _.")
        sound = sound_fields(ScenarioForm, raw, "", complaints.append)
        own = read_changes(sound["changes"] or {}, path.stem, self.registry, complaints.append)
        costs = read_costs(sound["programme_cost"] or [], path.stem, self.registry, complaints.append)
        if sound["explore"] is not None:
            complaints += explore_faults(sound["explore"], self.registry)
        complaints += _missing(path.stem, raw)
        parents = self._parents(path, sound, complaints.append)
        included = self._included(path, sound, complaints.append)
        scenario = None
        if not complaints and None not in (*parents, *included):
            nearest = [parent for parent in parents if parent is not None]
            others = [other for other in included if other is not None]
            inherited = self._combined(nearest, others, own, complaints.append)
            scenario = _complete(path, sound, inherited, costs, nearest, others)
        for complaint in complaints:
            self.problems.add(shown_path(path), complaint)
        return None if complaints else scenario

    def _combined(
        self, parents: list[Scenario], included: list[Scenario], own: Mapping[str, Change], complain: Complain
    ) -> dict[str, tuple[Change, ...]]:
        """Return all changes in force: own, else those of the includes together, else those extended."""
        ancestors = {scenario.id: scenario.ancestors for scenario in self.loaded.values() if scenario}
        settled = [{name: said for name, said in other.changes.items() if name not in own} for other in included]
        together = merged(settled, ancestors, self.registry, complain)
        extended = {name: said for parent in parents for name, said in parent.changes.items()}
        for name, said in extended.items():
            # what an included file only inherited from further up does not replace what this one extends
            if name in together and all(_is_further(change, said, ancestors) for change in together[name]):
                together[name] = said
        return {**extended, **together, **{name: (change,) for name, change in own.items()}}

    def _parents(self, path: Path, sound: Mapping[str, Any], complain: Complain) -> list[Scenario | None]:
        if path.stem == BASELINE:
            if sound["extends"] is not None:
                complain("extends is not for the baseline, which is what the others are compared with.")
            return []
        return [self._linked(path, "extends", sound["extends"] or BASELINE, complain)]

    def _included(self, path: Path, sound: Mapping[str, Any], complain: Complain) -> list[Scenario | None]:
        names = sound["includes"] or []
        if path.stem == BASELINE and names:
            complain("includes is not for the baseline.")
            return []
        return [self._linked(path, "includes", name, complain) for name in names]

    def _linked(self, path: Path, key: str, name: str, complain: Complain) -> Scenario | None:
        """Return the scenario that a file names, beside it or in the folder of scenarios."""
        known = {**_named(self.folder), **_named(path.parent)}
        if name not in known:
            complain(f"{key} has {shown(name)}, which is not a scenario.{hint(name, known)}")
            return None
        other = known[name].resolve()
        if other in self.under_way:
            circle = [*self.under_way[self.under_way.index(other) :], other]
            complain(f"{key} goes round in a circle: {' → '.join(step.stem for step in circle)}.")
            return None
        return self.load(other)


def _named(folder: Path) -> dict[str, Path]:
    return {file.stem: file for file in folder.glob("*.toml")}


def _is_further(change: Change, said: tuple[Change, ...], ancestors: Mapping[str, frozenset[str]]) -> bool:
    return any(
        change.origin in ancestors.get(near.origin, frozenset()) or near.origin == change.origin for near in said
    )


def _missing(name: str, raw: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a policy must say and this file does not."""
    needed = [] if name == BASELINE else ["proposal", "uncertainty", "does_not_claim"]
    if name != BASELINE and raw.get("changes"):
        needed.append("evidence")
    for key in needed:
        if key not in raw:
            yield f"{key} is missing; expected {ScenarioForm.model_fields[key].description}."


def _complete(
    path: Path,
    sound: Mapping[str, Any],
    changes: dict[str, tuple[Change, ...]],
    costs: list[ProgrammeCost],
    parents: list[Scenario],
    included: list[Scenario],
) -> Scenario:
    """Return the scenario of a sound file, with what it inherits."""
    parent = parents[0] if parents else None
    kin = [*parents, *included]
    own_costs = costs if sound["programme_cost"] is not None or parent is None else parent.programme_cost
    all_costs = [*own_costs, *(cost for other in included for cost in other.programme_cost)]
    legal = [other.legal_test for other in kin if other.legal_test is not None]
    ancestors = {other.id for other in kin}.union(*(other.ancestors for other in kin))
    unlimited = sound["unlimited_places"]
    return Scenario(
        id=path.stem,
        title=sound["title"],
        summary=sound["summary"],
        changes=changes,
        files=tuple(dict.fromkeys([path, *(file for other in kin for file in other.files)])),
        proposal=sound["proposal"] or "",
        extends=parent.id if parent else None,
        includes=tuple(other.id for other in included),
        programme_cost=_each_once(all_costs),
        evidence=_each_once([*(sound["evidence"] or ()), *(item for other in kin for item in other.evidence)]),
        uncertainty=sound["uncertainty"],
        does_not_claim=sound["does_not_claim"],
        exclusive_set=sound["exclusive_set"],
        population=sound["population"] or (parent.population if parent else "national"),
        start=sound["start"] if sound["start"] is not None or parent is None else parent.start,
        legal_test=sound["legal_test"] or next(iter(legal), None),
        explore=sound["explore"],
        unlimited_places=any(other.unlimited_places for other in kin) if unlimited is None else unlimited,
        colour=sound["colour"],
        ancestors=frozenset(ancestors),
    )


def _each_once(items: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(item for place, item in enumerate(items) if item not in items[:place])
