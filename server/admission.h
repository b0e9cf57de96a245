#ifndef SERVER_ADMISSION_H_
#define SERVER_ADMISSION_H_

#include <cstddef>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace signal_delivery::server {

// Decides which calls are taken in, before any work is done for them: what is
// under way stays within memory, and no call waits for a turn that comes too
// late for it.
//
// An integration may hold as much as it leaves free, and so at most a half by
// itself; two, a third each. However many are stuck, there is room left for
// those that are not. (The rule is that of shared packet buffers: Choudhury and
// Hahne, "Dynamic queue length thresholds", 1998.)
//
// Thread-safe.
class Admission {
 public:
  struct Limits {
    // Of all calls under way.
    size_t max_calls = 10'000;
    // Of their requests, as they came over the wire. What is made of them in
    // memory is some times as much.
    size_t max_bytes = 128 * 1024 * 1024;

    friend bool operator==(const Limits&, const Limits&) = default;
  };

  // The room that a call takes; it is given back when this goes.
  class Permit {
   public:
    Permit(Permit&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)),
          integration_(std::move(other.integration_)),
          bytes_(other.bytes_) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (admission_ != nullptr) admission_->GiveBack(integration_, bytes_);
    }

   private:
    friend class Admission;
    Permit(Admission& admission, std::string integration, size_t bytes)
        : admission_(&admission),
          integration_(std::move(integration)),
          bytes_(bytes) {}

    Admission* admission_;
    std::string integration_;
    size_t bytes_;
  };

  explicit Admission(Limits limits) : limits_(limits) {}
  // When every permit is given back.
  ~Admission() = default;
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // A call for `integration` with a request of `bytes`, which must be answered
  // in `time_left`, and whose first turn comes in about `wait`.
  // RESOURCE_EXHAUSTED where there is no room or no time for it, with the time
  // to wait before another try.
  absl::StatusOr<Permit> Admit(const std::string& integration, size_t bytes,
                               absl::Duration wait, absl::Duration time_left);

  struct Use {
    size_t calls = 0;
    size_t bytes = 0;
  };
  // What is under way now, and the most that may be.
  Use under_way() const;
  const Limits& limits() const { return limits_; }

 private:
  void GiveBack(const std::string& integration, size_t bytes);

  const Limits limits_;

  mutable std::mutex mutex_;  // guards what follows
  Use total_;
  absl::flat_hash_map<std::string, Use> by_integration_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_ADMISSION_H_
