#include "cluster.h"

#include <algorithm>
#include <cstdint>

#include "shard.h"

namespace kv {
namespace {

/// FNV-1a with a last stir: the same in every client, which std::hash does not promise.
std::uint64_t hash(std::string_view address, std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::string_view text : {address, key})
    for (char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  hash ^= hash >> 33;
  return (hash * 0xff51afd7ed558ccd) ^ (hash >> 29);
}

weft::Task<std::vector<Entry>> scan_one(KeyValue::Client client, Range range) { return client.scan(range); }

}  // namespace

weft::Task<Cluster> Cluster::connect(std::string addresses) {
  std::vector<Server> servers;
  for (std::size_t begin = 0; begin <= addresses.size();) {
    std::size_t end = std::min(addresses.find(',', begin), addresses.size());
    std::string address = addresses.substr(begin, end - begin);
    auto client = co_await weft::connect<KeyValue>(address);
    servers.push_back({std::move(address), std::move(client)});
    begin = end + 1;
  }
  co_return Cluster{std::move(servers)};
}

const KeyValue::Client& Cluster::client_for(const weft::Bytes& key) const {
  return std::ranges::max_element(servers_, {},
                                  [&](const Server& server) { return hash(server.address, key.view()); })
      ->client;
}

weft::Task<std::vector<Entry>> Cluster::scan(Range range) const {
  std::vector<weft::Task<std::vector<Entry>>> asked;
  for (const Server& server : servers_) asked.push_back(scan_one(server.client, range));
  auto parts = co_await weft::all(std::move(asked));
  co_return merge(std::move(parts), static_cast<std::size_t>(std::max(range.limit, 0)));
}

}  // namespace kv
