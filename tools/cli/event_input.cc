#include "tools/cli/event_input.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "mapping/signal_json.h"
#include "tools/cli/limits.h"

namespace signal_delivery::cli {
namespace {

// Reads up to the limit and one byte more, so that the caller sees a text that
// is too long, and an endless one ends.
std::string ReadBounded(std::istream& in) {
  constexpr std::size_t kChunk = 64 * 1024;
  std::string text;
  while (in && text.size() <= kMaxMessageBytes) {
    const std::size_t had = text.size();
    text.resize(had + kChunk);
    in.read(text.data() + had, kChunk);
    text.resize(had + static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::vector<datafly::signal::v1::Event>> ReadEvents(
    const std::string& file, std::istream& standard_input) {
  const bool is_standard_input = file == "-";
  const std::string name = is_standard_input ? "standard input" : file;
  std::ifstream opened;
  if (!is_standard_input) {
    opened.open(file, std::ios::binary);
    if (!opened) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": cannot open: ", std::strerror(errno)));
    }
  }
  std::istream& in = is_standard_input ? standard_input : opened;
  const std::string text = ReadBounded(in);
  if (in.bad()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": cannot read"));
  }
  if (text.size() > kMaxMessageBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": larger than ", kMaxMessageBytes >> 20,
                     " MiB: send the events in several calls"));
  }
  auto events = mapping::EventsFromJson(text);
  if (!events.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", events.status().message()));
  }
  if (events->empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": no events in it"));
  }
  return events;
}

}  // namespace signal_delivery::cli
