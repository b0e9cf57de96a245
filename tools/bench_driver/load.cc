#include "tools/bench_driver/load.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace signal_delivery::bench {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::DeliveryService;
using ::datafly::delivery::v1::EventResult;

constexpr char kMethod[] = "/datafly.delivery.v1.DeliveryService/DeliverEvents";
// Of a call: so long that none ends by it.
constexpr std::chrono::seconds kDeadline{30};
constexpr auto kNever = std::chrono::system_clock::time_point::max();

std::shared_ptr<grpc::ChannelCredentials> Credentials(
    const std::string& ca_file) {
  if (ca_file.empty()) return grpc::InsecureChannelCredentials();
  std::ifstream file(ca_file);
  return grpc::SslCredentials(
      {.pem_root_certs = std::string(std::istreambuf_iterator<char>(file), {}),
       .pem_private_key = "",
       .pem_cert_chain = ""});
}

std::shared_ptr<grpc::Channel> Connect(const Load::Options& options) {
  grpc::ChannelArguments arguments;
  // Each channel gets a connection of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  auto channel = grpc::CreateCustomChannel(
      options.server, Credentials(options.ca_file), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() +
                                 kDeadline)) {
    std::fprintf(stderr, "no connection to %s\n", options.server.c_str());
    std::exit(2);
  }
  return channel;
}

template <typename Message>
bool Parse(grpc::ByteBuffer& wire, Message& message) {
  return grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(&wire,
                                                                    &message)
      .ok();
}

}  // namespace

Load::Load(Options options, const ProcessWatch& watch)
    : options_(std::move(options)),
      watch_(watch),
      itself_(getpid(), ""),
      requests_(options_.shape) {
  for (int i = 0; i < options_.connections; ++i) {
    stubs_.push_back(std::make_unique<grpc::GenericStub>(Connect(options_)));
    if (!options_.streams) continue;
    streams_.push_back(std::make_unique<RequestStream>(
        *stubs_.back(), queue_,
        [this](uint64_t request, const grpc::Status& status,
               const DeliverEventsResponse& response) {
          OnEnd(request, status, response);
        }));
  }
  for (int i = 0; i < options_.in_flight; ++i) {
    calls_.push_back(std::make_unique<Call>(*this, calls_.size()));
    free_.push_back(i);
  }
}

Load::Report Load::Run() {
  Clock::time_point now = Clock::now();
  const Clock::time_point measure_from = now + options_.warm_up;
  const Clock::time_point end = measure_from + options_.time;
  next_due_ = now;
  bool stopping = false;
  while (!stopping || free_.size() < calls_.size()) {
    if (!stopping && !measuring_ && now >= measure_from) StartMeasuring(now);
    const bool has_figures = report_.calls > 0 || now >= end + kDeadline;
    if (!stopping && now >= end && has_figures) {
      EndMeasuring(now);
      stopping = true;
    }
    if (!stopping) StartDue(now);
    Clock::time_point wake_up = now + kDeadline;
    if (!stopping && !measuring_) wake_up = measure_from;
    if (measuring_ && now < end) wake_up = end;
    if (!stopping && options_.rate > 0 && !free_.empty()) {
      wake_up = std::min(wake_up, next_due_);
    }
    RunNext(std::chrono::system_clock::now() + (wake_up - now));
    now = Clock::now();
  }
  EndStreams();
  return report_;
}

void Load::RunNext(std::chrono::system_clock::time_point deadline) {
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, deadline) ==
      grpc::CompletionQueue::GOT_EVENT) {
    event_at_ = Clock::now();
    static_cast<QueueEvent*>(tag)->OnEvent(ok);
  }
}

void Load::StartMeasuring(Clock::time_point now) {
  measuring_ = true;
  measured_from_ = now;
  // What was used before is taken off.
  report_.cpu_time = -watch_.CpuTime();
  report_.own_cpu_time = -itself_.CpuTime();
  report_.allocations = -watch_.Allocations();
}

void Load::EndMeasuring(Clock::time_point now) {
  measuring_ = false;
  report_.cpu_time += watch_.CpuTime();
  report_.own_cpu_time += itself_.CpuTime();
  report_.allocations += watch_.Allocations();
  report_.seconds = std::chrono::duration<double>(now - measured_from_).count();
}

std::vector<int64_t> Load::BodySizes() {
  datafly::delivery::v1::PreviewEventsRequest request;
  datafly::delivery::v1::PreviewEventsResponse response;
  grpc::ByteBuffer wire = requests_.Next();
  grpc::ClientContext context;
  DeliveryService::Stub stub(Connect(options_));
  if (!Parse(wire, request)) std::abort();
  const grpc::Status status = stub.PreviewEvents(&context, request, &response);
  if (!status.ok()) {
    std::fprintf(stderr, "PreviewEvents: status %d: %s\n",
                 static_cast<int>(status.error_code()),
                 status.error_message().c_str());
    std::exit(2);
  }
  std::vector<int64_t> sizes;
  for (const auto& batch : response.batches()) {
    sizes.push_back(static_cast<int64_t>(batch.body().size()));
  }
  return sizes;
}

void Load::Start(Call& call, Clock::time_point due_at) {
  call.due_at = due_at;
  next_connection_ = (next_connection_ + 1) % stubs_.size();
  if (options_.streams) {
    return streams_[next_connection_]->Send(call.number, requests_.Next());
  }
  call.context.emplace();
  call.context->set_deadline(std::chrono::system_clock::now() + kDeadline);
  call.response.Clear();
  call.reader = stubs_[next_connection_]->PrepareUnaryCall(
      &*call.context, kMethod, requests_.Next(), &queue_);
  call.reader->StartCall();
  QueueEvent* const tag = &call;
  call.reader->Finish(&call.response, &call.status, tag);
}

void Load::StartDue(Clock::time_point now) {
  while (!free_.empty() && (options_.rate == 0 || next_due_ <= now)) {
    Call& call = *calls_[free_.back()];
    free_.pop_back();
    Start(call, options_.rate == 0 ? now : next_due_);
    if (options_.rate > 0) {
      next_due_ +=
          std::chrono::nanoseconds(static_cast<int64_t>(1e9 / options_.rate));
    }
  }
}

void Load::Call::OnEvent(bool /*ok*/) {
  DeliverEventsResponse read;
  if (status.ok() && load.options_.expects_results && !Parse(response, read)) {
    status = grpc::Status(grpc::StatusCode::INTERNAL, "unreadable response");
  }
  load.OnEnd(number, status, read);
}

void Load::OnEnd(size_t call, const grpc::Status& status,
                 const DeliverEventsResponse& response) {
  free_.push_back(call);
  // A failure counts whenever it comes.
  if (!status.ok()) {
    OnFailure(status.error_message());
  } else if (options_.expects_results) {
    CheckResults(response);
  }
  if (!measuring_) return;
  ++report_.calls;
  report_.latencies.Add(event_at_ - calls_[call]->due_at);
}

void Load::CheckResults(const DeliverEventsResponse& response) {
  if (response.results_size() != options_.shape.events) {
    return OnFailure("another number of results than of events");
  }
  for (const EventResult& result : response.results()) {
    if (result.outcome() == datafly::delivery::v1::OUTCOME_ACCEPTED &&
        result.reason() == datafly::delivery::v1::REASON_TAKEN) {
      continue;
    }
    ++report_.other_outcomes;
    if (report_.first_failure.empty()) report_.first_failure = result.detail();
  }
}

void Load::OnFailure(std::string what) {
  ++report_.failed_calls;
  if (report_.first_failure.empty()) report_.first_failure = std::move(what);
}

void Load::EndStreams() {
  for (const auto& stream : streams_) stream->Cancel();
  for (const auto& stream : streams_) {
    while (!stream->is_over()) RunNext(kNever);
  }
}

}  // namespace signal_delivery::bench
