#include "client/retry_after.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace signal_delivery::client {
namespace {

// The example of RFC 9110.
const absl::Time kExample = absl::FromCivil(
    absl::CivilSecond(1994, 11, 6, 8, 49, 37), absl::UTCTimeZone());

TEST(HttpDate, IsReadInItsThreeForms) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(ParseHttpDate("Sun Nov  6 08:49:37 1994"), kExample);
}

TEST(HttpDate, IsNothingElse) {
  for (const char* text :
       {"", "now", "infinite-future", "Infinite-Future", "Sun", "06 Nov 1994",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, 7", "1994-11-06T08:49:37Z"}) {
    EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
  }
}

TEST(RetryAfter, IsNeverNegativeNorBeyondItsLimit) {
  const auto read = [](const std::string& text) {
    return ParseRetryAfter(text, kExample);
  };
  EXPECT_EQ(read("0"), absl::ZeroDuration());
  EXPECT_EQ(read("86400"), absl::Hours(24));
  EXPECT_EQ(read("86401"), absl::Hours(24));
  EXPECT_EQ(read(std::string(1000, '9')), absl::Hours(24));
  EXPECT_EQ(read("-1"), std::nullopt);
  EXPECT_EQ(read("+1"), std::nullopt);
  EXPECT_EQ(read("1 2"), std::nullopt);
  EXPECT_EQ(read("Sun, 06 Nov 1994 08:49:38 GMT"), absl::Seconds(1));
  EXPECT_EQ(read("Sun, 06 Nov 1994 08:49:36 GMT"), absl::ZeroDuration());
  EXPECT_EQ(read("Fri, 31 Dec 9999 23:59:59 GMT"), absl::Hours(24));
  EXPECT_EQ(read("Mon, 01 Jan 0001 00:00:00 GMT"), absl::ZeroDuration());
}

}  // namespace
}  // namespace signal_delivery::client
