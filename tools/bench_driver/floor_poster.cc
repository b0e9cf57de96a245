// The least that a POST over TLS can cost: Boost.Beast with callbacks, on
// connections that are kept, one thread, the same body again and again. Prints
// one line of JSON with what it measured of itself.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"
#include "tools/bench_driver/latency_histogram.h"
#include "tools/bench_driver/process_watch.h"

namespace signal_delivery::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

struct Options {
  int port = 0;
  std::string path = "/v2/events";
  std::string ca_file;
  int connections = 16;
  size_t body_bytes = 500;
  double rate = 0;  // posts a second on all connections; 0: without pause
  double warm_up = 1;
  double seconds = 3;
};

struct Measured {
  bool on = false;
  int64_t posts = 0;
  LatencyHistogram latencies;
};

void Require(const error_code& error, const char* what) {
  if (!error) return;
  std::cerr << what << ": " << error.message() << std::endl;
  std::exit(2);
}

// One connection that posts, reads the answer, and posts again.
class Poster {
 public:
  Poster(const Options& options, asio::io_context& io, asio::ssl::context& tls,
         Measured& measured)
      : stream_(io, tls), timer_(io), measured_(measured) {
    if (options.rate > 0) {
      gap_ = std::chrono::nanoseconds(
          static_cast<int64_t>(1e9 * options.connections / options.rate));
    }
    error_code error;
    asio::ip::tcp::socket& socket = stream_.next_layer();
    socket.connect(
        {asio::ip::address_v4::loopback(), static_cast<uint16_t>(options.port)},
        error);
    Require(error, "connect");
    socket.set_option(asio::ip::tcp::no_delay(true));
    stream_.handshake(asio::ssl::stream_base::client, error);
    Require(error, "handshake");
    request_.method(http::verb::post);
    request_.target(options.path);
    request_.version(11);
    request_.set(http::field::host,
                 "127.0.0.1:" + std::to_string(options.port));
    request_.set(http::field::user_agent, "floor_poster");
    request_.set(http::field::authorization,
                 "Basic Zmxvb3Itb2YtdGhlOmJlbmNobWFyaw==");
    request_.set(http::field::content_type, "application/json");
    request_.body() = std::string(options.body_bytes, 'x');
    request_.prepare_payload();
  }

  void StartAt(Clock::time_point due_at) {
    due_at_ = due_at;
    if (gap_.count() == 0) return Post();
    timer_.expires_at(due_at);
    timer_.async_wait([this](const error_code&) { Post(); });
  }

 private:
  void Post() {
    http::async_write(
        stream_, request_, [this](const error_code& error, size_t) {
          Require(error, "write");
          response_.emplace();
          http::async_read(stream_, buffer_, *response_,
                           [this](const error_code& failure, size_t) {
                             Require(failure, "read");
                             OnAnswer();
                           });
        });
  }

  void OnAnswer() {
    if (response_->get().result() != http::status::accepted) {
      std::cerr << "answered " << response_->get().result_int() << std::endl;
      std::exit(2);
    }
    const Clock::time_point now = Clock::now();
    if (measured_.on) {
      ++measured_.posts;
      measured_.latencies.Add(now - due_at_);
    }
    StartAt(gap_.count() == 0 ? now : due_at_ + gap_);
  }

  boost::beast::ssl_stream<asio::ip::tcp::socket> stream_;
  asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::optional<http::response_parser<http::string_body>> response_;
  std::chrono::nanoseconds gap_{0};
  Clock::time_point due_at_;
  Measured& measured_;
};

std::chrono::nanoseconds Seconds(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

nlohmann::json Run(const Options& options) {
  asio::io_context io(1);
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_verify_mode(asio::ssl::verify_peer);
  tls.load_verify_file(options.ca_file);
  Measured measured;
  std::vector<std::unique_ptr<Poster>> posters;
  for (int i = 0; i < options.connections; ++i) {
    posters.push_back(std::make_unique<Poster>(options, io, tls, measured));
  }
  Clock::time_point due_at = Clock::now();
  for (auto& poster : posters) {
    poster->StartAt(due_at);
    if (options.rate > 0) due_at += Seconds(1 / options.rate);
  }
  const ProcessWatch itself(getpid(), "");
  io.run_for(Seconds(options.warm_up));
  measured.on = true;
  const Clock::time_point start = Clock::now();
  const std::chrono::nanoseconds cpu_before = itself.CpuTime();
  io.run_for(Seconds(options.seconds));
  const std::chrono::duration<double> cpu = itself.CpuTime() - cpu_before;
  const std::chrono::duration<double> seconds = Clock::now() - start;
  const auto milliseconds = [&measured](double percent) {
    return std::chrono::duration<double, std::milli>(
               measured.latencies.Percentile(percent))
        .count();
  };
  return {{"seconds", seconds.count()}, {"posts", measured.posts},
          {"p50_ms", milliseconds(50)}, {"p90_ms", milliseconds(90)},
          {"p99_ms", milliseconds(99)}, {"cpu_seconds", cpu.count()}};
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Posts over TLS and measures itself.");
  app.add_option("--port", options.port)->required();
  app.add_option("--ca", options.ca_file, "PEM")->required();
  app.add_option("--path", options.path);
  app.add_option("--connections", options.connections);
  app.add_option("--body-bytes", options.body_bytes);
  app.add_option("--rate", options.rate, "posts a second; 0: closed loop");
  app.add_option("--warm-up", options.warm_up, "seconds");
  app.add_option("--seconds", options.seconds, "to measure for");
  CLI11_PARSE(app, argc, argv);
  std::cout << Run(options) << std::endl;
  return 0;
}

}  // namespace
}  // namespace signal_delivery::bench

int main(int argc, char** argv) {
  return signal_delivery::bench::Main(argc, argv);
}
