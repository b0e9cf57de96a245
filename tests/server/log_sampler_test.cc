#include "server/log_sampler.h"

#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace signal_delivery::server {
namespace {

constexpr int kLines = LogSampler::kLinesPerSecond;

class LogSamplerTest : public testing::Test {
 protected:
  // How many of so many lines are written.
  int Write(int lines, const LogSampler::Key& key) {
    int written = 0;
    for (int i = 0; i < lines; ++i) written += Admit(key).has_value() ? 1 : 0;
    return written;
  }
  std::optional<uint64_t> Admit(const LogSampler::Key& key) {
    return sampler_.Admit(key, now_);
  }

  const LogSampler::Key key_ = {"batch", "acme", "UNAUTHORIZED"};
  absl::Time now_ = absl::FromUnixSeconds(1'769'688'000);
  LogSampler sampler_;
};

TEST_F(LogSamplerTest, WritesTheFirstOfASecond) {
  EXPECT_EQ(Write(100, key_), kLines);
  now_ += absl::Milliseconds(999);
  EXPECT_EQ(Write(100, key_), 0);
  now_ += absl::Milliseconds(1);
  EXPECT_EQ(Write(100, key_), kLines);
}

TEST_F(LogSamplerTest, TheNextLineSaysHowManyWereLeftOut) {
  EXPECT_EQ(Admit(key_), 0u);
  Write(kLines + 41, key_);
  now_ += absl::Hours(1);
  EXPECT_EQ(Admit(key_), 42u);
  EXPECT_EQ(Admit(key_), 0u) << "they are told of once";
}

TEST_F(LogSamplerTest, KindsIntegrationsAndReasonsDoNotShare) {
  Write(100, key_);
  EXPECT_EQ(Write(100, {"call", "acme", "UNAUTHORIZED"}), kLines);
  EXPECT_EQ(Write(100, {"batch", "other", "UNAUTHORIZED"}), kLines);
  EXPECT_EQ(Write(100, {"batch", "acme", "FORBIDDEN"}), kLines);
}

TEST_F(LogSamplerTest, AClockThatStepsBackKeepsNoLineOut) {
  Write(100, key_);
  now_ -= absl::Hours(1);
  EXPECT_EQ(Write(100, key_), kLines);
}

TEST_F(LogSamplerTest, IsBoundedInMemory) {
  for (size_t i = 0; i < LogSampler::kMaxKeys; ++i) {
    Write(kLines + 1, {"batch", absl::StrCat(i), ""});
  }
  const int beyond = 100;
  int written = 0;
  for (int i = 0; i < beyond; ++i) {
    written += Write(1, {"batch", absl::StrCat("beyond", i), ""});
  }
  EXPECT_EQ(written, kLines) << "they share the room of one";
  EXPECT_LE(sampler_.keys(), LogSampler::kMaxKeys + 1);
}

TEST_F(LogSamplerTest, WhatIsOverMakesRoom) {
  for (size_t i = 0; i < LogSampler::kMaxKeys; ++i) {
    Write(1, {"batch", absl::StrCat(i), ""});
  }
  now_ += absl::Seconds(1);
  EXPECT_EQ(Write(1, key_), 1);
  EXPECT_EQ(sampler_.keys(), 1u);
}

}  // namespace
}  // namespace signal_delivery::server
