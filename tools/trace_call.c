/* Calls of functions that write key logs, one row for each way of calling them. What does not look like a line of a key
 * log (a label in capitals, a random of 32 bytes, a secret no longer than a hash) is none: this also tells Go's ways
 * apart. */
#include "trace_call.h"

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENCRYPTED = 8, /* bytes of the encrypted premaster secret that stand for a connection: "RSA" in NSS' key log */
    RANDOM = TOOL_CALL_RANDOM,
    NONE = TOOL_CALL_NONE,
    CONNECTION = TOOL_CALL_CONNECTION,
};

static const struct tool_call_way ways[] = {
    /* a method: its receiver comes first. A slice is an address, a length and a capacity. */
    {TOOL_CALL_GO, TOOL_CALL_GO_REGISTER, 1, 2, 3, 4, 6, 7}, /* since 1.17 (x86-64), 1.18 (others) */
    {TOOL_CALL_GO, TOOL_CALL_GO_STACK, 1, 2, 3, 4, 6, 7},    /* before */
    {TOOL_CALL_KEYLOG, TOOL_CALL_ARGUMENT, 0, NONE, 2, 3, 4, 5},
    {TOOL_CALL_OPENSSL, TOOL_CALL_ARGUMENT, 1, NONE, CONNECTION, NONE, 2, 3},
    {TOOL_CALL_BORINGSSL, TOOL_CALL_ARGUMENT, 1, NONE, CONNECTION, NONE, 2, 3},
};

const struct tool_call_way *tool_call_way(size_t i)
{
    return i < sizeof ways / sizeof ways[0] ? &ways[i] : NULL;
}

uint64_t tool_call_on_stack(uint64_t stack, unsigned i)
{
    return stack + 8 + 8 * (uint64_t)i; /* behind the address that it returns to */
}

struct tool_call_randoms {
    struct connection {
        uint64_t ssl;
        pid_t pid;
        uint64_t random; /* where it is: it is made only after its place is told */
    } connections[TOOL_TRACE_RANDOMS];
    unsigned next, n;
};

struct tool_call_randoms *tool_call_randoms_new(void)
{
    return tool_checked(calloc(1, sizeof(struct tool_call_randoms)));
}

void tool_call_randoms_free(struct tool_call_randoms *randoms)
{
    free(randoms);
}

/* The one that was remembered for the longest time makes room. */
static void remember(struct tool_call_randoms *r, uint64_t ssl, pid_t pid, uint64_t random)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->connections[i].ssl == ssl && r->connections[i].pid == pid) {
            r->connections[i].random = random;
            return;
        }
    r->connections[r->next] = (struct connection){ssl, pid, random};
    r->next = (r->next + 1) % TOOL_TRACE_RANDOMS;
    r->n += r->n < TOOL_TRACE_RANDOMS;
}

static bool remembered(const struct tool_call_randoms *r, uint64_t ssl, pid_t pid, uint64_t *random)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->connections[i].ssl == ssl && r->connections[i].pid == pid) {
            *random = r->connections[i].random;
            return true;
        }
    return false;
}

struct reader {
    tool_call_read *read;
    void *context;
};

static bool read_word(const struct reader *r, uint64_t at, uint64_t *value)
{
    return r->read(r->context, at, value, sizeof *value);
}

static bool value_of(const struct reader *r, const struct tool_call_way *w, const struct tool_cpu *cpu, int i,
                     uint64_t *value)
{
    if (w->source == TOOL_CALL_GO_STACK)
        return read_word(r, tool_call_on_stack(cpu->stack, (unsigned)i), value);
    *value = w->source == TOOL_CALL_GO_REGISTER ? cpu->go[i] : cpu->arguments[i];
    return true;
}

static bool read_label(const struct reader *r, const struct tool_call_way *w, const struct tool_cpu *cpu, char *label)
{
    uint64_t at, n = TOOL_TRACE_LABEL;
    if (!value_of(r, w, cpu, w->label, &at) || (w->label_length != NONE && !value_of(r, w, cpu, w->label_length, &n)) ||
        n == 0 || n > TOOL_TRACE_LABEL)
        return false;
    memset(label, 0, TOOL_TRACE_LABEL + 1);
    if (w->label_length == NONE) {
        for (n = 0; n < TOOL_TRACE_LABEL && r->read(r->context, at + n, label + n, 1) && label[n]; n++)
            ;
        if (n == TOOL_TRACE_LABEL || label[n])
            return false;
    } else if (!r->read(r->context, at, label, (size_t)n)) {
        return false;
    }
    return n >= 3 && strspn(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == n;
}

/* Where the random is. */
static bool find_random(const struct reader *r, const struct tool_call_way *w, const struct tool_cpu *cpu, pid_t pid,
                        const struct tool_call_randoms *randoms, uint64_t *at, uint64_t *n)
{
    *n = RANDOM;
    if (w->random != CONNECTION)
        return value_of(r, w, cpu, w->random, at) && value_of(r, w, cpu, w->random_length, n);
    if (w->call == TOOL_CALL_OPENSSL)
        return remembered(randoms, cpu->arguments[0], pid, at);
    if (!read_word(r, cpu->arguments[0] + TOOL_CALL_BORING_STATE, at))
        return false;
    *at += TOOL_CALL_BORING_RANDOM;
    return true;
}

static char *put_hex(char *to, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        *to++ = "0123456789abcdef"[bytes[i] >> 4];
        *to++ = "0123456789abcdef"[bytes[i] & 15];
    }
    return to;
}

static size_t line_of(const struct reader *r, const struct tool_call_way *w, const struct tool_cpu *cpu, pid_t pid,
                      const struct tool_call_randoms *randoms, char *line)
{
    uint8_t random[RANDOM], secret[TOOL_TRACE_SECRET];
    uint64_t random_at, secret_at, n_random, n_secret;
    char label[TOOL_TRACE_LABEL + 1], *end = line;
    if (!read_label(r, w, cpu, label) || !find_random(r, w, cpu, pid, randoms, &random_at, &n_random) ||
        !value_of(r, w, cpu, w->secret, &secret_at) || !value_of(r, w, cpu, w->secret_length, &n_secret) ||
        n_random != (strcmp(label, "RSA") == 0 ? ENCRYPTED : RANDOM) || n_secret == 0 || n_secret > sizeof secret ||
        !r->read(r->context, random_at, random, (size_t)n_random))
        return 0;
    if (r->read(r->context, secret_at, secret, (size_t)n_secret)) {
        size_t n = strlen(label);
        memcpy(line, label, n + 1);
        end = line + n;
        *end++ = ' ';
        end = put_hex(end, random, (size_t)n_random);
        *end++ = ' ';
        end = put_hex(end, secret, (size_t)n_secret);
        *end = 0;
    }
    explicit_bzero(secret, sizeof secret);
    return (size_t)(end - line);
}

size_t tool_call_line(enum tool_trace_call call, const struct tool_cpu *cpu, pid_t pid,
                      struct tool_call_randoms *randoms, tool_call_read *read, void *context, char line[TOOL_CALL_LINE])
{
    const struct reader r = {read, context};
    size_t n = 0;
    if (call == TOOL_CALL_HELLO) {
        /* a server's random stands before the client's */
        uint64_t server = cpu->arguments[1] & 0xffffffff;
        if (cpu->arguments[3] == RANDOM)
            remember(randoms, cpu->arguments[0], pid, cpu->arguments[2] + (server ? RANDOM : 0));
        return 0;
    }
    for (size_t i = 0; n == 0 && i < sizeof ways / sizeof ways[0]; i++)
        if (ways[i].call == call)
            n = line_of(&r, &ways[i], cpu, pid, randoms, line);
    return n;
}
