#include "tools/torture_driver/report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/torture_driver/schedule.h"

namespace signal_delivery::torture {
namespace {

// Requests at the sandbox for each batch that a caller asked for. A budget for
// retries of 20 % of what is in flight is small; where little is in flight, its
// floor of three at a time is not.
constexpr double kMostRequestsPerBatch = 1.2;
// With fewer, the schedule did not do what a run is for.
constexpr int64_t kLeastKindsOfFaults = 15;

constexpr char kName[] = "the conservation oracle";

std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(at, 1, ',');
  }
  return digits;
}

// Rows in sections, for a terminal or as Markdown.
class Table {
 public:
  void Section(const std::string& title) { sections_.push_back({title, {}}); }
  void Count(const std::string& what, int64_t count) {
    rows().push_back({what, Grouped(count), ""});
  }
  void Counts(const std::map<std::string, int64_t>& counts) {
    for (const auto& [what, count] : counts) Count(what, count);
  }
  void Require(const std::string& what, const std::string& value, bool holds) {
    rows().push_back({what, value, holds ? "ok" : "FAILED"});
    passed_ = passed_ && holds;
  }
  void RequireNone(const std::string& what, int64_t count) {
    Require(what, Grouped(count), count == 0);
  }

  bool passed() const { return passed_; }

  std::string Text() const {
    std::string text;
    for (const Part& section : sections_) {
      absl::StrAppend(&text, section.title, "\n");
      for (const Row& row : section.rows) {
        absl::StrAppendFormat(&text, "  %-44s%12s%s%s\n", row.what, row.value,
                              row.verdict.empty() ? "" : "  ", row.verdict);
      }
    }
    return text;
  }

  std::string Markdown() const {
    std::string text;
    for (const Part& section : sections_) {
      absl::StrAppend(&text, "\n## ", section.title,
                      "\n| | | |\n|---|---:|---|\n");
      for (const Row& row : section.rows) {
        absl::StrAppend(&text, "| ", row.what, " | ", row.value, " | ",
                        row.verdict, " |\n");
      }
    }
    return text;
  }

 private:
  struct Row {
    std::string what;
    std::string value;
    std::string verdict;  // empty where there is none
  };
  struct Part {
    std::string title;
    std::vector<Row> rows;
  };

  std::vector<Row>& rows() { return sections_.back().rows; }

  std::vector<Part> sections_;
  bool passed_ = true;
};

int64_t Sum(const std::map<std::string, int64_t>& counts) {
  int64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

std::map<std::string, int64_t> FaultsOf(const Outcome& outcome) {
  std::map<std::string, int64_t> faults = outcome.record.faults;
  faults.insert(outcome.actions.begin(), outcome.actions.end());
  std::erase_if(faults, [](const auto& fault) { return fault.second == 0; });
  return faults;
}

int64_t EventsOf(const Findings& found) {
  return found.accepted + found.dropped + found.rejected +
         found.of(Lie::kNoStatus);
}

void DescribeRun(const Outcome& outcome, Table& table) {
  const Findings& found = outcome.findings;
  table.Section("What was sent");
  table.Count("events", EventsOf(found));
  table.Count("accepted", found.accepted);
  table.Count("dropped", found.dropped);
  table.Count("rejected", found.rejected);
  table.Count("calls", outcome.calls.calls);
  table.Count("of these, requests of a stream", outcome.calls.streamed);
  table.Count("calls that failed as a whole", outcome.calls.failed_calls);
  table.Count("batches taken", found.batches);
  table.Count("repeats of one source_request_id", found.repeats);
  table.Count("requests at the sandbox", outcome.record.requests);
  table.Section("Answers: each event each time, and failed calls");
  table.Counts(outcome.calls.outcomes);
  const std::map<std::string, int64_t> faults = FaultsOf(outcome);
  table.Section(absl::StrCat("Faults: ", Grouped(Sum(faults)), " of ",
                             faults.size(), " kinds"));
  table.Counts(faults);
}

void Judge(const Outcome& outcome, Table& table) {
  table.Section("What must hold");
  for (std::size_t i = 0; i < kLies; ++i) {
    const Lie lie = static_cast<Lie>(i);
    table.RequireNone(std::string(NameOf(lie)), outcome.findings.of(lie));
  }
  table.RequireNone("answers that the schema does not have",
                    Sum(outcome.calls.bad_answers));
  table.RequireNone("calls that broke though their replica lived",
                    Sum(outcome.broken_without_cause));
  table.RequireNone("programs that ended by themselves",
                    static_cast<int64_t>(outcome.bad_ends.size()));
  // A refusal that is halved makes two requests more.
  const int64_t due =
      outcome.calls.batches_asked + outcome.record.refused_together;
  const double share = static_cast<double>(outcome.record.requests) /
                       static_cast<double>(std::max<int64_t>(due, 1));
  table.Require(absl::StrFormat("requests per batch due (at most %.1f)",
                                kMostRequestsPerBatch),
                absl::StrFormat("%.2f", share), share <= kMostRequestsPerBatch);
  table.Require(
      absl::StrCat("recovery after the last fault (at most ",
                   absl::FormatDuration(kRecovery), ")"),
      absl::StrFormat("%.1fs", absl::ToDoubleSeconds(outcome.recovery)),
      outcome.recovery <= kRecovery);
  table.RequireNone("errors that callers saw without faults",
                    outcome.errors_in_calm);
  // A run in which nothing happened shows nothing.
  const auto kinds = static_cast<int64_t>(FaultsOf(outcome).size());
  table.Require(
      absl::StrCat("kinds of faults (at least ", kLeastKindsOfFaults, ")"),
      Grouped(kinds), kinds >= kLeastKindsOfFaults);
  table.Require("something was accepted, and taken",
                Grouped(outcome.findings.batches),
                outcome.findings.batches > 0 && outcome.findings.accepted > 0);
}

}  // namespace

Report MakeReport(const Outcome& outcome) {
  Table table;
  DescribeRun(outcome, table);
  Judge(outcome, table);
  std::string details;
  for (const auto& [why, count] : outcome.calls.bad_answers) {
    absl::StrAppend(&details, "  ", count, " times: ", why, "\n");
  }
  for (const auto& [what, count] : outcome.broken_without_cause) {
    absl::StrAppend(&details, "  broken: ", count, " times ", what, "\n");
  }
  for (const auto& [what, count] : outcome.late_errors) {
    absl::StrAppend(&details, "  late: ", count, " times ", what, "\n");
  }
  for (const std::string& end : outcome.bad_ends) {
    absl::StrAppend(&details, "  ", end, "\n");
  }
  for (const std::string& example : outcome.findings.examples) {
    absl::StrAppend(&details, "  ", example, "\n");
  }
  const std::map<std::string, int64_t> faults = FaultsOf(outcome);
  const std::string verdict = absl::StrCat(
      table.passed() ? "PASS " : "FAIL ", kName, ": ",
      Grouped(EventsOf(outcome.findings)), " events, ", Grouped(Sum(faults)),
      " faults of ", faults.size(), " kinds, seed ", outcome.seed, ", ",
      absl::ToInt64Seconds(outcome.time), " s\n");
  return {.text = absl::StrCat(table.Text(), details, verdict),
          .markdown = absl::StrCat(
              "# A run of ", kName, "\n\n`", outcome.command, "`\n\n", verdict,
              table.Markdown(), details.empty() ? "" : "\n", details),
          .passed = table.passed()};
}

}  // namespace signal_delivery::torture
