#include "client/connector.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::client {
namespace {

namespace asio = boost::asio;
using Stage = TransportFailure::Stage;

// Makes the handshake ask for the host by name and check the certificate for
// it. False only where memory has run out.
bool ExpectHost(SSL* ssl, const std::string& host) {
  if (IsIpAddress(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) ==
           1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

std::shared_ptr<Connector> Connector::Start(
    asio::io_context& io, Alarms& alarms, Resolver& resolver,
    const Endpoint& endpoint, std::shared_ptr<const TlsContext> tls,
    std::shared_ptr<TlsSessions> sessions, std::shared_ptr<AddressOrder> order,
    std::chrono::nanoseconds timeout, Done done) {
  std::shared_ptr<Connector> connector(
      new Connector(io, alarms, endpoint, std::move(tls), std::move(sessions),
                    std::move(order), timeout, std::move(done)));
  connector->Lookup(resolver);
  return connector;
}

Connector::Connector(asio::io_context& io, Alarms& alarms,
                     const Endpoint& endpoint,
                     std::shared_ptr<const TlsContext> tls,
                     std::shared_ptr<TlsSessions> sessions,
                     std::shared_ptr<AddressOrder> order,
                     std::chrono::nanoseconds timeout, Done done)
    : io_(io),
      alarms_(alarms),
      endpoint_(endpoint),
      tls_(std::move(tls)),
      sessions_(std::move(sessions)),
      order_(std::move(order)),
      deadline_(Alarms::Clock::now() + timeout),
      done_(std::move(done)),
      socket_(io) {}

void Connector::Cancel() {
  done_ = nullptr;
  CancelAlarm();
  Error ignored;
  socket_.close(ignored);
  if (stream_ != nullptr) stream_->next_layer().close(ignored);
}

void Connector::Lookup(Resolver& resolver) {
  SetAlarm(deadline_);
  // The lookup may outlive everything here, hence the weak pointer. The
  // resolver promises to be silent before the io_context goes.
  auto hand_on = [weak = weak_from_this(), &io = io_](
                     const absl::StatusOr<std::vector<std::string>>& found) {
    asio::post(io, [weak, found] {
      if (auto self = weak.lock()) self->OnAddresses(found);
    });
  };
  if (IsIpAddress(endpoint_.host)) {
    hand_on(std::vector<std::string>{endpoint_.host});
  } else {
    resolver.Resolve(endpoint_.host, std::move(hand_on));
  }
}

void Connector::OnAddresses(
    const absl::StatusOr<std::vector<std::string>>& addresses) {
  if (!done_) return;
  if (!addresses.ok()) {
    return Fail(Stage::kLookup, std::string(addresses.status().message()));
  }
  addresses_ = order_->Next(*addresses, Alarms::Clock::now());
  stage_ = Stage::kConnect;
  ConnectToNext();
}

void Connector::ConnectToNext() {
  if (next_address_ == addresses_.size()) {
    return Fail(Stage::kConnect, last_error_);
  }
  // An address that does not answer must leave time for those after it.
  const Alarms::Clock::time_point now = Alarms::Clock::now();
  SetAlarm(now + (deadline_ - now) / (addresses_.size() - next_address_));
  timed_out_ = false;

  Error error;
  const auto address = asio::ip::make_address(addresses_[next_address_], error);
  if (error) return OnConnected(error);
  socket_.async_connect(
      {address, endpoint_.port},
      [self = shared_from_this()](const Error& e) { self->OnConnected(e); });
}

void Connector::OnConnected(const Error& error) {
  if (!done_) return;
  if (error || timed_out_) {
    last_error_ =
        absl::StrCat(addresses_[next_address_], ": ",
                     timed_out_ ? "no answer in time" : DescribeError(error));
    Error ignored;
    socket_.close(ignored);
    order_->OnFailed(addresses_[next_address_], Alarms::Clock::now());
    ++next_address_;
    return ConnectToNext();
  }
  Handshake();
}

void Connector::Handshake() {
  stage_ = Stage::kHandshake;
  SetAlarm(deadline_);
  Error error;
  // A request is written in one go; there is nothing to gather.
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  if (error) return Fail(Stage::kConnect, DescribeError(error));

  stream_ =
      std::make_unique<TlsStream>(std::move(socket_), tls_->asio_context());
  if (!ExpectHost(stream_->native_handle(), endpoint_.host)) {
    return Fail(Stage::kHandshake, "out of memory");
  }
  TlsSessions::Attach(sessions_, stream_->native_handle());
  stream_->async_handshake(
      asio::ssl::stream_base::client,
      [self = shared_from_this()](const Error& e) { self->OnHandshake(e); });
}

void Connector::OnHandshake(const Error& error) {
  if (!done_) return;
  if (error) {
    // OpenSSL's own word on the certificate is the one that helps.
    const long verified = SSL_get_verify_result(stream_->native_handle());
    return Fail(Stage::kHandshake,
                verified != X509_V_OK
                    ? absl::StrCat("the certificate is not trusted: ",
                                   X509_verify_cert_error_string(verified))
                    : DescribeError(error));
  }
  CancelAlarm();
  order_->OnOpened(addresses_[next_address_]);
  Done done = std::exchange(done_, nullptr);
  done(std::move(stream_));
}

void Connector::OnTimeout() {
  alarm_.reset();
  if (stage_ == Stage::kConnect) {
    timed_out_ = true;
    Error ignored;
    socket_.close(ignored);  // OnConnected goes on with the next address
    return;
  }
  Fail(stage_, "no answer in time");
}

void Connector::SetAlarm(Alarms::Clock::time_point when) {
  CancelAlarm();
  alarm_ = alarms_.Set(when, [this] { OnTimeout(); });
}

void Connector::CancelAlarm() {
  if (alarm_.has_value()) alarms_.Cancel(*alarm_);
  alarm_.reset();
}

void Connector::Fail(Stage stage, std::string detail) {
  // `done` may drop the last other reference.
  const std::shared_ptr<Connector> self = shared_from_this();
  if (stage == Stage::kHandshake) {
    order_->OnFailed(addresses_[next_address_], Alarms::Clock::now());
  }
  Done done = std::exchange(done_, nullptr);
  Cancel();
  done(TransportFailure{
      .stage = stage,
      .what = TransportFailure::What::kBroken,
      .detail = absl::StrCat(FormatEndpoint(endpoint_), ": ", detail)});
}

}  // namespace signal_delivery::client
