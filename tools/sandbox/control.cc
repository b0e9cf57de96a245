#include "tools/sandbox/control.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::sandbox {
namespace {

Answer Plain(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain"}}, std::move(body)};
}

}  // namespace

bool IsControlPath(absl::string_view path) {
  return absl::StartsWith(path, "/_sandbox/");
}

Answer AnswerControl(const Request& request, Site site) {
  if (request.path == "/_sandbox/record" && request.method == "GET") {
    return {
        200,
        {{"Content-Type", "application/json"}},
        absl::StrCat("[", absl::StrJoin(site.recorder.Lines(), ",\n"), "]\n")};
  }
  if (request.path == "/_sandbox/record" && request.method == "DELETE") {
    site.recorder.Clear();
    site.judge.Forget();
    return Plain(200, "");
  }
  if (request.path == "/_sandbox/faults" && request.method == "PUT") {
    absl::StatusOr<std::vector<Fault>> faults =
        FaultScript::Parse(request.body);
    if (!faults.ok()) {
      return Plain(400, absl::StrCat(faults.status().message(), "\n"));
    }
    site.faults.Replace(*std::move(faults));
    return Plain(200, "");
  }
  return Plain(404, "GET or DELETE /_sandbox/record, PUT /_sandbox/faults\n");
}

}  // namespace signal_delivery::sandbox
