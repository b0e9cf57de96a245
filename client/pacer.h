#ifndef CLIENT_PACER_H_
#define CLIENT_PACER_H_

#include <chrono>
#include <cstdint>

#include "client/exchange_result.h"

namespace signal_delivery::client {

// Holds the rate of a destination's requests below mParticle's limits: a token
// bucket whose rate follows what the answers say. The share of the limit that
// is used counts all that use the account, so replicas that know nothing of
// each other slow down together.
//
// Decides only; sends nothing. Not thread-safe.
class Pacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Requests a second. However bad the news, so much is tried: the answers are
  // how it learns.
  static constexpr double kLeastRate = 1;
  // What may go at once after a silence. A tenth of a second's worth smooths
  // the bursts of callers and is no burst to a limit that is one per second.
  static constexpr std::chrono::milliseconds kBurst{100};

  // From this share of the limit on (in percent) the rate falls in a straight
  // line, to kShareAtLimit of itself at 100. 80: soon enough that the others'
  // growth within a round trip still fits below the limit.
  static constexpr double kSlowFromPercent = 80;
  static constexpr double kShareAtLimit = 0.05;
  // A share that nobody repeated says nothing for longer: the limit is one per
  // second, and at the least rate five answers would have come.
  static constexpr std::chrono::seconds kShareIsValidFor{5};

  // A 429 halves the rate, as TCP does with its window; once per round trip and
  // per second, since the limit counts by the second and one burst brings many
  // 429s. For so long the rate does not grow either.
  static constexpr double kDecrease = 0.5;
  static constexpr std::chrono::seconds kHold{1};
  // From the least rate back to the full one; and after a 429 for growing too
  // fast, until the full rate is reached. mParticle does not say how fast it
  // lets a rate grow: these err on the slow side.
  static constexpr std::chrono::seconds kRecovery{60};
  static constexpr std::chrono::seconds kCarefulRecovery{300};

  // `most` is the rate at best, kLeastRate or more.
  Pacer(double most, TimePoint now);

  // When the next request may start: `now`, or later.
  TimePoint NextTurn(TimePoint now);

  // A request starts whose turn has come.
  void OnStart(TimePoint now);

  void OnAnswer(const HttpAnswer& answer, TimePoint sent_at, TimePoint now);

  // Requests a second, as of the latest call.
  double rate() const;

  // The same, but for the share of the limit: what a 429 lowers.
  double allowed_rate() const { return allowed_; }

  // The share of the limit that is used, in percent, as the latest answer that
  // named it had it, and until when that says something.
  double limit_used_percent() const { return share_; }
  TimePoint limit_used_until() const { return share_until_; }

  // Requests a second that may be counted on for longer than a moment: no fewer
  // than went lately, unless a 429 has spoken since. The share of the limit
  // swings within a second, so that rate() alone is no measure of how long a
  // queue will take.
  double ExpectedRate(TimePoint now);

 private:
  void Advance(TimePoint now);
  void Count(TimePoint now);
  double SentLately(TimePoint now);
  double Burst() const;

  const double most_;
  TimePoint now_;
  double tokens_;
  // The rate but for the share of the limit.
  double allowed_;
  std::chrono::seconds recovery_ = kRecovery;
  TimePoint hold_until_;
  TimePoint slowed_at_ = TimePoint::min();

  double share_ = 0;
  TimePoint share_until_;

  // Requests in the second that began at window_start_, and in the one before.
  TimePoint window_start_;
  int64_t in_window_ = 0;
  int64_t in_last_window_ = 0;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_PACER_H_
