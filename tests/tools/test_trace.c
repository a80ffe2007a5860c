/* Programs' files as tracing reads them, made here byte by byte: Go's tables of each version, symbols, what is damaged.
 * And calls of functions that write key logs, with registers and memory made up. */
#include "trace_go.h"
#include "trace_image.h"
#include "trace_plan.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --------------------------------------------------------------------------------------------------------------- Go */

static const char *const functions[] = {"runtime.text", "crypto/tls.(*Config).writeKeyLog", "main.writeKeyLog",
                                        "main.main", "example.com/v/qtls.(*config).writeKeyLog"};
enum { FUNCTIONS = sizeof functions / sizeof functions[0], ENTRY = 0x40 }; /* each is so far behind the one before */

static size_t put_names(struct image *f, size_t at, uint32_t *names, size_t base)
{
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        memcpy(f->bytes + at, functions[i], strlen(functions[i]) + 1);
        names[i] = (uint32_t)(at - base);
        at += strlen(functions[i]) + 1;
    }
    return at;
}

/* .gopclntab as that version writes it. `text`: the address of the text that its header says. */
static void put_table(struct image *f, uint32_t magic, uint64_t text)
{
    uint32_t names[FUNCTIONS];
    unsigned half = magic == 0xfffffffb || magic == 0xfffffffa ? 8 : 4;
    size_t list = TABLE + (magic == 0xfffffffb ? 16 : 0x80), infos = list + (FUNCTIONS + 1) * 2 * half,
           texts = infos + FUNCTIONS * 16;
    size_t base = magic == 0xfffffffb ? TABLE : list;
    put(f, TABLE, magic, 4);
    f->bytes[TABLE + 6] = 1;
    f->bytes[TABLE + 7] = 8;
    put(f, TABLE + 8, FUNCTIONS, 8);
    put_names(f, texts, names, magic == 0xfffffffb ? TABLE : texts);
    if (magic == 0xfffffffa) {
        put(f, TABLE + 8 + 2 * 8, texts - TABLE, 8);
        put(f, TABLE + 8 + 6 * 8, list - TABLE, 8);
    } else if (half == 4) {
        put(f, TABLE + 8 + 2 * 8, text, 8);
        put(f, TABLE + 8 + 3 * 8, texts - TABLE, 8);
        put(f, TABLE + 8 + 7 * 8, list - TABLE, 8);
    }
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        put(f, list + i * 2 * half, (half == 8 ? BASE + TEXT : 0) + i * ENTRY, half);
        put(f, list + i * 2 * half + half, infos + i * 16 - base, half);
        put(f, infos + i * 16 + half, names[i], 4);
    }
}

static struct image *go_image(uint16_t type, uint32_t magic, uint64_t text)
{
    struct image *f = image_new(type);
    put_table(f, magic, text);
    section(f, ".gopclntab", SHT_PROGBITS, TABLE, DATA - TABLE, 0);
    section(f, ".text", SHT_PROGBITS, TEXT, TABLE - TEXT, 0);
    return f;
}

static void expect_go(struct image *f)
{
    struct tool_trace_plan plan;
    struct tool_elf_bytes bytes = bytes_of(f);
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.program, TOOL_PROGRAM_POINTS);
    assert_int_equal(plan.n, 2);
    assert_int_equal(plan.points[0].address, BASE + TEXT + 1 * ENTRY);
    assert_int_equal(plan.points[1].address, BASE + TEXT + 4 * ENTRY);
    assert_int_equal(plan.points[0].call, TOOL_CALL_GO);
    /* room behind the code, one after the other */
    assert_int_equal(plan.points[0].aside, BASE + TEXT_END);
    assert_int_equal(plan.points[1].aside, BASE + TEXT_END + plan.points[0].n_moved);
    assert_int_equal(plan.entry, BASE + TEXT);
}

static const uint32_t magics[] = {0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1};

static void test_go_versions(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct image *f = go_image(ET_EXEC, magics[i], BASE + TEXT);
        expect_go(f);
        free(f);
    }
}

/* The header's word has nothing in it before the program is loaded; what will be in it is among the relocations. */
static void test_go_moved(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct image *f = go_image(ET_DYN, magics[i], 0);
        dynamic(f, DT_RELA, BASE + RELOCATIONS);
        dynamic(f, DT_RELASZ, 8 * sizeof(Elf64_Rela));
        if (i >= 2) {
            relocation(f, TABLE + 8 + 2 * 8, TEXT);
        } else {
            size_t list = TABLE + (i == 0 ? 16 : 0x80);
            for (unsigned k = 0; k < FUNCTIONS; k++) {
                put(f, list + k * 16, 0, 8);
                relocation(f, list + k * 16, TEXT + k * ENTRY);
            }
        }
        expect_go(f);
        free(f);
    }
}

/* Newer versions leave the header's word empty: the runtime's description of the module has the text's address. */
static void test_go_module(void **state)
{
    (void)state;
    struct image *f = go_image(ET_EXEC, 0xfffffff1, 0);
    /* the program was linked by gcc, whose own code comes first in .text */
    for (size_t to = 0; to < 64 * 8; to++)
        if (f->bytes[SECTION_NAMES + to] == '.' && memcmp(f->bytes + SECTION_NAMES + to, ".text", 6) == 0)
            f->bytes[SECTION_NAMES + to + 1] = 'T';
    section(f, ".text", SHT_PROGBITS, TEXT - 0x10, 0x10, 0);
    put(f, DATA + 0x40, BASE + TABLE, 8);              /* somebody else's word that looks like it */
    put(f, DATA + 0x100, BASE + TABLE, 8);             /* runtime.firstmoduledata */
    put(f, DATA + 0x100 + 22 * 8, BASE + TEXT, 8);     /* text */
    put(f, DATA + 0x100 + 23 * 8, BASE + TEXT_END, 8); /* etext */
    expect_go(f);
    free(f);
}

/* The table is found by what it looks like where there are no sections, and where a linker gave it another one's name.
 */
static void test_go_without_sections(void **state)
{
    (void)state;
    struct image *f = go_image(ET_EXEC, 0xfffffff0, BASE + TEXT);
    put(f, 40, 0, 8);
    put(f, 60, 0, 2);
    expect_go(f);
    free(f);
    f = image_new(ET_EXEC);
    put_table(f, 0xfffffff1, BASE + TEXT);
    section(f, ".go.buildinfo", SHT_PROGBITS, DATA, 16, 0);
    expect_go(f);
    free(f);
}

/* Other versions than those that are known, and other sizes of words. */
static void test_go_unknown(void **state)
{
    (void)state;
    struct tool_trace_plan plan;
    for (unsigned what = 0; what < 3; what++) {
        struct image *f = go_image(ET_EXEC, 0xfffffff1, BASE + TEXT);
        struct tool_elf_bytes bytes = bytes_of(f);
        if (what == 0)
            put(f, TABLE, 0xfffffff7, 4);
        else if (what == 1)
            f->bytes[TABLE + 7] = 4;
        else
            put(f, TABLE + 8, TOOL_GO_FUNCTIONS + 1, 8);
        assert_true(tool_trace_plan(&bytes, &plan));
        assert_int_equal(plan.n, 0);
        free(f);
    }
}

/* More names fit than there are breakpoints, and than are looked for. */
static void test_go_many(void **state)
{
    (void)state;
    struct image *f = image_new(ET_EXEC);
    struct tool_elf elf;
    struct tool_elf_bytes bytes = bytes_of(f);
    uint64_t found[TOOL_GO_NAMES + 2];
    enum { LIST = TABLE + 0x80, INFOS = LIST + 0x100, TEXTS = INFOS + 0x100, MANY = TOOL_GO_NAMES + 1 };
    put(f, TABLE, 0xfffffff1, 4);
    f->bytes[TABLE + 6] = 1;
    f->bytes[TABLE + 7] = 8;
    put(f, TABLE + 8, MANY, 8);
    put(f, TABLE + 8 + 2 * 8, BASE + TEXT, 8);
    put(f, TABLE + 8 + 3 * 8, TEXTS - TABLE, 8);
    put(f, TABLE + 8 + 7 * 8, LIST - TABLE, 8);
    for (unsigned i = 0; i < MANY; i++) {
        char name[] = "a.config).w";
        name[0] = (char)('a' + i);
        memcpy(f->bytes + TEXTS + i * sizeof name, name, sizeof name);
        put(f, LIST + i * 8, i * ENTRY, 4);
        put(f, LIST + i * 8 + 4, INFOS + i * 8 - LIST, 4);
        put(f, INFOS + i * 8 + 4, i * sizeof name, 4);
    }
    section(f, ".gopclntab", SHT_PROGBITS, TABLE, DATA - TABLE, 0);
    assert_true(tool_elf_open(&elf, &bytes));
    assert_int_equal(tool_go_functions(&elf, "onfig).w", found, MANY), TOOL_GO_NAMES);
    assert_int_equal(tool_go_functions(&elf, "onfig).w", found, TOOL_TRACE_POINTS), TOOL_TRACE_POINTS);
    assert_int_equal(tool_go_functions(&elf, "onfig).x", found, MANY), 0);
    free(f);
}

/* ---------------------------------------------------------------------------------------------------------- symbols */

static void expect_symbols(const char *const *names, const enum tool_trace_call *calls, unsigned n, uint32_t kind)
{
    struct image *f = image_new(ET_DYN);
    struct tool_elf_bytes bytes = bytes_of(f);
    struct tool_trace_plan plan;
    unsigned count = 0;
    for (; names[count]; count++)
        symbol(f, names[count], TEXT + count * ENTRY);
    section(f, ".symbols", kind, SYMBOLS, f->n_symbols * sizeof(Elf64_Sym), 1);
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_true(plan.moved);
    assert_int_equal(plan.n, n);
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(plan.points[i].call, calls[i]);
    assert_int_equal(plan.program, n > 0 ? TOOL_PROGRAM_POINTS : TOOL_PROGRAM_OTHER);
    free(f);
}

static void test_symbols(void **state)
{
    (void)state;
    static const char *const whole[] = {"main", "ssl_log_secret", "nss_keylog_int", "ssl_fill_hello_random", NULL};
    static const char *const pair[] = {"nss_keylog_int.part.0", "ssl_log_secret", "ssl_fill_hello_random", NULL};
    static const char *const half[] = {"ssl_log_secret", "main", NULL};
    static const char *const boring[] = {"_ZN4bssl14ssl_log_secretEPK6ssl_stPKcNS_4SpanIKhEE", NULL};
    static const enum tool_trace_call keylog[] = {TOOL_CALL_KEYLOG}, two[] = {TOOL_CALL_HELLO, TOOL_CALL_OPENSSL},
                                      span[] = {TOOL_CALL_BORINGSSL};
    expect_symbols(whole, keylog, 1, SHT_SYMTAB);
    expect_symbols(whole, keylog, 1, SHT_DYNSYM);
    expect_symbols(pair, two, 2, SHT_SYMTAB);
    expect_symbols(half, NULL, 0, SHT_SYMTAB);
    expect_symbols(boring, span, 1, SHT_SYMTAB);
}

/* Linked with libssl; with TLS and no names; with neither. */
static void test_kinds(void **state)
{
    (void)state;
    static const char label[] = "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    struct tool_trace_plan plan;
    struct image *f = image_new(ET_DYN);
    struct tool_elf_bytes bytes = bytes_of(f);
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.program, TOOL_PROGRAM_OTHER);
    memcpy(f->bytes + SIZE - sizeof label, label, sizeof label);
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.program, TOOL_PROGRAM_NAMELESS);
    memcpy(f->bytes + NAMES + 1, "libssl.so.3", 12);
    dynamic(f, DT_STRTAB, BASE + NAMES);
    dynamic(f, DT_NEEDED, 1);
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.program, TOOL_PROGRAM_LIBRARY);
    put(f, 18, EM_S390, 2);
    assert_false(tool_trace_plan(&bytes, &plan));
    free(f);
}

/* ------------------------------------------------------------------------------------------------------------- room */

/* Where code ends with its page, room is between functions; where there is none of either, there is no breakpoint. */
static void test_room(void **state)
{
    (void)state;
    struct tool_trace_plan plan;
    struct image *f = go_image(ET_EXEC, 0xfffffff1, BASE + TEXT);
    struct tool_elf_bytes bytes = bytes_of(f);
    segment(f, 0, PT_LOAD, PF_R | PF_X, TEXT, TABLE - TEXT);
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.program, TOOL_PROGRAM_POINTS);
    assert_int_equal(plan.n, 2);
    assert_int_equal(plan.points[0].n_moved, 0);
    assert_int_equal(plan.points[0].offset, TEXT + ENTRY);
    assert_int_equal(plan.points[1].n_moved, 0);
    memset(f->bytes + TEXT + 0x203, TOOL_CODE_BREAKPOINT, 6);  /* too short */
    memset(f->bytes + TEXT + 0x301, TOOL_CODE_BREAKPOINT, 14); /* ends before a function could begin */
    memset(f->bytes + TEXT + 0x401, TOOL_CODE_BREAKPOINT, 15);
    memset(f->bytes + TEXT + 0x501, TOOL_CODE_BREAKPOINT, 15);
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.n, 2);
    assert_int_equal(plan.points[0].aside, BASE + TEXT + 0x410 - plan.points[0].n_moved);
    assert_int_equal(plan.points[1].aside, BASE + TEXT + 0x510 - plan.points[1].n_moved);
    /* the page's rest is another segment's */
    segment(f, 0, PT_LOAD, PF_R | PF_X, TEXT, TEXT_END - TEXT);
    segment(f, 3, PT_LOAD, PF_R, TEXT_END + 0x40, 0x20);
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.points[0].aside, BASE + TEXT + 0x410 - plan.points[0].n_moved);
    /* a function that begins with a jump */
    f->bytes[TEXT + ENTRY] = 0xe9;
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.n, 2);
    assert_int_equal(plan.points[0].n_moved, 0);
    assert_true(plan.points[1].n_moved > 5);
    free(f);
}

/* ----------------------------------------------------------------------------------------------------------- damage */

static struct image *everything(void)
{
    struct image *f = go_image(ET_DYN, 0xfffffff1, 0);
    symbol(f, "nss_keylog_int", TEXT);
    section(f, ".symtab", SHT_SYMTAB, SYMBOLS, f->n_symbols * sizeof(Elf64_Sym), 1);
    dynamic(f, DT_RELA, BASE + RELOCATIONS);
    dynamic(f, DT_RELASZ, 4 * sizeof(Elf64_Rela));
    relocation(f, TABLE + 8 + 2 * 8, TEXT);
    return f;
}

/* A file that ends at any byte, and one in which any byte is another: whatever they say, only bytes of the file are
 * read (which a sanitizer sees), and a point is in code. */
static void test_damage(void **state)
{
    (void)state;
    struct image *f = everything();
    struct tool_trace_plan plan;
    for (uint64_t size = 0; size < SIZE; size += size < 0x400 || size > SECTIONS ? 1 : 16) {
        struct tool_elf_bytes bytes = {read_image, f, size};
        (void)tool_trace_plan(&bytes, &plan);
    }
    struct tool_elf_bytes bytes = bytes_of(f);
    for (size_t at = 0; at < SIZE; at++)
        for (unsigned k = 0; k < 3; k++) {
            uint8_t before = f->bytes[at];
            if (!before && at > 0x200 && at % 8 > 1)
                continue;
            f->bytes[at] = (uint8_t[]){0xff, 0x00, 0x7f}[k];
            if (tool_trace_plan(&bytes, &plan))
                for (unsigned i = 0; i < plan.n; i++)
                    assert_true(plan.points[i].address != 0);
            f->bytes[at] = before;
        }
    free(f);
}

/* Tables that are larger than the file, or than anybody has: TOOL_ELF_TABLE, TOOL_ELF_SECTIONS, TOOL_ELF_SEGMENTS. */
static void test_elf_limits(void **state)
{
    (void)state;
    struct image *f = image_new(ET_EXEC);
    struct tool_elf elf;
    struct tool_elf_bytes bytes = bytes_of(f);
    struct tool_elf_part part = {.offset = 0, .size = SIZE};
    assert_true(tool_elf_open(&elf, &bytes));
    uint8_t *all = tool_elf_load(&elf, &part);
    assert_non_null(all);
    free(all);
    part.size = SIZE + 1;
    assert_null(tool_elf_load(&elf, &part));
    elf.bytes.size = UINT64_MAX;
    part.size = (uint64_t)TOOL_ELF_TABLE + 1;
    assert_null(tool_elf_load(&elf, &part));
    put(f, 60, 0xffff, 2);
    assert_true(tool_elf_open(&elf, &bytes));
    assert_int_equal(elf.n_sections, TOOL_ELF_SECTIONS);
    for (unsigned i = 0; i < TOOL_ELF_SEGMENTS + 1; i++)
        segment(f, i, PT_LOAD, PF_R, 0, SIZE);
    put(f, 56, TOOL_ELF_SEGMENTS, 2);
    assert_true(tool_elf_open(&elf, &bytes));
    assert_int_equal(elf.n_segments, TOOL_ELF_SEGMENTS);
    put(f, 56, TOOL_ELF_SEGMENTS + 1, 2);
    assert_true(tool_elf_open(&elf, &bytes));
    assert_int_equal(elf.n_segments, TOOL_ELF_SEGMENTS);
    free(f);
}

/* A file of zeros, with a program's first bytes and, far behind them, those of a table. */
struct sparse {
    struct image *image;
    uint64_t table;
};

static bool read_sparse(void *context, uint64_t offset, void *into, size_t n)
{
    static const uint8_t table[] = {0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8};
    const struct sparse *s = context;
    uint8_t *to = into;
    memset(to, 0, n);
    if (offset < SIZE)
        memcpy(to, s->image->bytes + offset, n < SIZE - offset ? n : (size_t)(SIZE - offset));
    if (s->table >= offset && s->table + sizeof table <= offset + n)
        memcpy(to + (s->table - offset), table, sizeof table);
    return true;
}

/* A table that nothing names is found in the last piece of what is searched (TOOL_ELF_SCANNED), and no longer in the
 * first behind it. */
static void test_elf_scanned(void **state)
{
    (void)state;
    enum { STEP = 1 << 16, STEPS = TOOL_ELF_SCANNED / STEP - 1 }; /* the first segment takes one */
    struct sparse s = {.image = image_new(ET_EXEC), .table = UINT64_MAX / 2};
    struct tool_elf_bytes bytes = {read_sparse, &s, TABLE + (uint64_t)(STEPS + 2) * STEP};
    struct tool_elf elf;
    segment(s.image, 1, PT_LOAD, PF_R, TABLE, bytes.size - TABLE);
    put(s.image, 40, 0, 8);
    put(s.image, 60, 0, 2);
    assert_true(tool_elf_open(&elf, &bytes));
    s.table = TABLE + (uint64_t)(STEPS - 1) * STEP;
    assert_true(tool_go_is(&elf));
    s.table += STEP;
    assert_false(tool_go_is(&elf));
    free(s.image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_go_versions), cmocka_unit_test(test_go_moved),
        cmocka_unit_test(test_go_module),   cmocka_unit_test(test_go_without_sections),
        cmocka_unit_test(test_go_unknown),  cmocka_unit_test(test_go_many),
        cmocka_unit_test(test_symbols),     cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_room),        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_elf_limits),  cmocka_unit_test(test_elf_scanned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
