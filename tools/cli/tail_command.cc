#include "tools/cli/tail_command.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/event_debugger.grpc.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tools/cli/call_options.h"
#include "tools/cli/debugged_event_text.h"
#include "tools/cli/interruption.h"
#include "tools/cli/server_connection.h"

namespace signal_delivery::cli {
namespace {

using ::datafly::delivery::v1::EventDebuggerService;
using ::datafly::delivery::v1::Outcome;
using ::datafly::delivery::v1::Reason;
using ::datafly::delivery::v1::TailEventsRequest;
using ::datafly::delivery::v1::TailEventsResponse;

constexpr int kMaxRecent = 10'000;

struct TailOptions {
  CallOptions call;
  std::vector<std::string> outcomes;
  std::vector<std::string> reasons;
  TailEventsRequest request;
  std::optional<int> recent;
  bool follow = true;
  bool payload = false;
};

// The names of an enum's values without their prefix, but for value 0.
std::vector<std::string> Names(const google::protobuf::EnumDescriptor& type,
                               absl::string_view prefix) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    names.emplace_back(absl::StripPrefix(type.value(i)->name(), prefix));
  }
  return names;
}

TailEventsRequest MakeRequest(const TailOptions& options) {
  TailEventsRequest request = options.request;
  request.set_integration_id(options.call.integration);
  for (const std::string& name : options.outcomes) {
    Outcome outcome;
    if (Outcome_Parse(absl::StrCat("OUTCOME_", name), &outcome)) {
      request.add_outcomes(outcome);
    }
  }
  for (const std::string& name : options.reasons) {
    Reason reason;
    if (Reason_Parse(absl::StrCat("REASON_", name), &reason)) {
      request.add_reasons(reason);
    }
  }
  if (options.recent.has_value()) request.set_recent(*options.recent);
  request.set_follow(options.follow);
  return request;
}

void PrintAsLine(const TailEventsResponse& response, const Terminal& terminal) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (MessageToJsonString(response, &json, options).ok()) {
    terminal.out << json << "\n";
  }
}

ExitCode Tail(const TailOptions& options, const Terminal& terminal) {
  const auto server = ServerConnection::Create(options.call);
  if (!server.ok()) {
    terminal.err << "signalctl: " << server.status().message() << "\n";
    return kExitUsage;
  }
  grpc::ClientContext& context = (*server)->context();
  const Interruption interruption([&context] { context.TryCancel(); });
  const auto stub = EventDebuggerService::NewStub((*server)->channel());
  const auto stream = stub->TailEvents(&context, MakeRequest(options));
  TailEventsResponse response;
  // Each as it comes; what cannot be written is noticed by our caller.
  while (terminal.out.flush() && stream->Read(&response)) {
    if (options.call.json) {
      PrintAsLine(response, terminal);
    } else {
      PrintTailed(response, options.payload, terminal);
    }
  }
  if (!terminal.out.good()) context.TryCancel();
  const grpc::Status status = stream->Finish();
  // Nobody wanted more.
  if (status.error_code() == grpc::StatusCode::CANCELLED) return kExitOk;
  if (!status.ok()) return CallFailed(status, options.call, terminal);
  if (options.follow) terminal.err << "signalctl: the service is ending\n";
  return kExitOk;
}

void AddFilters(CLI::App& command, TailOptions& options) {
  command
      .add_option("--integration", options.call.integration,
                  "Only this integration's events; default all that the caller "
                  "may use")
      ->type_name("ID");
  command
      .add_option("--outcome", options.outcomes,
                  "Only events with this outcome; may be given several times")
      ->check(CLI::IsMember(
          Names(*datafly::delivery::v1::Outcome_descriptor(), "OUTCOME_")))
      ->type_name("OUTCOME");
  command
      .add_option("--reason", options.reasons,
                  "Only events with this reason, such as INVALID_EVENT; may be "
                  "given several times")
      ->check(CLI::IsMember(
          Names(*datafly::delivery::v1::Reason_descriptor(), "REASON_")))
      ->type_name("REASON");
  command
      .add_option_function<std::string>(
          "--message-id",
          [&options](const std::string& id) {
            options.request.set_message_id(id);
          },
          "Only the event with this message_id")
      ->type_name("ID");
  command
      .add_option_function<std::string>(
          "--event",
          [&options](const std::string& name) {
            options.request.set_event_name(name);
          },
          "Only track events of this name")
      ->type_name("NAME");
  command
      .add_option("--recent", options.recent,
                  "How many of the kept events to begin with; default 20")
      ->check(CLI::Range(0, kMaxRecent))
      ->type_name("N");
}

}  // namespace

void AddTailCommand(CLI::App& app, const Terminal& terminal,
                    ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "tail",
      "Shows the latest events and those that follow, with what became of "
      "each and what was posted, without personal data.");
  auto options = std::make_shared<TailOptions>();
  options->call.timeout = absl::InfiniteDuration();
  AddServerOptions(*command, options->call);
  AddFilters(*command, *options);
  command->add_flag("--follow,!--no-follow", options->follow,
                    "Go on with the events that follow; the default");
  command->add_flag("--payload", options->payload,
                    "Also what was found out and what was posted");
  command->add_flag("--json", options->call.json,
                    "JSON lines for a program: TailEventsResponse, with the "
                    "field names of event_debugger.proto");
  command->callback([options, terminal, &exit_code] {
    exit_code = Tail(*options, terminal);
  });
}

}  // namespace signal_delivery::cli
