#include "tools/cli/deliver_command.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "tools/cli/call_options.h"
#include "tools/cli/event_input.h"
#include "tools/cli/result_table.h"
#include "tools/cli/server_connection.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::EventResult;

ExitCode Deliver(const CallOptions& options, const Terminal& terminal) {
  auto events = ReadEvents(options.file, terminal.in);
  if (!events.ok()) {
    terminal.err << "signalctl: " << events.status().message() << "\n";
    return kExitUsage;
  }
  DeliverEventsRequest request;
  request.set_integration_id(options.integration);
  request.mutable_events()->Assign(events->begin(), events->end());

  const auto server = ServerConnection::Create(options);
  if (!server.ok()) {
    terminal.err << "signalctl: " << server.status().message() << "\n";
    return kExitUsage;
  }
  DeliverEventsResponse response;
  const grpc::Status status = (*server)->stub().DeliverEvents(
      &(*server)->context(), request, &response);
  if (!status.ok()) return CallFailed(status, options, terminal);
  if (response.results_size() != request.events_size()) {
    return BadResponse(absl::StrCat(response.results_size(), " results for ",
                                    request.events_size(), " events"),
                       terminal);
  }

  ExitCode exit_code = kExitOk;
  if (options.json) {
    exit_code = PrintAsJson(response, terminal);
  } else {
    PrintResults(request.events(), response.results(), terminal);
  }
  for (const EventResult& result : response.results()) {
    exit_code = std::max(exit_code, ExitCodeFor(result.outcome()));
  }
  return exit_code;
}

}  // namespace

void AddDeliverCommand(CLI::App& app, const Terminal& terminal,
                       ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "deliver",
      "Delivers events to mParticle and prints what became of each.");
  auto options = std::make_shared<CallOptions>();
  AddCallOptions(*command, *options);
  command->callback([options, terminal, &exit_code] {
    exit_code = Deliver(*options, terminal);
  });
}

}  // namespace signal_delivery::cli
