/* The client and the server behind the command line of BoringSSL's test runner (ssl/test/PORTING.md there): it starts
 * this program for each of its tests, which connects to it, speaks TLS, answers each byte with its complement, and ends
 * with 0, with 1 and the reason on standard error, or with 89 for what is not here. */
#include "shim.h"

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(int port)
{
    struct sockaddr_in6 six = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_loopback};
    struct sockaddr_in four = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&six, sizeof six) == 0)
        return fd;
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)&four, sizeof four) == 0 ? fd : -1;
}

/* The n-th, which resumes the session of the one before. */
static int connection(struct party *p, const struct config c[CONFIGS], int n)
{
    static uint8_t session[1 << 16];
    static size_t length;
    struct talk t = {.p = p, .c = &c[n ? RESUMED : FIRST], .later = &c[RETRIED], .resumes = n};
    const int64_t now = TIME_MS + INT64_C(1000) * n * t.c->delay;
    const struct wt_span offered = {session, n ? length : 0};
    const bool server = t.c->making.server;
    t.fd = dial(t.c->port);
    if (t.fd < 0)
        return fail("connect");
    t.e = server ? wt_server_accept(p->party, now) : wt_client_resume(p->party, NULL, now, offered);
    const int status = t.e ? talk(&t) : fail("endpoint");
    if (t.e && !server)
        length = wt_endpoint_session(t.e, session, sizeof session);
    wt_endpoint_free(t.e);
    /* what the peer still sends is read, so that its close does not turn into a reset */
    shutdown(t.fd, SHUT_WR);
    close(t.fd);
    return status;
}

int main(int argc, char **argv)
{
    static struct config configs[CONFIGS];
    static struct party parties[2];
    signal(SIGPIPE, SIG_IGN);
    int status = parse(configs, argc, argv);
    const bool same = !memcmp(&configs[FIRST].making, &configs[RESUMED].making, sizeof configs[FIRST].making);
    for (int i = 0; !status && i <= configs[FIRST].resume_count; i++) {
        struct party *party = &parties[i && !same];
        if (!party->party)
            status = make(party, &configs[i ? RESUMED : FIRST].making);
        if (!status)
            status = connection(party, configs, i);
    }
    unmake(&parties[0]);
    unmake(&parties[1]);
    return status;
}
