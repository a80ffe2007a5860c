/* The first instructions that compilers begin functions with, on x86-64. Those that jump or call are not among them. */
#include "trace_code.h"

#include <stdbool.h>
#include <string.h>

enum { NOTHING = 0, MODRM = 1, BYTE = 2, WORD = 4, UNKNOWN = 8 }; /* what comes behind the opcode; a word is 32 bits */

struct instruction {
    size_t length, relative; /* where the displacement is that is counted from the instruction's end; 0: it has none */
};

/* 0F and another byte. */
static unsigned long_opcode(uint8_t op)
{
    static const uint8_t known[][2] = {
        {0x10, 0x17}, /* moves of SSE */
        {0x1e, 0x1f}, /* endbr64, nop */
        {0x28, 0x29}, {0x2e, 0x2f}, {0x40, 0x4f}, {0x51, 0x51}, {0x54, 0x5f}, {0x6e, 0x6f}, {0x7e, 0x7f},
        {0x90, 0x9f}, {0xaf, 0xaf}, {0xb6, 0xb7}, {0xbe, 0xbf}, {0xd6, 0xd6}, {0xef, 0xef},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (op >= known[i][0] && op <= known[i][1])
            return MODRM;
    return UNKNOWN;
}

/* 00 to 3F: eight operations, each in the same six forms. */
static unsigned arithmetic(uint8_t op)
{
    unsigned form = op & 7;
    return form < 4 ? MODRM : form == 4 ? BYTE : form == 5 ? WORD : UNKNOWN;
}

static unsigned short_opcode(uint8_t op, uint8_t next)
{
    static const struct {
        uint8_t first, last;
        uint8_t what;
    } known[] = {
        {0x50, 0x5f, NOTHING}, /* push, pop */
        {0x63, 0x63, MODRM},        {0x68, 0x68, WORD},         {0x69, 0x69, MODRM | WORD}, {0x6a, 0x6a, BYTE},
        {0x6b, 0x6b, MODRM | BYTE}, {0x80, 0x80, MODRM | BYTE}, {0x81, 0x81, MODRM | WORD}, {0x83, 0x83, MODRM | BYTE},
        {0x84, 0x8b, MODRM},        {0x8d, 0x8d, MODRM},        {0x90, 0x90, NOTHING},      {0x98, 0x99, NOTHING},
        {0xa8, 0xa8, BYTE},         {0xa9, 0xa9, WORD},         {0xb0, 0xb7, BYTE},         {0xb8, 0xbf, WORD},
        {0xc0, 0xc1, MODRM | BYTE}, {0xc6, 0xc6, MODRM | BYTE}, {0xc7, 0xc7, MODRM | WORD}, {0xd0, 0xd3, MODRM},
    };
    unsigned kind = next >> 3 & 7; /* of those that have their operation in the next byte */
    if (op < 0x40)
        return arithmetic(op);
    if (op == 0xf6 || op == 0xf7)
        return kind < 2 ? MODRM | (op == 0xf6 ? BYTE : WORD) : MODRM;
    if (op == 0xff)
        return kind < 2 || kind == 6 ? MODRM : UNKNOWN;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (op >= known[i].first && op <= known[i].last)
            return known[i].what;
    return UNKNOWN;
}

static bool is_prefix(uint8_t b)
{
    return b == 0x66 || b == 0xf2 || b == 0xf3 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0x26 || b == 0x64 ||
           b == 0x65;
}

/* What an operand in memory takes: register, index and displacement. */
static size_t operand(const uint8_t *code, bool *relative)
{
    unsigned mode = code[0] >> 6, base = code[0] & 7;
    size_t n = 1;
    *relative = mode == 0 && base == 5;
    if (mode == 3)
        return n;
    if (base == 4) {
        base = code[1] & 7;
        n++;
    }
    return n + (mode == 1 ? 1 : mode == 2 || base == 5 ? 4 : 0);
}

/* The code has zeros behind it, so that what is cut short is one that is longer than there are bytes. */
static bool decode(const uint8_t *code, struct instruction *i)
{
    size_t p = 0;
    bool small = false, wide = false, relative;
    *i = (struct instruction){0};
    for (; p < 4 && is_prefix(code[p]); p++)
        small |= code[p] == 0x66;
    if ((code[p] & 0xf0) == 0x40)
        wide = code[p++] & 8;
    uint8_t op = code[p++];
    unsigned what = op == 0x0f ? long_opcode(code[p]) : short_opcode(op, code[p]);
    if (op == 0x0f)
        p++;
    if (what & UNKNOWN)
        return false;
    if (what & MODRM) {
        size_t at = p;
        p += operand(code + p, &relative);
        i->relative = relative ? at + 1 : 0;
    }
    if (what & BYTE)
        p += 1;
    if (what & WORD) /* mov to a register is the only one with 64 bits */
        p += small ? 2 : wide && op >= 0xb8 && op <= 0xbf ? 8 : 4;
    i->length = p;
    return true;
}

static bool put_distance(uint8_t *to, uint64_t distance)
{
    if ((uint64_t)(int64_t)(int32_t)distance != distance)
        return false;
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(distance >> (8 * i));
    return true;
}

size_t tool_code_move(const uint8_t *code, size_t n, uint64_t from, uint64_t to, uint8_t moved[TOOL_CODE_MOVED])
{
    uint8_t padded[2 * TOOL_CODE_INSTRUCTION + 2] = {0};
    struct instruction i;
    memcpy(padded, code, n < TOOL_CODE_INSTRUCTION ? n : TOOL_CODE_INSTRUCTION);
    if (!decode(padded, &i) || i.length > n || i.length > TOOL_CODE_INSTRUCTION)
        return 0;
    memcpy(moved, padded, i.length);
    if (i.relative) {
        uint32_t distance = 0;
        for (unsigned k = 4; k-- > 0;)
            distance = distance << 8 | padded[i.relative + k];
        if (!put_distance(moved + i.relative, (uint64_t)(int64_t)(int32_t)distance + from - to))
            return 0;
    }
    moved[i.length] = 0xe9; /* jmp, from behind itself */
    return put_distance(moved + i.length + 1, from - to - 5) ? i.length + 5 : 0;
}
