"""The model beside its sources, and the answers of AdViSHE (Vemer 2016, Pharmacoeconomics 34:349).

Nothing is fitted here. A line tells one target and the model's answer, both with their error; targets that only
validate come first, those of a later time or another source than the parameters' before the others. A miss is
a finding: it is shown, it changes no target and no exit code. Only a failed check of the program does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calibration.measure import Measured, measure
from calibration.readings import summaries
from calibration.targets import Role, Target, Targets, load_targets
from calibration.verification import Check, verify
from model.complaints import Bilingual
from model.inputs import ROOT, Registry, read_toml

ADVISHE = ROOT / "calibration" / "advishe.toml"
Progress = Callable[[str, int, int], None]
WITHIN = 1.959964  # z beyond which a target is missed: one in twenty would be by chance
ORDER = {"predictive": 0, "external": 1, "dependent": 2}
ROLES: tuple[Role, ...] = ("validate", "fit", "reported")


@dataclass(frozen=True)
class Line:
    """One target beside the model; `model` is NaN where no study measures it."""

    target: Target
    role: Role
    model: float
    mc_error: float

    @property
    def z(self) -> float:
        return self.target.z(self.model, self.mc_error)

    @property
    def verdict(self) -> str:
        """`in` or `out` of the interval (both errors counted), `unmeasured` where there is no answer."""
        if np.isnan(self.model):
            return "unmeasured"
        return "in" if abs(self.z) <= WITHIN else "out"


@dataclass(frozen=True)
class Answer:
    """One question of AdViSHE and what this program can answer to it."""

    id: str
    question: Bilingual
    answer: Bilingual


@dataclass(frozen=True)
class Validation:
    """Targets beside the model, the checks of the program and AdViSHE's thirteen answers."""

    lines: list[Line]
    checks: list[Check]
    answers: list[Answer]
    people: int
    seed: int

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.passed]

    def of(self, role: Role) -> list[Line]:
        return [line for line in self.lines if line.role == role]

    def score(self, role: Role) -> tuple[int, int]:
        """Return how many measured targets of a role are in, and how many there are."""
        measured = [line for line in self.of(role) if line.verdict != "unmeasured"]
        return sum(line.verdict == "in" for line in measured), len(measured)


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


def validate(registry: Registry, people: int, seed: int, jobs: int = 1, progress: Progress = silent) -> Validation:
    """Measure every target, run every check on a quarter of the people (2,000 or more), answer AdViSHE."""
    targets = load_targets(registry)
    progress("targets", 0, 2)
    measured = measure(registry, targets, people, seed, jobs)
    progress("verification", 1, 2)
    checks = verify(registry, max(2_000, people // 4), seed, jobs)
    progress("verification", 2, 2)
    lines = lines_of(targets, measured)
    return Validation(lines, checks, advishe(lines, checks), people, seed)


def lines_of(targets: Targets, measured: Measured) -> list[Line]:
    """Return the lines in the order they are read: role, then how independent, then the order of the file."""
    lines = [
        Line(target, targets.role(target), float(value), float(error))
        for target, value, error in zip(targets.items, measured.values, measured.mc_error, strict=True)
    ]
    return sorted(lines, key=lambda line: (ROLES.index(line.role), ORDER[line.target.validity]))


def counts(lines: list[Line], **wanted: str) -> tuple[int, int]:
    """Return how many of the lines wanted (by role, validity) are in, of how many measured."""
    kept = [
        line
        for line in lines
        if line.verdict != "unmeasured"
        and wanted.get("role", line.role) == line.role
        and wanted.get("validity", line.target.validity) == line.target.validity
    ]
    return sum(line.verdict == "in" for line in kept), len(kept)


def advishe(lines: list[Line], checks: list[Check]) -> list[Answer]:
    """Return AdViSHE's questions (advishe.toml) with the answers this run fills in."""
    filled: dict[str, object] = {"checks_in": sum(check.passed for check in checks), "checks_of": len(checks)}
    wanted = {"fit": {"role": "fit"}, "validate": {"role": "validate"}}
    wanted |= {name: {"role": "validate", "validity": name} for name in ("external", "predictive")}
    for name, kept in wanted.items():
        filled[f"{name}_in"], filled[f"{name}_of"] = counts(lines, **kept)
    filled["readings"] = ", ".join(
        f"{name} {found['fit_targets_inside']}/{found['fit_targets']}" for name, found in summaries().items()
    )
    gap = next(f"{check.found:.1f}" for check in checks if check.id == "matrix")
    matrix = {"en": gap, "fr": gap.replace(".", ",")}
    return [
        Answer(
            name,
            Bilingual(**row["question"]),
            Bilingual(**{lang: text.format(**filled, matrix=matrix[lang]) for lang, text in row["answer"].items()}),
        )
        for name, row in read_toml(ADVISHE).items()
    ]
