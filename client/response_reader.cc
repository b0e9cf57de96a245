#include "client/response_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/error_message.h"
#include "client/retry_after.h"

namespace signal_delivery::client {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// 0 to 100; mParticle may say more once a limit is exceeded. Anything that is
// not a number from 0 on is as good as none.
std::optional<double> ParsePercentage(absl::string_view value) {
  double percentage = 0;
  if (!absl::SimpleAtod(value, &percentage) || !(percentage >= 0)) {
    return std::nullopt;
  }
  return std::min(percentage, 100.0);
}

// Those of which the host's error message is kept.
bool IsRefusal(int status) { return status == 400 || status == 413; }

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
  // As much of a refusal's body as could be an error message.
  absl::string_view kept_body() const { return kept_body_; }

  // What the head says, once it is whole.
  HttpAnswer Answer(absl::Time now) const {
    HttpAnswer answer = {.status = status_,
                         .limit_used_percent = limit_used_percent_};
    // The date is of no other use, and parsing it costs as much as the rest.
    if (!retry_after_.empty()) {
      now = ParseHttpDate(date_).value_or(now);
    }
    for (const std::string& value : retry_after_) {
      // Of several the longest: never sooner than any of them asks.
      answer.retry_after =
          std::max(answer.retry_after, ParseRetryAfter(value, now));
    }
    answer.acceleration_limited =
        acceleration_limited_ && !other_limit_exceeded_;
    return answer;
  }

 private:
  using string_view = boost::beast::string_view;

  void on_response_impl(int code, string_view, int version,
                        error_code&) override {
    status_ = code;
    version_ = version;
  }
  void on_field_impl(http::field field, string_view name, string_view text,
                     error_code&) override {
    const absl::string_view value(text.data(), text.size());
    if (field == http::field::retry_after) {
      retry_after_.emplace_back(value);
    } else if (field == http::field::date) {
      date_ = std::string(value);
    } else if (field == http::field::unknown) {
      OnOwnField({name.data(), name.size()}, value);
    }
  }
  // mParticle's own.
  void OnOwnField(absl::string_view name, absl::string_view value) {
    if (absl::EqualsIgnoreCase(name, "X-mp-rate-limit-percentage-used")) {
      limit_used_percent_ =
          std::max(limit_used_percent_, ParsePercentage(value));
    } else if (absl::EqualsIgnoreCase(name, "X-mp-rate-limit-exceeded")) {
      const bool acceleration = absl::EqualsIgnoreCase(value, "acceleration");
      acceleration_limited_ |= acceleration;
      other_limit_exceeded_ |= !acceleration;
    }
  }
  size_t on_body_impl(string_view body, error_code&) override {
    KeepOfBody(body);
    return body.size();
  }
  size_t on_chunk_body_impl(uint64_t, string_view body, error_code&) override {
    KeepOfBody(body);
    return body.size();
  }
  void KeepOfBody(string_view body) {
    // One byte more than is read: then it is known to be too long.
    const size_t room = kMaxErrorBodySize + 1 - kept_body_.size();
    if (IsRefusal(status_)) {
      kept_body_.append(body.data(), std::min(body.size(), room));
    }
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
  std::vector<std::string> retry_after_;
  std::string date_;
  std::optional<double> limit_used_percent_;
  bool acceleration_limited_ = false;
  bool other_limit_exceeded_ = false;
  std::string kept_body_;
};

ResponseReader::ResponseReader(WallClock wall_clock)
    : wall_clock_(wall_clock), parser_(std::make_unique<Parser>()) {}

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
      answer_ = parser_->Answer(wall_clock_());
    }

    if (parser_->is_done()) {
      if (IsRefusal(answer_->status)) {
        answer_->error_message = ReadErrorMessage(parser_->kept_body());
      }
      // Bytes beyond the answer belong to nothing that was asked.
      reusable_ =
          parser_->keep_alive() && parser_->is_http_1_1() && input.empty();
      return Progress::kFinished;
    }
    return !error && RestIsWorthReading() ? Progress::kNeedsMore
                                          : Progress::kFinished;
  }
}

// For the error message in it, or to use the connection again.
bool ResponseReader::RestIsWorthReading() const {
  if (IsRefusal(answer_->status) && !parser_->need_eof() &&
      parser_->kept_body().size() <= kMaxErrorBodySize &&
      parser_->content_length().value_or(0) <= kMaxErrorBodySize) {
    return true;
  }
  return parser_->keep_alive() && parser_->is_http_1_1() &&
         parser_->content_length().value_or(0) <= kMaxBodySize &&
         body_bytes_ <= kMaxBodySize;
}

ResponseReader::Progress ResponseReader::Unreadable(absl::string_view why) {
  error_ = absl::StrCat("what came back is not an HTTP answer: ", why);
  return Progress::kUnreadable;
}

}  // namespace signal_delivery::client
