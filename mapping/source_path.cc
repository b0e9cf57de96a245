#include "mapping/source_path.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "mapping/consent.h"
#include "mapping/ecommerce_nodes.h"
#include "mapping/nearest_word.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::datafly::signal::v1::EventType;
using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Timestamp;

constexpr char kProperties[] = "properties";

std::vector<std::string> FieldNames(const Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    if (IsReadAsProperties(*message.field(i))) continue;
    names.push_back(message.field(i)->name());
  }
  return names;
}

absl::StatusOr<const FieldDescriptor*> FindField(const Descriptor& message,
                                                 const std::string& name,
                                                 absl::string_view path) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  if (field == nullptr) field = message.FindFieldByCamelcaseName(name);
  if (field != nullptr) return field;
  return absl::InvalidArgumentError(
      absl::StrCat("a Signal event has no field \"", path, "\"",
                   Suggestion(name, FieldNames(message))));
}

// The user, or what an event tells of it.
bool BelongsToUser(const FieldDescriptor& field) {
  switch (field.number()) {
    case Event::kUserIdFieldNumber:
    case Event::kAnonymousIdFieldNumber:
    case Event::kTraitsFieldNumber:
    case Event::kContextFieldNumber:
      return true;
    default:
      return false;
  }
}

// The one time that an event has.
bool IsTime(const FieldDescriptor& field) {
  return field.message_type() == Timestamp::descriptor();
}

Value NameOf(EventType type) {
  switch (type) {
    case EventType::EVENT_TYPE_TRACK:
      return absl::string_view("track");
    case EventType::EVENT_TYPE_PAGE:
      return absl::string_view("page");
    case EventType::EVENT_TYPE_IDENTIFY:
      return absl::string_view("identify");
    case EventType::EVENT_TYPE_GROUP:
      return absl::string_view("group");
    default:
      return std::monostate();
  }
}

Value TimeOf(const EventFields& event) {
  if (!event.timestamp().has_value()) return std::monostate();
  return event.time();
}

}  // namespace

absl::StatusOr<SourcePath> SourcePath::IntoEvent(absl::string_view path) {
  SourcePath source;
  source.text_ = std::string(path);
  std::vector<std::string> steps = absl::StrSplit(path, '.');
  if (std::find(steps.begin(), steps.end(), "") != steps.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" has an empty step"));
  }
  const Descriptor* message = Event::descriptor();
  const FieldDescriptor* last = nullptr;
  std::vector<std::string> names;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (message == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", absl::StrJoin(steps.begin(), steps.begin() + i, "."),
          "\" is a single value; nothing stands below it"));
    }
    absl::StatusOr<const FieldDescriptor*> field =
        FindField(*message, steps[i], path);
    if (!field.ok()) return field.status();
    if (i == 0) source.is_of_user_ = BelongsToUser(**field);

    const auto keys_from_here = [&](Root root) {
      source.root_ = root;
      source.SetKeys({steps.begin() + i + 1, steps.end()});
      return source;
    };
    if (message == Event::descriptor()) {
      switch ((*field)->number()) {
        case Event::kPropertiesFieldNumber:
          return keys_from_here(Root::kProperties);
        case Event::kTraitsFieldNumber:
          return keys_from_here(Root::kTraits);
        case Event::kUserIdFieldNumber:
          source.root_ = Root::kUserId;
          break;
        case Event::kTypeFieldNumber:
          source.root_ = Root::kType;
          break;
        case Event::kEcommerceFieldNumber:
          steps.front() = kProperties;
          return absl::InvalidArgumentError(
              absl::StrCat("what an event has in \"", (*field)->name(),
                           "\" is read as its properties; write \"",
                           absl::StrJoin(steps, "."), "\""));
      }
    }
    message = (*field)->message_type();
    if (message == datafly::signal::v1::Consent::descriptor() &&
        i + 2 == steps.size()) {
      return keys_from_here(Root::kConsent);
    }
    last = *field;
    names.push_back(last->name());
    if (IsTime(*last)) message = nullptr;
  }
  if (source.root_ != Root::kText) return source;
  if (IsTime(*last)) {
    source.root_ = Root::kTime;
    return source;
  }
  source.event_text_ = FindEventText(absl::StrJoin(names, "."));
  if (source.event_text_ == nullptr) {
    const std::string below =
        message == nullptr
            ? ""
            : absl::StrCat("; below it there is: ",
                           absl::StrJoin(FieldNames(*message), ", "));
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" is not a single value", below));
  }
  return source;
}

SourcePath SourcePath::IntoElement(absl::string_view path) {
  SourcePath source;
  source.text_ = std::string(path);
  source.root_ = Root::kElement;
  source.SetKeys(absl::StrSplit(path, '.'));
  return source;
}

void SourcePath::SetKeys(const std::vector<std::string>& keys) {
  keys_.clear();
  for (const std::string& key : keys) keys_.emplace_back(key);
}

SourcePath::Found SourcePath::Read(const EventView& view) const {
  switch (root_) {
    case Root::kType:
      return {NameOf(view.event->fields.type())};
    case Root::kText:
      return {ReadText(view.event->fields)};
    case Root::kTime:
      return {TimeOf(view.event->fields)};
    case Root::kUserId:
      if (view.user_id.empty()) return {};
      return {view.user_id};
    case Root::kTraits:
      return ReadTraits(view);
    case Root::kProperties:
      return ReadKeys(view.event->properties);
    case Root::kConsent:
      return {ReadConsent(view.event->fields)};
    case Root::kElement:
      return ReadKeys(view.element);
  }
  return {};
}

ValueKinds SourcePath::kinds() const {
  switch (root_) {
    case Root::kType:
    case Root::kText:
    case Root::kUserId:
      return kText;
    case Root::kTime:
      return kTime;
    case Root::kConsent:
      return kBoolean;
    default:
      return keys_.empty() ? kObject : kAnything;
  }
}

Value SourcePath::ReadText(const EventFields& event) const {
  const std::optional<absl::string_view> text = event_text_(event);
  if (!text.has_value()) return std::monostate();
  return *text;
}

Value SourcePath::ReadConsent(const EventFields& event) const {
  const std::optional<bool> granted = ConsentTo(event, keys_.front().text());
  if (!granted.has_value()) return std::monostate();
  return *granted;
}

SourcePath::Found SourcePath::ReadTraits(const EventView& view) const {
  const ObjectView& own = view.event->traits;
  if (keys_.empty()) {
    if (own.exists()) return {own};
    if (view.told_traits == nullptr) return {};
    return {view.told_traits->All()};
  }
  const Node* const node = own.Find(keys_.front());
  return ReadKeysBelow(node == nullptr && view.told_traits != nullptr
                           ? view.told_traits->Find(keys_.front())
                           : node);
}

SourcePath::Found SourcePath::ReadKeys(const ObjectView& start) const {
  if (!start.exists()) return {};
  if (keys_.empty()) return {start};
  return ReadKeysBelow(start.Find(keys_.front()));
}

SourcePath::Found SourcePath::ReadKeysBelow(const Node* node) const {
  for (size_t i = 1; i < keys_.size() && node != nullptr; ++i) {
    if (node->kind() != Node::Kind::kObject) return {};
    node = node->object().Find(keys_[i]);
  }
  if (node == nullptr) return {};
  return {ValueOf(*node), node};
}

}  // namespace signal_delivery::mapping
