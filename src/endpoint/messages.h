/* Handshake messages of either seat. */
#ifndef WT_ENDPOINT_MESSAGES_H
#define WT_ENDPOINT_MESSAGES_H

#include "endpoint/engine.h"

void wt_endpoint_message(void *endpoint, uint8_t type, struct wt_span body, uint32_t length, unsigned records);
/* The peer's ChangeCipherSpec, up to TLS 1.2. */
bool wt_endpoint_changed(struct wt_endpoint *e);
/* The answer to a message that ends a flight, once its record is known to have nothing after it. */
bool wt_endpoint_answer_due(struct wt_endpoint *e);
/* A message of ours: written, taken, and put into the flight; what follows from it for keys is done. */
bool wt_endpoint_say(struct wt_endpoint *e, const struct wt_message_body *message);
/* Our ChangeCipherSpec, up to TLS 1.2. */
bool wt_endpoint_say_ccs(struct wt_endpoint *e);
/* The parts that both seats have, of any version. */
bool wt_endpoint_say_certificate(struct wt_endpoint *e, struct wt_span request_context);
bool wt_endpoint_say_verify(struct wt_endpoint *e);
bool wt_endpoint_say_finished(struct wt_endpoint *e);
bool wt_endpoint_check_finished(struct wt_endpoint *e, const struct wt_received *m);
bool wt_endpoint_check_verify(struct wt_endpoint *e, const struct wt_received *m);
bool wt_endpoint_done(struct wt_endpoint *e);

/* An extension block in the making. */
struct wt_block {
    struct wt_writer w;
    struct wt_codec_context context;
    enum wt_ext_where where;
    uint8_t room[WT_LIMIT_OWN_EXTENSIONS];
};
union wt_ext_body;
void wt_block_start(struct wt_block *b, const struct wt_endpoint *e, enum wt_ext_where where);
void wt_block_add(struct wt_block *b, uint16_t id, const union wt_ext_body *body);
/* False when it did not fit. */
bool wt_block_end(struct wt_block *b, struct wt_extensions *out);

#endif
