#ifndef SERVER_RELOADER_H_
#define SERVER_RELOADER_H_

#include <string>

#include "server/server.h"
#include "server/service_file.h"

namespace signal_delivery::server {

// Takes into use what changed on disk while the service runs: the callers of
// its own file, the integrations, the port's certificates; each all or nothing.
// The log says what is new, and what is wrong: once, unless somebody asked.
//
// Not thread-safe. Borrows the server.
class Reloader {
 public:
  Reloader(ServiceFile file, Server& server);

  // `asked`: by a person, who wants to hear what came of it.
  void Reload(bool asked);

 private:
  ServiceFile file_;
  Server& server_;
  // What was said of each the last time.
  std::string of_file_;
  std::string of_integrations_;
  std::string of_certificates_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_RELOADER_H_
