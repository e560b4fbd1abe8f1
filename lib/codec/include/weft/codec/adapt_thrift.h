// Messages of Apache Thrift's compiler where Weft's would stand: for a code base that keeps its thrift types,
// made with or without `templates`, and for what weft-gen makes of its services with --messages=apache. The
// classes read and write themselves, through Apache's TCompactProtocolT, from received slices and into blocks
// that are sent. What they throw is a Status here. Link it with `weft_thrift_dep`.
//
//   Chain bytes = libthrift::encode(order);
//   Result<shop::Order> order = libthrift::decode<shop::Order>(bytes);
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <thrift/TApplicationException.h>

#include <weft/codec/apache_values.h>
#include <weft/codec/application_exception.h>
#include <weft/codec/record.h>
#include <weft/runtime/result.h>

namespace weft::libthrift {

namespace detail {

template <class T>
void read_argument(Reading& in, T& value) {
  read_value(in, value);
}
template <class T>
void read_argument(Reading& in, std::optional<T>& value) {
  read_value(in, value.emplace());
}

template <class T>
struct Bare {
  using type = T;
};
template <class T>
struct Bare<std::optional<T>> {
  using type = T;
};

template <class A>
bool read_if(Reading& in, Type type, std::int16_t id, A argument) {
  if (A::id != id || type != type_of<typename Bare<typename A::type>::type>()) return false;
  read_argument(in, argument.value);
  return true;
}

template <class... As>
void read_arguments(Reading& in, As... arguments) {
  ::apache::thrift::protocol::TInputRecursionTracker tracker{in};
  std::string name;
  Type type{};
  std::int16_t id = 0;
  in.readStructBegin(name);
  while (true) {
    in.readFieldBegin(name, type, id);
    if (type == Type::T_STOP) break;
    if (!(read_if(in, type, id, arguments) || ...)) in.skip(type);
    in.readFieldEnd();
  }
  in.readStructEnd();
}

template <class A>
void write_argument(Writing& out, A argument) {
  using T = std::remove_const_t<typename A::type>;
  out.writeFieldBegin("", type_of<T>(), static_cast<std::int16_t>(A::id));
  write_value<T>(out, argument.value);
  out.writeFieldEnd();
}

/// Runs `write` on a protocol; what was written.
template <class Write>
Chain written(Write write) {
  ChainTransport transport;
  try {
    Writing out{transport};
    write(out);
  } catch (...) {
    // It is cut off there, and the receiver refuses it.
  }
  return transport.finish();
}

/// Runs `read` on a protocol; what it threw, or OK.
template <class Read>
Status status_of(const Chain& bytes, const DecodeLimits& limits, Read read) {
  ChainTransport transport{bytes, limits.depth};
  try {
    Reading in{transport, limits};
    read(in);
    return {};
  } catch (...) {
    return caught(transport);
  }
}

}  // namespace detail

/// Structs may nest as deep as the stack bears. A text of more than 4 GiB, which Thrift does not have, cuts
/// the message off, and the receiver refuses it.
template <Record T>
Chain encode(const T& value) {
  return detail::written([&](Writing& out) { value.write(&out); });
}

/// Fields that are not in the message keep the values that they have in `value`. A failure is
/// `invalid_argument`, with the place and what Apache says, or `resource_exhausted`. Limits: `depth` structs,
/// and whatever is skipped, may nest; the elements of all containers may take `element_memory` bytes, where a
/// struct counts as 128, a container as 48 and anything else as 32, since nobody knows what Apache's code
/// makes room for; no container can say that it has more elements, and no text more bytes, than the message
/// has left.
template <Record T>
Status decode(const Chain& bytes, T& value, const DecodeLimits& limits = {}) {
  return detail::status_of(bytes, limits, [&](Reading& in) { value.read(&in); });
}

template <Record T>
Result<T> decode(const Chain& bytes, const DecodeLimits& limits = {}) {
  T value;
  if (Status status = decode(bytes, value, limits); !status.ok()) return status;
  return value;
}

// A call's arguments and its result, as generated code asks for them: see <weft/codec/compact.h>.

template <std::int32_t... Ids, class... Ts>
Chain encode_arguments(Argument<Ids, Ts>... arguments) {
  return detail::written([&](Writing& out) {
    out.writeStructBegin("");
    (detail::write_argument(out, arguments), ...);
    out.writeFieldStop();
    out.writeStructEnd();
  });
}

template <std::int32_t... Ids, class... Ts>
Status decode_arguments(Chain payload, Argument<Ids, Ts>... arguments) {
  Status status = detail::status_of(payload, DecodeLimits{},
                                    [&](Reading& in) { detail::read_arguments(in, arguments...); });
  return status.ok() ? status : undecodable_arguments(status);
}

inline Chain encode_result() { return Bytes::of_static({"\0", 1}); }
template <std::int32_t Id, class T>
Chain encode_result(Argument<Id, T> result) {
  return encode_arguments(result);
}

template <std::int32_t... Ids, class... Ts>
Status decode_result(const Chain& payload, Argument<Ids, std::optional<Ts>>... results) {
  Status status = detail::status_of(payload, DecodeLimits{},
                                    [&](Reading& in) { detail::read_arguments(in, results...); });
  return status.ok() ? status : undecodable_result(status);
}

/// How a handler fails with an exception that the IDL declares, and what a client's call fails with:
/// `status.get_if<NotFound>()` finds it again. Classes of the thrift compiler do not convert by themselves.
template <std::derived_from<::apache::thrift::TException> E>
Status as_status(E exception) {
  std::string what = exception.what();
  return Status::carrying(Code::unknown, std::move(what), std::move(exception));
}

/// For code that still throws: what Apache's client would have thrown for this failure.
::apache::thrift::TApplicationException as_exception(const Status& status);

}  // namespace weft::libthrift
