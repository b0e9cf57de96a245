#include "mapping/event_properties.h"

#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "mapping/value.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Struct;

void Copy(const ObjectView& from, Struct& to);

void Copy(const Node& from, google::protobuf::Value& to) {
  if (from.node() != nullptr) {
    to = *from.node();
    return;
  }
  const Value value = ValueOf(from);
  if (const auto* text = std::get_if<absl::string_view>(&value)) {
    to.set_string_value(std::string(*text));
  } else if (const auto* number = std::get_if<double>(&value)) {
    to.set_number_value(*number);
  } else if (const auto* list = std::get_if<ListView>(&value)) {
    for (int i = 0; i < list->size(); ++i) {
      Copy(list->object(i),
           *to.mutable_list_value()->add_values()->mutable_struct_value());
    }
  }
}

void Copy(const ObjectView& from, Struct& to) {
  from.ForEach([&](absl::string_view name, const Node& node) {
    Copy(node, (*to.mutable_fields())[std::string(name)]);
  });
}

void WarnOfHidden(const ObjectView& object, const std::string& path,
                  Findings& findings) {
  object.ForEachHidden([&](absl::string_view name, const Node&) {
    findings.warnings.push_back(
        {Rule::kPropertyOnce, absl::StrCat(path, ".", name), "",
         "a field of the same name is set too and counts; left out"});
  });
}

}  // namespace

ObjectView PropertiesOf(const Event& event) {
  const Struct* const object =
      event.has_properties() ? &event.properties() : nullptr;
  if (!event.has_ecommerce()) return ObjectView(object);
  return ObjectView(event.ecommerce(), TypedObjectType::Ecommerce(), object);
}

bool IsReadAsProperties(const google::protobuf::FieldDescriptor& field) {
  return field.message_type() == datafly::signal::v1::Ecommerce::descriptor();
}

Event WithoutEcommerce(const Event& event) {
  Event copy = event;
  if (!event.has_ecommerce()) return copy;
  copy.clear_ecommerce();
  copy.clear_properties();
  Copy(PropertiesOf(event), *copy.mutable_properties());
  return copy;
}

void WarnOfHiddenProperties(const Event& event, Findings& findings) {
  if (!event.has_ecommerce()) return;
  const std::string path = "properties";
  WarnOfHidden(PropertiesOf(event), path, findings);
  // Of the other lists' elements there is nothing beside the fields.
  const auto& products = event.ecommerce().products();
  for (int i = 0; i < products.size(); ++i) {
    if (!products[i].has_properties()) continue;
    WarnOfHidden(ObjectView(products[i], TypedObjectType::Product()),
                 absl::StrCat(path, ".products[", i, "]"), findings);
  }
}

}  // namespace signal_delivery::mapping
