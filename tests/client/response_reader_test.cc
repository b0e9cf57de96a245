#include "client/response_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace signal_delivery::client {
namespace {

using Progress = ResponseReader::Progress;

constexpr char kAccepted[] =
    "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";

TEST(ResponseReader, ReadsAnAnswerInOnePiece) {
  ResponseReader reader;
  ASSERT_EQ(reader.Feed(kAccepted), Progress::kFinished);
  EXPECT_EQ(reader.answer()->status, 202);
  EXPECT_EQ(reader.answer()->retry_after, std::nullopt);
  EXPECT_TRUE(reader.connection_reusable());
}

TEST(ResponseReader, ReadsAnAnswerByteByByte) {
  const std::string texts[] = {
      kAccepted,
      "HTTP/1.1 202 \r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;ext=1\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nTrailer: x\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 A\r\nContent-Length: "
      "0\r\n\r\n",
  };
  for (const std::string& text : texts) {
    ResponseReader reader;
    for (size_t i = 0; i + 1 < text.size(); ++i) {
      ASSERT_EQ(reader.Feed(text.substr(i, 1)), Progress::kNeedsMore) << i;
    }
    ASSERT_EQ(reader.Feed(text.substr(text.size() - 1)), Progress::kFinished);
    EXPECT_EQ(reader.answer()->status, 202);
    EXPECT_TRUE(reader.connection_reusable());
  }
}

TEST(ResponseReader, KnowsTheStatusBeforeTheBody) {
  ResponseReader reader;
  EXPECT_EQ(reader.Feed("HTTP/1.1 202 A\r\nContent-Length: 2\r\n\r"),
            Progress::kNeedsMore);
  EXPECT_FALSE(reader.answer().has_value());
  EXPECT_EQ(reader.Feed("\n"), Progress::kNeedsMore);
  EXPECT_EQ(reader.answer()->status, 202);
}

TEST(ResponseReader, SkipsInterimHeads) {
  ResponseReader reader;
  ASSERT_EQ(reader.Feed(absl::StrCat("HTTP/1.1 100 Continue\r\n\r\n",
                                     "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n",
                                     kAccepted)),
            Progress::kFinished);
  EXPECT_EQ(reader.answer()->status, 202);
  EXPECT_TRUE(reader.connection_reusable());
}

TEST(ResponseReader, StandsByTheStatusWhateverTheBody) {
  const std::string bodies[] = {
      "Content-Length: 1000000000\r\n\r\nx",  // too long to be worth it
      "Transfer-Encoding: chunked\r\n\r\nnot a chunk size\r\n",
      "Connection: close\r\nContent-Length: 10\r\n\r\n",
      "\r\nuntil the end of the connection",
  };
  for (const std::string& body : bodies) {
    ResponseReader reader;
    EXPECT_EQ(reader.Feed("HTTP/1.1 202 A\r\n" + body), Progress::kFinished)
        << body;
    ASSERT_TRUE(reader.answer().has_value()) << body;
    EXPECT_EQ(reader.answer()->status, 202) << body;
    EXPECT_FALSE(reader.connection_reusable()) << body;
  }
}

TEST(ResponseReader, GivesUpOnABodyWithoutEnd) {
  ResponseReader reader;
  Progress progress = reader.Feed(
      "HTTP/1.1 202 A\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n");
  size_t fed = 0;
  const std::string piece(1024, 'x');
  while (progress == Progress::kNeedsMore && fed < 1024 * 1024) {
    progress = reader.Feed(piece);
    fed += piece.size();
  }
  EXPECT_EQ(progress, Progress::kFinished);
  EXPECT_LE(fed, ResponseReader::kMaxBodySize + piece.size());
  EXPECT_EQ(reader.answer()->status, 202);
  EXPECT_FALSE(reader.connection_reusable());
}

TEST(ResponseReader, TakesABodyOfExactlyTheLimit) {
  ResponseReader reader;
  EXPECT_EQ(reader.Feed(absl::StrCat("HTTP/1.1 400 B\r\nContent-Length: ",
                                     ResponseReader::kMaxBodySize, "\r\n\r\n")),
            Progress::kNeedsMore);
  EXPECT_EQ(reader.Feed(std::string(ResponseReader::kMaxBodySize, 'x')),
            Progress::kFinished);
  EXPECT_TRUE(reader.connection_reusable());
}

TEST(ResponseReader, GivesUpOnAHeadWithoutEnd) {
  const std::string starts[] = {
      "HTTP/1.1 202 A\r\nX: ",
      "HTTP/1.1 202 ",
  };
  for (const std::string& start : starts) {
    ResponseReader reader;
    Progress progress = reader.Feed(start);
    size_t fed = 0;
    const std::string piece(1024, 'x');
    while (progress == Progress::kNeedsMore && fed < 1024 * 1024) {
      progress = reader.Feed(piece);
      fed += piece.size();
    }
    EXPECT_EQ(progress, Progress::kUnreadable);
    EXPECT_LE(fed, ResponseReader::kMaxHeadSize + piece.size());
  }
}

TEST(ResponseReader, GivesUpOnInterimHeadsWithoutEnd) {
  ResponseReader reader;
  Progress progress = Progress::kNeedsMore;
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  size_t fed = 0;
  while (progress == Progress::kNeedsMore && fed < 1024 * 1024) {
    // The start of the next head keeps the reader in the middle of one.
    progress =
        reader.Feed(fed == 0 ? interim + "HTTP" : interim.substr(4) + "HTTP");
    fed += interim.size();
  }
  EXPECT_EQ(progress, Progress::kUnreadable);
  EXPECT_LE(fed, ResponseReader::kMaxHeadSize + interim.size());
}

TEST(ResponseReader, DoesNotReuseAConnectionThatIsNotClean) {
  const std::string answers[] = {
      absl::StrCat(kAccepted, "x"),  // more than was asked for
      absl::StrCat(kAccepted, kAccepted),
      "HTTP/1.0 202 A\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.0 202 A\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 202 A\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
  };
  for (const std::string& answer : answers) {
    ResponseReader reader;
    EXPECT_EQ(reader.Feed(answer), Progress::kFinished) << answer;
    EXPECT_EQ(reader.answer()->status, 202) << answer;
    EXPECT_FALSE(reader.connection_reusable()) << answer;
  }
}

class Unreadable : public testing::TestWithParam<const char*> {};

TEST_P(Unreadable, IsSaidToBeSo) {
  ResponseReader reader;
  EXPECT_EQ(reader.Feed(GetParam()), Progress::kUnreadable);
  EXPECT_FALSE(reader.answer().has_value());
  EXPECT_NE(reader.error(), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, Unreadable,
    testing::Values(
        "SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01 not http",
        "HTTP/2.0 202 Accepted\r\n\r\n", "HTTP/1.1 2x2 Accepted\r\n\r\n",
        "HTTP/1.1 600 Beyond\r\n\r\n", "HTTP/1.1 099 Below\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 202 A\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 202 A\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 202 A\r\nno colon\r\n\r\n"));

struct RetryAfter {
  const char* headers;
  std::optional<absl::Duration> expected;
};

class ReadRetryAfter : public testing::TestWithParam<RetryAfter> {};

absl::Time OnTheFirstOfMay() {
  return absl::FromCivil(absl::CivilSecond(2026, 5, 1, 12, 0, 0),
                         absl::UTCTimeZone());
}

TEST_P(ReadRetryAfter, TakesSecondsOrADateAndOfSeveralTheLongest) {
  ResponseReader reader(&OnTheFirstOfMay);
  ASSERT_EQ(
      reader.Feed(absl::StrCat("HTTP/1.1 429 Too Many\r\n", GetParam().headers,
                               "Content-Length: 0\r\n\r\n")),
      Progress::kFinished);
  EXPECT_EQ(reader.answer()->retry_after, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, ReadRetryAfter,
    testing::Values(
        RetryAfter{"", std::nullopt},
        RetryAfter{"Retry-After: 7\r\n", absl::Seconds(7)},
        RetryAfter{"retry-after:  7 \r\n", absl::Seconds(7)},
        RetryAfter{"Retry-After: 0\r\n", absl::ZeroDuration()},
        RetryAfter{"Retry-After: 7\r\nRetry-After: 9\r\n", absl::Seconds(9)},
        RetryAfter{"Retry-After: 9\r\nRetry-After: x\r\n", absl::Seconds(9)},
        RetryAfter{"Retry-After: 99999999999999999999\r\n", absl::Hours(24)},
        RetryAfter{"Retry-After: 999999999999\r\n", absl::Hours(24)},
        RetryAfter{"Retry-After: -1\r\n", std::nullopt},
        RetryAfter{"Retry-After: 1.5\r\n", std::nullopt},
        RetryAfter{"Retry-After: soon\r\n", std::nullopt},
        RetryAfter{"Retry-After: Fri, 01 May 2026 12:00:30 GMT\r\n",
                   absl::Seconds(30)},
        RetryAfter{"Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n",
                   absl::ZeroDuration()},
        // The host's clock, where it shows it, is the one that its date is of;
        // in whatever order the two come.
        RetryAfter{"Retry-After: Fri, 01 May 2026 13:00:30 GMT\r\n"
                   "Date: Fri, 01 May 2026 13:00:00 GMT\r\n",
                   absl::Seconds(30)},
        RetryAfter{"Date: nonsense\r\n"
                   "Retry-After: Fri, 01 May 2026 12:00:30 GMT\r\n",
                   absl::Seconds(30)},
        RetryAfter{"Retry-After: 9\r\n"
                   "Retry-After: Fri, 01 May 2026 12:00:30 GMT\r\n",
                   absl::Seconds(30)},
        RetryAfter{"Retry-After: \r\n", std::nullopt}));

// ---- What mParticle says about its limits ----------------------------------

HttpAnswer AnswerWith(const std::string& headers) {
  ResponseReader reader;
  reader.Feed(absl::StrCat("HTTP/1.1 429 Too Many\r\n", headers,
                           "Content-Length: 0\r\n\r\n"));
  return reader.answer().value_or(HttpAnswer());
}

TEST(ResponseReader, ReadsHowMuchOfTheLimitIsUsed) {
  const std::string name = "X-mp-rate-limit-percentage-used: ";
  const std::vector<std::pair<const char*, std::optional<double>>> rows = {
      {"0", 0},
      {"80", 80},
      {" 99.5 ", 99.5},
      {"100", 100},
      {"104", 100},
      {"inf", 100},
      {"-1", std::nullopt},
      {"nan", std::nullopt},
      {"", std::nullopt},
      {"80%", std::nullopt},
      {"much", std::nullopt}};
  for (const auto& [value, expected] : rows) {
    EXPECT_EQ(AnswerWith(name + value + "\r\n").limit_used_percent, expected)
        << value;
  }
  EXPECT_EQ(AnswerWith("").limit_used_percent, std::nullopt);
  EXPECT_EQ(
      AnswerWith("x-MP-rate-limit-percentage-used: 81\r\n" + name + "12\r\n")
          .limit_used_percent,
      81)
      << "of several the largest";
}

TEST(ResponseReader, TellsALimitOnGrowthFromOthers) {
  const std::string name = "X-mp-rate-limit-exceeded: ";
  EXPECT_TRUE(AnswerWith(name + "acceleration\r\n").acceleration_limited);
  EXPECT_TRUE(AnswerWith(name + "Acceleration\r\n").acceleration_limited);
  for (const char* speed : {"org", "account", "app", "feed", "workspace",
                            "system", "", "something new"}) {
    EXPECT_FALSE(AnswerWith(name + speed + "\r\n").acceleration_limited)
        << speed;
  }
  EXPECT_FALSE(AnswerWith("").acceleration_limited);
  EXPECT_FALSE(AnswerWith(name + "acceleration\r\n" + name + "feed\r\n")
                   .acceleration_limited);
}

// ---- What mParticle says about a refused body ------------------------------

constexpr char kErrorBody[] = R"({"errors":[{"message":"a reason"}]})";

std::string ErrorMessageOf(int status, const std::string& rest) {
  ResponseReader reader;
  EXPECT_EQ(reader.Feed(absl::StrCat("HTTP/1.1 ", status, " X\r\n", rest)),
            Progress::kFinished);
  return reader.answer()->error_message;
}

TEST(ResponseReader, KeepsTheErrorMessageOfARefusalOnly) {
  const std::string rest = absl::StrCat(
      "Content-Length: ", sizeof(kErrorBody) - 1, "\r\n\r\n", kErrorBody);
  EXPECT_EQ(ErrorMessageOf(400, rest), "a reason");
  EXPECT_EQ(ErrorMessageOf(413, rest), "a reason");
  EXPECT_EQ(ErrorMessageOf(400, "Connection: close\r\n" + rest), "a reason");
  EXPECT_EQ(ErrorMessageOf(202, rest), "");
  EXPECT_EQ(ErrorMessageOf(401, rest), "");
  EXPECT_EQ(ErrorMessageOf(500, rest), "");
}

TEST(ResponseReader, KeepsTheErrorMessageOfABodyInPieces) {
  const std::string text =
      "HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\n"
      "9\r\n{\"errors\"\r\n15\r\n:[{\"message\":\"abc\"}]}\r\n0\r\n\r\n";
  ResponseReader reader;
  for (const char byte : text) {
    if (reader.Feed({&byte, 1}) != Progress::kNeedsMore) break;
  }
  ASSERT_TRUE(reader.answer().has_value());
  EXPECT_EQ(reader.answer()->error_message, "abc");
}

TEST(ResponseReader, WaitsForNoErrorMessageThatWouldNotBeRead) {
  // Too long, and without an end that could be known.
  EXPECT_EQ(
      ErrorMessageOf(400, "Connection: close\r\nContent-Length: 5000\r\n\r\n"),
      "");
  EXPECT_EQ(ErrorMessageOf(400, "\r\n{"), "");
}

}  // namespace
}  // namespace signal_delivery::client
