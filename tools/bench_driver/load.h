#ifndef TOOLS_BENCH_DRIVER_LOAD_H_
#define TOOLS_BENCH_DRIVER_LOAD_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "tools/bench_driver/latency_histogram.h"
#include "tools/bench_driver/process_watch.h"
#include "tools/bench_driver/queue_event.h"
#include "tools/bench_driver/request_stream.h"
#include "tools/bench_driver/request_template.h"

namespace signal_delivery::bench {

// Calls DeliverEvents, or sends the same requests by DeliverStream, and
// measures: with so many calls always under way, or so many calls a second,
// whether or not those before were answered. A stream's request is a call, too.
// One thread. Not thread-safe.
class Load {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::string server;   // HOST:PORT
    std::string ca_file;  // PEM; empty: plaintext
    int connections = 4;
    bool streams = false;  // one on each connection, instead of calls
    RequestTemplate::Shape shape;
    // At most so many are under way; without a rate, exactly so many.
    int in_flight = 16;
    // Calls a second; 0: as many as there is room for. A call's latency then
    // counts from when it was due, also where there was no room for it.
    double rate = 0;
    std::chrono::nanoseconds warm_up = std::chrono::seconds(1);
    // Longer where by then no call has ended.
    std::chrono::nanoseconds time = std::chrono::seconds(3);
    // Whether the server is one that answers for every event, not the floor's.
    bool expects_results = true;
  };

  // Of the time after the warm-up; of all calls that ended in it.
  struct Report {
    double seconds = 0;
    int64_t calls = 0;
    int64_t failed_calls = 0;    // without the status OK
    int64_t other_outcomes = 0;  // events with another outcome than ACCEPTED
    std::string first_failure;
    LatencyHistogram latencies;
    std::chrono::nanoseconds cpu_time{0};      // of the server
    std::chrono::nanoseconds own_cpu_time{0};  // of this program
    uint64_t allocations = 0;
  };

  // Borrows the watch.
  Load(Options options, const ProcessWatch& watch);
  Report Run();

  // The sizes of the bodies that one call's events become; asks the server.
  std::vector<int64_t> BodySizes();

 private:
  // One of those that are under way at a time.
  struct Call final : QueueEvent {
    Call(Load& load, size_t number) : load(load), number(number) {}
    void OnEvent(bool ok) override;

    Load& load;
    const size_t number;  // its place in `calls_`
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer response;
    grpc::Status status;
    Clock::time_point due_at;
  };

  // Lets the next event happen, if it comes before then.
  void RunNext(std::chrono::system_clock::time_point deadline);
  void StartMeasuring(Clock::time_point now);
  void EndMeasuring(Clock::time_point now);
  void Start(Call& call, Clock::time_point due_at);
  void StartDue(Clock::time_point now);
  void OnEnd(size_t call, const grpc::Status& status,
             const datafly::delivery::v1::DeliverEventsResponse& response);
  void CheckResults(
      const datafly::delivery::v1::DeliverEventsResponse& response);
  void OnFailure(std::string what);
  void EndStreams();

  const Options options_;
  const ProcessWatch& watch_;
  const ProcessWatch itself_;
  RequestTemplate requests_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::vector<std::unique_ptr<RequestStream>> streams_;  // or none
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<size_t> free_;
  size_t next_connection_ = 0;
  Clock::time_point next_due_;
  // When the latest event came: before its answer is read, which is no part of
  // a latency.
  Clock::time_point event_at_;
  bool measuring_ = false;
  Clock::time_point measured_from_;
  Report report_;
};

}  // namespace signal_delivery::bench

#endif  // TOOLS_BENCH_DRIVER_LOAD_H_
