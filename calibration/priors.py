"""What a calibration may move and how far before the targets are seen: `priors.toml`, drawn with a named generator.

A prior moves one parameter, or several together, either by its value or by a ratio of median 1 on the numbers of
the parameter files (never on solved ones: the prior has not seen the targets). Several may share a parameter, on
different numbers of a list. All priors are independent; dependence is for the targets to bring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from model.complaints import Complain, Form, Problems, entry, hint, shown, sound_fields
from model.inputs import ROOT, Registry, draw_generator, read_toml, shown_path
from model.spreads import Distribution, Spread, quantiles, spread_faults

PRIORS = ROOT / "calibration" / "priors.toml"

Floats = NDArray[np.float64]
AText = Annotated[str, Field(min_length=1)]
ANumber = Annotated[float, Field(allow_inf_nan=False)]
Kind = Literal["value", "ratio"]


class _SpreadForm(Form):
    distribution: Distribution = Field(description='"lognormal", "normal", "beta", "gamma", "uniform" or "fixed"')
    ci95: list[ANumber] | None = Field(default=None, description="two numbers, the lower first")
    low: ANumber | None = Field(default=None, description="a number")
    high: ANumber | None = Field(default=None, description="a number")


class _PriorForm(Form):
    parameters: list[AText] = entry("a list of ids of parameters", required=True)
    kind: Kind = entry('"value" or "ratio"', required=True)
    index: list[int] = entry("places in a list of numbers, from 0")
    spread: _SpreadForm = entry('a table, as { distribution = "lognormal", ci95 = [0.5, 2.0] }')
    why: AText = entry("a text: the reason", required=True)
    grade: Literal["A", "B", "C", "D"] = entry("A, B, C or D, in quotes", required=True)
    evidence: AText = entry("a row of an evidence file, in quotes")


@dataclass(frozen=True)
class Prior:
    """One free dimension: what it moves, its law, why, and its grade.

    centre : the median (or mean) the spread stands around; 1 for a ratio
    bounds : ends of what may be drawn: the parameter's range for a value, none for a ratio
    """

    id: str
    parameters: tuple[str, ...]
    kind: Kind
    index: tuple[int, ...] | None
    spread: Spread
    centre: float
    bounds: tuple[float, float] | None
    why: str
    grade: str
    evidence: str | None

    @property
    def is_assumption(self) -> bool:
        return self.grade == "D"

    def at(self, normal: Floats) -> Floats:
        """Return the prior at these standard normal quantiles, same shape."""
        return quantiles(self.spread, self.centre, self.bounds, normal)


def load_priors(files: Registry, path: Path = PRIORS) -> tuple[Prior, ...]:
    """Return the priors of a file; `files` are the parameter files' own values (`load_parameters(solved=None)`).

    Errors: InputError with every problem of the file.
    """
    problems = Problems()
    complain = problems.about(shown_path(path))
    raw = read_toml(path)
    for key in raw.keys() - {"prior"}:
        complain(f"{key} is not a key here.{hint(key, ['prior'])}")
    tables = raw.get("prior", {})
    found = [prior for name, table in tables.items() if (prior := _prior(name, table, files, complain)) is not None]
    _refuse_overlaps(found, complain)
    problems.stop_if_any()
    return tuple(found)


def _prior(name: str, raw: Mapping[str, Any], files: Registry, complain: Complain) -> Prior | None:
    faults: list[str] = []
    where = f"prior.{name}."
    sound = sound_fields(_PriorForm, raw, where, faults.append)
    for parameter in sound["parameters"] or []:
        if parameter not in files:
            faults.append(f"{where}parameters: {parameter} is not a parameter.{hint(parameter, files)}")
    if not faults:
        faults += _faults(sound, files, where)
    for fault in faults:
        complain(fault)
    if faults:
        return None
    first = files[sound["parameters"][0]]
    given = sound["spread"]
    spread = (
        first.spread if given is None else Spread(given.distribution, _pair(given.ci95), None, given.low, given.high)
    )
    assert spread is not None  # a prior without a spread of its own was refused
    ratio = sound["kind"] == "ratio"
    bounds = None if ratio else first.range
    centre = 1.0 if ratio else _centre(spread, _numbers(first.value)[(sound["index"] or [0])[0]])
    faults = [f"{where}spread {fault}." for fault in spread_faults(spread, centre, bounds)]
    for fault in faults:
        complain(fault)
    index = None if sound["index"] is None else tuple(sound["index"])
    rest = (sound["why"], sound["grade"], sound["evidence"])
    return (
        None if faults else Prior(name, tuple(sound["parameters"]), sound["kind"], index, spread, centre, bounds, *rest)
    )


def _faults(sound: Mapping[str, Any], files: Registry, where: str) -> list[str]:
    out = []
    for parameter in sound["parameters"]:
        size = len(_numbers(files[parameter].value))
        wrong = [place for place in sound["index"] or [] if not 0 <= place < size]
        if wrong:
            out.append(f"{where}index holds {shown(wrong)}; expected 0 to {size - 1} ({parameter}).")
        if sound["kind"] == "value" and size > 1 and sound["index"] is None:
            out.append(f"{where}index is missing; {parameter} is a list, and kind is value.")
    if sound["spread"] is None and (sound["kind"] == "ratio" or files[sound["parameters"][0]].spread is None):
        out.append(f"{where}spread is missing; only a value whose parameter has a spread may leave it out.")
    if sound["spread"] is not None and sound["spread"].ci95 is not None and _pair(sound["spread"].ci95) is None:
        out.append(f"{where}spread.ci95 is {shown(sound['spread'].ci95)}; expected two numbers, the lower first.")
    return out


def _refuse_overlaps(priors: Sequence[Prior], complain: Complain) -> None:
    """Complain of two priors that set the same number by its value."""
    taken: dict[tuple[str, int | None], str] = {}
    for prior in priors:
        if prior.kind == "value":
            for parameter in prior.parameters:
                for place in prior.index or (None,):
                    other = taken.setdefault((parameter, place), prior.id)
                    if other != prior.id:
                        complain(f"prior.{prior.id}: {parameter} is already set by prior.{other}.")


def _pair(found: Sequence[float] | None) -> tuple[float, float] | None:
    return (found[0], found[1]) if found is not None and len(found) == 2 and found[0] < found[1] else None


def _numbers(value: Any) -> tuple[float, ...]:
    return value if isinstance(value, tuple) else (float(value),)


def _centre(spread: Spread, value: float) -> float:
    """Return what a spread stands around: the middle of an interval given for a value, else the file's value."""
    if spread.distribution == "lognormal" and spread.ci95 is not None and not spread.ci95[0] <= value <= spread.ci95[1]:
        return float(np.sqrt(spread.ci95[0] * spread.ci95[1]))
    return value


def draw_priors(priors: Sequence[Prior], n: int, seed: int) -> Floats:
    """Return n draws of every prior, shape (draw, prior); each has its own generator, addressed by seed and name."""
    columns = [prior.at(draw_generator(f"prior {prior.id}", seed).standard_normal(n)) for prior in priors]
    return np.stack(columns, axis=1)


def with_priors(registry: Registry, files: Registry, priors: Sequence[Prior], drawn: Floats) -> Registry:
    """Return the registry with one draw of the priors in force. drawn : (prior,)

    Ratios act on the numbers of the parameter files; every number is then held in its parameter's range.
    """
    values: dict[str, Floats] = {}
    for prior, amount in zip(priors, drawn, strict=True):
        for name in prior.parameters:
            numbers = values.setdefault(name, np.array(_numbers(files[name].value)))
            chosen: Any = slice(None) if prior.index is None else list(prior.index)
            numbers[chosen] = amount if prior.kind == "value" else numbers[chosen] * amount
    held = {}
    for name, numbers in values.items():
        low, high = files[name].range or (-np.inf, np.inf)
        kept = tuple(np.clip(numbers, low, high).tolist())
        held[name] = kept if isinstance(files[name].value, tuple) else kept[0]
    return registry.replace(held, "a draw of calibration/priors.toml")
