#ifndef CLIENT_RESOLVER_H_
#define CLIENT_RESOLVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace signal_delivery::client {

// The addresses of a host, as text, in the order to try them. Never an empty
// list: that is an error. May block; called on several threads at a time.
using LookupFunction = std::function<absl::StatusOr<std::vector<std::string>>(
    const std::string& host)>;

// Asks the system (getaddrinfo). An IP address is its own answer.
absl::StatusOr<std::vector<std::string>> LookupWithSystem(
    const std::string& host);

// Looks names up without blocking its caller, each on a thread of its own, so
// that a slow name holds up no other. Calls for a name that is being looked up
// share that one lookup. It keeps no answers.
//
// Not Asio's resolver: that one has a single thread, and its destructor waits
// for a lookup that nobody can cancel. This one's leaves the lookup behind.
//
// Thread-safe.
class Resolver {
 public:
  using Done = absl::AnyInvocable<void(
      const absl::StatusOr<std::vector<std::string>>& addresses)>;

  explicit Resolver(LookupFunction lookup);
  // No `done` is called after this returns.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Calls `done` on a thread of the resolver's while a lock is held: `done`
  // may only hand the answer on.
  void Resolve(const std::string& host, Done done);

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_RESOLVER_H_
