#ifndef TESTS_SUPPORT_CONFIG_FOLDER_H_
#define TESTS_SUPPORT_CONFIG_FOLDER_H_

#include <string>

namespace signal_delivery::support {

// A folder of configuration files, new and empty, below the test's temporary
// folder.
class ConfigFolder {
 public:
  ConfigFolder();
  ~ConfigFolder();
  ConfigFolder(const ConfigFolder&) = delete;
  ConfigFolder& operator=(const ConfigFolder&) = delete;

  const std::string& path() const { return path_; }
  // Writes a file and the folders it needs; returns its path.
  std::string Write(const std::string& name, const std::string& text) const;
  void Remove(const std::string& name) const;

 private:
  std::string path_;
};

// What the tests' integrations sign in with: the first stands for any key, the
// second is to be found nowhere but in the request.
inline constexpr char kApiKey[] = "canary-api-key";
inline constexpr char kApiSecret[] = "canary-api-secret";

// An integration's file that posts to a server of the test: `host` is
// "localhost:8443", `ca_file` what it is to trust. `more` are further lines of
// the file.
std::string IntegrationText(const std::string& host, const std::string& ca_file,
                            const std::string& more = "");

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_CONFIG_FOLDER_H_
