#include "tools/cli/doctor_command.h"

#include <httplib.h>
#include <sys/resource.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/wall_clock.h"
#include "server/integration.h"
#include "server/live_integrations.h"
#include "server/service_config.h"
#include "server/tls_material.h"
#include "tools/cli/host_probe.h"

namespace signal_delivery::cli {
namespace {

using server::Integration;
using server::ServiceConfig;

// For callers, files and the admin port, besides connections to mParticle.
constexpr uint64_t kOtherDescriptors = 1024;

// A host's Date has no more than whole seconds, and takes a while to come.
constexpr absl::Duration kClockNoise = absl::Seconds(10);
// From here on, certificates and the times of events are misjudged.
constexpr absl::Duration kMostClockError = absl::Minutes(5);

// As the alert SignalDeliveryCertificateExpires.
constexpr absl::Duration kRenewalTime = absl::Hours(7 * 24);

constexpr time_t kAdminPatienceSeconds = 2;

// What was found, told as it is found.
class Findings {
 public:
  explicit Findings(const Terminal& terminal) : terminal_(terminal) {}

  void Good(absl::string_view what) { Print("ok     ", what); }
  void Warn(absl::string_view what, absl::string_view fix) {
    ++warnings_;
    Print("WARNING", what);
    Print("    fix", fix);
  }
  void Fault(absl::string_view what, absl::string_view fix) {
    ++faults_;
    Print("FAULT  ", what);
    Print("    fix", fix);
  }
  // As Fault, of a file: the message says how to mend it.
  void BadFile(const absl::Status& status) {
    ++faults_;
    Print("FAULT  ", status.message());
  }

  ExitCode Sum() const {
    terminal_.out << "\n"
                  << faults_ << (faults_ == 1 ? " fault, " : " faults, ")
                  << warnings_
                  << (warnings_ == 1 ? " warning\n" : " warnings\n");
    return faults_ == 0 ? kExitOk : kExitFault;
  }

 private:
  void Print(absl::string_view label, absl::string_view text) {
    terminal_.out << label << "  " << text << "\n";
  }

  const Terminal& terminal_;
  int faults_ = 0;
  int warnings_ = 0;
};

struct Examined {
  // By id, those that are in order.
  std::map<std::string, std::shared_ptr<const Integration>> good;
  // Of all; empty where one of them is not in order.
  std::string version;
};

Examined ExamineIntegrations(const ServiceConfig& config, Findings& findings) {
  Examined examined;
  const auto files = server::FindIntegrations(config.integrations_dir);
  if (!files.ok()) {
    findings.BadFile(files.status());
    return examined;
  }
  server::TrustByFile trust;
  server::Integrations integrations;
  for (const std::string& file : *files) {
    const auto integration = server::LoadIntegration(file, trust);
    if (!integration.ok()) {
      findings.BadFile(integration.status());
      continue;
    }
    const std::string what = absl::StrCat(
        "integration ", (*integration)->id, ": good, delivers to ",
        (*integration)->s2s_host, " (", (*integration)->environment, ")");
    if ((*integration)->environment == "production") {
      findings.Good(what);
    } else {
      findings.Warn(what,
                    "only test events belong there; for real ones set "
                    "parameters.environment: production");
    }
    integrations[(*integration)->id] = *integration;
  }
  if (integrations.size() == files->size()) {
    examined.version = server::VersionOf(integrations);
    findings.Good(absl::StrCat("the files are version ", examined.version));
  }
  examined.good = {integrations.begin(), integrations.end()};
  return examined;
}

void ExamineClock(const std::string& host, const HostProbe& probe,
                  Findings& findings) {
  if (!probe.date.has_value()) return;
  const absl::Duration ahead = probe.now - *probe.date;
  const absl::Duration error = absl::AbsDuration(ahead);
  if (error <= kClockNoise) {
    return findings.Good(absl::StrCat("clock: agrees with that of ", host));
  }
  const std::string what = absl::StrCat(
      "clock: ", absl::FormatDuration(absl::Trunc(error, absl::Seconds(1))),
      ahead > absl::ZeroDuration() ? " ahead of" : " behind", " that of ",
      host);
  constexpr char kFix[] =
      "synchronise the clock (systemd-timesyncd, chrony): it decides on "
      "certificates and on the times of events";
  error < kMostClockError ? findings.Warn(what, kFix)
                          : findings.Fault(what, kFix);
}

void ExamineHost(const Integration& integration, Findings& findings) {
  const std::string& host = integration.s2s_host;
  const HostProbe probe = ProbeHost(*integration.destination);
  const std::string failed = absl::StrCat("host ", host, ": ");
  switch (probe.stage) {
    case HostProbe::Stage::kLookup:
      return findings.Fault(
          absl::StrCat(failed, probe.error),
          "check s2s_host, and this machine's name server: getent hosts NAME");
    case HostProbe::Stage::kConnect:
      return findings.Fault(
          absl::StrCat(failed, "no connection: ", probe.error),
          "let the service reach the host's port through firewalls and egress "
          "policies");
    case HostProbe::Stage::kTls:
      return findings.Fault(
          absl::StrCat(failed, "TLS: ", probe.error),
          "check s2s_host, ca_file, the clock, and whether a proxy opens TLS");
    case HostProbe::Stage::kAnswer:
      return findings.Fault(
          absl::StrCat(failed,
                       "connected, but it gives no answer: ", probe.error),
          "check s2s_host and what stands between");
    case HostProbe::Stage::kDone:
      findings.Good(absl::StrCat("host ", host,
                                 ": found, reached, its certificate trusted"));
      ExamineClock(host, probe, findings);
  }
}

void ExamineLimits(const ServiceConfig& config, size_t hosts,
                   Findings& findings) {
  rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  const uint64_t wanted =
      hosts * static_cast<uint64_t>(config.max_connections_per_host) +
      kOtherDescriptors;
  const std::string what =
      absl::StrCat("limit of open files here: ", files.rlim_cur, "; up to ",
                   wanted, " may be wanted");
  if (files.rlim_cur >= wanted) return findings.Good(what);
  findings.Warn(what, absl::StrCat("LimitNOFILE=", wanted,
                                   " in the service's unit, or ulimit -n"));
}

void ExamineCertificates(const ServiceConfig& config, Findings& findings) {
  if (!config.access.tls.has_value()) return;
  const absl::Time now = client::WallClockNow();
  const auto material = server::ReadTlsMaterial(*config.access.tls, now);
  if (!material.ok()) return findings.BadFile(material.status());
  const std::string what =
      absl::StrCat("certificate of the gRPC port: good for another ",
                   absl::ToInt64Hours(material->expiry - now) / 24, " days");
  if (material->expiry - now >= kRenewalTime) return findings.Good(what);
  findings.Warn(what,
                "put a new pair there; it serves within two seconds, without a "
                "restart");
}

// What the service says it runs; empty where it does not say.
std::string VersionInForce(httplib::Client& client) {
  const httplib::Result metrics = client.Get("/metrics");
  const std::string series = "\nsignal_delivery_config_info{version=\"";
  const size_t found = metrics ? metrics->body.find(series) : std::string::npos;
  if (found == std::string::npos) return "";
  const size_t begin = found + series.size();
  return metrics->body.substr(begin, metrics->body.find('"', begin) - begin);
}

void ExamineVersion(const std::string& in_force, const std::string& of_files,
                    Findings& findings) {
  if (in_force.empty() || of_files.empty()) return;
  if (in_force == of_files) {
    return findings.Good(absl::StrCat("version ", in_force, " is in force"));
  }
  findings.Warn(absl::StrCat("version ", in_force,
                             " is in force, which is not that of the files"),
                "send the service SIGHUP; its log says whether it took them");
}

void ExamineProcess(const ServiceConfig& config, const std::string& version,
                    Findings& findings) {
  if (config.admin_listen.empty()) return;
  httplib::Client client("http://" + config.admin_listen);
  client.set_connection_timeout(kAdminPatienceSeconds);
  client.set_read_timeout(kAdminPatienceSeconds);
  const httplib::Result ready = client.Get("/readyz");
  const std::string where = absl::StrCat("admin port ", config.admin_listen);
  if (!ready) {
    findings.Warn(absl::StrCat(where, ": nothing answers there"),
                  "start the service, if it should run here");
  } else if (ready->status == 200) {
    findings.Good(absl::StrCat(where, ": the service takes calls"));
    ExamineVersion(VersionInForce(client), version, findings);
  } else {
    findings.Fault(absl::StrCat(where, ": the service takes no calls"),
                   "it starts or ends; if it stays so, its log says why");
  }
}

ExitCode Examine(const std::string& config_file, const Terminal& terminal) {
  Findings findings(terminal);
  const absl::StatusOr<ServiceConfig> config =
      server::LoadServiceConfig(config_file);
  if (!config.ok()) {
    findings.BadFile(config.status());
    return findings.Sum();
  }
  findings.Good(absl::StrCat("service's file ", config_file, ": good"));
  const Examined examined = ExamineIntegrations(*config, findings);
  // One integration for each host and trust.
  std::map<std::pair<std::string, const client::TlsContext*>,
           const Integration*>
      by_host;
  for (const auto& [id, integration] : examined.good) {
    by_host.try_emplace(
        {integration->s2s_host, integration->destination->tls().get()},
        integration.get());
  }
  for (const auto& [host, integration] : by_host) {
    ExamineHost(*integration, findings);
  }
  ExamineLimits(*config, by_host.size(), findings);
  ExamineCertificates(*config, findings);
  ExamineProcess(*config, examined.version, findings);
  return findings.Sum();
}

}  // namespace

void AddDoctorCommand(CLI::App& app, const Terminal& terminal,
                      ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Examines a deployment from where it stands, as the service's user: "
      "configuration and\nsecrets, name server, TLS to mParticle, clock, "
      "limits, and whether the service takes\ncalls. Says of each thing that "
      "is wrong how to mend it. Sends no event and no key.");
  command->footer(kExitCodeHelp);
  auto config = std::make_shared<std::string>();
  command->add_option("--config", *config, "The service's file (service.yaml)")
      ->required()
      ->type_name("FILE");
  command->callback([config, terminal, &exit_code] {
    exit_code = Examine(*config, terminal);
  });
}

}  // namespace signal_delivery::cli
