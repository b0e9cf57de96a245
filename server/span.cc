#include "server/span.h"

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "server/version.h"

namespace signal_delivery::server {
namespace {

using nlohmann::json;

constexpr char kServiceName[] = "signal-delivery";
// Of Status.StatusCode.
constexpr int kStatusError = 2;

// Protobuf's JSON form has 64-bit integers as texts.
std::string Nanoseconds(absl::Time time) {
  return absl::StrCat(absl::ToUnixNanos(time));
}

json ToJson(const Span::Value& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) {
    return {{"stringValue", *text}};
  }
  return {{"intValue", absl::StrCat(std::get<int64_t>(value))}};
}

json Attribute(const std::string& key, const Span::Value& value) {
  return {{"key", key}, {"value", ToJson(value)}};
}

json ToJson(const Span& span) {
  json written = {{"traceId", span.context.trace_id()},
                  {"spanId", span.context.span_id()},
                  {"name", span.name},
                  {"kind", static_cast<int>(span.kind)},
                  {"startTimeUnixNano", Nanoseconds(span.start)},
                  {"endTimeUnixNano", Nanoseconds(span.end)},
                  {"attributes", json::array()}};
  if (!span.parent_id.empty()) written["parentSpanId"] = span.parent_id;
  for (const auto& [key, value] : span.attributes) {
    written["attributes"].push_back(Attribute(key, value));
  }
  if (span.failed) written["status"] = {{"code", kStatusError}};
  return written;
}

}  // namespace

std::string ToOtlpJson(const std::vector<Span>& spans) {
  json written = json::array();
  for (const Span& span : spans) written.push_back(ToJson(span));
  const json resource = {
      {"attributes", json::array({Attribute("service.name", kServiceName),
                                  Attribute("service.version", kVersion)})}};
  const json scope_spans = {
      {"scope", {{"name", kServiceName}, {"version", kVersion}}},
      {"spans", std::move(written)}};
  const json request = {
      {"resourceSpans",
       json::array({{{"resource", resource},
                     {"scopeSpans", json::array({scope_spans})}}})}};
  return request.dump(/*indent=*/-1, /*indent_char=*/' ',
                      /*ensure_ascii=*/false, json::error_handler_t::replace);
}

}  // namespace signal_delivery::server
