#include "tests/tools/sandbox_client.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::sandbox {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

asio::ssl::context& Trusting(const Sandbox& sandbox, asio::ssl::context& tls) {
  tls.add_certificate_authority(asio::buffer(sandbox.ca_certificate_pem()));
  tls.set_verify_mode(asio::ssl::verify_peer);
  tls.set_verify_callback(asio::ssl::host_name_verification("localhost"));
  return tls;
}

}  // namespace

HttpRequest Post(const std::string& body) {
  HttpRequest request = Ask(http::verb::post, "/v2/events", body);
  request.set(
      http::field::authorization,
      absl::StrCat("Basic ", absl::Base64Escape("sandbox-key:sandbox-secret")));
  request.set(http::field::content_type, "application/json");
  return request;
}

HttpRequest Ask(http::verb method, const std::string& path,
                const std::string& body) {
  HttpRequest request(method, path, 11, body);
  request.set(http::field::host, "localhost");
  request.prepare_payload();
  return request;
}

SandboxClient::SandboxClient(const Sandbox& sandbox)
    : stream_(io_, Trusting(sandbox, tls_)) {
  stream_.next_layer().connect({asio::ip::make_address("127.0.0.1"),
                                static_cast<uint16_t>(sandbox.port())},
                               connect_error_);
  if (!connect_error_) {
    stream_.handshake(asio::ssl::stream_base::client, connect_error_);
  }
}

void SandboxClient::Send(const HttpRequest& request) {
  boost::system::error_code error;
  http::write(stream_, request, error);
}

void SandboxClient::SendText(const std::string& text) {
  boost::system::error_code error;
  asio::write(stream_, asio::buffer(text), error);
}

HttpReply SandboxClient::Read() {
  http::response_parser<http::string_body> parser;
  parser.body_limit(boost::none);
  http::read(stream_, buffer_, parser, read_error_);
  if (!read_error_) return parser.release();
  HttpReply none;
  none.result(0u);
  return none;
}

HttpReply SandboxClient::Exchange(const HttpRequest& request) {
  Send(request);
  return Read();
}

std::string SandboxClient::ReadPiece() {
  std::array<char, 1 << 16> piece;
  const std::size_t size = stream_.read_some(asio::buffer(piece), read_error_);
  return std::string(piece.data(), size);
}

std::string SandboxClient::ReadToEnd() {
  std::string all;
  do {
    all += ReadPiece();
  } while (!read_error_);
  return all;
}

}  // namespace signal_delivery::sandbox
