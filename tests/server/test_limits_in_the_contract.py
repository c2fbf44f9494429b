"""The limits that the contract states are those of the server."""

from pathlib import Path
from typing import Final

import pytest

from policy.calculator.checks import MAX_QUANTITY, MAX_TEXT_LENGTH
from server import limits, receives
from server.metadata import RECEIVES_KEY
from server.settings import Settings

PROTOS: Final = Path(__file__).parents[2] / "protos" / "makegood" / "v1"
CONTRACT: Final = " ".join(
    line.strip().removeprefix("//").strip()
    for line in (PROTOS / "compensation_service.proto").read_text("utf-8").splitlines()
    if line.startswith("//")
)  # fmt: skip
MEBIBYTE: Final = 2**20


@pytest.mark.parametrize(
    "stated",
    [
        f"any list or map, at whatever depth: {limits.LIST_ITEMS:,} elements",
        f"all lists of a question or of defaults: {limits.QUESTION_ELEMENTS:,}",
        f"of a message: {limits.MESSAGE_ELEMENTS:,}",
        f"outages of a question, and days that they cover, together: {limits.QUESTION_STEPS:,}",
        f"of all rows of a message, defaults filled in: {limits.MESSAGE_STEPS:,}",
        f"defaults, as if they stood in each row: {limits.SHARED_BYTES // MEBIBYTE} MiB",
        f"a text: {MAX_TEXT_LENGTH} characters; a quantity: 2^{MAX_QUANTITY.bit_length() - 1}",
        f"as the server is set up, {Settings().max_batch_rows:,} and {Settings().max_message_bytes // MEBIBYTE} MiB",
        f"an answer: {receives.DEFAULT_BYTES // MEBIBYTE} MiB",
        f"{RECEIVES_KEY}: BYTES, up to {receives.MOST_BYTES // MEBIBYTE} MiB",
        f"Of a question of more than {limits.SMALL_BYTES // 1024} KiB",
    ],
)
def test_a_limit_stands_in_the_contract_as_it_is_held(stated: str) -> None:
    assert stated in CONTRACT


def test_quantities_stop_at_a_power_of_two() -> None:
    """So that the exponent in the contract is the limit itself."""
    assert MAX_QUANTITY.bit_count() == 1


@pytest.mark.parametrize("proto", sorted(PROTOS.glob("*.proto")), ids=lambda path: path.name)
def test_every_file_says_where_its_go_and_java_code_goes(proto: Path) -> None:
    lines = proto.read_text("utf-8").splitlines()
    assert 'option go_package = "makegood/v1;makegoodv1";' in lines
    assert 'option java_package = "makegood.v1";' in lines
    assert "option java_multiple_files = true;" in lines
