"""Lists as spreadsheets write them, read whatever their encoding, and written without formulas."""

from datetime import date

import pytest

from vestibule.domain.customer_csv import MAX_CELL, NotCsvError, read_sheet, written

FRENCH = (
    "N° carte;Prénom;Nom;Date de naissance;Téléphone;E-mail\r\n"
    "1042;Zoé;Lefèvre;14/03/1996;06 12 34 56 78;z@example.org\r\n"
)


def fields(content: bytes):
    return [dict(row.fields) for row in read_sheet(content).rows()]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (FRENCH.encode("utf-8"), "utf-8"),
        (b"\xef\xbb\xbf" + FRENCH.encode(), "utf-8-sig"),
        (FRENCH.encode("windows-1252"), "windows-1252"),
        (FRENCH.encode("utf-16"), "utf-16"),
        (("sep=;\r\n" + FRENCH).encode(), "utf-8"),
        (FRENCH.replace(";", "\t").encode(), "utf-8"),
        (FRENCH.replace(";", ",").encode(), "utf-8"),
    ],
)
def test_list_is_read_whatever_the_encoding_and_the_separator(content, encoding):
    assert read_sheet(content).encoding == encoding
    assert fields(content) == [
        {
            "reference": "1042",
            "birth_date": date(1996, 3, 14),
            "phone": "06 12 34 56 78",
            "email": "z@example.org",
            "name": "Zoé Lefèvre",
        }
    ]


def test_cells_hold_separators_quotes_and_lines():
    content = b'name,notes\n"Ann ""A""","one, two\nthree"\n\n,\nBo,x\n'
    assert fields(content) == [
        {"name": 'Ann "A"', "notes": "one, two\nthree"},
        {"name": "Bo", "notes": "x"},
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\x00\x01\x02", "not_text"),
        (b"\xff\xfeA", "not_text"),
        (b"colour,size\nred,5\n", "no_name_column"),
        (b'name,notes\nAnn,"' + b"x" * 200_000 + b'"\n', "not_csv"),
    ],
)
def test_what_is_no_list_says_why(content, code):
    with pytest.raises(NotCsvError) as refused:
        list(read_sheet(content).rows())
    assert refused.value.code == code


def test_cells_that_cannot_be_read_are_problems_of_their_row():
    content = f"name,birth date,notes\nAnn,31/02/2000,{'x' * (MAX_CELL + 1)}\n".encode()
    [row] = read_sheet(content).rows()
    assert row.number == 2
    assert row.problems == {"birth_date": "not_a_date", "notes": "too_long"}


@pytest.mark.parametrize("name", ["=1+1", "+33612345678", "-2", "@SUM(A1)", "\t=1", "'=x"])
def test_export_is_no_formula_and_comes_back_as_it_was(name):
    row = dict.fromkeys(
        ("reference", "birth_date", "phone", "email", "language", "notes"), None
    ) | {"name": name, "tags": ["a", "b"]}
    text = "".join(written([row]))
    cell = text.splitlines()[1].split(",")[1].strip('"')
    assert not cell.startswith(("=", "+", "-", "@", "\t"))
    [again] = read_sheet(text.encode()).rows()
    assert again.fields["name"] == name
    assert again.fields["tags"] == ["a", "b"]
