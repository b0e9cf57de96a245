#ifndef CLIENT_JUDGE_H_
#define CLIENT_JUDGE_H_

#include "client/exchange_result.h"
#include "client/verdict.h"

namespace signal_delivery::client {

// Says what the result of an attempt means for what was posted. The one place
// that knows; a pure function. Leaves `attempts` to the caller.
Verdict Judge(const ExchangeResult& result);

}  // namespace signal_delivery::client

#endif  // CLIENT_JUDGE_H_
