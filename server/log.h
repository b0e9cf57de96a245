#ifndef SERVER_LOG_H_
#define SERVER_LOG_H_

#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/log_level.h"

namespace signal_delivery::server {

// The log: one JSON object a line on standard error,
//
//   {"time":"2026-01-29T12:00:00.123Z","level":"warn",
//    "message":"a batch was not taken","integration":"acme-eu",...}
//
// A message is a constant sentence, so that it can be looked for; what differs
// from line to line is in fields. Nothing of an event, no address of a person,
// no secret and no text of mParticle's may be in a field.
//
// All functions are thread-safe.

// A text, a number, or true or false. Refers to the text.
class LogValue {
 public:
  // NOLINTBEGIN(google-explicit-constructor): fields are written {"key", 1}.
  LogValue(absl::string_view text) : value_(text) {}
  LogValue(const std::string& text) : LogValue(absl::string_view(text)) {}
  LogValue(const char* text) : LogValue(absl::string_view(text)) {}
  LogValue(double number) : value_(number) {}
  template <typename Int, typename = std::enable_if_t<std::is_integral_v<Int>>>
  LogValue(Int number) {
    if constexpr (std::is_same_v<Int, bool>) {
      value_ = number;
    } else {
      value_ = static_cast<int64_t>(number);
    }
  }
  // NOLINTEND(google-explicit-constructor)

  const std::variant<absl::string_view, int64_t, double, bool>& get() const {
    return value_;
  }

 private:
  std::variant<absl::string_view, int64_t, double, bool> value_;
};

// One whose text is empty is left out of the line.
struct LogField {
  absl::string_view name;
  LogValue value;
};

// Writes a line where `level` is written at all. A text that is not UTF-8 has
// U+FFFD where it is wrong. Never blocks: where standard error is not read fast
// enough, the oldest lines are lost.
void Log(LogLevel level, absl::string_view message,
         absl::Span<const LogField> fields = {});

// Whether lines of that level are written: for who would gather fields in vain.
bool LogsAt(LogLevel level);
LogLevel GetLogLevel();
void SetLogLevel(LogLevel level);

// The line itself, without a line end.
std::string LogLine(absl::Time time, LogLevel level, absl::string_view message,
                    absl::Span<const LogField> fields);

// Makes a program's log what is described above, gRPC's own words included, as
// long as this lives; then what is still to be written is written. Without one
// the lines go to standard output, as in tests. At most one at a time; the
// thread that writes inherits the signal mask of the one that makes it.
class LogOutput {
 public:
  LogOutput();
  ~LogOutput();
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;
};

}  // namespace signal_delivery::server

#endif  // SERVER_LOG_H_
