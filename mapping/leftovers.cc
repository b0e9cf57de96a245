#include "mapping/leftovers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "mapping/field_value.h"
#include "mapping/struct_text.h"
#include "mapping/value.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::ListValue;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using ::google::protobuf::Struct;

constexpr char kCustomAttributes[] = "custom_attributes";

class LeftoverWriter {
 public:
  LeftoverWriter(const TakenNodes& taken, const Place& place, Message& holder,
                 Findings& findings)
      : taken_(taken),
        place_(place),
        holder_(holder),
        findings_(findings),
        map_(holder.GetDescriptor()->FindFieldByName(kCustomAttributes)) {
    if (map_ == nullptr) return;
    const Reflection& reflection = *holder_.GetReflection();
    for (int i = 0; i < reflection.FieldSize(holder_, map_); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(holder_, map_, i);
      names_.insert(entry.GetReflection()->GetString(
          entry, map_->message_type()->map_key()));
    }
  }

  void Write(const Struct& object, const std::string& prefix) {
    // In the order of names: a Struct's own order changes from run to run, and
    // the same event must always make the same bytes.
    std::vector<std::pair<absl::string_view, const google::protobuf::Value*>>
        members;
    members.reserve(object.fields_size());
    for (const auto& [name, node] : object.fields()) {
      if (std::find(taken_.begin(), taken_.end(), &node) == taken_.end()) {
        members.emplace_back(name, &node);
      }
    }
    std::sort(members.begin(), members.end());
    for (const auto& [name, node] : members) {
      WriteNode(absl::StrCat(prefix, name), *node);
    }
  }

 private:
  void WriteNode(std::string name, const google::protobuf::Value& node) {
    if (node.has_struct_value()) {
      return Write(node.struct_value(), absl::StrCat(name, "."));
    }
    Value value = FromProto(node);
    if (std::holds_alternative<std::monostate>(value)) return;
    if (const auto* list = std::get_if<const ListValue*>(&value)) {
      value = ListAsText(**list);
    }
    if (map_ == nullptr) {
      return Leave(name, "mParticle has no place for it here; left out");
    }
    const FieldDescriptor* value_field = map_->message_type()->map_value();
    const FieldValue fitted =
        FitToField(*value_field, TextFormat::TEXT_FORMAT_UNSPECIFIED, value);
    if (fitted.fit == FieldValue::Fit::kUnfit) {
      return Leave(name, absl::StrCat(fitted.note, "; left out"));
    }
    if (!names_.insert(name).second) {
      return Leave(name, "another value has the same name; left out");
    }
    Message* entry = holder_.GetReflection()->AddMessage(&holder_, map_);
    entry->GetReflection()->SetString(entry, map_->message_type()->map_key(),
                                      std::move(name));
    SetField(*entry, *value_field, fitted);
  }

  void Leave(absl::string_view name, std::string reason) {
    findings_.warnings.push_back(
        {SignalPath(&place_, name),
         map_ == nullptr
             ? ""
             : MparticlePath(&place_,
                             absl::StrCat(kCustomAttributes, ".", name)),
         std::move(reason)});
  }

  const TakenNodes& taken_;
  const Place& place_;
  Message& holder_;
  Findings& findings_;
  const FieldDescriptor* map_;
  // Names that have an attribute already.
  absl::flat_hash_set<std::string> names_;
};

}  // namespace

void WriteLeftovers(const Struct& object, const TakenNodes& taken,
                    const Place& place, Message& holder, Findings& findings) {
  LeftoverWriter(taken, place, holder, findings).Write(object, "");
}

}  // namespace signal_delivery::mapping
