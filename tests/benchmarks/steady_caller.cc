#include "tests/benchmarks/steady_caller.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::benchmarks {
namespace {

using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

struct Call {
  grpc::ClientContext context;
  DeliverEventsRequest request;
  DeliverEventsResponse response;
  absl::Time started_at;
  absl::Duration latency;
  bool accepted = false;
};

std::unique_ptr<DeliveryService::Stub> Connect(int port) {
  grpc::ChannelArguments arguments;
  // A connection of its own, as another program would have.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return DeliveryService::NewStub(
      grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                grpc::InsecureChannelCredentials(), arguments));
}

}  // namespace

SteadyCaller::SteadyCaller(Options options)
    : options_(std::move(options)), stub_(Connect(options_.port)) {}

SteadyCaller::Report SteadyCaller::Run(absl::Duration time) {
  const absl::Duration gap = absl::Seconds(1) / options_.calls_per_second;
  const int count = std::max(1, static_cast<int>(time / gap));
  std::deque<Call> calls(count);
  absl::BlockingCounter under_way(count);
  // Somewhere in its gap, so that two callers neither meet nor miss each other
  // every time.
  std::uniform_real_distribution<double> jitter(0, 1);
  const absl::Time start = absl::Now();
  for (int i = 0; i < count; ++i) {
    Call& call = calls[i];
    const std::string name =
        absl::StrCat(options_.integration, "-", next_id_++);
    call.request.set_integration_id(options_.integration);
    *call.request.add_events() = support::LoggedIn(name, name);
    absl::SleepFor(start + (i + jitter(random_)) * gap - absl::Now());
    call.started_at = absl::Now();
    call.context.set_deadline(
        absl::ToChronoTime(call.started_at + options_.deadline));
    stub_->async()->DeliverEvents(
        &call.context, &call.request, &call.response,
        [&call, &under_way](const grpc::Status& status) {
          call.latency = absl::Now() - call.started_at;
          call.accepted = status.ok() && call.response.results(0).outcome() ==
                                             OUTCOME_ACCEPTED;
          under_way.DecrementCount();
        });
  }
  under_way.Wait();

  Report report;
  for (const Call& call : calls) {
    report.latencies.push_back(call.latency);
    if (call.accepted) ++report.accepted;
  }
  std::sort(report.latencies.begin(), report.latencies.end());
  return report;
}

}  // namespace signal_delivery::benchmarks
