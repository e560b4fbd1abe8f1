// Service: whatever answers a Call. A channel to a peer is one, a stack of middleware is one, a served IDL
// service is reached through one. ServiceInterface: the root of every generated service class.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <weft/middleware/call.h>
#include <weft/middleware/descriptor.h>
#include <weft/runtime/task.h>

namespace weft {

/// Lives on one loop's thread. Calls may overlap.
class Service {
 public:
  virtual ~Service() = default;
  /// A failure is a Status that says whether the peer can have seen it. Cancelling the task ends the call.
  virtual Task<Reply> call(Call call) = 0;
};

/// What generated clients and stacks share. Not for another thread.
using ServicePtr = std::shared_ptr<Service>;

class ServiceInterface;

/// One method as the generator describes it to a router.
struct ServedMethod {
  Method method;
  /// Decodes, calls the handler, encodes.
  Task<Reply> (*serve)(ServiceInterface& service, Call call);
};

struct ServiceInfo {
  std::string_view name;  ///< "hello.Greeter"
  std::span<const ServedMethod> methods;
  const ServiceInfo* base = nullptr;  ///< of the service that it extends
  Protocol protocol = Protocol::thrift;
  const FileDescriptor* file = nullptr;  ///< Protobuf's, where the generator was asked for it
};

/// What a user's service derives from, through the generated class.
class ServiceInterface {
 public:
  virtual ~ServiceInterface() = default;
  virtual const ServiceInfo& weft_service() const noexcept = 0;
};

}  // namespace weft
