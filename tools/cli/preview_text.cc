#include "tools/cli/preview_text.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/cli/event_text.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::FieldOrigin;
using ::datafly::delivery::v1::PreviewedBatch;
using ::datafly::delivery::v1::PreviewedEvent;
using ::datafly::delivery::v1::PreviewEventsResponse;
using ::datafly::signal::v1::Event;
using ::google::protobuf::RepeatedPtrField;

constexpr absl::string_view kEventIndent = "  ";
constexpr absl::string_view kNotesIndent = "     ";
constexpr int kBodyIndent = 2;

// The body in its own order, indented; as it is where it is not JSON.
std::string Indented(const std::string& body) {
  const auto json = nlohmann::ordered_json::parse(body, /*cb=*/nullptr,
                                                  /*allow_exceptions=*/false);
  if (json.is_discarded()) return Printable(body);
  std::vector<std::string> lines = absl::StrSplit(json.dump(kBodyIndent), '\n');
  for (std::string& line : lines) line = Printable(line);
  return absl::StrJoin(lines, "\n");
}

// "0  evt_1  Order Completed"
std::string Line(int index, const RepeatedPtrField<Event>& events) {
  const Event& event = events[index];
  std::string line = absl::StrCat(index);
  for (const std::string& part :
       {Printable(event.message_id()), EventLabel(event)}) {
    if (!part.empty()) absl::StrAppend(&line, "  ", part);
  }
  return line;
}

// "data.currency_code <- properties.currency  [currency; acme.yaml:12:9]"
void PrintFields(const PreviewedEvent& event, std::ostream& out) {
  for (const FieldOrigin& field : event.fields()) {
    std::string line(kNotesIndent);
    if (field.left_out()) {
      absl::StrAppend(&line, "left out: ", field.signal_path());
    } else {
      absl::StrAppend(&line, field.mparticle_path());
      if (!field.signal_path().empty()) {
        absl::StrAppend(&line, " <- ", field.signal_path());
      }
    }
    absl::StrAppend(&line, "  [", field.description());
    if (!field.made_by().empty()) absl::StrAppend(&line, "; ", field.made_by());
    out << Printable(line) << "]\n";
  }
}

template <typename Indexes>
bool Contains(const Indexes& indexes, int index) {
  return std::find(indexes.begin(), indexes.end(), index) != indexes.end();
}

}  // namespace

bool WouldBeSent(const PreviewedEvent& event) {
  return event.outcome() == datafly::delivery::v1::OUTCOME_UNSPECIFIED;
}

void PrintPreview(const RepeatedPtrField<Event>& events,
                  const PreviewEventsResponse& response, bool fields,
                  const Terminal& terminal) {
  std::ostream& out = terminal.out;
  for (int b = 0; b < response.batches_size(); ++b) {
    const PreviewedBatch& batch = response.batches(b);
    out << "Batch " << b << ": " << batch.body().size() << " bytes";
    if (!batch.source_request_id().empty()) {
      out << ", source_request_id " << Printable(batch.source_request_id());
    }
    out << "\n";
    for (const int index : batch.event_indexes()) {
      if (index < 0 || index >= events.size()) continue;
      out << kEventIndent << Line(index, events) << "\n";
      PrintNotes(response.events(index), kNotesIndent, out);
      if (fields) PrintFields(response.events(index), out);
    }
    for (int i = 0; i < events.size(); ++i) {
      const PreviewedEvent& event = response.events(i);
      if (!Contains(event.batch_indexes(), b)) continue;
      if (Contains(batch.event_indexes(), i)) continue;
      out << kEventIndent << Line(i, events) << " (its traits)\n";
      PrintNotes(event, kNotesIndent, out);
      if (fields) PrintFields(event, out);
    }
    out << Indented(batch.body()) << "\n\n";
  }

  const auto sent = std::count_if(response.events().begin(),
                                  response.events().end(), WouldBeSent);
  if (sent < events.size()) out << "Not sent:\n";
  std::map<std::string, int> counts;
  for (int i = 0; i < events.size(); ++i) {
    const PreviewedEvent& event = response.events(i);
    if (WouldBeSent(event)) {
      ++counts["would be sent"];
      continue;
    }
    const std::string outcome = OutcomeText(event.outcome());
    ++counts[outcome];
    out << kEventIndent << Line(i, events) << "  "
        << (terminal.color ? Colored(outcome, event.outcome()) : outcome) << " "
        << ReasonText(event.reason()) << "\n";
    PrintNotes(event, kNotesIndent, out);
  }
  if (sent < events.size()) out << "\n";
  out << Summary(events.size(), counts) << "; " << response.batches_size()
      << (response.batches_size() == 1 ? " batch\n" : " batches\n");
}

}  // namespace signal_delivery::cli
