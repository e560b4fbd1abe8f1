"""Writes random Thrift IDL, and as C++ what has to be true of the code that is generated from it.

    random_idl.py SEED STRUCTS CONSTANTS OUT.thrift OUT.inc

The structs hold each other in every way that has an end; the file says of each which operations it can have. The
constants are written in every way that Thrift allows, with references and conversions; it says what they are.
"""

import random
import struct
import sys

SCALARS = ("bool", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid")
BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}
WORDS = ("", "a", "two words", 'say "so"', "tab\\t", "héllo", "what??", "back\\\\slash")


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []
        self.checks = []
        self.structs = {}  # name -> (form, fields); a field is (name, type, presence, default or None)
        self.enums = {}
        self.aliases = {}
        self.constants = []  # (name, type, value)

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    # Types are strings: "i32", "list<S3>"; of a container: (kind, arguments).

    def bare(self, name):
        while name in self.aliases:
            name = self.aliases[name]
        return name

    def split(self, name):
        name = self.bare(name)
        if "<" not in name:
            return name, []
        kind, rest = name.split("<", 1)
        depth, parts = 0, [""]
        for c in rest[:-1]:
            depth += {"<": 1, ">": -1}.get(c, 0)
            if c == "," and depth == 0:
                parts.append("")
            else:
                parts[-1] += c
        return kind, [part.strip() for part in parts]

    def any_type(self, names, depth=0):
        pick = self.random.randrange(10)
        if pick < 3 and depth < 3:
            kind = self.random.choice(("list", "set", "map"))
            if kind == "map":
                return f"map<{self.any_type(names, depth + 1)}, {self.any_type(names, depth + 1)}>"
            return f"{kind}<{self.any_type(names, depth + 1)}>"
        if pick < 7 and names:
            return self.random.choice(names)
        return self.random.choice(SCALARS + tuple(self.enums))

    # Structs: a plain member holds only what comes before; the others hold anything.

    def write_structs(self, count):
        for at in range(4):
            values = {f"{letter}{at}": self.random.randrange(-(2**31), 2**31) for letter in "WXYZ"}
            self.enums[f"E{at}"] = values
            self.lines.append(f"enum E{at} {{ " + ", ".join(f"{k} = {v}" for k, v in values.items()) + " }")
        names = [f"S{at}" for at in range(count)]
        order = names[:]
        self.random.shuffle(order)
        for at, name in enumerate(order):
            form = self.random.choice(("struct", "struct", "struct", "union", "exception"))
            fields = []
            near = [order[self.random.randrange(count)] for _ in range(2)] + order[max(0, at - 6) : at + 6]
            for number in range(1, self.random.randrange(8) + 1):
                kind = self.random.choice(("plain", "plain", "optional", "optional", "reference"))
                if form == "union":
                    kind = "optional"
                holds = near if kind != "plain" else [other for other in near if other in order[:at]]
                if self.chance(3):
                    holds = []
                fields.append((f"f{number}", self.any_type(holds, 1 if kind == "plain" else 0), kind, None))
                if kind == "plain" and self.chance(3):
                    # A vector holds anything, and so does a map of a struct that is optional somewhere.
                    fields[-1] = (f"f{number}", f"list<{self.random.choice(near)}>", kind, None)
            self.structs[name] = (form, fields)
        self.drop_endless()
        for name in names:
            form, fields = self.structs[name]
            self.lines.append(f"{form} {name} {{")
            for number, (field, spelled, kind, _) in enumerate(fields, 1):
                presence = "optional " if kind == "optional" and form != "union" else ""
                mark = " &" if kind == "reference" else ""
                self.lines.append(f"  {number}: {presence}{spelled}{mark} {field},")
            trivial = ' (weft.derive = "trivial")' if self.holds(name, self.is_trivial) else ""
            self.lines.append("}" + trivial)
        for name in names:
            ordered = str(self.holds(name, lambda kind, _: kind != "double")).lower()
            trivial = str(self.holds(name, self.is_trivial)).lower()
            self.checks.append(f"static_assert(can<random_idl::{name}>({ordered}, {trivial}));")

    def drop_endless(self):
        """No struct reaches itself through plain members alone."""
        for name, (_, fields) in self.structs.items():
            for field in fields:
                if field[2] == "plain" and "list" not in field[1]:
                    assert name not in self.parts(field[1])

    def parts(self, name):
        kind, arguments = self.split(name)
        return [kind] + [part for argument in arguments for part in self.parts(argument)]

    def is_trivial(self, kind, presence):
        return kind not in ("string", "binary", "list", "set", "map") and presence != "reference"

    def holds(self, name, allows):
        """Whether nothing that the struct holds refuses. What is on a cycle is in a box or a container."""
        seen, left = set(), [name]
        while left:
            at = left.pop()
            if at in seen:
                continue
            seen.add(at)
            for _, spelled, presence, _ in self.structs[at][1]:
                for part in self.parts(spelled):
                    if part in self.structs:
                        left.append(part)
                        if allows == self.is_trivial and at in self.reached(part):
                            return False
                    if not allows(part, presence):
                        return False
        return True

    def reached(self, name):
        seen, left = set(), [name]
        while left:
            at = left.pop()
            if at not in seen:
                seen.add(at)
                left += [p for f in self.structs[at][1] for p in self.parts(f[1]) if p in self.structs]
        return seen

    # Constants, of structs that hold no others but those before.

    def write_constants(self, count):
        for at in range(12):
            fields = []
            for number in range(1, self.random.randrange(5) + 1):
                spelled = self.any_type([f"V{other}" for other in range(at)])
                presence = self.random.choice(("plain", "optional"))
                default = self.value(spelled) if self.chance(3) else None
                fields.append((f"f{number}", spelled, presence, default))
            form = "union" if self.chance(5) else "struct"
            if form == "union":
                fields = [(name, spelled, "optional", None) for name, spelled, _, _ in fields]
            self.structs[f"V{at}"] = (form, fields)
            self.lines.append(f"{form} V{at} {{")
            for number, (name, spelled, presence, default) in enumerate(fields, 1):
                presence = "optional " if presence == "optional" and form != "union" else ""
                end = f" = {default[0]}" if default else ""
                self.lines.append(f"  {number}: {presence}{spelled} {name}{end},")
            self.lines.append("}")
            self.alias(f"T{at}", f"V{at}")
        names = [f"V{at}" for at in range(12)] + list(self.aliases)
        for at in range(count):
            spelled = self.any_type(names)
            if self.chance(8):
                spelled = self.alias(f"A{at}", spelled)
            literal, value = self.value(spelled)
            self.constants.append((f"C{at}", spelled, value))
            self.lines.append(f"const {spelled} C{at} = {literal}")
            self.checks.append(f'expect("C{at}", random_idl::C{at}, {quoted(self.text(value))});')
        # Constants may be used before they are declared.
        self.lines[-count:] = self.random.sample(self.lines[-count:], count)

    def alias(self, name, spelled):
        self.aliases[name] = spelled
        self.lines.append(f"typedef {spelled} {name}")
        return name

    def value(self, spelled):
        """(how the IDL says it, what it is). A value is (kind, content)."""
        kind, arguments = self.split(spelled)
        if self.chance(4):
            fitting = [(n, self.convert(v, t, spelled)) for n, t, v in self.constants]
            fitting = [(name, value) for name, value in fitting if value is not None]
            if fitting:
                return self.random.choice(fitting)
        if kind == "bool":
            value = self.chance(2)
            return self.random.choice((str(value).lower(), str(int(value)))), (kind, value)
        if kind in BITS:
            bits = self.random.randrange(1, BITS[kind])
            value = self.random.randrange(-(2**bits), 2**bits)
            return self.random.choice((str(value), hex(value) if value >= 0 else str(value))), (kind, value)
        if kind == "double":
            if self.chance(2):
                value = self.random.randrange(-(2**53), 2**53)
                return str(value), (kind, float(value))
            value = self.random.choice((0.5, -0.0, 1e300, -2.5e-7, 5e-324, self.random.random()))
            return repr(value), (kind, value)
        if kind in ("string", "binary"):
            word = self.random.choice(WORDS)
            return "'" + word + "'" if self.chance(2) else '"' + word.replace('"', '\\"') + '"', (kind, unescaped(word))
        if kind == "uuid":
            digits = f"{self.random.getrandbits(128):032x}"
            text = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
            return f'"{text}"', (kind, text)
        if kind in self.enums:
            if self.chance(4):
                value = self.random.randrange(100)
                return str(value), (kind, value)
            name, value = self.random.choice(list(self.enums[kind].items()))
            return self.random.choice((f"{kind}.{name}", name, str(value))), (kind, value)
        if kind in ("list", "set"):
            items = [self.value(arguments[0]) for _ in range(self.random.randrange(4))]
            return "[" + ", ".join(literal for literal, _ in items) + "]", (kind, [value for _, value in items])
        if kind == "map":
            items = {}
            for _ in range(self.random.randrange(4)):
                key = self.value(arguments[0])
                items.setdefault(self.text(key[1]), (key, self.value(arguments[1])))
            literal = ", ".join(f"{key[0]}: {value[0]}" for key, value in items.values())
            return "{" + literal + "}", (kind, [(key[1], value[1]) for key, value in items.values()])
        form, fields = self.structs[kind]
        given = {name: self.value(spelled) for name, spelled, _, _ in fields if self.chance(2)}
        if form == "union":
            given = dict(self.random.sample(list(given.items()), min(1, len(given))))
        literal = [f'"{name}": {value[0]}' for name, value in given.items()]
        self.random.shuffle(literal)
        return "{" + ", ".join(literal) + "}", self.structure(kind, {n: v[1] for n, v in given.items()})

    def structure(self, kind, given):
        form, fields = self.structs[kind]
        content = []
        for number, (name, spelled, presence, default) in enumerate(fields, 1):
            if name in given:
                content.append((number, given[name]))
            elif default:
                content.append((number, default[1]))
            elif presence == "plain" and form != "union":
                content.append((number, self.nothing(spelled)))
        return kind, content

    def nothing(self, spelled):
        kind, _ = self.split(spelled)
        if kind == "bool":
            return kind, False
        if kind == "double":
            return kind, 0.0
        if kind in BITS or kind in self.enums:
            return kind, 0
        if kind == "uuid":
            return kind, "-".join("0" * size for size in (8, 4, 4, 4, 12))
        if kind in ("string", "binary"):
            return kind, ""
        if kind in self.structs:
            return self.structure(kind, {})
        return kind, []

    def convert(self, value, of, to):
        """The value as one of type `to`; None where Thrift does not convert, or it would not fit."""
        source, of_arguments = self.split(of)
        kind, arguments = self.split(to)
        if source == kind and not arguments:
            return value
        content = value[1]
        if source in BITS or source in self.enums or source == "bool":
            if kind == "bool":
                return kind, content != 0
            if kind == "double":
                return (kind, float(content)) if abs(content) <= 2**53 else None
            bits = 32 if kind in self.enums else BITS.get(kind)
            if bits and -(2 ** (bits - 1)) <= content < 2 ** (bits - 1):
                return kind, int(content)
            return None
        if source in ("string", "binary") and kind in ("string", "binary"):
            return kind, content
        if source in ("list", "set") and kind in ("list", "set"):
            items = [self.convert(item, of_arguments[0], arguments[0]) for item in content]
            return None if None in items or not self.convertible(of, to) else (kind, items)
        if source == "map" and kind == "map":
            items = [tuple(map(self.convert, item, of_arguments, arguments)) for item in content]
            if any(None in item for item in items) or not self.convertible(of, to):
                return None
            if len({self.text(key) for key, _ in items}) < len(items):
                return None
            return kind, items
        return None

    def convertible(self, of, to):
        """Not all that could be: the element types of what is empty are not looked at by weft-gen."""
        return self.split(of)[0] == self.split(to)[0] or {self.split(of)[0], self.split(to)[0]} == {"list", "set"}

    def text(self, value):
        """The same for equal values, and as tests/gen/random_test.cc prints them."""
        kind, content = value
        if kind == "bool":
            return str(content).lower()
        if kind == "double":
            return "d" + struct.pack(">d", content).hex()
        if kind in ("string", "binary"):
            return "x" + content.encode().hex()
        if kind == "uuid":
            return "u" + content.replace("-", "")
        if kind == "list":
            return "[" + ",".join(map(self.text, content)) + "]"
        if kind == "set":
            return "{" + ",".join(sorted(set(map(self.text, content)))) + "}"
        if kind == "map":
            return "{" + ",".join(sorted(f"{self.text(k)}:{self.text(v)}" for k, v in content)) + "}"
        if kind in self.structs:
            return "(" + ",".join(f"{number}={self.text(item)}" for number, item in content) + ")"
        return str(int(content))


def unescaped(word):
    return word.replace("\\t", "\t").replace("\\\\", "\\")


def quoted(text):
    return '"' + text + '"'


def main():
    seed, structs, constants, idl, checks = sys.argv[1:]
    generator = Generator(int(seed))
    generator.write_structs(int(structs))
    generator.write_constants(int(constants))
    with open(idl, "w") as file:
        file.write("\n".join(["namespace cpp random_idl", *generator.lines]) + "\n")
    with open(checks, "w") as file:
        asserts = [check for check in generator.checks if check.startswith("static_assert")]
        rest = [check for check in generator.checks if not check.startswith("static_assert")]
        file.write("\n".join(asserts) + "\n")
        file.write("inline void expect_all() {\n" + "\n".join(rest) + "\n}\n")


main()
