"""Counters are numbers in an array, or in a file that outlives the process that counts in it."""

from array import array
from pathlib import Path

from prometheus_client import CollectorRegistry

from server.counts import Counts, OwnNumbers
from server.workers.metrics import WorkerMetrics
from server.workers.numbers import SharedNumbers

NAME, TEXT = "makegood_of_test", "Of this test."


def counter(numbers: OwnNumbers | SharedNumbers) -> Counts:
    return Counts(numbers, NAME, TEXT, ("what",), CollectorRegistry())


def told(directory: Path) -> dict[str, float]:
    """What the parent of workers tells of it."""
    registry = CollectorRegistry()
    WorkerMetrics(registry, directory, configured=1)
    samples = [sample for family in registry.collect() for sample in family.samples]
    return {sample.labels["what"]: sample.value for sample in samples if sample.name == f"{NAME}_total"}


def test_a_series_has_one_place_however_often_it_is_asked_for() -> None:
    numbers = OwnNumbers()
    counts = counter(numbers)
    assert counts.place(("a",)) != counts.place(("b",))
    assert counts.place(("a",)) == counts.place(("a",))
    numbers.values[counts.place(("a",))] += 3
    (family,) = counts.collect()
    values = {sample.labels["what"]: sample.value for sample in family.samples if sample.name.endswith("_total")}
    assert values == {"a": 3, "b": 0}


def test_what_all_workers_counted_is_told_added_up(tmp_path: Path) -> None:
    for worker in range(3):
        numbers = SharedNumbers(tmp_path, worker)
        numbers.values[counter(numbers).place(("a",))] += 2**40 + worker
    assert told(tmp_path) == {"a": 3 * 2**40 + 3}


def test_a_file_that_a_worker_is_about_to_begin_and_one_that_is_gone_keep_nobody_from_being_told(tmp_path: Path) -> None:
    """A scrape in that moment was answered with 500."""
    numbers = SharedNumbers(tmp_path, 0)
    numbers.values[counter(numbers).place(("a",))] += 1
    (tmp_path / "histogram_1.db").touch()
    (tmp_path / "gauge_livesum_2.db").symlink_to("nowhere.db")
    assert told(tmp_path) == {"a": 1}


def test_who_takes_the_place_of_a_dead_worker_counts_on_from_there(tmp_path: Path) -> None:
    """Nothing is written when a worker ends: what was counted is in the file as it is counted."""
    first = SharedNumbers(tmp_path, 0)
    first.values[counter(first).place(("a",))] += 5
    second = SharedNumbers(tmp_path, 0)
    counts = counter(second)
    second.values[counts.place(("b",))] += 1
    second.values[counts.place(("a",))] += 1
    assert told(tmp_path) == {"a": 6, "b": 1}


def test_a_file_that_grows_keeps_what_was_counted_and_where(tmp_path: Path) -> None:
    numbers = SharedNumbers(tmp_path, 0)
    counts = counter(numbers)
    before, place = numbers.values, counts.place(("first",))
    size = (tmp_path / "counter_0-plain.db").stat().st_size
    for number in range(3_000):
        at = counts.place((f"{number}-ä",))
        numbers.values[at] += number
    assert (tmp_path / "counter_0-plain.db").stat().st_size > size
    before[place] += 7  # by whoever still has what was there before
    assert numbers.values[place] == 7
    assert told(tmp_path) == {"first": 7} | {f"{number}-ä": number for number in range(3_000)}


def test_compiled_code_can_add_to_the_numbers_as_they_lie_in_memory(tmp_path: Path) -> None:
    for numbers in (OwnNumbers(), SharedNumbers(tmp_path, 0)):
        counter(numbers).place(("a",))
        lying = memoryview(numbers.values)  # type: ignore[arg-type]
        assert (lying.format, lying.itemsize, lying.readonly) == ("d", array("d").itemsize, False)
        lying.release()
