#ifndef TESTS_TOOLS_SIGNALCTL_CASES_FIXTURE_H_
#define TESTS_TOOLS_SIGNALCTL_CASES_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/support/child_process.h"
#include "tests/support/config_folder.h"
#include "tools/cli/exit_code.h"

namespace signal_delivery::cli {

using ::nlohmann::ordered_json;

inline constexpr char kIntegration[] = R"(version: 2
parameters:
  api_key: the-key
  api_secret: the-secret
  s2s_host: s2s.eu1.mparticle.com
  environment: production
consent: {required: [marketing]}
events:
  Logged In:
    mappings:
      - {source: properties.session, target: mpid}
  Signed Up: {enabled: false}
)";

inline constexpr char kLogin[] =
    R"({"type": "track", "event": "Logged In", "userId": "u1",
        "timestamp": "2024-01-29T14:53:20Z", "messageId": "m1"})";

inline constexpr char kLoginBatch[] =
    R"({"environment": "production", "schema_version": 2,
        "user_identities": {"customer_id": "u1"},
        "events": [{"event_type": "custom_event",
                    "data": {"event_name": "login", "custom_event_type": "other",
                             "timestamp_unixtime_ms": 1706540000000,
                             "source_message_id": "m1"}}]})";

inline ordered_json LoginCase() {
  return {{"name", "a login"},
          {"events", {ordered_json::parse(kLogin)}},
          {"batches", {ordered_json::parse(kLoginBatch)}}};
}

// Runs `check-config --cases`, the program itself, on an integration.
class CasesTest : public testing::Test {
 protected:
  CasesTest()
      : integration_(folder_.Write("integrations/acme.yaml", kIntegration)) {}

  // Writes a file with these cases of the integration; returns its path.
  std::string WriteCases(const std::vector<ordered_json>& cases,
                         const std::string& name = "cases/acme.json") {
    const ordered_json file = {{"integration", "acme"}, {"cases", cases}};
    return folder_.Write(name, file.dump());
  }

  // Checks the integration and returns the exit code; output_ has what it
  // printed.
  int Check(std::vector<std::string> options) {
    options.insert(options.begin(), {"check-config", integration_});
    support::ChildProcess program("tools/signalctl", options);
    const int exit_code = program.WaitForExit();
    output_ = program.output();
    return exit_code;
  }
  int CheckCases(const std::vector<ordered_json>& cases) {
    return Check({"--cases=" + WriteCases(cases)});
  }

  const support::ConfigFolder folder_;
  std::string integration_;
  std::string output_;
};

}  // namespace signal_delivery::cli

#endif  // TESTS_TOOLS_SIGNALCTL_CASES_FIXTURE_H_
