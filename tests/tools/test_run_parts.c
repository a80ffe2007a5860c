/* What of `wiretale run` decides by itself: which words of a command line are shown, which packets begin a connection,
 * which name servers a program can reach. */
#include "run_owners.h"
#include "run_resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Files are not written here. */
int tool_write(int fd, const void *bytes, size_t length);
int tool_write(int fd, const void *bytes, size_t length)
{
    (void)fd;
    (void)bytes;
    (void)length;
    return 0;
}

char *tool_folder_make(const struct tool_folder *folder, const char *name)
{
    (void)folder;
    (void)name;
    return NULL;
}

static void secrets_are_left_out(void **state)
{
    static const struct {
        const char *before, *word, *shown;
    } cases[] = {
        {NULL, "curl", "curl"},
        {"curl", "-s", "-s"},
        {"-u", "me:geheim", "me:…"},
        {"-u", "me", "me"},
        {"--user", "me:ge:heim", "me:…"},
        {"--password", "geheim", "…"},
        {"--password", "--verbose", "--verbose"},
        {"-x", "--password=geheim", "--password=…"},
        {"-H", "Authorization: Bearer geheim", "Authorization: …"},
        {"-H", "X-Api-Key: geheim", "X-Api-Key: …"},
        {"-H", "Accept: text/html", "Accept: text/html"},
        {"env", "GITHUB_TOKEN=geheim", "GITHUB_TOKEN=…"},
        {"curl", "https://me:geheim@example.com/", "https://me:…@example.com/"},
        {"curl", "https://me@example.com/a:b@c", "https://me@example.com/a:b@c"},
        {"curl", "https://example.com/?a=b&access_token=geheim&c=d", "https://example.com/?a=b&access_token=…&c=d"},
        {"curl", "https://example.com/?token", "https://example.com/?token"},
        {"--oauth2-bearer", "geheim", "…"},
        {"-d", "", ""},
    };
    char out[512];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tool_processes_shorten(cases[i].before, cases[i].word, out, sizeof out);
        assert_string_equal(out, cases[i].shown);
    }
    char longest[2000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    tool_processes_shorten(NULL, longest, out, sizeof out);
    assert_in_range(strlen(out), 300, 400);
    assert_string_equal(out + strlen(out) - strlen("…"), "…");
    for (size_t room = 1; room < 12; room++) { /* never beyond */
        memset(out, '#', sizeof out);
        tool_processes_shorten("-u", "me:geheim", out, room);
        assert_true(strlen(out) < room);
        assert_int_equal(out[room], '#');
    }
}

static void ends_of_packets(void **state)
{
    static const uint8_t v4[] = {0x46, 0,    0,    0,    0,   0,  0,   0, 64, 6, 0, 0,
                                 192,  0,    2,    1,    198, 51, 100, 2, 1,  1, 1, 1, /* an option */
                                 0xc3, 0x50, 0x01, 0xbb, 0,   0,  0,   0};
    static const uint8_t v6[] = {0x60, 0, 0, 0, 0, 8, 17, 64, 0x20, 1,    0xd,  0xb8, 0, 0, 0, 0,
                                 0,    0, 0, 0, 0, 0, 0,  1,  0x20, 1,    0xd,  0xb8, 0, 0, 0, 0,
                                 0,    0, 0, 0, 0, 0, 0,  2,  0x13, 0x88, 0x14, 0xe9, 0, 8, 0, 0};
    struct tool_ends ends;
    (void)state;
    assert_true(tool_owners_ends(v4, sizeof v4, &ends));
    assert_int_equal(ends.protocol, IPPROTO_TCP);
    assert_int_equal(ends.local_port, 50000);
    assert_int_equal(ends.remote_port, 443);
    assert_int_equal(ends.local[11], 0xff);
    assert_int_equal(ends.remote[15], 2);
    assert_true(tool_owners_ends(v6, sizeof v6, &ends));
    assert_int_equal(ends.protocol, IPPROTO_UDP);
    assert_int_equal(ends.local_port, 5000);
    assert_int_equal(ends.remote[15], 2);
    for (size_t n = 0; n < sizeof v4; n++)
        assert_false(tool_owners_ends(v4, n, &ends));
    for (size_t n = 0; n < sizeof v6; n++)
        assert_false(tool_owners_ends(v6, n, &ends));
}

static void name_servers(void **state)
{
    char out[256];
    (void)state;
    assert_false(tool_run_resolver_text("nameserver 192.0.2.53\nsearch example.com\n", "192.0.2.1", out, sizeof out));
    assert_true(tool_run_resolver_text("# stub\nnameserver 127.0.0.53\noptions edns0", "192.0.2.1", out, sizeof out));
    assert_string_equal(out, "# stub\nnameserver 192.0.2.1\noptions edns0\n");
    assert_true(tool_run_resolver_text("nameserver ::1\nnameserver 127.0.0.1\nnameserver 192.0.2.53\n", "192.0.2.1",
                                       out, sizeof out));
    assert_string_equal(out, "nameserver 192.0.2.1\nnameserver 192.0.2.53\n");
    assert_true(tool_run_resolver_text("nameserver 127.0.0.1\nsearch a\n", NULL, out, sizeof out));
    assert_string_equal(out, "search a\n");
    assert_false(tool_run_resolver_text("nameserver 127.0.0.1\nsearch example.com\n", NULL, out, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_left_out),
        cmocka_unit_test(ends_of_packets),
        cmocka_unit_test(name_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
