#include "make.h"
#include "registry/limits.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint8_t body[] = "sixteen bytes ..";

static struct wt_capture *open_made(const struct make *m)
{
    struct wt_error error = {0};
    struct wt_capture *c = wt_capture_open_memory(make_span(m), &error);
    assert_non_null(c);
    assert_string_equal(wt_capture_format(c), "pcap");
    assert_null(wt_capture_compression(c));
    return c;
}

static void test_magics_and_byte_orders(void **state)
{
    static const struct {
        uint32_t magic, unit;
        uint8_t digits;
    } kinds[] = {{0xa1b2c3d4, 1000, 6}, {0xa1b23c4d, 1, 9}};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct make m = {.swapped = i & 1};
        struct wt_packet p;
        struct wt_capture *c;
        make_pcap_header(&m, kinds[i / 2].magic, 4, 0xf0000071); /* frame check bits above the link type */
        make_pcap_packet(&m, 4000000000u, 123456, body, 16, 1500);
        make_pcap_packet(&m, 1, 2, body, 3, 0); /* an original length that is too small */
        make_pcap_packet(&m, 1, 2, body, 0, 0);
        c = open_made(&m);
        assert_true(wt_capture_next(c, &p));
        assert_int_equal(p.frame, 1);
        assert_int_equal(p.link, 0x71);
        assert_int_equal(p.length, 16);
        assert_int_equal(p.original, 1500);
        assert_memory_equal(p.data, body, 16);
        assert_int_equal(p.time.ns, INT64_C(4000000000000000000) + 123456 * (int64_t)kinds[i / 2].unit);
        assert_int_equal(p.time.digits, kinds[i / 2].digits);
        assert_true(wt_capture_next(c, &p));
        assert_int_equal(p.original, 3);
        assert_true(wt_capture_next(c, &p));
        assert_int_equal(p.frame, 3);
        assert_int_equal(p.length, 0);
        assert_false(wt_capture_next(c, &p));
        assert_int_equal(wt_capture_error(c)->code, WT_OK);
        assert_false(wt_capture_next(c, &p));
        assert_int_equal(wt_capture_position(c), m.b.n);
        wt_capture_close(c);
        wt_buffer_free(&m.b);
    }
}

/* Packet headers of 24 bytes (Kuznetsov), and four bytes more behind the file's header (IXIA). */
static void test_variants(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct make m = {.swapped = i};
        struct wt_packet p;
        struct wt_capture *c;
        make_pcap_header(&m, 0xa1b2cd34, 4, 1);
        for (unsigned k = 0; k < 2; k++) {
            make_pcap_packet(&m, 5, 6, "\1\0\0\0\0\1\2\0", 8, 16);
            make_bytes(&m, body, 16);
            memcpy(m.b.p + m.b.n - 32, &(uint32_t){i ? __builtin_bswap32(16) : 16}, 4);
        }
        c = open_made(&m);
        for (unsigned k = 0; k < 2; k++) {
            assert_true(wt_capture_next(c, &p));
            assert_int_equal(p.length, 16);
            assert_memory_equal(p.data, body, 16);
        }
        assert_false(wt_capture_next(c, &p));
        assert_int_equal(wt_capture_error(c)->code, WT_OK);
        wt_capture_close(c);
        wt_buffer_free(&m.b);

        m = (struct make){.swapped = i};
        make_pcap_header(&m, i ? 0x1c0001ac : 0x1c0001ab, 4, 1);
        make_32(&m, 32);
        make_pcap_packet(&m, 5, 6, body, 16, 16);
        c = open_made(&m);
        assert_true(wt_capture_next(c, &p));
        assert_memory_equal(p.data, body, 16);
        assert_int_equal(p.time.ns, INT64_C(5000000006));
        wt_capture_close(c);
        wt_buffer_free(&m.b);
    }
}

/* Before version 2.3 the original length stood first. */
static void test_old_versions(void **state)
{
    (void)state;
    for (uint16_t minor = 2; minor <= 4; minor++) {
        struct make m = {0};
        struct wt_packet p;
        struct wt_capture *c;
        make_pcap_header(&m, 0xa1b2c3d4, minor, 1);
        make_32(&m, 1);
        make_32(&m, 2);
        make_32(&m, minor == 4 ? 16 : 99);
        make_32(&m, minor == 4 ? 99 : 16);
        make_bytes(&m, body, 16);
        c = open_made(&m);
        assert_true(wt_capture_next(c, &p));
        assert_int_equal(p.length, 16);
        assert_int_equal(p.original, 99);
        wt_capture_close(c);
        wt_buffer_free(&m.b);
    }
}

/* Cut at every byte: what is whole is given, and the error says where and how much is missing. */
static void test_truncation(void **state)
{
    struct make m = {0};
    (void)state;
    make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
    for (unsigned i = 0; i < 3; i++)
        make_pcap_packet(&m, i, i, body, 16, 16);
    for (size_t n = 0; n <= m.b.n; n++) {
        uint8_t *copy = malloc(n + 1); /* of its own, so that a sanitizer sees a read too far */
        struct wt_error error = {0};
        struct wt_packet p;
        struct wt_capture *c;
        size_t whole = n < 24 ? 0 : (n - 24) / 32, given = 0;
        memcpy(copy, m.b.p, n);
        c = wt_capture_open_memory(wt_span_of(copy, n), &error);
        if (n < 24) {
            assert_null(c);
            assert_int_equal(error.code, WT_FORMAT);
            free(copy);
            continue;
        }
        while (wt_capture_next(c, &p))
            given++;
        assert_int_equal(given, whole);
        if ((n - 24) % 32 == 0) {
            assert_int_equal(wt_capture_error(c)->code, WT_OK);
        } else {
            size_t there = (n - 24) % 32;
            assert_int_equal(wt_capture_error(c)->code, WT_TRUNCATED);
            assert_int_equal(wt_capture_error(c)->offset, 24 + 32 * whole);
            assert_int_equal(wt_capture_error(c)->value, there);
            assert_int_equal(wt_capture_error(c)->bound, there < 16 ? 16 : 32);
        }
        wt_capture_close(c);
        free(copy);
    }
    wt_buffer_free(&m.b);
}

static void test_absurd_length(void **state)
{
    struct make m = {0};
    struct wt_packet p;
    struct wt_capture *c;
    (void)state;
    make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
    make_pcap_packet(&m, 1, 1, body, 16, 16);
    make_pcap_packet(&m, 1, 1, body, 16, 16);
    memcpy(m.b.p + 24 + 32 + 8, &(uint32_t){WT_LIMIT_PACKET + 1}, 4);
    c = open_made(&m);
    assert_true(wt_capture_next(c, &p));
    assert_false(wt_capture_next(c, &p));
    assert_int_equal(wt_capture_error(c)->code, WT_LENGTH);
    assert_int_equal(wt_capture_error(c)->offset, 24 + 32);
    assert_int_equal(wt_capture_error(c)->value, WT_LIMIT_PACKET + 1);
    assert_false(wt_capture_next(c, &p));
    wt_capture_close(c);
    wt_buffer_free(&m.b);
}

static void check_run(struct wt_capture *c, unsigned packets)
{
    struct wt_packet p;
    unsigned i = 0;
    while (wt_capture_next(c, &p)) {
        for (uint32_t k = 0; k < p.length; k++)
            if (p.data[k] != (i & 0xff))
                fail_msg("packet %u has a foreign byte at %u", i, k);
        assert_int_equal(p.frame, ++i);
    }
    assert_int_equal(i, packets);
    assert_int_equal(wt_capture_error(c)->code, WT_OK);
}

/* Packets that straddle the blocks in which a file is read. */
static void test_blocks(void **state)
{
    struct make m = {0};
    struct wt_capture *c;
    (void)state;
    make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
    make_pcap_run(&m, 3000, 1); /* 6 MB */
    c = open_made(&m);
    assert_int_equal(wt_capture_size(c), m.b.n);
    check_run(c, 3000);
    wt_capture_close(c);
    wt_buffer_free(&m.b);
}

/* Through a pipe, a few bytes at a time. */
static void test_pipe(void **state)
{
    struct make m = {0};
    struct wt_error error = {0};
    struct wt_capture *c;
    int ends[2];
    pid_t child;
    (void)state;
    make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
    make_pcap_run(&m, 50, 2);
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        uint64_t random = 3;
        (void)close(ends[0]);
        for (size_t at = 0; at < m.b.n;) {
            size_t n = make_random(&random) % 7 + 1;
            ssize_t k = write(ends[1], m.b.p + at, n < m.b.n - at ? n : m.b.n - at);
            if (k < 0)
                _exit(1);
            at += (size_t)k;
        }
        _exit(0);
    }
    (void)close(ends[1]);
    c = wt_capture_open_fd(ends[0], "pipe", &error);
    assert_non_null(c);
    assert_int_equal(wt_capture_size(c), 0);
    check_run(c, 50);
    wt_capture_close(c);
    assert_int_equal(waitpid(child, NULL, 0), child);
    wt_buffer_free(&m.b);
}

/* Behind so many bytes that the file is mapped and not read; they are a hole. */
enum { BEFORE = 256 << 20 };

static int temporary(const struct make *m, size_t n)
{
    char path[] = "/tmp/wiretale-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    for (size_t at = 0; at < n;) {
        ssize_t k = pwrite(fd, m->b.p + at, n - at, (off_t)(BEFORE + at));
        assert_true(k > 0);
        at += (size_t)k;
    }
    return fd;
}

enum { MANY = 20000 }; /* packets: 40 MB */

/* A large file, from its start and from where the descriptor happens to stand. */
static void test_large_file(void **state)
{
    struct make m = {0};
    (void)state;
    make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
    make_pcap_run(&m, MANY, 1);
    for (unsigned i = 0; i < 2; i++) {
        struct wt_error error = {0};
        int fd = temporary(&m, m.b.n);
        struct wt_capture *c;
        assert_int_equal(lseek(fd, BEFORE, SEEK_SET), BEFORE);
        c = wt_capture_open_fd(fd, "large", &error);
        assert_non_null(c);
        assert_int_equal(wt_capture_size(c), BEFORE + m.b.n);
        check_run(c, MANY);
        assert_int_equal(wt_capture_position(c), BEFORE + m.b.n);
        wt_capture_close(c);
    }
    wt_buffer_free(&m.b);
}

/* Cut inside its last packet before it is read: the same is told as of a small file; and while it is read. */
static void test_large_file_cut(void **state)
{
    struct make m = {0};
    (void)state;
    make_pcap_header(&m, 0xa1b2c3d4, 4, 1);
    make_pcap_run(&m, MANY, 1);
    for (unsigned i = 0; i < 2; i++) {
        struct wt_error error = {0};
        size_t n = m.b.n - 5 * 1000 * 1000;
        uint64_t end = 24;
        int fd = temporary(&m, i ? n : m.b.n), other = dup(fd);
        struct wt_packet p;
        struct wt_capture *c;
        assert_int_equal(lseek(fd, BEFORE, SEEK_SET), BEFORE);
        c = wt_capture_open_fd(fd, "large", &error);
        assert_non_null(c);
        assert_true(wt_capture_next(c, &p));
        end += 16 + p.length;
        assert_int_equal(ftruncate(other, (off_t)(BEFORE + n)), 0);
        while (wt_capture_next(c, &p))
            end += 16 + p.length;
        assert_int_equal(wt_capture_error(c)->code, i ? WT_TRUNCATED : WT_SHRUNK);
        assert_int_equal(wt_capture_error(c)->offset, end);
        assert_int_equal(wt_capture_error(c)->value, i ? n - end : 0);
        wt_capture_close(c);
        (void)close(other);
    }
    wt_buffer_free(&m.b);
}

static void test_no_capture(void **state)
{
    struct wt_error error = {0};
    static const char text[] = "This is a text of more than twenty-four bytes.";
    (void)state;
    assert_null(wt_capture_open_memory(wt_span_text(text), &error));
    assert_int_equal(error.code, WT_FORMAT);
    assert_null(wt_capture_open_memory((struct wt_span){NULL, 0}, &error));
    assert_int_equal(error.code, WT_FORMAT);
    assert_null(wt_capture_open("/nonexistent/file", &error));
    assert_int_equal(error.code, WT_IO);
    assert_int_equal(error.value, 2);
    assert_null(wt_capture_open("/", &error)); /* opens, and cannot be read */
    assert_int_equal(error.code, WT_IO);
}

int main(void)
{
    (void)wt_capture_map_files();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_magics_and_byte_orders),
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_old_versions),
        cmocka_unit_test(test_truncation),
        cmocka_unit_test(test_absurd_length),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_no_capture),
        cmocka_unit_test(test_large_file),
        cmocka_unit_test(test_large_file_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
