#ifndef MAPPING_TEXT_FORMAT_H_
#define MAPPING_TEXT_FORMAT_H_

#include <string_view>

#include "mparticle/events/v2/annotations.pb.h"

namespace signal_delivery::mapping {

using ::mparticle::events::v2::TextFormat;

// Whether `text` has the syntax that mParticle enforces.
bool HasFormat(std::string_view text, TextFormat format);

// The format's name in a message to a person, for example "a UUID".
std::string_view DescriptionOf(TextFormat format);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TEXT_FORMAT_H_
