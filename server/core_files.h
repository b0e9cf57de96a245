#ifndef SERVER_CORE_FILES_H_
#define SERVER_CORE_FILES_H_

namespace signal_delivery::server {

// From now on the kernel writes no core file of this process, to a file or to a
// program, and lets no other process of the same user read its memory or its
// environment: they hold secrets and events.
void ForbidCoreFiles();

}  // namespace signal_delivery::server

#endif  // SERVER_CORE_FILES_H_
