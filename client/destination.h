#ifndef CLIENT_DESTINATION_H_
#define CLIENT_DESTINATION_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/attempt_observer.h"
#include "client/endpoint.h"
#include "client/load.h"
#include "client/redaction.h"
#include "client/secret.h"
#include "client/tls_context.h"

namespace signal_delivery::client {

// Where and as whom to post: made once per integration and shared by all its
// deliveries. It writes the head of their requests beforehand.
//
// Thread-safe; immutable but for its load. Holds a secret (the authorization);
// nothing of it is ever part of a status or a detail.
class Destination {
 public:
  // mParticle's documented start for an account, in batches.
  static constexpr double kDefaultRequestsPerSecond = 270;

  // `path` begins with "/". `authorization` is the value of that header, for
  // example what BasicAuthorization returns. INVALID_ARGUMENT where one of
  // them cannot stand in a request, or where the rate, the most that is sent
  // at best, is less than one. `observer` may be null.
  static absl::StatusOr<std::shared_ptr<const Destination>> Create(
      Endpoint endpoint, std::shared_ptr<const TlsContext> tls,
      absl::string_view path, absl::string_view authorization,
      double max_requests_per_second = kDefaultRequestsPerSecond,
      std::shared_ptr<AttemptObserver> observer = nullptr);

  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;

  const Endpoint& endpoint() const { return endpoint_; }
  const std::shared_ptr<const TlsContext>& tls() const { return tls_; }

  double max_requests_per_second() const { return max_requests_per_second_; }

  // How it fares now.
  Load& load() const { return *load_; }

  // Null where nobody wants to hear of its attempts.
  AttemptObserver* observer() const { return observer_.get(); }

  // Counts the destinations of this process, so that whoever spreads them over
  // something can do so evenly.
  size_t number() const { return number_; }

  // What its host says, without what it signs in with.
  const Redaction& redaction() const { return redaction_; }

  // The whole head of a POST of `body_size` bytes of JSON. `traceparent` is the
  // value of that header, which is left out where it is empty or could not
  // stand in a request. Holds the secret.
  std::string RequestHead(size_t body_size,
                          absl::string_view traceparent = "") const;

 private:
  Destination(Endpoint endpoint, std::shared_ptr<const TlsContext> tls,
              std::string head_start, Redaction redaction,
              double max_requests_per_second,
              std::shared_ptr<AttemptObserver> observer);

  const Endpoint endpoint_;
  const std::shared_ptr<const TlsContext> tls_;
  const Secret head_start_;  // up to the value of Content-Length
  const Redaction redaction_;
  const double max_requests_per_second_;
  const std::unique_ptr<Load> load_ = std::make_unique<Load>();
  const std::shared_ptr<AttemptObserver> observer_;
  const size_t number_;
};

// "Basic " and the base64 of "user:password" (RFC 7617).
Secret BasicAuthorization(absl::string_view user, absl::string_view password);

}  // namespace signal_delivery::client

#endif  // CLIENT_DESTINATION_H_
