"""The account's words: each sentence in both languages, with the same values, and each of them said somewhere."""

import re
from string import Formatter

import pytest

from clients.account.again import Found
from clients.account.delivery_telling import STATES
from clients.account.run_records import APPROVED, BEGUN, DROPPED, FINISHED, WAITS
from clients.account.tables import DELIVERED, REFUSED
from clients.account.words import CHINESE, ENGLISH, TEXTS, Words
from tests.clients.server_process import ROOT

SOURCES = "".join(path.read_text("utf-8") for path in (ROOT / "clients" / "account").glob("*.py") if path.name != "words.py")


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_say_the_same_values(name: str) -> None:
    english, chinese = ({field for _, field, _, _ in Formatter().parse(text) if field} for text in TEXTS[name])
    assert english == chinese


def test_each_sentence_is_said() -> None:
    made_up = {f"state {state}" for state in (BEGUN, WAITS, APPROVED, FINISHED, DROPPED)}
    made_up |= {f"again {found.value}" for found in Found} | {f"audit {outcome}" for outcome in (DELIVERED, REFUSED)}
    made_up |= {f"run {state}{back}" for state in STATES for back in ("", " back")}
    made_up |= {f"rows {name}" for name in re.findall(r'^        "([a-z ]+)": ', SOURCES, re.MULTILINE)}
    assert [name for name in TEXTS if f'"{name}"' not in SOURCES and name not in made_up] == []


def test_quantities_are_said_in_both_languages() -> None:
    english, chinese = Words(ENGLISH), Words(CHINESE)
    for kind, quantity, currency, shown in (
        ("DATA_BYTES", 330 * 2**20, "", ("330 MiB", "330 MiB")),
        ("VOICE_SECONDS", 4260, "", ("71 min", "71 分钟")),
        ("VALUE_ADDED_DAYS", 2, "", ("2 days", "2 天")),
        ("CREDIT", 500, "CNY", ("5.00 CNY", "5.00 CNY")),
        ("TOP_UP_BONUS", 1000, "", ("10 %", "10 %")),
    ):
        assert (english.quantity(kind, quantity, currency), chinese.quantity(kind, quantity, currency)) == shown
    assert (english.several(1, "row"), english.several(2, "row"), chinese.several(2, "row")) == ("1 row", "2 rows", "2 行")
