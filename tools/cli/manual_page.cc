#include "tools/cli/manual_page.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/version.h"

namespace signal_delivery::cli {
namespace {

// A hyphen that is typed, and not one between syllables, is written "\-".
std::string Typed(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}});
}

// Text that is filled into lines.
std::string Prose(absl::string_view text) {
  std::string line = Typed(absl::StrReplaceAll(text, {{"\n", " "}}));
  // A line that begins with one of these would be a macro.
  if (absl::StartsWith(line, ".") || absl::StartsWith(line, "'")) {
    line = absl::StrCat("\\&", line);
  }
  return absl::StrCat(line, "\n");
}

// Text whose lines stay as they are.
std::string Verbatim(absl::string_view text) {
  std::string lines = "\n.nf\n";
  for (absl::string_view line :
       absl::StrSplit(absl::StripAsciiWhitespace(text), '\n')) {
    absl::StrAppend(&lines, "\\&", Typed(line), "\n");
  }
  return absl::StrCat(lines, ".fi\n");
}

std::string OptionEntry(const OptionOutline& option) {
  std::string names = absl::StrJoin(
      option.names, ", ", [&](std::string* out, const std::string& name) {
        absl::StrAppend(out, option.positional ? "\\fI" : "\\fB", Typed(name),
                        "\\fR");
      });
  if (!option.positional && !option.value.empty()) {
    absl::StrAppend(&names, " \\fI", Typed(option.value), "\\fR");
  }
  std::string help = option.help;
  if (!option.choices.empty()) {
    absl::StrAppend(&help, " (", absl::StrJoin(option.choices, ", "), ")");
  }
  if (option.required) absl::StrAppend(&help, " (required)");
  return absl::StrCat(".TP\n", names, "\n", Prose(help));
}

std::string OptionEntries(const std::vector<OptionOutline>& options) {
  std::string entries;
  for (const OptionOutline& option : options) {
    absl::StrAppend(&entries, OptionEntry(option));
  }
  return entries;
}

// Positional arguments and what must be given; the rest is "[OPTIONS]".
std::string Synopsis(const CommandOutline& command) {
  std::string synopsis = " [OPTIONS]";
  for (const OptionOutline& option : command.options) {
    if (option.positional) {
      absl::StrAppend(&synopsis, " ", option.required ? "" : "[", "\\fI",
                      Typed(option.value), "\\fR", option.required ? "" : "]");
    } else if (option.required) {
      absl::StrAppend(&synopsis, " \\fB", Typed(option.names.back()),
                      "\\fR \\fI", Typed(option.value), "\\fR");
    }
  }
  return synopsis;
}

// What stands below every --help, in its parts: "Exit codes:\n  0  ...".
std::string Notes(absl::string_view footer) {
  std::string notes;
  for (absl::string_view part : absl::StrSplit(footer, "\n\n")) {
    const std::pair<absl::string_view, absl::string_view> head_and_body =
        absl::StrSplit(part, absl::MaxSplits('\n', 1));
    const absl::string_view head = head_and_body.first;
    absl::StrAppend(&notes, ".SS \"", Typed(absl::StripSuffix(head, ":")), "\"",
                    Verbatim(absl::StrCat("  ", head_and_body.second)));
  }
  return notes;
}

std::string CommandPart(const CommandOutline& command,
                        absl::string_view common_footer) {
  std::string part = absl::StrCat(
      ".SS \"", Typed(command.name), "\"\n", Prose(command.description),
      ".PP\n\\fB", Typed(command.name), "\\fR", Synopsis(command), "\n",
      OptionEntries(command.options));
  const absl::string_view footer = absl::StripAsciiWhitespace(
      absl::StripSuffix(command.footer, common_footer));
  if (!footer.empty()) absl::StrAppend(&part, ".PP", Verbatim(footer));
  return part;
}

// "Takes calls." -> "takes calls", as a list of pages has it.
std::string Purpose(absl::string_view description) {
  std::string purpose(absl::StripSuffix(description, "."));
  if (!purpose.empty()) purpose[0] = absl::ascii_tolower(purpose[0]);
  return purpose;
}

}  // namespace

std::string ManualPage(const CommandOutline& program, int section) {
  std::string page = absl::StrCat(
      ".TH ", absl::AsciiStrToUpper(program.name), " ", section, " \"",
      server::kVersionDay, "\" \"Signal delivery ", server::kVersion, "\"\n",
      ".SH NAME\n", program.name, " \\- ", Prose(Purpose(program.description)),
      ".SH SYNOPSIS\n\\fB", program.name, "\\fR", Synopsis(program),
      program.commands.empty() ? "" : " \\fICOMMAND\\fR", "\n", ".SH OPTIONS\n",
      OptionEntries(program.options));
  if (!program.commands.empty()) absl::StrAppend(&page, ".SH COMMANDS\n");
  for (const CommandOutline& command : program.commands) {
    absl::StrAppend(&page, CommandPart(command, program.footer));
  }
  if (!program.footer.empty()) {
    absl::StrAppend(&page, ".SH NOTES\n", Notes(program.footer));
  }
  return page;
}

}  // namespace signal_delivery::cli
