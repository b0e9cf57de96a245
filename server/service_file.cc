#include "server/service_file.h"

#include <utility>

#include "mapping/status_macros.h"

namespace signal_delivery::server {

ServiceFile::ServiceFile(std::string path, ServiceConfig in_force)
    : path_(std::move(path)), in_force_(std::move(in_force)) {}

absl::StatusOr<ServiceFile::Change> ServiceFile::Reload(Callers& callers) {
  ASSIGN_OR_RETURN(ServiceConfig read, LoadServiceConfig(path_));
  Change change;
  change.callers = read.access.callers != in_force_.access.callers;
  if (change.callers) {
    callers.Replace(read.access.callers);
    in_force_.access.callers = read.access.callers;
  }
  change.needs_restart = read != in_force_;
  return change;
}

}  // namespace signal_delivery::server
