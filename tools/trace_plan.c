/* Reads a program's file for the points where its secrets pass. */
#include "trace_plan.h"

#include "memory.h"
#include "trace_go.h"
#include "trace_label.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* What a program is built for that this one can trace. */
#if defined __x86_64__
#define MACHINE EM_X86_64
#else
#define MACHINE EM_NONE
#endif

/* crypto/tls.(*Config), its copies in other packages (utls, qtls' and vendored ones), pion/dtls' (*handshakeConfig). */
#define GO_ENDING "onfig).writeKeyLog"
/* A label that is in all that speaks TLS 1.3 and can write a key log, and in nothing else. */
#define LABEL "SERVER_HANDSHAKE_TRAFFIC_SECRET"

static const struct named {
    const char *name;
    bool whole; /* otherwise the beginning: C++ appends the arguments' types */
    enum tool_trace_call call;
} names[] = {
    {"nss_keylog_int", true, TOOL_CALL_KEYLOG},
    {"ssl_log_secret", true, TOOL_CALL_OPENSSL},
    {"ssl_fill_hello_random", true, TOOL_CALL_HELLO},
    {"_ZN4bssl14ssl_log_secretE", false, TOOL_CALL_BORINGSSL},
};

struct seen {
    const struct tool_elf *elf;
    uint64_t at[TOOL_CALL_BORINGSSL + 1];
};

static bool note_symbol(void *context, const char *name, uint64_t address)
{
    struct seen *seen = context;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct named *n = &names[i];
        if ((n->whole ? strcmp(name, n->name) : strncmp(name, n->name, strlen(n->name))) == 0 &&
            seen->at[n->call] == 0 && tool_elf_is_code(seen->elf, address))
            seen->at[n->call] = address;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------------------- room */

enum { PAGE = 4096, RUN = 16 };

static bool is_free(const struct tool_elf *elf, uint64_t from, uint64_t to)
{
    for (unsigned i = 0; i < elf->n_segments; i++) {
        const struct tool_elf_part *s = &elf->segments[i];
        if (from < s->address + s->memory && s->address < to)
            return false;
    }
    return true;
}

/* Code is mapped in whole pages: behind its last byte there is room that nobody uses. */
static bool room_behind(const struct tool_elf *elf, size_t n, uint64_t taken, uint64_t *at)
{
    for (unsigned i = 0; i < elf->n_segments; i++) {
        const struct tool_elf_part *s = &elf->segments[i];
        uint64_t from = s->address + s->size, to = (from + PAGE - 1) & ~(uint64_t)(PAGE - 1);
        if (!(s->flags & PF_X) || s->size != s->memory || from < s->address || to < from || !is_free(elf, from, to))
            continue;
        if (taken >= from && taken < to)
            from = taken;
        if (to - from >= n) {
            *at = from;
            return true;
        }
    }
    return false;
}

/* Between functions, which begin at multiples of 16, Go's and LLVM's linkers put breakpoints. */
static bool room_between(const struct tool_elf *elf, size_t n, uint64_t taken, uint64_t *at)
{
    enum { STEP = 1 << 16 };
    uint8_t *step = tool_checked(malloc(STEP));
    bool found = false;
    for (unsigned s = 0; step && !found && s < elf->n_segments; s++) {
        const struct tool_elf_part *segment = &elf->segments[s];
        uint64_t offset = -segment->address & (RUN - 1);
        for (; (segment->flags & PF_X) && !found && offset < segment->size && offset < TOOL_ELF_SCANNED;
             offset += STEP) {
            uint64_t here = segment->address + offset;
            size_t have = segment->size - offset < STEP ? (size_t)(segment->size - offset) : STEP, run = 0;
            if (!tool_elf_at(elf, here, step, have))
                break;
            for (size_t i = 0; i < have && !found; i++) {
                run = step[i] == TOOL_CODE_BREAKPOINT ? run + 1 : 0;
                *at = here + i + 1 - n;
                found = (i + 1) % RUN == 0 && run >= n && *at >= taken;
            }
        }
    }
    free(step);
    return found;
}

/* ----------------------------------------------------------------------------------------------------------- points */

/* Room for its first instruction, behind what others have taken. */
static void put_aside(const struct tool_elf *elf, const struct tool_trace_plan *plan, struct tool_trace_point *p)
{
    uint64_t taken = 0;
    for (unsigned i = 0; i < plan->n; i++) {
        const struct tool_trace_point *other = &plan->points[i];
        uint64_t end = other->aside + other->n_moved;
        taken = end > taken ? end : taken;
    }
    size_t need = tool_code_move(p->code, p->n_code, p->address, p->address, p->moved);
    if (need > 0 && (room_behind(elf, need, taken, &p->aside) || room_between(elf, need, taken, &p->aside)))
        p->n_moved = (uint8_t)tool_code_move(p->code, p->n_code, p->address, p->aside, p->moved);
    if (p->n_moved > 0)
        return;
    memset(p->moved, 0, sizeof p->moved);
    p->aside = 0;
}

static void add(const struct tool_elf *elf, struct tool_trace_plan *plan, uint64_t address, enum tool_trace_call call)
{
    struct tool_trace_point p = {.call = call, .address = address};
    uint8_t n = TOOL_CODE_INSTRUCTION;
    if (address == 0 || plan->n == TOOL_TRACE_POINTS || !tool_elf_offset(elf, address, &p.offset))
        return;
    for (unsigned i = 0; i < plan->n; i++)
        if (plan->points[i].address == address)
            return;
    while (n > 0 && !tool_elf_at(elf, address, p.code, n))
        n--;
    if (n == 0)
        return;
    p.n_code = n;
    put_aside(elf, plan, &p);
    plan->program = TOOL_PROGRAM_POINTS;
    plan->points[plan->n++] = p;
}

/* OpenSSL's nss_keylog_int() has all that is needed. It is local to its file, so that its name may be missing; and a
 * compiler may have made it part of ssl_log_secret(), which does not say where the random is. */
static void add_symbols(const struct tool_elf *elf, struct tool_trace_plan *plan)
{
    struct seen seen = {.elf = elf};
    tool_elf_symbols(elf, note_symbol, &seen);
    if (!seen.at[TOOL_CALL_KEYLOG] && seen.at[TOOL_CALL_OPENSSL])
        seen.at[TOOL_CALL_KEYLOG] = tool_label_keylog(elf, seen.at[TOOL_CALL_OPENSSL]);
    if (seen.at[TOOL_CALL_KEYLOG]) {
        add(elf, plan, seen.at[TOOL_CALL_KEYLOG], TOOL_CALL_KEYLOG);
    } else if (seen.at[TOOL_CALL_OPENSSL] && seen.at[TOOL_CALL_HELLO]) {
        add(elf, plan, seen.at[TOOL_CALL_HELLO], TOOL_CALL_HELLO);
        add(elf, plan, seen.at[TOOL_CALL_OPENSSL], TOOL_CALL_OPENSSL);
    }
    add(elf, plan, seen.at[TOOL_CALL_BORINGSSL], TOOL_CALL_BORINGSSL);
}

static bool says(const struct tool_elf *elf, const char *text)
{
    enum { STEP = 1 << 16, MOST = 64 << 20 };
    size_t n = strlen(text);
    uint8_t *step = tool_checked(malloc(STEP));
    uint64_t looked_at = 0;
    bool is = false;
    for (unsigned s = 0; step && !is && s < elf->n_segments; s++) {
        const struct tool_elf_part *segment = &elf->segments[s];
        /* steps overlap by what the text may lie across */
        for (uint64_t at = 0; !is && at < segment->size && looked_at < MOST; at += STEP - n, looked_at += STEP) {
            size_t here = segment->size - at < STEP ? (size_t)(segment->size - at) : STEP;
            if (!tool_elf_at(elf, segment->address + at, step, here))
                break;
            is = memmem(step, here, text, n) != NULL;
        }
    }
    free(step);
    return is;
}

bool tool_trace_plan(const struct tool_elf_bytes *bytes, struct tool_trace_plan *plan)
{
    struct tool_elf *elf = tool_checked(malloc(sizeof *elf));
    *plan = (struct tool_trace_plan){0};
    if (!elf || !tool_elf_open(elf, bytes) || elf->machine != MACHINE) {
        free(elf);
        return false;
    }
    plan->entry = elf->entry;
    plan->moved = elf->type == ET_DYN;
    if (tool_go_is(elf)) {
        uint64_t addresses[TOOL_TRACE_POINTS];
        unsigned n = tool_go_functions(elf, GO_ENDING, addresses, TOOL_TRACE_POINTS);
        for (unsigned i = 0; i < n; i++)
            add(elf, plan, addresses[i], TOOL_CALL_GO);
    }
    if (plan->n < TOOL_TRACE_POINTS)
        add_symbols(elf, plan);
    if (plan->program == TOOL_PROGRAM_OTHER && tool_elf_needs(elf, "libssl"))
        plan->program = TOOL_PROGRAM_LIBRARY;
    if (plan->program == TOOL_PROGRAM_OTHER && says(elf, LABEL)) {
        plan->program = TOOL_PROGRAM_NAMELESS;
        add(elf, plan, tool_label_find(elf), TOOL_CALL_KEYLOG);
    }
    free(elf);
    return true;
}
