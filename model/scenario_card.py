"""What a scenario says, in words: its card, how two scenarios differ, and the file a new one starts from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from model.changes import Change
from model.inputs import Bilingual, Parameter, Registry, load_table
from model.scenario import Scenario
from model.scenario_schema import HOSPITALS, month_name
from model.units import unit_text

THIN = "\u202f"  # narrow no-break space, before : ; ? ! and %

WORDS: dict[str, dict[str, str]] = {
    "proposal": {"fr": "Proposition", "en": "Proposal"},
    "from": {"fr": "Part de", "en": "Starts from"},
    "includes": {"fr": "Comprend", "en": "Includes"},
    "changes": {"fr": "Ce qui change", "en": "What changes"},
    "nothing": {"fr": "rien", "en": "nothing"},
    "costs": {"fr": "Ce que coûte le programme", "en": "What the programme costs"},
    "evidence": {"fr": "Preuves", "en": "Evidence"},
    "uncertainty": {"fr": "Incertitude", "en": "Uncertainty"},
    "claims": {"fr": "Ce que ce scénario n’affirme pas", "en": "What it does not claim"},
    "legal": {"fr": "Test juridique", "en": "Legal test"},
    "passes": {"fr": "satisfait", "en": "passes"},
    "fails": {"fr": "non satisfait", "en": "fails"},
    "asked": {"fr": "attendu", "en": "expected"},
    "derogation": {"fr": "Dérogation", "en": "Derogation"},
    "explored": {"fr": "Effet supposé, exploré", "en": "Assumed effect, explored"},
    "unlimited": {"fr": "Places illimitées", "en": "Unlimited places"},
    "retrospective": {
        "fr": "Scénario rétrospectif, hors classement",
        "en": "Retrospective: not in the league table",
    },
    "set": {"fr": "Exclusif des autres de l’ensemble", "en": "Excludes the others of the set"},
    "grade": {"fr": "niveau de preuve", "en": "grade"},
    "now": {"fr": "situation actuelle", "en": "baseline"},
    "full": {"fr": "à plein régime", "en": "in full"},
    "yes": {"fr": "oui", "en": "yes"},
    "no": {"fr": "non", "en": "no"},
    "year": {"fr": "par an", "en": "per year"},
    "once": {"fr": "une fois", "en": "once"},
    "per": {"fr": "par", "en": "per"},
    "paid": {"fr": "payé par", "en": "paid by"},
    "REFERRAL": {"fr": "par adressage", "en": "per referral"},
    "AMO": {"fr": "l’Assurance maladie", "en": "the Assurance maladie"},
    "AMC": {"fr": "les complémentaires", "en": "complementary insurers"},
    "PATIENT": {"fr": "les patients", "en": "patients"},
    "HOSPITAL_EPSM": {"fr": "le budget des EPSM", "en": "the budget of EPSM"},
    "HOSPITAL_OTHER": {"fr": "le budget des autres hôpitaux", "en": "the budget of other hospitals"},
    "STATE": {"fr": "l’État et les départements", "en": "the State and departments"},
    "EMPLOYER": {"fr": "les employeurs", "en": "employers"},
    "FAMILY": {"fr": "les familles", "en": "families"},
    "SOCIETY": {"fr": "la société", "en": "society"},
    "epsm": {"fr": "EPSM", "en": "EPSM"},
    "general": {"fr": "hôpital général", "en": "general hospital"},
    "clinic": {"fr": "clinique", "en": "clinic"},
    "why": {"fr": "Raison (telle qu’écrite)", "en": "Why"},
    "source": {"fr": "Source (telle qu’écrite)", "en": "Source"},
    "PSYCHOLOGIST_SALARIED": {"fr": "les séances de psychologues salariés", "en": "sessions of salaried psychologists"},
    "shared": {"fr": "partagé selon", "en": "shared by"},
    "below": {"fr": "partagé selon les moins de {} ans", "en": "shared by those under {}"},
}

_WHEN = {
    "fr": {
        "from": "à partir de {}",
        "ramp": "montée en charge sur {} mois",
        "until": "jusqu’à {}",
        "decay": "puis extinction sur {} mois",
        "where": "seulement {}",
    },
    "en": {
        "from": "from {}",
        "ramp": "over {} months",
        "until": "until {}",
        "decay": "then fading over {} months",
        "where": "only {}",
    },
}


@dataclass(frozen=True)
class Difference:
    """A parameter that two scenarios do not treat alike; texts in the language asked."""

    parameter: str
    unit: str
    baseline: str
    left: str
    right: str


def number_text(value: Any, lang: str) -> str:
    """Return a value in words: 12 000 and 0,02 in French (narrow spaces), 12,000 and 0.02 in English."""
    if isinstance(value, bool):
        return WORDS["yes" if value else "no"][lang]
    if isinstance(value, tuple | list):
        return ("; " if lang == "en" else f"{THIN}; ").join(number_text(item, lang) for item in value)
    if isinstance(value, Bilingual):
        return value[lang]
    if isinstance(value, str):
        return value
    text = f"{value:,.0f}" if abs(value) >= 1000 and value == round(value) else f"{value:.6g}"
    return text.replace(",", THIN).replace(".", ",") if lang == "fr" else text


def _colon(word: str, lang: str) -> str:
    return f"{WORDS.get(word, {}).get(lang, word)}{THIN if lang == 'fr' else ''}:"


def _month(number: int, lang: str) -> str:
    year, month = month_name(number).split("-")
    return f"{month}/{year}" if lang == "fr" else f"{year}-{month}"


def _when(change: Change, lang: str) -> str:
    """Return when and where a change holds, "" if always and everywhere."""
    say = _WHEN[lang]
    parts = []
    if change.from_month is not None:
        parts.append(say["from"].format(_month(change.from_month, lang)))
    if change.ramp > 1:
        parts.append(say["ramp"].format(change.ramp))
    if change.until_month is not None:
        parts.append(say["until"].format(_month(change.until_month, lang)))
    if change.decay:
        parts.append(say["decay"].format(change.decay))
    regions = load_table("regions")["region_name"]
    places = [str(regions[row]) for row in change.regions] + [WORDS[HOSPITALS[row]][lang] for row in change.hospitals]
    if places:
        parts.append(say["where"].format(", ".join(places)))
    return ", ".join(parts)


def _effect(change: Change, parameter: Parameter, lang: str) -> str:
    """Return where the change leads, as "0.02 in full (× 2), from 2027-07, over 24 months"."""
    sign = {"value": "", "multiply": "× ", "add": "+ "}[change.operation]
    full = number_text(change.full(parameter.value), lang)
    how = f" ({sign}{number_text(change.amount, lang)})" if sign else ""
    when = _when(change, lang)
    return f"{full}{how}" + (f", {when}" if when else "")


def _effects(changes: tuple[Change, ...], parameter: Parameter, lang: str) -> str:
    joined = " · ".join(_effect(change, parameter, lang) for change in changes)
    return joined or number_text(parameter.value, lang)


def diff(left: Scenario, right: Scenario, registry: Registry, lang: str = "en") -> list[Difference]:
    """Return what two scenarios do not treat alike, in the order of the parameters' files."""
    rows = []
    for name, parameter in registry.items():
        a, b = left.changes.get(name, ()), right.changes.get(name, ())
        texts = _effects(a, parameter, lang), _effects(b, parameter, lang)
        if texts[0] != texts[1]:
            unit = unit_text(parameter.unit, lang, titled=False)
            rows.append(Difference(name, unit, number_text(parameter.value, lang), *texts))
    return rows


def card(scenario: Scenario, registry: Registry, lang: str = "en") -> str:
    """Return a scenario in words, for a reader who has not seen its file."""
    return "\n".join(_card_lines(scenario, registry, lang)).rstrip() + "\n"


def _card_lines(scenario: Scenario, registry: Registry, lang: str) -> Iterator[str]:
    title = f"{scenario.title[lang]} ({scenario.id})"
    yield from (title, "=" * len(title), scenario.summary[lang], "")
    facts = {
        "proposal": scenario.proposal,
        "from": scenario.extends or "",
        "includes": ", ".join(scenario.includes),
        "set": scenario.exclusive_set or "",
    }
    yield from (f"{_colon(word, lang)} {fact}" for word, fact in facts.items() if fact)
    if scenario.population == "retrospective":
        yield WORDS["retrospective"][lang]
    if scenario.unlimited_places:
        yield WORDS["unlimited"][lang]
    yield from ("", _colon("changes", lang) + ("" if scenario.changes else f" {WORDS['nothing'][lang]}"))
    for name, changes in scenario.changes.items():
        yield from _change_lines(changes, registry[name], lang)
    yield from _cost_lines(scenario, registry, lang)
    if scenario.explore is not None:
        values = number_text(tuple(scenario.explore.values), lang)
        label = scenario.explore.label[lang]
        yield from ("", f"{_colon('explored', lang)} {label} ({scenario.explore.parameter}, {values})")
    if scenario.evidence:
        yield from ("", _colon("evidence", lang))
    for item in scenario.evidence:
        source = f"{_colon('source', lang)} {item.source}"
        yield f"  * {item.effect[lang]} ({WORDS['grade'][lang]} {item.grade}). {source}."
        if item.transport:
            yield f"    {item.transport[lang]}"
    yield from _legal_lines(scenario, lang)
    for word, text in (("uncertainty", scenario.uncertainty), ("claims", scenario.does_not_claim)):
        if text is not None:
            yield from ("", f"{_colon(word, lang)} {text[lang]}")


def _change_lines(changes: tuple[Change, ...], parameter: Parameter, lang: str) -> Iterator[str]:
    name = parameter.title[lang] if parameter.title else parameter.id
    now = f"{WORDS['now'][lang]} {number_text(parameter.value, lang)}"
    unit = unit_text(parameter.unit, lang, titled=parameter.title is not None)
    yield f"  * {_colon(name, lang)} {_effects(changes, parameter, lang)} [{unit}] ({now})"
    if parameter.title:
        yield f"    {parameter.id}"
    for change in changes:
        yield f"    {_colon('why', lang)} {change.why} ({WORDS['grade'][lang]} {change.grade}, {change.origin})"


def _cost_lines(scenario: Scenario, registry: Registry, lang: str) -> Iterator[str]:
    if scenario.programme_cost:
        yield from ("", _colon("costs", lang))
    for cost in scenario.programme_cost:
        amount = f"{number_text(registry.value(cost.parameter), lang)} EUR"
        per = WORDS[cost.per][lang] if cost.per in WORDS else f"{WORDS['per'][lang]} {cost.per.lower()}"
        paid = f"{WORDS['paid'][lang]} {WORDS[cost.payer][lang]}"
        shared = ""
        if cost.shared_by is not None:
            use = WORDS.get(cost.shared_by, {}).get(lang, cost.shared_by)
            shared = f", {WORDS['shared'][lang]} {use}"
        elif cost.age_below is not None:
            shared = ", " + WORDS["below"][lang].format(cost.age_below)
        yield f"  * {_colon(cost.title[lang], lang)} {amount}, {per}, {paid}{shared} ({cost.parameter})"


def _legal_lines(scenario: Scenario, lang: str) -> Iterator[str]:
    test = scenario.legal_test
    if test is None:
        return
    yield from ("", f"{_colon('legal', lang)} {WORDS['passes' if test.passes else 'fails'][lang]}")
    for item in test.criteria:
        verdict = WORDS["passes" if item.passes else "fails"][lang]
        found, asked = number_text(item.value, lang), number_text(item.expected, lang)
        asked = f"{WORDS['asked'][lang]} {asked}"
        yield f"  * {_colon(item.title[lang], lang)} {found} ({asked}), {verdict}. {item.rule[lang]}"
    if test.derogation is not None:
        yield f"  {_colon('derogation', lang)} {test.derogation[lang]}"


UNWRITTEN = ("À écrire", "To write")  # how the texts of a new file begin


def unwritten(scenario: Scenario) -> list[str]:
    """Return the keys of a scenario's texts that are still those of a new file."""
    texts: dict[str, Any] = {
        "summary": scenario.summary,
        "proposal": scenario.proposal,
        "uncertainty": scenario.uncertainty,
        "does_not_claim": scenario.does_not_claim,
    }
    told = {key: (text.fr, text.en) if isinstance(text, Bilingual) else (text or "",) for key, text in texts.items()}
    return [key for key, words in told.items() if any(word.startswith(UNWRITTEN) for word in words)]


def starter(name: str, lang: str = "en") -> str:
    """Return the text of a new scenario file, commented, which passes the check and changes nothing yet."""
    text = (_STARTER_FR if lang == "fr" else _STARTER_EN).replace("NAME", name)
    return text.replace(" :", f"{THIN}:").replace(" ;", f"{THIN};")


_STARTER_EN = """\
# Scenario NAME. Check it with: python run.py scenarios check NAME
# A scenario changes the care that reaches people, never an outcome. It starts from the baseline, and
# says what differs. To see the parameters: python run.py parameters list
extends  = "baseline"
# includes = ["liste_en_sus", "collaborative_care"]   # a package: these policies together
title    = { fr = "NAME", en = "NAME" }
summary  = { fr = "À écrire : la mesure en une phrase.", en = "To write: the policy in one sentence." }
proposal = "To write: who proposes it, which document, which section"
uncertainty    = { fr = "À écrire : ce que l’on ignore.", en = "To write: what is not known." }
does_not_claim = { fr = "À écrire : ce qui n’est pas affirmé.", en = "To write: what it does not claim." }

# One table a parameter changed: its name in quotes; one of value, multiply, add.
# [changes."access.esketamine.epsm.monthly_probability"]
# value = 0.02
# from  = "2027-07"          # the first month of the change; left out: always
# ramp  = "24 months"        # to reach it in a straight line; left out: at once
# until = "2031-12"          # the last month of the change; left out: for ever
# decay = "12 months"        # to return to the baseline in a straight line; left out: at once
# where = { region = ["11", "93"], hospital = ["epsm"] }   # left out: everywhere
# grade = "D"                # A trial, B observational, C analogy or expert, D assumption
# why   = "the reason for this value, and the range explored"

# The evidence of each effect; required as soon as something changes.
# [[evidence]]
# effect    = "what is known of the effect"
# source    = "author, year, journal"
# grade     = "B"
# transport = "why it should hold in France"

# What running the policy costs: a parameter in EUR, per "year", "once", or per resource or event.
# [[programme_cost]]
# title     = { fr = "Coordination", en = "Coordination" }
# parameter = "programme_cost.pathway_per_patient"
# per       = "year"
# payer     = "AMO"
"""

_STARTER_FR = """\
# Scénario NAME. Pour le vérifier : python run.py scenarios check NAME
# Un scénario change les soins qui parviennent aux personnes, jamais un résultat. Il part de la situation
# actuelle (baseline) et dit ce qui en diffère. Pour voir les paramètres : python run.py parameters list
extends  = "baseline"
# includes = ["liste_en_sus", "collaborative_care"]   # un ensemble : ces mesures réunies
title    = { fr = "NAME", en = "NAME" }
summary  = { fr = "À écrire : la mesure en une phrase.", en = "To write: the policy in one sentence." }
proposal = "À écrire : qui la propose, quel document, quelle section"
uncertainty    = { fr = "À écrire : ce que l’on ignore.", en = "To write: what is not known." }
does_not_claim = { fr = "À écrire : ce qui n’est pas affirmé.", en = "To write: what it does not claim." }

# Une table par paramètre changé : son nom entre guillemets ; l’un de value, multiply, add.
# [changes."access.esketamine.epsm.monthly_probability"]
# value = 0.02
# from  = "2027-07"          # premier mois du changement ; absent : toujours
# ramp  = "24 months"        # durée de la montée en charge, linéaire ; absente : d’un coup
# until = "2031-12"          # dernier mois du changement ; absent : pour toujours
# decay = "12 months"        # durée du retour à la situation actuelle, linéaire ; absente : d’un coup
# where = { region = ["11", "93"], hospital = ["epsm"] }   # absent : partout
# grade = "D"                # A essai, B observationnel, C analogie ou expert, D hypothèse
# why   = "la raison de cette valeur, et l’intervalle exploré"

# Les preuves de chaque effet ; exigées dès que quelque chose change.
# [[evidence]]
# effect    = "ce que l’on sait de l’effet"
# source    = "auteur, année, revue"
# grade     = "B"
# transport = "pourquoi il vaudrait en France"

# Ce que coûte la mesure : un paramètre en EUR, par an ("year"), une fois ("once"), par ressource ou
# par événement.
# [[programme_cost]]
# title     = { fr = "Coordination", en = "Coordination" }
# parameter = "programme_cost.pathway_per_patient"
# per       = "year"
# payer     = "AMO"
"""
