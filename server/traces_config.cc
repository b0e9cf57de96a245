#include "server/traces_config.h"

#include <optional>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "client/endpoint.h"
#include "mapping/status_macros.h"

namespace signal_delivery::server {
namespace {

using mapping::ConfigNode;

constexpr absl::string_view kScheme = "http://";

absl::Status ReadEndpoint(const ConfigNode& node, TracesConfig& config) {
  ASSIGN_OR_RETURN(const std::string text, node.AsString());
  absl::string_view rest = text;
  const bool is_http = absl::ConsumePrefix(&rest, kScheme);
  const size_t slash = rest.find('/');
  const absl::string_view host = rest.substr(0, slash);
  if (!is_http || !client::ParseEndpoint(host).ok() ||
      host.find(':') == absl::string_view::npos) {
    return node.Error(
        "expected http://HOST:PORT, such as http://127.0.0.1:4318; to a "
        "collector that wants TLS, spans go by way of one beside the service");
  }
  config.collector = std::string(text.substr(0, kScheme.size() + host.size()));
  if (slash != absl::string_view::npos) {
    config.path_prefix =
        std::string(absl::StripSuffix(rest.substr(slash), "/"));
  }
  return absl::OkStatus();
}

absl::StatusOr<double> ReadRatio(const ConfigNode& node) {
  ASSIGN_OR_RETURN(const mapping::Scalar scalar, node.AsScalar());
  const auto* const ratio = std::get_if<double>(&scalar);
  if (ratio == nullptr || !(*ratio >= 0 && *ratio <= 1)) {
    return node.Error("expected a number from 0 to 1");
  }
  return *ratio;
}

}  // namespace

absl::StatusOr<TracesConfig> ReadTraces(const ConfigNode& traces) {
  RETURN_IF_ERROR(traces.ExpectKeys({"otlp_endpoint", "sample_ratio"}));
  TracesConfig config;
  ASSIGN_OR_RETURN(const ConfigNode endpoint, traces.Require("otlp_endpoint"));
  RETURN_IF_ERROR(ReadEndpoint(endpoint, config));
  if (std::optional<ConfigNode> ratio = traces.Find("sample_ratio")) {
    ASSIGN_OR_RETURN(config.sample_ratio, ReadRatio(*ratio));
  }
  return config;
}

}  // namespace signal_delivery::server
