#include "tests/support/config_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace signal_delivery::support {

ConfigFolder::ConfigFolder() : path_(testing::TempDir() + "/config.XXXXXX") {
  EXPECT_NE(mkdtemp(path_.data()), nullptr);
}

ConfigFolder::~ConfigFolder() { std::filesystem::remove_all(path_); }

std::string ConfigFolder::Write(const std::string& name,
                                const std::string& text) const {
  const std::filesystem::path file = std::filesystem::path(path_) / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
  return file.string();
}

void ConfigFolder::Remove(const std::string& name) const {
  std::filesystem::remove(std::filesystem::path(path_) / name);
}

std::string IntegrationText(const std::string& host, const std::string& ca_file,
                            const std::string& more) {
  return absl::StrCat("version: 2\n",                      //
                      "delivery_mode: server_side\n",      //
                      "parameters:\n",                     //
                      "  api_key: ", kApiKey, "\n",        //
                      "  api_secret: ", kApiSecret, "\n",  //
                      "  s2s_host: ", host, "\n",          //
                      "  environment: production\n",       //
                      "  allow_unlisted_host: true\n",     //
                      "  ca_file: ", ca_file, "\n", more, "\n");
}

}  // namespace signal_delivery::support
