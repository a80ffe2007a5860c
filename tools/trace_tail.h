/* What a small function hands on to the one that it ends with. */
#ifndef WIRETALE_TOOL_TRACE_TAIL_H
#define WIRETALE_TOOL_TRACE_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TOOL_TAIL_ARGUMENTS = 6, /* that registers have */
    TOOL_TAIL_CODE = 96,     /* bytes that are looked at: such a function has some thirty */
};

struct tool_tail_value {
    enum {
        TOOL_TAIL_UNKNOWN,
        TOOL_TAIL_ARGUMENT, /* what the function itself was called with: its `value`-th argument */
        TOOL_TAIL_MEMBER,   /* found by the address that this argument is: something in there, or an address of it */
        TOOL_TAIL_NUMBER
    } kind;
    uint64_t value;
};

struct tool_tail {
    uint64_t target;
    struct tool_tail_value arguments[TOOL_TAIL_ARGUMENTS];
};

/* Follows n bytes of code at that address to the first jump or call. False: on the way there it does more than to move
 * values between registers, or there are instructions that are not known here. */
bool tool_tail_read(const uint8_t *code, size_t n, uint64_t address, struct tool_tail *tail);

#endif
