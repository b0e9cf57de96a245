#include "server/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::server {
namespace {

// Of /proc/PID/stat, counted as in proc(5), which begins with 1.
constexpr size_t kState = 3;
constexpr size_t kUserTicks = 14;
constexpr size_t kSystemTicks = 15;
constexpr size_t kStartTicks = 22;
constexpr size_t kResidentPages = 24;

double Number(absl::string_view text) {
  double number = 0;
  return absl::SimpleAtod(text, &number) ? number : 0;
}

// From the state on: the program's name, which stands before it in brackets,
// may hold anything.
std::vector<std::string> ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const size_t end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return {};
  return absl::StrSplit(line.substr(end_of_name + 1), ' ', absl::SkipEmpty());
}

// When the machine started, in seconds since the epoch; 0 where it is not said.
double ReadBootTime() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    if (word != "btime") continue;
    file >> word;
    return Number(word);
  }
  return 0;
}

}  // namespace

void AddProcessMetrics(MetricFamilies& families) {
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const std::vector<std::string> stat = ReadStat();
  if (stat.size() > kResidentPages - kState) {
    const auto field = [&stat](size_t number) {
      return Number(stat[number - kState]);
    };
    families.AddCounter("process_cpu_seconds_total", "CPU time used.", {},
                        (field(kUserTicks) + field(kSystemTicks)) / ticks);
    families.AddGauge(
        "process_resident_memory_bytes", "Memory in use.", {},
        field(kResidentPages) * static_cast<double>(sysconf(_SC_PAGESIZE)));
    if (const double boot = ReadBootTime(); boot > 0) {
      families.AddGauge("process_start_time_seconds",
                        "When the process started.", {},
                        boot + field(kStartTicks) / ticks);
    }
  }
  std::error_code error;
  const std::filesystem::directory_iterator open("/proc/self/fd", error);
  if (!error) {
    // One of them is that of looking.
    families.AddGauge(
        "process_open_fds", "Open file descriptors.", {},
        static_cast<double>(
            std::distance(begin(open), std::filesystem::end(open)) - 1));
  }
  if (rlimit limit; getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.AddGauge("process_max_fds", "The most of them.", {},
                      static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace signal_delivery::server
