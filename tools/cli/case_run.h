#ifndef TOOLS_CLI_CASE_RUN_H_
#define TOOLS_CLI_CASE_RUN_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "mapping/mapper.h"
#include "tools/cli/cases_file.h"

namespace signal_delivery::cli {

// The outcome of an event that a batch carries.
inline constexpr char kSent[] = "sent";

// What a case gave.
struct CaseRun {
  // In the form of Case::expected, all members there. A batch has its
  // source_request_id only where the case expects one: most users care for what
  // is mapped, and not for a hash of it.
  nlohmann::ordered_json actual = nlohmann::ordered_json::object();
  // Where `actual` is not as expected; empty: the case has passed.
  std::vector<std::string> differences;
  // One per event, for a person to read.
  std::vector<datafly::delivery::v1::PreviewedEvent> events;
};

CaseRun RunCase(const Case& tested, const mapping::Mapper& mapper);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_CASE_RUN_H_
