"""Hands a decided claim over to provisioning, as a billing result of one row: what is granted is booked in one way only."""

from pathlib import Path

import pyarrow as pa

from clients.billing import answers, read_rows, results, spool, totals
from clients.billing.subscribers import Asked
from clients.errors import BadInput
from clients.writing import CannotWrite, write_all, writing
from makegood.v1.compensation_service_pb2 import (
    BatchResult,
    ComputeCompensationRequest,
    ComputeCompensationResponse,
    StreamComputeResponse,
)

NOT_STORED = "  nothing was stored; when that is mended, file the claim again: its grants keep their keys"
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
    answer = StreamComputeResponse(results=[BatchResult(decision=response.decision)])
    found = answers.results([1], pa.array([""]), [answer.SerializeToString()])
    rows = results.batch(read_rows.first_columns([row], [outage_ids]), found.field("decision"), {})
    data = spool.whole(rows, totals.in_last_row(totals.count(rows)))
    with writing(out, "--out", NOT_STORED):
        file = out.open("xb", buffering=0)
    try:
        with writing(out, "--out", NOT_STORED), file:
            write_all(file, data)
    except CannotWrite:
        out.unlink(missing_ok=True)  # or the claim, filed again, would find a file of its own in its way
        raise
