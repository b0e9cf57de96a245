#ifndef MAPPING_TYPED_OBJECT_H_
#define MAPPING_TYPED_OBJECT_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"

// The messages of a Signal event that stand for objects of properties:
// Ecommerce and what is in it. What a field is called is what the property is.
namespace signal_delivery::mapping {

class TypedObjectType;

// A field of such a message, and what reads it.
struct TypedMember {
  enum class Kind { kText, kNumber, kWholeNumber, kObjects };

  std::string name;
  Kind kind;
  // Among the members of its type.
  int index;
  const google::protobuf::FieldDescriptor* field;
  const google::protobuf::Reflection* reflection;
  // kObjects: of the list's elements.
  const TypedObjectType* element_type = nullptr;

  // A list without elements is not set.
  bool IsSetIn(const google::protobuf::Message& message) const {
    return kind == Kind::kObjects ? SizeIn(message) > 0
                                  : reflection->HasField(message, field);
  }
  absl::string_view TextIn(const google::protobuf::Message& message) const {
    std::string unused;  // Ours are stored as strings: nothing is copied.
    return reflection->GetStringReference(message, field, &unused);
  }
  double NumberIn(const google::protobuf::Message& message) const {
    return kind == Kind::kNumber ? reflection->GetDouble(message, field)
                                 : reflection->GetInt32(message, field);
  }
  int SizeIn(const google::protobuf::Message& message) const {
    return reflection->FieldSize(message, field);
  }
  const google::protobuf::Message& ElementOf(
      const google::protobuf::Message& message, int index) const {
    return reflection->GetRepeatedMessage(message, field, index);
  }
};

// One of those message types. Immutable, thread-safe; there is one of each.
class TypedObjectType {
 public:
  static const TypedObjectType& Ecommerce();
  static const TypedObjectType& Product();

  TypedObjectType(const google::protobuf::Descriptor& message, size_t index);
  TypedObjectType(const TypedObjectType&) = delete;
  TypedObjectType& operator=(const TypedObjectType&) = delete;

  // In the order of their names.
  const std::vector<TypedMember>& members() const { return members_; }
  // nullptr where there is no member of that name.
  const TypedMember* Find(absl::string_view name) const;
  // Less than kTypedObjectTypes.
  size_t index() const { return index_; }
  // The properties that stand beside the fields; nullptr where there are none.
  const google::protobuf::Struct* OthersIn(
      const google::protobuf::Message& message) const;

 private:
  friend class TypedObjectTypes;

  const size_t index_;
  const google::protobuf::Descriptor* const message_;
  const google::protobuf::Reflection* const reflection_;
  std::vector<TypedMember> members_;
  // nullptr: a message of this type has none.
  const google::protobuf::FieldDescriptor* others_ = nullptr;
};

// Ecommerce, Product and Promotion.
inline constexpr size_t kTypedObjectTypes = 3;

// By the type's index.
using TypedMembers = std::array<const TypedMember*, kTypedObjectTypes>;

// The members of this name, in each of the types.
TypedMembers TypedMembersOf(absl::string_view name);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TYPED_OBJECT_H_
