"""The decision log as servicers see it: a call is let in, and then what it was answered, or why not, is put down."""

from pathlib import Path
from time import time_ns
from typing import Final

from google.protobuf.message import Message
from google.rpc import code_pb2, status_pb2
from prometheus_client import CollectorRegistry

from server.decision_log.entry import Entry, LineMaker
from server.decision_log.facts import KeptFacts
from server.decision_log.files import RotatedFiles
from server.decision_log.metrics import LogMetrics
from server.decision_log.queue import EntryQueue
from server.decision_log.writer import KeyFile, Writer
from server.errors import DecisionLogFull, is_foreseen, status
from server.log import Log
from server.recording import Asked
from server.settings import Settings

CLOSE_SECONDS: Final = 4
"""What is left at the end of a drain is written within so long, or lost: the process ends at five seconds beyond its drain."""
_BESIDE_BYTES: Final = 512
"""What an entry takes besides what it holds."""


class WrittenDecisionLog:
    """Records what is told it, as ``settings`` say, from :meth:`start` to :meth:`close`."""

    def __init__(self, settings: Settings, log: Log, registry: CollectorRegistry) -> None:
        self._settings = settings
        self._log = log
        self._metrics = LogMetrics(registry, settings.decision_log_queue_bytes)
        self._queue = EntryQueue(
            settings.decision_log_queue_bytes,
            settings.decision_log_when_full,
            settings.max_queue_millis,
            self._metrics,
        )
        self._writer: Writer | None = None

    def start(self) -> None:
        """Begins to write. Raises CannotStartError where the files, the keys or the list of facts cannot be used."""
        settings = self._settings
        kept = KeptFacts(settings.decision_log_facts.split(","))
        key_file = Path(settings.decision_log_key_file) if settings.decision_log_key_file else None
        keys = KeyFile(key_file, self._log, self._metrics)
        files = RotatedFiles(
            Path(settings.decision_log), settings.decision_log_max_bytes, settings.decision_log_max_age_seconds
        )
        self._writer = Writer(self._queue, files, LineMaker(kept), keys, self._log, self._metrics)

    def close(self) -> None:
        """Writes what is left, and tells of what is not."""
        if self._writer is not None:
            self._writer.close(CLOSE_SECONDS)

    def admit(self) -> None:
        """Lets a call in, when there is room. Raises DecisionLogFull."""
        self._queue.admit()

    def answered(self, asked: Asked, rows: int, answer: bytes | Message) -> None:
        """Puts down decisions, and errors of rows."""
        self._put(asked, rows, answer, None)

    def refused(self, asked: Asked, rows: int, why: Exception) -> None:
        """Puts down why there is no answer; that there was no room to put down one is not put down."""
        if not isinstance(why, DecisionLogFull):
            self._put(asked, rows, b"", status(why) if is_foreseen(why) else status_pb2.Status(code=code_pb2.INTERNAL))

    def _put(self, asked: Asked, rows: int, answer: bytes | Message, refused: status_pb2.Status | None) -> None:
        answer_bytes = len(answer) if isinstance(answer, bytes) else answer.ByteSize()
        self._queue.put(Entry(time_ns(), asked, rows, answer, refused, _BESIDE_BYTES + len(asked.data) + answer_bytes))
