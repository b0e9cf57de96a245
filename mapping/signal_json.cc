#include "mapping/signal_json.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "mapping/ecommerce_nodes.h"
#include "mapping/json_documents.h"
#include "mapping/source_event.h"
#include "mapping/struct_json.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Consent;
using ::datafly::signal::v1::Event;
using ::datafly::signal::v1::EventType;
using ::google::protobuf::DynamicCastToGenerated;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Struct;
using ::google::protobuf::Timestamp;
using ::nlohmann::json;
using Grants = google::protobuf::Map<std::string, bool>;

// google.protobuf.Timestamp's own range, 0001-01-01 to 9999-12-31.
constexpr absl::Duration kMinTime = absl::Seconds(-62135596800);
constexpr absl::Duration kEndTime = absl::Seconds(253402300800);

struct TypeName {
  EventType type;
  const char* name;
};
constexpr TypeName kTypeNames[] = {
    {datafly::signal::v1::EVENT_TYPE_TRACK, "track"},
    {datafly::signal::v1::EVENT_TYPE_PAGE, "page"},
    {datafly::signal::v1::EVENT_TYPE_IDENTIFY, "identify"},
    {datafly::signal::v1::EVENT_TYPE_GROUP, "group"},
};

// ---- reading: the message's descriptor says what to look for ----------------

absl::Status ReadType(const json& from, const std::string& path,
                      const FieldDescriptor& field, Message* to) {
  if (!from.is_string()) return WrongJsonType(path, "a string", from);
  const std::string& text = from.get_ref<const std::string&>();
  for (const TypeName& known : kTypeNames) {
    if (text != known.name) continue;
    to->GetReflection()->SetEnumValue(to, &field, known.type);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path,
                   ": expected \"track\", \"page\", \"identify\" or \"group\", "
                   "found another "
                   "string"));
}

absl::Status ReadTimestamp(const json& from, const std::string& path,
                           Timestamp* to) {
  if (!from.is_string()) return WrongJsonType(path, "a string", from);
  absl::Time time;
  std::string unused;
  const bool parsed = absl::ParseTime(
      absl::RFC3339_full, from.get_ref<const std::string&>(), &time, &unused);
  const absl::Duration since_epoch = time - absl::UnixEpoch();
  if (!parsed || since_epoch < kMinTime || since_epoch >= kEndTime) {
    return absl::InvalidArgumentError(
        absl::StrCat(path,
                     ": expected ISO 8601 with a time zone, for example "
                     "\"2026-02-25T14:30:00.000Z\""));
  }
  const std::int64_t seconds = absl::ToUnixSeconds(time);  // rounds down
  to->set_seconds(seconds);
  to->set_nanos(static_cast<std::int32_t>(
      (time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return absl::OkStatus();
}

absl::Status ReadGrants(const json& from, const std::string& path, Grants* to) {
  if (!from.is_object()) return WrongJsonType(path, "an object", from);
  for (const auto& [category, granted] : from.items()) {
    if (granted.is_null()) continue;
    if (!granted.is_boolean()) {
      return WrongJsonType(absl::StrCat(path, ".", category), "a boolean",
                           granted);
    }
    (*to)[category] = granted.get<bool>();
  }
  return absl::OkStatus();
}

absl::Status ReadConsent(const json& from, const std::string& path,
                         Consent* to) {
  if (!from.is_object()) return WrongJsonType(path, "an object", from);
  const auto categories = from.find("categories");
  const auto canonical = from.find("canonical");
  const auto is_map = [&](json::const_iterator it) {
    return it != from.end() && it->is_object();
  };
  if (!is_map(categories) && !is_map(canonical)) {
    return ReadGrants(from, path, to->mutable_categories());
  }
  if (categories != from.end() && !categories->is_null()) {
    absl::Status status =
        ReadGrants(*categories, absl::StrCat(path, ".categories"),
                   to->mutable_categories());
    if (!status.ok()) return status;
  }
  if (canonical != from.end() && !canonical->is_null()) {
    return ReadGrants(*canonical, absl::StrCat(path, ".canonical"),
                      to->mutable_canonical());
  }
  return absl::OkStatus();
}

absl::Status ReadMessage(const json& from, const std::string& path,
                         Message* to);

absl::Status ReadField(const json& from, const std::string& path,
                       const FieldDescriptor& field, Message* to) {
  const google::protobuf::Reflection& reflection = *to->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (!from.is_string()) return WrongJsonType(path, "a string", from);
      reflection.SetString(to, &field, from.get<std::string>());
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:  // `type` is the only one.
      return ReadType(from, path, field, to);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* child = reflection.MutableMessage(to, &field);
      if (auto* value = DynamicCastToGenerated<Struct>(child)) {
        return StructFromJson(from, path, value);
      }
      if (auto* value = DynamicCastToGenerated<Timestamp>(child)) {
        return ReadTimestamp(from, path, value);
      }
      if (auto* value = DynamicCastToGenerated<Consent>(child)) {
        return ReadConsent(from, path, value);
      }
      return ReadMessage(from, path, child);
    }
    default:
      return absl::InternalError(absl::StrCat(
          field.full_name(), ": a type that Signal's events lack"));
  }
}

absl::Status ReadMessage(const json& from, const std::string& path,
                         Message* to) {
  if (!from.is_object()) return WrongJsonType(path, "an object", from);
  const google::protobuf::Descriptor& descriptor = *to->GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (IsReadAsProperties(field)) {
      const auto member = from.find(field.name());
      if (member == from.end() || member->is_null()) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          path, path.empty() ? "" : ".", field.name(),
          ": JSON has all properties in \"properties\"; move them there"));
    }
    auto member = from.find(field.json_name());
    if (member == from.end() || member->is_null())
      member = from.find(field.name());
    if (member == from.end() || member->is_null()) continue;
    absl::Status status = ReadField(
        *member, absl::StrCat(path, path.empty() ? "" : ".", member.key()),
        field, to);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// ---- writing ----------------------------------------------------------------

json GrantsToJson(const Grants& grants) {
  json object = json::object();
  for (const auto& [category, granted] : grants) object[category] = granted;
  return object;
}

json ConsentToJson(const Consent& consent) {
  json object = json::object();
  if (!consent.categories().empty()) {
    object["categories"] = GrantsToJson(consent.categories());
  }
  if (!consent.canonical().empty()) {
    object["canonical"] = GrantsToJson(consent.canonical());
  }
  return object;
}

std::string TimestampToText(const Timestamp& timestamp) {
  // Milliseconds, as Signal writes them, unless there is more to keep.
  const bool milliseconds = timestamp.nanos() % 1'000'000 == 0;
  return absl::FormatTime(
      milliseconds ? "%E4Y-%m-%dT%H:%M:%E3SZ" : "%E4Y-%m-%dT%H:%M:%E9SZ",
      absl::FromUnixSeconds(timestamp.seconds()) +
          absl::Nanoseconds(timestamp.nanos()),
      absl::UTCTimeZone());
}

json MessageToJson(const Message& message) {
  if (const auto* value = DynamicCastToGenerated<Struct>(&message)) {
    return StructToJson(*value);
  }
  if (const auto* value = DynamicCastToGenerated<Timestamp>(&message)) {
    return TimestampToText(*value);
  }
  if (const auto* value = DynamicCastToGenerated<Consent>(&message)) {
    return ConsentToJson(*value);
  }
  json object = json::object();
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      object[field->json_name()] = reflection.GetString(message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      object[field->json_name()] =
          MessageToJson(reflection.GetMessage(message, field));
    } else {
      const int type = reflection.GetEnumValue(message, field);
      for (const TypeName& known : kTypeNames) {
        if (known.type == type) object[field->json_name()] = known.name;
      }
    }
  }
  return object;
}

}  // namespace

absl::StatusOr<Event> EventFromJson(absl::string_view text) {
  JsonDocuments documents(text);
  absl::StatusOr<json> document = documents.Next();
  if (!document.ok()) return document.status();
  if (!documents.AtEnd()) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", documents.Line(),
                     ": expected one event, found more text after it"));
  }
  Event event;
  absl::Status status = ReadMessage(*document, "", &event);
  if (!status.ok()) return status;
  return event;
}

absl::StatusOr<std::vector<Event>> EventsFromJson(absl::string_view text) {
  std::vector<Event> events;
  const auto read = [&events](const json& from) {
    const std::string path = absl::StrCat("events[", events.size(), "]");
    return ReadMessage(from, path, &events.emplace_back());
  };
  for (JsonDocuments documents(text); !documents.AtEnd();) {
    const std::size_t line = documents.Line();
    absl::StatusOr<json> document = documents.Next();
    if (!document.ok()) return document.status();
    if (document->is_array()) {
      for (const json& element : *document) {
        if (absl::Status status = read(element); !status.ok()) return status;
      }
    } else if (absl::Status status = read(*document); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          status.message(), " (the event starts at line ", line, ")"));
    }
  }
  return events;
}

std::string EventToJson(const Event& event) {
  google::protobuf::Arena arena;
  return MessageToJson(WholeMessage(SourceEventOf(event, arena)))
      .dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

}  // namespace signal_delivery::mapping
