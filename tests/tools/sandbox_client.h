#ifndef TESTS_TOOLS_SANDBOX_CLIENT_H_
#define TESTS_TOOLS_SANDBOX_CLIENT_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <string>

#include "tools/sandbox/sandbox.h"

namespace signal_delivery::sandbox {

// A small batch that the sandbox takes.
inline constexpr char kGoodBatch[] = R"({"environment":"production"})";

using HttpRequest =
    boost::beast::http::request<boost::beast::http::string_body>;
using HttpReply = boost::beast::http::response<boost::beast::http::string_body>;

// A POST of `body` to /v2/events with the sandbox's default key and secret.
HttpRequest Post(const std::string& body);
HttpRequest Ask(boost::beast::http::verb method, const std::string& path,
                const std::string& body = "");

// One HTTPS connection that blocks, for tests. Verifies the server's
// certificate for the name localhost. Not thread-safe.
class SandboxClient {
 public:
  // Connects, and shakes hands; connect_error() says whether it worked.
  explicit SandboxClient(const Sandbox& sandbox);

  const boost::system::error_code& connect_error() const {
    return connect_error_;
  }

  void Send(const HttpRequest& request);
  void SendText(const std::string& text);

  // The next reply; its result_int() is 0 where none came whole.
  HttpReply Read();
  HttpReply Exchange(const HttpRequest& request);

  // What one TLS record brings; empty at the end.
  std::string ReadPiece();
  // All that comes until the connection ends, and how it ended.
  std::string ReadToEnd();
  const boost::system::error_code& read_error() const { return read_error_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  boost::beast::flat_buffer buffer_;
  boost::system::error_code connect_error_;
  boost::system::error_code read_error_;
};

}  // namespace signal_delivery::sandbox

#endif  // TESTS_TOOLS_SANDBOX_CLIENT_H_
