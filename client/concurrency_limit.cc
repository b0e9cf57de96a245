#include "client/concurrency_limit.h"

#include <algorithm>
#include <limits>

namespace signal_delivery::client {
namespace {

using Seconds = std::chrono::duration<double>;

}  // namespace

ConcurrencyLimit::ConcurrencyLimit(size_t most)
    : most_(static_cast<double>(most)), limit_(std::min(kStart, most_)) {}

ConcurrencyLimit::Duration ConcurrencyLimit::round_trip() const {
  return std::chrono::duration_cast<Duration>(Seconds(recent_));
}

double ConcurrencyLimit::per_second() const {
  if (recent_ == 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(limit()) / recent_;
}

void ConcurrencyLimit::OnAnswer(TimePoint sent_at, TimePoint now,
                                bool at_limit) {
  const double round_trip = Seconds(now - sent_at).count();
  if (recent_ == 0) {
    recent_ = baseline_ = round_trip;
  } else {
    recent_ += kWeight * (round_trip - recent_);
    const double rise =
        std::min(1.0, (now - answered_at_) / Seconds(kBaselineRise));
    baseline_ = std::min(recent_, baseline_ + rise * (recent_ - baseline_));
  }
  answered_at_ = now;
  if (recent_ > kGrown * baseline_ + Seconds(kNoise).count()) {
    if (limit_ == 1) baseline_ = recent_;
    return Decrease(sent_at, now);
  }
  if (at_limit) limit_ = std::min(most_, limit_ + 1 / limit_);
}

void ConcurrencyLimit::OnOverload(TimePoint sent_at, TimePoint now) {
  Decrease(sent_at, now);
}

void ConcurrencyLimit::Decrease(TimePoint sent_at, TimePoint now) {
  // Once per round trip: what was sent before says nothing of the new limit.
  if (sent_at < decreased_at_) return;
  limit_ = std::max(1.0, limit_ * kDecrease);
  decreased_at_ = now;
}

}  // namespace signal_delivery::client
