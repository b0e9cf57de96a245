#ifndef CLIENT_HOST_POOL_H_
#define CLIENT_HOST_POOL_H_

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "client/address_order.h"
#include "client/alarms.h"
#include "client/connection.h"
#include "client/connection_counts.h"
#include "client/connector.h"
#include "client/endpoint.h"
#include "client/exchange_result.h"
#include "client/resolver.h"
#include "client/secret.h"
#include "client/tls_context.h"
#include "client/tls_sessions.h"
#include "client/transport.h"

namespace signal_delivery::client {

// The connections of one network thread to one endpoint, and the attempts that
// use them or wait for one, first come first served.
//
// Attempts and connections are matched when both are there: a connection that
// was opened for one may carry another, and one that is opened too late for its
// attempt serves the next.
//
// Not thread-safe: lives on the network thread. Borrows the io_context, the
// alarms, the resolver and the counts.
class HostPool final : public Transport {
 public:
  struct Limits {
    size_t max_connections = 1;  // open or being opened; at least 1
    std::chrono::nanoseconds connect_timeout;
    std::chrono::nanoseconds max_idle;
    std::chrono::nanoseconds max_connection_age;
  };

  HostPool(boost::asio::io_context& io, Alarms& alarms, Resolver& resolver,
           const Endpoint& endpoint, std::shared_ptr<const TlsContext> tls,
           const Limits& limits, ConnectionCounts& counts);
  ~HostPool() override;
  HostPool(const HostPool&) = delete;
  HostPool& operator=(const HostPool&) = delete;

  // `done` may call back into the pool.
  void Post(Attempt attempt, Done done) override;
  void Cancel(uint64_t id, TimePoint answer_by) override;

  // Ends every attempt, and from now on at once. Closes all connections.
  void Shutdown();

  // Whether it has neither attempts nor connections.
  bool empty() const;

 private:
  // An attempt under way.
  struct Job {
    Attempt attempt;
    Done done;
    std::optional<TimePoint> sent_at;
    std::optional<Alarms::Handle> alarm;
    std::shared_ptr<Connection> carrier;  // null while it waits
  };
  using Jobs = std::list<Job>;

  struct Opening {
    std::shared_ptr<Connector> connector;
    // Up to here, the deadline of the attempt that it was opened for, it is
    // counted on. An opening that hangs longer must not keep later attempts
    // waiting for it.
    TimePoint counted_on_until;
  };
  using Openings = std::list<Opening>;

  struct Idle {
    std::shared_ptr<Connection> connection;
    TimePoint since;
  };

  void SetAlarm(Jobs::iterator job, TimePoint when);
  // Brings waiting attempts and connections together.
  void Match();
  void SendFirst(std::shared_ptr<Connection> connection);
  void OnExchanged(Jobs::iterator job, ExchangeResult result);
  void OnDeadline(Jobs::iterator job);
  void Conclude(Job job, ExchangeResult result, bool tried);
  ExchangeResult DeadlineBeforeSending() const;

  void OpenAsNeeded();
  void OnOpened(Openings::iterator opening, std::unique_ptr<TlsStream> stream);
  void OnOpenFailed(Openings::iterator opening, TransportFailure failure);
  size_t CountOpeningsCountedOn(TimePoint now) const;
  void OnHostSpoke();

  void PutIdle(std::shared_ptr<Connection> connection);
  void CloseStale();
  TimePoint StaleFrom(const Idle& idle) const;
  // After every change of what the connections do.
  void PublishCounts();

  boost::asio::io_context& io_;
  Alarms& alarms_;
  Resolver& resolver_;
  const Endpoint endpoint_;
  const std::shared_ptr<const TlsContext> tls_;
  const Limits limits_;
  ConnectionCounts& counts_;
  ConnectionCounts::Numbers published_;

  const std::shared_ptr<TlsSessions> sessions_ =
      std::make_shared<TlsSessions>();
  const std::shared_ptr<AddressOrder> order_ = std::make_shared<AddressOrder>();

  Jobs waiting_;  // the longest waiting first
  Jobs carried_;  // each by a connection of its own
  Openings openings_;
  // When the host last let a connection in or turned it away, or when the first
  // knocked since; absent while none does.
  std::optional<TimePoint> silent_since_;
  std::vector<Idle> idle_;  // the most recently used last, and used first
  std::optional<Alarms::Handle> stale_alarm_;
  bool shutting_down_ = false;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_HOST_POOL_H_
