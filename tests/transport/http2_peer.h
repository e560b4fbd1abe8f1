// Http2Peer: one end of an HTTP/2 connection that a test plays frame by frame, right or wrong.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nghttp2/nghttp2.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/runtime/resolve.h>
#include <weft/runtime/socket.h>

#include "../support/weft_test.h"

namespace weft::test {

namespace frame {
inline constexpr std::uint8_t data = 0, headers = 1, priority = 2, rst_stream = 3, settings = 4, push = 5,
                              ping = 6, goaway = 7, window_update = 8, continuation = 9;
inline constexpr std::uint8_t end_stream = 1, ack = 1, end_headers = 4, padded = 8;
}  // namespace frame

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Frame {
  std::uint8_t type = 0xff, flags = 0;
  std::int32_t id = 0;
  std::string payload{};

  bool ends() const { return (flags & frame::end_stream) != 0; }
  std::uint32_t word(std::size_t at = 0) const {
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < 4; ++index)
      value = value << 8 | static_cast<std::uint8_t>(payload.at(at + index));
    return value;
  }
};

inline std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

/// One gRPC message.
inline std::string grpc_message(std::string_view payload, char flags = 0) {
  return flags + number(static_cast<std::uint32_t>(payload.size())) + std::string(payload);
}

inline std::string encode(std::uint8_t type, std::uint8_t flags, std::int32_t id, std::string_view payload) {
  std::string bytes = number(static_cast<std::uint32_t>(payload.size())).substr(1);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  return bytes + number(static_cast<std::uint32_t>(id)) + std::string(payload);
}

/// Literals that no table remembers, so that blocks do not depend on each other.
inline std::string block(const Fields& fields) {
  auto text = [](const std::string& value) {
    std::string bytes;
    std::size_t size = value.size();
    if (size < 127) {
      bytes += static_cast<char>(size);
    } else {
      bytes += static_cast<char>(127);
      for (size -= 127; size >= 128; size >>= 7) bytes += static_cast<char>((size & 127) | 128);
      bytes += static_cast<char>(size);
    }
    return bytes + value;
  };
  std::string bytes;
  for (const auto& [name, value] : fields) bytes += '\0' + text(name) + text(value);
  return bytes;
}

inline const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline Fields request_fields(const std::string& path, Fields more = {}) {
  Fields fields{{":method", "POST"},    {":scheme", "http"}, {":path", path},
                {":authority", "test"}, {"te", "trailers"},  {"content-type", "application/grpc"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}
inline const Fields response_fields{{":status", "200"}, {"content-type", "application/grpc"}};
inline const Fields ok_trailers{{"grpc-status", "0"}};

class Http2Peer {
 public:
  explicit Http2Peer(Socket socket) : socket_(std::move(socket)) {
    nghttp2_hd_inflater* made = nullptr;
    nghttp2_hd_inflate_new(&made);
    inflater_.reset(made, nghttp2_hd_inflate_del);
  }

  /// As a client that has said hello.
  static Task<std::unique_ptr<Http2Peer>> connect(std::string address) {
    Socket socket = co_await connect_socket(std::move(address));
    auto peer = std::make_unique<Http2Peer>(std::move(socket));
    peer->raw(preface + encode(frame::settings, 0, 0, {}));
    co_return peer;
  }

  void raw(const std::string& bytes) { socket_.write(Bytes(bytes)); }
  void send(std::uint8_t type, std::uint8_t flags, std::int32_t id, std::string_view payload = {}) {
    raw(encode(type, flags, id, payload));
  }
  void headers(std::int32_t id, const Fields& fields, bool end = false) {
    send(frame::headers, frame::end_headers | (end ? frame::end_stream : 0), id, block(fields));
  }
  void data(std::int32_t id, std::string_view bytes, bool end = false) {
    send(frame::data, end ? frame::end_stream : 0, id, bytes);
  }
  void reset(std::int32_t id, std::uint32_t code) { send(frame::rst_stream, 0, id, number(code)); }
  /// A whole unary request.
  void call(std::int32_t id, const std::string& path, std::string_view payload, Fields more = {}) {
    headers(id, request_fields(path, std::move(more)));
    data(id, grpc_message(payload), true);
  }

  /// As a server: what a client begins with has come.
  Task<void> preface_received() {
    while (bytes_.size() < preface.size()) {
      Bytes piece = co_await socket_.receive();
      if (piece.empty()) co_await unavailable("the client is gone");
      bytes_ += piece.view();
    }
    REQUIRE(bytes_.starts_with(preface));
    bytes_.erase(0, preface.size());
  }

  /// The next frame; acknowledges SETTINGS and PINGs by itself. Type 0xff: the connection has ended.
  Task<Frame> next() {
    for (;;) {
      while (bytes_.size() < 9 || bytes_.size() < 9 + length()) {
        auto piece = co_await attempt(socket_.receive());
        if (!piece || piece->empty()) co_return Frame{};
        bytes_ += piece->view();
      }
      Frame got{.type = static_cast<std::uint8_t>(bytes_[3]), .flags = static_cast<std::uint8_t>(bytes_[4])};
      got.payload = bytes_.substr(5, 4);
      got.id = static_cast<std::int32_t>(got.word() & 0x7fffffff);
      got.payload = bytes_.substr(9, length());
      bytes_.erase(0, 9 + got.payload.size());
      bool answered = got.type == frame::settings || got.type == frame::ping;
      if (answered && !(got.flags & frame::ack) && acknowledges)
        send(got.type, frame::ack, 0, got.type == frame::ping ? got.payload : std::string());
      co_return got;
    }
  }
  /// Skips those of other types, and of other streams where `id` says so. Type 0xff: the end came first.
  Task<Frame> next_of(std::uint8_t type, std::int32_t id = -1) {
    for (;;) {
      Frame got = co_await next();
      if (got.type == 0xff || (got.type == type && (id < 0 || got.id == id))) co_return got;
      seen.push_back(got);
      if (got.type == frame::headers) fields(got);  // the decoder's table must follow
    }
  }
  /// What a header block says. Each block exactly once, in order.
  std::map<std::string, std::string> fields(const Frame& got) {
    std::map<std::string, std::string> all;
    auto* in = reinterpret_cast<const std::uint8_t*>(got.payload.data());
    std::size_t left = got.payload.size();
    for (;;) {
      nghttp2_nv field;
      int flags = 0;
      ssize_t used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, in, left, 1);
      REQUIRE(used >= 0);
      in += used;
      left -= static_cast<std::size_t>(used);
      if (flags & NGHTTP2_HD_INFLATE_EMIT)
        all.emplace(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                    std::string(reinterpret_cast<char*>(field.value), field.valuelen));
      if (flags & NGHTTP2_HD_INFLATE_FINAL) {
        nghttp2_hd_inflate_end_headers(inflater_.get());
        break;
      }
    }
    return all;
  }
  /// How a call ended: its trailers, with ":data" as all that came before; "rst" where it was reset, "goaway"
  /// and "end" for the connection.
  Task<std::map<std::string, std::string>> outcome(std::int32_t id) {
    std::string body;
    for (;;) {
      Frame got = co_await next();
      std::map<std::string, std::string> said;
      if (got.type == frame::headers) said = fields(got);
      if (got.type == 0xff) said["end"] = "";
      if (got.type == frame::goaway) said["goaway"] = std::to_string(got.word(4));
      if (got.id == id && got.type == frame::data) body += got.payload;
      if (got.id == id && got.type == frame::rst_stream) said["rst"] = std::to_string(got.word());
      bool over = got.id == id && (got.type == frame::headers || got.type == frame::data) && got.ends();
      if (over || said.contains("rst") || said.contains("end") || said.contains("goaway")) {
        said[":data"] = body;
        co_return said;
      }
    }
  }
  Socket& socket() { return socket_; }

  bool acknowledges = true;
  std::vector<Frame> seen;  ///< that were skipped

 private:
  std::size_t length() const {
    auto byte = [&](std::size_t at) { return std::size_t{static_cast<std::uint8_t>(bytes_[at])}; };
    return byte(0) << 16 | byte(1) << 8 | byte(2);
  }
  Socket socket_;
  std::string bytes_;
  std::shared_ptr<nghttp2_hd_inflater> inflater_;
};

}  // namespace weft::test
