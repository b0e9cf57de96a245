// The program's log: what an on-call finds in it, and what is nowhere.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "tests/support/child_process.h"
#include "tests/support/config_folder.h"
#include "tests/support/log_lines.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/signal_events.h"
#include "tests/support/span_collector.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using ::nlohmann::json;
using support::Action;
using support::ChildProcess;
using support::LastWith;
using support::LoggedIn;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kTraceparent[] =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class LoggingTest : public testing::Test {
 protected:
  void WriteIntegration(const std::string& id, const std::string& more = "") {
    folder_.Write(absl::StrCat("integrations/", id, ".yaml"),
                  support::IntegrationText(
                      mparticle_.name_and_port(),
                      support::TestCertificates::Get().ca_file(), more));
  }

  // Starts the program and waits until it takes calls.
  void Start(const std::string& more = "") {
    WriteIntegration("acme");
    const std::string config = folder_.Write(
        "service.yaml",
        absl::StrCat("listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n"
                     "leave_seconds: 0\nintegrations_dir: integrations\n",
                     more));
    program_ = std::make_unique<ChildProcess>(
        "server/signal_delivery",
        std::vector<std::string>{"--config=" + config});
    ASSERT_TRUE(program_->WaitForLineWith("takes calls")) << program_->output();
    const json line = LastWith("takes calls", program_->output());
    channel_ =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", line["port"].get<int>()),
                            grpc::InsecureChannelCredentials());
    admin_ = std::make_unique<httplib::Client>("127.0.0.1",
                                               line["admin_port"].get<int>());
  }

  // Ends the program; all that it wrote.
  std::string End() {
    // A connection that nobody reads from hears of no end.
    channel_ = nullptr;
    program_->Signal(SIGTERM);
    EXPECT_EQ(program_->WaitForExit(), 0) << program_->output();
    return program_->output();
  }

  grpc::Status Deliver(const std::vector<datafly::signal::v1::Event>& events,
                       const std::string& integration = "acme",
                       const std::string& token = "") {
    DeliverEventsRequest request;
    request.set_integration_id(integration);
    request.mutable_events()->Add(events.begin(), events.end());
    grpc::ClientContext context;
    context.AddMetadata("traceparent", kTraceparent);
    if (!token.empty()) {
      context.AddMetadata("authorization", "Bearer " + token);
    }
    return DeliveryService::NewStub(channel_)->DeliverEvents(&context, request,
                                                             &response_);
  }

  const support::ConfigFolder folder_;
  support::ScriptedTlsServer mparticle_;
  std::unique_ptr<ChildProcess> program_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<httplib::Client> admin_;
  DeliverEventsResponse response_;
};

TEST_F(LoggingTest, TheLifeOfTheProgramIsInLinesOfJson) {
  Start();
  const std::string output = End();
  std::vector<std::string> messages;
  for (const json& line : support::LogLines(output)) {
    messages.push_back(line["message"]);
  }
  EXPECT_EQ(messages,
            (std::vector<std::string>{"starts", "takes calls",
                                      "drains: takes no more calls",
                                      "ends: every call is answered"}));
}

TEST_F(LoggingTest, AProgramThatCannotStartSaysWhyInALine) {
  ChildProcess program("server/signal_delivery", {"--config=no-such-file"});
  EXPECT_EQ(program.WaitForExit(), 2);
  const json line = LastWith("cannot start", program.output());
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["error"],
            "no-such-file: cannot be read: No such file or directory");
}

TEST_F(LoggingTest, ABatchThatIsNotTakenIsALineWithAllThatLeadsToIt) {
  mparticle_.OnNextRequest(Action::Answer(418));
  Start();
  EXPECT_TRUE(Deliver({LoggedIn("m-1", "u"), LoggedIn("m-2", "u")}).ok());
  const json line = LastWith("a batch is not taken", End());
  EXPECT_EQ(line["level"], "warn");
  EXPECT_EQ(line["trace_id"], kTraceId);
  EXPECT_EQ(line["integration"], "acme");
  EXPECT_EQ(line["reason"], "UNEXPECTED_STATUS");
  EXPECT_EQ(line["outcome"], "NOT_DELIVERED");
  EXPECT_EQ(line["http_status"], 418);
  EXPECT_EQ(line["attempts"], 1);
  EXPECT_EQ(line["events"], 2);
  EXPECT_EQ(line["source_request_id"],
            response_.results(0).source_request_id());
}

TEST_F(LoggingTest, ARefusedKeyIsTwoLinesAndItsEndOne) {
  mparticle_.OnNextRequest(Action::Answer(401));
  Start();
  EXPECT_TRUE(Deliver({LoggedIn("m-1", "u")}).ok());
  ASSERT_TRUE(program_->WaitForLineWith("deliveries rest: the key is refused"));
  // Waits for the probe's turn.
  EXPECT_TRUE(Deliver({LoggedIn("m-2", "u")}).ok());
  ASSERT_TRUE(program_->WaitForLineWith("deliveries go on"));
  const std::string output = End();
  EXPECT_EQ(LastWith("a batch is not taken", output)["reason"], "UNAUTHORIZED");
  const json rest = LastWith("deliveries rest: the key is refused", output);
  EXPECT_EQ(rest["level"], "error");
  EXPECT_EQ(rest["integration"], "acme");
  EXPECT_EQ(rest["http_status"], 401);
}

TEST_F(LoggingTest, A429IsALineWithTheRates) {
  mparticle_.OnNextRequest(Action::Answer(429, "", {"Retry-After: 0"}));
  Start();
  EXPECT_TRUE(Deliver({LoggedIn("m-1", "u")}).ok());
  const json line = LastWith("the rate is lowered after a 429", End());
  EXPECT_EQ(line["integration"], "acme");
  EXPECT_EQ(line["batches_per_second_before"], 270);
  EXPECT_EQ(line["batches_per_second"], 135);
}

TEST_F(LoggingTest, RejectedEventsAreOneLineACallAndReason) {
  Start();
  const datafly::signal::v1::Event nothing;
  EXPECT_TRUE(Deliver({nothing, LoggedIn("m-1", "u"), nothing}).ok());
  const json line = LastWith("events are rejected", End());
  EXPECT_EQ(line["trace_id"], kTraceId);
  EXPECT_EQ(line["reason"], "INVALID_EVENT");
  EXPECT_EQ(line["events"], 2);
}

TEST_F(LoggingTest, RefusedCallsAreSampledAndCounted) {
  Start();
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(Deliver({LoggedIn("m-1", "u")}, "nobody").ok());
  }
  int refused = 0;
  int suppressed = 0;
  for (const json& line : support::LogLines(End())) {
    if (line["message"] != "a call is refused") continue;
    ++refused;
    suppressed += line.value("suppressed", 0);
    EXPECT_EQ(line["reason"], "NO_SUCH_INTEGRATION");
    EXPECT_EQ(line["integration"], "nobody");
    EXPECT_EQ(line["status"], "NOT_FOUND");
    EXPECT_EQ(line["trace_id"], kTraceId);
  }
  EXPECT_GE(refused, 5);
  EXPECT_LE(refused + suppressed, 20);
}

TEST_F(LoggingTest, AReloadSaysWhatIsNew) {
  WriteIntegration("other");
  Start();
  const json started = LastWith("takes calls", program_->output());
  WriteIntegration("acme", "skip_repeats: false");
  WriteIntegration("third");
  folder_.Remove("integrations/other.yaml");
  program_->Signal(SIGHUP);
  ASSERT_TRUE(program_->WaitForLineWith("\"removed\":\"other\""));
  const json line = LastWith("integrations are read again", End());
  EXPECT_EQ(line["version_before"], started["version"]);
  EXPECT_NE(line["version"], started["version"]);
  EXPECT_EQ(line["added"], "third");
  EXPECT_EQ(line["changed"], "acme");
}

TEST_F(LoggingTest, TheLevelChangesWhileItRuns) {
  Start();
  EXPECT_EQ(admin_->Get("/logging")->body, "info\n");
  EXPECT_TRUE(Deliver({LoggedIn("m-1", "u")}).ok());
  const auto changed = admin_->Post("/logging?level=debug");
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->body, "debug\n");
  EXPECT_EQ(admin_->Get("/logging")->body, "debug\n");
  EXPECT_TRUE(Deliver({LoggedIn("m-2", "u")}).ok());
  ASSERT_TRUE(program_->WaitForLineWith("a call is answered"));
  const json line = LastWith("a call is answered", program_->output());
  EXPECT_EQ(line["events"], 1);
  EXPECT_EQ(line["accepted"], 1);
  EXPECT_EQ(line["trace_id"], kTraceId);
  EXPECT_EQ(LastWith("the log level is changed", program_->output())["now"],
            "debug");
  const auto refused = admin_->Post("/logging?level=loud");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400);
  EXPECT_EQ(admin_->Post("/logging?level=error")->body, "error\n");
  EXPECT_THAT(End(), Not(HasSubstr("ends: every call")));
}

// ---- What is nowhere -------------------------------------------------------

constexpr char kToken[] = "canary-bearer-token-4f1c";
constexpr char kTokenHash[] =
    "b7b16013fb266ae86918c65ab029148559ee16856209629127fe752f15aa3e57";
constexpr char kWrongToken[] = "canary-wrong-token-77";
constexpr char kUser[] = "canary-user-8842";
constexpr char kProperty[] = "canary-property-1701";

std::string Credentials() {
  return absl::Base64Escape(
      absl::StrCat(support::kApiKey, ":", support::kApiSecret));
}

// What no text of the service may hold, but for what is told to the caller that
// it came from.
std::vector<std::string> Secrets() {
  return {support::kApiKey, support::kApiSecret, Credentials(), kToken,
          kWrongToken};
}
std::vector<std::string> Personal() {
  return {support::kEmail, support::kPhone, support::kIp, kUser, kProperty};
}

void ExpectNone(const std::vector<std::string>& canaries,
                const std::string& text, const std::string& where) {
  for (const std::string& canary : canaries) {
    EXPECT_THAT(text, Not(HasSubstr(canary))) << where;
  }
}

TEST_F(LoggingTest, NoSecretAndNothingOfAPersonIsInLogsMetricsSpansOrStatuses) {
  support::SpanCollector collector;
  Start(absl::StrCat("log_level: trace\n",
                     "callers:\n  - {name: checkout, integrations: acme, "
                     "token_sha256: ",
                     kTokenHash, "}\ntraces: {otlp_endpoint: \"",
                     collector.endpoint(), "\", sample_ratio: 1}\n"));
  const std::vector<datafly::signal::v1::Event> events = {
      support::Identify("m-0", kUser),
      support::With("plan", kProperty, LoggedIn("m-1", kUser))};
  std::vector<grpc::Status> statuses;
  std::vector<std::string> details;
  const auto deliver = [&](const std::string& integration,
                           const std::string& token) {
    statuses.push_back(Deliver(events, integration, token));
    for (const auto& result : response_.results()) {
      details.push_back(result.detail());
    }
  };
  deliver("acme", kWrongToken);
  deliver("other", kToken);
  deliver("acme", kToken);
  EXPECT_TRUE(statuses.back().ok());
  // mParticle, or what stands in its place, says all that it was sent.
  for (const std::string& echo :
       {absl::StrCat("Authorization: Basic ", Credentials()),
        absl::StrCat("key ", support::kApiKey, " secret ", support::kApiSecret),
        // Cut off in the middle of a secret.
        absl::StrCat(std::string(188, 'x'), support::kApiSecret),
        absl::StrJoin(Personal(), " ")}) {
    for (const int status : {400, 503, 401}) {
      mparticle_.OnNextRequest(Action::Answer(
          status, json({{"errors", {{{"message", echo}}}}}).dump(),
          {absl::StrCat("X-Echo: ", echo),
           absl::StrCat("Retry-After: ", echo)}));
    }
  }
  // Again under other ids, or the answer of before would do.
  for (int i = 0; i < 6; ++i) {
    const std::string id = absl::StrCat("again-", i);
    statuses.push_back(
        Deliver({support::With("plan", kProperty, LoggedIn(id, kUser))}, "acme",
                kToken));
    for (const auto& result : response_.results()) {
      details.push_back(result.detail());
    }
  }
  datafly::signal::v1::Event invalid = support::Identify("", kUser);
  invalid.clear_type();
  statuses.push_back(Deliver({invalid}, "acme", kToken));

  EXPECT_THAT(details, Contains(HasSubstr("***")))
      << "or nothing was echoed, and the test tests nothing";
  for (const std::string& detail : details) {
    ExpectNone(Secrets(), detail, "an event's detail");
    EXPECT_THAT(detail, Not(HasSubstr("xcanary"))) << "a secret cut off";
  }
  for (const grpc::Status& status : statuses) {
    const std::string text = status.error_message() + status.error_details();
    ExpectNone(Secrets(), text, "a status");
    ExpectNone(Personal(), text, "a status");
  }
  const auto metrics = admin_->Get("/metrics");
  ASSERT_TRUE(metrics);
  const std::string log = End();
  EXPECT_EQ(LastWith("a batch is taken", log)["level"], "trace");
  for (const char* message : {"a call is refused", "a batch is not taken",
                              "a call is answered", "events are rejected"}) {
    EXPECT_TRUE(LastWith(message, log).is_object()) << message;
  }
  EXPECT_THAT(collector.bytes(), HasSubstr("DeliverEvents"));
  for (const auto& [where, text] :
       {std::pair<std::string, std::string>{"the log", log},
        {"the metrics", metrics->body},
        {"the spans", collector.bytes()}}) {
    ExpectNone(Secrets(), text, where);
    ExpectNone(Personal(), text, where);
  }
}

// The line about core files of a process's limits.
std::string CoreLimit(const std::string& pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/limits"));
  std::string line;
  while (std::getline(file, line) && !absl::StartsWith(line, "Max core")) {
  }
  return line;
}

TEST_F(LoggingTest, NoCoreFileHoldsThemUnlessTheServiceFileAllowsOne) {
  Start();
  EXPECT_THAT(CoreLimit(absl::StrCat(program_->pid())),
              ContainsRegex("^Max core file size +0 +0 "));
  End();
  Start("core_files: true\n");
  EXPECT_EQ(CoreLimit(absl::StrCat(program_->pid())), CoreLimit("self"));
}

}  // namespace
}  // namespace signal_delivery::server
