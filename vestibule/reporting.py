"""How work that takes long tells how far it is."""

from collections.abc import Callable

Report = Callable[[str, str], None]
"""Receives what is done and with what: of models waiting, fetching, converting, installed; of an
index filling."""
