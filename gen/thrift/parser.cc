#include "parser.h"

#include <fmt/format.h>

#include "cursor.h"

namespace weft::gen::thrift {

namespace {

using Kind = Token::Kind;

/// What fbthrift adds to the language, and what to write instead.
struct Foreign {
  std::string_view word;
  std::string_view advice;
};
constexpr Foreign foreign_definitions[] = {
    {"interaction", "interactions are fbthrift's, Apache Thrift has none"},
    {"package", "`package` is fbthrift's; write `namespace`"},
    {"safe", "kinds of exceptions are fbthrift's; write `exception`"},
    {"transient", "kinds of exceptions are fbthrift's; write `exception`"},
    {"stateful", "kinds of exceptions are fbthrift's; write `exception`"},
    {"permanent", "kinds of exceptions are fbthrift's; write `exception`"},
    {"client", "kinds of exceptions are fbthrift's; write `exception`"},
    {"server", "kinds of exceptions are fbthrift's; write `exception`"},
    {"cpp_namespace", "write `namespace cpp NAME`"},
    {"php_namespace", "write `namespace php NAME`"},
    {"py_module", "write `namespace py NAME`"},
    {"perl_package", "write `namespace perl NAME`"},
    {"ruby_namespace", "write `namespace rb NAME`"},
    {"java_package", "write `namespace java NAME`"},
    {"cocoa_package", "write `namespace cocoa NAME`"},
    {"smalltalk_category", "write `namespace smalltalk.category NAME`"},
    {"smalltalk_prefix", "write `namespace smalltalk.prefix NAME`"},
    {"csharp_namespace", "write `namespace csharp NAME`"},
    {"delphi_namespace", "write `namespace delphi NAME`"},
    {"xsd_namespace", "write `namespace xsd NAME`"},
};

class Parser {
 public:
  Parser(const Source& source, Diagnostics& diagnostics) : in_(source, diagnostics) {}

  FileNode run() {
    while (!in_.at(Kind::end) && !in_.diagnostics().full()) {
      if (!header_or_definition()) {
        in_.next();
        in_.skip_to_definition();
      }
    }
    return std::move(file_);
  }

 private:
  bool error(Place place, std::string_view message) {
    in_.diagnostics().error(place, message);
    return false;
  }
  bool expected(std::string_view what) {
    in_.expected(what);
    return false;
  }

  bool header_or_definition() {
    std::string doc = in_.peek().doc;
    if (in_.at("include") || in_.at("cpp_include") || in_.at("namespace")) return header();
    if (in_.take("typedef")) return type_definition(std::move(doc));
    if (in_.take("const")) return constant(std::move(doc));
    if (in_.take("enum")) return enumeration(std::move(doc));
    if (in_.take("senum")) return string_enumeration(std::move(doc));
    if (in_.take("struct")) return structure(Struct::Form::structure, std::move(doc));
    if (in_.take("union")) return structure(Struct::Form::union_, std::move(doc));
    if (in_.take("exception")) return structure(Struct::Form::exception, std::move(doc));
    if (in_.take("service")) return service(std::move(doc));
    return refuse_definition();
  }

  bool refuse_definition() {
    const Token& token = in_.peek();
    if (token.is("@"))
      return error(token.place, "annotations with `@` are fbthrift's; write `(name = \"value\")` behind");
    for (const Foreign& foreign : foreign_definitions)
      if (token.is(foreign.word)) return error(token.place, foreign.advice);
    if (token.is(",") || token.is(";"))
      return error(token.place, "no separator may stand behind this definition");
    return expected("a definition: typedef, const, enum, struct, union, exception or service");
  }

  bool header() {
    const Token& word = in_.next();
    if (!file_.definitions.empty()) error(word.place, "this belongs before the first definition");
    if (word.is("namespace")) return name_space();
    if (!in_.at(Kind::text)) return expected("a file name in quotes");
    auto& files = word.is("include") ? file_.includes : file_.cpp_includes;
    files.push_back({in_.peek().text, in_.peek().place});
    in_.next();
    return true;
  }

  bool name_space() {
    if (!in_.at(Kind::word) && !in_.at("*")) return expected("a language, or `*` for all");
    std::string language(in_.next().spelling);
    // `namespace xsd "uri"` and its like take text.
    if (!in_.at(Kind::word) && !in_.at(Kind::text)) return expected("the namespace's name");
    const Token& name = in_.next();
    file_.namespaces.push_back({language, name.kind == Kind::text ? name.text : std::string(name.spelling)});
    Annotations ignored;
    return annotations(ignored);
  }

  /// The name of something being defined, which has no dots.
  bool name(Word& name, std::string_view of) {
    if (!in_.at(Kind::word)) return expected(fmt::format("the name of {}", of));
    const Token& token = in_.next();
    name = {std::string(token.spelling), token.place};
    if (name.text.find('.') != std::string::npos)
      error(token.place, "a name that is being defined has no dots");
    return true;
  }

  bool type_definition(std::string doc) {
    TypedefNode node{.type = {}, .name = {}, .annotations = {}, .doc = std::move(doc)};
    if (!type(node.type) || !name(node.name, "the typedef") || !annotations(node.annotations)) return false;
    in_.take_separator();
    file_.definitions.emplace_back(std::move(node));
    return true;
  }

  bool constant(std::string doc) {
    ConstantNode node{.type = {}, .name = {}, .value = {}, .doc = std::move(doc)};
    if (!type(node.type) || !name(node.name, "the constant")) return false;
    if (!in_.expect("=", "and the constant's value") || !literal(node.value)) return false;
    in_.take_separator();
    file_.definitions.emplace_back(std::move(node));
    return true;
  }

  bool enumeration(std::string doc) {
    EnumNode node{.name = {}, .values = {}, .annotations = {}, .doc = std::move(doc)};
    if (!name(node.name, "the enum") || !in_.expect("{", "before the enum's values")) return false;
    in_.list("}", "after the enum's values", [&] { return enumerator(node); });
    annotations(node.annotations);
    file_.definitions.emplace_back(std::move(node));
    return true;
  }

  bool enumerator(EnumNode& node) {
    EnumeratorNode value;
    value.doc = in_.peek().doc;
    if (!name(value.name, "an enum's value")) return false;
    value.place = value.name.place;
    if (in_.take("=")) {
      if (!in_.at(Kind::integer)) return expected("an integer");
      value.place = join(value.place, in_.peek().place);
      value.value = in_.next().integer;
    }
    if (!annotations(value.annotations)) return false;
    in_.take_separator();
    node.values.push_back(std::move(value));
    return true;
  }

  /// `senum NAME { "a", "b" }` of old files: a string, the values are documentation.
  bool string_enumeration(std::string doc) {
    TypedefNode node{.type = {}, .name = {}, .annotations = {}, .doc = std::move(doc)};
    node.type.name = "string";
    node.type.place = in_.last().place;
    if (!name(node.name, "the senum") || !in_.expect("{", "before the senum's values")) return false;
    in_.list("}", "after the senum's values", [&] {
      if (!in_.at(Kind::text)) return expected("a string");
      in_.next();
      in_.take_separator();
      return true;
    });
    annotations(node.annotations);
    file_.definitions.emplace_back(std::move(node));
    return true;
  }

  bool structure(Struct::Form form, std::string doc) {
    StructNode node{.form = form, .name = {}, .fields = {}, .annotations = {}, .doc = std::move(doc)};
    if (!name(node.name, "the type")) return false;
    in_.take("xsd_all");
    if (!in_.expect("{", "before the fields")) return false;
    fields(node.fields, "}", "after the fields");
    annotations(node.annotations);
    file_.definitions.emplace_back(std::move(node));
    return true;
  }

  void fields(std::vector<FieldNode>& fields, std::string_view close, std::string_view where) {
    in_.list(close, where, [&] { return field(fields); });
  }

  bool field(std::vector<FieldNode>& fields) {
    FieldNode node;
    node.doc = in_.peek().doc;
    const Place start = in_.peek().place;
    if (in_.at("@")) return refuse_definition();
    if (in_.at(Kind::integer)) {
      node.id = in_.next().integer;
      if (!in_.expect(":", "after the field's id")) return false;
    }
    if (in_.take("required"))
      node.presence = Presence::required;
    else if (in_.take("optional"))
      node.presence = Presence::optional;
    if (!type(node.type)) return false;
    node.reference = in_.take("&");
    if (!name(node.name, "the field")) return false;
    node.place = join(start, node.name.place);
    if (in_.take("=") && !literal(node.value.emplace())) return false;
    if (!xsd_words() || !annotations(node.annotations)) return false;
    in_.take_separator();
    fields.push_back(std::move(node));
    return true;
  }

  /// Words for XML schemas that no generator of today reads.
  bool xsd_words() {
    in_.take("xsd_optional");
    in_.take("xsd_nillable");
    if (!in_.take("xsd_attrs")) return true;
    if (!in_.expect("{", "before the attributes")) return false;
    Depth depth{*this};
    if (!depth.ok()) return false;
    std::vector<FieldNode> ignored;
    fields(ignored, "}", "after the attributes");
    return true;
  }

  bool service(std::string doc) {
    ServiceNode node{.name = {}, .base = {}, .functions = {}, .annotations = {}, .doc = std::move(doc)};
    if (!name(node.name, "the service")) return false;
    if (in_.take("extends")) {
      if (!in_.at(Kind::word)) return expected("the name of a service");
      node.base = Word{std::string(in_.peek().spelling), in_.peek().place};
      in_.next();
    }
    if (!in_.expect("{", "before the functions")) return false;
    in_.list("}", "after the functions", [&] { return function(node); });
    annotations(node.annotations);
    file_.definitions.emplace_back(std::move(node));
    return true;
  }

  bool function(ServiceNode& service) {
    FunctionNode node;
    node.doc = in_.peek().doc;
    if (in_.at("@")) return refuse_definition();
    // A type may have that name: then no other type follows.
    if ((in_.at("oneway") || in_.at("async")) && in_.peek(1).kind == Kind::word && !in_.peek(2).is("(")) {
      in_.next();
      node.oneway = true;
    }
    if (!type(node.result) || !name(node.name, "the function")) return false;
    if (!in_.expect("(", "before the arguments")) return false;
    fields(node.arguments, ")", "after the arguments");
    if (in_.take("throws")) {
      if (!in_.expect("(", "before the exceptions")) return false;
      fields(node.exceptions, ")", "after the exceptions");
    }
    if (!annotations(node.annotations)) return false;
    in_.take_separator();
    service.functions.push_back(std::move(node));
    return true;
  }

  /// Counts nesting while it lives.
  struct Depth {
    explicit Depth(Parser& parser) : parser(parser) { ++parser.depth_; }
    ~Depth() { --parser.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    bool ok() const {
      return parser.depth_ <= depth_max ||
             parser.error(parser.in_.peek().place, fmt::format("nested deeper than {} levels", depth_max));
    }
    Parser& parser;
  };

  bool type(TypeNode& node) {
    Depth depth{*this};
    if (!depth.ok()) return false;
    if (!in_.at(Kind::word)) return expected("a type");
    const Token& word = in_.next();
    node.name = std::string(word.spelling);
    node.place = word.place;
    const bool single = node.name == "list" || node.name == "set";
    if ((single || node.name == "map") && (in_.at("<") || in_.at("cpp_type"))) {
      if (!cpp_type(node) || !in_.expect("<", "before the element's type")) return false;
      if (!type(node.arguments.emplace_back())) return false;
      if (!single &&
          (!in_.expect(",", "between the types of key and value") || !type(node.arguments.emplace_back())))
        return false;
      if (!in_.expect(">", "after the element's type")) return false;
      node.place = join(node.place, in_.last().place);
      if (!cpp_type(node)) return false;
    } else if ((node.name == "stream" || node.name == "sink") && in_.at("<")) {
      return error(word.place, "streams are fbthrift's; in Thrift a function returns one value");
    }
    return annotations(node.annotations);
  }

  bool cpp_type(TypeNode& node) {
    if (!in_.take("cpp_type")) return true;
    if (!in_.at(Kind::text)) return expected("a C++ type in quotes");
    node.annotations.push_back({"cpp.type", in_.next().text});
    return true;
  }

  /// `(name = "value", flag)`, or nothing.
  bool annotations(Annotations& annotations) {
    if (!in_.take("(")) return true;
    in_.list(")", "after the annotations", [&] {
      if (!in_.at(Kind::word)) return expected("the name of an annotation");
      Annotation annotation{std::string(in_.next().spelling), "1"};
      if (in_.take("=")) {
        if (!in_.at(Kind::text)) return expected("the annotation's value in quotes");
        annotation.value = in_.next().text;
      }
      in_.take_separator();
      annotations.push_back(std::move(annotation));
      return true;
    });
    return true;
  }

  bool literal(Literal& literal) {
    Depth depth{*this};
    if (!depth.ok()) return false;
    const Token& token = in_.peek();
    literal.place = token.place;
    if (in_.take("[")) return literal_list(literal, "]");
    if (in_.take("{")) return literal_list(literal, "}");
    switch (token.kind) {
      case Kind::integer:
        literal.form = Literal::Form::integer;
        literal.integer = token.integer;
        break;
      case Kind::real:
        literal.form = Literal::Form::real;
        literal.real = token.real;
        break;
      case Kind::text:
        literal.form = Literal::Form::text;
        literal.text = token.text;
        break;
      case Kind::word:
        if (token.is("true") || token.is("false")) {
          literal.integer = token.is("true");
        } else {
          literal.form = Literal::Form::name;
          literal.text = std::string(token.spelling);
        }
        break;
      default:
        return expected("a value");
    }
    in_.next();
    return true;
  }

  bool literal_list(Literal& list, std::string_view close) {
    const bool map = close == "}";
    list.form = map ? Literal::Form::map : Literal::Form::list;
    while (!in_.at(close)) {
      if (!literal(list.items.emplace_back())) return false;
      if (map && (!in_.expect(":", "between key and value") || !literal(list.items.emplace_back())))
        return false;
      in_.take_separator();
    }
    in_.next();
    list.place = join(list.place, in_.last().place);
    return true;
  }

  Cursor in_;
  FileNode file_;
  std::size_t depth_ = 0;
};

}  // namespace

FileNode parse(const Source& source, Diagnostics& diagnostics) { return Parser{source, diagnostics}.run(); }

}  // namespace weft::gen::thrift
