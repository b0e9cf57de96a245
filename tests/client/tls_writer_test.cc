// What goes out for a request, as a peer of OpenSSL's own reads it.
#include "client/tls_writer.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/tls_context.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::client {
namespace {

constexpr char kHead[] = "POST /v2/events HTTP/1.1\r\n\r\n";
constexpr size_t kRecordBytes = 16384;

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

// Two ends that have shaken hands in memory; from then on the client's records
// come from a TlsWriter, and reach the server by way of Receive.
class Pair {
 public:
  explicit Pair(int version)
      : client_context_(
            *TlsContext::Create(support::TestCertificates::Get().ca_file())),
        server_context_(SSL_CTX_new(TLS_server_method())),
        client_(
            MakeEnd(client_context_->asio_context().native_handle(), version)),
        server_(MakeEnd(server_context_.get(), version)) {
    BIO* client_bio = nullptr;
    BIO* server_bio = nullptr;
    BIO_new_bio_pair(&client_bio, 0, &server_bio, 0);
    SSL_set_bio(client_.get(), client_bio, client_bio);
    SSL_set_bio(server_.get(), server_bio, server_bio);
    SSL_set_connect_state(client_.get());
    SSL_set_accept_state(server_.get());
    const auto& identity = support::TestCertificates::Get().good();
    const std::unique_ptr<BIO, Free> certificate(
        BIO_new_mem_buf(identity.certificate.data(), -1));
    const std::unique_ptr<BIO, Free> key(
        BIO_new_mem_buf(identity.private_key.data(), -1));
    const std::unique_ptr<X509, Free> x509(
        PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
    const std::unique_ptr<EVP_PKEY, Free> private_key(
        PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
    EXPECT_EQ(SSL_use_certificate(server_.get(), x509.get()), 1);
    EXPECT_EQ(SSL_use_PrivateKey(server_.get(), private_key.get()), 1);
    for (int i = 0; i < 10; ++i) {
      SSL_do_handshake(client_.get());
      SSL_do_handshake(server_.get());
    }
    EXPECT_TRUE(SSL_is_init_finished(client_.get()));
    EXPECT_TRUE(SSL_is_init_finished(server_.get()));
    ReadClient();  // session tickets
    writer_.emplace(client_.get());
  }

  TlsWriter& writer() { return *writer_; }
  SSL* client() { return client_.get(); }
  SSL* server() { return server_.get(); }

  // What the client's SSL_read says: below 1 where there is nothing to read.
  int ReadClient() {
    char byte;
    return SSL_read(client_.get(), &byte, 1);
  }

  // What the server reads from these records.
  std::string Receive(const std::string& records) {
    BIO* const bytes = BIO_new_mem_buf(records.data(), records.size());
    BIO_set_mem_eof_return(bytes, -1);  // More may come, later.
    SSL_set0_rbio(server_.get(), bytes);
    std::string plain;
    char some[4096];
    for (int size; (size = SSL_read(server_.get(), some, sizeof some)) > 0;) {
      plain.append(some, size);
    }
    return plain;
  }

 private:
  static std::unique_ptr<SSL, Free> MakeEnd(SSL_CTX* context, int version) {
    std::unique_ptr<SSL, Free> end(SSL_new(context));
    SSL_set_min_proto_version(end.get(), version);
    SSL_set_max_proto_version(end.get(), version);
    // As Asio has it.
    SSL_set_mode(end.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return end;
  }

  std::shared_ptr<const TlsContext> client_context_;
  std::unique_ptr<SSL_CTX, Free> server_context_;
  std::unique_ptr<SSL, Free> client_;
  std::unique_ptr<SSL, Free> server_;
  std::optional<TlsWriter> writer_;
};

// The bytes of each record, without its head.
std::vector<size_t> SizesOf(absl::string_view records) {
  std::vector<size_t> sizes;
  while (records.size() >= SSL3_RT_HEADER_LENGTH) {
    const size_t size = static_cast<uint8_t>(records[3]) << 8 |
                        static_cast<uint8_t>(records[4]);
    sizes.push_back(size);
    records.remove_prefix(SSL3_RT_HEADER_LENGTH + size);
  }
  EXPECT_TRUE(records.empty());
  return sizes;
}

class TlsWriterTest : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Versions, TlsWriterTest,
                         ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) {
                           return version.param == TLS1_2_VERSION ? "Tls12"
                                                                  : "Tls13";
                         });

TEST_P(TlsWriterTest, ARequestArrivesWhole) {
  const size_t head_size = sizeof kHead - 1;
  for (const size_t size :
       {size_t{1}, kRecordBytes - head_size - 1, kRecordBytes - head_size,
        kRecordBytes - head_size + 1, kRecordBytes, size_t{70'000},
        size_t{256'000}}) {
    Pair pair(GetParam());
    const std::string body(size, 'b');
    // The second one of a connection is like the first.
    for (int i = 0; i < 2; ++i) {
      const auto records = pair.writer().Encrypt(kHead, body);
      ASSERT_TRUE(records.has_value()) << size;
      EXPECT_TRUE(pair.Receive(*records) == kHead + body) << size;
      EXPECT_EQ(SizesOf(*records).size(),
                (head_size + size + kRecordBytes - 1) / kRecordBytes)
          << size;
    }
  }
}

TEST_P(TlsWriterTest, AHeadLongerThanARecordArrivesWhole) {
  Pair pair(GetParam());
  const std::string head(2 * kRecordBytes + 5, 'h');
  const auto records = pair.writer().Encrypt(head, "body");
  ASSERT_TRUE(records.has_value());
  EXPECT_TRUE(pair.Receive(*records) == head + "body");
}

TEST_P(TlsWriterTest, NothingIsSentOnABrokenConnection) {
  Pair pair(GetParam());
  const std::string no_record = "HTTP/1.1 400 Bad Request\r\n\r\n";
  SSL_set0_rbio(pair.client(),
                BIO_new_mem_buf(no_record.data(), no_record.size()));
  ASSERT_LT(pair.ReadClient(), 1);
  EXPECT_FALSE(pair.writer().Encrypt(kHead, "body").has_value());
}

// What the host makes of the refusal is its own affair.
TEST(TlsWriterRenegotiationTest,
     AHostThatAsksForItDoesNotHoldUpTheNextRequest) {
  Pair pair(TLS1_2_VERSION);
  ASSERT_EQ(SSL_renegotiate(pair.server()), 1);
  ASSERT_EQ(SSL_do_handshake(pair.server()), 1);
  EXPECT_LT(pair.ReadClient(), 1);
  EXPECT_TRUE(pair.writer().Encrypt(kHead, "body").has_value());
}

TEST(TlsWriterKeyUpdateTest, TheAnswerToAKeyUpdateGoesBeforeTheNextRequest) {
  Pair pair(TLS1_3_VERSION);
  ASSERT_EQ(SSL_key_update(pair.server(), SSL_KEY_UPDATE_REQUESTED), 1);
  ASSERT_EQ(SSL_do_handshake(pair.server()), 1);
  EXPECT_LT(pair.ReadClient(), 1);
  const auto records = pair.writer().Encrypt(kHead, "body");
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ(SizesOf(*records).size(), 2);
  EXPECT_EQ(pair.Receive(*records), absl::StrCat(kHead, "body"));
}

TEST(TlsWriterKeyUpdateTest, AHostThatAsksForOneAfterAnotherIsNotHeard) {
  Pair pair(TLS1_3_VERSION);
  bool is_broken = false;
  for (size_t i = 0; i < TlsWriter::kMostUnasked && !is_broken; ++i) {
    ASSERT_EQ(SSL_key_update(pair.server(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_EQ(SSL_do_handshake(pair.server()), 1);
    is_broken =
        SSL_get_error(pair.client(), pair.ReadClient()) != SSL_ERROR_WANT_READ;
  }
  EXPECT_TRUE(is_broken);
}

}  // namespace
}  // namespace signal_delivery::client
