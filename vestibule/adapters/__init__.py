"""One outside system a file; only wiring imports from here."""
