#include "client/destination.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::client {
namespace {

constexpr absl::string_view kUserAgent = "signal-delivery/1";

// A line break in a header would let its value write headers of its own.
bool IsPrintableAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isprint);
}

size_t NextNumber() {
  static std::atomic<size_t> next = 0;
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Destination>> Destination::Create(
    Endpoint endpoint, std::shared_ptr<const TlsContext> tls,
    absl::string_view path, absl::string_view authorization,
    double max_requests_per_second, std::shared_ptr<AttemptObserver> observer) {
  if (!(max_requests_per_second >= 1)) {
    return absl::InvalidArgumentError(
        "the rate must be one request a second or more");
  }
  if (tls == nullptr) {
    return absl::InvalidArgumentError("a destination needs a TLS context");
  }
  if (path.empty() || path.front() != '/' ||
      !std::all_of(path.begin(), path.end(), absl::ascii_isgraph)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the path '", absl::CHexEscape(path),
        "' must begin with '/' and hold only visible ASCII characters"));
  }
  if (authorization.empty() || !IsPrintableAscii(authorization)) {
    return absl::InvalidArgumentError(
        "the authorization must be of printable ASCII characters");
  }
  std::string head_start =
      absl::StrCat("POST ", path, " HTTP/1.1\r\n",              //
                   "Host: ", FormatEndpoint(endpoint), "\r\n",  //
                   "User-Agent: ", kUserAgent, "\r\n",          //
                   "Authorization: ", authorization, "\r\n",    //
                   "Content-Type: application/json\r\n",        //
                   "Content-Length: ");
  return absl::WrapUnique(new Destination(
      std::move(endpoint), std::move(tls), std::move(head_start),
      Redaction(authorization), max_requests_per_second, std::move(observer)));
}

Destination::Destination(Endpoint endpoint,
                         std::shared_ptr<const TlsContext> tls,
                         std::string head_start, Redaction redaction,
                         double max_requests_per_second,
                         std::shared_ptr<AttemptObserver> observer)
    : endpoint_(std::move(endpoint)),
      tls_(std::move(tls)),
      head_start_(std::move(head_start)),
      redaction_(std::move(redaction)),
      max_requests_per_second_(max_requests_per_second),
      observer_(std::move(observer)),
      number_(NextNumber()) {}

std::string Destination::RequestHead(size_t body_size,
                                     absl::string_view traceparent) const {
  const bool traced = !traceparent.empty() && IsPrintableAscii(traceparent);
  return absl::StrCat(head_start_.Reveal(), body_size,
                      traced ? "\r\ntraceparent: " : "",
                      traced ? traceparent : "", "\r\n\r\n");
}

Secret BasicAuthorization(absl::string_view user, absl::string_view password) {
  std::string credentials = absl::StrCat(user, ":", password);
  std::string token = absl::Base64Escape(credentials);
  Wipe(credentials);
  Secret authorization(absl::StrCat("Basic ", token));
  Wipe(token);
  return authorization;
}

}  // namespace signal_delivery::client
