#ifndef MAPPING_TEXT_FORMAT_H_
#define MAPPING_TEXT_FORMAT_H_

#include "absl/strings/string_view.h"
#include "mparticle/events/v2/annotations.pb.h"

namespace signal_delivery::mapping {

using ::mparticle::events::v2::TextFormat;

// Whether `text` has the syntax that mParticle enforces.
bool HasFormat(absl::string_view text, TextFormat format);

// The format's name in a message to a person, for example "a UUID".
absl::string_view DescriptionOf(TextFormat format);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TEXT_FORMAT_H_
