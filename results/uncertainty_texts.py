"""What is said of the loops over parameters, in French and English."""

from results.numbers import LIFETIME_YEARS, typeset
from results.texts import say


def told(key: str, lang: str, **values: object) -> str:
    """Return a sentence in one language."""
    return _TEXTS[key][lang == "en"].format(**values)


def cohort_followed(years: int, perspective: str, lang: str) -> str:
    """Return whose lives the amounts are of, how long and for whom."""
    lifetime = years >= LIFETIME_YEARS
    horizon = say("horizon.lifetime", lang) if lifetime else say("horizon.years", lang, years=years)
    return typeset(told("cohort", lang, horizon=horizon, perspective=say(f"perspective.{perspective}", lang)), lang)


_TEXTS: dict[str, tuple[str, str]] = {
    "priors": ("lois a priori du registre, non calées", "priors of the registry, not calibrated"),
    "calibrated": (
        "tirages du calage (lecture {reading}), le reste du registre",
        "calibrated draws (reading {reading}), the rest from the registry",
    ),
    "cohort": (
        "Cohorte suivie : {horizon}, QALY et coûts actualisés, perspective {perspective}.",
        "Cohort followed: {horizon}, QALYs and costs discounted, {perspective} perspective.",
    ),
    "made": ("Comment ces tirages ont été faits", "How these draws were made"),
    "draws": ("  {draws} tirages : {source}.", "  {draws} draws: {source}."),
    "defaults": (
        "  {defaults} paramètres sans dispersion publiée ont une dispersion par défaut (un cinquième de la valeur, "
        "hypothèse de grade D) ; {fixed} restent fixes (faits, conventions, interrupteurs) : tables/uncertain.csv.",
        "  {defaults} parameters without a published spread have a default one (a fifth of the value, a grade D "
        "assumption); {fixed} stay fixed (facts, conventions, switches): tables/uncertain.csv.",
    ),
    "people": (
        "  {people} personnes par tirage, en {batches} répliques, les mêmes avec la même chance pour tous "
        "les scénarios.",
        "  {people} people a draw, in {batches} replicas, the same with the same luck for all scenarios.",
    ),
    "relived": (
        "  Chaque tirage a ses personnes, dont le passé est vécu sous ses valeurs, puis calé sur les mêmes marges.",
        "  Each draw has people of its own, whose past is lived under its values, then raked to the same margins.",
    ),
    "in_turn": (
        "  {lots} lots de personnes à tour de rôle, celles des valeurs centrales au mois 0 : leur passé n'est pas "
        "revécu à chaque tirage.",
        "  {lots} lots of people in turn, those of the central values at month 0: their past is not lived again.",
    ),
    "failed": ("  Échecs, écartés après un second essai : {named}.", "  Failed, left out after a second try: {named}."),
    "interval": (
        "  {title}, bénéfice net à {threshold} par QALY : {mean} par personne, intervalle à 95 % des paramètres "
        "{low} à {high}. Part du hasard dans la dispersion simulée : {share}, retirée de l'intervalle. "
        "Aux valeurs centrales : {central}.",
        "  {title}, net benefit at {threshold} per QALY: {mean} per person, 95% interval of the parameters {low} to "
        "{high}. Share of chance in the spread simulated: {share}, taken out of the interval. At central "
        "values: {central}.",
    ),
    "interval_drowned": (
        "  {title}, bénéfice net à {threshold} par QALY : {mean} par personne. Part du hasard dans la dispersion "
        "simulée : {share} ; celle des paramètres n'est pas mesurée. Aux valeurs centrales : {central}.",
        "  {title}, net benefit at {threshold} per QALY: {mean} per person. Share of chance in the spread simulated: "
        "{share}; that of the parameters is not measured. At central values: {central}.",
    ),
    "smoothed": (
        "    Après régression des tirages sur leurs paramètres, comme graphiques et tableaux les montrent : {low} à "
        "{high}, part du hasard {left} ; la régression explique {held_out} de la variance due aux paramètres, sur des "
        "tirages qu'elle n'a pas vus.",
        "    After regression of draws on their parameters, as charts and tables show them: {low} to {high}, share of "
        "chance {left}; the regression tells {held_out} of the parameters' own spread on draws it had not seen.",
    ),
    "mean_differs": (
        "    La moyenne des tirages n'est pas la valeur aux valeurs centrales (modèle non linéaire, dispersions "
        "dissymétriques). La décision dans l'incertitude se lit sur la moyenne des tirages ; le cas de base (compare) "
        "est aux valeurs centrales. Donner les deux.",
        "    The mean over draws is not the value at central values (a model that is not linear, spreads that are not "
        "symmetric). Decisions under uncertainty rest on the mean over draws; the base case (compare) is at central "
        "values. Quote both.",
    ),
    "all_found": ("  Tout était déjà calculé.", "  Everything was already computed."),
    "work": (
        "  {fresh} points calculés en {seconds} s de processeur ({wall} s d'horloge), {each} s chacun.",
        "  {fresh} points computed in {seconds} s of processor ({wall} s of the clock), {each} s each.",
    ),
    "too_much_chance": (
        "  Pour ramener le hasard sous {share} avec 1 000 tirages, il faudrait environ {people} personnes "
        "par tirage, "
        "soit {minutes} minutes sur cette machine.",
        "  Bringing chance under {share} with 1,000 draws would take about {people} people a draw, {minutes} "
        "minutes here.",
    ),
    "all_chance": (
        "  Presque toute la dispersion simulée est du hasard : celle des paramètres n'est pas mesurée ; "
        "plus de personnes par tirage.",
        "  Almost all the spread simulated is chance: that of the parameters is not measured; more people a draw.",
    ),
    "projection": (
        "  Une cellule prend {each} ms ici, distribution et conservation {overhead} en plus : {cells} cellules sur "
        "{workers} processus prendraient {hours} heures.",
        "  A cell takes {each} ms here, handing out and keeping {overhead} more: {cells} cells on {workers} workers "
        "would take {hours} hours.",
    ),
    "split": (
        "Budget de {minutes} minutes sur {jobs} cœurs : {draws} tirages × {people} personnes, part du hasard "
        "attendue "
        "{share}, tirages lissés (pour refaire la même chose : {plain}).",
        "Budget of {minutes} minutes on {jobs} cores: {draws} draws × {people} people, expected share of "
        "chance {share}, draws smoothed "
        "(to do the same again: {plain}).",
    ),
    "tornado": (
        "Une entrée à la fois : {what} ; {bars} entrées, dont {simulated} sont lues par les vies.",
        "One input at a time: {what}; {bars} inputs, {simulated} of which lives read.",
    ),
    "line": ("{title} : {found}", "{title}: {found}"),
    "more_bars": (
        "  Autres barres, dans tables/tornado.csv : {count}.",
        "  Other bars, in tables/tornado.csv: {count}.",
    ),
    "bars_in_noise": (
        "  Barres qui ne se distinguent pas du hasard : {count} ; erreur d'une barre simulée qui bouge, en médiane : "
        "{typical}.",
        "  Bars not told from chance: {count}; error of a simulated bar that moves, median: {typical}.",
    ),
    "false_bars": (
        "  De celles qui s'en distinguent, une sur vingt au plus en vient.",
        "  Of those told, one in twenty at most is chance.",
    ),
    "hidden_bars": (
        "  Les plus larges qui ne s'en distinguent pas : {named} ; plus de personnes (--people) trancheraient.",
        "  The widest not told from it: {named}; more people (--people) would tell.",
    ),
    "unread": (
        "{count} entrées n'agissent que sur les personnes au mois 0 ou sur le calage : elles ne bougent rien ici.",
        "{count} inputs act only on people at month 0 or on the calibration: they move nothing here.",
    ),
    "sweep": (
        "Morris sur {inputs} entrées, puis Sobol sur les principales ; bénéfice net à {threshold} par QALY.",
        "Morris over {inputs} inputs, then Sobol over the main ones; net benefit at {threshold} per QALY.",
    ),
    "unmeasured": (
        "  Presque tout est du hasard : aucun indice n'est donné ; il faut plus de personnes (--people) ou de lignes "
        "(--draws).",
        "  Nearly all of it is chance: no index is given; more people (--people) or rows (--draws) are needed.",
    ),
    "sobol": (
        "{title} (hasard : {share} de la variance simulée, retiré des indices)",
        "{title} (chance: {share} of the variance simulated, taken out of the indices)",
    ),
}
