#include "tools/cli/check_cases.h"

#include <cstddef>
#include <ostream>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mapping/status_macros.h"
#include "tools/cli/case_run.h"
#include "tools/cli/cases_file.h"
#include "tools/cli/event_text.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::Outcome;

constexpr absl::string_view kIndent = "  ";
constexpr absl::string_view kNotesIndent = "    ";

bool ExpectsSourceRequestId(const Case& tested) {
  return absl::c_any_of(
      tested.expected.value("batches", nlohmann::ordered_json::array()),
      [](const auto& batch) { return batch.contains("source_request_id"); });
}

absl::Status CheckAgainst(const RulesById& rules_by_id, const CasesFile& file) {
  const auto rules = rules_by_id.find(file.integration);
  if (rules == rules_by_id.end()) {
    return absl::NotFoundError(
        absl::StrCat(file.path, ": integration: \"", file.integration,
                     "\" is not among those that are checked: ",
                     absl::StrJoin(rules_by_id, ", ",
                                   [](std::string* out, const auto& entry) {
                                     absl::StrAppend(out, entry.first);
                                   })));
  }
  const absl::Status& api_key = rules->second.api_key;
  if (api_key.ok() || absl::c_none_of(file.cases, ExpectsSourceRequestId)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      file.path, ": a case expects a source_request_id, which depends on ",
      "api_key; leave it out of the case, or mend this: ", api_key.message()));
}

absl::StatusOr<std::vector<CasesFile>> ReadAll(
    const std::vector<std::string>& paths, const RulesById& rules_by_id) {
  std::vector<CasesFile> files;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::vector<std::string> found,
                     FindCasesFiles(path));
    for (const std::string& name : found) {
      ASSIGN_OR_RETURN(CasesFile file, ReadCasesFile(name));
      RETURN_IF_ERROR(CheckAgainst(rules_by_id, file));
      files.push_back(std::move(file));
    }
  }
  return files;
}

// Runs cases, prints what is worth it, and counts.
class CaseRunner {
 public:
  CaseRunner(const CheckCasesOptions& options, const Terminal& terminal)
      : options_(options), out_(terminal.out), color_(terminal.color) {}

  // With `update`, puts what the cases gave into the file's document. True
  // where that is not as it was.
  bool Run(const mapping::Mapper& mapper, CasesFile& file) {
    bool changed = false;
    for (std::size_t i = 0; i < file.cases.size(); ++i) {
      const Case& tested = file.cases[i];
      const CaseRun run = RunCase(tested, mapper);
      if (!tested.expected.contains("warnings")) {
        unasked_warnings_ += run.actual["warnings"].size();
      }
      const bool passed = run.differences.empty();
      ++(passed ? passed_ : different_);
      if (!passed || options_.verbose) Print(file, tested, run);
      if (passed || !options_.update) continue;
      changed = true;
      nlohmann::ordered_json& written = file.document["cases"][i];
      for (const auto& [name, actual] : run.actual.items()) {
        if (name == "batches" || written.contains(name)) written[name] = actual;
      }
    }
    return changed;
  }

  ExitCode Finish() {
    if (unasked_warnings_ > 0) {
      out_ << unasked_warnings_
           << (unasked_warnings_ == 1 ? " warning" : " warnings")
           << " in cases without \"warnings\""
           << (options_.verbose ? "\n" : "; -v shows them\n");
    }
    out_ << passed_ << (passed_ == 1 ? " case" : " cases") << " passed, "
         << different_ << (options_.update ? " updated\n" : " failed\n");
    return different_ == 0 || options_.update ? kExitOk : kExitCaseFailed;
  }

 private:
  void Print(const CasesFile& file, const Case& tested, const CaseRun& run) {
    const bool passed = run.differences.empty();
    const std::string verdict = passed            ? "PASS"
                                : options_.update ? "UPDATED"
                                                  : "FAIL";
    const Outcome like =
        passed ? Outcome::OUTCOME_ACCEPTED : Outcome::OUTCOME_REJECTED;
    out_ << (color_ ? Colored(verdict, like) : verdict) << " " << file.path
         << ": " << Printable(tested.name) << "\n";
    for (const std::string& difference : run.differences) {
      out_ << kIndent << difference << "\n";
    }
    for (std::size_t i = 0; i < run.events.size(); ++i) {
      const std::string outcome = run.actual["outcomes"][i];
      if (outcome == kSent && run.events[i].warnings().empty()) continue;
      out_ << kIndent << "events[" << i << "] " << EventLabel(tested.events[i])
           << ": " << outcome << "\n";
      PrintNotes(run.events[i], kNotesIndent, out_);
    }
  }

  const CheckCasesOptions& options_;
  std::ostream& out_;
  const bool color_;
  int passed_ = 0;
  int different_ = 0;
  std::size_t unasked_warnings_ = 0;
};

}  // namespace

ExitCode CheckCases(const CheckCasesOptions& options,
                    const RulesById& rules_by_id, const Terminal& terminal) {
  absl::StatusOr<std::vector<CasesFile>> files =
      ReadAll(options.paths, rules_by_id);
  if (!files.ok()) {
    terminal.err << files.status().message() << "\n";
    return kExitUsage;
  }
  CaseRunner runner(options, terminal);
  for (CasesFile& file : *files) {
    if (!runner.Run(*rules_by_id.at(file.integration).mapper, file)) continue;
    if (absl::Status written = WriteCasesFile(file); !written.ok()) {
      terminal.err << written.message() << "\n";
      return kExitUsage;
    }
  }
  return runner.Finish();
}

}  // namespace signal_delivery::cli
