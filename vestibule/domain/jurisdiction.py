"""What the law of a country lets a venue do: which purpose on which basis, from what age, how long.

Each rule names where it comes from and of what weight that is. LAW binds. GUIDANCE is what the
authority recommends: one may depart from it with reasons, and the profile does not. POLICY is this
product's own caution where law sets no number; it is no law, and says so. None of it replaces
counsel: see docs/privacy/consent.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """What a guest is asked apart from the rest (GDPR recital 43: consent is granular)."""

    RECOGNITION = "recognition"
    """To be found by their face in a photo, at the venue that asked."""
    OFFERS = "offers"
    STATISTICS = "statistics"
    SHARING = "sharing"
    """That the other venues of the chain may do what was agreed to at one."""


class Basis(StrEnum):
    EXPLICIT_CONSENT = "explicit-consent"
    LEGITIMATE_INTEREST = "legitimate-interest"
    LEGAL_PROVISION = "legal-provision"
    """A text of law that allows it, named and approved; see ``legal_provision``."""


class Weight(StrEnum):
    LAW = "law"
    GUIDANCE = "guidance"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Maximum:
    """So long at most; ``counted_from`` says from when, in words. ``source`` is what sets it, in
    English and in French: pages and documents show these very words."""

    length: timedelta
    counted_from: str
    weight: Weight
    source: str
    source_fr: str


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The rules of one country as this product applies them."""

    code: str
    name: str
    bases: Mapping[Purpose, frozenset[Basis]]
    """On what each purpose may rest."""
    watchlist_by_face: frozenset[Basis]
    """On what a face may be compared with those of the watchlist; others are on it by name only."""
    minimum_age: int
    """In years; a venue may ask for more, never for less."""
    consent_validity: Maximum
    """A notice may set less. After that the consent counts no more and is asked for again."""
    reminder_before: timedelta
    provision_validity: Maximum
    """Longer than that nobody approves a legal provision at once."""
    retention: Mapping[str, Maximum] = field(default_factory=dict)

    def allows(self, purpose: Purpose, basis: Basis) -> bool:
        return basis in self.bases[purpose]


_DAY = timedelta(days=1)
_YEAR = 365 * _DAY
STORAGE_LIMITATION = (
    "GDPR art. 5(1)(e): no longer than needed; the number is this product's.",
    "RGPD, art. 5(1)(e)\u00a0: pas plus longtemps que nécessaire\u00a0; le nombre est celui de ce "
    "produit.",
)
_COMMERCIAL = (
    "CNIL, délibération n° 2021-131 du 23 septembre 2021 (référentiel « gestion des activités "
    "commerciales »): three years after the last contact.",
    "CNIL, délibération n°\u00a02021-131 du 23 septembre 2021 (référentiel «\u00a0gestion des "
    "activités commerciales\u00a0»)\u00a0: trois ans après le dernier contact.",
)
_LIMITATION = (
    "Code civil, art. 2224: personal actions are barred after five years.",
    "Code civil, art. 2224\u00a0: les actions personnelles se prescrivent par cinq ans.",
)

RETENTION_MAXIMA: Mapping[str, Maximum] = {
    "photo_upload": Maximum(
        30 * _DAY,
        "the upload",
        Weight.POLICY,
        "Code de la sécurité intérieure, art. L252-5, lets video surveillance keep pictures for a "
        "month at most. It does not govern photos taken by staff; the product takes it as a bound.",
        "Code de la sécurité intérieure, art. L252-5\u00a0: la vidéoprotection garde les images un "
        "mois au plus. Il ne régit pas les photos prises par le personnel\u00a0; le produit en "
        "fait sa limite.",
    ),
    "unmatched_crop": Maximum(_DAY, "the photo", Weight.POLICY, *STORAGE_LIMITATION),
    "face_hold": Maximum(_DAY, "the photo", Weight.POLICY, *STORAGE_LIMITATION),
    "template_inactive": Maximum(
        3 * _YEAR,
        "the last visit, or the consent where there was none since",
        Weight.GUIDANCE,
        _COMMERCIAL[0] + " It speaks of customers, not of biometric data, which deserves less.",
        _COMMERCIAL[1]
        + " Elle parle de clients, non de données biométriques, qui appellent moins.",
    ),
    "customer_inactive": Maximum(3 * _YEAR, "the last contact", Weight.GUIDANCE, *_COMMERCIAL),
    "visit": Maximum(3 * _YEAR, "the visit", Weight.GUIDANCE, *_COMMERCIAL),
    "offer": Maximum(3 * _YEAR, "the end of the offer", Weight.GUIDANCE, *_COMMERCIAL),
    "purchase": Maximum(
        10 * _YEAR,
        "the purchase",
        Weight.LAW,
        "Code de commerce, art. L123-22: accounting documents are kept for ten years. That binds "
        "the accounts, which need no name of a guest; keep the link to a person for less.",
        "Code de commerce, art. L123-22\u00a0: les pièces comptables se conservent dix ans. Cela "
        "oblige la comptabilité, qui se passe du nom du client\u00a0; gardez moins longtemps le "
        "lien avec une personne.",
    ),
    "incident": Maximum(
        6 * _YEAR,
        "the incident",
        Weight.POLICY,
        "Code de procédure pénale, art. 8: offences (délits) are barred after six years; who is a "
        "victim may keep what an action needs (loi n° 78-17, art. 46). The bound is the product's.",
        "Code de procédure pénale, art. 8\u00a0: les délits se prescrivent par six ans\u00a0; une "
        "victime peut garder ce qu’il faut pour agir (loi n°\u00a078-17, art. 46). La limite est "
        "celle du produit.",
    ),
    "watchlist_entry": Maximum(
        3 * _YEAR, "the end of the entry", Weight.POLICY, *STORAGE_LIMITATION
    ),
    "appeal": Maximum(5 * _YEAR, "the decision", Weight.POLICY, *_LIMITATION),
    "consent_proof": Maximum(
        5 * _YEAR,
        "the end of the consent",
        Weight.POLICY,
        "GDPR art. 7(1): the venue must be able to show that consent was given. " + _LIMITATION[0],
        "RGPD, art. 7(1)\u00a0: l’établissement doit pouvoir montrer que l’accord a été donné. "
        + _LIMITATION[1],
    ),
    "data_request": Maximum(
        5 * _YEAR,
        "the answer",
        Weight.POLICY,
        "GDPR art. 5(2) and 12(3): the venue must be able to show that it answered in time. "
        + _LIMITATION[0],
        "RGPD, art. 5(2) et 12(3)\u00a0: l’établissement doit pouvoir montrer qu’il a répondu à "
        "temps. " + _LIMITATION[1],
    ),
    "audit": Maximum(
        3 * _YEAR,
        "the entry",
        Weight.GUIDANCE,
        "CNIL, délibération n° 2021-122 du 14 octobre 2021 (journalisation): six months to a year, "
        "up to three years where it serves to control what staff look at, and that is documented.",
        "CNIL, délibération n°\u00a02021-122 du 14 octobre 2021 (journalisation)\u00a0: de six "
        "mois à un an, jusqu’à trois ans si cela sert à contrôler ce que le personnel consulte et "
        "que c’est documenté.",
    ),
    "log": Maximum(
        _YEAR,
        "the line",
        Weight.GUIDANCE,
        "CNIL, délibération n° 2021-122 du 14 octobre 2021 (journalisation): six months to a year.",
        "CNIL, délibération n°\u00a02021-122 du 14 octobre 2021 (journalisation)\u00a0: de six "
        "mois à un an.",
    ),
    "export": Maximum(30 * _DAY, "the export", Weight.POLICY, *STORAGE_LIMITATION),
    "backup": Maximum(90 * _DAY, "the backup", Weight.POLICY, *STORAGE_LIMITATION),
}
"""How long each kind of thing may be kept under the French profile; a venue may set less.

Sources: Règlement (UE) 2016/679 (GDPR); loi n° 78-17 du 6 janvier 1978 (Informatique et Libertés);
the codes and deliberations of the CNIL named at each. A five-year bound is the civil limitation of
Code civil art. 2224, a six-year one the criminal limitation of Code de procédure pénale art. 8.
"""

FRANCE = Jurisdiction(
    code="FR",
    name="France",
    bases={
        Purpose.RECOGNITION: frozenset({Basis.EXPLICIT_CONSENT}),
        Purpose.OFFERS: frozenset({Basis.EXPLICIT_CONSENT}),
        Purpose.STATISTICS: frozenset({Basis.EXPLICIT_CONSENT, Basis.LEGITIMATE_INTEREST}),
        Purpose.SHARING: frozenset({Basis.EXPLICIT_CONSENT}),
    },
    watchlist_by_face=frozenset({Basis.EXPLICIT_CONSENT, Basis.LEGAL_PROVISION}),
    minimum_age=18,
    consent_validity=Maximum(
        2 * _YEAR,
        "the consent",
        Weight.POLICY,
        "No law sets how long consent lasts; EDPB, Guidelines 05/2020, points 110 and 111, advise "
        "to renew it at appropriate intervals. Two years are this product's.",
        "Aucun texte ne fixe la durée d’un accord\u00a0; le CEPD, lignes directrices 05/2020, "
        "points 110 et 111, conseille de le renouveler. Les deux ans sont ceux de ce produit.",
    ),
    reminder_before=60 * _DAY,
    provision_validity=Maximum(
        _YEAR,
        "the approval",
        Weight.POLICY,
        "GDPR art. 9(2)(g) and art. 35(11): whether it is still proportionate is looked at again. "
        "A year is this product's.",
        "RGPD, art. 9(2)(g) et 35(11)\u00a0: on réexamine si c’est toujours proportionné. L’année "
        "est celle de ce produit.",
    ),
    retention=RETENTION_MAXIMA,
)
"""The default.

- Recognition and sharing treat biometric data to tell who somebody is: forbidden by GDPR art. 9(1)
  and loi n° 78-17 art. 6, but for explicit consent (GDPR art. 9(2)(a); loi art. 44) or a law that
  allows it for a substantial public interest (GDPR art. 9(2)(g)). A venue's own interest is no
  basis for them.
- Offers: consent to messages is law (Code des postes et des communications électroniques,
  art. L34-5); asking for offers at the till as well is this product's policy.
- Statistics may rest on consent, or on a legitimate interest (GDPR art. 6(1)(f)) that a guest may
  object to (art. 21).
- ``minimum_age`` 18 is policy: majority (Code civil, art. 414). GDPR art. 8 and loi n° 78-17
  art. 45 (fifteen years) are about online services and no leave to take the face of a minor.
- The watchlist by face: we know no French text that lets a nightclub compare faces without
  consent. A provision has to be named, with its words, and approved by the data protection officer.
"""

PROFILES: Mapping[str, Jurisdiction] = {FRANCE.code: FRANCE}
