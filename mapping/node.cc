#include "mapping/node.h"

namespace signal_delivery::mapping {

bool ObjectView::IsEmpty() const {
  bool is_empty = true;
  ForEach([&](absl::string_view, const Node&) { is_empty = false; });
  return is_empty;
}

Node ObjectView::Find(const std::string& name) const {
  if (message_ != nullptr) {
    const TypedMember* const member = type_->Find(name);
    if (member != nullptr && member->IsSetIn(*message_)) {
      return Node(*message_, *member);
    }
  }
  return FindInStruct(name);
}

}  // namespace signal_delivery::mapping
