/* OpenSSL's function that all secrets pass, where it has no name. */
#include "trace_image.h"
#include "trace_label.h"
#include "trace_plan.h"

enum { LOGGER = TEXT + 0x400, KEYLOG = TEXT + 0x500, CALLER = TEXT + 0x600, LABELS = DATA + 0x80 };

static void put_code(struct image *f, size_t at, const char *hex)
{
    for (size_t i = 0; hex[2 * i]; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
        f->bytes[at + i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

/* lea rsi,[label]; mov rdi,rbx; call `to` */
static void put_caller(struct image *f, size_t at, size_t label, size_t to)
{
    put_code(f, at,
             "488d350000000048"
             "89dfe800000000");
    put(f, at + 3, (uint32_t)(label - (at + 7)), 4);
    put(f, at + 11, (uint32_t)(to - (at + 15)), 4);
}

/* ssl_log_secret(), which goes on at `to`. */
static void put_logger(struct image *f, size_t at, size_t to)
{
    put_code(f, at, "4889f84989d04889f74989c9488d9060010000b9200000004889c6e900000000");
    put(f, at + 28, (uint32_t)(to - (at + 32)), 4);
}

static struct image *nameless(void)
{
    static const char label[] = "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    struct image *f = image_new(ET_DYN);
    memcpy(f->bytes + SIZE - sizeof label, label, sizeof label);
    memcpy(f->bytes + LABELS, "CLIENT_RANDOM\0EARLY_EXPORTER_SECRET", sizeof "CLIENT_RANDOM\0EARLY_EXPORTER_SECRET");
    put_logger(f, LOGGER, KEYLOG);
    return f;
}

static void expect_label(struct image *f, size_t at)
{
    struct tool_elf_bytes bytes = bytes_of(f);
    struct tool_trace_plan plan;
    assert_true(tool_trace_plan(&bytes, &plan));
    assert_int_equal(plan.program, at ? TOOL_PROGRAM_POINTS : TOOL_PROGRAM_NAMELESS);
    assert_int_equal(plan.n, at != 0);
    if (!at)
        return;
    assert_int_equal(plan.points[0].call, TOOL_CALL_KEYLOG);
    assert_int_equal(plan.points[0].address, BASE + at);
    assert_int_equal(plan.points[0].offset, at);
}

static void test_labels(void **state)
{
    (void)state;
    struct image *f = nameless();
    expect_label(f, 0);
    put_caller(f, CALLER, LABELS, LOGGER);
    expect_label(f, KEYLOG);
    /* another label, which is the end of a longer one */
    memset(f->bytes + CALLER, 0, 16);
    put_caller(f, CALLER, LABELS + 14 + 6, LOGGER);
    expect_label(f, KEYLOG);
    /* of a program that is not moved: mov esi,label */
    memset(f->bytes + CALLER, 0, 16);
    put_code(f, CALLER, "be000000004889dfe800000000");
    put(f, CALLER + 1, BASE + LABELS, 4);
    put(f, CALLER + 9, (uint32_t)(LOGGER - (CALLER + 13)), 4);
    expect_label(f, KEYLOG);
    /* the label is handed to somebody else; a call that is too far behind it */
    put_caller(f, CALLER, LABELS, CALLER);
    expect_label(f, 0);
    put_caller(f, CALLER, LABELS, LOGGER);
    memmove(f->bytes + CALLER + 56, f->bytes + CALLER + 10, 5);
    memset(f->bytes + CALLER + 10, 0x90, 46);
    put(f, CALLER + 57, (uint32_t)(LOGGER - (CALLER + 61)), 4);
    expect_label(f, 0);
    free(f);
}

/* What does not hand on these six values is not taken for it; where two do, and not to the same place, neither. */
static void test_labels_wrong(void **state)
{
    (void)state;
    static const struct {
        unsigned at;
        uint8_t byte;
    } wrong[] = {{3, 0x48}, {8, 0xf9}, {11, 0xc8}, {14, 0x92}, {20, 0x30}, {26, 0xc7}, {27, 0xe7}, {31, 0x70}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct image *f = nameless();
        put_caller(f, CALLER, LABELS, LOGGER);
        f->bytes[LOGGER + wrong[i].at] = wrong[i].byte;
        expect_label(f, 0);
        free(f);
    }
    struct image *f = nameless();
    put_caller(f, CALLER, LABELS, LOGGER);
    put_caller(f, CALLER + 0x100, LABELS, LOGGER + 0x80);
    put_logger(f, LOGGER + 0x80, KEYLOG);
    expect_label(f, KEYLOG);
    put_logger(f, LOGGER + 0x80, KEYLOG + 0x10);
    expect_label(f, 0);
    free(f);
}

/* TOOL_LABEL_PLACES: those behind them are not known. */
static void test_labels_many(void **state)
{
    (void)state;
    struct image *f = nameless();
    memset(f->bytes + LABELS, 0, 64);
    for (unsigned i = 0; i <= TOOL_LABEL_PLACES; i++)
        memcpy(f->bytes + LABELS + i * 16, "CLIENT_RANDOM", 14);
    put_caller(f, CALLER, LABELS + (TOOL_LABEL_PLACES - 1) * 16, LOGGER);
    expect_label(f, KEYLOG);
    put_caller(f, CALLER, LABELS + TOOL_LABEL_PLACES * 16, LOGGER);
    expect_label(f, 0);
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_labels), cmocka_unit_test(test_labels_wrong),
                                       cmocka_unit_test(test_labels_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
