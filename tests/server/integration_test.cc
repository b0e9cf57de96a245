// An integration's file, right or wrong: what a person is told who wrote it.
#include "server/integration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/endpoint.h"
#include "tests/support/config_folder.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using support::ConfigFolder;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// As an operator writes it. The lines are numbered by what follows.
constexpr char kGood[] =
    "version: 2\n"                                       //  1
    "delivery_mode: server_side\n"                       //  2
    "parameters:\n"                                      //  3
    "  api_key: canary-key\n"                            //  4
    "  api_secret: {file: ../secret}\n"                  //  5
    "  s2s_host: s2s.eu1.mparticle.com\n"                //  6
    "  environment: development\n"                       //  7
    "consent: {required: [marketing]}\n"                 //  8
    "preset: default\n"                                  //  9
    "events:\n"                                          // 10
    "  Logged In:\n"                                     // 11
    "    mappings:\n"                                    // 12
    "      - {source: name, target: data.event_name}\n"  // 13
    "source_request_id: true\n";                         // 14

class IntegrationTest : public testing::Test {
 protected:
  IntegrationTest() { folder_.Write("secret", "canary-secret\n"); }

  // Writes the good file with one piece replaced, and reads it.
  absl::StatusOr<std::shared_ptr<const Integration>> Load(
      const std::string& piece, const std::string& replacement) {
    EXPECT_TRUE(absl::StrContains(kGood, piece)) << piece;
    path_ = folder_.Write("integrations/acme-eu.yaml",
                          absl::StrReplaceAll(kGood, {{piece, replacement}}));
    return LoadIntegration(path_, trust_);
  }

  const ConfigFolder folder_;
  std::string path_;
  TrustByFile trust_;
};

TEST_F(IntegrationTest, IsReadFromItsFile) {
  const auto integration = Load("", "");
  ASSERT_TRUE(integration.ok()) << integration.status();
  EXPECT_EQ((*integration)->id, "acme-eu");
  EXPECT_NE((*integration)->mapper, nullptr);
  EXPECT_EQ(client::FormatEndpoint((*integration)->destination->endpoint()),
            "s2s.eu1.mparticle.com");
}

TEST_F(IntegrationTest, SecretsComeFromTheEnvironmentAFileOrTheText) {
  ASSERT_EQ(setenv("INTEGRATION_TEST_SECRET", "canary-secret", 1), 0);
  for (const char* secret : {"{env: INTEGRATION_TEST_SECRET}",
                             "{file: ../secret}", "canary-secret"}) {
    const auto integration = Load("{file: ../secret}", secret);
    ASSERT_TRUE(integration.ok()) << integration.status();
    EXPECT_THAT((*integration)->destination->RequestHead(0),
                HasSubstr("\r\nAuthorization: Basic "
                          // canary-key:canary-secret
                          "Y2FuYXJ5LWtleTpjYW5hcnktc2VjcmV0\r\n"));
  }
}

TEST_F(IntegrationTest, HostMayBeAnotherWhereThatIsMeant) {
  const auto integration = Load(
      "s2s.eu1.mparticle.com",
      absl::StrCat("localhost:8443\n  allow_unlisted_host: true\n",
                   "  ca_file: ", support::TestCertificates::Get().ca_file()));
  ASSERT_TRUE(integration.ok()) << integration.status();
  EXPECT_EQ(client::FormatEndpoint((*integration)->destination->endpoint()),
            "localhost:8443");
  EXPECT_EQ((*integration)->pod, "unlisted");
}

TEST_F(IntegrationTest, PodIsThatOfTheHost) {
  EXPECT_EQ((*Load("", ""))->pod, "eu1");
  EXPECT_EQ((*Load("s2s.eu1.", "s2s.us2."))->pod, "us2");
  EXPECT_EQ((*Load("s2s.eu1.", "s2s."))->pod, "default");
}

TEST_F(IntegrationTest, RateIsMparticlesUnlessTheFileHasAnother) {
  EXPECT_EQ((*Load("", ""))->destination->max_requests_per_second(), 270);
  EXPECT_EQ((*Load("environment: development",
                   "max_batches_per_second: 1000\n  environment: development"))
                ->destination->max_requests_per_second(),
            1000);
}

struct Row {
  const char* name;
  // In the good file, and what stands there instead.
  const char* piece;
  const char* replacement;
  // "LINE:COLUMN: KEY: " or so: what the message says after the file's name.
  const char* where;
  // What is wrong, and what to write instead.
  std::vector<const char*> says;
};

class BadIntegration : public IntegrationTest,
                       public testing::WithParamInterface<Row> {};

TEST_P(BadIntegration, SaysWhereAndWhatToWriteInstead) {
  const auto integration = Load(GetParam().piece, GetParam().replacement);
  ASSERT_FALSE(integration.ok());
  const std::string message(integration.status().message());
  EXPECT_THAT(message, StartsWith(absl::StrCat(path_, ":", GetParam().where)));
  for (const char* said : GetParam().says) {
    EXPECT_THAT(message, HasSubstr(said));
  }
  EXPECT_THAT(message, Not(HasSubstr("canary")));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadIntegration,
    testing::Values(
        Row{"UnknownKey",
            "preset:",
            "presets:",
            "9:1: presets: ",
            {"unknown key \"presets\"", "did you mean \"preset\"?"}},
        Row{"UnknownParameter",
            "api_key:",
            "apikey:",
            "4:3: parameters.apikey: ",
            {"did you mean \"api_key\"?"}},
        Row{"KeyTwice",
            "preset: default",
            "version: 2",
            "9:1: version: ",
            {"given twice"}},
        Row{"NotYaml", "preset: default", "preset: [", "", {"not valid YAML"}},
        Row{"AnotherVersion",
            "version: 2",
            "version: 3",
            "1:1: version: ",
            {"write version: 2"}},
        Row{"NoVersion",
            "version: 2\n",
            "",
            "1:1: ",
            {"\"version\" is missing"}},
        Row{"NoSecret",
            "  api_secret: {file: ../secret}\n",
            "",
            "3:1: parameters: ",
            {"\"api_secret\" is missing"}},
        Row{"WrongType",
            "source_request_id: true",
            "source_request_id: maybe",
            "14:1: source_request_id: ",
            {"expected true or false"}},
        Row{"ListInsteadOfText",
            "api_key: canary-key",
            "api_key: [canary-key]",
            "4:3: parameters.api_key: ",
            {"expected"}},
        Row{"TextInsteadOfMap",
            "{required: [marketing]}",
            "canary",
            "8:1: consent: ",
            {"expected a map, found a single value"}},
        Row{"VariableThatIsNotSet",
            "{file: ../secret}",
            "{env: NOT_SET_HERE}",
            "5:16: parameters.api_secret.env: ",
            {"the environment variable NOT_SET_HERE", "set it"}},
        Row{"SecretFileThatIsNotThere",
            "../secret",
            "../no-such-file",
            "5:16: parameters.api_secret.file: ",
            {"no-such-file", "No such file"}},
        Row{"SecretFromTwoPlaces",
            "{file: ../secret}",
            "{file: ../secret, env: HOME}",
            "5:3: parameters.api_secret: ",
            {"{env: NAME} or {file: PATH}"}},
        Row{"KeyWithAColon",
            "canary-key",
            "'canary:key'",
            "4:3: parameters.api_key: ",
            {"must not hold a colon"}},
        Row{"HostThatIsNoPod",
            "s2s.eu1.mparticle.com",
            "s2s.eu2.mparticle.com",
            "6:3: parameters.s2s_host: ",
            {"\"s2s.eu2.mparticle.com\" is not an mParticle host",
             "s2s.eu1.mparticle.com", "allow_unlisted_host: true"}},
        Row{"HostThatIsAnUrl",
            "s2s.eu1.mparticle.com",
            "https://localhost/\n  allow_unlisted_host: true",
            "6:3: parameters.s2s_host: ",
            {}},
        Row{"CaFileThatIsNotThere",
            "environment: development",
            "ca_file: no-such-file\n  environment: development",
            "7:3: parameters.ca_file: ",
            {"no-such-file"}},
        Row{"RateOfNothing",
            "environment: development",
            "max_batches_per_second: 0\n  environment: development",
            "7:3: parameters.max_batches_per_second: ",
            {"1", "100000"}},
        Row{"NoEnvironment",
            "  environment: development\n",
            "",
            "3:1: parameters: ",
            {"\"environment\" is missing", "`production` or `development`"}},
        Row{"BadEnvironment",
            "development",
            "developmnt",
            "7:3: parameters.environment: ",
            {"did you mean \"development\"?"}},
        Row{"BadDeliveryMode",
            "server_side",
            "client_side",
            "2:1: delivery_mode: ",
            {"unknown delivery mode \"client_side\"", "server_side"}},
        Row{"BadPreset",
            "preset: default",
            "preset: defualt",
            "9:1: preset: ",
            {"no preset \"defualt\"", "default"}},
        Row{"BadChoiceOfConsent",
            "[marketing]",
            "[marketing], when_missing: deliverr",
            "",
            {"did you mean \"deliver\"?"}},
        Row{"BadTimePolicy",
            "preset: default",
            "event_time: {too_old: rejct}",
            "9:14: event_time.too_old: ",
            {"did you mean \"reject\"?"}},
        Row{"UnknownKeyOfEventTime",
            "preset: default",
            "event_time: {too_new: send}",
            "9:14: event_time.too_new: ",
            {"unknown key \"too_new\"", "did you mean \"too_old\"?"}},
        Row{"BadChoiceForLoneIdentifies",
            "preset: default",
            "lone_identifies: deliver",
            "9:1: lone_identifies: ",
            {"unknown choice \"deliver\"", "drop, send"}},
        Row{"BadChoiceForNullTraits",
            "preset: default",
            "null_traits: remove",
            "9:1: null_traits: ",
            {"ignore, delete"}},
        Row{"TooManyEventsPerBatch",
            "preset: default",
            "max_events_per_batch: 0",
            "9:1: max_events_per_batch: ",
            {"from 1 to 10000"}},
        Row{"DataPlanWithoutId",
            "preset: default",
            "data_plan: {plan_version: 1}",
            "9:1: data_plan: ",
            {"\"plan_id\" is missing"}},
        Row{"DataPlanVersionThatIsAText",
            "preset: default",
            "data_plan: {plan_id: shop, plan_version: latest}",
            "9:28: data_plan.plan_version: ",
            {"expected a whole number"}},
        Row{"FieldThatDoesNotExist",
            "data.event_name",
            "data.event_nme",
            "13:9: events.Logged In.mappings[0]: ",
            {"event_nme\"", "did you mean \"event_name\"?"}}),
    [](const auto& info) { return info.param.name; });

// ---- A folder of integrations
// ------------------------------------------------

TEST_F(IntegrationTest, FolderIsReadWhole) {
  folder_.Write("integrations/acme-eu.yaml", kGood);
  folder_.Write("integrations/acme-us.yaml", kGood);
  folder_.Write("integrations/README.md", "not an integration");
  const auto integrations = LoadIntegrations(folder_.path() + "/integrations");
  ASSERT_TRUE(integrations.ok()) << integrations.status();
  EXPECT_EQ(integrations->size(), 2u);
  EXPECT_EQ(integrations->at("acme-us")->id, "acme-us");
}

TEST_F(IntegrationTest, EveryBrokenFileOfAFolderIsTold) {
  folder_.Write("integrations/good.yaml", kGood);
  const std::string one = folder_.Write("integrations/one.yaml", "version: 3");
  const std::string two = folder_.Write("integrations/two.yaml", "versio: 2");
  const auto integrations = LoadIntegrations(folder_.path() + "/integrations");
  ASSERT_FALSE(integrations.ok());
  EXPECT_THAT(std::string(integrations.status().message()),
              testing::AllOf(StartsWith(one + ":1:1: "),
                             HasSubstr("\n" + two + ":1:1: "),
                             Not(HasSubstr("good.yaml"))));
}

TEST_F(IntegrationTest, EmptyOrMissingFolderIsAnError) {
  for (const std::string& path :
       {folder_.path(), folder_.path() + "/no-such-folder"}) {
    const auto integrations = LoadIntegrations(path);
    ASSERT_FALSE(integrations.ok());
    EXPECT_THAT(std::string(integrations.status().message()),
                StartsWith(absl::StrCat("integrations_dir ", path, ": ")));
  }
}

TEST_F(IntegrationTest, LineBreakOfAnyKindAtTheEndOfASecretFileIsNotPartOfIt) {
  const auto plain = Load("{file: ../secret}", "{file: ../secret}");
  ASSERT_TRUE(plain.ok()) << plain.status();
  folder_.Write("secret", "canary-secret\r\n");
  const auto with_crlf = Load("{file: ../secret}", "{file: ../secret}");
  ASSERT_TRUE(with_crlf.ok()) << with_crlf.status();
  EXPECT_EQ((*with_crlf)->destination->RequestHead(1),
            (*plain)->destination->RequestHead(1));
}

TEST_F(IntegrationTest, SecretWithALineBreakInsideIsAnError) {
  folder_.Write("secret", "canary\nsecret\n");
  const auto integration = Load("{file: ../secret}", "{file: ../secret}");
  ASSERT_FALSE(integration.ok());
  const std::string message(integration.status().message());
  EXPECT_THAT(message, HasSubstr("parameters.api_secret: holds a line break"));
  EXPECT_THAT(message, Not(HasSubstr("canary")));
}

TEST_F(IntegrationTest, TrustIsReadOnceAndSharedSoThatConnectionsAre) {
  folder_.Write("integrations/one.yaml", kGood);
  folder_.Write("integrations/two.yaml", kGood);
  const auto integrations = LoadIntegrations(folder_.path() + "/integrations");
  ASSERT_TRUE(integrations.ok()) << integrations.status();
  EXPECT_EQ(integrations->at("one")->destination->tls(),
            integrations->at("two")->destination->tls());
}

TEST_F(IntegrationTest, FileWhoseNameCannotBeAnIdIsAnError) {
  const auto integration = LoadIntegration(
      folder_.Write("integrations/acme eu.yaml", kGood), trust_);
  ASSERT_FALSE(integration.ok());
  EXPECT_THAT(std::string(integration.status().message()),
              HasSubstr("the file's name is the integration's id"));
}

}  // namespace
}  // namespace signal_delivery::server
