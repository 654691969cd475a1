"""The pages: Jinja2 and HTMX over the public API, with no database and no models."""
