// The service's own file, right or wrong.
#include "server/service_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/config_folder.h"

namespace signal_delivery::server {
namespace {

using support::ConfigFolder;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kRequired[] =
    "listen: 127.0.0.1:50051\n"
    "integrations_dir: integrations\n";

TEST(ServiceConfigTest, HasDefaultsForAllButTwoKeys) {
  const ConfigFolder folder;
  const auto config =
      LoadServiceConfig(folder.Write("service.yaml", kRequired));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen, "127.0.0.1:50051");
  EXPECT_EQ(config->admin_listen, "");
  EXPECT_EQ(config->integrations_dir, folder.path() + "/integrations");
  EXPECT_GE(config->call_threads, 1);
  EXPECT_EQ(config->network_threads, 2);
  EXPECT_EQ(config->max_connections_per_host, 256);
  EXPECT_EQ(config->leave, absl::Seconds(5));
  EXPECT_EQ(config->drain, absl::Seconds(20));
  EXPECT_EQ(config->errors_page, "server/ERRORS.md");
  EXPECT_EQ(config->admission.max_calls, 10'000u);
  EXPECT_EQ(config->admission.max_bytes, 128u * 1024 * 1024);
  EXPECT_EQ(config->log_level, LogLevel::kInfo);
  EXPECT_EQ(config->traces, std::nullopt);
  EXPECT_FALSE(config->core_files);
}

TEST(ServiceConfigTest, ReadsEveryKey) {
  const ConfigFolder folder;
  const auto config =
      LoadServiceConfig(folder.Write("service.yaml",
                                     "listen: 127.0.0.1:1\n"
                                     "admin_listen: 127.0.0.1:2\n"
                                     "integrations_dir: /etc/integrations\n"
                                     "call_threads: 7\n"
                                     "network_threads: 8\n"
                                     "max_connections_per_host: 9\n"
                                     "leave_seconds: 0\n"
                                     "drain_seconds: 600\n"
                                     "errors_page: https://wiki.example/e\n"
                                     "max_calls_under_way: 2\n"
                                     "max_mebibytes_under_way: 65536\n"
                                     "max_streams: 3\n"
                                     "log_level: debug\n"
                                     "core_files: true\n"
                                     "traces:\n"
                                     "  otlp_endpoint: http://[::1]:4318/a/\n"
                                     "  sample_ratio: 0.5\n"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->admin_listen, "127.0.0.1:2");
  EXPECT_EQ(config->integrations_dir, "/etc/integrations");
  EXPECT_EQ(config->call_threads, 7);
  EXPECT_EQ(config->network_threads, 8);
  EXPECT_EQ(config->max_connections_per_host, 9);
  EXPECT_EQ(config->leave, absl::ZeroDuration());
  EXPECT_EQ(config->drain, absl::Minutes(10));
  EXPECT_EQ(config->errors_page, "https://wiki.example/e");
  EXPECT_EQ(config->admission.max_calls, 2u);
  EXPECT_EQ(config->admission.max_bytes, size_t{64} * 1024 * 1024 * 1024);
  EXPECT_EQ(config->max_streams, 3);
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
  EXPECT_TRUE(config->core_files);
  ASSERT_TRUE(config->traces.has_value());
  EXPECT_EQ(config->traces->collector, "http://[::1]:4318");
  EXPECT_EQ(config->traces->path_prefix, "/a");
  EXPECT_EQ(config->traces->sample_ratio, 0.5);
}

struct Row {
  const char* name;
  const char* text;
  // What the message says after the file's name.
  const char* where;
  const char* says;
};

class BadServiceConfig : public testing::TestWithParam<Row> {};

TEST_P(BadServiceConfig, SaysWhereAndWhatToWriteInstead) {
  const ConfigFolder folder;
  const std::string path =
      folder.Write("service.yaml", absl::StrCat(kRequired, GetParam().text));
  const auto config = LoadServiceConfig(path);
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()),
              testing::AllOf(StartsWith(absl::StrCat(path, GetParam().where)),
                             HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadServiceConfig,
    testing::Values(
        Row{"UnknownKey", "admin_port: 9464",
            ":3:1: admin_port: ", "unknown key \"admin_port\""},
        Row{"NoRoomForTheLargestRequest", "max_mebibytes_under_way: 31",
            ":3:1: max_mebibytes_under_way: ", "32"},
        Row{"MisspeltKey", "admin_lisen: 127.0.0.1:0",
            ":3:1: admin_lisen: ", "did you mean \"admin_listen\"?"},
        Row{"UnknownLogLevel", "log_level: warning",
            ":3:1: log_level: ", "did you mean \"warn\"?"},
        Row{"CollectorWithTls", "traces: {otlp_endpoint: https://c:4318}",
            ":3:10: traces.otlp_endpoint: ", "expected http://HOST:PORT"},
        Row{"CollectorWithoutPort", "traces: {otlp_endpoint: http://c}",
            ":3:10: traces.otlp_endpoint: ", "expected http://HOST:PORT"},
        Row{"TracesWithoutCollector", "traces: {sample_ratio: 1}",
            ":3:1: traces", "otlp_endpoint"},
        Row{"RatioAboveOne",
            "traces: {otlp_endpoint: http://c:1, sample_ratio: 1.5}",
            ":3:37: traces.sample_ratio: ", "from 0 to 1"},
        Row{"KeyTwice", "listen: 127.0.0.1:0", ":3:1: listen: ", "given twice"},
        Row{"WrongType", "admin_listen: [9464]",
            ":3:1: admin_listen: ", "expected a text, found a list"},
        Row{"NoNumber", "network_threads: many",
            ":3:1: network_threads: ", "a whole number from 1 to 64"},
        Row{"NumberInQuotes", "network_threads: '2'",
            ":3:1: network_threads: ", "a whole number from 1 to 64"},
        Row{"TooFewThreads", "network_threads: 0",
            ":3:1: network_threads: ", "from 1 to 64"},
        Row{"TooManyCallThreads", "call_threads: 65",
            ":3:1: call_threads: ", "from 1 to 64"},
        Row{"FewerConnectionsThanThreads",
            "network_threads: 4\nmax_connections_per_host: 3",
            ":4:1: max_connections_per_host: ", "from 4 to 4096"},
        Row{"TooLongADrain", "drain_seconds: 601",
            ":3:1: drain_seconds: ", "from 1 to 600"},
        Row{"NotYaml", "]", ":3:1: ", "not valid YAML"}),
    [](const auto& info) { return info.param.name; });

TEST(ServiceConfigTest, HasTheEventDebuggerOnWhereOnlyItsMachineReachesIt) {
  const ConfigFolder folder;
  const auto is_on = [&folder](const std::string& lines) {
    const auto config = LoadServiceConfig(folder.Write(
        "service.yaml",
        absl::StrCat("integrations_dir: i\nplaintext_beyond_loopback: true\n",
                     lines)));
    EXPECT_TRUE(config.ok()) << config.status();
    return config->event_debugger;
  };
  EXPECT_TRUE(is_on("listen: 127.0.0.1:0\n"));
  EXPECT_TRUE(is_on("listen: localhost:0\nadmin_listen: '[::1]:0'\n"));
  EXPECT_FALSE(is_on("listen: 0.0.0.0:0\n"));
  EXPECT_FALSE(is_on("listen: 127.0.0.1:0\nadmin_listen: 0.0.0.0:9464\n"));
  EXPECT_FALSE(is_on("listen: 0.0.0.0:0\nadmin_listen: 127.0.0.1:9464\n"));
  EXPECT_TRUE(is_on("listen: 0.0.0.0:0\nevent_debugger: true\n"));
  EXPECT_FALSE(is_on("listen: 127.0.0.1:0\nevent_debugger: false\n"));
}

TEST(ServiceConfigTest, SaysWhatIsMissing) {
  const ConfigFolder folder;
  for (const auto& [text, key] :
       {std::pair("listen: 127.0.0.1:0", "integrations_dir"),
        std::pair("integrations_dir: here", "listen"),
        std::pair("", "listen")}) {
    const auto config = LoadServiceConfig(folder.Write("service.yaml", text));
    ASSERT_FALSE(config.ok());
    EXPECT_THAT(std::string(config.status().message()),
                HasSubstr(absl::StrCat("\"", key, "\" is missing")));
  }
}

TEST(ServiceConfigTest, SaysThatTheFileCannotBeRead) {
  const auto config = LoadServiceConfig("/no/such/file.yaml");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.status().message(),
            "/no/such/file.yaml: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace signal_delivery::server
