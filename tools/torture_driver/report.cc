#include "tools/torture_driver/report.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/torture_driver/schedule.h"

namespace signal_delivery::torture {
namespace {

// Requests at the sandbox for each batch that a caller asked for. A budget for
// retries of 20 % of what is in flight is small; where little is in flight, its
// floor of three at a time is not.
constexpr double kMostRequestsPerBatch = 2.0;

std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(at, 1, ',');
  }
  return digits;
}

class Table {
 public:
  void Say(const std::string& what, const std::string& value) {
    absl::StrAppendFormat(&text_, "%-44s%14s\n", what, value);
  }
  void Count(const std::string& what, int64_t count) {
    Say(what, Grouped(count));
  }
  void Require(const std::string& what, const std::string& value, bool holds) {
    absl::StrAppendFormat(&text_, "%-44s%14s  %s\n", what, value,
                          holds ? "ok" : "FAILED");
    passed_ = passed_ && holds;
  }
  void RequireNone(const std::string& what, int64_t count) {
    Require(what, Grouped(count), count == 0);
  }
  void Line(const std::string& line) { absl::StrAppend(&text_, line, "\n"); }

  Report Finish() && { return {std::move(text_), passed_}; }

 private:
  std::string text_;
  bool passed_ = true;
};

int64_t Sum(const std::map<std::string, int64_t>& counts) {
  int64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

// "bad_tls 12, drip 3, ..." in lines of a width to paste.
void List(const std::map<std::string, int64_t>& counts, Table& table) {
  constexpr std::size_t kWidth = 78;
  std::string line;
  for (const auto& [name, count] : counts) {
    const std::string item = absl::StrCat(name, " ", Grouped(count));
    if (!line.empty() && line.size() + item.size() > kWidth) {
      table.Line(line + ",");
      line.clear();
    }
    absl::StrAppend(&line, line.empty() ? "  " : ", ", item);
  }
  if (!line.empty()) table.Line(line);
}

void DescribeRun(const Outcome& outcome, Table& table) {
  const Findings& found = outcome.findings;
  table.Count("events", found.accepted + found.dropped + found.rejected +
                            found.of(Lie::kNoStatus));
  table.Count("  accepted", found.accepted);
  table.Count("  dropped", found.dropped);
  table.Count("  rejected", found.rejected);
  table.Count("  of these good, refused beside poison",
              found.refused_with_poison);
  table.Count("calls", outcome.calls.calls);
  table.Count("  failed as a whole", outcome.calls.failed_calls);
  table.Count("batches taken", found.batches);
  table.Count("  repeats of one source_request_id", found.repeats);
  table.Count("requests at the sandbox", outcome.record.requests);
  table.Line("answers to callers, each event each time, and failed calls");
  List(outcome.calls.outcomes, table);
  std::map<std::string, int64_t> faults = outcome.record.faults;
  faults.insert(outcome.actions.begin(), outcome.actions.end());
  table.Line(absl::StrCat("faults: ", Grouped(Sum(faults)), " of ",
                          faults.size(), " kinds"));
  List(faults, table);
}

void Judge(const Outcome& outcome, Table& table) {
  for (std::size_t i = 0; i < kLies; ++i) {
    const Lie lie = static_cast<Lie>(i);
    table.RequireNone(std::string(NameOf(lie)), outcome.findings.of(lie));
  }
  table.RequireNone("answers that the schema does not have",
                    Sum(outcome.calls.bad_answers));
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
  table.Require("something was accepted, and taken",
                Grouped(outcome.findings.batches),
                outcome.findings.batches > 0 && outcome.findings.accepted > 0);
}

}  // namespace

Report MakeReport(const Outcome& outcome) {
  Table table;
  table.Line(absl::StrCat("tools/torture, seed ", outcome.seed, ", ",
                          absl::ToInt64Seconds(outcome.time), " s"));
  DescribeRun(outcome, table);
  table.Line("");
  Judge(outcome, table);
  for (const auto& [why, count] : outcome.calls.bad_answers) {
    table.Line(absl::StrCat("  ", count, " times: ", why));
  }
  for (const std::string& end : outcome.bad_ends) table.Line("  " + end);
  for (const std::string& example : outcome.findings.examples) {
    table.Line("  " + example);
  }
  Report report = std::move(table).Finish();
  absl::StrAppend(&report.text, report.passed ? "PASSED\n" : "FAILED\n");
  return report;
}

}  // namespace signal_delivery::torture
