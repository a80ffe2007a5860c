/* What a function that writes key logs was called with. */
#ifndef WIRETALE_TOOL_TRACE_CALL_H
#define WIRETALE_TOOL_TRACE_CALL_H

#include "trace.h"
#include "trace_cpu.h"

enum { TOOL_CALL_LINE = TOOL_TRACE_LABEL + 1 + 64 + 1 + 2 * TOOL_TRACE_SECRET + 1 };

/* Where values of a call are. */
enum tool_call_source { TOOL_CALL_ARGUMENT, TOOL_CALL_GO_REGISTER, TOOL_CALL_GO_STACK };
enum {
    TOOL_CALL_NONE = -1,       /* a text that ends with a zero has no length; what a connection has, its own */
    TOOL_CALL_CONNECTION = -2, /* where the random of the connection is, must be known otherwise */
    TOOL_CALL_RANDOM = 32,     /* bytes */
    /* BoringSSL: SSL has the address of its SSL3_STATE here, and that the client's random: since 2016 */
    TOOL_CALL_BORING_STATE = 0x30,
    TOOL_CALL_BORING_RANDOM = 0x30,
};

/* A way of calling such a function: which of the values of that source they are. */
struct tool_call_way {
    enum tool_trace_call call;
    enum tool_call_source source;
    int8_t label, label_length;
    int8_t random, random_length;
    int8_t secret, secret_length;
};
/* The i-th of all ways; NULL: there are no more. */
const struct tool_call_way *tool_call_way(size_t i);
/* Where GO_STACK's i-th value is. */
uint64_t tool_call_on_stack(uint64_t stack, unsigned i);

/* Reads a program's memory; false: not all of it is there. */
typedef bool tool_call_read(void *context, uint64_t address, void *into, size_t n);

/* Randoms of connections that were begun, by the address of their SSL. */
struct tool_call_randoms;
struct tool_call_randoms *tool_call_randoms_new(void);
void tool_call_randoms_free(struct tool_call_randoms *randoms);

/* Makes the line of a key log from it. 0: this call has none. The caller wipes the line. */
size_t tool_call_line(enum tool_trace_call call, const struct tool_cpu *cpu, pid_t pid,
                      struct tool_call_randoms *randoms, tool_call_read *read, void *context,
                      char line[TOOL_CALL_LINE]);

#endif
