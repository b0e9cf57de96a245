#ifndef MAPPING_PLAN_CHECKS_H_
#define MAPPING_PLAN_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "mapping/field_mapper.h"
#include "mapping/mapping_config.h"

// What can be said of an event's mappings together before there is an event.
namespace signal_delivery::mapping {

// Whether `target` is `path` or something in it: an entry, a field, an element.
bool IsAtOrBelow(absl::string_view target, absl::string_view path);

// The first mapper to `path` or to something below it; nullptr: none.
const FieldMapper* FindMapper(const std::vector<FieldMapper>& mappers,
                              absl::string_view path);

// The parts of which a commerce event has exactly one.
std::vector<std::string> CommerceParts();

// An error where `mappers` never write what an event of `kind` must have.
absl::Status CheckRequiredFields(const google::protobuf::FieldDescriptor& kind,
                                 const EventMapping& mapping,
                                 const std::vector<FieldMapper>& mappers);

// What mappers were compiled of, for errors: they name the place where the user
// can mend it, which is never in a preset.
struct MapperOrigins {
  const std::vector<FieldMapping>& global;
  // nullptr: an identify has no mappings of its own.
  const EventMapping* event;
};

// An error where they write a part of a batch, such as a product action, but
// never what mParticle requires of it.
absl::Status CheckParts(const std::vector<FieldMapper>& mappers,
                        const MapperOrigins& origins);

// An error where they write more attributes than mParticle takes.
absl::Status CheckAttributeCounts(const std::vector<FieldMapper>& mappers,
                                  const MapperOrigins& origins);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_PLAN_CHECKS_H_
