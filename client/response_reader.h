#ifndef CLIENT_RESPONSE_READER_H_
#define CLIENT_RESPONSE_READER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/exchange_result.h"
#include "client/wall_clock.h"

namespace signal_delivery::client {

// Reads one HTTP/1 answer out of the bytes it is fed. Of a refusal's body it
// keeps the error message. Any other body is counted and dropped: it matters
// only for knowing where the next answer would begin.
//
// No network. Not thread-safe.
class ResponseReader {
 public:
  // Our own limits; mParticle's answers are a few hundred bytes. The first
  // holds for the head and all interim (1xx) heads before it together.
  static constexpr size_t kMaxHeadSize = 64 * 1024;
  static constexpr size_t kMaxBodySize = 64 * 1024;

  enum class Progress {
    kNeedsMore,
    // There is an answer and nothing else worth reading.
    kFinished,
    // This is not HTTP, or not as we can follow it. Only before a whole head
    // was read: from then on the status stands, whatever comes.
    kUnreadable,
  };

  using WallClock = absl::Time (*)();

  // The clock tells how far away a date in Retry-After is, where the host does
  // not say what its own clock shows.
  explicit ResponseReader(WallClock wall_clock = &WallClockNow);
  ~ResponseReader();

  // The next bytes of the stream. Must not be called after anything but
  // kNeedsMore.
  Progress Feed(absl::string_view bytes);

  // Set as soon as the head has been read, before the body.
  const std::optional<HttpAnswer>& answer() const { return answer_; }

  // After kFinished: whether the answer was read to its exact end and the
  // connection may carry another one.
  bool connection_reusable() const { return reusable_; }

  // After kUnreadable: why.
  const std::string& error() const { return error_; }

 private:
  class Parser;

  // Takes what it can off the front of `input`.
  Progress Parse(absl::string_view& input);
  bool RestIsWorthReading() const;
  Progress Unreadable(absl::string_view why);

  const WallClock wall_clock_;
  std::unique_ptr<Parser> parser_;  // one per head: 1xx heads have their own
  std::string unparsed_;
  size_t head_bytes_ = 0;
  size_t body_bytes_ = 0;  // with the marks between chunks
  std::optional<HttpAnswer> answer_;
  bool reusable_ = false;
  std::string error_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_RESPONSE_READER_H_
