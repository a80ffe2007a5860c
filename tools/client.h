/* wiretale client: its connection, from the name to the last byte.
 *
 *     client.c         options, and the order of things        client_talk.c   bytes between socket, engine and pipes
 *     client_report.c  what is said of it                      client_session.c  sessions in files, and early data */
#ifndef WIRETALE_TOOL_CLIENT_H
#define WIRETALE_TOOL_CLIENT_H

#include "net.h"
#include "speak.h"

/* Exit statuses beside those of all commands. */
enum { CLIENT_NOT_TRUSTED = 3, CLIENT_FAILED = 4, CLIENT_NO_TCP = 5 };

enum { CLIENT_CHUNK = 16384 };

struct client {
    struct tool_speak speak;
    struct tool_host host;        /* who it is to be */
    struct tool_host where;       /* where it is */
    const char *get;              /* path, or NULL */
    const char *starttls, *proxy; /* protocols of wt_dialogue_new(), or NULL */
    struct tool_host through;     /* where the proxy is */
    unsigned milliseconds;        /* to wait for an answer */
    int fd;
    struct tool_tried tried;
    struct wt_address local, remote;
    struct wt_party *party;
    struct wt_endpoint *e;
    struct tool_tap tap;
    int64_t begun, ready;       /* tool_net_clock(): of the ClientHello; when the handshake was done. 0: not yet */
    bool said;                  /* that it is established */
    bool reset, timed_out, cut; /* how TCP ended; no answer came; without a close_notify */
    int status;

    /* between pipes */
    char rx[CLIENT_CHUNK], in[CLIENT_CHUNK];
    size_t rx_at, rx_n, in_at, in_n;
    bool in_done, out_gone, fin, half_closed, peer_closed;
    int out_error;
    int64_t heard; /* tool_net_clock() */

    /* sessions and early data */
    const char *session_file, *early_file; /* or NULL */
    char *session, *early;                 /* what they hold; NULL: nothing */
    size_t session_n, early_n;
    struct wt_session_info kept; /* what the session is */
    const char *session_state;   /* as in JSON; NULL: no --session */
    bool session_offered;
    bool session_foreign; /* the file is none of ours: it is left alone */
    bool session_saved;
    bool early_again, early_fits; /* the session allows them */

    /* what the observer has found out */
    char cause[64], *text, *advice; /* "" and NULL: none */
};

/* Speaks until the connection has ended. */
void client_talk(struct client *c);
/* The observer's callback. */
void client_ended(void *context, const struct wt_connection *connection);
/* That it is established, with whom. */
void client_say_established(struct client *c);
/* Why there is no connection by TCP. */
void client_say_unreached(struct client *c);
/* Reads the files of --session and --early; false with the reason printed. */
bool client_session_load(struct client *c);
/* Whether the session is for this connection, which is said when not; what of it goes to wt_client_connect_to(). */
struct wt_span client_session_choose(struct client *c);
/* Early data, into the connection that has just begun. */
void client_early_write(struct client *c);
/* Whether session and early data were taken. */
void client_session_say(struct client *c);
/* The newest session goes into its file. */
void client_session_save(struct client *c);
/* What comes before TLS; false when it was refused, which is said. */
bool client_upgrade(struct client *c);
/* There will be no TLS. */
void client_say_refused(struct client *c, const char *id, const char *text);
/* How it ended: sets the status. */
void client_say_end(struct client *c);

#endif
