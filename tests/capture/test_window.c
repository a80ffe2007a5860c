/* Files that become shorter while they are read: a rotation that truncates (logrotate's copytruncate, tcpdump -W). */
#include "make.h"

#include "base/thread.h"
#include "capture/mapped.h"
#include "capture/window.h"
#include "registry/limits.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RECORD = 1024, HEADER = 24 };
enum { MAPPED = 40 * 1024, SMALL = 3 * 1024 }; /* packets: 40 and 3 MiB */

/* bytes: before the first of MAPPED packets, so that the file is mapped and not read; they are a hole. */
static off_t hole_of(unsigned packets)
{
    return packets == MAPPED ? 256 << 20 : 0;
}

/* A file of so many packets, each with its header 1,024 bytes; at its start for reading. */
static int file_of(unsigned packets, char path[64])
{
    static uint8_t body[RECORD - 16];
    struct make m = {0};
    (void)snprintf(path, 64, "/tmp/window-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    make_pcap_header(&m, 0xa1b2c3d4, 4, 101);
    for (unsigned i = 0; i < packets; i++) {
        memset(body, (int)i, sizeof body);
        make_pcap_packet(&m, i, 0, body, sizeof body, sizeof body);
    }
    assert_int_equal(pwrite(fd, m.b.p, m.b.n, hole_of(packets)), (ssize_t)m.b.n);
    wt_buffer_free(&m.b);
    assert_int_equal(lseek(fd, hole_of(packets), SEEK_SET), hole_of(packets));
    return fd;
}

/* Packets that are read, of which the first `before` come before the file is cut to `left` bytes. */
static unsigned read_cut(unsigned packets, unsigned before, unsigned left, enum wt_code code)
{
    struct wt_error error = {0};
    struct wt_packet p;
    char path[64];
    unsigned n = 0;
    int fd = file_of(packets, path);
    struct wt_capture *c = wt_capture_open_fd(dup(fd), path, &error);
    assert_non_null(c);
    while (wt_capture_next(c, &p)) {
        assert_int_equal(p.length, RECORD - 16);
        assert_int_equal(p.data[0], (uint8_t)n); /* none of what is no more */
        if (++n == before)
            assert_int_equal(ftruncate(fd, hole_of(packets) + (off_t)left), 0);
    }
    assert_int_equal(wt_capture_error(c)->code, code);
    assert_false(wt_capture_next(c, &p));
    assert_int_equal(wt_capture_error(c)->code, code);
    wt_capture_close(c);
    (void)close(fd);
    (void)unlink(path);
    return n;
}

static void test_mapped(void **state)
{
    (void)state;
    assert_true(wt_capture_map_files());
    assert_true(wt_capture_map_files()); /* once is enough */
    assert_int_equal(read_cut(MAPPED, 0, 0, WT_OK), MAPPED);
    /* within the window that is in use; all of it; at the end of a packet in a later window */
    assert_true(read_cut(MAPPED, 10, 8192, WT_SHRUNK) >= 10);
    assert_true(read_cut(MAPPED, 5000, 0, WT_SHRUNK) >= 5000);
    assert_int_equal(read_cut(MAPPED, 10, HEADER + 20000 * RECORD, WT_SHRUNK), 20000);
}

/* A file that now ends before what was mapped of it: nothing there is touched, and nothing is given. */
static void test_end_before_window(void **state)
{
    enum { PACKETS = 1024, BEFORE = 64 * 1024 };
    char path[64];
    (void)state;
    assert_true(wt_capture_map_files());
    for (unsigned left = 0; left < 3; left++) {
        int fd = file_of(PACKETS, path);
        struct wt_window *window = wt_window_take();
        struct wt_mapped *m = wt_mapped_open(fd, BEFORE, PACKETS * RECORD - BEFORE, window);
        assert_non_null(m);
        assert_int_equal(ftruncate(fd, left == 2 ? BEFORE + 10 : left * BEFORE), 0);
        assert_int_equal(wt_mapped_more(m, 0), left == 2 ? 10 : 0);
        assert_false(wt_window_is_lost(window));
        assert_null(wt_window_gone(window));
        wt_mapped_close(m);
        wt_window_release(window);
        (void)close(fd);
        (void)unlink(path);
    }
}

/* As many files have a window as there may be; one more is read. */
static void test_windows(void **state)
{
    struct wt_window *taken[WT_LIMIT_WINDOWS];
    (void)state;
    assert_true(wt_capture_map_files());
    for (unsigned i = 0; i < WT_LIMIT_WINDOWS; i++)
        assert_non_null(taken[i] = wt_window_take());
    assert_null(wt_window_take());
    assert_int_equal(read_cut(MAPPED, 0, 0, WT_OK), MAPPED);
    wt_window_release(taken[7]);
    assert_ptr_equal(wt_window_take(), taken[7]);
    for (unsigned i = 0; i < WT_LIMIT_WINDOWS; i++)
        wt_window_release(taken[i]);
}

static unsigned threads(void)
{
    unsigned n = 0;
    DIR *d = opendir("/proc/self/task");
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    (void)closedir(d);
    return n;
}

/* The most threads that there were while so many packets were read. */
static unsigned threads_of(unsigned packets)
{
    struct wt_error error = {0};
    struct wt_packet p;
    char path[64];
    unsigned most = 0;
    struct wt_capture *c = wt_capture_open_fd(file_of(packets, path), path, &error);
    assert_non_null(c);
    for (unsigned n = 0; wt_capture_next(c, &p); n++)
        if (n % 1024 == 0 && threads() > most)
            most = threads();
    wt_capture_close(c);
    assert_int_equal(threads(), 1); /* it ends with the capture */
    (void)unlink(path);
    return most;
}

/* The same with a second thread, which a small file does not have, nor anybody who did not ask. */
static void test_ahead(void **state)
{
    const unsigned more = wt_thread_is_worth_it() ? 2 : 1;
    assert_int_equal(threads_of(MAPPED), 1);
    wt_capture_read_ahead(true);
    test_mapped(state);
    assert_int_equal(threads_of(MAPPED), more);
    assert_int_equal(threads_of(SMALL), 1);
    wt_capture_read_ahead(false);
    assert_int_equal(threads_of(MAPPED), 1);
}

/* What is only made ready may be gone: that is no loss while nobody looks at it. */
static void test_made_ready(void **state)
{
    const long page = sysconf(_SC_PAGESIZE);
    char path[64];
    (void)state;
    assert_true(wt_capture_map_files());
    int fd = file_of(64, path);
    uint8_t *bytes = mmap(NULL, (size_t)(4 * page), PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(bytes != MAP_FAILED);
    struct wt_window *w = wt_window_take();
    wt_window_set(w, bytes, (size_t)(4 * page));
    wt_window_use(w, bytes + page);
    assert_int_equal(ftruncate(fd, 2 * page), 0);
    assert_int_equal(*(volatile uint8_t *)(bytes + 3 * page), 0);
    assert_false(wt_window_is_lost(w));
    assert_ptr_equal(wt_window_gone(w), bytes + 3 * page);
    assert_int_equal(*(volatile uint8_t *)(bytes + 2 * page + 1), 0);
    assert_ptr_equal(wt_window_gone(w), bytes + 2 * page);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(*(volatile uint8_t *)bytes, 0);
    assert_true(wt_window_is_lost(w));
    wt_window_release(w);
    (void)munmap(bytes, (size_t)(4 * page));
    (void)close(fd);
    (void)unlink(path);
}

/* A small file is read, and may end where a packet ends. */
static void test_read(void **state)
{
    (void)state;
    assert_int_equal(read_cut(SMALL, 0, 0, WT_OK), SMALL);
    assert_int_equal(read_cut(SMALL, 10, HEADER + 2000 * RECORD, WT_SHRUNK), 2000);
    assert_int_equal(read_cut(SMALL, 10, HEADER + 2000 * RECORD + 100, WT_SHRUNK), 2000);
}

/* In one test: cmocka takes the handler away after each. */
static void test_large(void **state)
{
    test_made_ready(state);
    test_mapped(state);
    test_end_before_window(state);
    test_windows(state);
    test_ahead(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_large)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
