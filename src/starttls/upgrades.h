/* What a server answered to a request for TLS, and what was sent too much around it. */
#ifndef WT_STARTTLS_UPGRADES_H
#define WT_STARTTLS_UPGRADES_H

#include "starttls/starttls.h"

enum wt_upgrade {
    WT_UPGRADE_PENDING, /* not requested, or not answered yet */
    WT_UPGRADE_GRANTED,
    WT_UPGRADE_REFUSED,
};

/* The server's answer to the request in what the client said; *said: its words, or its code's name. */
enum wt_upgrade wt_upgrades_answer(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                                   struct wt_span *said);
/* Whether the server refused, and the client did not continue in the clear. *said as above. */
bool wt_upgrades_refused(const struct wt_starttls *row, struct wt_span client, struct wt_span server,
                         struct wt_span *said);

/* RFC 1928, 6: what REP means. */
const char *wt_upgrades_socks_reply(uint8_t code);

/* Bytes in the clear after the last thing that may be: the client's request; the server's answer to it. */
size_t wt_upgrades_after_request(const struct wt_starttls *row, struct wt_span client);
size_t wt_upgrades_after_grant(const struct wt_starttls *row, struct wt_span client, struct wt_span server);

#endif
