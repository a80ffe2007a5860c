/* TCP: every address of a host is tried, none for longer than the user wants to wait. */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

/* --- names -------------------------------------------------------------------------------------------------------- */

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    errno = 0;
    unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || n == 0 || n > 65535)
        return false;
    *port = (uint16_t)n;
    return true;
}

bool tool_net_parse(const char *text, struct tool_host *out)
{
    const char *colon = strrchr(text, ':'), *name = text;
    size_t n = strlen(text);
    *out = (struct tool_host){0};
    if (*text == '[') {
        const char *close = strchr(text, ']');
        if (!close || (close[1] && close[1] != ':'))
            return false;
        name = text + 1;
        n = (size_t)(close - name);
        colon = close[1] ? close + 1 : NULL;
    } else if (colon && strchr(text, ':') == colon) {
        n = (size_t)(colon - text);
    } else {
        colon = NULL; /* an IPv6 address without brackets has several */
    }
    if (!n || n >= sizeof out->name || (colon && !parse_port(colon + 1, &out->port)))
        return false;
    memcpy(out->name, name, n);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f || name[i] == '/')
            return false;
    return !strchr(out->name, ':') || tool_net_is_address(out->name);
}

bool tool_net_is_address(const char *name)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

void tool_net_format(const struct tool_host *host, char *out, size_t size)
{
    const bool six = strchr(host->name, ':') != NULL;
    (void)snprintf(out, size, "%s%s%s:%u", six ? "[" : "", host->name, six ? "]" : "", host->port);
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static bool address_of(const struct sockaddr *s, struct wt_address *out)
{
    *out = (struct wt_address){0};
    if (s->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)s;
        memcpy(out->ip, &six->sin6_addr, 16);
        out->port = ntohs(six->sin6_port);
        return true;
    }
    if (s->sa_family != AF_INET)
        return false;
    const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)s;
    out->ip[10] = out->ip[11] = 0xff;
    memcpy(out->ip + 12, &four->sin_addr, 4);
    out->port = ntohs(four->sin_port);
    return true;
}

bool tool_net_ends(int fd, struct wt_address *local, struct wt_address *remote)
{
    struct sockaddr_storage one = {0}, other = {0};
    socklen_t n = sizeof one, m = sizeof other;
    return getsockname(fd, (struct sockaddr *)&one, &n) == 0 && getpeername(fd, (struct sockaddr *)&other, &m) == 0 &&
           address_of((struct sockaddr *)&one, local) && address_of((struct sockaddr *)&other, remote);
}

bool tool_net_where(int fd, struct wt_address *local)
{
    struct sockaddr_storage here = {0};
    socklen_t n = sizeof here;
    return getsockname(fd, (struct sockaddr *)&here, &n) == 0 && address_of((struct sockaddr *)&here, local);
}

int64_t tool_net_clock(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct wt_time tool_net_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (struct wt_time){(int64_t)t.tv_sec * 1000000000 + t.tv_nsec, 9};
}

int64_t tool_net_ms(void)
{
    return tool_net_now().ns / 1000000;
}

const char *tool_net_reason(int error)
{
    return error == ETIMEDOUT ? _("no answer") : wt_error_reason(error);
}

/* --- connecting --------------------------------------------------------------------------------------------------- */

/* 0, or errno. */
static int wait_connected(int fd, unsigned milliseconds)
{
    const int64_t until = tool_net_clock() + (int64_t)milliseconds * 1000;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    for (;;) {
        const int64_t left = until - tool_net_clock();
        const int n = left > 0 ? poll(&p, 1, (int)((left + 999) / 1000)) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            return ETIMEDOUT;
        return n < 0 ? errno : tool_net_reached(fd);
    }
}

/* A descriptor, or -1 with errno. */
static int begin_to(const struct sockaddr *address, socklen_t n)
{
    const int one = 1, fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* the engine writes whole flights */
    if (connect(fd, address, n) == 0 || errno == EINPROGRESS)
        return fd;
    const int error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

/* The same, when it is connected. */
static int connect_one(const struct addrinfo *a, unsigned milliseconds)
{
    const int fd = begin_to(a->ai_addr, a->ai_addrlen), error = fd < 0 ? errno : wait_connected(fd, milliseconds);
    if (!error)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    errno = error;
    return -1;
}

static struct addrinfo *resolve(const char *name, uint16_t port, int flags, const char **unresolved)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICSERV | flags, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char service[8];
    (void)snprintf(service, sizeof service, "%u", port);
    const int wrong = getaddrinfo(name, service, &hints, &list);
    *unresolved = wrong == 0 ? NULL : wrong == EAI_SYSTEM ? wt_error_reason(errno) : gai_strerror(wrong);
    return wrong == 0 ? list : NULL;
}

int tool_net_connect(const struct tool_host *host, unsigned milliseconds, struct tool_tried *tried)
{
    *tried = (struct tool_tried){0};
    struct addrinfo *list = resolve(host->name, host->port, 0, &tried->unresolved);
    int fd = -1;
    for (const struct addrinfo *a = list; a && fd < 0 && tried->count < TOOL_NET_TRIED; a = a->ai_next) {
        if (!address_of(a->ai_addr, &tried->address[tried->count]))
            continue;
        fd = connect_one(a, milliseconds);
        tried->error[tried->count++] = fd < 0 ? errno : 0;
    }
    if (list)
        freeaddrinfo(list);
    return fd;
}

/* --- without waiting ---------------------------------------------------------------------------------------------- */

bool tool_net_resolve(const struct tool_host *host, struct tool_addresses *out, const char **unresolved)
{
    struct addrinfo *list = resolve(host->name, host->port, 0, unresolved);
    out->count = 0;
    for (const struct addrinfo *a = list; a && out->count < TOOL_NET_TRIED; a = a->ai_next)
        if (a->ai_addrlen <= sizeof out->address[0]) {
            out->length[out->count] = a->ai_addrlen;
            memcpy(&out->address[out->count++], a->ai_addr, a->ai_addrlen);
        }
    if (list)
        freeaddrinfo(list);
    return out->count;
}

int tool_net_begin(const struct tool_addresses *list, unsigned i)
{
    return begin_to((const struct sockaddr *)&list->address[i], list->length[i]);
}

int tool_net_reached(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ? errno : error;
}

/* --- listening ---------------------------------------------------------------------------------------------------- */

static int listen_one(const struct addrinfo *a)
{
    const int one = 1, none = 0,
              fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (a->ai_family == AF_INET6) /* [::] is for IPv4, too */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &none, sizeof none);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

int tool_net_listen(const char *name, uint16_t port, const char **unresolved)
{
    struct addrinfo *list = resolve(name ? name : "::", port, AI_PASSIVE, unresolved);
    int fd = -1;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        fd = listen_one(a);
    int error = errno;
    if (list)
        freeaddrinfo(list);
    if (fd < 0 && list && !name && (error == EAFNOSUPPORT || error == EADDRNOTAVAIL)) /* without IPv6 */
        return tool_net_listen("0.0.0.0", port, unresolved);
    errno = error;
    return fd;
}
