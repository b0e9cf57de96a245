#include "client/judge.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace signal_delivery::client {
namespace {

using Kind = Verdict::Kind;
using Cause = Verdict::Cause;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;

struct Meaning {
  Kind kind;
  Cause cause;
};

Meaning MeaningOf(int status) {
  switch (status) {
    case 202:
      return {Kind::kAccepted, Cause::kTaken};
    case 400:
      return {Kind::kRejected, Cause::kRefusedAsMalformed};
    case 401:
      return {Kind::kNotDelivered, Cause::kUnauthorized};
    case 403:
      return {Kind::kNotDelivered, Cause::kForbidden};
    case 408:
    case 503:
      return {Kind::kNotDelivered, Cause::kUpstreamUnavailable};
    case 413:
      return {Kind::kRejected, Cause::kRefusedAsTooLarge};
    case 429:
      return {Kind::kNotDelivered, Cause::kRateLimited};
  }
  // Only 202 is a promise, and only a refusal is a refusal: everything else is
  // read so that nothing is claimed that was not said.
  if (status >= 200 && status < 300) {
    return {Kind::kUnknown, Cause::kUnexpectedSuccess};
  }
  if (status >= 300 && status < 500) {
    return {Kind::kNotDelivered, Cause::kUnexpectedStatus};
  }
  return {Kind::kUnknown, Cause::kUpstreamError};
}

Meaning MeaningOf(const TransportFailure& failure) {
  if (failure.stage == Stage::kAfterSending) {
    switch (failure.what) {
      case What::kBroken:
      case What::kShutdown:
      case What::kCancelled:
        return {Kind::kUnknown, Cause::kConnectionLostAfterSending};
      case What::kDeadline:
        return {Kind::kUnknown, Cause::kNoAnswerBeforeDeadline};
      case What::kUnreadable:
        return {Kind::kUnknown, Cause::kUnreadableAnswer};
    }
  }
  if (failure.what == What::kDeadline) {
    return {Kind::kNotDelivered, Cause::kDeadlineBeforeSending};
  }
  if (failure.what == What::kShutdown) {
    return {Kind::kNotDelivered, Cause::kShuttingDown};
  }
  if (failure.what == What::kCancelled) {
    return {Kind::kNotDelivered, Cause::kCancelled};
  }
  switch (failure.stage) {
    case Stage::kLookup:
      return {Kind::kNotDelivered, Cause::kHostNotFound};
    case Stage::kConnect:
      return {Kind::kNotDelivered, Cause::kConnectFailed};
    case Stage::kHandshake:
      return {Kind::kNotDelivered, Cause::kTlsFailed};
    case Stage::kBeforeSending:
    case Stage::kAfterSending:
      break;
  }
  return {Kind::kNotDelivered, Cause::kConnectionLostBeforeSending};
}

}  // namespace

Verdict Judge(const ExchangeResult& result) {
  Verdict verdict;
  Meaning meaning;
  if (const auto* answer = std::get_if<HttpAnswer>(&result)) {
    meaning = MeaningOf(answer->status);
    verdict.http_status = answer->status;
    verdict.retry_after = answer->retry_after;
    verdict.upstream_message = answer->error_message;
    verdict.detail = absl::StrCat("the host answered ", answer->status);
  } else {
    const auto& failure = std::get<TransportFailure>(result);
    meaning = MeaningOf(failure);
    verdict.detail = failure.detail;
  }
  verdict.kind = meaning.kind;
  verdict.cause = meaning.cause;
  return verdict;
}

}  // namespace signal_delivery::client
