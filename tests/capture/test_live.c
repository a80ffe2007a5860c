/* Live capture on the loopback interface, and giving up root afterwards. Needs the right to capture; skips without. */
#include "capture/fragment.h"
#include "make.h"
#include "wiretale/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char message[512];

static struct wt_live *opened(const struct wt_live_options *options)
{
    struct wt_problem problem;
    struct wt_live *live = wt_live_open(options, &problem);
    if (!live)
        (void)wt_problem_format(&problem, message, sizeof message);
    return live;
}

static struct wt_live *open_or_skip(const char *bpf)
{
    struct wt_live_options options = {.size = sizeof options, .interface = "lo", .bpf = bpf};
    struct wt_live *live = opened(&options);
    if (!live) {
        print_message("%s\n", message);
        skip();
    }
    return live;
}

/* A connection to a listening socket of our own; its port. */
static uint16_t talk(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server, 1), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&address, &n), 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(client, "hello", 5), 5);
    (void)close(client);
    (void)close(server);
    return ntohs(address.sin_port);
}

static void test_packets(void **state)
{
    struct wt_live *live = open_or_skip("tcp");
    struct wt_fragments *fragments = wt_fragments_new();
    uint16_t port = talk();
    bool found = false;
    struct wt_live_counters counters;
    (void)state;
    for (unsigned i = 0; i < 500 && !found; i++) {
        struct wt_packet packet;
        struct wt_segment s;
        int status = wt_live_next(live, &packet, 20);
        assert_true(status >= 0);
        if (status == 0)
            continue;
        assert_true(packet.frame >= 1);
        assert_true(packet.time.ns > INT64_C(1500000000000000000));
        assert_int_equal(wt_packet_decode(fragments, &packet, &s), WT_PACKET_TCP);
        found = s.target_port == port && s.length == 5 && memcmp(s.data, "hello", 5) == 0;
    }
    assert_true(found);
    counters = wt_live_counters(live);
    assert_true(counters.received >= 4);
    wt_fragments_free(fragments);
    wt_live_close(live);
}

static struct wt_live *stopped_live;

static void on_alarm(int signal)
{
    (void)signal;
    wt_live_stop(stopped_live);
}

static void test_stop(void **state)
{
    struct wt_packet packet;
    struct sigaction action = {.sa_handler = on_alarm};
    (void)state;
    stopped_live = open_or_skip("ether proto 0x1234");
    assert_int_equal(wt_live_next(stopped_live, &packet, 1), 0);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    (void)ualarm(20000, 0);
    assert_int_equal(wt_live_next(stopped_live, &packet, 10000), -1);
    assert_int_equal(wt_live_next(stopped_live, &packet, 10000), -1);
    wt_live_close(stopped_live);
}

static void test_refusals(void **state)
{
    struct wt_live_options options = {.size = sizeof options, .interface = "no such interface"};
    (void)state;
    message[0] = '\0';
    assert_null(opened(&options));
    assert_non_null(strstr(message, "no such interface"));
    wt_live_close(open_or_skip(NULL));
    options = (struct wt_live_options){.size = sizeof options, .interface = "lo", .bpf = "tcp prot 443"};
    assert_null(opened(&options));
    assert_non_null(strstr(message, "tcp prot 443"));
    assert_non_null(strstr(message, "syntax error"));
}

/* In a child, as it cannot be undone: 0 when the child is what it should be. */
static int dropped(const char *uid, const char *gid, unsigned wanted_uid, unsigned wanted_gid)
{
    int status;
    struct wt_problem problem;
    pid_t child = fork();
    if (child == 0) {
        (void)unsetenv("SUDO_UID");
        (void)unsetenv("SUDO_GID");
        if (uid)
            (void)setenv("SUDO_UID", uid, 1);
        if (gid)
            (void)setenv("SUDO_GID", gid, 1);
        if (!wt_live_drop_privileges(&problem))
            _exit(1);
        if (getuid() != wanted_uid || geteuid() != wanted_uid || getgid() != wanted_gid || getegid() != wanted_gid)
            _exit(2);
        if (setuid(0) == 0 || setgid(0) == 0 || getgroups(0, NULL) > 1)
            _exit(3);
        if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || access("/etc/shadow", R_OK) == 0)
            _exit(4);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_drop_privileges(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(dropped("12345", "23456", 12345, 23456), 0);
    assert_int_equal(dropped("12345", NULL, 12345, 65534), 0);
    assert_int_equal(dropped(NULL, NULL, 65534, 65534), 0);
    /* what is no number, or is root, is not believed */
    assert_int_equal(dropped("0", "0", 65534, 65534), 0);
    assert_int_equal(dropped("12x", "1", 65534, 65534), 0);
    assert_int_equal(dropped("99999999999999999999", "1", 65534, 65534), 0);
}

/* A process of its own, which stays confined. */
static void test_confined(void **state)
{
    (void)state;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static char *const none[] = {NULL};
        int failed = 0;
        if (!wt_live_confine())
            _exit(77);
        const int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "/nobody/listens"};
        failed |= execve("/bin/true", none, none) == 0 || errno != EPERM;
        failed |= (connect(end, (const struct sockaddr *)&nobody, sizeof nobody) == 0 || errno != EPERM) << 1;
        failed |= (ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 || errno != EPERM) << 2;
        const int file = open("/dev/null", O_WRONLY | O_CLOEXEC); /* what it needs it may */
        failed |= (file < 0 || write(file, "x", 1) != 1) << 3;
        _exit(failed);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
#if defined(__x86_64__) && !WT_SANITIZED
    assert_int_equal(WEXITSTATUS(status), 0);
#endif
}

static bool opens(const char *folder, const char *name, int flags)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    const int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0;
}

/* Bits of what a process can do with a folder after it is confined to two others. */
enum { READS = 1, WRITES = 2, MAKES = 4, REMOVES = 8 };

static int rights_in(const char *folder)
{
    char path[256];
    int rights = (opens(folder, "there", O_RDONLY) ? READS : 0) | (opens(folder, "there", O_WRONLY) ? WRITES : 0) |
                 (opens(folder, "new", O_WRONLY | O_CREAT) ? MAKES : 0);
    (void)snprintf(path, sizeof path, "%s/there", folder);
    return rights | (unlink(path) == 0 ? REMOVES : 0);
}

static void run_confined_to_files(char folders[3][32])
{
    char read[64], made[64];
    (void)snprintf(read, sizeof read, "%s/there", folders[0]);
    (void)snprintf(made, sizeof made, "%s/later", folders[1]);
    const char *const reads[] = {read}, *const makes[] = {made};
    if (!wt_live_confine_files(reads, 1, makes, 1))
        _exit(77);
    int failed = rights_in(folders[0]) != READS;
    failed |= (rights_in(folders[1]) != (READS | WRITES | MAKES | REMOVES)) << 1;
    failed |= (rights_in(folders[2]) != 0) << 2;
    failed |= !opens("/etc", "passwd", O_RDONLY) << 3;
    _exit(failed);
}

/* By number: whoever builds this may have older headers. */
static bool has_landlock(void)
{
#if defined(SYS_landlock_create_ruleset) && !WT_SANITIZED
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
#else
    return false;
#endif
}

static void test_confined_to_files(void **state)
{
    (void)state;
    char folders[3][32];
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(folders[i], sizeof folders[i], "/tmp/wiretale-files-XXXXXX");
        assert_non_null(mkdtemp(folders[i]));
        assert_true(opens(folders[i], "there", O_WRONLY | O_CREAT));
    }
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_confined_to_files(folders);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    for (unsigned i = 0; i < 3; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s/there", folders[i]);
        (void)unlink(path);
        (void)snprintf(path, sizeof path, "%s/new", folders[i]);
        (void)unlink(path);
        assert_int_equal(rmdir(folders[i]), 0);
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), has_landlock() ? 0 : 77);
}

/* Where root has no right to read all files, as in a container that took it away, its own can only be read by root. */
static void run_reader(const char *own, const char *others)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    const char *const files[] = {others, own};
    struct wt_problem problem;
    unsigned uid, gid;
    if (!wt_live_user(NULL, &uid, &gid) || syscall(SYS_capget, &header, data) != 0)
        _exit(77);
    data[0].permitted &= ~(1u << CAP_DAC_READ_SEARCH | 1u << CAP_DAC_OVERRIDE);
    data[0].effective = data[0].permitted;
    if (syscall(SYS_capset, &header, data) != 0)
        _exit(77);
    int failed = wt_live_become_reader(NULL, files, 2, &problem);
    failed |= (problem.id != WT_PROBLEM_LIVE_PRIVILEGES || problem.value[0] != EACCES) << 1;
    failed |= (geteuid() != 0 || getuid() != 0 || access(own, R_OK) != 0) << 2;
    failed |= !wt_live_become_reader(NULL, files, 1, &problem) << 3;
    failed |= (geteuid() != uid || getuid() != uid || getegid() != gid) << 4;
    failed |= (access(own, R_OK) == 0 || access(others, R_OK) != 0) << 5;
    failed |= wt_live_become_reader(NULL, files, 1, &problem) << 6;
    _exit(failed);
}

static void test_reader(void **state)
{
    (void)state;
    char folder[] = "/tmp/wiretale-reader-XXXXXX", own[64], others[64];
    if (geteuid() != 0)
        skip();
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0755), 0);
    (void)snprintf(own, sizeof own, "%s/own", folder);
    (void)snprintf(others, sizeof others, "%s/others", folder);
    assert_true(opens(folder, "own", O_WRONLY | O_CREAT) && opens(folder, "others", O_WRONLY | O_CREAT));
    assert_int_equal(chmod(others, 0644), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_reader(own, others);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(unlink(own) == 0 && unlink(others) == 0 && rmdir(folder) == 0);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
    if (WEXITSTATUS(status) == 77)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets),  cmocka_unit_test(test_stop),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_drop_privileges),
        cmocka_unit_test(test_confined), cmocka_unit_test(test_confined_to_files),
        cmocka_unit_test(test_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
