#include "server/unfinished_requests.h"

#include <iterator>
#include <utility>

namespace signal_delivery::server {
namespace {

// How often they are looked at.
constexpr std::chrono::milliseconds kLookInterval(100);

// A request that takes so long is slow, whatever the reason. So many may be:
// with the largest request each they fill half of what gRPC may use.
constexpr std::chrono::milliseconds kSlow(500);
constexpr size_t kMaxSlow = 16;

}  // namespace

UnfinishedRequests::UnfinishedRequests(absl::Duration patience)
    : patience_(patience), thread_([this] { Run(); }) {}

UnfinishedRequests::~UnfinishedRequests() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

uint64_t UnfinishedRequests::Add(GiveUp give_up) {
  const std::lock_guard lock(mutex_);
  const uint64_t number = next_number_++;
  requests_.emplace_hint(
      requests_.end(), number,
      Request{std::chrono::steady_clock::now(), std::move(give_up)});
  return number;
}

bool UnfinishedRequests::Remove(uint64_t number) {
  const std::lock_guard lock(mutex_);
  return requests_.erase(number) == 1;
}

void UnfinishedRequests::Run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (stopping_.wait_for(lock, kLookInterval, [this] { return stop_; })) {
        return;
      }
    }
    while (GiveUpOldest()) {
    }
  }
}

bool UnfinishedRequests::GiveUpOldest() {
  GiveUp give_up;
  Why why = Why::kTooLate;
  {
    const std::lock_guard lock(mutex_);
    if (requests_.empty()) return false;
    const auto oldest = requests_.begin();
    const auto now = std::chrono::steady_clock::now();
    if (now - oldest->second.begun < absl::ToChronoNanoseconds(patience_)) {
      if (requests_.size() <= kMaxSlow ||
          now - std::next(oldest, kMaxSlow)->second.begun < kSlow) {
        return false;
      }
      why = Why::kTooManyAreSlow;
    }
    give_up = std::move(oldest->second.give_up);
    requests_.erase(oldest);
  }
  give_up(why);
  return true;
}

}  // namespace signal_delivery::server
