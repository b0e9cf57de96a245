#include "client/tls_stream.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace signal_delivery::client {

std::string DescribeError(const boost::system::error_code& error) {
  if (error == boost::asio::error::eof ||
      error == boost::asio::ssl::error::stream_truncated) {
    return "closed by the host";
  }
  return error.message();
}

}  // namespace signal_delivery::client
