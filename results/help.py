"""What `run.py --help` teaches and what the front door answers, in French and English.

Imports nothing heavy: help appears at once.
"""

from results.numbers import typeset

OPTIONS: dict[str, tuple[str, str, str]] = {  # name: value, French, English
    "--people": (
        "N",
        "personnes simulées (20 000 ; psa : 1 250 ; tornado, sweep : 1 000 ; lives : 20 à montrer) ;"
        " l'erreur de Monte-Carlo décroît comme 1/√N",
        "simulated people (20,000; psa: 1,250; tornado, sweep: 1,000; lives: 20 to show);"
        " the Monte Carlo error falls as 1/√N",
    ),
    "--horizon": (
        "5|10|lifetime",
        "années de la cohorte : un nombre d'années ou lifetime (vie entière, par défaut)",
        "years of the cohort: a number of years, or lifetime (the default)",
    ),
    "--perspective": (
        "P",
        "qui compte les coûts : collective (HAS, par défaut), assurance_maladie, societal, hospital, patient",
        "whose costs count: collective (HAS, the default), assurance_maladie, societal, hospital, patient",
    ),
    "--population": (
        "P",
        "both (par défaut), national (France ouverte : budget et totaux) ou cohort (coût par QALY)",
        "both (the default), national (open population: budget and totals) or cohort (cost per QALY)",
    ),
    "--unlimited": (
        "",
        "rejoue chaque mesure sans limite de places, à côté : ce que coûte le manque de places",
        "runs each policy again without limits on places, beside it: what lack of places costs",
    ),
    "--replicates": (
        "N",
        "rejoue tout sous N graines et donne l'écart entre elles (les lots d'un tirage partagent ses files d'attente)",
        "runs everything under N seeds and tells how far they differ (the batches of a run share its queues)",
    ),
    "--seed": (
        "N",
        "graine du hasard (20270101) ; même graine, mêmes octets",
        "seed (20270101); same seed, same bytes",
    ),
    "--jobs": (
        "N",
        "cœurs occupés (tous) ; les résultats n'en dépendent pas",
        "cores to keep busy (all); results do not depend on it",
    ),
    "--out": ("DOSSIER", "où écrire (results/… par défaut)", "folder to write (results/… by default)"),
    "--lang": (
        "fr|en|both",
        "langue des textes et des figures (fr) ; both : figures et résumés dans les deux (compare, budget, price)",
        "language of texts and charts (fr); both: charts and summaries in both (compare, budget, price)",
    ),
    "--explore": (
        "",
        "explorer les effets supposés (grade D) de tous les scénarios, même au-delà de 4",
        "explore the assumed (grade D) effects of every scenario, even beyond 4",
    ),
    "--csv-fr": (
        "",
        "CSV pour Excel en France : « ; » et virgule décimale",
        "CSV for Excel in France: ; and decimal comma",
    ),
    "--explain": (
        "",
        "partager l'effet de chaque scénario entre ses leviers (4 scénarios au plus)",
        "split each scenario's effect between its levers (4 scenarios at most)",
    ),
    "--parameter": (
        "ID",
        "paramètre essayé (price.esketamine_device)",
        "parameter tried (price.esketamine_device)",
    ),
    "--extends": (
        "NOM",
        "scénario dont part le nouveau (baseline)",
        "scenario the new one starts from (baseline)",
    ),
    "--draws": (
        "N",
        "tirages des paramètres (psa : 1 000 ; sweep : lignes de Sobol, 128 ; calibrate : 1 024)",
        "draws (psa: 1,000; sweep: 128; calibrate: 1,024)",
    ),
    "--reading": (
        "NOM",
        "lecture des preuves : base, ou les choix qui en diffèrent, joints par + (pigott, claims, pigott+claims …)",
        "reading of the evidence: base, or what differs from it, joined by + (pigott, claims, pigott+claims …)",
    ),
    "--runs": (
        "N",
        "passages du modèle sur les lois a priori, une puissance de deux (1 024)",
        "runs of the model over the priors, a power of two (1,024)",
    ),
    "--recovery": (
        "N",
        "au lieu de caler : N calages complets de paramètres connus, et les rangs de 200 autres",
        "instead of fitting: N whole fits of known parameters, and the ranks of 200 others",
    ),
    "--trajectories": ("N", "trajectoires de Morris (4)", "Morris trajectories (4)"),
    "--inputs": ("N", "entrées gardées pour Sobol (6)", "inputs kept for Sobol (6)"),
    "--budget": (
        "MINUTES",
        "temps de calcul : l'outil choisit tirages et personnes, et le dit",
        "time to compute: the tool chooses draws and people, and says so",
    ),
    "--quick": ("", "un premier aperçu, avec son erreur plus grande", "a first look, with its larger error"),
    "--cluster": ("tcp://…", "ordonnanceur Dask au lieu de cette machine", "a Dask scheduler instead of this machine"),
    "--resume": (
        "",
        "reprendre : toujours fait, les cellules finies sont gardées dans .cache/cells",
        "resume: always done, finished cells are kept in .cache/cells",
    ),
    "--years": ("N", "années montrées, ou que dure la décision (10)", "years shown, or that the decision stands (10)"),
    "--from": (
        "DOSSIER|CSV",
        "tirages déjà faits : dossier d'un run psa, dossier avec costs.csv et effects.csv, ou fichier psa.csv",
        "draws already made: folder of a psa run, folder with costs.csv and effects.csv, or a file psa.csv",
    ),
    "--costs": (
        "CSV",
        "coûts : une colonne par stratégie, une ligne par tirage",
        "costs: a column a strategy, a line a draw",
    ),
    "--effects": ("CSV", "QALY : mêmes colonnes, mêmes lignes", "QALYs: same columns, same lines"),
    "--parameters": ("CSV", "paramètres : une colonne chacun, mêmes lignes", "parameters: a column each, same lines"),
    "--groups": (
        "CSV",
        "paramètres à valoriser ensemble : colonnes parameter et group",
        "parameters to be valued together: columns parameter and group",
    ),
    "--comparator": ("NOM", "stratégie de comparaison (la première)", "strategy to compare with (the first)"),
    "--separate": (
        "",
        "chaque stratégie face au comparateur seul (sinon celles d'un autre programme s'excluent)",
        "each strategy against the comparator alone (otherwise those of another program exclude each other)",
    ),
    "--threshold": (
        "EUROS",
        "euros par QALY (tornado, sweep : 50 000) ; psa et voi en prennent plusieurs : 20000,50000",
        "euros per QALY (tornado, sweep: 50,000); psa and voi take several: 20000,50000",
    ),
    "--outcome": (
        "NOM",
        "ce que suit la tornade : net_benefit (par défaut), cost, qalys, life_years, episode_months, suicides",
        "what the tornado follows: net_benefit (by default), cost, qalys, life_years, episode_months, suicides",
    ),
    "--persons": ("N", "personnes concernées par la décision aujourd'hui", "people the decision concerns today"),
    "--incident": ("N", "personnes de plus par an (0)", "further people a year (0)"),
    "--discount": ("TAUX", "actualisation des personnes à venir (0.025)", "discount rate of people to come (0.025)"),
    "--study": (
        "NOM,…",
        "études à valoriser : noms de scenarios/research/ ou fichiers .toml",
        "studies to be valued: names in scenarios/research/ or .toml files",
    ),
    "--help": ("", "cette aide", "this help"),
}

_PAGES: dict[str, tuple[str, str]] = {
    "": (
        """\
Éclaircie : ce que des politiques contre la dépression changeraient en France,
pour les personnes et pour l'argent, et avec quelle certitude.

  python run.py compare                     la question principale : liste en sus et soins collaboratifs
  python run.py compare liste_en_sus        une autre politique, face aux soins d'aujourd'hui
  python run.py budget liste_en_sus         qui paie quoi, année par année
  python run.py price liste_en_sus          à quel prix la réponse bascule
  python run.py scenarios list              les politiques décrites dans scenarios/
  python run.py scenarios new ma_politique  commencer la vôtre
  python run.py parameters list esketamine  les chiffres utilisés, leur source et leur grade
  python run.py lives collaborative_care    vingt vies simulées, avant et après

Commandes : compare, budget, price, psa, voi, tornado, sweep, scenarios, parameters, lives, bench,
calibrate, validate.
« python run.py COMMANDE --help » explique chacune. En anglais : --lang en.
Codes de sortie : 0 fait ; 1 une vérification a échoué ; 2 demande à corriger (rien n'est écrit) ;
3 panne de la machine (disque plein…) ; 130 interrompu.
""",
        """\
Éclaircie: what policies against depression would change in France,
for people and for money, and how sure we are.

  python run.py compare --lang en           the main question: extra-budget list and collaborative care
  python run.py compare liste_en_sus        another policy, beside care as it is today
  python run.py budget liste_en_sus         who pays what, year by year
  python run.py price liste_en_sus          at what price the answer turns
  python run.py scenarios list              the policies described in scenarios/
  python run.py scenarios new my_policy     start your own
  python run.py parameters list esketamine  the numbers used, their source and grade
  python run.py lives collaborative_care    twenty simulated lives, before and after

Commands: compare, budget, price, psa, voi, tornado, sweep, scenarios, parameters, lives, bench,
calibrate, validate.
"python run.py COMMAND --help --lang en" explains each.
Exit codes: 0 done; 1 a check failed; 2 the request needs mending (nothing is written);
3 the machine failed (full disk…); 130 interrupted.
""",
    ),
    "compare": (
        """\
python run.py compare [SCÉNARIO…] [options]

Simule la référence et chaque scénario avec les mêmes personnes et la même chance, puis écrit un
dossier : tableaux (CSV et Excel), figures (SVG, PNG, PDF), manifeste. Sans nom : liste_en_sus et
collaborative_care. Un scénario est un nom de scenarios/ ou le chemin d'un fichier .toml.

  python run.py compare
  python run.py compare liste_en_sus collaborative_care --people 1000000
  python run.py compare mes_scenarios/essai.toml --horizon 10 --perspective societal
  python run.py compare --out results/note_ministre --csv-fr
  python run.py compare liste_en_sus --explain
  python run.py compare scenarios/*.toml --lang both

--explain partage l'effet entre les leviers du scénario : chacun seul, chacun retiré, et la valeur de
Shapley (exacte) jusqu'à 5 leviers ; chaque sous-ensemble est une simulation de plus.
Au-delà de 4 scénarios, l'écran montre le tableau comparatif seul (le dossier dit tout) et les effets
supposés ne sont pas explorés : --explore le demande (chaque taille est une simulation de plus).
""",
        """\
python run.py compare [SCENARIO…] [options]

Simulates the baseline and each scenario with the same people and the same luck, then writes one
folder: tables (CSV and Excel), charts (SVG, PNG, PDF), manifest. Without a name: liste_en_sus and
collaborative_care. A scenario is a name in scenarios/ or the path of a .toml file.

  python run.py compare --lang en
  python run.py compare liste_en_sus collaborative_care --people 1000000
  python run.py compare my_scenarios/try.toml --horizon 10 --perspective societal
  python run.py compare --out results/brief
  python run.py compare liste_en_sus --explain
  python run.py compare scenarios/*.toml --lang both

--explain splits the effect between a scenario's levers: each alone, each taken out, and the (exact)
Shapley value up to 5 levers; each subset is one more simulation.
Beyond 4 scenarios the screen shows the league table alone (the folder says it all) and assumed effects
are not explored: --explore asks for it (each size is one more simulation).
""",
    ),
    "budget": (
        """\
python run.py budget [SCÉNARIO…] [options]

Impact budgétaire sur cinq ans, année par année, non actualisé, France entière : par payeur, par
catégorie, ce qui est nouveau à part de ce qui change seulement de payeur. Pour l'eskétamine facturée
en sus : la ligne médicament, vérifiée par le calcul (débuts × dispositifs par début × prix TTC).

  python run.py budget
  python run.py budget liste_en_sus --people 1000000 --csv-fr
""",
        """\
python run.py budget [SCENARIO…] [options]

Budget impact over five years, year by year, undiscounted, all France: by payer, by category, what is
new apart from what only changes payer. For esketamine invoiced on top of budgets: the drug line,
checked by arithmetic (starters × devices a starter × price with tax).

  python run.py budget --lang en
  python run.py budget liste_en_sus --people 1000000
""",
    ),
    "price": (
        """\
python run.py price SCÉNARIO [--parameter ID] [options]

La valeur d'un paramètre à laquelle le bénéfice net est nul, à chaque seuil, avec son intervalle ; la
figure du bénéfice net selon le prix ; les résultats pour 1 000 patients supplémentaires. Un prix est
essayé sans nouvelle simulation ; un paramètre qui change les vies est revécu à quelques valeurs.

  python run.py price liste_en_sus
  python run.py price collaborative_care --parameter price.sesame_classic_month
  python run.py price liste_en_sus --parameter treatment.esketamine.remission_hazard_ratio
""",
        """\
python run.py price SCENARIO [--parameter ID] [options]

The value of a parameter at which the net benefit is nil, at each threshold, with its interval; the
chart of net benefit against price; results per 1,000 additional patients. A price is tried without a
new simulation; a parameter that changes lives is lived again at a few values.

  python run.py price liste_en_sus --lang en
  python run.py price collaborative_care --parameter price.sesame_classic_month
  python run.py price liste_en_sus --parameter treatment.esketamine.remission_hazard_ratio
""",
    ),
    "scenarios": (
        """\
python run.py scenarios list                    noms et titres
python run.py scenarios show NOM                fiche : ce qui change, preuves, coût, limites
python run.py scenarios check [NOM ou FICHIER…] tous les problèmes d'un coup (sans nom : tous les fichiers)
python run.py scenarios new NOM [--extends NOM] un fichier commenté, prêt à modifier
python run.py scenarios diff A B                les paramètres qui diffèrent

  python run.py scenarios new ect_dans_le_nord --extends ect_extended
  python run.py scenarios check ect_dans_le_nord
  python run.py compare ect_dans_le_nord
""",
        """\
python run.py scenarios list                    names and titles
python run.py scenarios show NAME               card: what changes, evidence, cost, limits
python run.py scenarios check [NAME or FILE…]   every problem at once (without a name: all files)
python run.py scenarios new NAME [--extends NAME]  a commented file, ready to edit
python run.py scenarios diff A B                the parameters that differ

  python run.py scenarios new ect_up_north --extends ect_extended
  python run.py scenarios check ect_up_north
  python run.py compare ect_up_north
""",
    ),
    "parameters": (
        """\
python run.py parameters list [MOT…]  identifiants, valeurs, unités, grades (filtrés par mot)
python run.py parameters show ID…     fiche : valeur, intervalle, incertitude, source, grade, vérification

  python run.py parameters list esketamine
  python run.py parameters show economy.burden.total
""",
        """\
python run.py parameters list [WORD…]  ids, values, units, grades (filtered by word)
python run.py parameters show ID…      card: value, range, spread, source, grade, how far checked

  python run.py parameters list esketamine
  python run.py parameters show economy.burden.total
""",
    ),
    "lives": (
        """\
python run.py lives [SCÉNARIO] [options]

Dessine quelques vies simulées, mois par mois, sous la référence et sous le scénario : les mêmes
personnes et la même chance. Des exemples, pas des résultats.

  python run.py lives collaborative_care --people 20 --years 10
""",
        """\
python run.py lives [SCENARIO] [options]

Draws a few simulated lives, month by month, under the baseline and under the scenario: the same
people and the same luck. Examples, not results.

  python run.py lives collaborative_care --people 20 --years 10
""",
    ),
    "psa": (
        """\
python run.py psa [SCÉNARIO…] [options]

Tire les paramètres de leurs lois (groupes corrélés ensemble), simule la référence et chaque scénario à
chaque tirage avec les mêmes personnes, dont le passé est vécu sous ses valeurs, et la même chance, puis
écrit l'analyse de décision et les fichiers pour dampack, BCEA, voi, SAVI et heormodel. La part du hasard
est montrée à côté de chaque intervalle. Interrompue (Ctrl-C, coupure, disque plein), la même commande
reprend où elle en était.

  python run.py psa --quick
  python run.py psa liste_en_sus --draws 2000
  python run.py psa --reading pigott
  python run.py psa --budget 5
  python run.py psa --cluster tcp://127.0.0.1:8786

Des tirages déjà faits, d'ici ou d'un autre programme, sont lus sans rien simuler :

  python run.py psa --from dossier --threshold 20000,50000
  python run.py psa --costs c.csv --effects e.csv --comparator "Soins habituels"
""",
        """\
python run.py psa [SCENARIO…] [options]

Draws the parameters from their spreads (correlated groups together), runs the baseline and each scenario
at every draw with the same people, whose past is lived under its values, and the same luck, then writes
the decision analysis and the files for dampack, BCEA, voi, SAVI and heormodel. The share of chance is
shown beside every interval. Interrupted (Ctrl-C, a power cut, a full disk), the same command goes on
where it was.

  python run.py psa --quick --lang en
  python run.py psa liste_en_sus --draws 2000
  python run.py psa --reading pigott
  python run.py psa --budget 5
  python run.py psa --cluster tcp://127.0.0.1:8786

Draws already made, here or by another program, are read without simulating anything:

  python run.py psa --from folder --threshold 20000,50000
  python run.py psa --costs c.csv --effects e.csv --comparator "Usual care"
""",
    ),
    "tornado": (
        """\
python run.py tornado [SCÉNARIO…] [options]

Une entrée à la fois sur tout le registre : bénéfice net à un seuil donné, ou un autre résultat (--outcome),
valeurs essayées indiquées. Les prix, les utilités et les points de vue ne demandent aucune simulation. Une barre
n'est dite que si elle se distingue du hasard ; plus de personnes (--people) en distinguent davantage.

  python run.py tornado liste_en_sus --threshold 30000
  python run.py tornado collaborative_care --outcome suicides --people 40000
""",
        """\
python run.py tornado [SCENARIO…] [options]

One input at a time over the whole registry: net benefit at a stated threshold, or another outcome (--outcome),
values tried shown. Prices, utilities and perspectives need no simulation. A bar is told only beyond chance; more
people (--people) tell more of them.

  python run.py tornado liste_en_sus --threshold 30000
  python run.py tornado collaborative_care --outcome suicides --people 40000
""",
    ),
    "sweep": (
        """\
python run.py sweep [SCÉNARIO…] [options]

Morris sur toutes les entrées, puis Sobol sur les principales (SALib ; ses fichiers sont écrits). Les entrées
corrélées bougent ensemble ; le hasard est retiré des indices.

  python run.py sweep collaborative_care --inputs 8 --draws 256
""",
        """\
python run.py sweep [SCENARIO…] [options]

Morris over every input, then Sobol over the main ones (SALib; its files are written). Correlated inputs move
together; chance is taken out of the indices.

  python run.py sweep collaborative_care --inputs 8 --draws 256
""",
    ),
    "voi": (
        """\
python run.py voi --from DOSSIER [options]
python run.py voi --costs CSV --effects CSV [--parameters CSV] [options]

Ce que vaudrait une meilleure information : information parfaite (EVPI), sur chaque paramètre ou groupe (EVPPI),
d'une étude selon sa taille (EVSI). Les tirages viennent de « python run.py psa », ou d'un autre programme
(dampack, BCEA, SAVI, heormodel, Excel en français ou en anglais).

  python run.py voi --from results/psa_1a2b3c4d5e --threshold 20000,50000
  python run.py voi --from results/psa_1a2b3c4d5e --study sesame_trial --persons 1000000 --incident 50000
  python run.py voi --costs c.csv --effects e.csv --parameters p.csv --threshold 30000
""",
        """\
python run.py voi --from FOLDER [options]
python run.py voi --costs CSV --effects CSV [--parameters CSV] [options]

What knowing more would be worth: perfect information (EVPI), on each parameter or group (EVPPI),
of a study by its size (EVSI). The draws come from "python run.py psa", or from another program
(dampack, BCEA, SAVI, heormodel, a French or English Excel).

  python run.py voi --from results/psa_1a2b3c4d5e --threshold 20000,50000
  python run.py voi --from results/psa_1a2b3c4d5e --study sesame_trial --persons 1000000 --incident 50000
  python run.py voi --costs c.csv --effects e.csv --parameters p.csv --threshold 30000
""",
    ),
    "bench": (
        """\
python run.py bench [dossier [SCENARIO…]] [options]

Mesure la vitesse du modèle, seul puis à côté d'autres moteurs s'ils sont installés (make peers), puis un
dossier des scénarios phares (psa, voi, tornado, budget, criblage de Morris) : temps, mémoire, part du hasard.
--draws 1000 fait le dossier entier ; 100 par défaut, en plus petit. « bench dossier » ne fait que le dossier,
entier, des scénarios nommés.

  python run.py bench dossier
  python run.py bench dossier scenarios/*.toml
""",
        """\
python run.py bench [dossier [SCENARIO…]] [options]

Times the model, alone and beside other engines where they are installed (make peers), then a dossier of the
headline scenarios (psa, voi, tornado, budget, Morris screening): time, memory, share of chance.
--draws 1000 makes the whole dossier; 100 by default, smaller. "bench dossier" makes only the dossier, whole,
of the scenarios named.

  python run.py bench dossier
  python run.py bench dossier scenarios/*.toml
""",
    ),
    "calibrate": (
        """\
python run.py calibrate [options]

Cale les paramètres libres sur les repères publiés (calibration/) et écrit calibration/solved.toml,
avant et après côte à côte, à partir du calage bayésien en vigueur. Code 1 si un repère reste hors de son
intervalle.

Avec --reading : cale par Bayes une lecture des preuves (laquelle de deux sources en conflit est suivie).
Le modèle tourne sur les lois a priori, un émulateur l'apprend, les tirages retenus sont repassés dans le
modèle et pondérés ; calibration/readings/NOM/ garde tirages, cibles et ce que les cibles ne disent pas.
Vingt minutes environ sur deux cœurs ; interrompu, il reprend où il en était.

  python run.py calibrate --reading base
  python run.py calibrate --reading pigott+claims
  python run.py calibrate --reading base --recovery 10
  python run.py calibrate
""",
        """\
python run.py calibrate [options]

Solves the free parameters against the published targets (calibration/) and writes
calibration/solved.toml, before and after side by side, from the Bayesian fit in force. Exit code 1 if a
target stays out of range.

With --reading: fits a reading of the evidence by Bayes (which of two conflicting sources is followed). The
model is run over the priors, an emulator learns it, accepted draws are run on the model again and
weighted; calibration/readings/NAME/ keeps draws, targets and what the targets do not speak of. About
twenty minutes on two cores; once interrupted, it goes on from where it was.

  python run.py calibrate --reading base
  python run.py calibrate --reading pigott+claims
  python run.py calibrate --reading base --recovery 10
  python run.py calibrate
""",
    ),
    "validate": (
        """\
python run.py validate [options]

Met le modèle à côté de chaque résultat publié (calibration/targets.toml), mesuré sur une petite étude
simulée qui imite sa source : validation d'abord, calage ensuite, un verdict par ligne. Exécute la liste
TECH-VER et remplit AdViSHE. Écrit un dossier. Code 1 si une vérification du programme échoue ; une cible
manquée est un constat, pas une erreur.

  python run.py validate --people 40000
""",
        """\
python run.py validate [options]

Sets the model beside each published result (calibration/targets.toml), measured on a small simulated
study that mimics its source: validation first, then calibration, a verdict a line. Runs the TECH-VER list
and fills AdViSHE. Writes a folder. Exit code 1 if a check of the program fails; a missed target is a
finding, not an error.

  python run.py validate --people 40000 --lang en
""",
    ),
}

_ANSWERS: dict[str, tuple[str, str]] = {
    "command": ("la commande", "the command"),
    "problem": ("La demande a un problème :", "The request has one problem:"),
    "problems": ("La demande a {count} problèmes :", "The request has {count} problems:"),
    "nothing_written": ("Rien n'a été écrit.", "Nothing was written."),
    "unknown_verb": ("« {found} » n'est pas une commande.{hint}", "“{found}” is not a command.{hint}"),
    "no_action": ("dites que faire : {known}.", "say what to do: {known}."),
    "unknown_option": (
        "{found} n'est pas une option de {verb}.{hint}",
        "{found} is not an option of {verb}.{hint}",
    ),
    "twice": ("{option} est donné deux fois.", "{option} is given twice."),
    "no_value": ("{option} attend une valeur : {expected}.", "{option} needs a value: {expected}."),
    "bad_value": (
        "{option} vaut « {found} » ; attendu : {expected}.{hint}",
        "{option} is “{found}”; expected {expected}.{hint}",
    ),
    "numbers": (
        "un nombre de {low} à {high}, ou plusieurs séparés par des virgules",
        "a number from {low} to {high}, or several parted by commas",
    ),
    "number": ("un nombre de {low} à {high}", "a number from {low} to {high}"),
    "from_or_files": (
        "--from et --costs ou --effects disent deux fois où sont les tirages ; gardez l'un des deux.",
        "--from and --costs or --effects say twice where the draws are; keep one of them.",
    ),
    "no_draws": (
        "{verb} a besoin de tirages : --from DOSSIER, ou --costs CSV et --effects CSV. Déjà faits ici : {known}.",
        "{verb} needs draws: --from FOLDER, or --costs CSV and --effects CSV. Made here already: {known}.",
    ),
    "none_yet": ("aucun (python run.py psa en fait)", "none (python run.py psa makes some)"),
    "parameters_twice": (
        "--parameters va avec --costs et --effects, ou avec un fichier psa.csv ; {folder} a les siens.",
        "--parameters goes with --costs and --effects, or with a file psa.csv; {folder} has its own.",
    ),
    "not_with_draws_made": (
        "{option} ne va pas avec des tirages déjà faits : rien n'est simulé.",
        "{option} does not go with draws already made: nothing is simulated.",
    ),
    "persons_needed": (
        "--incident, --years et --discount complètent --persons ; dites combien de personnes sont concernées.",
        "--incident, --years and --discount complete --persons; say how many people are concerned.",
    ),
    "hint": (" Vouliez-vous dire {near} ?", " Did you mean {near}?"),
    "integer": ("un nombre entier de {low} à {high}", "a whole number from {low} to {high}"),
    "one_of": ("{known}", "one of {known}"),
    "horizon": ("un nombre d'années de 1 à 95, ou lifetime", "a number of years from 1 to 95, or lifetime"),
    "too_many": (
        "{verb} attend au plus {most} nom(s) ; en voici {count}.",
        "{verb} takes at most {most} name(s); {count} given.",
    ),
    "too_few": ("{verb} attend {least} nom(s) : {example}", "{verb} needs {least} name(s): {example}"),
    "no_scenario": ("scenarios/ est vide.", "scenarios/ is empty."),
    "exists": ("{path} existe déjà ; il n'est pas remplacé.", "{path} exists already; it is not replaced."),
    "bad_name": (
        "« {name} » ne peut pas nommer un scénario ; attendu : minuscules sans accent, chiffres et _.",
        "“{name}” cannot name a scenario; expected lower-case letters, digits and _.",
    ),
    "out_is_file": (
        "--out : {path} est un fichier, pas un dossier.",
        "--out: {path} is a file, not a folder.",
    ),
    "out_not_ours": (
        "--out : {path} contient autre chose qu'un résultat ; choisissez un autre dossier.",
        "--out: {path} holds something other than a result; choose another folder.",
    ),
    "out_unwritable": ("--out : impossible d'écrire dans {path}.", "--out: cannot write in {path}."),
    "unknown_parameter": ("{name} n'est pas un paramètre.{hint}", "{name} is not a parameter.{hint}"),
    "not_a_number": (
        "{name} n'est pas un nombre seul : price essaie des nombres.",
        "{name} is not a single number: price tries numbers.",
    ),
    "no_policy": (
        "{verb} attend une politique, pas la référence.",
        "{verb} needs a policy, not the baseline.",
    ),
    "too_many_explained": (
        "--explain prend au plus {most} scénarios ; en voici {count}.",
        "--explain takes at most {most} scenarios; {count} given.",
    ),
    "no_match": ("aucun paramètre ne contient « {words} ».", "no parameter contains “{words}”."),
    "sound": ("{count} scénario(s) sans problème.", "{count} scenario(s) without a problem."),
    "to_mend": (
        "à corriger : python run.py scenarios check {name}",
        "to be mended: python run.py scenarios check {name}",
    ),
    "created": (
        "{path} est prêt. Modifiez-le, puis : python run.py scenarios check {name}",
        "{path} is ready. Edit it, then: python run.py scenarios check {name}",
    ),
    "same": ("Aucun paramètre ne diffère.", "No parameter differs."),
    "written": ("Écrit dans {path}", "Written in {path}"),
    "interrupted": (
        "Interrompu. Aucun dossier à moitié écrit. psa, tornado, sweep : la même commande reprend où elle en était.",
        "Interrupted. No half-written folder is left. psa, tornado, sweep: the same command goes on from there.",
    ),
    "machine": (
        "La machine a fait défaut : {what}. Aucun dossier à moitié écrit ; relancez la commande ensuite.",
        "The machine failed: {what}. No half-written folder is left; run the same command again afterwards.",
    ),
    "disk_full": ("le disque est plein", "the disk is full"),
    "no_memory": (
        "la mémoire manque (essayez --people plus petit ou --jobs 1)",
        "out of memory (try a smaller --people or --jobs 1)",
    ),
    "unwritten": (
        "  À écrire encore dans {name} : {keys}. Le fichier tourne, mais ces textes accompagnent chaque résultat.",
        "  Still to write in {name}: {keys}. The file runs, but these texts go with every result.",
    ),
    "as_written": ("tel qu'écrit, non traduit", "as written"),
    "grade.A": ("A (essai)", "A (trial)"),
    "grade.B": ("B (observation)", "B (observational)"),
    "grade.C": ("C (analogie ou expert)", "C (analogy or expert)"),
    "grade.D": ("D (hypothèse)", "D (assumption)"),
    "checked.yes": ("lu dans la source", "read in the source"),
    "checked.secondary": ("lu dans un autre texte qui la cite", "read in another text that quotes it"),
    "checked.memory": ("de mémoire, non relu", "from memory, not read again"),
    "checked.derived": ("calculé à partir de chiffres lus", "arithmetic on figures read"),
    "checked.assumption": ("hypothèse", "assumption"),
    "law.uniform": ("loi uniforme", "uniform"),
    "law.lognormal": ("loi log-normale", "lognormal"),
    "law.normal": ("loi normale", "normal"),
    "law.beta": ("loi bêta", "beta"),
    "law.gamma": ("loi gamma", "gamma"),
    "law.fixed": ("fixé", "fixed"),
    "spread.ci95": ("intervalle à 95 %", "95 % interval"),
    "spread.sd": ("écart-type", "standard deviation"),
    "range": ("intervalle", "range"),
    "to": ("à", "to"),
    "spread": ("incertitude", "spread"),
    "source": ("source", "source"),
    "grade": ("grade", "grade"),
    "checked": ("vérification", "checked"),
    "reviewed": ("revu le", "reviewed"),
    "evidence": ("preuve", "evidence"),
    "price_year": ("année des prix", "price year"),
    "group": ("tiré avec", "drawn with"),
    "free": ("libre", "free"),
    "free_text": ("peut être déplacé par le calage", "calibration may move it"),
    "file": ("fichier", "file"),
    "note": ("note", "note"),
    "value": ("valeur", "value"),
    "unit": ("unité", "unit"),
    "assumption": ("hypothèse, non mesurée", "an assumption, not a measurement"),
    "default": ("Options :", "Options:"),
    "stage.people": ("Population de départ", "Initial population"),
    "stage.run": ("Vies simulées", "Simulated lives"),
    "stage.branches": ("Vies qui s’écartent", "Lives that part"),
    "stage.explore": ("Effets explorés", "Explored effects"),
    "stage.lives": ("Vies, avant et après", "Lives, before and after"),
    "stage.variants": ("Variantes", "Variants"),
    "stage.compile": ("Compilation", "Compilation"),
    "stage.tables": ("Tableaux", "Tables"),
    "stage.charts": ("Figures", "Charts"),
    "stage.draws": ("Tirages", "Draws"),
    "stage.one_way": ("Une entrée à la fois", "One input at a time"),
    "stage.sweep": ("Balayage", "Sweep"),
    "power_of_two": ("une puissance de deux", "a power of two"),
    "stage.information": ("Valeur de l'information", "Value of information"),
    "only_with_reading": ("{option} va avec --reading.", "{option} goes with --reading."),
    "fitted": (
        "Lecture {reading} : {fit_targets_inside} cibles de calage sur {fit_targets} dans leur intervalle ; {draws} "
        "tirages passés dans le modèle, taille effective {effective_size} ({effective_size_of_single_runs} si chaque "
        "passage pesait par sa seule vraisemblance, hasard compris).\nLes cibles parlent à peine de : "
        "{silent}.",
        "Reading {reading}: {fit_targets_inside} of {fit_targets} fit targets within their interval; {draws} draws run "
        "on the model, effective size {effective_size} ({effective_size_of_single_runs} if each run weighed by its "
        "own likelihood, luck included).\nThe targets hardly speak of: {silent}.",
    ),
    "stage.design": ("Passages sur les lois a priori", "Runs over the priors"),
    "stage.refine": ("Passages près de la solution", "Runs near the solution"),
    "stage.accepted": ("Tirages repassés dans le modèle", "Draws run on the model"),
    "stage.truth": ("Paramètres connus", "Known parameters"),
    "stage.ranks": ("Rangs des valeurs connues", "Ranks of known values"),
    "stage.solve": ("Calage", "Calibration"),
    "stage.targets": ("Petites études simulées", "Small simulated studies"),
    "stage.verification": ("Vérification du programme", "Verification of the program"),
}


def answer(key: str, lang: str, **values: object) -> str:
    """Return what the front door says, in `lang`."""
    french, english = _ANSWERS[key]
    return typeset((french if lang == "fr" else english).format(**values), lang)


def stage_name(stage: str, lang: str) -> str:
    """Return the name of a stage of a progress bar ("run: gp_training"); an unknown one as it is."""
    name, _, detail = stage.partition(":")
    known = answer(f"stage.{name}", lang) if f"stage.{name}" in _ANSWERS else name
    return f"{known} ({detail.strip()})" if detail else known


def page(verb: str, options: tuple[str, ...], lang: str) -> str:
    """Return the help of a verb ("" for the whole program) followed by its options."""
    text = typeset(_PAGES[verb][lang == "en"], "en")
    lines = []
    for option in options:
        value, french, english = OPTIONS[option]
        lines.append(f"  {f'{option} {value}'.rstrip():<24}{french if lang == 'fr' else english}")
    listed = "\n".join([answer("default", lang), *lines]) + "\n" if lines else ""
    return text + ("\n" + listed if listed else "")
