"""docs/privacy/retention.md says what the code does."""

from services.retention_table import DOCUMENT, written


def test_document_is_up_to_date():
    text = DOCUMENT.read_text()
    assert written(text) == text, "run: make privacy-docs"
