#ifndef TOOLS_SANDBOX_CONNECTION_H_
#define TOOLS_SANDBOX_CONNECTION_H_

// clang-format off: Asio 1.74's coroutines need std::exchange, and forget to
// include it.
#include <utility>
// clang-format on

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>

#include "tools/sandbox/faults.h"
#include "tools/sandbox/judge.h"
#include "tools/sandbox/rate_limiter.h"
#include "tools/sandbox/recorder.h"

namespace signal_delivery::sandbox {

// What all connections share. What it refers to is thread-safe, and outlives
// them.
struct Site {
  boost::asio::ssl::context& tls;
  // With a certificate that nobody trusts.
  boost::asio::ssl::context& untrusted_tls;
  Judge& judge;
  RateLimit rate_limit;
  RateLimiter& limiter;
  FaultScript& faults;
  Recorder& recorder;
};

// Serves one connection until either side ends it: TLS, requests one after
// another, the faults of the script. Runs on the socket's executor.
boost::asio::awaitable<void> ServeConnection(
    boost::asio::ip::tcp::socket socket, int64_t number, Site site);

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_CONNECTION_H_
