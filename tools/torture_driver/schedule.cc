#include "tools/torture_driver/schedule.h"

#include <netdb.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "mapping/status_macros.h"
#include "tools/torture_driver/callers.h"
#include "tools/torture_driver/event_factory.h"
#include "tools/torture_driver/fault_mix.h"

namespace signal_delivery::torture {
namespace {

constexpr absl::Duration kFirstCalm = absl::Seconds(5);
// Long enough to see the end of calls that begin when recovery should be over,
// for four seconds.
const absl::Duration kCalm = kRecovery + absl::Seconds(4) + kCalmDeadline;
constexpr absl::Duration kTick = absl::Milliseconds(10);
constexpr absl::Duration kMostDowntime = absl::Milliseconds(400);
// Longer than the replicas' own time to drain.
constexpr absl::Duration kEndTime = absl::Seconds(10);
// Within the service's time to connect, and beyond short deadlines.
constexpr int kMostLookupDelayMs = 1500;

// Where a replica's wall clock jumps to: from the true time, or from another of
// these.
struct ClockJump {
  absl::string_view name;
  absl::Duration offset;
};
constexpr ClockJump kClockJumps[] = {
    {"clock jumps back to the true time", absl::ZeroDuration()},
    {"clock jumps minutes ahead", absl::Minutes(7)},
    {"clock jumps minutes back", -absl::Minutes(7)},
    {"clock jumps more than a day ahead", absl::Hours(26)},
    // The sandbox's certificate is not yet valid then.
    {"clock jumps more than a day back", -absl::Hours(26)},
};

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
  for (size_t i = 0; i < site_.replicas().size(); ++i) {
    site_.libc_faults(i).lookup_error = 0;
    site_.libc_faults(i).lookup_delay_ms = 0;
  }
  // A program that is still being restarted is a fault too.
  RETURN_IF_ERROR(AwaitEnds());
  for (size_t i = 0; i < site_.replicas().size(); ++i) {
    site_.libc_faults(i).clock_offset_ns = 0;
  }
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
    SetLookups();
    SetClocks();
  }
  return absl::OkStatus();
}

void Schedule::SetLookups() {
  // What resolvers answer for a name that is gone, without a server that
  // answers, and of one that cannot.
  static constexpr int kErrors[] = {EAI_NONAME, EAI_AGAIN, EAI_FAIL};
  const bool fails = OneIn(random_, 6);
  const bool is_slow = OneIn(random_, 6);
  const int error = fails ? kErrors[Below(random_, std::size(kErrors))] : 0;
  const int delay_ms = is_slow ? 50 + Below(random_, kMostLookupDelayMs) : 0;
  for (size_t i = 0; i < site_.replicas().size(); ++i) {
    site_.libc_faults(i).lookup_error = error;
    site_.libc_faults(i).lookup_delay_ms = delay_ms;
  }
}

void Schedule::SetClocks() {
  if (!OneIn(random_, 3)) return;
  const ClockJump& jump = kClockJumps[Below(random_, std::size(kClockJumps))];
  const uint32_t which = Below(random_, site_.replicas().size());
  if (is_ending_[which]) return;
  const int64_t offset_ns = absl::ToInt64Nanoseconds(jump.offset);
  if (site_.libc_faults(which).clock_offset_ns.exchange(offset_ns) !=
      offset_ns) {
    ++actions_[std::string(jump.name)];
  }
}

std::map<std::string, int64_t> Schedule::Actions() const {
  std::map<std::string, int64_t> actions = actions_;
  for (size_t i = 0; i < site_.replicas().size(); ++i) {
    actions["lookup that failed"] += site_.libc_faults(i).failed_lookups;
    actions["lookup that took long"] += site_.libc_faults(i).delayed_lookups;
  }
  return actions;
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
      BeginOutage(which);
      replica.Signal(SIGTERM);
      is_ending_[which] = true;
      return absl::OkStatus();
    }
    default: {
      ++actions_["kill -9 of a replica"];
      if (!is_ending_[which]) BeginOutage(which);
      is_ending_[which] = false;
      absl::Status started = kill(replica);
      EndOutage(which);
      return started;
    }
  }
}

absl::Status Schedule::Pass(absl::Duration time) {
  const absl::Time end = absl::Now() + time;
  do {
    absl::SleepFor(kTick);
    RETURN_IF_ERROR(LookAfter(site_.sandbox(), /*is_ending=*/false).status());
    for (size_t i = 0; i < site_.replicas().size(); ++i) {
      ASSIGN_OR_RETURN(const bool started_again,
                       LookAfter(*site_.replicas()[i], is_ending_[i]));
      if (!started_again) continue;
      is_ending_[i] = false;
      EndOutage(i);
    }
  } while (absl::Now() < end);
  return absl::OkStatus();
}

absl::StatusOr<bool> Schedule::LookAfter(Process& process, bool is_ending) {
  const std::optional<int> status = process.PollExit();
  if (!status.has_value()) return false;
  if (WIFSIGNALED(*status)) {
    bad_ends_.push_back(
        absl::StrCat(process.name(), " ended by signal ", WTERMSIG(*status)));
  } else if (!is_ending || WEXITSTATUS(*status) != 0) {
    bad_ends_.push_back(
        absl::StrCat(process.name(), " ended with ", WEXITSTATUS(*status)));
  }
  RETURN_IF_ERROR(process.Start());
  return true;
}

void Schedule::BeginOutage(std::size_t replica) {
  outages_.push_back(
      {.replica = static_cast<int>(replica), .start = absl::Now()});
}

// Of one that ended by itself there is none: what it broke has no cause.
void Schedule::EndOutage(std::size_t replica) {
  for (Outage& outage : outages_) {
    if (outage.replica != static_cast<int>(replica)) continue;
    outage.end = std::min(outage.end, absl::Now());
  }
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
    EndOutage(i);
  }
  return absl::OkStatus();
}

}  // namespace signal_delivery::torture
