// apache-kitchen-server: Apache's TNonblockingServer with the kitchen service, for Weft's client to call.
// Prints "READY HOST:PORT"; ends with status 0 on SIGTERM.
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <unistd.h>

#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/server/TNonblockingServer.h>
#include <thrift/transport/TNonblockingServerSocket.h>

#include "Annex.h"

namespace {

using namespace apache_kitchen;

struct Handler final : AnnexNull {
  void ping(std::string& reply, const std::string& msg) override { reply = "pong:" + msg; }
  void poke(const std::int64_t token) override { ++pokes_[token]; }
  std::int64_t pokes(const std::int64_t token) override { return pokes_[token]; }
  std::int64_t add(const std::int64_t a, const std::int64_t b) override { return a + b; }
  void echo_every(Every& reply, const Every& v) override { reply = v; }
  void echo_nest(Nest& reply, const Nest& v) override { reply = v; }
  void echo_pick(Pick& reply, const Pick& v) override { reply = v; }
  void make_blob(std::string& reply, const std::int32_t n) override { reply.assign(n, 'Z'); }
  std::int32_t may_throw(const std::int32_t which) override {
    NotFound not_found;
    Denied denied;
    shared::Trouble trouble;
    switch (which) {
      case 0:
        return 7;
      case 1:
        not_found.__set_key("key");
        throw not_found;
      case 2:
        denied.__set_reason("because");
        throw denied;
      case 3:
        trouble.__set_why("shared");
        throw trouble;
      default:
        throw std::runtime_error("not declared");
    }
  }
  void void_throw(const std::int32_t) override { throw NotFound{}; }

 private:
  std::map<std::int64_t, std::int64_t> pokes_;
};

struct Ready final : apache::thrift::server::TServerEventHandler {
  explicit Ready(apache::thrift::transport::TNonblockingServerSocket& socket) : socket(socket) {}
  void preServe() override {
    std::printf("READY 127.0.0.1:%d\n", socket.getListenPort());
    std::fflush(stdout);
  }
  apache::thrift::transport::TNonblockingServerSocket& socket;
};

}  // namespace

int main() {
  std::signal(SIGTERM, [](int) { _exit(0); });
  auto socket = std::make_shared<apache::thrift::transport::TNonblockingServerSocket>("127.0.0.1", 0);
  apache::thrift::server::TNonblockingServer server{
      std::make_shared<AnnexProcessor>(std::make_shared<Handler>()),
      std::make_shared<apache::thrift::protocol::TCompactProtocolFactory>(), socket};
  server.setServerEventHandler(std::make_shared<Ready>(*socket));
  server.serve();
}
