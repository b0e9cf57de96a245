// Attacks on the program over raw sockets, with honest callers beside them:
// none of their calls fails, and the memory that it takes stays within bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/honest_callers.h"
#include "tests/support/http2_connection.h"
#include "tests/support/service_process.h"

namespace signal_delivery::server {
namespace {

using support::HonestCallers;
using support::Http2Connection;
using support::ServiceProcess;
using ::testing::IsEmpty;

// Calls that each honest caller makes in the midst of an attack.
constexpr int kHonestCalls = 10;

constexpr int64_t kMebibyte = 1024 * 1024;

// Another address of this machine than the honest callers'.
constexpr char kAttacker[] = "127.0.0.2";

TEST(AttacksTest, MoreConnectionsThanDescriptorsKeepNobodyOut) {
  constexpr int kDescriptors = 200;
  ServiceProcess service(kDescriptors);
  HonestCallers honest(service.port());
  honest.AwaitCalls(1);
  {
    std::vector<Http2Connection> silent;
    for (int i = 0; i < 2 * kDescriptors; ++i) {
      silent.emplace_back(service.port(), kAttacker);
    }
    honest.AwaitCalls(kHonestCalls);
    EXPECT_LT(service.OpenDescriptors(), kDescriptors * 3 / 4);
    EXPECT_EQ(service.AdminStatus("/readyz"), 200);
    const auto metrics = support::Scrape(service.admin_port());
    EXPECT_GT(metrics["signal_delivery_refused_caller_connections_total"], 0);
    EXPECT_GT(metrics["signal_delivery_caller_connections"], 0);
    EXPECT_LE(metrics["signal_delivery_caller_connections"],
              metrics["signal_delivery_caller_connections_limit"]);
  }
  // Who was refused is let in once there is room again.
  HonestCallers(service.port()).AwaitCalls(1);
  honest.AwaitCalls(kHonestCalls);
  EXPECT_THAT(honest.Failures(), IsEmpty());
}

}  // namespace
}  // namespace signal_delivery::server
