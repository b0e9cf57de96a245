#include "tools/cli/event_text.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::Finding;
using ::datafly::delivery::v1::Outcome;
using ::datafly::delivery::v1::Reason;
using ::datafly::signal::v1::Event;

// An enum value's name without its prefix.
std::string EnumText(absl::string_view name, absl::string_view prefix,
                     int value) {
  if (name.empty()) return absl::StrCat(value);
  return std::string(absl::StripPrefix(name, prefix));
}

void PrintNote(absl::string_view what, absl::string_view text,
               absl::string_view indent, std::ostream& out) {
  if (text.empty()) return;
  out << indent << what << ": " << Printable(text) << "\n";
}

void PrintFinding(absl::string_view what, const Finding& finding,
                  absl::string_view indent, std::ostream& out) {
  std::string text;
  if (!finding.signal_path().empty()) text = finding.signal_path();
  if (!finding.mparticle_path().empty()) {
    absl::StrAppend(&text, " -> ", finding.mparticle_path());
  }
  absl::StrAppend(&text, text.empty() ? "" : ": ", finding.description());
  if (!finding.rule().empty()) {
    absl::StrAppend(&text, " [", finding.rule(), "]");
  }
  PrintNote(what, text, indent, out);
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, controls as well, are C2 80 to C2 9F in UTF-8.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    printable += c1 || absl::ascii_iscntrl(byte) ? '?' : text[i];
  }
  return printable;
}

std::string EventLabel(const Event& event) {
  switch (event.type()) {
    case datafly::signal::v1::EVENT_TYPE_TRACK:
      return Printable(event.event());
    case datafly::signal::v1::EVENT_TYPE_PAGE:
      return event.name().empty() ? "page" : "page " + Printable(event.name());
    case datafly::signal::v1::EVENT_TYPE_IDENTIFY:
      return "identify";
    case datafly::signal::v1::EVENT_TYPE_GROUP:
      return "group";
    default:
      return "";
  }
}

std::string OutcomeText(Outcome outcome) {
  return EnumText(Outcome_Name(outcome), "OUTCOME_", outcome);
}

std::string ReasonText(Reason reason) {
  return EnumText(Reason_Name(reason), "REASON_", reason);
}

std::string Colored(absl::string_view text, Outcome outcome) {
  const char* color = "\x1b[33m";  // yellow: send it again
  if (outcome == datafly::delivery::v1::OUTCOME_ACCEPTED) color = "\x1b[32m";
  if (outcome == datafly::delivery::v1::OUTCOME_DROPPED) color = "\x1b[2m";
  if (outcome == datafly::delivery::v1::OUTCOME_REJECTED) color = "\x1b[31m";
  return absl::StrCat(color, text, "\x1b[0m");
}

template <typename Result>
void PrintNotes(const Result& result, absl::string_view indent,
                std::ostream& out) {
  PrintNote("detail", result.detail(), indent, out);
  PrintNote("hint", result.hint(), indent, out);
  for (const Finding& finding : result.violations()) {
    PrintFinding("violation", finding, indent, out);
  }
  for (const Finding& finding : result.warnings()) {
    PrintFinding("warning", finding, indent, out);
  }
}

template void PrintNotes(const datafly::delivery::v1::EventResult&,
                         absl::string_view, std::ostream&);
template void PrintNotes(const datafly::delivery::v1::PreviewedEvent&,
                         absl::string_view, std::ostream&);

std::string Summary(int events, const std::map<std::string, int>& counts) {
  std::vector<std::string> parts;
  for (const auto& [what, count] : counts) {
    parts.push_back(absl::StrCat(
        count, " ",
        absl::StrReplaceAll(absl::AsciiStrToLower(what), {{"_", " "}})));
  }
  return absl::StrCat(events, events == 1 ? " event: " : " events: ",
                      absl::StrJoin(parts, ", "));
}

}  // namespace signal_delivery::cli
