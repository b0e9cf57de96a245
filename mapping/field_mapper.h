#ifndef MAPPING_FIELD_MAPPER_H_
#define MAPPING_FIELD_MAPPER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "mapping/field_value.h"
#include "mapping/findings.h"
#include "mapping/leftovers.h"
#include "mapping/mapping_config.h"
#include "mapping/source_path.h"
#include "mapping/target_path.h"
#include "mapping/transform.h"

namespace signal_delivery::mapping {

// One FieldMapping, checked against the schemas and ready to run. Immutable,
// thread-safe.
class FieldMapper {
 public:
  // `mapping` writes into messages of type `root`, which stand at
  // `root_prefix` ("" or "data.") of what the configuration calls its target.
  // The error says where in the file what is wrong.
  static absl::StatusOr<FieldMapper> Compile(
      const FieldMapping& mapping, const google::protobuf::Descriptor& root,
      absl::string_view root_prefix);

  // Takes the value from `view`, if there is one, and writes it into `root`.
  // Appends to `taken` the nodes it took, and to `findings` a warning for what
  // it had to leave out or convert.
  void Map(const EventView& view, google::protobuf::Message& root,
           TakenNodes& taken, Findings& findings) const;

  // The target as the configuration has it.
  const std::string& target() const { return target_text_; }
  // The first source; empty for a fixed value.
  absl::string_view first_source() const {
    return sources_.empty() ? absl::string_view() : sources_.front().text();
  }

 private:
  FieldMapper(TargetPath target, Transform transform)
      : target_(std::move(target)), transform_(transform) {}

  static absl::StatusOr<FieldMapper> CompileAt(
      const FieldMapping& mapping, const google::protobuf::Descriptor& root,
      absl::string_view root_prefix, bool in_element);

  void MapAt(const EventView& view, const Place* place,
             google::protobuf::Message& root, TakenNodes& taken,
             Findings& findings) const;
  // `found` is a list of objects, or a single one.
  void MapElements(const EventView& view, const Place* place,
                   const SourcePath& source, const SourcePath::Found& found,
                   google::protobuf::Message& root, TakenNodes& taken,
                   Findings& findings) const;
  // False where nothing of the element was mapped, and so nothing was added.
  bool MapElement(const EventView& view, const Place& place,
                  google::protobuf::Message& root, TakenNodes& taken,
                  Findings& findings) const;

  std::vector<SourcePath> sources_;
  std::optional<FieldValue> fixed_;
  TargetPath target_;
  std::string target_text_;
  Transform transform_;
  std::vector<FieldMapper> each_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_FIELD_MAPPER_H_
