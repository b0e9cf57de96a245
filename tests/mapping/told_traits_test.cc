// What was told later counts, however many told something.
#include "mapping/told_traits.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/random_choices.h"

namespace signal_delivery::mapping {
namespace {

using Traits = std::map<std::string, double>;

Traits ContentOf(const ObjectView& object) {
  Traits content;
  for (const Member& member : object.members()) {
    content.emplace(member.name, member.node.number());
  }
  EXPECT_EQ(content.size(), object.members().size()) << "a name twice";
  return content;
}

Traits ContentOf(const std::vector<ObjectView>& runs) {
  Traits content;
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    content.merge(ContentOf(*run));
  }
  return content;
}

class ToldTraitsTest : public testing::Test {
 protected:
  // An identify that tells these.
  void Tell(const Traits& traits) {
    std::vector<Member>& members = members_.emplace_back();
    for (const auto& [name, number] : traits) {
      members.emplace_back(names_.emplace_back(name), Node(number));
    }
    told_.Add(ObjectView(members));
    for (const auto& [name, number] : traits) expected_[name] = number;
  }

  void ExpectAll() {
    EXPECT_EQ(ContentOf(told_.All()), expected_);
    EXPECT_EQ(ContentOf(told_.runs()), expected_);
    for (const auto& [name, number] : expected_) {
      const Node* const node = told_.Find(MemberName(name));
      ASSERT_NE(node, nullptr) << name;
      EXPECT_EQ(node->number(), number) << name;
    }
    EXPECT_EQ(told_.Find(MemberName("nobody told it")), nullptr);
  }

  std::deque<std::string> names_;
  std::deque<std::vector<Member>> members_;
  ToldTraits told_;
  Traits expected_;
};

TEST_F(ToldTraitsTest, AllStaysWhereItIsUntilMoreIsTold) {
  Tell({{"a", 1}, {"b", 2}, {"c", 3}});
  Tell({{"d", 4}});
  const ObjectView all = told_.All();
  EXPECT_EQ(told_.All(), all);
  Tell({{"e", 5}});
  ExpectAll();
}

TEST_F(ToldTraitsTest, NothingIsAnEmptyObject) {
  EXPECT_TRUE(told_.All().exists());
  ExpectAll();
  Tell({});
  ExpectAll();
}

TEST_F(ToldTraitsTest, WhatOneIdentifyToldIsNotCopied) {
  Tell({{"a", 1}, {"b", 2}});
  EXPECT_EQ(told_.All(), ObjectView(members_.front()));
  EXPECT_EQ(told_.Find(MemberName("b")), &members_.front()[1].node);
}

TEST_F(ToldTraitsTest, ManyTellOneAfterTheOther) {
  support::RandomChoices choices(3);
  for (int identify = 0; identify < 200; ++identify) {
    Traits traits;
    for (size_t left = choices.Below(choices.OneIn(10) ? 60 : 4); left > 0;
         --left) {
      traits[absl::StrCat("trait_", choices.Below(150))] = identify;
    }
    Tell(traits);
    ExpectAll();
  }
}

TEST_F(ToldTraitsTest, AFewMoreDoNotMoveTheMany) {
  Traits many;
  for (int i = 0; i < 1000; ++i) many[absl::StrCat("trait_", i)] = i;
  Tell(many);
  const Node* const there = told_.Find(MemberName("trait_7"));
  for (int i = 0; i < 100; ++i) Tell({{absl::StrCat("more_", i), i}});
  EXPECT_EQ(told_.Find(MemberName("trait_7")), there);
  EXPECT_LE(told_.runs().size(), 8u);
  ExpectAll();
}

}  // namespace
}  // namespace signal_delivery::mapping
