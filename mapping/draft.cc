#include "mapping/draft.h"

namespace signal_delivery::mapping {

const Draft::Value* Draft::Find(int number) const {
  for (const Field* field = first_; field != nullptr; field = field->next) {
    if (field->number >= number) {
      return field->number == number ? &field->value : nullptr;
    }
  }
  return nullptr;
}

Draft* Draft::FindMessage(int number) const {
  const Value* value = Find(number);
  return value == nullptr ? nullptr : std::get<Draft*>(*value);
}

const Draft::List& Draft::Items(int number) const {
  static constexpr List kNone;
  const Value* value = Find(number);
  return value == nullptr ? kNone : *std::get<List*>(*value);
}

Draft::Value& Draft::At(int number) {
  if (last_ != nullptr && last_->number == number) return last_->value;
  if (last_ == nullptr || last_->number < number) {
    Field* const field = New<Field>(number, Value(), nullptr);
    (last_ == nullptr ? first_ : last_->next) = field;
    last_ = field;
    return field->value;
  }
  Field** link = &first_;
  while ((*link)->number < number) link = &(*link)->next;
  if ((*link)->number != number) *link = New<Field>(number, Value(), *link);
  return (*link)->value;
}

Draft& Draft::MessageAt(int number) { return MessageIn(At(number)); }

Draft& Draft::MessageIn(Value& value) {
  if (std::holds_alternative<std::monostate>(value)) {
    value = New<Draft>(Draft(*memory_));
  }
  return *std::get<Draft*>(value);
}

void Draft::Clear(int number) {
  Field* before = nullptr;
  Field* field = first_;
  for (; field != nullptr && field->number < number; field = field->next) {
    before = field;
  }
  if (field == nullptr || field->number != number) return;
  (before == nullptr ? first_ : before->next) = field->next;
  if (field == last_) last_ = before;
}

Draft::List& Draft::ListAt(int number) {
  Value& value = At(number);
  if (std::holds_alternative<std::monostate>(value)) value = New<List>();
  return *std::get<List*>(value);
}

Draft::Value& Draft::Add(int number) { return AddEntry(number, ""); }

void Draft::AddMessage(int number, const Draft& message) {
  Add(number) = New<Draft>(message);
}

Draft::Value& Draft::AddEntry(List& list, absl::string_view key) {
  Item* const item = New<Item>(key, Value(), nullptr);
  (list.last == nullptr ? list.first : list.last->next) = item;
  list.last = item;
  ++list.size;
  return item->value;
}

Draft::Value& Draft::Entry(int number, absl::string_view key) {
  for (Item* item = Items(number).first; item != nullptr; item = item->next) {
    if (item->key == key) return item->value;
  }
  return AddEntry(number, key);
}

}  // namespace signal_delivery::mapping
