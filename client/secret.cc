#include "client/secret.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace signal_delivery::client {

Secret::Secret(std::string text)
    : text_(std::make_unique<char[]>(text.size())), size_(text.size()) {
  std::copy(text.begin(), text.end(), text_.get());
  client::Wipe(text);
}

Secret::Secret(Secret&& other) noexcept
    : text_(std::move(other.text_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  Wipe();
  text_ = std::move(other.text_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

Secret::~Secret() { Wipe(); }

void Secret::Wipe() {
  if (text_ != nullptr) OPENSSL_cleanse(text_.get(), size_);
}

void Wipe(std::string& text) {
  // A compiler may leave out a plain write to what is not read again.
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace signal_delivery::client
