#include "client/response_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace signal_delivery::client {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// Longer than any pause that makes sense, and it keeps sums of times finite.
constexpr absl::Duration kMaxRetryAfter = absl::Hours(24);

// Whole seconds, as mParticle documents it. Anything else is as good as none.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view value) {
  if (value.empty() ||
      !std::all_of(value.begin(), value.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  int64_t seconds = 0;
  // All digits, so the only way to fail is to be too large.
  if (!absl::SimpleAtoi(value, &seconds)) return kMaxRetryAfter;
  return std::min(kMaxRetryAfter, absl::Seconds(seconds));
}

}  // namespace

// Beast's parser does the syntax; this keeps the little that matters.
class ResponseReader::Parser : public http::basic_parser<false> {
 public:
  Parser() {
    eager(true);
    // ResponseReader measures head and body itself. It counts interim heads
    // in, and a large body is no error to it. (Beast 1.74 takes "no limit" for
    // a limit of nothing.)
    header_limit(2 * kMaxHeadSize);
    body_limit(std::numeric_limits<uint64_t>::max());
  }

  int status() const { return status_; }
  bool is_http_1_1() const { return version_ == 11; }
  std::optional<absl::Duration> retry_after() const { return retry_after_; }

 private:
  using string_view = boost::beast::string_view;

  void on_response_impl(int code, string_view, int version,
                        error_code&) override {
    status_ = code;
    version_ = version;
  }
  void on_field_impl(http::field name, string_view, string_view value,
                     error_code&) override {
    if (name != http::field::retry_after) return;
    // Of several the longest: never sooner than any of them asks.
    retry_after_ =
        std::max(retry_after_, ParseRetryAfter({value.data(), value.size()}));
  }
  size_t on_body_impl(string_view body, error_code&) override {
    return body.size();
  }
  size_t on_chunk_body_impl(uint64_t, string_view body, error_code&) override {
    return body.size();
  }
  void on_request_impl(http::verb, string_view, string_view, int,
                       error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&,
                         error_code&) override {}
  void on_chunk_header_impl(uint64_t, string_view, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  int status_ = 0;
  int version_ = 0;
  std::optional<absl::Duration> retry_after_;
};

ResponseReader::ResponseReader() : parser_(std::make_unique<Parser>()) {}

ResponseReader::~ResponseReader() = default;

ResponseReader::Progress ResponseReader::Feed(absl::string_view bytes) {
  (answer_.has_value() ? body_bytes_ : head_bytes_) += bytes.size();

  // Beast wants every head and chunk head in one piece, so the start of one is
  // kept until the rest is there. Mostly all comes at once and is not copied.
  const bool continued = !unparsed_.empty();
  if (continued) unparsed_.append(bytes.data(), bytes.size());
  absl::string_view input = continued ? absl::string_view(unparsed_) : bytes;

  const Progress progress = Parse(input);
  if (continued) {
    unparsed_.erase(0, unparsed_.size() - input.size());
  } else {
    unparsed_.assign(input.data(), input.size());
  }
  return progress;
}

ResponseReader::Progress ResponseReader::Parse(absl::string_view& input) {
  while (true) {
    error_code error;
    input.remove_prefix(
        parser_->put(asio::buffer(input.data(), input.size()), error));
    if (error == http::error::need_more) error = {};

    if (!answer_.has_value()) {
      if (!parser_->is_header_done()) {
        if (error) return Unreadable(error.message());
        if (head_bytes_ > kMaxHeadSize)
          return Unreadable("the head is too long");
        return Progress::kNeedsMore;
      }
      const int status = parser_->status();
      // 101 would change the protocol, which nobody asked for.
      const bool interim = status >= 100 && status < 200 && status != 101;
      if (interim) {
        parser_ = std::make_unique<Parser>();
        if (input.empty()) return Progress::kNeedsMore;
        continue;
      }
      if (status < 200 || status > 599) {
        return Unreadable(absl::StrCat("the status is ", status));
      }
      answer_ = HttpAnswer{status, parser_->retry_after()};
    }

    if (parser_->is_done()) {
      // Bytes beyond the answer belong to nothing that was asked.
      reusable_ =
          parser_->keep_alive() && parser_->is_http_1_1() && input.empty();
      return Progress::kFinished;
    }
    // The rest of the body only serves to use the connection again.
    const bool worth_reading =
        !error && parser_->keep_alive() && parser_->is_http_1_1() &&
        parser_->content_length().value_or(0) <= kMaxBodySize &&
        body_bytes_ <= kMaxBodySize;
    return worth_reading ? Progress::kNeedsMore : Progress::kFinished;
  }
}

ResponseReader::Progress ResponseReader::Unreadable(absl::string_view why) {
  error_ = absl::StrCat("what came back is not an HTTP answer: ", why);
  return Progress::kUnreadable;
}

}  // namespace signal_delivery::client
