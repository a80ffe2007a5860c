/* What DTLS has around TLS's messages: records of 1.0 and 1.2 (RFC 6347, 4.1; with a connection id: RFC 9146, 4), the
 * unified header of 1.3 (RFC 9147, 4), the header of a handshake message's fragment (RFC 6347, 4.2.2; RFC 9147, 5.2)
 * and ACK (RFC 9147, 7): bytes ⇄ struct, as codec.h has it. */
#ifndef WT_CODEC_DTLS_H
#define WT_CODEC_DTLS_H

#include "base/reader.h"
#include "base/writer.h"
#include "registry/registry.h"

/* Bits of the unified header's first byte, 0b001CSLEE. */
enum {
    WT_DTLS13_FIXED = 0x20, /* of the mask 0xe0 */
    WT_DTLS13_CID = 0x10,
    WT_DTLS13_SEQUENCE16 = 0x08, /* the sequence number has two bytes */
    WT_DTLS13_LENGTH = 0x04,
    WT_DTLS13_EPOCH = 0x03,
};

/* RFC 9147, 4.1: whether a datagram's or record's first byte begins a DTLSCiphertext of 1.3. */
static inline bool wt_dtls_is_unified(uint8_t first)
{
    return (first & 0xe0) == WT_DTLS13_FIXED;
}

struct wt_dtls_record {
    bool unified;
    uint8_t first;           /* of a unified header */
    uint8_t type;            /* content type; 0 where the header is unified: it is inside */
    uint16_t version;        /* legacy_record_version; 0 likewise */
    uint16_t epoch;          /* unified: its two low bits */
    uint64_t sequence;       /* 48 bits; unified: 8 or 16, enciphered on the wire */
    uint8_t sequence_at;     /* where it begins, from the record's first byte on */
    uint8_t sequence_length; /* bytes */
    struct wt_span cid;
    struct wt_span fragment; /* what is behind the header */
    size_t size;             /* bytes of the whole record: others may follow in the datagram */
};

/* Reads the record that begins where r stands, and leaves r behind it. `cid_length`: bytes of the connection id that
 * the receiver chose, 0 for none: in records of type tls12_cid, and in unified headers that have the bit. False when it
 * is cut, or no record of DTLS (an unknown content type or version: WT_VALUE); the decode says which. */
bool wt_dtls_record_read(struct wt_reader *r, size_t cid_length, struct wt_dtls_record *out);
/* Writes the header of a record whose fragment (protected) has `length` bytes. */
void wt_dtls_record_write(struct wt_writer *w, const struct wt_dtls_record *in, size_t length);

/* One fragment of a handshake message. */
struct wt_dtls_fragment {
    uint8_t type;
    uint32_t length; /* of the whole message's body */
    uint16_t message_seq;
    uint32_t fragment_offset;
    struct wt_span bytes; /* fragment_length of them */
};

/* Reads one of the fragments in a handshake record: "multiple handshake messages may be placed in the same DTLS record"
 * (RFC 6347, 4.2.3). A fragment that goes beyond its message is read, and the decode has the error. */
bool wt_dtls_fragment_read(struct wt_reader *r, struct wt_dtls_fragment *out);
void wt_dtls_fragment_write(struct wt_writer *w, const struct wt_dtls_fragment *in);

/* RFC 9147, 7: "struct { RecordNumber record_numbers<0..2^16-1>; } ACK;", each 16 bytes: epoch and sequence number. The
 * numbers as they lie; wt_dtls_ack_at(). */
struct wt_span wt_dtls_ack_read(struct wt_reader *r);
void wt_dtls_ack_write(struct wt_writer *w, struct wt_span numbers);

struct wt_record_number {
    uint64_t epoch, sequence;
};

static inline size_t wt_dtls_ack_count(struct wt_span numbers)
{
    return numbers.n / 16;
}

struct wt_record_number wt_dtls_ack_at(struct wt_span numbers, size_t i);

#endif
