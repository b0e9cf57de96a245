#ifndef TOOLS_CLI_REFERENCE_EXAMPLES_H_
#define TOOLS_CLI_REFERENCE_EXAMPLES_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace signal_delivery::cli {

// What a user is likely to want, as lines of an integration's file.
struct ReferenceExample {
  absl::string_view title;
  // What to know beside it; may be empty.
  absl::string_view note;
  absl::string_view yaml;
};

absl::Span<const ReferenceExample> ReferenceExamples();

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_REFERENCE_EXAMPLES_H_
