"""The words of the file that people take along, in English and French.

The pages have their own catalogue; this file is made where no page is.
"""

FRENCH: dict[str, str] = {
    "What we hold about you": "Ce que nous conservons sur vous",
    "Made on": "Établi le",
    "This file is whole: nothing about you is left out but what belongs to other people.": (
        "Ce fichier est complet : seul ce qui concerne d’autres personnes n’y figure pas."
    ),
    "You": "Vous",
    "Name": "Nom",
    "Other names on file": "Autres noms au dossier",
    "Birth date": "Date de naissance",
    "Phone": "Téléphone",
    "E-mail": "E-mail",
    "Language": "Langue",
    "Loyalty number": "Numéro de fidélité",
    "Tags": "Étiquettes",
    "Notes of the staff": "Notes du personnel",
    "Home venue": "Établissement habituel",
    "On file since": "Au dossier depuis",
    "Use restricted since": "Utilisation limitée depuis",
    "Objects to statistics since": "Opposition aux statistiques depuis",
    "Objects to offers since": "Opposition aux offres depuis",
    "Consents": "Consentements",
    "Purpose": "Finalité",
    "Venue": "Établissement",
    "Every venue": "Tous les établissements",
    "The whole chain": "Toute la chaîne",
    "Given": "Donné le",
    "Withdrawn": "Retiré le",
    "Your face": "Votre visage",
    "A list of numbers made from each picture is compared with photos at the door. From the "
    "numbers nobody can read anything but likeness.": (
        "Une suite de nombres tirée de chaque image est comparée aux photos prises à l’entrée. "
        "Ces nombres ne disent rien d’autre que la ressemblance."
    ),
    "Added": "Ajouté le",
    "Compared": "Comparé",
    "yes": "oui",
    "no": "non",
    "Picture": "Image",
    "Photos you were seen in": "Photos où vous avez été vu",
    "Taken": "Prise le",
    "Is removed": "Supprimée le",
    "Visits": "Visites",
    "Night": "Nuit",
    "Came": "Arrivée",
    "Left": "Départ",
    "Known by": "Connue par",
    "Purchases": "Achats",
    "What": "Quoi",
    "Amount": "Montant",
    "Voided": "Annulé",
    "Offers": "Offres",
    "Redeemed": "Utilisée le",
    "Taken back": "Retirée le",
    "Made for": "Faite pour",
    "guests who come often": "les clients qui viennent souvent",
    "guests who came again": "les clients revenus",
    "guests who came once": "les clients venus une fois",
    "guests who stayed away for long": "les clients absents depuis longtemps",
    "guests who had not come yet": "les clients pas encore venus",
    "you alone": "vous seul",
    "Incidents": "Incidents",
    "The written account may speak of other people: ask for it, and you get it without them.": (
        "Le récit peut parler d’autres personnes : demandez-le, il vous sera remis sans elles."
    ),
    "Severity": "Gravité",
    "Your part": "Votre rôle",
    "State": "État",
    "Watchlist": "Liste de surveillance",
    "From": "Du",
    "Until": "Au",
    "Lifted": "Levée le",
    "Proposals to keep you out": "Propositions de vous refuser l’entrée",
    "Points": "Points",
    "Proposed by": "Proposé par",
    "Appeals": "Recours",
    "You said": "Vous avez dit",
    "Outcome": "Issue",
    "Your requests": "Vos demandes",
    "Asked": "Demandé",
    "Received": "Reçue le",
    "Answer by": "Réponse avant le",
    "Words": "Texte",
    "When your data were used": "Quand vos données ont été utilisées",
    "When": "Quand",
    "None.": "Rien.",
    "When it goes": "Quand cela disparaît",
    "Kept, in days": "Gardé, en jours",
    "The first goes": "Le premier part le",
    "Your whole file": "Tout votre dossier",
    "Signatures and scans of your consents": "Signatures et scans de vos consentements",
    "Incidents that were dismissed": "Incidents écartés",
    "Coming again or agreeing again moves the day of your face and of your file. You need not wait "
    "for it: ask to have everything erased at any time.": (
        "Revenir ou redonner votre accord repousse le jour pour votre visage et votre dossier. "
        "Vous n’avez pas à l’attendre : demandez à tout moment que tout soit effacé."
    ),
    "A part may be needed for a claim, and is kept until": (
        "Une partie peut servir à un litige, et est gardée jusqu’au"
    ),
    # values
    "recognition": "reconnaissance",
    "offers": "offres",
    "statistics": "statistiques",
    "sharing": "partage entre établissements",
    "face": "visage",
    "hand": "saisie",
    "ticket": "billet",
    "import": "reprise",
    "actor": "auteur",
    "victim": "victime",
    "witness": "témoin",
    "reported": "signalé",
    "verified": "vérifié",
    "dismissed": "écarté",
    "closed": "clos",
    "open": "ouvert",
    "approved": "approuvé",
    "rejected": "rejeté",
    "expired": "expiré",
    "withdrawn": "retiré",
    "algorithm": "le programme",
    "person": "une personne",
    "upheld": "maintenu",
    "shortened": "raccourci",
    "lifted": "levé",
    "answered": "accordée",
    "refused": "refusée",
    "taken_back": "retirée",
    "access": "accès",
    "rectification": "rectification",
    "erasure": "effacement",
    "restriction": "limitation",
    "portability": "portabilité",
    "objection": "opposition",
    "violence": "violence",
    "harassment": "harcèlement",
    "theft": "vol",
    "damage": "dégradation",
    "drugs": "stupéfiants",
    "over_consumption": "excès d’alcool",
    "weapon": "arme",
    "discrimination": "discrimination",
    "fraud": "fraude",
    "other": "autre",
}
LANGUAGES = ("en", "fr")


def in_language(words: str, language: str) -> str:
    """English where there is no French: what people wrote, and codes of the log."""
    return FRENCH.get(words, words) if language == "fr" else words


def language_for(tag: str | None) -> str:
    """Of a customer's language tag: French for any French, English for everything else."""
    return "fr" if (tag or "").lower().split("-")[0] == "fr" else "en"
