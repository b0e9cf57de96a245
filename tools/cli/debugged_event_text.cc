#include "tools/cli/debugged_event_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tools/cli/event_text.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::DebuggedEvent;
using ::datafly::delivery::v1::EventResult;
using ::datafly::delivery::v1::TailEventsResponse;

constexpr absl::string_view kIndent = "     ";

std::string TimeText(const DebuggedEvent& event) {
  const absl::Time time = absl::FromUnixSeconds(event.time().seconds()) +
                          absl::Nanoseconds(event.time().nanos());
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::string LabelOf(const DebuggedEvent& event) {
  if (!event.event_name().empty()) return Printable(event.event_name());
  return event.event_type().empty() ? "unreadable"
                                    : Printable(event.event_type());
}

std::string TookText(const DebuggedEvent& event) {
  if (!event.has_delivery_duration()) return "-";
  const absl::Duration took =
      absl::Seconds(event.delivery_duration().seconds()) +
      absl::Nanoseconds(event.delivery_duration().nanos());
  return absl::FormatDuration(absl::Trunc(took, absl::Microseconds(100)));
}

void PrintEvent(const DebuggedEvent& event, const Terminal& terminal) {
  const EventResult& result = event.result();
  const std::string outcome = OutcomeText(result.outcome());
  // Test data must not be taken for real data, nor the other way round.
  const std::string mark =
      event.environment() == "production"
          ? ""
          : absl::StrCat(" [", Printable(event.environment()), "]");
  terminal.out
      << TimeText(event) << "  " << Printable(event.integration_id()) << mark
      << "  " << LabelOf(event) << "  "
      << (terminal.color ? Colored(outcome, result.outcome()) : outcome) << " "
      << ReasonText(result.reason()) << "  http "
      << (result.http_status() == 0 ? "-" : absl::StrCat(result.http_status()))
      << ", tries " << result.attempts() << ", took " << TookText(event) << "  "
      << (result.message_id().empty() ? "-" : Printable(result.message_id()))
      << "\n";
}

}  // namespace

void PrintTailed(const TailEventsResponse& response, bool payload,
                 const Terminal& terminal) {
  if (response.missed() > 0) {
    terminal.out << "... " << response.missed()
                 << (response.missed() == 1 ? " event that" : " events that")
                 << " may have matched came too fast to be shown\n";
  }
  if (!response.has_event()) return;
  const DebuggedEvent& event = response.event();
  PrintEvent(event, terminal);
  if (!payload) return;
  PrintNotes(event.result(), kIndent, terminal.out);
  if (!event.caller().empty()) {
    terminal.out << kIndent << "caller: " << Printable(event.caller()) << "\n";
  }
  terminal.out << kIndent << "trace: " << Printable(event.trace_id()) << "\n";
  if (!event.payload().empty()) {
    terminal.out << kIndent << "payload: " << Printable(event.payload())
                 << "\n";
  }
}

}  // namespace signal_delivery::cli
