/* Servers that do not speak TLS where they should. */
#ifndef WT_STARTTLS_BANNERS_H
#define WT_STARTTLS_BANNERS_H

#include "base/span.h"

enum wt_banner {
    WT_BANNER_NONE, /* not recognised */
    WT_BANNER_HTTP,
    WT_BANNER_HTTP2,
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

/* The protocol of a server that answers a ClientHello with something else, by its first bytes. */
enum wt_banner wt_banners_find(struct wt_span server);

#endif
