"""The answers of a stream as columns, read from their bytes at once: a message for each row costs more than its decision."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.any_pb2 import Any as Detail
from google.rpc.status_pb2 import Status
from ptars import HandlerPool, PtarsConfig

from clients import status
from clients.errors import WrongAnswer
from clients.status import Refusal
from makegood.v1.compensation_service_pb2 import StreamComputeResponse

_NOT_OF_THESE = "the server's results are not those of the rows that were sent; nothing of this part is used"


@cache
def _reader() -> Any:
    """Reads StreamComputeResponse; enums as numbers, instants as whole seconds."""
    config = PtarsConfig(timestamp_unit="s", timestamp_tz=None)
    return HandlerPool([StreamComputeResponse.DESCRIPTOR.file], config).get_for_message(StreamComputeResponse.DESCRIPTOR)


def results(sizes: Sequence[int], request_ids: pa.Array, answers: Sequence[bytes]) -> pa.StructArray:
    """The BatchResult of each item that was sent, in their order, checked to be of them. Raises WrongAnswer.

    ``sizes``: items of each message; ``request_ids``: of all items. A field is null where it is absent, and only there.
    """
    try:
        messages = _reader().list_to_record_batch(list(answers)).column(0)
    except ValueError as error:
        raise WrongAnswer(f"the server's answer cannot be read ({error})") from error
    found = messages.flatten()
    if pc.list_value_length(messages).to_pylist() != list(sizes) or not found.field("request_id").equals(request_ids):
        raise WrongAnswer(_NOT_OF_THESE)
    if pc.any(pc.equal(found.field("decision").is_valid(), found.field("error").is_valid())).as_py():
        raise WrongAnswer("the server's answer holds a result that is not either a decision or an error")
    return found


def refusals(found: pa.StructArray) -> dict[int, Refusal]:
    """What the errors among results say, by the place of the result."""
    errors = found.field("error")
    places = pc.indices_nonzero(errors.is_valid())
    return {
        place: status.of_status(
            Status(
                code=error["code"],
                message=error["message"],
                details=[Detail(type_url=each["type_url"], value=each["value"]) for each in error["details"]],
            )
        )
        for place, error in zip(places.to_pylist(), errors.take(places).to_pylist(), strict=True)
    }
