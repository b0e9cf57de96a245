#include "server/log_level_page.h"

#include <httplib.h>

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/log.h"
#include "server/log_level.h"

namespace signal_delivery::server {
namespace {

constexpr char kPath[] = "/logging";
constexpr char kText[] = "text/plain";
constexpr int kBadRequest = 400;

void TellLevel(httplib::Response& out) {
  out.set_content(absl::StrCat(NameOf(GetLogLevel()), "\n"), kText);
}

void Change(LogLevel level) {
  const LogLevel before = GetLogLevel();
  // The line about it is written, whatever the level was and will be.
  SetLogLevel(std::min({before, level, LogLevel::kInfo}));
  Log(LogLevel::kInfo, "the log level is changed",
      {{"before", NameOf(before)}, {"now", NameOf(level)}});
  SetLogLevel(level);
}

}  // namespace

void AddLogLevelPage(httplib::Server& http) {
  http.Get(kPath, [](const httplib::Request&, httplib::Response& out) {
    TellLevel(out);
  });
  http.Post(kPath, [](const httplib::Request& request, httplib::Response& out) {
    const std::optional<LogLevel> level =
        LogLevelOf(request.get_param_value("level"));
    if (!level.has_value()) {
      out.status = kBadRequest;
      out.set_content(
          "write /logging?level=trace, debug, info, warn or error\n", kText);
      return;
    }
    Change(*level);
    TellLevel(out);
  });
}

}  // namespace signal_delivery::server
