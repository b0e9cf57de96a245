#include "server/reused_response.h"

#include <algorithm>
#include <cstddef>

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::EventResult;

// What a thread keeps at most: half a megabyte of texts, and some 400 bytes for
// each result. The texts of a usual one have 100.
constexpr int kMostResults = 500;
constexpr size_t kMostBytesOfTexts = 1'000;

// What results of it had before, too: texts keep the room that they once had.
bool IsUsual(const EventResult& result) {
  return result.violations().empty() && result.warnings().empty() &&
         result.message_id().capacity() + result.detail().capacity() +
                 result.hint().capacity() <=
             kMostBytesOfTexts;
}

bool IsUsual(const DeliverEventsResponse& response) {
  return response.results_size() <= kMostResults &&
         std::all_of(response.results().begin(), response.results().end(),
                     [](const EventResult& result) { return IsUsual(result); });
}

DeliverEventsResponse& LatestOfThread() {
  thread_local DeliverEventsResponse latest;
  return latest;
}

}  // namespace

ReusedResponse::ReusedResponse() { response_.Swap(&LatestOfThread()); }

ReusedResponse::~ReusedResponse() {
  if (!IsUsual(response_)) return;
  response_.Clear();
  response_.Swap(&LatestOfThread());
}

}  // namespace signal_delivery::server
