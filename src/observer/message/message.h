/* One handshake message, shared by message.c and hello.c only. */
#ifndef WT_OBSERVER_MESSAGE_H
#define WT_OBSERVER_MESSAGE_H

#include "codec/ext/ext.h"
#include "observer/state.h"

/* One message on its way through. */
struct wt_incoming {
    struct wt_observer *o;
    struct wt_conversation *c;
    struct wt_tls *tls;
    unsigned from;
    unsigned flags; /* WT_MESSAGE_... that its record gave it */
    struct wt_codec_context context;
    struct wt_message *kept; /* NULL when messages are not kept */
    struct wt_span body;     /* what is decoded: errors' offsets count from its start */
};

/* message.c: an extension of a block, decoded as it is read at that place. False when it is absent. */
bool wt_message_extension(const struct wt_incoming *h, const struct wt_extensions *e, uint16_t id,
                          enum wt_ext_where where, union wt_ext_body *out);
/* A block that breaks its format is reported as a malformed message. */
void wt_message_check_extensions(struct wt_incoming *h, const struct wt_extensions *e, enum wt_ext_where where);

/* hello.c: the message says what is agreed; `well`: it keeps its format. */
void wt_hello_agree(struct wt_incoming *h, const struct wt_message_body *m, struct wt_span body, bool well);
void wt_hello_client(struct wt_incoming *h, const struct wt_client_hello *hello, bool well);
void wt_hello_server(struct wt_incoming *h, const struct wt_server_hello *hello, bool retry, bool well);
/* A HelloRetryRequest, with its version and group; 0: none. */
void wt_hello_retry(struct wt_incoming *h, uint16_t selected, uint16_t group);
/* RFC 8446, 4.4.1: the transcript after a HelloRetryRequest, once the suite is known. */
void wt_hello_retry_transcript(struct wt_observer *o, struct wt_tls *tls);

#endif
