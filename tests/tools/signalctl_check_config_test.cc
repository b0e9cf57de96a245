// check-config: what it is given, and what the keys beside the mappings do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/live_integrations.h"
#include "tests/tools/signalctl_cases_fixture.h"

namespace signal_delivery::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// What the program prints of `path`, and its exit code.
struct Checked {
  int exit_code;
  std::string output;
};

Checked CheckConfig(const std::string& path) {
  support::ChildProcess program("tools/signalctl", {"check-config", path});
  const int exit_code = program.WaitForExit();
  return {exit_code, program.output()};
}

class CheckConfigTest : public CasesTest {
 protected:
  CheckConfigTest() {
    folder_.Write("integrations/beta.yaml",
                  absl::StrReplaceAll(kIntegration, {{"eu1", "us1"}}));
  }

  // The version is the one that a service of these files has in force.
  std::string BothGoodAndTheirVersion() const {
    const auto live =
        server::LiveIntegrations::Load(folder_.path() + "/integrations");
    EXPECT_TRUE(live.ok()) << live.status();
    if (!live.ok()) return "";
    return absl::StrCat(
        "acme: good, delivers to s2s.eu1.mparticle.com (production)\n"
        "beta: good, delivers to s2s.us1.mparticle.com (production)\n"
        "version ",
        (*live)->version(),
        ": as the service's log and metrics say once it is in force\n");
  }

  const std::string service_ =
      folder_.Write("service.yaml",
                    "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n"
                    "integrations_dir: integrations\n");
};

TEST_F(CheckConfigTest, AFolderIsAllItsIntegrations) {
  const Checked checked = CheckConfig(folder_.path() + "/integrations");
  EXPECT_EQ(checked.exit_code, kExitOk);
  EXPECT_EQ(checked.output, BothGoodAndTheirVersion());
}

TEST_F(CheckConfigTest, AServicesFileIsTheIntegrationsOfItsFolder) {
  const Checked checked = CheckConfig(service_);
  EXPECT_EQ(checked.exit_code, kExitOk);
  EXPECT_EQ(checked.output, BothGoodAndTheirVersion());
}

TEST_F(CheckConfigTest, OneThatIsWrongIsNamedBesideThoseThatAreGood) {
  const std::string wrong = folder_.Write(
      "integrations/acme.yaml", absl::StrCat(kIntegration, "evnts: {}\n"));
  for (const std::string& path : {folder_.path() + "/integrations", service_}) {
    const Checked checked = CheckConfig(path);
    EXPECT_EQ(checked.exit_code, kExitUsage);
    EXPECT_THAT(checked.output, HasSubstr("beta: good"));
    EXPECT_THAT(checked.output,
                HasSubstr(wrong + ":13:1: evnts: unknown key \"evnts\"; did "
                                  "you mean \"events\"?\n"));
  }
}

TEST_F(CheckConfigTest, AServicesFileThatIsWrongIsToldWithItsPlace) {
  folder_.Write("service.yaml", "listen: 127.0.0.1:0\nintegration_dir: x\n");
  const Checked checked = CheckConfig(service_);
  EXPECT_EQ(checked.exit_code, kExitUsage);
  EXPECT_THAT(checked.output, HasSubstr("service.yaml:2:1: "));
}

// Each of the keys, and the case that it decides.
struct Key {
  const char* yaml;
  const char* golden_case;
};

constexpr Key kKeys[] = {
    {"drop_properties: [email, products.email]\n",
     R"({"name": "drop_properties keeps properties out, in lists too",
         "events": [{"type": "track", "event": "Logged In", "userId": "u1",
                     "timestamp": "2024-01-29T14:53:20Z", "messageId": "m1",
                     "properties": {"email": "a@b.example", "method": "sso",
                                    "products": [{"email": "c@d.example"}]}}],
         "batches": [{"environment": "production", "schema_version": 2,
           "user_identities": {"customer_id": "u1"},
           "events": [{"event_type": "custom_event",
             "data": {"event_name": "login", "custom_event_type": "other",
                      "custom_attributes": {"method": "sso",
                                            "products": "[{}]"},
                      "timestamp_unixtime_ms": 1706540000000,
                      "source_message_id": "m1"}}]}]})"},
    {"null_traits: delete\n",
     R"({"name": "a trait that is null deletes the attribute",
         "events": [{"type": "track", "event": "Logged In", "userId": "u1",
                     "timestamp": "2024-01-29T14:53:20Z", "messageId": "m1",
                     "traits": {"firstName": null}}],
         "batches": [{"environment": "production", "schema_version": 2,
           "user_identities": {"customer_id": "u1"},
           "deleted_user_attributes": ["$firstname"],
           "events": [{"event_type": "custom_event",
             "data": {"event_name": "login", "custom_event_type": "other",
                      "timestamp_unixtime_ms": 1706540000000,
                      "source_message_id": "m1"}}]}]})"},
    {"event_time: {in_future: reject}\n",
     R"({"name": "a time that lies in the future is rejected",
         "now": "2024-01-29T14:43:00Z",
         "events": [{"type": "track", "event": "Logged In", "userId": "u1",
                     "timestamp": "2024-01-29T14:53:20Z", "messageId": "m1"}],
         "outcomes": ["INVALID_EVENT"],
         "batches": []})"},
    {"lone_identifies: send\n",
     R"({"name": "an identify alone updates the profile",
         "events": [{"type": "identify", "userId": "u1",
                     "timestamp": "2024-01-29T14:53:20Z", "messageId": "m1",
                     "traits": {"firstName": "Jane"}}],
         "outcomes": ["sent"],
         "batches": [{"environment": "production", "schema_version": 2,
           "user_identities": {"customer_id": "u1"},
           "user_attributes": {"$firstname": "Jane"}}]})"},
    {"max_events_per_batch: 1\n",
     R"({"name": "a batch has no more events",
         "events": [{"type": "track", "event": "Logged In", "userId": "u1",
                     "timestamp": "2024-01-29T14:53:20Z", "messageId": "m1"},
                    {"type": "track", "event": "Logged In", "userId": "u1",
                     "timestamp": "2024-01-29T14:53:20Z", "messageId": "m2"}],
         "batches": [{"environment": "production", "schema_version": 2,
           "user_identities": {"customer_id": "u1"},
           "events": [{"event_type": "custom_event",
             "data": {"event_name": "login", "custom_event_type": "other",
                      "timestamp_unixtime_ms": 1706540000000,
                      "source_message_id": "m1"}}]},
          {"environment": "production", "schema_version": 2,
           "user_identities": {"customer_id": "u1"},
           "events": [{"event_type": "custom_event",
             "data": {"event_name": "login", "custom_event_type": "other",
                      "timestamp_unixtime_ms": 1706540000000,
                      "source_message_id": "m2"}}]}]})"},
};

TEST_F(CheckConfigTest, EachKeyBesideTheMappingsDecidesItsCase) {
  for (const Key& key : kKeys) {
    SCOPED_TRACE(key.yaml);
    const std::vector<ordered_json> cases = {
        ordered_json::parse(key.golden_case)};
    folder_.Write("integrations/acme.yaml", kIntegration);
    EXPECT_EQ(CheckCases(cases), kExitCaseFailed) << output_;
    folder_.Write("integrations/acme.yaml",
                  absl::StrCat(kIntegration, key.yaml));
    EXPECT_EQ(CheckCases(cases), kExitOk) << output_;
    EXPECT_THAT(output_, EndsWith("1 case passed, 0 failed\n"));
  }
}

}  // namespace
}  // namespace signal_delivery::cli
