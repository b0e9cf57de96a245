#include "client/delivery_client.h"

#include <system_error>
#include <type_traits>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/network_thread.h"

namespace signal_delivery::client {
namespace {

template <typename T>
absl::Status CheckRange(absl::string_view name, T value, T least, T most) {
  if (value >= least && value <= most) return absl::OkStatus();
  if constexpr (std::is_same_v<T, absl::Duration>) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " is ", absl::FormatDuration(value), "; it must be from ",
        absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
  } else {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " is ", value, "; it must be from ", least, " to ", most));
  }
}

absl::Status Check(const DeliveryClient::Options& options) {
  absl::Status status = CheckRange("threads", options.threads, 1, 64);
  // Every thread has connections of its own.
  status.Update(CheckRange("max_connections_per_host",
                           options.max_connections_per_host, options.threads,
                           4096));
  status.Update(CheckRange("connect_timeout", options.connect_timeout,
                           absl::Milliseconds(10), absl::Minutes(5)));
  status.Update(CheckRange("max_idle", options.max_idle, absl::Milliseconds(1),
                           absl::Hours(1)));
  status.Update(CheckRange("max_connection_age", options.max_connection_age,
                           absl::Milliseconds(1), absl::Hours(24)));
  if (options.lookup == nullptr) {
    status.Update(absl::InvalidArgumentError("lookup is empty"));
  }
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeliveryClient>> DeliveryClient::Create(
    Options options) {
  if (absl::Status status = Check(options); !status.ok()) return status;
  auto client = absl::WrapUnique(new DeliveryClient(std::move(options.lookup)));
  HostPool::Limits limits = {
      .connect_timeout = absl::ToChronoNanoseconds(options.connect_timeout),
      .max_idle = absl::ToChronoNanoseconds(options.max_idle),
      .max_connection_age =
          absl::ToChronoNanoseconds(options.max_connection_age)};
  for (int i = 0; i < options.threads; ++i) {
    // Split so that the parts add up to the whole.
    const int per_thread = options.max_connections_per_host / options.threads;
    const int left_over = options.max_connections_per_host % options.threads;
    limits.max_connections = per_thread + (i < left_over ? 1 : 0);
    try {
      client->threads_.push_back(std::make_unique<NetworkThread>(
          *client->resolver_, client->news_, limits, client->connections_));
    } catch (const std::system_error& error) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot start a network thread: ", error.what()));
    }
  }
  return client;
}

DeliveryClient::DeliveryClient(LookupFunction lookup)
    : resolver_(std::make_unique<Resolver>(std::move(lookup))) {}

DeliveryClient::~DeliveryClient() {
  Shutdown();
  // A `done` may have called Deliver on another thread, so all of them stay
  // until nothing is under way on any.
  for (size_t n = in_flight_.load(); n > 0; n = in_flight_.load()) {
    in_flight_.wait(n);
  }
  // Its lookups may be under way still and would report to the threads.
  resolver_ = nullptr;
  threads_.clear();
}

void DeliveryClient::TryKeyAgain(const Destination& destination) {
  threads_[destination.number() % threads_.size()]->TryKeyAgain(&destination);
}

void DeliveryClient::Shutdown() {
  for (auto& thread : threads_) thread->Shutdown();
}

void DeliveryClient::Deliver(Delivery delivery, DeliveryDone done) {
  in_flight_.fetch_add(1);
  const size_t thread = delivery.destination->number() % threads_.size();
  threads_[thread]->Deliver(std::move(delivery),
                            [this, done = std::move(done)](Verdict v) mutable {
                              done(std::move(v));
                              in_flight_.fetch_sub(1);
                              in_flight_.notify_all();
                            });
}

}  // namespace signal_delivery::client
