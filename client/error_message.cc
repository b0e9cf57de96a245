#include "client/error_message.h"

#include "absl/strings/ascii.h"
#include "nlohmann/json.hpp"

namespace signal_delivery::client {
namespace {

using nlohmann::json;

bool IsContinuation(char byte) { return (byte & 0xC0) == 0x80; }

// `text` is valid UTF-8: the JSON parser takes nothing else.
std::string Printable(const std::string& text) {
  std::string printable;
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsContinuation(text[i]) && ++characters > kMaxErrorMessageCharacters) {
      break;
    }
    // C1 controls are U+0080 to U+009F: C2 80 to C2 9F.
    const bool is_c1 = text[i] == '\xC2' && text[i + 1] < '\xA0';
    if (is_c1) ++i;
    printable += is_c1 || absl::ascii_iscntrl(text[i]) ? ' ' : text[i];
  }
  return printable;
}

}  // namespace

std::string ReadErrorMessage(absl::string_view body) {
  if (body.size() > kMaxErrorBodySize) return "";
  const json document = json::parse(body.begin(), body.end(), nullptr,
                                    /*allow_exceptions=*/false);
  if (!document.is_object()) return "";
  const auto errors = document.find("errors");
  if (errors == document.end() || !errors->is_array() || errors->empty() ||
      !errors->front().is_object()) {
    return "";
  }
  const auto message = errors->front().find("message");
  if (message == errors->front().end() || !message->is_string()) return "";
  return Printable(message->get_ref<const std::string&>());
}

}  // namespace signal_delivery::client
