/* A function's first instruction, made to do the same in another place. */
#ifndef WIRETALE_TOOL_TRACE_CODE_H
#define WIRETALE_TOOL_TRACE_CODE_H

#include <stddef.h>
#include <stdint.h>

enum {
    TOOL_CODE_INSTRUCTION = 15, /* bytes: the longest there is on x86 */
    TOOL_CODE_MOVED = TOOL_CODE_INSTRUCTION + 5,
    TOOL_CODE_BREAKPOINT = 0xcc, /* int3 */
};

/* What is put at `to` so that it does there what the first of these n bytes of code does at `from`, and goes on behind
 * that. The number of bytes; 0: it is an instruction that we do not know, or one that says where it is. */
size_t tool_code_move(const uint8_t *code, size_t n, uint64_t from, uint64_t to, uint8_t moved[TOOL_CODE_MOVED]);

#endif
