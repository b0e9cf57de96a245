#ifndef MAPPING_REQUIRED_FIELDS_H_
#define MAPPING_REQUIRED_FIELDS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "mapping/findings.h"

namespace signal_delivery::mapping {

// What mParticle requires of a batch's parts (the `required` annotations of the
// batch schema, and the one rule it cannot express: a commerce event has
// exactly one of product action, promotion action and impressions).
//
// Immutable, thread-safe.
class RequiredFields {
 public:
  // Knows `root` and every message type reachable from it.
  explicit RequiredFields(const google::protobuf::Descriptor& root);

  // Removes from `message` the parts that lack what they require, each with a
  // warning, and those that are empty without them; returns what `message`
  // itself then lacks. A commerce event of more than one part is a violation.
  // `path` is where `message` is.
  std::vector<std::string> Enforce(google::protobuf::Message& message,
                                   const std::string& path,
                                   Findings& findings) const;

 private:
  struct Rules {
    std::vector<const google::protobuf::FieldDescriptor*> required;
    // The fields below which something is required.
    std::vector<const google::protobuf::FieldDescriptor*> parts;
  };

  // True if something is required of `type` or below it.
  bool Learn(const google::protobuf::Descriptor& type);

  void EnforceOnParts(google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field,
                      const std::string& path, Findings& findings) const;

  absl::flat_hash_map<const google::protobuf::Descriptor*, Rules> rules_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_REQUIRED_FIELDS_H_
