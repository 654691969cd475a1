"""Whom we believe when another system shows a certificate."""

import ssl

import certifi


def client_context() -> ssl.SSLContext:
    """The system's authorities and Mozilla's; ``SSL_CERT_FILE`` adds. Names are checked too."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
