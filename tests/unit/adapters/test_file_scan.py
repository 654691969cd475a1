"""No trace in a file is missed, wherever it lies; what is laid out and empty is passed over."""

import pytest

from vestibule.adapters.file_scan import _BLOCK, scan

BLOCK = len(_BLOCK)
PRINT = b"\0\x01print of somebody\0"
PLACES = (0, 1, BLOCK - 1, BLOCK - len(PRINT), BLOCK - 5, BLOCK, 3 * BLOCK - 2, 5 * BLOCK + 7)


@pytest.mark.parametrize("at", PLACES)
def test_print_is_found_wherever_it_lies_between_zeros(tmp_path, at):
    content = bytearray(6 * BLOCK)
    content[at : at + len(PRINT)] = PRINT
    (tmp_path / "page.dat").write_bytes(content)
    found = scan(tmp_path, [b"somebody else", PRINT])
    assert (found.files, found.hits) == (1, 1)


def test_every_print_of_several_files_counts(tmp_path):
    full = bytearray(b"\x07" * (3 * BLOCK))
    for at in (10, 2 * BLOCK - 4):
        full[at : at + len(PRINT)] = PRINT
    (tmp_path / "full.dat").write_bytes(full)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "short.dat").write_bytes(PRINT)
    assert scan(tmp_path, [PRINT]).hits == 3


def test_print_of_zeros_is_looked_for_among_zeros(tmp_path):
    (tmp_path / "page.dat").write_bytes(b"\x07" + bytes(2 * BLOCK) + b"\x07")
    assert scan(tmp_path, [bytes(2 * BLOCK)]).hits == 1
