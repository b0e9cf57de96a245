#include "mapping/struct_text.h"

#include <algorithm>
#include <map>

#include "absl/strings/string_view.h"
#include "mapping/json_text.h"

namespace signal_delivery::mapping {
namespace {

using ::google::protobuf::ListValue;
using ::google::protobuf::Struct;
using Node = ::google::protobuf::Value;

class ListWriter {
 public:
  ListWriter(absl::Span<const Node* const> without, std::string* out)
      : without_(without), out_(*out) {}

  void Append(const ListValue& list) {
    out_.push_back('[');
    for (int i = 0; i < list.values_size(); ++i) {
      if (i > 0) out_.push_back(',');
      Append(list.values(i));
    }
    out_.push_back(']');
  }

 private:
  void Append(const Struct& object) {
    std::map<absl::string_view, const Node*> members;
    for (const auto& [name, node] : object.fields()) {
      if (std::find(without_.begin(), without_.end(), &node) ==
          without_.end()) {
        members[name] = &node;
      }
    }
    out_.push_back('{');
    for (const auto& [name, node] : members) {
      if (out_.back() != '{') out_.push_back(',');
      Append(name);
      out_.push_back(':');
      Append(*node);
    }
    out_.push_back('}');
  }

  void Append(absl::string_view text) {
    // A Struct's texts are UTF-8: protobuf checks it when it reads them.
    if (!AppendJsonString(text, &out_)) out_.append("\"");
  }

  void Append(const Node& node) {
    switch (node.kind_case()) {
      case Node::kBoolValue:
        out_.append(node.bool_value() ? "true" : "false");
        return;
      case Node::kNumberValue:
        if (!AppendJsonNumber(node.number_value(), &out_)) out_.append("null");
        return;
      case Node::kStringValue:
        return Append(absl::string_view(node.string_value()));
      case Node::kStructValue:
        return Append(node.struct_value());
      case Node::kListValue:
        return Append(node.list_value());
      default:
        out_.append("null");
    }
  }

  const absl::Span<const Node* const> without_;
  std::string& out_;
};

}  // namespace

std::string ListAsText(const ListValue& list,
                       absl::Span<const Node* const> without) {
  std::string text;
  ListWriter(without, &text).Append(list);
  return text;
}

}  // namespace signal_delivery::mapping
