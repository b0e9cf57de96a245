#include "tools/sandbox/judge.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "tools/sandbox/batch_rules.h"
#include "tools/sandbox/limits.h"
#include "tools/sandbox/strict_json.h"

namespace signal_delivery::sandbox {
namespace {

using Json = nlohmann::json;

constexpr absl::string_view kEventsPath = "/v2/events";

// The form of mParticle's errors: one entry per problem.
Answer Refusal(int status, absl::string_view code,
               const std::vector<std::string>& problems) {
  Json errors = Json::array();
  for (const std::string& problem : problems) {
    errors.push_back({{"code", code}, {"message", problem}});
  }
  Answer answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", "application/json");
  answer.body = Json({{"errors", std::move(errors)}})
                    .dump(-1, ' ', false, Json::error_handler_t::replace);
  return answer;
}

Verdict Refuse(int status, absl::string_view code,
               std::vector<std::string> problems) {
  Verdict verdict;
  verdict.answer = Refusal(status, code, problems);
  verdict.problems = std::move(problems);
  return verdict;
}

bool IsJsonType(absl::string_view content_type) {
  const absl::string_view type = content_type.substr(0, content_type.find(';'));
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type),
                                "application/json");
}

bool IsBasic(absl::string_view authorization, absl::string_view credentials) {
  constexpr absl::string_view kScheme = "Basic ";
  return absl::StartsWithIgnoreCase(authorization, kScheme) &&
         absl::StripAsciiWhitespace(authorization.substr(kScheme.size())) ==
             credentials;
}

// The text in data.source_message_id; nullptr where there is none.
const std::string* MessageId(const Json& event) {
  const auto data = event.find("data");
  if (data == event.end()) return nullptr;
  const auto id = data->find("source_message_id");
  return id == data->end() ? nullptr : id->get_ptr<const std::string*>();
}

std::string RequestId(const Json& batch) {
  const auto id = batch.find("source_request_id");
  return id == batch.end() ? "" : id->dump();
}

}  // namespace

Judge::Judge(absl::string_view api_key, absl::string_view api_secret,
             std::vector<Poison> poisons)
    : credentials_(absl::Base64Escape(absl::StrCat(api_key, ":", api_secret))),
      poisons_(std::move(poisons)) {}

Verdict Judge::Check(const Request& request) const {
  const absl::StatusOr<Json> batch = ParseStrictJson(request.body);
  Verdict verdict = Decide(request, batch);
  verdict.body_is_json = batch.ok();
  return verdict;
}

Verdict Judge::Decide(const Request& request,
                      const absl::StatusOr<Json>& batch) const {
  if (request.path != kEventsPath) {
    return Refuse(404, "NOT_FOUND", {"there is nothing at this path"});
  }
  if (request.method != "POST") {
    Verdict verdict = Refuse(405, "METHOD_NOT_ALLOWED", {"only POST"});
    verdict.answer.headers.emplace_back("Allow", "POST");
    return verdict;
  }
  if (request.body.size() > kMaxRequestBytes) {
    return Refuse(
        413, "REQUEST_TOO_LARGE",
        {absl::StrCat("the request is too large: ", request.body.size(),
                      " bytes, at most ", kMaxRequestBytes)});
  }
  if (!IsBasic(request.authorization, credentials_)) {
    return Refuse(401, "UNAUTHORIZED",
                  {request.authorization.empty()
                       ? "no Authorization header"
                       : "wrong key or secret in the Authorization header"});
  }
  if (!IsJsonType(request.content_type)) {
    return Refuse(400, "BAD_REQUEST",
                  {"the Content-Type must be application/json"});
  }
  if (request.body.size() > kMaxBatchBytes) {
    return Refuse(400, "BAD_REQUEST",
                  {absl::StrCat("the batch is too large: ", request.body.size(),
                                " bytes, at most ", kMaxBatchBytes)});
  }
  if (!batch.ok()) {
    return Refuse(400, "BAD_REQUEST", {std::string(batch.status().message())});
  }
  std::vector<std::string> problems = CheckBatch(*batch);
  if (!problems.empty()) {
    return Refuse(400, "BAD_REQUEST", std::move(problems));
  }
  if (const int status = FindPoison(*batch, problems); status != 0) {
    return Refuse(status, status == 413 ? "REQUEST_TOO_LARGE" : "BAD_REQUEST",
                  std::move(problems));
  }
  Verdict verdict;
  verdict.good = true;
  verdict.request_id = RequestId(*batch);
  if (const auto events = batch->find("events"); events != batch->end()) {
    for (const Json& event : *events) {
      const std::string* id = MessageId(event);
      if (id != nullptr) verdict.message_ids.push_back(*id);
    }
  }
  return verdict;
}

int Judge::FindPoison(const Json& batch,
                      std::vector<std::string>& problems) const {
  const auto events = batch.find("events");
  if (poisons_.empty() || events == batch.end()) return 0;
  int status = 0;
  for (std::size_t i = 0; i < events->size(); ++i) {
    const std::string* id = MessageId((*events)[i]);
    for (const Poison& poison : poisons_) {
      if (id == nullptr || !absl::StrContains(*id, poison.marker)) continue;
      if (status == 0) status = poison.status;
      if (problems.size() < kMaxProblems) {
        problems.push_back(
            absl::StrCat("$.events[", i, "].data.source_message_id: poison"));
      }
    }
  }
  return status;
}

bool Judge::TakeIsDuplicate(const std::string& request_id) {
  if (request_id.empty()) return false;
  std::lock_guard lock(mutex_);
  return !taken_.insert(request_id).second;
}

void Judge::Forget() {
  std::lock_guard lock(mutex_);
  taken_.clear();
}

}  // namespace signal_delivery::sandbox
