#include "mapping/struct_text.h"

#include <map>

#include "absl/strings/string_view.h"
#include "mapping/json_text.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::ListValue;
using ::google::protobuf::Struct;

void AppendNode(const google::protobuf::Value& node, std::string* out);

void AppendText(absl::string_view text, std::string* out) {
  // A Struct's texts are UTF-8: protobuf checks it when it reads them.
  if (!AppendJsonString(text, out)) out->append("\"");
}

void AppendList(const ListValue& list, std::string* out) {
  out->push_back('[');
  for (int i = 0; i < list.values_size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendNode(list.values(i), out);
  }
  out->push_back(']');
}

void AppendObject(const Struct& object, std::string* out) {
  std::map<absl::string_view, const google::protobuf::Value*> members;
  for (const auto& [name, node] : object.fields()) members[name] = &node;
  out->push_back('{');
  for (const auto& [name, node] : members) {
    if (out->back() != '{') out->push_back(',');
    AppendText(name, out);
    out->push_back(':');
    AppendNode(*node, out);
  }
  out->push_back('}');
}

void AppendNode(const google::protobuf::Value& node, std::string* out) {
  switch (node.kind_case()) {
    case google::protobuf::Value::kBoolValue:
      out->append(node.bool_value() ? "true" : "false");
      return;
    case google::protobuf::Value::kNumberValue:
      if (!AppendJsonNumber(node.number_value(), out)) out->append("null");
      return;
    case google::protobuf::Value::kStringValue:
      return AppendText(node.string_value(), out);
    case google::protobuf::Value::kStructValue:
      return AppendObject(node.struct_value(), out);
    case google::protobuf::Value::kListValue:
      return AppendList(node.list_value(), out);
    default:
      out->append("null");
  }
}

}  // namespace

std::string ListAsText(const ListValue& list) {
  std::string text;
  AppendList(list, &text);
  return text;
}

}  // namespace signal_delivery::mapping
