#ifndef TOOLS_TORTURE_DRIVER_CALLERS_H_
#define TOOLS_TORTURE_DRIVER_CALLERS_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "tools/torture_driver/call_log.h"
#include "tools/torture_driver/event_factory.h"
#include "tools/torture_driver/ledger.h"
#include "tools/torture_driver/shared_stream.h"

namespace signal_delivery::torture {

// Of a call in a calm: longer than the service needs for anything without
// faults, and short enough to see within the calm that no answer comes.
inline constexpr absl::Duration kCalmDeadline = absl::Seconds(3);
// After a replica has started again, its clients' channels are connected.
inline constexpr absl::Duration kReconnectTime = absl::Seconds(2);

// Many callers at a time, who do what the README tells them: events that are
// NOT_DELIVERED or UNKNOWN are sent again after retry_after, together and in
// the same order, with their identify; a call that failed is made again as it
// was, through another replica. While a user's events wait, nothing else is
// sent of that user. Now and then a call that is over is made once more. Some
// are calls of DeliverEvents, others requests of a DeliverStream that many
// share.
//
// Borrows ledger and log. Thread-safe.
class Callers {
 public:
  struct Options {
    std::vector<std::string> servers;  // the replicas' addresses
    int threads = 160;
    uint64_t seed = 1;
  };
  Callers(const Options& options, Ledger& ledger, CallLog& log);
  // Ends when the calls under way have ended, whatever is still waiting.
  ~Callers();

  // Without faults, deadlines are kCalmDeadline.
  void SetCalm(bool calm) { calm_ = calm; }

  // Makes no new events any more. True once all that there are have their final
  // status.
  bool Drain();

 private:
  using Service = ::datafly::delivery::v1::DeliveryService;
  using Response = ::datafly::delivery::v1::DeliverEventsResponse;

  // A request on its way to its final statuses.
  struct Work {
    Request request;
    // As it was in the beginning; only of those that are made once more.
    std::optional<Request> original;
    bool is_repeat = false;
    int failed_calls = 0;  // since the last answer
    int server = 0;
    absl::Time due;
  };

  void Run(uint64_t seed);
  // What to do next; nullptr at the end. Waits for it.
  std::unique_ptr<Work> Next(std::mt19937_64& random);
  std::unique_ptr<Work> NewWork(std::mt19937_64& random);
  void Call(Work& work, std::mt19937_64& random);
  grpc::Status DeliverEvents(const Work& work, absl::Duration deadline,
                             Response& response);
  grpc::Status DeliverStreamed(const Work& work, absl::Duration deadline,
                               bool calm, Response& response);
  void OnAnswer(Work& work, const Response& response, absl::Time start,
                absl::Time end);
  void OnFailure(Work& work, const grpc::Status& status, absl::Time start,
                 absl::Time end, std::mt19937_64& random);
  // Puts it back, or lets its users go.
  void Continue(std::unique_ptr<Work> work);

  Ledger& ledger_;
  CallLog& log_;
  std::vector<std::unique_ptr<Service::Stub>> stubs_;   // by replica
  std::vector<std::unique_ptr<SharedStream>> streams_;  // by replica
  std::atomic<bool> calm_ = true;

  std::mutex mutex_;
  // One thread at a time watches for what is due next; the others are idle.
  std::condition_variable watch_;
  std::condition_variable idle_;
  bool is_watched_ = false;
  bool makes_new_ = true;
  bool ends_ = false;
  uint32_t requests_ = 0;
  absl::Time next_new_;  // when the next request is made
  int64_t open_ = 0;     // works that are not over
  std::vector<std::unique_ptr<Work>> waiting_;
  std::vector<std::vector<uint32_t>> free_users_;  // by integration
  std::vector<std::thread> threads_;
};

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_CALLERS_H_
