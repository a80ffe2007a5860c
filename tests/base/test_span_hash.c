/* A hash that differs from process to process, and by each byte and the length. */
#include "base/span_hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 70 };

static void test_each_byte(void **state)
{
    (void)state;
    uint8_t bytes[MOST] = {0};
    assert_true(wt_span_hash((struct wt_span){0}) != 0);
    for (size_t n = 1; n <= MOST; n++) {
        const uint64_t hash = wt_span_hash(wt_span_of(bytes, n));
        assert_true(hash != 0);
        assert_true(hash == wt_span_hash(wt_span_of(bytes, n)));
        assert_true(hash != wt_span_hash(wt_span_of(bytes, n - 1)));
        for (size_t i = 0; i < n; i++) {
            for (unsigned bit = 1; bit < 256; bit <<= 1) {
                bytes[i] ^= (uint8_t)bit;
                assert_true(hash != wt_span_hash(wt_span_of(bytes, n)));
                bytes[i] ^= (uint8_t)bit;
            }
        }
    }
}

static const char *program; /* this one */

/* What another process makes of the same bytes. Where another machine's programs are run, what runs this one runs that
 * one too. */
static uint64_t elsewhere(void)
{
    int ends[2];
    uint64_t hash = 0;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)execl("/bin/sh", "sh", "-c", "exec $MESON_EXE_WRAPPER \"$0\" hash", program, (char *)NULL);
        _exit(1);
    }
    int status;
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &hash, sizeof hash), sizeof hash);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return hash;
}

static void test_each_process(void **state)
{
    (void)state;
    const uint64_t first = elsewhere(), second = elsewhere();
    assert_true(first != second);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_byte), cmocka_unit_test(test_each_process)};
    program = argv[0];
    if (argc == 2 && strcmp(argv[1], "hash") == 0) {
        const uint64_t hash = wt_span_hash(wt_span_text("the same bytes"));
        return write(STDOUT_FILENO, &hash, sizeof hash) == sizeof hash ? 0 : 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
