#ifndef TESTS_TOOLS_SIGNALCTL_FIXTURE_H_
#define TESTS_TOOLS_SIGNALCTL_FIXTURE_H_

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "tests/support/fake_delivery_service.h"
#include "tools/cli/run.h"

namespace signal_delivery::cli {

template <typename Message>
Message Textproto(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

// Runs signalctl within the test, against a fake service.
class SignalctlTest : public ::testing::Test {
 protected:
  // Runs it with the service's address, an integration and `input` on standard
  // input. Returns the exit code; out and err have what it printed.
  int RunOn(const std::string& input, std::vector<std::string> args) {
    args.push_back("--server=" + service.address());
    args.push_back("--integration=acme");
    return RunPlain(input, args);
  }

  int RunPlain(const std::string& input, const std::vector<std::string>& args) {
    std::istringstream in(input);
    std::ostringstream out_stream, err_stream;
    const int exit_code = cli::Run(args, {in, out_stream, err_stream, color});
    out = out_stream.str();
    err = err_stream.str();
    return exit_code;
  }

  signal_delivery::testing::FakeDeliveryService service;
  bool color = false;
  std::string out;
  std::string err;
};

}  // namespace signal_delivery::cli

#endif  // TESTS_TOOLS_SIGNALCTL_FIXTURE_H_
