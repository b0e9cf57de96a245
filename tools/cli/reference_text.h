#ifndef TOOLS_CLI_REFERENCE_TEXT_H_
#define TOOLS_CLI_REFERENCE_TEXT_H_

#include <string>

namespace signal_delivery::cli {

// The reference of an integration's file, as Markdown: every key, source,
// target, transform, rule and preset, taken from the tables that the service
// itself uses. mapping/REFERENCE.md is this text.
std::string ReferenceText();

}  // namespace signal_delivery::cli

#endif  // TOOLS_CLI_REFERENCE_TEXT_H_
