// The program itself: its arguments, its files, its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "nlohmann/json.hpp"

extern char** environ;

namespace signal_delivery::sandbox {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kProgram[] = "tools/sandbox/mparticle_sandbox";

// The program as a child process, its output in a pipe.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    arguments.insert(arguments.begin(), kProgram);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    EXPECT_EQ(
        posix_spawn(&pid_, kProgram, &actions, nullptr, argv.data(), environ),
        0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = ends[0];
  }
  ~Program() { close(output_); }

  // Blocks until the program has written a line; less at its end.
  std::string ReadLine() {
    std::string line;
    char next = 0;
    while (next != '\n' && read(output_, &next, 1) == 1) line += next;
    return line;
  }

  std::string ReadToEnd() {
    std::string all;
    for (std::string line; !(line = ReadLine()).empty();) all += line;
    return all;
  }

  void Signal(int number) { kill(pid_, number); }

  int WaitForExit() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = 0;
  int output_ = -1;
};

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(SandboxProgramTest, ListensTellsWhereAndEndsCleanly) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::string ready = testing::TempDir() + "/ready.json";
    const std::string ca = testing::TempDir() + "/ca.pem";
    Program program(
        {"--listen=127.0.0.1:0", "--ready-file=" + ready, "--ca-out=" + ca});
    const std::string line = program.ReadLine();
    EXPECT_THAT(nlohmann::json::parse(line)["address"].get<std::string>(),
                testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
    EXPECT_EQ(Contents(ready), line);
    EXPECT_THAT(Contents(ca), StartsWith("-----BEGIN CERTIFICATE-----"));
    program.Signal(signal);
    EXPECT_EQ(program.WaitForExit(), 0);
  }
}

TEST(SandboxProgramTest, ReadsItsFaultsAgainOnSighup) {
  const std::string faults = testing::TempDir() + "/faults.jsonl";
  std::ofstream(faults) << R"({"fault":"stall"})";
  Program program({"--listen=127.0.0.1:0", "--faults=" + faults});
  program.ReadLine();
  std::ofstream(faults) << R"({"fault":"nonsense"})";
  program.Signal(SIGHUP);
  EXPECT_EQ(program.ReadLine(),
            "mparticle_sandbox: line 1: unknown fault nonsense\n");
  program.Signal(SIGTERM);
  EXPECT_EQ(program.WaitForExit(), 0);
}

TEST(SandboxProgramTest, SaysWhichArgumentIsBad) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"--unknown", "--unknown"},
      {"--listen=8443", "--listen must be ADDRESS:PORT"},
      {"--listen=127.0.0.1:99999", "--listen must be ADDRESS:PORT"},
      {"--listen=localhost:0", "localhost is not an IP address"},
      {"--cert=a.pem", "--cert requires --key"},
      {"--faults=/nowhere", "cannot read /nowhere"},
      {"--rate-limit=-1", "--rate-limit"},
      {"--record=/nowhere/record", "cannot open /nowhere/record"},
      {"--ca-out=/nowhere/ca", "cannot write /nowhere/ca"},
  };
  for (const auto& [argument, message] : bad) {
    std::vector<std::string> arguments = {argument};
    if (!absl::StartsWith(argument, "--listen")) {
      arguments.push_back("--listen=127.0.0.1:0");
    }
    Program program(arguments);
    EXPECT_THAT(program.ReadToEnd(), HasSubstr(message)) << argument;
    EXPECT_EQ(program.WaitForExit(), 2) << argument;
  }
}

TEST(SandboxProgramTest, HelpIsNoError) {
  Program program({"--help"});
  EXPECT_THAT(program.ReadToEnd(), HasSubstr("--ready-file"));
  EXPECT_EQ(program.WaitForExit(), 0);
}

}  // namespace
}  // namespace signal_delivery::sandbox
