"""Asks the server about one part over StreamCompute, with a window of messages under way.

A part is asked again when the server goes away, but not blindly: as_of is fixed for the whole run, so what was answered
stands, and only the messages without an answer are sent again.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

import grpc

from clients import channel, retry
from clients.errors import Interrupted, WrongAnswer
from clients.status import Refusal
from makegood.v1.compensation_service_pb2 import BatchResult, StreamComputeRequest, StreamComputeResponse
from makegood.v1.compensation_service_pb2_grpc import CompensationServiceStub


class Asker:
    """One connection, one stream at a time."""

    def __init__(
        self, to: channel.Connection, window: int, stop: threading.Event, on_wait: Callable[[Refusal, float], None]
    ) -> None:
        self._to, self._window, self._stop, self._on_wait = to, window, stop, on_wait
        self._channel = channel.open_channel(to)
        self._stub = CompensationServiceStub(self._channel)

    def close(self) -> None:
        """End the connection; a call under way fails at once."""
        self._channel.close()

    def _tell(self, refusal: Refusal, seconds: float) -> None:
        """A call that was cancelled because the run ends is not waited for."""
        if not self._stop.is_set():
            self._on_wait(refusal, seconds)

    def _sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def ask(self, messages: Sequence[StreamComputeRequest]) -> list[StreamComputeResponse]:
        """One answer for each message, in order. Raises CallFailed, WrongAnswer; Interrupted once the run is stopped."""
        answers: list[StreamComputeResponse] = []
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

    def _exchange(self, messages: Sequence[StreamComputeRequest], answers: list[StreamComputeResponse], seconds: float) -> None:
        """Send the messages that have no answer yet, and take their answers in."""
        if self._stop.is_set():
            raise Interrupted  # or a call that was cancelled because the run ends would be tried again
        feed: queue.SimpleQueue[StreamComputeRequest | None] = queue.SimpleQueue()
        call = self._stub.StreamCompute(iter(feed.get, None), timeout=seconds, metadata=self._to.metadata)
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


def paired(messages: Sequence[StreamComputeRequest], answers: Sequence[StreamComputeResponse]) -> list[list[BatchResult]]:
    """The results of each message, checked to be those of its items and in their order. Raises WrongAnswer."""
    for message, answer in zip(messages, answers, strict=True):
        wanted = [item.request_id for item in message.items]
        if wanted != [result.request_id for result in answer.results]:
            raise WrongAnswer("the server's results are not those of the rows that were sent; nothing of this part is used")
    return [list(answer.results) for answer in answers]
