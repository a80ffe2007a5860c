/* What of `wiretale run` decides by itself: which words of a command line are shown, which packets begin a connection,
 * whose it is, which name servers a program can reach. */
#include "run_owners.h"
#include "run_resolver.h"

#include <linux/netlink.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* A socket to a port of our own, and its ends; the other end stays in the queue of the listener. */
static int socket_of(struct tool_ends *ends, int *listens)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *ends = (struct tool_ends){.protocol = IPPROTO_TCP};
    assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &n), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    ends->remote_port = ntohs(a.sin_port);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
    ends->local_port = ntohs(a.sin_port);
    ends->local[10] = ends->local[11] = ends->remote[10] = ends->remote[11] = 0xff;
    memcpy(ends->local + 12, &a.sin_addr, 4);
    memcpy(ends->remote + 12, &a.sin_addr, 4);
    *listens = listener;
    return fd;
}

/* The kernel's list of children may be short for a moment: who holds the socket is asked for again, but not for ever.
 */
static void whose_socket(void **state)
{
    static const pid_t none[1];
    struct tool_ends ends;
    int listener;
    const int fd = socket_of(&ends, &listener), diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    struct tool_owners *o = tool_owners_new();
    (void)state;
    assert_true(diag >= 0);
    assert_non_null(o);
    tool_owners_look(o, diag, getpid(), none, &ends); /* we hold it, and are not one of those that descend from us */
    assert_int_equal(tool_owners_count(o), 0);
    unsigned looks = 1;
    while (tool_owners_again(o, diag, getpid(), none))
        looks++;
    assert_in_range(looks, 2, 10);
    assert_int_equal(tool_owners_count(o), 0);
    tool_owners_look(o, diag, getpid(), none, &ends);
    const pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(0);
    }
    assert_false(tool_owners_again(o, diag, getpid(), none));
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    assert_int_equal(tool_owners_count(o), 1);
    assert_int_equal(tool_owners_at(o, 0)->local_port, ends.local_port);
    tool_owners_free(o);
    (void)close(diag);
    (void)close(fd);
    (void)close(listener);
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
        cmocka_unit_test(whose_socket),
        cmocka_unit_test(name_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
