/* Constraints: IF THEN ELSE, AND, OR, NOT and parentheses around terms. NOT binds closest, then AND, then OR. */
#include <generator/pict_inner.h>
#include <string.h>

#define DEPTH_MAX 600u /* each level is up to three of the formula, whose depth is limited */

static bool read_clause(struct ct__pict_reader *reader, struct ct__formula *formula, bool *known);

/* The formula of a NOT, or of parts. False: no memory. */
static bool combine(struct ct__pict_reader *reader, enum ct__formula_kind kind, const struct ct__formula *parts,
                    size_t count, struct ct__formula *formula)
{
    struct ct__formula *copy = ct__pict_alloc(reader->pool, count, sizeof(*copy));
    if (!copy) return ct__pict_no_memory(reader);
    memcpy(copy, parts, count * sizeof(*copy));
    *formula = (struct ct__formula){ .kind = kind, .parts = copy, .part_count = count };
    return true;
}

static bool enter(struct ct__pict_reader *reader)
{
    if (++reader->depth <= DEPTH_MAX) return true;
    return ct__pict_too_big(reader, reader->at, "expected at most %u parentheses and NOTs within each other",
                            DEPTH_MAX);
}

static bool read_condition(struct ct__pict_reader *reader, struct ct__formula *formula, bool *known)
{
    bool good = enter(reader);
    if (good && ct__pict_take(reader, "(")) {
        good = read_clause(reader, formula, known);
        if (good && !ct__pict_take(reader, ")")) good = ct__pict_expected(reader, "AND, OR or ')'");
    } else if (good && ct__pict_take(reader, "NOT")) {
        struct ct__formula part = { 0 };
        good = read_condition(reader, &part, known) && combine(reader, CT__FORMULA_NOT, &part, 1, formula);
    } else if (good) {
        good = ct__pict_read_term(reader, formula, known);
    }
    reader->depth--;
    return good;
}

/* Operands with the same operator between them; what there is of one operand is that itself. */
static bool read_chain(struct ct__pict_reader *reader, enum ct__formula_kind kind, struct ct__formula *formula,
                       bool *known)
{
    struct ct__formula *parts = NULL;
    size_t count = 0;
    do {
        parts = ct__pict_grow(reader->pool, parts, count, sizeof(*parts));
        if (!parts) return ct__pict_no_memory(reader);
        bool good = kind == CT__FORMULA_OR ? read_chain(reader, CT__FORMULA_AND, &parts[count], known)
                                           : read_condition(reader, &parts[count], known);
        if (!good) return false;
        count++;
    } while (ct__pict_take(reader, kind == CT__FORMULA_OR ? "OR" : "AND"));
    if (count == 1)
        *formula = parts[0];
    else
        *formula = (struct ct__formula){ .kind = kind, .parts = parts, .part_count = count };
    return true;
}

static bool read_clause(struct ct__pict_reader *reader, struct ct__formula *formula, bool *known)
{
    return read_chain(reader, CT__FORMULA_OR, formula, known);
}

/* Condition implies consequence; with otherwise, the negated condition does. False: no memory. */
static bool implies(struct ct__pict_reader *reader, const struct ct__formula *condition, bool otherwise,
                    const struct ct__formula *consequence, struct ct__formula *formula)
{
    struct ct__formula parts[2] = { *condition, *consequence };
    if (!otherwise && !combine(reader, CT__FORMULA_NOT, condition, 1, &parts[0])) return false;
    return combine(reader, CT__FORMULA_OR, parts, 2, formula);
}

/* What follows IF. A part with an unknown parameter takes with it what it decides, as in PICT. */
static bool read_if(struct ct__pict_reader *reader, struct ct__formula *formula, bool *known)
{
    struct ct__formula condition = { 0 }, part = { 0 }, branches[2] = { { 0 }, { 0 } };
    size_t count = 0;
    if (!read_clause(reader, &condition, known)) return false;
    bool then_known = *known, else_known = *known;
    if (!ct__pict_take(reader, "THEN")) return ct__pict_expected(reader, "AND, OR or THEN");
    if (!read_clause(reader, &part, &then_known)) return false;
    if (*known && then_known && !implies(reader, &condition, false, &part, &branches[count++])) return false;
    if (ct__pict_take(reader, "ELSE")) {
        if (!read_clause(reader, &part, &else_known)) return false;
        if (*known && else_known && !implies(reader, &condition, true, &part, &branches[count++])) return false;
    }
    if (count == 0) *known = false;
    if (count == 1) *formula = branches[0];
    return count < 2 || combine(reader, CT__FORMULA_AND, branches, 2, formula);
}

/* The text from begin to end on one line, without lines of comment. */
static const char *one_line(struct ct__pict_reader *reader, const char *begin, const char *end)
{
    char *text = ct__pict_alloc(reader->pool, (size_t)(end - begin) + 1, 1);
    size_t used = 0;
    if (!text) ct__pict_no_memory(reader);
    while (text && begin < end) {
        bool white = (unsigned char)*begin <= ' ';
        if (!white) text[used++] = *begin;
        if (white && used > 0 && text[used - 1] != ' ') text[used++] = ' ';
        begin = *begin == '\n' ? ct__pict_next_line(reader, begin) : begin + 1;
    }
    return text;
}

static bool add(struct ct__pict_reader *reader, const char *begin, struct ct__pict_place place,
                const struct ct__formula *formula)
{
    struct ct__pict *model = reader->model;
    size_t count = model->model.constraint_count;
    struct ct__formula *formulas = ct__pict_grow(reader->pool, (void *)model->model.constraints, count,
                                                 sizeof(*formulas));
    struct ct__pict_constraint *constraints = ct__pict_grow(reader->pool, model->constraints, count,
                                                            sizeof(*constraints));
    const char *text = one_line(reader, begin, reader->at);
    if (!formulas || !constraints || !text) return ct__pict_no_memory(reader);
    formulas[count] = *formula;
    constraints[count] = (struct ct__pict_constraint){ .text = text, .line = place.line, .column = place.column };
    model->model.constraints = formulas;
    model->constraints = constraints;
    model->model.constraint_count++;
    return true;
}

static bool read_constraint(struct ct__pict_reader *reader)
{
    struct ct__formula formula = { 0 };
    bool known = true, is_if;
    const char *begin = reader->at;
    struct ct__pict_place place = ct__pict_place(reader, begin);
    is_if = ct__pict_take(reader, "IF");
    if (!(is_if ? read_if(reader, &formula, &known) : read_clause(reader, &formula, &known))) return false;
    if (!ct__pict_take(reader, ";"))
        return ct__pict_expected(reader, is_if ? "AND, OR, ELSE or ';'" : "AND, OR or ';'");
    return !known || add(reader, begin, place, &formula);
}

bool ct__pict_read_constraints(struct ct__pict_reader *reader)
{
    ct__pict_skip(reader);
    while (reader->at < reader->end) {
        if (!read_constraint(reader)) return false;
        ct__pict_skip(reader);
    }
    return true;
}
