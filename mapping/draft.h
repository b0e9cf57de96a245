#ifndef MAPPING_DRAFT_H_
#define MAPPING_DRAFT_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "mapping/draft_memory.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {

// A message of the batch schema on its way from a plan to JSON: what is set in
// it, by the numbers that the .proto gives the fields. Made in a tenth of the
// time that generated code's reflection takes, and without an allocation: all
// of it lies in `memory`, which is given back as a whole.
//
// Does not know its type: who writes into it and who reads it has the
// descriptor, or what was made of it beforehand. A value is of the kind that
// the descriptor says; an enum's is its number, as int64_t; of an attribute
// that is a text, a number or a boolean it is that, without a message around.
//
// Not thread-safe. Borrows `memory`. Copies refer to the same content.
class Draft {
 public:
  struct List;
  // A map of attributes that an event has just so: members in the order of
  // their names, each a text, a number that JSON has, or a boolean. Borrowed.
  using Members = absl::Span<const Member* const>;
  // std::monostate: nothing yet; only until whoever asked for the place has
  // filled it.
  using Value = std::variant<std::monostate, bool, int64_t, double,
                             absl::string_view, Draft*, List*, Members>;

  struct Field {
    int number;
    Value value;
    Field* next;
  };
  // One of a list, or an entry of a map.
  struct Item {
    absl::string_view key;
    Value value;
    Item* next;
  };
  // A list or a map, in the order in which its items were added.
  struct List {
    Item* first = nullptr;
    Item* last = nullptr;
    size_t size = 0;
  };

  explicit Draft(DraftMemory& memory) : memory_(&memory) {}

  // An empty one in the same memory.
  Draft Another() const { return Draft(*memory_); }

  // The first of the fields that are set, in the order of their numbers.
  const Field* first() const { return first_; }
  bool IsEmpty() const { return first_ == nullptr; }

  // nullptr where the field is not set.
  const Value* Find(int number) const;
  // The message in a field; nullptr where it is not set.
  Draft* FindMessage(int number) const;
  // The list or map in a field, which is not one of Members; an empty one where
  // it is not set.
  const List& Items(int number) const;

  // Where the field's value is, for the caller to fill.
  Value& At(int number);
  void SetText(int number, absl::string_view text) { At(number) = Keep(text); }
  // The message in the field, made where there is none.
  Draft& MessageAt(int number);
  void Clear(int number);

  // A further item of a list, for the caller to fill.
  Value& Add(int number);
  void AddMessage(int number, const Draft& message);
  // A further entry of a map, which has none of that key yet. Borrows the key,
  // here as below.
  Value& AddEntry(int number, absl::string_view key) {
    return AddEntry(ListAt(number), key);
  }
  // The same of one of its lists, for who adds many.
  Value& AddEntry(List& list, absl::string_view key);
  // The list or map in the field, made where there is none: who asks adds to
  // it.
  List& ListAt(int number);
  // The value of a map's entry, which is made where there is none.
  Value& Entry(int number, absl::string_view key);
  // The message in `value`, made where there is none.
  Draft& MessageIn(Value& value);
  // Takes those items away of which `is_wanted`, asked in order, says false.
  template <typename IsWanted>
  void Filter(int number, IsWanted is_wanted);

  // A copy of the text that lives as long as the draft.
  absl::string_view Keep(absl::string_view text) { return memory_->Keep(text); }
  // What is made for the draft may be kept there.
  DraftMemory& memory() const { return *memory_; }

 private:
  template <typename T, typename... Parts>
  T* New(Parts&&... parts) {
    return new (memory_->Allocate(sizeof(T))) T{parts...};
  }

  DraftMemory* memory_;
  // In the order of their numbers. A list among them is never empty.
  Field* first_ = nullptr;
  // Plans mostly fill fields in that order.
  Field* last_ = nullptr;
};

template <typename IsWanted>
void Draft::Filter(int number, IsWanted is_wanted) {
  if (Find(number) == nullptr) return;
  List& list = ListAt(number);
  Item** link = &list.first;
  list.last = nullptr;
  while (Item* const item = *link) {
    if (is_wanted(*item)) {
      list.last = item;
      link = &item->next;
    } else {
      *link = item->next;
      --list.size;
    }
  }
  if (list.size == 0) Clear(number);
}

}  // namespace signal_delivery::mapping

#endif  // MAPPING_DRAFT_H_
