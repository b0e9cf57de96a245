#include "tools/cli/shell_completion.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace signal_delivery::cli {
namespace {

// What follows `words` and `files` in the script is the same for all programs:
// what fits the word before the cursor is offered.
constexpr char kBashHead[] =
    R"(# For bash: source <(signalctl completion bash)
_signal_delivery_offer() {
  local word=$1 words=$2 files=$3
  COMPREPLY=()
  [ -z "$words" ] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  [ -z "$files" ] || mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
}
)";

// To bash, --option=value is three words.
constexpr char kBashWords[] =
    R"(  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  local command='' words='' files='' i
  if [ "$word" = = ]; then
    word=''
  elif [ "$before" = = ]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
)";

std::string Names(const std::vector<OptionOutline>& options) {
  std::vector<std::string> names;
  for (const OptionOutline& option : options) {
    if (option.positional) continue;
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return absl::StrJoin(names, " ");
}

// The line of a `case` that says what values `option` has.
std::string BashValues(const std::string& pattern,
                       const OptionOutline& option) {
  const std::string words =
      option.choices.empty()
          ? ""
          : absl::StrCat(" words='", absl::StrJoin(option.choices, " "), "'");
  return absl::StrCat("    ", pattern, ")", words,
                      option.TakesFile() ? " files=yes" : "", " ;;\n");
}

// The lines for the values of one command's options, its positional arguments
// and its options' names, in this order: the first that fits counts.
std::string BashCases(const CommandOutline& command, absl::string_view name) {
  std::string cases;
  for (const OptionOutline& option : command.options) {
    if (option.positional || option.value.empty()) continue;
    for (const std::string& spelling : option.names) {
      absl::StrAppend(
          &cases,
          BashValues(absl::StrCat("'", name, "':", spelling, ":*"), option));
    }
  }
  absl::StrAppend(&cases, "    '", name, "':*:-*) words='",
                  Names(command.options), "' ;;\n");
  for (const OptionOutline& option : command.options) {
    if (!option.positional) continue;
    absl::StrAppend(&cases, BashValues(absl::StrCat("'", name, "':*"), option));
  }
  return cases;
}

std::vector<std::string> CommandNames(const CommandOutline& program) {
  std::vector<std::string> names;
  for (const CommandOutline& command : program.commands) {
    names.push_back(command.name);
  }
  return names;
}

std::string BashFunction(const CommandOutline& program) {
  std::string text = absl::StrCat("_", program.name, "() {\n", kBashWords);
  std::string cases = BashCases(program, "");
  const std::vector<std::string> names = CommandNames(program);
  if (!names.empty()) {
    absl::StrAppend(&text,
                    "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
                    "    case ${COMP_WORDS[i]} in\n      ",
                    absl::StrJoin(names, "|"),
                    ") command=${COMP_WORDS[i]}; break ;;\n"
                    "    esac\n"
                    "  done\n");
    absl::StrAppend(&cases, "    '':*) words='", absl::StrJoin(names, " "),
                    "' ;;\n");
  }
  for (const CommandOutline& command : program.commands) {
    absl::StrAppend(&cases, BashCases(command, command.name));
  }
  absl::StrAppend(&text, "  case $command:$before:$word in\n", cases,
                  "  esac\n"
                  "  _signal_delivery_offer \"$word\" \"$words\" \"$files\"\n"
                  "}\n"
                  "complete -o filenames -F _",
                  program.name, " ", program.name, "\n");
  return text;
}

// One line, as a menu has room for no more.
std::string OneLine(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\n", " "}});
}

// In single quotes; these characters mean something to _arguments and
// _describe.
std::string ZshText(absl::string_view text) {
  return absl::StrReplaceAll(OneLine(text), {{"\\", "\\\\"},
                                             {"'", "'\\''"},
                                             {":", "\\:"},
                                             {"[", "\\["},
                                             {"]", "\\]"}});
}

std::string ZshValue(const OptionOutline& option) {
  if (option.value.empty()) return "";
  std::string action = option.TakesFile() ? "_files" : " ";
  if (!option.choices.empty()) {
    action = absl::StrCat("(", absl::StrJoin(option.choices, " "), ")");
  }
  return absl::StrCat(":", ZshText(option.value), ":", action);
}

std::string ZshArguments(const CommandOutline& command) {
  std::string specs;
  for (const OptionOutline& option : command.options) {
    if (option.positional) {
      absl::StrAppend(&specs, " \\\n      '*", ZshValue(option), "'");
      continue;
    }
    for (const std::string& name : option.names) {
      const bool with_equals =
          !option.value.empty() && absl::string_view(name).substr(0, 2) == "--";
      absl::StrAppend(&specs, " \\\n      '*", name, with_equals ? "=" : "",
                      "[", ZshText(option.help), "]", ZshValue(option), "'");
    }
  }
  return specs;
}

std::string ZshFunction(const CommandOutline& program) {
  std::string text = absl::StrCat("_", program.name, "() {\n");
  if (program.commands.empty()) {
    return absl::StrCat(text, "  _arguments", ZshArguments(program), "\n}\n");
  }
  absl::StrAppend(&text, "  local state line\n  local -a commands=(\n");
  for (const CommandOutline& command : program.commands) {
    absl::StrAppend(&text, "    '", command.name, ":",
                    ZshText(command.description), "'\n");
  }
  absl::StrAppend(&text, "  )\n  _arguments -C", ZshArguments(program),
                  " \\\n      '1: :->command' '*:: :->rest' && return\n"
                  "  case $state in\n"
                  "    command) _describe command commands ;;\n"
                  "    rest) case $words[1] in\n");
  for (const CommandOutline& command : program.commands) {
    absl::StrAppend(&text, "    ", command.name, ") _arguments",
                    ZshArguments(command), " ;;\n");
  }
  return absl::StrCat(text, "    esac ;;\n  esac\n}\n");
}

std::string ProgramNames(const std::vector<CommandOutline>& programs) {
  return absl::StrJoin(programs, " ",
                       [](std::string* out, const CommandOutline& program) {
                         absl::StrAppend(out, program.name);
                       });
}

}  // namespace

std::string BashCompletion(const std::vector<CommandOutline>& programs) {
  std::string text = kBashHead;
  for (const CommandOutline& program : programs) {
    absl::StrAppend(&text, BashFunction(program));
  }
  return text;
}

std::string ZshCompletion(const std::vector<CommandOutline>& programs) {
  const std::string names = ProgramNames(programs);
  std::string text = absl::StrCat(
      "#compdef ", names, "\n",
      "# For zsh: source <(signalctl completion zsh), or as the file _",
      programs.front().name, " in a folder of $fpath.\n");
  for (const CommandOutline& program : programs) {
    absl::StrAppend(&text, ZshFunction(program));
  }
  absl::StrAppend(&text, "if [ \"$funcstack[1]\" = _", programs.front().name,
                  " ]; then\n  \"_$service\" \"$@\"\nelse\n");
  for (const CommandOutline& program : programs) {
    absl::StrAppend(&text, "  compdef _", program.name, " ", program.name,
                    "\n");
  }
  return absl::StrCat(text, "fi\n");
}

}  // namespace signal_delivery::cli
