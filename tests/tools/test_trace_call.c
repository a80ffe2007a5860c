/* Calls of functions that write key logs, with registers and memory made up; and first instructions that are put
 * elsewhere. */
#include "trace_call.h"
#include "trace_code.h"
#include "trace_tail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ------------------------------------------------------------------------------------------------------------- code */

/* The first instruction of this code is so long; 0: it is not one that could stand elsewhere. */
static void expect_code(const char *hex, size_t length)
{
    enum { FROM = 0x401000, TO = 0x500000 };
    uint8_t code[32] = {0}, moved[TOOL_CODE_MOVED];
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
        code[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    assert_int_equal(tool_code_move(code, n, FROM, TO, moved), length ? length + 5 : 0);
    if (!length)
        return;
    assert_memory_equal(moved, code, length < 3 ? length : 1);
    assert_int_equal(moved[length], 0xe9);
    uint32_t back = 0;
    for (unsigned i = 4; i-- > 0;)
        back = back << 8 | moved[length + 1 + i];
    assert_int_equal((uint32_t)(TO + length + 5 + back), FROM + length);
    /* cut short it is none */
    assert_int_equal(tool_code_move(code, length - 1, FROM, TO, moved), 0);
}

static void test_code(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        size_t length;
    } rows[] = {
        {"493b6610", 4},           /* cmp rsp,[r14+16]: Go since 1.17 */
        {"4c8d6424a0", 5},         /* lea r12,[rsp-96]: the same, with a larger frame */
        {"4c8da42400ffffff", 8},   /* and a still larger one */
        {"64488b0c25f8ffffff", 9}, /* mov rcx,fs:-8: before */
        {"f30f1efa", 4},           /* endbr64 */
        {"55", 1},                 /* push rbp */
        {"4157", 2},               /* push r15 */
        {"4889f8", 3},             /* mov rax,rdi */
        {"4883ec08", 4},           /* sub rsp,8 */
        {"4881ec00010000", 7},     /* sub rsp,256 */
        {"4885ff", 3},             /* test rdi,rdi */
        {"31c0", 2},               /* xor eax,eax */
        {"b801000000", 5},         /* mov eax,1 */
        {"66b80100", 4},           /* mov ax,1 */
        {"48b8112233445566778899"
         "",
         10},                  /* mov rax,imm64 */
        {"f6470801", 4},       /* test byte [rdi+8],1 */
        {"f7df", 2},           /* neg edi */
        {"48f7c701000000", 7}, /* test rdi,1 */
        {"0f57c0", 3},         /* xorps xmm0,xmm0 */
        {"660fefc0", 4},       /* pxor xmm0,xmm0 */
        {"0fb6472a", 4},       /* movzx eax,byte [rdi+42] */
        {"ff7710", 3},         /* push [rdi+16] */
        {"e800000000", 0},     /* call */
        {"e900000000", 0},     /* jmp */
        {"eb00", 0},
        {"7400", 0}, /* je */
        {"0f8400000000", 0},
        {"ff2500000000", 0}, /* jmp [rip] */
        {"ffd0", 0},         /* call rax */
        {"c3", 0},           /* ret */
        {"cc", 0},           /* somebody else's breakpoint */
        {"67488b07", 0},     /* 32-bit addresses */
        {"c5f877", 0},       /* vzeroupper */
        {"06", 0},           /* none */
        {"", 0},
        {"666666666666666666666666666666666690", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_code(rows[i].hex, rows[i].length);
}

/* What is counted from where the instruction is, is counted anew. */
static void test_code_relative(void **state)
{
    (void)state;
    static const uint8_t load[] = {0x48, 0x8b, 0x05, 0x10, 0, 0, 0},
                         compare[] = {0x80, 0x3d, 0xf0, 0xff, 0xff, 0xff, 0};
    uint8_t moved[TOOL_CODE_MOVED];
    assert_int_equal(tool_code_move(load, sizeof load, 0x1000, 0x3000, moved), 12);
    assert_memory_equal(
        moved, ((const uint8_t[]){0x48, 0x8b, 0x05, 0x10, 0xe0, 0xff, 0xff, 0xe9, 0xfb, 0xdf, 0xff, 0xff}), 12);
    assert_int_equal(tool_code_move(compare, sizeof compare, 0x3000, 0x1000, moved), 12);
    assert_memory_equal(moved, ((const uint8_t[]){0x80, 0x3d, 0xf0, 0x1f, 0, 0, 0}), 7);
    /* too far for 32 bits */
    assert_int_equal(tool_code_move(load, sizeof load, 0x1000, 0x100000000, moved), 0);
    assert_int_equal(tool_code_move(load, 3, 0x1000, 0x3000, moved), 0);
}

/* What a function hands on, written as one letter for each of the six: a to f is what it was called with itself, A what
 * is found by its first argument, a digit a number, ? what is not known. NULL: it is none of these functions. */
static void expect_tail(const char *hex, const char *wanted, uint64_t number)
{
    enum { AT = 0x401000 };
    uint8_t code[TOOL_TAIL_CODE] = {0};
    struct tool_tail tail;
    const size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
        code[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    assert_int_equal(tool_tail_read(code, n, AT, &tail), wanted != NULL);
    if (!wanted)
        return;
    /* cut short it is none */
    struct tool_tail none;
    for (size_t cut = 0; cut < n; cut++)
        assert_false(tool_tail_read(code, cut, AT, &none));
    assert_int_equal(tail.target, AT + 0x100);
    for (unsigned i = 0; i < TOOL_TAIL_ARGUMENTS; i++) {
        const struct tool_tail_value *v = &tail.arguments[i];
        const char base = (char)v->value;
        const char is = v->kind == TOOL_TAIL_ARGUMENT ? (char)('a' + base)
                        : v->kind == TOOL_TAIL_MEMBER ? (char)('A' + base)
                        : v->kind == TOOL_TAIL_NUMBER ? '0'
                                                      : '?';
        assert_int_equal(is, wanted[i]);
        if (is == '0')
            assert_int_equal(v->value, number);
    }
}

static void test_tail(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *wanted;
        uint64_t number;
    } rows[] = {
        /* OpenSSL 3.0's ssl_log_secret(), gcc 12: lea rdx,[rax+0x160]; mov ecx,32; … jmp */
        {"4889f84989d04889f74989c9488d9060010000b9200000004889c6e9e0000000", "baA0cd", 32},
        /* the same with endbr64, a frame, and the state behind an address, as in 1.1.1 */
        {"f30f1efa554889e5488b87a80000004989c94989d04889f24889fe4889d7b920000000488d90b80000005de9d0000000", "baA0cd",
         32},
        {"90e9fa000000", "abcdef", 0},
        {"4883ec08e8f7000000", "abcdef", 0},     /* sub rsp,8; call */
        {"4157575f415fe9f5000000", "abcdef", 0}, /* push r15, rdi; pop */
        /* push rsi, rdi; pop rcx, rdx; mov rdi,rcx; mov rsi,rdx */
        {"5657595a4889cf4889d6e9f1000000", "abbaef", 0},
        {"89f7e9f9000000", "?bcdef", 0},     /* mov edi,esi: half of it */
        {"31c98bc1e9f7000000", "abc0ef", 0}, /* xor ecx,ecx; mov eax,ecx */
        {"33d1e9f9000000", "ab?def", 0},     /* xor edx,ecx */
        {"48c7c1e0ffffffe9f4000000", "abc0ef", (uint64_t)-32},
        {"48b90807060504030201e9f1000000", "abc0ef", 0x0102030405060708},
        {"488d0dd0000000e9f4000000", "abc?ef", 0},         /* lea rcx,[rip+…] */
        {"488b0c25d0000000e9f3000000", "abc?ef", 0},       /* mov rcx,[absolute] */
        {"488d4c7701e9f6000000", "abc?ef", 0},             /* lea rcx,[rdi+2*rsi+1] */
        {"488b4e08488b4910e9f3000000", "abcBef", 0},       /* member of a member */
        {"498b8c2410010000e9f3000000", "abc?ef", 0},       /* mov rcx,[r12+…] */
        {"0f1f440000660f1f440000e9f0000000", "abcdef", 0}, /* nop */
        {"488937e9f8000000", NULL, 0},                     /* mov [rdi],rsi */
        {"7405e9f9000000", NULL, 0},                       /* je */
        {"5ce9fa000000", NULL, 0},                         /* pop rsp */
        {"4889fce9f8000000", NULL, 0},                     /* mov rsp,rdi */
        {"4883c708e9f7000000", NULL, 0},                   /* add rdi,8 */
        {"c3", NULL, 0},
        {"cc", NULL, 0},
        {"ffe0", NULL, 0}, /* jmp rax */
        {"", NULL, 0},
        /* pushed more often than is remembered; more steps than are followed */
        {"505050505050505050e9f2000000", NULL, 0},
        {"9090909090909090909090909090909090909090909090909090909090909090e9db000000", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_tail(rows[i].hex, rows[i].wanted, rows[i].number);
}

/* ------------------------------------------------------------------------------------------------------------ calls */

enum {
    MEMORY = 0x10000,
    RANDOM_AT = 0x100,
    SECRET_AT = 0x200,
    LABEL_AT = 0x300,
    SSL_AT = 0x400,
    STATE_AT = 0x500,
    STACK_AT = 0x800
};
static uint8_t memory[0x1000];

static bool read_at(void *context, uint64_t address, void *into, size_t n)
{
    (void)context;
    if (address < MEMORY || address - MEMORY > sizeof memory || n > sizeof memory - (address - MEMORY))
        return false;
    memcpy(into, memory + (address - MEMORY), n);
    return true;
}

static struct tool_call_randoms *randoms;

static size_t call(enum tool_trace_call how, const struct tool_cpu *cpu, char line[TOOL_CALL_LINE])
{
    return tool_call_line(how, cpu, 1, randoms, read_at, NULL, line);
}

static void set_memory(const char *label)
{
    memset(memory, 0, sizeof memory);
    memset(memory + RANDOM_AT, 0xab, 32);
    memset(memory + SECRET_AT, 0xcd, 80);
    memcpy(memory + LABEL_AT, label, strlen(label) + 1);
}

static void expect_line(enum tool_trace_call how, const struct tool_cpu *cpu, const char *label, unsigned n_secret)
{
    char line[TOOL_CALL_LINE], wanted[TOOL_CALL_LINE];
    size_t n = strlen(label);
    memcpy(wanted, label, n);
    wanted[n++] = ' ';
    for (unsigned i = 0; i < 32; i++, n += 2)
        memcpy(wanted + n, "ab", 2);
    wanted[n++] = ' ';
    for (unsigned i = 0; i < n_secret; i++, n += 2)
        memcpy(wanted + n, "cd", 2);
    assert_int_equal(call(how, cpu, line), n);
    assert_memory_equal(line, wanted, n);
    assert_int_equal(line[n], 0);
}

static struct tool_cpu go_registers(uint64_t label, uint64_t random, uint64_t secret)
{
    return (struct tool_cpu){
        .stack = MEMORY + STACK_AT,
        .go = {1, MEMORY + LABEL_AT, label, MEMORY + RANDOM_AT, random, random, MEMORY + SECRET_AT, secret, secret}};
}

static void test_call_go(void **state)
{
    (void)state;
    char line[TOOL_CALL_LINE];
    struct tool_cpu cpu = go_registers(13, 32, 48);
    set_memory("CLIENT_RANDOM and what follows it in memory");
    expect_line(TOOL_CALL_GO, &cpu, "CLIENT_RANDOM", 48);
    /* by the stack, before Go 1.17: whatever is in the registers */
    struct tool_cpu old = {.stack = MEMORY + STACK_AT, .go = {7, 7, 7, 7, 7, 7, 7, 7, 7}};
    for (unsigned i = 0; i < 9; i++)
        memcpy(memory + STACK_AT + 8 + 8 * i, &cpu.go[i], 8);
    expect_line(TOOL_CALL_GO, &old, "CLIENT_RANDOM", 48);
    memset(memory + STACK_AT, 0, 100);
    assert_int_equal(call(TOOL_CALL_GO, &old, line), 0);
}

/* TOOL_TRACE_LABEL, TOOL_TRACE_SECRET, and lengths that a random cannot have. */
static void test_call_limits(void **state)
{
    (void)state;
    char line[TOOL_CALL_LINE], label[TOOL_TRACE_LABEL + 2];
    memset(label, 'X', sizeof label);
    label[TOOL_TRACE_LABEL + 1] = 0;
    set_memory(label);
    struct tool_cpu cpu = go_registers(TOOL_TRACE_LABEL, 32, TOOL_TRACE_SECRET);
    char most[TOOL_TRACE_LABEL + 1] = {0};
    memset(most, 'X', TOOL_TRACE_LABEL);
    expect_line(TOOL_CALL_GO, &cpu, most, TOOL_TRACE_SECRET);
    cpu = go_registers(TOOL_TRACE_LABEL + 1, 32, 32);
    assert_int_equal(call(TOOL_CALL_GO, &cpu, line), 0);
    cpu = go_registers(5, 32, TOOL_TRACE_SECRET + 1);
    assert_int_equal(call(TOOL_CALL_GO, &cpu, line), 0);
    cpu = go_registers(5, 32, 0);
    assert_int_equal(call(TOOL_CALL_GO, &cpu, line), 0);
    cpu = go_registers(5, 31, 32);
    assert_int_equal(call(TOOL_CALL_GO, &cpu, line), 0);
    cpu = go_registers(5, UINT64_MAX, 32);
    assert_int_equal(call(TOOL_CALL_GO, &cpu, line), 0);
    cpu = go_registers(5, 32, 32);
    cpu.go[6] = MEMORY + sizeof memory - 16;
    assert_int_equal(call(TOOL_CALL_GO, &cpu, line), 0);
    memory[LABEL_AT + 3] = 'x';
    cpu = go_registers(5, 32, 32);
    assert_int_equal(call(TOOL_CALL_GO, &cpu, line), 0);
}

static void test_call_c(void **state)
{
    (void)state;
    char line[TOOL_CALL_LINE];
    struct tool_cpu keylog = {
        .arguments = {MEMORY + LABEL_AT, MEMORY + SSL_AT, MEMORY + RANDOM_AT, 32, MEMORY + SECRET_AT, 48}};
    set_memory("SERVER_TRAFFIC_SECRET_0");
    expect_line(TOOL_CALL_KEYLOG, &keylog, "SERVER_TRAFFIC_SECRET_0", 48);
    /* the encrypted premaster secret stands for the connection, 8 bytes of it: for "RSA" alone */
    keylog.arguments[3] = 8;
    assert_int_equal(call(TOOL_CALL_KEYLOG, &keylog, line), 0);
    set_memory("RSA");
    assert_int_equal(call(TOOL_CALL_KEYLOG, &keylog, line), 3 + 1 + 16 + 1 + 96);
    keylog.arguments[3] = 32;
    assert_int_equal(call(TOOL_CALL_KEYLOG, &keylog, line), 0);
    /* a text without an end */
    memset(memory + LABEL_AT, 'A', 200);
    assert_int_equal(call(TOOL_CALL_KEYLOG, &keylog, line), 0);
    keylog.arguments[0] = 0;
    assert_int_equal(call(TOOL_CALL_KEYLOG, &keylog, line), 0);
}

static void test_call_connection(void **state)
{
    (void)state;
    char line[TOOL_CALL_LINE];
    struct tool_cpu log = {.arguments = {MEMORY + SSL_AT, MEMORY + LABEL_AT, MEMORY + SECRET_AT, 32}};
    set_memory("CLIENT_TRAFFIC_SECRET_0");
    assert_int_equal(call(TOOL_CALL_OPENSSL, &log, line), 0);
    struct tool_cpu hello = {.arguments = {MEMORY + SSL_AT, 0, MEMORY + RANDOM_AT, 32}};
    assert_int_equal(call(TOOL_CALL_HELLO, &hello, line), 0);
    expect_line(TOOL_CALL_OPENSSL, &log, "CLIENT_TRAFFIC_SECRET_0", 32);
    /* a server tells where its own random is, behind which the client's is; bits above an int's are nobody's */
    hello = (struct tool_cpu){.arguments = {MEMORY + SSL_AT, 0x5500000001, MEMORY + RANDOM_AT - 32, 32}};
    assert_int_equal(call(TOOL_CALL_HELLO, &hello, line), 0);
    expect_line(TOOL_CALL_OPENSSL, &log, "CLIENT_TRAFFIC_SECRET_0", 32);
    /* BoringSSL: SSL, its SSL3_STATE, the client's random */
    uint64_t at = MEMORY + STATE_AT;
    memcpy(memory + SSL_AT + 0x30, &at, 8);
    memset(memory + STATE_AT + 0x30, 0xab, 32);
    expect_line(TOOL_CALL_BORINGSSL, &log, "CLIENT_TRAFFIC_SECRET_0", 32);
    memset(memory + SSL_AT + 0x30, 0, 8);
    assert_int_equal(call(TOOL_CALL_BORINGSSL, &log, line), 0);
    /* TOOL_TRACE_RANDOMS others, and the first is forgotten */
    for (unsigned i = 0; i < TOOL_TRACE_RANDOMS; i++) {
        if (i == TOOL_TRACE_RANDOMS - 1)
            expect_line(TOOL_CALL_OPENSSL, &log, "CLIENT_TRAFFIC_SECRET_0", 32);
        hello.arguments[0] = MEMORY + SSL_AT + 8 + i;
        assert_int_equal(call(TOOL_CALL_HELLO, &hello, line), 0);
    }
    assert_int_equal(call(TOOL_CALL_OPENSSL, &log, line), 0);
}

static int set_up(void **state)
{
    (void)state;
    randoms = tool_call_randoms_new();
    return randoms ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    tool_call_randoms_free(randoms);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code),
        cmocka_unit_test(test_code_relative),
        cmocka_unit_test(test_tail),
        cmocka_unit_test_setup_teardown(test_call_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_call_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_call_c, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_call_connection, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
