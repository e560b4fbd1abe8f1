#include "apache_oracle.h"

#include <memory>
#include <stdexcept>

#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "kitchen_types.h"

// What Apache's compiler leaves to its users: the order of structs that are keys.
namespace apache_kitchen {
bool Point::operator<(const Point& other) const { return x != other.x ? x < other.x : y < other.y; }
}  // namespace apache_kitchen

namespace interop {
namespace {

using apache::thrift::protocol::TCompactProtocolT;
using apache::thrift::transport::TMemoryBuffer;

template <class T>
std::string through(std::string bytes) {
  auto in = std::make_shared<TMemoryBuffer>(reinterpret_cast<std::uint8_t*>(bytes.data()),
                                            static_cast<std::uint32_t>(bytes.size()));
  TCompactProtocolT<TMemoryBuffer> reader{in};
  T value;
  value.read(&reader);
  if (in->available_read() != 0) throw std::runtime_error("bytes were left");
  auto out = std::make_shared<TMemoryBuffer>();
  TCompactProtocolT<TMemoryBuffer> writer{out};
  value.write(&writer);
  return out->getBufferAsString();
}

}  // namespace

#define KNOWS(type_name) \
  if (type == #type_name) return through<apache_kitchen::type_name>(std::move(bytes))

std::string through_apache(std::string_view type, std::string bytes) {
  KNOWS(Empty);
  KNOWS(Later);
  KNOWS(Point);
  KNOWS(Gaps);
  KNOWS(NoIds);
  KNOWS(MixedIds);
  KNOWS(Scrambled);
  KNOWS(Req);
  KNOWS(Awkward);
  KNOWS(shared::Item);
  KNOWS(Every);
  KNOWS(Optionals);
  KNOWS(Pick);
  KNOWS(Tree);
  KNOWS(Chain);
  KNOWS(Ping);
  KNOWS(Pong);
  KNOWS(Nest);
  KNOWS(Item);
  KNOWS(NotFound);
  KNOWS(Denied);
  KNOWS(shared::Trouble);
  KNOWS(Defaults);
  throw std::invalid_argument("no such type");
}

}  // namespace interop
