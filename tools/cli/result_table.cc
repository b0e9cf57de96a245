#include "tools/cli/result_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tools/cli/event_text.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::EventResult;
using ::datafly::signal::v1::Event;
using ::google::protobuf::RepeatedPtrField;

constexpr std::size_t kColumns = 8;
constexpr std::size_t kOutcomeColumn = 3;
using Row = std::array<std::string, kColumns>;

constexpr absl::string_view kNotesIndent = "     ";

// Enough of a source_request_id to find the batch, and to see which events
// share one; all of it is in the JSON output.
constexpr std::size_t kShortIdLength = 12;

std::string Shortened(absl::string_view id) {
  if (id.size() <= kShortIdLength) return Printable(id);
  return absl::StrCat(Printable(id.substr(0, kShortIdLength)), "…");
}

std::string OrDash(const std::string& text) {
  return text.empty() ? "-" : text;
}
std::string OrDash(int number) {
  return number == 0 ? "-" : absl::StrCat(number);
}

Row MakeRow(int index, const Event& event, const EventResult& result) {
  return {absl::StrCat(index),
          OrDash(Printable(result.message_id())),
          OrDash(EventLabel(event)),
          OutcomeText(result.outcome()),
          ReasonText(result.reason()),
          OrDash(result.http_status()),
          OrDash(result.attempts()),
          OrDash(Shortened(result.source_request_id()))};
}

// Characters, not bytes: continuation bytes of UTF-8 do not count.
std::size_t Width(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](unsigned char byte) {
    return (byte & 0xC0) != 0x80;
  });
}

}  // namespace

void PrintResults(const RepeatedPtrField<Event>& events,
                  const RepeatedPtrField<EventResult>& results,
                  const Terminal& terminal) {
  std::vector<Row> rows = {{"#", "MESSAGE_ID", "EVENT", "OUTCOME", "REASON",
                            "HTTP", "TRIES", "SOURCE_REQUEST_ID"}};
  for (int i = 0; i < results.size(); ++i) {
    rows.push_back(MakeRow(i, events[i], results[i]));
  }
  std::array<std::size_t, kColumns> widths = {};
  for (const Row& row : rows) {
    for (std::size_t column = 0; column < kColumns; ++column) {
      widths[column] = std::max(widths[column], Width(row[column]));
    }
  }

  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const EventResult* result = i == 0 ? nullptr : &results[i - 1];
    for (std::size_t column = 0; column < kColumns; ++column) {
      const std::string& cell = rows[i][column];
      const bool colored =
          terminal.color && result != nullptr && column == kOutcomeColumn;
      terminal.out << (colored ? Colored(cell, result->outcome()) : cell);
      if (column + 1 < kColumns) {
        terminal.out << std::string(widths[column] - Width(cell) + 2, ' ');
      }
    }
    terminal.out << "\n";
    if (result == nullptr) continue;
    PrintNotes(*result, kNotesIndent, terminal.out);
    if (result->has_retry_after()) {
      const absl::Duration wait =
          absl::Seconds(result->retry_after().seconds()) +
          absl::Nanoseconds(result->retry_after().nanos());
      terminal.out << kNotesIndent << "send again after "
                   << absl::FormatDuration(wait) << "\n";
    }
    ++counts[rows[i][kOutcomeColumn]];
  }
  terminal.out << "\n" << Summary(results.size(), counts) << "\n";
}

}  // namespace signal_delivery::cli
