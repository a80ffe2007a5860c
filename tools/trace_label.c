/* What is looked for is looked for in code: a label's address goes into the second argument, a call follows, and the
 * function that is called hands on (label, ssl, a member of ssl, 32, secret, its length). Nothing else is that
 * function: six values in six registers say so. */
#include "trace_label.h"

#include "memory.h"
#include "trace_tail.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP = 1 << 16,
    NEAR = 48, /* bytes from where the label is taken to the call */
    RANDOM = 32,
    CALL = 5, /* bytes: opcode and distance */
    LOAD = 7, /* the longest instruction that takes a label's address */
};

/* Those that OpenSSL has a call of its own for. The shorter may be the end of the longer. */
static const char *const labels[] = {"CLIENT_RANDOM", "EXPORTER_SECRET", "EARLY_EXPORTER_SECRET"};

struct search {
    const struct tool_elf *elf;
    uint64_t labels[TOOL_LABEL_PLACES];
    unsigned n_labels;
    uint64_t found;
    bool contradicted;
};

static int64_t distance(const uint8_t *p)
{
    return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
}

static bool is(struct tool_tail_value v, int kind, uint64_t value)
{
    return (int)v.kind == kind && v.value == value;
}

uint64_t tool_label_keylog(const struct tool_elf *elf, uint64_t ssl_log_secret)
{
    uint8_t code[TOOL_TAIL_CODE];
    struct tool_tail tail;
    size_t n = sizeof code;
    while (n > 0 && !tool_elf_at(elf, ssl_log_secret, code, n))
        n--;
    if (elf->machine != EM_X86_64 || !tool_tail_read(code, n, ssl_log_secret, &tail))
        return 0;
    const struct tool_tail_value *a = tail.arguments;
    /* (ssl, label, secret, length) becomes (label, ssl, random, its length, secret, length) */
    return is(a[0], TOOL_TAIL_ARGUMENT, 1) && is(a[1], TOOL_TAIL_ARGUMENT, 0) && is(a[2], TOOL_TAIL_MEMBER, 0) &&
                   is(a[3], TOOL_TAIL_NUMBER, RANDOM) && is(a[4], TOOL_TAIL_ARGUMENT, 2) &&
                   is(a[5], TOOL_TAIL_ARGUMENT, 3) && tool_elf_is_code(elf, tail.target)
               ? tail.target
               : 0;
}

/* Calls for each piece of each segment that has these flags; pieces overlap by so many bytes. */
static void walk(struct search *s, uint32_t flags, size_t overlap,
                 void (*piece)(struct search *s, uint64_t address, const uint8_t *bytes, size_t n))
{
    uint8_t *bytes = tool_checked(malloc(STEP));
    uint64_t looked_at = 0;
    for (unsigned i = 0; bytes && i < s->elf->n_segments; i++) {
        const struct tool_elf_part *segment = &s->elf->segments[i];
        if ((segment->flags & flags) != flags)
            continue;
        for (uint64_t at = 0; at < segment->size && looked_at < TOOL_ELF_SCANNED;
             at += STEP - overlap, looked_at += STEP) {
            const size_t n = segment->size - at < STEP ? (size_t)(segment->size - at) : STEP;
            if (!tool_elf_at(s->elf, segment->address + at, bytes, n))
                break;
            piece(s, segment->address + at, bytes, n);
        }
    }
    free(bytes);
}

static void note_labels(struct search *s, uint64_t address, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const size_t length = strlen(labels[i]) + 1;
        const uint8_t *from = bytes, *end = bytes + n, *hit;
        while (s->n_labels < TOOL_LABEL_PLACES && (hit = memmem(from, (size_t)(end - from), labels[i], length))) {
            s->labels[s->n_labels++] = address + (uint64_t)(hit - bytes);
            from = hit + 1;
        }
    }
}

static bool is_label(const struct search *s, uint64_t address)
{
    for (unsigned i = 0; i < s->n_labels; i++)
        if (s->labels[i] == address)
            return true;
    return false;
}

/* Calls behind the place where a label was taken. */
static void look_behind(struct search *s, uint64_t address, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i + CALL <= n && i < NEAR; i++) {
        const uint64_t to = address + i + CALL + (uint64_t)distance(bytes + i + 1);
        const uint64_t keylog = bytes[i] == 0xe8 && tool_elf_is_code(s->elf, to) ? tool_label_keylog(s->elf, to) : 0;
        if (!keylog)
            continue;
        s->contradicted |= s->found && s->found != keylog;
        s->found = keylog;
        return;
    }
}

/* lea rsi,[rip+label]; mov esi,label where the program is not moved. */
static void look_at(struct search *s, uint64_t address, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i + LOAD <= n; i++) {
        size_t behind = 0;
        if (bytes[i] == 0x48 && bytes[i + 1] == 0x8d && bytes[i + 2] == 0x35 &&
            is_label(s, address + i + LOAD + (uint64_t)distance(bytes + i + 3)))
            behind = LOAD;
        else if (bytes[i] == 0xbe && is_label(s, (uint32_t)distance(bytes + i + 1)))
            behind = CALL;
        if (behind)
            look_behind(s, address + i + behind, bytes + i + behind, n - i - behind);
    }
}

uint64_t tool_label_find(const struct tool_elf *elf)
{
    struct search *s = tool_checked(calloc(1, sizeof *s));
    uint64_t found = 0;
    if (!s)
        return 0;
    s->elf = elf;
    walk(s, PF_R, sizeof "EARLY_EXPORTER_SECRET", note_labels);
    if (s->n_labels > 0)
        walk(s, PF_X, LOAD + NEAR + CALL, look_at);
    if (!s->contradicted)
        found = s->found;
    free(s);
    return found;
}
