/* How records and messages reach a handshake, whatever carried them.
 *
 * A carriage turns what a transport delivers into records (struct wt_carriage_sink), and, once they are open, their
 * handshake content into messages (wt_framing_sink): TLS over a byte stream (record.h, framing.h). DTLS hands on its
 * records so, and its fragments' messages; QUIC has no records, and hands on the messages of its CRYPTO frames alone.
 * Whoever takes them knows of each where it was from what the carriage says, and asks no cursor. */
#ifndef WT_CARRIAGE_CARRIAGE_H
#define WT_CARRIAGE_CARRIAGE_H

#include "base/span.h"

/* Of a record: `flags`. */
enum {
    WT_RECORD_SSL2 = 1,     /* SSL 2.0's */
    WT_RECORD_TORN = 2,     /* a gap took bytes out of it */
    WT_RECORD_OVERLONG = 4, /* longer than any version allows: only its header is to be believed */
};

/* One record. 12 bytes: each direction of a million connections keeps its newest. */
struct wt_record {
    uint32_t length;  /* bytes of its fragment (SSL 2.0: without padding) */
    uint32_t number;  /* of those that began in its direction, from 1; 0: none has */
    uint16_t version; /* as its header says; SSL 2.0: 0x0002 */
    uint8_t type;     /* content type */
    uint8_t flags;    /* WT_RECORD_... */
};

/* The record that is given to these is the same object from begin to end. */
struct wt_carriage_sink {
    /* A header is complete; true asks for the body. */
    bool (*begin)(void *context, const struct wt_record *record);
    /* A piece of a wanted body, in order, from byte `at` of the fragment on. */
    void (*body)(void *context, const struct wt_record *record, uint32_t at, struct wt_span piece);
    /* The record's last byte has come. */
    void (*end)(void *context, const struct wt_record *record);
    /* What is at a boundary is no header: the five bytes of it. The carriage searches on. */
    void (*lost)(void *context, const uint8_t head[5]);
    void *context;
};

/* Where a handshake message was. */
struct wt_message_place {
    const struct wt_record *record; /* in which it ended */
    unsigned records;               /* that carried a part of it */
    uint8_t level;                  /* QUIC, with WT_MESSAGE_LEVEL: enum wt_quic_level */
};

#endif
