#ifndef TOOLS_SANDBOX_REPLY_H_
#define TOOLS_SANDBOX_REPLY_H_

// clang-format off: Asio 1.74's coroutines need std::exchange, and forget to
// include it.
#include <utility>
// clang-format on

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "tools/sandbox/faults.h"

namespace signal_delivery::sandbox {

using TlsStream = boost::beast::ssl_stream<boost::beast::tcp_stream>;

// How an answer goes out.
struct Delivery {
  bool keep_alive = true;
  bool with_body = true;                        // false for HEAD
  bool cut = false;                             // stop in the middle
  std::optional<uint64_t> cut_after;            // bytes; default: half of all
  uint64_t piece_bytes = 64 << 10;              // at most this much at a time
  absl::Duration pause = absl::ZeroDuration();  // between two pieces
};

boost::asio::awaitable<void> SendAnswer(TlsStream& stream, const Answer& answer,
                                        const Delivery& delivery);

boost::asio::awaitable<void> Wait(TlsStream& stream, absl::Duration time);

}  // namespace signal_delivery::sandbox

#endif  // TOOLS_SANDBOX_REPLY_H_
