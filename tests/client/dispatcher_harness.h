#ifndef TESTS_CLIENT_DISPATCHER_HARNESS_H_
#define TESTS_CLIENT_DISPATCHER_HARNESS_H_

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/dispatcher.h"
#include "tests/client/simulated_scheduler.h"
#include "tests/client/test_client.h"

namespace signal_delivery::client {

// Attempts that end when the test says so.
class FakeTransport final : public Transport {
 public:
  struct Posted {
    Attempt attempt;
    Done done;
    TimePoint at;
  };

  explicit FakeTransport(SimulatedScheduler& scheduler)
      : scheduler_(scheduler) {}

  void Post(Attempt attempt, Done done) override {
    ++posts_;
    under_way_.push_back(
        {std::move(attempt), std::move(done), scheduler_.Now()});
  }
  void Cancel(uint64_t id, TimePoint answer_by) override {
    cancelled_.emplace_back(id, answer_by);
  }

  // Ends the attempt that has been under way the longest.
  void End(ExchangeResult result, bool tried = true,
           std::chrono::nanoseconds host_silent = {}) {
    ASSERT_FALSE(under_way_.empty());
    Posted posted = std::move(under_way_.front());
    under_way_.pop_front();
    posted.done({std::move(result), tried, posted.at, host_silent});
  }

  // Of the same one: its deadline has passed.
  void BeOverdue() { under_way_.front().attempt.on_overdue(); }

  std::list<Posted>& under_way() { return under_way_; }
  int posts() const { return posts_; }
  const std::vector<std::pair<uint64_t, TimePoint>>& cancelled() const {
    return cancelled_;
  }

 private:
  SimulatedScheduler& scheduler_;
  std::list<Posted> under_way_;
  int posts_ = 0;
  std::vector<std::pair<uint64_t, TimePoint>> cancelled_;
};

class DispatcherTest : public testing::Test {
 protected:
  using TimePoint = Scheduler::Clock::time_point;
  using milliseconds = std::chrono::milliseconds;
  using seconds = std::chrono::seconds;

  explicit DispatcherTest(
      double max_requests_per_second = Destination::kDefaultRequestsPerSecond)
      : DispatcherTest(
            DestinationAt("events.example", max_requests_per_second)) {}
  explicit DispatcherTest(std::shared_ptr<const Destination> destination)
      : load_(destination->load()),
        dispatcher_(
            std::move(destination), scheduler_, transport_, host_news_,
            [this] { return random_; }, /*max_concurrency=*/100) {}
  ~DispatcherTest() override {
    while (!transport_->under_way().empty()) Answer(202);
    dispatcher_.Shutdown();
    EXPECT_EQ(scheduler_.alarms(), 0u);
  }

  // Returns the delivery's id.
  uint64_t Deliver(Scheduler::Clock::duration timeout = seconds(30),
                   std::string body = "{}", std::string key = "") {
    const uint64_t id = next_id_++;
    dispatcher_.Deliver(id, std::make_shared<const std::string>(body),
                        scheduler_.Now() + timeout,
                        [this, id](Verdict verdict) {
                          EXPECT_EQ(verdicts_.count(id), 0u);
                          verdicts_[id] = std::move(verdict);
                        },
                        {.key = std::move(key),
                         .on_late_answer = [this, id](const Verdict& verdict) {
                           EXPECT_EQ(late_answers_.count(id), 0u);
                           late_answers_[id] = verdict;
                         }});
    return id;
  }

  void Answer(int status, std::optional<absl::Duration> retry_after = {}) {
    transport_->End(HttpAnswer{.status = status, .retry_after = retry_after});
  }
  void Fail(TransportFailure::Stage stage,
            TransportFailure::What what = TransportFailure::What::kBroken) {
    transport_->End(TransportFailure{stage, what, "in our words"});
  }

  // Whether there is a verdict yet.
  bool IsDone(uint64_t id) const { return verdicts_.count(id) > 0; }
  const Verdict& VerdictOf(uint64_t id) {
    EXPECT_TRUE(IsDone(id)) << id;
    return verdicts_[id];
  }
  size_t under_way() const { return transport_->under_way().size(); }

  SimulatedScheduler scheduler_;
  std::shared_ptr<FakeTransport> transport_ =
      std::make_shared<FakeTransport>(scheduler_);
  // Shared with the other destinations of the host.
  std::shared_ptr<HostNews> host_news_ = std::make_shared<HostNews>();
  double random_ = 1;
  const Load& load_;
  Dispatcher dispatcher_;
  uint64_t next_id_ = 0;
  std::map<uint64_t, Verdict> verdicts_;
  std::map<uint64_t, Verdict> late_answers_;
};

}  // namespace signal_delivery::client

#endif  // TESTS_CLIENT_DISPATCHER_HARNESS_H_
