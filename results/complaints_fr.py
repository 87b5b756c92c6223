"""The model's complaints about files, said in French: phrase by phrase, names and values untouched.

A phrase that is not known here stays in English.
"""

import re

_PHRASES: tuple[tuple[str, str], ...] = (
    (r"^(.+) has 1 problem:$", r"\1 a un problème :"),
    (r"^(.+) has (\d+) problems:$", r"\1 a \2 problèmes :"),
    (r" Did you mean (.+?)\?", r" Vouliez-vous dire \1 ?"),
    (r" Expected one of: ", " Attendu, au choix : "),
    (r" Put the name in quotes: ", " Mettez le nom entre guillemets : "),
    (r" is missing; expected ", " manque ; attendu : "),
    (r" is not a parameter\b", " n'est pas un paramètre"),
    (r" is not a key here\b", " n'est pas une clé connue ici"),
    (r", which is not a scenario\b", ", qui n'est pas un scénario"),
    (r" is there more than once\b", " y est plus d'une fois"),
    (r" is not a name; expected ", " n'est pas un nom ; attendu : "),
    (r" goes round in a circle: ", " tourne en rond : "),
    (r" has (.+?); expected exactly one of value, multiply, add", r" a \1 ; attendu : un seul de value, multiply, add"),
    (r" has a ramp but no from; expected from, ", " a une rampe (ramp) mais pas de from ; attendu : from, "),
    (r" has a decay but no until; expected until, ", " a une extinction (decay) mais pas de until ; attendu : until, "),
    (r" is (\S.*?); expected ", r" vaut \1 ; attendu : "),
    (r" is (\S+), before from", r" vaut \1, avant from"),
    (r"\ba month, as ", "un mois, comme "),
    (r"\ba duration, as ", "une durée, comme "),
    (r"\ba number, true or false, or a list of numbers", "un nombre, true ou false, ou une liste de nombres"),
    (r"\ba list of numbers", "une liste de nombres"),
    (r"\ba list of names of scenarios", "une liste de noms de scénarios"),
    (r"\ba list of tables", "une liste de tables"),
    (r"\ba list of criteria", "une liste de critères"),
    (r"\ba list among ", "une liste parmi "),
    (r"\ba table with fr and en", "une table avec fr et en"),
    (r"\ba table with ", "une table avec "),
    (r"\ba text in French", "un texte en français"),
    (r"\ba text in English", "un texte en anglais"),
    (r"\ba text\b", "un texte"),
    (r"\ba table\b", "une table"),
    (r"\ba number\b", "un nombre"),
    (r"\ba share, ", "une part, "),
    (r"\ba colour, as ", "une couleur, comme "),
    (r"\btrue or false\b", "true ou false"),
    (r"\bthe reason, in quotes", "la raison, entre guillemets"),
    (r"\bthe name of a scenario", "le nom d'un scénario"),
    (r"\bthe name of a parameter", "le nom d'un paramètre"),
    (r"\ba parameter in EUR", "un paramètre en euros"),
    (r"\bwho proposes it: document and section", "qui le propose : document et section"),
    (r"\bin quotes\b", "entre guillemets"),
    (r"(?<=[\d.]) to (?=[\d−-])", " à "),
    (r"\bone of\b", "l'un de"),
)


def in_french(line: str) -> str:
    """Return one line of a complaint in French."""
    for pattern, french in _PHRASES:
        line = re.sub(pattern, french, line)
    return line
