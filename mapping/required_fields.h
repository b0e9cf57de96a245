#ifndef MAPPING_REQUIRED_FIELDS_H_
#define MAPPING_REQUIRED_FIELDS_H_

#include <string>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "google/protobuf/descriptor.h"
#include "mapping/draft.h"
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

  // Removes from `draft`, a message of `type`, the parts that lack what they
  // require, each with a warning, and those that are empty without them;
  // returns what `draft` itself then lacks. A commerce event of more than one
  // part is a violation. `place` is where the draft is.
  std::vector<std::string> Enforce(const google::protobuf::Descriptor& type,
                                   Draft& draft, const Place* place,
                                   Findings& findings) const;

 private:
  struct Rules;
  // A field below which something is required.
  struct Part {
    const google::protobuf::FieldDescriptor* field;
    // Of the messages in it.
    const Rules* rules;
  };
  struct Rules {
    std::vector<const google::protobuf::FieldDescriptor*> required;
    std::vector<Part> parts;
    bool is_commerce_event = false;

    bool AreNone() const {
      return required.empty() && parts.empty() && !is_commerce_event;
    }
  };

  const Rules& Learn(const google::protobuf::Descriptor& type);

  static std::vector<std::string> Enforce(const Rules& rules, Draft& draft,
                                          const Place* place,
                                          Findings& findings);
  static void EnforceOnPart(const Part& part, Draft& draft, const Place* place,
                            Findings& findings);
  static void EnforceOnItems(const Part& part, Draft& draft,
                             const Place& list_place, Findings& findings);

  // A type's rules stay where they are when others are added.
  absl::node_hash_map<const google::protobuf::Descriptor*, Rules> rules_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_REQUIRED_FIELDS_H_
