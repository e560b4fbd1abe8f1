// TLS with peers that are none of ours: OpenSSL itself, byte by byte, and such as break the rules.
#include <random>

#include <weft/codec/compact.h>
#include <weft/codec/message.h>

#include "tls_peer.h"
#include "tls_support.h"

using namespace weft;
using probe::Probe;
using test::Authority;
using test::ends;
using test::Served;
using test::serving;
using test::TlsPeer;

namespace {

/// A framed call of `echo`.
std::string call(std::string text) {
  Writer writer;
  compact::write_header(writer, {.type = compact::MessageType::call, .sequence = 7, .name = "echo"});
  writer.copy(compact::encode_arguments(argument<1>(text)).flatten().view());
  std::string body = writer.finish().flatten().str();
  std::string framed(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) framed[i] = static_cast<char>(body.size() >> (24 - 8 * i));
  return framed + body;
}

/// Whether `peer` gets its echo, in plain bytes.
Task<bool> is_served(TlsPeer* peer, std::string text = "alive") {
  co_await peer->write(call(text));
  std::string head = co_await peer->read(4);
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<std::uint8_t>(head[i]);
  while (head.size() < 4 + size) {
    std::string part = co_await peer->read();
    if (part.empty()) co_return false;
    head += part;
  }
  co_return head.find(text) != head.npos;
}

Task<void> check_served(std::string address, SSL_CTX* context) {
  TlsPeer peer = co_await TlsPeer::to(address, context);
  co_await peer.handshake();
  bool served = co_await is_served(&peer);
  CHECK(served);
}

}  // namespace

WEFT_IO_TEST("a handshake and calls that come byte by byte are served, in TLS 1.3 and 1.2") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  std::string address = served.start();
  for (int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    auto context = TlsPeer::context(authority.file(), version);
    TlsPeer peer = co_await TlsPeer::to(address, context.get());
    peer.piece = 1;
    co_await peer.handshake();
    CHECK(SSL_version(peer.ssl()) == version);
    bool answered = co_await is_served(&peer);
    CHECK(answered);
  }
}

WEFT_IO_TEST("what comes with the last flight of the handshake is not lost") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  std::string address = served.start();
  auto context = TlsPeer::context(authority.file());
  TlsPeer peer = co_await TlsPeer::to(address, context.get());
  peer.keeps_last_flight = true;
  co_await peer.handshake();
  co_await peer.write(call("first") + call("second"));
  std::string all;
  while (all.find("second") == all.npos) all += co_await peer.read();
  CHECK(all.find("first") < all.find("second"));
}

WEFT_IO_TEST("sessions are resumed, whichever core is asked, until the certificates are read anew") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  std::string address = served.start();
  for (int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    auto context = TlsPeer::context(authority.file(), version);
    TlsPeer::Session session;
    for (int round = 0; round < 8; ++round) {
      if (round == 7) CHECK(served.server().reload_certificates().ok());
      TlsPeer peer = co_await TlsPeer::to(address, context.get());
      if (session) SSL_set_session(peer.ssl(), session.get());
      co_await peer.handshake();
      bool answered = co_await is_served(&peer);
      CHECK(answered);
      CHECK(SSL_session_reused(peer.ssl()) == (round > 0 && round < 7));
      session.reset(SSL_get1_session(peer.ssl()));
    }
  }
}

WEFT_IO_TEST("who ends a connection is heard, and a connection that is cut off is not taken for one") {
  Authority authority;
  ServerOptions options = serving(authority.issue("server"));
  options.idle_timeout = 200ms;
  Served served{options};
  std::string address = served.start();
  auto context = TlsPeer::context(authority.file());
  {  // by the server
    TlsPeer peer = co_await TlsPeer::to(address, context.get());
    co_await peer.handshake();
    std::string end = co_await peer.read();
    CHECK(end == "");
    CHECK((SSL_get_shutdown(peer.ssl()) & SSL_RECEIVED_SHUTDOWN));
  }
  {  // by the client, which still gets its answer
    TlsPeer peer = co_await TlsPeer::to(address, context.get());
    co_await peer.handshake();
    std::string request = call("last");
    SSL_write(peer.ssl(), request.data(), static_cast<int>(request.size()));
    SSL_shutdown(peer.ssl());
    co_await peer.send_records();
    std::string answer = co_await peer.read();
    CHECK(answer.find("last") != answer.npos);
    std::string end = co_await peer.read();
    CHECK(end == "");
  }
}

namespace {

/// Accepts one connection, does a handshake, and leaves without a word.
Task<void> cut_off(Listener* listener, SSL_CTX* context) {
  TlsPeer peer{co_await listener->accept(), context};
  SSL_set_accept_state(peer.ssl());
  co_await peer.handshake();
  std::ignore = co_await peer.read();
}

/// The same, but says that it ends. Notes whether the session was resumed.
Task<void> end_well(Listener* listener, SSL_CTX* context, std::vector<bool>* resumed) {
  for (int i = 0; i < 3; ++i) {
    TlsPeer peer{co_await listener->accept(), context};
    SSL_set_accept_state(peer.ssl());
    co_await peer.handshake();
    resumed->push_back(SSL_session_reused(peer.ssl()) == 1);
    std::ignore = co_await peer.read();
    SSL_shutdown(peer.ssl());
    co_await peer.send_records();
  }
}

TlsPeer::Context server_context(const TlsCertificate& certificate) {
  TlsPeer::Context context{SSL_CTX_new(TLS_server_method())};
  SSL_CTX_use_certificate_chain_file(context.get(), certificate.chain_file.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), certificate.key_file.c_str(), SSL_FILETYPE_PEM);
  return context;
}

}  // namespace

WEFT_IO_TEST("a channel whose server cuts it off says so, and resumes its session when it comes again") {
  Authority authority;
  auto context = server_context(authority.issue("server"));
  Address any = co_await Address::parse("127.0.0.1:0");
  Listener listener = co_await Listener::open(any);
  ChannelOptions options;
  options.tls.ca_file = authority.file();
  options.reconnect_backoff = options.reconnect_backoff_max = 1ms;
  Scope scope = co_await Scope::open();
  scope.spawn(cut_off(&listener, context.get()));
  auto client = co_await connect<Probe>("thrifts://" + listener.address().to_string(), options);
  auto cut = co_await attempt(client.echo("hello"));
  REQUIRE_FALSE(cut);
  CHECK(cut.status().code() == Code::unavailable);
  CHECK(cut.status().reach() == Reach::unknown);
  CHECK(cut.status().message().find("cut off") != std::string_view::npos);
  co_await scope.join();
  std::vector<bool> resumed;
  Scope again = co_await Scope::open();
  again.spawn(end_well(&listener, context.get(), &resumed));
  for (int i = 0; i < 3; ++i) {
    auto ended = co_await attempt(client.echo("hello"));
    REQUIRE_FALSE(ended);
    CHECK(ended.status().message().find("the server closed the connection") != std::string_view::npos);
  }
  co_await again.join();
  CHECK(resumed == std::vector<bool>{true, true, true});
}

WEFT_IO_TEST("garbage at any place of a handshake or a stream costs its own connection only") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  std::string text = served.start();
  Address address = co_await Address::parse(text);
  auto context = TlsPeer::context(authority.file());
  TlsPeer good = co_await TlsPeer::to(text, context.get());
  co_await good.handshake();
  const std::string broken[] = {
      std::string("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10),
      std::string("\x16\x03\x01\xff\xff", 5) + std::string(70'000, 'x'),  // a record that is too large
      std::string("\x16\x03\x01\x00\x00", 5),                             // an empty one
      std::string("\x16\x03\x01\x00\x04\x01\xff\xff\xff", 9) + std::string(1000, 'y'),  // a message of 16 MB
      std::string("\x16GARBAGE GARBAGE"),
      std::string("\x16\x03\x01\x00\x02\x02\x28", 7),
      std::string("\x17\x03\x03\x00\x02xx", 7),
      std::string("GET / HTTP/1.1\r\n\r\n"),
  };
  for (const std::string& bytes : broken) {
    Socket bad = co_await connect_socket(address);
    bad.write(Bytes(bytes));
    bad.shutdown_write();
    bool closed = co_await ends(&bad);
    CHECK(closed);
  }
  bool served_still = co_await is_served(&good);
  CHECK(served_still);
  // In an established stream.
  for (const std::string& bytes :
       {std::string("\x17\x03\x03\x00\x20") + std::string(32, 'z'),
        std::string("\x17\x03\x03\x48\x00", 5) + std::string(0x4800, 'z'),
        std::string("plain text, for once"), std::string("\x16\x03\x03\x00\x04\x01\x00\x00\x00", 9)}) {
    TlsPeer bad = co_await TlsPeer::to(text, context.get());
    co_await bad.handshake();
    bad.socket().write(Bytes(bytes));
    bool closed = co_await ends(&bad.socket());
    CHECK(closed);
  }
  served_still = co_await is_served(&good);
  CHECK(served_still);
}

namespace {
/// The bytes of an honest client, of which one is changed on its way or the rest is not sent.
Task<void> corrupted(std::string address, SSL_CTX* context, std::uint32_t seed) {
  std::minstd_rand random{seed};
  TlsPeer peer = co_await TlsPeer::to(address, context);
  SSL_do_handshake(peer.ssl());
  char* data = nullptr;
  auto size = static_cast<std::size_t>(BIO_get_mem_data(SSL_get_wbio(peer.ssl()), &data));
  std::string hello(data, size);
  std::size_t place = random() % size;
  if (random() % 2)
    hello[place] = static_cast<char>(random());
  else
    hello.resize(place + 1);
  peer.socket().write(Bytes(hello));
  peer.socket().shutdown_write();
  bool closed = co_await ends(&peer.socket());
  CHECK(closed);
}
}  // namespace

WEFT_IO_TEST("a ClientHello that was changed or cut anywhere ends its own connection only") {
  Authority authority;
  ServerOptions options = serving(authority.issue("server"));
  options.tls.handshake_timeout = 2s;
  Served served{options};
  std::string address = served.start();
  auto context = TlsPeer::context(authority.file());
  Scope scope = co_await Scope::open();
  for (std::uint32_t seed = 1; seed <= 100; ++seed) scope.spawn(corrupted(address, context.get(), seed));
  co_await scope.join();
  co_await check_served(address, context.get());
}

WEFT_IO_TEST("a client that asks for a new handshake is refused it, and others are served") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  std::string address = served.start();
  auto context = TlsPeer::context(authority.file(), TLS1_2_VERSION);
  TlsPeer peer = co_await TlsPeer::to(address, context.get());
  co_await peer.handshake();
  bool answered = co_await is_served(&peer);
  CHECK(answered);
  SSL_renegotiate(peer.ssl());
  auto refused = co_await attempt(peer.handshake());
  CHECK_FALSE(refused);
  co_await check_served(address, context.get());
}

WEFT_IO_TEST("keys are renewed as often as the peer wants") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  std::string address = served.start();
  auto context = TlsPeer::context(authority.file());
  TlsPeer peer = co_await TlsPeer::to(address, context.get());
  co_await peer.handshake();
  for (int requests : {1, 1, 1, 1000}) {
    for (int i = 0; i < requests; ++i) {
      SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_REQUESTED);
      SSL_do_handshake(peer.ssl());
    }
    bool answered = co_await is_served(&peer);
    CHECK(answered);
  }
}

WEFT_TEST("a peer that asks for ever new keys and takes no answers is sent away") {
  Authority authority;
  Server server{serving(authority.issue("server"))};
  server.add<test::ProbeService>();
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(server.serve());
  auto context = TlsPeer::context(authority.file());
  std::string address = server.address().to_string();
  TlsPeer peer = co_await TlsPeer::to(address, context.get());
  co_await peer.handshake();
  int asked = 0;
  Status refused;
  for (; refused.ok() && asked < 100'000; asked += 500) {
    for (int i = 0; i < 500; ++i) {
      SSL_key_update(peer.ssl(), SSL_KEY_UPDATE_REQUESTED);
      SSL_do_handshake(peer.ssl());
    }
    auto sent = co_await attempt(peer.send_records());
    if (!sent) refused = std::move(sent).status();
    co_await sleep(10ms);
  }
  CHECK_FALSE(refused.ok());
  co_await check_served(address, context.get());
  scope.cancel();
  co_await scope.join();
}

WEFT_IO_TEST("old versions of TLS are refused, and TLS 1.2 too where the server says so") {
  Authority authority;
  TlsCertificate certificate = authority.issue("server");
  Served served{serving(certificate)};
  std::string address = served.start();
  auto old_context = TlsPeer::context(authority.file(), TLS1_1_VERSION);
  SSL_CTX_set_security_level(old_context.get(), 0);
  TlsPeer old_peer = co_await TlsPeer::to(address, old_context.get());
  auto refused = co_await attempt(old_peer.handshake());
  CHECK_FALSE(refused);
  ServerOptions options = serving(certificate);
  options.tls.minimum = TlsVersion::tls_1_3;
  Served strict{options};
  std::string strict_address = strict.start();
  auto context = TlsPeer::context(authority.file(), TLS1_2_VERSION);
  TlsPeer peer = co_await TlsPeer::to(strict_address, context.get());
  auto refused_too = co_await attempt(peer.handshake());
  CHECK_FALSE(refused_too);
  auto newer = TlsPeer::context(authority.file());
  co_await check_served(strict_address, newer.get());
}

WEFT_IO_TEST(
    "of the protocols that a client offers only HTTP/2 is agreed on, and who offers none is served") {
  Authority authority;
  Served served{serving(authority.issue("server"))};
  std::string address = served.start();
  auto context = TlsPeer::context(authority.file());
#ifdef WEFT_TEST_GRPC
  struct Case {
    std::string_view offered, chosen;
  };
  for (auto [offered, chosen] :
       {Case{"\x02h2", "h2"}, Case{"\x08http/1.1\x02h2", "h2"}, Case{"\x08http/1.1", ""}}) {
    TlsPeer peer = co_await TlsPeer::to(address, context.get());
    SSL_set_alpn_protos(peer.ssl(), reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
    auto agreed = co_await attempt(peer.handshake());
    CHECK(static_cast<bool>(agreed) == !chosen.empty());
    const unsigned char* said = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(peer.ssl(), &said, &size);
    CHECK(std::string_view(reinterpret_cast<const char*>(said), size) == chosen);
  }
#endif
  co_await check_served(address, context.get());
}
