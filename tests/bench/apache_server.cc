// apache-server PORT: the peer. Apache Thrift's TNonblockingServer, framed compact, templated protocol, one
// I/O thread that also runs the handler: its fastest form for this work.
#include <cstdlib>
#include <memory>
#include <sys/resource.h>

#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/server/TNonblockingServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TNonblockingServerSocket.h>

#include "Echo.h"

namespace {
struct Handler : echo::EchoIf {
  void echo(echo::Msg& reply, const echo::Msg& m) override { reply = m; }
};
}  // namespace

int main(int argc, char** argv) {
  namespace at = apache::thrift;
  if (argc != 2) return 2;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  using Protocol = at::protocol::TCompactProtocolT<at::transport::TMemoryBuffer>;
  auto processor = std::make_shared<echo::EchoProcessorT<Protocol>>(std::make_shared<Handler>());
  auto protocols = std::make_shared<at::protocol::TCompactProtocolFactoryT<at::transport::TMemoryBuffer>>();
  auto socket = std::make_shared<at::transport::TNonblockingServerSocket>("127.0.0.1", std::atoi(argv[1]));
  at::server::TNonblockingServer server{processor, protocols, socket};
  server.setNumIOThreads(1);
  server.serve();
}
