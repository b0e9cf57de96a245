#include "server/span_exporter.h"

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/wall_clock.h"
#include "nlohmann/json.hpp"
#include "server/log.h"

namespace signal_delivery::server {
namespace {

// How long spans wait for others to go with them.
constexpr std::chrono::seconds kGather{1};
// The collector is near, and nobody waits for it but the drain.
constexpr time_t kPatienceSeconds = 2;

// How many spans of `sent` the collector says it did not take.
size_t Rejected(const std::string& answer, size_t sent) {
  const auto parsed = nlohmann::json::parse(answer, nullptr,
                                            /*allow_exceptions=*/false);
  const auto found =
      parsed.is_object() ? parsed.find("partialSuccess") : parsed.end();
  if (found == parsed.end() || !found->is_object() ||
      !found->contains("rejectedSpans")) {
    return 0;
  }
  // A text, as protobuf's JSON form has it, or a number.
  const auto& count = (*found)["rejectedSpans"];
  uint64_t rejected = 0;
  if (count.is_number_unsigned()) {
    rejected = count.get<uint64_t>();
  } else if (!count.is_string() ||
             !absl::SimpleAtoi(count.get<std::string>(), &rejected)) {
    return 0;
  }
  return std::min<uint64_t>(rejected, sent);
}

}  // namespace

SpanExporter::SpanExporter(TracesConfig config)
    : config_(std::move(config)), thread_([this] { Run(); }) {}

SpanExporter::~SpanExporter() { Shutdown(); }

void SpanExporter::Add(Span span) {
  {
    std::lock_guard lock(mutex_);
    if (ending_ || waiting_.size() >= kMaxWaiting) {
      ++dropped_;
      return;
    }
    waiting_.push_back(std::move(span));
    if (waiting_.size() != kMaxBatch) return;
  }
  changed_.notify_one();
}

void SpanExporter::Shutdown() {
  {
    std::lock_guard lock(mutex_);
    if (ending_) return;
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void SpanExporter::Run() {
  std::unique_lock lock(mutex_);
  bool is_over = false;
  while (!is_over) {
    changed_.wait_for(lock, kGather, [this] {
      return ending_ || waiting_.size() >= kMaxBatch;
    });
    is_over = ending_ && waiting_.size() <= kMaxBatch;
    const size_t count = std::min(waiting_.size(), kMaxBatch);
    if (count == 0) continue;
    const auto end = waiting_.begin() + static_cast<ptrdiff_t>(count);
    const std::vector<Span> spans(std::make_move_iterator(waiting_.begin()),
                                  std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    const size_t taken = Send(spans);
    exported_ += taken;
    dropped_ += spans.size() - taken;
    lock.lock();
    // A collector that is away must not keep the process from its end.
    if (ending_ && taken == 0) {
      dropped_ += waiting_.size();
      waiting_.clear();
    }
  }
}

size_t SpanExporter::Send(const std::vector<Span>& spans) {
  httplib::Client collector(config_.collector);
  collector.set_connection_timeout(kPatienceSeconds);
  collector.set_read_timeout(kPatienceSeconds);
  collector.set_write_timeout(kPatienceSeconds);
  const httplib::Result answer =
      collector.Post(absl::StrCat(config_.path_prefix, "/v1/traces"),
                     ToOtlpJson(spans), "application/json");
  if (answer && answer->status / 100 == 2) {
    return spans.size() - Rejected(answer->body, spans.size());
  }
  if (sampler_.Admit({"spans", "", ""}, client::WallClockNow()).has_value()) {
    Log(LogLevel::kWarn, "the collector did not take spans",
        {{"spans", spans.size()},
         {"http_status", answer ? answer->status : 0},
         {"detail", answer ? "" : httplib::to_string(answer.error())}});
  }
  return 0;
}

}  // namespace signal_delivery::server
