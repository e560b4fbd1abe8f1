// TLS between our own servers and channels: who is let in, who is refused, and what each is told.
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

/// "127.0.0.1:9" as "localhost:9".
std::string by_name(const std::string& address) { return "localhost" + address.substr(address.rfind(':')); }

}  // namespace

WEFT_IO_TEST("calls go over TLS, asked for by the address or by an option, to a name or a number") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  std::string address = served.start();
  for (std::string target : {"thrifts://" + address, "thrifts://" + by_name(address)}) {
    std::string answer = co_await echo(target, trusting(authority));
    CHECK(answer == "hello");
  }
  ChannelOptions options = trusting(authority);
  options.tls.enabled = true;
  std::string answer = co_await echo(address, options);
  CHECK(answer == "hello");
}

WEFT_IO_TEST("one port serves TLS and plain connections, where TLS is not required") {
  Authority authority;
  Served served{serving(authority.issue("server"), false)};
  std::string address = served.start();
  ChannelOptions plain_options;
  for (int round = 0; round < 2; ++round) {
    std::string secret = co_await echo("thrifts://" + address, trusting(authority), "secret");
    CHECK(secret == "secret");
    std::string plain = co_await echo("thrift://" + address, plain_options, "plain");
    CHECK(plain == "plain");
  }
}

WEFT_IO_TEST("messages of 16 MB go over TLS both ways, and small ones beside them") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  ChannelOptions options = trusting(authority);
  options.call_timeout = 20s;
  auto client = co_await connect<Probe>("thrifts://" + served.start(), options);
  std::string large(16'000'000, 'a');
  for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i / 1000 % 26);
  auto [echoed, blob, small] = co_await all(client.echo(large), client.blob(5'000'000), client.echo("small"));
  CHECK((echoed == large));
  CHECK(blob.size() == 5'000'000);
  CHECK(small == "small");
}

WEFT_IO_TEST("a certificate for another host is refused, unless that host is whom the caller wants") {
  Authority authority;
  Served served{serving(authority.issue("server", {.names = "DNS:elsewhere.example"}))};
  std::string address = served.start();
  std::string number = co_await refusal("thrifts://" + address, trusting(authority));
  CHECK(contains(number, "IP address mismatch"));
  std::string name = co_await refusal("thrifts://" + by_name(address), trusting(authority));
  CHECK(contains(name, "hostname mismatch"));
  ChannelOptions options = trusting(authority);
  options.tls.server_name = "elsewhere.example";
  std::string answer = co_await echo("thrifts://" + address, options);
  CHECK(answer == "hello");
}

WEFT_IO_TEST("an unknown authority and an expired certificate are refused") {
  Authority authority, stranger;
  Served served{serving(authority.issue("server"))};
  std::string address = "thrifts://" + served.start();
  std::string unknown = co_await refusal(address, trusting(stranger));
  CHECK(contains(unknown, "unable to get local issuer certificate"));
  ChannelOptions by_system;
  std::string by_default = co_await refusal(address, by_system);
  CHECK(contains(by_default, "unable to get local issuer certificate"));
  Served late{serving(authority.issue("late", {.days = -1}))};
  std::string expired = co_await refusal("thrifts://" + late.start(), trusting(authority));
  CHECK(contains(expired, "certificate has expired"));
}

WEFT_IO_TEST("verification ends only where an option says that this is insecure") {
  Authority authority;
  Served served{serving(authority.issue("server", {.names = "DNS:elsewhere.example", .days = -1}))};
  ChannelOptions options;
  options.tls.insecure_skip_verification = true;
  std::string answer = co_await echo("thrifts://" + served.start(), options);
  CHECK(answer == "hello");
}

WEFT_IO_TEST("clients are asked for certificates: one is let in, none and a stranger's are refused") {
  Authority authority, stranger;
  ServerOptions server_options = serving(authority.issue("server"));
  server_options.tls.client_ca_file = authority.file();
  server_options.tls.require_client_certificate = true;
  Served served{server_options};
  std::string address = "thrifts://" + served.start();
  ChannelOptions options = trusting(authority);
  std::string none = co_await refusal(address, options);
  CHECK(contains(none, "certificate required"));
  options.tls.certificate = stranger.issue("client");
  std::string foreign = co_await refusal(address, options);
  CHECK(contains(foreign, "unknown ca"));
  options.tls.certificate = authority.issue("late", {.days = -1});
  std::string expired = co_await refusal(address, options);
  CHECK(contains(expired, "certificate expired"));
  // The server counts them when they have had time to hear why.
  while (served.server().refusals()[Refusal::tls_handshake] < 3) co_await sleep(10ms);
  options.tls.certificate = authority.issue("client", {.common_name = "client", .names = "URI:spiffe://x/y"});
  std::string answer = co_await echo(address, options);
  CHECK(answer == "hello");
}

WEFT_IO_TEST("a handler learns who calls, from a certificate that was checked") {
  Authority authority;
  ServerOptions server_options = serving(authority.issue("server"), false);
  server_options.tls.client_ca_file = authority.file();
  Served served{server_options};
  std::string address = served.start();
  ChannelOptions options = trusting(authority);
  options.tls.certificate = authority.issue(
      "client",
      {.common_name = "Ada, \u00e4lter", .names = "URI:spiffe://x/ada,DNS:ada.example,URI:urn:two"});
  auto client = co_await connect<Probe>("thrifts://" + address, options);
  std::vector<std::string> who = co_await client.who();
  REQUIRE(who.size() == 6);
  CHECK(who[0] == "CN=Ada\\, \u00e4lter");
  CHECK(who[1] == "spiffe://x/ada");
  CHECK(who[2] == "urn:two");
  CHECK(who[3] == "ada.example");
  CHECK(who[4] == "who");
  CHECK(who[5].starts_with("127.0.0.1:"));
  for (ChannelOptions nobody : {ChannelOptions{}, trusting(authority)}) {
    nobody.tls.enabled = !nobody.tls.ca_file.empty();
    auto anonymous = co_await connect<Probe>(address, nobody);
    std::vector<std::string> unknown = co_await anonymous.who();
    CHECK(unknown[0] == "nobody");
  }
}

WEFT_IO_TEST("a peer that speaks no TLS where it must, or TLS where nobody does, is told so") {
  Authority authority;
  Served secret{serving(authority.issue("server"))}, plain;
  std::string secret_address = secret.start(), plain_address = plain.start();
  auto client = co_await connect<Probe>(secret_address);
  auto answer = co_await attempt(client.echo("hello"));
  REQUIRE_FALSE(answer);
  CHECK(contains(answer.status().message(), "the peer speaks TLS, not framed Thrift"));
  std::string told = co_await refusal("thrifts://" + plain_address, trusting(authority));
  CHECK(contains(told, "perhaps it speaks no TLS"));
}

WEFT_IO_TEST("a server with several certificates shows the one that the client asks for") {
  Authority authority;
  ServerOptions options = serving(authority.issue("first", {.names = "DNS:first.example"}));
  options.tls.certificates.push_back(
      authority.issue("second", {.names = "DNS:*.second.example", .rsa = true}));
  Served served{options};
  std::string address = "thrifts://" + served.start();
  for (std::string name : {"first.example", "a.second.example", "first.example"}) {
    ChannelOptions channel = trusting(authority);
    channel.tls.server_name = name;
    std::string answer = co_await echo(address, channel);
    CHECK(answer == "hello");
  }
  ChannelOptions channel = trusting(authority);
  channel.tls.server_name = "third.example";
  std::string refused = co_await refusal(address, channel);
  CHECK(contains(refused, "hostname mismatch"));
}

WEFT_MACHINE_TEST("TLS goes over Unix sockets, to a name that the caller gives") {
  Authority authority;
  ServerOptions options = serving(authority.issue("server"));
  options.listen = "thrifts://" + test::unix_address("@weft-tls");
  Served served{options};
  std::string address = "thrifts://" + served.start();
  ChannelOptions channel = trusting(authority);
  auto nameless = co_await attempt(echo(address, channel));
  REQUIRE_FALSE(nameless);
  CHECK(contains(nameless.status().message(), "names no host"));
  channel.tls.server_name = "localhost";
  std::string answer = co_await echo(address, channel);
  CHECK(answer == "hello");
}

TEST_CASE("options of TLS that cannot work are refused when the server starts") {
  Authority authority;
  TlsCertificate good = authority.issue("server"), other = authority.issue("other");
  auto refusal_of = [](ServerTls tls) {
    ServerOptions options{.listen = "127.0.0.1:0", .cores = 1};
    options.tls = std::move(tls);
    Server server{std::move(options)};
    server.add<test::ProbeService>();
    Status status = test::wants_simulation() ? invalid_argument("") : server.start();
    if (test::wants_simulation()) {
      Simulation simulation;
      status = simulation.run(server.serve()).status();
    }
    CHECK(status.code() == Code::invalid_argument);
    return std::string(status.message());
  };
  CHECK(contains(refusal_of({.required = true}), "no certificate"));
  CHECK(contains(refusal_of({.certificates = {{"/nowhere/chain.pem", ""}}}), "/nowhere/chain.pem"));
  CHECK(contains(refusal_of({.certificates = {{good.chain_file, "/nowhere/key"}}}), "/nowhere/key"));
  CHECK(contains(refusal_of({.certificates = {{good.chain_file, other.key_file}}}), "key values mismatch"));
  CHECK(
      contains(refusal_of({.certificates = {good}, .required = true, .client_ca_file = "/nowhere/authority"}),
               "/nowhere/authority"));
  CHECK(contains(refusal_of({.certificates = {good}, .required = true, .require_client_certificate = true}),
                 "client_ca_file"));
  CHECK(contains(
      refusal_of(
          {.certificates = {good}, .client_ca_file = authority.file(), .require_client_certificate = true}),
      "not refused"));
}

WEFT_IO_TEST("addresses with unknown schemes, and authorities that are not there, fail each call") {
  auto scheme = co_await attempt(connect<Probe>("https://127.0.0.1:1"));
  REQUIRE_FALSE(scheme);
  CHECK(scheme.status().code() == Code::invalid_argument);
  Authority authority;
  Served served{serving(authority.issue("server"))};
  ChannelOptions options;
  options.tls.ca_file = "/nowhere/authority";
  auto no_file = co_await attempt(connect<Probe>("thrifts://" + served.start(), options));
  REQUIRE_FALSE(no_file);
  CHECK(no_file.status().code() == Code::invalid_argument);
  CHECK(contains(no_file.status().message(), "/nowhere/authority"));
}
