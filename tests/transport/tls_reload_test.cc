// TLS over time: handshakes that do not end, and certificates that change.
#include <filesystem>
#include <fstream>

#include "tls_support.h"

using namespace weft;
using probe::Probe;
using test::Authority;
using test::contains;
using test::echo;
using test::refusal;
using test::Served;
using test::serving;
using test::trusting;

namespace {

/// As much of a ClientHello as makes a server wait for more.
const std::string_view begun{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};

void replace(const TlsCertificate& with, const TlsCertificate& files) {
  std::filesystem::rename(with.key_file, files.key_file);
  std::filesystem::rename(with.chain_file, files.chain_file);
}

}  // namespace

WEFT_IO_TEST("handshakes that stall end at their deadline, and others are served meanwhile") {
  Authority authority;
  ServerOptions options = serving(authority.issue("server"));
  options.tls.handshake_timeout = 500ms;
  Served served{options};
  std::string text = served.start();
  Address address = co_await Address::parse(text);
  std::vector<Socket> stalled;
  for (int i = 0; i < 20; ++i) {
    Socket socket = co_await connect_socket(address);
    // Half of them begin a handshake, the others say nothing.
    if (i % 2) socket.write(Bytes(begun));
    stalled.push_back(std::move(socket));
  }
  std::string answer = co_await echo("thrifts://" + text, trusting(authority));
  CHECK(answer == "hello");
  for (Socket& socket : stalled) {
    bool closed = co_await test::ends(&socket);
    CHECK(closed);
  }
  CHECK(served.server().refusals()[Refusal::tls_handshake_timeout] == 20);
}

WEFT_IO_TEST("of too many handshakes some wait, those that stall make room, and an honest one is served") {
  Authority authority;
  ServerOptions options = serving(authority.issue("server"));
  options.cores = 1;
  options.tls.handshakes_max = 4;
  options.tls.handshake_timeout = 1h;
  Served served{options};
  std::string text = served.start();
  Address address = co_await Address::parse(text);
  std::vector<Socket> stalled;
  for (int i = 0; i < 7; ++i) {
    Socket socket = co_await connect_socket(address);
    socket.write(Bytes(begun));
    co_await socket.flush();
    stalled.push_back(std::move(socket));
  }
  std::string answer = co_await echo("thrifts://" + text, trusting(authority));
  CHECK(answer == "hello");
  int closed = 0;
  for (Socket& socket : stalled) {
    auto piece = co_await attempt(within(1ms, test::ends(&socket)));
    closed += piece && *piece;
  }
  CHECK(closed >= 4);
}

WEFT_IO_TEST("new certificates are used when the files have changed, and old connections go on") {
  Authority old_authority, authority;
  TlsCertificate files = old_authority.issue("server");
  Served served{serving(files)};
  std::string address = "thrifts://" + served.start();
  auto old_client = co_await connect<Probe>(address, trusting(old_authority));
  replace(authority.issue("server"), files);
  // The files are looked at once a second, when somebody connects.
  std::string said = "nobody has asked";
  for (int patience = 50; patience > 0 && !said.empty(); --patience) {
    said = co_await refusal(address, trusting(authority));
    if (!said.empty()) co_await sleep(200ms);
  }
  CHECK(said == "");
  std::string still = co_await old_client.echo("still there");
  CHECK(still == "still there");
  std::string refused = co_await refusal(address, trusting(old_authority));
  CHECK(contains(refused, "unable to get local issuer certificate"));
}

WEFT_IO_TEST("certificates are read again on demand, and bad ones change nothing") {
  Authority old_authority, authority;
  TlsCertificate files = old_authority.issue("server");
  Served served{serving(files)};
  CHECK(served.server().reload_certificates().code() == Code::failed_precondition);
  std::string address = "thrifts://" + served.start();
  std::string first = co_await echo(address, trusting(old_authority));
  CHECK(first == "hello");
  {
    std::ofstream{files.chain_file} << "no certificate";
  }
  Status status = served.server().reload_certificates();
  CHECK(status.code() == Code::invalid_argument);
  CHECK(contains(status.message(), files.chain_file));
  std::string second = co_await echo(address, trusting(old_authority));
  CHECK(second == "hello");
  replace(authority.issue("server"), files);
  CHECK(served.server().reload_certificates().ok());
  std::string third = co_await echo(address, trusting(authority));
  CHECK(third == "hello");
}

WEFT_IO_TEST("a channel shows the certificate that its files hold when it connects") {
  Authority authority, stranger;
  ServerOptions server_options = serving(authority.issue("server"));
  server_options.tls.client_ca_file = authority.file();
  server_options.tls.require_client_certificate = true;
  Served served{server_options};
  ChannelOptions options = trusting(authority);
  options.reconnect_backoff = options.reconnect_backoff_max = 1ms;
  options.tls.certificate = stranger.issue("client");
  auto client = co_await connect<Probe>("thrifts://" + served.start(), options);
  auto refused = co_await attempt(client.echo("hello"));
  CHECK_FALSE(refused);
  replace(authority.issue("client"), options.tls.certificate);
  std::string answer = co_await client.echo("hello");
  CHECK(answer == "hello");
}
