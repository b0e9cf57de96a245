#ifndef SERVER_DESCRIPTORS_H_
#define SERVER_DESCRIPTORS_H_

namespace signal_delivery::server {

// How many file descriptors the process may have.
int MaxDescriptors();

// Raises that to what the system allows at most: what a process has by itself,
// mostly 1,024, is there for programs that use select(2).
void RaiseMaxDescriptors();

}  // namespace signal_delivery::server

#endif  // SERVER_DESCRIPTORS_H_
