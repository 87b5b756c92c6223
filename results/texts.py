"""Every word a reader sees in tables, charts and summaries, in French and English.

`say(key, lang, **values)` fills a text; `label(enum_member, lang)` names a code of the vocabulary.
French is written with ordinary spaces here and typeset on the way out (espaces fines insécables).
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from results.numbers import typeset

LINKS = {"à", "au", "aux", "de", "des", "du", "dans", "en", "at", "in", "of", "on", "to"}  # that end no name

_WORDS: dict[str, tuple[str, str]] = {
    # -- vocabulary of the model -------------------------------------------------------------
    "Health.NEVER": ("Jamais malade", "Never ill"),
    "Health.MILD": ("Épisode léger", "Mild episode"),
    "Health.MODERATE": ("Épisode modéré", "Moderate episode"),
    "Health.SEVERE": ("Épisode sévère", "Severe episode"),
    "Health.RESPONSE": ("Réponse", "Response"),
    "Health.REMISSION": ("Rémission", "Remission"),
    "Health.RECOVERY": ("Guérison", "Recovery"),
    "Health.DEAD_SUICIDE": ("Décès par suicide", "Death by suicide"),
    "Health.DEAD_OTHER": ("Décès, autres causes", "Death, other causes"),
    "Payer.AMO": ("Assurance maladie obligatoire", "Statutory health insurance"),
    "Payer.AMC": ("Complémentaires santé", "Complementary insurers"),
    "Payer.PATIENT": ("Patients (reste à charge)", "Patients (out of pocket)"),
    "Payer.HOSPITAL_EPSM": ("Budget des EPSM", "Public psychiatric hospitals' budget"),
    "Payer.HOSPITAL_OTHER": ("Budget des autres hôpitaux", "Other hospitals' budget"),
    "Payer.STATE": ("État et départements", "State and departments"),
    "Payer.EMPLOYER": ("Employeurs", "Employers"),
    "Payer.FAMILY": ("Familles (temps donné)", "Families (time given)"),
    "Payer.SOCIETY": ("Société (production perdue)", "Society (lost production)"),
    "perspective.collective": ("collective", "collective"),
    "perspective.assurance_maladie": ("Assurance maladie", "statutory health insurance"),
    "perspective.societal": ("sociétale", "societal"),
    "perspective.hospital": ("hôpital", "hospital"),
    "perspective.patient": ("patients", "patients"),
    "horizon.lifetime": ("vie entière", "lifetime"),
    "horizon.years": ("{years} ans", "{years} years"),
    # -- outcomes ----------------------------------------------------------------------------
    "outcome.episode_months": ("Mois passés en épisode dépressif", "Months in a depressive episode"),
    "outcome.remission_months": ("Mois en rémission ou guéri", "Months in remission or recovery"),
    "outcome.remissions": ("Entrées en rémission", "Remissions"),
    "outcome.recoveries": ("Guérisons", "Recoveries"),
    "outcome.relapses": ("Rechutes", "Relapses"),
    "outcome.recurrences": ("Récidives", "Recurrences"),
    "outcome.new_resistance": (
        "Nouvelles résistances (au moins deux échecs)",
        "New resistance (two failures or more)",
    ),
    "outcome.new_strict": (
        "Nouvelles résistances (deux essais adéquats)",
        "New resistance (two adequate trials)",
    ),
    "outcome.attempts": (
        "Tentatives de suicide (hospitalisées ou mortelles)",
        "Suicide attempts (hospital stay or death)",
    ),
    "outcome.suicides": ("Décès par suicide", "Deaths by suicide"),
    "outcome.deaths": ("Décès, toutes causes", "Deaths, all causes"),
    "outcome.life_years": ("Années de vie", "Life-years"),
    "outcome.qalys": ("QALY", "QALYs"),
    "outcome.carer_qalys": ("QALY des aidants (à part)", "Carers' QALYs (apart)"),
    "outcome.referrals": ("Adressages à un spécialiste", "Referrals to a specialist"),
    "outcome.specialist_visits": (
        "Consultations de spécialistes (psychiatre, CMP)",
        "Specialist visits (psychiatrist, CMP)",
    ),
    "outcome.hospital_days": ("Journées d'hospitalisation en psychiatrie", "Psychiatric inpatient days"),
    "outcome.sick_days": ("Jours d'arrêt de travail", "Days of sick leave"),
    "outcome.work_months": ("Mois en emploi", "Months at work"),
    "outcome.carer_months": ("Mois de maladie vécus avec un aidant", "Months ill lived with a carer"),
    "outcome.trd_broad_ill": (
        "Personnes en épisode résistant (deux échecs ou plus), dernier mois",
        "People ill with resistant depression (two failures or more), last month",
    ),
    "outcome.trd_claims_visible": (
        "Résistance visible dans les remboursements, dernier mois",
        "Resistance visible in claims, last month",
    ),
    "outcome.esketamine_starts": ("Débuts d'eskétamine", "Esketamine starts"),
    "outcome.sesame_starts": ("Entrées en soins collaboratifs", "Starts of collaborative care"),
    "outcome.refused": ("Refus faute de place", "Refusals for lack of a place"),
    "outcome.gave_up": ("Abandons de l'attente", "Gave up waiting"),
    "outcome.waiting": ("Personnes en attente, dernier mois", "People waiting, last month"),
    "outcome.cost_collective": ("Coût, perspective collective", "Cost, collective perspective"),
    "outcome.cost_assurance_maladie": (
        "Coût pour l'Assurance maladie (soins, dotations comprises)",
        "Cost to statutory health insurance (care, hospital grants)",
    ),
    "outcome.cost_societal": ("Coût pour la société (travail : hypothèses)", "Cost to society (work: assumptions)"),
    "outcome.cost_hospital": ("Coût pour les budgets des hôpitaux", "Cost to hospital budgets"),
    "outcome.cost_patient": ("Coût pour les patients", "Cost to patients"),
    "outcome.share_of_burden": ("Part des 14 Md€ économisée", "Share of the €14bn saved"),
    "outcome.share_of_avoidable": ("Part du coût évitable économisée", "Share of the avoidable cost saved"),
    "outcome.burden_saving": ("Économie annuelle pour la société (TRD)", "Yearly saving to society (TRD)"),
    # -- equity ------------------------------------------------------------------------------
    "group.sex.0": ("Hommes", "Men"),
    "group.sex.1": ("Femmes", "Women"),
    "group.deprivation": ("Défavorisation, cinquième {level} sur 5", "Deprivation, fifth {level} of 5"),
    "group.deprivation.first": (
        "Défavorisation, cinquième {level} (le moins défavorisé)",
        "Deprivation, fifth {level} (least deprived)",
    ),
    "group.deprivation.last": (
        "Défavorisation, cinquième {level} (le plus défavorisé)",
        "Deprivation, fifth {level} (most deprived)",
    ),
    "group.comorbidity.0": ("Sans comorbidité", "No comorbidity"),
    "group.comorbidity.1": ("Anxiété", "Anxiety"),
    "group.comorbidity.2": ("Addiction", "Substance use"),
    "group.comorbidity.3": ("Anxiété et addiction", "Anxiety and substance use"),
    "group.hospital.0": ("Secteur d'un EPSM", "Public psychiatric hospital catchment"),
    "group.hospital.1": ("Secteur d'un hôpital général", "General hospital catchment"),
    "group.hospital.2": ("Clinique", "Private clinic"),
    "group.age_band": ("{low} à {high} ans", "{low} to {high} years"),
    "group.age_band.last": ("{low} ans et plus", "{low} years and over"),
    # -- charts ------------------------------------------------------------------------------
    "chart.source": (
        "Source : modèle Éclaircie, exécution {run}. {people} personnes simulées.",
        "Source: Éclaircie model, run {run}. {people} simulated people.",
    ),
    "chart.error": (
        "Barres et ± : erreur de Monte-Carlo à 95 %. L'incertitude des paramètres n'y est pas.",
        "Bars and ±: 95% Monte Carlo error. Parameter uncertainty is not included.",
    ),
    "chart.error_band": (
        "Bandes et ± : erreur de Monte-Carlo à 95 %. L'incertitude des paramètres n'y est pas.",
        "Bands and ±: 95% Monte Carlo error. Parameter uncertainty is not included.",
    ),
    "chart.price_year": ("Euros de {year}.", "Euros of {year}."),
    "chart.note_assumption": (
        "▲ Scénario dont un effet au moins est une hypothèse (grade D) : voir son seuil d'équilibre.",
        "▲ Scenario with at least one assumed effect (grade D): see its break-even size.",
    ),
    "headline.title": (
        "Ce que chaque politique changerait en France",
        "What each policy would change in France",
    ),
    "headline.share": ("Part des 14 Md€ économisée", "Share of the €14bn saved"),
    "headline.share_axis": (
        "% par an, moyenne des années 1 à 5\n(14 Md€ de 2018, soit {burden} de {year})",
        "% a year, mean of years 1 to 5\n(€14bn of 2018, that is {burden} of {year})",
    ),
    "headline.note_many": (
        "Politiques classées par QALY gagnés (cohorte).",
        "Policies ranked by QALYs gained (cohort).",
    ),
    "headline.not_told": ("non distingué de zéro", "not told from zero"),
    "headline.note_hollow": (
        "Barre vide : écart non distingué de zéro.",
        "Hollow bar: difference not told from zero.",
    ),
    "headline.per_year": ("{amount} par an", "{amount} a year"),
    "headline.qalys": ("QALY gagnés", "QALYs gained"),
    "headline.qalys_axis": (
        "QALY, {horizon}\n(non actualisés, France entière)",
        "QALYs, {horizon}\n(undiscounted, all France)",
    ),
    "headline.suicides": ("Suicides évités", "Suicides averted"),
    "headline.suicides_axis": ("décès, {horizon}\n(France entière)", "deaths, {horizon}\n(all France)"),
    "course.title": ("L'évolution de la maladie", "Course of illness"),
    "course.subtitle": (
        "{persons} personnes : toutes celles qui ont déjà été malades, et un an de nouveaux cas",
        "{persons} people: everyone ever ill, and one year of new onsets",
    ),
    "course.subtitle_open": (
        "{persons} habitants de 15 ans et plus, dont ceux qui ont déjà été malades (parts calculées sur eux)",
        "{persons} residents aged 15 and over, of whom those ever ill (shares are of them)",
    ),
    "course.share": ("Part des personnes (%)", "Share of people (%)"),
    "course.years": ("Années depuis le début", "Years from the start"),
    "course.difference": ("Écart avec la\nréférence (personnes)", "Difference from\nbaseline (people)"),
    "course.title_many": (
        "Personnes en épisode dépressif : écart avec les soins actuels",
        "People in a depressive episode: difference from care as it is",
    ),
    "course.axis_many": ("Personnes en épisode, écart", "People in episode, difference"),
    "course.note_many": (
        "En couleur : les {count} politiques dont l'écart est le plus grand ; en gris : les autres.",
        "In colour: the {count} policies with the widest difference; in grey: the others.",
    ),
    "course.reference": ("référence : aucun écart", "baseline: no difference"),
    "course.in_episode": ("En épisode", "In episode"),
    "course.alive": ("En vie", "Alive"),
    "budget.title": ("Impact budgétaire par payeur", "Budget impact by payer"),
    "budget.axis": ("Écart avec la référence ({unit} par an)", "Difference from baseline ({unit} a year)"),
    "budget.title_totals": (
        "Impact budgétaire par payeur, {years} premières années",
        "Budget impact by payer, first {years} years",
    ),
    "budget.axis_totals": ("Écart avec la référence ({unit} en tout)", "Difference from baseline ({unit} in all)"),
    "budget.net": ("Total net", "Net total"),
    "budget.note": (
        "Flux non actualisés, avec les prestations en espèces, sans la production ni le temps des proches.",
        "Undiscounted cash flows, cash benefits included; production and carers' time left out.",
    ),
    "budget.note_pale": (
        "Pâle : écart non distingué de zéro.",
        "Pale: difference not told from zero.",
    ),
    "anchors.title": ("Le modèle face à ses sources (référence)", "The model beside its sources (baseline)"),
    "anchors.axis": (
        "Rapport à la valeur de la source (échelle logarithmique)",
        "Ratio to the source's value (log scale)",
    ),
    "anchors.axis_level": ("% par an (échelle linéaire)", "% a year (linear scale)"),
    "anchors.range": ("Intervalle de la source", "Source's range"),
    "anchors.before": ("Avant calage", "Before calibration"),
    "anchors.after": ("Modèle, dans l'intervalle", "Model, within range"),
    "anchors.outside": ("Modèle, hors intervalle", "Model, outside range"),
    "anchors.source_model": ("source {target} · modèle {after}", "source {target} · model {after}"),
    # -- validation --------------------------------------------------------------------------
    "validation.title": ("Le modèle face aux résultats publiés", "The model beside published results"),
    "validation.validate": (
        "Validation (jamais calé, jamais changé après un écart)",
        "Validation (never fitted, never changed after a miss)",
    ),
    "validation.fit": ("Calage", "Calibration"),
    "validation.reported": (
        "Pour mémoire (source en conflit, ou non mesurable)",
        "Reported (conflicting source, or not measurable)",
    ),
    "validation.score": (
        "{inside} sur {measured} dans l'intervalle",
        "{inside} of {measured} within the interval",
    ),
    "validation.in": ("dedans", "in"),
    "validation.out": ("DEHORS", "OUT"),
    "validation.unmeasured": ("non mesuré", "unmeasured"),
    "validation.predictive": ("date postérieure", "later time"),
    "validation.external": ("source externe", "external"),
    "validation.dependent": ("source d'un paramètre", "same source"),
    "validation.checks": (
        "Vérification du programme (TECH-VER) : {passed} sur {made} réussies",
        "Verification of the program (TECH-VER): {passed} of {made} passed",
    ),
    "validation.passed": ("réussie", "passed"),
    "validation.failed": ("ÉCHOUÉE", "FAILED"),
    "validation.found": ("(écart {found}, admis {allowed})", "(gap {found}, allowed {allowed})"),
    "validation.advishe": ("AdViSHE, treize questions", "AdViSHE, thirteen questions"),
    "validation.axis": (
        "écart du modèle à la cible, en erreurs types de la cible (échantillon, transposition, instrument)",
        "distance of the model from the target, in the target's standard errors (sampling, transport, instrument)",
    ),
    "validation.interval": ("Intervalle à 95 %", "95% interval"),
    "validation.model_in": ("Modèle, dans l'intervalle", "Model, within"),
    "validation.model_out": ("Modèle, hors intervalle", "Model, outside"),
    "validation.beside": (
        "source {value} [{low} ; {high}] · modèle {model} ± {error}",
        "source {value} [{low}, {high}] · model {model} ± {error}",
    ),
    "validation.note": (
        "Trait : modèle ± 1,96 erreur de Monte-Carlo. À droite : cible, son intervalle à 95 %, modèle. "
        "Une cible sur vingt serait hors intervalle par hasard.",
        "Bar: model ± 1.96 Monte Carlo errors. Right: target, its 95% interval, model. "
        "One target in twenty would be outside by chance.",
    ),
    "validation.transport": (
        "L'erreur de transposition (d'un autre pays, d'une autre époque) est une hypothèse, écrite pour chaque cible "
        "dans calibration/targets.toml.",
        "The transport error (another country, another time) is an assumption, written for each target in "
        "calibration/targets.toml.",
    ),
    "break_even.title": (
        "À partir de quelle taille d'effet la politique vaut-elle son coût ?",
        "How large must the effect be for the policy to be worth its cost?",
    ),
    "break_even.axis": ("Bénéfice net ({unit}), {horizon}", "Net benefit ({unit}), {horizon}"),
    "break_even.cost_only": ("Économies seules (0 € par QALY)", "Savings only (€0 per QALY)"),
    "break_even.at": ("{amount} par QALY", "{amount} per QALY"),
    "break_even.crossing": ("{criterion} : équilibre à {value}", "{criterion}: breaks even at {value}"),
    "break_even.always": ("{criterion} : oui, à toutes les tailles", "{criterion}: yes, at every size"),
    "break_even.never": ("{criterion} : non, à aucune taille", "{criterion}: no, at no size"),
    "break_even.partly_always": (
        "{criterion} : oui à certaines tailles, indécis ailleurs",
        "{criterion}: yes at some sizes, undecided elsewhere",
    ),
    "break_even.partly_never": (
        "{criterion} : non à certaines tailles, indécis ailleurs",
        "{criterion}: no at some sizes, undecided elsewhere",
    ),
    "break_even.undecided": ("{criterion} : indécis", "{criterion}: undecided"),
    "break_even.told": (
        "Dans le coin : la politique vaut-elle son coût aux tailles explorées ? Indécis où la bande passe par zéro.",
        "In the corner: is the policy worth its cost at the sizes explored? Undecided where the band holds zero.",
    ),
    "break_even.assumption": (
        "tailles explorées, non mesurées",
        "sizes explored, not measured",
    ),
    "lives.title": ("{persons} vies, avant et après", "{persons} lives, before and after"),
    "lives.subtitle": (
        "Les mêmes personnes, la même chance : seule la politique change.",
        "The same people, the same luck: only the policy differs.",
    ),
    "lives.person": ("Personne", "Person"),
    "lives.attempt": ("Tentative de suicide", "Suicide attempt"),
    "lives.inpatient": ("Hospitalisation", "Inpatient stay"),
    "lives.specialised": (
        "Technique spécialisée (eskétamine, kétamine, rTMS, ECT)",
        "Specialised treatment (esketamine, ketamine, rTMS, ECT)",
    ),
    "lives.chosen": (
        "Personnes choisies parce que la politique change leur vie ({differ} sur {people}) : beaucoup d'autres"
        " n'en sont pas touchées.",
        "People chosen because the policy changes their lives ({differ} of {people}): many others are not reached.",
    ),
    "lives.not_error": (
        "Vies simulées choisies pour l'exemple : aucune moyenne ne s'y lit.",
        "Simulated lives shown as examples: no average can be read from them.",
    ),
    # -- probabilistic analysis and value of information ---------------------------------------
    "psa.source": (
        "Source : modèle Éclaircie, exécution {run}. {draws} tirages de {people} personnes simulées.",
        "Source: Éclaircie model, run {run}. {draws} draws of {people} simulated people.",
    ),
    "psa.source_elsewhere": (
        "Source : {draws} tirages d'un autre programme ({source}), lus par Éclaircie, analyse {run}.",
        "Source: {draws} draws of another program ({source}), read by Éclaircie, analysis {run}.",
    ),
    "psa.note": (
        "{draws} tirages des paramètres. ± et bandes : erreur à 95 % due à leur nombre fini.",
        "{draws} draws of the parameters. ± and bands: 95% error due to their finite number.",
    ),
    "psa.note_noise": (
        "{draws} tirages des paramètres ; ± et bandes : erreur à 95 % due à leur nombre fini. Bruit des personnes"
        " simulées ôté de la dispersion ({share} au plus de la variance simulée d'un écart de coût ou de QALY).",
        "{draws} draws of the parameters; ± and bands: 95% error due to their finite number. Noise of simulated"
        " people taken out of the spread (at most {share} of the variance simulated of a difference in cost or QALYs).",
    ),
    "psa.note_noise_unknown": (
        "{draws} tirages des paramètres. ± et bandes : erreur à 95 % due à leur nombre fini. Bruit de Monte-Carlo"
        " des personnes simulées inconnu, donc laissé dans la dispersion.",
        "{draws} draws of the parameters. ± and bands: 95% error due to their finite number. Monte Carlo noise of"
        " the simulated people unknown, so left in the spread.",
    ),
    "psa.title": (
        "ANALYSE PROBABILISTE — {draws} tirages, comparateur : {comparator}",
        "PROBABILISTIC ANALYSIS — {draws} draws, comparator: {comparator}",
    ),
    "psa.much_noise": (
        "Attention : le bruit des personnes simulées fait jusqu'à {share} de la dispersion entre tirages ; il faut"
        " plus de personnes par tirage pour s'y fier.",
        "Beware: the noise of simulated people makes up to {share} of the spread between draws; more people a draw"
        " are needed to rely on it.",
    ),
    "psa.smoothed": (
        "Hasard des personnes simulées : {seen} de la dispersion simulée, {left} de celle montrée, après régression"
        " des tirages sur leurs paramètres (elle rend {explained} de leur dispersion propre, {held_out} sur des tirages"
        " qu'elle n'a pas vus).",
        "Chance of simulated people: {seen} of the spread simulated, {left} of the one shown, after regression of"
        " draws on their parameters (it tells {explained} of their own spread, {held_out} on draws it had not seen).",
    ),
    "psa.share_is": (
        "Probabilité que l'option nommée en fin de ligne ait le plus grand bénéfice net (entre parenthèses, erreur à"
        " 95 % due au nombre fini de tirages, et rien d'autre).",
        "Probability that the option named at the end of the line has the highest net benefit (in brackets, the 95%"
        " error of a finite number of draws, and nothing else).",
    ),
    "psa.untold": (
        "Le hasard des personnes simulées fait presque toute la dispersion : ni probabilité ni EVPI ne sont dites ;"
        " il faut plus de personnes par tirage.",
        "The chance of simulated people makes nearly all of the spread: neither probability nor EVPI is told; more"
        " people a draw are needed.",
    ),
    "psa.interval": ("95 % des tirages : {low} à {high}", "95% of draws: {low} to {high}"),
    "psa.drowned": ("dispersion noyée dans le bruit", "spread drowned in noise"),
    "psa.cost_line": (
        "Coût par personne : {mean} ({interval})",
        "Cost per person: {mean} ({interval})",
    ),
    "psa.qaly_line": (
        "QALY par personne : {mean} ({interval})",
        "QALYs per person: {mean} ({interval})",
    ),
    "psa.quadrants_line": ("Quadrants : {shares}", "Quadrants: {shares}"),
    "psa.icer_line": (
        "Coût par QALY, moyennes des tirages : {ratio}",
        "Cost per QALY, means over draws: {ratio}",
    ),
    "psa.at_most": ("au plus {amount}", "at most {amount}"),
    "psa.provenance": (
        "Dans ces tirages, {defaults} paramètres sans dispersion publiée en ont une par défaut (un cinquième de la"
        " valeur, hypothèse de grade D) ; {fixed} restent fixes. Le résumé de l'analyse d'origine dit le reste.",
        "In these draws, {defaults} parameters without a published spread have a default one (a fifth of the value, a"
        " grade D assumption); {fixed} stay fixed. The summary of the analysis that made them says the rest.",
    ),
    "quadrant.more_effect_more_cost": ("plus de QALY, plus cher", "more QALYs, dearer"),
    "quadrant.more_effect_less_cost": ("plus de QALY, moins cher", "more QALYs, cheaper"),
    "quadrant.less_effect_less_cost": ("moins de QALY, moins cher", "fewer QALYs, cheaper"),
    "quadrant.less_effect_more_cost": ("moins de QALY, plus cher", "fewer QALYs, dearer"),
    "psa.decision": ("Décision : {title}", "Decision: {title}"),
    "psa.head_threshold": ("€ par QALY", "€ per QALY"),
    "psa.head_share": ("probabilité", "probability"),
    "psa.head_evpi": ("EVPI par personne", "EVPI per person"),
    "psa.head_nation": ("EVPI, population", "EVPI, everybody"),
    "psa.head_best": ("option au meilleur bénéfice net moyen", "option with the best mean net benefit"),
    "plane.title": (
        "Plan coût-efficacité, comparateur : {comparator}",
        "Cost-effectiveness plane, comparator: {comparator}",
    ),
    "plane.region": (
        "Contour : la plus petite région qui contient 95 % des tirages. Losange : moyenne. Pourcentages : part des"
        " tirages dans chaque quadrant. Tirets : seuils, en euros par QALY.",
        "Outline: the smallest region that holds 95% of the draws. Diamond: mean. Percentages: share of draws in"
        " each quadrant. Dashes: thresholds, euros per QALY.",
    ),
    "plane.noisy": ("comme simulé : presque tout est du bruit", "as simulated: nearly all of it is noise"),
    "plane.per_1": ("par personne", "per person"),
    "plane.per_1000": ("pour 1 000 personnes", "per 1,000 people"),
    "plane.effect": ("QALY gagnés, {per}", "QALYs gained, {per}"),
    "plane.cost": ("Surcoût (€), {per}", "Extra cost (€), {per}"),
    "ceac.title": (
        "Quelle option a le plus de chances d'être la plus coût-efficace ?",
        "Which option is most likely to be the most cost-effective?",
    ),
    "ceac.subtitle": (
        "Courbes d'acceptabilité et frontière : la France n'a pas de seuil officiel",
        "Acceptability curves and frontier: France has no official threshold",
    ),
    "ceac.note": (
        "La frontière suit l'option dont le bénéfice net moyen est le plus élevé.",
        "The frontier follows the option with the highest mean net benefit.",
    ),
    "ceac.axis": ("Probabilité d'être l'option\nla plus coût-efficace", "Probability\nmost cost-effective"),
    "ceac.threshold": ("Disposition à payer (€ par QALY)", "Willingness to pay (€ per QALY)"),
    "ceac.frontier": ("Frontière", "Frontier"),
    "ceac.exclusive": ("Options qui s'excluent", "Options that exclude each other"),
    "evpi.title": ("Que vaudrait l'information parfaite ?", "What would knowing everything be worth?"),
    "evpi.subtitle": (
        "Valeur espérée de l'information parfaite (EVPI), selon la disposition à payer",
        "Expected value of perfect information (EVPI), by willingness to pay",
    ),
    "evpi.axis": ("EVPI (€ par personne)", "EVPI (€ per person)"),
    "evpi.note": (
        "La valeur culmine là où la décision change. Aucune étude ne peut valoir plus que l'information parfaite.",
        "The value peaks where the decision turns. No study can be worth more than knowing everything.",
    ),
    "voi.title": ("Que vaudrait une meilleure information ?", "What would knowing more be worth?"),
    "voi.subtitle": (
        "Valeur de l'information à {threshold} par QALY",
        "Value of information at {threshold} per QALY",
    ),
    "voi.few": (
        "Attention : {draws} tirages seulement. Parmi des centaines de paramètres essayés un à un, certains semblent"
        " valoir quelque chose par hasard, même sans rôle ici ; il faut au moins {least} tirages pour les citer.",
        "Beware: {draws} draws only. Among hundreds of parameters tried one by one, some seem to be worth something by"
        " chance, even with no part in this; at least {least} draws are needed to quote them.",
    ),
    "voi.axis": ("EVPPI (€ par personne)", "EVPPI (€ per person)"),
    "voi.nation": ("pour l'ensemble des personnes concernées ({unit})", "for everybody concerned ({unit})"),
    "voi.evpi": (
        "tout savoir (EVPI, tirets) : {amount} par personne",
        "knowing all (EVPI, dashes): {amount} per person",
    ),
    "voi.note": (
        "EVPPI : gain attendu à connaître un groupe de paramètres sans erreur, par régression sur les tirages (Strong"
        " 2014). Traits et bande grise : erreur à 95 %. Barres vides : valeur qui ne se distingue pas de zéro.",
        "EVPPI: expected gain from knowing one group of parameters without error, by regression on the draws (Strong"
        " 2014). Whiskers and grey band: 95% error. Hollow bars: value not told from zero.",
    ),
    "voi.note_people": (
        "Ensemble : {people} personnes concernées sur {years} ans, celles à venir actualisées à {rate}.",
        "Everybody: {people} people concerned over {years} years, those to come discounted at {rate}.",
    ),
    "voi.note_today": (
        "Ensemble : {people} personnes concernées aujourd'hui ; celles à venir ne sont pas comptées (--incident).",
        "Everybody: {people} people concerned today; those to come are not counted (--incident).",
    ),
    "voi.note_cohort": (
        "Ensemble : les {people} personnes que la cohorte représente ; celles à venir ne sont pas comptées (--persons,"
        " --incident).",
        "Everybody: the {people} people that the cohort stands for; those to come are not counted (--persons,"
        " --incident).",
    ),
    "voi.nested": (
        "Thèmes, groupes et paramètres sont emboîtés : leurs valeurs ne s'ajoutent pas.",
        "Subjects, groups and parameters lie within each other: their values do not add up.",
    ),
    "voi.none_told": (
        "Aucun thème, groupe ou paramètre n'a une valeur qui se distingue de zéro.",
        "No subject, group or parameter is worth an amount told from zero.",
    ),
    "voi.settled": (
        "Aucune information ne changerait la décision dans ces tirages : {names}.",
        "No information would change the decision in these draws: {names}.",
    ),
    "voi.drowned": (
        "Presque tout est du hasard, donc rien n'est dit ici : {names}.",
        "Nearly all of it is chance, so nothing is told here: {names}.",
    ),
    "voi.summary": (
        "VALEUR DE L'INFORMATION à {threshold} par QALY",
        "VALUE OF INFORMATION at {threshold} per QALY",
    ),
    "voi.table_head": ("par personne", "per person"),
    "voi.nation_head": ("pour l'ensemble", "for everybody"),
    "voi.all": ("Tout savoir (EVPI)", "Knowing everything (EVPI)"),
    "voi.untold": ("ne se distingue pas de zéro (au plus {amount})", "not told from zero (at most {amount})"),
    "voi.no_parameters": (
        "Pas de fichier de paramètres : seule l'information parfaite (EVPI) peut être estimée.",
        "No file of parameters: only perfect information (EVPI) can be estimated.",
    ),
    "voi.worthless": (
        "Tout savoir (EVPI) : rien ; aucune information ne changerait la décision dans ces tirages.",
        "Knowing everything (EVPI): nothing; no information would change the decision in these draws.",
    ),
    "evsi.title": ("Que vaudrait une étude, selon sa taille ?", "What would a study be worth, by size?"),
    "evsi.people": ("Personnes incluses", "People enrolled"),
    "evsi.axis": ("EVSI (€ par personne)", "EVSI (€ per person)"),
    "evsi.ceiling": ("plafond : EVPPI", "ceiling: EVPPI"),
    "evsi.note": (
        "EVSI : données simulées pour chaque tirage, bénéfice net régressé sur leur résumé (Strong 2015). Bandes :"
        " erreur à 95 %. Plafond : savoir sans erreur ce que l'étude mesure.",
        "EVSI: data simulated for each draw, net benefit regressed on their summary (Strong 2015). Bands: 95% error."
        " Ceiling: knowing without error what the study measures.",
    ),
    "voi.line": ("{title} : {amount}", "{title}: {amount}"),
    "evsi.line": ("{title}, {people} personnes (EVSI)", "{title}, {people} people (EVSI)"),
    # -- one input at a time, and all together ------------------------------------------------
    "tornado.title": ("Un paramètre à la fois", "One input at a time"),
    "tornado.of.net_benefit": (
        "bénéfice net par personne face à la référence, à {threshold} par QALY",
        "net benefit per person over the baseline, at {threshold} per QALY",
    ),
    "tornado.of.cost": ("coût face à la référence, par personne", "cost over the baseline, per person"),
    "tornado.of.qalys": (
        "QALY face à la référence, pour 1 000 personnes",
        "QALYs over the baseline, per 1,000 people",
    ),
    "tornado.of.life_years": (
        "années de vie face à la référence, pour 1 000 personnes",
        "life-years over the baseline, per 1,000 people",
    ),
    "tornado.of.episode_months": (
        "mois en épisode face à la référence, pour 1 000 personnes",
        "months in episode over the baseline, per 1,000 people",
    ),
    "tornado.of.suicides": (
        "suicides face à la référence, pour 100 000 personnes",
        "suicides over the baseline, per 100,000 people",
    ),
    "tornado.note": (
        "Au bout des barres : la valeur essayée, à 2,5 % et à 97,5 % de la loi du paramètre (… : la première de"
        " plusieurs qui varient ensemble). Traits : erreur de Monte-Carlo à 95 %. Trait plein : valeur de base ;"
        " pointillé : zéro. Barres vides : les plus larges de celles qui ne se distinguent pas du hasard.",
        "At the ends of bars: the value tried, the 2.5% and 97.5% points of the input's law (…: the first of several"
        " that vary together). Whiskers: 95% Monte Carlo error. Solid line: base value; dotted: zero. Hollow bars: the"
        " widest of those not told from chance.",
    ),
    "tornado.note_default": (
        "* Dispersion non publiée : un cinquième de la valeur, par hypothèse (grade D).",
        "* Spread not published: a fifth of the value, an assumption (grade D).",
    ),
    "tornado.note_range": (
        "† Convention ou fait, et non incertitude : valeurs extrêmes admises par le modèle.",
        "† A convention or a fact, not an uncertainty: the extreme values that the model takes.",
    ),
    "tornado.none": (
        "aucune entrée ne se distingue du hasard avec si peu de personnes (--people)",
        "no input is told from chance with so few people (--people)",
    ),
    "tornado.perspective": ("Perspective : {name}", "Perspective: {name}"),
    "tornado.low": ("Valeur basse", "Low value"),
    "tornado.high": ("Valeur haute", "High value"),
    "tornado.base": ("(base : {amount})", "(base: {amount})"),
    "tornado.axis.net_benefit": ("Bénéfice net (€ par personne)", "Net benefit (€ per person)"),
    "tornado.axis.cost": ("Coût (€ par personne)", "Cost (€ per person)"),
    "tornado.axis.qalys": ("QALY, pour 1 000 personnes", "QALYs, per 1,000 people"),
    "tornado.axis.life_years": ("Années de vie, pour 1 000 personnes", "Life-years, per 1,000 people"),
    "tornado.axis.episode_months": ("Mois en épisode, pour 1 000 personnes", "Months in episode, per 1,000 people"),
    "tornado.axis.suicides": ("Suicides, pour 100 000 personnes", "Suicides, per 100,000 people"),
    "morris.title": ("Quels paramètres comptent ? (Morris)", "Which inputs matter? (Morris)"),
    "morris.note": (
        "µ* : effet moyen d'un paramètre ; σ : sa variation selon les autres (au-dessus de la diagonale : interactions"
        " ou effet courbe). Traits : erreur à 95 % ; points vides : effet qui ne se distingue pas de zéro ; points au"
        " bord : moins d'un millième du plus grand. {spreads}",
        "µ*: mean effect of an input; σ: how it varies with the others (above the diagonal: interactions or a curved"
        " effect). Whiskers: 95% error; hollow points: effect not told from zero; points at the edge: under a"
        " thousandth of the largest. {spreads}",
    ),
    "sweep.spreads": (
        "Dispersion non publiée : un cinquième de la valeur, par hypothèse (grade D).",
        "Spread not published: a fifth of the value, an assumption (grade D).",
    ),
    "morris.x": ("µ* (€ par personne)", "µ* (€ per person)"),
    "morris.y": ("σ (€ par personne)", "σ (€ per person)"),
    "sobol.title": ("D'où vient l'incertitude ? (Sobol)", "Where does uncertainty come from? (Sobol)"),
    "sobol.note": (
        "S1 : part de la variance due au paramètre seul ; ST : avec toutes ses interactions. Traits : erreur à 95 %."
        " {spreads}",
        "S1: share of the variance due to the input alone; ST: with all its interactions. Whiskers: 95% error."
        " {spreads}",
    ),
    "sobol.none": ("presque tout est du hasard (--people)", "nearly all of it is chance (--people)"),
    "sobol.s1": ("Seul (S1)", "Alone (S1)"),
    "sobol.st": ("Avec ses interactions (ST)", "With its interactions (ST)"),
    "sobol.axis": ("Part de la variance du bénéfice net (%)", "Share of the variance of net benefit (%)"),
    # -- what is uncertain, by group drawn together and by subject ---------------------------------
    "group.acute efficacy, line 4": (
        "Efficacité aiguë, 4e ligne (eskétamine, ECT, rTMS, kétamine)",
        "Acute efficacy, line 4 (esketamine, ECT, rTMS, ketamine)",
    ),
    "group.acute efficacy, lines 1 to 3": ("Efficacité aiguë, lignes 1 à 3", "Acute efficacy, lines 1 to 3"),
    "group.collaborative care": ("Effets des soins collaboratifs", "Effects of collaborative care"),
    "group.stable benefit": (
        "Prévention des rechutes sous traitement continué",
        "Relapse prevention on continued treatment",
    ),
    "group.utilities, resistant": ("Utilités, dépression résistante", "Utilities, resistant depression"),
    "group.utilities, other": ("Utilités, autre dépression", "Utilities, other depression"),
    "group.utilities, low reading": ("Utilités, lecture basse", "Utilities, low reading"),
    "group.EPSM share": ("Part des EPSM", "Share of EPSM"),
    "group.SÉSAME costs": ("Coûts de SÉSAME", "Costs of SÉSAME"),
    "group.psychiatric tariffs": ("Tarifs de psychiatrie", "Psychiatric tariffs"),
    "group.reference costs": ("Coûts de référence", "Reference costs"),
    "group.session costs": ("Coût des séances", "Costs of sessions"),
    "group.training costs": ("Coûts de formation", "Costs of training"),
    "group.PHQ-9 by state": ("PHQ-9 par état", "PHQ-9 by state"),
    "subject.treatment": ("Effets et usage des traitements", "Effects and use of treatments"),
    "subject.sesame": ("Soins collaboratifs (SÉSAME)", "Collaborative care (SÉSAME)"),
    "subject.care": ("Recours et parcours de soins", "Care seeking and pathways"),
    "subject.course": ("Évolution de la maladie", "Course of illness"),
    "subject.suicide": ("Suicide et tentatives", "Suicide and attempts"),
    "subject.utility": ("Utilités", "Utilities"),
    "subject.price": ("Prix et coûts unitaires", "Prices and unit costs"),
    "subject.payer": ("Payeurs et remboursements", "Payers and reimbursement"),
    "subject.programme_cost": ("Coût des programmes", "Programme costs"),
    "subject.economy": ("Règles économiques", "Economic rules"),
    "subject.work": ("Travail", "Work"),
    "subject.work_value": ("Valeur du travail", "Value of work"),
    "subject.capacity": ("Places", "Places"),
    "subject.population": ("Population", "Population"),
    "subject.access": ("Accès aux techniques", "Access to treatments"),
    "subject.production": ("Production", "Production"),
    "subject.mortality": ("Mortalité", "Mortality"),
    "subject.target": ("Repères d'essais", "Trial targets"),
    "subject.carer": ("Proches", "Carers"),
    "subject.ald": ("Affection de longue durée (ALD)", "Long-term illness scheme (ALD)"),
    "subject.bipolar_screening": ("Repérage de la bipolarité", "Screening for bipolar disorder"),
    "subject.campaign": ("Campagne auprès des professionnels", "Campaign among professionals"),
    "subject.carers": ("Soutien des aidants", "Support for carers"),
    "subject.crisis": ("Relais de crise", "Crisis relay"),
    "subject.equal_access": ("Égalité d'accès", "Equal access"),
    "subject.good_practice": ("Bonnes pratiques de prescription", "Good prescribing practice"),
    "subject.gp_training": ("Formation des généralistes", "Training of GPs"),
    "subject.integrated_care": ("Prise en charge intégrée des comorbidités", "Integrated care of comorbidity"),
    "subject.pathway": ("Parcours gradué", "Graded pathway"),
    "subject.perinatal": ("Repérage périnatal", "Perinatal detection"),
    "subject.programme": ("Entrée dans les programmes", "Entry into programmes"),
    "subject.rehabilitation": ("Réhabilitation psychosociale", "Psychosocial rehabilitation"),
    "subject.shared_care": ("Soins partagés", "Shared care"),
    "subject.survey": ("Lecture des enquêtes", "Reading of surveys"),
    "subject.tele_expertise": ("Télé-expertise", "Tele-expertise"),
    "subject.vigilans": ("Recontact après tentative (VigilanS)", "Contact after an attempt (VigilanS)"),
    "subject.youth": ("Repérage des jeunes", "Detection among the young"),
    "group.calibrated draws": ("Paramètres calés, tirés ensemble", "Fitted parameters, drawn together"),
    # -- verdicts ----------------------------------------------------------------------------
    "verdict.cost_saving": ("gagne en santé et coûte moins", "better health at lower cost"),
    "verdict.dominated": ("perd en santé et coûte plus", "worse health at higher cost"),
    "verdict.icer": ("{icer} par QALY gagné", "{icer} per QALY gained"),
    "verdict.saves_but_loses": (
        "coûte moins mais perd en santé : {icer} économisés par QALY perdu",
        "lower cost but worse health: {icer} saved per QALY lost",
    ),
    "verdict.cost_only": (
        "coûte plus, sans effet discernable sur la santé : un rapport n'aurait pas de sens",
        "higher cost, with no discernible effect on health: a ratio would be meaningless",
    ),
    "verdict.cost_for_none": (
        "coûte plus ; aucun effet sur la santé des personnes malades n'est compté",
        "higher cost; no effect on the health of the people ill is counted",
    ),
    "verdict.saving_only": (
        "coûte moins, sans effet discernable sur la santé",
        "lower cost, with no discernible effect on health",
    ),
    "verdict.health_only": (
        "gagne en santé, sans écart de coût discernable",
        "better health, with no discernible difference in cost",
    ),
    "verdict.health_loss_only": (
        "perd en santé, sans écart de coût discernable",
        "worse health, with no discernible difference in cost",
    ),
    "verdict.none": ("aucun écart discernable", "no discernible difference"),
    # -- equity charts ------------------------------------------------------------------------
    "equity.title": ("Qui y gagne ?", "Who gains?"),
    "equity.axis": (
        "Mois en épisode évités pour 1 000 années vécues",
        "Months in episode avoided per 1,000 years lived",
    ),
    "equity.note": (
        "Parmi les personnes qui ont déjà été malades ; France entière, toute la durée simulée en population ouverte.",
        "Among people ever ill; all France, over the whole open run.",
    ),
    "equity.note_hollow": (
        "Marque vide : gain non distingué de zéro.",
        "Hollow mark: gain not told from zero.",
    ),
    "regions.title": ("Accès et gain par région", "Access and gain by region"),
    "regions.access": (
        "Accès aujourd'hui : techniques spécialisées débutées pour 1 000 années en épisode",
        "Access today: specialised treatments begun per 1,000 years in episode",
    ),
    "regions.gain": (
        "{title} : mois en épisode évités pour 1 000 années vécues",
        "{title}: months in episode avoided per 1,000 years lived",
    ),
    "regions.note": (
        "± : erreur de Monte-Carlo à 95 %. Les régions sont dessinées en carrés égaux ; outre-mer en bas.",
        "±: 95% Monte Carlo error. Regions are drawn as equal squares; overseas at the bottom.",
    ),
    "regions.note_few": (
        "Hachuré : moins de {count} personnes simulées, rien n'est dit.",
        "Hatched: fewer than {count} people simulated, nothing is said.",
    ),
    "regions.few": ("trop peu de\npersonnes\nsimulées", "too few\npeople\nsimulated"),
    "regions.note_zero": (
        "En gris : indiscernable de zéro. Aucun résultat de suicide par région.",
        "In grey: indistinguishable from zero. No result on suicide by region.",
    ),
    # -- budget, price, explain ---------------------------------------------------------------
    "Category.AMBULATORY": ("Consultations et suivi", "Visits and follow-up"),
    "Category.PSYCHOTHERAPY": ("Psychothérapies", "Psychotherapies"),
    "Category.DRUGS": ("Médicaments en ville", "Drugs in the community"),
    "Category.ESKETAMINE_DEVICES": ("Eskétamine (dispositifs)", "Esketamine (devices)"),
    "Category.SPECIALISED": ("Techniques spécialisées (séances)", "Specialised treatments (sessions)"),
    "Category.HOSPITAL": ("Hospitalisations", "Hospital stays"),
    "Category.EMERGENCY": ("Urgences", "Emergency care"),
    "Category.PROGRAMME": ("Programmes", "Programmes"),
    "Category.TRANSFERS": ("Prestations en espèces", "Cash benefits"),
    "budget.screen": (
        "Impact budgétaire sur cinq ans : écart avec les soins actuels, millions d'euros de {year}, non actualisés,"
        " France entière.\n{people} personnes simulées ; « ± » : erreur de Monte-Carlo à 95 % ; « ≈ 0 » :"
        " indiscernable de zéro.",
        "Budget impact over five years: difference from care as it is, millions of euros of {year}, undiscounted, all"
        " France.\n{people} simulated people; “±”: 95% Monte Carlo error; “≈ 0”: indistinguishable from zero.",
    ),
    "budget.by_payer": ("Par payeur", "By payer"),
    "budget.insurer_all": (
        "= Assurance maladie, dotations des hôpitaux comprises",
        "= Health insurance, hospital grants included",
    ),
    "budget.new": ("Dépense nouvelle (tous payeurs)", "New spending (all payers)"),
    "budget.moved": ("Simple transfert entre payeurs", "Only moved between payers"),
    "budget.title_insurer": (
        "Impact budgétaire pour l'Assurance maladie (dotations des hôpitaux comprises)",
        "Budget impact for health insurance (hospital grants included)",
    ),
    "budget.drug": (
        "Ligne médicament : dispositifs d'eskétamine facturés à l'Assurance maladie (millions d'euros)",
        "Drug line: esketamine devices invoiced to health insurance (millions of euros)",
    ),
    "budget.drug.year": ("Année", "Year"),
    "budget.drug.starters": ("Débuts", "Starters"),
    "budget.drug.devices": ("Dispositifs\npar début", "Devices a\nstarter"),
    "budget.drug.listed": ("Facturés\n(%)", "Invoiced\n(%)"),
    "budget.drug.arithmetic": ("Calcul", "Arithmetic"),
    "budget.drug.simulated": ("Simulé", "Simulated"),
    "budget.drug.gap": ("Écart\n(%)", "Gap\n(%)"),
    "budget.drug.moved": ("Déjà acheté\npar l'hôpital", "Bought by\nhospitals"),
    "budget.drug.new": ("Nouveau", "New"),
    "budget.drug_note": (
        "Calcul : débuts × dispositifs employés par début × part facturée × prix"
        " TTC ({price} € le dispositif, TVA {vat}). « Déjà acheté » : ce que les hôpitaux n'achètent plus,"
        " passé tel quel à l'Assurance maladie ; « Nouveau » : le reste, des traitements en plus.",
        "Arithmetic: starters × devices used a starter × share invoiced × price"
        " with tax (€{price} a device, VAT {vat}). “Bought by hospitals”: what they no longer buy, moved as"
        " it is to health insurance; “New”: the rest, treatments in addition.",
    ),
    "price.title": ("Où la réponse bascule : {scenario}", "Where the answer turns: {scenario}"),
    "price.parameter": (
        "Paramètre : {name} ({id}) ; unité : {unit} ; valeur actuelle : {now}.",
        "Parameter: {name} ({id}); unit: {unit}; value today: {now}.",
    ),
    "price.euros_of": ("euros de {year}", "euros of {year}"),
    "price.method": (
        "Bénéfice net face aux soins actuels, {where}, perspective {perspective} ; intervalle de Monte-Carlo à 95 %"
        " (Fieller). L'incertitude des paramètres n'y est pas.",
        "Net benefit against care as it is, {where}, {perspective} perspective; 95% Monte Carlo interval (Fieller)."
        " Parameter uncertainty is not included.",
    ),
    "price.cohort": ("cohorte, actualisé", "cohort, discounted"),
    "price.open": ("France entière, actualisé", "all France, discounted"),
    "price.turns_below": ("{criterion} jusqu'à {at}", "{criterion} up to {at}"),
    "price.turns_above": ("{criterion} à partir de {at}", "{criterion} from {at} on"),
    "price.at_most": (
        "{criterion} : jusqu'à un prix indiscernable de zéro ({at} au plus)",
        "{criterion}: up to a price not told from zero ({at} at most)",
    ),
    "price.undecided": (
        "{criterion} : l'erreur de Monte-Carlo ne permet pas de dire où (plus de personnes simulées : --people)",
        "{criterion}: Monte Carlo error does not let it be said where (simulate more people: --people)",
    ),
    "price.not_told": ("≈ 0 (± {half})", "≈ 0 (± {half})"),
    "price.never.euros": (
        "{criterion} : à aucun prix, même nul (bénéfice net à prix nul : {at_zero})",
        "{criterion}: at no price, not even zero (net benefit at a price of zero: {at_zero})",
    ),
    "price.never.other": ("{criterion} : jamais entre {low} et {high}", "{criterion}: never between {low} and {high}"),
    "price.always.euros": (
        "{criterion} : à tout prix essayé (bénéfice net à prix nul : {at_zero})",
        "{criterion}: at every price tried (net benefit at a price of zero: {at_zero})",
    ),
    "price.always.other": (
        "{criterion} : partout entre {low} et {high}",
        "{criterion}: everywhere between {low} and {high}",
    ),
    "price.nobody": (
        "Aucun patient supplémentaire discernable : rien à rapporter à 1 000 patients.",
        "No discernible additional patient: nothing to state per 1,000 patients.",
    ),
    "price.per_thousand": ("Pour 1 000 patients supplémentaires ({start})", "Per 1,000 additional patients ({start})"),
    "price.start.esketamine": ("débuts d'eskétamine", "esketamine starts"),
    "price.start.ketamine": ("débuts de kétamine", "ketamine starts"),
    "price.start.rtms": ("débuts de rTMS", "rTMS starts"),
    "price.start.ect": ("débuts d'ECT", "ECT starts"),
    "price.start.sesame": ("entrées en soins collaboratifs", "starts of collaborative care"),
    "price.chart": ("À quelle valeur la réponse bascule-t-elle ?", "At what value does the answer turn?"),
    "price.now": ("valeur actuelle", "value today"),
    "price.turn": ("{criterion} : {value}", "{criterion}: {value}"),
    "price.no_turn": ("ne bascule pas", "does not turn"),
    "price.untold": ("bascule non établie", "turn not established"),
    "price.note": (
        "Le point d'une ligne : la valeur à laquelle le bénéfice net est nul, avec son intervalle dans la légende ;"
        " il n'est marqué que là où il est établi.",
        "The dot of a line: the value at which the net benefit is nil, its interval in the legend; it is marked only"
        " where it is established.",
    ),
    "explain.title": ("Quel levier fait quoi : {scenario}", "Which lever does what: {scenario}"),
    "explain.setting_closed": (
        "Cohorte suivie : {horizon}, QALY et coûts actualisés, perspective {perspective} ;"
        " écarts avec les soins actuels.",
        "Cohort followed: {horizon}, QALYs and costs discounted, {perspective} perspective;"
        " differences from care today.",
    ),
    "explain.setting_open": (
        "France entière : {horizon}, non actualisé, perspective {perspective} ; écarts avec les soins actuels.",
        "All France: {horizon}, undiscounted, {perspective} perspective; differences from care today.",
    ),
    "explain.chart": ("Quel levier fait quoi ?", "Which lever does what?"),
    "explain.unlimited": ("Limites de places levées", "Limits on places lifted"),
    "explain.programme": ("Coûts de programme", "Programme costs"),
    "explain.interaction": ("Interaction (au-delà de la somme de chacun seul)", "Interaction (beyond each alone)"),
    "explain.total": ("Le scénario entier", "The whole scenario"),
    "explain.column.qalys": ("QALY\n(milliers)", "QALYs\n(thousands)"),
    "explain.column.episode_months": ("Mois en épisode\n(milliers)", "Months in episode\n(thousands)"),
    "explain.column.cost": ("Coût\n(M€)", "Cost\n(€m)"),
    "explain.shapley": (
        "Partage exact (valeur de Shapley) entre {count} leviers : tous les sous-ensembles ont été vécus par les mêmes"
        " personnes.",
        "Exact split (Shapley value) between {count} levers: every subset was lived by the same people.",
    ),
    "explain.alone": (
        "{count} leviers, chacun seul ; les lignes ne s'additionnent pas (voir l'interaction). Le tableau montre aussi"
        " chacun retiré seul.",
        "{count} levers, each alone; lines do not add up (see the interaction). The table also shows each taken out"
        " alone.",
    ),
    "explain.note_shapley": (
        "Valeur de Shapley : les leviers s'additionnent exactement au scénario entier. En gris : l'interaction, déjà"
        " partagée.",
        "Shapley value: levers add up exactly to the whole scenario. In grey: the interaction, already shared out.",
    ),
    "explain.note_alone": (
        "Chaque levier seul ; en gris, l'interaction : ce que les leviers font ensemble au-delà de leur somme.",
        "Each lever alone; in grey, the interaction: what levers do together beyond their sum.",
    ),
    "explain.panel.qalys": ("QALY gagnés", "QALYs gained"),
    "explain.panel.episode_months": ("Mois en épisode", "Months in episode"),
    "explain.panel.cost": ("Coût", "Cost"),
    "explain.axis.qalys": ("QALY", "QALYs"),
    "explain.axis.episode_months": ("mois", "months"),
    "explain.axis.cost": ("{unit}", "{unit}"),
    # -- league table ------------------------------------------------------------------------
    "league.policy": ("Politique", "Policy"),
    "league.qalys": ("QALY\ngagnés\n(milliers)", "QALYs\ngained\n(thousands)"),
    "league.suicides": ("Suicides\névités", "Suicides\naverted"),
    "league.months": ("Mois en\népisode\n(milliers)", "Months in\nepisode\n(thousands)"),
    "league.share_both": ("% des 14 Md€\népargnés\n(de l'évitable)", "% of the\n€14bn saved\n(avoidable)"),
    "league.cost": ("Coût\ncollectif\n(M€)", "Collective\ncost\n(€m)"),
    "league.insurer": ("Assurance\nmaladie\n(M€)", "Health\ninsurance\n(€m)"),
    "league.society": ("Société\n(M€)", "Society\n(€m)"),
    "league.refused": ("Refus faute\nde place\n(milliers)", "Refused,\nno place\n(thousands)"),
    "league.verdict": ("Coût par QALY", "Cost per QALY"),
    "league.verdict.cost_saving": ("gagne et coûte moins", "better, costs less"),
    "league.verdict.dominated": ("perd et coûte plus", "worse, costs more"),
    "league.verdict.saves_but_loses": ("coûte moins, perd en santé", "costs less, worse health"),
    "league.verdict.cost_only": ("coûte plus, effet non discernable", "costs more, effect not discernible"),
    "league.verdict.cost_for_none": ("coûte plus, aucun effet compté", "costs more, no effect counted"),
    "league.verdict.saving_only": ("coûte moins, effet non discernable", "costs less, effect not discernible"),
    "league.verdict.health_only": ("gagne, coût non discernable", "better, cost not discernible"),
    "league.verdict.health_loss_only": ("perd, coût non discernable", "worse, cost not discernible"),
    "league.verdict.none": ("aucun écart discernable", "no discernible difference"),
    "league.note": (
        "Chaque politique face aux soins actuels, classée par QALY gagnés ; « ≈ 0 » : indiscernable de zéro."
        " QALY et coût par QALY : cohorte, {cohort}, actualisés. Le reste : France entière, {years}, non actualisé ;"
        " part des 14 Md€ : moyenne annuelle des années 1 à 5, et entre parenthèses part du coût évitable.",
        "Each policy beside care as it is, ranked by QALYs gained; “≈ 0”: indistinguishable from zero."
        " QALYs and cost per QALY: cohort, {cohort}, discounted. The rest: all France, {years}, undiscounted;"
        " share of the €14bn: yearly mean of years 1 to 5, and in brackets share of the avoidable cost.",
    ),
    "league.note_sum": (
        "Ce n'est pas une liste où choisir la première : ces politiques s'adressent à des personnes différentes et"
        " peuvent s'ajouter.",
        "Not a list to pick the first from: these policies reach different people and can be added together.",
    ),
    "league.note_assumed": (
        "▲ Un effet au moins est une hypothèse (grade D) : à ne citer qu'avec son seuil d'équilibre.",
        "▲ At least one effect is an assumption (grade D): to be quoted only with its break-even size.",
    ),
    "league.unexplored": (
        "Plus de 4 politiques : les effets supposés de {count} d'entre elles n'ont pas été explorés (--explore les"
        " explore toutes ; ou comparez-en moins).",
        "More than 4 policies: the assumed effects of {count} of them were not explored (--explore explores them all;"
        " or compare fewer).",
    ),
    "league.apart": (
        "Hors du classement, sur leur propre calendrier (rétrospectif) : {names}.",
        "Outside the league table, on their own calendar (retrospective): {names}.",
    ),
    "frontier.title": (
        "Options qui s'excluent : {name}. Frontière d'efficience (cohorte, {horizon}, actualisé)",
        "Options that exclude each other: {name}. Efficiency frontier (cohort, {horizon}, discounted)",
    ),
    "frontier.policy": ("Politique", "Policy"),
    "frontier.cost": ("Coût\n(M€)", "Cost\n(€m)"),
    "frontier.qalys": ("QALY gagnés\n(milliers)", "QALYs gained\n(thousands)"),
    "frontier.icer": ("Coût par QALY,\ndepuis la précédente", "Cost per QALY,\nfrom the one before"),
    "frontier.chance": ("Sur la frontière,\nprobabilité", "On the frontier,\nprobability"),
    "frontier.status": ("Statut", "Status"),
    "frontier.untold": ("non établi", "not established"),
    "frontier.ND": ("sur la frontière", "on the frontier"),
    "frontier.D": ("dominée", "dominated"),
    "frontier.ED": ("dominée par combinaison", "dominated by combination"),
    "frontier.D/ED": ("dominée, seule ou par combinaison", "dominated, by one or by a combination"),
    "frontier.undecided": ("indécis", "undecided"),
    "frontier.note": (
        "Une seule à la fois ; écarts avec les soins actuels. Un statut n'est dit que s'il se retrouve dans {share} des"
        " rééchantillonnages des lots de personnes ; sinon il est indécis avec {people} personnes simulées.",
        "One at a time; differences from care as it is. A status is said only if it is found in {share} of resamplings"
        " of the batches of people; otherwise it is undecided with {people} simulated people.",
    ),
    "frontier.chart": ("Frontière d'efficience : {name}", "Efficiency frontier: {name}"),
    "frontier.line": (
        "Ligne : frontière, entre les options qui y sont à coup sûr seulement. Points vides : statut indécis.",
        "Line: frontier, only between options surely on it. Hollow points: status undecided.",
    ),
    "frontier.axis_qalys": (
        "QALY gagnés{unit} ({horizon}, actualisés)",
        "QALYs gained{unit} ({horizon}, discounted)",
    ),
    "frontier.thousands": (", en milliers", ", thousands"),
    "frontier.axis_cost": (
        "Surcoût ({unit}, {horizon}, actualisé,\nperspective {perspective})",
        "Extra cost ({unit}, {horizon}, discounted,\n{perspective} perspective)",
    ),
    "exclusive.specialised_treatments": (
        "techniques spécialisées de la dépression résistante",
        "specialised treatments of resistant depression",
    ),
    # -- summary -----------------------------------------------------------------------------
    "summary.title": (
        "ÉCLAIRCIE — {count} politiques comparées à « {baseline} »",
        "ÉCLAIRCIE — {count} policies compared with “{baseline}”",
    ),
    "summary.title_one": (
        "ÉCLAIRCIE — une politique comparée à « {baseline} »",
        "ÉCLAIRCIE — one policy compared with “{baseline}”",
    ),
    "summary.title_none": ("ÉCLAIRCIE — « {baseline} » seule", "ÉCLAIRCIE — “{baseline}” alone"),
    "summary.run": (
        "France entière, 15 ans et plus · {people} personnes simulées · graine {seed} · {seconds} s",
        "All France, 15 and over · {people} simulated people · seed {seed} · {seconds} s",
    ),
    "summary.error": (
        "« ± » : erreur de Monte-Carlo à 95 %. L'incertitude sur les paramètres s'y ajoute.",
        "“±”: 95% Monte Carlo error. Parameter uncertainty comes on top.",
    ),
    "summary.prices": (
        "Euros de {year}. Écarts avec « {baseline} ».",
        "Euros of {year}. Differences from “{baseline}”.",
    ),
    "summary.anchors": (
        "Référence, repères dans l'intervalle de leur source : {within} sur {total}.",
        "Baseline, anchors within their source's range: {within} of {total}.",
    ),
    "summary.anchors_out": ("Hors intervalle : {names}.", "Outside: {names}."),
    "summary.burden": (
        "Coût annuel de la dépression résistante (définition large) : {model} dans le modèle,"
        " {target} dans la source, chiffre contesté.",
        "Yearly cost of resistant depression (broad definition): {model} in the model,"
        " {target} in the source, a contested figure.",
    ),
    "summary.burden_matched": (
        "Au plus près de la source, en déplaçant le seul travail des personnes dans les limites des études : {matched}"
        " (affichage ; table burden).",
        "Nearest the source, moving only work, within what studies allow: {matched} (a display; table burden).",
    ),
    "summary.assumptions": (
        "Hypothèses (grade D) : {names}. Ce ne sont pas des mesures.",
        "Assumptions (grade D): {names}. They are not measurements.",
    ),
    "summary.unexplored": (
        "Effet supposé (grade D) non exploré dans cette exécution : son seuil d'équilibre manque (--explore).",
        "Assumed effect (grade D) not explored in this run: its break-even is missing (--explore).",
    ),
    "summary.own_size": (" (dans le scénario : {size})", " (in the scenario: {size})"),
    "summary.break_even": ("Seuil d'équilibre, {label} :", "Break-even, {label}:"),
    "summary.break_even_at": (
        "{criterion} à partir de {value}",
        "{criterion} from {value}",
    ),
    "summary.break_even_below": (
        "{criterion} jusqu'à {value}",
        "{criterion} up to {value}",
    ),
    "summary.break_even_never": (
        "{criterion} : jamais entre {low} et {high}",
        "{criterion}: never between {low} and {high}",
    ),
    "summary.break_even_always": (
        "{criterion} : partout entre {low} et {high}",
        "{criterion}: everywhere between {low} and {high}",
    ),
    "summary.break_even_partly_always": (
        "{criterion} à {sizes} ; ailleurs, l'erreur de Monte-Carlo ne permet pas de trancher",
        "{criterion} at {sizes}; elsewhere Monte Carlo error leaves it undecided",
    ),
    "summary.break_even_partly_never": (
        "{criterion} : non à {sizes} ; ailleurs, l'erreur de Monte-Carlo ne permet pas de trancher",
        "{criterion}: no at {sizes}; elsewhere Monte Carlo error leaves it undecided",
    ),
    "summary.break_even_undecided": (
        "{criterion} : l'erreur de Monte-Carlo ne permet pas de trancher (plus de personnes simulées : --people)",
        "{criterion}: undecided, Monte Carlo error is larger (simulate more people: --people)",
    ),
    "summary.criterion_cost": ("se rembourse seule", "pays for itself"),
    "summary.criterion_threshold": (
        "vaut son coût à {amount} par QALY",
        "worth its cost at {amount} per QALY",
    ),
    "summary.people": (
        "Pour les personnes ({horizon}, France entière)",
        "For people ({horizon}, all France)",
    ),
    "summary.money": (
        "Pour l'argent ({horizon}, France entière, non actualisé)",
        "For money ({horizon}, all France, undiscounted)",
    ),
    "summary.people_cohort": (
        "Pour les personnes ({horizon}, cohorte suivie)",
        "For people ({horizon}, cohort followed)",
    ),
    "summary.money_cohort": (
        "Pour l'argent ({horizon}, cohorte suivie, actualisé)",
        "For money ({horizon}, cohort followed, discounted)",
    ),
    "summary.unchanged": ("inchangé", "unchanged"),
    "summary.unseen": ("aucun écart parmi les personnes simulées", "no difference among the people simulated"),
    "summary.places": (
        "Places, écarts avec les soins actuels : refus faute de place {refused} (comptés chaque mois) ; personnes qui"
        " ont renoncé à attendre {gave_up}",
        "Places, differences from care as it is: refusals for lack of a place {refused} (counted each month); people"
        " who gave up waiting {gave_up}",
    ),
    "summary.lack": (
        "Ce que coûte le manque de places ({horizon}, sans limite moins avec) : mois en épisode {months} ; QALY"
        " {qalys} ; coût collectif {cost}",
        "What lack of places costs ({horizon}, without limits less with them): months in episode {months}; QALYs"
        " {qalys}; collective cost {cost}",
    ),
    "summary.where_closed": ("cohorte, actualisé", "cohort, discounted"),
    "summary.where_open": ("France entière, non actualisé", "all France, undiscounted"),
    "summary.replicates": (
        "Sur {count} graines : QALY gagnés {qalys} ; coût collectif {cost} ({horizon}, {where}). L'erreur d'une"
        " exécution est de {seeds} QALY entre graines, de {batches} par ses lots (table replicates).",
        "Over {count} seeds: QALYs gained {qalys}; collective cost {cost} ({horizon}, {where}). The error of one"
        " run is {seeds} QALYs between seeds, {batches} by its batches (table replicates).",
    ),
    "summary.burden_none": (
        "Part des {burden} : aucune économie discernable ({saving} par an)",
        "Share of the {burden}: no discernible saving ({saving} a year)",
    ),
    "summary.criterion_passes": (
        "[oui] {title} : {value} (attendu : {expected})",
        "[pass] {title}: {value} (expected: {expected})",
    ),
    "summary.criterion_fails": (
        "[NON] {title} : {value} (attendu : {expected})",
        "[FAIL] {title}: {value} (expected: {expected})",
    ),
    "outcome.transfers": ("Prestations en espèces (pour mémoire)", "Cash benefits (memo)"),
    "summary.burden_share": (
        "Part des {burden} : {share} économisés, soit {saving} par an ({avoidable} de la part évitable)",
        "Share of the {burden}: {share} saved, that is {saving} a year ({avoidable} of the avoidable part)",
    ),
    "summary.burden_cost": (
        "Part des {burden} : le coût pour la société augmente de {saving} par an ({share})",
        "Share of the {burden}: the cost to society rises by {saving} a year ({share})",
    ),
    "summary.value": (
        "Coût par QALY ({horizon}, perspective {perspective}, actualisé) : {verdict}",
        "Cost per QALY ({horizon}, {perspective} perspective, discounted): {verdict}",
    ),
    "summary.specialists": (
        "Temps de spécialiste : {change} consultations (psychiatre, CMP), soit {share} de plus qu'aujourd'hui pour la"
        " dépression ; rien ne le limite dans le modèle : à lire avant le reste.",
        "Specialists' time: {change} visits (psychiatrist, CMP), {share} more than today for depression; nothing"
        " limits it in the model: read it before the rest.",
    ),
    "summary.envelope": (
        "Enveloppe, {first} à {last} : {spent} dépensés en espérance sur {granted} accordés ({share}) ; aucune"
        " technique n'a dépassé son enveloppe, quelle que soit l'année.",
        "Envelope, {first} to {last}: {spent} spent in expectation of {granted} granted ({share}); no technique went"
        " over its envelope in any year.",
    ),
    "summary.envelope_over": (
        "Enveloppe, {first} à {last} : {spent} dépensés en espérance sur {granted} accordés ({share}). L'année la plus"
        " chère a pris {highest} de la sienne ; au plus haut, {technique} en {year} : {most}. L'argent limite les"
        " entrées, non les séances de ceux qui sont déjà traités ; ce qui dépasse est repris l'année suivante.",
        "Envelope, {first} to {last}: {spent} spent in expectation of {granted} granted ({share}). The dearest year"
        " took {highest} of its own; at most, {technique} in {year}: {most}. Money limits entries, not the sessions of"
        " people already treated; what goes over is taken off the next year.",
    ),
    "envelope.ESKETAMINE": ("eskétamine", "esketamine"),
    "envelope.KETAMINE_IV": ("kétamine intraveineuse", "IV ketamine"),
    "envelope.RTMS": ("rTMS", "rTMS"),
    "envelope.ECT": ("ECT", "ECT"),
    "summary.value_detail": ("coût {cost}, QALY {qalys}", "cost {cost}, QALYs {qalys}"),
    "summary.legal": ("Test juridique : {verdict}", "Legal test: {verdict}"),
    "summary.legal_pass": ("réussi", "passed"),
    "summary.legal_fail": (
        "ÉCHOUÉ aujourd'hui (critères non remplis : {failed} sur {total})",
        "FAILED today (criteria not met: {failed} of {total})",
    ),
    "summary.legal_derogation": ("Dérogation supposée : {derogation}", "Derogation assumed: {derogation}"),
    "summary.past": (
        "{title} : {known} ; modèle {model} pour la dépression, {everyone} avec l’anxiété seule (écart {gap})",
        "{title}: {known}; model {model} for depression, {everyone} with anxiety alone (gap {gap})",
    ),
    "summary.does_not_claim": ("Ne prétend pas : {text}", "Does not claim: {text}"),
    "summary.below_error": ("indiscernable de zéro ({value})", "indistinguishable from zero ({value})"),
    "summary.files": ("Tableaux, figures et manifeste : {folder}", "Tables, figures and manifest: {folder}"),
}


def keys() -> tuple[str, ...]:
    """Return every key, for tests."""
    return tuple(_WORDS)


def say(key: str, lang: str, **values: object) -> str:
    """Return the text `key` in `lang`, filled with `values` and typeset."""
    french, english = _WORDS[key]
    return typeset((french if lang == "fr" else english).format(**values), lang)


def label(member: IntEnum, lang: str) -> str:
    """Return the name of a code of the vocabulary, such as `Health.MILD`."""
    return say(f"{type(member).__name__}.{member.name}", lang)


def together(titles: Sequence[str]) -> str:
    """Return what several titles are called as one: the words they begin with when they share some, or all of them."""
    words = [title.split() for title in titles]
    shared = [first for first, *others in zip(*words, strict=False) if all(other == first for other in others)]
    if len(shared) <= 2:
        return " + ".join(titles)
    while shared[-1] in LINKS:
        shared.pop()
    return " ".join(shared).rstrip(",")


def pick(both: Any, lang: str) -> str:
    """Return the `lang` side of a text written {fr, en} (a plain string serves both languages)."""
    return typeset(both if isinstance(both, str) else both[lang], lang)
