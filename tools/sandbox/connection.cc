#include "tools/sandbox/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "tools/sandbox/control.h"

namespace signal_delivery::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::use_awaitable;

// A request larger than mParticle's limit is still read, so that its sender
// reads the 413 and not a reset; one larger than this is not.
constexpr uint64_t kMaxReadBytes = 16 << 20;
constexpr std::size_t kFillerChunkBytes = 64 << 10;
// How long a peer may take to say goodbye in TLS.
constexpr std::chrono::seconds kShutdownTime{1};

absl::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

// Ends the connection with a TCP reset.
void Reset(beast::tcp_stream& stream) {
  beast::error_code ignored;
  stream.socket().set_option(asio::socket_base::linger(true, 0), ignored);
  stream.socket().close(ignored);
}

std::string HeadOf(const Answer& answer, bool keep_alive) {
  std::string head = absl::StrCat(
      "HTTP/1.1 ", answer.status, " ",
      View(http::obsolete_reason(http::int_to_status(answer.status))),
      "\r\nContent-Length: ", answer.body.size() + answer.filler_bytes, "\r\n");
  for (const auto& [name, value] : answer.headers) {
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&head, keep_alive ? "" : "Connection: close\r\n", "\r\n");
  return head;
}

class Connection {
 public:
  Connection(asio::ip::tcp::socket socket, int64_t number, Site site)
      : stream_(beast::tcp_stream(std::move(socket)), site.tls),
        number_(number),
        site_(site) {}

  asio::awaitable<void> Serve() {
    beast::get_lowest_layer(stream_).socket().set_option(
        asio::ip::tcp::no_delay(true));
    if (const auto fault = site_.faults.Next(Moment::kConnected)) {
      co_await PlayOnConnect(*fault);
      if (fault->kind != FaultKind::kSlowConnect) co_return;
    }
    co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                     use_awaitable);
    bool goes_on = true;
    while (goes_on) goes_on = co_await ServeRequest();
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

  asio::awaitable<void> Wait(absl::Duration time) {
    asio::steady_timer timer(stream_.get_executor(),
                             absl::ToChronoMilliseconds(time));
    co_await timer.async_wait(use_awaitable);
  }

  asio::awaitable<void> PlayOnConnect(const Fault& fault) {
    Record record;
    record.received_at = absl::Now();
    record.connection = number_;
    record.fault = fault.name;
    site_.recorder.Add(record);
    if (fault.kind == FaultKind::kResetOnConnect) {
      Reset(tcp());
    } else if (fault.kind == FaultKind::kBadTls) {
      static constexpr char kNotTls[] = "This is not TLS.\r\n";
      co_await asio::async_write(
          tcp(), asio::buffer(kNotTls, sizeof(kNotTls) - 1), use_awaitable);
    } else {
      co_await Wait(fault.delay);
    }
  }

  // True where the connection is ready for another request.
  asio::awaitable<bool> ServeRequest() {
    if (buffer_.size() == 0) {
      const std::size_t size = co_await stream_.async_read_some(
          buffer_.prepare(kFillerChunkBytes), use_awaitable);
      buffer_.commit(size);
    }
    if (const auto fault = site_.faults.Next(Moment::kRequestStarts)) {
      co_return ResetEarly(*fault, nullptr);
    }

    Parser parser;
    parser.body_limit(kMaxReadBytes);
    beast::error_code error;
    co_await http::async_read_header(
        stream_, buffer_, parser, asio::redirect_error(use_awaitable, error));
    if (!error) {
      if (const auto fault = site_.faults.Next(Moment::kHeaderRead)) {
        co_return ResetEarly(*fault, &parser.get());
      }
      if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        static constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await asio::async_write(
            stream_, asio::buffer(kContinue, sizeof(kContinue) - 1),
            use_awaitable);
      }
      co_await http::async_read(stream_, buffer_, parser,
                                asio::redirect_error(use_awaitable, error));
    }
    if (error) {
      co_await RefuseUnreadable(error);
      co_return false;
    }
    co_return co_await AnswerRequest(parser.get());
  }

  Record RecordOf(const Parser::value_type& request) const {
    Record record;
    record.received_at = absl::Now();
    record.connection = number_;
    record.method = std::string(View(request.method_string()));
    record.path = std::string(View(request.target()));
    for (const auto& field : request) {
      record.headers.emplace_back(View(field.name_string()),
                                  View(field.value()));
    }
    record.body = request.body();
    return record;
  }

  // Ends the connection before the request is read. Never goes on.
  bool ResetEarly(const Fault& fault, const Parser::value_type* header) {
    Record record;
    if (header != nullptr) record = RecordOf(*header);
    record.received_at = absl::Now();
    record.connection = number_;
    record.fault = fault.name;
    site_.recorder.Add(record);
    Reset(tcp());
    return false;
  }

  // What came is not HTTP, or far too large.
  asio::awaitable<void> RefuseUnreadable(beast::error_code error) {
    if (error.category() !=
            make_error_code(http::error::bad_version).category() ||
        error == http::error::end_of_stream ||
        error == http::error::partial_message) {
      co_return;  // the peer left
    }
    Answer answer;
    answer.status = error == http::error::body_limit ? 413 : 400;
    Record record;
    record.received_at = absl::Now();
    record.connection = number_;
    record.status = answer.status;
    record.problems = {absl::StrCat("not readable: ", error.message())};
    site_.recorder.Add(record);
    co_await Send(answer, /*keep_alive=*/false, /*with_body=*/true);
    co_await SayGoodbye();
  }

  asio::awaitable<bool> AnswerRequest(const Parser::value_type& request) {
    const absl::string_view target = View(request.target());
    const bool with_body = request.method() != http::verb::head;
    const Request asked = {
        View(request.method_string()), target.substr(0, target.find('?')),
        View(request[http::field::authorization]),
        View(request[http::field::content_type]), request.body()};

    if (IsControlPath(asked.path)) {
      co_await Send(AnswerControl(asked, site_), request.keep_alive(),
                    with_body);
      co_return co_await EndUnless(request.keep_alive());
    }

    const Verdict verdict = site_.judge.Check(asked);
    const Fault fault =
        site_.faults.Next(Moment::kRequestRead, asked.body).value_or(Fault{});
    const Answer& answer = fault.answer ? *fault.answer : verdict.answer;
    const bool silent = fault.kind == FaultKind::kResetAfterRequest ||
                        fault.kind == FaultKind::kTakenThenReset ||
                        fault.kind == FaultKind::kStall;

    Record record = RecordOf(request);
    if (!silent) record.status = answer.status;
    record.taken = verdict.good && fault.take;
    record.duplicate =
        record.taken && site_.judge.TakeIsDuplicate(verdict.request_id);
    record.fault = fault.name;
    record.problems = verdict.problems;
    record.body_is_json = verdict.body_is_json;
    // Before the answer: who has read it finds the record.
    site_.recorder.Add(record);

    if (fault.delay > absl::ZeroDuration()) co_await Wait(fault.delay);
    switch (fault.kind) {
      case FaultKind::kResetAfterRequest:
      case FaultKind::kTakenThenReset:
        Reset(tcp());
        co_return false;
      case FaultKind::kStall:
        co_await WaitForPeerToLeave();
        co_return false;
      case FaultKind::kCutReply:
        co_await SendCut(answer, fault.bytes);
        co_return false;
      case FaultKind::kDrip:
        co_await SendDrip(answer, request.keep_alive(), fault);
        break;
      case FaultKind::kCloseAfterReply:
        // Says that the connection stays, and ends it all the same.
        co_await Send(answer, /*keep_alive=*/true, with_body);
        co_return false;
      default:
        co_await Send(answer, request.keep_alive(), with_body);
    }
    co_return co_await EndUnless(request.keep_alive());
  }

  asio::awaitable<void> Send(const Answer& answer, bool keep_alive,
                             bool with_body) {
    std::string head = HeadOf(answer, keep_alive);
    if (with_body) head += answer.body;
    co_await asio::async_write(stream_, asio::buffer(head), use_awaitable);
    if (with_body) co_await SendFiller(answer.filler_bytes);
  }

  asio::awaitable<void> SendFiller(uint64_t bytes) {
    if (bytes == 0) co_return;
    const std::string chunk(std::min<uint64_t>(bytes, kFillerChunkBytes), 'x');
    while (bytes > 0) {
      const std::size_t size = std::min<uint64_t>(bytes, chunk.size());
      co_await asio::async_write(stream_, asio::buffer(chunk.data(), size),
                                 use_awaitable);
      bytes -= size;
    }
  }

  // The first `bytes` of the answer, half of it by default; then the connection
  // ends without a goodbye in TLS.
  asio::awaitable<void> SendCut(const Answer& answer,
                                std::optional<uint64_t> bytes) {
    std::string text = HeadOf(answer, /*keep_alive=*/true) + answer.body;
    const uint64_t whole = text.size() + answer.filler_bytes;
    const uint64_t sent = std::min(bytes.value_or(whole / 2), whole);
    const uint64_t filler = sent - std::min<uint64_t>(sent, text.size());
    text.resize(sent - filler);
    co_await asio::async_write(stream_, asio::buffer(text), use_awaitable);
    co_await SendFiller(filler);
  }

  asio::awaitable<void> SendDrip(const Answer& answer, bool keep_alive,
                                 const Fault& fault) {
    std::string text = HeadOf(answer, keep_alive) + answer.body;
    text.append(answer.filler_bytes, 'x');
    const std::size_t piece = fault.bytes.value_or(1);
    for (std::size_t at = 0; at < text.size(); at += piece) {
      if (at > 0) co_await Wait(fault.every);
      co_await asio::async_write(
          stream_,
          asio::buffer(text.data() + at, std::min(piece, text.size() - at)),
          use_awaitable);
    }
  }

  asio::awaitable<void> WaitForPeerToLeave() {
    std::array<char, 4096> unread;
    beast::error_code error;
    while (!error) {
      co_await stream_.async_read_some(
          asio::buffer(unread), asio::redirect_error(use_awaitable, error));
    }
  }

  asio::awaitable<bool> EndUnless(bool keep_alive) {
    if (!keep_alive) co_await SayGoodbye();
    co_return keep_alive;
  }

  asio::awaitable<void> SayGoodbye() {
    beast::error_code ignored;
    tcp().expires_after(kShutdownTime);
    co_await stream_.async_shutdown(
        asio::redirect_error(use_awaitable, ignored));
  }

  beast::ssl_stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  const int64_t number_;
  Site site_;
};

}  // namespace

asio::awaitable<void> ServeConnection(asio::ip::tcp::socket socket,
                                      int64_t number, Site site) {
  // On the heap: OpenSSL keeps pointers into it.
  auto connection =
      std::make_unique<Connection>(std::move(socket), number, site);
  try {
    co_await connection->Serve();
  } catch (const boost::system::system_error&) {
    // The peer left, or never spoke TLS: the connection is over either way.
  }
}

}  // namespace signal_delivery::sandbox
