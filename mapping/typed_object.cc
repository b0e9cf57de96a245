#include "mapping/typed_object.h"

#include <algorithm>

#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::mapping {
namespace {

namespace signal = ::datafly::signal::v1;

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::MessageFactory;
using ::google::protobuf::Reflection;
using ::google::protobuf::Struct;

// Their indexes.
constexpr size_t kEcommerce = 0;
constexpr size_t kProduct = 1;
constexpr size_t kPromotion = 2;

const Reflection* ReflectionOf(const Descriptor& message) {
  return MessageFactory::generated_factory()
      ->GetPrototype(&message)
      ->GetReflection();
}

TypedMember::Kind KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return TypedMember::Kind::kText;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return TypedMember::Kind::kNumber;
    case FieldDescriptor::CPPTYPE_INT32:
      return TypedMember::Kind::kWholeNumber;
    default:
      return TypedMember::Kind::kObjects;
  }
}

}  // namespace

// All of them, each in its place.
class TypedObjectTypes {
 public:
  static const TypedObjectTypes& Get() {
    static const auto& types = *new TypedObjectTypes();
    return types;
  }

  const std::array<TypedObjectType, kTypedObjectTypes>& types() const {
    return types_;
  }

 private:
  TypedObjectTypes() {
    for (TypedObjectType& type : types_) {
      for (TypedMember& member : type.members_) {
        if (member.kind != TypedMember::Kind::kObjects) continue;
        member.element_type = Of(*member.field->message_type());
      }
    }
  }

  const TypedObjectType* Of(const Descriptor& message) const {
    return std::find_if(
        types_.begin(), types_.end(),
        [&](const TypedObjectType& type) { return type.message_ == &message; });
  }

  std::array<TypedObjectType, kTypedObjectTypes> types_{
      TypedObjectType(*signal::Ecommerce::descriptor(), kEcommerce),
      TypedObjectType(*signal::Product::descriptor(), kProduct),
      TypedObjectType(*signal::Promotion::descriptor(), kPromotion)};
};

const TypedObjectType& TypedObjectType::Ecommerce() {
  return TypedObjectTypes::Get().types()[kEcommerce];
}

const TypedObjectType& TypedObjectType::Product() {
  return TypedObjectTypes::Get().types()[kProduct];
}

TypedObjectType::TypedObjectType(const Descriptor& message, size_t index)
    : index_(index), message_(&message), reflection_(ReflectionOf(message)) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (field->message_type() == Struct::descriptor()) {
      others_ = field;
    } else {
      members_.push_back({field->name(), KindOf(*field), 0, field, reflection_,
                          /*element_type=*/nullptr});
    }
  }
  std::sort(members_.begin(), members_.end(),
            [](const TypedMember& a, const TypedMember& b) {
              return a.name < b.name;
            });
  int next = 0;
  for (TypedMember& member : members_) member.index = next++;
}

const TypedMember* TypedObjectType::Find(absl::string_view name) const {
  const auto found =
      std::lower_bound(members_.begin(), members_.end(), name,
                       [](const TypedMember& member, absl::string_view sought) {
                         return member.name < sought;
                       });
  return found != members_.end() && found->name == name ? &*found : nullptr;
}

const Struct* TypedObjectType::OthersIn(const Message& message) const {
  if (others_ == nullptr || !reflection_->HasField(message, others_)) {
    return nullptr;
  }
  return static_cast<const Struct*>(&reflection_->GetMessage(message, others_));
}

TypedMembers TypedMembersOf(absl::string_view name) {
  TypedMembers members;
  for (const TypedObjectType& type : TypedObjectTypes::Get().types()) {
    members[type.index()] = type.Find(name);
  }
  return members;
}

}  // namespace signal_delivery::mapping
