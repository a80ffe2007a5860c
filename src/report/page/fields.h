/* Fields and what they mean: of messages, of certificates, of the headers around them. */
#ifndef WT_REPORT_PAGE_FIELDS_H
#define WT_REPORT_PAGE_FIELDS_H

#include "base/trail.h"
#include "codec/codec.h"
#include "report/page/page.h"

/* A message that was read for its fields; none is read while it is in use. */
struct wt_page_body {
    struct wt_trail trail;
    struct wt_error error;
    struct wt_message_body decoded; /* of a handshake message */
    size_t layout; /* number of the value, SIZE_MAX without one */
    bool plain;    /* layout and notes, in p->notes, are all that there is to say of its fields */
};
void wt_page_body_read(struct wt_page *p, struct wt_text *x, const struct wt_message *m, struct wt_page_body *body);
/* Room for a trail, which stays for the next. False when the system gives no memory. */
bool wt_page_trail(struct wt_page *p, struct wt_trail *trail, size_t cap);
/* Members "error", "error_offset" and "fields_dropped": where reading ended early. */
void wt_page_fields_ending(struct wt_json *j, const struct wt_trail *trail, const struct wt_error *error);
/* Members "fields" (and "error" where reading ended), "notes" and "trees" of a message; and of a certificate. */
void wt_page_message_fields(struct wt_page *p, struct wt_json *j, const struct wt_message *m,
                            const struct wt_page_body *body);
void wt_page_certificate_fields(struct wt_page *p, struct wt_json *j, struct wt_span der);
/* Member `key`: the layout of a header. */
void wt_page_header_fields(struct wt_page *p, struct wt_json *j, const char *key, const char *place,
                           void (*decode)(struct wt_span header, struct wt_trail *trail), struct wt_span header);
/* One layer of a packet's headers, as an object; nothing where no byte of it was kept. */
void wt_page_layer_fields(struct wt_page *p, struct wt_json *j, const struct wt_packet_headers *h,
                          const struct wt_layer_place *place);

/* The numbers of the certificates that a message carries, each with its place in it: member "certificates". */
void wt_page_message_certificates(struct wt_page *p, struct wt_json *j, const struct wt_connection *c,
                                  const struct wt_message *m);

#endif
