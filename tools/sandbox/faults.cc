#include "tools/sandbox/faults.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tools/sandbox/script_members.h"
#include "tools/sandbox/strict_json.h"

namespace signal_delivery::sandbox {
namespace {

using Json = nlohmann::json;

struct KindInfo {
  const char* name;
  FaultKind kind;
  Moment moment;
  bool answers;
  bool takes;  // whether a good batch counts as taken, unless the script says
};

constexpr KindInfo kKinds[] = {
    {"refuse_connections", FaultKind::kRefuseConnections, Moment::kAccepted,
     false, false},
    {"slow_accept", FaultKind::kSlowAccept, Moment::kAccepted, false, false},
    {"bad_tls", FaultKind::kBadTls, Moment::kConnected, false, false},
    {"wrong_certificate", FaultKind::kWrongCertificate, Moment::kConnected,
     false, false},
    {"reset_in_handshake", FaultKind::kResetInHandshake, Moment::kConnected,
     false, false},
    {"reset_on_connect", FaultKind::kResetOnConnect, Moment::kConnected, false,
     false},
    {"slow_connect", FaultKind::kSlowConnect, Moment::kConnected, false, false},
    {"reset_before_request", FaultKind::kResetBeforeRequest,
     Moment::kRequestStarts, false, false},
    {"reset_during_request", FaultKind::kResetDuringRequest,
     Moment::kHeaderRead, false, false},
    {"reset_after_request", FaultKind::kResetAfterRequest, Moment::kRequestRead,
     false, false},
    {"taken_then_reset", FaultKind::kTakenThenReset, Moment::kRequestRead,
     false, true},
    {"garbage_reply", FaultKind::kGarbageReply, Moment::kRequestRead, false,
     false},
    {"stall", FaultKind::kStall, Moment::kRequestRead, false, false},
    {"cut_reply", FaultKind::kCutReply, Moment::kRequestRead, true, true},
    {"drip", FaultKind::kDrip, Moment::kRequestRead, true, true},
    {"close_after_reply", FaultKind::kCloseAfterReply, Moment::kRequestRead,
     true, true},
    {"reset_after_reply", FaultKind::kResetAfterReply, Moment::kRequestRead,
     true, true},
    // Never has an answer of the script's: it has the limiter's or the true
    // one.
    {"rate_limit", FaultKind::kRateLimit, Moment::kRequestRead, true, true},
};

constexpr uint64_t kDefaultDripBytes = 1;
constexpr absl::Duration kDefaultDripInterval = absl::Milliseconds(100);

bool IsHeaderText(absl::string_view text) {
  return std::none_of(text.begin(), text.end(), absl::ascii_iscntrl);
}

absl::StatusOr<Answer> ParseAnswer(const Json& json, const std::string& where) {
  Answer answer;
  ScriptMembers members(json, absl::StrCat(where, ": answer"));
  answer.status = static_cast<int>(
      members.Number("status", 200, 599).value_or(answer.status));
  members.Read("body", answer.body);
  answer.filler_bytes = members.Number("body_bytes", 0).value_or(0);
  if (const Json* headers = members.Find("headers"); headers != nullptr) {
    for (const auto& [name, value] : headers->items()) {
      if (!headers->is_object() || !value.is_string() || name.empty() ||
          !IsHeaderText(name) || !IsHeaderText(value.get<std::string>())) {
        members.Fail("headers must be an object of texts");
        break;
      }
      answer.headers.emplace_back(name, value.get<std::string>());
    }
  }
  if (absl::Status status = members.Finish(); !status.ok()) return status;
  return answer;
}

// Faults that last for delay_ms, before a request is read.
bool Lasts(FaultKind kind) {
  return kind == FaultKind::kRefuseConnections ||
         kind == FaultKind::kSlowAccept || kind == FaultKind::kSlowConnect;
}

void ReadLimit(ScriptMembers& members, RateLimit& limit) {
  constexpr int64_t kMost = 1'000'000;
  limit.per_second =
      static_cast<int>(members.Number("per_second", 1, kMost).value_or(0));
  limit.growth =
      static_cast<int>(members.Number("growth", 1, kMost).value_or(0));
  members.Read("retry_after", limit.retry_after);
  if (!limit.on()) members.Fail("rate_limit needs per_second or growth");
  if (!IsHeaderText(limit.retry_after)) {
    members.Fail("retry_after must be a header's text");
  }
}

// What a fault cannot have because it never comes to that.
void CheckTogether(const Fault& fault, ScriptMembers& members) {
  const bool early = fault.moment != Moment::kRequestRead;
  const bool waits = fault.delay > absl::ZeroDuration();
  if (fault.name.empty()) {
    members.Fail("needs a fault, an answer or a delay_ms");
  } else if (fault.answer && !fault.answers) {
    members.Fail(absl::StrCat(fault.name, " sends no answer"));
  } else if (early && (fault.take || !fault.body_contains.empty())) {
    members.Fail(absl::StrCat(fault.name,
                              " comes before the request is read, so there is "
                              "nothing to take or match"));
  } else if (early && waits != Lasts(fault.kind)) {
    members.Fail(absl::StrCat(
        fault.name, waits ? " takes no delay_ms" : " needs a delay_ms"));
  } else if (fault.kind == FaultKind::kRateLimit && fault.answer) {
    members.Fail("rate_limit makes its own answer");
  }
}

absl::StatusOr<Fault> ParseFault(const Json& json, const std::string& where) {
  Fault fault;
  ScriptMembers members(json, where);

  members.Read("fault", fault.name);
  if (!fault.name.empty()) {
    const auto* info = std::find_if(
        std::begin(kKinds), std::end(kKinds),
        [&](const KindInfo& kind) { return kind.name == fault.name; });
    if (info == std::end(kKinds)) {
      members.Fail(absl::StrCat("unknown fault ", fault.name));
    } else {
      fault.kind = info->kind;
      fault.moment = info->moment;
      fault.answers = info->answers;
      fault.take = info->takes;
    }
  }
  if (const Json* answer = members.Find("answer"); answer != nullptr) {
    absl::StatusOr<Answer> parsed = ParseAnswer(*answer, where);
    if (!parsed.ok()) return parsed.status();
    fault.answer = *std::move(parsed);
    // What the caller is told is also what happened, unless the script says.
    fault.take = fault.take && fault.answer->status / 100 == 2;
    if (fault.name.empty()) fault.name = "answer";
  }
  members.Read("take", fault.take);

  fault.skip = members.Number("skip", 0).value_or(fault.skip);
  fault.count = members.Number("count", 1).value_or(fault.count);
  const auto delay = members.Number("delay_ms", 0);
  fault.delay = absl::Milliseconds(delay.value_or(0));
  if (fault.name.empty() && delay.has_value()) fault.name = "delay";
  if (fault.kind == FaultKind::kDrip) {
    fault.bytes = members.Number("bytes", 1).value_or(kDefaultDripBytes);
    const auto every = members.Number("every_ms", 0);
    fault.every = every ? absl::Milliseconds(*every) : kDefaultDripInterval;
  } else if (fault.kind == FaultKind::kRateLimit) {
    ReadLimit(members, fault.limit);
  } else if (fault.kind == FaultKind::kCutReply) {
    if (const auto bytes = members.Number("bytes", 0)) fault.bytes = *bytes;
  }

  if (const Json* match = members.Find("match"); match != nullptr) {
    ScriptMembers conditions(*match, absl::StrCat(where, ": match"));
    conditions.Read("body_contains", fault.body_contains);
    if (absl::Status status = conditions.Finish(); !status.ok()) return status;
  }
  CheckTogether(fault, members);
  if (absl::Status status = members.Finish(); !status.ok()) return status;
  return fault;
}

// The entries of the script, each with the words that say where it stands.
absl::StatusOr<std::vector<std::pair<std::string, Json>>> Entries(
    absl::string_view text) {
  std::vector<std::pair<std::string, Json>> entries;
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "[")) {
    absl::StatusOr<Json> all = ParseStrictJson(text);
    if (!all.ok()) return all.status();
    for (Json& entry : *all) {
      entries.emplace_back(absl::StrCat("entry ", entries.size() + 1),
                           std::move(entry));
    }
    return entries;
  }
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::string where = absl::StrCat("line ", ++number);
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    absl::StatusOr<Json> entry = ParseStrictJson(line);
    if (!entry.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": ", entry.status().message()));
    }
    entries.emplace_back(where, *std::move(entry));
  }
  return entries;
}

}  // namespace

absl::StatusOr<std::vector<Fault>> FaultScript::Parse(absl::string_view text) {
  auto entries = Entries(text);
  if (!entries.ok()) return entries.status();
  std::vector<Fault> faults;
  for (const auto& [where, json] : *entries) {
    absl::StatusOr<Fault> fault = ParseFault(json, where);
    if (!fault.ok()) return fault.status();
    faults.push_back(*std::move(fault));
  }
  return faults;
}

void FaultScript::Replace(std::vector<Fault> faults) {
  std::lock_guard lock(mutex_);
  faults_ = std::move(faults);
}

std::optional<Fault> FaultScript::Next(Moment moment, absl::string_view body) {
  std::lock_guard lock(mutex_);
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->moment != moment ||
        body.find(fault->body_contains) == absl::string_view::npos) {
      continue;
    }
    if (fault->skip > 0) {
      --fault->skip;
      return std::nullopt;
    }
    Fault played = *fault;
    if (--fault->count == 0) faults_.erase(fault);
    return played;
  }
  return std::nullopt;
}

}  // namespace signal_delivery::sandbox
