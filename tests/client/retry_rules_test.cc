#include "client/retry_rules.h"

#include <gtest/gtest.h>

namespace signal_delivery::client {
namespace {

using Stage = TransportFailure::Stage;
using What = TransportFailure::What;

TEST(RetryRules, TryAgainAfterWhatPasses) {
  for (int status = 200; status < 600; ++status) {
    const bool passes =
        status == 408 || status == 429 || (status >= 500 && status != 501);
    EXPECT_EQ(MayEndBetter(HttpAnswer{.status = status}), passes) << status;
  }
}

TEST(RetryRules, TryAgainAfterEveryFailureThatWeDidNotMake) {
  for (const Stage stage : {Stage::kLookup, Stage::kConnect, Stage::kHandshake,
                            Stage::kBeforeSending, Stage::kAfterSending}) {
    EXPECT_TRUE(MayEndBetter(TransportFailure{stage, What::kBroken}));
    EXPECT_TRUE(MayEndBetter(TransportFailure{stage, What::kDeadline}));
    EXPECT_FALSE(MayEndBetter(TransportFailure{stage, What::kShutdown}));
    EXPECT_FALSE(MayEndBetter(TransportFailure{stage, What::kCancelled}));
  }
  EXPECT_TRUE(
      MayEndBetter(TransportFailure{Stage::kAfterSending, What::kUnreadable}));
}

}  // namespace
}  // namespace signal_delivery::client
