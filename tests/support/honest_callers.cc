#include "tests/support/honest_callers.h"

#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "tests/support/caller.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::support {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::DeliveryService;

// On a machine that is busy with other things, too.
constexpr std::chrono::seconds kPatience(60);

std::string Deliver(Caller& caller, size_t padding) {
  DeliverEventsRequest request;
  request.set_integration_id("acme");
  *request.add_events() = LoggedIn("m-0", "u-1");
  for (size_t i = 0; i < padding / 1'000; ++i) {
    *request.add_events() = LoggedIn(absl::StrCat("m-", i), "u-1");
    (*request.mutable_events(static_cast<int>(i + 1))
          ->mutable_properties()
          ->mutable_fields())["padding"]
        .set_string_value(std::string(1'000, 'x'));
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  DeliverEventsResponse response;
  const grpc::Status status = DeliveryService::NewStub(caller.channel())
                                  ->DeliverEvents(&context, request, &response);
  if (!status.ok()) {
    return absl::StrCat(status.error_code(), " ", status.error_message());
  }
  for (const auto& result : response.results()) {
    if (result.outcome() != datafly::delivery::v1::OUTCOME_ACCEPTED) {
      return result.ShortDebugString();
    }
  }
  return "";
}

}  // namespace

HonestCallers::HonestCallers(int port, size_t padding)
    : port_(port), padding_(padding) {
  for (int i = 0; i < 2; ++i) threads_.emplace_back([this, i] { Run(i); });
}

HonestCallers::~HonestCallers() { Stop(); }

void HonestCallers::AwaitCalls(int count) {
  for (const std::atomic<int>& calls : calls_) {
    // The one under way may have begun before.
    const int wanted = calls + count + 1;
    for (int now = calls; now < wanted; now = calls) calls.wait(now);
  }
}

std::vector<std::string> HonestCallers::Failures() {
  Stop();
  return failures_;
}

void HonestCallers::Run(int index) {
  Caller caller = Caller::Plaintext(port_);
  while (!stop_) {
    if (index == 1) caller = Caller::Plaintext(port_);
    std::string failure = Deliver(caller, padding_);
    if (!failure.empty()) {
      const std::lock_guard lock(mutex_);
      failures_.push_back(std::move(failure));
    }
    ++calls_[index];
    calls_[index].notify_all();
  }
}

void HonestCallers::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace signal_delivery::support
