#include "tools/cli/host_probe.h"

#include <httplib.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "client/resolver.h"
#include "client/retry_after.h"
#include "client/wall_clock.h"

namespace signal_delivery::cli {
namespace {

// For each of connecting, writing and reading.
constexpr time_t kPatienceSeconds = 5;

// The destination's own trust; the client takes a share of it over.
X509_STORE* TrustOf(const client::Destination& destination) {
  X509_STORE* const store =
      SSL_CTX_get_cert_store(destination.tls()->asio_context().native_handle());
  X509_STORE_up_ref(store);
  return store;
}

HostProbe::Stage StageOf(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
    case httplib::Error::BindIPAddress:
      return HostProbe::Stage::kConnect;
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return HostProbe::Stage::kTls;
    default:
      return HostProbe::Stage::kAnswer;
  }
}

std::string WhyNot(httplib::Error error, const httplib::SSLClient& client) {
  if (error == httplib::Error::SSLServerVerification) {
    const long result = client.get_openssl_verify_result();
    return result == X509_V_OK ? "the certificate is for another name"
                               : X509_verify_cert_error_string(result);
  }
  return httplib::to_string(error);
}

}  // namespace

HostProbe ProbeHost(const client::Destination& destination) {
  const client::Endpoint& endpoint = destination.endpoint();
  HostProbe probe;
  const absl::StatusOr<std::vector<std::string>> addresses =
      client::LookupWithSystem(endpoint.host);
  if (!addresses.ok()) {
    probe.error = std::string(addresses.status().message());
    return probe;
  }
  httplib::SSLClient client(endpoint.host, endpoint.port);
  client.set_ca_cert_store(TrustOf(destination));
  client.set_connection_timeout(kPatienceSeconds);
  client.set_write_timeout(kPatienceSeconds);
  client.set_read_timeout(kPatienceSeconds);
  const httplib::Result result = client.Get("/");
  if (!result) {
    probe.stage = StageOf(result.error());
    probe.error = WhyNot(result.error(), client);
    return probe;
  }
  probe.stage = HostProbe::Stage::kDone;
  probe.date = client::ParseHttpDate(result->get_header_value("Date"));
  probe.now = client::WallClockNow();
  return probe;
}

}  // namespace signal_delivery::cli
