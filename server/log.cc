#include "server/log.h"

#include <grpc/support/log.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/wall_clock.h"
#include "nlohmann/json.hpp"
#include "server/log_sampler.h"
#include "spdlog/async.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace signal_delivery::server {
namespace {

using nlohmann::ordered_json;

// Lines that wait to be written: some seconds' worth at the worst, and a few
// megabytes.
constexpr size_t kWaitingLines = 8'192;

constexpr absl::string_view kTimeFormat = "%Y-%m-%dT%H:%M:%E3SZ";

// In the order of LogLevel.
constexpr std::array<spdlog::level::level_enum, 5> kLevels = {
    spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
    spdlog::level::warn, spdlog::level::err};

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  return kLevels[static_cast<size_t>(level)];
}

ordered_json ToJson(const LogValue& value) {
  return std::visit(
      [](const auto& held) {
        if constexpr (std::is_same_v<decltype(held),
                                     const absl::string_view&>) {
          return ordered_json(std::string(held));
        } else {
          return ordered_json(held);
        }
      },
      value.get());
}

bool IsEmptyText(const LogValue& value) {
  const auto* const text = std::get_if<absl::string_view>(&value.get());
  return text != nullptr && text->empty();
}

// gRPC complains of every peer that does not speak TLS, say: a scanner must not
// fill the log. Never destroyed: gRPC's threads may outlive main.
LogSampler& GrpcSampler() {
  static auto* const sampler = new LogSampler();
  return *sampler;
}

void LogForGrpc(gpr_log_func_args* args) {
  const LogLevel level = args->severity == GPR_LOG_SEVERITY_ERROR
                             ? LogLevel::kWarn
                             : LogLevel::kDebug;
  const std::string where = absl::StrCat(args->file, ":", args->line);
  const std::optional<uint64_t> suppressed =
      GrpcSampler().Admit({"grpc", "", where}, client::WallClockNow());
  if (!suppressed.has_value()) return;
  Log(level, "gRPC has something to say",
      {{"said", args->message},
       {"source", where},
       {"suppressed", *suppressed}});
}

}  // namespace

std::string LogLine(absl::Time time, LogLevel level, absl::string_view message,
                    absl::Span<const LogField> fields) {
  ordered_json line = {
      {"time", absl::FormatTime(kTimeFormat, time, absl::UTCTimeZone())},
      {"level", std::string(NameOf(level))},
      {"message", std::string(message)}};
  for (const LogField& field : fields) {
    if (!IsEmptyText(field.value)) {
      line[std::string(field.name)] = ToJson(field.value);
    }
  }
  return line.dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/false,
                   ordered_json::error_handler_t::replace);
}

void Log(LogLevel level, absl::string_view message,
         absl::Span<const LogField> fields) {
  if (!LogsAt(level)) return;
  const std::string line =
      LogLine(client::WallClockNow(), level, message, fields);
  spdlog::default_logger_raw()->log(ToSpdlog(level),
                                    spdlog::string_view_t(line));
}

bool LogsAt(LogLevel level) {
  return spdlog::default_logger_raw()->should_log(ToSpdlog(level));
}

LogLevel GetLogLevel() {
  const auto now = spdlog::default_logger_raw()->level();
  return static_cast<LogLevel>(std::find(kLevels.begin(), kLevels.end(), now) -
                               kLevels.begin());
}

void SetLogLevel(LogLevel level) {
  spdlog::default_logger_raw()->set_level(ToSpdlog(level));
}

LogOutput::LogOutput() {
  spdlog::init_thread_pool(kWaitingLines, /*threads_n=*/1);
  auto logger = std::make_shared<spdlog::async_logger>(
      "signal_delivery", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
      spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%v");
  logger->set_error_handler([](const std::string&) {});
  spdlog::set_default_logger(std::move(logger));
  gpr_set_log_function(&LogForGrpc);
}

LogOutput::~LogOutput() {
  gpr_set_log_function(nullptr);
  // The logger itself stays, as other threads may hold it; what they say from
  // now on is not written. The queue's end writes what waits in it.
  spdlog::default_logger_raw()->set_level(spdlog::level::off);
  spdlog::details::registry::instance().set_tp(nullptr);
}

}  // namespace signal_delivery::server
