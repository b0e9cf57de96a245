#ifndef TOOLS_TORTURE_DRIVER_REPORT_H_
#define TOOLS_TORTURE_DRIVER_REPORT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tools/torture_driver/call_log.h"
#include "tools/torture_driver/reconciliation.h"
#include "tools/torture_driver/record_reader.h"

namespace signal_delivery::torture {

// Everything that a run came to.
struct Outcome {
  std::string command;  // that starts such a run
  uint64_t seed = 0;
  absl::Duration time;
  Findings findings;
  CallLog::Totals calls;
  RecordTotals record;
  std::map<std::string, int64_t> actions;
  std::vector<std::string> bad_ends;
  absl::Duration recovery;
  int64_t errors_in_calm = 0;
  // Calls that broke though their replica lived, by what they failed with.
  std::map<std::string, int64_t> broken_without_cause;
  // What the errors were that came later than is allowed.
  std::map<std::string, int64_t> late_errors;
};

struct Report {
  // Ends with a line `PASS ...` or `FAIL ...`.
  std::string text;
  std::string markdown;
  bool passed = false;
};

// Tables for a person, and whether all that must hold does.
Report MakeReport(const Outcome& outcome);

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_REPORT_H_
