#include "tools/torture_driver/schedule.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "mapping/status_macros.h"
#include "tools/torture_driver/event_factory.h"
#include "tools/torture_driver/fault_mix.h"

namespace signal_delivery::torture {
namespace {

constexpr absl::Duration kFirstCalm = absl::Seconds(5);
// Long enough to see what goes wrong after recovery should be over.
const absl::Duration kCalm = kRecovery + absl::Seconds(4);
constexpr absl::Duration kTick = absl::Milliseconds(10);
constexpr absl::Duration kMostDowntime = absl::Milliseconds(400);
// Longer than the replicas' own time to drain.
constexpr absl::Duration kEndTime = absl::Seconds(10);

}  // namespace

absl::Status Schedule::Run(absl::Duration cruel_time,
                           const std::function<bool()>& is_over,
                           const std::function<void(bool)>& set_calm) {
  RETURN_IF_ERROR(BeCalm(kFirstCalm, /*after_faults=*/false, set_calm));
  do {
    RETURN_IF_ERROR(BeCruel(cruel_time, is_over));
    RETURN_IF_ERROR(BeCalm(kCalm, /*after_faults=*/true, set_calm));
  } while (!is_over());
  return absl::OkStatus();
}

absl::Duration Schedule::CruelTime(absl::Duration total) {
  const absl::Duration cycles_time = total - kFirstCalm;
  const int64_t cycles =
      std::max<int64_t>(1, cycles_time / (kMostCruelTime + kCalm));
  return std::max(cycles_time / cycles - kCalm, absl::Seconds(1));
}

absl::Status Schedule::Wait(const std::function<bool()>& is_over) {
  while (!is_over()) RETURN_IF_ERROR(Pass(kTick));
  return absl::OkStatus();
}

absl::Status Schedule::BeCalm(absl::Duration time, bool after_faults,
                              const std::function<void(bool)>& set_calm) {
  RETURN_IF_ERROR(site_.SetFaults(""));
  // A program that is still being restarted is a fault too.
  RETURN_IF_ERROR(AwaitEnds());
  set_calm(true);
  calms_.push_back({.start = absl::Now(), .after_faults = after_faults});
  RETURN_IF_ERROR(Pass(time));
  calms_.back().end = absl::Now();
  set_calm(false);
  return absl::OkStatus();
}

absl::Status Schedule::BeCruel(absl::Duration time,
                               const std::function<bool()>& is_over) {
  const absl::Time end = absl::Now() + time;
  while (absl::Now() < end && !is_over()) {
    RETURN_IF_ERROR(site_.SetFaults(RandomFaultScript(random_)));
    RETURN_IF_ERROR(Pass(absl::Milliseconds(500 + Below(random_, 800))));
    if (OneIn(random_, 4)) RETURN_IF_ERROR(AttackAProgram());
  }
  return absl::OkStatus();
}

absl::Status Schedule::AttackAProgram() {
  const uint32_t which = Below(random_, site_.replicas().size());
  Process& replica = *site_.replicas()[which];
  const absl::Duration downtime = kMostDowntime * Below(random_, 100) / 100;
  const auto kill = [&](Process& process) {
    process.Kill();
    absl::SleepFor(downtime);
    return process.Start();
  };
  switch (Below(random_, 5)) {
    case 0:
      ++actions_["kill -9 of the sandbox"];
      return kill(site_.sandbox());
    case 1: {
      ++actions_["sandbox stopped for a moment"];
      site_.sandbox().Signal(SIGSTOP);
      absl::SleepFor(downtime);
      site_.sandbox().Signal(SIGCONT);
      return absl::OkStatus();
    }
    case 2: {
      ++actions_["replica stopped for a moment"];
      replica.Signal(SIGSTOP);
      absl::SleepFor(downtime);
      replica.Signal(SIGCONT);
      return absl::OkStatus();
    }
    case 3: {
      if (is_ending_[which]) return absl::OkStatus();
      ++actions_["SIGTERM of a replica under load"];
      replica.Signal(SIGTERM);
      is_ending_[which] = true;
      return absl::OkStatus();
    }
    default: {
      ++actions_["kill -9 of a replica"];
      is_ending_[which] = false;
      return kill(replica);
    }
  }
}

absl::Status Schedule::Pass(absl::Duration time) {
  const absl::Time end = absl::Now() + time;
  do {
    absl::SleepFor(kTick);
    bool never = false;
    RETURN_IF_ERROR(LookAfter(site_.sandbox(), never));
    for (size_t i = 0; i < site_.replicas().size(); ++i) {
      bool is_ending = is_ending_[i];
      RETURN_IF_ERROR(LookAfter(*site_.replicas()[i], is_ending));
      is_ending_[i] = is_ending;
    }
  } while (absl::Now() < end);
  return absl::OkStatus();
}

absl::Status Schedule::LookAfter(Process& process, bool& is_ending) {
  const std::optional<int> status = process.PollExit();
  if (!status.has_value()) return absl::OkStatus();
  if (WIFSIGNALED(*status)) {
    bad_ends_.push_back(
        absl::StrCat(process.name(), " ended by signal ", WTERMSIG(*status)));
  } else if (!is_ending || WEXITSTATUS(*status) != 0) {
    bad_ends_.push_back(
        absl::StrCat(process.name(), " ended with ", WEXITSTATUS(*status)));
  }
  is_ending = false;
  return process.Start();
}

absl::Status Schedule::AwaitEnds() {
  const absl::Time give_up = absl::Now() + kEndTime;
  const auto somebody_ends = [this] {
    return std::find(is_ending_.begin(), is_ending_.end(), true) !=
           is_ending_.end();
  };
  while (somebody_ends() && absl::Now() < give_up) RETURN_IF_ERROR(Pass(kTick));
  for (size_t i = 0; i < is_ending_.size(); ++i) {
    if (!is_ending_[i]) continue;
    is_ending_[i] = false;
    bad_ends_.push_back(absl::StrCat(site_.replicas()[i]->name(),
                                     " did not end after SIGTERM"));
    site_.replicas()[i]->Kill();
    RETURN_IF_ERROR(site_.replicas()[i]->Start());
  }
  return absl::OkStatus();
}

}  // namespace signal_delivery::torture
