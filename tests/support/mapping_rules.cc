#include "tests/support/mapping_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "tests/support/random_events.h"
#include "tests/support/random_values.h"
#include "tools/sandbox/batch_rules.h"
#include "tools/sandbox/limits.h"
#include "tools/sandbox/strict_json.h"

namespace signal_delivery::support {
namespace {

using ::datafly::signal::v1::Event;
using ::datafly::signal::v1::EventType;
using ::signal_delivery::mapping::Fate;
using ::signal_delivery::mapping::Finding;
using ::signal_delivery::mapping::MappedEvents;
using ::signal_delivery::mapping::PreparedBatch;
using Json = ::nlohmann::json;

// What the sandbox says of a time outside the years 2000 to 2099. mParticle
// takes them, and so does the mapping where the event says so.
constexpr absl::string_view kTimeProblem = "must be milliseconds since 1970";

std::vector<const Event*> PointersTo(const std::vector<Event>& events) {
  std::vector<const Event*> pointers;
  for (const Event& event : events) pointers.push_back(&event);
  return pointers;
}

// What a batch says about its user: all but the events, the id that is made of
// them, and the times of consents, which are those of the first event.
Json UserPart(Json body) {
  body.erase("events");
  body.erase("source_request_id");
  if (body.contains("consent_state")) {
    for (auto& purposes : body["consent_state"]) {
      for (auto& purpose : purposes) purpose.erase("timestamp_unixtime_ms");
    }
  }
  return body;
}

// In any order.
bool AreSame(const std::vector<Finding>& some,
             const std::vector<Finding>& others) {
  const auto sorted = [](const std::vector<Finding>& findings) {
    std::multiset<
        std::tuple<mapping::Rule, std::string, std::string, std::string>>
        sorted;
    for (const Finding& finding : findings) {
      sorted.emplace(finding.rule, finding.signal_path, finding.mparticle_path,
                     finding.description);
    }
    return sorted;
  };
  return sorted(some) == sorted(others);
}

bool AreSame(const MappedEvents& one, const MappedEvents& other) {
  return std::equal(one.batches.begin(), one.batches.end(),
                    other.batches.begin(), other.batches.end(),
                    [](const PreparedBatch& one, const PreparedBatch& other) {
                      return one.body == other.body &&
                             one.events == other.events &&
                             one.identifies == other.identifies;
                    }) &&
         std::equal(one.fates.begin(), one.fates.end(), other.fates.begin(),
                    other.fates.end(), [](const auto& one, const auto& other) {
                      return one.fate == other.fate &&
                             AreSame(one.findings.violations,
                                     other.findings.violations) &&
                             AreSame(one.findings.warnings,
                                     other.findings.warnings);
                    });
}

class Check {
 public:
  Check(const mapping::Mapper& mapper, const std::vector<Event>& events,
        absl::Time now, std::vector<std::string>& broken)
      : mapper_(mapper), events_(events), now_(now), broken_(broken) {}

  MappedEvents Run() && {
    mapped_ = mapper_.Map(PointersTo(events_), now_);
    if (mapped_.fates.size() != events_.size()) {
      Expect(false, "there are not as many fates as events");
      return std::move(mapped_);
    }
    CheckRepeat();
    for (size_t i = 0; i < mapped_.batches.size(); ++i) {
      where_ = absl::StrCat("batch ", i);
      CheckBatch(mapped_.batches[i]);
    }
    for (size_t i = 0; i < events_.size(); ++i) {
      where_ = absl::StrCat("event ", i);
      CheckEvent(static_cast<int>(i));
    }
    return std::move(mapped_);
  }

 private:
  void Expect(bool holds, const std::string& what) {
    if (!holds) broken_.push_back(absl::StrCat(where_, ": ", what));
  }

  bool HasOddTime(const PreparedBatch& batch) const {
    const auto has = [&](int index) {
      return support::HasOddTime(events_.at(index));
    };
    return std::any_of(batch.events.begin(), batch.events.end(), has) ||
           std::any_of(batch.identifies.begin(), batch.identifies.end(), has);
  }

  void CheckBatch(const PreparedBatch& batch) {
    Expect(!batch.events.empty() || batch.identifies.size() == 1,
           "has neither events nor a lone identify");
    Expect(batch.body.size() <= sandbox::kMaxBatchBytes,
           absl::StrCat("has ", batch.body.size(), " bytes"));
    const auto body = sandbox::ParseStrictJson(batch.body);
    Expect(body.ok(), std::string(body.status().message()));
    if (body.ok()) {
      for (const std::string& problem : sandbox::CheckBatch(*body)) {
        Expect(absl::StrContains(problem, kTimeProblem) && HasOddTime(batch),
               problem);
      }
      Expect(body->value("events", Json()).size() == batch.events.size(),
             "has other events in its body than it says");
      Expect(body->value("source_request_id", "") == batch.source_request_id,
             "has another source_request_id in its body than it says");
      CheckResending(batch);
      if (batch.events.size() > 1) CheckParts(batch, *body);
    }
    for (const int index : batch.identifies) {
      ++carried_[index];
      Expect(events_.at(index).type() == EventType::EVENT_TYPE_IDENTIFY,
             absl::StrCat("event ", index, " is no identify"));
    }
    for (const int index : batch.events) {
      ++batched_[index];
      const Event& event = events_.at(index);
      CheckUser(absl::StrCat("user_id ", event.user_id()), event.user_id(),
                batch.lane, index);
      CheckUser(absl::StrCat("anonymous_id ", event.anonymous_id()),
                event.anonymous_id(), batch.lane, index);
    }
  }

  // Copies of the events: their maps have another order.
  void CheckRepeat() {
    std::vector<Event> copies;
    for (const Event& event : events_) {
      Expect(copies.emplace_back().ParseFromString(event.SerializeAsString()),
             "an event cannot be copied");
    }
    Expect(AreSame(mapped_, mapper_.Explain(PointersTo(copies), now_)),
           "mapping the same again gives something else");
  }

  // The batches of some of the events.
  std::vector<PreparedBatch> MapOnly(const std::vector<int>& indexes) const {
    std::vector<const Event*> events;
    for (const int index : indexes) events.push_back(&events_.at(index));
    return mapper_.Map(events, now_).batches;
  }

  void CheckResending(const PreparedBatch& batch) {
    std::vector<int> indexes(batch.identifies.begin(), batch.identifies.end());
    indexes.insert(indexes.end(), batch.events.begin(), batch.events.end());
    std::sort(indexes.begin(), indexes.end());
    const std::vector<PreparedBatch> again = MapOnly(indexes);
    Expect(again.size() == 1 && again[0].body == batch.body,
           "alone makes another batch");
  }

  void CheckParts(const PreparedBatch& batch, const Json& body) {
    for (size_t i = 0; i < batch.events.size(); ++i) {
      std::vector<int> indexes;
      for (const int identify : batch.identifies) {
        if (identify < batch.events[i]) indexes.push_back(identify);
      }
      std::sort(indexes.begin(), indexes.end());
      indexes.push_back(batch.events[i]);
      const std::vector<PreparedBatch> made = MapOnly(indexes);
      // An identify that told others only may be a batch of its own.
      const auto alone = std::find_if(
          made.begin(), made.end(),
          [](const PreparedBatch& batch) { return !batch.events.empty(); });
      if (alone == made.end()) {
        Expect(false, "its event alone makes no batch");
        continue;
      }
      const Json part = Json::parse(alone->body);
      Expect(UserPart(part) == UserPart(body),
             "its event alone says something else about the user");
      Expect(part["events"][0] == body["events"][i],
             "its event alone says something else");
    }
  }

  // Called in the order in which events are sent.
  void CheckUser(std::string key, const std::string& id, int lane, int index) {
    if (id.empty()) return;
    const auto [latest, is_new] =
        latest_.try_emplace(std::move(key), std::pair(lane, index));
    if (is_new) return;
    Expect(latest->second.first == lane, "the user's events have two lanes");
    Expect(latest->second.second < index, "the user's events change order");
    latest->second.second = index;
  }

  void CheckEvent(int index) {
    const Fate fate = mapped_.fates[index].fate;
    const mapping::Findings& findings = mapped_.fates[index].findings;
    Expect(batched_[index] == (fate == Fate::kBatched ? 1 : 0),
           absl::StrCat("is in ", batched_[index], " batches"));
    Expect((carried_[index] > 0) == (fate == Fate::kCarried),
           "is carried by no batch, or not said to be");
    Expect((fate == Fate::kInvalid || fate == Fate::kTooLarge) ==
               !findings.violations.empty(),
           "is rejected without a violation, or has one and is not");
    Expect((fate == Fate::kConsentNotGranted) ==
               !mapped_.fates[index].consent_category.empty(),
           "lacks a consent without a category, or names one and does not");
    for (const auto* list : {&findings.violations, &findings.warnings}) {
      for (const Finding& finding : *list) {
        Expect(!finding.description.empty(), "a finding says nothing");
        for (const std::string* text :
             {&finding.signal_path, &finding.mparticle_path,
              &finding.description}) {
          Expect(!absl::StrContains(*text, kPersonal),
                 "a finding holds personal data: " + *text);
        }
      }
    }
  }

  const mapping::Mapper& mapper_;
  const std::vector<Event>& events_;
  const absl::Time now_;
  std::vector<std::string>& broken_;
  MappedEvents mapped_;
  std::string where_;
  // By event: in how many batches.
  std::map<int, int> batched_;
  std::map<int, int> carried_;
  // By id: the lane and the latest event.
  std::map<std::string, std::pair<int, int>> latest_;
};

}  // namespace

MappedEvents MapAndCheck(const mapping::Mapper& mapper,
                         const std::vector<Event>& events, absl::Time now,
                         std::vector<std::string>& broken) {
  return Check(mapper, events, now, broken).Run();
}

}  // namespace signal_delivery::support
