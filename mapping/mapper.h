#ifndef MAPPING_MAPPER_H_
#define MAPPING_MAPPER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/descriptor.h"
#include "mapping/consent.h"
#include "mapping/event_time.h"
#include "mapping/findings.h"
#include "mapping/json_writer.h"
#include "mapping/mapping_config.h"
#include "mapping/plan.h"
#include "mapping/prepared_batch.h"
#include "mapping/source_event.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {

// What mapping decided about one event.
enum class Fate {
  // It is in a batch.
  kBatched,
  // An identify whose traits are in at least one batch: with events, or alone.
  kCarried,
  // Dropped by configuration.
  kNotMapped,
  kMappingDisabled,
  kConsentNotGranted,
  // An identify that no sent event of the request could carry.
  kNothingToCarry,
  // Rejected: see the violations.
  kInvalid,
  // Rejected, with a violation too: alone larger than a batch may be.
  kTooLarge,
};

struct EventFate {
  Fate fate = Fate::kNotMapped;
  Findings findings;
  // The event or screen name under which mParticle counts it; "" for kinds of
  // event that it does not count. Only with kBatched.
  std::string counted_name;
  // Its field in the event's data; nullptr where there is no name.
  const google::protobuf::FieldDescriptor* counted_field = nullptr;
  // With Mapper::Explain: where each field of its batch comes from, and what
  // is not in it.
  std::vector<FieldOrigin> origins;
  // The category that was not granted, with kConsentNotGranted.
  std::string consent_category;
};

// What became of a request's events.
struct MappedEvents {
  // Those of a lane in order; see PreparedBatch::lane.
  std::vector<PreparedBatch> batches;
  // One per event, in the order given.
  std::vector<EventFate> fates;
};

// Turns Signal events into mParticle batches as one integration's
// configuration says. The one public entry to this folder.
//
// Pure: the same events in the same order give the same batches, byte for byte.
// It knows no network and no clock; the time it is told only decides about
// events too old or too new (TimePolicy). Immutable, thread-safe.
class Mapper {
 public:
  struct Options {
    mparticle::events::v2::Environment environment =
        mparticle::events::v2::ENVIRONMENT_PRODUCTION;
    // Parts of the hash that is the source_request_id.
    std::string api_key;
    std::string integration_id;
    // Whether batches carry one.
    bool source_request_id = true;
    ConsentGate consent;
    // For events of the future, and of more than 30 days ago.
    TimePolicy in_future = TimePolicy::kSend;
    TimePolicy too_old = TimePolicy::kSend;
    // An identify that no event of the request carries is sent as a batch
    // without events, which updates the profile.
    bool send_lone_identifies = false;
    // A trait that is null deletes the user attribute that it is mapped to.
    bool delete_null_traits = false;
    // The most events of a batch; 0: as many as its size allows.
    size_t max_events_per_batch = 0;
  };

  // The error says where in the configuration what is wrong.
  static absl::StatusOr<std::unique_ptr<const Mapper>> Create(
      const MappingConfig& config, Options options);

  // Never fails as a whole: each event has its fate. `events` are borrowed for
  // the call; none is null.
  MappedEvents Map(absl::Span<const SourceEvent* const> events,
                   absl::Time now) const;
  // The same, and says of each field where it comes from.
  MappedEvents Explain(absl::Span<const SourceEvent* const> events,
                       absl::Time now) const;

  // The same of events that were not read from the wire.
  MappedEvents Map(absl::Span<const datafly::signal::v1::Event* const> events,
                   absl::Time now) const;
  MappedEvents Explain(
      absl::Span<const datafly::signal::v1::Event* const> events,
      absl::Time now) const;

  // The two halves of a batch that was refused, which has two events at least.
  // Each is what Map would make of its events alone, with an id of its own.
  std::pair<PreparedBatch, PreparedBatch> Halve(
      const PreparedBatch& batch) const;

 private:
  enum class Explaining { kNo, kYes };

  MappedEvents Run(absl::Span<const SourceEvent* const> events, absl::Time now,
                   Explaining explaining) const;
  MappedEvents Run(absl::Span<const datafly::signal::v1::Event* const> events,
                   absl::Time now, Explaining explaining) const;

  Mapper(Plan plan, Options options);

  const Plan plan_;
  const Options options_;
  const JsonWriter writer_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_MAPPER_H_
