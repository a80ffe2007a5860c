/* wiretale server: many connections on one thread.
 *
 *     server.c       options, and the order of things      server_loop.c   connections, by poll()
 *     server_www.c   HTTP/1.1: files, or what was agreed   server_relay.c  echo, and a plain service behind TLS
 *     server_make.c  an authority and a chain for tests    server_ticket.c the key of tickets */
#ifndef WIRETALE_TOOL_SERVER_H
#define WIRETALE_TOOL_SERVER_H

#include "net.h"
#include "speak.h"

struct server;
struct served;

/* What is served. */
struct service {
    /* Does what it can; true when something moved. */
    bool (*turn)(struct server *server, struct served *served);
    void (*end)(struct served *served);
};
extern const struct service server_www, server_echo, server_relay;

/* One connection. What a service keeps is allocated when it is needed: most connections of a busy server are idle. */
struct served {
    int fd, other;      /* other: of the plain service, or the file that is sent; -1: none */
    short other_events; /* of poll(): that the service waits for there; 0: it does not */
    short other_ready;
    int64_t other_until; /* tool_net_clock(): that the service is waited for; 0: without an end */
    uint32_t slot, other_slot; /* of server.polls; 0: none */
    bool said, lost, reset, closing, fin, busy;
    bool peer_ended; /* it said close_notify, or its TCP ended */
    struct wt_endpoint *e;
    uint8_t *early; /* what came before the handshake was done, from `early_at` on; NULL: nothing */
    size_t early_n, early_at;
    struct tool_tap *tap; /* NULL: nothing is recorded */
    struct wt_address peer;
    int64_t begun; /* tool_net_clock() */
    void *state;   /* of the service */
};

struct server {
    struct tool_speak speak;
    const struct service *service;
    const char *www, *make, *folder, *listen;
    const char *ticket_file; /* of --ticket-key; or NULL */
    uint8_t *ticket_key;     /* that is in it, while the party is made */
    struct tool_host to; /* of the plain service */
    struct tool_addresses to_addresses;
    uint16_t port;
    unsigned long limit; /* connections; 0: no */
    unsigned milliseconds;
    char *made[2]; /* files that --make has made: chain and key */
    int root, listener;
    struct wt_party *party;
    struct served **served;
    struct pollfd *polls; /* [0]: the listener; then what is waited for: poll() takes no more than RLIMIT_NOFILE */
    size_t polled, count, room;
    unsigned long begun, ended;
    int64_t full_until;  /* no descriptor was left: nothing is accepted before */
    uint8_t copy[65536]; /* what was received, for the record */
};

/* What the client sent, the first of it first; holds until the next call. Early data are among it once the handshake is
 * done. */
struct wt_span server_data(const struct served *served);
/* The first n bytes of it were used. */
void server_taken(struct served *served, size_t n);
/* Until it is stopped, or the limit is reached; the exit status. */
int server_loop(struct server *server);
/* Makes what --make asks for, unless it is there, and sets --cert and --key. False with the reason printed. */
bool server_make_identity(struct server *server);
/* Reads the key of --ticket-key into the options, and makes it if it is not there; false with the reason printed. */
bool server_ticket_open(struct server *server);
/* Wipes it. */
void server_ticket_close(struct server *server);
/* Where files are looked for; false with the reason printed. */
bool server_www_open(struct server *server);
/* Where the plain service is; false with the reason printed. */
bool server_relay_open(struct server *server);

#endif
