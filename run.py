"""The front door of Éclaircie: verbs, options, messages. No science. Try `python run.py --help`."""

import errno
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from shutil import get_terminal_size
from threading import Thread
from types import FrameType
from typing import Any

from results.help import OPTIONS, answer, page
from results.psa_request import (
    CONCERNED,
    READING,
    asks_for_draws_made,
    psa_asked,
    question_asked,
    studies_asked,
)
from results.request import (
    FULL_SUMMARIES,
    BadRequest,
    Request,
    evidence_registry,
    nearest_hint,
    policies_asked,
    scenarios_asked,
    shown_path,
    wanted_folder,
)

# Matrices are small here: threads of linear algebra would wait for each other. Read when numpy and scipy are loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent
RESULTS = ROOT / "results"
DONE, CHECK_FAILED, BAD_REQUEST, MACHINE_FAILED, INTERRUPTED = 0, 1, 2, 3, 130
HEADLINE_SCENARIOS = ("liste_en_sus", "collaborative_care")
PERSPECTIVES = ("collective", "assurance_maladie", "societal", "hospital", "patient")
MEASURES = ("net_benefit", "cost", "qalys", "life_years", "episode_months", "suicides")
POPULATIONS = ("both", "national", "cohort")
FLAGS = ("--csv-fr", "--explore", "--explain", "--quick", "--resume", "--separate", "--unlimited", "--help")
BILINGUAL = ("compare", "budget", "price")  # verbs that write both languages in one run
MOST_EXPLAINED = 4  # scenarios split by lever in one command
QUICK_DRAWS = 16  # of a first look (psa --quick)
CELLS = ROOT / ".cache" / "cells"
FITS = ROOT / ".cache" / "fits"


# -- the verbs ------------------------------------------------------------------------------------


def compare(request: Request) -> int:
    """Simulate scenarios beside the baseline and write a folder of results."""
    size, horizon = _size(request), request.horizon()
    perspective = request.choice("--perspective", PERSPECTIVES)
    population = request.choice("--population", POPULATIONS)
    seeds = request.integer("--replicates", 0, 2, 1_000)
    folder = wanted_folder(request)
    names = policies_asked(request, HEADLINE_SCENARIOS)
    wants_levers = "--explain" in request.options
    if wants_levers and len(names) > MOST_EXPLAINED:
        request.complain("too_many_explained", most=MOST_EXPLAINED, count=len(names))
    scenarios_asked(request, ["baseline", *names])

    from model.study import run_study
    from results.progress import Progress

    with Progress(request.lang) as progress:
        reports = _imported_meanwhile("results.publish", "results.summary")
        options: dict[str, Any] = {
            **size,
            "horizon": horizon,
            "population": population,
            "explore": "--explore" in request.options or len(names) <= FULL_SUMMARIES,
            "progress": progress,
            "unlimited": "--unlimited" in request.options,
        }
        study = run_study(["baseline", *names], **options)
        reports.join()
        from results.explain import explain, explain_text
        from results.findings import Findings
        from results.publish import View, default_folder, write_run
        from results.summary import summary

        if seeds:
            from model.study import replicates
            from results.findings import replicated

            options["explore"] = False
            study.replicates = replicates(["baseline", *names], seeds, replicated, **options)
        findings = Findings(study, perspective)
        split = []
        if wants_levers:
            from model.study import run_variants

            live = partial(run_variants, study, jobs=size["jobs"], population=population, progress=progress)
            split = [explain(findings, one, live) for one in findings.policies if findings.limited(one) is None]
        view = View(perspective, tuple(request.command), progress, request.languages, size["jobs"])
        csv_fr = "--csv-fr" in request.options
        written = write_run(study, folder or default_folder(study), request.lang, csv_fr, view, findings, split)
    where, width = shown_path(written), _width()
    print(summary(study, request.lang, folder=where, findings=findings, width=width, full=False), end="")
    for one in split:
        print("\n" + explain_text(one, request.lang, width), end="")
    return DONE


def budget(request: Request) -> int:
    """Say who pays what, year by year, undiscounted, in the open population."""
    size, folder = _size(request), wanted_folder(request)
    names = policies_asked(request, HEADLINE_SCENARIOS)
    scenarios_asked(request, ["baseline", *names])

    from model.study import run_study
    from results.budget import budget_text
    from results.findings import Findings
    from results.progress import Progress
    from results.publish import View, default_folder, write_budget

    with Progress(request.lang) as progress:
        options = {**size, "population": "national", "explore": False, "progress": progress}
        study = run_study(["baseline", *names], **options)
    findings, view = Findings(study), View(command=tuple(request.command), languages=request.languages)
    names = [policy.id for policy in findings.policies]
    texts = {lang: budget_text(findings, names, lang, _width()) for lang in request.languages}
    folder = folder or default_folder(study, "budget_")
    written = write_budget(findings, folder, texts, "--csv-fr" in request.options, view)
    print(texts[request.lang] + "\n" + answer("written", request.lang, path=shown_path(written)))
    return DONE


def price(request: Request) -> int:
    """Find the value of a parameter at which a scenario's net benefit is nil."""
    size, horizon, folder = _size(request), request.horizon(), wanted_folder(request)
    perspective = request.choice("--perspective", PERSPECTIVES)
    request.count_names(1, 1, "python run.py price liste_en_sus")
    name = request.options.get("--parameter", "price.esketamine_device")
    registry = evidence_registry()
    if name not in registry:
        request.complain("unknown_parameter", name=name, hint=nearest_hint(name, list(registry), request.lang))
    elif isinstance(registry[name].value, bool | tuple):
        request.complain("not_a_number", name=name)
    names = policies_asked(request, HEADLINE_SCENARIOS[:1])
    if request.names and not names:
        request.complain("no_policy", verb="price")
    scenarios_asked(request, ["baseline", *names])

    from model.study import run_study, run_variants
    from results.findings import Findings
    from results.prices import price_study, price_text
    from results.progress import Progress
    from results.publish import View, default_folder, write_price

    with Progress(request.lang) as progress:
        options = {**size, "horizon": horizon, "population": "cohort", "explore": False, "progress": progress}
        study = run_study(["baseline", *names], **options)
        findings = Findings(study, perspective)
        live = partial(run_variants, study, jobs=size["jobs"], population="cohort", progress=progress)
        found = price_study(findings, findings.policies[0], registry[name], live)
    texts = {lang: price_text(found, findings, lang, _width()) for lang in request.languages}
    view = View(perspective, tuple(request.command), languages=request.languages)
    folder = folder or default_folder(study, f"price_{name.rpartition('.')[2]}_")
    csv_fr = "--csv-fr" in request.options
    written = write_price(findings, found, folder, texts, csv_fr, view)
    print(texts[request.lang] + "\n" + answer("written", request.lang, path=shown_path(written)))
    return DONE


def _size(request: Request) -> dict[str, Any]:
    """Return how many people are asked for, with which luck, on how many threads."""
    return {
        "people": request.integer("--people", 20_000, 2_000, 100_000_000),
        "seed": request.integer("--seed", 20_270_101, 0, 2**31 - 1),
        "jobs": request.jobs(),
    }


def _imported_meanwhile(*names: str) -> Thread:
    """Import modules that are slow to load (charts) beside compiled code; what fails to load fails when it is used."""

    def load() -> None:
        with suppress(ImportError):
            for name in names:
                import_module(name)

    thread = Thread(target=load, daemon=True)
    thread.start()
    return thread


def _width() -> int:
    """Return the characters of the screen, within what a table can use."""
    return min(max(get_terminal_size((100, 24)).columns, 80), 176)


def scenarios_list(request: Request) -> int:
    """Print the names and titles of the scenarios."""
    request.count_names(0, 0)
    request.stop_if_wrong()
    from model.complaints import InputError
    from model.scenario import load_scenarios, scenario_names
    from results.texts import pick

    registry, width = evidence_registry(), max((len(name) for name in scenario_names()), default=0)
    if not width:
        print(answer("no_scenario", request.lang))
    for name in scenario_names():
        try:
            scenario = load_scenarios([name], registry)[0]
        except InputError:
            print(f"{name:<{width}}  {answer('to_mend', request.lang, name=name)}")
            continue
        grades = f"  [{scenario.grades}]" if scenario.grades else ""
        print(f"{name:<{width}}  {pick(scenario.title, request.lang)}{grades}")
    return DONE


def scenarios_show(request: Request) -> int:
    """Print the card of each scenario named."""
    request.count_names(1, 99, "python run.py scenarios show liste_en_sus")
    request.stop_if_wrong()
    from model.scenario_card import card

    for scenario in scenarios_asked(request, request.names):
        print(card(scenario, evidence_registry(), request.lang))
    return DONE


def scenarios_check(request: Request) -> int:
    """Check scenario files; all problems at once."""
    request.stop_if_wrong()
    from model.scenario import scenario_names
    from model.scenario_card import unwritten

    found = scenarios_asked(request, request.names or scenario_names())
    print(answer("sound", request.lang, count=len(found)))
    for scenario in found:
        if keys := unwritten(scenario):
            print(answer("unwritten", request.lang, name=scenario.id, keys=", ".join(keys)))
    return DONE


def scenarios_new(request: Request) -> int:
    """Write a commented scenario file that passes the check."""
    from model.scenario import SCENARIOS
    from model.scenario_card import starter

    request.count_names(1, 1, "python run.py scenarios new ect_up_north")
    parent = request.options.get("--extends", "baseline")
    path = SCENARIOS / f"{(request.names or [''])[0]}.toml"
    for name in request.names[:1]:
        if not re.fullmatch(r"[a-z0-9_]+", name):
            request.complain("bad_name", name=name)
        elif path.exists():
            request.complain("exists", path=shown_path(path))
    scenarios_asked(request, [parent])
    name = request.names[0]
    text = re.sub(r'(?m)^(extends\s*=\s*)"baseline"', rf'\1"{parent}"', starter(name, request.lang))
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    print(answer("created", request.lang, path=shown_path(path), name=name))
    return DONE


def scenarios_diff(request: Request) -> int:
    """Print the parameters that two scenarios do not treat alike."""
    request.count_names(2, 2, "python run.py scenarios diff baseline liste_en_sus")
    request.stop_if_wrong()
    from model.scenario_card import diff

    left, right = scenarios_asked(request, request.names)
    rows = diff(left, right, evidence_registry(), request.lang)
    for row in rows:
        print(f"{row.parameter}  ({row.unit})\n    {left.id} : {row.left}\n    {right.id} : {row.right}")
    if not rows:
        print(answer("same", request.lang))
    return DONE


def parameters_list(request: Request) -> int:
    """Print the parameters whose id, unit or title holds every word asked."""
    request.stop_if_wrong()
    from model.scenario_card import number_text
    from model.units import unit_text
    from results.texts import pick

    words = [word.lower() for word in request.names]
    found = []
    for parameter in evidence_registry().values():
        titles = "" if parameter.title is None else f"{parameter.title.fr} {parameter.title.en}"
        units = f"{parameter.unit} {unit_text(parameter.unit, request.lang)}"
        if all(word in f"{parameter.id} {units} {titles}".lower() for word in words):
            found.append(parameter)
    if words and not found:
        request.complain("no_match", words=" ".join(words))
        request.stop_if_wrong()
    width = max(len(parameter.id) for parameter in found)
    for parameter in found:
        value = number_text(parameter.value, request.lang)
        title = "" if parameter.title is None else f"  {pick(parameter.title, request.lang)}"
        print(f"{parameter.id:<{width}}  {parameter.grade}  {value} ({unit_text(parameter.unit, request.lang)}){title}")
    return DONE


def parameters_show(request: Request) -> int:
    """Print the card of each parameter named."""
    request.count_names(1, 999, "python run.py parameters show economy.burden.total")
    from results.parameter_card import parameter_card

    registry = evidence_registry()
    for name in request.names:
        if name not in registry:
            request.complain("unknown_parameter", name=name, hint=nearest_hint(name, list(registry), request.lang))
    request.stop_if_wrong()
    for name in request.names:
        print(parameter_card(registry[name], request.lang))
    return DONE


def lives(request: Request) -> int:
    """Draw a few lives under the baseline and under a scenario."""
    people = request.integer("--people", 20, 1, 60)
    years = request.integer("--years", 10, 1, 60)
    seed, jobs = request.integer("--seed", 20_270_101, 0, 2**31 - 1), request.jobs()
    request.count_names(0, 1)
    folder = wanted_folder(request)
    name = (request.names or ["collaborative_care"])[0]
    baseline, scenario = scenarios_asked(request, ["baseline", name])

    from results.progress import Progress
    from results.publish import write_lives

    folder = folder or RESULTS / f"lives_{scenario.id}"
    with Progress(request.lang) as progress:
        asked = (evidence_registry(), people, years, seed, folder, request.lang, jobs, progress)
        written = write_lives(baseline, scenario, *asked)
    print(answer("written", request.lang, path=shown_path(written)))
    return DONE


def bench(request: Request) -> int:
    """Time the model, alone and beside other engines; or the whole dossier of some scenarios (bench dossier)."""
    whole = request.names[:1] == ["dossier"]
    people = request.integer("--people", 100_000, 2_000, 100_000_000)
    draws = request.integer("--draws", 1_000 if whole else 100, 2, 1_000_000)
    jobs, names = request.jobs(), [name for name in request.names[1:] if Path(name).stem != "baseline"]
    if request.names and not whole:
        hint = nearest_hint(request.names[0], ["dossier"], request.lang)
        request.complain("unknown_verb", found=f"bench {request.names[0]}", hint=hint)
    scenarios_asked(request, ["baseline", *names])
    from tests.benchmarks import bench as benchmarks

    if whole:
        benchmarks.print_dossier(draws, jobs, names or HEADLINE_SCENARIOS)
    else:
        benchmarks.main(people=people, jobs=jobs, draws=draws)
    return DONE


def psa(request: Request) -> int:
    """Draw the parameters, run scenarios at every draw, and write the decision analysis."""
    if asks_for_draws_made(request):
        return psa_made(request)
    quick = "--quick" in request.options
    draws = request.integer("--draws", QUICK_DRAWS if quick else 1_000, 2, 10_000_000)
    people = request.integer("--people", 1_000 if quick else 1_250, 1_000, 10_000_000)
    minutes = request.integer("--budget", 0, 1, 100_000)
    question = question_asked(request)
    asked = _Loop(request, people, batches=4, relived=True)

    from model.uncertainty import probabilistic
    from model.workers import world_of

    def run(loop: Any, number: int) -> Any:
        return probabilistic(loop.frame, loop.uncertain, number, loop.seed, loop.crew("draws"), asked.perspective)

    with asked:
        reports = _imported_meanwhile("results.uncertainty_report", "results.psa_report", "sklearn.linear_model")
        if asked.cluster is None:
            world_of(asked.frame)
        reports.join()
        from results import uncertainty_report as report

        if minutes and not {"--draws", "--people"} & request.options.keys():
            split = asked.kept_split(minutes, lambda: report.planned(run(asked, 16), asked.frame, minutes, asked.jobs))
            print(report.split_words(split, minutes, asked.jobs, request.lang))
            draws = split.draws
            asked.resize(split.people)
        found = run(asked, draws)
        text = report.publish_psa(found, asked.frame, asked.made(), asked.folder, question)
    print(text + answer("written", request.lang, path=shown_path(asked.folder)))
    return DONE


def tornado(request: Request) -> int:
    """Move each input alone and show how far the net benefit, or another outcome, follows."""
    people = request.integer("--people", 1_000, 1_000, 10_000_000)
    threshold = float(request.integer("--threshold", 50_000, 0, 10_000_000))
    measure = request.choice("--outcome", MEASURES)
    asked = _Loop(request, people, batches=10)

    from model.uncertainty import one_way
    from model.workers import world_of
    from results import uncertainty_report as report

    with asked:
        world = world_of(asked.frame)
        read = (world.life_ids, world.worth_ids)
        crew = asked.crew("one_way")
        found = one_way(asked.frame, asked.uncertain, threshold, crew, read, asked.perspective, measure)
        text = report.publish_tornado(found, asked.made(), asked.folder)
    print(text + answer("written", request.lang, path=shown_path(asked.folder)))
    return DONE


def sweep(request: Request) -> int:
    """Screen every input (Morris), then share out the variance between the main ones (Sobol)."""
    people = request.integer("--people", 1_000, 1_000, 10_000_000)
    threshold = float(request.integer("--threshold", 50_000, 0, 10_000_000))
    rows = request.integer("--draws", 128, 8, 1_048_576)
    trajectories = request.integer("--trajectories", 4, 2, 10_000)
    kept = request.integer("--inputs", 6, 2, 1_000)
    if rows & (rows - 1):
        request.complain(
            "bad_value", option="--draws", found=rows, expected=answer("power_of_two", request.lang), hint=""
        )
    asked = _Loop(request, people, batches=4)

    from model import uncertainty
    from model.workers import world_of
    from results import uncertainty_report as report

    with asked:
        world = world_of(asked.frame)
        found = uncertainty.sweep(
            *(asked.frame, asked.uncertain, threshold, asked.crew("sweep"), world.life_ids | world.worth_ids),
            trajectories=trajectories,
            rows=rows,
            kept=kept,
            seed=asked.seed,
            perspective=asked.perspective,
        )
        text = report.publish_sweep(found, asked.made(), asked.folder)
    print(text + answer("written", request.lang, path=shown_path(asked.folder)))
    return DONE


_NOT_ASKED = ("--jobs", "--cluster", "--out", "--lang", "--csv-fr", "--resume")  # options no number depends on


class _Loop:
    """What the loops over parameters share: scenarios, people, the store of cells, threads or a cluster."""

    def __init__(self, request: Request, people: int, batches: int, relived: bool = False) -> None:
        self.request, self.batches, self.relived = request, batches, relived
        self.seed = request.integer("--seed", 20_270_101, 0, 2**31 - 1)
        self.jobs, self.cluster, horizon = request.jobs(), request.options.get("--cluster"), request.horizon()
        self.perspective = request.choice("--perspective", PERSPECTIVES)
        folder = wanted_folder(request)
        names = policies_asked(request, HEADLINE_SCENARIOS)
        readings = _fitted_readings(request)
        self.scenarios = scenarios_asked(request, ["baseline", *names])
        self.registry = evidence_registry()
        from model.draws import uncertainty
        from model.inputs import load_posterior
        from model.study import closed_years
        from results.run_folder import run_hash

        posterior = load_posterior(self.registry)
        for reading in readings:
            from calibration.in_force import posterior_of

            posterior = posterior_of(reading, self.registry)
        self.uncertain = uncertainty(self.registry, posterior)
        self.years = closed_years(horizon)
        self.resize(people)
        question = {name: value for name, value in request.options.items() if name not in _NOT_ASKED}
        name = "_".join([request.verb, *readings, *(scenario.id for scenario in self.scenarios[1:4])])
        hashed = run_hash({}, frame=self.frame.inputs, question=question, names=names)
        self.folder = folder or RESULTS / f"{name}_{hashed}"

    def resize(self, people: int) -> None:
        """Take lots of this many people."""
        from model.cells import Frame
        from results.run_folder import input_files, run_hash

        inputs = run_hash(input_files([]))  # cells depend on the evidence and on the code of the model
        sizes = (people, self.batches, self.seed, self.years)
        self.frame = Frame(tuple(self.scenarios), self.registry, *sizes, inputs, self.relived)

    def __enter__(self) -> "_Loop":
        from model.store import Store
        from results.progress import Progress

        self.began = time.perf_counter()
        self.progress = Progress(self.request.lang)
        self.progress.__enter__()
        self.store = Store(CELLS / self.frame.inputs, self.frame.columns)
        return self

    def __exit__(self, *error: Any) -> None:
        self.progress.__exit__(*error)
        self.store.close()

    def crew(self, stage: str) -> Any:
        """Return who computes cells."""
        from model.workers import Crew

        return Crew(self.store, self.jobs, self.cluster, self.progress, stage)

    def kept_split(self, minutes: int, plan: Callable[[], Any]) -> Any:
        """Return the split of a budget, as it was first decided: the same command must find its cells again."""
        from results.uncertainty_report import remembered_split

        key = f"{minutes} {self.jobs} {self.seed} {self.years} {[scenario.id for scenario in self.scenarios]}"
        return remembered_split(CELLS / self.frame.inputs / "splits.json", key, plan)

    def made(self) -> Any:
        from results.uncertainty_report import Made

        wall = time.perf_counter() - self.began
        french = "--csv-fr" in self.request.options
        return Made(
            tuple(self.request.command), self.request.lang, self.jobs, self.cluster, wall, french, self.perspective
        )


def _fitted_readings(request: Request) -> list[str]:
    """Return the reading of the evidence whose draws are asked for, none if it is not said: one that was fitted."""
    if "--reading" not in request.options:
        return []
    from calibration.readings import summaries

    reading, known = request.options["--reading"], list(summaries())
    if reading not in known:
        expected = answer("one_of", request.lang, known=", ".join(known))
        hint = nearest_hint(reading, known, request.lang)
        request.complain("bad_value", option="--reading", found=reading, expected=expected, hint=hint)
    return [reading]


def calibrate(request: Request) -> int:
    """Solve the free parameters against the published targets, or fit a reading of the evidence."""
    if "--reading" in request.options:
        return fit_reading(request)
    people = request.integer("--people", 40_000, 2_000, 100_000_000)
    seed = request.integer("--seed", 20_270_101, 0, 2**31 - 1)
    jobs = request.jobs()
    request.count_names(0, 0)
    for option in request.options.keys() & {"--runs", "--draws", "--recovery"}:
        request.complain("only_with_reading", option=option)
    request.stop_if_wrong()
    from calibration import solve
    from results.progress import Progress

    with Progress(request.lang) as progress:
        met = solve.main(people=people, seed=seed, jobs=jobs, progress=progress)
    return DONE if met else CHECK_FAILED


def fit_reading(request: Request) -> int:
    """Fit a reading of the evidence by Bayes, or try whether the fit finds known parameters (--recovery)."""
    people = request.integer("--people", 4_000, 1_000, 1_000_000)
    seed = request.integer("--seed", 20_270_101, 0, 2**31 - 1)
    jobs, runs = request.jobs(), request.integer("--runs", 1_024, 64, 65_536)
    draws, refits = request.integer("--draws", 1_024, 50, 100_000), request.integer("--recovery", 0, 1, 1_000)
    request.count_names(0, 0)
    if runs & (runs - 1):
        request.complain(
            "bad_value", option="--runs", found=runs, expected=answer("power_of_two", request.lang), hint=""
        )
    request.stop_if_wrong()
    from threadpoolctl import threadpool_limits

    from calibration import readings, recovery
    from calibration.fit import Plan
    from calibration.runs import design_of
    from results.progress import Progress

    design, reading = design_of(people, seed), request.options["--reading"]
    known = [readings.BASE, *readings.known_readings(design.files)]
    for name in set(reading.split("+")) - set(known):
        expected = answer("one_of", request.lang, known=", ".join(known))
        hint = nearest_hint(name, known, request.lang)
        request.complain("bad_value", option="--reading", found=name, expected=expected, hint=hint)
    request.stop_if_wrong()
    # One thread of linear algebra: quicker beside the processes, and the same bytes on any machine.
    with Progress(request.lang) as progress, threadpool_limits(1, "blas"):
        if refits:
            written = recovery.recover(design, FITS, reading, refits, runs, jobs, progress)
            print(answer("written", request.lang, path=shown_path(written)))
            return DONE
        written, found = readings.fit_and_write(design, FITS, reading, Plan(design=runs, draws=draws), jobs, progress)
    silent = ", ".join(found.pop("targets_hardly_speak_of"))
    found = {name: round(value) if isinstance(value, float) else value for name, value in found.items()}
    print(answer("fitted", request.lang, reading=reading, silent=silent, **found))
    print(answer("written", request.lang, path=shown_path(written)))
    return DONE


def validate(request: Request) -> int:
    """Set the model beside published results and run the reviewer's checks of the program."""
    people = request.integer("--people", 40_000, 2_000, 10_000_000)
    seed = request.integer("--seed", 20_270_101, 0, 2**31 - 1)
    jobs = request.jobs()
    request.count_names(0, 0)
    folder = wanted_folder(request)
    request.stop_if_wrong()
    from calibration import validate as validation
    from results.progress import Progress
    from results.validation import told, write_validation

    registry = evidence_registry()
    with Progress(request.lang) as progress:
        found = validation.validate(registry, people, seed, jobs, progress)
    command = tuple(request.command)
    written = write_validation(found, folder, request.lang, registry, command, RESULTS)
    print(told(found, request.lang), end="")
    print(answer("written", request.lang, path=shown_path(written)))
    return CHECK_FAILED if found.failed else DONE


def psa_made(request: Request) -> int:
    """Analyse draws that are made already: plane, acceptability curves, frontier, EVPI."""
    request.count_names(0, 0)
    for option in request.options.keys() & {*_LOOP_ONLY, "--draws", "--budget", "--quick"}:
        request.complain("not_with_draws_made", option=option)
    folder = wanted_folder(request)
    question = question_asked(request)
    draws = psa_asked(request)

    from results.psa_report import Reading, provenance, publish, reading_summary

    reading = Reading(draws, question, request.lang)
    written = publish(reading, folder or RESULTS / f"psa_{reading.hash}")
    print(reading_summary(reading) + provenance(reading))
    print(answer("written", request.lang, path=shown_path(written)))
    return DONE


def voi(request: Request) -> int:
    """Say what knowing more would be worth, from draws that are made already."""
    request.count_names(0, 0)
    jobs = request.jobs()
    seed = request.integer("--seed", 20_270_101, 0, 2**31 - 1)
    folder = wanted_folder(request)
    question = question_asked(request)
    draws = psa_asked(request)
    studies = studies_asked(request, draws)

    from results.progress import Progress
    from results.psa_report import provenance
    from results.voi_report import value_of_information, voi_summary, write_worthwhile

    with Progress(request.lang) as progress:
        found = value_of_information(draws, request.lang, question, studies, seed, progress, jobs)
        written = write_worthwhile(found, folder or RESULTS / f"voi_{found.reading.hash}", jobs)
    print(voi_summary(found) + provenance(found.reading))
    print(answer("written", request.lang, path=shown_path(written)))
    return DONE


@dataclass(frozen=True)
class Verb:
    """A verb of the front door; one with `actions` takes one of them as its next word."""

    options: tuple[str, ...]
    act: Callable[[Request], int] | None = None
    actions: dict[str, Callable[[Request], int]] = field(default_factory=dict)


_RUN = ("--people", "--seed", "--jobs")
_WRITTEN = ("--out", "--csv-fr", "--lang", "--help")
_LOOP_ONLY = (*_RUN, "--cluster", "--horizon", "--perspective", "--reading", "--resume")
_LOOP = (*_LOOP_ONLY, *_WRITTEN)
VERBS = {
    "compare": Verb(
        (
            *(*_RUN, "--horizon", "--perspective", "--population", "--explore", "--explain", "--unlimited"),
            *("--replicates", *_WRITTEN),
        ),
        compare,
    ),
    "budget": Verb((*_RUN, *_WRITTEN), budget),
    "price": Verb((*_RUN, "--parameter", "--horizon", "--perspective", *_WRITTEN), price),
    "scenarios": Verb(
        ("--extends", "--lang", "--help"),
        actions={
            "list": scenarios_list,
            "show": scenarios_show,
            "check": scenarios_check,
            "new": scenarios_new,
            "diff": scenarios_diff,
        },
    ),
    "parameters": Verb(("--lang", "--help"), actions={"list": parameters_list, "show": parameters_show}),
    "lives": Verb(("--people", "--years", "--seed", "--jobs", "--out", "--lang", "--help"), lives),
    "voi": Verb(
        (*READING, "--threshold", *CONCERNED, "--study", "--seed", "--jobs", "--out", "--csv-fr", "--lang", "--help"),
        voi,
    ),
    "bench": Verb(("--people", "--draws", "--jobs", "--lang", "--help"), bench),
    "calibrate": Verb((*_RUN, "--reading", "--runs", "--draws", "--recovery", "--lang", "--help"), calibrate),
    "psa": Verb(("--draws", *_LOOP, "--budget", "--quick", "--threshold", *CONCERNED, *READING), psa),
    "tornado": Verb(("--threshold", "--outcome", *_LOOP), tornado),
    "sweep": Verb(("--threshold", "--trajectories", "--inputs", "--draws", *_LOOP), sweep),
    "validate": Verb((*_RUN, "--out", "--lang", "--help"), validate),
}


# -- what the verbs say ---------------------------------------------------------------------------


# -- reading the command line ---------------------------------------------------------------------


def _language(words: Sequence[str]) -> str:
    """Return the language to answer in, before anything else is read."""
    english = "--lang=en" in words or any(pair == ("--lang", "en") for pair in pairwise(words))
    return "en" if english else "fr"


def read_command(words: Sequence[str]) -> tuple[Request, Verb | None]:
    """Return the request and its verb (None: show the help of the program)."""
    lang = _language(words)
    request = Request("", [], {}, lang, ["run.py", *words])
    plain: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if word in ("-h", "--help"):
            request.options["--help"] = ""
        elif word == "--":
            plain += waiting
            waiting = []
        elif word.startswith("-") and len(word) > 1:
            _read_option(request, word, waiting)
        else:
            plain.append(word)
    if not plain:
        return request, None
    request.verb, request.names = plain[0], plain[1:]
    verb = VERBS.get(request.verb)
    if verb is None:
        request.complain("unknown_verb", found=request.verb, hint=nearest_hint(request.verb, list(VERBS), lang))
        return request, None
    for option in request.options:
        if option not in verb.options:
            hint = nearest_hint(option, verb.options, lang)
            request.complain("unknown_option", found=option, verb=request.verb, hint=hint)
    return request, verb


def _read_option(request: Request, word: str, waiting: list[str]) -> None:
    """Read one option and its value ("--people 1000" or "--people=1000") into the request."""
    name, equals, value = word.partition("=")
    if name in request.options:
        request.complain("twice", option=name)
    if name not in OPTIONS or name in FLAGS:
        request.options[name] = value
        return
    if not equals:
        if not waiting or waiting[0].startswith("--"):
            request.complain("no_value", option=name, expected=OPTIONS[name][0])
            return
        value = waiting.pop(0)
    request.options[name] = value


def _act(words: Sequence[str]) -> int:
    request, verb = read_command(words)
    if "--help" in request.options or not words:
        shown = request.verb if verb is not None else ""
        print(page(shown, verb.options if verb is not None else (), request.lang), end="")
        return DONE
    request.choice("--lang", ("fr", "en", "both") if request.verb in BILINGUAL else ("fr", "en"))
    if verb is None:
        request.stop_if_wrong()
        raise BadRequest([answer("no_action", request.lang, known=", ".join(VERBS))])
    if verb.act is not None:
        return verb.act(request)
    action = verb.actions.get(request.names[0]) if request.names else None
    if action is None:
        known = ", ".join(f"{request.verb} {name}" for name in verb.actions)
        if request.names:
            found, hint = (
                " ".join([request.verb, request.names[0]]),
                nearest_hint(request.names[0], list(verb.actions), request.lang),
            )
            request.complain("unknown_verb", found=found, hint=hint)
        else:
            request.complain("no_action", known=known)
        request.stop_if_wrong()
        raise AssertionError("unreachable")
    request.verb, request.names = f"{request.verb} {request.names[0]}", request.names[1:]
    return action(request)


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line asks and return the exit code."""
    words = list(sys.argv[1:] if words is None else words)
    lang = _language(words)
    try:
        code = _act(words)
        sys.stdout.flush()  # a full disk or a closed pipe shows here, not after us
        return code
    except BadRequest as error:
        _say_problems(error.problems, lang)
        return BAD_REQUEST
    except KeyboardInterrupt:
        print("\n" + answer("interrupted", lang), file=sys.stderr)
        return INTERRUPTED
    except MemoryError:
        print(answer("machine", lang, what=answer("no_memory", lang)), file=sys.stderr)
        return MACHINE_FAILED
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        _silence_output()
        return DONE
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = answer("disk_full", lang) if full else f"{error.strerror or error} ({error.filename or '?'})"
        print(answer("machine", lang, what=what), file=sys.stderr)
        _silence_output()
        return MACHINE_FAILED
    except Exception as error:
        if type(error).__name__ != "InputError":  # known by its name: its module is slow to import
            raise
        _say_problems(str(error).splitlines(), lang)
        return BAD_REQUEST


def _say_problems(problems: Sequence[str], lang: str) -> None:
    """Print every problem of the request and its files, those of a file under its name."""
    if lang == "fr":
        from results.complaints_fr import in_french

        problems = [in_french(line) for line in problems]
    own = [line for line in problems if not line.startswith("  * ") and not line.endswith(":")]
    lines = [f"  * {line}" if line in own else line for line in problems]
    if own:
        count = len(own)
        head = answer("problem", lang) if count == 1 else answer("problems", lang, count=count)
        lines = [head, *(f"  * {line}" for line in own), *(line for line in problems if line not in own)]
    print("\n".join([*lines, answer("nothing_written", lang)]), file=sys.stderr)


def _silence_output() -> None:
    """Send what is still to be printed nowhere, so that leaving does not fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop(signum: int, _: FrameType | None) -> None:
    """Leave by the same door as Ctrl-C when asked to end, so that nothing half written stays."""
    raise SystemExit(128 + signum)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(main())
