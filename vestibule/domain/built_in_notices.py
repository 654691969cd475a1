"""The notices that the product comes with. A text that guests agreed to is never changed here.

A test holds each to its digest: new words are a new version.
"""

from collections.abc import Mapping

from vestibule.domain.jurisdiction import Purpose
from vestibule.domain.notice import LONGEST_DAYS, Notice, NoticeText

_FIRST_EN = """\
If you agree, we keep a small picture of your face and a row of numbers computed from it. When \
you come again and a photo is taken at the door, Vestibule compares the faces in it with those \
numbers and shows our staff that it may be you. A person always decides; the machine never does.

- It is your choice. You come in just the same if you say no.
- We use it for one thing: to recognise you as a guest of this venue. It is not sold, not shared \
and not used for anything else.
- It stays on this venue’s own system. No other company receives your face.
- You may say stop at any time. From that moment no photo recognises you, and on request \
everything about you is deleted.
- You may ask to see what is on file about you and have it corrected, and you may complain to \
the data protection authority.

Ask any member of staff, tonight or later."""
_FIRST_FR = """\
Si vous êtes d’accord, nous gardons une petite image de votre visage et une suite de nombres \
calculée à partir d’elle. Quand vous revenez et qu’une photo est prise à l’entrée, Vestibule \
compare les visages qui y figurent à ces nombres et signale à notre équipe que c’est peut-être \
vous. C’est toujours une personne qui décide, jamais la machine.

- C’est votre choix. Vous entrez de la même façon si vous dites non.
- Cela ne sert qu’à une chose\u00a0: vous reconnaître comme client de cet établissement. Ce \
n’est ni vendu, ni partagé, ni utilisé autrement.
- Tout reste sur le système de l’établissement. Aucune autre entreprise ne reçoit votre visage.
- Vous pouvez dire stop à tout moment. Dès lors, aucune photo ne vous reconnaît, et sur demande \
tout ce qui vous concerne est supprimé.
- Vous pouvez demander à voir votre fiche et à la faire corriger, et vous pouvez saisir \
l’autorité de protection des données (en France, la CNIL).

Adressez-vous à un membre de l’équipe, ce soir ou plus tard."""
_SECOND_EN = """\
If you agree, we keep a small picture of your face and a row of numbers computed from it. When \
you come again and a photo is taken at the door, Vestibule compares the faces in it with those \
numbers and shows our staff that it may be you, or that a manager should be called if you are on \
the list of people who are kept out for a time. A person always decides; the machine never does.

- It is your choice, for each point apart. You come in just the same if you say no.
- What you agree to counts for two years at most. Then we ask again, or it ends.
- It is not sold. No other company receives your face; it stays on our own system.
- You may say stop at any time, to anybody on our staff or on your own phone, for one point or \
for all. From that moment no photo recognises you, and on request everything about you is \
deleted.
- You may ask to see what is on file about you, have it corrected, restrict it or take a copy, \
and you may complain to the data protection authority.

Ask any member of staff, tonight or later."""
_SECOND_FR = """\
Si vous êtes d’accord, nous gardons une petite image de votre visage et une suite de nombres \
calculée à partir d’elle. Quand vous revenez et qu’une photo est prise à l’entrée, Vestibule \
compare les visages qui y figurent à ces nombres et signale à notre équipe que c’est peut-être \
vous, ou qu’il faut appeler un responsable si vous êtes sur la liste des personnes refusées pour \
un temps. C’est toujours une personne qui décide, jamais la machine.

- C’est votre choix, point par point. Vous entrez de la même façon si vous dites non.
- Votre accord vaut deux ans au plus. Ensuite nous vous le redemandons, ou il prend fin.
- Rien n’est vendu. Aucune autre entreprise ne reçoit votre visage\u00a0: tout reste sur notre \
système.
- Vous pouvez dire stop à tout moment, à toute personne de l’équipe ou sur votre téléphone, pour \
un point ou pour tous. Dès lors, aucune photo ne vous reconnaît, et sur demande tout ce qui vous \
concerne est supprimé.
- Vous pouvez demander à voir votre fiche, à la faire corriger, à en limiter l’usage ou à en \
recevoir une copie, et vous pouvez saisir l’autorité de protection des données (en France, la \
CNIL).

Adressez-vous à un membre de l’équipe, ce soir ou plus tard."""
_PURPOSES_EN: Mapping[Purpose, str] = {
    Purpose.RECOGNITION: "I agree to be recognised by my face in photos taken at the door.",
    Purpose.OFFERS: "I agree that my visits and purchases are used to make me offers.",
    Purpose.STATISTICS: "I agree that my visits and purchases are counted in statistics.",
    Purpose.SHARING: "I agree that the other venues of the chain may do the same.",
}
_PURPOSES_FR: Mapping[Purpose, str] = {
    Purpose.RECOGNITION: "J’accepte d’être reconnu à mon visage sur les photos prises à l’entrée.",
    Purpose.OFFERS: "J’accepte que mes visites et achats servent à me proposer des offres.",
    Purpose.STATISTICS: "J’accepte que mes visites et achats soient comptés dans les statistiques.",
    Purpose.SHARING: "J’accepte que les autres établissements de la chaîne fassent de même.",
}

FIRST = Notice(
    version="2026-11",
    texts={
        "en": NoticeText(
            "Recognising you at the door: what you should know",
            _FIRST_EN,
            {Purpose.RECOGNITION: "The guest has seen this notice and agrees to be recognised."},
        ),
        "fr": NoticeText(
            "Vous reconnaître à l’entrée\u00a0: ce qu’il faut savoir",
            _FIRST_FR,
            {Purpose.RECOGNITION: "Le client a vu cette notice et accepte d’être reconnu."},
        ),
    },
    validity_days=LONGEST_DAYS,
)
"""Before purposes stood apart: recognition alone was asked for."""
SECOND = Notice(
    version="2026-12",
    texts={
        "en": NoticeText(
            "Recognising you at the door: what you should know", _SECOND_EN, _PURPOSES_EN
        ),
        "fr": NoticeText(
            "Vous reconnaître à l’entrée\u00a0: ce qu’il faut savoir", _SECOND_FR, _PURPOSES_FR
        ),
    },
    validity_days=LONGEST_DAYS,
)
BUILT_IN: Mapping[str, Notice] = {notice.version: notice for notice in (FIRST, SECOND)}
IN_FORCE_AT_FIRST = SECOND
"""Until the data protection officer publishes the venue's own."""
