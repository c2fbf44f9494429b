"""A part of a run: some rows of the subscribers become their results, as bytes, and what they add to the totals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from clients import alike
from clients.alike import Alike
from clients.billing import answers, repeats, results, totals
from clients.billing.areas import AreaCounts
from clients.billing.questions import Asking, Questions
from clients.billing.spool import Format
from clients.billing.totals import Counts
from clients.errors import BadInput, BeginAnew, CallFailed
from clients.status import Refusal
from clients.tables.rows import Chunk, Position

Ask = Callable[[Sequence[bytes]], list[bytes]]


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
    format: Format
    address: str
    strict: bool

    def part(self, chunk: Chunk, asks: Ask) -> Part:
        """Asks about the rows of a chunk. Raises ClientError."""
        questions = self.asking.questions(chunk)
        decided, refusals = _answered(questions, asks(questions.messages))
        rows = results.batch(questions.columns, decided, refusals)
        self._stop_where_all_would_fail(rows, refusals)
        lines = rows.column("line")
        errors = alike.of((lines[row].as_py(), text) for row, refusal in refusals.items() for text in results.errors(refusal))
        ids = repeats.kept(rows.column("subscriber_id").to_pylist(), lines.to_pylist())
        return Part(chunk.after, self.format.encoded(rows), ids, totals.count(rows), errors, questions.areas)

    def _stop_where_all_would_fail(self, rows: pa.RecordBatch, refusals: Mapping[int, Refusal]) -> None:
        """An error that is not the row's own: the policy that was asked for, or an outage; all that it hit would have it."""
        for row, refusal in refusals.items():
            if refusal.code == "NOT_FOUND":
                raise CallFailed(refusal, self.address)
            ids = ", ".join(rows.column("outage_ids")[row].as_py())
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
                line = rows.column("line")[row].as_py()
                shown = [f"  {each.field}: {each.message}" for each in refusal.violations]
                raise BadInput(f"line {line}: {refusal.code}: {refusal.message} (--strict stops here)", shown)


def _answered(questions: Questions, messages: Sequence[bytes]) -> tuple[pa.StructArray, dict[int, Refusal]]:
    """The decision of each row, null where there is none, and why rows have an error, in order. Raises WrongAnswer."""
    lines = questions.columns[0]
    sent = pa.array([row for rows in questions.rows for row in rows], pa.int64())
    found = answers.results([len(rows) for rows in questions.rows], lines.take(sent).cast(pa.string()), messages)
    places = pc.index_in(pa.array(range(len(lines)), pa.int64()), sent)
    refusals = questions.refusals | {sent[place].as_py(): refusal for place, refusal in answers.refusals(found).items()}
    told = {row: replace(refusals[row], message=" ".join(refusals[row].message.split())) for row in sorted(refusals)}
    return found.field("decision").take(places), told
