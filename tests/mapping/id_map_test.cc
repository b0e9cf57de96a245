// Few ids or many: each has what was last said of it.
#include "mapping/id_map.h"

#include <gtest/gtest.h>

#include <map>
#include <memory_resource>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/random_choices.h"

namespace signal_delivery::mapping {
namespace {

TEST(IdMapTest, KnowsWhatWasSaidOfEach) {
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(absl::StrCat("user-", i));
  support::RandomChoices choices(7);
  for (const size_t users : {1, 3, 8, 9, 100}) {
    IdMap<int> map(std::pmr::get_default_resource());
    std::map<std::string, int> expected;
    for (int step = 0; step < 300; ++step) {
      const std::string& id = ids[choices.Below(users)];
      const bool is_new = !expected.contains(id);
      int& value = map.FindOrAdd(id, step);
      EXPECT_EQ(value, is_new ? step : expected[id]);
      if (!is_new && choices.OneIn(2)) value = step;
      expected[id] = value;
      for (const std::string& other : ids) {
        const int* found = map.Find(other);
        ASSERT_EQ(found != nullptr, expected.contains(other));
        if (found == nullptr) continue;
        ASSERT_EQ(*found, expected[other]);
      }
    }
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
