"""One module a subject; each exports ``ROUTES``."""
