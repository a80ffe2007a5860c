/* Whose sockets they are: connections by their two ends, looked up while they are open, and known afterwards. */
#ifndef WIRETALE_TOOL_RUN_OWNERS_H
#define WIRETALE_TOOL_RUN_OWNERS_H

#include "run_processes.h"
#include "wiretale/story.h"

#include <netinet/in.h>
#include <stdint.h>

/* One connection as its own machine has it; addresses as in struct wt_address, ports in host order. */
struct tool_ends {
    uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP */
    uint8_t local[16], remote[16];
    uint16_t local_port, remote_port;
};

struct tool_owners;

struct tool_owners *tool_owners_new(void); /* NULL without memory */
void tool_owners_free(struct tool_owners *owners);

/* ---- while it runs */

/* What the first packet of a connection (from its IP header on) says of its ends, seen from whoever sent it. False: it
 * is no such packet. */
bool tool_owners_ends(const uint8_t *packet, size_t length, struct tool_ends *ends);
/* From here on all connections are of these processes: where there is one alone, it is the one, however short the
 * connection was. */
void tool_owners_alone(struct tool_owners *owners);
/* From here on `root` itself is one of these processes, and what has lost its parents stays one. The connections that
 * they have already are theirs. */
void tool_owners_follow(struct tool_owners *owners, int diag, pid_t root, const pid_t *except);
/* Looks for the process among those that descend from `root`; `diag` is a netlink socket of sock_diag. Whoever is not
 * found at once is looked for again by tool_owners_again(), for a moment. */
void tool_owners_look(struct tool_owners *owners, int diag, pid_t root, const pid_t *except,
                      const struct tool_ends *ends);
/* Whether some are still looked for. */
bool tool_owners_again(struct tool_owners *owners, int diag, pid_t root, const pid_t *except);
/* To a file, and from it. False when that failed. */
bool tool_owners_save(const struct tool_owners *owners, int fd);
bool tool_owners_load(struct tool_owners *owners, const char *path);

/* ---- afterwards */

/* Whose connection that is; NULL: not known. Holds as long as the table. */
const struct wt_process *tool_owners_find(const struct tool_owners *owners, const struct wt_connection *connection);
/* Whether that process, which was found so, has NSS in it. */
bool tool_owners_has_nss(const struct wt_process *process);
size_t tool_owners_count(const struct tool_owners *owners);
/* The ends of each that was found. */
const struct tool_ends *tool_owners_at(const struct tool_owners *owners, size_t index);

#endif
