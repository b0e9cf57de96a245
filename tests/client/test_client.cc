#include "tests/client/test_client.h"

#include <utility>

#include "client/endpoint.h"
#include "client/tls_context.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::client {

DeliveryClient::Options OneThread() {
  DeliveryClient::Options options;
  options.threads = 1;
  return options;
}

std::unique_ptr<DeliveryClient> MakeClient(DeliveryClient::Options options) {
  return DeliveryClient::Create(std::move(options)).value();
}

std::shared_ptr<const Destination> DestinationAt(
    const std::string& host, double max_requests_per_second,
    std::shared_ptr<AttemptObserver> observer) {
  static const auto* const tls = new std::shared_ptr<const TlsContext>(
      TlsContext::Create(support::TestCertificates::Get().ca_file()).value());
  return Destination::Create(ParseEndpoint(host).value(), *tls, "/v2/events",
                             BasicAuthorization(kUser, kPassword).Reveal(),
                             max_requests_per_second, std::move(observer))
      .value();
}

namespace {

std::chrono::steady_clock::time_point DeadlineIn(absl::Duration timeout) {
  using Clock = std::chrono::steady_clock;
  return timeout == absl::InfiniteDuration()
             ? Clock::time_point::max()
             : Clock::now() + absl::ToChronoNanoseconds(timeout);
}

}  // namespace

std::future<Verdict> Start(DeliveryClient& client,
                           std::shared_ptr<const Destination> destination,
                           std::string body, absl::Duration timeout,
                           std::stop_token cancellation) {
  std::promise<Verdict> promise;
  std::future<Verdict> future = promise.get_future();
  client.Deliver({.destination = std::move(destination),
                  .body = std::make_shared<const std::string>(std::move(body)),
                  .deadline = DeadlineIn(timeout),
                  .cancellation = std::move(cancellation)},
                 [promise = std::move(promise)](Verdict verdict) mutable {
                   promise.set_value(std::move(verdict));
                 });
  return future;
}

Verdict Deliver(DeliveryClient& client,
                std::shared_ptr<const Destination> destination,
                std::string body, absl::Duration timeout) {
  return Start(client, std::move(destination), std::move(body), timeout).get();
}

Verdict DeliverUntil(DeliveryClient& client,
                     std::shared_ptr<const Destination> destination,
                     const std::function<void()>& wait) {
  std::stop_source source;
  auto verdict =
      Start(client, std::move(destination), "{}", kLong, source.get_token());
  wait();
  source.request_stop();
  return verdict.get();
}

void PrintTo(const Verdict& verdict, std::ostream* out) {
  *out << KindName(verdict.kind) << "/" << CauseName(verdict.cause)
       << " status " << verdict.http_status << ", " << verdict.attempts
       << " attempts: " << verdict.detail;
}

void PrintTo(Verdict::Kind kind, std::ostream* out) { *out << KindName(kind); }

void PrintTo(Verdict::Cause cause, std::ostream* out) {
  *out << CauseName(cause);
}

}  // namespace signal_delivery::client
