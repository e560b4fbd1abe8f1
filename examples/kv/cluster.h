// Cluster: several servers as one store. Each key lives on one of them, chosen by the client; nothing is
// copied or moved, so all clients must be given the same servers, in any order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weft/weft.h>

#include "kv.weft.h"

namespace kv {

class Cluster {
 public:
  struct Server {
    std::string address;
    KeyValue::Client client;
  };

  /// To "one:9000,two:9000"; fails when one of them cannot be reached.
  static weft::Task<Cluster> connect(std::string addresses);
  /// At least one.
  explicit Cluster(std::vector<Server> servers) : servers_(std::move(servers)) {}

  weft::Task<weft::Bytes> get(weft::Bytes key) const { return client_for(key).get(key); }
  weft::Task<void> put(weft::Bytes key, weft::Bytes value) const { return client_for(key).put(key, value); }
  weft::Task<void> remove(weft::Bytes key) const { return client_for(key).remove(key); }
  weft::Task<void> compare_and_swap(Swap swap) const { return client_for(swap.key).compare_and_swap(swap); }
  /// Asks all of them side by side and merges what they have.
  weft::Task<std::vector<Entry>> scan(Range range) const;

 private:
  /// The server with the highest hash of its address and the key: when one is added, only the keys that are
  /// to be on it have another place.
  const KeyValue::Client& client_for(const weft::Bytes& key) const;

  std::vector<Server> servers_;
};

}  // namespace kv
