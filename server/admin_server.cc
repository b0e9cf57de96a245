#include "server/admin_server.h"

#include <httplib.h>

#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/bounded_http_server.h"

namespace signal_delivery::server {
namespace {

// Of the text format, in the version that TextSerializer writes.
constexpr char kPrometheusText[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

AdminServer::AdminServer(std::function<std::string()> metrics)
    : http_(std::make_unique<BoundedHttpServer>()) {
  // The library's own choice lets two processes share a port unnoticed. This
  // one only allows a start right after the last end.
  http_->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  http_->Get("/healthz", [](const httplib::Request&, httplib::Response& out) {
    out.set_content("ok\n", "text/plain");
  });
  http_->Get(
      "/readyz", [this](const httplib::Request&, httplib::Response& out) {
        out.status = ready_ ? 200 : 503;
        out.set_content(ready_ ? "ready\n" : "not ready\n", "text/plain");
      });
  http_->Get("/metrics", [metrics = std::move(metrics)](
                             const httplib::Request&, httplib::Response& out) {
    out.set_content(metrics(), kPrometheusText);
  });
}

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    const std::string& address, std::function<std::string()> metrics,
    const std::function<void(httplib::Server&)>& add_routes) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(
        "admin_listen: \"", address, "\" is not an address; write HOST:PORT"));
  }
  const std::string host = address.substr(0, colon);
  auto admin = absl::WrapUnique(new AdminServer(std::move(metrics)));
  add_routes(*admin->http_);
  if (port == 0) {
    admin->port_ = admin->http_->bind_to_any_port(host);
  } else {
    admin->port_ = admin->http_->bind_to_port(host, port) ? port : -1;
  }
  if (admin->port_ < 0) {
    return absl::UnavailableError(
        absl::StrCat("admin_listen: cannot listen on ", address));
  }
  admin->thread_ =
      std::thread([http = admin->http_.get()] { http->listen_after_bind(); });
  // A stop before the thread listens would be lost.
  while (!admin->http_->is_running()) std::this_thread::yield();
  return admin;
}

AdminServer::~AdminServer() {
  http_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace signal_delivery::server
