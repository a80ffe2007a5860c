/* Records as they are read. */
#ifndef WT_OBSERVER_RECORDS_H
#define WT_OBSERVER_RECORDS_H

#include "observer/state.h"

/* What a record callback needs. */
struct wt_seat {
    struct wt_observer *o;
    struct wt_conversation *c;
    unsigned direction;  /* of the transport */
    unsigned from;       /* side that sends in it */
    struct wt_span body; /* records of no handshake messages: what there is of the current one's beginning; records that
                            are opened: all of it, when it came in one piece */
    unsigned flags;      /* WT_MESSAGE_... of what is read now */
    uint32_t fed;        /* TCP's number after the bytes that are being fed */
    const struct wt_record *record; /* whose handshake content is read */
};

/* Bytes of the TLS stream itself, without those of a carrier, and holes in it. */
void wt_records_data(struct wt_observer *o, struct wt_conversation *c, unsigned direction, struct wt_span bytes);
void wt_records_gap(struct wt_observer *o, struct wt_conversation *c, unsigned direction, uint64_t n);

/* A callback of struct wt_carriage_sink: the record is whole, or torn. */
void wt_records_end(void *context, const struct wt_record *r);
/* A callback of wt_framing_feed(): a handshake message is whole. */
void wt_records_handshake(void *context, uint8_t type, struct wt_span body, uint32_t length, unsigned records);
/* What an alert says that could be read; that there was one that nobody could read. */
void wt_records_alert(struct wt_seat *s, const struct wt_record *r, struct wt_span body);
void wt_records_hidden_alert(struct wt_seat *s);
/* A record as a message of its own, where messages are kept; else NULL. */
struct wt_message *wt_records_log(struct wt_seat *s, const struct wt_record *r, unsigned flags, struct wt_span body);
/* The rest of a handshake record, from byte `at` of its fragment on, is no handshake message. */
void wt_records_alien(struct wt_seat *s, const struct wt_record *r, uint32_t at);
/* RFC 8446, 5: in TLS 1.3 a change_cipher_spec is "the single byte value 0x01", never protected; one that is longer
 * where keys protect is ciphertext. */
bool wt_records_is_plain_ccs(const struct wt_tls_side *side, const struct wt_record *r);
/* The record that `record` of the options asks for. */
bool wt_records_is_shown(const struct wt_seat *s);

#endif
