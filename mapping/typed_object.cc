#include "mapping/typed_object.h"

#include <algorithm>
#include <utility>

#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::mapping {
namespace {

namespace signal = ::datafly::signal::v1;

using ::google::protobuf::Message;
using ::google::protobuf::Struct;
using Kind = TypedMember::Kind;

// The indexes of the types.
constexpr size_t kEcommerce = 0;
constexpr size_t kProduct = 1;
constexpr size_t kPromotion = 2;

// Generated code, not reflection: a property is read in a few instructions.
template <typename M, bool (M::*kHas)() const>
bool IsSet(const Message& message) {
  return (static_cast<const M&>(message).*kHas)();
}

template <typename M, bool (M::*kHas)() const,
          const std::string& (M::*kGet)() const>
TypedMember Text(const char* name) {
  TypedMember member{name, Kind::kText, IsSet<M, kHas>};
  member.text = [](const Message& message) {
    return absl::string_view((static_cast<const M&>(message).*kGet)());
  };
  return member;
}

template <typename M, bool (M::*kHas)() const, auto kGet>
TypedMember Number(const char* name) {
  TypedMember member{name, Kind::kNumber, IsSet<M, kHas>};
  member.number = [](const Message& message) {
    return static_cast<double>((static_cast<const M&>(message).*kGet)());
  };
  return member;
}

template <int (signal::Ecommerce::*kSize)() const, typename Element,
          const Element& (signal::Ecommerce::*kGet)(int) const>
TypedMember Objects(const char* name, size_t element_type) {
  using M = signal::Ecommerce;
  TypedMember member{name, Kind::kObjects, [](const Message& message) {
                       return (static_cast<const M&>(message).*kSize)() > 0;
                     }};
  member.size = [](const Message& message) {
    return (static_cast<const M&>(message).*kSize)();
  };
  member.element = [](const Message& message, int index) -> const Message& {
    return (static_cast<const M&>(message).*kGet)(index);
  };
  member.element_type_index = element_type;
  return member;
}

#define TEXT(M, name) Text<M, &M::has_##name, &M::name>(#name)
#define NUMBER(M, name) Number<M, &M::has_##name, &M::name>(#name)
#define OBJECTS(name, Element, index)                                          \
  Objects<&signal::Ecommerce::name##_size, Element, &signal::Ecommerce::name>( \
      #name, index)

std::vector<TypedMember> MembersOfEcommerce() {
  using M = signal::Ecommerce;
  return {TEXT(M, order_id),
          TEXT(M, currency),
          NUMBER(M, revenue),
          NUMBER(M, total),
          NUMBER(M, tax),
          NUMBER(M, shipping),
          TEXT(M, coupon),
          TEXT(M, affiliation),
          OBJECTS(products, signal::Product, kProduct),
          TEXT(M, list_id),
          TEXT(M, list_name),
          NUMBER(M, step),
          TEXT(M, payment_method),
          TEXT(M, shipping_method),
          OBJECTS(promotions, signal::Promotion, kPromotion),
          TEXT(M, query)};
}

std::vector<TypedMember> MembersOfProduct() {
  using M = signal::Product;
  return {TEXT(M, product_id), TEXT(M, name),       TEXT(M, brand),
          TEXT(M, category),   TEXT(M, variant),    NUMBER(M, position),
          NUMBER(M, price),    NUMBER(M, quantity), TEXT(M, coupon),
          TEXT(M, sku)};
}

std::vector<TypedMember> MembersOfPromotion() {
  using M = signal::Promotion;
  return {TEXT(M, promotion_id), TEXT(M, name), TEXT(M, creative),
          TEXT(M, position)};
}

#undef TEXT
#undef NUMBER
#undef OBJECTS

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
        member.element_type = &types_[member.element_type_index];
      }
    }
  }

  std::array<TypedObjectType, kTypedObjectTypes> types_{
      TypedObjectType(kEcommerce, MembersOfEcommerce()),
      TypedObjectType(kProduct, MembersOfProduct()),
      TypedObjectType(kPromotion, MembersOfPromotion())};
};

const TypedObjectType& TypedObjectType::Ecommerce() {
  static const auto& type = TypedObjectTypes::Get().types()[kEcommerce];
  return type;
}

const TypedObjectType& TypedObjectType::Product() {
  static const auto& type = TypedObjectTypes::Get().types()[kProduct];
  return type;
}

TypedObjectType::TypedObjectType(size_t index, std::vector<TypedMember> members)
    : index_(index), members_(std::move(members)) {
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
  if (index_ != kProduct) return nullptr;
  const auto& product = static_cast<const signal::Product&>(message);
  return product.has_properties() ? &product.properties() : nullptr;
}

TypedMembers TypedMembersOf(absl::string_view name) {
  TypedMembers members;
  for (const TypedObjectType& type : TypedObjectTypes::Get().types()) {
    members[type.index()] = type.Find(name);
  }
  return members;
}

}  // namespace signal_delivery::mapping
