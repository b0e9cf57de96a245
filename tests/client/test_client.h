#ifndef TESTS_CLIENT_TEST_CLIENT_H_
#define TESTS_CLIENT_TEST_CLIENT_H_

#include <functional>
#include <future>
#include <memory>
#include <ostream>
#include <stop_token>
#include <string>

#include "absl/time/time.h"
#include "client/attempt_observer.h"
#include "client/delivery_client.h"
#include "client/destination.h"
#include "client/verdict.h"

namespace signal_delivery::client {

// Longer than any test may take: what waits for it hangs.
inline constexpr absl::Duration kLong = absl::Minutes(10);
// For deliveries that are to end by their deadline.
inline constexpr absl::Duration kShort = absl::Milliseconds(200);

inline constexpr char kUser[] = "key";
inline constexpr char kPassword[] = "a-secret-to-find";

// One thread, so that a test knows which connections can be reused.
DeliveryClient::Options OneThread();

std::unique_ptr<DeliveryClient> MakeClient(
    DeliveryClient::Options options = OneThread());

// To "/v2/events" at "host:port", trusting the test authority.
std::shared_ptr<const Destination> DestinationAt(
    const std::string& host,
    double max_requests_per_second = Destination::kDefaultRequestsPerSecond,
    std::shared_ptr<AttemptObserver> observer = nullptr);

// The future is broken where `done` is never called, and throws where it is
// called twice.
std::future<Verdict> Start(DeliveryClient& client,
                           std::shared_ptr<const Destination> destination,
                           std::string body = "{}",
                           absl::Duration timeout = kLong,
                           std::stop_token cancellation = {});

Verdict Deliver(DeliveryClient& client,
                std::shared_ptr<const Destination> destination,
                std::string body = "{}", absl::Duration timeout = kLong);

// The verdict of a delivery that is cancelled when `wait` returns: once it is
// known that a second attempt began, that of a first one that failed.
Verdict DeliverUntil(DeliveryClient& client,
                     std::shared_ptr<const Destination> destination,
                     const std::function<void()>& wait);

// For test messages.
void PrintTo(const Verdict& verdict, std::ostream* out);
void PrintTo(Verdict::Kind kind, std::ostream* out);
void PrintTo(Verdict::Cause cause, std::ostream* out);

}  // namespace signal_delivery::client

#endif  // TESTS_CLIENT_TEST_CLIENT_H_
