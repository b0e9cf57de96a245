#include "client/attempt_sign.h"

#include <gtest/gtest.h>

namespace signal_delivery::client {
namespace {

using Sign = CircuitBreaker::Sign;
using Stage = TransportFailure::Stage;
using What = TransportFailure::What;
using std::chrono::nanoseconds;
using std::chrono::seconds;

Sign SignOfFailure(What what, nanoseconds time, bool tried = true) {
  return SignOf(
      {.result = TransportFailure{Stage::kAfterSending, what}, .tried = tried},
      time);
}

TEST(AttemptSign, OfAnAnswerIsWellUnlessItIsAnErrorOrRefusesTheKey) {
  for (int status = 200; status < 600; ++status) {
    const Sign expected = status == 401 || status == 403 ? Sign::kRefusal
                          : status >= 500                ? Sign::kFailure
                                                         : Sign::kWell;
    EXPECT_EQ(SignOf({.result = HttpAnswer{.status = status}, .tried = true},
                     seconds(1)),
              expected)
        << status;
  }
}

TEST(AttemptSign, OfABrokenAttemptIsAFailure) {
  EXPECT_EQ(SignOfFailure(What::kBroken, seconds(0)), Sign::kFailure);
  EXPECT_EQ(SignOfFailure(What::kUnreadable, seconds(0)), Sign::kFailure);
}

TEST(AttemptSign, OfAnAttemptWithoutAnAnswerDependsOnItsTime) {
  EXPECT_EQ(SignOfFailure(What::kDeadline, seconds(2)), Sign::kFailure);
  EXPECT_EQ(SignOfFailure(What::kDeadline, seconds(2) - nanoseconds(1)),
            Sign::kNone);
  EXPECT_EQ(SignOfFailure(What::kDeadline, seconds(9), /*tried=*/false),
            Sign::kNone)
      << "it waited for us, not for the host";
}

TEST(AttemptSign, OfWhatWeEndedIsNone) {
  EXPECT_EQ(SignOfFailure(What::kShutdown, seconds(9)), Sign::kNone);
  EXPECT_EQ(SignOfFailure(What::kCancelled, seconds(9)), Sign::kNone);
}

}  // namespace
}  // namespace signal_delivery::client
