"""Search by anything that somebody types of a customer, also with a slip."""

from uuid import uuid4

import pytest


@pytest.fixture
def found(api):
    def search(query, **more):
        page = api.get("/v1/customers", params={"query": query, **more}).json()
        return [c["name"] for c in page["items"]], [c["name"] for c in page["alike"]]

    return search


@pytest.fixture
def somebody(api):
    def make(name, **fields):
        return api.post("/v1/customers", json={"name": name, **fields}).json()

    return make


def _word() -> str:
    """Letters alone, unlike any other's."""
    return "".join(chr(ord("a") + int(c, 16)) for c in uuid4().hex[:10])


@pytest.mark.parametrize(
    "typed",
    ["06 98 76 54 32", "+33 6 98 76 54 32", "698765432", "find.me@", "card-77", "CARD-77 Éléa"],
)
def test_phone_mail_and_loyalty_number_find_their_owner(found, somebody, typed):
    name = "Eléa Searched-For"
    if name not in found("card-77-searched")[0]:
        somebody(
            name,
            phone="06 98 76 54 32",
            email="find.me@example.org",
            reference="card-77-searched",
        )
    assert name in found(typed)[0]


def test_slips_find_who_is_written_alike(found, somebody):
    word = _word()
    name = somebody(f"Zoé {word.capitalize()}")["name"]
    slips = {
        "missing": word[:4] + word[5:],
        "doubled": word[:4] + word[3:],
        "exchanged": word[:3] + word[4] + word[3] + word[5:],
        "wrong": word[:8] + "z" + word[9:],
    }
    for slip in slips.values():
        exact, alike = found(slip)
        assert name in exact + alike, slips


def test_slip_in_an_address_finds_its_owner_and_not_all_who_are_at_the_same_place(found, somebody):
    word, place = _word(), f"{_word()}.example"
    name = somebody("Owner Of It", email=f"{word}@{place}")["name"]
    somebody("Neighbour There", email=f"{_word()[::-1]}x@{place}")

    assert found(f"{word[:4]}{word[5:]}@{place}") == ([], [name])


def test_who_is_written_so_comes_before_who_holds_it_somewhere(found, somebody):
    word = _word()
    inside, begins, whole = (
        somebody(name)["name"] for name in (f"A x{word}", f"Bo {word}", f"{word} Zo")
    )

    assert found(word)[0] == [whole.strip(), begins, inside]


def test_ranked_pages_hold_everybody_once(api, somebody):
    word = _word()
    made = [
        somebody(f"{first} {word} {n}")["id"] for n in range(4) for first in ("Ann", f"x{word}")
    ]
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get("/v1/customers", params={"query": word, "limit": 3, "cursor": cursor}).json()
        seen += [c["id"] for c in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(made)


def test_tag_narrows_the_list(found, somebody):
    tag = _word()
    name = somebody("Tagged Somebody", tags=[tag])["name"]
    assert found("", tag=tag)[0] == [name]


@pytest.mark.parametrize(
    "query", ["%", "_", "\\", "'", "a" * 200, "ab " * 60, "٣٤", "🎤", "(", "*"]
)
def test_nothing_typed_is_a_fault(api, query):
    assert api.get("/v1/customers", params={"query": query}).status_code == 200
