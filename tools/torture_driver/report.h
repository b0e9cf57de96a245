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
  uint64_t seed = 0;
  absl::Duration time;
  Findings findings;
  CallLog::Totals calls;
  RecordTotals record;
  std::map<std::string, int64_t> actions;
  std::vector<std::string> bad_ends;
  absl::Duration recovery;
  int64_t errors_in_calm = 0;
};

struct Report {
  std::string text;
  bool passed = false;
};

// A table for a person and a README, and whether all that must hold does.
Report MakeReport(const Outcome& outcome);

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_REPORT_H_
