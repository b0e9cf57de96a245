#ifndef TOOLS_CLI_PREVIEW_TEXT_H_
#define TOOLS_CLI_PREVIEW_TEXT_H_

#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/signal/v1/event.pb.h"
#include "tools/cli/terminal.h"

namespace signal_delivery::cli {

bool WouldBeSent(const datafly::delivery::v1::PreviewedEvent& event);

// For a person: each batch with its events and its body, indented; then the
// events that would not be sent, and a summary. With `fields`, under each event
// where each of its fields comes from and what is left out. The response must
// have one verdict for each event.
void PrintPreview(
    const google::protobuf::RepeatedPtrField<datafly::signal::v1::Event>&
        events,
    const datafly::delivery::v1::PreviewEventsResponse& response, bool fields,
    const Terminal& terminal);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_PREVIEW_TEXT_H_
