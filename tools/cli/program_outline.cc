#include "tools/cli/program_outline.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::cli {
namespace {

// CLI11 tells the words that an option takes as "FORMAT:{table,json}".
std::vector<std::string> ChoicesIn(absl::string_view type) {
  const size_t begin = type.find('{');
  const size_t end = type.rfind('}');
  if (begin == absl::string_view::npos || end == absl::string_view::npos) {
    return {};
  }
  return absl::StrSplit(type.substr(begin + 1, end - begin - 1), ',');
}

OptionOutline OutlineOf(const CLI::Option& option) {
  OptionOutline outline;
  outline.positional = option.get_positional();
  outline.required = option.get_required();
  outline.help = option.get_description();
  const std::string type = option.get_type_name();
  outline.choices = ChoicesIn(type);
  if (outline.positional) {
    outline.value = option.get_name(true);
    outline.names = {outline.value};
    return outline;
  }
  if (option.get_items_expected_max() > 0) {
    outline.value = type.substr(0, type.find(":{"));
  }
  for (const std::string& name : option.get_snames()) {
    outline.names.push_back(absl::StrCat("-", name));
  }
  for (const std::string& name : option.get_lnames()) {
    outline.names.push_back(absl::StrCat("--", name));
  }
  return outline;
}

}  // namespace

bool OptionOutline::TakesFile() const {
  return value == "FILE" || value == "PATH" || value == "EVENTS";
}

CommandOutline OutlineOf(const CLI::App& app) {
  CommandOutline outline{.name = app.get_name(),
                         .description = app.get_description(),
                         .footer = app.get_footer()};
  for (const CLI::Option* option : app.get_options()) {
    outline.options.push_back(OutlineOf(*option));
  }
  for (const CLI::App* command :
       app.get_subcommands([](const CLI::App*) { return true; })) {
    outline.commands.push_back(OutlineOf(*command));
  }
  return outline;
}

}  // namespace signal_delivery::cli
