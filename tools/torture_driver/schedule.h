#ifndef TOOLS_TORTURE_DRIVER_SCHEDULE_H_
#define TOOLS_TORTURE_DRIVER_SCHEDULE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/torture_driver/call_log.h"
#include "tools/torture_driver/site.h"

namespace signal_delivery::torture {

// How soon everything has to be well again after the last fault.
inline constexpr absl::Duration kRecovery = absl::Seconds(10);
// The longest time without a calm.
inline constexpr absl::Duration kMostCruelTime = absl::Seconds(60);

// Torments a site as a seed says: calm, then faults, then calm again, and so
// on. Every second or so other faults; every few seconds a program is killed,
// ended, or stopped for a moment, a replica's clock jumps, or the name server
// fails. Runs on the thread that started the site's
// programs, with which they would die. Not thread-safe.
class Schedule {
 public:
  Schedule(uint64_t seed, Site& site) : random_(seed), site_(site) {}

  // Faults for `cruel_time` at a time, until `is_over` says so at the end of a
  // calm. `set_calm` is told when one begins and ends. The error says which
  // program cannot go on.
  absl::Status Run(absl::Duration cruel_time,
                   const std::function<bool()>& is_over,
                   const std::function<void(bool)>& set_calm);
  // The cruel_time with which whole cycles take about `total`.
  static absl::Duration CruelTime(absl::Duration total);
  // Without any fault, while callers finish.
  absl::Status Wait(const std::function<bool()>& is_over);

  const std::vector<Calm>& calms() const { return calms_; }
  // What was done to the programs, and to what they see, by kind.
  std::map<std::string, int64_t> Actions() const;
  // Of the replicas, whoever caused them.
  const std::vector<Outage>& outages() const { return outages_; }
  // Programs that ended by themselves, or not as told.
  const std::vector<std::string>& bad_ends() const { return bad_ends_; }

 private:
  absl::Status BeCalm(absl::Duration time, bool after_faults,
                      const std::function<void(bool)>& set_calm);
  absl::Status BeCruel(absl::Duration time,
                       const std::function<bool()>& is_over);
  absl::Status AttackAProgram();
  void SetLookups();
  void SetClocks();
  // Looks after the programs for so long.
  absl::Status Pass(absl::Duration time);
  // Starts the program again if it has ended; true where it had to.
  absl::StatusOr<bool> LookAfter(Process& process, bool is_ending);
  void BeginOutage(std::size_t replica);
  void EndOutage(std::size_t replica);
  absl::Status AwaitEnds();

  std::mt19937_64 random_;
  Site& site_;
  // Replicas that were told to end, and have not yet.
  std::vector<bool> is_ending_ = std::vector<bool>(2);
  std::vector<Calm> calms_;
  std::vector<Outage> outages_;
  std::map<std::string, int64_t> actions_;
  std::vector<std::string> bad_ends_;
};

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_SCHEDULE_H_
