"""docs/watchlist.md shows the arithmetic that the code does."""

from services.watchlist_document import DOCUMENT, written


def test_document_is_up_to_date():
    text = DOCUMENT.read_text()
    assert written(text) == text, "run: make watchlist-document"
    assert "The lower sum counts: **" in text
