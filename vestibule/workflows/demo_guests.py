"""Who the guests of the demo are. Names of nobody, but for three public portraits."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DemoGuest:
    """``nights_ago`` are the visits that the guest's file starts with; 0 is tonight."""

    name: str
    notes: str
    nights_ago: tuple[int, ...]
    birth_date: date | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()


REGULARS = (
    DemoGuest("Barack Obama", "Prefers the terrace.", (3, 10, 24), tags=("terrace",)),
    DemoGuest("Joe Biden", "Comes with friends, table 4.", (9,), language="en"),
    DemoGuest(
        "Eileen Collins",
        "Free cloakroom until the end of the month.",
        (1, 2, 8, 15, 22),
        language="en",
        tags=("regular",),
    ),
    DemoGuest(
        "Zoé Lefèvre",
        "Without face: shows her card at the door.",
        (2, 16),
        date(1994, 4, 17),
        "fr",
        ("card",),
    ),
    DemoGuest("Jean-Baptiste N’Guessan", "Without face.", (30,), date(1988, 9, 2), "fr"),
    DemoGuest(
        "ليلى حداد", "Without face. Birthday table in December.", (5,), date(1997, 12, 12), "ar"
    ),
)
IN_INCIDENTS = (
    DemoGuest("Marius Delcourt", "", (0, 5, 12, 19, 26), date(1995, 2, 3), "fr"),
    DemoGuest("Nadia Ferhat", "", (0, 9, 16), date(1991, 7, 21), "fr", ("regular",)),
    DemoGuest("Livia Marchetti", "Likes a quiet table.", (0, 3, 7, 21), date(1999, 11, 8), "fr"),
    DemoGuest("Viktor Lindqvist", "", (1, 8), date(1986, 5, 30), "en"),
)
ON_THE_WATCHLIST = (
    DemoGuest("Bruno Castel", "", (2, 19, 33), date(1990, 1, 14), "fr"),
    DemoGuest("Tom Keller", "", (12, 40), date(1993, 8, 6), "en"),
    DemoGuest("Yanis Moreau", "", (3, 12, 27), date(1998, 3, 25), "fr"),
    DemoGuest("Igor Savin", "", (3, 17), date(1984, 10, 11), "en"),
    DemoGuest("Hugo Brandt", "", (0, 2, 19), date(1996, 6, 1), "fr", ("regular",)),
    DemoGuest("Paul Ricci", "", (0, 3, 12, 14), date(1989, 12, 19), "fr"),
)
GUESTS = REGULARS + IN_INCIDENTS + ON_THE_WATCHLIST
