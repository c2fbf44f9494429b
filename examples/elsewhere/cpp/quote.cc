// Asks makegood from C++, by code that protoc and grpc_cpp_plugin generated (see clients/elsewhere.md).
//
//     quote HOST:PORT QUESTION.json
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "makegood/v1/compensation_service.grpc.pb.h"

namespace pb = makegood::v1;

namespace {

constexpr int kAttempts = 5;
constexpr std::chrono::seconds kDeadline{5};

// A detail of an error, which come beside its code as bytes of a google.rpc.Status.
template <typename Detail>
std::optional<Detail> DetailOf(const grpc::Status& refused) {
  google::rpc::Status status;
  if (!status.ParseFromString(refused.error_details())) return std::nullopt;
  Detail detail;
  for (const auto& each : status.details())
    if (each.UnpackTo(&detail)) return detail;
  return std::nullopt;
}

// Asks again where the server says when: a refusal without RetryInfo stays one.
grpc::Status AskPatiently(pb::CompensationService::Stub& stub, const pb::ComputeCompensationRequest& question,
                          pb::ComputeCompensationResponse* answer) {
  std::minstd_rand random{std::random_device{}()};
  for (int attempt = 1;; ++attempt) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    grpc::Status status = stub.ComputeCompensation(&context, question, answer);
    const auto retry = DetailOf<google::rpc::RetryInfo>(status);
    if (status.ok() || !retry || attempt == kAttempts) return status;
    const long long millis = google::protobuf::util::TimeUtil::DurationToMilliseconds(retry->retry_delay());
    std::cout << "told to wait " << millis << " ms\n";
    std::uniform_int_distribution<long long> more(0, millis / 4);
    std::this_thread::sleep_for(std::chrono::milliseconds(millis + more(random)));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  std::ostringstream json;
  json << std::ifstream(arguments[2]).rdbuf();
  pb::ComputeCompensationRequest question;
  if (!google::protobuf::util::JsonStringToMessage(json.str(), &question).ok()) return 2;

  // TLS: grpc::SslCredentials.
  const auto stub = pb::CompensationService::NewStub(grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials()));
  pb::ComputeCompensationResponse answer;
  const grpc::Status status = AskPatiently(*stub, question, &answer);
  if (!status.ok()) {
    std::cerr << status.error_code() << ": " << status.error_message() << "\n";
    return 1;
  }
  std::cout << pb::Outcome_Name(answer.decision().outcome()) << "\n";
  for (const auto& grant : answer.decision().grants()) std::cout << grant.benefit() << " " << grant.quantity() << "\n";

  question.set_mode(pb::MODE_UNSPECIFIED);
  const grpc::Status refused = AskPatiently(*stub, question, &answer);
  if (refused.error_code() == grpc::StatusCode::INVALID_ARGUMENT) std::cout << "INVALID_ARGUMENT\n";
  if (const auto bad = DetailOf<google::rpc::BadRequest>(refused))
    for (const auto& each : bad->field_violations()) std::cout << each.field() << ": " << each.description() << "\n";
}
