#ifndef MAPPING_EVENT_FIELDS_H_
#define MAPPING_EVENT_FIELDS_H_

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::mapping {

// What a Signal event says beside its properties and traits, and as generated
// code names it. Borrows its texts and its context, and is cheap to copy: a
// message would have a copy of each text.
class EventFields {
 public:
  // As in google.protobuf.Timestamp; it need not be a time that exists.
  struct Timestamp {
    int64_t seconds = 0;
    int32_t nanos = 0;
  };

  EventFields() = default;
  explicit EventFields(const datafly::signal::v1::Event& event);

  datafly::signal::v1::EventType type() const {
    return type_.value_or(datafly::signal::v1::EVENT_TYPE_UNSPECIFIED);
  }
  // "" where the event does not have it.
  absl::string_view event() const { return texts_[Event::kEventFieldNumber]; }
  absl::string_view user_id() const {
    return texts_[Event::kUserIdFieldNumber];
  }
  absl::string_view anonymous_id() const {
    return texts_[Event::kAnonymousIdFieldNumber];
  }
  absl::string_view message_id() const {
    return texts_[Event::kMessageIdFieldNumber];
  }
  // Those and the others, by the number of their field.
  std::optional<absl::string_view> Text(int number) const {
    const absl::string_view text = texts_[number];
    if (text.data() == nullptr) return std::nullopt;
    return text;
  }

  const std::optional<Timestamp>& timestamp() const { return timestamp_; }
  // 1970 where the event has none.
  absl::Time time() const {
    const Timestamp since_1970 = timestamp_.value_or(Timestamp());
    return absl::FromUnixSeconds(since_1970.seconds) +
           absl::Nanoseconds(since_1970.nanos);
  }

  bool has_context() const { return context_ != nullptr; }
  // An empty one where the event has none.
  const datafly::signal::v1::Context& context() const {
    return has_context() ? *context_
                         : datafly::signal::v1::Context::default_instance();
  }

  void set_type(datafly::signal::v1::EventType type) { type_ = type; }
  // Of a field that is one text.
  void SetText(int number, absl::string_view text) { texts_[number] = text; }
  void set_timestamp(Timestamp timestamp) { timestamp_ = timestamp; }
  void set_context(const datafly::signal::v1::Context& context) {
    context_ = &context;
  }

  // A message that says the same.
  datafly::signal::v1::Event ToMessage() const;

 private:
  using Event = datafly::signal::v1::Event;

  std::optional<datafly::signal::v1::EventType> type_;
  // By the numbers of their fields. Without data where the event does not have
  // them.
  std::array<absl::string_view, Event::kMessageIdFieldNumber + 1> texts_;
  std::optional<Timestamp> timestamp_;
  const datafly::signal::v1::Context* context_ = nullptr;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_FIELDS_H_
