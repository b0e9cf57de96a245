#include "tools/cli/preview_command.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "tools/cli/call_options.h"
#include "tools/cli/event_input.h"
#include "tools/cli/preview_text.h"
#include "tools/cli/server_connection.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::PreviewedEvent;
using ::datafly::delivery::v1::PreviewEventsRequest;
using ::datafly::delivery::v1::PreviewEventsResponse;

ExitCode Preview(const CallOptions& options, bool brief,
                 const Terminal& terminal) {
  auto events = ReadEvents(options.file, terminal.in);
  if (!events.ok()) {
    terminal.err << "signalctl: " << events.status().message() << "\n";
    return kExitUsage;
  }
  PreviewEventsRequest request;
  request.set_integration_id(options.integration);
  request.mutable_events()->Assign(events->begin(), events->end());

  const auto server = ServerConnection::Create(options);
  if (!server.ok()) {
    terminal.err << "signalctl: " << server.status().message() << "\n";
    return kExitUsage;
  }
  PreviewEventsResponse response;
  const grpc::Status status = (*server)->stub().PreviewEvents(
      &(*server)->context(), request, &response);
  if (!status.ok()) return CallFailed(status, options, terminal);
  if (response.events_size() != request.events_size()) {
    return BadResponse(absl::StrCat(response.events_size(), " verdicts for ",
                                    request.events_size(), " events"),
                       terminal);
  }

  ExitCode exit_code = kExitOk;
  if (options.json) {
    exit_code = PrintAsJson(response, terminal);
  } else {
    PrintPreview(request.events(), response, /*fields=*/!brief, terminal);
  }
  for (const PreviewedEvent& event : response.events()) {
    if (!WouldBeSent(event)) {
      exit_code = std::max(exit_code, ExitCodeFor(event.outcome()));
    }
  }
  return exit_code;
}

}  // namespace

void AddPreviewCommand(CLI::App& app, const Terminal& terminal,
                       ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "preview",
      "Prints the batches that `deliver` would post, and for each field where "
      "it comes from. Posts nothing.");
  auto options = std::make_shared<CallOptions>();
  AddCallOptions(*command, *options);
  auto brief = std::make_shared<bool>(false);
  command->add_flag("--brief", *brief, "leave out where each field comes from");
  command->callback([options, brief, terminal, &exit_code] {
    exit_code = Preview(*options, *brief, terminal);
  });
}

}  // namespace signal_delivery::cli
