// Pieces of what signalctl prints for a person.
#ifndef TOOLS_CLI_EVENT_TEXT_H_
#define TOOLS_CLI_EVENT_TEXT_H_

#include <map>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::cli {

// `text` without control characters ("?" in their place): what comes from an
// event or over the network must not steer the terminal.
std::string Printable(absl::string_view text);

// How an event is called in a list: "Order Completed", "page Checkout",
// "identify".
std::string EventLabel(const datafly::signal::v1::Event& event);

// "NOT_DELIVERED"; for a value that this program does not know, its number.
std::string OutcomeText(datafly::delivery::v1::Outcome outcome);
// "RATE_LIMITED"; likewise.
std::string ReasonText(datafly::delivery::v1::Reason reason);

// `text` in the colour that the outcome has.
std::string Colored(absl::string_view text,
                    datafly::delivery::v1::Outcome outcome);

// Detail, hint, violations and warnings, one to a line; nothing where there is
// nothing. `Result` is an EventResult or a PreviewedEvent.
template <typename Result>
void PrintNotes(const Result& result, absl::string_view indent,
                std::ostream& out);

// "3 events: 1 accepted, 2 dropped". `counts` has how many events are what.
std::string Summary(int events, const std::map<std::string, int>& counts);

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_EVENT_TEXT_H_
