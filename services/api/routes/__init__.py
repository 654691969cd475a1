"""One subject a file; the table of all of them is docs/api.md."""
