#ifndef TOOLS_CLI_RESULT_TABLE_H_
#define TOOLS_CLI_RESULT_TABLE_H_

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/signal/v1/event.pb.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

// A table for a person: a row for each event, its notes below it, and a
// summary. There must be one result for each event.
void PrintResults(const google::protobuf::RepeatedPtrField<
                      datafly::signal::v1::Event>& events,
                  const google::protobuf::RepeatedPtrField<
                      datafly::delivery::v1::EventResult>& results,
                  const Terminal& terminal);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_RESULT_TABLE_H_
