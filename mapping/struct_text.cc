#include "mapping/struct_text.h"

#include <variant>

#include "absl/strings/string_view.h"
#include "mapping/json_text.h"
#include "mapping/value.h"

namespace signal_delivery::mapping {
namespace {

class ListWriter {
 public:
  ListWriter(const TakenNodes* without, std::string* out)
      : without_(without), out_(*out) {}

  void Append(const ListView& list) {
    out_.push_back('[');
    for (const Node& element : list.elements()) {
      if (out_.back() != '[') out_.push_back(',');
      Append(ValueOf(element));
    }
    out_.push_back(']');
  }

 private:
  void Append(const ObjectView& object) {
    out_.push_back('{');
    for (const Member& member : object.members()) {
      if (without_ != nullptr && without_->Contains(&member.node)) continue;
      if (out_.back() != '{') out_.push_back(',');
      AppendText(member.name);
      out_.push_back(':');
      Append(ValueOf(member.node));
    }
    out_.push_back('}');
  }

  void AppendText(absl::string_view text) {
    // It is UTF-8 where it came over the wire.
    if (!AppendJsonString(text, &out_)) out_.append("\"\"");
  }

  void Append(const Value& value) {
    if (const auto* boolean = std::get_if<bool>(&value)) {
      out_.append(*boolean ? "true" : "false");
    } else if (const auto* number = std::get_if<double>(&value)) {
      if (!AppendJsonNumber(*number, &out_)) out_.append("null");
    } else if (const auto* object = std::get_if<ObjectView>(&value)) {
      Append(*object);
    } else if (const auto* list = std::get_if<ListView>(&value)) {
      Append(*list);
    } else if (IsText(value)) {
      AppendText(Text(value));
    } else {
      out_.append("null");
    }
  }

  const TakenNodes* const without_;
  std::string& out_;
};

}  // namespace

std::string ListAsText(const ListView& list, const TakenNodes* without) {
  std::string text;
  ListWriter(without, &text).Append(list);
  return text;
}

}  // namespace signal_delivery::mapping
