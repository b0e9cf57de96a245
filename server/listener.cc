#include "server/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "mapping/status_macros.h"
#include "server/descriptors.h"

namespace signal_delivery::server {
namespace {

// What connections leave of the descriptors to all else, that is to mParticle,
// files and the admin port: a quarter, and never more than this.
constexpr int kMostKeptBack = 1'024;
constexpr int kKeptBackShare = 4;

// Connections taken before it is looked whether to stop.
constexpr int kMostAtATime = 64;

// How long to wait where the system is out of descriptors or memory.
constexpr int kPauseMilliseconds = 100;

int MostForConnections() {
  const int all = MaxDescriptors();
  return all - std::min(kMostKeptBack, all / kKeptBackShare);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(
    const std::string& address, const Options& options) {
  ASSIGN_OR_RETURN(ListeningSockets sockets, ListeningSockets::Open(address));
  const int stop_event = eventfd(0, EFD_CLOEXEC);
  if (stop_event < 0) return absl::UnavailableError("no descriptor is left");
  return absl::WrapUnique(
      new Listener(std::move(sockets), options, stop_event));
}

Listener::Listener(ListeningSockets sockets, const Options& options,
                   int stop_event)
    : options_(options),
      sockets_(std::make_unique<ListeningSockets>(std::move(sockets))),
      port_(sockets_->port()),
      stop_event_(stop_event),
      table_(std::min(options.max_connections,
                      static_cast<size_t>(MostForConnections()))),
      resets_(options.max_resets_per_second) {}

Listener::~Listener() {
  Stop();
  close(stop_event_);
}

void Listener::AddTo(grpc::ServerBuilder& builder,
                     std::shared_ptr<grpc::ServerCredentials> credentials) {
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      std::move(credentials));
}

void Listener::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    eventfd_write(stop_event_, 1);
    thread_.join();
  }
  sockets_ = nullptr;
}

void Listener::OnReset(const std::string& peer) {
  if (resets_.Spend(peer, std::chrono::steady_clock::now())) return;
  if (table_.Disconnect(peer)) ended_.fetch_add(1, std::memory_order_relaxed);
}

void Listener::Run() {
  std::vector<pollfd> waited_for = {{stop_event_, POLLIN, 0}};
  for (const int socket : sockets_->sockets()) {
    waited_for.push_back({socket, POLLIN, 0});
  }
  while (true) {
    poll(waited_for.data(), waited_for.size(), -1);
    if (waited_for[0].revents != 0) return;
    bool may_go_on = true;
    for (size_t i = 1; i < waited_for.size(); ++i) {
      if (waited_for[i].revents != 0) {
        may_go_on = TakeFrom(waited_for[i].fd) && may_go_on;
      }
    }
    // What waits to be taken would wake this thread without end.
    if (!may_go_on) poll(waited_for.data(), 1, kPauseMilliseconds);
  }
}

bool Listener::TakeFrom(int listening) {
  for (int i = 0; i < kMostAtATime; ++i) {
    sockaddr_storage peer = {};
    socklen_t size = sizeof(peer);
    const int connection =
        accept4(listening, reinterpret_cast<sockaddr*>(&peer), &size,
                SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) {
      // accept(2) also tells of what befell a connection that waited.
      return errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
             errno != ENOMEM;
    }
    if (!TakesOne(connection, peer)) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      close(connection);
      continue;
    }
    if (peer.ss_family != AF_UNIX) {
      const auto timeout = static_cast<unsigned int>(
          absl::ToInt64Milliseconds(options_.send_timeout));
      setsockopt(connection, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout,
                 sizeof(timeout));
    }
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
        taken;
    taken.listener_fd = listening;
    taken.fd = connection;  // gRPC's now
    acceptor_->HandleNewConnection(&taken);
  }
  return true;
}

bool Listener::TakesOne(int connection, const sockaddr_storage& peer) {
  // Descriptors are given out from the lowest: so many are in use.
  return connection < MostForConnections() &&
         table_.Admit(connection, peer, std::chrono::steady_clock::now());
}

}  // namespace signal_delivery::server
