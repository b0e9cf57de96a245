#ifndef MAPPING_FIELD_MAPPER_H_
#define MAPPING_FIELD_MAPPER_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "mapping/draft.h"
#include "mapping/field_mapping.h"
#include "mapping/field_value.h"
#include "mapping/findings.h"
#include "mapping/leftovers.h"
#include "mapping/source_path.h"
#include "mapping/target_path.h"
#include "mapping/value_pipeline.h"

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
  void Map(const EventView& view, Draft& root, TakenNodes& taken,
           Findings& findings) const;

  // True where a trait that it reads is null, and no source has a value: who
  // sent it took the trait away.
  bool IsTraitTakenAway(const EventView& view) const;

  // True where it reads single values of the user, the traits and the context
  // alone.
  bool ReadsOnlyUser() const;
  // True where it maps objects among the traits, of which it takes what no
  // mapping took.
  bool MapsObjectsOfTraits() const;

  // The target as the configuration has it, and what it means.
  const std::string& target() const { return target_text_; }
  const TargetPath& target_path() const { return target_; }
  // True where it writes the same value into every event.
  bool is_fixed() const { return fixed_.has_value(); }
  // "file:line:column", the file without its folders.
  const std::string& location() const { return location_; }
  absl::Span<const SourcePath> sources() const { return sources_; }
  // The first source; empty for a fixed value.
  absl::string_view first_source() const {
    return sources_.empty() ? absl::string_view() : sources_.front().text();
  }

 private:
  // A value of the configuration in the form that the target takes.
  struct ConfiguredValue {
    std::shared_ptr<const std::string> text;  // that the value borrows
    Draft::Value value;
  };

  explicit FieldMapper(TargetPath target)
      : target_(std::move(target)), rules_(target_.rules()) {}

  static absl::StatusOr<FieldMapper> CompileAt(
      const FieldMapping& mapping, const google::protobuf::Descriptor& root,
      absl::string_view root_prefix, bool in_element);
  absl::Status CompileElements(const FieldMapping& mapping);
  // `key` is how the configuration calls the scalar.
  absl::StatusOr<ConfiguredValue> Fit(const Scalar& scalar,
                                      absl::string_view key,
                                      const FieldMapping& mapping) const;

  void MapAt(const EventView& view, const Place* place, Draft& root,
             TakenNodes& taken, Findings& findings) const;
  // False where the value turns out to be none.
  bool MapValue(const SourcePath& source, const Value& value,
                const Place* place, Draft& root, Findings& findings) const;
  void WriteValue(const SourcePath& source, const Value& value,
                  const Place* place, Draft& root, Findings& findings) const;
  // `found` is a list of objects, or a single one. False where nothing of it
  // was mapped.
  bool MapElements(const EventView& view, const Place* place,
                   const SourcePath& source, const SourcePath::Found& found,
                   Draft& root, TakenNodes& taken, Findings& findings) const;
  // False where nothing of the element was mapped, and so nothing was added.
  bool MapElement(const EventView& view, const Place& place, Draft& root,
                  TakenNodes& taken, Findings& findings) const;
  // Each notes something where somebody asked for it.
  void NoteOrigin(const Place* place, absl::string_view source,
                  absl::string_view what, Findings& findings) const {
    if (findings.origins == nullptr) return;
    AddOrigin(place, source, what, *findings.origins);
  }
  void AddOrigin(const Place* place, absl::string_view source,
                 absl::string_view what,
                 std::vector<FieldOrigin>& origins) const;
  // Notes that what the source has is not in the batch; `what` says why.
  void NoteLeftOut(const Place* place, const SourcePath& source,
                   absl::string_view what, Findings& findings) const;
  // The same where that is null or an empty text; not where there is nothing.
  void NoteNothing(const Place* place, const SourcePath& source,
                   const SourcePath::Found& found, Findings& findings) const;

  std::string location_;
  std::vector<SourcePath> sources_;
  std::optional<ConfiguredValue> fixed_;
  std::optional<ConfiguredValue> default_;
  TargetPath target_;
  ValueRules rules_;
  std::string target_text_;
  ValuePipeline pipeline_;
  // For a list of objects: how an element is mapped, and where what no mapping
  // takes of it goes.
  std::vector<FieldMapper> each_;
  std::optional<LeftoverTarget> element_leftovers_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_FIELD_MAPPER_H_
