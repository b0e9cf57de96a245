#include "tools/sandbox/sandbox.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "tools/sandbox/certificates.h"
#include "tools/sandbox/connection.h"
#include "tools/sandbox/faults.h"
#include "tools/sandbox/judge.h"
#include "tools/sandbox/recorder.h"

namespace signal_delivery::sandbox {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A certificate is valid a little before it is made, for clocks that are late.
constexpr absl::Duration kClockSkew = absl::Hours(24);
constexpr absl::Duration kValidity = absl::Hours(24 * 365);
// How long to wait when the machine has no file descriptor for a connection.
constexpr absl::Duration kAcceptPause = absl::Milliseconds(50);

absl::StatusOr<Certificates> NewCertificates() {
  CertificateOptions wanted;
  wanted.valid_from = absl::Now() - kClockSkew;
  wanted.valid_until = absl::Now() + kValidity;
  return MakeCertificates(wanted);
}

absl::StatusOr<Certificates> CertificatesFor(const SandboxOptions& options) {
  if (options.certificate_pem.empty() != options.private_key_pem.empty()) {
    return absl::InvalidArgumentError(
        "a certificate needs its key, and a key its certificate");
  }
  if (!options.certificate_pem.empty()) {
    return Certificates{options.certificate_pem, options.certificate_pem,
                        options.private_key_pem};
  }
  return NewCertificates();
}

absl::Status Use(const Certificates& certificates, asio::ssl::context& tls) {
  boost::system::error_code error;
  tls.set_options(asio::ssl::context::no_tlsv1 |
                  asio::ssl::context::no_tlsv1_1);
  tls.use_certificate_chain(asio::buffer(certificates.certificate), error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("the certificate: ", error.message()));
  }
  tls.use_private_key(asio::buffer(certificates.private_key),
                      asio::ssl::context::pem, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("the private key: ", error.message()));
  }
  return absl::OkStatus();
}

class Server : public Sandbox {
 public:
  Server(const SandboxOptions& options, Certificates certificates,
         std::unique_ptr<Recorder> recorder)
      : ca_certificate_pem_(std::move(certificates.ca_certificate)),
        judge_(options.api_key, options.api_secret, options.poisons),
        rate_limit_(options.rate_limit),
        recorder_(std::move(recorder)) {}

  ~Server() override {
    io_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

  asio::ssl::context& tls() { return tls_; }
  asio::ssl::context& untrusted_tls() { return untrusted_tls_; }
  Judge& judge() { return judge_; }

  absl::Status Listen(const std::string& address, uint16_t port) {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat(address, " is not an IP address"));
    }
    endpoint_ = tcp::endpoint(ip, port);
    error = OpenDoor();
    if (error) {
      return absl::UnavailableError(absl::StrCat(
          "cannot listen on ", address, ":", port, ": ", error.message()));
    }
    endpoint_ = acceptor_.local_endpoint();
    return absl::OkStatus();
  }

  void Run(int threads) {
    asio::co_spawn(io_, Accept(), asio::detached);
    for (int i = 0; i < std::max(threads, 1); ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
  }

  int port() const override { return endpoint_.port(); }
  std::string address() const override {
    const std::string ip = endpoint_.address().to_string();
    return endpoint_.address().is_v6() ? absl::StrCat("[", ip, "]:", port())
                                       : absl::StrCat(ip, ":", port());
  }
  const std::string& ca_certificate_pem() const override {
    return ca_certificate_pem_;
  }

  std::vector<nlohmann::json> Records() const override {
    std::vector<nlohmann::json> records;
    for (const std::string& line : recorder_->Lines()) {
      records.push_back(nlohmann::json::parse(line));
    }
    return records;
  }

  std::vector<nlohmann::json> Taken() const override {
    std::vector<nlohmann::json> records = Records();
    std::erase_if(records, [](const nlohmann::json& record) {
      return !record["taken"].get<bool>();
    });
    return records;
  }

  absl::Status SetFaults(absl::string_view script) override {
    absl::StatusOr<std::vector<Fault>> faults = FaultScript::Parse(script);
    if (!faults.ok()) return faults.status();
    faults_.Replace(*std::move(faults));
    return absl::OkStatus();
  }

  bool WaitForRequests(int64_t count, absl::Duration timeout) const override {
    return recorder_->WaitForCount(count, timeout);
  }

 private:
  boost::system::error_code OpenDoor() {
    boost::system::error_code error;
    acceptor_.open(endpoint_.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint_, error);
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    return error;
  }

  asio::awaitable<void> Pause(absl::Duration time) {
    asio::steady_timer timer(io_, absl::ToChronoMilliseconds(time));
    co_await timer.async_wait(asio::use_awaitable);
  }

  // Keeps the listener from going on. True where the connection is served then.
  asio::awaitable<bool> PlayOnAccept(const Fault& fault, int64_t number) {
    Record record;
    record.received_at = absl::Now();
    record.connection = number;
    record.fault = fault.name;
    recorder_->Add(record);
    if (fault.kind == FaultKind::kSlowAccept) {
      co_await Pause(fault.delay);
      co_return true;
    }
    acceptor_.close();
    co_await Pause(fault.delay);
    // Somebody else may have taken the port for a moment.
    while (OpenDoor()) {
      acceptor_.close();
      co_await Pause(kAcceptPause);
    }
    co_return false;
  }

  asio::awaitable<void> Accept() {
    const Site site = {tls_,     untrusted_tls_, judge_,    rate_limit_,
                       limiter_, faults_,        *recorder_};
    for (int64_t number = 1;; ++number) {
      boost::system::error_code error;
      tcp::socket socket(asio::make_strand(io_));
      co_await acceptor_.async_accept(
          socket, asio::redirect_error(asio::use_awaitable, error));
      if (error) {
        co_await Pause(kAcceptPause);
        continue;
      }
      if (const auto fault = faults_.Next(Moment::kAccepted)) {
        if (!co_await PlayOnAccept(*fault, number)) continue;
      }
      const auto executor = socket.get_executor();
      asio::co_spawn(executor, ServeConnection(std::move(socket), number, site),
                     asio::detached);
    }
  }

  const std::string ca_certificate_pem_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  asio::ssl::context untrusted_tls_{asio::ssl::context::tls_server};
  Judge judge_;
  const RateLimit rate_limit_;
  RateLimiter limiter_;
  FaultScript faults_;
  const std::unique_ptr<Recorder> recorder_;
  tcp::endpoint endpoint_;
  // Last, so that it goes first: the connections in it use all of the above.
  asio::io_context io_;
  tcp::acceptor acceptor_{io_};
  std::vector<std::thread> threads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sandbox>> Sandbox::Start(
    const SandboxOptions& options) {
  absl::StatusOr<Certificates> certificates = CertificatesFor(options);
  if (!certificates.ok()) return certificates.status();
  // Nobody is told of their authority.
  absl::StatusOr<Certificates> untrusted = NewCertificates();
  if (!untrusted.ok()) return untrusted.status();
  const std::vector<std::string> taken =
      Recorder::TakenIds(options.record_path);
  absl::StatusOr<std::unique_ptr<Recorder>> recorder =
      Recorder::Open(options.record_path);
  if (!recorder.ok()) return recorder.status();

  auto server =
      std::make_unique<Server>(options, *certificates, *std::move(recorder));
  if (absl::Status status = Use(*certificates, server->tls()); !status.ok()) {
    return status;
  }
  if (absl::Status status = Use(*untrusted, server->untrusted_tls());
      !status.ok()) {
    return status;
  }
  for (const std::string& id : taken) server->judge().TakeIsDuplicate(id);
  if (absl::Status status = server->SetFaults(options.faults); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the fault script: ", status.message()));
  }
  if (absl::Status status = server->Listen(options.address, options.port);
      !status.ok()) {
    return status;
  }
  server->Run(options.threads);
  return server;
}

}  // namespace signal_delivery::sandbox
