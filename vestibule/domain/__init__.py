"""Pure Python and numpy: no I/O, no clock, no drivers."""
