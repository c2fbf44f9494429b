"""The real calculator behind the account's question: through the contract's messages, without a server around it."""

from clients.account.asking import Asking
from clients.status import Refusal, Violation
from makegood.v1 import compensation_service_pb2 as service_pb2
from makegood.v1 import decision_pb2
from policy import PolicySet
from policy.calculator.errors import CalculatorError, InvalidRequest
from server.translate.decisions import DecisionWriter
from server.translate.requests import RequestReader


def real(policies: PolicySet, policy_id: str = "cn-standard") -> Asking:
    """Asks the calculator as the service does."""
    reader, writer = RequestReader(), DecisionWriter()

    def decided(request: service_pb2.ComputeCompensationRequest) -> decision_pb2.Decision | Refusal:
        found = decision_pb2.Decision()
        question = reader.question(request, request.as_of.seconds)
        assert not question.violations
        try:
            writer.write(policies.decide(question.request), found)
        except InvalidRequest as error:
            violations = tuple(Violation(each.field, each.message) for each in error.violations)
            return Refusal("INVALID_ARGUMENT", str(error), violations)
        except CalculatorError as error:
            return Refusal("FAILED_PRECONDITION", str(error))
        return found

    return Asking(lambda requests: [decided(each) for each in requests], policy_id)
