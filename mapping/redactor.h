#ifndef MAPPING_REDACTOR_H_
#define MAPPING_REDACTOR_H_

#include <google/protobuf/descriptor.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// Makes a message's JSON, as JsonWriter writes it, fit to be shown to whoever
// may see what is delivered but not whom it is about. Structure and names stay,
// and so does what the schema says is `shown`: see annotations.proto. In the
// place of anything else stands what it is and how long: "[text of 12]".
//
// Goes by the schema's descriptors alone: what they do not know is not shown.
// Immutable, thread-safe.
class Redactor {
 public:
  // `root` is of generated code.
  explicit Redactor(const google::protobuf::Descriptor& root);
  ~Redactor();
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;

  // Whether texts that the schema says are shown are.
  enum class Texts { kAsTheSchemaSays, kHidden };

  // `json` is one message of the root's type. "" where it is not JSON, or of
  // more than 100 objects and lists in one another.
  std::string Redact(std::string json,
                     Texts texts = Texts::kAsTheSchemaSays) const;

 private:
  class Views;
  const std::unique_ptr<const Views> views_;
};

// What stands in the place of a text that is not shown.
std::string HiddenText(absl::string_view text);

// A text of a kind that may be shown, unless it cannot be of that kind: an
// e-mail address is no event's name and no product's id.
std::string ShownText(absl::string_view text);

// A name or path of the sender's own, such as a property's. One that is not
// shaped like what a program calls a thing may be a value in a name's place: in
// its stead "[name of 12]".
std::string ShownName(absl::string_view name);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_REDACTOR_H_
