"""A part of a run: some rows of the subscribers become their results, as bytes, and what they add to the totals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clients import alike
from clients.alike import Alike
from clients.billing import areas, ask, repeats, results, totals
from clients.billing.areas import AreaCounts
from clients.billing.outages import Outages
from clients.billing.questions import Asking
from clients.billing.result_row import Result
from clients.billing.spool import Format
from clients.billing.totals import Counts
from clients.errors import BadInput, BeginAnew, CallFailed
from clients.tables.rows import Chunk, Position
from makegood.v1.compensation_service_pb2 import StreamComputeRequest, StreamComputeResponse

Ask = Callable[[Sequence[StreamComputeRequest]], list[StreamComputeResponse]]


@dataclass(frozen=True, slots=True)
class Part:
    """What a finished part adds."""

    after: Position
    data: bytes
    ids: bytes
    counts: Counts
    errors: Alike
    areas: AreaCounts


@dataclass(frozen=True, slots=True)
class Deciding:
    """How rows become results. ``address``: of the server. ``strict``: a row in error ends the run."""

    asking: Asking
    outages: Outages
    format: Format
    address: str
    strict: bool

    def part(self, chunk: Chunk, asks: Ask) -> Part:
        """Asks about the rows of a chunk. Raises ClientError."""
        questions = self.asking.questions(chunk.rows())
        answers = asks(questions.messages)
        rows: list[Result | None] = [None] * len(questions.rows)
        for indexes, answered in zip(questions.indexes, ask.paired(questions.messages, answers), strict=True):
            for index, answer in zip(indexes, answered, strict=True):
                row = questions.rows[index]
                rows[index] = results.sent(row, self.outages.ids(row.outages), answer)
        done = [
            results.unsent(row, self.outages.ids(row.outages)) if result is None else result
            for row, result in zip(questions.rows, rows, strict=True)
        ]
        self._stop_where_all_would_fail(done)
        errors = alike.of((row.line, text) for row in done for text in results.errors(row))
        met = areas.count((row.areas for row in questions.rows), self.outages.by_area.keys())
        return Part(chunk.after, self.format.encoded(done), repeats.kept(questions.rows), totals.count(done), errors, met)

    def _stop_where_all_would_fail(self, rows: list[Result]) -> None:
        """An error that is not the row's own: the policy that was asked for, or an outage; all that it hit would have it."""
        for row in rows:
            if row.status != results.ERROR:
                continue
            refusal = results.refusal_of(row)
            if refusal.code == "NOT_FOUND":
                raise CallFailed(refusal, self.address)
            ids = ", ".join(row.outage_ids)
            if refusal.code == "FAILED_PRECONDITION":
                advice = (
                    f"  the outages of this row are {ids}; name a version that is to decide them (--version), or take them out"
                )
                raise BeginAnew(f"the server has no policy for an outage: {refusal.message}", [advice])
            of_outages = [each for each in refusal.violations if each.field.startswith("outages")]
            if of_outages:
                shown = [f"  {each.field}: {each.message}" for each in of_outages]
                raise BeginAnew(f"the server refuses an outage; the ones of this row are {ids}, in this order", shown)
            if self.strict:
                shown = [f"  {each.field}: {each.message}" for each in refusal.violations]
                raise BadInput(f"line {row.line}: {refusal.code}: {refusal.message} (--strict stops here)", shown)
