#include "server/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/support/exposed_metrics.h"

namespace signal_delivery::server {
namespace {

support::ExposedMetrics Read() {
  MetricFamilies families;
  AddProcessMetrics(families);
  return support::ExposedMetrics(families.Text());
}

TEST(ProcessMetrics, CpuTimeIsThatOfTheProcess) {
  while (clock() < CLOCKS_PER_SEC / 5) {
  }
  const double seconds = Read()["process_cpu_seconds_total"];
  EXPECT_NEAR(seconds, static_cast<double>(clock()) / CLOCKS_PER_SEC, 0.1);
}

TEST(ProcessMetrics, MemoryGrowsWithWhatIsUsed) {
  constexpr size_t kBytes = 64 * 1024 * 1024;
  const double before = Read()["process_resident_memory_bytes"];
  const std::vector<char> used(kBytes, 1);
  EXPECT_GT(Read()["process_resident_memory_bytes"], before + kBytes / 2);
  EXPECT_EQ(used[kBytes / 2], 1);
}

TEST(ProcessMetrics, StartIsWithinTheTestsTime) {
  const double now = absl::ToUnixSeconds(absl::Now());
  const double start = Read()["process_start_time_seconds"];
  EXPECT_LT(start, now + 2) << "the machine's start is in whole seconds";
  EXPECT_GT(start, now - 600);
}

TEST(ProcessMetrics, FilesAreCounted) {
  const double before = Read()["process_open_fds"];
  const int file = open("/dev/null", O_RDONLY);
  EXPECT_EQ(Read()["process_open_fds"], before + 1);
  close(file);
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(Read()["process_max_fds"], limit.rlim_cur);
}

}  // namespace
}  // namespace signal_delivery::server
