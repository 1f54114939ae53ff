/* One term of a constraint: what it compares, and for which values it holds. */
#include <generator/pict_inner.h>
#include <string.h>

/* How two values compare, as bits; a relation is the set of those for which it holds. */
enum { BELOW = 1, EQUAL = 2, ABOVE = 4, UNORDERED = 8 };
struct relation {
    unsigned holds;   /* of a comparison */
    bool in, like;    /* IN { … }, LIKE */
    bool negated;     /* NOT IN, NOT LIKE */
    const char *text; /* as it is written */
};

struct literal {
    bool string;
    const char *key; /* of a string */
    double number;
};

static bool take_relation(struct ct__pict_reader *reader, struct relation *relation)
{
    static const struct relation relations[] = {
        { .text = "=", .holds = EQUAL },
        { .text = "<>", .holds = BELOW | ABOVE | UNORDERED },
        { .text = "<=", .holds = BELOW | EQUAL },
        { .text = ">=", .holds = ABOVE | EQUAL },
        { .text = ">", .holds = ABOVE },
        { .text = "<", .holds = BELOW },
        { .text = "IN", .in = true },
        { .text = "LIKE", .like = true },
    };
    bool negated = ct__pict_take(reader, "NOT");
    for (size_t i = 0; i < CT_COUNT(relations); i++) {
        if ((negated && relations[i].holds) || !ct__pict_take(reader, relations[i].text)) continue;
        *relation = relations[i];
        relation->negated = negated;
        return true;
    }
    return ct__pict_expected(reader, negated ? "IN or LIKE" : "=, <>, >, >=, <, <=, IN, LIKE, NOT IN or NOT LIKE");
}

/* ---- comparing ---- */

static unsigned compare_numbers(double a, double b)
{
    return a < b ? BELOW : a > b ? ABOVE : a == b ? EQUAL : UNORDERED;
}

static unsigned compare_keys(const char *a, const char *b)
{
    int order = strcmp(a, b);
    return order < 0 ? BELOW : order > 0 ? ABOVE : EQUAL;
}

/* Whether a string is a label of the value. */
static bool is_label(const struct ct__pict_parameter *parameter, const struct ct__pict_value *value,
                     const struct literal *literal)
{
    for (size_t i = 1; parameter->labeled && literal->string && i < value->name_count; i++)
        if (strcmp(value->names[i].key, literal->key) == 0) return true;
    return false;
}

static bool compares(const struct relation *relation, const struct ct__pict_parameter *parameter,
                     const struct ct__pict_value *value, const struct literal *literal)
{
    const char *key = value->names[0].key;
    if (relation->like) return ct__pict_like(literal->key, key) != relation->negated;
    unsigned how = is_label(parameter, value, literal)     ? EQUAL
                   : parameter->numeric && literal->string ? UNORDERED
                   : parameter->numeric                    ? compare_numbers(value->number, literal->number)
                                                           : compare_keys(key, literal->key);
    return (relation->holds & how) != 0;
}

/* ---- what a term is of ---- */

static void say_unknown(struct ct__pict_reader *reader, const char *name, const char *at)
{
    const char *meant = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < reader->model->parameter_count; i++) {
        const char *candidate = reader->model->parameters[i].name.text;
        if (ct__is_nearer(name, candidate, &best)) meant = candidate;
    }
    if (meant)
        ct__pict_fail(reader, at, "there is no action '%.80s'; did you mean [%.80s]?", name, meant);
    else
        ct__pict_fail(reader, at, "there is no action '%.80s'", name);
}

/* The index of the parameter of that name; SIZE_MAX with *known false and a warning, or after an error. Where *known is
 * false already it stays SIZE_MAX: what is left out is not checked, as in PICT. */
static size_t find_parameter(struct ct__pict_reader *reader, const char *name, const char *at, bool *known)
{
    size_t found = ct__pict_parameter_find(reader->model, name, strlen(name));
    if (found == SIZE_MAX) ct__pict_no_memory(reader);
    if (found < reader->model->parameter_count) return *known ? found : SIZE_MAX;
    *known = false;
    if (reader->strict) say_unknown(reader, name, at);
    if (!reader->err) ct__pict_warn_at(reader, at, "there is no parameter '%.80s'; the constraint is left out", name);
    return SIZE_MAX;
}

/* "[name]", whose bracket comes next. False after an error. */
static bool take_parameter(struct ct__pict_reader *reader, size_t *parameter, bool *known)
{
    ct__pict_skip(reader);
    const char *at = reader->at;
    if (!ct__pict_take(reader, "[")) return ct__pict_expected(reader, "a parameter, [name]");
    const char *name = ct__pict_take_string(reader, ']');
    if (name) *parameter = find_parameter(reader, name, at, known);
    return !reader->err;
}

static bool take_literal(struct ct__pict_reader *reader, struct literal *literal)
{
    struct ct__pict_name name;
    *literal = (struct literal){ .key = "" };
    if (!ct__pict_take(reader, "\"")) {
        size_t size = ct__pict_number(reader->pool, reader->at, &literal->number);
        reader->at += size;
        return size > 0 || ct__pict_expected(reader, "a number, a string in double quotes or a parameter in brackets");
    }
    const char *text = ct__pict_take_string(reader, '"');
    if (!text) return false;
    if (!ct__pict_name(reader->pool, (struct ct__pict_span){ .at = text, .size = strlen(text) }, &name))
        return ct__pict_no_memory(reader);
    literal->string = true;
    literal->key = name.key;
    return true;
}

static bool has_label(const struct ct__pict_parameter *parameter, const struct literal *literal)
{
    size_t v = 0;
    while (v < parameter->value_count && !is_label(parameter, &parameter->values[v], literal)) v++;
    return v < parameter->value_count;
}

/* Whether a literal is of the parameter's type. at: where it stands. */
static bool check_type(struct ct__pict_reader *reader, const struct ct__pict_parameter *parameter,
                       const struct relation *relation, const struct literal *literal, const char *at)
{
    bool by_name = relation->in || relation->holds == EQUAL || (relation->holds & UNORDERED);
    if (by_name && has_label(parameter, literal)) return true;
    if (parameter->numeric && literal->string)
        return ct__pict_fail(reader, at, "expected a number%s: all values of [%.80s] are numbers",
                             parameter->labeled && by_name ? " or a label" : "", parameter->name.text);
    if (!parameter->numeric && !literal->string)
        return ct__pict_fail(reader, at, "expected a string in quotes: not all values of [%.80s] are numbers",
                             parameter->name.text);
    return true;
}

static bool check_like(struct ct__pict_reader *reader, const struct ct__pict_parameter *parameter, const char *at)
{
    if (!parameter->numeric) return true;
    return ct__pict_fail(reader, at,
                         "expected a comparison: LIKE is for strings, and all values of [%.80s] are numbers",
                         parameter->name.text);
}

/* ---- terms ---- */

static uint64_t *new_bits(struct ct__pict_reader *reader, size_t count)
{
    uint64_t *bits = ct__pict_alloc(reader->pool, ct__bit_words(count), sizeof(*bits));
    if (!bits) ct__pict_no_memory(reader);
    return bits;
}

/* Makes the formula of a set, and warns, as PICT does, where it makes no difference. */
static bool finish_set(struct ct__pict_reader *reader, const char *at, size_t parameter, const uint64_t *bits,
                       struct ct__formula *formula)
{
    const struct ct__pict_parameter *of = &reader->model->parameters[parameter];
    size_t count = 0;
    *formula = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = (uint32_t)parameter, .bits = bits };
    for (size_t i = 0; i < of->value_count; i++) count += ct__bit_is_set(bits, i);
    if (count > 0 && count < of->value_count) return true;
    return ct__pict_warn_at(reader, at, "%s value of [%.80s] satisfies this", count > 0 ? "each" : "no", of->name.text);
}

/* A comparison with count literals: of one, or IN a set of them. */
static bool make_set(struct ct__pict_reader *reader, const char *at, size_t parameter, const struct relation *relation,
                     const struct literal *literals, size_t count, struct ct__formula *formula)
{
    const struct ct__pict_parameter *of = &reader->model->parameters[parameter];
    const struct relation equal = { .holds = EQUAL };
    uint64_t *bits = new_bits(reader, of->value_count);
    if (!bits) return false;
    for (size_t v = 0; v < of->value_count; v++) {
        bool holds = false;
        for (size_t i = 0; i < count && !holds; i++)
            holds = compares(relation->in ? &equal : relation, of, &of->values[v], &literals[i]);
        if (holds != (relation->in && relation->negated)) ct__bit_set(bits, v);
    }
    return finish_set(reader, at, parameter, bits, formula);
}

/* The rest of "[name] IN { 1, 2 }", the name SIZE_MAX where it is unknown. */
static bool read_in(struct ct__pict_reader *reader, const char *at, size_t parameter, const struct relation *relation,
                    struct ct__formula *formula)
{
    struct literal *literals = NULL;
    size_t count = 0;
    if (!ct__pict_take(reader, "{")) return ct__pict_expected(reader, "'{' and the values");
    do {
        literals = ct__pict_grow(reader->pool, literals, count, sizeof(*literals));
        if (!literals) return ct__pict_no_memory(reader);
        ct__pict_skip(reader);
        const char *literal_at = reader->at;
        if (!take_literal(reader, &literals[count])) return false;
        if (parameter != SIZE_MAX &&
            !check_type(reader, &reader->model->parameters[parameter], relation, &literals[count], literal_at))
            return false;
        count++;
    } while (ct__pict_take(reader, ","));
    if (!ct__pict_take(reader, "}")) return ct__pict_expected(reader, "',' or '}'");
    return parameter == SIZE_MAX || make_set(reader, at, parameter, relation, literals, count, formula);
}

static bool check_pair(struct ct__pict_reader *reader, size_t a, size_t b, const struct relation *relation,
                       const char *at)
{
    const struct ct__pict_parameter *first = &reader->model->parameters[a], *second = &reader->model->parameters[b];
    if (a == b)
        return ct__pict_fail(reader, at, "expected another parameter: [%.80s] is compared to itself", first->name.text);
    if (relation->like) return check_like(reader, first, at) && check_like(reader, second, at);
    if (first->numeric == second->numeric) return true;
    return ct__pict_fail(reader, at, "expected a parameter of the same type: [%.80s] is of %s, [%.80s] of %s",
                         first->name.text, first->numeric ? "numbers" : "strings", second->name.text,
                         second->numeric ? "numbers" : "strings");
}

static bool make_pair(struct ct__pict_reader *reader, size_t a, size_t b, const struct relation *relation,
                      struct ct__formula *formula)
{
    const struct ct__pict_parameter *first = &reader->model->parameters[a], *second = &reader->model->parameters[b];
    uint64_t *bits = new_bits(reader, first->value_count * second->value_count);
    if (!bits) return false;
    for (size_t v = 0; v < first->value_count; v++) {
        for (size_t w = 0; w < second->value_count; w++) {
            const struct ct__pict_value *value = &second->values[w];
            const struct literal literal = { .key = value->names[0].key, .number = value->number };
            if (compares(relation, first, &first->values[v], &literal)) ct__bit_set(bits, v * second->value_count + w);
        }
    }
    *formula =
        (struct ct__formula){ .kind = CT__FORMULA_RELATED, .factor = (uint32_t)a, .other = (uint32_t)b, .bits = bits };
    return true;
}

/* The rest of "[a] <> [b]". */
static bool read_pair(struct ct__pict_reader *reader, size_t a, const struct relation *relation,
                      struct ct__formula *formula, bool *known)
{
    size_t b = SIZE_MAX;
    const char *at = reader->at;
    if (!take_parameter(reader, &b, known)) return false;
    if (a == SIZE_MAX || b == SIZE_MAX) return true;
    return check_pair(reader, a, b, relation, at) && make_pair(reader, a, b, relation, formula);
}

static bool read_comparison(struct ct__pict_reader *reader, struct ct__formula *formula, bool *known)
{
    size_t parameter = SIZE_MAX;
    struct relation relation;
    struct literal literal;
    const char *at = reader->at;
    if (!take_parameter(reader, &parameter, known)) return false;
    ct__pict_skip(reader);
    const char *relation_at = reader->at;
    if (!take_relation(reader, &relation)) return false;
    if (relation.in) return read_in(reader, at, parameter, &relation, formula);
    ct__pict_skip(reader);
    if (*reader->at == '[') return read_pair(reader, parameter, &relation, formula, known);
    const char *literal_at = reader->at;
    if (!take_literal(reader, &literal)) return false;
    if (parameter == SIZE_MAX) return true;
    const struct ct__pict_parameter *of = &reader->model->parameters[parameter];
    if (relation.like && !check_like(reader, of, relation_at)) return false;
    if (!check_type(reader, of, &relation, &literal, literal_at)) return false;
    return make_set(reader, at, parameter, &relation, &literal, 1, formula);
}

/* ---- functions ---- */

static bool make_sign(struct ct__pict_reader *reader, size_t parameter, bool negative, struct ct__formula *formula)
{
    const struct ct__pict_parameter *of = &reader->model->parameters[parameter];
    uint64_t *bits = new_bits(reader, of->value_count);
    if (!bits) return false;
    for (size_t v = 0; v < of->value_count; v++) {
        if (of->values[v].negative == negative) ct__bit_set(bits, v);
    }
    *formula = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = (uint32_t)parameter, .bits = bits };
    return true;
}

/* IsNegative(): some input is negative; IsPositive(): none is. */
static bool make_sign_of_all(struct ct__pict_reader *reader, bool negative, struct ct__formula *formula)
{
    const struct ct__pict *model = reader->model;
    struct ct__formula *parts = ct__pict_alloc(reader->pool, model->parameter_count, sizeof(*parts));
    size_t count = 0;
    if (!parts) return ct__pict_no_memory(reader);
    for (size_t i = 0; i < model->parameter_count; i++) {
        if (model->parameters[i].result) continue;
        if (!make_sign(reader, i, negative, &parts[count])) return false;
        count++;
    }
    *formula = (struct ct__formula){ .kind = negative ? CT__FORMULA_OR : CT__FORMULA_AND,
                                     .parts = parts,
                                     .part_count = count };
    return true;
}

static bool read_function(struct ct__pict_reader *reader, bool negative, struct ct__formula *formula, bool *known)
{
    if (!ct__pict_take(reader, "(")) return ct__pict_expected(reader, "'(' and a parameter's name");
    ct__pict_skip(reader);
    const char *at = reader->at, *text = ct__pict_take_string(reader, ')');
    if (!text) return false;
    struct ct__pict_span name = ct__pict_trim((struct ct__pict_span){ .at = text, .size = strlen(text) });
    if (name.size == 0) return make_sign_of_all(reader, negative, formula);
    text = ct__pict_copy(reader->pool, name.at, name.size);
    if (!text) return ct__pict_no_memory(reader);
    size_t parameter = find_parameter(reader, text, at, known);
    if (parameter == SIZE_MAX) return !reader->err;
    return make_sign(reader, parameter, negative, formula);
}

bool ct__pict_read_term(struct ct__pict_reader *reader, struct ct__formula *formula, bool *known)
{
    ct__pict_skip(reader);
    if (ct__pict_take(reader, "ISNEGATIVE")) return read_function(reader, true, formula, known);
    if (ct__pict_take(reader, "ISPOSITIVE")) return read_function(reader, false, formula, known);
    if (*reader->at != '[') return ct__pict_expected(reader, "a parameter, [name], a function, NOT or '('");
    return read_comparison(reader, formula, known);
}
