#ifndef SERVER_SERVICE_FILE_H_
#define SERVER_SERVICE_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/callers.h"
#include "server/service_config.h"

namespace signal_delivery::server {

// The service's own file while the service runs. What may change without a
// restart is `callers`, so that a token can be taken back at once; the rest is
// heeded at the next start.
//
// Not thread-safe.
class ServiceFile {
 public:
  // `in_force` is what the file said at the start.
  ServiceFile(std::string path, ServiceConfig in_force);

  // What reading the file again came to.
  struct Change {
    bool callers = false;
    // Keys other than `callers` say something else than at the start.
    bool needs_restart = false;
  };
  // Reads the file again and gives `callers` those that it names. Where the
  // file is wrong, all stays as it was, and the error is LoadServiceConfig's.
  absl::StatusOr<Change> Reload(Callers& callers);

 private:
  const std::string path_;
  ServiceConfig in_force_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_SERVICE_FILE_H_
