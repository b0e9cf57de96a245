#include "client/pacer.h"

#include <algorithm>
#include <cmath>

namespace signal_delivery::client {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr int kTooManyRequests = 429;
// Sums of fractions fall short of a whole by less.
constexpr double kRounding = 1e-6;

}  // namespace

Pacer::Pacer(double most, TimePoint now)
    : most_(most),
      now_(now),
      allowed_(most),
      hold_until_(now),
      share_until_(now),
      window_start_(now) {
  tokens_ = Burst();
}

double Pacer::rate() const {
  double share = 1;
  if (share_ > kSlowFromPercent && now_ < share_until_) {
    share -= (1 - kShareAtLimit) * (share_ - kSlowFromPercent) /
             (100 - kSlowFromPercent);
  }
  return std::max(kLeastRate, allowed_ * share);
}

double Pacer::ExpectedRate(TimePoint now) {
  Advance(now);
  return std::max(rate(), std::min(allowed_, SentLately(now)));
}

double Pacer::Burst() const {
  return std::max(1.0, rate() * Seconds(kBurst).count());
}

void Pacer::Advance(TimePoint now) {
  tokens_ = std::min(tokens_ + rate() * Seconds(now - now_).count(), Burst());
  if (now > hold_until_) {
    const Seconds growing = now - std::max(now_, hold_until_);
    allowed_ += most_ * (growing / recovery_);
    if (allowed_ >= most_) {
      allowed_ = most_;
      recovery_ = kRecovery;
    }
  }
  now_ = now;
}

Pacer::TimePoint Pacer::NextTurn(TimePoint now) {
  Advance(now);
  if (tokens_ >= 1 - kRounding) return now;
  const double wait = (1 - tokens_) / rate();
  return now +
         std::chrono::nanoseconds(static_cast<int64_t>(std::ceil(wait * 1e9)));
}

void Pacer::OnStart(TimePoint now) {
  Advance(now);
  tokens_ -= 1;
  Count(now);
  ++in_window_;
}

void Pacer::Count(TimePoint now) {
  constexpr std::chrono::seconds kWindow{1};
  if (now < window_start_ + kWindow) return;
  in_last_window_ = now < window_start_ + 2 * kWindow ? in_window_ : 0;
  in_window_ = 0;
  window_start_ += (now - window_start_) / kWindow * kWindow;
}

// In a second.
double Pacer::SentLately(TimePoint now) {
  Count(now);
  return static_cast<double>(std::max(in_window_, in_last_window_));
}

void Pacer::OnAnswer(const HttpAnswer& answer, TimePoint sent_at,
                     TimePoint now) {
  Advance(now);
  if (answer.limit_used_percent.has_value()) {
    share_ = *answer.limit_used_percent;
    share_until_ = now + kShareIsValidFor;
  }
  if (answer.status != kTooManyRequests) return;
  // One that was sent before the rate fell says nothing of the new rate.
  if (sent_at < slowed_at_ || now < hold_until_) return;
  if (answer.acceleration_limited) {
    allowed_ = std::min(allowed_, std::max(kLeastRate, SentLately(now)));
    recovery_ = kCarefulRecovery;
  } else {
    allowed_ = std::max(kLeastRate, allowed_ * kDecrease);
  }
  slowed_at_ = now;
  hold_until_ = now + kHold;
}

}  // namespace signal_delivery::client
