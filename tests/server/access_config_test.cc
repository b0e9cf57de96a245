// Who may call, as the service's file says it: right or wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/service_config.h"
#include "tests/support/config_folder.h"

namespace signal_delivery::server {
namespace {

using support::ConfigFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Of "canary-token".
constexpr char kHash[] =
    "4B598DE5FAA6A2208F99F7B8A6B61378AC7D7A36D9524056E9BE61C17C37667F";
constexpr char kTls[] =
    "tls: {certificate: a.pem, private_key: /etc/a.key, client_ca: ca.pem}\n";

absl::StatusOr<ServiceConfig> Load(const ConfigFolder& folder,
                                   const std::string& listen,
                                   const std::string& more) {
  return LoadServiceConfig(folder.Write(
      "service.yaml", absl::StrCat("integrations_dir: integrations\n",
                                   "listen: ", listen, "\n", more)));
}

TEST(AccessConfigTest, WithoutAnyOfItsKeysLoopbackTakesEveryCaller) {
  const ConfigFolder folder;
  for (const char* listen : {"127.0.0.1:0", "127.1.2.3:0", "localhost:0",
                             "'[::1]:0'", "unix:/run/signal.sock"}) {
    const auto config = Load(folder, listen, "");
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_FALSE(config->access.tls.has_value());
    EXPECT_FALSE(config->access.callers.has_value());
  }
}

TEST(AccessConfigTest, PlaintextIsForLoopbackUnlessToldOtherwise) {
  const ConfigFolder folder;
  for (const char* listen :
       {"0.0.0.0:0", "'[::]:0'", "10.0.0.1:0", "127.example.com:0", "127.1:0",
        "dns:///localhost:0"}) {
    const auto config = Load(folder, listen, "");
    ASSERT_FALSE(config.ok()) << listen;
    EXPECT_THAT(std::string(config.status().message()),
                AllOf(HasSubstr("service.yaml:2:1: listen: "),
                      HasSubstr("plaintext_beyond_loopback: true")));
    EXPECT_FALSE(Load(folder, listen, "plaintext_beyond_loopback: false").ok());
    EXPECT_TRUE(Load(folder, listen, "plaintext_beyond_loopback: true").ok());
    EXPECT_TRUE(Load(folder, listen, kTls).ok());
  }
}

TEST(AccessConfigTest, ReadsEveryKey) {
  const ConfigFolder folder;
  const auto config =
      Load(folder, "0.0.0.0:0",
           absl::StrCat(kTls,
                        "callers:\n"
                        "  - name: checkout\n"
                        "    san: [spiffe://prod/checkout, checkout.test]\n"
                        "    token_sha256: ",
                        kHash,
                        "\n"
                        "    integrations: [acme, beta]\n"
                        "    methods: [DeliverEvents]\n"
                        "  - {name: two, san: two.test, grants: "
                        "[{integrations: acme}, {methods: PreviewEvents}]}\n"
                        "  - {name: operator, san: operator.test, "
                        "integrations: ['*'], methods: '*'}\n"));
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(config->access.tls.has_value());
  EXPECT_EQ(config->access.tls->certificate, folder.path() + "/a.pem");
  EXPECT_EQ(config->access.tls->private_key, "/etc/a.key");
  EXPECT_EQ(config->access.tls->client_ca, folder.path() + "/ca.pem");
  ASSERT_TRUE(config->access.callers.has_value());
  ASSERT_THAT(*config->access.callers, SizeIs(3));
  const Caller& checkout = config->access.callers->front();
  EXPECT_EQ(checkout.name, "checkout");
  EXPECT_THAT(checkout.sans,
              ElementsAre("spiffe://prod/checkout", "checkout.test"));
  ASSERT_THAT(checkout.token_hashes, SizeIs(1));
  EXPECT_THAT(checkout.token_hashes.front(), StartsWith("4b598de5"));
  using Names = absl::flat_hash_set<std::string>;
  EXPECT_THAT(checkout.grants,
              ElementsAre(Grant{.integrations = Names{"acme", "beta"},
                                .methods = Names{"DeliverEvents"}}));
  EXPECT_THAT(config->access.callers->at(1).grants,
              ElementsAre(Grant{.integrations = Names{"acme"}},
                          Grant{.methods = Names{"PreviewEvents"}}));
  EXPECT_THAT(config->access.callers->back().grants, ElementsAre(Grant()));
}

struct Row {
  const char* name;
  const char* listen;
  std::string text;
  // What the message says after the file's name.
  const char* where;
  const char* says;
};

class BadAccessConfig : public testing::TestWithParam<Row> {};

TEST_P(BadAccessConfig, SaysWhereAndWhatToWriteInstead) {
  const ConfigFolder folder;
  const auto config = Load(folder, GetParam().listen, GetParam().text);
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()),
              AllOf(StartsWith(absl::StrCat(folder.path(), "/service.yaml",
                                            GetParam().where)),
                    HasSubstr(GetParam().says), Not(HasSubstr("canary"))));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadAccessConfig,
    testing::Values(
        Row{"TlsWithoutValue", "0.0.0.0:0",
            "tls:", ":3:1: tls: ", "has no value"},
        Row{"TlsWithoutKey", "0.0.0.0:0", "tls: {certificate: a.pem}",
            ":3:1: tls: ", "\"private_key\" is missing"},
        Row{"TlsMisspelt", "0.0.0.0:0",
            "tls: {certificate: a.pem, private_key: b, client_c: c}",
            ":3:43: tls.client_c: ", "did you mean \"client_ca\"?"},
        Row{"ClientCaWithoutValue", "0.0.0.0:0",
            "tls: {certificate: a.pem, private_key: b, client_ca: }",
            ":3:43: tls.client_ca: ", "has no value"},
        Row{"CallersWithoutValue", "127.0.0.1:0",
            "callers:", ":3:1: callers: ", "has no value"},
        Row{"NoCallers", "127.0.0.1:0", "callers: []",
            ":3:1: callers: ", "names nobody"},
        Row{"NameMissing", "127.0.0.1:0", "callers: [{san: a}]",
            ":3:11: callers[0]: ", "\"name\" is missing"},
        Row{"NothingToKnowItBy", "127.0.0.1:0", "callers: [{name: a}]",
            ":3:11: callers[0]: ", "add san"},
        Row{"SanWithoutTls", "127.0.0.1:0", "callers: [{name: a, san: b}]",
            ":3:21: callers[0].san: ", "set tls.client_ca"},
        Row{"SanWithoutClientCa", "127.0.0.1:0",
            "tls: {certificate: a.pem, private_key: b}\n"
            "callers: [{name: a, san: b}]",
            ":4:21: callers[0].san: ", "set tls.client_ca"},
        Row{"NoSan", "127.0.0.1:0",
            absl::StrCat(kTls, "callers: [{name: a, san: []}]"),
            ":4:21: callers[0].san: ", "names none"},
        Row{"TokenInPlaintext", "0.0.0.0:0",
            absl::StrCat("plaintext_beyond_loopback: true\n"
                         "callers: [{name: a, token_sha256: ",
                         kHash, "}]"),
            ":4:21: callers[0].token_sha256: ", "set tls"},
        Row{"TokenItself", "127.0.0.1:0",
            "callers: [{name: a, token_sha256: canary-token}]",
            ":3:21: callers[0].token_sha256: ", "sha256sum"},
        Row{"UnknownMethod", "127.0.0.1:0",
            absl::StrCat("callers: [{name: a, methods: DeliverEvent, "
                         "token_sha256: ",
                         kHash, "}]"),
            ":3:21: callers[0].methods: ", "did you mean \"DeliverEvents\"?"},
        Row{"NoIntegrations", "127.0.0.1:0",
            absl::StrCat("callers: [{name: a, integrations: [], "
                         "token_sha256: ",
                         kHash, "}]"),
            ":3:21: callers[0].integrations: ", "leave it out for all"},
        Row{"IntegrationsWithoutValue", "127.0.0.1:0",
            absl::StrCat("callers: [{name: a, integrations: , "
                         "token_sha256: ",
                         kHash, "}]"),
            ":3:21: callers[0].integrations: ", "has no value"},
        Row{"GrantsBesideMethods", "127.0.0.1:0",
            absl::StrCat("callers: [{name: a, methods: DeliverEvents, grants: "
                         "[{}], token_sha256: ",
                         kHash, "}]"),
            ":3:21: callers[0].methods: ", "goes into each of grants"},
        Row{"NoGrants", "127.0.0.1:0",
            absl::StrCat("callers: [{name: a, grants: [], token_sha256: ",
                         kHash, "}]"),
            ":3:21: callers[0].grants: ", "leave it out for all"},
        Row{"GrantMisspelt", "127.0.0.1:0",
            absl::StrCat("callers: [{name: a, grants: [{method: x}], "
                         "token_sha256: ",
                         kHash, "}]"),
            ":3:31: callers[0].grants[0].method: ",
            "did you mean \"methods\"?"},
        Row{"CrlWithoutClientCa", "0.0.0.0:0",
            "tls: {certificate: a.pem, private_key: b, crl: c}",
            ":3:43: tls.crl: ", "set client_ca"},
        Row{"NameTwice", "127.0.0.1:0",
            absl::StrCat(kTls, "callers:\n- {name: a, san: b}\n",
                         "- {name: a, san: c}"),
            ":6:3: callers[1]: ", "the name a is given twice"},
        Row{"SanTwice", "127.0.0.1:0",
            absl::StrCat(kTls, "callers:\n- {name: a, san: b}\n",
                         "- {name: c, san: b}"),
            ":6:3: callers[1]: ", "the san b is given twice"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace signal_delivery::server
