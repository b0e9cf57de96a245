#ifndef MAPPING_KNOWN_PATHS_H_
#define MAPPING_KNOWN_PATHS_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

// The sources and targets that there are, from the schemas: for the reference
// page, and for tests that try them all.
namespace signal_delivery::mapping {

// A source or a target.
struct KnownPath {
  // As a mapping says it, with NAME, KEY or CATEGORY for what is free.
  std::string path;
  // What it gives or takes: "a text, at most 256 characters".
  std::string value;
};

// Sources of a Signal event.
std::vector<KnownPath> KnownSources();

// Targets in messages of type `message`, which stand at `prefix` ("", "data.").
// Without what the service fills itself. A list of objects is a target; what is
// in its objects is that of their type.
std::vector<KnownPath> KnownTargets(const google::protobuf::Descriptor& message,
                                    const std::string& prefix);

// The types of the objects in lists below `message`, each once.
std::vector<const google::protobuf::Descriptor*> ListedTypes(
    const google::protobuf::Descriptor& message);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_KNOWN_PATHS_H_
