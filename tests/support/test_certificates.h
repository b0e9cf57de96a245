#ifndef TESTS_SUPPORT_TEST_CERTIFICATES_H_
#define TESTS_SUPPORT_TEST_CERTIFICATES_H_

#include <string>
#include <vector>

namespace signal_delivery::support {

// What a TLS server or client shows and proves itself with, as PEM.
struct Identity {
  std::string certificate;
  std::string private_key;
};

// Certificates made on the spot: one authority, one server that is in order,
// and one for each way of not being so. Clients may show them as well. All are
// for localhost, 127.0.0.1 and
// ::1 where not said otherwise.
class TestCertificates {
 public:
  // Made once per process.
  static const TestCertificates& Get();

  // The authority, in a file below the test's temporary folder: what a client
  // is told to trust.
  const std::string& ca_file() const { return ca_file_; }

  const Identity& good() const { return good_; }
  const Identity& expired() const { return expired_; }
  // Good for "wrong.example" and 192.0.2.1 only.
  const Identity& wrong_host() const { return wrong_host_; }
  const Identity& self_signed() const { return self_signed_; }
  // Signed by an authority that is not in ca_file.
  const Identity& other_authority() const { return other_authority_; }

  // A further one, signed by the authority: for these names, as OpenSSL writes
  // them ("URI:spiffe://a,DNS:b"), valid from and until so many days from now.
  Identity Issue(const std::string& names, int from_day = -1,
                 int until_day = 1) const;
  // The authority's list, as PEM, of these of its certificates as taken back.
  // The next one is due in so many days.
  std::string Revoke(const std::vector<Identity>& revoked,
                     int next_day = 1) const;

 private:
  TestCertificates();

  std::string ca_file_;
  Identity good_;
  Identity expired_;
  Identity wrong_host_;
  Identity self_signed_;
  Identity other_authority_;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_TEST_CERTIFICATES_H_
