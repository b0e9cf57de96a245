#ifndef TOOLS_TORTURE_DRIVER_RECORD_READER_H_
#define TOOLS_TORTURE_DRIVER_RECORD_READER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tools/torture_driver/reconciliation.h"

namespace signal_delivery::torture {

// What the sandbox's record says of its requests, beside the batches taken.
struct RecordTotals {
  int64_t requests = 0;  // that reached the events' path and were read whole
  // Of these, those refused as poison that held more than one event: a sender
  // may halve these, which makes two more requests.
  int64_t refused_together = 0;
  std::map<std::string, int64_t> faults;  // played, by kind
  int64_t unfinished_lines = 0;           // of a sandbox that was killed
};

// Reads a record file and hands on every batch taken, in the order taken.
absl::Status ReadRecord(const std::string& path,
                        const std::function<void(const TakenBatch&)>& on_taken,
                        RecordTotals& totals);

// The same for one line, without its line break.
void ReadRecordLine(absl::string_view line,
                    const std::function<void(const TakenBatch&)>& on_taken,
                    RecordTotals& totals);

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_RECORD_READER_H_
