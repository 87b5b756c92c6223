"""Runs of the real model for a fit: points of the priors, each measured once, kept in a journal and never lost.

Coordinates are standard normal scores of the priors, so that the prior of each is N(0, 1) whatever its law. A point
has luck of its own, addressed by its coordinates: errors of neighbours are independent and average out, and the same
point gives the same answer in any stage, order or number of processes.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.stats import qmc

from calibration.measure import measure
from calibration.priors import Prior, load_priors, with_priors
from calibration.targets import Targets, load_targets
from model.inputs import ROOT, Registry, load_parameters

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

FURTHEST = 3.0  # normal scores of a design are kept within; no emulator sees beyond
PATIENCE = 2.0  # seconds between two looks at whether the parent lives
MEASURING = ("cohorts.py", "measure.py", "priors.py", "trials.py")  # of calibration/, beside the studies
AHEAD = 4  # points handed to each process at a time


@dataclass(frozen=True)
class Runs:
    """What the model answered at some points.

    scores : (run, prior) standard normal scores; values, mc_error : (run, target), in each target's unit
    """

    scores: Floats
    values: Floats
    mc_error: Floats

    def __len__(self) -> int:
        return len(self.scores)

    def with_(self, other: "Runs") -> "Runs":
        """Return these runs and others."""
        names = ("scores", "values", "mc_error")
        return Runs(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))

    def of(self, targets: Sequence[int]) -> "Runs":
        """Return the runs with some targets only, by place."""
        chosen = list(targets)
        return Runs(self.scores, self.values[:, chosen], self.mc_error[:, chosen])


@dataclass(frozen=True)
class Design:
    """What all runs of a fit share. files : the parameter files' own values; people : at month 0 of each run."""

    files: Registry
    priors: tuple[Prior, ...]
    targets: Targets
    people: int
    seed: int

    @property
    def fingerprint(self) -> str:
        """A hash of everything the runs depend on, the code of the model and of the studies among it.

        Values sought are not: the same runs serve other targets of the same measures.
        """
        asked = [[target.study, target.measure] for target in self.targets.items]
        protocols = {name: study.design for name, study in self.targets.studies.items()}
        crosswalk = {name: instrument.states for name, instrument in self.targets.instruments.items()}
        moved = [[p.id, p.parameters, p.kind, p.index, str(p.spread), p.centre, p.bounds] for p in self.priors]
        evidence = [{name: parameter.value for name, parameter in self.files.items()}, self.files.tables]
        about = [moved, asked, protocols, crosswalk, self.people, self.seed, evidence, _code()]
        return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:16]

    def address(self, point: Floats) -> str:
        """Return the name of a point: a hash of its coordinates."""
        return hashlib.sha256(np.ascontiguousarray(point, dtype=np.float64).tobytes()).hexdigest()[:16]

    def answer(self, point: Floats) -> tuple[list[float], list[float]]:
        """Return the targets at one point and their Monte Carlo errors; NaN where the values have no world."""
        drawn = np.array([prior.at(point[k : k + 1])[0] for k, prior in enumerate(self.priors)])
        luck = (self.seed + int(self.address(point), 16)) % 2**31
        try:
            found = measure(with_priors(self.files, self.files, self.priors, drawn), self.targets, self.people, luck)
        except ArithmeticError:
            none = [float("nan")] * len(self.targets)
            return none, none
        return found.values.tolist(), found.mc_error.tolist()


def _code() -> list[str]:
    """Return a hash of each source that a run lives by."""
    sources = [ROOT / "model", ROOT / "calibration" / "studies", *(ROOT / "calibration" / name for name in MEASURING)]
    paths = [path for source in sources for path in ([source] if source.is_file() else sorted(source.rglob("*.py")))]
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def design_of(people: int, seed: int) -> Design:
    """Return the design of the project: its parameter files, its priors, every target that some reading fits."""
    files = load_parameters(solved=None)
    return Design(files, load_priors(files), load_targets(files).measured().fitted_somewhere(), people, seed)


def generator(seed: int, stage: int) -> np.random.Generator:
    """Return the named generator (Philox) of one stage of the fit."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, stage])))


def sobol(dimensions: int, n: int, seed: int) -> Floats:
    """Return `n` points of a scrambled Sobol sequence as normal scores, shape (run, prior); n a power of two."""
    unit = qmc.Sobol(dimensions, seed=generator(seed, 0)).random(n)
    return np.clip(special.ndtri(unit), -FURTHEST, FURTHEST)


def at_scores(priors: Sequence[Prior], scores: Floats) -> Floats:
    """Return the priors at these scores, same shape."""
    return np.stack([prior.at(scores[:, k]) for k, prior in enumerate(priors)], axis=1)


class Journal:
    """Answers kept one a line; whatever was written before a kill is there when the fit is asked for again."""

    def __init__(self, folder: Path, design: Design) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.design, self.path = design, folder / f"{design.fingerprint}.jsonl"
        self.known = dict(self._read())

    def _read(self) -> Iterator[tuple[str, tuple[list[float], list[float]]]]:
        """Yield what the journal holds; a last line cut short by a kill is cut away from the file."""
        if not self.path.exists():
            return
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        if lines and not lines[-1].endswith("\n"):
            lines.pop()
            self.path.write_text("".join(lines), encoding="utf-8")
        for line in lines:
            row = json.loads(line)
            yield row["point"], (row["values"], row["mc_error"])

    def run(self, scores: Floats, jobs: int = 1, progress: Progress = lambda *_: None, stage: str = "runs") -> Runs:
        """Return the answers at every row of `scores`, shape (run, prior); those of the journal are not run again.

        Points run in `jobs` processes of one thread each.
        """
        names = [self.design.address(point) for point in scores]
        missing = {name: place for place, name in enumerate(names) if name not in self.known}
        total, done = len(names), len(names) - len(missing)
        progress(stage, done, total)
        with self.path.open("a", encoding="utf-8") as file:
            for place, answer in _answers(self.design, scores, list(missing.values()), jobs):
                self.known[names[place]] = answer
                line = {"point": names[place], "values": answer[0], "mc_error": answer[1]}
                file.write(json.dumps(line) + "\n")
                file.flush()
                done += 1
                progress(stage, done, total)
        rows = [self.known[name] for name in names]
        return Runs(scores, np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))


_shared: Design | None = None


def _begin(design: Design, parent: int) -> None:
    """Make a process ready: it knows the design, Ctrl-C is for its parent to hear, and it ends when its parent does."""
    global _shared
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared = design
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """Leave when the parent was killed: nobody would read the answer."""
    while os.getppid() == parent:
        time.sleep(PATIENCE)
    os._exit(1)


def _answer(place: int, point: Floats) -> tuple[int, tuple[list[float], list[float]]]:
    assert _shared is not None
    return place, _shared.answer(point)


def _answers(
    design: Design, scores: Floats, places: Sequence[int], jobs: int
) -> Iterator[tuple[int, tuple[list[float], list[float]]]]:
    """Yield (place, answer) of the points asked, as they come."""
    if jobs <= 1 or len(places) <= 1:
        for place in places:
            yield place, design.answer(scores[place])
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(design, os.getpid()))
    waiting, running = list(places)[::-1], set[Any]()
    try:
        while waiting or running:
            while waiting and len(running) < AHEAD * jobs:
                place = waiting.pop()
                running.add(pool.submit(_answer, place, scores[place]))
            first = next(as_completed(running))
            running.discard(first)
            yield first.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
