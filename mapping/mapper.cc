#include "mapping/mapper.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/batch_builder.h"
#include "mapping/draft.h"
#include "mapping/draft_memory.h"
#include "mapping/event_check.h"
#include "mapping/event_time.h"
#include "mapping/identities.h"
#include "mapping/json_buffer.h"
#include "mapping/lanes.h"
#include "mapping/latest_user.h"
#include "mapping/status_macros.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::EventType;
using ::mparticle::events::v2::Batch;
using ::mparticle::events::v2::ConsentPurpose;
using ::mparticle::events::v2::ConsentState;

using MparticleEvent = ::mparticle::events::v2::Event;
using SignalEvent = ::datafly::signal::v1::Event;

// The version of the batch schema that batch.proto describes.
constexpr int64_t kSchemaVersion = 2;

// Requests of a few users need less; others get more from the heap.
constexpr size_t kRequestMemory = 4096;
constexpr size_t kUsualJsonBytes = 2048;

static_assert(kMaxEventBytes == kMaxBatchBytes, "one number is said for both");

// The times of the decisions in `consent`.
void ClearTimes(const Draft& consent) {
  for (const int map :
       {ConsentState::kGdprFieldNumber, ConsentState::kCcpaFieldNumber}) {
    for (const Draft::Item* entry = consent.Items(map).first; entry != nullptr;
         entry = entry->next) {
      std::get<Draft*>(entry->value)
          ->Clear(ConsentPurpose::kTimestampUnixtimeMsFieldNumber);
    }
  }
}

// Of the writer's error: "PATH: PROBLEM".
Finding NotUtf8(absl::string_view message) {
  const size_t end = message.rfind(": ");
  if (end == message.npos) return {Rule::kUtf8, "", "", std::string(message)};
  return {Rule::kUtf8, "", std::string(message.substr(0, end)),
          std::string(message.substr(end + 2))};
}

// One request on its way through the mapper.
class Mapping {
 public:
  Mapping(const Plan& plan, const Mapper::Options& options,
          const JsonWriter& writer, absl::Span<const SourceEvent* const> events,
          absl::Time now, bool explain)
      : plan_(plan),
        options_(options),
        writer_(writer),
        events_(events),
        time_check_{now, options.in_future, options.too_old},
        explain_(explain),
        builder_(
            {options.api_key, options.integration_id, options.source_request_id,
             options.max_events_per_batch, events.size()},
            memory_) {}

  MappedEvents Run() && {
    result_.fates.resize(events_.size());
    for (size_t i = 0; i < events_.size(); ++i) {
      if (explain_) fate(i).findings.origins = &fate(i).origins;
      fate(i).fate = Check(i);
      if (fate(i).fate == Fate::kBatched) lanes_.Add(events_[i]->fields);
    }
    for (size_t i = 0; i < events_.size(); ++i) {
      if (fate(i).fate == Fate::kBatched) fate(i).fate = MapOne(i);
    }
    result_.batches = std::move(builder_).Finish();
    for (const PreparedBatch& batch : result_.batches) {
      for (const int identify : batch.identifies) {
        fate(identify).fate = Fate::kCarried;
      }
    }
    if (options_.send_lone_identifies) SendLoneIdentifies();
    for (EventFate& fate : result_.fates) Complete(fate);
    return std::move(result_);
  }

 private:
  EventFate& fate(size_t index) { return result_.fates[index]; }

  // kBatched: nothing speaks against it so far.
  Fate Check(size_t index) {
    const SourceEvent& event = *events_[index];
    if (event.bytes > kMaxEventBytes) {
      return TooLarge("as it arrives", fate(index).findings);
    }
    CheckEvent(event, fate(index).findings);
    if (!fate(index).findings.violations.empty()) return Fate::kInvalid;
    time_check_.Check(event.fields, fate(index).findings);
    return fate(index).findings.violations.empty() ? Fate::kBatched
                                                   : Fate::kInvalid;
  }

  static Fate TooLarge(absl::string_view how, Findings& findings) {
    findings.violations.push_back(
        {Rule::kEventBytes, "", "",
         absl::StrCat(how, " it has more than ", kMaxBatchBytes, " bytes")});
    return Fate::kTooLarge;
  }

  Fate MapOne(size_t index) {
    const EventFields& event = events_[index]->fields;
    const bool is_identify = event.type() == EventType::EVENT_TYPE_IDENTIFY;
    const EventPlan* plan = plan_.Find(event);
    if (plan == nullptr) return Fate::kNotMapped;
    if (!plan->enabled()) return Fate::kMappingDisabled;
    if (const std::string* category = options_.consent.ClosedBy(event)) {
      fate(index).consent_category = *category;
      return Fate::kConsentNotGranted;
    }
    if (is_identify) {
      identities_.Learn(*events_[index], static_cast<int>(index));
      return Fate::kNothingToCarry;  // Until a batch carries it.
    }
    return AddToBatch(index, *plan);
  }

  Fate AddToBatch(size_t index, const EventPlan& plan) {
    const EventFields& event = events_[index]->fields;
    Findings& findings = fate(index).findings;
    const Identities::Known known = identities_.Look(*events_[index]);
    draft_memory_.Release();
    TakenNodes taken;
    plan.TakeDropped(known.view, taken);
    std::optional<Draft> batch;  // Nothing where json_ begins with it already.
    bool is_for_others = false;
    if (!latest_user_.Is(known, plan)) {
      batch = StartBatch(findings);
      const size_t warnings_before = findings.warnings.size();
      plan.MapUserPart(known.view, *batch, taken, findings);
      is_for_others = !explain_ && findings.warnings.size() == warnings_before;
    }
    Draft mparticle_event(draft_memory_);
    plan.MapEvent(known.view, mparticle_event, taken, findings);
    if (const auto time = plan.TimeOf(mparticle_event)) {
      time_check_.CheckMapped(time->time, event, time->signal_path,
                              time->mparticle_path, findings);
    }
    if (!findings.violations.empty()) return Fate::kInvalid;

    absl::string_view group;
    if (batch.has_value()) {
      latest_user_.Forget();
      json_.Truncate(0);
      if (!Write(batch_type_, *batch, &json_, findings)) return Fate::kInvalid;
      user_part_bytes_ = json_.size();
      group = Group(*batch);
      if (is_for_others && group.empty()) latest_user_.Set(known, plan);
    }
    json_.Truncate(user_part_bytes_);
    if (!Write(event_type_, mparticle_event, &json_, findings)) {
      return Fate::kInvalid;
    }
    const absl::string_view json = json_.text();
    const bool added =
        builder_.Add({.index = static_cast<int>(index),
                      .source = *events_[index],
                      .lane = lanes_.Of(event),
                      .user_id = known.view.user_id,
                      .anonymous_id = event.anonymous_id(),
                      .batch_json = json.substr(0, user_part_bytes_),
                      .group = group,
                      .event_json = json.substr(user_part_bytes_),
                      .told_by = *known.told_by});
    if (!added) return TooLarge("as a batch of its own", findings);
    fate(index).counted_name = std::string(plan.CountedName(mparticle_event));
    fate(index).counted_field = plan.counted_field();
    return Fate::kBatched;
  }

  Draft StartBatch(Findings& findings) {
    Draft batch(draft_memory_);
    batch.At(Batch::kEnvironmentFieldNumber) = int64_t{options_.environment};
    batch.At(Batch::kSchemaVersionFieldNumber) = kSchemaVersion;
    if (findings.origins == nullptr) return batch;
    findings.origins->push_back({"", "environment", kMadeByService,
                                 "parameters.environment of the integration"});
    findings.origins->push_back({"", "schema_version", kMadeByService,
                                 "the version of the Events API"});
    if (!options_.source_request_id) return batch;
    findings.origins->push_back(
        {"message_id", "source_request_id", kMadeByService,
         "a hash of the integration and the batch's events"});
    return batch;
  }

  // Those that no event carried become batches of their own, each in its place
  // among the others. One holds what its identify tells and nothing of earlier
  // ones, so that it is the same when it is sent again without them.
  void SendLoneIdentifies() {
    for (size_t i = 0; i < events_.size(); ++i) {
      if (fate(i).fate != Fate::kNothingToCarry) continue;
      fate(i).fate = AddUserBatch(static_cast<int>(i));
    }
    const auto first_event = [](const PreparedBatch& batch) {
      return batch.events.empty() ? batch.identifies.front()
                                  : batch.events.front();
    };
    std::stable_sort(result_.batches.begin(), result_.batches.end(),
                     [&](const PreparedBatch& a, const PreparedBatch& b) {
                       return first_event(a) < first_event(b);
                     });
  }

  Fate AddUserBatch(int index) {
    const SourceEvent& event = *events_[index];
    Findings& findings = fate(index).findings;
    draft_memory_.Release();
    Draft user = StartBatch(findings);
    plan_.Find(event.fields)
        ->MapUser({.event = &event, .user_id = event.fields.user_id()}, user,
                  findings);
    json_.Truncate(0);
    if (!Write(batch_type_, user, &json_, findings)) {
      return Fate::kInvalid;
    }
    std::optional<PreparedBatch> batch = builder_.MakeUserBatch(
        index, lanes_.Of(event.fields), event, json_.text());
    if (!batch.has_value()) {
      return TooLarge("as a batch of its own", findings);
    }
    result_.batches.push_back(*std::move(batch));
    return Fate::kCarried;
  }

  // What was left out with a warning belongs among the origins too.
  void Complete(EventFate& fate) {
    if (!explain_) return;
    fate.findings.origins = nullptr;
    if (fate.fate != Fate::kBatched && fate.fate != Fate::kCarried) {
      return fate.origins.clear();
    }
    for (const Finding& warning : fate.findings.warnings) {
      const RuleInfo& rule = InfoOf(warning.rule);
      if (rule.policy != Policy::kLeaveOut) continue;
      fate.origins.push_back({warning.signal_path, warning.mparticle_path,
                              absl::StrCat("rule: ", rule.name),
                              warning.description, /*left_out=*/true});
    }
  }

  // What must be equal for two events to share a batch: the user part, but for
  // the times of consent decisions. They are those of the batch's first event;
  // else every event would need a batch of its own.
  absl::string_view Group(const Draft& batch) {
    const Draft* consent = batch.FindMessage(Batch::kConsentStateFieldNumber);
    if (consent == nullptr) return "";
    ClearTimes(*consent);
    group_.Truncate(0);
    Findings unused;
    Write(batch_type_, batch, &group_, unused);
    return group_.text();
  }

  bool Write(const google::protobuf::Descriptor& type, const Draft& draft,
             JsonBuffer* out, Findings& findings) {
    const absl::Status status = writer_.Append(type, draft, out);
    if (!status.ok()) {
      findings.violations.push_back(NotUtf8(status.message()));
    }
    return status.ok();
  }

  const Plan& plan_;
  const Mapper::Options& options_;
  const JsonWriter& writer_;
  const absl::Span<const SourceEvent* const> events_;
  const TimeCheck time_check_;
  const bool explain_;
  const google::protobuf::Descriptor& batch_type_ = *Batch::descriptor();
  const google::protobuf::Descriptor& event_type_ =
      *MparticleEvent::descriptor();

  // What is known of the request's users and batches.
  std::array<std::byte, kRequestMemory> request_bytes_;
  std::pmr::monotonic_buffer_resource memory_{request_bytes_.data(),
                                              request_bytes_.size()};
  Lanes lanes_{memory_};
  Identities identities_{memory_};
  BatchBuilder builder_;
  MappedEvents result_;
  // Used again from event to event: what an event is made of until its JSON is
  // written.
  DraftMemory draft_memory_;
  // The batch's user part, and the event behind it.
  JsonBuffer json_{kUsualJsonBytes};
  size_t user_part_bytes_ = 0;
  // Whose user part it is, where other events may have the same.
  LatestUser latest_user_;
  // Its user part without times.
  JsonBuffer group_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const Mapper>> Mapper::Create(
    const MappingConfig& config, Options options) {
  ASSIGN_OR_RETURN(Plan plan,
                   Plan::Compile(config, {.delete_null_traits =
                                              options.delete_null_traits}));
  return std::unique_ptr<const Mapper>(
      new Mapper(std::move(plan), std::move(options)));
}

Mapper::Mapper(Plan plan, Options options)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      writer_(Batch::descriptor()) {}

std::pair<PreparedBatch, PreparedBatch> Mapper::Halve(
    const PreparedBatch& batch) const {
  const BatchBuilder builder(
      {options_.api_key, options_.integration_id, options_.source_request_id},
      *std::pmr::get_default_resource());
  const size_t count = batch.events.size();
  return {builder.PartOf(batch, 0, count / 2),
          builder.PartOf(batch, count / 2, count)};
}

MappedEvents Mapper::Run(absl::Span<const SourceEvent* const> events,
                         absl::Time now, Explaining explaining) const {
  return Mapping(plan_, options_, writer_, events, now,
                 /*explain=*/explaining == Explaining::kYes)
      .Run();
}

MappedEvents Mapper::Run(absl::Span<const SignalEvent* const> events,
                         absl::Time now, Explaining explaining) const {
  google::protobuf::Arena arena;
  std::vector<SourceEvent> sources;
  sources.reserve(events.size());
  std::vector<const SourceEvent*> pointers;
  for (const SignalEvent* event : events) {
    pointers.push_back(&sources.emplace_back(SourceEventOf(*event, arena)));
  }
  return Run(pointers, now, explaining);
}

MappedEvents Mapper::Map(absl::Span<const SourceEvent* const> events,
                         absl::Time now) const {
  return Run(events, now, Explaining::kNo);
}

MappedEvents Mapper::Explain(absl::Span<const SourceEvent* const> events,
                             absl::Time now) const {
  return Run(events, now, Explaining::kYes);
}

MappedEvents Mapper::Map(absl::Span<const SignalEvent* const> events,
                         absl::Time now) const {
  return Run(events, now, Explaining::kNo);
}

MappedEvents Mapper::Explain(absl::Span<const SignalEvent* const> events,
                             absl::Time now) const {
  return Run(events, now, Explaining::kYes);
}

}  // namespace signal_delivery::mapping
