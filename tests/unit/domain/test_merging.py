"""What one file takes over from another, and what goes back."""

from vestibule.domain.merging import restored, taken_over

EMPTY = {
    "birth_date": None,
    "phone": None,
    "phone_key": None,
    "email": None,
    "language": None,
    "reference": None,
    "notes": "",
    "tags": [],
}


def test_only_what_is_lacking_is_filled_in():
    kept = {**EMPTY, "email": "a@example.org", "notes": "Terrace.", "tags": ["VIP"]}
    merged = {
        **EMPTY,
        "email": "b@example.org",
        "language": "fr",
        "reference": "1042",
        "notes": "Nuts.",
        "tags": ["vip", "regular"],
    }
    assert taken_over(kept, merged) == {
        "language": "fr",
        "reference": "1042",
        "notes": "Terrace.\nNuts.",
        "tags": ["VIP", "regular"],
    }


def test_same_notes_are_not_doubled_and_a_phone_comes_with_its_key():
    kept = {**EMPTY, "notes": "Terrace. Nuts."}
    merged = {**EMPTY, "notes": "Nuts.", "phone": "+33612345678", "phone_key": "612345678"}
    assert taken_over(kept, merged) == {"phone": "+33612345678", "phone_key": "612345678"}


def test_what_was_changed_since_is_not_taken_back():
    before = {"language": None, "notes": "Terrace."}
    after = {"language": "fr", "notes": "Terrace.\nNuts."}
    now = {"language": "de", "notes": "Terrace.\nNuts."}
    assert restored(now, before=before, after=after) == {"notes": "Terrace."}
