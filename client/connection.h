#ifndef CLIENT_CONNECTION_H_
#define CLIENT_CONNECTION_H_

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "client/alarms.h"
#include "client/exchange_result.h"
#include "client/response_reader.h"
#include "client/secret.h"
#include "client/tls_stream.h"
#include "client/tls_writer.h"

namespace signal_delivery::client {

// One open TLS connection. Carries one exchange at a time and watches itself
// while it has none, so that a peer's close is noticed before a request is
// put on it and not by it.
//
// It closes itself for good whenever its state is not perfectly clean. It
// knows no deadline and sends nothing twice.
//
// Not thread-safe: lives on the thread that runs the io_context, by way of
// shared pointers that its handlers hold.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using ExchangeDone = absl::AnyInvocable<void(ExchangeResult)>;
  using Lost = absl::AnyInvocable<void(const Connection*)>;

  struct Request {
    Secret head{""};  // holds the authorization
    std::shared_ptr<const std::string> body;
  };

  // Takes a stream after its handshake. `lost` is called when the connection
  // ends while it carries nothing; not for an end that its owner brought about
  // or that an exchange's result tells.
  static std::shared_ptr<Connection> Create(std::unique_ptr<TlsStream> stream,
                                            Lost lost);

  // Whether nothing speaks against sending on it now. To be asked right before
  // Exchange; where the answer is no the connection is closed.
  bool ReadyToSend();

  // Posts the request. `done` is called once, never from within this call, and
  // after it is_open() tells whether the connection can carry another one.
  // Every failure here is one of kAfterSending, unless TLS does not encrypt the
  // request: then nothing of it was sent.
  void Exchange(const Request& request, ExchangeDone done);

  // Ends the exchange under way: its `done` is called from within this call,
  // with the answer where its head was read already.
  void AbortExchange(TransportFailure::What why, std::string detail);

  // Whether the answer to the exchange under way is known, though not at its
  // end.
  bool has_answer() const {
    return reader_.has_value() && reader_->answer().has_value();
  }

  // Closes it without a word to anybody.
  void Close();

  bool is_open() const { return open_; }
  Alarms::Clock::time_point opened_at() const { return opened_at_; }

 private:
  using Error = boost::system::error_code;

  Connection(std::unique_ptr<TlsStream> stream, Lost lost);

  bool HasUnreadBytes();
  void Read();
  void OnRead(const Error& error, size_t size);
  void OnWritten();
  void Finish(ExchangeResult result);
  void Fail(TransportFailure::What what, std::string detail);

  const std::unique_ptr<TlsStream> stream_;
  TlsWriter writer_;
  const Alarms::Clock::time_point opened_at_ = Alarms::Clock::now();
  Lost lost_;
  bool open_ = true;
  bool used_ = false;  // has carried an exchange
  // Why the request of the exchange under way is not sent.
  std::optional<std::string> refusal_;
  bool writing_ = false;
  std::string records_;                   // what is being written
  std::optional<ResponseReader> reader_;  // set while an exchange is under way
  ExchangeDone done_;
  // An answer of mParticle's fits; longer ones take several reads.
  std::array<char, 4096> input_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_CONNECTION_H_
