/* Plaintext dialogues before TLS: what both sides say to ask for it, a row per protocol, and which of them was said. */
#ifndef WT_STARTTLS_STARTTLS_H
#define WT_STARTTLS_STARTTLS_H

#include "base/buffer.h"

/* How a server's answers are found and told apart (upgrades.c). */
enum wt_starttls_replies {
    WT_STARTTLS_NEVER, /* it answers nothing that grants or refuses */
    WT_STARTTLS_CODED, /* three digits: RFC 5321, 4.2; RFC 959, 4.2; RFC 3977, 3.2 */
    WT_STARTTLS_POP3,
    WT_STARTTLS_IMAP,
    WT_STARTTLS_SIEVE,
    WT_STARTTLS_XMPP,
    WT_STARTTLS_IRC,
    WT_STARTTLS_POSTGRESQL,
    WT_STARTTLS_MYSQL,
    WT_STARTTLS_LDAP,
    WT_STARTTLS_RDP,
    WT_STARTTLS_HTTP,
    WT_STARTTLS_SOCKS,
};

enum {
    WT_STARTTLS_PROXY = 1,   /* it asks for a way to a port that speaks TLS, not for an upgrade */
    WT_STARTTLS_TAGGED = 2,  /* a tag and a blank come before each command */
    WT_STARTTLS_BINARY = 4,  /* no lines of text: the bytes are as they are, no host is put in */
    WT_STARTTLS_WRAPPED = 8, /* TLS passes in packets of the protocol, and is not decoded */
};

enum { WT_STARTTLS_TURNS = 4, WT_STARTTLS_PORTS = 2, WT_STARTTLS_COMMANDS = 2 };

/* What one side says at once. */
struct wt_starttls_turn {
    bool server;
    struct wt_span says; /* n = 0: nothing more */
};

struct wt_starttls {
    const char *name;                          /* "smtp": the story's */
    const char *title;                         /* "SMTP" */
    const char *source;                        /* where the upgrade is defined */
    uint16_t ports[WT_STARTTLS_PORTS];         /* usual ones; 0: none */
    uint8_t replies;                           /* enum wt_starttls_replies */
    uint8_t flags;                             /* WT_STARTTLS_... */
    const char *greeting;                      /* how a server's first line begins, or NULL */
    const char *command[WT_STARTTLS_COMMANDS]; /* how a client's line begins that asks; NULL: no more */
    struct wt_starttls_turn script[WT_STARTTLS_TURNS];
    struct wt_span grant, refusal; /* the server's answers; p NULL: it has none */
};

/* The i-th row, NULL behind the last. */
const struct wt_starttls *wt_starttls_at(size_t i);
/* By the story's name; NULL for one that has no row. */
const struct wt_starttls *wt_starttls_of(const char *name);
/* The protocol that this is the usual port of, where the client asks for TLS in the clear; NULL: there is none. */
const struct wt_starttls *wt_starttls_of_port(uint16_t port);
/* The dialogue before TLS, by what each side sent; NULL if it is not recognized. */
const struct wt_starttls *wt_starttls_find(struct wt_span client, struct wt_span server);

/* Appends what a row says (a turn's, the grant, the refusal) with the server's name put in. False without memory. */
bool wt_starttls_speak(const struct wt_starttls *row, struct wt_span says, const char *host, struct wt_buffer *out);

#endif
