#ifndef MAPPING_NODE_H_
#define MAPPING_NODE_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "mapping/typed_object.h"

// Properties and traits, read where they lie: in a google.protobuf.Struct, in a
// message that has a field for each property (Ecommerce and what is in it), or
// in both. All of it borrows from the event and is cheap to copy.
namespace signal_delivery::mapping {

// One value. Default: none.
class Node {
 public:
  Node() = default;
  explicit Node(const google::protobuf::Value* node) : node_(node) {}
  // The field of a message, which must be set.
  Node(const google::protobuf::Message& message, const TypedMember& member)
      : message_(&message), member_(&member) {}

  bool exists() const { return node_ != nullptr || message_ != nullptr; }

  // Tells it from every other one of the event.
  const void* id() const {
    if (node_ != nullptr) return node_;
    // As many bytes as it has fields every message has.
    return reinterpret_cast<const char*>(message_) + member_->index;
  }

  bool IsNull() const { return node_ != nullptr && node_->has_null_value(); }

  // One of the two says what it is: a Struct's, or a message's field.
  const google::protobuf::Value* node() const { return node_; }
  const google::protobuf::Message& message() const { return *message_; }
  const TypedMember& member() const { return *member_; }

 private:
  const google::protobuf::Value* node_ = nullptr;
  const google::protobuf::Message* message_ = nullptr;
  const TypedMember* member_ = nullptr;
};

// A name that is looked for in objects again and again.
class MemberName {
 public:
  explicit MemberName(std::string name)
      : name_(std::move(name)), members_(TypedMembersOf(name_)) {}

  const std::string& text() const { return name_; }
  // nullptr where objects of the type have no field of this name.
  const TypedMember* In(const TypedObjectType& type) const {
    return members_[type.index()];
  }

 private:
  std::string name_;
  TypedMembers members_;
};

// An object: members with names, in no order. Default: none.
class ObjectView {
 public:
  ObjectView() = default;
  explicit ObjectView(const google::protobuf::Struct* object)
      : object_(object) {}
  // A field that is set hides the member of `object` that has its name.
  // `object` may be nullptr.
  ObjectView(const google::protobuf::Message& message,
             const TypedObjectType& type,
             const google::protobuf::Struct* object)
      : object_(object), message_(&message), type_(&type) {}
  // A message and what stands beside its fields in it.
  ObjectView(const google::protobuf::Message& message,
             const TypedObjectType& type)
      : ObjectView(message, type, type.OthersIn(message)) {}

  bool exists() const { return object_ != nullptr || message_ != nullptr; }
  bool IsEmpty() const;

  // Does not exist where the object has no such member.
  Node Find(const MemberName& name) const {
    if (message_ != nullptr) {
      const TypedMember* const member = name.In(*type_);
      if (member != nullptr && member->is_set(*message_)) {
        return Node(*message_, *member);
      }
    }
    return FindInStruct(name.text());
  }
  Node Find(const std::string& name) const;

  // Calls `visit(name, node)` for each member: those of fields in the order of
  // their names, the others in none.
  template <typename Visit>
  void ForEach(Visit visit) const;
  // Calls `visit(name, node)` for each member of the Struct that a field hides,
  // unless it is null.
  template <typename Visit>
  void ForEachHidden(Visit visit) const;

  // Whether it is the same one, not whether it says the same.
  bool operator==(const ObjectView& other) const {
    return object_ == other.object_ && message_ == other.message_;
  }

 private:
  Node FindInStruct(const std::string& name) const {
    if (object_ == nullptr) return Node();
    const auto found = object_->fields().find(name);
    return found == object_->fields().end() ? Node() : Node(&found->second);
  }

  const google::protobuf::Struct* object_ = nullptr;
  const google::protobuf::Message* message_ = nullptr;
  const TypedObjectType* type_ = nullptr;
};

// A list: of any values, or of objects of one type.
class ListView {
 public:
  explicit ListView(const google::protobuf::ListValue* list) : list_(list) {}
  // The list in a field of `message`.
  ListView(const google::protobuf::Message& message, const TypedMember& member)
      : message_(&message), member_(&member) {}

  int size() const {
    return list_ != nullptr ? list_->values_size() : member_->size(*message_);
  }
  // Of any values; nullptr where it is of objects of one type.
  const google::protobuf::ListValue* values() const { return list_; }
  // Of objects of one type only.
  ObjectView object(int index) const {
    return ObjectView(member_->element(*message_, index),
                      *member_->element_type);
  }

 private:
  const google::protobuf::ListValue* list_ = nullptr;
  const google::protobuf::Message* message_ = nullptr;
  const TypedMember* member_ = nullptr;
};

template <typename Visit>
void ObjectView::ForEach(Visit visit) const {
  if (message_ != nullptr) {
    for (const TypedMember& member : type_->members()) {
      if (member.is_set(*message_)) {
        visit(absl::string_view(member.name), Node(*message_, member));
      }
    }
  }
  if (object_ == nullptr) return;
  for (const auto& [name, node] : object_->fields()) {
    if (message_ != nullptr) {
      const TypedMember* const member = type_->Find(name);
      if (member != nullptr && member->is_set(*message_)) continue;
    }
    visit(absl::string_view(name), Node(&node));
  }
}

template <typename Visit>
void ObjectView::ForEachHidden(Visit visit) const {
  if (message_ == nullptr || object_ == nullptr) return;
  for (const TypedMember& member : type_->members()) {
    if (!member.is_set(*message_)) continue;
    const Node node = FindInStruct(member.name);
    if (node.exists() && !node.IsNull()) {
      visit(absl::string_view(member.name), node);
    }
  }
}

}  // namespace signal_delivery::mapping

#endif  // MAPPING_NODE_H_
