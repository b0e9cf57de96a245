#include "mapping/ecommerce_nodes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"
#include "google/protobuf/struct.pb.h"
#include "mapping/struct_nodes.h"

namespace signal_delivery::mapping {
namespace {

namespace signal = ::datafly::signal::v1;

using ::google::protobuf::Arena;
using ::google::protobuf::Message;

constexpr char kProperties[] = "properties";

class Reader;
struct ObjectType;

// A field of one of the messages that stand for objects, and what reads it.
struct Field {
  Field(const char* name, bool (*is_set)(const Message&),
        Node (*read)(const Message&, Reader&))
      : member(name, Node()), is_set(is_set), read(read) {}

  Member member;  // without its value
  bool (*is_set)(const Message& message);
  Node (*read)(const Message& message, Reader& reader);
};

// One of those messages.
struct ObjectType {
  explicit ObjectType(std::vector<Field> all) : fields(std::move(all)) {
    std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) {
      return a.member < b.member;
    });
  }

  std::vector<Field> fields;  // in the order of their names
};

const ObjectType& TypeOf(const signal::Ecommerce*);
const ObjectType& TypeOf(const signal::Product*);
const ObjectType& TypeOf(const signal::Promotion*);

class Reader {
 public:
  Reader(Arena& arena, std::vector<std::string>& hidden)
      : arena_(arena), hidden_(hidden) {}

  // `path` is where `message` is, and what stands beside its fields.
  template <typename M>
  ObjectView Read(const M& message, const ObjectView& beside,
                  absl::string_view path) {
    return Read(TypeOf(&message), message, beside, path);
  }

  // A list of products, or of what has nothing beside its fields.
  template <typename List>
  Node ReadList(const char* name, const List& messages) {
    const absl::Span<Node> elements = MakeArray<Node>(arena_, messages.size());
    for (int i = 0; i < messages.size(); ++i) {
      elements[i] = Node(ReadElement(name, i, messages[i]));
    }
    return Node(ListView(elements));
  }

 private:
  ObjectView ReadElement(const char* list, int index,
                         const signal::Product& product) {
    if (!product.has_properties()) return Read(product, ObjectView(), "");
    return Read(product, NodesOf(product.properties(), arena_),
                absl::StrCat(kProperties, ".", list, "[", index, "]"));
  }
  ObjectView ReadElement(const char* /*list*/, int /*index*/,
                         const signal::Promotion& promotion) {
    return Read(promotion, ObjectView(), "");
  }

  // Both are in the order of names.
  ObjectView Read(const ObjectType& type, const Message& message,
                  const ObjectView& beside, absl::string_view path) {
    const absl::Span<const Member> others = beside.members();
    const auto set = std::count_if(
        type.fields.begin(), type.fields.end(),
        [&](const Field& field) { return field.is_set(message); });
    const absl::Span<Member> members =
        MakeArray<Member>(arena_, static_cast<size_t>(set) + others.size());
    auto next = members.begin();
    auto other = others.begin();
    for (const Field& field : type.fields) {
      if (!field.is_set(message)) continue;
      while (other != others.end() && *other < field.member) *next++ = *other++;
      if (other != others.end() && other->name == field.member.name) {
        Hide(*other++, path);
      }
      *next = field.member;
      next++->node = field.read(message, *this);
    }
    next = std::copy(other, others.end(), next);
    return ObjectView(members.first(next - members.begin()));
  }

  void Hide(const Member& member, absl::string_view path) {
    if (member.node.IsNull()) return;
    hidden_.push_back(absl::StrCat(path, ".", member.name));
  }

  Arena& arena_;
  std::vector<std::string>& hidden_;
};

template <typename M, bool (M::*kHas)() const>
bool IsSet(const Message& message) {
  return (static_cast<const M&>(message).*kHas)();
}

template <typename M, auto kGet>
Node ReadText(const Message& message, Reader&) {
  return Node(absl::string_view((static_cast<const M&>(message).*kGet)()));
}

template <typename M, auto kGet>
Node ReadNumber(const Message& message, Reader&) {
  return Node(static_cast<double>((static_cast<const M&>(message).*kGet)()));
}

#define TEXT(M, name) \
  Field(#name, IsSet<M, &M::has_##name>, ReadText<M, &M::name>)
#define NUMBER(M, name) \
  Field(#name, IsSet<M, &M::has_##name>, ReadNumber<M, &M::name>)
#define OBJECTS(M, name)                                                      \
  Field(                                                                      \
      #name,                                                                  \
      [](const Message& message) {                                            \
        return static_cast<const M&>(message).name##_size() > 0;              \
      },                                                                      \
      [](const Message& message, Reader& reader) {                            \
        return reader.ReadList(#name, static_cast<const M&>(message).name()); \
      })

const ObjectType& TypeOf(const signal::Ecommerce*) {
  using M = signal::Ecommerce;
  static const auto& type = *new ObjectType(
      {TEXT(M, order_id), TEXT(M, currency), NUMBER(M, revenue),
       NUMBER(M, total), NUMBER(M, tax), NUMBER(M, shipping), TEXT(M, coupon),
       TEXT(M, affiliation), OBJECTS(M, products), TEXT(M, list_id),
       TEXT(M, list_name), NUMBER(M, step), TEXT(M, payment_method),
       TEXT(M, shipping_method), OBJECTS(M, promotions), TEXT(M, query)});
  return type;
}

const ObjectType& TypeOf(const signal::Product*) {
  using M = signal::Product;
  static const auto& type = *new ObjectType(
      {TEXT(M, product_id), TEXT(M, name), TEXT(M, brand), TEXT(M, category),
       TEXT(M, variant), NUMBER(M, position), NUMBER(M, price),
       NUMBER(M, quantity), TEXT(M, coupon), TEXT(M, sku)});
  return type;
}

const ObjectType& TypeOf(const signal::Promotion*) {
  using M = signal::Promotion;
  static const auto& type =
      *new ObjectType({TEXT(M, promotion_id), TEXT(M, name), TEXT(M, creative),
                       TEXT(M, position)});
  return type;
}

#undef TEXT
#undef NUMBER
#undef OBJECTS

}  // namespace

ObjectView NodesOf(const signal::Ecommerce& ecommerce,
                   const ObjectView& properties, Arena& arena,
                   std::vector<std::string>& hidden) {
  return Reader(arena, hidden).Read(ecommerce, properties, kProperties);
}

bool IsReadAsProperties(const google::protobuf::FieldDescriptor& field) {
  return field.message_type() == signal::Ecommerce::descriptor();
}

}  // namespace signal_delivery::mapping
