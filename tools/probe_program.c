/* Written as instructions: for some hundred of them no compiler for BPF has to be there. The verifier of the kernel
 * proves of each program that it ends, and reads and writes nothing but what it may.
 *
 * Registers keep their meaning through a program: r6 has the task's registers, r7 the record, r8 an address in the
 * task's memory, r9 a length. Calls take r1 to r5, and leave what they return in r0. */
#include "probe_program.h"

#include <stddef.h>
#include <string.h>

#define OPERATION(op, to, from, place, value)                                                                          \
    ((struct bpf_insn){.code = (op), .dst_reg = (to), .src_reg = (from), .off = (place), .imm = (value)})
#define COPY(to, from) OPERATION(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define SET(to, number) OPERATION(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, number)
#define ADD(to, number) OPERATION(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, number)
#define SHIFT_RIGHT(to, bits) OPERATION(BPF_ALU64 | BPF_RSH | BPF_K, to, 0, 0, bits)
/* `size`: BPF_W for 32 bits, BPF_DW for 64 */
#define LOAD(size, to, from, place) OPERATION(BPF_LDX | BPF_MEM | (size), to, from, place, 0)
#define STORE(size, to, place, from) OPERATION(BPF_STX | BPF_MEM | (size), to, from, place, 0)
#define STORE_NUMBER(size, to, place, number) OPERATION(BPF_ST | BPF_MEM | (size), to, 0, place, number)
#define ADD_ATOMIC(to, place, from) OPERATION(BPF_STX | BPF_ATOMIC | BPF_DW, to, from, place, BPF_ADD)
#define CALL(function) OPERATION(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##function)
#define END OPERATION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

enum {
    R0,
    R1,
    R2,
    R3,
    R4,
    TASK = 6,
    RECORD = 7,
    ADDRESS = 8,
    LENGTH = 9,
    FRAME = 10,
    /* on the stack */
    PROCESS = -4,
    CHILD = -8,
    STARTED = -16, /* eight bytes: a record's first two numbers */
};

struct code {
    struct bpf_insn *to;
    size_t n;
    unsigned pieces;
    int on_stack; /* the piece with the words of the stack; -1: none yet */
};

static void put(struct code *c, struct bpf_insn instruction)
{
    if (c->n < TOOL_PROBE_CODE)
        c->to[c->n] = instruction;
    c->n++;
}

static void put_map(struct code *c, int to, int map)
{
    put(c, OPERATION(BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, map));
    put(c, OPERATION(0, 0, 0, 0, 0)); /* the upper half */
}

/* A jump to where land() is called for it. */
static size_t jump_if(struct code *c, uint8_t condition, int one, int32_t number)
{
    put(c, OPERATION(BPF_JMP | condition | BPF_K, one, 0, 0, number));
    return c->n - 1;
}

static void land(const struct code *c, size_t jump)
{
    if (jump < TOOL_PROBE_CODE)
        c->to[jump].off = (int16_t)(c->n - jump - 1);
}

static void put_end(struct code *c)
{
    put(c, SET(R0, 0));
    put(c, END);
}

/* Whether the process whose id is at that place of the stack is of the run: r0 is 0 when not. */
static void look_up(struct code *c, const struct tool_probe_maps *maps, int place)
{
    put_map(c, R1, maps->tree);
    put(c, COPY(R2, FRAME));
    put(c, ADD(R2, place));
    put(c, CALL(map_lookup_elem));
}

/* The task's process: the upper half of what the kernel says. */
static void take_process(struct code *c)
{
    put(c, CALL(get_current_pid_tgid));
    put(c, SHIFT_RIGHT(R0, 32));
    put(c, STORE(BPF_W, FRAME, PROCESS, R0));
}

/* ---- memory */

static int16_t piece(unsigned i, size_t member)
{
    return (int16_t)(offsetof(struct tool_probe_record, pieces) + i * sizeof(struct tool_probe_piece) + member);
}

#define ADDRESS_OF(i) piece(i, offsetof(struct tool_probe_piece, address))
#define LENGTH_OF(i) piece(i, offsetof(struct tool_probe_piece, n))
#define BYTES_OF(i) piece(i, offsetof(struct tool_probe_piece, bytes))

static void where_to(struct code *c, unsigned i)
{
    put(c, COPY(R1, RECORD));
    put(c, ADD(R1, BYTES_OF(i)));
}

static void note_piece(struct code *c, unsigned i, int length)
{
    put(c, STORE(BPF_DW, RECORD, LENGTH_OF(i), length));
    put(c, STORE(BPF_DW, RECORD, ADDRESS_OF(i), ADDRESS));
}

/* r9 bytes at r8. */
static void take_bytes(struct code *c, unsigned i)
{
    const size_t too_long = jump_if(c, BPF_JGT, LENGTH, TOOL_PROBE_PIECE), none = jump_if(c, BPF_JEQ, LENGTH, 0);
    where_to(c, i);
    put(c, COPY(R2, LENGTH));
    put(c, COPY(R3, ADDRESS));
    put(c, CALL(probe_read_user));
    const size_t failed = jump_if(c, BPF_JNE, R0, 0);
    note_piece(c, i, LENGTH);
    land(c, too_long);
    land(c, none);
    land(c, failed);
}

/* A text at r8, with the zero that it ends with. */
static void take_text(struct code *c, unsigned i)
{
    where_to(c, i);
    put(c, SET(R2, TOOL_PROBE_PIECE));
    put(c, COPY(R3, ADDRESS));
    put(c, CALL(probe_read_user_str));
    const size_t failed = jump_if(c, BPF_JSLE, R0, 0);
    note_piece(c, i, R0);
    land(c, failed);
}

/* ---- calls */

static void value(struct code *c, const struct tool_call_way *w, int to, int i)
{
    if (w->source == TOOL_CALL_GO_STACK) {
        put(c, LOAD(BPF_DW, to, RECORD, (int16_t)(BYTES_OF((unsigned)c->on_stack) + 8 * i)));
        return;
    }
    const unsigned word =
        w->source == TOOL_CALL_GO_REGISTER ? tool_cpu_go((unsigned)i) : tool_cpu_argument((unsigned)i);
    put(c, LOAD(BPF_DW, to, TASK, (int16_t)(8 * word)));
}

/* So that none of them has what was there before. */
static void clear_pieces(struct code *c)
{
    for (unsigned i = 0; i < TOOL_PROBE_PIECES; i++)
        put(c, STORE_NUMBER(BPF_DW, RECORD, LENGTH_OF(i), 0));
}

static void take_stack(struct code *c)
{
    const unsigned stack = tool_cpu_stack();
    put(c, LOAD(BPF_DW, ADDRESS, TASK, (int16_t)(8 * stack)));
    put(c, ADD(ADDRESS, (int32_t)tool_call_on_stack(0, 0)));
    put(c, SET(LENGTH, TOOL_PROBE_PIECE));
    c->on_stack = (int)c->pieces++;
    take_bytes(c, (unsigned)c->on_stack);
}

/* BoringSSL's SSL leads to it. */
static void take_random(struct code *c, const struct tool_call_way *w)
{
    if (w->random != TOOL_CALL_CONNECTION) {
        value(c, w, ADDRESS, w->random);
        value(c, w, LENGTH, w->random_length);
        take_bytes(c, c->pieces++);
        return;
    }
    value(c, w, ADDRESS, 0);
    put(c, ADD(ADDRESS, TOOL_CALL_BORING_STATE));
    put(c, SET(LENGTH, 8));
    take_bytes(c, c->pieces);
    put(c, LOAD(BPF_DW, ADDRESS, RECORD, BYTES_OF(c->pieces)));
    put(c, ADD(ADDRESS, TOOL_CALL_BORING_RANDOM));
    put(c, SET(LENGTH, TOOL_CALL_RANDOM));
    c->pieces++;
    take_bytes(c, c->pieces++);
}

static void take_way(struct code *c, const struct tool_call_way *w)
{
    if (w->source == TOOL_CALL_GO_STACK)
        take_stack(c);
    value(c, w, ADDRESS, w->label);
    if (w->label_length == TOOL_CALL_NONE) {
        take_text(c, c->pieces++);
    } else {
        value(c, w, LENGTH, w->label_length);
        take_bytes(c, c->pieces++);
    }
    take_random(c, w);
    value(c, w, ADDRESS, w->secret);
    value(c, w, LENGTH, w->secret_length);
    take_bytes(c, c->pieces++);
}

/* Room in the ring, or one more that is lost: r7, or the end. */
static size_t reserve(struct code *c, const struct tool_probe_maps *maps)
{
    put_map(c, R1, maps->ring);
    put(c, SET(R2, sizeof(struct tool_probe_record)));
    put(c, SET(R3, 0));
    put(c, CALL(ringbuf_reserve));
    put(c, COPY(RECORD, R0));
    const size_t room = jump_if(c, BPF_JNE, R0, 0);
    put(c, STORE_NUMBER(BPF_W, FRAME, PROCESS, 0));
    put_map(c, R1, maps->lost);
    put(c, COPY(R2, FRAME));
    put(c, ADD(R2, PROCESS));
    put(c, CALL(map_lookup_elem));
    const size_t none = jump_if(c, BPF_JEQ, R0, 0);
    put(c, SET(R1, 1));
    put(c, ADD_ATOMIC(R0, 0, R1));
    land(c, none);
    put_end(c);
    return room;
}

static size_t whole(const struct code *c)
{
    return c->n <= TOOL_PROBE_CODE && c->pieces <= TOOL_PROBE_PIECES ? c->n : 0;
}

size_t tool_probe_program(enum tool_trace_call call, int32_t point, const struct tool_probe_maps *maps,
                          struct bpf_insn to[TOOL_PROBE_CODE])
{
    struct code c = {.to = to, .on_stack = -1};
    const struct tool_call_way *w;
    /* these two have to be seen in their order, by somebody who remembers */
    if (call == TOOL_CALL_HELLO || call == TOOL_CALL_OPENSSL)
        return 0;
    put(&c, COPY(TASK, R1));
    take_process(&c);
    look_up(&c, maps, PROCESS);
    const size_t ours = jump_if(&c, BPF_JNE, R0, 0);
    put_end(&c);
    land(&c, ours);
    land(&c, reserve(&c, maps));
    put(&c, LOAD(BPF_W, R1, FRAME, PROCESS));
    put(&c, STORE(BPF_W, RECORD, offsetof(struct tool_probe_record, process), R1));
    put(&c, STORE_NUMBER(BPF_W, RECORD, offsetof(struct tool_probe_record, point), point));
    for (unsigned i = 0; i < TOOL_CPU_WORDS; i++) {
        put(&c, LOAD(BPF_DW, R1, TASK, (int16_t)(8 * i)));
        put(&c, STORE(BPF_DW, RECORD, (int16_t)(offsetof(struct tool_probe_record, registers) + 8 * i), R1));
    }
    clear_pieces(&c);
    for (size_t i = 0; (w = tool_call_way(i)); i++)
        if (w->call == call)
            take_way(&c, w);
    put(&c, COPY(R1, RECORD));
    put(&c, SET(R2, 0));
    put(&c, CALL(ringbuf_submit));
    put_end(&c);
    return whole(&c);
}

/* ---- the tree */

/* Tracepoints hand over their arguments, 64 bits each: here the parent, and the child. What is no child of the run
 * cannot be of it by an id that another one had before. */
size_t tool_probe_forked(uint32_t id, const struct tool_probe_maps *maps, struct bpf_insn to[TOOL_PROBE_CODE])
{
    struct code c = {.to = to};
    put(&c, COPY(TASK, R1));
    take_process(&c);
    put(&c, LOAD(BPF_DW, R3, TASK, 8));
    put(&c, ADD(R3, (int32_t)id));
    put(&c, SET(R2, 4));
    put(&c, COPY(R1, FRAME));
    put(&c, ADD(R1, CHILD));
    put(&c, CALL(probe_read_kernel));
    const size_t unread = jump_if(&c, BPF_JNE, R0, 0);
    put(&c, LOAD(BPF_W, R1, FRAME, CHILD));
    put(&c, LOAD(BPF_W, R2, FRAME, PROCESS));
    put(&c, OPERATION(BPF_JMP | BPF_JEQ | BPF_X, R1, R2, 0, 0)); /* a thread */
    const size_t thread = c.n - 1;
    look_up(&c, maps, PROCESS);
    const size_t others = jump_if(&c, BPF_JEQ, R0, 0);
    put_map(&c, R1, maps->tree);
    put(&c, COPY(R2, FRAME));
    put(&c, ADD(R2, CHILD));
    put(&c, COPY(R3, R2)); /* any value will do */
    put(&c, SET(R4, BPF_ANY));
    put(&c, CALL(map_update_elem));
    land(&c, unread);
    land(&c, thread);
    put_end(&c);
    land(&c, others);
    put_map(&c, R1, maps->tree);
    put(&c, COPY(R2, FRAME));
    put(&c, ADD(R2, CHILD));
    put(&c, CALL(map_delete_elem));
    put_end(&c);
    return whole(&c);
}

size_t tool_probe_started(const struct tool_probe_maps *maps, struct bpf_insn to[TOOL_PROBE_CODE])
{
    struct code c = {.to = to};
    take_process(&c);
    look_up(&c, maps, PROCESS);
    const size_t others = jump_if(&c, BPF_JEQ, R0, 0);
    put(&c, LOAD(BPF_W, R1, FRAME, PROCESS));
    put(&c, STORE(BPF_W, FRAME, STARTED, R1));
    put(&c, STORE_NUMBER(BPF_W, FRAME, STARTED + 4, TOOL_PROBE_STARTED));
    put_map(&c, R1, maps->ring);
    put(&c, COPY(R2, FRAME));
    put(&c, ADD(R2, STARTED));
    put(&c, SET(R3, 8));
    put(&c, SET(R4, 0));
    put(&c, CALL(ringbuf_output));
    land(&c, others);
    put_end(&c);
    return whole(&c);
}

/* ---- records */

/* Whether it lies in one of the pieces, all of it. */
static bool read_piece(void *context, uint64_t address, void *into, size_t n)
{
    const struct tool_probe_record *record = context;
    for (unsigned i = 0; i < TOOL_PROBE_PIECES; i++) {
        const struct tool_probe_piece *p = &record->pieces[i];
        if (p->n > sizeof p->bytes || address < p->address || address - p->address > p->n ||
            n > p->n - (address - p->address))
            continue;
        memcpy(into, p->bytes + (address - p->address), n);
        return true;
    }
    return false;
}

size_t tool_probe_line(enum tool_trace_call call, const struct tool_probe_record *record, char line[TOOL_CALL_LINE])
{
    struct tool_cpu cpu;
    tool_cpu_from(record->registers, &cpu);
    return tool_call_line(call, &cpu, (pid_t)record->process, NULL, read_piece, (void *)(uintptr_t)record, line);
}
