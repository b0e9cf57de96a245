#ifndef MAPPING_SOURCE_PATH_H_
#define MAPPING_SOURCE_PATH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"
#include "mapping/event_fields.h"
#include "mapping/event_text.h"
#include "mapping/node.h"
#include "mapping/source_event.h"
#include "mapping/told_traits.h"
#include "mapping/value.h"
#include "mapping/value_kinds.h"

namespace signal_delivery::mapping {

// What source paths read from: an event, with what earlier identifies of the
// same request add to it; inside a list, also the list's element. Borrows all.
struct EventView {
  const SourceEvent* event;
  // The event's own, or the one an identify told. Empty: none.
  absl::string_view user_id;
  // What identifies told; the event's own traits go before them. nullptr: none.
  const ToldTraits* told_traits = nullptr;
  ObjectView element;
};

// A `source` of a mapping: a dotted path into a Signal event, such as
// "context.page.title" or "properties.order.id". Field names are taken in
// snake_case and as Signal's JSON has them (userId). Below `properties` and
// `traits` any key may stand, letter by letter. "context.consent.CATEGORY" is
// the user's consent to a category, whichever of Signal's shapes it came in.
// "type" is the event's type as Signal's JSON spells it ("track"). What stands
// in `ecommerce` is read as `properties`.
//
// Immutable, thread-safe.
class SourcePath {
 public:
  // A path into the event. The error names the nearest field there is.
  static absl::StatusOr<SourcePath> IntoEvent(absl::string_view path);
  // A path into a list's element; any key may stand.
  static SourcePath IntoElement(absl::string_view path);

  struct Found {
    Value value;
    // The one below `properties`, `traits` or the element that was read;
    // nullptr where there is none.
    const Node* node = nullptr;
  };
  Found Read(const EventView& view) const;

  const std::string& text() const { return text_; }
  // What it may find.
  ValueKinds kinds() const;
  // True where it reads a trait.
  bool IsTrait() const { return root_ == Root::kTraits; }
  // True where it reads the user, a trait or the context.
  bool IsOfUser() const { return is_of_user_; }

 private:
  // Where reading starts.
  enum class Root {
    kType,
    kText,
    kTime,
    kUserId,
    kTraits,
    kProperties,
    kConsent,
    kElement
  };

  void SetKeys(const std::vector<std::string>& keys);
  Value ReadText(const EventFields& event) const;
  Value ReadConsent(const EventFields& event) const;
  Found ReadTraits(const EventView& view) const;
  Found ReadKeys(const ObjectView& start) const;
  // From the node of the first key; nullptr: there is none.
  Found ReadKeysBelow(const Node* node) const;

  std::string text_;
  Root root_ = Root::kText;
  bool is_of_user_ = false;
  EventText event_text_ = nullptr;  // kText
  // kTraits, kProperties, kElement: keys from there. kConsent: the category.
  std::vector<MemberName> keys_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_SOURCE_PATH_H_
