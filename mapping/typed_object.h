#ifndef MAPPING_TYPED_OBJECT_H_
#define MAPPING_TYPED_OBJECT_H_

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"

// The messages of a Signal event that stand for objects of properties:
// Ecommerce and what is in it. What a field is called is what the property is.
namespace signal_delivery::mapping {

class TypedObjectType;

// A field of such a message, and what reads it.
struct TypedMember {
  using Message = google::protobuf::Message;
  enum class Kind { kText, kNumber, kObjects };

  std::string name;
  Kind kind;
  // A list without elements is not set.
  bool (*is_set)(const Message& message);
  // kText and kNumber.
  absl::string_view (*text)(const Message& message) = nullptr;
  double (*number)(const Message& message) = nullptr;
  // kObjects: how many, one of them, and their type.
  int (*size)(const Message& message) = nullptr;
  const Message& (*element)(const Message& message, int index) = nullptr;
  size_t element_type_index = 0;
  const TypedObjectType* element_type = nullptr;
  // Among the members of its type.
  int index = 0;
};

// One of those message types. Immutable, thread-safe; there is one of each.
class TypedObjectType {
 public:
  static const TypedObjectType& Ecommerce();
  static const TypedObjectType& Product();

  TypedObjectType(size_t index, std::vector<TypedMember> members);
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
  std::vector<TypedMember> members_;
};

// Ecommerce, Product and Promotion.
inline constexpr size_t kTypedObjectTypes = 3;

// By the type's index.
using TypedMembers = std::array<const TypedMember*, kTypedObjectTypes>;

// The members of this name, in each of the types.
TypedMembers TypedMembersOf(absl::string_view name);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TYPED_OBJECT_H_
