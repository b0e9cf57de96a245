#ifndef SERVER_DELIVERY_CALL_H_
#define SERVER_DELIVERY_CALL_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/delivery_client.h"
#include "mapping/mapper.h"
#include "server/call_info.h"
#include "server/call_log.h"
#include "server/event_recorder.h"
#include "server/event_request.h"
#include "server/event_results.h"
#include "server/integration.h"
#include "server/recent_batches.h"
#include "server/repeats.h"
#include "server/tracer.h"

namespace signal_delivery::server {

// One DeliverEvents call from its mapped events to its response: posts the
// batches of one user in order, those of different users side by side, and
// answers once each has its outcome.
//
// A batch that was not taken, or of which nothing is known, holds back the
// later ones of its user: sent again together, they are the same batches again.
// A batch that was refused for what it holds is halved until the event at fault
// stands alone, so that its neighbours are taken. Never on a guess: only a
// definite refusal says that none of a batch's events were taken. Should a part
// not be taken, or nothing be known of it, all parts of that batch must be sent
// again: the rest alone would fall into other parts with other ids, and where
// an earlier call with the same events broke off, be taken twice.
//
// Keeps itself alive until it has answered.
class DeliveryCall : public std::enable_shared_from_this<DeliveryCall> {
 public:
  using Done =
      std::function<void(const datafly::delivery::v1::DeliverEventsResponse&)>;

  // Does what it is given, soon, where the call is answered.
  using Executor = std::function<void(absl::AnyInvocable<void()>)>;

  // What calls share. Outlives them.
  struct Shared {
    client::DeliveryClient& client;
    // Also of those who still hear of late answers when this has gone.
    std::shared_ptr<RecentBatches> taken;
    RecentBatches& refused;  // of more than one event
    CallLog& log;
    Tracer& tracer;
    EventRecorder* recorder;  // null where the event debugger is off
  };

  // What is to be done, and until when.
  struct Task {
    std::unique_ptr<const EventRequest> request;
    std::shared_ptr<const Integration> integration;
    std::chrono::steady_clock::time_point taken_in_at;
    std::chrono::steady_clock::time_point deadline;
    // Once a stop is requested, nothing more is begun for the call, and it ends
    // as soon as the answers to what was sent are in, or overdue.
    std::stop_token cancellation;
    CallInfo info;
    Executor executor;
  };

  // Starts at `now`; calls `done` once, by way of the executor: the client's
  // threads have other deliveries to see to.
  static void Start(Task task, absl::Time now, Shared shared, Done done);

 private:
  DeliveryCall(Task task, absl::Time now, Shared shared, Done done);

  // One user's batches.
  struct Lane {
    std::list<mapping::PreparedBatch> waiting;  // the next first
    mapping::PreparedBatch posted;              // while it is, without its body
    // What is posted: the client may hold it longer than the call needs it.
    std::shared_ptr<const std::string> body;
    std::chrono::steady_clock::time_point posted_at;
    // Its span, where the call is recorded.
    std::optional<TraceContext> span;
    int halvings_left;
    // Those that have their outcome, and the outcome of each.
    std::vector<mapping::PreparedBatch> finished;
    std::vector<BatchOutcome> outcomes;
    // Of the batch of which `posted` is a part: where its parts begin in
    // `finished`, and how many are still to come.
    size_t first_part = 0;
    int parts_left = 0;
  };

  void Run();
  // Posts the lane's next batch; afterwards those behind it.
  void PostNext(Lane& lane);
  bool WasTakenLately(const mapping::PreparedBatch& batch) const;
  bool WasRefusedLately(const mapping::PreparedBatch& batch) const;
  void Post(Lane& lane);
  // Lets the delivery of the posted batch know of others of the same batch.
  void TellRepeats(const Lane& lane, client::Delivery& delivery) const;
  void OnVerdict(Lane& lane, client::Verdict verdict);
  void Finish(Lane& lane, mapping::PreparedBatch batch, BatchOutcome outcome);
  // Puts the halves of what was, or would be, posted in its place.
  void Halve(Lane& lane);
  // The latest part of a refused batch was not taken: the batch must be sent
  // again as a whole.
  void AskForAllParts(Lane& lane);
  void HoldBackTheRest(Lane& lane, absl::Duration retry_after);
  void CloseLane();
  void Answer();
  // For logs and traces.
  void TellOfNames() const;
  void TellOfPosted(const Lane& lane, const client::Verdict& verdict,
                    bool is_halved) const;
  void TellOfCall(
      const datafly::delivery::v1::DeliverEventsResponse& response) const;
  // The wall clock's time of an event since the call came; a step of that clock
  // meanwhile changes nothing.
  absl::Time TimeOf(std::chrono::steady_clock::time_point when) const;
  // For the event debugger.
  void KeepForRecorder(const Lane& lane, BatchOutcome& outcome) const;
  void Record(
      absl::Span<const BatchOutcome> outcomes,
      const datafly::delivery::v1::DeliverEventsResponse& response) const;

  const Integration& integration() const { return *task_.integration; }

  const Task task_;
  const Shared shared_;
  const Done done_;
  // Whose memory of what was taken and refused counts: another host has taken
  // nothing yet.
  const std::string recipient_;

  const absl::Time started_;
  Repeats repeats_;
  mapping::MappedEvents mapped_;
  // Each is touched by one thread at a time, and read when all are done.
  std::vector<Lane> lanes_;
  std::atomic<size_t> open_lanes_ = 0;
};

}  // namespace signal_delivery::server

#endif  // SERVER_DELIVERY_CALL_H_
