/* Instructions of x86-64 by which compilers hand arguments on. Each is executed with values that stand for what is not
 * known before the program runs. */
#include "trace_tail.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, REGISTERS = 16, PUSHED = 8, STEPS = 32 };

static const uint8_t arguments[TOOL_TAIL_ARGUMENTS] = {RDI, RSI, RDX, RCX, R8, R9};

struct state {
    const uint8_t *code;
    size_t n, at;
    struct tool_tail_value registers[REGISTERS], pushed[PUSHED];
    unsigned n_pushed;
    bool cut;   /* the code has ended before */
    bool ended; /* at a jump or call */
    int32_t distance;
};

/* A register, and another one or a place in memory: the two operands of most instructions. */
struct operands {
    unsigned one, other; /* in memory: `other` is the base */
    bool memory;
    bool based; /* memory at a register and a fixed distance from it */
};

static uint8_t next(struct state *s)
{
    if (s->at < s->n)
        return s->code[s->at++];
    s->cut = true;
    return 0;
}

static uint32_t number(struct state *s, unsigned bytes)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint32_t)next(s) << (8 * i);
    return v;
}

static struct operands operands(struct state *s, uint8_t rex)
{
    const uint8_t b = next(s);
    const unsigned mode = b >> 6;
    struct operands o = {.one = (b >> 3 & 7u) | (rex & 4u) << 1, .other = (b & 7u) | (rex & 1u) << 3};
    o.memory = mode != 3;
    o.based = o.memory && !(mode == 0 && (b & 7) == 5); /* else it is counted from the instruction */
    if (o.memory && (b & 7) == 4) {
        const uint8_t scaled = next(s);
        const bool indexed = (scaled >> 3 & 7) != 4 || (rex & 2);
        o.other = (scaled & 7u) | (rex & 1u) << 3;
        o.based = !indexed && !(mode == 0 && (scaled & 7) == 5);
        if (mode == 0 && (scaled & 7) == 5)
            (void)number(s, 4);
    }
    if (mode == 1)
        (void)number(s, 1);
    else if (mode == 2 || (o.memory && !o.based && (b & 7) == 5))
        (void)number(s, 4);
    return o;
}

static bool set(struct state *s, unsigned to, struct tool_tail_value value)
{
    if (to == RSP)
        return false;
    s->registers[to] = value;
    return true;
}

static const struct tool_tail_value unknown = {TOOL_TAIL_UNKNOWN, 0};

static struct tool_tail_value member_of(const struct state *s, const struct operands *o)
{
    const struct tool_tail_value base = o->based ? s->registers[o->other] : unknown;
    if (base.kind == TOOL_TAIL_ARGUMENT || base.kind == TOOL_TAIL_MEMBER)
        return (struct tool_tail_value){TOOL_TAIL_MEMBER, base.value};
    return unknown;
}

/* Half a register that is copied is the whole of a number alone. */
static bool copy(struct state *s, unsigned to, unsigned from, bool wide)
{
    const struct tool_tail_value value = s->registers[from];
    return set(s, to, wide || value.kind == TOOL_TAIL_NUMBER ? value : unknown);
}

static bool push(struct state *s, unsigned from)
{
    if (s->n_pushed == PUSHED)
        return false;
    s->pushed[s->n_pushed++] = s->registers[from];
    return true;
}

static bool pop(struct state *s, unsigned to)
{
    return set(s, to, s->n_pushed ? s->pushed[--s->n_pushed] : unknown);
}

/* Room on the stack: what was pushed is out of reach for what follows. */
static bool make_room(struct state *s, uint8_t op, uint8_t rex)
{
    const struct operands o = operands(s, rex);
    (void)number(s, op == 0x83 ? 1 : 4);
    s->n_pushed = 0;
    return !o.memory && o.other == RSP && (o.one == 0 || o.one == 5) && (rex & 8);
}

static bool move(struct state *s, uint8_t op, uint8_t rex)
{
    const struct operands o = operands(s, rex);
    const bool wide = rex & 8;
    if (op == 0x89) /* one into the other: a function that writes into memory does more */
        return !o.memory && copy(s, o.other, o.one, wide);
    if (op == 0x8d)
        return o.memory && set(s, o.one, wide ? member_of(s, &o) : unknown);
    if (o.memory)
        return set(s, o.one, wide ? member_of(s, &o) : unknown);
    return copy(s, o.one, o.other, wide);
}

static bool clear(struct state *s, uint8_t op, uint8_t rex)
{
    const struct operands o = operands(s, rex);
    const struct tool_tail_value zero = {TOOL_TAIL_NUMBER, 0};
    return !o.memory && set(s, op == 0x31 ? o.other : o.one, o.one == o.other ? zero : unknown);
}

/* mov register, number; in the form that has the register in its second byte the number is of 32 bits and signed. */
static bool put_number(struct state *s, uint8_t op, uint8_t rex)
{
    unsigned to = (op & 7u) | (rex & 1u) << 3;
    if (op == 0xc7) {
        const struct operands o = operands(s, rex);
        if (o.memory || (o.one & 7))
            return false;
        to = o.other;
    }
    uint64_t value = number(s, 4);
    if (op == 0xc7 && (rex & 8))
        value = (uint64_t)(int64_t)(int32_t)value;
    else if (rex & 8)
        value |= (uint64_t)number(s, 4) << 32;
    return set(s, to, (struct tool_tail_value){TOOL_TAIL_NUMBER, value});
}

static bool end(struct state *s, unsigned bytes)
{
    s->ended = true;
    s->distance = bytes == 1 ? (int8_t)number(s, 1) : (int32_t)number(s, 4);
    return true;
}

/* endbr64, nop in its longer forms. */
static bool is_nothing(struct state *s, uint8_t op)
{
    if (op == 0x90)
        return true;
    if (op != 0x0f)
        return false;
    const uint8_t second = next(s);
    if (second == 0x1e)
        return next(s) == 0xfa;
    return second == 0x1f && operands(s, 0).memory;
}

static bool step(struct state *s)
{
    uint8_t op = next(s), rex = 0;
    const bool prefixed = op == 0xf3 || op == 0x66;
    if (prefixed)
        op = next(s);
    if (prefixed)
        return is_nothing(s, op);
    if ((op & 0xf0) == 0x40) {
        rex = op;
        op = next(s);
    }
    if (op >= 0x50 && op < 0x58)
        return push(s, (op & 7u) | (rex & 1u) << 3);
    if (op >= 0x58 && op < 0x60)
        return pop(s, (op & 7u) | (rex & 1u) << 3);
    if ((op >= 0xb8 && op < 0xc0) || op == 0xc7)
        return put_number(s, op, rex);
    switch (op) {
    case 0x31:
    case 0x33:
        return clear(s, op, rex);
    case 0x81:
    case 0x83:
        return make_room(s, op, rex);
    case 0x89:
    case 0x8b:
    case 0x8d:
        return move(s, op, rex);
    case 0xe8:
    case 0xe9:
        return end(s, 4);
    case 0xeb:
        return end(s, 1);
    default:
        return is_nothing(s, op);
    }
}

bool tool_tail_read(const uint8_t *code, size_t n, uint64_t address, struct tool_tail *tail)
{
    struct state s = {.code = code, .n = n};
    for (unsigned i = 0; i < TOOL_TAIL_ARGUMENTS; i++)
        s.registers[arguments[i]] = (struct tool_tail_value){TOOL_TAIL_ARGUMENT, i};
    for (unsigned steps = 0; !s.ended; steps++)
        if (steps == STEPS || !step(&s) || s.cut)
            return false;
    tail->target = address + s.at + (uint64_t)(int64_t)s.distance;
    for (unsigned i = 0; i < TOOL_TAIL_ARGUMENTS; i++)
        tail->arguments[i] = s.registers[arguments[i]];
    return true;
}
