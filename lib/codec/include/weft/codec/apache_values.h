// Values of the types that the thrift compiler has for C++, by type: what stands among a call's arguments or
// in its result. Structs read and write themselves. Included by <weft/codec/adapt_thrift.h>.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <weft/codec/apache_protocol.h>

namespace weft::libthrift {

/// A struct, union or exception of the thrift compiler.
template <class T>
concept Record = std::is_class_v<T> && requires(T& value, const T& constant, Reading* in, Writing* out) {
  value.read(in);
  constant.write(out);
};

template <class T>
consteval Type type_of() {
  if constexpr (std::same_as<T, bool>)
    return Type::T_BOOL;
  else if constexpr (std::same_as<T, double>)
    return Type::T_DOUBLE;
  else if constexpr (std::is_enum_v<T>)
    return Type::T_I32;
  else if constexpr (std::integral<T>)
    return sizeof(T) == 1   ? Type::T_BYTE
           : sizeof(T) == 2 ? Type::T_I16
           : sizeof(T) == 4 ? Type::T_I32
                            : Type::T_I64;
  else if constexpr (std::same_as<T, std::string>)
    return Type::T_STRING;
  else if constexpr (Record<T>)
    return Type::T_STRUCT;
  else if constexpr (requires { typename T::mapped_type; })
    return Type::T_MAP;
  else if constexpr (requires { typename T::key_type; })
    return Type::T_SET;
  else
    return Type::T_LIST;
}

/// Elements of another type than the list says are an error: Apache misreads them.
inline void expect(Type found, Type expected, std::uint32_t size) {
  using ::apache::thrift::protocol::TProtocolException;
  if (size > 0 && found != expected)
    throw TProtocolException(TProtocolException::INVALID_DATA, "container with elements of another type");
}

template <class T>
void read_value(Reading& in, T& value) {
  constexpr Type type = type_of<T>();
  Type key{}, element{};
  std::uint32_t size = 0;
  if constexpr (type == Type::T_BOOL) {
    in.readBool(value);
  } else if constexpr (type == Type::T_DOUBLE) {
    in.readDouble(value);
  } else if constexpr (type == Type::T_BYTE) {
    in.readByte(value);
  } else if constexpr (type == Type::T_I16) {
    in.readI16(value);
  } else if constexpr (std::is_enum_v<T>) {
    std::int32_t number = 0;
    in.readI32(number);
    value = static_cast<T>(number);
  } else if constexpr (type == Type::T_I32) {
    in.readI32(value);
  } else if constexpr (type == Type::T_I64) {
    in.readI64(value);
  } else if constexpr (type == Type::T_STRING) {
    in.readBinary(value);
  } else if constexpr (type == Type::T_STRUCT) {
    value.read(&in);
  } else if constexpr (type == Type::T_LIST) {
    in.readListBegin(element, size);
    expect(element, type_of<typename T::value_type>(), size);
    value.clear();
    for (; size > 0; --size) {
      typename T::value_type item{};
      read_value(in, item);
      value.push_back(std::move(item));
    }
    in.readListEnd();
  } else if constexpr (type == Type::T_SET) {
    in.readSetBegin(element, size);
    expect(element, type_of<typename T::key_type>(), size);
    value.clear();
    for (; size > 0; --size) {
      typename T::key_type item{};
      read_value(in, item);
      value.insert(std::move(item));
    }
    in.readSetEnd();
  } else {
    in.readMapBegin(key, element, size);
    expect(key, type_of<typename T::key_type>(), size);
    expect(element, type_of<typename T::mapped_type>(), size);
    value.clear();
    for (; size > 0; --size) {
      typename T::key_type item{};
      read_value(in, item);
      read_value(in, value[std::move(item)]);
    }
    in.readMapEnd();
  }
}

template <class T>
void write_value(Writing& out, const T& value) {
  constexpr Type type = type_of<T>();
  if constexpr (type == Type::T_BOOL) {
    out.writeBool(value);
  } else if constexpr (type == Type::T_DOUBLE) {
    out.writeDouble(value);
  } else if constexpr (type == Type::T_BYTE) {
    out.writeByte(value);
  } else if constexpr (type == Type::T_I16) {
    out.writeI16(value);
  } else if constexpr (type == Type::T_I32) {
    out.writeI32(static_cast<std::int32_t>(value));
  } else if constexpr (type == Type::T_I64) {
    out.writeI64(value);
  } else if constexpr (type == Type::T_STRING) {
    out.writeBinary(value);
  } else if constexpr (type == Type::T_STRUCT) {
    value.write(&out);
  } else {
    const auto size = static_cast<std::uint32_t>(value.size());
    if constexpr (type == Type::T_MAP) {
      out.writeMapBegin(type_of<typename T::key_type>(), type_of<typename T::mapped_type>(), size);
      for (const auto& [key, mapped] : value) {
        write_value(out, key);
        write_value(out, mapped);
      }
      out.writeMapEnd();
    } else if constexpr (type == Type::T_SET) {
      out.writeSetBegin(type_of<typename T::key_type>(), size);
      for (const auto& item : value) write_value(out, item);
      out.writeSetEnd();
    } else {
      out.writeListBegin(type_of<typename T::value_type>(), size);
      // A std::vector<bool> has no bools to refer to.
      for (const auto& item : value) write_value<typename T::value_type>(out, item);
      out.writeListEnd();
    }
  }
}

}  // namespace weft::libthrift
