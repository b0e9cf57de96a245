#ifndef TOOLS_SANDBOX_RECORDER_H_
#define TOOLS_SANDBOX_RECORDER_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace signal_delivery::sandbox {

// One request, or the connection that was ended before it became one.
struct Record {
  absl::Time received_at;
  int64_t connection = 0;
  std::string method;  // method, path and headers are empty before the header
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<int> status;  // none where no answer was sent
  bool taken = false;
  bool duplicate = false;
  std::string request_id;                // as Verdict has them
  std::vector<std::string> message_ids;  // of a batch that is taken
  std::string fault;
  std::vector<std::string> problems;
  absl::string_view body;
  bool body_is_json = false;
};

// Keeps what the sandbox saw: every record in the file, if there is one, and
// the latest in memory. A record that cannot be written ends the process: an
// answer that the file knows nothing of would make it lie. Thread-safe.
class Recorder {
 public:
  // The oldest records leave memory when all together are larger than this.
  static constexpr std::size_t kMaxBytesInMemory = 64 << 20;

  // Appends to the file at `path`; an empty path keeps no file.
  static absl::StatusOr<std::unique_ptr<Recorder>> Open(
      const std::string& path);
  ~Recorder();

  // The request_ids of the batches that an existing file says were taken.
  static std::vector<std::string> TakenIds(const std::string& path);

  // Numbers the record, and writes it out before returning.
  void Add(const Record& record);

  // The records in memory, as lines of JSON.
  std::vector<std::string> Lines() const;
  // Empties the memory; the file and the numbering go on.
  void Clear();

  // Waits until `count` records were added since the start; false on timeout.
  bool WaitForCount(int64_t count, absl::Duration timeout) const;

 private:
  explicit Recorder(int file) : file_(file) {}

  const int file_;  // -1 without one
  mutable std::mutex mutex_;
  mutable std::condition_variable added_;
  int64_t count_ = 0;
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
};

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_RECORDER_H_
