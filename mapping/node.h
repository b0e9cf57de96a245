#ifndef MAPPING_NODE_H_
#define MAPPING_NODE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/arena.h"

// Properties and traits as mappings read them: JSON values in plain arrays, the
// members of an object in the order of their names. All of it borrows the texts
// and arrays that it is made of, and is cheap to copy.
namespace signal_delivery::mapping {

struct Member;
class Node;

// An object: members, each name once. Default: none, which is not the same as
// an empty one.
class ObjectView {
 public:
  ObjectView() = default;
  // In the order of their names, which differ.
  explicit ObjectView(absl::Span<const Member> members);

  bool exists() const { return exists_; }
  bool IsEmpty() const { return size_ == 0; }
  absl::Span<const Member> members() const;

  // nullptr where the object has no such member.
  const Node* Find(const class MemberName& name) const;

  // Whether it is the same one, not whether it says the same.
  // An empty one may stand where another begins.
  bool operator==(const ObjectView& other) const {
    return members_ == other.members_ && size_ == other.size_ &&
           exists_ == other.exists_;
  }

 private:
  const Member* members_ = nullptr;
  uint32_t size_ = 0;
  bool exists_ = false;
};

// A list of any values.
class ListView {
 public:
  explicit ListView(absl::Span<const Node> elements);

  absl::Span<const Node> elements() const;
  size_t size() const { return size_; }

 private:
  const Node* elements_;
  uint32_t size_;
};

// One value. Where it stands tells it from every other one of the event.
class Node {
 public:
  enum class Kind : uint8_t { kNull, kBoolean, kNumber, kText, kObject, kList };

  Node() : Node(Kind::kNull, 0) {}
  explicit Node(bool boolean) : Node(Kind::kBoolean, 0) { boolean_ = boolean; }
  explicit Node(double number) : Node(Kind::kNumber, 0) { number_ = number; }
  explicit Node(const char* text) = delete;  // It would be a boolean.
  // UTF-8.
  explicit Node(absl::string_view text) : Node(Kind::kText, text.size()) {
    text_ = text.data();
  }
  // One that exists.
  explicit Node(const ObjectView& object)
      : Node(Kind::kObject, object.members().size()) {
    members_ = object.members().data();
  }
  explicit Node(const ListView& list) : Node(Kind::kList, list.size()) {
    elements_ = list.elements().data();
  }

  Kind kind() const { return kind_; }
  bool IsNull() const { return kind_ == Kind::kNull; }

  // Each only of its kind.
  bool boolean() const { return boolean_; }
  double number() const { return number_; }
  absl::string_view text() const { return {text_, size_}; }
  ObjectView object() const;
  ListView list() const { return ListView({elements_, size_}); }

 private:
  // Nothing in an event has 4 GB: Protocol Buffers end at 2.
  Node(Kind kind, size_t size)
      : kind_(kind), size_(static_cast<uint32_t>(size)), text_(nullptr) {}

  Kind kind_;
  uint32_t size_;  // of the text, object or list
  union {
    bool boolean_;
    double number_;
    const char* text_;
    const Member* members_;
    const Node* elements_;
  };
};

// The first bytes of a name as numbers, which compare as names do, but faster.
// What begins alike is equal.
struct NamePrefix {
  NamePrefix() = default;
  explicit NamePrefix(absl::string_view name);

  // Of so many bytes at most all are here.
  static constexpr size_t kBytes = 16;
  // Whether what is here of the name is.
  bool IsAscii() const {
    return ((first_ | second_) & 0x8080'8080'8080'8080) == 0;
  }

  friend auto operator<=>(const NamePrefix&, const NamePrefix&) = default;

 private:
  uint64_t first_ = 0;   // eight bytes,
  uint64_t second_ = 0;  // and eight more
};

struct Member {
  Member() = default;
  Member(absl::string_view name, Node node)
      : name(name), prefix(name), node(node) {}

  absl::string_view name;
  NamePrefix prefix;
  Node node;

  friend bool operator<(const Member& a, const Member& b) {
    return a.prefix != b.prefix ? a.prefix < b.prefix : a.name < b.name;
  }
};

// A name that is looked for in objects again and again.
class MemberName {
 public:
  explicit MemberName(std::string name)
      : name_(std::move(name)), prefix_(name_) {}

  const std::string& text() const { return name_; }
  const NamePrefix& prefix() const { return prefix_; }

 private:
  std::string name_;
  NamePrefix prefix_;
};

// An array of so many nodes or members, which lives as long as the arena.
template <typename T>
absl::Span<T> MakeArray(google::protobuf::Arena& arena, size_t size) {
  static_assert(std::is_trivially_destructible_v<T>);
  auto* const first =
      static_cast<T*>(arena.AllocateAligned(size * sizeof(T), alignof(T)));
  std::uninitialized_default_construct_n(first, size);
  return {first, size};
}

inline ObjectView::ObjectView(absl::Span<const Member> members)
    : members_(members.data()),
      size_(static_cast<uint32_t>(members.size())),
      exists_(true) {}

inline absl::Span<const Member> ObjectView::members() const {
  return {members_, size_};
}

inline ListView::ListView(absl::Span<const Node> elements)
    : elements_(elements.data()),
      size_(static_cast<uint32_t>(elements.size())) {}

inline absl::Span<const Node> ListView::elements() const {
  return {elements_, size_};
}

inline ObjectView Node::object() const { return ObjectView({members_, size_}); }

}  // namespace signal_delivery::mapping

#endif  // MAPPING_NODE_H_
