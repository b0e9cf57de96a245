#ifndef TESTS_SERVER_DELIVERY_TEST_H_
#define TESTS_SERVER_DELIVERY_TEST_H_

#include <gtest/gtest.h>

#include <string>

#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {

// The whole service with one integration, "acme", that posts to a scripted
// server in mParticle's place.
class DeliveryTest : public testing::Test {
 protected:
  // The integration's file, for a service that posts to `host`.
  static std::string IntegrationTo(const std::string& host) {
    return support::IntegrationText(host,
                                    support::TestCertificates::Get().ca_file());
  }

  support::ScriptedTlsServer mparticle_;
  support::RunningService service_{
      {{"acme", IntegrationTo(mparticle_.name_and_port())}}};
};

}  // namespace signal_delivery::server

#endif  // TESTS_SERVER_DELIVERY_TEST_H_
