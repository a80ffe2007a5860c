/* Plaintext dialogues before TLS: which protocol they are, and whether the upgrade was refused. */
#ifndef WT_STARTTLS_STARTTLS_H
#define WT_STARTTLS_STARTTLS_H

#include "base/span.h"

/* The protocol of the dialogue before TLS, by what each side sent; NULL if it is not recognized. */
const char *wt_starttls_name(struct wt_span client, struct wt_span server);
/* The protocol of a server that answers a ClientHello with something else. */
enum wt_banner {
    WT_BANNER_NONE, /* not recognised */
    WT_BANNER_HTTP,
    WT_BANNER_SSH,
    WT_BANNER_POP3,
    WT_BANNER_IMAP,
    WT_BANNER_POP3_OR_REDIS,
    WT_BANNER_SMTP_OR_FTP,
    WT_BANNER_NNTP,
    WT_BANNER_XML,
    WT_BANNER_XMPP,
    WT_BANNER_VNC,
    WT_BANNER_AMQP,
    WT_BANNER_RTSP,
    WT_BANNER_SIP,
    WT_BANNER_RSYNC,
    WT_BANNER_MANAGESIEVE,
    WT_BANNER_MEMCACHED,
    WT_BANNER_MYSQL,
    WT_BANNER_POSTGRESQL,
    WT_BANNER_TELNET,
    WT_BANNER_NUMBERED, /* three digits: SMTP, FTP and their kin */
    WT_BANNER_IRC,
    WT_BANNER_COUNT
};
enum wt_banner wt_banner_of(struct wt_span server);
/* Whether the server refused the upgrade that the dialogue asked for (wt_starttls_name() names it), and the client left
 * it at that. *answer gets the server's answer. */
bool wt_upgrade_refused(const char *name, struct wt_span client, struct wt_span server, struct wt_span *answer);

#endif
