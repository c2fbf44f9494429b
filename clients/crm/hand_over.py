"""Hands a decided claim over to provisioning, as a billing result of one row: what is granted is booked in one way only."""

from pathlib import Path

from clients.billing import results
from clients.billing.questions import Asked
from clients.billing.spool import CsvFormat
from clients.errors import BadInput
from makegood.v1.compensation_service_pb2 import BatchResult, ComputeCompensationRequest, ComputeCompensationResponse

FIRST_LINE = 2
"""Of the rows of a CSV file, below its header."""


def check(out: Path) -> None:
    """Before anything is asked: raises BadInput where the result could not be written."""
    if out.suffix != ".csv":
        raise BadInput(f"--out {out}: its name has to end in .csv")
    if out.exists():
        raise BadInput(f"--out {out}: there is such a file already; give another name")
    if not out.parent.is_dir():
        raise BadInput(f"--out {out}: there is no folder {out.parent}")


def write(out: Path, request: ComputeCompensationRequest, response: ComputeCompensationResponse) -> None:
    """Write the decision. Raises BadInput; the claim can then be filed again, its grants keep their keys."""
    row = Asked(FIRST_LINE, request.subscriber.subscriber_id, item=request)
    outage_ids = [outage.outage_id for outage in request.outages]
    result = results.sent(row, outage_ids, BatchResult(decision=response.decision))
    try:
        with out.open("xb") as file:
            file.write(CsvFormat().head() + CsvFormat().encoded([result]))
    except OSError as error:
        raise BadInput(f"--out {out} cannot be written: {error.strerror}; file the claim again") from error
