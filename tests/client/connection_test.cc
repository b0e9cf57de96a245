// What a connection says of requests that did not get away.
#include "client/connection.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "client/exchange_result.h"
#include "client/secret.h"
#include "client/tls_context.h"
#include "client/tls_stream.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/server_action.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::client {
namespace {

using Stage = TransportFailure::Stage;
using What = TransportFailure::What;

class ConnectionTest : public testing::Test {
 protected:
  // Opened, with its handshake done.
  std::shared_ptr<Connection> Open() {
    auto stream = std::make_unique<TlsStream>(io_, tls_->asio_context());
    stream->next_layer().connect(boost::asio::ip::tcp::endpoint(
        boost::asio::ip::address_v4::loopback(), server_.port()));
    stream->handshake(TlsStream::client);
    ssl_ = stream->native_handle();
    return Connection::Create(std::move(stream),
                              [](const Connection*) { FAIL(); });
  }

  // Until the exchange has ended.
  ExchangeResult Exchange(Connection& connection) {
    std::optional<ExchangeResult> result;
    connection.Exchange(
        {.head = Secret("POST /v2/events HTTP/1.1\r\nHost: localhost\r\n"
                        "Content-Length: 2\r\n\r\n"),
         .body = std::make_shared<const std::string>("{}")},
        [&](ExchangeResult ended) {
          ASSERT_FALSE(result.has_value());
          result = std::move(ended);
        });
    EXPECT_FALSE(result.has_value()) << "called from within Exchange";
    io_.run();
    return result.value();
  }

  support::ScriptedTlsServer server_;
  const std::shared_ptr<const TlsContext> tls_ =
      *TlsContext::Create(support::TestCertificates::Get().ca_file());
  boost::asio::io_context io_;
  SSL* ssl_ = nullptr;  // the connection's
};

TEST_F(ConnectionTest, ARequestThatTlsDoesNotEncryptWasNotSent) {
  const std::shared_ptr<Connection> connection = Open();
  SSL_shutdown(ssl_);  // OpenSSL writes nothing any more.
  ASSERT_TRUE(connection->ReadyToSend());
  const ExchangeResult result = Exchange(*connection);
  const auto& failure = std::get<TransportFailure>(result);
  EXPECT_EQ(failure.stage, Stage::kBeforeSending);
  EXPECT_EQ(failure.what, What::kBroken);
  EXPECT_EQ(failure.detail,
            "TLS does not encrypt the request: protocol is shutdown");
  EXPECT_FALSE(connection->is_open());
  server_.WaitForEndedConnections(1);
  EXPECT_EQ(server_.received_bytes(), 0u);
}

TEST_F(ConnectionTest, OfARequestThatTheHostClosedOnSomeMayHaveBeenRead) {
  server_.ByDefault(support::Action::Close());
  const std::shared_ptr<Connection> connection = Open();
  ASSERT_TRUE(connection->ReadyToSend());
  const ExchangeResult result = Exchange(*connection);
  EXPECT_EQ(std::get<TransportFailure>(result).stage, Stage::kAfterSending);
  EXPECT_FALSE(connection->is_open());
}

}  // namespace
}  // namespace signal_delivery::client
