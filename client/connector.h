#ifndef CLIENT_CONNECTOR_H_
#define CLIENT_CONNECTOR_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "client/address_order.h"
#include "client/alarms.h"
#include "client/endpoint.h"
#include "client/exchange_result.h"
#include "client/resolver.h"
#include "client/tls_context.h"
#include "client/tls_sessions.h"
#include "client/tls_stream.h"

namespace signal_delivery::client {

// Opens one connection: looks the host up, connects to its addresses in turn
// until one answers, shakes hands, and lets nobody pass whose certificate is
// not good for the host. Until then nothing of a request exists here, so none
// can leak.
//
// Not thread-safe: lives on the thread that runs the io_context, by way of
// shared pointers that its handlers hold. Borrows what Create takes by
// reference.
class Connector : public std::enable_shared_from_this<Connector> {
 public:
  using Done = absl::AnyInvocable<void(
      std::variant<std::unique_ptr<TlsStream>, TransportFailure>)>;

  // `done` is called once, never from within Start, unless Cancel came first.
  static std::shared_ptr<Connector> Start(boost::asio::io_context& io,
                                          Alarms& alarms, Resolver& resolver,
                                          const Endpoint& endpoint,
                                          std::shared_ptr<const TlsContext> tls,
                                          std::shared_ptr<TlsSessions> sessions,
                                          std::shared_ptr<AddressOrder> order,
                                          std::chrono::nanoseconds timeout,
                                          Done done);

  // Gives up without a word.
  void Cancel();

 private:
  using Error = boost::system::error_code;

  Connector(boost::asio::io_context& io, Alarms& alarms,
            const Endpoint& endpoint, std::shared_ptr<const TlsContext> tls,
            std::shared_ptr<TlsSessions> sessions,
            std::shared_ptr<AddressOrder> order,
            std::chrono::nanoseconds timeout, Done done);

  void Lookup(Resolver& resolver);
  void OnAddresses(const absl::StatusOr<std::vector<std::string>>& addresses);
  void ConnectToNext();
  void OnConnected(const Error& error);
  void Handshake();
  void OnHandshake(const Error& error);
  void OnTimeout();
  void SetAlarm(Alarms::Clock::time_point when);
  void CancelAlarm();
  void Fail(TransportFailure::Stage stage, std::string detail);

  boost::asio::io_context& io_;
  Alarms& alarms_;
  const Endpoint endpoint_;
  const std::shared_ptr<const TlsContext> tls_;
  const std::shared_ptr<TlsSessions> sessions_;
  const std::shared_ptr<AddressOrder> order_;
  const Alarms::Clock::time_point deadline_;
  Done done_;  // empty once called or cancelled

  TransportFailure::Stage stage_ = TransportFailure::Stage::kLookup;
  std::vector<std::string> addresses_;
  size_t next_address_ = 0;
  std::string last_error_;
  bool timed_out_ = false;  // the address that is being tried
  std::optional<Alarms::Handle> alarm_;
  TcpSocket socket_;
  std::unique_ptr<TlsStream> stream_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_CONNECTOR_H_
