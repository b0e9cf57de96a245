#ifndef SERVER_SPAN_EXPORTER_H_
#define SERVER_SPAN_EXPORTER_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "server/log_sampler.h"
#include "server/span.h"
#include "server/traces_config.h"

namespace signal_delivery::server {

// Sends spans to a collector over OTLP/HTTP, some together, from a thread of
// its own. Whoever hands one over never waits: where the collector is slow or
// away, spans are dropped and counted. None is sent twice.
//
// Thread-safe.
class SpanExporter {
 public:
  // That wait. At a kilobyte each some megabytes.
  static constexpr size_t kMaxWaiting = 4'096;
  // In one request.
  static constexpr size_t kMaxBatch = 512;

  explicit SpanExporter(TracesConfig config);
  // As Shutdown.
  ~SpanExporter();
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  void Add(Span span);

  // Sends what waits, as long as the collector takes it, and ends the thread.
  // What comes later is dropped. Only the first call does anything.
  void Shutdown();

  uint64_t exported() const { return exported_; }
  uint64_t dropped() const { return dropped_; }

 private:
  void Run();
  // How many of them the collector took; 0 where it did not answer.
  size_t Send(const std::vector<Span>& spans);

  const TracesConfig config_;
  LogSampler sampler_;
  std::atomic<uint64_t> exported_ = 0;
  std::atomic<uint64_t> dropped_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Span> waiting_;  // guarded by mutex_, as the next
  bool ending_ = false;

  std::thread thread_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_SPAN_EXPORTER_H_
