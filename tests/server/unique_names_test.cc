// The guard for mParticle's 1,000 different event and screen names.
#include "server/unique_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Sends one event of each name, numbered from `first` to `last`; the events as
// they are after that.
mapping::MappedEvents Send(UniqueNames& names, int first, int last,
                           bool* worth_a_line = nullptr) {
  mapping::MappedEvents mapped;
  for (int i = first; i <= last; ++i) {
    mapping::EventFate& fate = mapped.fates.emplace_back();
    fate.counted_name = absl::StrCat("name ", i);
    fate.counted_field =
        mparticle::events::v2::CustomEventData::descriptor()->FindFieldByName(
            "event_name");
  }
  const bool reached = CountNames(mapped, names);
  if (worth_a_line != nullptr) *worth_a_line = reached;
  return mapped;
}

TEST(UniqueNamesTest, EachIsCountedOnce) {
  UniqueNames names;
  Send(names, 1, 10);
  Send(names, 5, 12);
  EXPECT_EQ(names.count(), 12);
}

TEST(UniqueNamesTest, EventsWithoutACountedNameAreNotCounted) {
  UniqueNames names;
  mapping::MappedEvents mapped;
  mapped.fates.emplace_back();
  EXPECT_FALSE(CountNames(mapped, names));
  EXPECT_EQ(names.count(), 0);
}

TEST(UniqueNamesTest, TheFirst900ComeWithoutAWarning) {
  UniqueNames names;
  for (const auto& fate : Send(names, 1, 900).fates) {
    EXPECT_THAT(fate.findings.warnings, IsEmpty());
  }
}

TEST(UniqueNamesTest, NamesNearTheLimitAndBeyondItComeWithAWarning) {
  UniqueNames names;
  Send(names, 1, 900);
  const auto near = Send(names, 901, 901).fates;
  ASSERT_THAT(near[0].findings.warnings, SizeIs(1));
  EXPECT_EQ(near[0].findings.warnings[0].rule, mapping::Rule::kUniqueNames);
  EXPECT_EQ(near[0].findings.warnings[0].mparticle_path, "data.event_name");
  EXPECT_THAT(near[0].findings.warnings[0].description, HasSubstr("901"));
  Send(names, 902, 1000);
  const auto beyond = Send(names, 1001, 1001).fates;
  ASSERT_THAT(beyond[0].findings.warnings, SizeIs(1));
  EXPECT_THAT(beyond[0].findings.warnings[0].description,
              HasSubstr("mParticle may drop it"));
}

TEST(UniqueNamesTest, ANameThatWasEarlyStaysGood) {
  UniqueNames names;
  Send(names, 1, 1100);
  EXPECT_THAT(Send(names, 7, 7).fates[0].findings.warnings, IsEmpty());
}

TEST(UniqueNamesTest, ReachingALimitIsWorthOneLine) {
  UniqueNames names;
  bool worth_a_line;
  Send(names, 1, 899, &worth_a_line);
  EXPECT_FALSE(worth_a_line);
  Send(names, 1, 900, &worth_a_line);
  EXPECT_TRUE(worth_a_line);
  Send(names, 1, 999, &worth_a_line);
  EXPECT_FALSE(worth_a_line);
  Send(names, 1, 1001, &worth_a_line);
  EXPECT_TRUE(worth_a_line);
  Send(names, 1, 1100, &worth_a_line);
  EXPECT_FALSE(worth_a_line);
}

TEST(UniqueNamesTest, MemoryIsBounded) {
  UniqueNames names;
  Send(names, 1, UniqueNames::kTooManyToTell + 500);
  EXPECT_EQ(names.count(), UniqueNames::kTooManyToTell);
}

}  // namespace
}  // namespace signal_delivery::server
