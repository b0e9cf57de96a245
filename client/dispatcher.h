#ifndef CLIENT_DISPATCHER_H_
#define CLIENT_DISPATCHER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/attempt_history.h"
#include "client/circuit_breaker.h"
#include "client/concurrency_limit.h"
#include "client/delivery.h"
#include "client/destination.h"
#include "client/host_news.h"
#include "client/pacer.h"
#include "client/retry_budget.h"
#include "client/scheduler.h"
#include "client/transport.h"
#include "client/verdict.h"

namespace signal_delivery::client {

// The deliveries to one destination: decides when an attempt may start and
// whether another one follows, until each delivery has its verdict. How an
// attempt is made is the transport's part.
//
// Deliveries start in the order in which they came; one that is to be tried
// again starts before those that were not tried yet. None ends with a claim
// that was not seen: where the fate of an earlier attempt is unknown, only an
// answer that settles it makes the delivery anything but unknown.
//
// Of deliveries of one key, one at a time is posted. The others wait for it:
// they share its verdict where that is for good; otherwise, within their own
// deadlines, the next of them is posted.
//
// Not thread-safe. Borrows the scheduler.
class Dispatcher {
 public:
  using TimePoint = Scheduler::Clock::time_point;
  // From 0 to 1, evenly spread.
  using Random = std::function<double()>;

  // An attempt that has no answer by then is given up, and another one made.
  // mParticle answers within a second; ten leave room for a slow day.
  static constexpr std::chrono::seconds kAttemptTimeout{10};
  // So long the answer to a request is waited for when its delivery was
  // cancelled or is past its deadline: it says something of the host, and of
  // what became of the body.
  static constexpr std::chrono::seconds kGrace{2};

  // What concerns other deliveries of the same body; see Delivery.
  struct Repeats {
    std::string key;
    absl::AnyInvocable<void(const Verdict&)> on_late_answer;
  };

  Dispatcher(std::shared_ptr<const Destination> destination,
             Scheduler& scheduler, std::shared_ptr<Transport> transport,
             std::shared_ptr<HostNews> host_news, Random random,
             size_t max_concurrency);
  // After Shutdown, or when it is unused.
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // `done` is called exactly once, possibly from within this call; it must not
  // call back into the dispatcher. `id` is unique among all deliveries of the
  // transport. `traceparent` is Delivery's.
  void Deliver(uint64_t id, std::shared_ptr<const std::string> body,
               TimePoint deadline, DeliveryDone done, Repeats repeats = {},
               std::string traceparent = "");

  // Ends a delivery that waits, at once; one that is being sent is not tried
  // again. Nothing happens where there is no such delivery.
  void Cancel(uint64_t id);

  // Where the key was refused: it may have been put right, and is tried at
  // once.
  void TryKeyAgain();

  // Ends every delivery that waits, and every later one, at once. Those being
  // sent end with the transport's shutdown.
  void Shutdown();

  // Whether nobody delivers to this destination any longer, nor can.
  bool unused() const;

 private:
  struct Job;
  using Jobs = std::list<Job>;

  struct Job {
    uint64_t id = 0;
    std::shared_ptr<const std::string> body;
    std::string traceparent;
    TimePoint deadline;
    DeliveryDone done;  // empty once called; then only the answer is awaited
    Repeats repeats;

    AttemptHistory history;
    Jobs* queue = nullptr;  // the one that it is in
    std::optional<Scheduler::Handle> alarm;
    bool cancelled = false;

    // Of the attempt under way.
    TimePoint started_at;
    bool is_retry = false;
    bool is_probe = false;
    bool at_limit = false;
  };
  // ---- Starting attempts
  // Starts what may start now, and sets an alarm for what may start later.
  void Pump();
  bool StartNext();
  // The longest waiting of those that may be next; null where there is none.
  Jobs* NextQueue();
  void StartAttempt(Jobs::iterator job);
  bool LeavesTime(const Job& job, TimePoint start) const;
  void PumpAt(TimePoint when);
  // Where the breaker is open and the host has answered others since, its next
  // probe comes soon.
  void HearNews();
  void PublishLoad();

  // ---- Deliveries of one key
  struct Group {
    uint64_t posted = 0;            // the one that the others wait for
    std::vector<uint64_t> waiting;  // some may have ended
  };
  // Whether it waits for another of its key now.
  bool WaitsForAnother(Jobs::iterator job);
  // What is known to a delivery that waits, when it cannot any longer.
  Verdict OfTheOther(const Job& job, absl::string_view why) const;
  // The one that was posted has ended.
  void EndGroup(const std::string& key, const Verdict& verdict);

  // ---- After an attempt
  // Its delivery's deadline has passed; the answer may still come.
  void OnOverdue(Jobs::iterator job);
  void OnAttemptDone(Jobs::iterator job, Transport::Outcome outcome);
  void Learn(const Job& job, const Transport::Outcome& outcome);
  // Tells the observer what is new since it was last told.
  void Tell(const Transport::Outcome& outcome, bool was_closed, double rate);
  // Lets the job rest until it may be tried again, if that is early enough.
  void Rest(Jobs::iterator job, std::optional<absl::Duration> retry_after);

  // ---- Waiting
  void Wait(Jobs::iterator job, Jobs& queue);
  // Ends what would wait for the next probe in vain.
  void EndHopeless(Jobs& queue);
  bool EndIfHopeless(Jobs::iterator job);
  void OnDeadline(Jobs::iterator job);
  void Move(Jobs::iterator job, Jobs& to);
  void CancelAlarm(Job& job);

  // ---- The end of a delivery
  void GiveUp(Jobs::iterator job, absl::string_view why,
              std::optional<absl::Duration> retry_after, Verdict not_tried);
  void Conclude(Jobs::iterator job, Verdict verdict);

  const std::shared_ptr<const Destination> destination_;
  Scheduler& scheduler_;
  const std::shared_ptr<Transport> transport_;
  const std::shared_ptr<HostNews> host_news_;
  const Random random_;

  RetryBudget retry_budget_;
  Pacer pacer_;
  CircuitBreaker breaker_;
  ConcurrencyLimit concurrency_;
  // Why the breaker is not closed.
  Verdict last_failure_;

  Jobs fresh_;    // never tried, the longest waiting first
  Jobs retries_;  // ready to be tried again
  Jobs resting_;  // to be ready again after their pause
  Jobs sent_;     // with the transport
  Jobs sharing_;  // waiting for another of the same key
  absl::flat_hash_map<uint64_t, Jobs::iterator> jobs_;
  absl::flat_hash_map<std::string, Group> groups_;  // by key

  std::optional<Scheduler::Handle> pump_alarm_;
  bool pumping_ = false;
  bool shutting_down_ = false;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_DISPATCHER_H_
