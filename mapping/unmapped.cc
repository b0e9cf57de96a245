#include "mapping/unmapped.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "mapping/node.h"
#include "mapping/value.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Consent;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using SignalEvent = ::datafly::signal::v1::Event;

// In the order of names.
using Members = std::map<absl::string_view, const Node*>;

constexpr absl::string_view kTraits = "traits.";
constexpr absl::string_view kProperties = "properties.";
constexpr absl::string_view kConsent = "context.consent.";

void Note(std::string path, Findings& findings) {
  findings.origins->push_back(
      {std::move(path), "", "", "no mapping takes it", /*left_out=*/true});
}

Members MembersOf(const ObjectView& object) {
  Members members;
  for (const Member& member : object.members()) {
    members[member.name] = &member.node;
  }
  return members;
}

void NoteNodes(absl::string_view prefix, const Members& members,
               const TakenNodes& taken, Findings& findings) {
  for (const auto& [name, node] : members) {
    if (taken.Contains(node)) continue;
    std::string path = absl::StrCat(prefix, name);
    const Value value = ValueOf(*node);
    const auto* object = std::get_if<ObjectView>(&value);
    if (object == nullptr || object->IsEmpty()) {
      Note(std::move(path), findings);
    } else {
      NoteNodes(absl::StrCat(path, "."), MembersOf(*object), taken, findings);
    }
  }
}

// A path to a field as the schema spells it; a mapping may have it as Signal's
// JSON does (context.userAgent).
std::string Canonical(absl::string_view path) {
  if (absl::StartsWith(path, kConsent)) return std::string(path);
  std::string canonical;
  for (const char c : path) {
    if (absl::ascii_isupper(c)) canonical += '_';
    canonical += absl::ascii_tolower(c);
  }
  return canonical;
}

class FieldNoter {
 public:
  explicit FieldNoter(Findings& findings) : findings_(findings) {
    for (const FieldOrigin& origin : *findings.origins) {
      noted_.insert(Canonical(origin.signal_path));
    }
    for (const Finding& warning : findings.warnings) {
      noted_.insert(Canonical(warning.signal_path));
    }
  }

  void NoteFields(const Message& message, const std::string& prefix) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      std::string path = absl::StrCat(prefix, field->name());
      const google::protobuf::Descriptor* type = field->message_type();
      if (prefix.empty() && IsNoField(*field)) continue;
      if (type == Consent::descriptor()) {
        NoteConsent(static_cast<const Consent&>(
            message.GetReflection()->GetMessage(message, field)));
      } else if (type == nullptr ||
                 type == google::protobuf::Timestamp::descriptor()) {
        NoteField(std::move(path));
      } else {
        NoteFields(message.GetReflection()->GetMessage(message, field),
                   absl::StrCat(path, "."));
      }
    }
  }

 private:
  static bool IsNoField(const FieldDescriptor& field) {
    switch (field.number()) {
      case SignalEvent::kTypeFieldNumber:
      case SignalEvent::kEventFieldNumber:
      case SignalEvent::kPropertiesFieldNumber:
      case SignalEvent::kTraitsFieldNumber:
      case SignalEvent::kEcommerceFieldNumber:
        return true;
      default:
        return false;
    }
  }

  void NoteConsent(const Consent& consent) {
    std::set<std::string> categories;
    for (const auto& [name, granted] : consent.categories()) {
      categories.insert(name);
    }
    for (const auto& [name, granted] : consent.canonical()) {
      categories.insert(name);
    }
    for (const std::string& category : categories) {
      NoteField(absl::StrCat(kConsent, category));
    }
  }

  void NoteField(std::string path) {
    if (!noted_.contains(path)) Note(std::move(path), findings_);
  }

  Findings& findings_;
  absl::flat_hash_set<std::string> noted_;
};

}  // namespace

void NoteUnmapped(const EventView& view, const TakenNodes& taken,
                  Findings& findings) {
  if (findings.origins == nullptr) return;
  FieldNoter(findings).NoteFields(view.event->fields.ToMessage(), "");
  // Of a trait that is told and said, the one that was said.
  Members traits = MembersOf(view.event->traits);
  if (view.told_traits != nullptr) {
    const std::vector<ObjectView> told = view.told_traits->runs();
    for (auto run = told.rbegin(); run != told.rend(); ++run) {
      traits.merge(MembersOf(*run));
    }
  }
  NoteNodes(kTraits, traits, taken, findings);
}

void NoteUnmappedProperties(const EventView& view, const TakenNodes& taken,
                            Findings& findings) {
  if (findings.origins == nullptr) return;
  NoteNodes(kProperties, MembersOf(view.event->properties), taken, findings);
}

}  // namespace signal_delivery::mapping
