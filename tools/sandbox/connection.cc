#include "tools/sandbox/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "tools/sandbox/control.h"
#include "tools/sandbox/decision.h"
#include "tools/sandbox/reply.h"

namespace signal_delivery::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::use_awaitable;

// A request larger than mParticle's limit is still read, so that its sender
// reads the 413 and not a reset; one larger than this is not.
constexpr uint64_t kMaxReadBytes = 16 << 20;
constexpr char kNotTls[] = "This is not TLS.\r\n";
constexpr char kNotHttp[] = "This is not HTTP.\r\n\r\n";
constexpr std::size_t kChunkBytes = 64 << 10;
// How long a peer may take to say goodbye in TLS.
constexpr std::chrono::seconds kShutdownTime{1};

absl::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

bool IsHttpError(const beast::error_code& error) {
  return error.category() ==
         http::make_error_code(http::error::end_of_stream).category();
}

// Ends the connection with a TCP reset.
void Reset(beast::tcp_stream& stream) {
  beast::error_code ignored;
  stream.socket().set_option(asio::socket_base::linger(true, 0), ignored);
  stream.socket().close(ignored);
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
      if (fault->kind != FaultKind::kSlowConnect &&
          fault->kind != FaultKind::kWrongCertificate) {
        co_return;
      }
    }
    co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                     use_awaitable);
    bool goes_on = true;
    while (goes_on) goes_on = co_await ServeRequest();
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

  Record NewRecord() const {
    Record record;
    record.received_at = absl::Now();
    record.connection = number_;
    return record;
  }

  Record RecordOf(const Parser::value_type& request) const {
    Record record = NewRecord();
    record.method = std::string(View(request.method_string()));
    record.path = std::string(View(request.target()));
    for (const auto& field : request) {
      record.headers.emplace_back(View(field.name_string()),
                                  View(field.value()));
    }
    record.body = request.body();
    return record;
  }

  asio::awaitable<void> PlayOnConnect(const Fault& fault) {
    Record record = NewRecord();
    record.fault = fault.name;
    site_.recorder.Add(record);
    if (fault.kind == FaultKind::kResetOnConnect) {
      Reset(tcp());
    } else if (fault.kind == FaultKind::kSlowConnect) {
      co_await Wait(stream_, fault.delay);
    } else if (fault.kind == FaultKind::kWrongCertificate) {
      SSL_set_SSL_CTX(stream_.native_handle(),
                      site_.untrusted_tls.native_handle());
    } else {
      // Only after the peer's hello: to close with unread bytes would be a
      // reset.
      co_await tcp().async_read_some(buffer_.prepare(kChunkBytes),
                                     use_awaitable);
      if (fault.kind == FaultKind::kResetInHandshake) {
        Reset(tcp());
        co_return;
      }
      co_await asio::async_write(
          tcp(), asio::buffer(kNotTls, sizeof(kNotTls) - 1), use_awaitable);
    }
  }

  // True where the connection is ready for another request.
  asio::awaitable<bool> ServeRequest() {
    if (buffer_.size() == 0) {
      const std::size_t size = co_await stream_.async_read_some(
          buffer_.prepare(kChunkBytes), use_awaitable);
      buffer_.commit(size);
    }
    if (const auto fault = site_.faults.Next(Moment::kRequestStarts)) {
      ResetEarly(NewRecord(), *fault);
      co_return false;
    }

    Parser parser;
    parser.body_limit(kMaxReadBytes);
    beast::error_code error;
    co_await http::async_read_header(
        stream_, buffer_, parser, asio::redirect_error(use_awaitable, error));
    if (!error) {
      if (const auto fault = site_.faults.Next(Moment::kHeaderRead)) {
        ResetEarly(RecordOf(parser.get()), *fault);
        co_return false;
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

  void ResetEarly(Record record, const Fault& fault) {
    record.fault = fault.name;
    site_.recorder.Add(record);
    Reset(tcp());
  }

  // What came is not HTTP, or far too large.
  asio::awaitable<void> RefuseUnreadable(beast::error_code error) {
    if (!IsHttpError(error) || error == http::error::end_of_stream ||
        error == http::error::partial_message) {
      co_return;  // the peer left
    }
    Answer answer;
    answer.status = error == http::error::body_limit ? 413 : 400;
    Record record = NewRecord();
    record.status = answer.status;
    record.problems = {absl::StrCat("not readable: ", error.message())};
    site_.recorder.Add(record);
    Delivery delivery;
    delivery.keep_alive = false;
    co_await SendAnswer(stream_, answer, delivery);
    co_await SayGoodbye();
  }

  asio::awaitable<bool> AnswerRequest(const Parser::value_type& request) {
    const absl::string_view target = View(request.target());
    const Request asked = {
        View(request.method_string()), target.substr(0, target.find('?')),
        View(request[http::field::authorization]),
        View(request[http::field::content_type]), request.body()};
    Delivery delivery;
    delivery.keep_alive = request.keep_alive();
    delivery.with_body = request.method() != http::verb::head;

    if (IsControlPath(asked.path)) {
      const Answer answer = AnswerControl(asked, site_);
      co_await SendAnswer(stream_, answer, delivery);
      co_return co_await EndUnless(delivery.keep_alive);
    }

    const Decision decision = Decide(asked, site_.rate_limit, absl::Now(),
                                     site_.judge, site_.limiter, site_.faults);
    const Fault& fault = decision.fault;
    Record record = RecordOf(request);
    if (fault.answers) record.status = decision.answer.status;
    record.taken = decision.taken;
    record.duplicate = decision.duplicate;
    record.fault = fault.name;
    record.problems = decision.verdict.problems;
    record.request_id = decision.verdict.request_id;
    record.message_ids = decision.verdict.message_ids;
    record.body_is_json = decision.verdict.body_is_json;
    // Before the answer: who has read it finds the record.
    site_.recorder.Add(record);

    if (fault.delay > absl::ZeroDuration()) co_await Wait(stream_, fault.delay);
    co_return co_await PlayOnAnswer(fault, decision.answer, delivery);
  }

  // True where the connection is ready for another request.
  asio::awaitable<bool> PlayOnAnswer(const Fault& fault, const Answer& answer,
                                     Delivery delivery) {
    switch (fault.kind) {
      case FaultKind::kResetAfterRequest:
      case FaultKind::kTakenThenReset:
        Reset(tcp());
        co_return false;
      case FaultKind::kGarbageReply:
        co_await asio::async_write(stream_,
                                   asio::buffer(kNotHttp, sizeof(kNotHttp) - 1),
                                   use_awaitable);
        co_return false;
      case FaultKind::kStall:
        co_await WaitForPeerToLeave();
        co_return false;
      case FaultKind::kCutReply:
        delivery.cut = true;
        delivery.cut_after = fault.bytes;
        co_await SendAnswer(stream_, answer, delivery);
        co_return false;  // without a goodbye in TLS
      case FaultKind::kCloseAfterReply:
        // Says that the connection stays, and ends it all the same.
        delivery.keep_alive = true;
        co_await SendAnswer(stream_, answer, delivery);
        co_return false;
      case FaultKind::kResetAfterReply:
        delivery.keep_alive = true;
        co_await SendAnswer(stream_, answer, delivery);
        Reset(tcp());
        co_return false;
      case FaultKind::kDrip:
        delivery.piece_bytes = fault.bytes.value_or(1);
        delivery.pause = fault.every;
        break;
      default:
        break;
    }
    co_await SendAnswer(stream_, answer, delivery);
    co_return co_await EndUnless(delivery.keep_alive);
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

  TlsStream stream_;
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
