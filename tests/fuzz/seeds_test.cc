// Each file of the folder named by the first argument through the fuzz target
// that this is linked with.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

class SeedTest : public testing::Test {
 public:
  explicit SeedTest(fs::path seed) : seed_(std::move(seed)) {}

  void TestBody() override {
    std::ifstream file(seed_, std::ios::binary);
    ASSERT_TRUE(file.is_open());
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(LLVMFuzzerTestOneInput(
                  reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()),
              0);
  }

 private:
  const fs::path seed_;
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) return 2;
  std::vector<fs::path> seeds(fs::directory_iterator(argv[1]), {});
  std::sort(seeds.begin(), seeds.end());
  if (seeds.empty()) return 2;
  for (const fs::path& seed : seeds) {
    testing::RegisterTest(
        "Seeds", seed.filename().c_str(), nullptr, nullptr, __FILE__, __LINE__,
        [seed]() -> testing::Test* { return new SeedTest(seed); });
  }
  return RUN_ALL_TESTS();
}
