"""The model beside its targets: every target measured on a small simulated study that mimics its source.

One world a call: the model's own past and people at month 0 are made once for all studies, and only the studies
that a target asks for are run. A few thousand people cost about a second of one processor, so that a fit may
call this some thousand times; the same seed gives every call the same luck.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.cohorts import Estimate, World
from calibration.studies import STUDIES
from calibration.targets import Target, Targets
from model.inputs import Registry

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """The model's answer to each target, and its Monte Carlo standard error, in the target's unit.

    values, mc_error : (target,), in the order of the targets; NaN where nobody met a study's entry criteria,
        and for a target that no study measures
    """

    values: Floats
    mc_error: Floats


def measure(registry: Registry, targets: Targets, people: int, seed: int, jobs: int = 1) -> Measured:
    """Return the model's answer to every target under the values of this registry.

    people : persons at month 0, all strata; a study draws a quarter of them
    seed : of the people and of all luck; jobs : threads
    Errors: KeyError if a target asks for a measure that its study does not give.
    """
    world = world_of(registry, targets, people, seed, jobs)
    wanted = sorted({target.study for target in targets.items if target.study is not None})
    if wanted:
        prepare(world)
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        answers = dict(zip(wanted, pool.map(lambda study: STUDIES[study](world), wanted), strict=True))
    found = [answer_to(target, answers) for target in targets.items]
    return Measured(np.array([e.value for e in found]), np.array([e.error for e in found]))


def world_of(registry: Registry, targets: Targets, people: int, seed: int, jobs: int = 1) -> World:
    """Return the world in which studies are run: the values, the crosswalk and the protocols."""
    states = {name: instrument.states for name, instrument in targets.instruments.items()}
    design = {name: setting.design for name, setting in targets.studies.items()}
    return World(registry, people, seed, states, design, jobs)


def prepare(world: World) -> None:
    """Make what studies share before threads ask for it."""
    _ = world.tables, world.base, world.pool


def answer_to(target: Target, answers: dict[str, dict[str, Estimate]]) -> Estimate:
    """Return the measure a target asks for; NaN if it has no study, or the study had nobody."""
    if target.study is None or not answers[target.study]:
        return Estimate(np.nan, np.nan)
    measures = answers[target.study]
    if target.measure not in measures:
        known = ", ".join(measures)
        raise KeyError(f"target {target.id}: {target.study} does not measure {target.measure}; it measures {known}")
    return measures[str(target.measure)]
