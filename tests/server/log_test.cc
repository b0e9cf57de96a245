#include "server/log.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace signal_delivery::server {
namespace {

using ::nlohmann::json;

const absl::Time kTime =
    absl::FromUnixSeconds(1'769'688'000) + absl::Milliseconds(7);

TEST(Log, ALineIsAnObjectThatBeginsWithTimeLevelAndMessage) {
  EXPECT_EQ(LogLine(kTime, LogLevel::kWarn, "a batch is not taken",
                    {{"integration", "acme-eu"},
                     {"events", 3},
                     {"seconds", 0.5},
                     {"halved", true}}),
            "{\"time\":\"2026-01-29T12:00:00.007Z\",\"level\":\"warn\","
            "\"message\":\"a batch is not taken\",\"integration\":\"acme-eu\","
            "\"events\":3,\"seconds\":0.5,\"halved\":true}");
}

TEST(Log, AnEmptyTextIsLeftOut) {
  EXPECT_EQ(json::parse(LogLine(kTime, LogLevel::kInfo, "m", {{"caller", ""}}))
                .count("caller"),
            0u);
}

TEST(Log, NoTextBreaksTheLine) {
  const std::string text = "quote \" backslash \\ line\nend\r\t\x01 \xc3\xb6";
  const std::string line =
      LogLine(kTime, LogLevel::kInfo, text, {{"said", text}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(json::parse(line)["message"], text);
  EXPECT_EQ(json::parse(line)["said"], text);
}

TEST(Log, WhatIsNotUtf8IsMarked) {
  const std::string line =
      LogLine(kTime, LogLevel::kInfo, "m", {{"said", "a\xff\xc3"}});
  EXPECT_EQ(json::parse(line)["said"], "a\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Log, LevelsHaveNamesThatAreReadBack) {
  for (const LogLevel level :
       {LogLevel::kTrace, LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn,
        LogLevel::kError}) {
    EXPECT_EQ(LogLevelOf(NameOf(level)), level);
  }
  EXPECT_EQ(LogLevelOf("warning"), std::nullopt);
}

TEST(Log, TheLevelDecidesWhatIsWritten) {
  const LogLevel before = GetLogLevel();
  SetLogLevel(LogLevel::kWarn);
  EXPECT_EQ(GetLogLevel(), LogLevel::kWarn);
  EXPECT_TRUE(LogsAt(LogLevel::kError));
  EXPECT_TRUE(LogsAt(LogLevel::kWarn));
  EXPECT_FALSE(LogsAt(LogLevel::kInfo));
  SetLogLevel(before);
}

}  // namespace
}  // namespace signal_delivery::server
