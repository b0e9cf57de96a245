#include "mapping/node.h"

#include <algorithm>

namespace signal_delivery::mapping {

bool ObjectView::IsEmpty() const {
  if (object_ != nullptr && !object_->fields().empty()) return false;
  if (message_ == nullptr) return true;
  return std::none_of(
      type_->members().begin(), type_->members().end(),
      [&](const TypedMember& member) { return member.is_set(*message_); });
}

Node ObjectView::Find(const std::string& name) const {
  if (message_ != nullptr) {
    const TypedMember* const member = type_->Find(name);
    if (member != nullptr && member->is_set(*message_)) {
      return Node(*message_, *member);
    }
  }
  return FindInStruct(name);
}

}  // namespace signal_delivery::mapping
