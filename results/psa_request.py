"""What a command line asks of draws already made, ours or another program's: which, read how, for whom.

Every problem of the request and of the files is noted in the request.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from results.help import answer
from results.numbers import number
from results.request import Request, shown_path

if TYPE_CHECKING:  # heavy: imported only when a request is sound
    from model.psa import Psa
    from model.research import Research
    from results.psa_report import Question

READING = ("--from", "--costs", "--effects", "--parameters", "--groups", "--comparator", "--separate")
CONCERNED = ("--persons", "--incident", "--years", "--discount")
MADE = ("--from", "--costs", "--effects")  # any of them: the draws are there already
HIGHEST_THRESHOLD = 10_000_000.0


def asks_for_draws_made(request: Request) -> bool:
    """Return whether the command names draws that are made already."""
    return any(option in request.options for option in MADE)


def psa_asked(request: Request) -> "Psa":
    """Return the PSA of --from, or of --costs and --effects; stop with every problem of the request and the files."""
    noted = len(request.problems)
    given = {option.removeprefix("--"): _path(request, option) for option in READING[:5] if option in request.options}
    if "from" in given and ("costs" in given or "effects" in given):
        request.complain("from_or_files")
    elif "from" not in given and ("costs" not in given or "effects" not in given):
        known = ", ".join(shown_path(path) for path in _folders_of_draws()) or answer("none_yet", request.lang)
        request.complain("no_draws", verb=request.verb, known=known)
    elif "from" in given and given["from"].is_dir() and "parameters" in given:
        request.complain("parameters_twice", folder=given["from"])
    if len(request.problems) > noted:
        request.stop_if_wrong()

    from model.complaints import InputError
    from results.psa_intake import read_psa, read_separate, read_tidy

    comparator, groups = request.options.get("--comparator"), given.get("groups")
    try:
        if "costs" in given:
            found = read_separate(given["costs"], given["effects"], given.get("parameters"), comparator, groups)
        elif given["from"].is_file():
            found = read_tidy(given["from"], given.get("parameters"), comparator, groups)
        else:
            found = read_psa(given["from"], comparator, groups)
    except InputError as error:
        request.problems += str(error).splitlines()
    request.stop_if_wrong()
    return found


def question_asked(request: Request) -> "Question":
    """Return how the draws are to be read; the problems met are noted."""
    from results.decisions import Deciders
    from results.psa_report import Question

    thresholds = _numbers(request, "--threshold", 0.0, HIGHEST_THRESHOLD)
    persons = _numbers(request, "--persons", 0.0, 1e9)
    incident = _numbers(request, "--incident", 0.0, 1e9) or [0.0]
    years = _numbers(request, "--years", 0.0, 100.0) or [10.0]
    rate = _numbers(request, "--discount", 0.0, 0.2) or [0.025]
    if not persons and ({"--incident", "--years", "--discount"} & request.options.keys()):
        request.complain("persons_needed")
    deciders = Deciders(persons[0], incident[0], years[0], rate[0]) if persons else None
    return Question(
        sets={} if "--separate" in request.options else None,
        thresholds=tuple(thresholds),
        deciders=deciders,
        command=tuple(request.command),
        french_csv="--csv-fr" in request.options,
    )


def studies_asked(request: Request, psa: "Psa") -> "list[Research]":
    """Return the studies of --study; without it, those of the repository that measure what was drawn."""
    from model.complaints import InputError
    from model.research import load_research, research_names

    names = request.options.get("--study", "").split(",") if "--study" in request.options else []
    if not names and not psa.about.get("made_elsewhere"):
        every = [load_research(name) for name in research_names()]
        return [study for study in every if study.within(psa.parameter_names).measures]
    found = []
    for name in names:
        try:
            found.append(load_research(name.strip()))
        except InputError as error:
            request.problems += str(error).splitlines()
    request.stop_if_wrong()
    return found


def _path(request: Request, option: str) -> Path:
    return Path(request.options[option]).expanduser()


def _folders_of_draws() -> list[Path]:
    """Return the folders of results that hold draws, newest last."""
    here = Path(__file__).resolve().parent
    return sorted((path.parent.parent for path in here.glob("*/psa/costs.csv")), key=lambda path: path.stat().st_mtime)


def _numbers(request: Request, option: str, low: float, high: float) -> list[float]:
    """Return the numbers of an option ("20000,50000", "20 000", "0.025"), or note the problem."""
    if option not in request.options:
        return []
    found: list[float] = []
    words = request.options[option].split(",") if option == "--threshold" else [request.options[option]]
    for word in words:
        try:
            value = float("".join(word.split()).replace("_", ""))
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            expected = answer(
                "numbers" if option == "--threshold" else "number",
                request.lang,
                low=number(low, request.lang),
                high=number(high, request.lang, 1 if high < 1 else 0),
            )
            request.complain("bad_value", option=option, found=request.options[option], expected=expected, hint="")
            return []
        found.append(value)
    return found
