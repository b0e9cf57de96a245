// Pacers that know nothing of each other, at one account's limit, on a clock
// that the test moves: how much of the limit they use, how often they exceed
// it, and how they share it. With the whole service around it:
// tests/server/shared_limit_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "client/exchange_result.h"
#include "client/pacer.h"
#include "tests/client/simulated_scheduler.h"
#include "tools/sandbox/rate_limiter.h"

namespace signal_delivery::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kLimit = 270;
constexpr milliseconds kOneWay{15};

// Of one replica, or of all.
struct Count {
  int taken = 0;
  int refused = 0;
};

class SharedAccountTest : public testing::Test {
 protected:
  // A replica whose callers always have more to send.
  void StartReplica(double max_requests_per_second = kLimit) {
    replicas_.push_back({Pacer(max_requests_per_second, scheduler_.Now()), {}});
    Send(replicas_.back());
  }

  // Lets the time pass; returns what each replica sent meanwhile.
  std::vector<Count> Pass(seconds time) {
    for (Replica& replica : replicas_) replica.count = {};
    scheduler_.Advance(time);
    std::vector<Count> counts;
    for (const Replica& replica : replicas_) counts.push_back(replica.count);
    return counts;
  }
  static Count Sum(const std::vector<Count>& counts) {
    Count sum;
    for (const Count& count : counts) {
      sum.taken += count.taken;
      sum.refused += count.refused;
    }
    return sum;
  }
  static int LeastTaken(const std::vector<Count>& counts) {
    return std::min_element(
               counts.begin(), counts.end(),
               [](const Count& a, const Count& b) { return a.taken < b.taken; })
        ->taken;
  }

 private:
  struct Replica {
    Pacer pacer;
    Count count;
  };

  void Send(Replica& replica) {
    const auto now = scheduler_.Now();
    const auto turn = replica.pacer.NextTurn(now);
    if (turn <= now) {
      replica.pacer.OnStart(now);
      scheduler_.Set(now + kOneWay,
                     [this, &replica, now] { Arrive(replica, now); });
    }
    scheduler_.Set(turn, [this, &replica] { Send(replica); });
  }

  void Arrive(Replica& replica, Pacer::TimePoint sent_at) {
    const auto answer = mparticle_.Ask(
        {.per_second = kLimit},
        absl::UnixEpoch() +
            absl::FromChrono(scheduler_.Now().time_since_epoch()));
    const bool taken = answer.exceeded.empty();
    ++(taken ? replica.count.taken : replica.count.refused);
    HttpAnswer http;
    http.status = taken ? 202 : 429;
    http.limit_used_percent = answer.percentage_used;
    scheduler_.Set(scheduler_.Now() + kOneWay, [this, &replica, sent_at, http] {
      replica.pacer.OnAnswer(http, sent_at, scheduler_.Now());
    });
  }

  SimulatedScheduler scheduler_;
  sandbox::RateLimiter mparticle_;
  std::deque<Replica> replicas_;  // whose elements stay where they are
};

TEST_F(SharedAccountTest, OneReplicaUsesFourFifthsAndIsNeverRefused) {
  StartReplica();
  const Count count = Sum(Pass(seconds(60)));
  EXPECT_GE(count.taken, 60 * kLimit * 0.80);
  EXPECT_EQ(count.refused, 0);
}

class Replicas : public SharedAccountTest,
                 public testing::WithParamInterface<int> {};

TEST_P(Replicas, UseFourFifthsOrMoreAndShareItEvenly) {
  for (int i = 0; i < GetParam(); ++i) StartReplica();
  const Count start = Sum(Pass(seconds(5)));
  // They start together, all at the full rate.
  EXPECT_LE(start.refused, start.taken / 20);
  const std::vector<Count> counts = Pass(seconds(60));
  const Count sum = Sum(counts);
  EXPECT_GE(sum.taken, 60 * kLimit * 0.80);
  EXPECT_LE(sum.refused, sum.taken / 1000);
  EXPECT_GE(LeastTaken(counts), sum.taken / GetParam() * 0.75);
}

INSTANTIATE_TEST_SUITE_P(All, Replicas, testing::Values(2, 3),
                         testing::PrintToStringParamName());

TEST_F(SharedAccountTest, ASecondReplicaGetsItsShareFromTheFirst) {
  StartReplica();
  Pass(seconds(10));
  StartReplica();
  Pass(seconds(5));
  const std::vector<Count> counts = Pass(seconds(60));
  EXPECT_GE(LeastTaken(counts), Sum(counts).taken * 0.4);
  EXPECT_LE(Sum(counts).refused, Sum(counts).taken / 1000);
}

}  // namespace
}  // namespace signal_delivery::client
