"""Names as people type them, and as search compares them."""

import unicodedata

MAX_NAME_LENGTH = 200


def clean_name(name: str) -> str:
    """Trimmed, in NFC, without control characters (emoji and right-to-left text are names too).

    Directional overrides are control characters here: they could make one name look like another.
    """
    kept = "".join(
        " " if char in "\t\r\n" else char
        for char in unicodedata.normalize("NFC", name)
        if char in "\t\r\n"
        or char == "\u200d"
        or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(kept.split())


def named_by_folder(folder: str) -> tuple[str, str]:
    """Name and reference of the guest whose photos lie in a folder of that name.

    The same folder stands for the same guest, whichever way its photos come in.
    """
    return folder.replace("_", " "), clean_name(f"folder:{folder}")


_SAME_TO_SEARCH = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ`´′", "'"),
        **dict.fromkeys("‐‑‒–—", "-"),
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)
"""What a keyboard writes differently and Unicode does not take apart."""


def folded(text: str) -> str:
    """Without case and accents: 'Zoé LE BŒUF' and 'zoe le boeuf' compare as equal."""
    lowered = clean_name(text).casefold().translate(_SAME_TO_SEARCH)
    decomposed = unicodedata.normalize("NFKD", lowered)
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def clean_text(text: str) -> str:
    """Free text as it may be stored: NFC, without control characters but line breaks and tabs."""
    return "".join(
        char
        for char in unicodedata.normalize("NFC", text)
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")
    )
