#include "server/service_config.h"

#include <sched.h>

#include <algorithm>
#include <optional>

#include "mapping/config_node.h"
#include "mapping/status_macros.h"
#include "server/file.h"

namespace signal_delivery::server {
namespace {

using mapping::ConfigNode;

constexpr int kMaxCallThreads = 64;
constexpr int kMaxNetworkThreads = 64;
constexpr int kMaxConnectionsPerHost = 4096;
constexpr int kMaxLeaveSeconds = 600;
constexpr int kMaxDrainSeconds = 600;
constexpr int kMaxCallsUnderWay = 1'000'000;
// An integration may hold half of it: one request of the largest size.
constexpr int kMinMebibytesUnderWay = 32;
constexpr int kMaxMebibytesUnderWay = 65'536;
constexpr int kMaxStreams = 1'000;
constexpr size_t kMebibyte = 1024 * 1024;

// Those that this process may run on.
int UsableCores() {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof(cores), &cores) != 0) return 1;
  return CPU_COUNT(&cores);
}

// Sets `*value` where the file has the key.
absl::Status ReadInt(const ConfigNode& file, absl::string_view key, int min,
                     int max, int* value) {
  if (std::optional<ConfigNode> node = file.Find(key)) {
    ASSIGN_OR_RETURN(*value, node->AsInt(min, max));
  }
  return absl::OkStatus();
}

absl::StatusOr<LogLevel> ReadLogLevel(const ConfigNode& node) {
  ASSIGN_OR_RETURN(const std::string name, node.AsString());
  const std::optional<LogLevel> level = LogLevelOf(name);
  if (level.has_value()) return *level;
  return node.UnknownWord("log level", name,
                          {"trace", "debug", "info", "warn", "error"});
}

// How it is observed.
absl::Status ReadObservation(const ConfigNode& file, ServiceConfig& config) {
  if (std::optional<ConfigNode> level = file.Find("log_level")) {
    ASSIGN_OR_RETURN(config.log_level, ReadLogLevel(*level));
  }
  if (std::optional<ConfigNode> traces = file.Find("traces")) {
    ASSIGN_OR_RETURN(config.traces, ReadTraces(*traces));
  }
  if (std::optional<ConfigNode> core_files = file.Find("core_files")) {
    ASSIGN_OR_RETURN(config.core_files, core_files->AsBool());
  }
  return absl::OkStatus();
}

// What was posted is for those alone who are on the machine, unless the file
// says otherwise.
absl::Status ReadEventDebugger(const ConfigNode& file, ServiceConfig& config) {
  config.event_debugger =
      IsLoopback(config.listen) &&
      (config.admin_listen.empty() || IsLoopback(config.admin_listen));
  if (std::optional<ConfigNode> node = file.Find("event_debugger")) {
    ASSIGN_OR_RETURN(config.event_debugger, node->AsBool());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ServiceConfig> LoadServiceConfig(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(ConfigNode file, ConfigNode::Parse(text, path));
  RETURN_IF_ERROR(file.ExpectKeys(
      {"listen", "admin_listen", "integrations_dir", "call_threads",
       "network_threads", "max_connections_per_host", "leave_seconds",
       "drain_seconds", "errors_page", "max_calls_under_way",
       "max_mebibytes_under_way", "max_streams", "tls", "callers",
       "plaintext_beyond_loopback", "log_level", "traces", "core_files",
       "event_debugger"}));
  ServiceConfig config;
  ASSIGN_OR_RETURN(ConfigNode listen, file.Require("listen"));
  ASSIGN_OR_RETURN(config.listen, listen.AsString());
  ASSIGN_OR_RETURN(config.access, ReadAccess(file, listen));
  if (std::optional<ConfigNode> admin = file.Find("admin_listen")) {
    ASSIGN_OR_RETURN(config.admin_listen, admin->AsString());
  }
  ASSIGN_OR_RETURN(ConfigNode dir, file.Require("integrations_dir"));
  ASSIGN_OR_RETURN(std::string relative, dir.AsString());
  config.integrations_dir = BesideFile(path, relative);
  config.call_threads = std::min(UsableCores(), kMaxCallThreads);
  RETURN_IF_ERROR(
      ReadInt(file, "call_threads", 1, kMaxCallThreads, &config.call_threads));
  RETURN_IF_ERROR(ReadInt(file, "network_threads", 1, kMaxNetworkThreads,
                          &config.network_threads));
  RETURN_IF_ERROR(ReadInt(file, "max_connections_per_host",
                          config.network_threads, kMaxConnectionsPerHost,
                          &config.max_connections_per_host));
  int leave_seconds = static_cast<int>(absl::ToInt64Seconds(config.leave));
  RETURN_IF_ERROR(
      ReadInt(file, "leave_seconds", 0, kMaxLeaveSeconds, &leave_seconds));
  config.leave = absl::Seconds(leave_seconds);
  int drain_seconds = static_cast<int>(absl::ToInt64Seconds(config.drain));
  RETURN_IF_ERROR(
      ReadInt(file, "drain_seconds", 1, kMaxDrainSeconds, &drain_seconds));
  config.drain = absl::Seconds(drain_seconds);
  if (std::optional<ConfigNode> page = file.Find("errors_page")) {
    ASSIGN_OR_RETURN(config.errors_page, page->AsString());
  }
  int calls = static_cast<int>(config.admission.max_calls);
  RETURN_IF_ERROR(
      ReadInt(file, "max_calls_under_way", 2, kMaxCallsUnderWay, &calls));
  config.admission.max_calls = calls;
  int mebibytes = static_cast<int>(config.admission.max_bytes / kMebibyte);
  RETURN_IF_ERROR(ReadInt(file, "max_mebibytes_under_way",
                          kMinMebibytesUnderWay, kMaxMebibytesUnderWay,
                          &mebibytes));
  config.admission.max_bytes = mebibytes * kMebibyte;
  RETURN_IF_ERROR(
      ReadInt(file, "max_streams", 1, kMaxStreams, &config.max_streams));
  RETURN_IF_ERROR(ReadObservation(file, config));
  RETURN_IF_ERROR(ReadEventDebugger(file, config));
  return config;
}

}  // namespace signal_delivery::server
