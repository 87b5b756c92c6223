"""The transparent solve of the baseline: physical quantities move, within their ranges, until the model's
past and first year meet the published margins and totals. No price, no utility, no multiplier of costs.

Where a reading has been fitted (`readings`), its posterior mean comes first, and levers move only what it does not
hold, and access to services, whose volumes are then those published.

Each lever is one line: a parameter, the measure it answers for, and how strongly it is moved, as
`parameter *= (target / model) ** strength`, held in its range. The levers are moved together, a few rounds.
The result is `solved.toml`: every parameter moved, before and after, and every anchor before and after.
Anchors without a lever are outcomes. What cannot be met together stays apart and is shown so.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration import burden
from calibration.burden import Matched
from calibration.in_force import at_mean, held, write_draws
from calibration.priors import load_priors
from calibration.readings import load_accepted
from calibration.trials import READINGS, TrialResult, cadet, fit_cadet
from model import capacity, population, simulation
from model.anchors import MEASURES, anchors, estimate, start_of
from model.inputs import SOLVED, Registry, load_parameters
from model.ledgers import Ledgers, by_technique
from model.margins import Margin
from model.phases import Phases, Values
from model.population import OPEN, Population
from model.states import Fixed, Health, Now, Service
from model.study import SEED
from model.transitions import build_tables

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

ROUNDS = 20
STEADY = 10  # rounds at full strength; then the moves shrink, so that Monte Carlo noise settles
PEOPLE = 40_000
YEAR = 12
ACCESS = "access."
FOLLOW_UP = ("sesame.effect.remission_ratio", "sesame.effect.carry_over_months")


@dataclass(frozen=True)
class Lever:
    """`parameter` (or one of its numbers, `index`) moves with `ratio`, a function of the measures."""

    parameter: str
    ratio: Callable[["Measured"], float]
    strength: float
    index: int | None = None


class Measured:
    """The model beside its targets, after one round."""

    def __init__(self, base: Population, ledgers: Ledgers, v: Values, expected_starts: Floats) -> None:
        self.margins: Mapping[str, Margin] = {m.name: m for m in base.report}
        self.base, self.ledgers, self.v = base, ledgers, v
        self.start = start_of(base)
        self.expected_starts = expected_starts

    def anchor(self, name: str) -> float:
        """Target over model of an anchor."""
        model, _ = estimate(MEASURES[name](self.start, self.ledgers, self.v))
        return float(self.v[f"anchor.{name}"]) / max(model, 1e-12)

    def starts(self, service: Service, name: str) -> float:
        """Target over model of the starts of a service in the year, expected from those eligible each month."""
        return float(self.v[f"anchor.{name}"]) / max(float(by_technique(self.expected_starts)[service]), 1e-12)

    def odds(self, name: str) -> float:
        """Odds of the target over odds of the model, of an anchor that is a share."""
        model, _ = estimate(MEASURES[name](self.start, self.ledgers, self.v))
        target = float(self.v[f"anchor.{name}"])
        return target / (1.0 - target) / max(model / (1.0 - model), 1e-12)

    def share(self, margin: str, classes: list[int]) -> float:
        """Odds of these classes in the target over their odds in the model's own past."""
        m = self.margins[margin]
        target, model = (x[classes].sum() / x.sum() for x in (m.target, m.before))
        return float(target / (1.0 - target) / max(model / (1.0 - model), 1e-12))

    def cell(self, margin: str, cells: list[int]) -> float:
        """Persons of the target over persons of the model's own past, in these cells."""
        m = self.margins[margin]
        return float(m.target[cells].sum() / max(m.before[cells].sum(), 1.0))

    def lifetime(self) -> float:
        """Target over model of the share ever ill, once recall is counted; both move onset, so damped."""
        return self.anchor("lifetime_share") ** 0.7

    def mean(self, margin: str, values: list[float], less: float) -> float:
        """Mean (less a floor) of the target over that of the model's own past."""
        m = self.margins[margin]
        target, model = (float(x @ np.array(values) / x.sum()) - less for x in (m.target, m.before))
        return target / model


BY_AGE, SEVERITY, COURSE = (
    "12-month episode, by sex and age",
    "12-month episode, severity",
    "12-month episode, course",
)
CARE, FAILED, SETTING = "12-month episode, any care by sex", "TRD, failed treatments", "TRD, care"
TRD = "TRD, by region"
VISIBLE, WORK = "TRD, claims-visible", "TRD under 62, work"


def levers() -> Iterator[Lever]:
    """Yield every lever of the solve."""
    for sex, name in enumerate(("men", "women")):
        for band in range(8):
            cells = [7 * sex + min(band, 6)]
            yield Lever(
                f"course.onset.annual_rate.{name}",
                lambda m, c=cells: m.cell(BY_AGE, c) * m.lifetime(),
                0.3,
                band,
            )  # type: ignore[misc]
    for band in range(8):
        both = [min(band, 6), 7 + min(band, 6)]
        yield Lever("course.recurrence.age_ratio", lambda m, c=both: m.cell(BY_AGE, c), 0.4, band)  # type: ignore[misc]
    yield Lever("course.severity.odds", lambda m: 1.0 / m.share(SEVERITY, [0]), 0.5, 0)
    yield Lever("course.severity.odds", lambda m: m.share(SEVERITY, [2]), 0.5, 1)
    yield Lever("course.recurrence.monthly_hazard", lambda m: m.cell(BY_AGE, list(range(14))), 0.5)
    yield Lever("course.remission.late_monthly_hazard", lambda m: 1.0 / m.share(COURSE, [1]), 0.2)
    yield Lever("course.remission.monthly_hazard", lambda m: 1.0 / m.share(COURSE, [1]), 0.06)
    yield Lever("course.frailty.response_variance", lambda m: m.share(COURSE, [1]), 0.05)
    yield Lever("care.seek.monthly_hazard", lambda m: m.share(CARE, [0, 2]), 0.6)
    yield Lever("care.seek.after_failure_ratio", lambda m: 1.0 / m.share(SETTING, [1]), 0.3)
    yield Lever("care.leave.after_stop", lambda m: m.share(SETTING, [1]), 0.3)
    yield Lever("care.refer.monthly_hazard", lambda m: m.share(SETTING, [0, 3, 4, 5]), 0.4)
    yield Lever("treatment.retry.monthly_probability", lambda m: m.cell(TRD, list(range(18))), 0.6, 0)
    for who in ("gp", "psychiatrist", "cmp"):
        yield Lever(f"treatment.next_line.{who}.monthly_hazard", lambda m: m.cell(TRD, list(range(18))), 0.6)
    for failures in range(1, 5):
        yield Lever(
            "treatment.retry.monthly_probability",
            lambda m: m.mean(FAILED, [2, 3, 4, 5, 7], 1.9),
            0.5,
            failures,
        )
    for who in ("gp", "specialist"):
        for index in range(1, 5):
            yield Lever(f"treatment.choice.{who}.line_3", lambda m: m.share(VISIBLE, [1]), 0.5, index)
    yield Lever("work.lose_job.monthly_hazard", lambda m: m.share(WORK, [2]), 0.3)
    yield Lever("work.find_job.monthly_hazard", lambda m: 1.0 / m.share(WORK, [2]), 0.3)
    yield Lever("work.disability.monthly_hazard", lambda m: m.share(WORK, [3]), 0.5)
    yield Lever("work.come_back.monthly_hazard", lambda m: 1.0 / m.share(WORK, [1]), 0.4)
    yield Lever("suicide.attempt.level", lambda m: m.anchor("attempt_stays"), 0.8)
    yield Lever("suicide.lethality_ratio", lambda m: m.anchor("suicides"), 0.8)
    yield Lever("suicide.attempt.severe_ratio", lambda m: m.odds("suicides_with_depression"), 0.6)
    yield Lever("care.admission.monthly_hazard", lambda m: m.anchor("full_time_people"), 0.7)
    yield Lever("care.expert.monthly_hazard", lambda m: m.anchor("expert_assessments"), 0.7)
    services = {
        Service.ECT: "ect_people",
        Service.RTMS: "rtms_courses",
        Service.KETAMINE_IV: "ketamine_courses",
        Service.ESKETAMINE: "esketamine_people",
    }
    for service, anchor in services.items():
        for hospital in ("epsm", "general", "clinic"):
            name = f"access.{service.name.lower()}.{hospital}.monthly_probability"
            yield Lever(name, lambda m, s=service, a=anchor: m.starts(s, a), 0.8)  # type: ignore[misc]


def measure(v: Values, people: int, seed: int, jobs: int) -> Measured:
    """Build people and live the first year with these values."""
    base = population.build(v, people, seed, jobs)
    phases = Phases(np.zeros(YEAR, np.int32), [v])
    tables, calendar = build_tables(phases.phases), simulation.new_calendar(phases.phase_of_month)
    everyone = base.of(OPEN)
    unlimited = capacity.places_by_month(phases, unlimited=True)
    _, books = capacity.run_open(everyone, tables, calendar, unlimited, jobs)
    expected = capacity.national(everyone, books.places["expected"][:, :YEAR]).sum(axis=0)
    return Measured(base, simulation.weighted(everyone, books), v, expected)


def move(
    v: Values, registry: Registry, measured: Measured, gain: float = 1.0, fitted: frozenset[str] = frozenset()
) -> None:
    """Move every lever once, in place, within its range; `gain` scales all strengths.

    fitted : parameters that a fit holds: only access to services moves among them
    """
    for lever in levers():
        if lever.parameter in fitted and not lever.parameter.startswith(ACCESS):
            continue
        parameter = registry[lever.parameter]
        assert parameter.range is not None, lever.parameter
        assert parameter.free, lever.parameter
        factor = float(np.clip(lever.ratio(measured), 0.2, 5.0)) ** (gain * lever.strength)
        low, high = parameter.range
        value = np.array(v[lever.parameter], dtype=float)
        chosen: Any = ... if lever.index is None else lever.index
        value[chosen] = np.clip(value[chosen] * factor, low, high)
        v[lever.parameter] = tuple(value.tolist()) if value.ndim else float(value)
    follow(v, registry, measured)


def follow(v: Values, registry: Registry, measured: Measured) -> None:
    """Set what follows from the rest: the share ever ill by age, and the volume of each service with places."""
    people = measured.base.of((0, 1, 2, 3, 4))
    weight = people.person_weights()
    age = -people.persons["fixed"][:, Fixed.BIRTH_MONTH] // 12
    band = np.clip((age - 15) // 10, 0, 7)
    ever = people.persons["now"][:, Now.HEALTH] != Health.NEVER
    share = np.bincount(band[ever], weight[ever], minlength=8) / np.bincount(band, weight, minlength=8)
    low, high = registry["mortality.ever_ill_share"].range or (0.0, 1.0)
    v["mortality.ever_ill_share"] = tuple(np.clip(share, low, high).tolist())
    v.update(capacity.volumes(measured.ledgers.capacity, measured.expected_starts / YEAR))


def main(*, people: int = PEOPLE, seed: int = SEED, jobs: int = 1, progress: Progress = lambda *_: None) -> bool:
    """Solve the baseline from the parameter files and the fit in force; tell whether every anchor holds.

    Writes `solved.toml`, and the draws around it where there is a fit.
    """
    registry = load_parameters(solved=None)
    priors = load_priors(registry)
    accepted = load_accepted(priors)
    v = Values({name: parameter.value for name, parameter in registry.items()})
    if accepted is not None:
        v.update(at_mean(registry, priors, accepted))
    fitted = frozenset(held(priors)) if accepted is not None else frozenset[str]()
    first: Measured | None = None
    for round_ in range(ROUNDS):
        progress("solve", round_, ROUNDS)
        measured = measure(v, people, seed, jobs)
        first = first or measured
        move(v, registry, measured, gain=1.0 / (1.0 + max(0, round_ - STEADY) / 4.0), fitted=fitted)
    progress("solve", ROUNDS, ROUNDS)
    assert first is not None
    last = measure(v, people, seed, jobs)
    base = population.build(v, 3 * people, seed, jobs)
    ranges = {name: registry[name].range or (0.0, 0.0) for name in FOLLOW_UP}
    trial = cadet(base, v) if fitted.issuperset(FOLLOW_UP) else fit_cadet(base, v, ranges)
    write(registry, v, first, last, trial, burden.match(v, registry, people, seed, jobs))
    if accepted is not None:
        write_draws(load_parameters(), registry, priors, accepted)
    return all(a.inside for a in anchors(registry, last.base, last.ledgers))


def write(registry: Registry, v: Values, first: Measured, last: Measured, trial: TrialResult, matched: Matched) -> None:
    """Write what moved, the anchors before and after, the burden matched; nothing half-written is left."""
    rows = ["# Written by `python run.py calibrate`: what the transparent solve of the baseline moved.", ""]
    for name, parameter in registry.items():
        if parameter.free and v[name] != parameter.value:
            rows += ["[[moved]]", f"id     = {json.dumps(name)}"]
            rows += [f"before = {toml(parameter.value)}", f"after  = {toml(v[name])}", ""]
    for name in MEASURES:
        before, _ = estimate(MEASURES[name](first.start, first.ledgers, first.v))
        after, error = estimate(MEASURES[name](last.start, last.ledgers, last.v))
        rows += ["[[anchor]]", f"id     = {json.dumps(name)}", f"before = {before!r}"]
        rows += [f"after  = {after!r}", f"mc_se  = {error!r}", ""]
    for reading, months in enumerate(READINGS):
        rows += ["[[trial]]", f'id      = "cadet.odds_ratio_{months}_months"']
        rows += [f"target  = {toml(v[f'target.cadet.odds_ratio_{months}_months'])}"]
        rows += [f"after   = {toml(trial.odds_ratio[reading])}", f"mc_se   = {toml(trial.error[reading])}"]
        rows += [f"usual   = {toml(trial.usual_care[reading])}", f"people  = {trial.people}", ""]
    rows += ["[burden]", f"share = {toml(matched.share)}", ""]
    for name, (before, after) in matched.moved.items():
        rows += ["[[burden.moved]]", f"id     = {json.dumps(name)}", f"before = {toml(before)}"]
        rows += [f"after  = {toml(after)}", ""]
    for name, (mean, error) in matched.after.items():
        rows += ["[[burden.component]]", f"id       = {json.dumps(name)}", f"after_bn = {toml(mean)}"]
        rows += [f"mc_se    = {toml(error)}", ""]
    partial = SOLVED.with_suffix(".partial")
    partial.write_text("\n".join(rows), encoding="utf-8")
    partial.replace(SOLVED)


def toml(value: Any) -> str:
    """Return a number or a list of numbers as TOML, five significant digits."""
    if isinstance(value, tuple):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return repr(float(f"{float(value):.5g}"))
