#ifndef MAPPING_EVENT_KEY_LIST_H_
#define MAPPING_EVENT_KEY_LIST_H_

#include <cstddef>
#include <initializer_list>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "mapping/source_event.h"

namespace signal_delivery::mapping {

// What the events of a batch are called when batches are told apart, one behind
// the other in one text. An event's key is its message_id with its type, name,
// time and user, so that a sender who uses a message_id twice loses nothing;
// where it has none, a hash of all it says, which for two events of the same
// content and timestamp is the same. Not thread-safe.
class EventKeyList {
 public:
  // Appends the event's key.
  void Add(const SourceEvent& event);

  size_t size() const { return ends_.size(); }
  // Those from `first` up to before `last`.
  EventKeyList Part(size_t first, size_t last) const;

  // `,LENGTH:KEY` of each: no two lists of keys read alike. The ids that
  // mParticle knows batches by are made of it: it stays as it is.
  absl::string_view text() const { return text_; }

 private:
  // A key of these parts, of which there are some.
  void Append(std::initializer_list<absl::string_view> parts);
  size_t StartOf(size_t index) const {
    return index == 0 ? 0 : ends_[index - 1];
  }

  std::string text_;
  absl::InlinedVector<size_t, 1> ends_;  // of each in text_
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_EVENT_KEY_LIST_H_
