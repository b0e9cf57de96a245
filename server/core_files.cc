#include "server/core_files.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace signal_delivery::server {

void ForbidCoreFiles() {
  // Neither can fail with these values.
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // core(5): where core_pattern names a program, a limit of 0 does not keep the
  // kernel from handing it the memory; this does.
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace signal_delivery::server
