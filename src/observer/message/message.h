/* One handshake message on its way through. */
#ifndef WT_OBSERVER_MESSAGE_H
#define WT_OBSERVER_MESSAGE_H

#include "codec/ext/ext.h"
#include "observer/state.h"

/* While it is read. */
struct wt_incoming {
    struct wt_observer *o;
    struct wt_conversation *c;
    struct wt_tls *tls;
    unsigned from;
    unsigned flags; /* WT_MESSAGE_... that its record gave it */
    struct wt_codec_context context;
    struct wt_message *kept;      /* NULL when messages are not kept */
    struct wt_span body;          /* what is decoded: errors' offsets count from its start */
    struct wt_known_hello *known; /* the ClientHello that this one is like, or NULL */
};

/* An extension of a block, decoded as it is read at that place. False when it is absent. */
bool wt_message_extension(const struct wt_incoming *h, const struct wt_extensions *e, uint16_t id,
                          enum wt_ext_where where, union wt_ext_body *out);
/* A block that breaks its format is reported as a malformed message. */
void wt_message_check_extensions(struct wt_incoming *h, const struct wt_extensions *e, enum wt_ext_where where);

/* One whole handshake message; `flags`: WT_MESSAGE_... that its record gives it. */
void wt_message_take(struct wt_observer *o, struct wt_conversation *c, unsigned side, uint8_t type, struct wt_span body,
                     uint32_t length, const struct wt_message_place *place, unsigned flags);
/* A certificate of a side's chain, in order; facts are shared by all connections of a run. */
void wt_message_add_certificate(struct wt_observer *o, struct wt_conversation *c, unsigned side, struct wt_span der);

#endif
