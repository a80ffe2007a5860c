/* TCP for the commands that speak: names, addresses, connections with a time limit. */
#ifndef WIRETALE_TOOL_NET_H
#define WIRETALE_TOOL_NET_H

#include "tool.h"
#include "wiretale/story.h"

#include <sys/socket.h>

enum { TOOL_NET_HOST = 256, TOOL_NET_TRIED = 16 };

/* A host, and its port, 0 where none is given. */
struct tool_host {
    char name[TOOL_NET_HOST];
    uint16_t port;
};

/* HOST, HOST:PORT, ADDRESS, [IPV6]:PORT. False for what is none of these; nothing is printed. */
bool tool_net_parse(const char *text, struct tool_host *out);
/* "host:port", an IPv6 address in brackets. */
void tool_net_format(const struct tool_host *host, char *out, size_t size);
bool tool_net_is_address(const char *name);

/* What was tried to connect, in order, and what came of each: errno, or 0 for the one that was reached. */
struct tool_tried {
    struct wt_address address[TOOL_NET_TRIED];
    int error[TOOL_NET_TRIED];
    unsigned count;
    const char *unresolved; /* why the name has no address, by getaddrinfo(); NULL: it has */
};

/* Tries every address of the host, each for that long at most. The descriptor does not block; -1 where none was
 * reached. */
int tool_net_connect(const struct tool_host *host, unsigned milliseconds, struct tool_tried *tried);
/* The same without waiting, for who has other things to do meanwhile: addresses, the first of them first. */
struct tool_addresses {
    struct sockaddr_storage address[TOOL_NET_TRIED];
    socklen_t length[TOOL_NET_TRIED];
    unsigned count;
};
/* Looks a name up, which waits for the system's answer. False with the reason of getaddrinfo(). */
bool tool_net_resolve(const struct tool_host *host, struct tool_addresses *out, const char **unresolved);
/* A descriptor that takes bytes (POLLOUT) once it is known whether the i-th address was reached; -1 with errno. */
int tool_net_begin(const struct tool_addresses *list, unsigned i);
/* What came of it: 0, or errno. */
int tool_net_reached(int fd);
/* A listening descriptor for all addresses of `name` (NULL: of the machine); port 0: any. -1 with errno, or the reason
 * of getaddrinfo() in *unresolved. */
int tool_net_listen(const char *name, uint16_t port, const char **unresolved);
/* Both ends of a connection; false where the system does not say. */
bool tool_net_ends(int fd, struct wt_address *local, struct wt_address *remote);
/* Where it listens. */
bool tool_net_where(int fd, struct wt_address *local);
/* A clock that only goes on, in microseconds. */
int64_t tool_net_clock(void);
struct wt_time tool_net_now(void);
/* The same in milliseconds, as endpoints have it. */
int64_t tool_net_ms(void);
/* What an errno says, apart from those of time limits. */
const char *tool_net_reason(int error);

#endif
