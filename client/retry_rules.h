#ifndef CLIENT_RETRY_RULES_H_
#define CLIENT_RETRY_RULES_H_

#include "client/exchange_result.h"

namespace signal_delivery::client {

// Whether another attempt with the same body may end better: after 408, 429,
// every 5xx but 501, and every failure of transport that was not of our making.
// A pure function.
bool MayEndBetter(const ExchangeResult& result);

}  // namespace signal_delivery::client

#endif  // CLIENT_RETRY_RULES_H_
