#include <weft/transport/connect.h>

namespace weft {

Endpoints endpoints(std::initializer_list<std::string_view> addresses, const ChannelOptions& options) {
  std::vector<Endpoint> all;
  for (std::string_view address : addresses) all.push_back({std::string(address), channel(address, options)});
  return Endpoints{std::move(all)};
}

}  // namespace weft
