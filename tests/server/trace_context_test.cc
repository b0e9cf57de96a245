#include "server/trace_context.h"

#include <optional>
#include <random>
#include <string>

#include "absl/random/bit_gen_ref.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace signal_delivery::server {
namespace {

using ::testing::MatchesRegex;

constexpr char kTraceparent[] =
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContextTest, ReadsAndWritesAHeader) {
  const std::optional<TraceContext> context = TraceContext::Parse(kTraceparent);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id(), "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled());
  EXPECT_EQ(context->ToTraceparent(), kTraceparent);
}

TEST(TraceContextTest, KeepsThatNobodyRecordsTheTrace) {
  const auto context = TraceContext::Parse(
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
  ASSERT_TRUE(context.has_value());
  EXPECT_FALSE(context->sampled());
}

TEST(TraceContextTest, ReadsWhatItKnowsOfALaterVersion) {
  const auto context = TraceContext::Parse(
      "42-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->ToTraceparent(), kTraceparent);
}

class InvalidTraceparentTest : public testing::TestWithParam<const char*> {};

TEST_P(InvalidTraceparentTest, IsNoContext) {
  EXPECT_FALSE(TraceContext::Parse(GetParam()).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    , InvalidTraceparentTest,
    testing::Values(
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "42-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));

TEST(TraceContextTest, BeginsTracesThatDiffer) {
  std::mt19937_64 random(1);
  const TraceContext first = TraceContext::Begin(true, random);
  const TraceContext second = TraceContext::Begin(false, random);
  EXPECT_THAT(first.ToTraceparent(),
              MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
  EXPECT_THAT(second.ToTraceparent(),
              MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-00"));
  EXPECT_NE(first.trace_id(), second.trace_id());
}

TEST(TraceContextTest, AChildIsAnotherSpanOfTheSameTrace) {
  std::mt19937_64 random(1);
  const TraceContext parent = *TraceContext::Parse(kTraceparent);
  const TraceContext child = parent.Child(random);
  EXPECT_EQ(child.trace_id(), parent.trace_id());
  EXPECT_NE(child.span_id(), parent.span_id());
  EXPECT_TRUE(child.sampled());
}

}  // namespace
}  // namespace signal_delivery::server
