"""Asks the server about one part over StreamCompute, with a window of messages under way.

A part is asked again when the server goes away, but not blindly: as_of is fixed for the whole run, so what was answered
stands, and only the messages without an answer are sent again.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import grpc

from clients import channel, retry
from clients.errors import Interrupted, WrongAnswer
from clients.status import Refusal
from makegood.v1 import compensation_service_pb2 as service_pb2

_METHOD = service_pb2.DESCRIPTOR.services_by_name["CompensationService"].methods_by_name["StreamCompute"]
STREAM_COMPUTE: Final = f"/{_METHOD.containing_service.full_name}/{_METHOD.name}"


class Asker:
    """One connection, one stream at a time."""

    def __init__(
        self, to: channel.Connection, window: int, stop: threading.Event, on_wait: Callable[[Refusal, float], None]
    ) -> None:
        self._to, self._window, self._stop, self._on_wait = to, window, stop, on_wait
        self._channel = channel.open_channel(to)
        # Messages stay bytes on this side: whole columns become them, and they become whole columns.
        self._stream: grpc.StreamStreamMultiCallable[bytes, bytes] = self._channel.stream_stream(STREAM_COMPUTE)

    def close(self) -> None:
        """End the connection; a call under way fails at once."""
        self._channel.close()

    def _tell(self, refusal: Refusal, seconds: float) -> None:
        """A call that was cancelled because the run ends is not waited for."""
        if not self._stop.is_set():
            self._on_wait(refusal, seconds)

    def _sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def ask(self, messages: Sequence[bytes]) -> list[bytes]:
        """One answer for each message, in order. Raises CallFailed, WrongAnswer; Interrupted once the run is stopped."""
        answers: list[bytes] = []
        if messages:
            retry.within(
                self._to.timeout_seconds,
                lambda seconds: self._exchange(messages, answers, seconds),
                address=self._to.address,
                hint=self._to.hint,
                on_wait=self._tell,
                sleep=self._sleep,
            )
        return answers

    def _exchange(self, messages: Sequence[bytes], answers: list[bytes], seconds: float) -> None:
        """Send the messages that have no answer yet, and take their answers in."""
        if self._stop.is_set():
            raise Interrupted  # or a call that was cancelled because the run ends would be tried again
        feed: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        call = self._stream(iter(feed.get, None), timeout=seconds, metadata=self._to.metadata)
        sent = len(answers)
        try:
            while len(answers) < len(messages):
                while sent < len(messages) and sent - len(answers) < self._window:
                    feed.put(messages[sent])
                    sent += 1
                answer = next(call, None)
                if answer is None:
                    raise WrongAnswer(f"{self._to.address} ended the stream {len(messages) - len(answers)} answers too early")
                answers.append(answer)
            feed.put(None)
            # To the end, so that the server counts a stream that went well; with every answer here, how it ends is no matter.
            with suppress(grpc.RpcError):
                if next(call, None) is not None:
                    raise WrongAnswer(f"{self._to.address} gave more answers than it was asked for")
        finally:
            feed.put(None)  # lets grpcio's sending thread end
            call.cancel()
