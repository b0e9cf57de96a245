#include "client/connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::client {

namespace asio = boost::asio;

namespace {

// Asio would write 64 KB at a time.
size_t AllAtOnce(const boost::system::error_code& error, size_t) {
  return error ? 0 : std::numeric_limits<size_t>::max();
}

}  // namespace

std::shared_ptr<Connection> Connection::Create(
    std::unique_ptr<TlsStream> stream, Lost lost) {
  std::shared_ptr<Connection> connection(
      new Connection(std::move(stream), std::move(lost)));
  // A read is always under way: it brings the answer, and in between it
  // brings news of the end.
  if (connection->HasUnreadBytes()) {
    connection->Close();
  } else {
    connection->Read();
  }
  return connection;
}

Connection::Connection(std::unique_ptr<TlsStream> stream, Lost lost)
    : stream_(std::move(stream)),
      writer_(stream_->native_handle()),
      lost_(std::move(lost)) {}

bool Connection::ReadyToSend() {
  if (!open_) return false;
  // Something may have arrived that the read has not been told of yet. It costs
  // one system call to know, and saves an UNKNOWN.
  char byte;
  const ssize_t peeked = recv(stream_->next_layer().native_handle(), &byte, 1,
                              MSG_PEEK | MSG_DONTWAIT);
  const bool quiet = peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  // On a new connection the server may just have sent TLS session tickets.
  const bool talks_tls = peeked > 0 && !used_;
  if (quiet || talks_tls) return true;
  Close();
  return false;
}

void Connection::Exchange(const Request& request, ExchangeDone done) {
  used_ = true;
  refusal_.reset();
  done_ = std::move(done);
  reader_.emplace();
  std::optional<std::string> records =
      writer_.Encrypt(request.head.Reveal(), *request.body);
  if (!records.has_value()) {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    refusal_ = absl::StrCat("TLS does not encrypt the request: ",
                            reason == nullptr ? "no reason" : reason);
    // The read hears of it.
    Error ignored;
    stream_->next_layer().close(ignored);
    return;
  }
  records_ = *std::move(records);
  writing_ = true;
  asio::async_write(
      stream_->next_layer(), asio::buffer(records_), AllAtOnce,
      [self = shared_from_this()](const Error&, size_t) { self->OnWritten(); });
}

void Connection::AbortExchange(TransportFailure::What why, std::string detail) {
  Fail(why, std::move(detail));
}

void Connection::Close() {
  open_ = false;
  lost_ = nullptr;
  Error ignored;
  stream_->next_layer().close(ignored);
}

// Whether decrypted bytes are waiting that belong to no request. Only between
// two reads: one that is under way takes them itself.
bool Connection::HasUnreadBytes() {
  ERR_clear_error();
  char byte;
  const int peeked = SSL_peek(stream_->native_handle(), &byte, 1);
  return peeked > 0 ||
         SSL_get_error(stream_->native_handle(), peeked) != SSL_ERROR_WANT_READ;
}

void Connection::Read() {
  stream_->async_read_some(
      asio::buffer(input_),
      [self = shared_from_this()](const Error& error, size_t size) {
        self->OnRead(error, size);
      });
}

void Connection::OnRead(const Error& error, size_t size) {
  if (!open_) return;
  if (!reader_.has_value()) {
    // Idle: whatever comes, the end or bytes that nobody asked for.
    Lost lost = std::exchange(lost_, nullptr);
    Close();
    return lost(this);
  }
  // Whatever was read, it answers no request.
  if (refusal_.has_value()) {
    return Fail(TransportFailure::What::kBroken, *refusal_);
  }
  if (error) return Fail(TransportFailure::What::kBroken, DescribeError(error));
  switch (reader_->Feed({input_.data(), size})) {
    case ResponseReader::Progress::kNeedsMore:
      return Read();
    case ResponseReader::Progress::kUnreadable:
      return Fail(TransportFailure::What::kUnreadable, reader_->error());
    case ResponseReader::Progress::kFinished:
      return Finish(*reader_->answer());
  }
}

// Of an error the read hears as well, and it may bring an answer that was sent
// before the host stopped reading: a 413, say.
void Connection::OnWritten() {
  writing_ = false;
  records_ = std::string();
}

void Connection::Finish(ExchangeResult result) {
  const bool reusable =
      reader_->connection_reusable() && !writing_ && !HasUnreadBytes();
  reader_.reset();
  if (reusable) {
    Read();
  } else {
    Close();
  }
  ExchangeDone done = std::exchange(done_, nullptr);
  done(std::move(result));
}

void Connection::Fail(TransportFailure::What what, std::string detail) {
  std::optional<HttpAnswer> answer = reader_->answer();
  reader_.reset();
  Close();
  ExchangeDone done = std::exchange(done_, nullptr);
  if (answer.has_value()) return done(*answer);
  done(TransportFailure{.stage = refusal_.has_value()
                                     ? TransportFailure::Stage::kBeforeSending
                                     : TransportFailure::Stage::kAfterSending,
                        .what = what,
                        .detail = std::move(detail)});
}

}  // namespace signal_delivery::client
