"""From an exception to the status that its caller sees; what nobody expected goes to the log under an incident id."""

from uuid import uuid4

from google.rpc import status_pb2

from server.call import Call
from server.errors import Fault, fitted, is_foreseen, status
from server.log import Log
from server.request_id import printable
from server.stray import raised


class Faults:
    """Tells exceptions to callers and to the log."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def status(self, error: Exception, call: Call) -> status_pb2.Status:
        """The status for one question of ``call``; with all its details, for the answer to a row."""
        if is_foreseen(error):
            return status(error)
        call.incident_id = uuid4().hex
        self._log.error(
            "fault",
            incident_id=call.incident_id,
            request_id=printable(call.request_id),
            decision_id=call.decision_id,
            method=call.method,
            **raised(error),
        )
        return status(Fault(call.incident_id, call.decision_id))

    def fitted_status(self, error: Exception, call: Call) -> status_pb2.Status:
        """The status with which ``call`` ends for ``error``, cut to what trailing metadata carries."""
        return fitted(self.status(error, call))
