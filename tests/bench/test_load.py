"""What h2load says, and what is believed of it."""

import pytest

from bench.errors import NoFiguresError
from bench.load import framed, read_h2load, read_log
from bench.steady import percentile

OUTPUT = """\
starting benchmark...
progress: 100% done

finished in 2.59s, 1547.32 req/s, 521.35KB/s
requests: 4000 total, 4000 started, 4000 done, 4000 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 4000 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 1.32MB (1380097) total, 11.87KB (12150) headers (space savings 96.25%), 1.09MB (1148000) data
                     min         max         mean         sd        +/- sd
time for request:     2.60ms     33.80ms     10.29ms      2.54ms    75.50%
"""
ANSWER_BYTES = 282  # and five of framing, 4,000 times


def test_a_run_in_which_all_calls_were_answered_took_what_h2load_says() -> None:
    assert read_h2load(OUTPUT, 4000, ANSWER_BYTES) == 2.59


@pytest.mark.parametrize(("said", "seconds"), [("81.10ms", 0.0811), ("950us", 0.00095), ("1.5m", 90.0)])
def test_every_unit_of_time_is_read(said: str, seconds: float) -> None:
    assert read_h2load(OUTPUT.replace("2.59s", said), 4000, ANSWER_BYTES) == pytest.approx(seconds)


def test_an_error_that_looks_like_an_answer_is_found_by_its_missing_message() -> None:
    with pytest.raises(NoFiguresError, match="instead of 1148000"):
        read_h2load(OUTPUT.replace("(1148000) data", "(1147713) data"), 4000, ANSWER_BYTES)


def test_a_failed_call_spoils_the_run() -> None:
    with pytest.raises(NoFiguresError, match="3999 of 4000"):
        read_h2load(OUTPUT.replace("4000 succeeded", "3999 succeeded"), 4000, ANSWER_BYTES)


def test_times_of_calls_come_in_ascending_order() -> None:
    assert read_log("1700000000000000\t200\t950\n1700000000000100\t200\t310\n") == [310, 950]


@pytest.mark.parametrize(("percent", "value"), [(50, 500), (99, 990), (100, 1000)])
def test_a_percentile_is_the_least_number_that_so_many_do_not_exceed(percent: int, value: int) -> None:
    assert percentile(list(range(1, 1001)), percent) == value


def test_one_call_is_every_percentile() -> None:
    assert percentile([7], 50) == percentile([7], 99) == 7


def test_words_that_are_not_understood_are_shown() -> None:
    with pytest.raises(NoFiguresError, match="could not connect"):
        read_h2load("could not connect", 1, 1)


def test_a_message_is_framed_as_grpc_does() -> None:
    assert framed(b"abc") == b"\x00\x00\x00\x00\x03abc"
