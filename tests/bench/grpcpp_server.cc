// grpcpp-server callback|queue PORT: the same work by grpc++, with its callback API or with one thread on one
// completion queue. It ends with the signal that stops it.
#include <cstdio>
#include <cstring>
#include <grpcpp/grpcpp.h>
#include <memory>
#include <string>

#include "grpc_echo.grpc.pb.h"

namespace {

class CallbackEcho final : public echo::Echo::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const echo::Msg* request,
                                 echo::Msg* reply) override {
    *reply = *request;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

/// One call by the completion queue: asked for, then answered, then gone.
class QueuedCall {
 public:
  QueuedCall(echo::Echo::AsyncService& service, grpc::ServerCompletionQueue& queue)
      : service_(service), queue_(queue) {
    service_.RequestEcho(&context_, &request_, &writer_, &queue_, &queue_, this);
  }
  void proceed(bool ok) {
    if (!ok || answered_) {
      delete this;
      return;
    }
    new QueuedCall(service_, queue_);
    answered_ = true;
    writer_.Finish(request_, grpc::Status::OK, this);
  }

 private:
  echo::Echo::AsyncService& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::ServerContext context_;
  echo::Msg request_;
  grpc::ServerAsyncResponseWriter<echo::Msg> writer_{&context_};
  bool answered_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const bool callback = argc == 3 && std::strcmp(argv[1], "callback") == 0;
  if (argc != 3 || (!callback && std::strcmp(argv[1], "queue") != 0)) {
    std::fputs("usage: grpcpp-server callback|queue PORT\n", stderr);
    return 2;
  }
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + argv[2], grpc::InsecureServerCredentials());
  builder.SetMaxReceiveMessageSize(-1);
  CallbackEcho callback_echo;
  echo::Echo::AsyncService queued_echo;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  if (callback) {
    builder.RegisterService(&callback_echo);
  } else {
    builder.RegisterService(&queued_echo);
    queue = builder.AddCompletionQueue();
  }
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) return 1;
  if (callback) {
    server->Wait();
    return 0;
  }
  for (int waiting = 0; waiting < 1024; ++waiting) new QueuedCall(queued_echo, *queue);
  void* tag = nullptr;
  for (bool ok = false; queue->Next(&tag, &ok);) static_cast<QueuedCall*>(tag)->proceed(ok);
}
