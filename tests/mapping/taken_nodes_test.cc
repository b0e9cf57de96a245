// Few nodes or many: it is known which are taken, and how often.
#include "mapping/taken_nodes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/random_choices.h"

namespace signal_delivery::mapping {
namespace {

TEST(TakenNodesTest, KnowsWhatWasAddedAndNotForgotten) {
  support::RandomChoices choices(5);
  const std::vector<Node> nodes(100);
  TakenNodes taken;
  std::vector<const Node*> expected;
  for (int step = 0; step < 500; ++step) {
    if (choices.OneIn(20)) {
      expected.resize(choices.Below(expected.size() + 1));
      taken.Truncate(expected.size());
    } else {
      expected.push_back(&choices.Of(nodes));
      taken.Add(expected.back());
    }
    ASSERT_EQ(taken.size(), expected.size());
    for (const Node& node : nodes) {
      const auto count = static_cast<size_t>(
          std::count(expected.begin(), expected.end(), &node));
      ASSERT_EQ(taken.Count(&node), count) << "after " << step << " steps";
      ASSERT_EQ(taken.Contains(&node), count > 0);
    }
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
