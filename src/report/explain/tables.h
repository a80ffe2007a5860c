/* The teacher's sentences, from the .def tables beside this file. All are N_() marked: print them through _(). */
#ifndef WT_REPORT_EXPLAIN_TABLES_H
#define WT_REPORT_EXPLAIN_TABLES_H

#include "registry/registry.h"
#include "wiretale/story.h"

/* A handshake message, an SSL 2.0 message, or a record of another type. */
struct wt_explain_message {
    const char *purpose; /* what it is for */
    const char *then;    /* what the other side can now do or compute; NULL when nothing follows */
    const char *rfc;     /* the section that rules it */
};

/* tls13 chooses the row for TLS 1.3 where a message has changed its meaning. NULL for an unknown type. */
const struct wt_explain_message *wt_explain_handshake(uint8_t type, bool tls13);
/* The same for TLCP, where it differs from what it was made of. */
const struct wt_explain_message *wt_explain_tlcp(uint8_t type);
const struct wt_explain_message *wt_explain_ssl2(uint8_t type);
const struct wt_explain_message *wt_explain_content(uint8_t content_type, bool tls13);

struct wt_explain_alert {
    const char *brief;   /* a few words, for the row */
    const char *meaning; /* what the sender says */
    const char *cause;   /* what is typically behind it */
};
const struct wt_explain_alert *wt_explain_alert(uint8_t description);

/* What a suite is made of: the family of its key exchange, what authenticates the server, the cipher. */
const char *wt_explain_key_exchange(enum wt_kx kx);
const char *wt_explain_authentication(enum wt_auth auth);
const char *wt_explain_cipher(enum wt_cipher_id cipher);

/* What an extension is for; NULL for one without a row. */
const char *wt_explain_extension(uint16_t id);

/* What a field means. `where` is the message's name ("client_hello") or the extension's ("key_share"); a row for all
 * places is taken when there is none of its own. NULL when the name says enough. */
const char *wt_explain_field(const char *where, const char *field);

#endif
