"""The model's complaints about files, said in French: phrase by phrase, names and values untouched.

Names of keys and parameters stay as they are; units are translated. A phrase that is not known stays in English, which
tests/test_complaints.py would tell.
"""

import re

from model.units import measure

_PHRASES: tuple[tuple[str, str], ...] = (
    (r"^(.+) has 1 problem:$", r"\1 a un problème :"),
    (r"^(.+) has (\d+) problems:$", r"\1 a \2 problèmes :"),
    (r"^the scenarios asked for\b", "les scénarios demandés"),
    # the file
    (r"\bthe file does not exist\b", "le fichier n'existe pas"),
    (r"\bthe folder does not exist\b", "le dossier n'existe pas"),
    (
        r"\bnot UTF-8 text \(byte (\d+)\); save the file as UTF-8",
        r"n'est pas un texte UTF-8 (octet \1) ; enregistrez en UTF-8",
    ),
    (r"\bcannot be read: ", "ne peut être lu : "),
    (
        r"\bnot TOML: (.+?)(?: \(at line (\d+), column (\d+)\))?\.$",
        r"n'est pas du TOML, ligne \2, colonne \3 (en anglais : \1).",
    ),
    (r"n'est pas du TOML, ligne , colonne  \(", "n'est pas du TOML ("),
    # a cluster
    (
        r"\bits processes cannot import the model \((.+)\); expected them to be started in this folder",
        r"ses processus ne trouvent pas le modèle (\1) ; lancez-les dans ce dossier",
    ),
    (
        r" has other code or evidence; expected the same",
        " n'a pas le même code ou les mêmes données ; attendu : les mêmes",
    ),
    (
        r"\bthe scheduler has no worker; expected one at least",
        "l'ordonnanceur n'a aucun processus ; attendu : un au moins",
    ),
    # draws made elsewhere
    (r"\bline (\d+), column (.+?) is (.+?); expected a number\b", r"ligne \1, colonne \2 : \3 ; attendu : un nombre"),
    (
        r"\bline 1 holds numbers only; expected the names of the columns",
        "la ligne 1 n'a que des nombres ; attendu : les noms des colonnes",
    ),
    (r"\bline 1, column (\d+) has no name", r"ligne 1 : la colonne \1 n'a pas de nom"),
    (
        r"\bline 1 names the column (.+?) (\d+) times; expected once",
        r"la ligne 1 nomme \2 fois la colonne \1 ; attendu : une fois",
    ),
    (
        r"\bline (\d+) has (\d+) cells; expected (\d+), as the first line",
        r"la ligne \1 a \2 cellules ; attendu : \3, comme la première",
    ),
    (
        r"\bholds no number; expected a line of names, then one line a draw",
        "ne contient aucun nombre ; attendu : une ligne de noms, puis une ligne par tirage",
    ),
    (r"\bis not text; expected a CSV file", "n'est pas du texte ; attendu : un fichier CSV"),
    (r"\band (\d+) more faults of the same kinds", r"et \1 autres fautes des mêmes sortes"),
    (r"\bcolumn (.+?) is not a strategy of (\S+?)\.(?= |$)", r"la colonne \1 n'est pas une stratégie de \2."),
    (
        r"\bhas no column (.+?); expected the strategies of (\S+)",
        r"n'a pas de colonne \1 ; attendu : les stratégies de \2",
    ),
    (r"\bhas no column (.+?)\.", r"n'a pas de colonne \1."),
    (r"\bhas no strategy (.+?)\.", r"n'a pas de stratégie \1."),
    (
        r"\bits Monte Carlo noise is that of differences from (\S+); expected that comparator",
        r"son bruit de Monte-Carlo est celui des écarts à \1 ; attendu : ce comparateur",
    ),
    (r"\bhas the columns (.+?); expected parameter and group", r"a les colonnes \1 ; attendu : parameter et group"),
    (
        r"\bhas (\d+) strategy; expected two or more, the comparator among them",
        r"a \1 stratégie ; attendu : deux au moins, dont le comparateur",
    ),
    (r"\bhas (\d+) draws; expected (\d+) or more", r"a \1 tirages ; attendu : \2 au moins"),
    (r"\bhas (\d+) draws; expected (\d+), as (\S+)\.$", r"a \1 tirages ; attendu : \2, comme \3."),
    (
        r"\bhas no iteration (\d+); expected those of (\S+) \((\d+) missing\)",
        r"n'a pas d'itération \1 ; attendu : celles de \2 (il en manque \3)",
    ),
    (
        r"\bline (\d+): strategy (.+?) has iteration (\d+) twice; expected once",
        r"ligne \1 : la stratégie \2 a deux fois l'itération \3 ; attendu : une fois",
    ),
    (
        r"\bstrategy (.+?) has no iteration (\d+) \((\d+) missing\); expected all",
        r"la stratégie \1 n'a pas d'itération \2 (il en manque \3) ; attendu : toutes",
    ),
    (r"\bis a folder that holds (.+?); expected ", r"est un dossier qui contient \1 ; attendu : "),
    (r"\bis not there; expected ", "n'existe pas ; attendu : "),
    (
        r"\ba folder with costs\.csv and effects\.csv, or psa\.csv; or a tidy CSV file",
        "un dossier avec costs.csv et effects.csv, ou psa.csv ; ou un fichier CSV d'une ligne par stratégie et tirage",
    ),
    # hints
    (r" Did you mean (.+?)\?", r" Vouliez-vous dire \1 ?"),
    (r" Expected one of: ", " Attendu, au choix : "),
    (r" Put the name in quotes: ", " Mettez le nom entre guillemets : "),
    # whole sentences
    (
        r" is not for the baseline, which is what the others are compared with",
        " n'a pas lieu d'être dans baseline, à quoi les autres sont comparés",
    ),
    (r" is not for the baseline\b", " n'a pas lieu d'être dans baseline"),
    (r" is not a parameter drawn\b", " n'est pas un paramètre tiré"),
    (r" is not a parameter\b", " n'est pas un paramètre"),
    (r" is not a key here\b", " n'est pas une clé connue ici"),
    (r" has (.+?), which is not a scenario\b", r" a \1, qui n'est pas un scénario"),
    (r" has (.+?), which is not a region\b", r" a \1, qui n'est pas une région"),
    (r" has (.+?), which is not one\b", r" a \1, qui n'en est pas un"),
    (r" is there more than once\b", " y est plus d'une fois"),
    (
        r" is not marked free: only free parameters may be solved",
        " n'est pas marqué libre (free) : seuls les paramètres libres se calent",
    ),
    (
        r" is not a name; expected lower-case letters, digits and _ between dots",
        " n'est pas un nom ; attendu : minuscules, chiffres et _ entre des points",
    ),
    (r" is already in ", " est déjà dans "),
    (r" goes round in a circle: ", " tourne en rond : "),
    (
        r" names no place; expected region, hospital or both",
        " ne nomme aucun lieu ; attendu : region, hospital ou les deux",
    ),
    (r" has (.+?); expected its code, ", r" a \1 ; attendu : son code, "),
    (r" has (.+?); expected exactly one of value, multiply, add", r" a \1 ; attendu : un seul de value, multiply, add"),
    (r"\b(value|multiply|add) and (multiply|add)\b", r"\1 et \2"),
    (r"\b(value), (multiply) et (add)\b", r"\1, \2 et \3"),
    (r" a none ; attendu", " n'a rien ; attendu"),
    (
        r" has shared_by and age_below; expected at most one of them",
        " a shared_by et age_below ; attendu : l'un des deux au plus",
    ),
    (
        r' goes with per = "year" or "once"; a cost per use falls where it is used',
        ' va avec per = "year" ou "once" ; un coût à l\'usage est compté là où il est utilisé',
    ),
    (r" has a ramp but no from; expected from, ", " a une rampe (ramp) mais pas de from ; attendu : from, "),
    (r" has a decay but no until; expected until, ", " a une extinction (decay) mais pas de until ; attendu : until, "),
    (r" goes with multiply only", " ne va qu'avec multiply"),
    (
        r" cannot change this parameter, which is (.+?); expected value",
        r" ne peut changer ce paramètre, qui est \1 ; attendu : value",
    ),
    (r"; it cannot have where, ramp or decay", " ; il ne peut avoir where, ramp ou decay"),
    (r"; it cannot have where", " ; il ne peut avoir where"),
    (
        r": this parameter is the same everywhere; by place are (.+)\.$",
        r" : ce paramètre est le même partout ; diffèrent selon le lieu : \1.",
    ),
    (r" has (\w+); this parameter differs by (\w+) only", r" a \1 ; ce paramètre ne diffère que par \2"),
    (
        r" is set by (.+?), which differ; only equal values, or multiplications, combine: say in this file what holds",
        r" est fixé par \1, qui diffèrent ; seules des valeurs égales, ou des multiplications, se combinent :"
        " dites dans ce fichier ce qui vaut",
    ),
    (r" multiplied by (.+?) is ", r" multiplié par \1 vaut "),
    (r": the value is ", " : la valeur vaut "),
    (r" is empty; expected at least one\b", " est vide ; attendu : au moins un"),
    (r" is empty; expected ", " est vide ; attendu : "),
    (r" stands alone; expected ", " est isolé ; attendu : "),
    (r" has (\d+) numbers; expected (\d+)", r" a \1 nombres ; attendu : \2"),
    (
        r"\ba retrospective scenario is a SÉSAME programme of one region\b",
        "un scénario rétrospectif est un programme SÉSAME d'une seule région",
    ),
    (
        r" is (\S+) years; expected (\d+) to (\d+) \(the life table ends at 110 years of age\)",
        r" vaut \1 ans ; attendu : \2 à \3 (la table de mortalité s'arrête à 110 ans)",
    ),
    (r"; expected at least (\d+)\b", r" ; attendu : au moins \1"),
    (r" is (\S+), before from; expected (\S+) or later", r" vaut \1, avant from ; attendu : \2 ou plus tard"),
    (r" is (\S+), before from", r" vaut \1, avant from"),
    (r" is in (.+?); expected a parameter in EUR", r" est en \1 ; attendu : un paramètre en euros"),
    (r" is missing; expected ", " manque ; attendu : "),
    (r" is missing; a (\S+) needs it", r" manque ; il en faut pour \1"),
    (r" is (true or false|a list)\b", r" est \1"),
    (r" is (\S.*?); expected ", r" vaut \1 ; attendu : "),
    (r" has (\S.*?); expected ", r" a \1 ; attendu : "),
    (r"; expected ", " ; attendu : "),
    # what is expected
    (r"\ba month, as ", "un mois, comme "),
    (r"\ba duration, as ", "une durée, comme "),
    (r"\ba number, true or false, or a list of numbers", "un nombre, true ou false, ou une liste de nombres"),
    (r"\ba number of EUR\b", "un montant en euros"),
    (r"\ba list of numbers", "une liste de nombres"),
    (r"\ba list of names of scenarios", "une liste de noms de scénarios"),
    (r"\ba list of region codes in quotes, as ", "une liste de codes de région entre guillemets, comme "),
    (
        r"\ba list of tables with effect, source, grade and transport",
        "une liste de tables avec effect, source, grade et transport",
    ),
    (r"\ba list of tables", "une liste de tables"),
    (r"\ba list of criteria", "une liste de critères"),
    (r"\ba list among ", "une liste parmi "),
    (r"\ba list\b", "une liste"),
    (r"\ba table with fr and en", "une table avec fr et en"),
    (r"\ba table with region, hospital or both", "une table avec region, hospital ou les deux"),
    (r"\ba table with value, unit, source, grade", "une table avec value, unit, source, grade"),
    (r"\ba table with parameter, values, unit and label", "une table avec parameter, values, unit et label"),
    (r"\ba table with criteria and derogation", "une table avec criteria et derogation"),
    (r"\ba table with ", "une table avec "),
    (r"\btables, as ", "des tables, comme "),
    (r"\ba text, or a table with", "un texte, ou une table avec"),
    (r"\ba text in French", "un texte en français"),
    (r"\ba text in English", "un texte en anglais"),
    (r", or une table avec", ", ou une table avec"),
    (r"\ba text\b", "un texte"),
    (r"\ba table\b", "une table"),
    (r"\ba number\b", "un nombre"),
    (r"\ba share, ", "une part, "),
    (r"\ba colour, as ", "une couleur, comme "),
    (r"\btrue or false\b", "true ou false"),
    (r"\bsomething else\b", "autre chose"),
    (r"\bthe reason, in quotes", "la raison, entre guillemets"),
    (r"\bthe effect, in quotes", "l'effet, entre guillemets"),
    (r"\bthe source, in quotes", "la source, entre guillemets"),
    (r"\bthe rule, in quotes", "la règle, entre guillemets"),
    (r"\bthe unit, in quotes", "l'unité, entre guillemets"),
    (r"\bhow it carries to France\b", "ce qui la transporte en France"),
    (r"\bwhat is found: un nombre or un texte", "ce qu'on trouve : un nombre ou un texte"),
    (r"\bwhat the rule asks for\b", "ce que la règle demande"),
    (r"\bthe name of a scenario", "le nom d'un scénario"),
    (r"\bthe name of a parameter", "le nom d'un paramètre"),
    (r"\bthe name of a set of scenarios that exclude each other", "le nom d'un ensemble de scénarios qui s'excluent"),
    (r"\ba parameter in EUR", "un paramètre en euros"),
    (r"\bwho proposes it: document and section", "qui le propose : document et section"),
    (
        r"\bA \(trial\), B \(observational\), C \(analogy or expert\) or D \(assumption\)",
        "A (essai), B (observation), C (analogie ou expert) ou D (hypothèse)",
    ),
    (r'"year", "once" or a resource or event', '"year", "once", une ressource ou un événement'),
    (r"\ba resource or event\b", "une ressource ou un événement"),
    (r'"national" or "retrospective"', '"national" ou "retrospective"'),
    (r"\bin quotes\b", "entre guillemets"),
    (r"(?<=[\d.]) to (?=[\d−-])", " à "),
    (r"\bone of\b", "l'un de"),
)
_UNIT = re.compile(r" \(([^()]+(?:\([^()]*\)[^()]*)*)\)")


def in_french(line: str) -> str:
    """Return one line of a complaint in French."""
    line = _UNIT.sub(_measure, line)
    line = re.sub(
        r" is in (.+); expected a parameter in EUR",
        lambda m: f" is in {measure(m[1])}; expected a parameter in EUR",
        line,
    )
    for pattern, french in _PHRASES:
        line = re.sub(pattern, french, line)
    return line


def _measure(found: re.Match[str]) -> str:
    """Return a unit between parentheses in French; anything else as it is."""
    french = measure(found[1])
    return found[0] if french is None or found[1].startswith(("trial", "observational")) else f" ({french})"
