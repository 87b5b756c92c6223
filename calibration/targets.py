"""Published results that the model is set beside: what each measured, how far it can be trusted, its role.

`targets.toml` holds instruments (what each calls the outcome, in states of the model), studies (who entered, what
care, how followed) and targets. A target is fitted, or only validates (never fitted, and never changed after
a miss), or is reported: another member of its pair of conflicting sources is fitted, or the model cannot measure
it, and the file says why. A number that is already a parameter is named (`parameter`), never written again.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from model.complaints import Bilingual, Complain, Form, Problems, entry, hint, is_number, shown, sound_fields
from model.inputs import ROOT, Registry, read_toml, shown_path
from model.states import Health

TARGETS = ROOT / "calibration" / "targets.toml"
Z95 = 1.959964

AText = Annotated[str, Field(min_length=1)]
ANumber = Annotated[float, Field(allow_inf_nan=False)]
APositive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Checked = Literal["yes", "secondary", "memory", "derived", "assumption"]
Role = Literal["fit", "validate", "reported"]
Validity = Literal["dependent", "external", "predictive"]
Scale = Literal["natural", "log"]
CHECKED = '"yes", "secondary", "memory", "derived" or "assumption"'
VALIDITY = (
    '"dependent" (a parameter comes from the same source), "external" or "predictive" (a later time than its input)'
)


class _InstrumentForm(Form):
    states: list[AText] = entry('states of health, as ["REMISSION", "RECOVERY"]', required=True)
    error: ANumber = entry("its error on a share, 0 or more", required=True)
    why: AText = entry("a text", required=True)


class _StudyForm(Form):
    title: Bilingual = entry("a table with fr and en", required=True)
    population: AText = entry("a text: who", required=True)
    entry_: AText = entry("a text: entry criteria in the model", required=True, alias="entry")
    care: AText = entry("a text: what care everybody gets", required=True)
    censoring: AText = entry("a text: what ends follow-up", required=True)
    transport: AText = entry("a text: why the result may not carry over to France today", required=True)
    source: AText = entry("the source, in quotes", required=True)
    design: dict[str, Any] = entry("a table of numbers of the protocol")


class _TargetForm(Form):
    title: Bilingual = entry("a table with fr and en", required=True)
    study: AText = entry("the name of a study")
    measure: AText = entry("one of the study's measures")
    value: ANumber = entry("a number")
    parameter: AText = entry("the id of a parameter that holds the number")
    index: int = entry("the place in a parameter that is a list, from 0")
    unit: AText = entry("the unit, in quotes", required=True)
    scale: Scale = entry('"natural" or "log": of the errors')
    n: APositive = entry("persons a share was observed in, above 0")
    ci95: list[ANumber] = entry("two numbers, the lower first")
    sampling_error: ANumber = entry("a standard error, 0 or more, on the target's scale")
    transport_error: ANumber = entry("a standard error, 0 or more, on the target's scale", required=True)
    arm: AText = entry("a text: which arm")
    follow_up: AText = entry("a text: when it is read")
    outcome: AText = entry("a text: what is read")
    instrument: AText = entry("the name of an instrument")
    role: Role = entry('"fit", "validate" or "reported"', required=True)
    validity: Validity = entry(VALIDITY, required=True)
    reading: AText = entry("one of the alternatives of [readings], as axis.name")
    evidence: AText = entry("a row of an evidence file, in quotes")
    source: AText = entry("the source, where it is not the study's")
    checked: Checked = entry(CHECKED)
    why: Bilingual = entry("a table with fr and en: why it is only reported")


@dataclass(frozen=True)
class Instrument:
    """What an instrument calls the outcome, in states of the model, and its error on a share."""

    id: str
    states: tuple[int, ...]
    error: float
    why: str


@dataclass(frozen=True)
class StudySetting:
    """What reproduces a source: who, entered how, cared for how, followed until when; numbers of its protocol."""

    id: str
    title: Bilingual
    population: str
    entry: str
    care: str
    censoring: str
    transport: str
    source: str
    design: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """One published result: its value, its errors (on `scale`), the measure that answers for it, its role."""

    id: str
    title: Bilingual
    study: str | None
    measure: str | None
    value: float
    unit: str
    scale: Scale
    sampling_error: float
    transport_error: float
    instrument_error: float
    role: Role
    validity: Validity
    reading: str | None
    evidence: str
    source: str
    checked: str
    outcome: str
    follow_up: str
    arm: str
    why: Bilingual | None

    @property
    def error(self) -> float:
        """Sampling, transport and instrument errors together, on the target's scale."""
        return math.sqrt(self.sampling_error**2 + self.transport_error**2 + self.instrument_error**2)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the target, all its errors counted, in its unit."""
        half = Z95 * self.error
        if self.scale == "log":
            return self.value * math.exp(-half), self.value * math.exp(half)
        return self.value - half, self.value + half

    def distance(self, model: float, mc_error: float = 0.0) -> tuple[float, float]:
        """Return how far the model lies from the target and its Monte Carlo error, in errors of the target."""
        if self.scale == "natural":
            return (model - self.value) / self.error, mc_error / self.error
        if not model > 0.0:
            return (float("-inf") if model == 0.0 else float("nan")), float("nan")
        return math.log(model / self.value) / self.error, mc_error / model / self.error

    def z(self, model: float, mc_error: float = 0.0) -> float:
        """Return how many errors the model lies from the target, its own Monte Carlo error counted."""
        gap, luck = self.distance(model, mc_error)
        return gap if math.isinf(gap) else gap / math.hypot(1.0, luck)


@dataclass(frozen=True)
class Targets:
    """All targets, their studies and instruments, and the reading chosen on each axis of conflicting sources."""

    items: tuple[Target, ...]
    studies: Mapping[str, StudySetting]
    instruments: Mapping[str, Instrument]
    readings: Mapping[str, str]
    alternatives: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.items)

    def role(self, target: Target) -> Role:
        """Return the role under the readings chosen: a target of another reading is only reported."""
        if target.reading is None:
            return target.role
        axis, name = target.reading.split(".")
        return target.role if self.readings[axis] == name else "reported"

    def of(self, *roles: Role) -> "Targets":
        """Return the targets that have one of these roles under the readings chosen."""
        return replace(self, items=tuple(t for t in self.items if self.role(t) in roles))

    def measured(self) -> "Targets":
        """Return the targets that a study measures."""
        return replace(self, items=tuple(t for t in self.items if t.study is not None))

    def fitted_somewhere(self) -> "Targets":
        """Return the targets that some reading fits: what the runs of a fit measure."""
        return replace(self, items=tuple(t for t in self.items if t.role == "fit"))

    def vector(self, name: str) -> NDArray[np.float64]:
        """Return `value` or `error` of each target, shape (target,)."""
        return np.array([getattr(target, name) for target in self.items])


def load_targets(registry: Registry, path: Path = TARGETS, readings: Mapping[str, str] | None = None) -> Targets:
    """Return the targets of a file; `readings` replaces the base choice on some axes, as {"stard": "pigott"}.

    Errors: InputError with every problem of the file.
    """
    problems, file = Problems(), shown_path(path)
    raw, complain = read_toml(path), problems.about(file)
    for key in raw:
        if key not in ("readings", "instrument", "study", "target"):
            complain(f"{key} is not a key here.{hint(key, ['readings', 'instrument', 'study', 'target'])}")
    alternatives = _alternatives(raw.get("readings", {}), complain)
    chosen = {axis: names[0] for axis, names in alternatives.items()}
    for axis, name in (readings or {}).items():
        if name not in alternatives.get(axis, []):
            complain(f"readings.{axis} has no {name}.{hint(name, alternatives.get(axis, []))}")
        chosen[axis] = name
    instruments = dict(_instruments(raw.get("instrument", {}), complain))
    studies = dict(_studies(raw.get("study", {}), complain))
    targets = tuple(
        found
        for name, table in raw.get("target", {}).items()
        if (found := _target(name, table, registry, studies, instruments, alternatives, complain)) is not None
    )
    problems.stop_if_any()
    return Targets(targets, studies, instruments, chosen, alternatives)


def _alternatives(raw: Mapping[str, Any], complain: Complain) -> dict[str, list[str]]:
    out = {}
    for axis, names in raw.items():
        if isinstance(names, list) and len(names) >= 2 and all(isinstance(name, str) for name in names):
            out[axis] = names
        else:
            complain(f"readings.{axis} is {shown(names)}; expected two names or more, the base first.")
    return out


def _instruments(raw: Mapping[str, Any], complain: Complain) -> list[tuple[str, Instrument]]:
    out, known = [], [state.name for state in Health]
    for name, table in raw.items():
        sound = sound_fields(_InstrumentForm, table, f"instrument.{name}.", complain)
        unknown = [state for state in sound["states"] or [] if state not in known]
        for state in unknown:
            complain(f"instrument.{name}.states: {state} is not a state of health.{hint(state, known)}")
        if sound["states"] and not unknown and sound["error"] is not None and sound["why"]:
            states = tuple(int(Health[state]) for state in sound["states"])
            out.append((name, Instrument(name, states, sound["error"], sound["why"])))
    return out


def _studies(raw: Mapping[str, Any], complain: Complain) -> list[tuple[str, StudySetting]]:
    out = []
    for name, table in raw.items():
        sound = sound_fields(_StudyForm, table, f"study.{name}.", complain)
        given = {("entry" if key == "entry_" else key): item for key, item in sound.items() if item is not None}
        if len(given) >= len(_StudyForm.model_fields) - 1:
            out.append((name, StudySetting(id=name, **given)))
    return out


def _target(
    name: str,
    raw: Mapping[str, Any],
    registry: Registry,
    studies: Mapping[str, StudySetting],
    instruments: Mapping[str, Instrument],
    alternatives: Mapping[str, Sequence[str]],
    complain: Complain,
) -> Target | None:
    faults: list[str] = []
    where = f"target.{name}."
    sound = sound_fields(_TargetForm, raw, where, faults.append)
    if not faults:
        value, provenance = _value(sound, registry, where, faults)
        sampling = _sampling(sound, value, where, faults)
        _links(sound, studies, instruments, alternatives, where, faults)
    for fault in faults:
        complain(fault)
    if faults:
        return None
    setting = studies.get(sound["study"] or "")
    instrument = instruments.get(sound["instrument"] or "")
    checked, source, evidence = (sound[key] or provenance.get(key) for key in ("checked", "source", "evidence"))
    return Target(
        id=name,
        title=sound["title"],
        study=sound["study"],
        measure=sound["measure"],
        value=value,
        unit=sound["unit"],
        scale=sound["scale"] or "natural",
        sampling_error=sampling,
        transport_error=sound["transport_error"],
        instrument_error=instrument.error if instrument else 0.0,
        role=sound["role"],
        validity=sound["validity"],
        reading=sound["reading"],
        evidence=evidence or "",
        source=source or (setting.source if setting else ""),
        checked=checked or "",
        outcome=sound["outcome"] or "",
        follow_up=sound["follow_up"] or "",
        arm=sound["arm"] or "",
        why=sound["why"],
    )


def _value(
    sound: Mapping[str, Any], registry: Registry, where: str, faults: list[str]
) -> tuple[float, dict[str, str | None]]:
    """Return the number and what its parameter, if it has one, says of its source."""
    if (sound["value"] is None) == (sound["parameter"] is None):
        faults.append(f"{where}value or {where}parameter: expected exactly one of the two.")
        return math.nan, {}
    if sound["parameter"] is None:
        for key in ("evidence", "checked"):
            if not sound[key]:
                faults.append(f"{where}{key} is missing; expected where the number comes from.")
        return float(sound["value"]), {}
    parameter = sound["parameter"]
    if parameter not in registry:
        faults.append(f"{where}parameter: {parameter} is not a parameter.{hint(parameter, registry)}")
        return math.nan, {}
    document = registry[parameter]
    found: Any = document.value
    if isinstance(found, tuple):
        index = sound["index"]
        if index is None or not 0 <= index < len(found):
            faults.append(f"{where}index is {shown(index)}; expected 0 to {len(found) - 1} ({parameter} is a list).")
            return math.nan, {}
        found = found[index]
    return float(found), {"source": document.source, "evidence": document.evidence, "checked": document.checked}


def _sampling(sound: Mapping[str, Any], value: float, where: str, faults: list[str]) -> float:
    """Return the sampling error on the target's scale, from whichever of the three ways is given."""
    given = [key for key in ("n", "ci95", "sampling_error") if sound[key] is not None]
    if len(given) != 1:
        faults.append(f"{where}n, {where}ci95 or {where}sampling_error: expected exactly one of the three.")
        return math.nan
    if given == ["sampling_error"]:
        return float(sound["sampling_error"])
    log = sound["scale"] == "log"
    if given == ["n"]:
        if log or not 0.0 < value < 1.0:
            faults.append(f"{where}n is for shares between 0 and 1 on the natural scale; give ci95 or sampling_error.")
            return math.nan
        return math.sqrt(value * (1.0 - value) / sound["n"])
    interval = sound["ci95"]
    if len(interval) != 2 or not interval[0] < interval[1] or (log and interval[0] <= 0.0):
        faults.append(f"{where}ci95 is {shown(interval)}; expected two numbers, the lower first.")
        return math.nan
    low, high = (math.log(end) if log else end for end in interval)
    return (high - low) / (2.0 * Z95)


def _links(
    sound: Mapping[str, Any],
    studies: Mapping[str, StudySetting],
    instruments: Mapping[str, Instrument],
    alternatives: Mapping[str, Sequence[str]],
    where: str,
    faults: list[str],
) -> None:
    """Complain of a study, instrument or reading that is not in the file, and of a role without what it needs."""
    known = [f"{axis}.{name}" for axis, names in alternatives.items() for name in names]
    for key, among in (("study", studies), ("instrument", instruments), ("reading", known)):
        if sound[key] is not None and sound[key] not in among:
            faults.append(f"{where}{key}: there is no {sound[key]}.{hint(sound[key], among)}")
    if (sound["study"] is None) != (sound["measure"] is None):
        faults.append(f"{where}study and {where}measure go together.")
    if sound["role"] == "reported" and not sound["why"]:
        faults.append(f"{where}why is missing; expected why it is only reported.")
    if sound["role"] != "reported" and sound["study"] is None:
        faults.append(f"{where}study is missing; only a reported target may have none.")
    for key in ("sampling_error", "transport_error"):
        if is_number(sound[key]) and sound[key] < 0.0:
            faults.append(f"{where}{key} is {shown(sound[key])}; expected 0 or more.")
