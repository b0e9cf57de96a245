#ifndef MAPPING_MAPPER_H_
#define MAPPING_MAPPER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/consent.h"
#include "mapping/findings.h"
#include "mapping/json_writer.h"
#include "mapping/mapping_config.h"
#include "mapping/plan.h"
#include "mapping/prepared_batch.h"
#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {

// What mapping decided about one event.
enum class Fate {
  // It is in a batch.
  kBatched,
  // An identify whose traits are in at least one batch.
  kCarried,
  // Dropped by configuration.
  kNotMapped,
  kMappingDisabled,
  kConsentNotGranted,
  // An identify that no sent event of the request could carry.
  kNothingToCarry,
  // Rejected: see the violations.
  kInvalid,
  // Rejected: alone larger than a batch may be.
  kTooLarge,
};

struct EventFate {
  Fate fate = Fate::kNotMapped;
  Findings findings;
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
// It knows no network and no clock. Immutable, thread-safe.
class Mapper {
 public:
  struct Options {
    mparticle::events::v2::Environment environment =
        mparticle::events::v2::ENVIRONMENT_PRODUCTION;
    // Part of the hash that is the source_request_id.
    std::string api_key;
    // Whether batches carry one.
    bool source_request_id = true;
    ConsentGate consent;
  };

  // The error says where in the configuration what is wrong.
  static absl::StatusOr<std::unique_ptr<const Mapper>> Create(
      const MappingConfig& config, Options options);

  // Never fails as a whole: each event has its fate. `events` are borrowed for
  // the call; none is null.
  MappedEvents Map(
      absl::Span<const datafly::signal::v1::Event* const> events) const;

 private:
  Mapper(Plan plan, Options options);

  const Plan plan_;
  const Options options_;
  const JsonWriter writer_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_MAPPER_H_
