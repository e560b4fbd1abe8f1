// The model of a program: what both front ends produce and the back end prints. Every name is looked up,
// every constant has its type, and nothing in it depends on the language it was written in.
#pragma once

#include <cstdint>
#include <deque>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "source.h"

namespace weft::gen {

struct Module;
struct Struct;
struct Enum;
struct Typedef;
struct Constant;

struct Annotation {
  std::string name;
  std::string value;  ///< "1" for one without a value
};
using Annotations = std::vector<Annotation>;

/// The value of an annotation; null when it is not there.
const std::string* find(const Annotations& annotations, std::string_view name) noexcept;

/// What everything with a name has.
struct Entity {
  std::string name;      ///< in the IDL, and on the wire
  std::string cpp_wish;  ///< what C++ should call it, where not `name`
  std::string cpp_name;  ///< in C++: escaped and unique where it stands (see names.h)
  std::string doc;
  Annotations annotations;
  std::string attribute;  ///< in C++: "[[deprecated]]"
  Place place;
};

/// What a map or set is in C++.
enum class Container : std::uint8_t {
  usual,      ///< std::map, std::set
  unordered,  ///< std::unordered_map, std::unordered_set
  flat,       ///< weft::FlatMap
};

struct Type {
  enum class Kind : std::uint8_t {
    nothing,  ///< the result of a `void` function
    boolean,
    i8,
    i16,
    i32,
    i64,
    u32,
    u64,
    single,
    real,
    string,
    binary,
    uuid,
    list,
    set,
    map,
    enumeration,
    structure,
    alias,
  };

  Kind kind = Kind::nothing;
  std::vector<Type> arguments;  ///< of a list, set or map
  Container container = Container::usual;
  const Struct* structure = nullptr;  ///< what the kind names
  const Enum* enumeration = nullptr;
  const Typedef* alias = nullptr;
  std::uint32_t depth = 1;  ///< of nesting, aliases followed
  bool borrowed = false;    ///< texts and containers are views (see borrow.h)
};

/// The type behind all aliases.
const Type& bare(const Type& type) noexcept;
/// The same after all aliases are followed.
bool same(const Type& a, const Type& b) noexcept;

struct Field;
struct Enumerator;

/// A constant's or a default's value, of a known type.
struct Value {
  enum class Form : std::uint8_t { boolean, integer, real, text, enumerator, list, map, structure, constant };

  Form form = Form::integer;
  std::int64_t integer = 0;  ///< of a boolean, an integer, an enumerator
  double real = 0;
  std::string text;
  const Enumerator* enumerator = nullptr;  ///< null: a number that has no name
  std::vector<Value> items;  ///< of a list or set; of a map: key, value, ...; of a struct: of `fields`
  std::vector<const Field*> fields;    ///< in the order of declaration
  const Constant* constant = nullptr;  ///< another constant of the same type, by name
};

/// What the IDL says is not to be used, mostly because it was once (Protobuf's `reserved`).
struct Reserved {
  struct Range {
    std::int32_t first = 0;
    std::int32_t last = 0;  ///< itself reserved
  };
  std::vector<Range> ids;
  std::vector<std::string> names;

  bool has(std::int32_t id) const noexcept;
  bool has(std::string_view name) const noexcept;
};

/// A named thing of a file.
struct Item : Entity {
  const Module* module = nullptr;
  std::string foreign_name;              ///< what the other compiler calls it, where messages are that one's
  std::vector<std::string> code;         ///< lines of C++ at the end of the header, outside of namespaces
  std::vector<std::string> source_code;  ///< and of the source
};

struct Typedef : Item {
  Type type;
};

struct Enumerator : Entity {
  std::int32_t value = 0;
};

struct Enum : Item {
  std::deque<Enumerator> values;
  bool closed = false;  ///< Protobuf: other values are unknown fields
  Reserved reserved;
};

struct Constant : Item {
  Type type;
  Value value;
};

enum class Presence : std::uint8_t { plain, required, optional };

/// How Protobuf writes a field: see <weft/codec/schema.h>.
struct Coding {
  bool zigzag = false;
  bool fixed = false;
  bool unpacked = false;
  bool unchecked = false;
  bool group = false;
  bool zigzag_keys = false;
  bool fixed_keys = false;
};

struct Field : Entity {
  std::int32_t id = 0;
  Presence presence = Presence::plain;
  Type type;
  Coding coding;
  std::unique_ptr<Value> value;     ///< the default; null: that of the type
  std::unique_ptr<Value> fallback;  ///< Protobuf: what an optional field that is not set stands for
  std::string fallback_name;        ///< of its constant, in C++
  const Struct* view = nullptr;     ///< of an argument: what the handler borrows instead
  bool reference = false;           ///< the IDL asks for indirection
  bool shared = false;              ///< as weft::Shared, where a Box would be
  bool boxed = false;               ///< held in a Box: asked for, or to break a cycle
  bool unfinished = false;  ///< its type holds one that is not defined where this member is (see cycles.h)
  std::string json_name;    ///< Protobuf: in its JSON form
  std::string alternative;  ///< of a union's field: the C++ name of the alternative
};

/// A type that the IDL declares inside of a struct. C++ has it beside the struct, and there by its short
/// name.
struct Nested {
  std::string name;
  std::string cpp_name;
  const Item* item = nullptr;
  bool is_enum = false;
  bool is_oneof = false;
};

/// What a type can do beside `==` (see derive.h).
struct Operations {
  bool order = false;
  bool hash = false;
  bool trivial = false;
};

struct Struct : Item {
  enum class Form : std::uint8_t { structure, union_, exception };

  Form form = Form::structure;
  bool oneof = false;  ///< a union whose fields travel as those of the struct that it is a member of
  std::vector<Field> fields;
  std::vector<Nested> nested;
  std::vector<std::string> members;  ///< lines of C++ behind the fields
  bool borrowed = false;             ///< the view of another
  bool keeps_unknown = false;
  std::string unknown_name;  ///< of the member that keeps unknown fields
  Operations can;            ///< what holds for it because it holds for all that it is made of
  Operations derives;        ///< what is written
  Reserved reserved;
};

/// How a method may be asked of several servers at once; nothing of it where `attempts` is 0.
struct Hedge {
  std::int64_t attempts = 0;
  std::int64_t delay_ns = 0;
};

struct Method : Entity {
  bool oneway = false;
  bool idempotent = false;
  std::int64_t timeout_ns = 0;  ///< 0: none
  Hedge hedge;
  bool streams_requests = false;  ///< Protobuf: `stream` before the argument
  bool streams_replies = false;   ///< Protobuf: `stream` before the result
  Type result;
  std::vector<Field> arguments;
  std::vector<Field> exceptions;
};

struct Service : Item {
  const Service* base = nullptr;
  std::vector<Method> methods;
};

struct Namespace {
  std::string language;  ///< "cpp", "*", ...
  std::string name;
};

using ItemPtr = std::variant<Typedef*, Enum*, Constant*, Struct*, Service*>;

/// Whose classes the messages are: our own, or what another compiler makes of the same IDL.
enum class Messages : std::uint8_t { weft, protoc, apache };

/// What there is to know of another compiler's messages.
struct Foreign {
  Messages messages = Messages::weft;
  bool on_arena = false;           ///< protoc's: handlers get and make them on arenas
  std::string header;              ///< that declares them: "shop/order.pb.h"
  std::vector<std::string> space;  ///< their namespace in parts; none: the global one
  std::vector<std::string> taken;  ///< names in it that no service can have
};

/// A .proto file as bytes.
struct Descriptor {
  std::string name;   ///< as imports call it
  std::string bytes;  ///< a FileDescriptorProto
};

/// Things that others point at: when some are dropped the rest stays where it is.
template <class T>
struct Items : std::list<T> {
  const T& operator[](std::size_t at) const {
    return *std::next(this->begin(), static_cast<std::ptrdiff_t>(at));
  }
};

/// One IDL file.
struct Module {
  const Source* source = nullptr;
  bool protobuf = false;  ///< which codec its types have
  std::string stem;       ///< of the file's name
  std::string path;       ///< of its output below the output folder, without ".weft.h"
  std::string syntax;     ///< Protobuf: "proto2" or "proto3"
  std::vector<Namespace> namespaces;
  Annotations annotations;  ///< of the file: Protobuf's options
  std::vector<std::string> cpp_includes;
  std::vector<std::string> headers;        ///< to be included, with their `<>` or quotes
  std::vector<std::string> cpp_namespace;  ///< in parts, escaped
  std::vector<const Module*> includes;     ///< of Protobuf those whose types it uses, and public ones
  std::optional<Descriptor> descriptor;    ///< to be embedded, with those of `imports`
  std::vector<const Module*> imports;      ///< Protobuf: all that are written, used or not
  Foreign foreign;

  Items<Typedef> typedefs;
  Items<Enum> enums;
  Items<Constant> constants;
  Items<Struct> structs;
  Items<Service> services;
  std::vector<ItemPtr> items;           ///< all of them, as declared
  std::vector<ItemPtr> order;           ///< as C++ needs them (see cycles.h)
  std::vector<const Struct*> forwards;  ///< to be declared before all of `order`
};

/// Calls `look` with everything of the module that has a name: items, and what they are made of.
template <class Look>
void each_entity(Module& module, Look look) {
  for (Typedef& alias : module.typedefs) look(alias);
  for (Constant& constant : module.constants) look(constant);
  for (Enum& enumeration : module.enums) {
    look(enumeration);
    for (Enumerator& value : enumeration.values) look(value);
  }
  for (Struct& structure : module.structs) {
    look(structure);
    for (Field& field : structure.fields) look(field);
  }
  for (Service& service : module.services) {
    look(service);
    for (Method& method : service.methods) {
      look(method);
      for (Field& argument : method.arguments) look(argument);
      for (Field& exception : method.exceptions) look(exception);
    }
  }
}

struct Program {
  std::deque<Source> sources;
  std::deque<Module> modules;  ///< a module comes after those it includes
  std::vector<Module*> roots;  ///< the files named on the command line
};

}  // namespace weft::gen
