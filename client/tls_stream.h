#ifndef CLIENT_TLS_STREAM_H_
#define CLIENT_TLS_STREAM_H_

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <string>

namespace signal_delivery::client {

// Asio's socket without its type-erased executor, which costs allocations.
using TcpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                     boost::asio::io_context::executor_type>;
using TlsStream = boost::asio::ssl::stream<TcpSocket>;

// What went wrong on a socket or in TLS, for a person. Asio says "End of file"
// and "stream truncated" where the peer just closed.
std::string DescribeError(const boost::system::error_code& error);

}  // namespace signal_delivery::client

#endif  // CLIENT_TLS_STREAM_H_
