"""Names are taken out of what others wrote, and other people's names are not."""

import pytest

from vestibule.domain.names_in_words import NamesToHide


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("Zoé Le Bœuf hit the barman.", "[…] hit the barman."),
        ("ZOE LE BOEUF hit him; zoé le bœuf fled.", "[…] hit him; […] fled."),
        ("Zoe fled with Mrs Boeuf's bag.", "[…] fled with Mrs […]'s bag."),
        ("Le barman a vu le boeuf au menu.", "Le barman a vu le boeuf au menu."),
        ("Zoétrope, Boeufs.", "Zoétrope, Boeufs."),
        ("", ""),
    ],
)
def test_name_goes_whole_and_in_parts_however_it_is_spelt(words, left):
    assert NamesToHide(("Zoé Le Bœuf",)).out_of(words) == left


def test_part_that_somebody_else_bears_stays():
    hidden = NamesToHide(("Jean Dupont",), others=("Jean Martin",))
    assert hidden.out_of("Jean Dupont pushed Jean.") == "[…] pushed Jean."
    assert hidden.out_of("Dupont shouted.") == "[…] shouted."


def test_one_word_name_is_not_taken_for_a_common_word():
    assert NamesToHide(("Grace",)).out_of("Grace said it by grace.") == "[…] said it by grace."


def test_name_in_a_script_without_gaps_goes():
    assert NamesToHide(("王小明",)).out_of("昨晚王小明打人。") == "昨晚[…]打人。"
    assert NamesToHide(("Ada-Li O’Neil",)).out_of("Ada-Li O'Neil left.") == "[…] left."


def test_nothing_is_done_without_a_name():
    assert NamesToHide().out_of("Zoé was here.") == "Zoé was here."
