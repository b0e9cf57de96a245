#include "tools/cli/cases_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "mapping/signal_json.h"
#include "mapping/status_macros.h"
#include "server/file.h"

namespace signal_delivery::cli {
namespace {

using Json = ::nlohmann::ordered_json;

constexpr char kNow[] = "now";
constexpr char kBatches[] = "batches";
constexpr char kOutcomes[] = "outcomes";
constexpr char kWarnings[] = "warnings";

// For a person to read, and to compare from commit to commit.
constexpr int kIndent = 2;

absl::StatusOr<Json> ParseFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, server::ReadFile(path));
  // The parser reports through exceptions. None leaves this function.
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    absl::string_view what = error.what();
    // Its own error number is of no use to a person.
    if (const auto end = what.find("] "); end != what.npos) {
      what.remove_prefix(end + 2);
    }
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", what));
  }
}

// The members of an object of the file. `where` leads each error:
// "FILE: cases[2].". Borrows the object.
class Members {
 public:
  static absl::StatusOr<Members> Of(
      const Json& object, std::string where,
      std::initializer_list<absl::string_view> known) {
    for (const auto& [name, value] : object.items()) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        return absl::InvalidArgumentError(absl::StrCat(
            where, name, ": unknown; there is: ", absl::StrJoin(known, ", ")));
      }
    }
    return Members(object, std::move(where));
  }

  bool Has(const char* name) const { return object_.contains(name); }

  absl::StatusOr<std::string> Text(const char* name) const {
    const auto member = object_.find(name);
    if (member == object_.end() || !member->is_string() ||
        member->get_ref<const std::string&>().empty()) {
      return Error(name, "expected a text that is not empty");
    }
    return member->get<std::string>();
  }

  absl::StatusOr<Json> List(const char* name) const {
    const auto member = object_.find(name);
    if (member == object_.end() || !member->is_array()) {
      return Error(name, "expected a list");
    }
    return *member;
  }

  absl::StatusOr<absl::Time> Time(const char* name) const {
    ASSIGN_OR_RETURN(const std::string text, Text(name));
    absl::Time time;
    std::string problem;
    if (absl::ParseTime(absl::RFC3339_full, text, &time, &problem)) return time;
    return Error(name, "expected a time such as \"2026-02-25T15:00:00Z\"");
  }

  absl::Status Error(absl::string_view name, absl::string_view message) const {
    return absl::InvalidArgumentError(
        absl::StrCat(where_, name, ": ", message));
  }

 private:
  Members(const Json& object, std::string where)
      : object_(object), where_(std::move(where)) {}

  const Json& object_;
  const std::string where_;
};

absl::Time NewestOf(const std::vector<datafly::signal::v1::Event>& events) {
  absl::Time newest = absl::InfinitePast();
  for (const auto& event : events) {
    if (!event.has_timestamp()) continue;
    newest =
        std::max(newest, absl::FromUnixSeconds(event.timestamp().seconds()) +
                             absl::Nanoseconds(event.timestamp().nanos()));
  }
  return newest;
}

// `now` is the file's, if it has one.
absl::StatusOr<Case> ReadCase(const Json& json, const std::string& where,
                              std::optional<absl::Time> now) {
  ASSIGN_OR_RETURN(
      const Members members,
      Members::Of(json, where,
                  {"name", kNow, "events", kBatches, kOutcomes, kWarnings}));
  Case read;
  ASSIGN_OR_RETURN(read.name, members.Text("name"));
  ASSIGN_OR_RETURN(const Json events, members.List("events"));
  auto parsed = mapping::EventsFromJson(events.dump());
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(where, parsed.status().message()));
  }
  if (parsed->empty()) return members.Error("events", "is empty");
  read.events = *std::move(parsed);
  if (members.Has(kNow)) {
    ASSIGN_OR_RETURN(now, members.Time(kNow));
  }
  read.now = now.has_value() ? *now : NewestOf(read.events);
  for (const char* name : {kBatches, kOutcomes, kWarnings}) {
    if (!members.Has(name)) continue;
    ASSIGN_OR_RETURN(read.expected[name], members.List(name));
  }
  return read;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindCasesFiles(
    const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return std::vector<std::string>{path};
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().extension() == ".json") {
      files.push_back(entry.path().string());
    }
  }
  if (error) {
    return absl::NotFoundError(
        absl::StrCat(path, ": cannot be read: ", error.message()));
  }
  if (files.empty()) {
    return absl::NotFoundError(
        absl::StrCat(path, ": holds no cases (NAME.json)"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<CasesFile> ReadCasesFile(const std::string& path) {
  CasesFile file{.path = path};
  ASSIGN_OR_RETURN(file.document, ParseFile(path));
  if (!file.document.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path,
                     ": expected an object with \"integration\" and "
                     "\"cases\""));
  }
  ASSIGN_OR_RETURN(const Members members,
                   Members::Of(file.document, absl::StrCat(path, ": "),
                               {"integration", kNow, "cases"}));
  ASSIGN_OR_RETURN(file.integration, members.Text("integration"));
  std::optional<absl::Time> now;
  if (members.Has(kNow)) {
    ASSIGN_OR_RETURN(now, members.Time(kNow));
  }
  ASSIGN_OR_RETURN(const Json cases, members.List("cases"));
  if (cases.empty()) return members.Error("cases", "is empty");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!cases[i].is_object()) {
      return members.Error(absl::StrCat("cases[", i, "]"),
                           "expected an object");
    }
    ASSIGN_OR_RETURN(
        file.cases.emplace_back(),
        ReadCase(cases[i], absl::StrCat(path, ": cases[", i, "]."), now));
  }
  return file;
}

absl::Status WriteCasesFile(const CasesFile& file) {
  // First beside it: what goes wrong half-way must not cost the user the file.
  const std::string written = absl::StrCat(file.path, ".new");
  std::ofstream out(written, std::ios::binary);
  out << file.document.dump(kIndent) << "\n";
  out.close();
  std::error_code error;
  if (out.good()) std::filesystem::rename(written, file.path, error);
  if (!out.good() || error) {
    return absl::UnavailableError(
        absl::StrCat(file.path, ": cannot be written"));
  }
  return absl::OkStatus();
}

}  // namespace signal_delivery::cli
