#include "server/trace_context.h"

#include <limits>

#include "absl/random/uniform_int_distribution.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::server {
namespace {

// Of version 00: "00-" trace id "-" span id "-" flags.
constexpr size_t kTraceIdAt = 3;
constexpr size_t kSpanIdAt = kTraceIdAt + 32 + 1;
constexpr size_t kFlagsAt = kSpanIdAt + 16 + 1;
constexpr size_t kLength = kFlagsAt + 2;

constexpr uint8_t kSampledFlag = 0x01;

// 0 is no id.
uint64_t RandomId(absl::BitGenRef random) {
  return absl::uniform_int_distribution<uint64_t>(
      1, std::numeric_limits<uint64_t>::max())(random);
}

// Only lower-case digits: the standard asks to refuse others.
std::optional<uint64_t> ReadHex(absl::string_view digits) {
  uint64_t value = 0;
  for (const char c : digits) {
    if (!absl::ascii_isxdigit(c) || absl::ascii_isupper(c)) return std::nullopt;
    value = value << 4 | (absl::ascii_isdigit(c) ? c - '0' : c - 'a' + 10);
  }
  return value;
}

std::string Hex(uint64_t id) {
  return absl::StrCat(absl::Hex(id, absl::kZeroPad16));
}

}  // namespace

TraceContext TraceContext::Begin(bool sampled, absl::BitGenRef random) {
  TraceContext context;
  context.trace_id_high_ = RandomId(random);
  context.trace_id_low_ = RandomId(random);
  context.span_id_ = RandomId(random);
  context.sampled_ = sampled;
  return context;
}

std::optional<TraceContext> TraceContext::Parse(absl::string_view traceparent) {
  if (traceparent.size() < kLength) return std::nullopt;
  const auto version = ReadHex(traceparent.substr(0, 2));
  const auto high = ReadHex(traceparent.substr(kTraceIdAt, 16));
  const auto low = ReadHex(traceparent.substr(kTraceIdAt + 16, 16));
  const auto span = ReadHex(traceparent.substr(kSpanIdAt, 16));
  const auto flags = ReadHex(traceparent.substr(kFlagsAt, 2));
  if (!version || !high || !low || !span || !flags || *version == 0xff ||
      (*high == 0 && *low == 0) || *span == 0) {
    return std::nullopt;
  }
  for (const size_t dash : {kTraceIdAt, kSpanIdAt, kFlagsAt}) {
    if (traceparent[dash - 1] != '-') return std::nullopt;
  }
  // Later versions may say more behind another dash.
  const bool says_more = traceparent.size() > kLength;
  if (says_more && (*version == 0 || traceparent[kLength] != '-')) {
    return std::nullopt;
  }
  TraceContext context;
  context.trace_id_high_ = *high;
  context.trace_id_low_ = *low;
  context.span_id_ = *span;
  context.sampled_ = (*flags & kSampledFlag) != 0;
  return context;
}

TraceContext TraceContext::Child(absl::BitGenRef random) const {
  TraceContext child = *this;
  child.span_id_ = RandomId(random);
  return child;
}

std::string TraceContext::trace_id() const {
  return absl::StrCat(Hex(trace_id_high_), Hex(trace_id_low_));
}

std::string TraceContext::span_id() const { return Hex(span_id_); }

std::string TraceContext::ToTraceparent() const {
  return absl::StrCat("00-", Hex(trace_id_high_), Hex(trace_id_low_), "-",
                      Hex(span_id_), sampled_ ? "-01" : "-00");
}

}  // namespace signal_delivery::server
