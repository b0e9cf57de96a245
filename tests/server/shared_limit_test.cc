// Two replicas that know nothing of each other, and one account: mParticle's
// limit holds for both together, and its answers are all that they learn of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/pacer.h"
#include "nlohmann/json.hpp"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/signal_events.h"
#include "tools/retry_delay.h"
#include "tools/sandbox/sandbox.h"

namespace signal_delivery::server {
namespace {

using ::nlohmann::json;
using support::ConfigFolder;
using support::DeliverReply;
using support::RunningService;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

// Batches a second. So few that no machine is too slow for them.
constexpr int kLimit = 60;
// So many that the limit alone makes them take ten seconds.
constexpr int kBatches = 10 * kLimit;
// As many calls at a time wait for each replica. Of both together, a third must
// be told that their turn did not come: in a second, kLimit batches are taken.
constexpr int kCallersPerReplica = 45;
constexpr absl::Duration kCallDeadline = absl::Seconds(1);

class SharedLimitTest : public testing::Test {
 protected:
  SharedLimitTest() {
    sandbox::SandboxOptions options;
    options.api_key = support::kApiKey;
    options.api_secret = support::kApiSecret;
    options.rate_limit.per_second = kLimit;
    sandbox_ = sandbox::Sandbox::Start(options).value();
  }

  // Starts two replicas that send so much a second at best, and has all batches
  // delivered by callers of both.
  void DeliverAll(int max_batches_per_second) {
    const ConfigFolder folder;
    const std::string integration = support::IntegrationText(
        sandbox_->address(),
        folder.Write("ca.pem", sandbox_->ca_certificate_pem()),
        absl::StrCat("  max_batches_per_second: ", max_batches_per_second));
    std::array<RunningService, 2> replicas = {
        RunningService({{"acme", integration}}),
        RunningService({{"acme", integration}})};
    std::vector<std::thread> callers;
    for (size_t i = 0; i < replicas.size(); ++i) {
      for (int n = 0; n < kCallersPerReplica; ++n) {
        callers.emplace_back(
            [this, &replica = replicas[i], &accepted = accepted_[i]] {
              for (int batch; (batch = next_batch_++) < kBatches; ++accepted) {
                DeliverUntilAccepted(replica, batch);
              }
            });
      }
    }
    for (std::thread& caller : callers) caller.join();
    ReadRecord();
  }

  int sent_again() const { return sent_again_; }
  int least_share() const {
    return std::min(accepted_[0].load(), accepted_[1].load());
  }
  // Of the answers in the order in which they were given: the 429s among those
  // from the one at `begin` on.
  int refused_from(size_t begin) const {
    return static_cast<int>(std::count(
        statuses_.begin() + static_cast<int64_t>(begin), statuses_.end(), 429));
  }
  const std::vector<int>& statuses() const { return statuses_; }
  const std::set<std::string>& taken() const { return taken_; }

 private:
  // As a caller does who goes by the answer.
  void DeliverUntilAccepted(RunningService& replica, int batch) {
    const std::string name = absl::StrCat(batch);
    for (;; ++sent_again_) {
      const DeliverReply reply = replica.Deliver(
          {support::LoggedIn("m-" + name, "u-" + name)}, "acme", kCallDeadline);
      // On a busy machine an answer may come too late.
      if (reply.status.error_code() == grpc::DEADLINE_EXCEEDED) continue;
      if (const auto delay = RetryDelay(reply.status)) {
        absl::SleepFor(*delay);
        continue;
      }
      ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
      const EventResult& result = reply.response.results(0);
      if (result.outcome() == OUTCOME_ACCEPTED) return;
      ASSERT_TRUE(result.has_retry_after()) << result.DebugString();
      absl::SleepFor(absl::Seconds(result.retry_after().seconds()) +
                     absl::Nanoseconds(result.retry_after().nanos()));
    }
  }

  void ReadRecord() {
    for (const json& record : sandbox_->Records()) {
      statuses_.push_back(record["status"]);
      if (!record["taken"].get<bool>()) continue;
      taken_.insert(record["source_message_ids"][0].get<std::string>());
    }
    std::printf(
        "%d 429s among %zu answers, %d in the second half; "
        "accepted by the replicas: %d and %d; sent again: %d\n",
        refused_from(0), statuses_.size(), refused_from(statuses_.size() / 2),
        accepted_[0].load(), accepted_[1].load(), sent_again_.load());
  }

  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::atomic<int> next_batch_ = 0;
  std::atomic<int> sent_again_ = 0;
  std::array<std::atomic<int>, 2> accepted_ = {};
  std::vector<int> statuses_;
  std::set<std::string> taken_;
};

// At the limit a replica still tries this share of its rate, in order to learn
// (see client/pacer.h). One that was there all the time would have so many
// 429s; steering from 80 % on keeps both below it nearly always. Without
// steering they have more than that, although each 429 halves a rate.
int MostRefused(size_t answers) {
  return static_cast<int>(client::Pacer::kShareAtLimit *
                          static_cast<double>(answers));
}

// A 429 halves the rate of the replica that gets it and not the other's, so
// for a while one may have half of the other's; twice in a row is bad luck.
constexpr int kLeastShare = kBatches / 5;

// Every replica is told the limit of the account, as if it were alone.
TEST_F(SharedLimitTest, ReplicasStayBelowItTogetherAndNoneStarves) {
  DeliverAll(kLimit);
  EXPECT_THAT(taken(), SizeIs(kBatches));
  EXPECT_GT(sent_again(), 0) << "the callers did not offer more than the limit";
  EXPECT_THAT(refused_from(0), Le(MostRefused(statuses().size())));
  EXPECT_THAT(least_share(), Ge(kLeastShare));
}

// Each would send 270 a second. What that costs at first is the price of not
// knowing: nothing is said of it but that it ends.
TEST_F(SharedLimitTest, ReplicasThatDoNotKnowItFindIt) {
  DeliverAll(270);
  EXPECT_THAT(taken(), SizeIs(kBatches));
  EXPECT_GT(sent_again(), 0) << "the callers did not offer more than the limit";
  const size_t half = statuses().size() / 2;
  EXPECT_THAT(refused_from(half), Le(MostRefused(statuses().size() - half)));
  EXPECT_THAT(least_share(), Ge(kLeastShare));
}

}  // namespace
}  // namespace signal_delivery::server
