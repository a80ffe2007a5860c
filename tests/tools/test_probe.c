/* What the kernel runs where a probe is met, run here: instruction by instruction, with registers, memory and a tree of
 * processes made up. The kernel's own verifier has its word in test_run_pid.py. */
#include "probe_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    TREE = 11,
    RING = 12,
    LOST = 13,
    OURS = 4711,
    THREAD = 4712,
    OTHERS = 815,
    MEMORY = 0x10000,
    RANDOM_AT = 0x100,
    SECRET_AT = 0x200,
    LABEL_AT = 0x300,
    SSL_AT = 0x400,
    STATE_AT = 0x500,
    STACK_AT = 0x800,
    POINT = 5
};

static const struct tool_probe_maps maps = {TREE, RING, LOST};

/* ---- a kernel */

static struct kernel {
    uint64_t registers[TOOL_CPU_WORDS];
    uint8_t memory[0x1000]; /* of the program, at MEMORY */
    uint32_t process, thread;
    uint32_t tree[8];
    size_t n_tree;
    struct tool_probe_record record;
    bool full, reserved, submitted;
    uint64_t lost, told;
    unsigned reads;
} k;

static uint32_t *in_tree(uint32_t process)
{
    for (size_t i = 0; i < k.n_tree; i++)
        if (k.tree[i] == process)
            return &k.tree[i];
    return NULL;
}

static void *pointer(uint64_t value)
{
    return (void *)(uintptr_t)value;
}

static bool has_memory(uint64_t address, uint64_t n)
{
    k.reads++;
    return address >= MEMORY && address - MEMORY <= sizeof k.memory && n <= sizeof k.memory - (address - MEMORY);
}

static uint64_t read_text(char *to, uint64_t size, uint64_t from)
{
    for (uint64_t n = 0; n < size; n++) {
        if (!has_memory(from + n, 1))
            return (uint64_t)-14;
        to[n] = (char)k.memory[from + n - MEMORY];
        if (!to[n])
            return n + 1;
    }
    to[size - 1] = 0;
    return size;
}

static uint64_t read_user(void *to, uint64_t size, uint64_t from)
{
    if (has_memory(from, size)) {
        memcpy(to, k.memory + (from - MEMORY), size);
        return 0;
    }
    memset(to, 0, size);
    return (uint64_t)-14;
}

static void *look_up(uint64_t map, uint32_t key)
{
    if (map == LOST) {
        assert_int_equal(key, 0);
        return &k.lost;
    }
    assert_int_equal(map, TREE);
    return in_tree(key);
}

static uint64_t change(uint64_t map, uint32_t key, bool in)
{
    uint32_t *is = in_tree(key);
    assert_int_equal(map, TREE);
    if (in && !is)
        k.tree[k.n_tree++] = key;
    else if (!in && is)
        *is = k.tree[--k.n_tree];
    return 0;
}

static uint64_t reserve(uint64_t map, uint64_t size)
{
    assert_int_equal(map, RING);
    assert_int_equal(size, sizeof k.record);
    assert_false(k.reserved);
    k.reserved = !k.full;
    return k.full ? 0 : (uint64_t)(uintptr_t)&k.record;
}

static uint64_t call(int32_t function, const uint64_t *r)
{
    switch (function) {
    case BPF_FUNC_get_current_pid_tgid:
        return (uint64_t)k.process << 32 | k.thread;
    case BPF_FUNC_map_lookup_elem:
        return (uint64_t)(uintptr_t)look_up(r[1], *(uint32_t *)pointer(r[2]));
    case BPF_FUNC_map_update_elem:
        return change(r[1], *(uint32_t *)pointer(r[2]), true);
    case BPF_FUNC_map_delete_elem:
        return change(r[1], *(uint32_t *)pointer(r[2]), false);
    case BPF_FUNC_ringbuf_reserve:
        return reserve(r[1], r[2]);
    case BPF_FUNC_ringbuf_submit:
        assert_ptr_equal(pointer(r[1]), &k.record);
        k.submitted = true;
        return 0;
    case BPF_FUNC_ringbuf_output:
        assert_int_equal(r[1], RING);
        assert_int_equal(r[3], sizeof k.told);
        memcpy(&k.told, pointer(r[2]), sizeof k.told);
        return 0;
    case BPF_FUNC_probe_read_user:
        return read_user(pointer(r[1]), r[2], r[3]);
    case BPF_FUNC_probe_read_user_str:
        return read_text(pointer(r[1]), r[2], r[3]);
    case BPF_FUNC_probe_read_kernel:
        memcpy(pointer(r[1]), pointer(r[3]), r[2]);
        return 0;
    default:
        fail_msg("function %d", function);
        return 0;
    }
}

static bool condition(uint8_t op, uint64_t a, uint64_t b)
{
    switch (op) {
    case BPF_JEQ:
        return a == b;
    case BPF_JNE:
        return a != b;
    case BPF_JGT:
        return a > b;
    case BPF_JSLE:
        return (int64_t)a <= (int64_t)b;
    default:
        fail_msg("jump %x", op);
        return false;
    }
}

static void calculate(const struct bpf_insn *i, uint64_t *r)
{
    const uint64_t value = i->code & BPF_X ? r[i->src_reg] : (uint64_t)(int64_t)i->imm;
    if ((i->code & 0xf0) == BPF_MOV)
        r[i->dst_reg] = value;
    else if ((i->code & 0xf0) == BPF_ADD)
        r[i->dst_reg] += value;
    else if ((i->code & 0xf0) == BPF_RSH)
        r[i->dst_reg] >>= value;
    else
        fail_msg("operation %x", i->code);
}

static void move(const struct bpf_insn *i, uint64_t *r)
{
    const size_t n = (i->code & 0x18) == BPF_DW ? 8 : 4;
    const uint8_t kind = i->code & 7;
    if (kind == BPF_LDX) {
        r[i->dst_reg] = 0;
        memcpy(&r[i->dst_reg], (uint8_t *)pointer(r[i->src_reg]) + i->off, n);
        return;
    }
    uint64_t value = kind == BPF_ST ? (uint64_t)(int64_t)i->imm : r[i->src_reg], before = 0;
    uint8_t *to = (uint8_t *)pointer(r[i->dst_reg]) + i->off;
    if ((i->code & 0xe0) == BPF_ATOMIC)
        memcpy(&before, to, n);
    value += before;
    memcpy(to, &value, n);
}

static void run(const struct bpf_insn *code, size_t n, void *context)
{
    static uint64_t stack[64];
    uint64_t r[11] = {[1] = (uint64_t)(uintptr_t)context, [10] = (uint64_t)(uintptr_t)(stack + 64)};
    assert_in_range(n, 1, TOOL_PROBE_CODE);
    for (size_t at = 0;; at++) {
        assert_true(at < n);
        const struct bpf_insn *i = &code[at];
        if (i->code == (BPF_JMP | BPF_EXIT))
            return;
        if (i->code == (BPF_LD | BPF_DW | BPF_IMM)) {
            assert_int_equal(i->src_reg, BPF_PSEUDO_MAP_FD);
            r[i->dst_reg] = (uint32_t)i->imm;
            at++;
        } else if (i->code == (BPF_JMP | BPF_CALL)) {
            r[0] = call(i->imm, r);
            for (unsigned lost = 1; lost < 6; lost++)
                r[lost] = 0xdeadbeef;
        } else if ((i->code & 7) == BPF_JMP) {
            assert_true(i->off >= 0);
            if (condition(i->code & 0xf0, r[i->dst_reg], i->code & BPF_X ? r[i->src_reg] : (uint64_t)(int64_t)i->imm))
                at += (size_t)i->off;
        } else if ((i->code & 7) == BPF_ALU64) {
            calculate(i, r);
        } else {
            move(i, r);
        }
    }
}

/* ---- calls */

static void begin(const char *label)
{
    memset(&k, 0, sizeof k);
    memset(&k.record, 0xee, sizeof k.record); /* what was there before */
    k.process = OURS;
    k.thread = THREAD;
    k.tree[k.n_tree++] = OURS;
    memset(k.memory + RANDOM_AT, 0xab, TOOL_CALL_RANDOM);
    memset(k.memory + SECRET_AT, 0xcd, TOOL_TRACE_SECRET + 16);
    memcpy(k.memory + LABEL_AT, label, strlen(label) + 1);
}

static void meet(enum tool_trace_call how)
{
    struct bpf_insn code[TOOL_PROBE_CODE];
    run(code, tool_probe_program(how, POINT, &maps, code), k.registers);
}

/* Meets it, and makes the line. */
static size_t line_of(enum tool_trace_call how, char line[TOOL_CALL_LINE])
{
    k.reserved = k.submitted = false;
    meet(how);
    assert_true(k.reserved && k.submitted);
    assert_int_equal(k.record.process, OURS);
    assert_int_equal(k.record.point, POINT);
    return tool_probe_line(how, &k.record, line);
}

static void expect(enum tool_trace_call how, const char *label, unsigned n_secret)
{
    char line[TOOL_CALL_LINE], wanted[TOOL_CALL_LINE];
    size_t n = strlen(label);
    memcpy(wanted, label, n);
    wanted[n++] = ' ';
    for (unsigned i = 0; i < TOOL_CALL_RANDOM; i++, n += 2)
        memcpy(wanted + n, "ab", 2);
    wanted[n++] = ' ';
    for (unsigned i = 0; i < n_secret; i++, n += 2)
        memcpy(wanted + n, "cd", 2);
    assert_int_equal(line_of(how, line), n);
    assert_memory_equal(line, wanted, n);
}

static void arguments(const uint64_t *values, unsigned n, unsigned (*word)(unsigned))
{
    for (unsigned i = 0; i < n; i++)
        k.registers[word(i)] = values[i];
}

static void test_go(void **state)
{
    (void)state;
    char line[TOOL_CALL_LINE];
    const uint64_t values[] = {1, MEMORY + LABEL_AT, 13, MEMORY + RANDOM_AT, 32, 32, MEMORY + SECRET_AT, 48, 48};
    begin("CLIENT_RANDOM and what follows it in memory");
    arguments(values, TOOL_CPU_GO, tool_cpu_go);
    k.registers[tool_cpu_stack()] = MEMORY + STACK_AT;
    expect(TOOL_CALL_GO, "CLIENT_RANDOM", 48);
    /* before Go 1.17 by the stack: whatever is in the registers */
    arguments((const uint64_t[]){7, 7, 7, 7, 7, 7, 7, 7, 7}, TOOL_CPU_GO, tool_cpu_go);
    memcpy(k.memory + STACK_AT + 8, values, sizeof values);
    expect(TOOL_CALL_GO, "CLIENT_RANDOM", 48);
    k.registers[tool_cpu_stack()] = 0;
    assert_int_equal(line_of(TOOL_CALL_GO, line), 0);
}

static void test_keylog(void **state)
{
    (void)state;
    char line[TOOL_CALL_LINE], label[TOOL_TRACE_LABEL] = {0};
    uint64_t values[] = {MEMORY + LABEL_AT,  MEMORY + SSL_AT,  MEMORY + RANDOM_AT, 32,
                         MEMORY + SECRET_AT, TOOL_TRACE_SECRET};
    memset(label, 'X', TOOL_TRACE_LABEL - 1);
    begin(label);
    arguments(values, 6, tool_cpu_argument);
    expect(TOOL_CALL_KEYLOG, label, TOOL_TRACE_SECRET);
    /* TOOL_PROBE_PIECE: what is longer is not taken, nor what is not there, nor what ends too soon */
    static const struct {
        unsigned argument;
        uint64_t value;
    } wrong[] = {{5, 0},
                 {5, TOOL_TRACE_SECRET + 1},
                 {5, TOOL_PROBE_PIECE + 1},
                 {5, UINT64_MAX},
                 {3, 31},
                 {3, UINT64_MAX},
                 {0, 0},
                 {0, UINT64_MAX},
                 {2, 0},
                 {4, MEMORY + sizeof k.memory - 16}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        arguments(values, 6, tool_cpu_argument);
        k.registers[tool_cpu_argument(wrong[i].argument)] = wrong[i].value;
        assert_int_equal(line_of(TOOL_CALL_KEYLOG, line), 0);
    }
    /* a text that does not end */
    arguments(values, 6, tool_cpu_argument);
    memset(k.memory + LABEL_AT, 'A', 200);
    assert_int_equal(line_of(TOOL_CALL_KEYLOG, line), 0);
    /* one that ends where memory does */
    memcpy(k.memory + sizeof k.memory - 4, "RSA", 4);
    k.registers[tool_cpu_argument(0)] = MEMORY + sizeof k.memory - 4;
    k.registers[tool_cpu_argument(3)] = 8;
    assert_int_equal(line_of(TOOL_CALL_KEYLOG, line), 3 + 1 + 16 + 1 + 2 * TOOL_TRACE_SECRET);
}

static void test_boringssl(void **state)
{
    (void)state;
    char line[TOOL_CALL_LINE];
    const uint64_t at = MEMORY + STATE_AT;
    begin("SERVER_TRAFFIC_SECRET_0");
    arguments((const uint64_t[]){MEMORY + SSL_AT, MEMORY + LABEL_AT, MEMORY + SECRET_AT, 32}, 4, tool_cpu_argument);
    memcpy(k.memory + SSL_AT + TOOL_CALL_BORING_STATE, &at, sizeof at);
    memset(k.memory + STATE_AT + TOOL_CALL_BORING_RANDOM, 0xab, TOOL_CALL_RANDOM);
    expect(TOOL_CALL_BORINGSSL, "SERVER_TRAFFIC_SECRET_0", 32);
    memset(k.memory + SSL_AT + TOOL_CALL_BORING_STATE, 0, 8);
    assert_int_equal(line_of(TOOL_CALL_BORINGSSL, line), 0);
}

/* Two calls that say where the random is only together are none for a program that remembers nothing. */
static void test_others(void **state)
{
    (void)state;
    struct bpf_insn code[TOOL_PROBE_CODE];
    assert_int_equal(tool_probe_program(TOOL_CALL_HELLO, 0, &maps, code), 0);
    assert_int_equal(tool_probe_program(TOOL_CALL_OPENSSL, 0, &maps, code), 0);
}

/* Of another process not a byte is read, also when it is one that has the number of a thread of ours. */
static void test_foreign(void **state)
{
    (void)state;
    static const enum tool_trace_call calls[] = {TOOL_CALL_GO, TOOL_CALL_KEYLOG, TOOL_CALL_BORINGSSL};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        begin("CLIENT_RANDOM");
        k.process = OTHERS;
        k.thread = OURS;
        meet(calls[i]);
        assert_false(k.reserved || k.submitted);
        assert_int_equal(k.reads, 0);
    }
}

static void test_lost(void **state)
{
    (void)state;
    begin("CLIENT_RANDOM");
    k.full = true;
    meet(TOOL_CALL_KEYLOG);
    meet(TOOL_CALL_GO);
    assert_int_equal(k.lost, 2);
    assert_false(k.submitted);
    assert_int_equal(k.reads, 0);
}

/* Pieces of a record that nobody has taken hold nothing, and what a record says of them is not believed. */
static void test_records(void **state)
{
    (void)state;
    char line[TOOL_CALL_LINE];
    static struct tool_probe_record record;
    memset(&record, 0xff, sizeof record);
    for (int call = TOOL_CALL_GO; call <= TOOL_CALL_BORINGSSL; call++)
        if (call != TOOL_CALL_HELLO && call != TOOL_CALL_OPENSSL)
            assert_int_equal(tool_probe_line((enum tool_trace_call)call, &record, line), 0);
    for (unsigned i = 0; i < TOOL_PROBE_PIECES; i++) {
        record.pieces[i].address = MEMORY;
        record.pieces[i].n = TOOL_PROBE_PIECE;
        memset(record.pieces[i].bytes, 'A', TOOL_PROBE_PIECE);
    }
    for (unsigned i = 0; i < TOOL_CPU_WORDS; i++)
        record.registers[i] = MEMORY + TOOL_PROBE_PIECE - 31;
    assert_int_equal(tool_probe_line(TOOL_CALL_KEYLOG, &record, line), 0);
}

/* ---- the tree */

enum { ID_AT = 40 };

static void fork_to(uint32_t parent, uint32_t child)
{
    struct bpf_insn code[TOOL_PROBE_CODE];
    uint8_t task[64];
    memset(task, 0x55, sizeof task);
    memcpy(task + ID_AT, &child, sizeof child);
    const uint64_t context[] = {0, (uint64_t)(uintptr_t)task};
    k.process = parent;
    run(code, tool_probe_forked(ID_AT, &maps, code), (void *)(uintptr_t)context);
}

static void test_forked(void **state)
{
    (void)state;
    begin("");
    fork_to(OURS, OURS + 10);
    assert_non_null(in_tree(OURS + 10));
    fork_to(OURS + 10, OURS + 20);
    assert_non_null(in_tree(OURS + 20));
    assert_int_equal(k.n_tree, 3);
    /* a thread has the id of its process */
    fork_to(OURS, OURS);
    fork_to(OTHERS, OTHERS);
    assert_int_equal(k.n_tree, 3);
    fork_to(OTHERS, OTHERS + 1);
    assert_int_equal(k.n_tree, 3);
    /* a number of one of ours, which is gone, comes again */
    fork_to(OTHERS, OURS + 20);
    assert_null(in_tree(OURS + 20));
    assert_int_equal(k.n_tree, 2);
}

static void test_started(void **state)
{
    (void)state;
    struct bpf_insn code[TOOL_PROBE_CODE];
    const size_t n = tool_probe_started(&maps, code);
    int32_t told[2];
    begin("");
    run(code, n, k.registers);
    memcpy(told, &k.told, sizeof told);
    assert_int_equal(told[0], OURS);
    assert_int_equal(told[1], TOOL_PROBE_STARTED);
    k.told = 0;
    k.process = OTHERS;
    run(code, n, k.registers);
    assert_int_equal(k.told, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_go),      cmocka_unit_test(test_keylog),  cmocka_unit_test(test_boringssl),
        cmocka_unit_test(test_others),  cmocka_unit_test(test_foreign), cmocka_unit_test(test_lost),
        cmocka_unit_test(test_records), cmocka_unit_test(test_forked),  cmocka_unit_test(test_started),
    };
    return tool_cpu_known() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
