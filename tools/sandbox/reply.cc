#include "tools/sandbox/reply.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/status.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::sandbox {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr int kNoContent = 204;  // the one status whose answer has no body

std::string HeadOf(const Answer& answer, bool keep_alive) {
  const auto reason = http::obsolete_reason(http::int_to_status(answer.status));
  std::string head =
      absl::StrCat("HTTP/1.1 ", answer.status, " ",
                   absl::string_view(reason.data(), reason.size()), "\r\n");
  if (answer.status != kNoContent) {
    absl::StrAppend(&head, "Content-Length: ",
                    answer.body.size() + answer.filler_bytes, "\r\n");
  }
  for (const auto& [name, value] : answer.headers) {
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&head, keep_alive ? "" : "Connection: close\r\n", "\r\n");
  return head;
}

}  // namespace

asio::awaitable<void> SendAnswer(TlsStream& stream, const Answer& answer,
                                 const Delivery& delivery) {
  std::string text = HeadOf(answer, delivery.keep_alive);
  uint64_t size = text.size();
  if (delivery.with_body && answer.status != kNoContent) {
    text += answer.body;
    size = text.size() + answer.filler_bytes;
  }
  if (delivery.cut)
    size = std::min(size, delivery.cut_after.value_or(size / 2));

  // `text`, and then filler that never exists as a whole.
  for (uint64_t at = 0; at < size; at += delivery.piece_bytes) {
    if (at > 0 && delivery.pause > absl::ZeroDuration()) {
      co_await Wait(stream, delivery.pause);
    }
    const uint64_t piece_size = std::min(delivery.piece_bytes, size - at);
    std::string piece =
        text.substr(std::min<uint64_t>(at, text.size()), piece_size);
    piece.resize(piece_size, 'x');
    co_await asio::async_write(stream, asio::buffer(piece),
                               asio::use_awaitable);
  }
}

asio::awaitable<void> Wait(TlsStream& stream, absl::Duration time) {
  asio::steady_timer timer(stream.get_executor(),
                           absl::ToChronoMilliseconds(time));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace signal_delivery::sandbox
